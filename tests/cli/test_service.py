"""`foothold service`: the operator decides whether new phones are confirmed."""

from __future__ import annotations

import json

from bot.caseload.store import Caseload
from tests.cli.conftest import Call
from tests.people import Colleague


def test_it_is_off_until_the_operator_turns_it_on(caseload: Caseload, amina: Colleague, call: Call) -> None:
    northside = {"service": "northside", "name": "Northside"}
    assert json.loads(call("service", "northside").out) == {**northside, "confirm_links": False}
    assert json.loads(call("service", "northside", "--confirm-links", "on").out)["confirm_links"] is True
    assert json.loads(call("service", "northside").out) == {**northside, "confirm_links": True}
    with caseload.reading() as case:
        assert case.staff.get(amina.id).service.confirm_links is True
    call("service", "northside", "--confirm-links", "off")
    assert json.loads(call("service", "northside").out)["confirm_links"] is False


def test_an_unknown_service_is_told_which_there_are(caseload: Caseload, amina: Colleague, call: Call) -> None:
    said = call("service", "southside")
    assert (said.code, said.is_one_clear_line) == (1, True)
    assert "northside" in said.err


def test_neither_on_nor_off_is_refused(caseload: Caseload, amina: Colleague, call: Call) -> None:
    said = call("service", "northside", "--confirm-links", "perhaps")
    assert (said.code, said.is_one_clear_line) == (2, True)
