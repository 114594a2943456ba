"""When a client is reminded of an appointment: the day before, and shortly before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.caseload.models.people import Client
from bot.caseload.models.plan import Appointment
from bot.caseload.repository import Repository
from bot.caseload.timers import Timers

SHORTLY_BEFORE = timedelta(hours=2)


class AppointmentReminders(Repository):
    """The timers of an appointment; who says the reminder is not decided here."""

    def set(self, appointment: Appointment) -> None:
        """Set what is still to come of an appointment's reminders, instead of any that were set."""
        self.cancel(appointment)
        timers = Timers(self._session, self._clock)
        client = self._session.get_one(Client, appointment.client_id)
        reminders = {
            "day_before": _same_time_yesterday(appointment.starts_at, ZoneInfo(client.timezone)),
            "two_hours": appointment.starts_at - SHORTLY_BEFORE,
        }
        for name, due in reminders.items():
            if due > self._now():
                # The start is part of the key: a meeting that moves is reminded of again.
                timers.set(
                    f"appointment:{appointment.id}:{name}:{appointment.starts_at.isoformat()}",
                    "appointment_reminder",
                    due,
                    client_id=appointment.client_id,
                    payload={"appointment": appointment.id, "which": name},
                )

    def cancel(self, appointment: Appointment) -> None:
        """Cancel the reminders that have not rung."""
        Timers(self._session, self._clock).cancel(f"appointment:{appointment.id}:")


def _same_time_yesterday(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the same time of day on the day before, where the client lives: not 24 hours when clocks change.

    Where the clocks went forward over it, it is an hour later.
    """
    local = at.astimezone(zone)
    return (local - timedelta(days=1)).astimezone(UTC)
