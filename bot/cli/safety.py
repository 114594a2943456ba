"""`foothold safety`: proves the safety screen, and gives out the examples that reviewers kept."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import yaml
from rich.console import Console
from rich.table import Table

from bot.app import build_caseload
from bot.caseload.migrations.migrate import is_empty
from bot.caseload.store import Caseload
from bot.cli.data import ready_caseload
from bot.cli.support import fail, settings
from bot.safety.proof import (
    AIMS,
    FALSE_ALARMS,
    FLOORS,
    MEDIAN_MS,
    REVIEWED,
    EvaluationMistake,
    Example,
    Proof,
    examples_from,
    measure,
    read_examples,
    shortfalls,
)
from bot.safety.screen import Screen

#: Beside the code, in a checkout: the messages that the screen is judged by.
EVALUATION = ("risk.yml", "ordinary.yml")

KeptExample = dict[str, str | None]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--examples", type=click.Path(dir_okay=False, path_type=Path), help="Only write the kept ones.")
@click.option("--show-wrong", is_flag=True, help="Print the messages that were read wrongly.")
def safety(files: tuple[Path, ...], examples: Path | None, show_wrong: bool) -> None:
    """Measure the safety screen; exit 1 below a floor.

    Reads the evaluation FILES (without any: those of the project). With --examples it writes what reviewers
    kept into a file of the same form, which can then be given as one of the FILES.
    """
    if examples is not None:
        _write_kept(examples)
        return
    try:
        proof = measure(Screen.load(), read_examples(files or _own_files()))
    except EvaluationMistake as error:
        fail(f"{error}.")
    _show(proof)
    if show_wrong:
        for example in proof.wrong:
            click.echo(f"{example.route or 'ordinary'}\t{example.text}")
    if missing := shortfalls(proof):
        for sentence in missing:
            click.echo(sentence, err=True)
        sys.exit(1)


def refuse_unless_safe() -> None:
    """End the command unless the safety screen passes its proof: nothing goes live beside a weak one."""
    files = [file for file in _own_files() if file.exists()]
    if len(files) < len(EVALUATION):
        # An install without the project's tests: its release was proved where it was made.
        click.echo(
            "Warning: the project's own messages (tests/safety/evaluation) are not here, so the safety screen"
            " is measured only on what your reviewers kept.",
            err=True,
        )
    examples = [*read_examples(files), *_kept()]
    missing = shortfalls(measure(Screen.load(), examples)) if examples else []
    if missing:
        fail(f"the safety screen does not pass its proof, so nothing goes live. {' '.join(missing)}")


def _kept() -> list[Example]:
    """What this service's reviewers kept; nothing before there is a database, as at the first training."""
    if is_empty(build_caseload(settings()).engine):
        return []
    return examples_from(examples_of(ready_caseload()))


def _own_files() -> Sequence[Path]:
    folder = settings().root / "tests" / "safety" / "evaluation"
    return [folder / name for name in EVALUATION]


def _write_kept(file: Path) -> None:
    text = yaml.safe_dump(
        examples_of(ready_caseload()),
        default_flow_style=None,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}.")


def _show(proof: Proof) -> None:
    table = Table("messages", "how many", "found", "right route", "floor", "aim")
    for name, group in proof.groups.items():
        table.add_row(name, str(group.messages), f"{group.share:.1%}", str(group.right_route), *_bounds(name))
    table.add_section()
    for name, group in proof.kinds.items():
        table.add_row(name, str(group.messages), f"{group.share:.1%}", str(group.right_route), "", "")
    console = Console(width=100)
    console.print(table)
    console.print(
        f"Of {proof.ordinary} ordinary messages {proof.false_alarms} were answered as danger or low mood"
        f" ({proof.false_alarm_share:.2%}; at most {FALSE_ALARMS:.0%}), {proof.urgent_alarms} urgently."
    )
    console.print(
        f"A message takes {proof.median_ms:.1f} ms at the median (at most {MEDIAN_MS:.0f}),"
        f" the slowest {proof.slowest_ms:.0f} ms."
    )


def _bounds(name: str) -> tuple[str, str]:
    return (f"{FLOORS[name]:.1%}", f"{AIMS[name]:.0%}") if name in FLOORS else ("", "")


def examples_of(caseload: Caseload) -> list[KeptExample]:
    """Return what reviewers kept, masked: the words and what the screen has to answer (None: nothing)."""
    with caseload.reading() as case:
        return [
            {
                "text": one.words,
                "route": one.route,
                "kind": None,
                "style": REVIEWED,
                "region": one.region,
            }
            for one in case.safety_examples.all()
        ]
