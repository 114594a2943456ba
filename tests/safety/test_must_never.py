"""Domain 4.5, what the safety layer must never do: in every text that it has, and in how it behaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.caseload.models.safety import SafetyEvent
from bot.clock import FixedClock
from bot.conversation import alerting
from bot.safety.content import SafetyContent, Told
from bot.safety.routes import KIND_ORDER, Route
from integrations.rasa.types import ReplyButton
from tests.conversation.office import ClientPhone, FakeDialogue, Office, result
from tests.people import Colleague

ROOT = Path(__file__).resolve().parents[2]
CRISIS = "I want to kill myself"
AMINA = Told(("Amina",), in_hours=True)
#: Every text in every region, at every hour, with every follow-up; each once.
TEXTS = sorted({message.text for _, message in SafetyContent.load().all_messages()})
#: What stands on a locked phone.
PREVIEW = 60


@dataclass(frozen=True)
class Never:
    """What no text says; the example is one that would be found."""

    subject: str
    pattern: str
    example: str


NEVER = (
    Never(
        "score risk",
        r"(?:high|low) risk|risk (?:score|level)|out of (?:10|ten)|scale|assess",
        "How bad is it, out of ten?",
    ),
    Never(
        "diagnose", r"diagnos|depress|psycho|schizo|bipolar|disorder|symptom|mental", "This is depression."
    ),
    Never("advise on medicines", r"medic|tablet|pill|dose|prescri|drink water|sick", "Take no more tablets."),
    Never(
        "argue, moralise or guilt",
        r"family|children|selfish|should|ought|must|shame|think of|people (?:who )?love|wrong to|but you",
        "Think of your family.",
    ),
    Never("promise secrecy", r"promis|secret|confiden|between us|nobody will know", "This stays between us."),
    Never(
        "promise an outcome",
        r"be (?:ok|okay|fine|alright|all right)\b|get better|guarantee|will help|will call you",
        "It will get better.",
    ),
    Never(
        "say platitudes",
        r"understand how|know how you feel|positive|calm down|silly|cheer|be strong|bright side|relax",
        "I understand how you feel.",
    ),
    Never(
        "name method, means or place",
        r"method|means|how would you|plan to|have a plan|where are you|address|rope|kni(?:fe|ves)|bridge"
        r"|hang(?:ing)?\b|poison|cutting|blade|overdos|suicid|kill",
        "Do you have a plan?",
    ),
    Never(
        "use words of blame",
        r"commit|failed|successful|cry for|attention|victim|suffer|addict|alcoholic|junkie|clean|abus",
        "They committed suicide.",
    ),
    Never("say that it did not understand", r"sorry,|did not (?:get|understand)|rephrase", "Sorry, what?"),
    Never("tell anybody to wait", r"\bwait|be patient|hold on|in due course|try again", "Please wait."),
    Never(
        "claim to have called for help",
        r"(?:i|we) (?:have |will |can )?(?:call|rang|ring|phone|alert|contact)"
        r"|on (?:its|the|their) way|is coming",
        "I have called 999. Help is on the way.",
    ),
    Never(
        "reach for family or employer",
        r"mother|father|parent|partner|employer|boss|manager|next of kin|emergency contact|police",
        "I will tell your employer.",
    ),
    Never(
        "end or block the chat",
        r"goodbye|\bbye|chat is closed|not reply|block|banned|inappropriate|language|stop writing",
        "This chat is closed.",
    ),
    Never("go on with jobs", r"job|vacanc|shift|interview|appointment|goal|\bcv\b|menu", "Here is a job."),
    Never("joke", r"!|haha|lol|;-?\)|:-?\)", "Cheer up!"),
    Never("use an emoji", "[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]", "I am here 💙"),
    Never("use markdown", r"[*_`<>\[\]#~|]", "Call *999*"),
)  # fmt: skip


def found(never: Never, text: str) -> str | None:
    """What a text says of the kind; an offer to ask a person, and the truth that we cannot call, are none."""
    text = re.sub(r"I can(?:not)? ask [^.]*|I cannot call for you\.", "", text)
    at = re.search(never.pattern, text, re.IGNORECASE)
    return at[0] if at else None


by_subject = pytest.mark.parametrize("never", NEVER, ids=lambda never: never.subject)


@by_subject
def test_4_5_no_text_says_it(never: Never) -> None:
    """4.5: no scores, diagnoses, advice, guilt, promises, methods, blame, claims, jobs, emoji or markdown."""
    assert len(TEXTS) > 100
    assert {text: what for text in TEXTS if (what := found(never, text))} == {}


@by_subject
def test_each_of_these_would_be_found(never: Never) -> None:
    assert found(never, never.example)


def sequences(content: SafetyContent) -> Iterator[str]:
    """All that comes at one time, as it stands on the phone."""
    for region in (*content.regions, None):
        for told in (AMINA, Told(("Amina",), until="9am on Monday 30 November"), Told(), Told(known=False)):
            for route, kind in [(route, kind) for route in Route for kind in KIND_ORDER]:
                yield "\n".join(one.text for one in content.reply(route, kind, region, told))
            for button in ("safe_for_now", "need_help_now", "ask_for_call", "not_now"):
                yield "\n".join(one.text for one in content.follow_up(button, region, told))
        yield "\n".join(one.text for one in content.unreadable(region))


def test_4_5_no_question_stands_before_a_number(content: SafetyContent) -> None:
    """4.5: whoever asks first has made somebody wait for the numbers."""
    for said in sequences(content):
        number = re.search(r"\b(?:999|111|112|000)\b", said)
        assert number
        assert "?" not in said[: number.end()]


def test_4_5_the_words_that_a_preview_shows_give_nothing_away() -> None:
    """4.5: no risk content in a notification preview; of the texts, and of the alerts to staff."""
    telling = (
        r"suicid|self-harm|kill|abus|violen|\bhit|drug|drink|alcohol|voices|job|employ|benefit|consultant"
    )
    starts = [text[:PREVIEW] for text in TEXTS if not text.startswith("If you are in ")]
    assert [start for start in starts if re.search(telling, start, re.IGNORECASE)] == []
    for text in (alerting.SUBJECT, alerting.TEXT):
        assert not re.search(f"{telling}|danger|risk|crisis|{{name}}", text, re.IGNORECASE)


def test_4_5_nobody_is_scored(content: SafetyContent) -> None:
    """4.5: no score of a person is kept, and no page shows the model's own."""
    kept = SafetyEvent.__table__.columns.keys()
    assert [name for name in kept if re.search("score|level|severity|probab", name)] == []
    pages = (ROOT / "bot" / "console" / "templates").rglob("*.html")
    assert [page.name for page in pages if re.search(r"\.score\b", page.read_text(encoding="utf-8"))] == []


