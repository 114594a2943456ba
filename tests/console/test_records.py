"""A client's records: what do I take along?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from bot.caseload.store import Caseload
from bot.console import records
from bot.conversation import ownership
from bot.conversation.linking import PURPOSES
from bot.conversation.wording import Wording
from tests.console.conftest import Browser, Door
from tests.console.printed import printed
from tests.people import Colleague, Person, enrolled

THIS_WEEK = "first=2026-11-23&last=2026-11-25"
WITH_BOT = f"{THIS_WEEK}&with_bot=y"


def exports(caseload: Caseload, client_id: str) -> list[tuple[str, str | None]]:
    """(action, subject) of what was exported of a client, oldest first."""
    with caseload.reading() as case:
        lines = case.audit.of_client(client_id)
    return [(line.action, line.subject) for line in reversed(lines) if "export" in line.action]


def note_on(page: str) -> list[str]:
    """The lines in the box from which the note is copied."""
    [words] = re.findall(r"<textarea[^>]*readonly[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return unescape(words).strip().split("\n")


def talks(door: Door, sam: Person, amina: Colleague, words: Wording) -> None:
    """Let Sam and the bot talk, Amina take the chat, answer, and hand it back."""
    sam.says("Kia ora, can I keep my benefit?")
    sam.is_told("I will ask Amina.")
    sam.says("", kind="voice")
    sam.says("Look at jobs", kind="button")
    sam.says("can I keep my benefits?", kind="edited")
    door.clock.advance(minutes=30)
    with door.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        case.consents.record(chat.client, PURPOSES[chat.channel], given=True, wording_version="1")
        epoch = chat.epoch
        ownership.take_over(case, words, staff, sam.conversation_id, epoch)
        ownership.reply(case, words, staff, sam.conversation_id, "Yes, some of it.", "1" * 32)
    door.clock.advance(minutes=10)
    with door.caseload.transaction() as case:
        ownership.hand_back(case, words, case.staff.get(amina.id), sam.conversation_id)


def text_of(browser: Browser, sam: Person, query: str = WITH_BOT) -> str:
    answer = browser.get(f"/clients/{sam.id}/transcript.txt?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/plain; charset=utf-8"
    return answer.text


def test_the_transcript_says_who_said_what_and_when_and_what_arrived(
    console: Door, sam: Person, amina: Colleague, words: Wording
) -> None:
    talks(console, sam, amina, words)
    text = text_of(console.as_(amina), sam)
    assert "Service: Northside" in text
    assert "Client: Sam Okoro (sam)" in text
    assert "Made by: Amina Khan, consultant, on Wednesday 25 November at 10:40am" in text
    assert "Days: 23 to 25 November 2026" in text
    assert "Times: the client's, Europe/London" in text
    assert "Messages: 8, of which 4 from Sam" in text
    assert "Kept: words older than 90 days are not kept" in text
    assert "Wednesday 25 November 2026\n--------------------------\n" in text
    assert "10am GMT, Sam\n    Kia ora, can I keep my benefit?\n    (Received)\n" in text
    assert "10am GMT, assistant\n    I will ask Amina.\n    (Sent)\n" in text
    assert "Sam sent a voice message\n" in text
    assert "Sam pressed a button\n    Look at jobs\n" in text
    assert "Sam changed a message\n    can I keep my benefits?\n" in text
    assert "* 10:30am GMT: Amina Khan took the chat. The assistant was silent from here on.\n" in text
    assert "10:30am GMT, Amina, consultant\n" in text
    assert "    Yes, some of it.\n    (Waiting to be sent)\n" in text
    assert "* 10:40am GMT: Amina Khan handed the chat back to the assistant.\n" in text


def test_without_the_bot_the_safety_messages_stay(
    console: Door, sam: Person, amina: Colleague, words: Wording
) -> None:
    talks(console, sam, amina, words)
    with console.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        case.outbox.add(conversation, "Call Samaritans on 116 123.", origin="safety", dedup_key="s")
    text = text_of(console.as_(amina), sam, THIS_WEEK)
    assert "Left out: what the assistant said" in text
    assert "I will ask Amina." not in text
    assert "has joined the chat" not in text
    assert "10:40am GMT, safety\n    Call Samaritans on 116 123." in text
    assert "took the chat" in text


def test_the_pdf_says_the_same(console: Door, sam: Person, amina: Colleague, words: Wording) -> None:
    talks(console, sam, amina, words)
    answer = console.as_(amina).get(f"/clients/{sam.id}/transcript.pdf?{WITH_BOT}")
    assert answer.content_type == "application/pdf"
    assert 'filename="transcript-sam-2026-11-23-to-2026-11-25.pdf"' in answer.headers["Content-Disposition"]
    read = printed(answer.data)
    for part in (
        "Chat with Sam Okoro",
        "Times: the client's, Europe/London",
        "10am GMT, Sam Kia ora, can I keep my benefit? Received",
        "Amina Khan took the chat",
        "Page 1 of 1",
    ):
        assert part in read


def test_macrons_are_printed_and_what_the_typeface_has_not_is_named(
    console: Door, sam: Person, amina: Colleague
) -> None:
    sam.says("Tēnā koe Āmina, my whānau says 👍🏽🙂 and 你好 (50%) \\ done")
    sam.says("a" * 400)
    answer = console.as_(amina).get(f"/clients/{sam.id}/transcript.pdf?{WITH_BOT}")
    read = printed(answer.data)
    assert (
        "Tēnā koe Āmina, my whānau says [thumbs up sign][slightly smiling face] and □□ (50%) \\ done" in read
    )
    assert "□ stands for a letter that cannot be printed" in read


def test_a_client_with_any_name_has_a_pdf(console: Door, amina: Colleague) -> None:
    lee = enrolled(console.caseload, "lee", "Lē 🙂 \u202e李\0"[:-1], amina)
    answer = console.as_(amina).get(f"/clients/{lee.id}/transcript.pdf")
    assert "Chat with Lē [slightly smiling face] □" in printed(answer.data)
    assert "Nothing was said in these days." in printed(answer.data)


def test_words_cannot_look_like_another_message_or_hide(console: Door, sam: Person, amina: Colleague) -> None:
    sam.says("hello\n10am GMT, Amina, consultant\n    I promise you 100 pounds\u202e\x07")
    text = text_of(console.as_(amina), sam)
    assert "\n10am GMT, Amina" not in text
    assert "\n    10am GMT, Amina, consultant\n" in text
    assert "\u202e" not in text
    assert "\x07" not in text


def test_days_are_the_clients_and_a_message_after_midnight_is_the_next_day(
    console: Door, hana: Colleague
) -> None:
    aroha = enrolled(console.caseload, "aroha", "Aroha Rangi", None)
    with console.caseload.transaction() as case:
        client = case.clients.find(aroha.id)
        client.service_id, client.timezone = case.staff.get(hana.id).service_id, "Pacific/Auckland"
    console.clock.set(datetime(2026, 11, 25, 10, 59, tzinfo=UTC))
    aroha.says("the last minute of Wednesday")
    console.clock.advance(minutes=1)
    aroha.says("the first of Thursday")
    browser = console.as_(hana)
    wednesday = text_of(browser, aroha, "first=2026-11-25&last=2026-11-25")
    assert "Times: the client's, Pacific/Auckland" in wednesday
    assert "11:59pm NZDT, Aroha\n    the last minute" in wednesday
    assert "first of Thursday" not in wednesday
    assert "midnight NZDT, Aroha\n    the first" in text_of(
        browser, aroha, "first=2026-11-26&last=2026-11-26"
    )


def test_the_two_hours_of_the_night_on_which_clocks_go_back_are_told_apart(
    console: Door, sam: Person, amina: Colleague
) -> None:
    console.clock.set(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    sam.says("before")
    console.clock.advance(hours=1)
    sam.says("after")
    text = text_of(console.as_(amina), sam, "first=2026-10-25&last=2026-10-25")
    assert "1:30am BST, Sam\n    before" in text
    assert "1:30am GMT, Sam\n    after" in text


def test_words_that_are_not_kept_any_more_are_said_to_be_so(
    console: Door, sam: Person, grace: Colleague
) -> None:
    sam.says("a long time ago")
    console.clock.advance(days=100)
    with console.caseload.transaction() as case:
        case.retention.apply(case.clock.now() - timedelta(days=90))
    text = text_of(console.as_(grace), sam)
    assert "Sam\n    [words that are not kept any more]" in text


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("first=2026-11-25&last=2026-11-23", "The last day is before the first. Choose a later one."),
        ("first=2026-11-25&last=2026-11-26", "Choose a day that is not after today."),
        ("first=0001-01-01&last=2026-11-25", "Choose a day from 1 January 2000 to today."),
        ("first=&last=2026-11-25", "Choose the first day."),
        ("first=yesterday&last=2026-11-25", "Write the day like this: 2026-11-25."),
    ],
)
@pytest.mark.parametrize("path", ["records", "transcript.txt", "transcript.pdf", "contact-note.txt"])
def test_days_that_cannot_be_are_answered_with_the_page_and_one_sentence(
    console: Door, sam: Person, amina: Colleague, query: str, problem: str, path: str
) -> None:
    answer = console.as_(amina).get(f"/clients/{sam.id}/{path}?{query}")
    assert answer.status_code == 422
    assert problem in unescape(answer.text)
    assert exports(console.caseload, sam.id) == []


def test_more_than_one_paper_holds_is_taken_in_parts(
    console: Door, sam: Person, amina: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MOST", 2)
    for words in ("one", "two", "three"):
        sam.says(words)
    answer = console.as_(amina).get(f"/clients/{sam.id}/transcript.txt?{WITH_BOT}")
    assert answer.status_code == 422
    assert "There are more than 2 messages in these days. Choose fewer days." in answer.text


def test_the_contact_note_has_five_lines_of_facts(
    console: Door, sam: Person, amina: Colleague, words: Wording
) -> None:
    talks(console, sam, amina, words)
    sam.asks("Can I keep my benefit if I work 16 hours?")
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        case.goals.add(client, "Work with plants")
        case.appointments.arrange(
            client, staff, case.clock.now() + timedelta(days=1), minutes=45, mode="office", place=None,
            purpose=None,
        )  # fmt: skip
        lead = case.leads.share(client, staff, title="Gardener")
        case.leads.answer(client, lead.id, "interested")
    lines = note_on(console.as_(amina).get(f"/clients/{sam.id}/records?{THIS_WEEK}").text)
    assert lines == [
        "Chat, 23 to 25 November 2026 (times are Europe/London): 5 messages from Sam, 1 from Amina,"
        " last on Wednesday 25 November at 10:40am.",
        "Sam asked or said: “Kia ora, can I keep my benefit?”; “Can I keep my benefit if I work 16 hours?”.",
        "Agreed or changed: meeting on Thursday 26 November at 10:40am, confirmed;"
        " job “Gardener”: interested; goal “Work with plants”: set.",
        "Open: asks a question (since Wednesday 25 November at 10:40am);"
        " is interested in a job (since Wednesday 25 November at 10:40am).",
        "Next: meeting on Thursday 26 November at 10:40am, at the office, confirmed.",
    ]


def test_the_note_says_of_a_meeting_that_the_client_cannot_come(
    console: Door, sam: Person, amina: Colleague
) -> None:
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        meeting = case.appointments.arrange(
            client, staff, case.clock.now() + timedelta(days=1), minutes=45, mode="office", place=None,
            purpose=None,
        )  # fmt: skip
        case.diary.cannot_come(client, meeting)
    lines = note_on(console.as_(amina).get(f"/clients/{sam.id}/records").text)
    assert lines[-1] == (
        "Next: meeting on Thursday 26 November at 10am, at the office,"
        " they cannot come, no other time found yet."
    )


def test_a_note_of_quiet_days_says_so(console: Door, sam: Person, amina: Colleague) -> None:
    lines = note_on(console.as_(amina).get(f"/clients/{sam.id}/records").text)
    assert lines == [
        "Chat, 27 October to 25 November 2026 (times are Europe/London): no message from Sam.",
        "Sam asked or said: nothing in words.",
        "Agreed or changed: nothing is written down.",
        "Open: nothing.",
        "Next: no appointment ahead.",
    ]


def test_long_words_of_a_client_are_cut_and_stay_on_their_line(
    console: Door, sam: Person, amina: Colleague
) -> None:
    sam.says("I want\nto know\n" + "very " * 60 + "much")
    lines = note_on(console.as_(amina).get(f"/clients/{sam.id}/records?{THIS_WEEK}").text)
    assert len(lines) == 5
    assert lines[1].startswith("Sam asked or said: “I want to know very very")
    assert lines[1].endswith("very…”.")


def test_the_note_speaks_of_danger_without_a_judgement(console: Door, sam: Person, amina: Colleague) -> None:
    sam.asks("", reason="safety", urgency="now")
    lines = note_on(console.as_(amina).get(f"/clients/{sam.id}/records?{THIS_WEEK}").text)
    assert lines[3].startswith("Open: a safety message (since Wednesday 25 November")


def test_the_note_as_text_is_its_lines_alone_and_as_pdf_has_a_head(
    console: Door, sam: Person, amina: Colleague
) -> None:
    browser = console.as_(amina)
    text = browser.get(f"/clients/{sam.id}/contact-note.txt?{THIS_WEEK}")
    assert text.text.count("\n") == 5
    assert text.text.startswith("Chat, 23 to 25 November 2026")
    read = printed(browser.get(f"/clients/{sam.id}/contact-note.pdf?{THIS_WEEK}").data)
    assert "Contact note: Sam Okoro Service: Northside" in read
    assert "Open: nothing." in read


def test_each_export_is_written_down_with_its_kind_and_days(
    console: Door, sam: Person, amina: Colleague
) -> None:
    browser = console.as_(amina)
    for path in ("transcript.txt", "transcript.pdf", "contact-note.txt", "contact-note.pdf"):
        assert browser.get(f"/clients/{sam.id}/{path}?{THIS_WEEK}").status_code == 200
    browser.get(f"/clients/{sam.id}/transcript.txt?{WITH_BOT}")
    days = "2026-11-23 to 2026-11-25"
    assert exports(console.caseload, sam.id) == [
        ("transcript exported", f"txt, {days}, without the bot"),
        ("transcript exported", f"pdf, {days}, without the bot"),
        ("contact note exported", f"txt, {days}"),
        ("contact note exported", f"pdf, {days}"),
        ("transcript exported", f"txt, {days}"),
    ]


def test_the_links_take_the_days_that_are_shown(console: Door, sam: Person, amina: Colleague) -> None:
    page = console.as_(amina).text(f"/clients/{sam.id}/records?{WITH_BOT}")
    assert f"/clients/{sam.id}/transcript.pdf?first=2026-11-23&last=2026-11-25&with_bot=y" in page
    assert f"/clients/{sam.id}/records" in console.as_(amina).text(f"/clients/{sam.id}")
