"""What people see when something cannot be done."""

from __future__ import annotations

import structlog
from flask import Flask, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from bot.caseload.errors import (
    CaseloadUnavailable,
    NoSuchAppointment,
    NoSuchClient,
    NoSuchConversation,
    NoSuchHandoff,
    NoSuchSafetyRecord,
    NoSuchStaff,
)
from bot.console.cookies import Transport, transport_of
from bot.console.parts import console

logger = structlog.get_logger()

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
    for error in (NoSuchClient, NoSuchConversation, NoSuchHandoff, NoSuchAppointment, NoSuchSafetyRecord):
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
    return _page(404, *PAGES[404])


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
