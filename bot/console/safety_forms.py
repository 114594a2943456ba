"""What a reviewer writes down about the safety screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from bot.caseload.safety_reviews import MISSED, NOT_NEEDED, RIGHT, Seen
from bot.console import labels
from bot.console.forms import Form, options, tidy

NOTE_LENGTH = 1000
EXAMPLE_LENGTH = 500
QUIET = "quiet"


class FireForm(Form):
    """Was this safety answer needed?"""

    verdict = RadioField(
        "Was it needed?",
        choices=options([(RIGHT, "Right: it was needed"), (NOT_NEEDED, "Not needed")]),
        validators=[InputRequired("Choose one of the two.")],
    )
    what_was_done = TextAreaField(
        "What was done for the client?",
        filters=[tidy],
        validators=[Length(max=NOTE_LENGTH, message="Use 1,000 characters at most.")],
    )
    note = TextAreaField(
        "Note (you can leave this empty)",
        filters=[tidy],
        validators=[Length(max=NOTE_LENGTH, message="Use 1,000 characters at most.")],
    )
    #: The review that the page showed, so that nobody writes over a colleague's unseen.
    seen = HiddenField()

    def is_complete(self, route: str) -> bool:
        """Return whether it can be saved; what was done is needed where somebody may have been in danger."""
        complete = bool(self.validate())
        if self.verdict.data == RIGHT and route != "soft" and not self.what_was_done.data:
            self.what_was_done.errors = [*self.what_was_done.errors, "Write what was done for the client."]
            return False
        return complete


class NearMissForm(Form):
    """Should the bot have answered?"""

    verdict = RadioField(
        "Should it have answered?",
        choices=options([(RIGHT, "Rightly quiet"), (MISSED, "Should have answered")]),
        validators=[InputRequired("Choose one of the two.")],
    )
    note = TextAreaField(
        "Note (you can leave this empty)",
        filters=[tidy],
        validators=[Length(max=NOTE_LENGTH, message="Use 1,000 characters at most.")],
    )
    seen = HiddenField()


class ExampleForm(Form):
    """Keep words as an example."""

    words = TextAreaField(
        "The words to keep",
        filters=[tidy],
        validators=[
            DataRequired("Leave the words that matter."),
            Length(max=EXAMPLE_LENGTH, message="Use 500 characters at most. Keep the part that matters."),
        ],
    )
    answer = RadioField(
        "What should the bot do with words like these?",
        choices=options([(QUIET, "Stay quiet: no safety answer"), *labels.SAFETY_ROUTES.items()]),
        validators=[InputRequired("Choose what the bot should do.")],
    )
    nobody = BooleanField(
        "Nobody can be recognised in these words",
        validators=[DataRequired("Read the words again, then tick this.")],
    )


def version_of(one: Seen) -> str:
    """Return which review a page shows; empty when there is none yet."""
    return one.item.reviewed_at.isoformat() if one.item.reviewed_at else ""


def form_of(one: Seen) -> FireForm | NearMissForm:
    """Return the form of one item as it stands now, with names of its own on a page of many."""
    item = one.item
    now: Mapping[str, Any] = {"verdict": item.verdict, "note": item.review_note, "seen": version_of(one)}
    if one.is_fire:
        what_was_done = getattr(item, "what_was_done", None)
        return FireForm(formdata=None, prefix=prefix_of(one), what_was_done=what_was_done, **now)
    return NearMissForm(formdata=None, prefix=prefix_of(one), **now)


def prefix_of(one: Seen) -> str:
    """Return what the names of an item's fields begin with."""
    return f"r{one.item.id}"
