"""What can be written down about somebody who works here."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import EmailField, SelectField, StringField, SubmitField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from bot.caseload.models.people import Staff
from bot.console import labels
from bot.console.forms import Form, options, tidy

_ROLE_MISSING = "Choose a role."


class InviteForm(Form):
    """A new member of staff."""

    name = StringField(
        "First and last name",
        filters=[tidy],
        validators=[
            DataRequired("Enter the name."),
            Length(max=80, message="Use 80 characters at most."),
            Regexp(r"^[^\x00-\x1f<>]+$", message="Use letters, spaces, dots and hyphens."),
        ],
    )
    email = EmailField(
        "Email address",
        filters=[tidy],
        validators=[
            DataRequired("Enter the email address."),
            Length(max=200, message="Use 200 characters at most."),
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", message="Enter an address such as amina@example.org."),
        ],
    )
    role = SelectField("Role", validators=[InputRequired(_ROLE_MISSING)])
    submit = SubmitField("Invite")


class RoleForm(Form):
    """Another role for somebody."""

    role = SelectField("New role", validators=[InputRequired(_ROLE_MISSING)])
    submit = SubmitField("Change the role")


class MoveAllForm(Form):
    """Another consultant for all clients of somebody."""

    to = SelectField("Move all of them to", validators=[InputRequired("Choose who has them from now on.")])
    submit = SubmitField("Move all of them")


def offer_roles(form: InviteForm | RoleForm, roles: Sequence[str]) -> None:
    """Put the roles into a form that the person who asks may give."""
    form.role.choices = options([("", "Choose a role"), *((role, labels.ROLES[role]) for role in roles)])


def offer_people(form: MoveAllForm, people: Sequence[Staff], but: Staff) -> None:
    """Put those into a form who can have clients."""
    others = [
        (one.id, f"{one.name} ({labels.ROLES[one.role].lower()})") for one in people if one.id != but.id
    ]
    form.to.choices = options([("", "Choose somebody"), *others])
