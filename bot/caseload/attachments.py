"""Files that clients sent: fetched once, shown to those who may see the client, deleted with their words."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select

from bot.caseload.errors import NoSuchAttachment
from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.talk import Attachment, DiscardedFile
from bot.caseload.repository import Repository, may_see

#: Larger files are not fetched at all.
MAX_BYTES = 10 * 1024 * 1024
#: A worker that has not finished a file within this time is taken for dead.
LEASE = timedelta(minutes=3)
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
#: So often staff may have one file tried once more.
MOST_ASKED_AGAIN = 3
MAX_NAME = 120
_LARGEST = 2**31 - 1
_MAX_FILE_ID = 255


class Attachments(Repository):
    """Use-cases about files that clients sent."""

    def add(
        self,
        message: Message,
        conversation: Conversation,
        *,
        file_id: str,
        kind: str,
        name: str | None,
        size: int | None,
        may_keep: bool,
    ) -> Attachment:
        """Write down that a file came with a message; it is fetched later, unless it is refused at once."""
        now = self._now()
        attachment = Attachment(
            conversation_id=conversation.id,
            message_id=message.id,
            bot_id=conversation.bot_id,
            file_id=file_id[:_MAX_FILE_ID],
            kind=kind,
            name=clean_name(name),
            size=min(size, _LARGEST) if size is not None and size >= 0 else None,
            next_try_at=now,
            created_at=now,
        )
        self._session.add(attachment)
        if not may_keep:
            self._end(attachment, "refused", "before_consent")
        elif (attachment.size or 0) > MAX_BYTES:
            self._end(attachment, "refused", "too_big")
        elif len(file_id) > _MAX_FILE_ID:
            self._end(attachment, "failed", "gone")
        self._session.flush()
        return attachment

    def has_work(self, bot_ids: Collection[str]) -> bool:
        """Return whether any file is due: a cheap look before a claim."""
        return (
            self._session.scalars(select(Attachment.id).where(self._due(bot_ids)).limit(1)).first()
            is not None
        )

    def claim(self, bot_ids: Collection[str], limit: int) -> list[Attachment]:
        """Return due files of these bots, oldest first; nobody else tries them until the lease is over."""
        query = (
            select(Attachment)
            .where(self._due(bot_ids))
            .order_by(Attachment.created_at)
            .limit(limit)
            .with_for_update(of=Attachment, skip_locked=True)
        )
        claimed = list(self._session.scalars(query).unique())
        for attachment in claimed:
            attachment.attempts += 1
            attachment.next_try_at = self._now() + LEASE
        return claimed

    def find_waiting(self, attachment_id: str) -> Attachment | None:
        """Return a file that is still wanted, kept from changing; None when it was erased or has its end."""
        query = (
            select(Attachment)
            .where(Attachment.id == attachment_id, Attachment.status == "waiting")
            .with_for_update(of=Attachment)
            .execution_options(populate_existing=True)
        )
        return self._session.scalars(query).unique().one_or_none()

    def stored(self, attachment: Attachment, content: bytes, mime: str) -> None:
        """Note that the content lies in the folder."""
        attachment.status = "stored"
        attachment.mime = mime
        attachment.size = len(content)
        attachment.sha256 = hashlib.sha256(content).hexdigest()
        attachment.stored_at = self._now()

    def refuse(self, attachment: Attachment, reason: str) -> None:
        """Note that we do not keep this file: too_big or not_allowed."""
        self._end(attachment, "refused", reason)

    def give_up(self, attachment: Attachment, reason: str) -> None:
        """Note that this file cannot be had: gone or not_fetched."""
        self._end(attachment, "failed", reason)

    def retry(self, attachment: Attachment, wait: timedelta | None = None) -> None:
        """Try again later, or give up; `wait` when we were told how long, which is no failure."""
        if wait is not None:
            attachment.attempts -= 1
        elif attachment.attempts > len(RETRY_AFTER):
            self.give_up(attachment, "not_fetched")
            return
        else:
            wait = RETRY_AFTER[attachment.attempts - 1]
        attachment.next_try_at = self._now() + wait

    def ask_again(self, attachment: Attachment) -> bool:
        """Have a file that could not be fetched tried once more; return whether it will be.

        Two who ask at the same moment ask once.
        """
        self._session.refresh(attachment, with_for_update={"of": Attachment})
        if not may_ask_again(attachment):
            return False
        attachment.status, attachment.reason = "waiting", None
        attachment.asked_again += 1
        # One try: the next failure ends it again.
        attachment.attempts = len(RETRY_AFTER)
        attachment.next_try_at = self._now()
        return True

    def get_for(self, staff: Staff, attachment_id: str) -> Attachment:
        """Return a file of a client whom this person may see; raise NoSuchAttachment otherwise."""
        query = (
            select(Attachment)
            .join(Conversation, Conversation.id == Attachment.conversation_id)
            .join(Client, Client.id == Conversation.client_id)
            .where(Attachment.id == attachment_id, may_see(staff))
        )
        attachment = self._session.scalars(query).unique().one_or_none()
        if attachment is None:
            raise NoSuchAttachment(attachment_id)
        return attachment

    def of_messages(self, message_ids: Sequence[int]) -> dict[int, list[Attachment]]:
        """Return the files of messages by the messages' ids."""
        found: dict[int, list[Attachment]] = {}
        query = (
            select(Attachment).where(Attachment.message_id.in_(message_ids)).order_by(Attachment.created_at)
        )
        for attachment in self._session.scalars(query).unique():
            found.setdefault(attachment.message_id, []).append(attachment)
        return found

    def stored_of(self, client: Client) -> list[Attachment]:
        """Return the client's files whose content lies in the folder, oldest first."""
        query = (
            select(Attachment)
            .join(Conversation, Conversation.id == Attachment.conversation_id)
            .where(Conversation.client_id == client.id, Attachment.status == "stored")
            .order_by(Attachment.message_id, Attachment.id)
        )
        return list(self._session.scalars(query).unique())

    def discard(self, which: ColumnElement[bool]) -> None:
        """Have the files of these rows deleted; the rows themselves are their caller's to delete or empty."""
        # Also of those that are being fetched now: whoever fetches one may write it a moment before this.
        query = select(Attachment.stored_as).where(which, Attachment.status.in_(("waiting", "stored")))
        names = list(self._session.scalars(query.with_for_update(of=Attachment)))
        self._session.add_all(DiscardedFile(stored_as=name, at=self._now()) for name in names)
        self._session.flush()

    def discarded(self) -> list[str]:
        """Return the names of files that have to be deleted."""
        return list(self._session.scalars(select(DiscardedFile.stored_as)))

    def forget_discarded(self, names: Sequence[str]) -> None:
        """Note that these files are deleted."""
        self._session.execute(delete(DiscardedFile).where(DiscardedFile.stored_as.in_(names)))

    def _due(self, bot_ids: Collection[str]) -> ColumnElement[bool]:
        return (
            (Attachment.status == "waiting")
            & (Attachment.next_try_at <= self._now())
            & Attachment.bot_id.in_(bot_ids)
        )

    def _end(self, attachment: Attachment, status: str, reason: str) -> None:
        attachment.status = status
        attachment.reason = reason


def may_ask_again(attachment: Attachment) -> bool:
    """Return whether another try makes sense: it was tried in vain, and not asked for too often."""
    return (
        attachment.status == "failed"
        and attachment.attempts > 0
        and attachment.asked_again < MOST_ASKED_AGAIN
    )


def clean_name(name: str | None) -> str | None:
    """Return a file's name without folders and without characters that hide what it is."""
    if name is None:
        return None
    # Control and format characters: the latter can turn "fdp.exe" round to look like "exe.pdf".
    visible = "".join(" " if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp"} else one for one in name)
    tidy = re.sub(r"[/\\\\]", "_", " ".join(visible.split())).strip(" .")
    return tidy[:MAX_NAME] or None
