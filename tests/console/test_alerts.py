"""My alerts: how am I told when somebody may be in danger?"""

from __future__ import annotations

import re

from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.people import Colleague


def test_amina_gets_a_code_for_her_own_telegram_once(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    assert "Not linked yet." in browser.text("/alerts")
    page = browser.post("/alerts/link").text
    found = re.search(r"https://t\.me/foothold_test_bot\?start=([\w-]{20,64})", page)
    assert found
    assert found[1] not in browser.text("/alerts")
    with console.caseload.transaction() as case:
        assert case.staff.use_link(found[1], "7000000001", "6000000001") is not None
    assert "Your own Telegram is linked." in browser.text("/alerts")


def test_amina_stops_alerts_to_her_telegram(console: Door, amina: Colleague) -> None:
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        staff.alert_bot_id, staff.alert_chat_id = "7000000001", "6000000001"
    browser = console.as_(amina)
    assert "No more alerts go to your Telegram." in browser.post("/alerts/unlink", follow=True).text
    with console.caseload.reading() as case:
        assert case.staff.get(amina.id).alert_chat_id is None


def test_without_the_bots_name_the_code_itself_is_shown(demo: Door, amina: Colleague, console: Door) -> None:
    assert re.search(r"/start [\w-]{20,64}", demo.as_(amina).post("/alerts/link").text)


def test_amina_reads_where_her_mail_goes(console: Door, amina: Colleague, words: Wording) -> None:
    assert "Your operator can turn it on." in console.as_(amina).text("/alerts")
    config = ConsoleConfig(secret_key="a secret of the tests", sends_mail=True)
    door = Door(create_console(console.caseload, words, config), console.caseload, console.clock)
    assert f"Goes to {amina.email}." in door.as_(amina).text("/alerts")
