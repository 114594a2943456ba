"""Hands mail to one SMTP server; every call ends, and raises only the errors of `types.py`."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from integrations.mail.types import (
    Mail,
    MailLoginRefused,
    MailNotSent,
    MailRefused,
    MailServer,
    MailUncertain,
)

#: For each step of the conversation with the server.
ANSWER_SECONDS = 10.0
#: RFC 5321, 4.2.1: from here on the server says no for good.
_FOR_GOOD = 500


class SmtpMailer:
    """Sends mail by the server that the operator named; one connection a mail, as alerts are few."""

    def __init__(self, server: MailServer, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._server = server
        self._seconds = answer_seconds

    def send(self, mail: Mail) -> None:
        """Hand one mail over, and wait until the server has taken it."""
        message = self._message(mail)
        try:
            line = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise _named(error) from error
        try:
            line.mail(self._server.sender)
            code, _ = line.rcpt(mail.to)
            if code >= _FOR_GOOD:
                raise MailRefused(f"the address is refused ({code})")
            if code not in {250, 251}:
                raise MailNotSent(f"the address is not taken now ({code})")
        except (OSError, smtplib.SMTPException) as error:
            line.close()
            raise _named(error) from error
        except UnicodeError as error:
            line.close()
            raise MailRefused("the address has letters that mail servers do not take") from error
        except (MailRefused, MailNotSent):
            line.close()
            raise
        try:
            code, _ = line.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            raise _named(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUncertain(type(error).__name__) from error
        finally:
            # Not quit: it waits for an answer that changes nothing, as the mail is taken or refused by now.
            line.close()
        if code != 250:
            raise _of_code(code)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        line = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=self._seconds, context=context)
            if server.tls == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        )
        try:
            if server.tls == "starttls":
                line.starttls(context=context)
            line.ehlo_or_helo_if_needed()
            if server.user is not None:
                line.login(server.user, server.password or "")
        except (OSError, smtplib.SMTPException):
            line.close()
            raise
        return line

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, mail.to, mail.subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="foothold.invalid")
        # RFC 3834: nobody's holiday notice answers this.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def _named(error: Exception) -> MailNotSent | MailRefused | MailLoginRefused:
    """Return our name for what went wrong; the server's own words may repeat an address, so they stay out."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return MailLoginRefused(f"the login is refused ({error.smtp_code})")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailLoginRefused("the server does not offer TLS or a login")
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_code(error.smtp_code)
    return MailNotSent(type(error).__name__)


def _of_code(code: int) -> MailNotSent | MailRefused:
    if code >= _FOR_GOOD:
        return MailRefused(f"the mail is refused ({code})")
    return MailNotSent(f"the mail is not taken now ({code})")
