"""What can be written down about employers and jobs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from bot.caseload.check_in_schedule import Step
from bot.caseload.models.people import Client
from bot.console import record_labels, times
from bot.console.forms import Form, options, tidy
from bot.console.parts import console
from bot.console.record_forms import note_field, past_day_field

#: A job that starts or ends outside of this is a slip of the fingers.
LONG_AGO, FAR_AHEAD = timedelta(days=60 * 366), timedelta(days=2 * 366)


def local_day(client: Client) -> date:
    """Return which day it is where the client lives."""
    return console().caseload.clock.now().astimezone(ZoneInfo(client.timezone)).date()


def _near(_form: object, field: DateField) -> None:
    day = console().caseload.clock.now().date()
    if field.data is not None and not day - LONG_AGO < field.data < day + FAR_AHEAD:
        raise ValidationError("Check the year.")


def name_field() -> StringField:
    """Return the field for the name of an employer."""
    return StringField(
        "Employer",
        filters=[tidy],
        validators=[DataRequired("Which employer?"), Length(max=200, message="Use 200 characters at most.")],
    )


def site_field() -> StringField:
    """Return the field for which branch of an employer it is."""
    return StringField(
        "Which branch or place (you can leave this empty)",
        filters=[tidy],
        validators=[Length(max=200, message="Use 200 characters at most.")],
    )


class EmployerForm(Form):
    """An employer of the service."""

    employer = name_field()
    site = site_field()
    sector = StringField(
        "Kind of business (you can leave this empty)",
        filters=[tidy],
        validators=[Length(max=80, message="Use 80 characters at most.")],
    )
    submit = SubmitField("Save the employer")


class ContactForm(Form):
    """Somebody spoke to an employer."""

    employer = name_field()
    site = site_field()
    by = SelectField("Who", choices=options(record_labels.WHO_SPOKE.items()))
    day = past_day_field("Day")
    time = TimeField("About what time", validators=[InputRequired("Choose a time.")])
    face_to_face = BooleanField("It was face to face", default=True)
    matches = RadioField(
        "Does it fit what the client wants?",
        choices=options([("yes", "Yes"), ("no", "No"), ("", "Cannot say yet")]),
        default="",
    )
    why = note_field("Why it fits, or not (you can leave this empty)")
    outcome = note_field("What came of it (you can leave this empty)")
    next_action = note_field("What is next (you can leave this empty)")
    submit = SubmitField("Save the contact")

    def at(self, zone_name: str, now: datetime) -> datetime | None:
        """Return when it was, from the local time that was typed; None, with an error at the field."""
        if self.day.data is None or self.time.data is None:
            return None
        try:
            # Of the hour that comes twice, either will do: nobody is waited for at this time any more.
            at = times.instant(self.day.data, self.time.data, ZoneInfo(zone_name), either=True)
        except times.TimeDoesNotExist:
            self.time.errors = [
                *self.time.errors,
                "The clocks went forward over this time. Choose one an hour later.",
            ]
            return None
        if at > now:
            self.time.errors = [*self.time.errors, "This time has not come yet."]
            return None
        return at


class JobForm(Form):
    """A job that the client has, had or will start."""

    title = StringField(
        "Job title", filters=[tidy], validators=[DataRequired("What is the job?"), Length(max=200)]
    )
    employer = name_field()
    site = site_field()
    starts_on = DateField("First day", validators=[InputRequired("When is the first day?"), _near])
    hours_per_week = DecimalField(
        "Hours a week (you can leave this empty)",
        validators=[Optional(), NumberRange(0, 100, "Between 0 and 100 hours.")],
    )
    pay = DecimalField(
        "Pay (you can leave this empty)", validators=[Optional(), NumberRange(0, 999_999, "Check the pay.")]
    )
    pay_per = SelectField("Pay is", choices=options(record_labels.PAY_PER.items()))
    submit = SubmitField("Save the job")


class TermsForm(Form):
    """Hours and pay from a day on."""

    from_on = DateField("From", validators=[InputRequired("From which day?"), _near])
    hours_per_week = DecimalField(
        "Hours a week",
        validators=[InputRequired("How many hours?"), NumberRange(0, 100, "Between 0 and 100 hours.")],
    )
    pay = DecimalField(
        "Pay (you can leave this empty)", validators=[Optional(), NumberRange(0, 999_999, "Check the pay.")]
    )
    pay_per = SelectField("Pay is", choices=options(record_labels.PAY_PER.items()))
    submit = SubmitField("Save hours and pay")


class EndForm(Form):
    """The end of a job."""

    ends_on = DateField("Last day", validators=[InputRequired("When is the last day?"), _near])
    reason = SelectField("Why", choices=options(record_labels.END_REASONS.items()))
    submit = SubmitField("Save the end")


class CheckInForm(Form):
    """A talk about how the job goes."""

    step = SelectField("Which check-in", choices=[], validate_choice=False)
    done_on = past_day_field("Day")
    mode = SelectField("How", choices=options(record_labels.CHECK_IN_MODES.items()))
    how_it_goes = SelectField(
        "How it goes", choices=options([("", "Not said"), *record_labels.HOW_IT_GOES.items()])
    )
    still_in_job = SelectField(
        "Still in the job?", choices=options([("", "Not asked"), ("yes", "Yes"), ("no", "No")]), default=""
    )
    note = note_field()
    submit = SubmitField("Save the check-in")

    def offer(self, steps: list[Step], done: set[str | None], due: str | None) -> CheckInForm:
        """Offer what is open of the schedule, what is due now first chosen; returns itself."""
        self.step.choices = options(
            [
                *((step.key, record_labels.check_in(step.key)) for step in steps if step.key not in done),
                ("", record_labels.check_in(None)),
            ]
        )
        if self.step.data is None:
            self.step.data = due or ""
        return self
