"""`foothold account`: the first account of a service, and a way back in when nobody else can help."""

from __future__ import annotations

import json

import pytest

from bot.caseload.store import Caseload
from tests.cli.conftest import Call
from tests.people import Colleague


def test_the_operator_opens_the_first_admins_account(
    caseload: Caseload, amina: Colleague, call: Call
) -> None:
    said = call("account", "Ada@northside.example", "--open", "northside", "--name", "Ada Quist")
    line = json.loads(said.out)
    assert (line["email"], line["role"]) == ("ada@northside.example", "admin")
    kind, token = line["link"].rsplit("/", 2)[1:]
    with caseload.transaction() as case:
        assert case.accounts.use_link(kind, token, "a hash").name == "Ada Quist"


def test_a_manager_who_lost_password_and_phone_comes_back_in(
    caseload: Caseload, grace: Colleague, call: Call
) -> None:
    with caseload.transaction() as case:
        case.staff.set_password(case.staff.get(grace.id), "a hash")
    line = json.loads(call("account", grace.email, "--reset-second-factor").out)
    assert "/reset/" in line["link"]
    with caseload.reading() as case:
        assert case.staff.get(grace.id).totp_secret is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nobody@northside.example"], 1),
        (["new@northside.example", "--open", "southside", "--name", "New Person"], 1),
        (["amina@northside.example", "--open", "northside", "--name", "Amina Khan"], 1),
        (["new@northside.example", "--open", "northside"], 2),
        (["new", "--open", "northside", "--name", "New Person"], 2),
        (["new@northside.example", "--open", "northside", "--name", "New Person", "--role", "king"], 2),
    ],
)
def test_mistakes_get_one_clear_line_and_change_nothing(
    caseload: Caseload, amina: Colleague, call: Call, arguments: list[str], code: int
) -> None:
    said = call("account", *arguments)
    assert (said.code, said.is_one_clear_line) == (code, True), said.err
    with caseload.reading() as case:
        assert [one.name for one in case.staff.all()] == ["Amina Khan"]


def test_what_the_operator_does_to_graces_account_is_told_to_her(
    caseload: Caseload, grace: Colleague, call: Call
) -> None:
    with caseload.transaction() as case:
        case.staff.set_password(case.staff.get(grace.id), "a hash")
    call("account", grace.email, "--reset-second-factor")
    with caseload.reading() as case:
        changes = case.alerts.about_accounts(case.staff.get(grace.id))
    assert [(one.action, one.by, one.is_mine) for one in changes] == [
        ("account link made: reset", None, True),
        ("second factor reset", None, True),
    ]
