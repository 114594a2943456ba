"""What Adzuna may answer, over real HTTP on this machine: well, slowly, wrongly, with malice."""

import socket
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from integrations.job_boards.adzuna import AdzunaBoard
from integrations.job_boards.types import (
    BoardAnswerUnreadable,
    BoardRefused,
    BoardUnavailable,
    JobBoardError,
    JobQuery,
    Vacancy,
)
from tests.integrations.job_boards.conftest import Answer, BoardServer

CLEANING = JobQuery(what="cleaning", where="Westmere", country="gb", limit=5, max_days_old=14)
ADVERT: dict[str, Any] = {
    "id": "4711",
    "title": "<strong>Cleaner</strong>, mornings",
    "company": {"display_name": "Brightwell &amp; Sons"},
    "location": {"display_name": "Westmere, Harbourshire"},
    "redirect_url": "https://jobs.example/ad/4711?x=1",
    "description": "Cleaning two <b>small</b> offices.<br>You work alone.",
    "salary_min": 21000,
    "salary_max": 22500.0,
    "salary_is_predicted": "0",
    "contract_time": "part_time",
    "contract_type": "permanent",
    "created": "2026-11-19T08:00:00Z",
}


def test_an_advert_becomes_a_vacancy(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_list(ADVERT)
    assert adzuna.search(CLEANING) == (
        Vacancy(
            id="4711",
            board="adzuna",
            title="Cleaner, mornings",
            employer="Brightwell & Sons",
            place="Westmere, Harbourshire",
            url="https://jobs.example/ad/4711?x=1",
            summary="Cleaning two small offices. You work alone.",
            pay_text="£21,000 to £22,500 a year",
            hours_text="Part time",
            contract="Permanent",
            posted_on=date(2026, 11, 19),
        ),
    )


def test_the_question_holds_the_words_the_place_and_the_keys(
    server: BoardServer, adzuna: AdzunaBoard
) -> None:
    adzuna.search(CLEANING)
    path, question = server.asked[0]
    assert path == "/v1/api/jobs/gb/search/1"
    assert question == {
        "app_id": ["our-id"],
        "app_key": ["our-key"],
        "results_per_page": ["5"],
        "content-type": ["application/json"],
        "what": ["cleaning"],
        "where": ["Westmere"],
        "max_days_old": ["14"],
    }


def test_new_zealand_has_its_own_path_and_currency(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_list({**ADVERT, "salary_max": 21000})
    found = adzuna.search(JobQuery(what=None, where=None, country="nz"))
    assert server.asked[0][0] == "/v1/api/jobs/nz/search/1"
    assert found[0].pay_text == "$21,000 a year"


def test_another_country_is_refused_without_asking(server: BoardServer, adzuna: AdzunaBoard) -> None:
    with pytest.raises(BoardRefused):
        adzuna.search(JobQuery(what=None, where=None, country="fr"))
    assert server.asked == []


def test_pay_that_adzuna_estimated_is_not_said(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_list({**ADVERT, "salary_is_predicted": "1"})
    assert adzuna.search(CLEANING)[0].pay_text is None


def test_a_failure_that_passes_is_asked_again(
    server: BoardServer, adzuna: AdzunaBoard, waits: list[float]
) -> None:
    server.will_answer(Answer(status=500), Answer(status=429, headers={"Retry-After": "1"}), Answer())
    assert adzuna.search(CLEANING) == ()
    assert len(server.asked) == 3
    assert waits == [0.3, 1.0]


def test_a_failure_that_stays_ends_after_three_attempts(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_answer(Answer(status=503))
    with pytest.raises(BoardUnavailable) as raised:
        adzuna.search(CLEANING)
    assert raised.value.temporary
    assert len(server.asked) == 3


def test_a_long_wait_is_not_sat_through(server: BoardServer, adzuna: AdzunaBoard, waits: list[float]) -> None:
    server.will_answer(Answer(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(BoardUnavailable):
        adzuna.search(CLEANING)
    assert (len(server.asked), waits) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(server: BoardServer, adzuna: AdzunaBoard, status: int) -> None:
    server.will_answer(Answer(status=status, headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(BoardRefused) as raised:
        adzuna.search(CLEANING)
    assert not raised.value.temporary
    assert len(server.asked) == 1


def test_a_board_that_does_not_answer_in_time_is_unavailable(
    server: BoardServer, adzuna: AdzunaBoard, seconds: Callable[[], float]
) -> None:
    server.will_answer(Answer(pause=30))
    with pytest.raises(BoardUnavailable):
        adzuna.search(CLEANING)
    assert seconds() < 10


def test_a_board_that_trickles_is_cut_off_at_the_deadline(
    server: BoardServer, seconds: Callable[[], float]
) -> None:
    server.will_answer(Answer(body=b" " * 10_000, trickle=0.05))
    board = AdzunaBoard("id", "key", api=server.url, read_timeout=1, deadline=0.5)
    with pytest.raises(BoardUnavailable):
        board.search(CLEANING)
    assert seconds() < 10


def test_a_board_that_is_not_there_is_unavailable_and_the_error_hides_the_keys() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    board = AdzunaBoard("our-id", "our-key", api=f"http://127.0.0.1:{port}", sleep=lambda _: None)
    with pytest.raises(BoardUnavailable) as raised:
        board.search(CLEANING)
    assert "our-key" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"[]",
        b"null",
        b'{"results": {}}',
        b'{"results"',
        b"\xff\xfe",
        b"[" * 200_000,
    ],
    ids=["empty", "html", "list", "null", "no list", "cut", "bytes", "deep"],
)
def test_an_answer_that_is_no_list_of_vacancies_is_unreadable(
    server: BoardServer, adzuna: AdzunaBoard, body: bytes
) -> None:
    server.will_answer(Answer(body=body))
    with pytest.raises(BoardAnswerUnreadable):
        adzuna.search(CLEANING)


def test_ten_megabytes_are_not_read_to_the_end(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_answer(Answer(body=b'{"results": ["' + b"x" * 10_000_000 + b'"]}'))
    with pytest.raises(BoardAnswerUnreadable, match="too much"):
        adzuna.search(CLEANING)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "text",
        [],
        {},
        {**ADVERT, "id": None},
        {**ADVERT, "title": "  "},
        {**ADVERT, "title": 7},
        {**ADVERT, "redirect_url": None},
        {**ADVERT, "redirect_url": "javascript:alert(1)"},
        {**ADVERT, "redirect_url": "https://name:word@jobs.example/"},
        {**ADVERT, "redirect_url": "http://[broken"},
        {**ADVERT, "redirect_url": "https://jobs.example/\n\nhello"},
        {**ADVERT, "redirect_url": "https:///nohost"},
    ],
)
def test_an_advert_without_id_title_or_safe_link_is_left_out(
    server: BoardServer, adzuna: AdzunaBoard, broken: object
) -> None:
    server.will_list(broken, ADVERT)
    assert [vacancy.id for vacancy in adzuna.search(CLEANING)] == ["4711"]


def test_what_an_advert_does_not_say_stays_unsaid(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_list(
        {"id": 5, "title": "Cleaner", "redirect_url": "http://jobs.example/5", "created": "soon"}
    )
    assert adzuna.search(CLEANING) == (
        Vacancy("5", "adzuna", "Cleaner", None, None, "http://jobs.example/5", None),
    )


def test_hostile_markup_becomes_short_plain_text(server: BoardServer, adzuna: AdzunaBoard) -> None:
    server.will_list(
        {
            **ADVERT,
            "title": "Cleaner\u202e<script>alert('x')</script>\x00\n\n now",
            "description": "&lt;img src=x onerror=alert(1)&gt;Work <![foo " + "long words " * 5_000,
            "company": {"display_name": "<a href='http://bad.example'>Us</a>"},
            "location": "not a place",
        }
    )
    vacancy = adzuna.search(CLEANING)[0]
    assert vacancy.title == "Cleaner now"
    assert vacancy.employer == "Us"
    assert vacancy.place is None
    assert vacancy.summary is not None
    assert len(vacancy.summary) <= 400
    assert "<" not in vacancy.summary
    assert "onerror" not in vacancy.summary


def test_every_error_of_a_board_is_a_job_board_error() -> None:
    for error in (BoardUnavailable("x"), BoardRefused("x"), BoardAnswerUnreadable("x")):
        assert isinstance(error, JobBoardError)
