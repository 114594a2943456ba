"""How and when the bot may start a message to a client."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.caseload.models.people import Client, ContactPreference
from bot.caseload.repository import Repository


class Preferences(Repository):
    """Use-cases about contact preferences. They bind what the bot starts, never an answer."""

    def get(self, client: Client) -> ContactPreference:
        """Return the client's preferences, made with the defaults when they never set any."""
        found = self._session.get(ContactPreference, client.id)
        if found is None:
            found = ContactPreference(client_id=client.id, reminders=True)
            self._session.add(found)
            self._session.flush()
        return found

    def find(self, client: Client) -> ContactPreference | None:
        """Return the client's preferences, unless they never set any; for a look that writes nothing."""
        return self._session.get(ContactPreference, client.id)

    def stop(self, client: Client) -> None:
        """Stop every message that the bot starts. The service goes on."""
        self.get(client).stopped_at = self._now()

    def resume(self, client: Client) -> None:
        """Undo a stop and a pause; quiet hours and the weekly limit stay."""
        preference = self.get(client)
        preference.stopped_at = None
        preference.paused_until = None

    def pause_until(self, client: Client, when: datetime) -> None:
        """Start nothing before an instant."""
        self.get(client).paused_until = when

    def set_quiet_hours(self, client: Client, starts: str | None, ends: str | None) -> None:
        """Start nothing between two local times ("21:00", "08:00"); None for both lifts it."""
        preference = self.get(client)
        preference.quiet_from = time.fromisoformat(starts).strftime("%H:%M") if starts else None
        preference.quiet_until = time.fromisoformat(ends).strftime("%H:%M") if ends else None

    def set_max_per_week(self, client: Client, n: int | None) -> None:
        """Start at most n messages a week; None lifts the limit."""
        self.get(client).max_per_week = n

    def may_start(self, client: Client) -> bool:
        """Return whether the bot may start messages to this client at all (not whether now)."""
        preference = self.get(client)
        return preference.stopped_at is None and preference.reminders

    def earliest_start(self, client: Client, wanted: datetime) -> datetime:
        """Return the first instant at or after `wanted` that is neither paused nor in quiet hours."""
        preference = self.get(client)
        if preference.paused_until is not None and preference.paused_until > wanted:
            wanted = preference.paused_until
        return self.after_quiet_hours(client, wanted)

    def asked_for_silence(self, client: Client, at: datetime) -> bool:
        """Return whether the client has stopped messages, or has paused them beyond an instant."""
        preference = self.find(client)
        if preference is None:
            return False
        paused = preference.paused_until is not None and preference.paused_until > at
        return preference.stopped_at is not None or paused

    def after_quiet_hours(self, client: Client, wanted: datetime) -> datetime:
        """Return the first instant at or after `wanted` that is not in the client's quiet hours."""
        preference = self.find(client)
        if preference is None or not (preference.quiet_from and preference.quiet_until):
            return wanted
        zone = ZoneInfo(client.timezone)
        local = wanted.astimezone(zone)
        starts, ends = time.fromisoformat(preference.quiet_from), time.fromisoformat(preference.quiet_until)
        clock_time = local.time().replace(tzinfo=None)
        quiet = starts <= clock_time < ends if starts <= ends else clock_time >= starts or clock_time < ends
        if not quiet:
            return wanted
        day = local.date() if clock_time < ends else local.date() + timedelta(days=1)
        return datetime.combine(day, ends, zone)
