"""All tables: import this where the whole schema is needed."""

from __future__ import annotations

from bot.caseload.models import (
    accounts,
    conversation,
    hours,
    people,
    plan,
    queues,
    records,
    safety,
    staff_chats,
    talk,
    work,
)
from bot.caseload.models.base import Base

__all__ = [
    "Base",
    "accounts",
    "conversation",
    "hours",
    "people",
    "plan",
    "queues",
    "records",
    "safety",
    "staff_chats",
    "talk",
    "work",
]
