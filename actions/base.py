"""What every custom action shares: one transaction, done once, and the truth when it fails."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import structlog
import yaml
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.clock import Clock

if TYPE_CHECKING:
    from bot.caseload.store import Case, Caseload

logger = structlog.get_logger(__name__)

#: What rasa_sdk.events makes.
Event: TypeAlias = dict[str, Any]
#: After these an open question waits: nobody who says goodbye is asked again at once.
NOT_PUSHED_AFTER = frozenset({"thank", "say_goodbye"})
#: What was said and what happened, as the dialogue server wants them.
Done: TypeAlias = tuple[list[dict[str, Any]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Services:
    """What actions may use; put together in bot/app.py, or by a test with stand-ins."""

    caseload: Caseload
    clock: Clock
    #: The job boards of integrations/job_boards, by name.
    boards: Mapping[str, Any]
    #: The domain's responses, from which the words of buttons come.
    responses: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TurnFacts:
    """What the gateway says about this turn: when it is for the client, and who they are."""

    now: datetime
    zone: tzinfo
    region: str | None
    first_name: str
    consultant: str
    service: str
    message_id: str | None


class Speaker(CollectingDispatcher):
    """A dispatcher that also knows the words of buttons, which stand in the domain as all sentences do."""

    def __init__(self, responses: Mapping[str, Any], facts: TurnFacts) -> None:
        super().__init__()
        self._responses = responses
        self._facts = facts

    def has(self, response: str) -> bool:
        """Whether the domain holds this response."""
        return response in self._responses

    def label(self, response: str, **args: str) -> str:
        """Return the text of a response, to be the label of a button."""
        values = {"first_name": self._facts.first_name, "consultant": self._facts.consultant, **args}
        text = str(self._responses[response][0]["text"])
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


class FlowAction(Action):
    """One custom action: `act` runs inside one transaction, once for each message of the client.

    When anything fails, what was written is undone, the client hears that it was not saved, and the flow
    stops there: no later step of a rule may run as if it had worked.
    """

    #: False for actions that only read: a repeat may read again, so nothing is kept about them.
    writes = True

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services

    def name(self) -> str:
        """Return the snake_case form of the class name."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def look_up(self, tracker: Tracker, services: Services) -> Any:  # noqa: ARG002 (for subclasses)
        """Fetch what needs the network, before the transaction; the result goes to `act_on`."""
        return None

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Do the one thing this action is for."""
        raise NotImplementedError

    def act_on(self, dispatcher: Speaker, tracker: Tracker, case: Case, found: Any) -> list[Event]:  # noqa: ARG002
        """Do it with what `look_up` found; actions that look nothing up write `act` alone."""
        return self.act(dispatcher, tracker, case)

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,  # noqa: ARG002 (rasa_sdk passes it)
    ) -> list[dict[str, Any]]:
        """Run in a thread, so that a slow database holds up one client and not all of them."""
        messages, events = await asyncio.to_thread(self._run_once, tracker)
        dispatcher.messages.extend(messages)
        return events

    def _run_once(self, tracker: Tracker) -> Done:
        if self._asks and let_go(tracker) and intent_of(tracker) in NOT_PUSHED_AFTER:
            return [], []
        facts = turn_facts(tracker, self.services.clock)
        try:
            found = self.look_up(tracker, self.services)
            if not self.writes:
                with self.services.caseload.reading() as case:
                    speaker = Speaker(self.services.responses, facts)
                    events = [dict(event) for event in self.act_on(speaker, tracker, case, found)]
                return speaker.messages, events
            with self.services.caseload.transaction() as case:
                key = self._key(tracker, facts)
                if key is not None and (done := case.done_once.find(*key)) is not None:
                    return list(done["messages"]), list(done["events"])
                speaker = Speaker(self.services.responses, facts)
                events = [dict(event) for event in self.act_on(speaker, tracker, case, found)]
                if key is not None:
                    case.done_once.record(*key, result={"messages": speaker.messages, "events": events})
            return speaker.messages, events
        except Exception as error:  # noqa: BLE001 (the one place: whatever it is, the client hears the truth)
            # The error's own text may quote what the client wrote: log where and what kind, no more.
            logger.error(
                "action failed",
                action=self.name(),
                conversation_id=tracker.sender_id,
                message_id=facts.message_id,
                error=type(error).__name__,
                at=_where(error),
            )
            return self._apology(facts)

    @property
    def _asks(self) -> bool:
        """Whether this is the question of a form: Rasa finds it by this name."""
        return self.name().startswith("action_ask_")

    def _apology(self, facts: TurnFacts) -> Done:
        speaker = Speaker(self.services.responses, facts)
        speaker.utter_message(response="utter_could_not_save")
        return speaker.messages, [dict(event) for event in [*leave_form(), FollowupAction("action_listen")]]

    def _key(self, tracker: Tracker, facts: TurnFacts) -> tuple[str, ...] | None:
        # Without a message id (`rasa shell`) nothing repeats a turn, so there is nothing to recognise.
        if facts.message_id is None:
            return None
        return tracker.sender_id, facts.message_id, self.name(), str(_steps_in_turn(tracker))


def read_responses(*domains: Path) -> dict[str, Any]:
    """Return the responses of domain files, by name."""
    responses: dict[str, Any] = {}
    for domain in domains:
        responses |= yaml.safe_load(domain.read_text(encoding="utf-8")).get("responses") or {}
    return responses


def leave_form() -> list[Event]:
    """Return the events that close whatever form is open."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


