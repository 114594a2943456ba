"""Taking clients on, and what stands at the head of their page: names, place, status and cover."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from bot.caseload.absences import COVERS
from bot.caseload.clients import Clients
from bot.caseload.consents import Consents
from bot.caseload.done_once import DoneOnceKeys
from bot.caseload.errors import CoverNotPossible, NoSuchClient, RefTaken
from bot.caseload.invites import Invites
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.repository import ERASED, Repository

#: What somebody can have agreed to before they ever chat; the bot itself asks for the chat.
ON_PAPER = ("share_with_clinical_team", "family")
PAPER = "on paper"
CLOSED = "closed"


@dataclass(frozen=True)
class Head:
    """Who a client is and where they live; `region` is None where nobody has said."""

    display_name: str
    preferred_name: str
    area: str | None
    region: str | None
    timezone: str


@dataclass(frozen=True)
class TakenOn:
    """A client who was taken on, now or by the same form before."""

    client: Client
    is_new: bool


class Enrolments(Repository):
    """Use-cases about who is a client, and about the head of their page."""

    def take_on(
        self,
        by: Staff,
        head: Head,
        *,
        key: str,
        consultant: Staff,
        ref: str | None = None,
        agreed: dict[str, bool] | None = None,
    ) -> TakenOn:
        """Take a person on in the service of whoever asks; the same form sent again makes no second one.

        `agreed` holds what was said on paper, by purpose. Raises RefTaken.
        """
        # Locked, so that of two requests with one form the second sees what the first has made.
        self._session.execute(select(Staff.id).where(Staff.id == by.id).with_for_update())
        once = DoneOnceKeys(self._session, self._clock)
        clients = Clients(self._session, self._clock)
        parts = ("enrolment", by.id, key)
        if (done := once.find(*parts)) is not None:
            return TakenOn(clients.find(str(done["client"])), is_new=False)
        if ref and clients.find_by_ref(ref) is not None:
            raise RefTaken
        try:
            client = clients.enrol(by.service, head.display_name, consultant=consultant, ref=ref or None)
        except IntegrityError as error:
            # A colleague gave the same reference at this moment.
            raise RefTaken from error
        self.correct(client, head)
        record = partial(Consents(self._session, self._clock).record, client, wording_version=PAPER)
        for purpose, given in (agreed or {}).items():
            record(purpose, given=given)
        once.record(*parts, result={"client": client.id})
        return TakenOn(client, is_new=True)

    def correct(self, client: Client, head: Head) -> list[str]:
        """Write down who a client is and where they live; return which of it has changed."""
        changed = [name for name in Head.__annotations__ if getattr(client, name) != getattr(head, name)]
        for name in changed:
            setattr(client, name, getattr(head, name))
        self._session.flush()
        return changed

    def close(self, client: Client) -> bool:
        """Note that the service is done with a client; return whether that was still to do."""
        if client.status == CLOSED:
            return False
        client.status = CLOSED
        Invites(self._session, self._clock).revoke_open(client)
        self._session.flush()
        return True

    def open_again(self, client: Client) -> bool:
        """Note that a closed client is with the service again; return whether that was still to do."""
        if client.status != CLOSED:
            return False
        if is_erased(client):
            raise NoSuchClient(client.id)
        client.status = "in_work" if client.phase == "placement_support" else "active"
        self._session.flush()
        return True

    def covers_for(self, client: Client) -> list[Staff]:
        """Return who could cover for a client's consultant, by name."""
        query = select(Staff).where(
            Staff.service_id == client.service_id, Staff.role.in_(COVERS), Staff.disabled_at.is_(None)
        )
        return [
            one for one in self._session.scalars(query.order_by(Staff.name)) if one.id != client.consultant_id
        ]

    def set_cover(self, client: Client, cover_id: str | None) -> Staff | None:
        """Say who covers for a client's consultant, None for nobody; raise CoverNotPossible."""
        cover = next((one for one in self.covers_for(client) if one.id == cover_id), None)
        if cover_id is not None and cover is None:
            raise CoverNotPossible(cover_id)
        client.cover_id = cover_id
        self._session.flush()
        self._session.refresh(client, ["cover"])
        return cover

    def was_deleted(self, by: Staff, *, client_id: str | None, conversation_id: str | None) -> bool:
        """Return whether this is, or this is a chat of, a client of the service whose data was deleted."""
        of_chat = select(Conversation.client_id).where(Conversation.id == conversation_id)
        query = select(Client.id).where(
            or_(Client.id == client_id, Client.id.in_(of_chat)),
            Client.service_id == by.service_id,
            Client.ref.startswith(ERASED),
        )
        return self._session.scalars(query).first() is not None


def is_erased(client: Client) -> bool:
    """Return whether the data of this client was deleted."""
    return client.ref.startswith(ERASED)
