"""The Adzuna job board, for the United Kingdom and New Zealand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import requests
import structlog
import urllib3

from integrations.job_boards.cleaning import plain_text, web_link
from integrations.job_boards.types import (
    BoardAnswerUnreadable,
    BoardRefused,
    BoardUnavailable,
    JobQuery,
    Vacancy,
)

logger = structlog.get_logger(__name__)

API = "https://api.adzuna.com"
CURRENCIES: Mapping[str, str] = {"gb": "£", "nz": "$"}
ATTEMPTS = 3
LONGEST_WAIT = 2.0  # seconds before another attempt; a client is waiting for the answer
LARGEST_ANSWER = 2_000_000  # bytes
MOST_RESULTS = 50
_TIMES = {"full_time": "Full time", "part_time": "Part time"}
_CONTRACTS = {"permanent": "Permanent", "contract": "Fixed term"}


class AdzunaBoard:
    """Asks Adzuna. One object serves all threads: it holds no connection between searches."""

    name = "adzuna"

    def __init__(
        self,
        app_id: str,
        app_key: str,
        *,
        api: str = API,
        connect_timeout: float = 3.0,
        read_timeout: float = 6.0,
        deadline: float = 15.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`deadline` is for one search with all its attempts, in seconds."""
        self._keys = {"app_id": app_id, "app_key": app_key}
        self._api = api.rstrip("/")
        self._timeouts = (connect_timeout, read_timeout)
        self._deadline = deadline
        self._sleep = sleep

    def search(self, query: JobQuery) -> tuple[Vacancy, ...]:
        """Return what fits, best first; adverts without id, title or a safe link are left out."""
        if query.country not in CURRENCIES:
            raise BoardRefused(f"Adzuna is not asked about the country {query.country!r}")
        answer = self._read(self._body(query))
        vacancies = [_vacancy(raw, query.country) for raw in answer]
        found = tuple(vacancy for vacancy in vacancies if vacancy is not None)
        if len(found) < len(answer):
            logger.info("adverts left out", board=self.name, count=len(answer) - len(found))
        return found[: query.limit]

    def _parameters(self, query: JobQuery) -> dict[str, str]:
        optional = {
            "what": plain_text(query.what, 100),
            "where": plain_text(query.where, 100),
            "max_days_old": str(query.max_days_old) if query.max_days_old else None,
        }
        return {
            **self._keys,
            "results_per_page": str(max(1, min(query.limit, MOST_RESULTS))),
            "content-type": "application/json",
            **{name: value for name, value in optional.items() if value},
        }

    def _body(self, query: JobQuery) -> bytes:
        """Ask up to three times; only what may pass is asked again."""
        ends = time.monotonic() + self._deadline
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._ask_once(query, ends)
            except _AskAgain as again:
                wait = again.wait if again.wait is not None else 0.3 * attempt
                if attempt == ATTEMPTS or wait > LONGEST_WAIT or time.monotonic() + wait >= ends:
                    # Not "from again": the text of a network error holds the address, and it the keys.
                    raise BoardUnavailable(f"Adzuna did not answer: {again}") from None
                self._sleep(wait)
        raise BoardUnavailable("Adzuna was not asked")

    def _ask_once(self, query: JobQuery, ends: float) -> bytes:
        url = f"{self._api}/v1/api/jobs/{query.country}/search/1"
        try:
            with requests.get(
                url,
                params=self._parameters(query),
                headers={"Accept": "application/json"},
                timeout=self._timeouts,
                stream=True,
                allow_redirects=False,  # a redirect would carry our keys to another host
            ) as response:
                _check(response)
                return _limited(response, ends)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _AskAgain(type(error).__name__) from None

    def _read(self, body: bytes) -> list[Any]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BoardAnswerUnreadable("Adzuna did not answer in JSON") from error
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list):
            raise BoardAnswerUnreadable("Adzuna answered without a list of results")
        return results[:MOST_RESULTS]


class _AskAgain(Exception):
    """This attempt failed in a way that may pass; `wait` is what the board asked for, in seconds."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 429 or status >= 500:
        after = response.headers.get("Retry-After", "")
        raise _AskAgain(f"status {status}", float(after) if after.isdecimal() else None)
    raise BoardRefused(f"Adzuna refused the question with status {status}")


def _limited(response: requests.Response, ends: float) -> bytes:
    """Read the body, but neither for ever nor without limit: a read time-out starts anew with each byte."""
    body = bytearray()
    while chunk := response.raw.read1(65_536, decode_content=True):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise BoardAnswerUnreadable("Adzuna answered with too much")
        if time.monotonic() > ends:
            raise _AskAgain("too slow")
    return bytes(body)


def _vacancy(raw: object, country: str) -> Vacancy | None:
    if not isinstance(raw, dict):
        return None
    ref = plain_text(str(raw.get("id") or ""), 100)
    title = plain_text(raw.get("title"), 120)
    url = web_link(raw.get("redirect_url"))
    if ref is None or title is None or url is None:
        return None
    return Vacancy(
        id=ref,
        board=AdzunaBoard.name,
        title=title,
        employer=plain_text(_named(raw.get("company")), 120),
        place=plain_text(_named(raw.get("location")), 120),
        url=url,
        summary=plain_text(raw.get("description"), 400),
        pay_text=_pay(raw, CURRENCIES[country]),
        hours_text=_TIMES.get(str(raw.get("contract_time"))),
        contract=_CONTRACTS.get(str(raw.get("contract_type"))),
        posted_on=_day(raw.get("created")),
    )


def _named(raw: object) -> object:
    return raw.get("display_name") if isinstance(raw, dict) else None


def _pay(raw: Mapping[str, Any], currency: str) -> str | None:
    """Say the pay only where the employer gave it: Adzuna marks its own estimates as predicted."""
    if str(raw.get("salary_is_predicted", "0")) not in ("0", "False", "None"):
        return None
    given = [raw.get(end) for end in ("salary_min", "salary_max")]
    amounts = [
        one for one in given if isinstance(one, int | float) and not isinstance(one, bool) and 0 < one < 1e7
    ]
    if not amounts:
        return None
    low, high = min(amounts), max(amounts)
    # Yearly in most adverts; below this it can only be an hourly rate, and we do not guess which.
    if low < 1_000:
        return None
    return (
        f"{currency}{low:,.0f} a year"
        if low == high
        else f"{currency}{low:,.0f} to {currency}{high:,.0f} a year"
    )


def _day(raw: object) -> date | None:
    try:
        return date.fromisoformat(str(raw)[:10])
    except ValueError:
        return None
