"""What clients write, however they write it: domain 4.4 (must) 1, 2, 8 and section 7's labelling rules."""

import string
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.routes import Finding, Route
from bot.safety.rules import RuleDetector
from bot.safety.screen import CheckedRules, Screen
from bot.safety.trained import TrainedDetector

SCREEN = Screen([RuleDetector.load()])
HINT = "feeling really low today"


@pytest.fixture(scope="module")
def screen() -> Screen:
    """The rules alone, which must read all of this without the model beside them."""
    return SCREEN


@pytest.mark.parametrize(
    "typed",
    [
        "I WANT TO KILL MYSELF",
        "i want to k1ll mys3lf",
        "k i l l  m y s e l f",
        "i want to di e",
        "feeling sui cidal",
        "od'd",
        "od’d last night",
        "k.i.l.l myself",
        "kiiiilllll myself",
        "kill\u200b my\u200dself",
        "ｋｉｌｌ ｍｙｓｅｌｆ",
        "kіll mуself",  # Cyrillic i and y
        "k*ll myself",
        "want to kill myslef",
        "#killmyself",
        "wanna kms",
        "im s u i c i d a l",
        "i want\nto\ndie",
        "I can’t do this anymore",
        "wanna d1e",
        "su1cide",
        "k ! l l myself",
        "ki11 myself",
        "wanna unalive myself",
        "thinking about sewerslide",
        "ctb saturday",
        "wnt to die",
        "took an ovrdose",
        "im going to ovrds tonight",
        "iwant2die",
        "want todie",
        "feeling suidical",
    ],
)
def test_slips_slang_and_disguise_are_read(screen: Screen, typed: str) -> None:
    assert screen.read(typed).route is Route.CRISIS


@pytest.mark.parametrize("typed", ["k ill be there at 2", "d ad is picking me up", "my kil lis big"])
def test_a_space_in_another_word_is_no_disguise(screen: Screen, typed: str) -> None:
    assert screen.read(typed).route is None


@pytest.mark.parametrize("typed", ["I like indie music", "ill diet again after xmas", "todo list for monday"])
def test_other_short_words_are_not_taken_apart(screen: Screen, typed: str) -> None:
    assert screen.read(typed).route is None


def test_three_short_messages_are_read_as_one_thought(screen: Screen) -> None:
    assert screen.read("anymore", ["i cant", "do this"]).route is Route.CRISIS
    assert screen.read("anymore").route is None


def test_a_fragment_is_not_joined_over_a_long_message(screen: Screen) -> None:
    long = "the interview on thursday went well and they said they will ring me back"
    assert screen.read("anymore", ["i cant", "do this", long]).route is None


def test_an_answered_fragment_does_not_fire_again(screen: Screen) -> None:
    assert screen.read("ok", ["i want to die"]).route is None
    assert screen.read("i want to die", ["i want to die"]).route is Route.CRISIS


@pytest.mark.parametrize(
    ("words", "route"),
    [
        ("my mate wants to die and so do i, i want to kill myself", Route.CRISIS),
        ("i relapsed and now i want to die", Route.CRISIS),
        ("feeling low. going to kill him", Route.HARM_OTHERS),
        ("dying for a brew, but honestly i want to die", Route.CRISIS),
        ("yes book thursday. also i cant keep myself safe tonight", Route.CRISIS),
    ],
)
def test_the_highest_risk_reading_wins(screen: Screen, words: str, route: Route) -> None:
    assert screen.read(words).route is route


def test_an_overdose_comes_before_other_kinds_of_crisis(screen: Screen) -> None:
    assert screen.read("i want to die, ive taken an overdose").kind == "overdose"


@pytest.mark.parametrize(
    ("about_someone", "about_me"),
    [
        ("my sister wants to kill herself", "my sister makes me want to kill myself"),
        ("he says he is suicidal", "he left and i feel suicidal"),
        ("my mum said she doesnt want to live", "my mum died. dont want to live"),
    ],
)
def test_the_subject_decides_whose_danger_it_is(screen: Screen, about_someone: str, about_me: str) -> None:
    assert screen.read(about_someone).route is Route.THIRD_PARTY
    assert screen.read(about_me).route is Route.CRISIS


