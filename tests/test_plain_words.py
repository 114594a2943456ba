"""Every sentence that a client reads is plain: the NHS content guide, as far as a machine can count.

Readability numbers help to find what to look at; they do not replace trying the words with people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bot.safety.content import SafetyContent

ROOT = Path(__file__).resolve().parents[1]

SENTENCE_WORDS = 20
PARAGRAPH_SENTENCES = 3
MESSAGE_WORDS = 60
CONSENT_WORDS = 80
TELEGRAM_CHARACTERS = 4096
BUTTONS = 4
BUTTON_CHARACTERS = 24
#: One character over; these words are fixed by the rules for a crisis, and both phones show them whole.
LABELS_KEPT = {"Ask my consultant to call"}
WORST_GRADE = 7.0

#: What a blank stands for while we count; a blank that is not here counts as one short word.
FILLED = {
    "first_name": "Sam",
    "consultant": "Amina",
    "staff_name": "Amina",
    "service": "Harbour Way",
    "role": "your consultant",
    "when": "Wednesday 25 November at 2:30pm",
    "day": "Wednesday 25 November",
    "time": "2:30pm",
    "until": "5pm",
    "next_start": "9am on Monday 30 November",
    "place": ", Northgate library",
}
#: Names, which nobody can make shorter.
NAMES = {
    "Sam", "Amina", "Harbour", "Way", "Northgate", "Telegram", "Samaritans", "Shout", "Lifeline", "FRANK",
    "SHOUT", "HELLO", "Wednesday", "November", "Monday", "Alcohol", "Helpline", "Zealand", "England",
}  # fmt: skip
#: Shown as capitals on purpose: words to send by text, and the name of a helpline.
CAPITALS = {"SHOUT", "HELLO", "HELP", "FRANK", "OK", "CV", "NHS", "DBS", "ID", "UK", "TAUTOKO", "IPS"}
BAD_NEWS = ("sorry", "cannot", "could not", "nobody", "no longer", "old", "danger", "emergency")
BANNED = (
    r"\w+n[’']t", r"\w+[’']ve", r"eg", r"e\.g\.", r"ie", r"i\.e\.", r"etc", r"has been", r"have been",
    # "I have just seen this" is about time.
    r"(?<!have )just", r"simply", r"obviously", r"touch base",
    r"job-ready", r"caseload", r"handoff", r"non-compliant", r"(?<!individual )placement",
    r"competitive employment", r"did not attend", r"intervention", r"fidelity", r"service users?", r"users?",
    r"suffering", r"mentally ill", r"victims?", r"addicts?", r"alcoholics?", r"junkies?",
    r"commit(?:ted)? suicide", r"cry for help", r"calm down", r"stay positive", r"i noticed you",
    r"invalid", r"error",
)  # fmt: skip
_BANNED = re.compile(r"\b(?:" + "|".join(BANNED) + r")\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
_WORD = re.compile(r"[A-Za-zĀ-ž][A-Za-zĀ-ž’'-]*")


@dataclass(frozen=True)
class Spoken:
    """One message as a client could read it; `name` tells where it stands."""

    name: str
    text: str
    buttons: tuple[str, ...]


def from_domain() -> Iterator[Spoken]:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    for name, variations in responses.items():
        for number, variation in enumerate(variations):
            buttons = tuple(filled(button["title"]) for button in variation.get("buttons", ()))
            which = name if len(variations) == 1 else f"{name}[{number}]"
            yield Spoken(which, filled(variation.get("text", "")), buttons)


def filled(template: object) -> str:
    return re.sub(r"\{(\w+)\}", lambda blank: FILLED.get(blank[1], "this"), str(template)).strip()


def from_safety() -> Iterator[Spoken]:
    seen: set[str] = set()
    for name, message in SafetyContent.load().all_messages():
        if message.text not in seen:
            seen.add(message.text)
            yield Spoken(f"safety:{name}", message.text, tuple(button.label for button in message.buttons))


DOMAIN = list(from_domain())
SAFETY = list(from_safety())
EVERYTHING = DOMAIN + SAFETY
by_name = pytest.mark.parametrize("said", DOMAIN, ids=lambda said: said.name)


def sentences(text: str) -> list[str]:
    """Split at sentence ends, colons and line ends; what has no word is not a sentence."""
    return [part for part in _SENTENCE.split(text) if _WORD.search(part)]


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade, with names taken out; reading age is about the grade plus five."""
    counted = [word for word in words(text) if word not in NAMES]
    syllables_ = sum(syllables(word) for word in counted)
    return 0.39 * len(counted) / len(sentences(text)) + 11.8 * syllables_ / len(counted) - 15.59


