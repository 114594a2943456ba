"""Commands about the database: schema, demo data, clients, invites, dead letters."""

from __future__ import annotations

import asyncio

import click

from bot.app import build_caseload, telegram_username
from bot.caseload.migrations.migrate import is_newest
from bot.caseload.migrations.migrate import migrate as migrate_database
from bot.caseload.store import Caseload
from bot.cli.support import fail, print_line, settings
from bot.conversation import starting_replies
from bot.demo.seed import RealServiceHere
from bot.demo.seed import seed as seed_demo


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    caseload = build_caseload(settings())
    migrate_database(caseload.engine)
    # Services of an older version have none; in the others this changes nothing.
    with caseload.transaction() as case:
        for service in case.services.all():
            starting_replies.give(case, service)
    click.echo("The database has the newest schema.", err=True)


@click.command()
@click.option("--clients", type=click.IntRange(0, 500_000), default=0, help="Add so many invented clients.")
def seed(clients: int) -> None:
    """Load the fictional service."""
    load_demo(ready_caseload(), clients)
    click.echo("The fictional service is loaded.", err=True)


@click.command()
@click.argument("ref")
def invite(ref: str) -> None:
    """Make an invite link for the client REF."""
    caseload = ready_caseload()
    with caseload.transaction() as case:
        client = case.clients.find_by_ref(ref)
        if client is None or client.status == "closed":
            fail(f"there is no open client {ref!r}: `foothold clients` lists them.")
        fresh = case.invites.create(client)
        case.audit.record("invite made", actor="operator", client_id=client.id)
    username = asyncio.run(telegram_username(settings())) or "<bot>"
    print_line(
        {
            "client": ref,
            "token": fresh.token,
            "link": f"https://t.me/{username}?start={fresh.token}",
            "expires_at": fresh.expires_at.isoformat(),
        }
    )


@click.command()
def clients() -> None:
    """List the clients as JSON lines."""
    with ready_caseload().reading() as case:
        for line in case.clients.lines():
            print_line(
                {
                    "ref": line.ref,
                    "display_name": line.display_name,
                    "service": line.service,
                    "consultant": line.consultant,
                    "linked": line.linked,
                }
            )


@click.command("dead-letters")
def dead_letters() -> None:
    """List messages that could not be handled, and why, as JSON lines."""
    with ready_caseload().reading() as case:
        for item in case.inbox.dead():
            print_line(
                {
                    "queue": "inbox",
                    "id": item.seq,
                    "update_id": item.update_id,
                    "conversation": item.conversation_id,
                    "kind": item.kind,
                    "at": item.received_at.isoformat(),
                    "why": item.outcome,
                }
            )
        for sent in case.outbox.dead():
            print_line(
                {
                    "queue": "outbox",
                    "id": sent.id,
                    "conversation": sent.conversation_id,
                    "kind": sent.origin,
                    "at": sent.created_at.isoformat(),
                    "why": sent.last_error,
                    "uncertain": sent.uncertain,
                }
            )


def load_demo(caseload: Caseload, clients: int = 0) -> None:
    """Load the fictional service; ends with one clear line in a database of real people."""
    try:
        seed_demo(caseload, clients)
    except RealServiceHere:
        fail("this database has real people in it: give the demo a FOOTHOLD_STATE_DIR of its own.")


def ready_caseload() -> Caseload:
    """Return the caseload, or end with one clear line when its schema is not the newest."""
    caseload = build_caseload(settings())
    if not is_newest(caseload.engine):
        fail("the database has an older schema, or none: run `foothold migrate` first.")
    return caseload