def test_a_denial_or_a_thing_long_past_is_met_softly_and_not_ignored(screen: Screen) -> None:
    for words in ("im not suicidal just tired", "i tried to kill myself years ago"):
        found = screen.read(words)
        assert (found.route, found.kind) == (Route.SOFT, "denied")
    assert screen.read("i tried to kill myself years ago and i feel it again now").route is Route.CRISIS


def test_cannot_do_this_anymore_is_a_crisis_unless_it_is_about_a_job(screen: Screen) -> None:
    assert screen.read("i cant do this anymore").route is Route.CRISIS
    assert screen.read("i cant do this job anymore").route is None
    assert screen.read("cant do this appointment").route is None


@pytest.mark.parametrize(
    "words", ["", " ", "\n", "😀😀", "مرحبا كيف حالك", "\u200b\u200b", "?!?!", "\ud800", "a" * 5000]
)
def test_empty_and_strange_text_is_ordinary(screen: Screen, words: str) -> None:
    found = screen.read(words)
    assert (found.route, found.failed) == (None, False)


@given(st.text())
@settings(deadline=None, max_examples=300)
def test_the_rules_never_fail_on_any_text(words: str) -> None:
    assert SCREEN.read(words, [words, words]).failed is False


_PIECES = st.sampled_from(
    ["i", "cant", "k*l", "die", "..", "|", "\n", "my", "mum", "😀", "x" * 50, "ｋ", "\u0301", "1", "@", "not"]
)


@given(st.lists(_PIECES, max_size=60))
@settings(deadline=None, max_examples=200)
def test_the_rules_never_fail_on_pieces_of_their_own_language(pieces: list[str]) -> None:
    assert SCREEN.read(" ".join(pieces)).failed is False


@pytest.mark.parametrize(
    "filler",
    [
        "lorem ipsum dolor ",
        "a",
        "a ",
        "kill ",
        "i want to ",
        "😀",
        ". ",
        "i\n",
        "k-",
        "k*",
        "مرحبا ",
        "\u200b",
        string.printable,
    ],
    ids=repr,
)
def test_a_hundred_kilobytes_are_screened_to_the_end_and_fast(screen: Screen, filler: str) -> None:
    text = (filler * (100_000 // len(filler)))[:99_980] + " . i want to die"
    # Half of a second is ten times what it takes on an idle core: a regex that explodes takes minutes.
    found = screen.read(text)
    assert found.route is Route.CRISIS
    assert found.ms < 500


class _Broken:
    name = "broken"

    def find(self, text: str) -> Sequence[Finding]:
        raise ValueError(text)


class _Model:
    name = "model"

    def find(self, text: str) -> Sequence[Finding]:
        return [Finding(Route.SOFT, "low_mood", "model:low_mood")]


def test_a_detector_that_fails_is_told_and_the_others_still_answer() -> None:
    found = Screen([_Broken(), _Model()]).read("hello")
    assert (found.route, found.detectors, found.failed) == (Route.SOFT, ("model:low_mood",), True)


def test_either_detector_fires() -> None:
    both = Screen([RuleDetector.load(), _Model()])
    assert both.read("see you at 3").route is Route.SOFT
    found = both.read("i want to die")
    assert found.route is Route.CRISIS
    assert "model:low_mood" in found.detectors


class _Opinion:
    """A trained detector that holds one opinion of everything, except of what it was told to doubt."""

    def __init__(self, doubts: str | None = None, broken: bool = False) -> None:
        self._doubts, self._broken = doubts, broken

    def contradicts(self, text: str) -> bool:
        if self._broken:
            raise RuntimeError
        return self._doubts is None or self._doubts != text.strip()


def _routes(opinion: _Opinion, text: str) -> set[Route]:
    checked = CheckedRules(RuleDetector.load(), cast(TrainedDetector, opinion))
    return {finding.route for finding in checked.find(text)}


def test_a_hint_is_dropped_where_the_model_is_certain_that_it_is_none() -> None:
    assert _routes(_Opinion(), HINT) == set()


def test_what_is_said_outright_counts_whatever_the_model_makes_of_it() -> None:
    assert Route.CRISIS in _routes(_Opinion(), "i want to kill myself")


def test_a_hint_is_kept_when_one_sentence_of_it_is_doubted() -> None:
    assert _routes(_Opinion(doubts=HINT), f"{HINT}. can you move my appointment to friday?") == {Route.SOFT}


def test_a_broken_model_has_no_say() -> None:
    assert _routes(_Opinion(broken=True), HINT) == {Route.SOFT}
