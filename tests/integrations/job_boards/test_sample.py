"""The demo's board: enough to choose from, in both invented towns, without the network."""

from datetime import date

import pytest

from integrations.job_boards.cleaning import web_link
from integrations.job_boards.sample import SampleBoard
from integrations.job_boards.types import JobQuery

TODAY = date(2026, 11, 25)


@pytest.fixture
def board() -> SampleBoard:
    return SampleBoard.load(today=lambda: TODAY)


def test_there_are_forty_vacancies_half_of_them_in_each_country(board: SampleBoard) -> None:
    found = {country: board.search(JobQuery(None, None, country, limit=99)) for country in ("gb", "nz")}
    assert {country: len(vacancies) for country, vacancies in found.items()} == {"gb": 20, "nz": 20}
    everything = [*found["gb"], *found["nz"]]
    assert len({vacancy.id for vacancy in everything}) == 40
    for vacancy in everything:
        assert web_link(vacancy.url)
        assert vacancy.summary
        assert len(vacancy.summary) <= 400


def test_sam_finds_work_with_plants_in_westmere(board: SampleBoard) -> None:
    found = board.search(JobQuery("work with plants", "Westmere", "gb"))
    assert [vacancy.title for vacancy in found] == ["Garden nursery helper", "Grounds helper"]


def test_aroha_finds_work_in_her_own_town_only(board: SampleBoard) -> None:
    found = board.search(JobQuery("library", "Hillside", "nz"))
    assert [(vacancy.title, vacancy.place) for vacancy in found] == [("Library assistant", "Hillside")]


@pytest.mark.parametrize("words", ["cleaning", "cleaner", "any cleaning jobs", "CLEANING"])
def test_words_of_one_family_find_the_same_job(board: SampleBoard, words: str) -> None:
    assert board.search(JobQuery(words, "Westmere", "gb"))[0].title == "Cleaner"


def test_nothing_fitting_is_nothing_and_not_something_else(board: SampleBoard) -> None:
    assert board.search(JobQuery("astronaut", None, "gb")) == ()
    assert board.search(JobQuery("cleaning", "Leeds", "gb")) == ()
    assert board.search(JobQuery("cleaning", None, "fr")) == ()


def test_the_limit_and_the_age_are_kept(board: SampleBoard) -> None:
    assert len(board.search(JobQuery(None, None, "gb", limit=3))) == 3
    new = board.search(JobQuery(None, None, "gb", limit=99, max_days_old=2))
    assert new
    assert all(vacancy.posted_on is not None and (TODAY - vacancy.posted_on).days <= 2 for vacancy in new)


def test_no_advert_has_closed_before_today(board: SampleBoard) -> None:
    found = board.search(JobQuery(None, None, "gb", limit=99))
    assert all(vacancy.closes_on is None or vacancy.closes_on > TODAY for vacancy in found)
