"""Amina finds her clients by name, however it is written, on whatever keyboard and either database."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.caseload.folding import fold
from bot.caseload.store import Caseload
from tests.people import Colleague, Person, enrolled

NAMES = {
    "lukasz": "Łukasz Wójcik", "maui": "Māui Tūhoe", "zoe": "Zoë Brontë-Smith", "sean": "Seán O’Brien",
    "ines": "İnci Işık", "grosse": "Klaus Große", "ana": "Ana Núñez", "eleni": "Ελένη Παπαδοπούλου",
    "ivan": "Иван Йовков", "ali": "علي رضا", "mina": "김미나", "hoa": "Nguyễn Thị Hoà", "soren": "Søren Ærø",
}  # fmt: skip


def found(caseload: Caseload, who: Colleague, search: str) -> list[str]:
    with caseload.reading() as case:
        page = case.overview.page(case.staff.get(who.id), search)
        assert page.total == len(page.lines)
        return [line.client.ref for line in page.lines]


@pytest.fixture
def many_names(caseload: Caseload, amina: Colleague) -> None:
    for ref, name in NAMES.items():
        enrolled(caseload, ref, name, amina)


@pytest.mark.parametrize(
    ("search", "ref"),
    [
        ("ŁUKASZ", "lukasz"), ("lukasz", "lukasz"), ("WÓJ", "lukasz"), ("māui", "maui"), ("MAUI", "maui"),
        ("tuhoe", "maui"), ("Zoë", "zoe"), ("zoe", "zoe"), ("ZOE\u0308", "zoe"), ("bronte‑smith", "zoe"),
        ("o'brien", "sean"), ("SEAN  O`B", "sean"), ("inci isik", "ines"), ("IŞIK", "ines"),
        ("GROSSE", "grosse"), ("große", "grosse"), ("nunez", "ana"), ("ΕΛΕΝΗ", "eleni"), ("ελενη", "eleni"),
        ("иван", "ivan"), ("ЙОВ", "ivan"), ("علي\u200c رضا", "ali"), ("عَلِي", "ali"), ("미나", "mina"),
        ("nguyen thi hoa", "hoa"), ("soren aero", "soren"), ("sørEN", "soren"),
    ],
)  # fmt: skip
def test_neither_case_nor_accents_count(
    caseload: Caseload, amina: Colleague, many_names: None, search: str, ref: str
) -> None:
    assert found(caseload, amina, search) == [ref]


def test_a_name_of_a_colleagues_client_is_not_found(
    caseload: Caseload, amina: Colleague, piotr: Colleague, many_names: None
) -> None:
    assert found(caseload, piotr, "łukasz") == []


def test_a_search_takes_what_is_typed_as_letters(caseload: Caseload, sam: Person, amina: Colleague) -> None:
    assert found(caseload, amina, " oko ") == ["sam"]
    for signs in ("' OR 1=1 --", "%", "_", "\\", "\x00"):
        assert found(caseload, amina, signs) == []


def test_what_was_found_is_read_page_by_page_by_name(caseload: Caseload, amina: Colleague) -> None:
    for number in range(7):
        enrolled(caseload, f"z{number}", f"Zoë {number}", amina)
    with caseload.reading() as case:
        staff = case.staff.get(amina.id)
        pages = [case.overview.page(staff, "zoe", skip, limit=3) for skip in (0, 3, 6, 9)]
    assert [[line.client.ref for line in page.lines] for page in pages] == [
        ["z0", "z1", "z2"], ["z3", "z4", "z5"], ["z6"], [],
    ]  # fmt: skip
    assert {page.total for page in pages} == {7}


def test_a_thousand_clients_are_looked_through_at_once(caseload: Caseload, amina: Colleague) -> None:
    with caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        for number in range(1000):
            case.clients.enrol(staff.service, f"Zoë Wójcik {number}", ref=f"z{number}", consultant=staff)
    # The time of this process alone: others may be busy on the machine.
    begun = time.process_time()
    assert found(caseload, amina, "wojcik 777") == ["z777"]
    assert time.process_time() - begun < 0.2


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
