"""What a turn costs at message 10, 50, 100 and 500 of one conversation: python -m benchmarks.turn_cost.

Starts the dialogue server with the tiny model of the tests (or --model) and writes benchmarks/turn_cost.md.
The figure is the server's own processor time for a turn, so that a busy machine does not change it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from integrations.rasa.client import DialogueClient
from integrations.rasa.types import Turn, TurnContext
from tests.integrations.rasa.dialogue_server import SECRET, ActionServer, DialogueServer, says, tiny_model

POINTS = (10, 50, 100, 500)
AROUND = 10
CONVERSATIONS = 6
GOAL = 1.3
TICK = 1000 / os.sysconf("SC_CLK_TCK")
PAGE = Path(__file__).with_suffix(".md")


@dataclass(frozen=True)
class Cost:
    message: int
    processor_ms: float
    median_ms: float


class Meter:
    """Sends the messages and reads the server's clock before and after each group."""

    def __init__(self, server: DialogueServer, messages: tuple[str, ...]) -> None:
        self._server, self._messages = server, messages
        moment = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
        self._context = TurnContext(moment, "Europe/London", "england", "Sam", "Amina", "Northside")

    async def measure(self) -> list[Cost]:
        client = DialogueClient(self._server.url, SECRET)
        spent: dict[int, list[float]] = {point: [] for point in POINTS}
        waited: dict[int, list[float]] = {point: [] for point in POINTS}
        try:
            for conversation in range(CONVERSATIONS):
                await self._converse(client, f"bench-{conversation}", spent, waited)
        finally:
            await client.close()
        return [Cost(p, statistics.mean(spent[p]), statistics.median(waited[p])) for p in POINTS]

    async def _converse(
        self,
        client: DialogueClient,
        conversation: str,
        spent: dict[int, list[float]],
        waited: dict[int, list[float]],
    ) -> None:
        before = 0.0
        for number in range(1, POINTS[-1] + AROUND + 1):
            point = next((p for p in POINTS if abs(number - p) < AROUND), None)
            if point is not None and number == point - AROUND + 1:
                before = self._processor_ms()
            began = time.perf_counter()
            text = self._messages[number % len(self._messages)]
            await client.take_turn(Turn(conversation, str(number), self._context, text=text))
            if point is not None:
                waited[point].append((time.perf_counter() - began) * 1000)
                if number == point + AROUND - 1:
                    spent[point].append((self._processor_ms() - before) / (2 * AROUND - 1))

    def _processor_ms(self) -> float:
        fields = Path(f"/proc/{self._server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK


def table(title: str, costs: list[Cost]) -> str:
    first = costs[0].processor_ms
    rows = []
    for cost in costs:
        ratio = cost.processor_ms / first
        rows.append(f"| {cost.message} | {cost.processor_ms:.1f} | {ratio:.2f} | {cost.median_ms:.1f} |")
    head = [
        "| message | processor time, ms | against message 10 | median wait, ms |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([f"## {title}", "", *head, *rows, ""])


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="another model than the tests' tiny one")
    parser.add_argument("--messages", nargs="+", default=["hello", "where am i", "hi"])
    options = parser.parse_args()
    actions = ActionServer()
    actions.answers["action_count"] = lambda _call: says({"response": "utter_counted", "number": 1})
    with tempfile.TemporaryDirectory() as folder:
        server = DialogueServer(Path(folder), options.model or tiny_model(), actions.url)
        server.start()
        try:
            plain = asyncio.run(Meter(server, tuple(options.messages)).measure())
            resident = server.resident_mb()
        finally:
            server.kill()
            actions.close()
    worst = max(cost.processor_ms for cost in plain) / plain[0].processor_ms
    verdict = "reached" if worst <= GOAL else "NOT reached"
    page = [
        "# What a turn costs as a conversation grows",
        "",
        f"Goal: at message 500 at most {GOAL} times message 10: {verdict} ({worst:.2f}).",
        f"Mean over {CONVERSATIONS} conversations and {2 * AROUND - 1} messages around each point;",
        f"resident memory of the server after {CONVERSATIONS * (POINTS[-1] + AROUND)} turns: {resident} MB.",
        "",
        table("A rule and a response", plain),
        "Made by `python -m benchmarks.turn_cost`.",
        "",
    ]
    PAGE.write_text("\n".join(page), encoding="utf-8")
    print("\n".join(page))


if __name__ == "__main__":
    main()
