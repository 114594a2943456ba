"""How long a client has waited in working time, who was told, and who is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.caseload.alerts import is_waiting
from bot.caseload.handoffs import SILENT
from bot.caseload.models.conversation import Handoff
from bot.caseload.models.safety import Alert
from bot.caseload.store import Case
from bot.caseload.waits import TOLD_ABOUT
from bot.console import labels, times
from bot.spoken import short_length


def waits_of(case: Case, handoffs: Sequence[Handoff]) -> dict[str, tuple[str, ...]]:
    """Say how far each waiting went, one sentence a line; nothing for what tells nobody."""
    alerts, ahead = case.alerts.of_waits(handoffs), case.waits.ahead_of(handoffs)
    worked = case.working_time.seconds_waited(handoffs, case.clock.now())
    return {
        one.id: _wait_of(case, one, worked[one.id], alerts.get(one.id, []), ahead.get(one.id, {}))
        for one in handoffs
    }


def lengths_of(case: Case, handoffs: Sequence[Handoff]) -> dict[str, str]:
    """Say how long each has waited in working time, by its id; nothing of what tells nobody."""
    telling = [one for one in handoffs if _tells(one)]
    worked = case.working_time.seconds_waited(telling, case.clock.now())
    return {handoff_id: _length(seconds) for handoff_id, seconds in worked.items()}


def _tells(handoff: Handoff) -> bool:
    return is_waiting(handoff) and handoff.reason in {*TOLD_ABOUT, SILENT}


def _length(worked: int) -> str:
    return f"Waits {short_length(worked)} of working time."


def _wait_of(
    case: Case, handoff: Handoff, worked: int, alerts: Sequence[Alert], ahead: Mapping[str, datetime]
) -> tuple[str, ...]:
    if not _tells(handoff):
        return ()
    zone, now = handoff.client.timezone, case.clock.now()
    lines = [_length(worked)]
    told: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        if alert.created_at >= handoff.waiting_since and alert.status != "dropped":
            told.setdefault((alert.staff_id, alert.step), []).append(alert)
    lines += [
        f"{mine[0].staff.first_name} {'reminded' if step == 'reminder' else 'told'}"
        f" {times.short_time(mine[0].created_at, zone, now)} {_ways(mine)}."
        for (_, step), mine in told.items()
    ]
    coming = [
        f"{labels.say(labels.WAIT_STEPS, step)} {times.short_time(at, zone, now)}"
        for step, at in ahead.items()
    ]
    return (*lines, f"Next: {', '.join(coming)}.") if coming else tuple(lines)


def _ways(alerts: list[Alert]) -> str:
    ways = [labels.say(labels.ALERT_CHANNELS, alert.channel) for alert in alerts if alert.status != "dead"]
    lost = [labels.say(labels.ALERT_CHANNELS, alert.channel) for alert in alerts if alert.status == "dead"]
    said = " and ".join(ways)
    return f"{said}, not delivered {' and '.join(lost)}" if lost else said
