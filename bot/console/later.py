"""A reply that leaves later: write it, change it, cancel it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.errors import NoSuchLaterReply, SomeoneWasFaster
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.talk import LaterReply
from bot.caseload.store import Case
from bot.console import times
from bot.console.conversation_forms import ReplyForm
from bot.console.conversation_page import Forms, back, page_of
from bot.console.parts import console, me, note_look
from bot.conversation import later
from bot.conversation.blanks import BlanksLeft

pages = Blueprint("later", __name__)

TOO_LATE = "It was sent, cancelled or changed meanwhile. Nothing was changed by you."


@pages.post("/conversations/<conversation_id>/later")
def write(conversation_id: str) -> ResponseReturnValue:
    """Keep my words until a day and a time."""
    form = ReplyForm()
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        kept = None
        if (wanted_at := _wanted(case, conversation.client, form)) is not None:
            try:
                kept = later.write(
                    case,
                    staff,
                    conversation,
                    form.text.data or "",
                    wanted_at,
                    although_stopped=form.although_stopped.data,
                    form_key=form.form_key.data or "",
                )
            except (BlanksLeft, later.AskedForSilence, later.ChatNotLinked) as problem:
                _complain(form, conversation.client, problem)
        if kept is None:
            return page_of(case, staff, conversation, Forms(reply=form)), 422
        flash(_told(kept, case.clock.now()), "sent")
    return back(conversation_id)


@pages.get("/later/<later_id>")
def page(later_id: str) -> ResponseReturnValue:
    """Show one of my replies, to change it."""
    with console().caseload.reading() as case:
        staff = me(case)
        kept = _mine(case, staff, later_id)
        if kept.status not in {"waiting", "held"}:
            flash(TOO_LATE, "info")
            return redirect(url_for("conversation.page", conversation_id=kept.conversation_id))
        note_look(case, "reply for later viewed", staff, [kept.client_id])
        local = times.local(kept.wanted_at, kept.conversation.client.timezone)
        form = ReplyForm(
            formdata=None,
            text=kept.text,
            day=local.date(),
            time=local.time(),
            although_stopped=kept.although_stopped,
        )
        return _page(case, kept, form)


@pages.post("/later/<later_id>")
def change(later_id: str) -> ResponseReturnValue:
    """Change my words or their time."""
    form = ReplyForm()
    # The key makes a reply once; what is changed here is there already.
    del form.form_key
    with console().caseload.transaction() as case:
        staff = me(case)
        kept = _mine(case, staff, later_id)
        client = kept.conversation.client
        changed = None
        if (wanted_at := _wanted(case, client, form)) is not None:
            try:
                changed = later.change(
                    case,
                    staff,
                    later_id,
                    form.text.data or "",
                    wanted_at,
                    although_stopped=form.although_stopped.data,
                    seen_version=_seen_version(),
                )
            except (BlanksLeft, later.AskedForSilence, later.ChatNotLinked) as problem:
                _complain(form, client, problem)
            except SomeoneWasFaster:
                flash(TOO_LATE, "info")
                return back(kept.conversation_id)
        if changed is None:
            return _page(case, kept, form), 422
        flash(_told(changed, case.clock.now()), "success")
    return back(kept.conversation_id)


@pages.post("/later/<later_id>/cancel")
def cancel(later_id: str) -> ResponseReturnValue:
    """Send it never."""
    with console().caseload.transaction() as case:
        staff = me(case)
        kept = case.later_replies.get_for(staff, later_id)
        try:
            later.cancel(case, staff, later_id)
            flash("It is cancelled and will not be sent.", "success")
        except SomeoneWasFaster:
            flash("It was sent or cancelled already. Nothing was changed by you.", "info")
    return back(kept.conversation_id)


def _mine(case: Case, staff: Staff, later_id: str) -> LaterReply:
    """Return a reply if I wrote it: nobody changes what goes out under a colleague's name."""
    kept = case.later_replies.get_for(staff, later_id)
    if kept.staff_id != staff.id:
        raise NoSuchLaterReply(later_id)
    return kept


def _page(case: Case, kept: LaterReply, form: ReplyForm) -> str:
    client = kept.conversation.client
    return render_template(
        "later/page.html",
        later=kept,
        client=client,
        zone=client.timezone,
        form=form,
        asked_for_silence=case.preferences.asked_for_silence(client, case.clock.now()),
    )


def _wanted(case: Case, client: Client, form: ReplyForm) -> datetime | None:
    """Return when it is to leave; None, with the errors at the form, when anything is wrong with it."""
    is_good = form.validate()
    wanted_at = form.send_at(client.timezone, case.clock.now())
    return wanted_at if is_good else None


def _complain(form: ReplyForm, client: Client, problem: Exception) -> None:
    name = client.preferred_name
    if isinstance(problem, BlanksLeft):
        form.complain_of_blanks(problem)
    elif isinstance(problem, later.AskedForSilence):
        words = f"{name} has asked for no messages at that time. Tick this if it has to go out all the same."
        form.although_stopped.errors = [*form.although_stopped.errors, words]
    else:
        form.text.errors = [*form.text.errors, "This chat is not linked any more. Nothing can be sent."]


def _told(kept: LaterReply, now: datetime) -> str:
    client = kept.conversation.client
    when = times.day_and_time(kept.send_at, client.timezone, now)
    moved = (
        f" That is after the quiet hours of {client.preferred_name}." if kept.send_at > kept.wanted_at else ""
    )
    return f"Your message leaves on {when}.{moved}"


def _seen_version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
