"""Mail leaves by the server that the operator named, and what goes wrong has a name and an end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_string

import pytest

from integrations.mail.smtp import SmtpMailer
from integrations.mail.types import (
    Mail,
    MailError,
    MailLoginRefused,
    MailNotSent,
    MailRefused,
    MailServer,
    MailUncertain,
)
from tests.integrations.mail.smtp_server import SmtpServer

MAIL = Mail(
    "amina@northside.example", "Somebody needs you now", "Open Foothold: https://x.example/handoffs/1"
)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    running = SmtpServer().start()
    yield running
    running.stop()


def mailer(port: int, *, tls: str = "none", user: str | None = None) -> SmtpMailer:
    at = MailServer("127.0.0.1", port, user, "secret" if user else None, tls, "foothold@example.org")  # type: ignore[arg-type]
    return SmtpMailer(at, answer_seconds=0.5)


def test_amina_gets_a_plain_mail(server: SmtpServer) -> None:
    mailer(server.port).send(MAIL)
    [raw] = server.mails
    mail = message_from_string(raw)
    assert (mail["To"], mail["From"]) == ("amina@northside.example", "foothold@example.org")
    assert mail["Subject"] == "Somebody needs you now"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_payload().strip() == "Open Foothold: https://x.example/handoffs/1"


def test_it_signs_in_when_there_is_a_user(server: SmtpServer) -> None:
    mailer(server.port, user="foothold").send(MAIL)
    assert len(server.logins) == 1
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("field", "answer", "error"),
    [
        ("rcpt", "550 no such person", MailRefused),
        ("rcpt", "451 come back later", MailNotSent),
        ("taken", "554 no", MailRefused),
        ("taken", "452 full", MailNotSent),
        ("login", "535 wrong", MailLoginRefused),
    ],
)
def test_a_refusal_has_a_name(server: SmtpServer, field: str, answer: str, error: type[MailError]) -> None:
    setattr(server.behaviour, field, answer)
    with pytest.raises(error) as refused:
        mailer(server.port, user="foothold").send(MAIL)
    assert "amina" not in str(refused.value)
    assert "secret" not in str(refused.value)
    assert server.mails == []


def test_an_address_with_other_letters_is_refused_by_name(server: SmtpServer) -> None:
    with pytest.raises(MailRefused, match="letters"):
        mailer(server.port).send(replace(MAIL, to="ämina@demo.example"))
    assert server.mails == []


def test_a_line_that_breaks_after_the_mail_has_left_is_uncertain(server: SmtpServer) -> None:
    server.behaviour.hangs_up = True
    with pytest.raises(MailUncertain):
        mailer(server.port).send(MAIL)


def test_a_silent_server_is_given_up_on(server: SmtpServer) -> None:
    server.behaviour.silent = True
    started = time.monotonic()
    with pytest.raises(MailNotSent):
        mailer(server.port).send(MAIL)
    assert time.monotonic() - started < 10


def test_a_server_that_is_not_there_is_not_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(MailNotSent):
            mailer(probe.getsockname()[1]).send(MAIL)


def test_a_server_without_tls_gets_no_password(server: SmtpServer) -> None:
    with pytest.raises(MailLoginRefused):
        mailer(server.port, tls="starttls", user="foothold").send(MAIL)
    assert server.logins == []
