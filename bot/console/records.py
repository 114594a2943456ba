"""A client's records: what do I take along?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField
from wtforms.validators import InputRequired

from bot.caseload.models.people import Client, Staff
from bot.caseload.records import Span
from bot.caseload.store import Case
from bot.console.forms import Form
from bot.console.papers.contact_note import as_paper, contact_note
from bot.console.papers.paper import Paper, as_text
from bot.console.papers.pdf import as_pdf
from bot.console.papers.transcript import EVERYBODY, MOST, PEOPLE, Made, span_words, transcript
from bot.console.parts import console, me

pages = Blueprint("records", __name__)

#: What the page shows before anybody chose.
USUAL_DAYS = 30
#: Nothing here is older, and a slip of the fingers in the year is found.
EARLIEST = date(2000, 1, 1)
_NOT_A_FILE_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class SpanForm(Form):
    """Which days, and whose words. It changes nothing, so its answers stand in the address."""

    first = DateField("From", validators=[InputRequired("Choose the first day.")])
    last = DateField("Until, with this day", validators=[InputRequired("Choose the last day.")])
    with_bot = BooleanField("With what the assistant said")

    class Meta:
        csrf = False

    def span(self, client: Client) -> Span | None:
        """Return the days that were chosen; None, with an error at the field."""
        if not self.validate() or self.first.data is None or self.last.data is None:
            for day in (self.first, self.last):
                if day.data is None and day.raw_data and day.raw_data[0]:
                    day.errors = ["Write the day like this: 2026-11-25."]
            return None
        latest = console().caseload.clock.now().astimezone(ZoneInfo(client.timezone)).date()
        if not EARLIEST <= self.first.data <= latest:
            self.first.errors = [f"Choose a day from 1 January {EARLIEST.year} to today."]
        elif not EARLIEST <= self.last.data <= latest:
            self.last.errors = ["Choose a day that is not after today."]
        elif self.first.data > self.last.data:
            self.last.errors = ["The last day is before the first. Choose a later one."]
        else:
            return Span(self.first.data, self.last.data, client.timezone)
        return None


@pages.get("/clients/<client_id>/records")
def page(client_id: str) -> ResponseReturnValue:
    """Choose the days, and see the contact note of them."""
    return _answer(client_id, "records viewed", None)


@pages.get("/clients/<client_id>/transcript.txt")
def transcript_text(client_id: str) -> ResponseReturnValue:
    """Give the transcript as text."""
    return _answer(client_id, "transcript exported", _text_of("transcript", _transcript))


@pages.get("/clients/<client_id>/transcript.pdf")
def transcript_pdf(client_id: str) -> ResponseReturnValue:
    """Give the transcript as PDF."""
    return _answer(client_id, "transcript exported", _pdf_of("transcript", _transcript))


@pages.get("/clients/<client_id>/contact-note.txt")
def note_text(client_id: str) -> ResponseReturnValue:
    """Give the contact note as text: its lines and nothing else, ready to paste."""
    return _answer(client_id, "contact note exported", _note_text)


@pages.get("/clients/<client_id>/contact-note.pdf")
def note_pdf(client_id: str) -> ResponseReturnValue:
    """Give the contact note as PDF."""
    return _answer(client_id, "contact note exported", _pdf_of("contact-note", _note_paper))


Export = Callable[[Case, Staff, Client, Span, bool], Response]
PaperMaker = Callable[[Case, Staff, Client, Span, bool], Paper]


class TooMuch(Exception):
    """There is more in these days than one paper holds."""


def _answer(client_id: str, action: str, export: Export | None) -> ResponseReturnValue:
    """Write down who takes what of which days, and give it; the page again where the days are wrong."""
    with console().caseload.reading() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        form = _form(client)
        span = form.span(client)
        if span is None:
            return _page(case, client, form, None), 422
        with_bot = bool(form.with_bot.data)
        try:
            answer = (
                export(case, staff, client, span, with_bot) if export else _page(case, client, form, span)
            )
        except TooMuch:
            form.first.errors = [f"There are more than {MOST} messages in these days. Choose fewer days."]
            return _page(case, client, form, None), 422
    # Nothing leaves before this is written.
    with console().caseload.transaction() as case:
        kind = request.path.rpartition(".")[2] if export else "page"
        left_out = "" if with_bot or "transcript" not in action else ", without the bot"
        case.audit.record(
            action,
            staff_id=staff.id,
            client_id=client.id,
            subject=f"{kind}, {span.first.isoformat()} to {span.last.isoformat()}{left_out}",
        )
    return answer


def _form(client: Client) -> SpanForm:
    if "first" in request.args or "last" in request.args:
        return SpanForm(formdata=request.args)
    today = console().caseload.clock.now().astimezone(ZoneInfo(client.timezone)).date()
    first = today - timedelta(days=USUAL_DAYS - 1)
    # Given as if it had been sent: an address without days is an export of the usual ones.
    sent = {"first": first.isoformat(), "last": today.isoformat(), "with_bot": "y"}
    return SpanForm(formdata=MultiDict(sent))


def _page(case: Case, client: Client, form: SpanForm, span: Span | None) -> str:
    note = _note(case, client, span) if span else ()
    chosen = {}
    if span is not None:
        chosen = {"first": span.first.isoformat(), "last": span.last.isoformat()}
        if form.with_bot.data:
            chosen["with_bot"] = "y"
    return render_template(
        "records/page.html",
        client=client,
        form=form,
        chosen=chosen,
        note="\n".join(note),
        days=span_words(span) if span else "",
        kept_days=console().config.retention_days,
    )


def _transcript(case: Case, staff: Staff, client: Client, span: Span, with_bot: bool) -> Paper:
    authors = EVERYBODY if with_bot else PEOPLE
    messages = case.records.messages(client, span, authors=authors, limit=MOST + 1)
    if len(messages) > MOST:
        raise TooMuch
    hands = case.records.changes_of_hands(client, span)
    return transcript(client, span, messages, hands, _made(case, staff), with_bot=with_bot)


def _note(case: Case, client: Client, span: Span) -> tuple[str, ...]:
    messages = case.records.messages(client, span, authors=("client", "person"), limit=MOST + 1)
    if len(messages) > MOST:
        raise TooMuch
    return contact_note(
        client,
        span,
        messages,
        case.records.happened(client, span),
        case.handoffs.open_for(client),
        case.appointments.upcoming_for(client, limit=1),
        case.clock.now(),
    )


def _note_paper(case: Case, staff: Staff, client: Client, span: Span, _with_bot: bool) -> Paper:
    return as_paper(client, span, _note(case, client, span), _made(case, staff))


def _note_text(case: Case, _staff: Staff, client: Client, span: Span, _with_bot: bool) -> Response:
    lines = _note(case, client, span)
    return as_file("\n".join(lines) + "\n", "text/plain", _name("contact-note", client, span, "txt"))


def _text_of(what: str, make: PaperMaker) -> Export:
    def export(case: Case, staff: Staff, client: Client, span: Span, with_bot: bool) -> Response:
        text = as_text(make(case, staff, client, span, with_bot))
        return as_file(text, "text/plain", _name(what, client, span, "txt"))

    return export


def _pdf_of(what: str, make: PaperMaker) -> Export:
    def export(case: Case, staff: Staff, client: Client, span: Span, with_bot: bool) -> Response:
        content = as_pdf(make(case, staff, client, span, with_bot), case.clock.now())
        return as_file(content, "application/pdf", _name(what, client, span, "pdf"))

    return export


def _made(case: Case, staff: Staff) -> Made:
    return Made(staff, case.clock.now(), console().config.retention_days)


def _name(what: str, client: Client, span: Span, kind: str) -> str:
    # The reference and not the name: a list of downloads is seen by others.
    ref = _NOT_A_FILE_NAME.sub("-", client.ref)
    return f"{what}-{ref}-{span.first.isoformat()}-to-{span.last.isoformat()}.{kind}"


def as_file(content: str | bytes, mimetype: str, name: str) -> Response:
    """Return an answer that the browser saves under a name."""
    charset = "; charset=utf-8" if isinstance(content, str) else ""
    return Response(
        content,
        content_type=f"{mimetype}{charset}",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
