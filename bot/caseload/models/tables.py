"""All tables: import this where the whole schema is needed."""

from __future__ import annotations

from bot.caseload.models import conversation, people, plan, queues, safety
from bot.caseload.models.base import Base

__all__ = ["Base", "conversation", "people", "plan", "queues", "safety"]
