"""Alerts leave by each way that somebody has; each has an end, and holds neither name nor words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.caseload.alerts import GIVE_UP_AFTER, RETRY_AFTER, STUCK_AFTER
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation import escalation
from bot.conversation.alerting import AlertSender
from bot.conversation.escalation import Escalation
from bot.conversation.timers import TimerRunner
from bot.conversation.waiting import Waiting
from bot.conversation.wording import Wording
from integrations.mail.types import Mail, MailLoginRefused, MailNotSent, MailRefused, MailUncertain
from integrations.telegram.types import ChatUnreachable, NotSent, RetryAfter, SendUncertain
from tests.conversation.office import BOT, FakePhones
from tests.people import Colleague, Person
from tests.people import enrolled as enrolled_person

HER_CHAT = "6000000001"
URL = "https://foothold.example"


@dataclass
class Post:
    """The mail that left; `faults` are raised by the coming sends."""

    mails: list[Mail] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.mails.append(mail)


@pytest.fixture
def sam(caseload: Caseload, amina: Colleague) -> Person:
    """Amina's client."""
    return enrolled_person(caseload, "sam", "Sam Okoro", amina)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def sender(caseload: Caseload, phones: FakePhones, post: Post) -> AlertSender:
    return AlertSender(caseload, {BOT: phones}, post.send, URL, "worker1")


def cries(sam: Person, amina: Colleague | None = None) -> str:
    """Raise the alarm for Sam; Amina's Telegram is linked when she is given. Returns the handoff's id."""
    with sam.caseload.transaction() as case:
        if amina is not None:
            staff = case.staff.get(amina.id)
            staff.alert_bot_id, staff.alert_chat_id = BOT, HER_CHAT
        handoff = case.handoffs.open(case.clients.find(sam.id), "", "safety", urgency="now").handoff
        Escalation(by_mail=True).start(case, handoff)
        return handoff.id


def send(sender: AlertSender, channel: str) -> int:
    return asyncio.run(sender.send_due(channel))


def statuses(caseload: Caseload) -> dict[str, str]:
    with caseload.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT channel, status FROM alerts").all()
    return {str(row[0]): str(row[1]) for row in rows}


def test_amina_is_alerted_in_the_console_on_telegram_and_by_mail(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones, post: Post
) -> None:
    handoff_id = cries(sam, amina)
    assert (send(sender, "telegram"), send(sender, "email")) == (1, 1)
    wanted = f"Somebody needs you now. Open Foothold: {URL}/handoffs/{handoff_id}"
    assert [(one.chat_id, one.text) for one in phones.bubbles] == [(HER_CHAT, wanted)]
    assert post.mails == [Mail(amina.email, "Somebody needs you now", wanted)]
    assert set(statuses(caseload).items()) == {("console", "sent"), ("telegram", "sent"), ("email", "sent")}
    assert (send(sender, "telegram"), send(sender, "email")) == (0, 0)


def test_an_alert_holds_neither_name_nor_words(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones, post: Post
) -> None:
    sam.says("I want to kill myself")
    cries(sam, amina)
    send(sender, "telegram")
    send(sender, "email")
    with caseload.engine.connect() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM alerts").all())
    seen = f"{rows}{phones.bubbles}{post.mails}".casefold()
    for word in ("sam", "okoro", "kill", "suicid", "crisis", "danger"):
        assert word not in seen


def test_mail_goes_on_while_telegram_is_down(
    sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones, post: Post
) -> None:
    phones.faults.extend([NotSent("down")] * 9)
    cries(sam, amina)
    send(sender, "telegram")
    send(sender, "email")
    assert (len(phones.bubbles), len(post.mails)) == (0, 1)


@pytest.mark.parametrize("fault", [MailNotSent("x"), MailUncertain("x"), MailLoginRefused("x")])
def test_an_alert_is_tried_again_and_has_an_end(
    caseload: Caseload, clock: FixedClock, sam: Person, sender: AlertSender, post: Post, fault: Exception
) -> None:
    post.faults = [fault] * 999
    cries(sam)
    for pause in (*RETRY_AFTER, RETRY_AFTER[-1], RETRY_AFTER[-1]):
        assert send(sender, "email") == 1
        assert statuses(caseload)["email"] == "new"
        assert send(sender, "email") == 0
        clock.advance(seconds=pause.total_seconds())
    clock.advance(seconds=GIVE_UP_AFTER.total_seconds())
    assert send(sender, "email") == 1
    assert statuses(caseload)["email"] == "dead"
    clock.advance(hours=5)
    assert send(sender, "email") == 0


def test_a_line_that_is_broken_for_an_hour_costs_no_alert(
    caseload: Caseload, clock: FixedClock, sam: Person, sender: AlertSender, post: Post
) -> None:
    post.faults = [MailNotSent("down")] * 9
    cries(sam)
    for _ in range(9):
        assert send(sender, "email") == 1
        clock.advance(minutes=10)
    with caseload.reading() as case:
        assert case.alerts.count_stuck() == 1
    send(sender, "email")
    assert len(post.mails) == 1
    with caseload.reading() as case:
        assert case.alerts.count_stuck() == 0


