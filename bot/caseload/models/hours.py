"""When people of a service are away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.people import Staff


class Absence(Base):
    """A time in which somebody does not work, and who reads their clients' messages meanwhile."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_staff_id_until_at", "staff_id", "until_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    from_at: Mapped[datetime]
    #: The first instant at which they are back.
    until_at: Mapped[datetime]
    cover_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    #: For colleagues; no client reads it.
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    #: Set when it was ended early, or called off before it began.
    ended_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship(lazy="joined", foreign_keys=[staff_id])
    cover: Mapped[Staff | None] = relationship(lazy="joined", foreign_keys=[cover_id])

    @property
    def really_until(self) -> datetime:
        """The instant at which it ended or will end; not after `from_at` when it was called off."""
        return self.until_at if self.ended_at is None else min(self.until_at, self.ended_at)

    def holds(self, at: datetime) -> bool:
        """Whether they are away at an instant."""
        return self.from_at <= at < self.really_until
