"""One conversation: what did the client and the bot say?"""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bot.caseload.errors import NotHolding, SomeoneWasFaster
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import labels, record_labels, timeline
from bot.console.access import asks_by_itself
from bot.console.conversation_forms import NOW_OR_LATER, HandBackForm, NoteForm, ReplyForm, TakeOverForm
from bot.console.conversation_page import (
    REPORT_MISSES,
    Forms,
    back,
    is_shown,
    later_state,
    others_line,
    page_of,
    shown,
    waits_for_consent,
)
from bot.console.forms import number_asked_for
from bot.console.parts import console, me
from bot.console.safety_state import back_to, danger_is_news, danger_seen, flash_news, state_of
from bot.conversation import ownership
from bot.conversation.blanks import BlanksLeft
from bot.conversation.escalation import danger_shown
from bot.conversation.starting import why_unreached

pages = Blueprint("conversation", __name__)


@pages.get("/conversations/<conversation_id>")
def page(conversation_id: str) -> ResponseReturnValue:
    """Show the transcript, who has the chat, and what I can do."""
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        open_ones = case.handoffs.open_for(conversation.client)
        unseen = [one.id for one in open_ones if is_shown(one) and one.status == "waiting"]
        answer = page_of(case, staff, conversation, Forms(), open_ones)
    # Before anybody reads the answer.
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        case.presences.note(staff, conversation, is_live=False)
        for handoff_id in unseen:
            case.handoffs.mark_seen(staff, case.handoffs.get_for(staff, handoff_id))
        _note_view(case, staff, conversation)
    return answer


@pages.get("/conversations/<conversation_id>/earlier")
def earlier(conversation_id: str) -> ResponseReturnValue:
    """Show a page of what was said before; the page of the chat takes the lines from here."""
    before, before_note = number_asked_for("before"), number_asked_for("before_note")
    with console().caseload.transaction() as case:
        staff = me(case)
        _note_view(case, staff, case.conversations.get_for(staff, conversation_id))
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        stretch = timeline.before(
            case, conversation, before, before_note, may_report=staff.role in REPORT_MISSES
        )
        return render_template(
            "conversation/earlier_page.html",
            lines=stretch.lines,
            earlier=stretch.earlier,
            **shown(staff, conversation),
        )


@pages.get("/conversations/<conversation_id>/updates")
@asks_by_itself
def updates(conversation_id: str) -> ResponseReturnValue:
    """Return what came after a message, the states of the newest ones, and who has the chat."""
    after, after_note = number_asked_for("after"), number_asked_for("after_note")
    _note_presence(conversation_id)
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        fresh = timeline.after(case, conversation, after, after_note)
        last, last_note = timeline.last_ids(fresh)
        newest = case.transcript.newest(conversation, timeline.SHOWN)
        later_replies = case.later_replies.shown_in(conversation)
        page_parts = shown(staff, conversation)
        return jsonify(
            last=last or after,
            last_note=last_note or after_note,
            messages=render_template("conversation/messages.html", lines=fresh, **page_parts),
            states=[
                [message.id, message.delivery, labels.say(labels.DELIVERIES, message.delivery)]
                for message in newest
                if message.author != "client"
            ],
            files=timeline.files_now(case, newest),
            epoch=f"{conversation.epoch}.{conversation.mode}",
            danger=danger_shown(case, conversation.client),
            later_state=later_state(later_replies),
            owner=render_template(
                "conversation/owner.html",
                state=state_of(case, conversation.client),
                consent_is_open=waits_for_consent(case, conversation),
                **page_parts,
            ),
            later=render_template(
                "conversation/later.html",
                later_replies=later_replies,
                **page_parts,
            ),
            others=others_line(case.presences.others(staff, conversation)),
            may_write=page_parts["may_write"],
            hint=page_parts["hint"],
        )


@pages.post("/conversations/<conversation_id>/reply")
def reply(conversation_id: str) -> ResponseReturnValue:
    """Send my words to the client."""
    form = ReplyForm()
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        is_good = form.validate()
        if form.has_time:
            form.time.errors = [*form.time.errors, NOW_OR_LATER]
        if not is_good or form.has_time:
            return page_of(case, staff, conversation, Forms(reply=form)), 422
        if conversation.unlinked_at is not None:
            flash("This chat is not linked any more. Your message was not sent.", "danger")
            return page_of(case, staff, conversation, Forms(reply=form)), 409
        try:
            ownership.reply(
                case,
                console().words,
                staff,
                conversation_id,
                form.text.data or "",
                form.form_key.data or "",
                danger_seen(),
            )
        except BlanksLeft as left:
            form.complain_of_blanks(left)
            return page_of(case, staff, conversation, Forms(reply=form)), 422
        except ownership.ChatHeldByAnother:
            flash("A colleague has the chat now. Your message was not sent.", "danger")
            return page_of(case, staff, conversation, Forms(reply=form)), 409
        if danger_is_news(case, conversation.client):
            flash_news(conversation.client)
    why = why_unreached(conversation)
    if why is None and _was_handed_back(conversation):
        flash("Your message is on its way. The chat was handed back meanwhile: the bot has it now.", "sent")
    elif why is None:
        flash("Your message is on its way.", "sent")
    else:
        flash(f"Your message does not reach {_name(conversation)}: {_reason(why, conversation)}.", "warning")
    return back(conversation_id)


