"""One conversation: what did the client and the bot say?"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from bot.caseload.errors import NotHolding, SomeoneWasFaster
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import labels
from bot.console.access import asks_by_itself
from bot.console.forms import Form, number_asked_for, tidy
from bot.console.parts import console, me
from bot.console.safety_state import back_to, state_of
from bot.conversation import ownership

pages = Blueprint("conversation", __name__)

#: How many messages the page shows, and for how many of them it keeps the delivery state fresh.
SHOWN = 100
FORM_KEY = r"^[0-9a-f]{32}$"


class ReplyForm(Form):
    """Words to the client."""

    text = TextAreaField(
        "Your message",
        filters=[tidy],
        validators=[
            DataRequired("Write a message first."),
            Length(
                max=ownership.MAX_REPLY, message="This is too long for one message. Send it in two parts."
            ),
        ],
    )
    #: Made with the page: the same page sent twice reaches the client once.
    form_key = HiddenField(validators=[Regexp(FORM_KEY)])
    submit = SubmitField("Send")


class TakeOverForm(Form):
    """Take the chat, if nobody did since the page was loaded."""

    epoch = HiddenField(validators=[Regexp(r"^\d{1,9}$")])


class HandBackForm(Form):
    """Give the chat back to the bot."""

    note = StringField(
        "Note for the client (you can leave this empty)", filters=[tidy], validators=[Length(max=500)]
    )


@pages.get("/conversations/<conversation_id>")
def page(conversation_id: str) -> ResponseReturnValue:
    """Show the transcript, who has the chat, and what I can do."""
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        case.audit.record(
            "conversation viewed",
            staff_id=staff.id,
            client_id=conversation.client_id,
            subject=conversation.id,
        )
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        return _page(case, staff, conversation, ReplyForm(formdata=None, form_key=uuid.uuid4().hex))


@pages.get("/conversations/<conversation_id>/updates")
@asks_by_itself
def updates(conversation_id: str) -> ResponseReturnValue:
    """Return what came after a message, the states of the newest ones, and who has the chat."""
    after = number_asked_for("after")
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        fresh = case.transcript.after(conversation, after)
        shown = _shown(staff, conversation)
        return jsonify(
            last=fresh[-1].id if fresh else after,
            messages=render_template("conversation/messages.html", messages=fresh, **shown),
            states=[
                [message.id, message.delivery, labels.say(labels.DELIVERIES, message.delivery)]
                for message in case.transcript.newest(conversation, SHOWN)
                if message.author != "client"
            ],
            epoch=f"{conversation.epoch}.{conversation.mode}",
            owner=render_template("conversation/owner.html", **shown),
            may_write=shown["may_write"],
            hint=shown["hint"],
        )


@pages.post("/conversations/<conversation_id>/reply")
def reply(conversation_id: str) -> ResponseReturnValue:
    """Send my words to the client."""
    form = ReplyForm()
    with console().caseload.transaction() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        if not form.validate():
            return _page(case, staff, conversation, form), 422
        if conversation.unlinked_at is not None:
            flash("This chat is not linked any more. Your message was not sent.", "danger")
            return _page(case, staff, conversation, form), 409
        try:
            ownership.reply(
                case, console().words, staff, conversation_id, form.text.data or "", form.form_key.data or ""
            )
        except ownership.ChatHeldByAnother:
            flash("A colleague has the chat now. Your message was not sent.", "danger")
            return _page(case, staff, conversation, form), 409
    flash("Your message is on its way.", "sent")
    return _back(conversation_id)


@pages.post("/conversations/<conversation_id>/take-over")
def take_over(conversation_id: str) -> ResponseReturnValue:
    """Take the chat: the bot is silent from now on."""
    form = TakeOverForm()
    try:
        with console().caseload.transaction() as case:
            staff = me(case)
            conversation = case.conversations.get_for(staff, conversation_id)
            if conversation.mode == Mode.PERSON and conversation.held_by_id == staff.id:
                return _back(conversation_id)
            if not form.validate() or conversation.unlinked_at is not None:
                raise SomeoneWasFaster(conversation_id)
            ownership.take_over(case, console().words, staff, conversation_id, int(form.epoch.data or 0))
    except SomeoneWasFaster:
        return _someone_was_faster(conversation_id)
    flash(f"You have the chat. The bot told {conversation.client.preferred_name} that you joined.", "success")
    return _back(conversation_id)


@pages.post("/conversations/<conversation_id>/hand-back")
def hand_back(conversation_id: str) -> ResponseReturnValue:
    """Give the chat back to the bot."""
    form = HandBackForm()
    try:
        with console().caseload.transaction() as case:
            staff = me(case)
            conversation = case.conversations.get_for(staff, conversation_id)
            if not form.validate():
                flash("That note is too long. Use 500 characters at most.", "danger")
                return _back(conversation_id)
            ownership.hand_back(case, console().words, staff, conversation_id, form.note.data or None)
            # Somebody on duty sees a client only as long as there is danger.
            back = back_to(case, conversation)
    except NotHolding:
        flash("You did not have the chat, so nothing was changed.", "info")
        return _back(conversation_id)
    flash(f"The bot has the chat again, and told {conversation.client.preferred_name}.", "success")
    return redirect(back, 303)


def _page(case: Case, staff: Staff, conversation: Conversation, form: ReplyForm) -> str:
    messages = case.transcript.newest(conversation, SHOWN)
    return render_template(
        "conversation/page.html",
        messages=messages,
        form=form,
        handoffs=[one for one in case.handoffs.open_for(conversation.client) if one.reason != "appointment"],
        is_full=len(messages) == SHOWN,
        state=state_of(case, conversation.client),
        **_shown(staff, conversation),
    )


def _shown(staff: Staff, conversation: Conversation) -> dict[str, Any]:
    """Return what every part of the page needs to know."""
    is_person = conversation.mode == Mode.PERSON
    is_linked = conversation.unlinked_at is None
    mine = is_person and conversation.held_by_id == staff.id
    name = conversation.client.preferred_name
    if mine:
        hint = f"The bot stays silent. {name} sees your first name."
    else:
        hint = f"This answers {name} once. The bot keeps the chat. {name} sees your first name."
    return {
        "conversation": conversation,
        "client": conversation.client,
        "zone": conversation.client.timezone,
        "mine": mine,
        "is_linked": is_linked,
        "may_write": is_linked and (mine or not is_person),
        "who_has": labels.who_has(conversation, staff.id),
        "hint": hint,
    }


def _someone_was_faster(conversation_id: str) -> ResponseReturnValue:
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        return render_template("conversation/faster.html", **_shown(staff, conversation)), 409


def _back(conversation_id: str) -> ResponseReturnValue:
    return redirect(url_for("conversation.page", conversation_id=conversation_id), 303)
