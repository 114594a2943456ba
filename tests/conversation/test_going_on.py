"""Sam writes again after a person answered, handed back or closed: it reaches that person, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.going_on import is_courtesy
from bot.conversation.ownership import Resume
from integrations.rasa.types import Reply, Turn, TurnResult, Understanding
from tests.conversation.office import ClientPhone, FakeDialogue, Office, result
from tests.people import Colleague

QUESTION = "Can I keep my benefit?"
PASSED_ON = "I have asked Amina to write to you."


def no_answer(_turn: Turn) -> TurnResult:
    """The dialogue does not understand."""
    sorry = Reply("Sorry, I did not understand.", response="utter_not_understood_no_guess")
    return TurnResult((sorry,), Understanding("nlu_fallback", 0.3))


def understands(intent: str, says: str) -> Callable[[Turn], TurnResult]:
    """A dialogue that takes everything for one intent, and has something to say to it."""
    return lambda _turn: replace(result(says), understanding=Understanding(intent, 0.9))


def asked(office: Office, sam: ClientPhone) -> str:
    """Sam's question is on its way to a person; returns the handoff."""
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        return case.handoffs.open(client, QUESTION, "question").handoff.id


def answers(office: Office, amina: Colleague, sam: ClientPhone, text: str = "Which day suits you?") -> None:
    """Amina answers once, and the bot keeps the chat."""
    with office.caseload.transaction() as case:
        ownership.reply(case, office.words, case.staff.get(amina.id), sam.conversation_id, text, text)
    office.settle()


def hands_back(office: Office, amina: Colleague, sam: ClientPhone) -> None:
    """Amina takes the chat and gives it back to the bot, which waits for Sam."""
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        ownership.take_over(case, office.words, staff, chat.id, chat.epoch)
        ownership.hand_back(case, office.words, staff, chat.id, None, Resume.NOTHING)
    office.settle()


def closes(office: Office, amina: Colleague, sam: ClientPhone) -> None:
    """Amina marks it as dealt with: she has phoned him."""
    with office.caseload.transaction() as case:
        staff, client = case.staff.get(amina.id), case.clients.for_conversation(sam.conversation_id)
        for handoff in case.handoffs.open_for(client):
            case.handoffs.close(staff, handoff)


ENDS = [answers, hands_back, closes]


def handoffs(office: Office) -> list[tuple[str, str, int]]:
    return [(row["id"], row["status"], row["asked_count"]) for row in office.rows("handoffs")]


def events(office: Office) -> list[str]:
    return [row["what"] for row in office.rows("handoff_events")]


def rings(office: Office) -> list[str]:
    """The timers that would tell somebody at once, each with its round."""
    return [
        row["key"].split(":", 2)[2]
        for row in office.rows("timers")
        if row["key"].endswith(":opened") and row["status"] == "waiting"
    ]


@pytest.mark.parametrize("end", ENDS)
def test_words_that_the_bot_cannot_answer_open_the_same_handoff_within_a_day(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague, clock: FixedClock,
    end: Callable[[Office, Colleague, ClientPhone], None],
) -> None:  # fmt: skip
    first = asked(office, sam)
    end(office, amina, sam)
    clock.advance(hours=1)
    dialogue.answer = no_answer
    [said] = sam.asks("Thursday is best, at the back door")
    assert said.startswith(PASSED_ON)
    assert handoffs(office) == [(first, "waiting", 2)]
    assert events(office)[-1] == "reopened"
    assert office.rows("handoffs")[0]["question"] == f"{QUESTION}\nThursday is best, at the back door"
    assert office.rows("conversations")[0]["mode"] == "waiting"
    assert rings(office) == ["1:opened"]
    assert office.outcomes()[-1] == ("done", "passed on to a person")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("typed", ["Thanks Amina!", "ok"])
def test_thanks_alone_open_nothing_again(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague, typed: str,
    end: Callable[[Office, Colleague, ClientPhone], None],
) -> None:  # fmt: skip
    asked(office, sam)
    end(office, amina, sam)
    before = handoffs(office)
    dialogue.answer = no_answer
    assert sam.asks(typed) == ["Sorry, I did not understand."]
    assert handoffs(office) == before
    assert "reopened" not in events(office)


