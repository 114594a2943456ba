"""With the dialogue stopped and five messages a second coming in, danger is answered at once."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conversation.running_gateway import RunningGateway, gateway, telegram
from tests.people import hired
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

__all__ = ["gateway", "telegram"]

pytestmark = pytest.mark.alone

CRISIS = "I want to kill myself"
A_SECOND = 5
SECONDS = 15
PHONES = 10
#: No divisor of the phones, so that each has its turn.
CRY_EVERY = 3


def _linked_phones(gateway: RunningGateway, telegram: TelegramServer) -> list[Phone]:
    staff = hired(gateway.caseload, "northside", "Amina Khan", "consultant")
    phones = [telegram.client(f"Client {number}") for number in range(PHONES)]
    with gateway.caseload.transaction() as case:
        amina = case.staff.get(staff.id)
        for number, phone in enumerate(phones):
            client = case.clients.enrol(
                amina.service, f"Client {number}", ref=f"n{number}", consultant=amina, region="england"
            )
            case.conversations.link(
                client, channel="telegram", bot_id=telegram.bot_id, chat_id=str(phone.chat_id)
            )
            case.consents.record(client, "chat", given=True, wording_version="1")
    return phones


def _cry(phone: Phone) -> float:
    began = time.monotonic()
    phone.says(CRISIS)
    phone.waits_for(lambda message: "116 123" in message.text, seconds=20)
    return time.monotonic() - began


def test_nineteen_cries_in_twenty_are_answered_within_two_seconds(
    gateway: RunningGateway, telegram: TelegramServer
) -> None:
    gateway.dialogue.down = True
    phones = _linked_phones(gateway, telegram)
    began, waiting = time.monotonic(), []
    with ThreadPoolExecutor(PHONES) as pool:
        for number in range(SECONDS * A_SECOND):
            phone = phones[number % PHONES]
            if number % CRY_EVERY:
                phone.says("whens my next appointment")
            else:
                waiting.append(pool.submit(_cry, phone))
            time.sleep(max(0.0, began + (number + 1) / A_SECOND - time.monotonic()))
        waits = [one.result() for one in waiting]
    assert len(waits) >= 20
    assert statistics.quantiles(waits, n=20)[-1] < 2, sorted(waits)
