"""Measures the whole product as it runs, and writes benchmarks/system.md: python -m benchmarks.system.

Trains the assistant afresh, starts the four parts with an emulated Telegram, and writes as clients would.
Nothing else should run on the machine meanwhile; the load is written beside the figures.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from integrations.rasa.client import DialogueClient
from integrations.rasa.types import Turn, TurnContext
from tests.conftest import ROOT, SECRET
from tests.stack import Stack
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

PAGE = Path(__file__).with_suffix(".md")
CLIENTS = ("sam", "leila", "dev", "joan", "ruth", "tomas", "ellie", "george", "aroha", "hana")
ROUNDS = 6
SAYINGS = (
    "hiya",
    "whens my next appointment",
    "who reads this",
    "can i see my goals",
    "what can u do",
    "anything going job wise",
)
CRISIS = "i want to kill myself"
POINTS = (10, 100, 500)
AROUND = 10
#: The load under which danger is answered: every eleventh message is a cry, so that each phone has its turn.
LOAD_A_SECOND = 5
LOAD_SECONDS = 60
CRISIS_EVERY = 11

screen = Console(stderr=True)


@dataclass(frozen=True)
class Figure:
    """One line of the page."""

    what: str
    goal: str
    value: str
    reached: bool


def main() -> None:
    """Measure everything and write the page."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        figures.append(training(Path(folder)))
        with TelegramServer() as telegram:
            began = time.monotonic()
            with Stack(Path(folder) / "state", models, telegram) as stack:
                ready = time.monotonic() - began
                figures.append(Figure("ready after `foothold run`", "60 s", f"{ready:.1f} s", ready <= 60))
                time.sleep(5)  # Idle is what is left once starting is over.
                figures.append(memory(stack))
                figures.append(first_reply(stack, telegram))
                figures.append(asyncio.run(turn_cost(stack)))
        with (
            TelegramServer() as telegram,
            Stack(Path(folder) / "alone", models, telegram, parts=("gateway",)) as stack,
        ):
            figures.append(safety_alone(stack, telegram))
    write(figures)


def training(folder: Path) -> Figure:
    """Train with nothing cached."""
    screen.print("training")
    environment = {**os.environ, "FOOTHOLD_STATE_DIR": str(folder), "FOOTHOLD_SECRET_KEY": SECRET}
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "train", "--promote"],
        cwd=ROOT, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    seconds = time.monotonic() - began
    return Figure("whole assistant trained, nothing cached", "90 s", f"{seconds:.0f} s", seconds < 90)


def memory(stack: Stack) -> Figure:
    """Add up what each part holds for itself; shared pages are split between those who share them."""
    names = ("actions", "dialogue", "console", "gateway")
    sizes = {name: psutil.Process(stack.pid_of(name)).memory_full_info().pss / 2**20 for name in names}
    total = sum(sizes.values())
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
    return Figure("memory of all parts, idle", "1,500 MB", f"{total:.0f} MB ({parts})", total < 1500)


def first_reply(stack: Stack, telegram: TelegramServer) -> Figure:
    """One message a second, from ten clients in turn; until the first reply is accepted for sending."""
    screen.print("first replies")
    phones = [linked(stack, telegram, ref) for ref in CLIENTS]
    waits = []
    for saying in SAYINGS[:ROUNDS]:
        for phone in phones:
            began = time.monotonic()
            phone.says(saying)
            phone.waits_for(lambda message: True, seconds=20)  # noqa: ARG005 (any message)
            waits.append(time.monotonic() - began)
            time.sleep(max(0.0, 1.0 - waits[-1]))
    late = statistics.quantiles(waits, n=20)[18]
    value = f"{late * 1000:.0f} ms (median {statistics.median(waits) * 1000:.0f} ms, {len(waits)} messages)"
    return Figure("first reply, 95th percentile, one message a second", "1,000 ms", value, late <= 1)


