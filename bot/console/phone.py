"""Demo only: a page that acts as a client's phone, through the same inbox and outbox as Telegram."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.access import public
from bot.console.forms import number_asked_for
from bot.console.parts import console
from bot.conversation.phone import Bubble, Phone

pages = Blueprint("phone", __name__, url_prefix="/phone")

#: How many bubbles the page shows.
SHOWN = 100
#: Telegram's own limit for one message.
MAX_TEXT = 4096
#: A message can reach the phone after a later one, so a poll looks this many messages back.
OVERLAP = 40


@pages.get("")
@public
def choose() -> ResponseReturnValue:
    """List the phones."""
    return render_template("phone/choose.html", owners=_phone().owners())


@pages.get("/<ref>")
@public
def page(ref: str) -> ResponseReturnValue:
    """Show one client's phone."""
    name = _owner(ref)
    bubbles = _newest(ref)
    return render_template("phone/page.html", ref=ref, name=name, bubbles=bubbles, zone=_zone(ref))


@pages.get("/<ref>/messages")
@public
def messages(ref: str) -> ResponseReturnValue:
    """Return what came to the phone; the page knows which bubbles it has already."""
    _owner(ref)
    after = max(number_asked_for("after") - OVERLAP, 0)
    bubbles = _phone().messages(ref, after)
    zone = _zone(ref)
    return jsonify(
        bubbles=[
            [bubble.id, render_template("phone/bubble.html", bubble=bubble, ref=ref, zone=zone)]
            for bubble in bubbles
        ]
    )


@pages.post("/<ref>/send")
@public
def send(ref: str) -> ResponseReturnValue:
    """Type a message as the client."""
    _owner(ref)
    text = request.form.get("text", "")[:MAX_TEXT]
    if text.strip():
        _phone().send(ref, text)
    return _done(ref)


@pages.post("/<ref>/press")
@public
def press(ref: str) -> ResponseReturnValue:
    """Press a button as the client."""
    _owner(ref)
    _phone().press(ref, request.form.get("token", "")[:64])
    return _done(ref)


def _phone() -> Phone:
    phone = console().phone
    return phone if phone is not None else abort(404)


def _owner(ref: str) -> str:
    """Return the name of a phone's owner; 404 when nobody has such a phone."""
    return dict(_phone().owners()).get(ref) or abort(404)


def _zone(ref: str) -> str:
    with console().caseload.reading() as case:
        client = case.clients.find_by_ref(ref)
        return client.timezone if client else abort(404)


def _newest(ref: str) -> list[Bubble]:
    """Return the newest bubbles; a phone that is used for days has more than one answer's worth."""
    kept: list[Bubble] = []
    after = 0
    while batch := _phone().messages(ref, after):
        kept = [*kept, *batch][-SHOWN:]
        after = batch[-1].id
    return kept


def _done(ref: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(sent=True)
    return redirect(url_for("phone.page", ref=ref, _anchor="write"), 303)
