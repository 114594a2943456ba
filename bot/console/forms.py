"""What forms share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import request
from flask_login import current_user  # type: ignore[import-untyped]
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import Field, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from bot.console.parts import console

MAX_LINK = 2000
LARGEST = 2**31 - 1


#: A day further back is a slip of the fingers.
LONGEST_AGO = timedelta(days=20 * 366)


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that carries the session's token against forgery."""

    #: Which form of its page it is, once it was sent.
    key = ""


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return what can be chosen, from what is sent and what is read of each."""
    return [SelectChoice(value, words) for value, words in pairs]


def tidy(value: Any) -> Any:
    """Take the space from around what was typed."""
    return value.strip() if isinstance(value, str) else value


def today() -> date:
    """Return which day it is where the person who writes works."""
    return _now().astimezone(ZoneInfo(current_user.timezone)).date()


def not_ahead(_form: Any, field: Field) -> None:
    """Refuse a day that has not come; a client may live a day ahead of their consultant."""
    if field.data is not None and field.data > _now().date() + timedelta(days=1):
        raise ValidationError("This day has not come yet.")
    if field.data is not None and field.data < _now().date() - LONGEST_AGO:
        raise ValidationError("Check the year.")


def is_web_link(_form: Any, field: Field) -> None:
    """Refuse what is not a plain web link: other schemes can run code when somebody follows them."""
    if not field.data:
        return
    try:
        parts = urlsplit(field.data)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme not in {"http", "https"} or any(c.isspace() for c in field.data):
        raise ValidationError("Enter a web link that starts with https:// or http://.")


def safe_link(url: str | None) -> str | None:
    """Return a kept link if it may be followed: boards and people write all kinds of things."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def number_asked_for(name: str) -> int:
    """Return a whole number of the address, 0 when it is none; never one that a database cannot hold."""
    return max(0, min(request.args.get(name, default=0, type=int), LARGEST))


def _now() -> datetime:
    return console().caseload.clock.now()
