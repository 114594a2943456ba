"""`foothold safety`: the examples that reviewers kept, for the proof of the safety screen."""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from bot.caseload.store import Caseload
from bot.cli.data import ready_caseload
from bot.cli.support import fail

Example = dict[str, str | None]


@click.command()
@click.option("--examples", type=click.Path(dir_okay=False, path_type=Path), help="Write them to this file.")
def safety(examples: Path | None) -> None:
    """Print the examples that reviewers kept, as YAML in the form of the evaluation files."""
    text = yaml.safe_dump(
        examples_of(ready_caseload()),
        default_flow_style=None,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    if examples is None:
        click.echo(text, nl=False)
        return
    try:
        examples.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {examples}: {error.strerror}.")


def examples_of(caseload: Caseload) -> list[Example]:
    """Return what reviewers kept, masked: the words and what the screen has to answer (None: nothing)."""
    with caseload.reading() as case:
        return [
            {
                "text": one.words,
                "route": one.route,
                "kind": None,
                "style": "reviewed",
                "region": one.region,
            }
            for one in case.safety_examples.all()
        ]