def turn_facts(tracker: Tracker, clock: Clock) -> TurnFacts:
    """Read what the gateway sent along with the client's last message."""
    event = last_message(tracker)
    metadata = event.get("metadata") or {}
    now = metadata.get("now")
    return TurnFacts(
        now=datetime.fromisoformat(now).astimezone(UTC) if now else clock.now(),
        zone=ZoneInfo(metadata.get("timezone") or "Europe/London"),
        region=metadata.get("region"),
        first_name=metadata.get("first_name") or "",
        consultant=metadata.get("consultant") or "",
        service=metadata.get("service") or "",
        message_id=event.get("message_id"),
    )


def intent_of(tracker: Tracker) -> str:
    """Return the intent of the client's last message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def entity(tracker: Tracker, name: str) -> Any:
    """Return the value of an entity of the client's last message, or None."""
    return next(iter(tracker.get_latest_entity_values(name)), None)


def slot(tracker: Tracker, name: str) -> str:
    """Return a text slot; an empty one is an empty text."""
    return str(tracker.get_slot(name) or "")


def words_of(tracker: Tracker) -> str:
    """Return what the client typed; empty for a pressed button."""
    text = str(tracker.latest_message.get("text") or "").strip()
    return "" if text.startswith("/") else text


def away_for(tracker: Tracker) -> timedelta:
    """Return how long the client had been silent before their last message."""
    times = [float(e["timestamp"]) for e in tracker.events if e.get("event") == "user" and e.get("timestamp")]
    return timedelta(seconds=times[-1] - times[-2]) if len(times) > 1 else timedelta()


def last_message(tracker: Tracker) -> dict[str, Any]:
    """Return the event of the client's last message, with its id and metadata."""
    said = (event for event in reversed(tracker.events) if event.get("event") == "user")
    return dict(next(said, {}))


def let_go(tracker: Tracker) -> bool:
    """Whether the open form left the client's last message to another rule."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "action_execution_rejected":
            return True
    return False


def _steps_in_turn(tracker: Tracker) -> int:
    """Count what ran since the client's message: it tells two runs of one action in a turn apart."""
    steps = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        steps += event.get("event") in {"action", "action_execution_rejected"}
    return steps


def _where(error: Exception) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
