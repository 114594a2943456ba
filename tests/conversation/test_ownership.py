"""While a person has the chat the bot is silent: over random sequences, with everything running at once.

The last tests take each of the two guards away and see the sequences fail.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from sqlalchemy import text

from bot.caseload.errors import NotHolding, SomeoneWasFaster
from bot.caseload.models.base import UtcDateTime
from bot.caseload.models.conversation import Mode
from bot.caseload.models.queues import OutboxItem
from bot.caseload.sending import LEASE
from bot.caseload.store import Case, Caseload
from bot.conversation import ownership, turns
from bot.conversation.danger import Danger
from bot.conversation.phone import DEMO_BOT
from bot.conversation.sender import Sender
from bot.conversation.wording import Wording
from integrations.rasa.types import Turn, TurnResult
from integrations.telegram.types import Outgoing, RetryAfter
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office, linked, result
from tests.people import Colleague, hired

MOVES = ("says", "says", "says", "takes", "takes", "gives back", "replies", "restarts", "waits", "stumbles")
STEPS = 24
SENDS_OF_THE_BOT = "Bot: "


@dataclass
class World:
    """Sam's chat with everything that can happen to it, and what went wrong."""

    office: Office
    sam: ClientPhone
    staff: list[Colleague]
    said: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    taken_at: list[datetime] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def plays(self, seed: int) -> None:
        """Do random things at random moments; then let everything come to rest and give the chat back."""
        dice = random.Random(seed)
        for _ in range(STEPS):
            self.does(dice.choice(MOVES), dice)
            time.sleep(dice.choice((0, 0, 0.002, 0.01, 0.03)))
        self.office.dialogue.thinking = False
        self.office.waits_until(self._is_at_rest, 40)

    def does(self, move: str, dice: random.Random) -> None:
        who = dice.choice(self.staff)
        if move == "says":
            self.said.append(f"message {len(self.said)}")
            self.sam.says(self.said[-1])
        elif move == "takes":
            self._takes(who)
        elif move == "gives back":
            self._gives_back(who)
        elif move == "replies":
            self._replies(who)
        elif move == "restarts":
            self.office.dialogue.thinking = False
            self.office.restart()
        elif move == "waits":
            self.office.dialogue.thinking = not self.office.dialogue.thinking
        else:
            self.office.phones.faults.append(RetryAfter(0.05))

    def checks(self) -> None:
        """Nothing of what we promise was broken."""
        assert self.broken == []
        rows = self.office.rows("inbox")
        own = [row for row in rows if row["kind"] == "text"]
        assert len(own) == len(self.said)
        assert {row["status"] for row in own} <= {"done", "held"}
        written = [row["text"] for row in self.office.rows("messages") if row["author"] == "client"]
        assert written == self.said
        assert [
            words for words in self.sam.reads if words.startswith(("Amina", "Grace")) and "note" in words
        ] == (self.replies)
        for row in own:
            self._has_one_outcome(row)

    def _has_one_outcome(self, row: dict[str, object]) -> None:
        """A message was answered by the bot, or held for a person and then not answered by the bot."""
        query = text("SELECT status FROM outbox WHERE inbox_seq = :seq AND origin = 'bot'")
        with self.office.caseload.engine.connect() as connection:
            statuses = set(connection.execute(query, {"seq": row["seq"]}).scalars())
        answered = statuses == {"sent"} or statuses == {"sent", "suppressed"}
        assert answered == (row["status"] == "done"), (
            f"{row['seq']} is {row['status']}, its replies {statuses}"
        )

    def watches(self, _chat_id: str, outgoing: Outgoing) -> None:
        """Note a text of the bot that left after a person took the chat, for a message from before that."""
        if not outgoing.text.startswith(SENDS_OF_THE_BOT):
            return
        with self.office.caseload.engine.connect() as connection:
            query = text(
                "SELECT claimed_until, inbox_seq FROM outbox WHERE text = :words AND status = 'sending'"
            ).columns(claimed_until=UtcDateTime)
            row = connection.execute(query, {"words": outgoing.text}).one()
        began = [
            turn.context.now for turn in self.office.dialogue.turns if turn.message_id == str(row.inbox_seq)
        ]
        # A send that was in the air when the chat was taken cannot be called back.
        leaves = row.claimed_until - LEASE
        if any(began[-1] < taken < leaves for taken in self.taken_at):
            self.broken.append(f"the bot said {outgoing.text!r} after a person took the chat")

    def _takes(self, who: Colleague) -> None:
        try:
            with self.office.caseload.transaction() as case:
                seen = case.conversations.lock(self.sam.conversation_id)
                if seen.mode != Mode.PERSON:
                    staff = case.staff.get(who.id)
                    taken = ownership.take_over(
                        case, self.office.words, staff, self.sam.conversation_id, seen.epoch
                    )
                    assert taken.held_since is not None
                    self.taken_at.append(taken.held_since)
        except SomeoneWasFaster:
            return

    def _gives_back(self, who: Colleague) -> None:
        try:
            with self.office.caseload.transaction() as case:
                ownership.hand_back(case, self.office.words, case.staff.get(who.id), self.sam.conversation_id)
        except NotHolding:
            return

    def _replies(self, who: Colleague) -> None:
        words = f"note {len(self.replies)}"
        try:
            with self.office.caseload.transaction() as case:
                staff = case.staff.get(who.id)
                ownership.reply(case, self.office.words, staff, self.sam.conversation_id, words, words)
                role = "your consultant" if who.first_name == "Amina" else "from Northside"
        except ownership.ChatHeldByAnother:
            return
        self.replies.append(f"{who.first_name} ({role}):\n{words}")

    def _is_at_rest(self) -> bool:
        with self.office.caseload.reading() as case:
            return case.inbox.waiting()[0] == 0 and case.outbox.waiting()[0] == 0


