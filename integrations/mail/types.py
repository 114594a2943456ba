"""What crosses the border between a mail server and the product, and what can go wrong there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tls = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and from which address; `tls` is how the line is protected."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: Tls
    sender: str


@dataclass(frozen=True)
class Mail:
    """One plain message to one person."""

    to: str
    subject: str
    text: str


class MailError(Exception):
    """The mail was not taken; the subclass says what to do next."""


class MailNotSent(MailError):
    """The server did not take the mail, and the same mail may be tried again later."""


class MailUncertain(MailError):
    """The line broke after the mail had left: it may have arrived."""


class MailRefused(MailError):
    """The server refuses this mail or this address for good."""


class MailLoginRefused(MailError):
    """The server refuses our user name or password: no mail can leave until they are put right."""
