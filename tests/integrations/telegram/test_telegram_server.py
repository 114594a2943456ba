"""The emulator itself: its answers are Telegram's, its faults are repeatable, and its checks can fail."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram import Bot, BotCommand, ChatFullInfo, File, Message, Update, User, WebhookInfo

from tests.telegram_server.faults import Faults
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TOKEN, TelegramServer

ROOT = Path(__file__).parents[3]


def call(telegram: TelegramServer, method: str, **params: Any) -> tuple[int, Any]:
    url = f"{telegram.api_url}/bot{telegram.token}/{method}"
    answer = httpx.post(url, json=params, trust_env=False, timeout=20)
    return answer.status_code, answer.json()


def result_of(telegram: TelegramServer, method: str, **params: Any) -> Any:
    status, body = call(telegram, method, **params)
    assert (status, body["ok"]) == (200, True), body
    return body["result"]


def refusal_of(telegram: TelegramServer, method: str, **params: Any) -> tuple[int, str]:
    status, body = call(telegram, method, **params)
    assert (body["ok"], body["error_code"]) == (False, status)
    return status, body["description"]


def markup(*labels: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": f"token {label}"}] for label in labels]}


def test_every_answer_is_one_that_the_library_knows(telegram: TelegramServer, sam: Phone) -> None:
    sam.start()
    sam.sends_document(content=b"%PDF")
    bot, chat = Bot(TOKEN), sam.chat_id
    sent = result_of(telegram, "sendMessage", chat_id=chat, text="Hi", reply_markup=markup("Yes"))
    edited = result_of(telegram, "editMessageText", chat_id=chat, message_id=sent["message_id"], text="Ho")
    again = {"chat_id": chat, "message_id": sent["message_id"], "reply_markup": markup("No")}
    objects = [
        User.de_json(result_of(telegram, "getMe"), bot),
        WebhookInfo.de_json(result_of(telegram, "getWebhookInfo"), bot),
        Message.de_json(sent, bot),
        Message.de_json(edited, bot),
        Message.de_json(result_of(telegram, "editMessageReplyMarkup", **again), bot),
        ChatFullInfo.de_json(result_of(telegram, "getChat", chat_id=chat), bot),
        File.de_json(result_of(telegram, "getFile", file_id=next(iter(telegram.world.files))), bot),
    ]
    assert [dict(thing.api_kwargs) for thing in objects] == [{}] * len(objects)
    press = sam.presses("No")
    commands = [{"command": "help", "description": "What I can do"}]
    truths = [
        result_of(telegram, "answerCallbackQuery", callback_query_id=press.callback_id),
        result_of(telegram, "sendChatAction", chat_id=chat, action="typing"),
        result_of(telegram, "deleteMessage", chat_id=chat, message_id=sent["message_id"]),
        result_of(telegram, "setMyCommands", commands=commands),
        result_of(telegram, "setMyDescription", description="x"),
        result_of(telegram, "setWebhook", url="http://127.0.0.1:9/x", secret_token="s"),
        result_of(telegram, "deleteWebhook"),
    ]
    assert truths == [True] * 7
    assert [BotCommand.de_json(item, bot).command for item in result_of(telegram, "getMyCommands")] == [
        "help"
    ]


def test_every_update_is_one_that_the_library_knows(telegram: TelegramServer, sam: Phone) -> None:
    sam.start("abc")
    sam.edits(sam.says("Hi"), "Hello")
    result_of(telegram, "sendMessage", chat_id=sam.chat_id, text="Hi", reply_markup=markup("Yes"))
    sam.presses("Yes")
    sam.sends_voice()
    sam.sends_photo("Look")
    sam.sends_document()
    sam.sends_sticker()
    sam.sends_location()
    sam.sends_contact()
    sam.blocks_bot()
    sam.unblocks_bot()
    group = telegram.group("Friends")
    group.adds_bot(sam)
    group.says(sam, "Hello all")
    updates = [Update.de_json(raw, Bot(TOKEN)) for raw in result_of(telegram, "getUpdates")]
    assert len(updates) == 14
    for update in updates:
        assert not update.api_kwargs
        assert update.effective_chat is not None
        assert not update.effective_chat.api_kwargs
        if isinstance(update.effective_message, Message):
            assert not update.effective_message.api_kwargs
    assert len({update.update_id for update in updates}) == 14


def test_an_unknown_method_and_a_wrong_token_are_answered_as_telegram_does(telegram: TelegramServer) -> None:
    assert refusal_of(telegram, "sendMoney") == (404, "Not Found: method not found")
    answer = httpx.get(f"{telegram.api_url}/bot1:x/getMe", trust_env=False)
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")


def test_parameters_are_read_from_a_form_and_from_the_address_too(
    telegram: TelegramServer, sam: Phone
) -> None:
    sam.start()
    url = f"{telegram.api_url}/bot{TOKEN}/sendMessage"
    fields = {"chat_id": str(sam.chat_id), "text": "Grüße & more", "reply_markup": json.dumps(markup("Yes"))}
    assert httpx.post(url, data=fields, trust_env=False).status_code == 200
    assert httpx.get(url, params=fields, trust_env=False).status_code == 200
    assert [(message.text, message.labels) for message in sam.screen] == [("Grüße & more", ("Yes",))] * 2


def test_at_most_a_hundred_updates_come_at_once_and_in_order(telegram: TelegramServer, sam: Phone) -> None:
    ids = [sam.says(str(number)).update_id for number in range(130)]
    first = result_of(telegram, "getUpdates", limit=1000)
    assert [update["update_id"] for update in first] == ids[:100]
    rest = result_of(telegram, "getUpdates", offset=first[-1]["update_id"] + 1)
    assert [update["update_id"] for update in rest] == ids[100:]
    assert telegram.updates.confirmed == ids[:100]
    result_of(telegram, "getUpdates", offset=rest[-1]["update_id"] + 1)
    telegram.waits_until_all_confirmed(0)


def test_a_negative_offset_keeps_only_the_last_updates(telegram: TelegramServer, sam: Phone) -> None:
    ids = [sam.says(str(number)).update_id for number in range(5)]
    assert [update["update_id"] for update in result_of(telegram, "getUpdates", offset=-2)] == ids[3:]


def test_updates_that_the_bot_did_not_ask_for_do_not_come(telegram: TelegramServer, sam: Phone) -> None:
    result_of(telegram, "getUpdates", allowed_updates=["message"])
    sam.blocks_bot()
    sam.says("Hi")
    assert [list(update)[1] for update in result_of(telegram, "getUpdates")] == ["message"]


def test_a_newer_poll_ends_the_older_with_409(telegram: TelegramServer) -> None:
    with ThreadPoolExecutor(2) as threads:
        older = threads.submit(refusal_of, telegram, "getUpdates", timeout=10)
        threading.Event().wait(0.3)
        assert result_of(telegram, "getUpdates", timeout=0) == []
        status, description = older.result(5)
    assert status == 409
    assert "terminated by other getUpdates" in description


def test_what_telegram_refuses_is_refused(telegram: TelegramServer, sam: Phone) -> None:
    send = {"chat_id": sam.chat_id, "text": "Hi"}
    assert refusal_of(telegram, "sendMessage", **send) == (400, "Bad Request: chat not found")
    sam.start()
    sent = result_of(telegram, "sendMessage", **send, reply_markup=markup("Yes"))
    same = {**send, "message_id": sent["message_id"], "reply_markup": markup("Yes")}
    assert "message is not modified" in refusal_of(telegram, "editMessageText", **same)[1]
    assert "not found" in refusal_of(telegram, "editMessageText", **{**same, "message_id": 99})[1]
    assert "not found" in refusal_of(telegram, "deleteMessage", chat_id=sam.chat_id, message_id=99)[1]
    assert "too old" in refusal_of(telegram, "answerCallbackQuery", callback_query_id="1")[1]
    assert "can't parse" in refusal_of(telegram, "sendMessage", **send, reply_markup="{")[1]
    assert refusal_of(telegram, "setWebhook", url="http://x", secret_token="a b")[0] == 400
    assert refusal_of(telegram, "leaveChat", chat_id=sam.chat_id)[0] == 400
    assert telegram.violations == []
    assert "too long" in refusal_of(telegram, "sendMessage", chat_id=sam.chat_id, text="a" * 4097)[1]
    result_of(telegram, "deleteWebhook", drop_pending_updates=True)
    assert len(telegram.violations) == 2


def test_an_edited_message_changes_on_the_screen_and_a_deleted_one_goes(
    telegram: TelegramServer, sam: Phone
) -> None:
    sam.start()
    sent = result_of(telegram, "sendMessage", chat_id=sam.chat_id, text="Hi", reply_markup=markup("Yes"))
    where = {"chat_id": sam.chat_id, "message_id": sent["message_id"]}
    result_of(telegram, "editMessageReplyMarkup", **where)
    assert [(message.text, message.labels, message.edited) for message in sam.screen] == [("Hi", (), True)]
    with pytest.raises(AssertionError, match="no button 'Yes'"):
        sam.presses("Yes")
    result_of(telegram, "deleteMessage", **where)
    assert sam.screen == []
    assert [record.method for record in telegram.sent_log] == ["sendMessage", "editMessageReplyMarkup"]


def test_sam_waits_for_news_and_not_for_what_was_there_before(telegram: TelegramServer, sam: Phone) -> None:
    sam.start()
    result_of(telegram, "sendMessage", chat_id=sam.chat_id, text="Hello, Sam")
    assert sam.waits_for("Hello", seconds=1).text == "Hello, Sam"
    sam.says("Hi")
    with pytest.raises(AssertionError, match="Sam waited"):
        sam.waits_for("Hello", seconds=0.2)
    sam.hears_nothing_for(0.1)
    threading.Timer(
        0.2, call, (telegram, "sendMessage"), {"chat_id": sam.chat_id, "text": "Hello again"}
    ).start()
    assert sam.waits_for(lambda message: message.text.endswith("again"), seconds=5)
    threading.Timer(0.1, call, (telegram, "sendMessage"), {"chat_id": sam.chat_id, "text": "More"}).start()
    with pytest.raises(AssertionError, match="was written to"):
        sam.hears_nothing_for(5)


def fates(seed: int) -> list[str]:
    """What 60 sends, in turns to Sam and to Ben, meet; and at the end how many were accepted."""
    faults = Faults(rate_429=0.1, rate_5xx=0.1, drop_before=0.1, drop_after=0.1)
    seen = []
    with TelegramServer(seed=seed, faults=faults) as telegram, httpx.Client(trust_env=False) as http:
        phones = [telegram.client("Sam"), telegram.client("Ben")]
        for phone in phones:
            phone.start()
        for number in range(60):
            chat_id = phones[number % 2].chat_id
            telegram.world.chats[chat_id].retry_not_before = 0
            url = f"{telegram.api_url}/bot{TOKEN}/sendMessage"
            try:
                seen.append(str(http.post(url, json={"chat_id": chat_id, "text": "x"}).status_code))
            except httpx.HTTPError:
                seen.append("dropped")
        return [*seen, str(len(telegram.sent_log))]


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    first = fates(3)
    assert first == fates(3)
    assert first != fates(4)
    assert {"200", "429", "502", "dropped"} <= set(first)
    # Some of the dropped ones were accepted.
    assert int(first[-1]) > first.count("200")


def test_after_an_outage_everything_is_still_known_on_the_same_port(
    telegram: TelegramServer, sam: Phone
) -> None:
    waiting = sam.says("Hi").update_id
    port = telegram.port
    telegram.stop()
    with pytest.raises(httpx.ConnectError):
        call(telegram, "getMe")
    telegram.start()
    assert telegram.port == port
    assert [update["update_id"] for update in result_of(telegram, "getUpdates")] == [waiting]


def test_update_numbers_can_jump_as_after_a_week_of_silence(telegram: TelegramServer, sam: Phone) -> None:
    sam.says("before")
    telegram.updates.jump_to(12)
    assert sam.says("after").update_id == 12


def test_the_busiest_second_is_counted(telegram: TelegramServer, sam: Phone) -> None:
    ben = telegram.client("Ben")
    for phone in (sam, ben):
        phone.start()
        result_of(telegram, "sendMessage", chat_id=phone.chat_id, text="Hi")
    assert telegram.busiest_second(sam.chat_id) == 1
    assert telegram.busiest_second() in (1, 2)
    assert telegram.busiest_second(7) == 0


def test_text_that_is_not_json_can_only_be_posted_to_a_webhook(telegram: TelegramServer) -> None:
    with pytest.raises(ValueError, match="webhook"):
        telegram.push_raw("not json")


def test_the_emulator_runs_by_itself_and_is_driven_over_http() -> None:
    command = [sys.executable, "-m", "tests.telegram_server", "--port", "0", "--seed", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            started = json.loads(process.stdout.readline())
            with httpx.Client(base_url=started["api_url"], trust_env=False) as http:
                http.post("/phones/55/start", json={"name": "Sam", "token": "abc"})
                updates = http.get(f"/bot{started['token']}/getUpdates").json()["result"]
                assert [update["message"]["text"] for update in updates] == ["/start abc"]
                http.post(f"/bot{started['token']}/sendMessage", json={"chat_id": 55, "text": "Hello"})
                assert [message["text"] for message in http.get("/phones/55/screen").json()] == ["Hello"]
                assert [record["chat_id"] for record in http.get("/sent_log").json()] == [55]
                assert http.post("/phones/55/presses", json={"label": "No"}).status_code == 409
                assert http.get("/violations").json() == []
                assert http.get("/nothing").status_code == 404
        finally:
            process.terminate()
        assert process.wait(10) == 0
