"""What can be written down about a client."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from wtforms import DateField, IntegerField, SelectField, StringField, SubmitField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from bot.console import labels, times
from bot.console.forms import MAX_LINK, Form, is_web_link, tidy

#: Anything later is a slip of the fingers.
FURTHEST = timedelta(days=2 * 366)


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
    mode = SelectField("How you meet", choices=list(labels.MODES.items()))
    place = StringField("Where (you can leave this empty)", filters=[tidy], validators=[Length(max=200)])
    purpose = StringField("What for (you can leave this empty)", filters=[tidy], validators=[Length(max=200)])
    submit = SubmitField("Add the appointment")

    def starts_at(self, zone_name: str, now: datetime) -> datetime | None:
        """Return the instant that was typed as the client's local time; None, with an error at the field."""
        if self.day.data is None or self.time.data is None:
            return None
        try:
            starts_at = times.instant(self.day.data, self.time.data, ZoneInfo(zone_name))
        except times.TimeDoesNotExist:
            self._complain("The clocks go forward over this time. Choose one an hour later.")
        except times.TimeHappensTwice:
            self._complain("The clocks go back, so this time happens twice. Choose another one.")
        except (OverflowError, ValueError):
            self._complain("Choose another day.")
        else:
            if now < starts_at < now + FURTHEST:
                return starts_at
            if starts_at <= now:
                self._complain("This time has passed. Choose one ahead.")
            else:
                self._complain("This is years ahead. Check the year.")
        return None

    def _complain(self, problem: str) -> None:
        self.time.errors = [*self.time.errors, problem]


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


class InviteForm(Form):
    """Make an invite link."""

    submit = SubmitField("Make an invite link")
