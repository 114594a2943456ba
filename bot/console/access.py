"""Who may open which page. A page without a mark is for signed-in staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user  # type: ignore[import-untyped]

from bot.console import person

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

#: Style sheets, scripts and the look's own files.
STATIC = frozenset({"static", "bootstrap.static"})


def public(view: View) -> View:
    """Mark a page that needs no sign-in."""
    view.is_public = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def asks_by_itself(view: View) -> View:
    """Mark an answer that a script asks for by itself: it does not count as the person being there."""
    view.asks_by_itself = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def for_roles(*roles: str) -> Callable[[View], View]:
    """Mark a page that only these roles may open."""

    def mark(view: View) -> View:
        view.roles = roles  # type: ignore[attr-defined]  # a mark on a function
        return view

    return mark


def guard(app: Flask) -> None:
    """Put the guard in front of every page."""
    app.before_request(_let_in)


def _let_in() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in STATIC:
        return None
    view = current_app.view_functions[endpoint]
    if getattr(view, "is_public", False):
        return None
    if not current_user.is_authenticated:
        return sign_in_first()
    if current_user.role not in getattr(view, "roles", (current_user.role,)):
        abort(403)
    if not getattr(view, "asks_by_itself", False) or request.args.get("typing") == "1":
        person.note_activity()
    return None


def sign_in_first() -> ResponseReturnValue:
    """Answer somebody who is not signed in, or no longer."""
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        abort(401)
    if "_user_id" in session:
        session.clear()
        flash("Your session has ended. Sign in to go on where you were.", "info")
    return redirect(url_for("sign_in.page", next=request.full_path.rstrip("?")))
