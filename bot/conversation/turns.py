"""Step three: each waiting message gets its turn, one at a time per chat, several chats at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from bot.caseload.buttons import ButtonSpec
from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.inbox import WAITS_FOR_DIALOGUE, Inbox
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case, Caseload
from bot.conversation import going_on, silence
from bot.conversation.commands import command_of
from bot.conversation.gate import Ask, Gate, Settled
from bot.conversation.speaking import names_of, queue, say_to, say_to_whom_it_went
from bot.conversation.supervise import until_stored, where
from bot.conversation.wording import Said, Wording
from bot.conversation.workers import Worker
from integrations.rasa.types import DialogueUnavailable, Reply, Turn, TurnContext, TurnFailed, TurnResult
from integrations.telegram.types import Inbound

logger = structlog.get_logger(__name__)

#: A turn that fails this often is dead: the client is told, and a person too.
MAX_ATTEMPTS = 3
RETRY_AFTER_FAILURE = (timedelta(seconds=1), timedelta(seconds=3))
RETRY_WHEN_DOWN = (0.5, 1, 2, 4, 8, 15)
#: The dialogue may be down this long before the client is told, and before their message is given up.
SAY_DELAYED_AFTER = timedelta(seconds=8)
GIVE_UP_AFTER = timedelta(hours=24)
#: An answer that comes later than this begins with "sorry for the wait".
LATE_AFTER = timedelta(minutes=15)
MAX_REPLY = 4000
#: What the dialogue says when it has no answer. Nobody who wrote of danger hears it.
NO_ANSWER = {
    "utter_not_understood",
    "utter_not_understood_no_guess",
    "utter_not_understood_twice",
    "utter_out_of_scope",
    "utter_default",
    "utter_affirm_outside",
    "utter_deny_outside",
}
#: A flood is understood from its beginning; every message of it stays in the transcript.
MAX_JOINED_TEXT = 1000


class Dialogue(Protocol):
    """Whoever decides what to say."""

    async def take_turn(self, turn: Turn) -> TurnResult:
        """Answer one message; raise DialogueUnavailable or TurnFailed."""
        ...


class Turns(Worker[int]):
    """Takes messages from the inbox to their one outcome."""

    #: Chats whose turns run at the same time.
    at_once = 12
    look_seconds = 0.25
    renew_seconds = 3.0

    def __init__(
        self,
        caseload: Caseload,
        gate: Gate,
        dialogue: Dialogue,
        words: Wording,
        parsers: Mapping[str, Callable[[str, str], Inbound]],
        leave_chat: Callable[[str, str], Awaitable[None]],
        worker: str,
        dead_workers: Collection[str] = (),
    ) -> None:
        super().__init__(caseload, worker, dead_workers)
        self._gate = gate
        self._dialogue = dialogue
        self._words = words
        self._parsers = parsers
        self._leave_chat = leave_chat

    def _queue(self, case: Case) -> Inbox:
        return case.inbox

    def _claim(self, case: Case, limit: int) -> list[int]:
        return [item.seq for item in case.inbox.claim(self._worker, limit)]

    async def _begin(self, claimed: int) -> None:
        # A defect of ours in one message must not stop the others: it counts as that message's failure.
        task = asyncio.create_task(self._handle(claimed))
        await asyncio.wait({task})
        error = task.exception()
        if error is None:
            return
        logger.error("turn raised", inbox_seq=claimed, error=type(error).__name__, at=where(error))
        if isinstance(error, CaseloadUnavailable):
            # Put back at once: while this worker lives, its claim would be renewed and hold up the chat.
            await until_stored(self._put_back, claimed)
        else:
            await until_stored(self._failed, claimed, type(error).__name__)

    async def _handle(self, seq: int) -> None:
        decision = await asyncio.to_thread(self._decide, seq)
        if isinstance(decision, Settled):
            if decision.leave_chat is not None:
                await self._leave_chat(*decision.leave_chat)
            return
        ask, turn = decision
        try:
            result = await self._dialogue.take_turn(turn)
        except DialogueUnavailable:
            await until_stored(self._wait_for_dialogue, seq)
        except TurnFailed as error:
            await until_stored(self._failed, seq, str(error))
        else:
            await until_stored(self._commit, ask, result)

    def _mine(self, case: Case, seq: int) -> InboxItem | None:
        """Return the item, unless its claim ran out and another worker has it."""
        item = case.inbox.get(seq)
        return item if item.status == "claimed" and item.claimed_by == self._worker else None

    def _decide(self, seq: int) -> Settled | tuple[Ask, Turn]:
        with self._caseload.transaction() as case:
            item = self._mine(case, seq)
            if item is None:
                return Settled()
            decision = self._gate.decide(case, item, self._read(item))
            if isinstance(decision, Settled):
                return decision
            conversation = case.conversations.find(decision.conversation_id)
            if conversation is None:
                case.inbox.finish(item, "ignored", "chat no longer linked")
                return Settled()
            decision = self._join_flood(case, item, decision)
            return decision, self._turn(case, item, conversation, decision)

    def _join_flood(self, case: Case, item: InboxItem, ask: Ask) -> Ask:
        if ask.text is None or item.kind != "text":
            return ask
        joined: list[int] = []
        texts = [ask.text]
        for one in case.inbox.join_flood(item):
            inbound = self._read(one)
            # A typed /stop in the middle of a flood is still a command.
            if inbound is None or command_of(inbound.text) is not None:
                break
            joined.append(one.seq)
            texts.append(inbound.text or "")
        return replace(ask, text="\n".join(texts)[:MAX_JOINED_TEXT], joined=tuple(joined)) if joined else ask

    def _read(self, item: InboxItem) -> Inbound | None:
        if item.kind == "internal" or item.payload is None:
            return None
        parse = self._parsers.get("demo" if item.bot_id == "demo" else "telegram")
        if parse is None:
            raise LookupError("no channel reads this update")
        return parse(item.payload, item.bot_id)

    def _turn(self, case: Case, item: InboxItem, conversation: Conversation, ask: Ask) -> Turn:
        client = conversation.client
        names = names_of(self._words, client)
        context = TurnContext(
            now=case.clock.now(),
            timezone=client.timezone,
            region=client.region or client.service.region,
            first_name=names["first_name"],
            consultant=names["consultant"],
            service=names["service"],
            sent_at=item.received_at,
        )
        return Turn(
            conversation=conversation.id,
            message_id=str(item.seq),
            context=context,
            text=ask.text,
            intent=ask.intent,
            entities=ask.entities,
        )

    def _commit(self, ask: Ask, result: TurnResult) -> None:
        """Queue the replies and finish the message, in one transaction."""
        with self._caseload.transaction() as case:
            item = self._mine(case, ask.seq)
            if item is None:
                return
            conversation = case.conversations.lock(ask.conversation_id)
            conversation.open_form = result.open_form
            # A person may have taken the chat while the dialogue thought: then the replies are not sent.
            taken = conversation.epoch != ask.epoch or conversation.mode == Mode.PERSON
            # Nor under a crisis text: the next question of a form would go on as if nothing had been said.
            endangered = item.kind != "internal" and case.safety_events.came_after(conversation, item.seq)
            held = taken or endangered
            stays = (
                not held and _has_no_answer(item, result) and self._gate.danger.stay(case, conversation, item)
            )
            late = case.clock.now() - item.received_at > LATE_AFTER
            if late and result.replies and not held and not stays:
                say_to(
                    case, self._words, conversation, "utter_gateway_late", key=f"in:{item.seq}:late",
                    origin="bot", inbox_seq=item.seq,
                )  # fmt: skip
            goes_on = not held and not stays and _goes_on(case, item, conversation, ask, result)
            # A person reads what the bot has no answer to: that it has none need not be said.
            is_silent = stays or (goes_on and _has_no_answer(item, result))
            for n, reply in enumerate(() if is_silent else result.replies):
                queue(
                    case, conversation, _said(reply), key=f"in:{item.seq}:{n}", origin="bot",
                    inbox_seq=item.seq, suppressed=held,
                )  # fmt: skip
            if goes_on:
                going_on.pass_on(case, self._words, conversation, item, ask.text or "")
            for seq in ask.joined:
                case.inbox.finish(case.inbox.get(seq), "held" if held else "done", f"read with {item.seq}")
            if ask.pressed is not None:
                button = case.buttons.find(conversation, ask.pressed)
                if button is not None:
                    case.buttons.use(button)
            if held and item.kind != "internal":
                why = "a person took the chat" if taken else "danger came behind it"
                if conversation.mode == Mode.PERSON:
                    silence.watch(case, conversation)
                case.inbox.finish(item, "held", why)
            elif stays:
                case.inbox.finish(item, "done", "safety:still here")
            elif is_silent:
                case.inbox.finish(item, "done", "passed on to a person")
            else:
                case.inbox.finish(item, "done", "bot" if result.replies else "bot: nothing to say")

    def _wait_for_dialogue(self, seq: int) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, seq)
            if item is None or item.conversation_id is None:
                return
            waited = case.clock.now() - item.received_at
            if waited > GIVE_UP_AFTER:
                self._dead(case, item, "the dialogue did not come back")
                return
            conversation = case.conversations.find(item.conversation_id)
            is_long = waited > SAY_DELAYED_AFTER and conversation is not None and item.kind != "internal"
            if is_long and conversation is not None and not self._gate.danger.stay(case, conversation, item):
                # Once an hour and chat: a client who writes ten times hears it once.
                key = f"delayed:{conversation.id}:{case.clock.now():%Y%m%d%H}"
                say_to(
                    case, self._words, conversation, "utter_gateway_delayed", key=key, origin="bot",
                    inbox_seq=item.seq,
                )  # fmt: skip
            step = min(int(waited.total_seconds() // 2), len(RETRY_WHEN_DOWN) - 1)
            delay = timedelta(seconds=RETRY_WHEN_DOWN[step])
            case.inbox.retry(item, delay, WAITS_FOR_DIALOGUE, counts=False)

    def _put_back(self, seq: int) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, seq)
            if item is not None:
                case.inbox.retry(item, RETRY_AFTER_FAILURE[0], "the database did not answer", counts=False)

    def _failed(self, seq: int, why: str) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, seq)
            if item is None:
                return
            if item.attempts + 1 < MAX_ATTEMPTS:
                case.inbox.retry(item, RETRY_AFTER_FAILURE[item.attempts], why, counts=True)
                return
            item.attempts += 1
            self._dead(case, item, why)

    def _dead(self, case: Case, item: InboxItem, why: str) -> None:
        """List the message, tell the client the truth and a person what to look at; the chat goes on."""
        case.inbox.finish(item, "dead", why)
        conversation = case.conversations.find(item.conversation_id) if item.conversation_id else None
        if conversation is None:
            # What a stranger or a member of staff wrote is kept nowhere, not even here.
            case.inbox.forget(item)
            return
        if item.kind == "internal":
            return
        if conversation.mode != Mode.PERSON and not self._gate.danger.stay(case, conversation, item):
            key = f"in:{item.seq}:dead"
            say_to_whom_it_went(
                case, self._words, conversation, "utter_gateway_not_answered", key=key, inbox_seq=item.seq
            )
        case.handoffs.open(conversation.client, "", "not_answered", urgency="today")


def _has_no_answer(item: InboxItem, result: TurnResult) -> bool:
    """Return whether the dialogue did not know what to say to a client's own words."""
    if item.kind == "internal":
        return False
    said = {reply.response for reply in result.replies}
    return bool(said & NO_ANSWER) or (item.kind == "text" and not said)


def _goes_on(case: Case, item: InboxItem, conversation: Conversation, ask: Ask, result: TurnResult) -> bool:
    """Return whether these are words that a person of the service has to see."""
    return ask.text is not None and going_on.goes_on(
        case, conversation, item, ask.text, result.understanding.intent, [item.seq, *ask.joined],
        answered=not _has_no_answer(item, result),
    )  # fmt: skip


def _said(reply: Reply) -> Said:
    buttons = tuple(
        ButtonSpec(button.label, {"intent": button.intent, "entities": dict(button.entities)})
        for button in reply.buttons
    )
    return Said(reply.text[:MAX_REPLY], buttons)
