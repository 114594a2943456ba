"""What can be written down about a client."""

from __future__ import annotations

from datetime import datetime, timedelta

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from bot.caseload.models.people import Staff
from bot.console import labels, record_labels, times
from bot.console.forms import MAX_LINK, Form, is_web_link, options, tidy

#: Anything later is a slip of the fingers.
FURTHEST = timedelta(days=2 * 366)


class PhaseForm(Form):
    """Where a client is on their way."""

    phase = SelectField("Phase", choices=options(labels.PHASES.items()))
    submit = SubmitField("Change the phase")


class GoalForm(Form):
    """A goal."""

    text = StringField(
        "The goal, in the client's own words",
        filters=[tidy],
        validators=[DataRequired("Write the goal."), Length(max=500, message="Use 500 characters at most.")],
    )
    submit = SubmitField("Add the goal")


class AppointmentForm(Form):
    """A meeting that was agreed on."""

    day = DateField("Day", validators=[InputRequired("Choose a day.")])
    time = TimeField("Time", validators=[InputRequired("Choose a time.")])
    minutes = IntegerField(
        "Minutes",
        default=45,
        validators=[InputRequired("How long is it?"), NumberRange(5, 480, "Between 5 minutes and 8 hours.")],
    )
    with_whom = SelectField("With whom", choices=[])
    mode = SelectField("How you meet", choices=options(labels.MODES.items()))
    place = StringField("Where (you can leave this empty)", filters=[tidy], validators=[Length(max=200)])
    purpose = StringField("What for (you can leave this empty)", filters=[tidy], validators=[Length(max=200)])
    submit = SubmitField("Add the appointment")

    def offer(self, hosts: list[Staff], usual: Staff | None) -> AppointmentForm:
        """Offer who may hold the meeting, the usual one first chosen; returns itself."""
        self.with_whom.choices = options([(one.id, one.name) for one in hosts])
        if self.with_whom.data is None and usual is not None:
            self.with_whom.data = usual.id
        return self

    def starts_at(self, zone_name: str, now: datetime) -> datetime | None:
        """Return the instant that was typed as the client's local time; None, with an error at the field."""
        if self.day.data is None or self.time.data is None:
            return None
        try:
            return times.chosen(self.day.data, self.time.data, zone_name, now, FURTHEST)
        except times.WrongTime as wrong:
            self.time.errors = [*self.time.errors, str(wrong)]
            return None


class LeadForm(Form):
    """A job that may suit the client."""

    title = StringField(
        "Job title", filters=[tidy], validators=[DataRequired("What is the job?"), Length(max=200)]
    )
    employer = StringField("Employer", filters=[tidy], validators=[Length(max=200)])
    place = StringField("Place", filters=[tidy], validators=[Length(max=200)])
    hours_text = StringField("Hours", filters=[tidy], validators=[Length(max=120)])
    pay_text = StringField("Pay", filters=[tidy], validators=[Length(max=120)])
    url = StringField("Link", filters=[tidy], validators=[Optional(), Length(max=MAX_LINK), is_web_link])
    why_match = TextAreaField("Why it fits", filters=[tidy], validators=[Length(max=500)])
    submit = SubmitField("Share the job")


def version_field() -> HiddenField:
    """Return the field that says which version of a row its form was made from."""
    return HiddenField(validators=[Regexp(r"^\d{1,9}$")])


class LeadFactsForm(LeadForm):
    """What a job says, to be corrected."""

    version = version_field()
    submit = SubmitField("Save the changes")


class LeadBackForm(Form):
    """Why a job is offered no more."""

    why = SelectField("Why", choices=options(record_labels.TAKEN_BACK.items()))
    version = version_field()
    submit = SubmitField("Take the job back")


class InviteForm(Form):
    """Make an invite link."""

    submit = SubmitField("Make an invite link")
