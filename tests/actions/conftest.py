"""Sam's chat with the actions: a real caseload on SQLite, and the little of Rasa that actions see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.interfaces import Tracker

from actions.base import Services, read_responses
from actions.server import make_executor
from bot.caseload.models.base import Base
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock

ROOT = Path(__file__).resolve().parents[2]
#: A Monday morning in November: London is on UTC.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """One thing the bot said: the response's name, its arguments, and the labels of buttons added to it."""

    response: str
    args: Mapping[str, Any]
    labels: tuple[str, ...]
    payloads: tuple[str, ...]


@dataclass
class Chat:
    """One client's chat: says things, lets actions run, and keeps slots and the open form as Rasa would."""

    services: Services
    conversation: str
    slots: dict[str, Any] = field(default_factory=dict)
    form: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    latest: dict[str, Any] = field(default_factory=dict)
    follow_up: str | None = None
    messages: int = 0

    def says(
        self,
        text: str,
        intent: str,
        entities: list[tuple[str, Any]] | None = None,
        *,
        message_id: str | None = None,
        ranking: list[tuple[str, float]] | None = None,
        sure: float = 1.0,
    ) -> None:
        """Take a message of the client, understood as given."""
        self.messages += 1
        self.follow_up = None
        found = [{"entity": name, "value": value} for name, value in entities or []]
        ranked = [{"name": name, "confidence": sure} for name, sure in ranking or [(intent, 1.0)]]
        self.latest = {
            "text": text,
            "intent": {"name": intent, "confidence": sure},
            "intent_ranking": ranked,
            "entities": found,
        }
        self.events.append(
            {
                "event": "user",
                "text": text,
                "message_id": message_id or f"m{self.messages}",
                "timestamp": self.services.clock.now().timestamp(),
                "parse_data": self.latest,
                "metadata": {
                    "now": self.services.clock.now().isoformat(),
                    "timezone": "Europe/London",
                    "region": "england",
                    "first_name": "Sam",
                    "consultant": "Amina",
                    "service": "Northside",
                },
            }
        )

    def presses(self, payload_intent: str, **entities: str) -> None:
        """Press a button."""
        self.says(f"/{payload_intent}", payload_intent, list(entities.items()))

    def runs(self, action: str) -> list[Said]:
        """Run an action as the dialogue server does, and return what it said."""
        call = {
            "next_action": action,
            "sender_id": self.conversation,
            "tracker": self._tracker(),
            "domain": {},
        }
        call["domain"] = {"slots": {}}
        result = asyncio.run(make_executor(self.services).run(call))
        assert result is not None
        done = result.model_dump()
        if not action.startswith(("validate_", "action_ask_")):
            self.events.append({"event": "action", "name": action})
        for event in done["events"]:
            self._apply(event)
        return [_said(message) for message in done["responses"]]

    def form_hears(self, form: str, slot: str) -> list[Said]:
        """Let an open form read the last message as the answer to a question; what it says, if anything."""
        self.form, self.slots["requested_slot"] = form, slot
        return self.runs(f"validate_{form}")

    def tracker(self) -> Tracker:
        """Return the tracker that an action gets."""
        return Tracker.from_dict(self._tracker())

    def _tracker(self) -> dict[str, Any]:
        return {
            "sender_id": self.conversation,
            "slots": dict(self.slots),
            "latest_message": self.latest,
            "events": list(self.events),
            "active_loop": {"name": self.form} if self.form else {},
            "latest_action_name": None,
        }

    def _apply(self, event: dict[str, Any]) -> None:
        if event["event"] == "slot":
            self.slots[event["name"]] = event["value"]
        elif event["event"] == "active_loop":
            self.form = event["name"]
        elif event["event"] == "followup":
            self.follow_up = event["name"]
        self.events.append(event)


def _said(message: dict[str, Any]) -> Said:
    buttons = message.get("buttons") or []
    args = {name: value for name, value in message.items() if name not in _NOT_ARGUMENTS and value}
    return Said(
        response=message["response"],
        args=args,
        labels=tuple(button["title"] for button in buttons),
        payloads=tuple(button["payload"] for button in buttons),
    )


_NOT_ARGUMENTS = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def caseload(tmp_path: Path, clock: FixedClock) -> Iterator[Caseload]:
    store = Caseload(f"sqlite:///{tmp_path / 'caseload.db'}", clock)
    Base.metadata.create_all(store.engine)
    yield store
    store.close()


def domain_files() -> list[Path]:
    """The files that make the domain."""
    return [ROOT / "domain.yml"]


@pytest.fixture
def services(caseload: Caseload, clock: FixedClock) -> Services:
    return Services(caseload=caseload, clock=clock, boards={}, responses=read_responses(*domain_files()))


@pytest.fixture
def sam(services: Services) -> Chat:
    """Sam's chat. Amina sees clients on Tuesday mornings and Thursday afternoons."""
    with services.caseload.transaction() as case:
        return Chat(services, _enrol(case, "sam", "Sam Okoro"))


@pytest.fixture
def jo(services: Services, sam: Chat) -> Chat:
    """The chat of another client."""
    with services.caseload.transaction() as case:
        return replace(sam, conversation=_enrol(case, "jo", "Jo Lind"), slots={}, events=[], latest={})


def _enrol(case: Case, ref: str, name: str) -> str:
    service = case.services.find("northside") or case.services.add(
        ref="northside",
        name="Northside",
        region="england",
        timezone="Europe/London",
        phone=None,
        hours={str(day): [["09:00", "17:00"]] for day in range(5)},
    )
    amina = case.staff.find_by_email("amina@northside.example")
    if amina is None:
        amina = case.staff.add(
            service,
            "Amina Khan",
            "amina@northside.example",
            "consultant",
            password_hash=None,
            totp_secret=None,
        )
        case.staff.set_availability(amina, [(1, "10:00", "12:00"), (3, "13:00", "16:00")])
    client = case.clients.enrol(service, name, ref=ref, consultant=amina)
    return case.conversations.link(client, channel="demo", bot_id="demo", chat_id=ref).id
