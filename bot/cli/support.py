"""What the commands share: settings, one clear line for a mistake, JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from bot.settings import Settings, SettingsError, load_settings


class Mistake(click.ClickException):
    """Something the operator can put right; ends the command with exit code 1 and this one line."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        """Print the line."""
        click.echo(f"foothold: {self.format_message()}", err=True, file=file)


class WrongArgument(click.UsageError):
    """An argument that cannot be; exit code 2."""


def settings() -> Settings:
    """Return the settings, or end with one clear line."""
    try:
        return load_settings()
    except SettingsError as error:
        raise WrongArgument(str(error)) from error


def print_line(values: Mapping[str, Any]) -> None:
    """Print one JSON line."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str))


def fail(message: str) -> NoReturn:
    """End the command with one clear line."""
    raise Mistake(message)
