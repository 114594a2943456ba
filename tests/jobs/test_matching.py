"""Which vacancies Sam is shown, in which order, and why."""

from bot.jobs.matching import Match, Preferences, rank
from integrations.job_boards.types import Vacancy


def _advert(ref: str, title: str, **values: str | None) -> Vacancy:
    facts = {"employer": f"Employer {ref}", "place": "Westmere", "summary": None, **values}
    return Vacancy(
        id=ref,
        board="sample",
        title=title,
        employer=facts["employer"],
        place=facts["place"],
        url=f"https://jobs.example/{ref}",
        summary=facts["summary"],
        pay_text=facts.get("pay"),
        hours_text=facts.get("hours"),
    )


GARDEN = _advert("1", "Gardener", hours="15 hours a week", pay="£12.60 an hour")
NIGHT = _advert("2", "Shelf filler", hours="24 hours a week, 10pm to 4am")
TILL = _advert("3", "Shop assistant", summary="Serving customers at the till.")
FAR = _advert("4", "Gardener", place="Northgate, Harbourshire")
BAR = _advert("5", "Glass collector", summary="Evenings in a bar.")
ALL = [NIGHT, TILL, FAR, BAR, GARDEN]


def _refs(matches: list[Match]) -> list[str]:
    return [match.vacancy.id for match in matches]


def test_what_sam_wants_comes_first_with_the_reasons() -> None:
    found = rank(ALL, Preferences(work="gardening", place="Westmere"), ())
    assert found[0] == Match(GARDEN, ("work", "place"), ())
    assert len(found) == len(ALL)


def test_without_preferences_the_boards_order_stays() -> None:
    assert _refs(rank(ALL, Preferences(), ())) == ["2", "3", "4", "5", "1"]


def test_after_no_to_nights_no_night_work_is_shown() -> None:
    found = _refs(rank(ALL, Preferences(declined=frozenset({"nights"})), ()))
    assert found == ["3", "4", "5", "1"]


def test_a_night_word_inside_another_word_is_no_night_work() -> None:
    fortnight = _advert("6", "Cleaner", summary="Paid each fortnight.")
    assert rank([fortnight], Preferences(declined=frozenset({"nights"})), ())


def test_after_no_to_people_no_work_with_customers_is_shown() -> None:
    assert "3" not in _refs(rank(ALL, Preferences(declined=frozenset({"people_contact"})), ()))


def test_another_place_is_a_reason_against_and_after_too_far_it_is_left_out() -> None:
    near = Preferences(place="Westmere")
    far = next(match for match in rank(ALL, near, ()) if match.vacancy is FAR)
    assert far.reasons_against == ("other_place",)
    too_far = Preferences(place="Westmere", declined=frozenset({"too_far"}))
    assert "4" not in _refs(rank(ALL, too_far, ()))


def test_too_far_hides_nothing_when_nobody_knows_where_sam_lives() -> None:
    assert len(rank(ALL, Preferences(declined=frozenset({"too_far"})), ())) == len(ALL)


def test_hours_and_pay_that_nobody_gave_are_named_and_not_guessed() -> None:
    found = rank([TILL, GARDEN], Preferences(declined=frozenset({"hours", "pay"})), ())
    assert _refs(found) == ["1", "3"]
    assert found[1].reasons_against == ("hours_not_given", "pay_not_given")


def test_no_bar_is_shown_to_somebody_who_avoids_bars() -> None:
    found = _refs(rank([BAR, _advert("7", "Barista")], Preferences(avoid=frozenset({"bar", "pub"})), ()))
    assert found == ["7"]


def test_an_employer_and_a_kind_of_work_that_sam_refused_do_not_come_back() -> None:
    refused = Preferences(not_employers=frozenset({"employer 1"}), not_titles=frozenset({"shop assistant"}))
    assert _refs(rank(ALL, refused, ())) == ["2", "4", "5"]


def test_a_vacancy_is_never_shown_twice_nor_from_two_boards() -> None:
    copy = Vacancy("99", "other", "GARDENER ", "Employer 1", "Westmere", "https://jobs.example/99", None)
    assert _refs(rank([GARDEN, copy], Preferences(), ())) == ["1"]
    assert rank([GARDEN], Preferences(), {("sample", "1")}) == []
