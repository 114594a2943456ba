"""Quick replies: which words does our service use often?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from bot.caseload.errors import NameTaken, NoSuchQuickReply, SomeoneWasFaster
from bot.caseload.models.people import Staff
from bot.caseload.models.talk import QuickReply
from bot.caseload.store import Case
from bot.console.access import for_roles
from bot.console.conversation_forms import ReplyForm, fresh_reply
from bot.console.conversation_page import Forms, page_of
from bot.console.forms import Form, tidy
from bot.console.parts import console, me
from bot.conversation.blanks import FILLED, fill

pages = Blueprint("quick_replies", __name__)

TAKEN = "There is a quick reply of this name. Choose another one."
CHANGED = "A colleague changed this meanwhile. Their words are above. Yours were not saved: they are below."


class QuickReplyForm(Form):
    """A name to choose by, and the words."""

    name = StringField(
        "Name",
        filters=[tidy],
        validators=[DataRequired("Give it a name."), Length(max=60, message="Use 60 characters at most.")],
    )
    text = TextAreaField(
        "Words",
        filters=[tidy],
        validators=[
            DataRequired("Write the words."),
            Length(max=1000, message="Use 1,000 characters at most."),
        ],
    )
    version = HiddenField(validators=[Regexp(r"^\d{1,9}$")])
    submit = SubmitField("Save")


@pages.get("/quick-replies")
@for_roles("manager", "lead")
def page() -> ResponseReturnValue:
    """Show my service's quick replies, to change them."""
    with console().caseload.reading() as case:
        return _page(case, me(case))


@pages.post("/quick-replies")
@for_roles("manager", "lead")
def add() -> ResponseReturnValue:
    """Add one."""
    form = QuickReplyForm(prefix="new")
    with console().caseload.transaction() as case:
        staff = me(case)
        if not form.validate():
            return _page(case, staff, new=form), 422
        try:
            reply = case.quick_replies.add(
                staff.service, form.name.data or "", form.text.data or "", by=staff
            )
        except NameTaken:
            form.name.errors = [*form.name.errors, TAKEN]
            return _page(case, staff, new=form), 422
        case.audit.record("quick reply added", staff_id=staff.id, subject=reply.id)
    flash("The quick reply is added.", "success")
    return _back()


@pages.post("/quick-replies/<reply_id>")
@for_roles("manager", "lead")
def change(reply_id: str) -> ResponseReturnValue:
    """Change one."""
    form = QuickReplyForm(prefix=reply_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        reply = case.quick_replies.get_for(staff, reply_id)
        if not form.validate():
            return _page(case, staff, changed=(reply, form)), 422
        try:
            case.quick_replies.change(
                staff, reply_id, form.name.data or "", form.text.data or "", int(form.version.data or 0)
            )
        except NameTaken:
            form.name.errors = [*form.name.errors, TAKEN]
            return _page(case, staff, changed=(reply, form)), 422
        except SomeoneWasFaster:
            form.text.errors = [*form.text.errors, CHANGED]
            form.version.data = str(reply.version)
            return _page(case, staff, changed=(reply, form)), 409
        case.audit.record("quick reply changed", staff_id=staff.id, subject=reply_id)
    flash("The quick reply is saved.", "success")
    return _back()


@pages.post("/quick-replies/<reply_id>/remove")
@for_roles("manager", "lead")
def remove(reply_id: str) -> ResponseReturnValue:
    """Delete one."""
    with console().caseload.transaction() as case:
        staff = me(case)
        case.quick_replies.remove(staff, reply_id)
        case.audit.record("quick reply removed", staff_id=staff.id, subject=reply_id)
    flash("The quick reply is deleted.", "success")
    return _back()


@pages.post("/conversations/<conversation_id>/quick-reply")
def insert(conversation_id: str) -> ResponseReturnValue:
    """Show the chat again with the chosen words put behind what stands in the box; nothing is sent."""
    form = ReplyForm()
    with console().caseload.reading() as case:
        staff = me(case)
        conversation = case.conversations.get_for(staff, conversation_id)
        draft = form.text.data or ""
        try:
            chosen = case.quick_replies.get_for(staff, request.form.get("quick_reply", ""))
        except NoSuchQuickReply:
            form.text.errors = ["Choose a quick reply first, then press Put it in."]
            return page_of(case, staff, conversation, Forms(reply=form)), 422
        words = fill(case, console().words, conversation.client, chosen.text)
        filled = fresh_reply(f"{draft}\n\n{words}" if draft else words)
        filled.day.data, filled.time.data = form.day.data, form.time.data
        return page_of(case, staff, conversation, Forms(reply=filled))


def _page(
    case: Case,
    staff: Staff,
    *,
    new: QuickReplyForm | None = None,
    changed: tuple[QuickReply, QuickReplyForm] | None = None,
) -> str:
    replies = case.quick_replies.of_service(staff.service)
    forms = {
        one.id: QuickReplyForm(
            formdata=None, prefix=one.id, name=one.name, text=one.text, version=str(one.version)
        )
        for one in replies
    }
    if changed is not None:
        forms[changed[0].id] = changed[1]
    return render_template(
        "quick_replies/page.html",
        replies=replies,
        forms=forms,
        changed_id=changed[0].id if changed else None,
        new=new or QuickReplyForm(formdata=None, prefix="new", version="1"),
        filled=FILLED,
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("quick_replies.page"), 303)
