"""What can be written down about a client besides work: tries, talks, goals in new words, facts."""

from __future__ import annotations

from wtforms import DateField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from bot.console import record_labels
from bot.console.forms import Form, not_ahead, options, tidy, today

NOTE_LENGTH = 1000
TOO_LONG = f"Use {NOTE_LENGTH} characters at most."


def note_field(label: str = "Note (you can leave this empty)") -> TextAreaField:
    """Return a field for a few words."""
    return TextAreaField(
        label, filters=[tidy], validators=[Length(max=NOTE_LENGTH, message=TOO_LONG)], render_kw={"rows": 2}
    )


def past_day_field(label: str) -> DateField:
    """Return a field for a day that has come already; today unless said otherwise."""
    return DateField(label, default=today, validators=[InputRequired("Choose a day."), not_ahead])


class OutreachForm(Form):
    """A try to reach a client."""

    how = SelectField("How", choices=options(record_labels.OUTREACH_HOW.items()))
    result = SelectField(
        "What came of it", choices=options(record_labels.OUTREACH_RESULTS.items()), default="no_answer"
    )
    note = note_field()
    submit = SubmitField("Note it")


class GoalWordsForm(Form):
    """A goal in new words."""

    text = StringField(
        "The goal now, in the client's own words",
        filters=[tidy],
        validators=[DataRequired("Write the goal."), Length(max=500, message="Use 500 characters at most.")],
    )
    submit = SubmitField("Keep the new words")


class DisclosureForm(Form):
    """A talk about what to tell an employer."""

    held_on = past_day_field("Day")
    what = SelectField("What", choices=options(record_labels.TALKS.items()), default="talked_about")
    employer = StringField(
        "Employer (empty: employers in general)", filters=[tidy], validators=[Length(max=200)]
    )
    stance = SelectField(
        "What the client wants",
        choices=options([("", "Not said"), *record_labels.STANCES.items()]),
        default="",
    )
    note = note_field("The exact words, or a note (you can leave this empty)")
    submit = SubmitField("Save the talk")


class BenefitsForm(Form):
    """A talk about benefits."""

    held_on = past_day_field("Day")
    what = SelectField("What", choices=options(record_labels.TALKS.items()), default="talked_about")
    note = note_field()
    submit = SubmitField("Save the talk")


class FactForm(Form):
    """Something that is known of the client."""

    topic = SelectField("About", choices=options(record_labels.TOPICS.items()))
    value = TextAreaField(
        "What was said",
        filters=[tidy],
        validators=[DataRequired("Write what was said."), Length(max=NOTE_LENGTH, message=TOO_LONG)],
        render_kw={"rows": 2},
    )
    source = SelectField(
        "Said by",
        choices=options([(code, words.capitalize()) for code, words in record_labels.SOURCES.items()]),
    )
    said_on = past_day_field("Day")
    submit = SubmitField("Save")
