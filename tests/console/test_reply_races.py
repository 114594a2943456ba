"""A reply while somebody hands the chat back or takes it: it leaves under Amina's name, or it stays hers."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from bot.caseload.models.conversation import Mode
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.linking import PURPOSES
from bot.conversation.wording import Wording
from tests.caseload.test_repeats import MEANWHILE
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person

ROUNDS = 4
ON_ITS_WAY = "Your message is on its way."
THE_BOT_HAS_IT = "The chat was handed back meanwhile: the bot has it now."


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def caseload(request: pytest.FixtureRequest, clock: FixedClock) -> Caseload:
    store: Caseload = request.getfixturevalue(f"empty_{request.param}")
    store.clock = clock
    return store


def test_amina_replies_in_one_tab_and_hands_back_in_the_other(
    console: Door, amina: Colleague, sam: Person
) -> None:
    one, other = console.as_(amina), console.as_(amina)
    for number in range(ROUNDS):
        takes(other, sam)
        words = f"See you on Thursday {number}"
        sent, back = at_once(partial(replies, one, sam, words), partial(hands_back, other, sam))
        assert "The bot has the chat again." in back.text
        assert mode_of(console.caseload, sam) == Mode.BOT
        lines = outbox(console.caseload)[-3:]
        mine = [place for place, (_, line) in enumerate(lines) if words in line]
        handed = [place for place, (_, line) in enumerate(lines) if "talking to me, the assistant" in line]
        assert len(mine) == len(handed) == 1
        assert lines[mine[0]] == ("person", f"Amina (your consultant):\n{words}")
        assert ON_ITS_WAY in sent.text
        assert (THE_BOT_HAS_IT in sent.text) == (mine > handed)


def test_graces_hand_back_takes_nothing_from_amina(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    hers, graces = console.as_(amina), console.as_(grace)
    takes(hers, sam)
    for number in range(ROUNDS):
        words = f"See you on Thursday {number}"
        sent, back = at_once(partial(replies, hers, sam, words), partial(hands_back, graces, sam))
        assert "You did not have the chat, so nothing was changed." in back.text
        assert ON_ITS_WAY in sent.text
        assert THE_BOT_HAS_IT not in sent.text
        assert outbox(console.caseload)[-1] == ("person", f"Amina (your consultant):\n{words}")
        assert mode_of(console.caseload, sam) == Mode.PERSON


def test_grace_takes_the_chat_and_hands_it_back_while_amina_replies(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    hers, graces = console.as_(amina), console.as_(grace)

    def takes_and_hands_back() -> TestResponse:
        takes(graces, sam)
        return hands_back(graces, sam)

    for number in range(ROUNDS):
        takes(hers, sam)
        words = f"See you on Thursday {number}"
        sent, back = at_once(partial(replies, hers, sam, words), takes_and_hands_back)
        assert "The bot has the chat again." in back.text
        arrives = [line for line in outbox(console.caseload) if words in line[1]]
        if sent.status_code == 409:
            assert arrives == []
            assert "A colleague has the chat now. Your message was not sent." in sent.text
            assert f"{words}</textarea>" in sent.text
        else:
            assert arrives == [("person", f"Amina (your consultant):\n{words}")]
            assert ON_ITS_WAY in sent.text


def test_a_reply_waits_for_the_hand_back_that_has_begun(
    caseload: Caseload, words: Wording, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        # Otherwise the bot asks for it again, after the hand-back.
        chat = case.conversations.lock(sam.conversation_id)
        case.consents.record(chat.client, PURPOSES[chat.channel], given=True, wording_version="1")
        ownership.take_over(case, words, case.staff.get(amina.id), sam.conversation_id, 1)
    behind(
        caseload,
        lambda case: ownership.hand_back(case, words, case.staff.get(amina.id), sam.conversation_id),
        lambda case: ownership.reply(case, words, case.staff.get(amina.id), sam.conversation_id, "Yes", "k"),
    )
    assert [origin for origin, _ in outbox(caseload)] == ["system", "system", "person"]
    with caseload.reading() as case:
        assert case.conversations.lock(sam.conversation_id).mode == Mode.BOT


def test_a_reply_waits_for_the_colleague_who_takes_the_chat_and_is_refused(
    caseload: Caseload, words: Wording, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        ownership.take_over(case, words, case.staff.get(amina.id), sam.conversation_id, 1)
    with pytest.raises(ownership.ChatHeldByAnother):
        behind(
            caseload,
            lambda case: ownership.take_over(case, words, case.staff.get(grace.id), sam.conversation_id, 2),
            lambda case: ownership.reply(
                case, words, case.staff.get(amina.id), sam.conversation_id, "Yes", "k"
            ),
        )
    assert [origin for origin, _ in outbox(caseload)] == ["system", "system"]


def takes(browser: Browser, sam: Person) -> None:
    page = browser.text(f"/conversations/{sam.conversation_id}")
    found = re.search(r'name="epoch" value="(\d+)"', page)
    assert found is not None
    answer = browser.post(f"/conversations/{sam.conversation_id}/take-over", {"epoch": found[1]}, follow=True)
    assert "You have the chat." in answer.text


def replies(browser: Browser, sam: Person, words: str) -> TestResponse:
    return browser.post(
        f"/conversations/{sam.conversation_id}/reply",
        {"text": words, "form_key": uuid.uuid4().hex, "owner_seen": "2.person"},
        follow=True,
    )


def hands_back(browser: Browser, sam: Person) -> TestResponse:
    form = {"note": "", "resume": "nothing"}
    return browser.post(f"/conversations/{sam.conversation_id}/hand-back", form, follow=True)


def at_once(
    one: Callable[[], TestResponse], other: Callable[[], TestResponse]
) -> tuple[TestResponse, TestResponse]:
    together = threading.Barrier(2)

    def go(does: Callable[[], TestResponse]) -> TestResponse:
        together.wait(30)
        return does()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(go, one), pool.submit(go, other)
        return first.result(60), second.result(60)


def behind(caseload: Caseload, first: Callable[[Case], object], second: Callable[[Case], object]) -> None:
    """Do the second thing while the first one is done and not yet committed."""
    begun, done = threading.Event(), threading.Event()

    def begin() -> None:
        with caseload.transaction() as case:
            first(case)
            begun.set()
            done.wait(MEANWHILE)

    def follow() -> None:
        assert begun.wait(30)
        with caseload.transaction() as case:
            second(case)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(begin), pool.submit(follow)]
        for one in both:
            one.result(60)


def outbox(caseload: Caseload) -> list[tuple[str, str]]:
    """What goes to Sam, in order: whose voice, and the words."""
    with caseload.engine.connect() as connection:
        query = text("SELECT origin, text FROM outbox WHERE status = 'new' ORDER BY id")
        return [(row.origin, row.text) for row in connection.execute(query)]


def mode_of(caseload: Caseload, sam: Person) -> str:
    with caseload.reading() as case:
        return case.conversations.lock(sam.conversation_id).mode