async def turn_cost(stack: Stack) -> Figure:
    """The same question at different ages of one conversation, by the dialogue server's processor time."""
    screen.print("turn cost")
    with stack.caseload.reading() as case:
        client = case.clients.find_by_ref("marcus")
        conversation = case.conversations.of_client(client)[0].id if client else ""
    context = TurnContext(
        datetime(2026, 11, 25, 10, tzinfo=UTC), "Europe/London", "england", "Sam", "Amina", "it"
    )
    dialogue = DialogueClient(f"http://127.0.0.1:{stack.dialogue_port}", SECRET)
    process = psutil.Process(stack.pid_of("dialogue"))
    spent: dict[int, float] = {}
    for number in range(1, max(POINTS) + AROUND + 1):
        used = process.cpu_times().user
        await dialogue.take_turn(
            Turn(conversation, str(1_000_000 + number), context, text=SAYINGS[number % len(SAYINGS)])
        )
        used = process.cpu_times().user - used
        for point in POINTS:
            if abs(number - point) <= AROUND:
                spent[point] = spent.get(point, 0.0) + used
    await dialogue.close()
    counted = {point: min(point - 1, AROUND) + AROUND + 1 for point in POINTS}
    cost = {point: spent[point] / counted[point] * 1000 for point in POINTS}
    ratio = cost[500] / cost[10]
    value = f"{ratio:.2f} ({cost[10]:.0f} ms at message 10, {cost[500]:.0f} ms at message 500)"
    return Figure("turn cost at message 500 against message 10", "1.3", value, ratio <= 1.3)


def safety_alone(stack: Stack, telegram: TelegramServer) -> Figure:
    """The crisis text with dialogue, actions and console not running, while ten clients write."""
    screen.print("safety alone")
    phones = []
    for ref in CLIENTS:
        with stack.caseload.transaction() as case:
            client = case.clients.find_by_ref(ref)
            if client is not None:
                case.consents.record(client, "chat", given=True, wording_version="benchmark")
        phones.append(telegram.client(ref))
        phones[-1].start(stack.invite(ref))
    time.sleep(2)  # The greetings wait for the dialogue, which is not there.
    began = time.monotonic()
    with ThreadPoolExecutor(len(phones)) as pool:
        waiting = []
        for number in range(LOAD_SECONDS * LOAD_A_SECOND):
            phone = phones[number % len(phones)]
            if number % CRISIS_EVERY:
                phone.says(SAYINGS[number % len(SAYINGS)])
            else:
                waiting.append(pool.submit(cry, phone))
            time.sleep(max(0.0, began + (number + 1) / LOAD_A_SECOND - time.monotonic()))
        waits = [one.result() for one in waiting]
    late = statistics.quantiles(waits, n=20)[18]
    value = f"{late:.2f} s (median {statistics.median(waits):.2f} s, {len(waits)} cries)"
    what = f"safety reply, 95th percentile, dialogue stopped, {LOAD_A_SECOND} messages a second"
    return Figure(what, "2 s", value, late < 2)


def cry(phone: Phone) -> float:
    """Write of danger, and return the seconds until the numbers are accepted for sending."""
    began = time.monotonic()
    phone.says(CRISIS)
    phone.waits_for(lambda message: "116 123" in message.text or "1737" in message.text, seconds=20)
    return time.monotonic() - began


def linked(stack: Stack, telegram: TelegramServer, ref: str) -> Phone:
    """A phone whose owner has pressed Start, said yes and been greeted."""
    phone = telegram.client(ref)
    phone.start(stack.invite(ref))
    phone.waits_for(_has_button("Yes, that is OK"), seconds=20)
    phone.presses("Yes, that is OK")
    phone.waits_for(_has_button("Look at jobs"), seconds=30)
    return phone


def _has_button(label: str) -> Callable[[object], bool]:
    return lambda message: label in str(message)


def write(figures: list[Figure]) -> None:
    """Write the page."""
    now = datetime.now(UTC)
    rows = "\n".join(
        f"| {one.what} | {one.goal} | {one.value} | {'yes' if one.reached else '**no**'} |" for one in figures
    )
    PAGE.write_text(
        "# The whole product, measured as it runs\n\n"
        "Four parts on SQLite, an emulated Telegram on the same machine, messages over HTTP.\n"
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, {now:%d %B %Y}.\n\n"
        "| what | goal | measured | reached |\n| --- | --- | --- | --- |\n"
        f"{rows}\n\nMade by `make bench`.\n",
        encoding="utf-8",
    )
    for one in figures:
        screen.print(f"{'ok  ' if one.reached else 'MISS'} {one.what}: {one.value} (goal {one.goal})")


if __name__ == "__main__":
    main()
