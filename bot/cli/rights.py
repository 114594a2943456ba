"""Commands about a client's rights over their data, and about how long words are kept."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bot.caseload.models.people import Client
from bot.caseload.shrink import rewrite
from bot.caseload.store import Case
from bot.cli.data import ready_caseload
from bot.cli.support import fail, print_line, settings

#: What erasure leaves, and why: part of the receipt that the service gives to the client.
KEPT = {
    "inbox": "the number of each update, so that a message that Telegram sends twice is not answered again",
    "conversations": "an empty row each, so that a reply that is being written now is not sent",
    "clients": "an empty row, which the audit lines refer to",
    "audit": "who did what and when, without any content",
}
ELSEWHERE = (
    "Not in this database: the service's own care record, Telegram's copy of the chat, and backups made "
    "before today. The service decides about the first; the client can delete the second; backups run out "
    "by the operator's schedule."
)


@click.command("export-client")
@click.argument("ref")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
def export_client(ref: str, out: Path | None) -> None:
    """Print all that is stored about the client REF as one JSON document."""
    caseload = ready_caseload()
    with caseload.transaction() as case:
        client = _client(case, ref)
        case.audit.record("copy of data made", actor="operator", client_id=client.id)
        document = {
            "made_at": case.clock.now().isoformat(),
            "about": "All that Foothold stores about one client. Times are UTC.",
            **case.rights.copy_of(client),
        }
        text = json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"
        if out is None:
            click.echo(text, nl=False)
        else:
            _write_private(out, text)


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
        click.echo(
            "foothold: erased, but another process used the database, so its file may still hold old "
            "pages: stop Foothold and run `foothold retention` once.",
            err=True,
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
    rewritten = rewrite(caseload.engine)
    print_line(_outcome(days, "removed", counts) | {"files_rewritten": rewritten})


def _outcome(days: int, what: str, counts: Mapping[str, int]) -> dict[str, Any]:
    return {"older_than_days": days, what: dict(counts)}


def _client(case: Case, ref: str) -> Client:
    client = case.clients.find_by_ref(ref)
    if client is None:
        fail(f"there is no client {ref!r}: `foothold clients` lists them.")
    return client


def _write_private(path: Path, text: str) -> None:
    try:
        # A new file, for this user's eyes only: it holds a person's whole record.
        with os.fdopen(
            os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path} exists: give another name.")
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}.")
