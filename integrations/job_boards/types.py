"""What a job board is asked and what it answers: the border of this integration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

#: The country that a board searches, by the client's region.
COUNTRY_OF_REGION: Mapping[str, str] = {"england": "gb", "new_zealand": "nz"}


@dataclass(frozen=True)
class JobQuery:
    """One search. `country` is "gb" or "nz"; words that are None do not narrow it."""

    what: str | None
    where: str | None
    country: str
    limit: int = 10
    max_days_old: int | None = 30


@dataclass(frozen=True)
class Vacancy:
    """An advert, cleaned: plain text of bounded length, and an http(s) link.

    `id` is the board's own; (`board`, `id`) names the vacancy. What the board does not say is None:
    pay and hours are never estimated.
    """

    id: str
    board: str
    title: str
    employer: str | None
    place: str | None
    url: str
    summary: str | None
    pay_text: str | None = None
    hours_text: str | None = None
    contract: str | None = None
    posted_on: date | None = None
    closes_on: date | None = None


class JobBoardError(Exception):
    """A job board could not be asked. `temporary` means that later may be better."""

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


class BoardUnavailable(JobBoardError):
    """The board did not answer in time, or said that it cannot answer now."""

    def __init__(self, message: str) -> None:
        super().__init__(message, temporary=True)


class BoardRefused(JobBoardError):
    """The board does not accept our keys or our question; asking again does not help."""


class BoardAnswerUnreadable(JobBoardError):
    """The board answered with something that is not a list of vacancies."""
