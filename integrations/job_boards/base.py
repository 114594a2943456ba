"""What every job board can do."""

from __future__ import annotations

from typing import Protocol

from integrations.job_boards.types import JobQuery, Vacancy


class JobBoard(Protocol):
    """A source of vacancies. `search` raises JobBoardError and nothing else."""

    @property
    def name(self) -> str: ...

    def search(self, query: JobQuery) -> tuple[Vacancy, ...]: ...