def test_after_thanks_the_next_words_are_still_for_amina(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    first = asked(office, sam)
    answers(office, amina, sam)
    dialogue.answer = understands("thank", "You are welcome.")
    sam.asks("thanks")
    dialogue.answer = understands("deny", "That is fine.")
    said = sam.asks("no not thursday")
    assert said[0] == "That is fine."
    assert said[1].startswith(PASSED_ON)
    assert handoffs(office) == [(first, "waiting", 2)]


def test_a_yes_straight_after_aminas_question_is_an_answer_to_her(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    first = asked(office, sam)
    answers(office, amina, sam, "Shall I book it?")
    dialogue.answer = understands("affirm", "Good.")
    sam.asks("yes")
    assert handoffs(office) == [(first, "waiting", 2)]


def test_what_the_bot_is_asked_for_is_the_bots(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    asked(office, sam)
    answers(office, amina, sam)
    dialogue.answer = understands("search_jobs", "Here is a job.")
    assert sam.asks("any warehouse jobs near me") == ["Here is a job."]
    assert [status for _, status, _ in handoffs(office)] == ["answered"]
    # The bot has spoken since: what it can answer is its own, though it be a yes.
    dialogue.answer = understands("affirm", "Saved.")
    assert sam.asks("yes") == ["Saved."]
    assert [status for _, status, _ in handoffs(office)] == ["answered"]


def test_later_than_a_day_it_is_a_new_handoff(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague, clock: FixedClock
) -> None:
    asked(office, sam)
    answers(office, amina, sam)
    clock.advance(hours=24)
    dialogue.answer = no_answer
    sam.asks("Thursday is best")
    assert sorted(status for _, status, _ in handoffs(office)) == ["answered", "waiting"]
    assert {count for _, _, count in handoffs(office)} == {1}


@pytest.mark.parametrize("end", [hands_back, closes])
def test_a_day_after_the_end_the_bot_says_itself_that_it_did_not_understand(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague, clock: FixedClock,
    end: Callable[[Office, Colleague, ClientPhone], None],
) -> None:  # fmt: skip
    asked(office, sam)
    end(office, amina, sam)
    clock.advance(hours=24)
    dialogue.answer = no_answer
    assert sam.asks("Thursday is best") == ["Sorry, I did not understand."]
    assert "waiting" not in {status for _, status, _ in handoffs(office)}


def test_words_to_amina_who_wrote_of_her_own_accord_reach_her(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    answers(office, amina, sam, "How did the interview go?")
    dialogue.answer = no_answer
    sam.asks("It went well, they asked for references")
    assert [status for _, status, _ in handoffs(office)] == ["waiting"]


def test_more_words_while_it_waits_are_added_and_ring_no_second_time(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    first = asked(office, sam)
    answers(office, amina, sam)
    dialogue.answer = no_answer
    sam.asks("Thursday is best")
    sam.asks("or Friday")
    assert handoffs(office) == [(first, "waiting", 3)]
    assert events(office)[-2:] == ["reopened", "asked_again"]
    assert rings(office) == ["1:opened"]


def test_words_that_the_dialogue_passes_on_itself_are_passed_on_once(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    first = asked(office, sam)
    answers(office, amina, sam)

    def passes_on(turn: Turn) -> TurnResult:
        with office.caseload.transaction() as case:
            client = case.clients.for_conversation(sam.conversation_id)
            case.handoffs.open(client, turn.text or "", "question")
        return replace(result("I have passed it on."), understanding=Understanding("send_question", 0.9))

    dialogue.answer = passes_on
    assert sam.asks("thursday is fine for me") == ["I have passed it on."]
    assert handoffs(office) == [(first, "waiting", 2)]
    assert rings(office) == ["1:opened"]


def test_a_voice_note_straight_after_aminas_words_opens_it_again(
    office: Office, sam: ClientPhone, amina: Colleague
) -> None:
    first = asked(office, sam)
    answers(office, amina, sam, "Tell me how it went")
    sam.sends({"voice": {"file_id": "f1", "file_unique_id": "u1", "duration": 3}})
    office.settle()
    assert handoffs(office) == [(first, "waiting", 2)]


def test_a_voice_note_to_the_bot_opens_nothing(office: Office, sam: ClientPhone) -> None:
    sam.asks("Hello")
    sam.sends({"voice": {"file_id": "f1", "file_unique_id": "u1", "duration": 3}})
    office.settle()
    assert handoffs(office) == []


def test_danger_after_an_answer_is_told_as_danger_and_not_as_a_question(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    asked(office, sam)
    answers(office, amina, sam)
    dialogue.answer = no_answer
    sam.asks("I want to kill myself")
    assert {row["reason"]: row["status"] for row in office.rows("handoffs")} == {
        "question": "answered",
        "safety": "waiting",
    }


@pytest.mark.parametrize("words", ["ok", "Thank you so much!", "Kia ora", "thx Amina", "🙏", "ok got it"])
def test_a_courtesy_waits_for_nothing(words: str) -> None:
    assert is_courtesy(words, ["Amina"])


@pytest.mark.parametrize(
    "words", ["yes", "no", "ok?", "?", "thanks but can I still", "3 please", "is that all", "Amina", "you"]
)
def test_words_that_may_wait_for_somebody_are_no_courtesy(words: str) -> None:
    assert not is_courtesy(words, ["Amina"])
