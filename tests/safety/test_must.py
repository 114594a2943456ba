"""Domain 4.4, what the safety layer must do: the ten requirements, one by one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from bot.clock import FixedClock
from bot.conversation.danger import Danger
from bot.conversation.ingest import Ingest
from bot.safety.content import SafetyContent, Told
from bot.safety.routes import Finding, Route
from bot.safety.screen import Screen
from integrations.rasa.types import Turn, TurnResult
from integrations.telegram.parsing import parse
from integrations.telegram.types import Outgoing, Sent
from tests.conversation.office import ClientPhone, FakeDialogue, Office, result
from tests.people import Colleague, hired

CRISIS = "I want to kill myself"
THREE_AT_NIGHT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
#: Parts of words are enough here: what each text says is tested beside the content.
VOICE_LINE, TEXT_LINE = "116 123", "85258"


@dataclass
class Reader:
    """A detector that keeps what it was given to read, and finds what it was told to."""

    name: str = "reader"
    finds: tuple[Finding, ...] = ()
    texts: list[str] = field(default_factory=list)

    def find(self, text: str) -> Sequence[Finding]:
        self.texts.append(text)
        return self.finds


FOUND = Finding(Route.CRISIS, "suicidal", "reader:always")
#: What somebody writes, and the route and kind that it has to be read as.
EACH_KIND = [
    ("i want to end my life", Route.CRISIS, "suicidal"),
    ("i cut myself again", Route.CRISIS, "self_harm"),
    ("i took all my tablets", Route.CRISIS, "overdose"),
    ("the voices wont stop and i am terrified", Route.CRISIS, "psychosis"),
    ("i am going to stab him", Route.HARM_OTHERS, "harm_others"),
    ("my partner hits me", Route.SAFEGUARDING, "abuse"),
    ("he reads my messages on this phone", Route.SAFEGUARDING, "watched_phone"),
    ("my sister says she wants to die", Route.THIRD_PARTY, "worried_about_someone"),
    ("feeling really low", Route.SOFT, "low_mood"),
    ("i drank again last night", Route.SOFT, "lapse"),
]


@pytest.mark.parametrize("chat", ["linked", "stopped", "no consent", "with Amina", "unlinked", "deleted"])
@pytest.mark.parametrize("how", ["typed", "edited", "caption", "sticker", "command"])
def test_4_4_1_every_text_is_read_first(
    sam: ClientPhone, office: Office, content: SafetyContent, amina: Colleague, how: str, chat: str
) -> None:
    """4.4(1): before state, forms, commands, limits and any status of the chat."""
    with office.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        if chat == "stopped":
            case.preferences.stop(conversation.client)
        elif chat == "no consent":
            case.consents.record(conversation.client, "chat", given=False, wording_version="1")
        elif chat == "with Amina":
            conversation.mode, conversation.held_by_id = "person", amina.id
        elif chat == "unlinked":
            case.conversations.unlink(conversation)
        elif chat == "deleted":
            case.rights.erase(conversation.client)
    reader = Reader()
    office.ingest = Ingest(office.caseload, Danger(Screen([reader]), content), office.words)
    words = "🆘" if how == "sticker" else "/stop my words" if how == "command" else "my words"
    if how == "edited":
        sam.edits(words)
    elif how == "caption":
        sam.sends({"photo": [{"file_id": "f", "file_unique_id": "u"}], "caption": words})
    elif how == "sticker":
        sam.sends({"sticker": {"file_id": "f", "file_unique_id": "u", "emoji": words}})
    else:
        sam.says(words)
    # In the transaction that stored it: nothing else has looked at it yet.
    assert words in reader.texts


def test_4_4_1_short_fragments_are_read_as_one_thought(sam: ClientPhone) -> None:
    """4.4(1): the rolling join of the last few short fragments."""
    pieces = ("i want", "to not", "be alive")
    said = [" ".join(sam.asks(piece)) for piece in pieces]
    assert ["999" in words for words in said] == [False, False, True]


@pytest.mark.parametrize("which", [0, 1], ids=["the first", "the second"])
def test_4_4_2_either_detector_is_enough(which: int) -> None:
    """4.4(2): deterministic rules or model; either fires."""
    detectors = [Reader("first"), Reader("second")]
    detectors[which].finds = (FOUND,)
    assert Screen(detectors).read("anything").route is Route.CRISIS


def test_4_4_2_the_reply_needs_no_dialogue_and_takes_less_than_two_seconds(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    """4.4(2): works with the NLU down; the reply in less than 2 seconds."""
    dialogue.down = True
    started = time.monotonic()
    sam.says(CRISIS)
    office.waits_until(lambda: sam.reads, 5)
    assert time.monotonic() - started < 2
    assert "999" in sam.reads[0]


def test_4_4_2_the_reply_needs_no_database(danger: Danger) -> None:
    """4.4(2): works with the database down, and says that nobody could be told."""
    sent: list[str] = []

    async def send(_chat_id: str, outgoing: Outgoing) -> Sent:
        sent.append(outgoing.text)
        return Sent(len(sent))

    message = {"message_id": 1, "chat": {"id": 5, "type": "private"}, "date": 0, "text": CRISIS}
    inbound = parse(json.dumps({"update_id": 1, "message": message}), "7")
    danger.lifeline.learn("7", "5", "england")
    asyncio.run(danger.lifeline.answer([inbound], send, datetime.now(UTC)))
    assert VOICE_LINE in sent[0]
    assert sent[1].startswith("I could not tell anyone yet.")


def test_4_4_3_the_first_message_then_the_three_buttons(sam: ClientPhone) -> None:
    """4.4(3): acknowledge, numbers before any question, one voice and one text line, at most 60 words."""
    sam.asks(CRISIS)
    first, last = sam.bubbles
    assert first.text.startswith("Thank you for telling me.")
    places = [first.text.index(number) for number in ("999", VOICE_LINE, TEXT_LINE)]
    assert places == sorted(places)
    assert len(first.text.split()) <= 60
    assert "?" not in first.text
    assert first.labels == []
    assert last.labels == ["I am safe for now", "I need help now", "Ask my consultant to call"]


def test_4_4_4_an_event_a_handoff_and_a_ladder_of_alerts(
    sam: ClientPhone, office: Office, clock: FixedClock, piotr: Colleague, grace: Colleague
) -> None:
    """4.4(4): event, urgent handoff; consultant, then cover, then duty lead while nobody acknowledges."""
    duty = hired(office.caseload, "northside", "Dot Yule", "duty")
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        client.cover_id, consultant_id = piotr.id, client.consultant_id
    office.shut()
    sam.says(CRISIS)
    # Stored by the ingest alone: no worker has run.
    [event], [handoff] = office.rows("safety_events"), office.rows("handoffs")
    assert event["handoff_id"] == handoff["id"]
    assert (handoff["reason"], handoff["urgency"]) == ("safety", "now")
    office.open()
    told = {0: consultant_id, 5: piotr.id, 10: duty.id, 15: grace.id}
    for minutes, who in told.items():
        assert (who in {row["staff_id"] for row in office.rows("alerts")}) == (minutes == 0)
        clock.advance(minutes=5 if minutes else 0)
        office.timers.ring_due()
        assert who in {row["staff_id"] for row in office.rows("alerts")}


def test_4_4_5_the_truth_about_who_knows_by_day(sam: ClientPhone) -> None:
    """4.4(5): who has been told, and that the bot is not watched all the time."""
    said = sam.asks(CRISIS)[-1]
    assert "I have sent your message to Amina." in said
    assert "Nobody watches this chat all the time." in said


def test_4_4_5_the_truth_about_who_knows_by_night(sam: ClientPhone, clock: FixedClock) -> None:
    """4.4(5): out of hours nobody reads it till a time that is named; the lines answer now."""
    clock.set(THREE_AT_NIGHT)
    said = sam.asks(CRISIS)[-1]
    assert "I do not know if anyone will read it before Wednesday 25 November at 9am." in said
    assert "The numbers above answer day and night." in said


def test_4_4_6_what_the_bot_starts_pauses_until_a_human_clears_it(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    """4.4(6): no nudge, lead or check-in meanwhile; the bot keeps replying."""
    sam.asks(CRISIS)

    def is_paused() -> bool:
        with office.caseload.reading() as case:
            client = case.clients.for_conversation(sam.conversation_id)
            return case.safety_events.paused_since(client) is not None

    sam.presses("I am safe for now")
    office.settle()
    sam.asks("not suicidal, just tired")
    assert is_paused()
    assert sam.asks("what jobs are there") == ["You said: what jobs are there"]
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.safety_events.clear(case.staff.get(amina.id), client)
    assert not is_paused()


def test_4_4_6_the_numbers_come_again_and_an_open_form_is_put_aside(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    """4.4(6): re-show the numbers when risk language repeats; leave the open form safely and say so."""

    def asks_for_a_goal(turn: Turn) -> TurnResult:
        aside = turn.intent == "EXTERNAL_put_aside"
        return result() if aside else replace(result("What is your goal?"), open_form="goal_form")

    dialogue.answer = asks_for_a_goal
    sam.asks("add a goal")
    first, again = sam.asks(CRISIS), sam.asks("i really want to die")
    assert "999" in first[0]
    assert "999" in again[0]
    assert "I have put my other questions away for now." in first[1]
    assert office.rows("conversations")[0]["open_form"] is None


@pytest.mark.parametrize("kind", ["voice", "photo", "video"])
def test_4_4_7_what_cannot_be_read_gets_the_numbers(sam: ClientPhone, office: Office, kind: str) -> None:
    """4.4(7): voice, photo and video."""
    file = {"file_id": "f", "file_unique_id": "u", "duration": 1, "width": 1, "height": 1}
    sam.sends({kind: [file] if kind == "photo" else file})
    office.settle()
    said = " ".join(sam.reads)
    assert "I can only read text." in said
    assert "If you need help now, call 999." in said


@pytest.mark.parametrize(("words", "route", "kind"), EACH_KIND)
def test_4_4_8_each_kind_of_danger_has_its_own_route(
    screen: Screen, content: SafetyContent, words: str, route: Route, kind: str
) -> None:
    """4.4(8): separate routes, each with a first message of its own."""
    found = screen.read(words)
    assert (found.route, found.kind) == (route, kind)
    firsts = [content.reply(route, kind, "england", Told(("Amina",)))[0].text for _, route, kind in EACH_KIND]
    mine = content.reply(route, kind, "england", Told(("Amina",)))[0].text
    assert "999" in mine
    assert firsts.count(mine) == 1


def test_4_4_9_people_review_every_fire_and_a_sample_of_what_was_nearly_one(
    sam: ClientPhone, office: Office, grace: Colleague
) -> None:
    """4.4(9): all fires, a sample of near misses, and what was missed is kept, masked, to measure by."""
    for words in (CRISIS, "feeling really low", "he reads my messages on this phone"):
        sam.asks(words)
    with office.caseload.transaction() as case:
        manager, client = case.staff.get(grace.id), case.clients.for_conversation(sam.conversation_id)
        case.safety_reviews.note_near_miss(client, sam.conversation_id, 99, Route.CRISIS, 0.4)
        case.safety_examples.keep(manager, client, "sam okoro has had it", Route.CRISIS)
        assert case.safety_reviews.count_to_review(manager) == (3, 1)
        [kept] = case.safety_examples.all()
    assert "okoro" not in kept.words


def test_4_4_10_the_consent_text_says_that_the_team_may_be_told(
    stranger: ClientPhone, office: Office, amina: Colleague
) -> None:
    """4.4(10): plainly, at onboarding, before the yes."""
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        client = case.clients.enrol(staff.service, "Leila Haddad", ref="leila", consultant=staff)
        token = case.invites.create(client).token
    [asked] = stranger.asks(f"/start {token}")
    assert "If you tell me you may be in danger, I may tell the team." in asked
