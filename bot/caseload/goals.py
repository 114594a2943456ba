"""Goals, in the client's own words."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.errors import NoSuchGoal
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Goal, GoalEvent
from bot.caseload.repository import Repository

#: What a progress word makes of the goal's status.
STATUS_AFTER = {
    "closer": "active",
    "achieved": "achieved",
    "changed": "active",
    "dropped": "dropped",
    "active": "active",
}


class Goals(Repository):
    """Use-cases about goals."""

    def active_for(self, client: Client) -> list[Goal]:
        """Return the goals that the client is working on, oldest first."""
        return [goal for goal in self.all_for(client) if goal.status == "active"]

    def all_for(self, client: Client) -> list[Goal]:
        """Return every goal the client ever set, oldest first."""
        query = select(Goal).where(Goal.client_id == client.id).order_by(Goal.set_at, Goal.id)
        return list(self._session.scalars(query))

    def add(self, client: Client, text: str, *, by: Staff | None = None) -> Goal:
        """Keep a goal as it was said; said again in the same words, it stays one goal."""
        words = " ".join(text.split())
        for goal in self.active_for(client):
            if goal.text.casefold() == words.casefold():
                return goal
        who = "consultant" if by else "client"
        goal = Goal(client_id=client.id, text=words, set_by=who, set_at=self._now())
        goal.events.append(GoalEvent(progress="set", by=who, at=self._now()))
        self._session.add(goal)
        self._session.flush()
        return goal

    def get_for_client(self, client: Client, goal_id: str) -> Goal:
        """Return a goal of this client; raise NoSuchGoal otherwise."""
        goal = self._session.get(Goal, goal_id)
        if goal is None or goal.client_id != client.id:
            raise NoSuchGoal(goal_id)
        return goal

    def record_progress(
        self, client: Client, goal_id: str, progress: str, words: str | None = None, *, by: str = "client"
    ) -> Goal:
        """Note how a goal goes: closer, achieved, changed (with the new words), dropped, or active again."""
        goal = self.get_for_client(client, goal_id)
        goal.status = STATUS_AFTER[progress]
        goal.reviewed_at = self._now()
        if progress == "changed" and words:
            # The words before the change stay in the event, so that nothing the client said is lost.
            goal.events.append(GoalEvent(progress=progress, words=goal.text, by=by, at=self._now()))
            goal.text = " ".join(words.split())
        else:
            goal.events.append(GoalEvent(progress=progress, words=words, by=by, at=self._now()))
        self._session.flush()
        return goal
