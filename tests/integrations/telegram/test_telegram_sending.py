"""Sending to an emulated Telegram: what arrives, and what each fault is called."""

from __future__ import annotations

import asyncio
import warnings

import pytest

from integrations.telegram.channel import TelegramChannel
from integrations.telegram.types import (
    ChatUnreachable,
    NotSent,
    Outgoing,
    OutgoingButton,
    RetryAfter,
    SendRefused,
    SendUncertain,
    TelegramError,
)
from tests.integrations.telegram.channel_use import HELLO, sending, using
from tests.telegram_server.faults import Faults
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer


def test_a_message_reaches_the_phone_with_its_buttons_one_a_row(telegram: TelegramServer, sam: Phone) -> None:
    sam.start()
    buttons = (OutgoingButton("Tell Amina", "t1"), OutgoingButton("Not now", "t2"))
    message_id = sending(
        telegram, sam, Outgoing("*Shall I* tell <b>Amina</b>?", buttons, silent=True, protect=True)
    )
    message = sam.waits_for("Shall I")
    assert message.message_id == message_id
    assert message.text == "*Shall I* tell <b>Amina</b>?"
    assert message.labels == ("Tell Amina", "Not now")
    assert (message.silent, message.protected) == (True, True)


def test_a_pressed_button_stops_spinning(telegram: TelegramServer, sam: Phone) -> None:
    sam.start()
    sending(telegram, sam, Outgoing("Shall I?", (OutgoingButton("Tell Amina", "t1"),)))
    press = sam.presses("Tell Amina")
    using(telegram, lambda channel: channel.answer_button(press.callback_id, "Done"))
    assert sam.waits_for_answer_to(press) == "Done"


@pytest.mark.parametrize("kind", ["drop_before", "rate_5xx", "rate_429"])
def test_a_button_that_cannot_be_answered_stops_nobody(telegram: TelegramServer, kind: str) -> None:
    telegram.fail_next(kind, method="answerCallbackQuery")
    using(telegram, lambda channel: channel.answer_button("1"))
    using(telegram, lambda channel: channel.answer_button("too old"))


def test_too_many_messages_says_how_long_to_wait(telegram: TelegramServer, sam: Phone) -> None:
    sam.start()
    telegram.fail_next("rate_429", retry_after=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RetryAfter) as raised:
            sending(telegram, sam)
    assert raised.value.seconds == 3
    assert sam.screen == []


def test_sending_before_the_wait_is_over_is_seen_by_the_emulator(
    telegram: TelegramServer, sam: Phone
) -> None:
    sam.start()
    telegram.fail_next("rate_429", retry_after=3)
    for _ in range(2):
        with pytest.raises(RetryAfter):
            sending(telegram, sam)
    assert len(telegram.violations) == 1


@pytest.mark.parametrize(
    ("kind", "error", "arrived"),
    [
        ("rate_5xx", NotSent, 0),
        # The client's side cannot tell these two apart, so both are uncertain.
        ("drop_before", SendUncertain, 0),
        ("drop_after", SendUncertain, 1),
    ],
)
def test_a_broken_send_is_named_by_what_is_known(
    telegram: TelegramServer, sam: Phone, kind: str, error: type[TelegramError], arrived: int
) -> None:
    sam.start()
    telegram.fail_next(kind)
    with pytest.raises(error):
        sending(telegram, sam)
    assert len(sam.screen) == arrived


def test_a_send_without_an_answer_in_time_is_uncertain(telegram: TelegramServer, sam: Phone) -> None:
    sam.start()
    telegram.fail_next("hang")
    with pytest.raises(SendUncertain):
        sending(telegram, sam, answer_seconds=0.5)
    assert [record.answer_lost for record in telegram.sent_log] == [True]


def test_a_send_while_telegram_is_down_did_not_arrive(telegram: TelegramServer, sam: Phone) -> None:
    telegram.stop()
    with pytest.raises(NotSent):
        sending(telegram, sam)


def test_a_send_on_a_connection_from_before_an_outage_is_not_called_refused(
    telegram: TelegramServer, sam: Phone
) -> None:
    sam.start()

    async def act(channel: TelegramChannel) -> None:
        await channel.send(str(sam.chat_id), HELLO)
        telegram.stop()
        with pytest.raises((NotSent, SendUncertain)):
            await channel.send(str(sam.chat_id), HELLO)
        telegram.start()
        await channel.send(str(sam.chat_id), HELLO)

    using(telegram, act)
    assert len(sam.screen) == 2


def test_a_client_who_blocked_the_bot_or_never_pressed_start_is_unreachable(
    telegram: TelegramServer, sam: Phone
) -> None:
    with pytest.raises(ChatUnreachable):
        sending(telegram, sam)
    sam.start()
    sam.blocks_bot()
    with pytest.raises(ChatUnreachable):
        sending(telegram, sam)
    sam.unblocks_bot()
    assert sending(telegram, sam)


@pytest.mark.parametrize(
    "outgoing",
    [
        Outgoing("a" * 4097),
        Outgoing("😀" * 2049),
        Outgoing(" \n "),
        Outgoing("Hi", (OutgoingButton("Yes", "x" * 65),)),
        Outgoing("Hi", (OutgoingButton("Yes", "é" * 33),)),
        Outgoing("Hi", (OutgoingButton("", "t"),)),
    ],
)
def test_a_message_that_telegram_never_takes_is_refused(
    telegram: TelegramServer, sam: Phone, outgoing: Outgoing
) -> None:
    sam.start()
    with pytest.raises(SendRefused) as raised:
        sending(telegram, sam, outgoing)
    assert raised.value.reason


def test_sends_to_many_chats_at_once_all_arrive_once(telegram: TelegramServer) -> None:
    phones = [telegram.client(f"Client {number}") for number in range(40)]
    for phone in phones:
        phone.start()

    async def act(channel: TelegramChannel) -> None:
        await asyncio.gather(*(channel.send(str(phone.chat_id), HELLO) for phone in phones))

    telegram.set_faults(Faults(delay_ms=30))
    using(telegram, act)
    assert [len(phone.screen) for phone in phones] == [1] * 40