@pytest.fixture
def new_world(empty_sqlite: Caseload, words: Wording, danger: Danger) -> Iterator[Callable[[], World]]:
    """Make worlds on the real clock, where turns, sends and staff are truly at the same time."""
    opened: list[Office] = []

    def make() -> World:
        caseload = empty_sqlite
        staff = [
            hired(caseload, "northside", "Amina Khan", "consultant"),
            hired(caseload, "northside", "Grace Mensah", "manager"),
        ]
        phones = FakePhones()
        # Without Telegram's pace, so that much happens in little time.
        office = Office(caseload, words, danger, FakeDialogue(_answer), phones, bot_id=DEMO_BOT)
        opened.append(office)
        office.__enter__()
        world = World(office, linked(office, "sam", "Sam Okoro", staff[0]), staff)
        phones.before_send = world.watches
        return world

    yield make
    for office in opened:
        office.__exit__(None, None, None)


def _answer(turn: Turn) -> TurnResult:
    what = turn.text or turn.intent
    return result(*(f"{SENDS_OF_THE_BOT}{what} {n} ({turn.message_id})" for n in range(2)))


SEEDS = [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 16))]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bot_is_silent_while_a_person_has_the_chat(new_world: Callable[[], World], seed: int) -> None:
    world = new_world()
    world.plays(seed)
    world.checks()


def test_two_people_who_take_the_chat_at_once_are_one_owner(new_world: Callable[[], World]) -> None:
    world = new_world()
    won: list[str] = []
    start = threading.Barrier(2)

    def take(who: Colleague) -> None:
        with world.office.caseload.reading() as case:
            seen = case.conversations.lock(world.sam.conversation_id).epoch
        start.wait(10)
        try:
            with world.office.caseload.transaction() as case:
                staff = case.staff.get(who.id)
                ownership.take_over(case, world.office.words, staff, world.sam.conversation_id, seen)
        except SomeoneWasFaster:
            return
        won.append(who.id)

    threads = [threading.Thread(target=take, args=(who,)) for who in world.staff]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    world.office.settle()
    [conversation] = world.office.rows("conversations")
    assert [conversation["held_by_id"]] == won
    assert len([words for words in world.sam.reads if "has joined the chat" in words]) == 1


def _overtaken(world: World) -> None:
    """Amina takes the chat while the dialogue thinks about what Sam said."""
    world.office.dialogue.thinking = True
    world.does("says", random.Random(1))
    world.office.waits_until(lambda: world.office.dialogue.turns)
    world._takes(world.staff[0])
    world.office.dialogue.thinking = False
    world.office.waits_until(world._is_at_rest)


def _overtaken_and_back(world: World) -> None:
    """Amina takes the chat and gives it back while the dialogue thinks about what Sam said."""
    world.office.dialogue.thinking = True
    world.does("says", random.Random(1))
    world.office.waits_until(lambda: world.office.dialogue.turns)
    world._takes(world.staff[0])
    world._gives_back(world.staff[0])
    world.office.dialogue.thinking = False
    world.office.waits_until(world._is_at_rest)


def _overtaken_in_the_queue(world: World) -> None:
    """Amina takes the chat while the bot's words wait for Telegram's permission."""
    world.office.phones.faults.extend([RetryAfter(0.5)])
    world.does("says", random.Random(1))
    world.office.waits_until(lambda: not world.office.phones.faults)
    world._takes(world.staff[0])
    world.office.waits_until(world._is_at_rest)


@pytest.mark.parametrize("story", [_overtaken, _overtaken_and_back, _overtaken_in_the_queue])
def test_both_guards_hold(new_world: Callable[[], World], story: Callable[[World], None]) -> None:
    world = new_world()
    story(world)
    world.checks()


def test_without_the_look_before_a_send_the_test_fails(
    new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the sender no longer asks who has the chat."""

    def never(_sender: Sender, _case: Case, _item: OutboxItem) -> bool:
        return False

    monkeypatch.setattr(Sender, "_stopped", never)
    world = new_world()
    _overtaken_in_the_queue(world)
    with pytest.raises(AssertionError):
        world.checks()


def test_without_the_look_before_the_commit_the_test_fails(
    new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the turn's replies are queued under whatever the epoch is by then."""

    original = turns.Turns._commit

    def blind(self: turns.Turns, ask: turns.Ask, outcome: TurnResult) -> None:
        with self._caseload.transaction() as case:
            epoch = case.conversations.lock(ask.conversation_id).epoch
        original(self, replace(ask, epoch=epoch), outcome)

    monkeypatch.setattr(turns.Turns, "_commit", blind)
    world = new_world()
    _overtaken_and_back(world)
    with pytest.raises(AssertionError):
        world.checks()
