"""The chats of members of staff: linked by a code from the console, for alerts and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case
from bot.conversation.linking import start_token
from integrations.telegram.types import Inbound

LINKED = "Foothold will alert you here, {name}, when somebody may be in danger. Nothing else comes here."
ELSEWHERE = "This chat is for alerts only. Nobody reads what you write here. Please use the console: {url}"


def answer(
    case: Case, item: InboxItem, inbound: Inbound, console_url: str, may_speak: Callable[[], bool]
) -> bool:
    """Give a message its outcome if the chat is a staff chat, or becomes one; return whether it was."""
    if inbound.chat_id is None:
        return False
    owner = case.staff.find_by_alert_chat(item.bot_id, inbound.chat_id)
    token = start_token(inbound.text) if inbound.kind == "text" else None
    linked = case.staff.use_link(token, item.bot_id, inbound.chat_id) if token else None
    if linked is not None:
        case.audit.record("alerts linked to Telegram", staff_id=linked.id)
        _say(case, item, inbound.chat_id, LINKED.format(name=linked.first_name))
    elif owner is None:
        return False
    elif inbound.kind == "blocked":
        # Nothing can reach them there: the console's page says so from now on.
        case.staff.unlink_alerts(owner)
        case.audit.record("alerts unlinked by blocking the bot", staff_id=owner.id)
    elif inbound.kind not in {"unblocked", "other"} and may_speak():
        _say(case, item, inbound.chat_id, ELSEWHERE.format(url=console_url))
    case.inbox.finish(item, "done", "staff chat")
    case.inbox.forget(item)
    return True


def _say(case: Case, item: InboxItem, chat_id: str, text: str) -> None:
    case.outbox.add_for_stranger(item.bot_id, chat_id, text, dedup_key=f"staff:{item.seq}")
