"""Where Sam's next job comes from: his own words or his goal, the boards, and what he said no to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from actions.work_wanted import work_wanted_in
from integrations.job_boards.types import BoardUnavailable, JobBoardError, JobQuery, Vacancy
from tests.actions.test_job_leads import GARDEN, lead, sees_next, share

if TYPE_CHECKING:
    from tests.actions.conftest import Chat


@dataclass
class FakeBoard:
    """A board with these vacancies; it remembers what it was asked."""

    vacancies: tuple[Vacancy, ...] = ()
    error: JobBoardError | None = None
    name: str = "fake"
    asked: list[JobQuery] = field(default_factory=list)

    def search(self, query: JobQuery) -> tuple[Vacancy, ...]:
        self.asked.append(query)
        if self.error:
            raise self.error
        return self.vacancies


def vacancy(number: int, title: str, **fields: str) -> Vacancy:
    known = {
        "employer": "Asda",
        "place": "Leeds",
        "url": f"https://jobs.example/{number}",
        "summary": "Nice work.",
    }
    return Vacancy(id=str(number), board="fake", title=title, **{**known, **fields})  # type: ignore[arg-type]


def with_boards(sam: Chat, *boards: FakeBoard, area: str | None = "Leeds") -> None:
    with sam.services.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation).area = area
    sam.services = replace(sam.services, boards={board.name: board for board in boards})


def titles(sam: Chat) -> list[str]:
    with sam.services.caseload.transaction() as case:
        return [kept.title for kept in case.leads.all_for(case.clients.for_conversation(sam.conversation))]


def test_the_board_is_asked_in_sams_words(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Cleaner"),))
    with_boards(sam, board)

    assert sees_next(sam, "any cleaning jobs in bradford") == "utter_job"
    assert board.asked == [JobQuery(what="cleaning", where="bradford", country="gb")]


def test_without_words_sams_goal_and_area_are_searched(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Bakery assistant"),))
    with_boards(sam, board)
    with sam.services.caseload.transaction() as case:
        case.goals.add(case.clients.for_conversation(sam.conversation), "work in a bakery")
    sam.says("any jobs going", "search_jobs")
    sam.runs("action_find_job")
    (said,) = sam.runs("action_ask_lead_answer")

    assert board.asked == [JobQuery(what="bakery", where="Leeds", country="gb")]
    assert said.args["facts"].splitlines() == [
        "I found this on a job site.",
        "Where: Leeds",
        "Why this one: It fits your goal. It is in or near Leeds.",
    ]


def test_another_one_keeps_looking_for_the_same_work(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Cleaner"), vacancy(2, "Office cleaner", employer="Brights")))
    with_boards(sam, board)
    sees_next(sam, "any cleaning jobs in bradford")
    sees_next(sam, "next one", "ask_another_job")

    assert board.asked[1].what == "cleaning"
    assert sorted(titles(sam)) == ["Cleaner", "Office cleaner"]


def test_aminas_lead_comes_before_the_board(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Cleaner"),))
    with_boards(sam, board)
    share(sam, **GARDEN)
    sees_next(sam, "any cleaning jobs")

    assert board.asked == []
    assert titles(sam) == ["Garden centre assistant"]


def test_nobody_is_sent_three_times_to_the_board_in_a_day(sam: Chat) -> None:
    board = FakeBoard(tuple(vacancy(n, f"Cleaner {n}", employer=f"Shop {n}") for n in range(5)))
    with_boards(sam, board)
    answers = [sees_next(sam, "any cleaning jobs")]
    answers += [sees_next(sam, "next one", "ask_another_job") for _ in range(3)]

    assert answers[-1] == "utter_enough_jobs_today"
    assert len(titles(sam)) == 3


def test_a_vacancy_is_given_once(sam: Chat) -> None:
    with_boards(sam, FakeBoard((vacancy(1, "Cleaner"),)))
    sees_next(sam, "any cleaning jobs")

    assert sees_next(sam, "next one", "ask_another_job") == "utter_no_jobs_found_of_type"
    assert titles(sam) == ["Cleaner"]


def test_after_no_to_nights_no_nights_are_shown(sam: Chat) -> None:
    with_boards(sam, FakeBoard((vacancy(1, "Night cleaner"), vacancy(2, "Cleaner", employer="Brights"))))
    declined = share(sam, title="Packer")
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        case.leads.answer(client, declined, "not_interested", reason_code="nights")
    sees_next(sam, "any cleaning jobs")

    assert lead(sam, sam.slots["lead"]).title == "Cleaner"


def test_after_no_to_a_pub_no_bar_is_shown(sam: Chat) -> None:
    with_boards(sam, FakeBoard((vacancy(1, "Bar staff"), vacancy(2, "Cafe staff", employer="Brights"))))
    declined = share(sam, title="Glass collector")
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        case.leads.answer(
            client, declined, "not_interested", reason_code="type_of_work", words="its in a pub"
        )
    sees_next(sam, "anything going", "search_jobs")

    assert lead(sam, sam.slots["lead"]).title == "Cafe staff"


def test_a_board_that_is_down_is_said_and_no_job_is_made_up(sam: Chat) -> None:
    with_boards(sam, FakeBoard(error=BoardUnavailable("no answer")))

    assert sees_next(sam, "any cleaning jobs") == "utter_job_site_down"
    assert titles(sam) == []


def test_with_the_board_down_aminas_leads_still_work(sam: Chat) -> None:
    with_boards(sam, FakeBoard(error=BoardUnavailable("no answer")))
    share(sam, **GARDEN)

    assert sees_next(sam, "any cleaning jobs") == "utter_job"


def test_one_board_of_two_is_enough(sam: Chat) -> None:
    down = FakeBoard(error=BoardUnavailable("no answer"), name="down")
    with_boards(sam, down, FakeBoard((vacancy(1, "Cleaner"),)))

    assert sees_next(sam, "any cleaning jobs") == "utter_job"


def test_sam_with_no_goal_is_asked_what_work_he_would_like(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Cleaner"),))
    with_boards(sam, board)

    assert sees_next(sam) == "utter_ask_what_work"
    assert board.asked == []


def test_sam_who_takes_anything_is_not_asked_again(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Cleaner"),))
    with_boards(sam, board)

    assert sees_next(sam, "anything will do") == "utter_job"
    assert board.asked == [JobQuery(what=None, where="Leeds", country="gb")]


def test_a_client_without_a_known_area_is_searched_without_one(sam: Chat) -> None:
    board = FakeBoard()
    with_boards(sam, board, area=None)

    assert sees_next(sam, "any cleaning jobs") == "utter_no_jobs_found"
    assert board.asked[0].where is None


@pytest.mark.parametrize(
    ("words", "kind", "place"),
    [
        ("any jobs going", None, None),
        ("any cleaning jobs in leeds", "cleaning", "leeds"),
        ("got any kitchen hand mahi round hamilton", "kitchen hand", "hamilton"),
        ("is there anything in retail near bradford", "retail", "bradford"),
        ("find me work as a carer near papakura", "carer", "papakura"),
        ("is there owt going in doncaster", None, "doncaster"),
        ("need work asap what have u got", None, None),
        ("jobs with no nights", None, None),
        ("anything will do", None, None),
        ("dont mind what", None, None),
        ("work in a bakery", "bakery", None),
        ("I want to work with animals", "animals", None),
    ],
)
def test_what_work_and_where_as_clients_write_it(words: str, kind: str | None, place: str | None) -> None:
    wanted = work_wanted_in(words)

    assert (wanted.job_type, wanted.place) == (kind, place)


def test_a_bare_word_answers_what_kind_of_work(sam: Chat) -> None:
    board = FakeBoard((vacancy(1, "Warehouse picker"),))
    with_boards(sam, board)
    sam.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": "utter_ask_what_work"}})
    assert sees_next(sam, "warehouse") == "utter_job"
    assert board.asked[0].what == "warehouse"


def test_a_word_that_is_not_understood_still_answers_what_kind_of_work(sam: Chat) -> None:
    sam.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": "utter_ask_what_work"}})
    sam.says("plasterin in leeds", "nlu_fallback")
    assert sam.runs("action_offer_meanings") == []
    parsed = sam.events[-1]["parse_data"]
    assert parsed["intent"]["name"] == "search_jobs"
    assert {each["entity"]: each["value"] for each in parsed["entities"]} == {
        "job_type": "plasterin",
        "place": "leeds",
    }
