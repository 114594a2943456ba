"""The methods of the Bot API that the product calls, with Telegram's own checks and error texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.telegram_server.shapes import (
    ApiError,
    Button,
    Json,
    PhoneMessage,
    bot_message,
    text_units,
    utc_now,
)
from tests.telegram_server.world import World

_FILE_LIMIT = 20 * 1024 * 1024
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Methods:
    """`call` answers with the `result` of a method; getUpdates is answered elsewhere, as raw text."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._methods: dict[str, Callable[[Json, bool], Any]] = {
            "getme": self._get_me,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete_message,
            "sendchataction": self._chat_action,
            "answercallbackquery": self._answer_callback,
            "leavechat": self._leave_chat,
            "getchat": self._get_chat,
            "getfile": self._get_file,
            "setmycommands": self._set_commands,
            "getmycommands": lambda _params, _lost: self._world.commands,
        }

    def call(self, method: str, params: Json, *, answer_lost: bool = False) -> Any:
        """Do what the method says; `answer_lost` only marks the log."""
        name = method.lower()
        if name in self._methods:
            return self._methods[name](params, answer_lost)
        if name.startswith("setmy"):
            return True
        raise ApiError(404, "Not Found: method not found")

    def updates(self, params: Json) -> list[str]:
        """The raw texts for getUpdates."""
        offset = params.get("offset")
        return self._world.updates.poll(
            None if offset in (None, "") else int(offset),
            int(params.get("limit") or 100),
            float(params.get("timeout") or 0),
            _json(params, "allowed_updates", None),
        )

    def _get_me(self, _params: Json, _lost: bool) -> Json:
        return {
            **self._world.bot,
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _set_webhook(self, params: Json, _lost: bool) -> bool:
        secret = str(params.get("secret_token") or "")
        if secret and not _SECRET.fullmatch(secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self._refuse_dropping(params)
        self._world.updates.set_webhook(
            str(params.get("url") or ""),
            secret,
            _json(params, "allowed_updates", None),
            int(params.get("max_connections") or 40),
        )
        return True

    def _delete_webhook(self, params: Json, _lost: bool) -> bool:
        self._refuse_dropping(params)
        self._world.updates.set_webhook("", "", None)
        return True

    def _refuse_dropping(self, params: Json) -> None:
        if str(params.get("drop_pending_updates")).lower() == "true":
            self._world.violation("drop_pending_updates throws clients' messages away")

    def _webhook_info(self, _params: Json, _lost: bool) -> Json:
        updates = self._world.updates
        info: Json = {
            "url": updates.webhook_url,
            "has_custom_certificate": False,
            "pending_update_count": len(updates.waiting),
        }
        if updates.webhook_url:
            info |= {"max_connections": updates.webhook_connections, "allowed_updates": updates.allowed}
        if updates.webhook_error:
            info |= {
                "last_error_date": int(utc_now().timestamp()),
                "last_error_message": updates.webhook_error,
            }
        return info

    def _send_message(self, params: Json, lost: bool) -> Json:
        chat = self._world.reachable(params.get("chat_id"))
        message = PhoneMessage(
            message_id=self._world.new_message_id(),
            text=self._checked_text(params),
            buttons=_buttons(params),
            at=utc_now(),
            silent=_true(params, "disable_notification"),
            protected=_true(params, "protect_content"),
        )
        self._world.deliver(chat, "sendMessage", message, answer_lost=lost)
        return bot_message(self._world.bot, chat, message)

    def _checked_text(self, params: Json) -> str:
        text = str(params.get("text") or "").strip()
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        if text_units(text) > 4096:
            self._world.violation(f"a message of {text_units(text)} units, and 4,096 are allowed")
            raise ApiError(400, "Bad Request: message is too long")
        return text

    def _edit_text(self, params: Json, lost: bool) -> Json:
        return self._edit("editMessageText", params, self._checked_text(params), lost)

    def _edit_markup(self, params: Json, lost: bool) -> Json:
        return self._edit("editMessageReplyMarkup", params, None, lost)

    def _edit(self, method: str, params: Json, text: str | None, lost: bool) -> Json:
        chat = self._world.reachable(params.get("chat_id"))
        message = self._world.edit(chat, int(params.get("message_id") or 0), text, _buttons(params))
        self._world.deliver(chat, method, message, answer_lost=lost)
        return bot_message(self._world.bot, chat, message)

    def _delete_message(self, params: Json, _lost: bool) -> bool:
        chat = self._world.reachable(params.get("chat_id"))
        with self._world.changed:
            if chat.messages.pop(int(params.get("message_id") or 0), None) is None:
                raise ApiError(400, "Bad Request: message to delete not found")
            self._world.changed.notify_all()
        return True

    def _chat_action(self, params: Json, _lost: bool) -> bool:
        self._world.typing.append(self._world.reachable(params.get("chat_id")).chat_id)
        return True

    def _answer_callback(self, params: Json, _lost: bool) -> bool:
        press = self._world.presses.get(str(params.get("callback_query_id")))
        text = str(params.get("text") or "")
        if press is None:
            raise ApiError(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        if len(text) > 200:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        with self._world.changed:
            press.answer = text
            self._world.changed.notify_all()
        return True

    def _leave_chat(self, params: Json, _lost: bool) -> bool:
        chat = self._world.reachable(params.get("chat_id"))
        if chat.kind == "private":
            raise ApiError(400, "Bad Request: chat member status can't be changed in private chats")
        with self._world.changed:
            chat.started = False
            self._world.left_chats.append(chat.chat_id)
            self._world.changed.notify_all()
        return True

    def _get_chat(self, params: Json, _lost: bool) -> Json:
        chat = self._world.reachable(params.get("chat_id"))
        gifts = dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        )
        extra = {"accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": gifts}
        return {**chat.as_json(), **extra}

    def _get_file(self, params: Json, _lost: bool) -> Json:
        file_id = str(params.get("file_id"))
        file = self._world.files.get(file_id)
        if file is None:
            raise ApiError(400, "Bad Request: invalid file_id")
        if len(file.content) > _FILE_LIMIT:
            raise ApiError(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(file.content),
            "file_path": file.path,
        }

    def _set_commands(self, params: Json, _lost: bool) -> bool:
        self._world.commands = _json(params, "commands", [])
        return True


def _true(params: Json, key: str) -> bool:
    return str(params.get(key)).lower() == "true"


def _json(params: Json, key: str, default: Any) -> Any:
    value = params.get(key)
    if value is None or value == "":
        return default
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ApiError(400, f"Bad Request: can't parse {key} JSON object") from None


def _buttons(params: Json) -> tuple[Button, ...]:
    markup = _json(params, "reply_markup", {})
    buttons = []
    for row in markup.get("inline_keyboard", []):
        for button in row:
            label, data = str(button.get("text") or ""), str(button.get("callback_data") or "")
            if not label:
                raise ApiError(400, 'Bad Request: can\'t parse inline keyboard button: Field "text" is empty')
            if not 1 <= len(data.encode()) <= 64:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
            buttons.append(Button(label, data))
    return tuple(buttons)
