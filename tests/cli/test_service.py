"""`foothold service`: the operator decides whether new phones are confirmed."""

from __future__ import annotations

import json

import pytest

from bot.caseload.store import Caseload
from tests.cli.conftest import Call
from tests.people import Colleague


def test_it_is_off_until_the_operator_turns_it_on(caseload: Caseload, amina: Colleague, call: Call) -> None:
    northside = {
        "service": "northside", "name": "Northside", "holiday_area": None, "silence_minutes": 30,
    }  # fmt: skip
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


def test_the_operator_says_where_the_service_is_and_how_long_a_silence_is(
    caseload: Caseload, hana: Colleague, call: Call
) -> None:
    said = json.loads(call("service", "kauri", "--holiday-area", "AUK", "--silence-minutes", "20").out)
    assert (said["holiday_area"], said["silence_minutes"]) == ("AUK", 20)
    said = json.loads(call("service", "kauri", "--holiday-area", "none").out)
    assert (said["holiday_area"], said["silence_minutes"]) == (None, 20)


@pytest.mark.parametrize("wrong", [("--holiday-area", "Auckland"), ("--silence-minutes", "0")])
def test_an_area_or_a_number_that_cannot_be_is_refused(
    caseload: Caseload, hana: Colleague, call: Call, wrong: tuple[str, str]
) -> None:
    said = call("service", "kauri", *wrong)
    assert (said.code, said.is_one_clear_line) == (2, True)


def test_neither_on_nor_off_is_refused(caseload: Caseload, amina: Colleague, call: Call) -> None:
    said = call("service", "northside", "--confirm-links", "perhaps")
    assert (said.code, said.is_one_clear_line) == (2, True)


def test_the_operator_opens_the_first_service_and_its_first_account(caseload: Caseload, call: Call) -> None:
    call("service", "hope", "--open", "Hope Employment", "--region", "new_zealand", "--phone", "04 555 0101")
    with caseload.reading() as case:
        hope = case.services.find("hope")
        assert hope is not None
        assert (hope.name, hope.timezone, hope.phone) == (
            "Hope Employment",
            "Pacific/Auckland",
            "04 555 0101",
        )
        assert hope.hours["0"] == [["09:00", "17:00"]]
        names = [one.name for one in case.quick_replies.of_service(hope)]
    assert {"Running late", "Please phone me", "Benefits question", "Work and Income letter"} <= set(names)
    assert "Jobcentre letter" not in names
    said = call("account", "ada@hope.example", "--open", "hope", "--name", "Ada Quist")
    assert (said.code, json.loads(said.out)["role"]) == (0, "admin")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("hope", "--open", "Hope"), 2),
        (("hope", "--open", "Hope", "--region", "narnia"), 2),
        (("hope", "--open", "Hope", "--region", "australia"), 2),
        (("hope", "--open", "Hope", "--region", "england", "--timezone", "Europe/Narnia"), 2),
        (("Hope House", "--open", "Hope", "--region", "england"), 2),
        (("hope", "--open", " ", "--region", "england"), 2),
        (("northside", "--region", "england"), 2),
        (("northside", "--open", "Hope", "--region", "england"), 1),
    ],
)
def test_a_service_that_cannot_be_opened_is_said_in_one_line(
    caseload: Caseload, amina: Colleague, call: Call, wrong: tuple[str, ...], code: int
) -> None:
    said = call("service", *wrong)
    assert (said.code, said.is_one_clear_line) == (code, True)
    with caseload.reading() as case:
        assert [one.ref for one in case.services.all()] == ["northside"]


def test_a_service_of_an_older_version_gets_its_first_quick_replies_once(
    caseload: Caseload, amina: Colleague, hana: Colleague, call: Call
) -> None:
    with caseload.transaction() as case:
        case.quick_replies.add(case.staff.get(hana.id).service, "Ours", "Our own words.")
    assert call("migrate").code == 0
    with caseload.transaction() as case:
        mine, hers = case.staff.get(amina.id), case.staff.get(hana.id)
        assert "Jobcentre letter" in [one.name for one in case.quick_replies.of_service(mine.service)]
        assert [one.name for one in case.quick_replies.of_service(hers.service)] == ["Ours"]
        for one in case.quick_replies.of_service(mine.service):
            case.quick_replies.remove(mine, one.id)
    assert call("migrate").code == 0
    with caseload.reading() as case:
        assert case.quick_replies.of_service(case.staff.get(amina.id).service) == []
