"""What a member of staff calls a client in their own Telegram: initials or a code, never a name."""

from __future__ import annotations

import itertools

from sqlalchemy import select

from bot.caseload.errors import LabelNotUsable
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.staff_chats import StaffAlias
from bot.caseload.repository import Repository

MAX_LABEL = 12
#: Shorter parts of a name are in too many words to be told from them.
SHORTEST_NAME = 3


class StaffAliases(Repository):
    """Use-cases about the labels of clients; each is one person's own."""

    def find(self, staff: Staff, client: Client) -> str | None:
        """Return what this person calls this client, if that was ever settled."""
        alias = self._of(staff, client)
        return alias.label if alias else None

    def label_of(self, staff: Staff, client: Client) -> str:
        """Return what this person calls this client: from the first time on it stays the same.

        A number that moved from one client to another would send words to the wrong one.
        """
        known = self.find(staff, client)
        if known is not None:
            return known
        taken = self._labels(staff)
        initials = _initials(client.display_name)
        numbered = (f"{initials}{number}" for number in itertools.count(2))
        label = next(one for one in itertools.chain([initials], numbered) if one.casefold() not in taken)
        self._session.add(StaffAlias(staff_id=staff.id, client_id=client.id, label=label))
        self._session.flush()
        return label

    def choose(self, staff: Staff, client: Client, label: str) -> None:
        """Keep what this person wants to call this client; raise LabelNotUsable, which says why."""
        label = " ".join(label.split())
        if not 1 <= len(label) <= MAX_LABEL or not label.isprintable():
            raise LabelNotUsable(f"Use 1 to {MAX_LABEL} characters.")
        if _has_name(label, client):
            raise LabelNotUsable("Choose something that is not their name.")
        taken, alias = self._labels(staff), self._of(staff, client)
        if label.casefold() in taken and taken[label.casefold()] != client.id:
            raise LabelNotUsable("You call another client that already. Choose something else.")
        if alias is None:
            self._session.add(StaffAlias(staff_id=staff.id, client_id=client.id, label=label))
        else:
            alias.label = label
        self._session.flush()

    def _of(self, staff: Staff, client: Client) -> StaffAlias | None:
        query = select(StaffAlias).where(StaffAlias.staff_id == staff.id, StaffAlias.client_id == client.id)
        return self._session.scalars(query).one_or_none()

    def _labels(self, staff: Staff) -> dict[str, str]:
        """Return this person's labels in lower case, each with its client, kept from changing meanwhile."""
        # Locked, so that of two requests at the same moment only one takes a label.
        self._session.execute(select(Staff.id).where(Staff.id == staff.id).with_for_update())
        query = select(StaffAlias.label, StaffAlias.client_id).where(StaffAlias.staff_id == staff.id)
        return {label.casefold(): client_id for label, client_id in self._session.execute(query)}


def _initials(name: str) -> str:
    return "".join(part[0] for part in name.split() if part[0].isalnum())[:3].upper() or "X"


def _has_name(label: str, client: Client) -> bool:
    parts = f"{client.display_name} {client.preferred_name}".casefold().replace("-", " ").split()
    return any(len(part) >= SHORTEST_NAME and part in label.casefold() for part in parts)
