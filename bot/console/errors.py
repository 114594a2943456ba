"""What people see when something cannot be done."""

from __future__ import annotations

import structlog
from flask import Flask, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user  # type: ignore[import-untyped]
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from bot.caseload.errors import (
    CaseloadError,
    CaseloadUnavailable,
    NoSuchAbsence,
    NoSuchAppointment,
    NoSuchAttachment,
    NoSuchClient,
    NoSuchColleague,
    NoSuchConversation,
    NoSuchGoal,
    NoSuchHandoff,
    NoSuchLaterReply,
    NoSuchLead,
    NoSuchQuickReply,
    NoSuchRecord,
    NoSuchSafetyRecord,
    NoSuchStaff,
)
from bot.console.cookies import Transport, transport_of
from bot.console.parts import console, me

logger = structlog.get_logger()

#: Nobody learns whether it does not exist or is another's.
UNKNOWN: tuple[type[CaseloadError], ...] = (
    NoSuchClient,
    NoSuchConversation,
    NoSuchHandoff,
    NoSuchAppointment,
    NoSuchSafetyRecord,
    NoSuchColleague,
    NoSuchAbsence,
    NoSuchGoal,
    NoSuchLead,
    NoSuchRecord,
    NoSuchAttachment,
    NoSuchQuickReply,
    NoSuchLaterReply,
)

#: status: (heading, what to do next).
PAGES = {
    400: ("This cannot be read", "Go back, check what you typed and try again."),
    401: ("You are signed out", "Sign in again. What you typed in a chat is kept in this browser tab."),
    403: ("You cannot open this page", "It is for another role. Ask your service manager if you need it."),
    404: (
        "This page was not found",
        "It does not exist, or it belongs to somebody who is not your client.",
    ),
    405: ("This page works in another way", "Go back and use the button on the page."),
    413: ("That was too long", "Go back and send less at once."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something went wrong on our side", "Nothing was changed. Try again in a moment."),
    503: ("The records cannot be reached just now", "Nothing was changed. Try again in a moment."),
}
DELETED = (
    "This client's data was deleted",
    "Nothing is kept of them, and what you just sent was not saved. Go back to your list of clients.",
)
FORGED = (
    "This form is out of date",
    "Nothing was changed. Go back, load the page again and send the form once more.",
)
UNSAFE = (
    "This connection is not safe enough to sign in",
    "Open the console with an address that starts with https://, or on the computer where it runs.",
)
DEMO_ELSEWHERE = (
    "The demo is for this computer only",
    "Its passwords are public. Open it on the computer where it runs.",
)


def add_pages(app: Flask) -> None:
    """Show a calm page for every error."""
    app.before_request(_refuse_unsafe)
    app.before_request(_refuse_nul)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _forged)
    for error in UNKNOWN:
        app.register_error_handler(error, _not_found)
    app.register_error_handler(NoSuchStaff, _signed_out)
    app.register_error_handler(CaseloadUnavailable, _busy)


def _refuse_unsafe() -> ResponseReturnValue | None:
    is_health = request.endpoint is None or request.endpoint.startswith(("health.", "bootstrap.", "static"))
    transport = transport_of(request)
    if is_health or transport == Transport.LOOPBACK:
        return None
    if transport == Transport.PLAIN:
        return _page(403, *UNSAFE)
    return _page(403, *DEMO_ELSEWHERE) if console().config.demo else None


def _refuse_nul() -> None:
    """Refuse the one character that PostgreSQL cannot keep, before any page has to think of it."""
    texts = [*(request.view_args or {}).values(), *request.values.values()]
    if any("\0" in str(text) for text in texts):
        abort(400)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return _page(status, *PAGES.get(status, ("This did not work", "Go back and try again.")))


def _forged(_error: Exception) -> ResponseReturnValue:
    return _page(403, *FORGED)


def _not_found(_error: Exception) -> ResponseReturnValue:
    if _was_deleted():
        return _page(410, *DELETED)
    return _page(404, *PAGES[404])


def _was_deleted() -> bool:
    """Return whether the address is that of a client whose data was deleted while somebody had it open."""
    asked = request.view_args or {}
    client_id, conversation_id = asked.get("client_id"), asked.get("conversation_id")
    if not current_user.is_authenticated or not (client_id or conversation_id):
        return False
    with console().caseload.reading() as case:
        return case.enrolments.was_deleted(me(case), client_id=client_id, conversation_id=conversation_id)


def _signed_out(_error: Exception) -> ResponseReturnValue:
    return _page(401, *PAGES[401])


def _busy(_error: Exception) -> ResponseReturnValue:
    logger.error("console page without database")
    return _page(503, *PAGES[503])


def _page(status: int, heading: str, advice: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(error=heading), status
    # Not render_template: that asks who is signed in, and the database may be what is broken.
    template = current_app.jinja_env.get_template("errors/page.html")
    return template.render(heading=heading, advice=advice, status=status), status