@pages.post("/conversations/<conversation_id>/notes")
def add_note(conversation_id: str) -> ResponseReturnValue:
    """Keep a note for the team; nothing of it is sent."""
    form = NoteForm()
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        if not form.validate():
            return page_of(case, staff, conversation, Forms(note=form)), 422
        note = case.internal_notes.add(
            staff, conversation, form.team_note.data or "", key=form.note_key.data or ""
        )
        if note is not None:
            case.audit.record(
                "note for the team written",
                staff_id=staff.id,
                client_id=conversation.client_id,
                subject=str(note.id),
            )
    flash(f"The note is kept for your team. {conversation.client.preferred_name} does not see it.", "noted")
    return back(conversation_id)


@pages.post("/conversations/<conversation_id>/take-over")
def take_over(conversation_id: str) -> ResponseReturnValue:
    """Take the chat: the bot is silent from now on."""
    form = TakeOverForm()
    try:
        with console().caseload.transaction() as case:
            staff = me(case)
            conversation = case.conversations.get_for(staff, conversation_id)
            if conversation.mode == Mode.PERSON and conversation.held_by_id == staff.id:
                return back(conversation_id)
            if not form.validate() or conversation.unlinked_at is not None:
                raise SomeoneWasFaster(conversation_id)
            epoch = int(form.epoch.data or 0)
            ownership.take_over(case, console().words, staff, conversation_id, epoch, danger_seen())
            if danger_is_news(case, conversation.client):
                flash_news(conversation.client)
    except SomeoneWasFaster:
        return _someone_was_faster(conversation_id)
    said = f"The bot told {_name(conversation)} that you joined."
    flash(
        record_labels.told("You have the chat.", said, why_unreached(conversation), conversation.client),
        "success",
    )
    return back(conversation_id)


@pages.post("/conversations/<conversation_id>/hand-back")
def hand_back(conversation_id: str) -> ResponseReturnValue:
    """Give the chat back to the bot."""
    form = HandBackForm()
    try:
        with console().caseload.transaction() as case:
            staff = me(case)
            conversation = case.conversations.get_for(staff, conversation_id)
            if not form.validate():
                wrong = "That note is too long. Use 500 characters at most."
                flash(wrong if form.note.errors else "Choose where the bot goes on.", "danger")
                return back(conversation_id)
            resume = ownership.Resume(form.resume.data or ownership.Resume.WHERE_IT_WAS)
            ownership.hand_back(case, console().words, staff, conversation_id, form.note.data or None, resume)
            # Somebody on duty sees a client only as long as there is danger.
            place = back_to(case, conversation)
    except NotHolding:
        flash("You did not have the chat, so nothing was changed.", "info")
        return back(conversation_id)
    said = f"It told {_name(conversation)}."
    why = why_unreached(conversation)
    flash(record_labels.told("The bot has the chat again.", said, why, conversation.client), "success")
    return redirect(place, 303)


def _note_view(case: Case, staff: Staff, conversation: Conversation) -> None:
    case.audit.record(
        "conversation viewed", staff_id=staff.id, client_id=conversation.client_id, subject=conversation.id
    )


def _was_handed_back(conversation: Conversation) -> bool:
    """Return whether a person had the chat on the page from which this was sent, and none has it now."""
    _, _, mode = request.form.get("owner_seen", "").partition(".")
    return mode == Mode.PERSON and conversation.mode != Mode.PERSON


def _name(conversation: Conversation) -> str:
    return conversation.client.preferred_name


def _reason(why: str, conversation: Conversation) -> str:
    return record_labels.not_reached(why, conversation.client)


def _note_presence(conversation_id: str) -> None:
    """Note that I have the chat open; seldom enough that a page that asks all the time costs nothing."""
    writing = request.args.get("typing") == "1"
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        if not case.presences.is_due(staff, conversation, writing=writing):
            return
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        case.presences.note(staff, conversation, is_live=True, writing=writing)


def _someone_was_faster(conversation_id: str) -> ResponseReturnValue:
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        return render_template("conversation/faster.html", **shown(staff, conversation)), 409
