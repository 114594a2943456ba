"""Commands about a client's rights over their data, and about how long words are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bot.app import build_files
from bot.caseload.models.people import Client
from bot.caseload.shrink import rewrite
from bot.caseload.store import Case
from bot.cli.client_copy import as_text, write_copy
from bot.cli.data import ready_caseload
from bot.cli.support import fail, print_line, settings
from bot.conversation.fetcher import discard_files

#: What erasure leaves, and why: part of the receipt that the service gives to the client.
KEPT = {
    "inbox": "the number of each update, so that a message that Telegram sends twice is not answered again",
    "conversations": "an empty row each, so that a reply that is being written now is not sent",
    "clients": "an empty row, which the audit lines refer to",
    "audit": "who did what and when, without any content",
}
ELSEWHERE = (
    "Not in this database: the service's own care record, Telegram's copy of the chat, what members of staff "
    "read in their own Telegram, papers and copies that somebody saved, and backups made before today. The "
    "service decides about the first; the client can delete the second; the members of staff have to delete "
    "the third and the fourth; backups run out by the operator's schedule."
)


@click.command("export-client")
@click.argument("ref")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead, with the files that the client sent in a folder beside it.",
)
def export_client(ref: str, out: Path | None) -> None:
    """Print all that is stored about the client REF as one JSON document."""
    caseload = ready_caseload()
    missing: list[str] = []
    with caseload.transaction() as case:
        client = _client(case, ref)
        case.audit.record("copy of data made", actor="operator", client_id=client.id)
        document = {
            "made_at": case.clock.now().isoformat(),
            "about": "All that Foothold stores about one client. Times are UTC.",
            **case.rights.copy_of(client),
        }
        sent = case.attachments.stored_of(client)
        if out is None:
            click.echo(as_text(document), nl=False)
        else:
            missing = write_copy(out, document, sent, build_files(settings()))
    if out is None and sent:
        which = "1 file, which is" if len(sent) == 1 else f"{len(sent)} files, which are"
        _warn(f"the client sent {which} not in this: add --out FILE to get the content too.")
    if missing:
        _warn(f"not in the copy, as they are gone or damaged on this disk: files {', '.join(missing)}.")


@click.command("erase-client")
@click.argument("ref")
@click.option("--yes", is_flag=True, help="Do it. Without this, nothing is changed.")
def erase_client(ref: str, yes: bool) -> None:
    """Erase the chat and personal data of the client REF; print a receipt as JSON."""
    caseload = ready_caseload()
    if not yes:
        with caseload.reading() as case:
            print_line({"client": ref, "would_erase": case.rights.would_erase(_client(case, ref))})
        click.echo("Nothing was changed. Add --yes to erase.", err=True)
        return
    with caseload.transaction() as case:
        client = _client(case, ref)
        at = case.clock.now()
        counts = case.rights.erase(client)
        case.audit.record("client erased", actor="operator", client_id=client.id)
        row = client.ref
    discard_files(caseload, build_files(settings()))
    receipt: Mapping[str, Any] = {
        "client": ref,
        "erased_at": at.isoformat(),
        "erased": counts,
        "kept": KEPT,
        "kept_as": row,
        "elsewhere": ELSEWHERE,
        "files_rewritten": rewrite(caseload.engine),
    }
    print_line(receipt)
    if not receipt["files_rewritten"]:
        _warn(
            "erased, but another process used the database, so its file may still hold old "
            "pages: stop Foothold and run `foothold retention` once."
        )


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count.")
def retention(dry_run: bool) -> None:
    """Remove clients' words that are older than FOOTHOLD_RETENTION_DAYS; print the counts as JSON."""
    days = settings().retention_days
    caseload = ready_caseload()
    before = caseload.clock.now() - timedelta(days=days)
    if dry_run:
        with caseload.reading() as case:
            print_line(_outcome(days, "would_remove", case.retention.due(before)))
        return
    with caseload.transaction() as case:
        counts = case.retention.apply(before)
        if any(counts.values()):
            case.audit.record("old words removed", actor="operator")
    discard_files(caseload, build_files(settings()))
    rewritten = rewrite(caseload.engine)
    print_line(_outcome(days, "removed", counts) | {"files_rewritten": rewritten})


def _outcome(days: int, what: str, counts: Mapping[str, int]) -> dict[str, Any]:
    return {"older_than_days": days, what: dict(counts)}


def _client(case: Case, ref: str) -> Client:
    client = case.clients.find_by_ref(ref)
    if client is None:
        fail(f"there is no client {ref!r}: `foothold clients` lists them.")
    return client


def _warn(message: str) -> None:
    click.echo(f"foothold: {message}", err=True)