def syllables(word: str) -> int:
    """Count groups of vowels, less a silent e: right for nearly all short English words."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", plain))
    silent = re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouysxz]es$", plain) is not None
    return max(1, groups - silent)


def faults(said: Spoken) -> list[str]:
    """Return what is not plain about a message, in words for whoever changes it."""
    counted = [(len(words(one)), one) for one in sentences(said.text)]
    found = [f"{count} words in: {one}" for count, one in counted if count > SENTENCE_WORDS]
    for paragraph in re.split(r"\n\s*\n", said.text):
        # "Done." and the like count for nothing.
        parts = [one for one in re.split(r"(?<=[.!?])\s+", paragraph) if len(words(one)) > 1]
        # In safety texts each line stands alone, so that a number can be seen.
        if not said.name.startswith("safety:") and len(parts) > PARAGRAPH_SENTENCES:
            found.append(f"{len(parts)} sentences in a paragraph")
    limit = CONSENT_WORDS if "consent" in said.name else MESSAGE_WORDS
    if len(words(said.text)) > limit:
        found.append(f"{len(words(said.text))} words, and {limit} are allowed")
    found += [f"banned: {word}" for word in _BANNED.findall(said.text + " | " + " | ".join(said.buttons))]
    found += [f"capitals: {word}" for word in re.findall(r"\b[A-Z]{2,}\b", said.text) if word not in CAPITALS]
    if "&" in said.text:
        found.append("an & instead of and")
    if "!" in said.text and any(word in said.text.lower() for word in BAD_NEWS):
        found.append("an exclamation mark in bad news")
    if said.text.count("?") > 1:
        found.append("more than one question")
    if len(sentences(said.text)) >= 3 and grade(said.text) > WORST_GRADE:
        found.append(f"reading grade {grade(said.text):.1f}")
    return found + button_faults(said)


def button_faults(said: Spoken) -> list[str]:
    found = [
        f"{len(label)} characters on: {label}"
        for label in said.buttons
        if len(label) > BUTTON_CHARACTERS and label not in LABELS_KEPT
    ]
    if len(said.buttons) > BUTTONS:
        found.append(f"{len(said.buttons)} buttons")
    if len({label.casefold() for label in said.buttons}) < len(said.buttons):
        found.append("two buttons with one label")
    if any(label.casefold() in {"yes", "no"} for label in said.buttons):
        found.append("a bare yes or no: say what it does")
    return found


@by_name
def test_what_the_assistant_says_is_plain(said: Spoken) -> None:
    assert faults(said) == []


def test_what_the_safety_layer_says_is_plain() -> None:
    assert {said.name: found for said in SAFETY if (found := faults(said))} == {}


def test_messages_fit_into_one_of_telegrams() -> None:
    assert [said.name for said in EVERYTHING if len(said.text) > TELEGRAM_CHARACTERS] == []


def test_the_words_as_a_whole_are_easy() -> None:
    long_enough = [said.text for said in EVERYTHING if len(sentences(said.text)) >= 3]
    assert sum(grade(text) for text in long_enough) / len(long_enough) <= 5.0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("You can't do this.", "banned: can't"),
        ("Sorry! That did not work.", "an exclamation mark in bad news"),
        ("Is it OK? Or not?", "more than one question"),
        ("Read this NOW.", "capitals: NOW"),
        (" ".join(["word"] * 21) + ".", "21 words in: " + " ".join(["word"] * 21) + "."),
        ("One is. Two is. Three is. Four is.", "4 sentences in a paragraph"),
    ],
)
def test_a_fault_is_found(text: str, fault: str) -> None:
    assert fault in faults(Spoken("utter_x", text, ()))


def test_a_hard_text_has_a_high_grade() -> None:
    hard = "Individualised vocational intervention necessitates multidisciplinary collaboration. Go. Stay."
    easy = "We can look for work. You can say what you like. I can help you with it."
    assert grade(hard) > WORST_GRADE > 3 > grade(easy)