def test_it_arrives_when_the_server_is_back(
    clock: FixedClock, sam: Person, sender: AlertSender, post: Post
) -> None:
    post.faults = [MailNotSent("down")]
    cries(sam)
    send(sender, "email")
    clock.advance(seconds=5)
    send(sender, "email")
    assert len(post.mails) == 1


def test_what_can_never_arrive_is_dead_at_once(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones, post: Post
) -> None:
    phones.faults.append(ChatUnreachable("blocked"))
    post.faults = [MailRefused("the address is refused (550)")]
    cries(sam, amina)
    send(sender, "telegram")
    send(sender, "email")
    assert set(statuses(caseload).values()) == {"sent", "dead"}
    assert statuses(caseload)["console"] == "sent"


def test_when_all_of_a_step_is_dead_the_next_one_rings_at_once(
    caseload: Caseload, words: Wording, sam: Person, amina: Colleague, grace: Colleague, sender: AlertSender,
    phones: FakePhones, post: Post,
) -> None:  # fmt: skip
    phones.faults.append(ChatUnreachable("blocked"))
    post.faults = [MailRefused("the address is refused (550)")]
    cries(sam, amina)
    timers = TimerRunner(caseload, words, Escalation(by_mail=True))
    send(sender, "telegram")
    assert timers.ring_due() == 0
    send(sender, "email")
    with caseload.reading() as case:
        assert Escalation().reach(case, case.clients.find(sam.id)).people == ()
    assert timers.ring_due() == 1
    send(sender, "email")
    assert post.mails[0].to == grace.email
    with caseload.reading() as case:
        assert "Grace" in Escalation().reach(case, case.clients.find(sam.id)).people


def test_one_way_that_still_works_keeps_the_next_step_waiting(
    caseload: Caseload, words: Wording, sam: Person, amina: Colleague, grace: Colleague, sender: AlertSender,
    phones: FakePhones,
) -> None:  # fmt: skip
    phones.faults.append(ChatUnreachable("blocked"))
    cries(sam, amina)
    send(sender, "email")
    send(sender, "telegram")
    assert TimerRunner(caseload, words).ring_due() == 0
    with caseload.reading() as case:
        assert Escalation().reach(case, case.clients.find(sam.id)).people == ("Amina",)


def test_telegram_says_how_long_to_wait(
    clock: FixedClock, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones
) -> None:
    phones.faults.append(RetryAfter(20))
    cries(sam, amina)
    send(sender, "telegram")
    clock.advance(seconds=19)
    assert send(sender, "telegram") == 0
    clock.advance(seconds=1)
    assert send(sender, "telegram") == 1


def test_being_told_to_wait_is_no_failure(
    caseload: Caseload, clock: FixedClock, sam: Person, amina: Colleague, sender: AlertSender,
    phones: FakePhones,
) -> None:  # fmt: skip
    phones.faults.extend([RetryAfter(20)] * (STUCK_AFTER + 1))
    cries(sam, amina)
    for _ in range(STUCK_AFTER + 1):
        assert send(sender, "telegram") == 1
        clock.advance(seconds=20)
    with caseload.reading() as case:
        assert case.alerts.count_stuck() == 0


def test_a_send_that_was_cut_off_may_come_twice_and_is_never_lost(
    clock: FixedClock, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones
) -> None:
    phones.faults.append(SendUncertain("cut off"))
    cries(sam, amina)
    send(sender, "telegram")
    clock.advance(seconds=5)
    send(sender, "telegram")
    assert len(phones.bubbles) == 2


def test_it_is_dropped_when_somebody_was_on_it_before_it_left(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, post: Post
) -> None:
    cries(sam)
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        escalation.acknowledge(case, case.staff.get(amina.id), client, escalation.danger_shown(case, client))
    send(sender, "email")
    assert post.mails == []
    assert statuses(caseload)["email"] == "dropped"


def test_it_is_dropped_when_somebody_got_on_it_between_two_tries(
    caseload: Caseload, clock: FixedClock, sam: Person, amina: Colleague, sender: AlertSender, post: Post
) -> None:
    post.faults = [MailNotSent("down")]
    cries(sam)
    send(sender, "email")
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        escalation.acknowledge(case, case.staff.get(amina.id), client, escalation.danger_shown(case, client))
    clock.advance(hours=1)
    send(sender, "email")
    assert post.mails == []


def test_a_gateway_killed_while_it_sent_is_followed_by_one_that_sends(
    caseload: Caseload, sam: Person, phones: FakePhones, post: Post
) -> None:
    cries(sam)
    with caseload.transaction() as case:
        assert len(case.alerts.claim("worker that dies", "email", 8)) == 1
    heir = AlertSender(caseload, {BOT: phones}, post.send, URL, "heir", {"worker that dies"})

    async def run() -> None:
        task = asyncio.create_task(heir.run())
        async with asyncio.timeout(20):
            while not post.mails:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(run())
    assert len(post.mails) == 1


