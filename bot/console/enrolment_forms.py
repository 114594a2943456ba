"""Who a client is, where they live and who looks after them, as staff type it."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from wtforms import Field, HiddenField, SelectField, StringField, SubmitField, ValidationError
from wtforms.validators import InputRequired, Length, Regexp

from bot.caseload.enrolments import ON_PAPER, Head
from bot.caseload.models.people import Client, Service, Staff
from bot.console import labels
from bot.console.conversation_forms import FORM_KEY
from bot.console.forms import Form, options, tidy

#: As long as the columns are; in characters, so that an emoji counts as what it is made of.
LONGEST_NAME, LONGEST_FIRST_NAME, LONGEST_AREA, LONGEST_REF = 80, 40, 80, 40
NOT_ASKED, YES, NO = "", "yes", "no"
NOBODY_SAID = ("", "I do not know")


def tidy_name(value: Any) -> Any:
    """Take control characters out, and all space but one between words."""
    if not isinstance(value, str):
        return value
    return " ".join("".join(c for c in value if c.isspace() or unicodedata.category(c) != "Cc").split())


class _Name:
    """Refuses a name that is empty to the eye or longer than its column."""

    # A browser that is told the length would cut a longer name off in silence, so it is not told.
    def __init__(self, longest: int, missing: str) -> None:
        self._longest, self._missing = longest, missing

    def __call__(self, _form: Any, field: Field) -> None:
        name = field.data or ""
        if not any(c.isprintable() and not c.isspace() for c in name):
            raise ValidationError(self._missing)
        if len(name) > self._longest:
            raise ValidationError(f"Use {self._longest} characters at most: these are {len(name)}.")


class HeadForm(Form):
    """What stands at the head of a client's page."""

    preferred_name = StringField(
        "First name, as the bot says it",
        filters=[tidy_name],
        validators=[_Name(LONGEST_FIRST_NAME, "Enter the name that the client wants to be called.")],
    )
    display_name = StringField(
        "Name shown to staff",
        filters=[tidy_name],
        validators=[_Name(LONGEST_NAME, "Enter the name by which your team knows the client.")],
    )
    area = StringField(
        "Area (you can leave this empty)",
        filters=[tidy_name],
        validators=[Length(max=LONGEST_AREA, message=f"Use {LONGEST_AREA} characters at most.")],
    )
    region = SelectField("Region", choices=options([NOBODY_SAID, *labels.REGIONS.items()]))
    timezone = SelectField("Time zone", choices=options(labels.ZONES.items()))
    submit = SubmitField("Save")

    def offer_zones(self, *in_use: str) -> None:
        """Offer these zones as well: a client may live in one that the list does not have."""
        more = {zone: zone.replace("_", " ") for zone in in_use if zone not in labels.ZONES}
        self.timezone.choices = options([*labels.ZONES.items(), *more.items()])

    def head(self) -> Head:
        """Return what was typed."""
        return Head(
            display_name=self.display_name.data or "",
            preferred_name=self.preferred_name.data or "",
            area=self.area.data or None,
            region=self.region.data or None,
            timezone=self.timezone.data,
        )


class EnrolForm(HeadForm):
    """A new client."""

    form_key = HiddenField(validators=[Regexp(FORM_KEY)])
    ref = StringField(
        "Your own reference (empty: one is made)",
        filters=[tidy],
        validators=[
            Length(max=LONGEST_REF, message=f"Use {LONGEST_REF} characters at most."),
            Regexp(
                r"^(?!erased-)([A-Za-z0-9][A-Za-z0-9._-]*)?\Z",
                message="Use letters, digits, dots and hyphens, with no space.",
            ),
        ],
    )
    consultant = SelectField("Consultant", validators=[InputRequired("Choose who looks after them.")])
    share_with_clinical_team = SelectField("Share with the clinical team")
    family = SelectField("Talk with family")
    submit = SubmitField("Take them on")

    def offer(self, service: Service, consultants: Sequence[Staff]) -> None:
        """Offer these consultants, and the answers to what is agreed on paper."""
        self.offer_zones(service.timezone)
        people = [(one.id, f"{one.name} ({labels.ROLES[one.role].lower()})") for one in consultants]
        self.consultant.choices = options(people if len(people) == 1 else [("", "Choose somebody"), *people])
        for purpose in ON_PAPER:
            self[purpose].choices = options([(NOT_ASKED, "Not asked yet"), (YES, "Yes"), (NO, "No")])

    def agreed(self) -> dict[str, bool]:
        """Return what the client said on paper: purpose to yes or no."""
        return {one: self[one].data == YES for one in ON_PAPER if self[one].data in {YES, NO}}


def new_client(service: Service) -> EnrolForm:
    """Return the empty form, with what holds for most clients of the service."""
    return EnrolForm(
        formdata=None, region=service.region, timezone=service.timezone, form_key=uuid.uuid4().hex
    )


class CoverForm(Form):
    """Who covers for the client's consultant."""

    cover = SelectField("Who covers")
    submit = SubmitField("Save the cover")

    def offer(self, covers: Sequence[Staff], client: Client) -> None:
        """Offer these people, and whoever covers though they have left meanwhile."""
        people = [(one.id, one.name) for one in covers]
        if client.cover and client.cover_id not in dict(people):
            people.append((client.cover.id, f"{client.cover.name} (has left)"))
        self.cover.choices = options([("", "Nobody"), *people])


def may_set_cover(staff: Staff, client: Client) -> bool:
    """Return whether this person decides who covers: the own consultant, a lead or a manager."""
    return staff.sees_whole_service or client.consultant_id == staff.id
