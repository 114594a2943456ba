"""Looks at a bot from outside, without fetching its messages: for `foothold doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from integrations.telegram.types import BotState, NotSent, TokenRefused

SECONDS = 2.0


def look_at_bot(token: str, api_url: str) -> BotState:
    """Return what Telegram knows about the bot; raises TokenRefused or NotSent.

    getUpdates is never asked: it would push out the gateway that reads this bot's messages.
    """
    # A plain request and not the library's Bot: the Date header is wanted too.
    with httpx.Client(base_url=f"{api_url.rstrip('/')}/bot{token}/", timeout=SECONDS) as http:
        me, asked_at, told_at = _ask(http, "getMe")
        webhook, _, _ = _ask(http, "getWebhookInfo")
    return BotState(
        username=str(me.get("username", "")),
        webhook_url=str(webhook.get("url") or "") or None,
        pending=int(webhook.get("pending_update_count") or 0),
        last_error=str(webhook.get("last_error_message") or "") or None,
        clock_skew_seconds=(asked_at - told_at).total_seconds() if told_at else None,
    )


def _ask(http: httpx.Client, method: str) -> tuple[dict[str, Any], datetime, datetime | None]:
    try:
        answer = http.get(method)
        asked_at = datetime.now(UTC)
        body = answer.json()
    except (httpx.HTTPError, ValueError):
        # "from None": the address, and with it the token, is part of the error's text.
        raise NotSent("no usable answer") from None
    if answer.status_code in {401, 404}:
        raise TokenRefused("the bot token was refused")
    if answer.status_code != httpx.codes.OK or not isinstance(body, dict):
        raise NotSent(f"{method} was answered with {answer.status_code}")
    result = body.get("result")
    return (result if isinstance(result, dict) else {}), asked_at, _date(answer.headers.get("Date"))


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
