"""Commands about the trained model: train, evaluate, compare, promote, rollback, understand."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import click

from bot.cli.safety import refuse_unless_safe
from bot.cli.support import WrongArgument, fail, print_line, settings
from bot.clock import SystemClock
from bot.settings import Settings, dialogue_environment
from bot.tuning.models import Model, Models, NoSuchModel

REGIONS = ("england", "new_zealand", "ireland", "australia")


@click.command()
@click.option("--promote", "make_live", is_flag=True, help="Make the new model live at once.")
def train(make_live: bool) -> None:
    """Train the assistant from nlu/, stories/, domain.yml and config.yml."""
    config = settings()
    model = train_model(config)
    models = Models(config.models_dir)
    if make_live or not models.promoted():
        refuse_unless_safe()
        models.promote(model.id, "operator", SystemClock().now())
        click.echo(f"{model.id} is live from the dialogue's next start.")
    else:
        click.echo(f"{model.id} is trained. `foothold compare`, then `foothold promote {model.id}`.")


@click.command("models")
@click.option("--live", "only_live", is_flag=True, help="Only the live one; fails when there is none.")
def models(only_live: bool) -> None:
    """List the trained models as JSON lines, oldest first."""
    known = Models(settings().models_dir)
    try:
        live_id = known.live().id
    except NoSuchModel as error:
        if only_live:
            fail(f"{error}: run `foothold train` first.")
        live_id = ""
    for model in known.all():
        if model.id == live_id or not only_live:
            print_line({"id": model.id, "trained_at": model.trained_at, "live": model.id == live_id})


@click.command()
@click.argument("model_id", required=False)
def promote(model_id: str | None) -> None:
    """Make MODEL_ID (the newest, unless given) live."""
    models = Models(settings().models_dir)
    try:
        chosen = models.get(model_id) if model_id else models.newest()
        refuse_unless_safe()
        models.promote(chosen.id, "operator", SystemClock().now())
    except NoSuchModel as error:
        fail(_no_model(models, error))
    click.echo(f"{chosen.id} is live from the dialogue's next start.")


@click.command()
def rollback() -> None:
    """Go back to the model that was live before."""
    # Without the proof of the safety screen: the screen is no part of a model, this one passed when it went
    # live, and whoever goes back does so because the newer one does harm now.
    models = Models(settings().models_dir)
    try:
        model = models.rollback("operator", SystemClock().now())
    except NoSuchModel as error:
        fail(str(error) + ".")
    click.echo(f"{model.id} is live again from the dialogue's next start.")


@click.command()
@click.argument("model_id", required=False)
def evaluate(model_id: str | None) -> None:
    """Measure a model (the live one, unless given) on the held-out messages."""
    config = settings()
    model = _model(config, model_id)
    sys.exit(
        _dialogue(
            config, ["-m", "integrations.rasa.inside.evaluate", "--root", str(config.root), str(model.path)]
        )
    )


@click.command()
@click.argument("model_id", required=False)
def compare(model_id: str | None) -> None:
    """Show what MODEL_ID (the newest, unless given) understands otherwise than the live model."""
    config = settings()
    live, other = _model(config, None), _newest(config) if model_id is None else _model(config, model_id)
    if live.id == other.id:
        fail(f"{live.id} is the live model: train another one first.")
    arguments = [
        "-m",
        "integrations.rasa.inside.evaluate",
        "--root",
        str(config.root),
        str(live.path),
        str(other.path),
    ]
    sys.exit(_dialogue(config, arguments))


@click.command()
@click.option("--now", default=None, help="The moment to read days and times from, such as 2026-11-25T10:00.")
@click.option("--region", type=click.Choice(REGIONS), default="england", show_default=True)
def understand(now: str | None, region: str) -> None:
    """Read one message a line; print what the live model understands of each as a JSON line."""
    config = settings()
    if now is not None:
        try:
            datetime.fromisoformat(now)
        except ValueError as error:
            raise WrongArgument(f"--now is {now!r}: give a moment such as 2026-11-25T10:00.") from error
    model = _model(config, None)
    arguments = ["-m", "integrations.rasa.inside.understand", "--model", str(model.path), "--region", region]
    sys.exit(_dialogue(config, [*arguments, *(["--now", now] if now else [])]))


def train_if_missing(config: Settings) -> None:
    """Train the first model of an install."""
    models = Models(config.models_dir)
    try:
        models.live()
    except NoSuchModel:
        model = train_model(config)
        refuse_unless_safe()
        models.promote(model.id, "first set-up", SystemClock().now())


def train_model(config: Settings) -> Model:
    """Train a model; ends with one clear line when that fails."""
    if not config.dialogue_python.exists():
        fail("the dialogue environment is not installed: run `make setup` first.")
    config.models_dir.mkdir(parents=True, exist_ok=True)
    arguments = [
        "-m",
        "integrations.rasa.inside.train",
        "--root",
        str(config.root),
        "--out",
        str(config.models_dir),
    ]
    if _dialogue(config, arguments, quiet=True) != 0:
        fail("the training failed: the lines above say why.")
    return Models(config.models_dir).newest()


def _dialogue(config: Settings, arguments: list[str], *, quiet: bool = False) -> int:
    finished = subprocess.run(  # noqa: S603 (our own interpreter, no shell)
        [str(config.dialogue_python), *arguments],
        cwd=config.root,
        env=dialogue_environment(config),
        stdout=subprocess.DEVNULL if quiet else None,
        check=False,
    )
    return finished.returncode


def _model(config: Settings, model_id: str | None) -> Model:
    models = Models(config.models_dir)
    try:
        return models.get(model_id) if model_id else models.live()
    except NoSuchModel as error:
        fail(_no_model(models, error))


def _newest(config: Settings) -> Model:
    models = Models(config.models_dir)
    try:
        return models.newest()
    except NoSuchModel as error:
        fail(_no_model(models, error))


def _no_model(models: Models, error: NoSuchModel) -> str:
    known = ", ".join(model.id for model in models.all()) or "none: run `foothold train`"
    return f"there is no model {error}. Known: {known}."
