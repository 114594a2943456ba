"""What can be written beside a conversation: to the client, now or later, and to the team."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    StringField,
    SubmitField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp

from bot.console import times
from bot.console.forms import Form, options, tidy
from bot.conversation import ownership
from bot.conversation.blanks import BlanksLeft

FORM_KEY = r"^[0-9a-f]{32}$"
#: Unlike a reply's on purpose: the form of one cannot pass for the form of the other.
NOTE_KEY = r"^note-[0-9a-f]{32}$"
#: A message for later leaves within a year.
FURTHEST = timedelta(days=366)
MAX_NOTE = 2000
NOW_OR_LATER = "You chose a day or a time. Press Send later, or empty both to send it now. Nothing was sent."


class ReplyForm(Form):
    """Words to the client; with a day and a time they leave later."""

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
    day = DateField("Day", validators=[Optional()])
    time = TimeField("Time", validators=[Optional()])
    although_stopped = BooleanField("Send it all the same")
    #: Made with the page: the same page sent twice reaches the client once.
    form_key = HiddenField(validators=[Regexp(FORM_KEY)])
    submit = SubmitField("Send")

    @property
    def has_time(self) -> bool:
        """Whether anything was put into the fields for the day and the time."""
        return any(one for field in (self.day, self.time) for one in field.raw_data or ())

    def send_at(self, zone_name: str, now: datetime) -> datetime | None:
        """Return the instant that was typed as the client's local time; None, with an error at the field."""
        if self.day.data is None or self.time.data is None:
            self.time.errors = [*self.time.errors, "Choose a day and a time."]
            return None
        try:
            return times.chosen(self.day.data, self.time.data, zone_name, now, FURTHEST)
        except times.WrongTime as wrong:
            self.time.errors = [*self.time.errors, str(wrong)]
            return None

    def complain_of_blanks(self, left: BlanksLeft) -> None:
        """Say at the words which blanks are left."""
        self.text.errors = [
            *self.text.errors,
            f"Fill in {' and '.join(left.blanks)} first. Nothing was sent.",
        ]


class NoteForm(Form):
    """Words to the team. None of its fields has the name of a field of ReplyForm."""

    team_note = TextAreaField(
        "Note",
        filters=[tidy],
        validators=[
            DataRequired("Write a note first."),
            Length(max=MAX_NOTE, message=f"Use {MAX_NOTE} characters at most."),
        ],
    )
    note_key = HiddenField(validators=[Regexp(NOTE_KEY)])
    submit = SubmitField("Keep the note")


class TakeOverForm(Form):
    """Take the chat, if nobody did since the page was loaded."""

    epoch = HiddenField(validators=[Regexp(r"^\d{1,9}$")])


class HandBackForm(Form):
    """Give the chat back to the bot."""

    note = StringField(
        "Note for the client (you can leave this empty)", filters=[tidy], validators=[Length(max=500)]
    )
    resume = RadioField(
        "Where the bot goes on",
        choices=options([(one.value, one.value) for one in ownership.Resume]),
        default=ownership.Resume.WHERE_IT_WAS.value,
        # A page from before there was a choice sends none.
        validators=[Optional()],
    )


def fresh_reply(text: str = "") -> ReplyForm:
    """Return a reply form that was not sent yet."""
    return ReplyForm(formdata=None, text=text, form_key=uuid.uuid4().hex)


def fresh_note() -> NoteForm:
    """Return a note form that was not sent yet."""
    return NoteForm(formdata=None, note_key=f"note-{uuid.uuid4().hex}")
