"""For machines: is the console alive, is everything ready, and how much waits?"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from bot.console.access import public
from bot.console.parts import console

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return jsonify(status="alive")


@pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Tell which parts do not answer."""
    failing = console().readiness.failing()
    return jsonify(failing=failing), 503 if failing else 200


@pages.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Return how much waits, as Prometheus text; says nothing about any client."""
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, value: float) -> None:
        Gauge(f"foothold_{name}", meaning, registry=registry).set(value)

    with console().caseload.reading() as case:
        now = case.clock.now()
        inbox, inbox_since = case.inbox.waiting()
        outbox, outbox_since = case.outbox.waiting()
        gauge("inbox_waiting", "Messages from clients that wait for an outcome.", inbox)
        gauge("inbox_oldest_seconds", "How long the oldest of them has waited.", _age(inbox_since, now))
        gauge("outbox_waiting", "Messages to clients that wait to be sent.", outbox)
        gauge("outbox_oldest_seconds", "How long the oldest of them has waited.", _age(outbox_since, now))
        gauge("inbox_dead", "Messages from clients that could not be handled.", case.inbox.count_dead())
        gauge("outbox_dead", "Messages to clients that could not be sent.", case.outbox.count_dead())
        gauge("handoffs_open", "Handoffs that wait for somebody.", case.handoffs.count_open())
        gauge("timers_waiting", "Things to do later.", case.timers.count_waiting())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