def test_4_5_the_reply_is_reviewed_content_word_for_word(sam: ClientPhone, content: SafetyContent) -> None:
    """4.5: no generative reply."""
    written = content.reply(Route.CRISIS, "suicidal", "england", AMINA)
    assert sam.asks(CRISIS) == [message.text for message in written]


def test_4_5_after_risk_words_the_dialogue_says_nothing(sam: ClientPhone, dialogue: FakeDialogue) -> None:
    """4.5: no "Sorry, I didn't get that", and no job flow; nor after the buttons."""
    shows_a_job = result("Here is a job.", buttons=(ReplyButton("Tell me more", "more"),))
    dialogue.answer = lambda turn: result() if turn.intent == "EXTERNAL_put_aside" else shows_a_job
    sam.asks("what jobs are there")
    before = len(dialogue.turns)
    said = sam.asks(CRISIS)
    for label in ("I am safe for now", "I need help now", "Ask my consultant to call"):
        sam.presses(label)
        sam.office.settle()
    assert [turn.text for turn in dialogue.turns[before:] if turn.text] == []
    assert "999" in said[0]
    assert "Here is a job." not in sam.reads[1:]


@pytest.mark.parametrize(
    "words", [CRISIS, f"you fucking useless bastard bot. {CRISIS}"], ids=["plain", "rude"]
)
def test_4_5_nobody_in_distress_is_blocked_or_cut_off(sam: ClientPhone, office: Office, words: str) -> None:
    """4.5: no abuse rule and no limit; the chat stays open and each message is answered."""
    for _ in range(12):
        sam.says(words)
    office.settle()
    assert sum("999" in text for text in sam.reads) == 12
    [chat] = office.rows("conversations")
    assert (chat["unlinked_at"], chat["unreachable_at"]) == (None, None)
    assert sam.asks("hello") == ["You said: hello"]


def test_4_5_a_stranger_in_distress_is_not_cut_off_either(stranger: ClientPhone, office: Office) -> None:
    """4.5: the limit on texts to strangers does not hold here."""
    for _ in range(12):
        stranger.says(CRISIS)
    office.settle()
    assert sum("999" in text for text in stranger.reads) == 12


def test_4_5_nobody_but_sam_and_staff_is_written_to(
    sam: ClientPhone, office: Office, clock: FixedClock, piotr: Colleague, grace: Colleague
) -> None:
    """4.5: neither family nor employer, nor a family device."""
    sam.asks(CRISIS)
    clock.advance(minutes=15)
    office.timers.ring_due()
    office.settle()
    assert {bubble.chat_id for bubble in office.phones.bubbles} == {sam.chat_id}
    staff = {row["id"] for row in office.rows("staff")}
    alerted = {row["staff_id"] for row in office.rows("alerts")}
    assert alerted
    assert alerted <= staff


def test_4_5_no_reminder_with_work_in_it_follows(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    """4.5: the job flow does not go on by itself."""
    with office.caseload.transaction() as case:
        client, starts_at = (
            case.clients.for_conversation(sam.conversation_id),
            clock.now() + timedelta(days=1),
        )
        case.appointments.arrange(
            client, case.staff.get(amina.id), starts_at, minutes=45, mode="office", place=None, purpose=None
        )
    sam.asks(CRISIS)
    before = len(sam.reads)
    clock.advance(hours=22, minutes=5)
    office.timers.ring_due()
    office.settle()
    assert len(sam.reads) == before
