"""Puts the console together."""

from __future__ import annotations

from types import ModuleType

import structlog
from flask import Flask
from flask_bootstrap import Bootstrap5  # type: ignore[import-untyped]
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager  # type: ignore[import-untyped]
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]

from bot.caseload.attachments import may_ask_again
from bot.caseload.store import Caseload
from bot.console import (
    access,
    account,
    account_links,
    alerts,
    appointments,
    attachments,
    availability,
    calendar_feed,
    client,
    clients,
    contacts,
    conversation,
    diary,
    discussions,
    employers,
    enrolment,
    errors,
    first_steps,
    forms,
    goals,
    head,
    headers,
    health,
    hours,
    inbox,
    labels,
    later,
    leads,
    moves,
    not_understood,
    outreach,
    passwords,
    person,
    phone,
    profile,
    quick_replies,
    record_labels,
    records,
    safety_examples,
    safety_review,
    safety_state,
    service,
    sign_in,
    staff,
    team_meeting,
    telegram_reading,
    times,
    today,
    work,
)
from bot.console.attempts import Attempts
from bot.console.config import ConsoleConfig
from bot.console.cookies import HostCookieSessions
from bot.console.parts import Console
from bot.console.readiness import Readiness
from bot.conversation.escalation import mark_of
from bot.conversation.phone import Phone
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent

logger = structlog.get_logger()

PAGES: tuple[ModuleType, ...] = (
    sign_in,
    inbox,
    first_steps,
    appointments,
    conversation,
    attachments,
    later,
    quick_replies,
    clients,
    enrolment,
    client,
    head,
    today,
    diary,
    availability,
    calendar_feed,
    goals,
    leads,
    outreach,
    contacts,
    employers,
    work,
    discussions,
    profile,
    records,
    team_meeting,
    not_understood,
    safety_review,
    safety_examples,
    safety_state,
    alerts,
    account,
    account_links,
    staff,
    moves,
    hours,
    service,
    telegram_reading,
    health,
)
#: No form here is larger than a few thousand characters.
MAX_FORM_BYTES = 256 * 1024


class ConsoleApp(Flask):
    """Flask, with an error log that holds no client's words."""

    session_interface = HostCookieSessions()

    def log_exception(self, exc_info: object) -> None:
        """Log what broke by name only: the text of a database error can hold what a client wrote."""
        kind = exc_info[0] if isinstance(exc_info, tuple) else None
        logger.error("console page failed", error=getattr(kind, "__name__", "unknown"))


def create_console(
    caseload: Caseload, words: Wording, config: ConsoleConfig, phone_of_demo: Phone | None = None
) -> Flask:
    """Return the console as a WSGI application; the phone page needs demo mode and `phone_of_demo`."""
    app = ConsoleApp(__name__)
    app.secret_key = config.secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        # The name, and whether it is for https only, follow the connection: see cookies.py.
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # A form may stay open as long as the session does.
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        RATELIMIT_STORAGE_URI="memory://",
    )
    app.extensions["foothold"] = Console(
        caseload=caseload,
        words=words,
        config=config,
        attempts=Attempts(caseload.clock),
        readiness=Readiness(caseload, config),
        safety=SafetyContent.load(),
        phone=phone_of_demo if config.demo else None,
    )
    # First of all, so that nothing is read from or written to a session over an unsafe connection.
    errors.add_pages(app)
    Bootstrap5(app)
    # Checked by the pages themselves, which send no referrer.
    CSRFProtect(app).exempt(account_links.pages)
    person.prepare(LoginManager(app))
    passwords.prepare()
    access.guard(app)
    headers.add_headers(app)
    # One address may be a whole office, so this is wide; the lock per account is the narrow one.
    limiter = Limiter(get_remote_address, app=app)
    limiter.limit("60 per minute", methods=["POST"])(sign_in.pages)
    # Looking is limited as well: a link is as good as a password.
    limiter.limit("60 per minute")(account_links.pages)
    # A calendar asks a few times an hour; whoever tries addresses asks more often.
    limiter.limit("30 per minute")(calendar_feed.pages)
    for page in PAGES:
        app.register_blueprint(page.pages)
    if config.demo and phone_of_demo is not None:
        limiter.limit("120 per minute", methods=["POST"])(phone.pages)
        app.register_blueprint(phone.pages)
    _add_template_words(app)
    return app


def _add_template_words(app: Flask) -> None:
    parts: Console = app.extensions["foothold"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        labels=labels,
        record_labels=record_labels,
        times=times,
        safe_link=forms.safe_link,
        now=parts.caseload.clock.now,
        demo=parts.config.demo,
        has_phones=parts.phone is not None,
        urgent=safety_state.urgent,
        mark_of=mark_of,
        may_ask_again=may_ask_again,
    )
