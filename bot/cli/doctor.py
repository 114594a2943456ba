"""`foothold doctor`: is everything well, and if not, what is the cure?"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from bot.app import build_caseload
from bot.caseload.errors import CaseloadError, DatabaseUrlWrong
from bot.cli.checks import Check, Finding, all_checks
from bot.settings import SettingsError, load_settings

#: No check may take longer; they run side by side, so this is also about the whole time.
CHECK_SECONDS = 5.0
AGAIN = "Put right what fails above, then run `foothold doctor` again."


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool) -> None:
    """Check everything, and say a cure for what is not well; exit 0 only if nothing fails."""
    findings = examine()
    well = all(finding.status != "fail" for finding in findings)
    if as_json:
        report = {"ok": well, "checks": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _print(findings)
    sys.stdout.flush()
    # At once: a check that hangs may be inside a library that does not bear the interpreter's end.
    os._exit(0 if well else 1)


def examine() -> list[Finding]:
    """Run every check and return what was found, in a fixed order."""
    try:
        config = load_settings()
        caseload = build_caseload(config)
    except SettingsError as error:
        return [Finding("settings", "fail", str(error), "Put it right in the environment or in .env.")]
    except DatabaseUrlWrong:
        cure = "Set FOOTHOLD_DATABASE_URL to sqlite:///<file> or postgresql+psycopg://…"
        return [Finding("settings", "fail", "FOOTHOLD_DATABASE_URL is no database's address", cure)]
    return [Finding("settings", "ok", "readable"), *_side_by_side(all_checks(config, caseload))]


def _side_by_side(checks: Mapping[str, Check]) -> list[Finding]:
    found: dict[str, list[Finding]] = {}

    def run(name: str, check: Check) -> None:
        try:
            found[name] = check()
        except (CaseloadError, OSError) as error:
            found[name] = [Finding(name, "fail", f"could not be checked: {error}", AGAIN)]

    # Daemons: one that hangs, such as on a dead network disk, does not keep the command alive.
    threads = [
        threading.Thread(target=run, args=(name, check), daemon=True) for name, check in checks.items()
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + CHECK_SECONDS
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    late = f"no answer within {CHECK_SECONDS:.0f} s"
    return [finding for name in checks for finding in found.get(name, [Finding(name, "fail", late, AGAIN)])]


def _print(findings: Sequence[Finding]) -> None:
    width = max(len(finding.name) for finding in findings)
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    for finding in findings:
        mark = click.style(f"{finding.status:<4}", fg=colours[finding.status])
        click.echo(f"{mark}  {finding.name:<{width}}  {finding.detail}")
        if finding.cure:
            click.echo(f"      {'':<{width}}  cure: {finding.cure}")