def test_two_gateways_send_one_alert(
    caseload: Caseload, sam: Person, phones: FakePhones, post: Post, sender: AlertSender
) -> None:
    cries(sam)
    other = AlertSender(caseload, {BOT: phones}, post.send, URL, "worker2")

    async def both() -> None:
        await asyncio.gather(sender.send_due("email"), other.send_due("email"))

    asyncio.run(both())
    assert len(post.mails) == 1


def test_a_gateway_without_a_line_leaves_the_alert_to_one_that_has_it(
    caseload: Caseload, clock: FixedClock, sam: Person, amina: Colleague, sender: AlertSender,
    phones: FakePhones, post: Post,
) -> None:  # fmt: skip
    cries(sam, amina)
    neither = AlertSender(caseload, {"7000000009": phones}, None, URL, "worker9")
    assert send(neither, "telegram") == 0
    assert neither.lines == ("telegram",)
    clock.advance(minutes=5)
    with caseload.reading() as case:
        assert case.alerts.count_waiting_since(clock.now()) == 2
    assert (send(sender, "telegram"), send(sender, "email")) == (1, 1)
    assert (len(phones.bubbles), len(post.mails)) == (1, 1)


def test_somebody_who_unlinked_their_telegram_is_not_kept_waiting_for(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender
) -> None:
    cries(sam, amina)
    with caseload.transaction() as case:
        case.staff.unlink_alerts(case.staff.get(amina.id))
    send(sender, "telegram")
    assert statuses(caseload)["telegram"] == "dead"


def waits(sam: Person, amina: Colleague) -> str:
    """Have Sam wait for Amina, whose Telegram is linked; returns the handoff's id."""
    with sam.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        staff.alert_bot_id, staff.alert_chat_id = BOT, HER_CHAT
        handoff = case.handoffs.open(case.clients.find(sam.id), "Can I keep my flat?", "question").handoff
        [timer] = [one for one in case.timers.due() if one.payload["step"] == "opened"]
        Waiting(by_mail=True).ring(case, timer)
        return handoff.id


def test_that_a_client_waits_is_said_without_a_name_or_a_word(
    sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones, post: Post
) -> None:
    handoff_id = waits(sam, amina)
    send(sender, "telegram")
    send(sender, "email")
    text = f"A client waits for you. Open Foothold: {URL}/handoffs/{handoff_id}"
    assert [bubble.text for bubble in phones.bubbles] == [text]
    assert [(mail.to, mail.subject, mail.text) for mail in post.mails] == [
        (amina.email, "A client waits for you", text)
    ]


def test_once_answered_nobody_is_told_that_the_client_waits(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones
) -> None:
    waits(sam, amina)
    with caseload.transaction() as case:
        case.handoffs.mark_answered(case.staff.get(amina.id), case.clients.find(sam.id))
    assert send(sender, "telegram") == 0
    assert phones.bubbles == []
    assert statuses(caseload) == {"console": "sent", "telegram": "dropped", "email": "dropped"}


def test_answered_at_the_very_moment_it_is_dropped_by_its_sender(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones
) -> None:
    handoff_id = waits(sam, amina)
    with caseload.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET status = 'taken' WHERE id = ?", (handoff_id,))
    assert send(sender, "telegram") == 0
    assert statuses(caseload)["telegram"] == "dropped"


def test_danger_leaves_before_what_waits(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones
) -> None:
    waits(sam, amina)
    cries(sam, amina)
    send(sender, "telegram")
    assert [bubble.text.split(".")[0] for bubble in phones.bubbles] == [
        "Somebody needs you now",
        "A client waits for you",
    ]


def test_being_on_it_leaves_what_waits_alone(
    caseload: Caseload, sam: Person, amina: Colleague, sender: AlertSender, phones: FakePhones
) -> None:
    waits(sam, amina)
    cries(sam, amina)
    with caseload.transaction() as case:
        staff, client = case.staff.get(amina.id), case.clients.find(sam.id)
        escalation.acknowledge(case, staff, client, escalation.danger_shown(case, client))
    send(sender, "telegram")
    assert [bubble.text.split(".")[0] for bubble in phones.bubbles] == ["A client waits for you"]


def test_a_line_that_was_broken_until_the_evening_leaves_amina_in_peace(
    caseload: Caseload,
    sam: Person,
    amina: Colleague,
    sender: AlertSender,
    phones: FakePhones,
    clock: FixedClock,
) -> None:
    phones.faults.append(NotSent("down"))
    waits(sam, amina)
    send(sender, "telegram")
    clock.advance(hours=9)
    assert send(sender, "telegram") == 0
    assert phones.bubbles == []
    clock.advance(hours=14)
    assert send(sender, "telegram") == 1
    assert len(phones.bubbles) == 1
