"""`python -m benchmarks.safety.made`: writes ordinary training messages that nobody need invent.

Codes, links, numbers, keys hit at random, short messages that come in a row, beginnings that break off and
short commands: the screen reads them all, and a model that has never seen any takes them for whatever it
likes (four random codes in ten were danger to it, and so was "i am" before "going to").
"""

from __future__ import annotations

import json
import random
import string
import uuid
from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.safety.train import EVALUATION, Message, own_examples, training_messages
from bot.safety.near_duplicates import near_duplicates
from bot.safety.proof import read_examples
from bot.safety.screen import FRAGMENT_WORDS
from bot.safety.trained import ORDINARY, TRAINING

FILE = TRAINING / "made.yml"
HEAD = """\
# Written by `python -m benchmarks.safety.made`: what is no sentence, and short ordinary messages in a row.
"""
SEED = 5
CODES, LINKS, NUMBERS, KEYS, SALADS, RUNS, REPEATS = 500, 400, 400, 250, 400, 1200, 300
BEGINNINGS, BROKEN_OFF, COMMANDS = 1500, 700, 400
#: A word is harmless in a beginning when so many ordinary messages have it, and danger hardly more often.
HAVING, MORE_OFTEN = 60, 2.0
#: Between the pieces of a run the screen puts a space; people who send all at once, a line or a comma.
BETWEEN = (" ", " ", " ", "\n", ", ")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

#: With these a beginning may go on to anything.
SHARP = {
    "murder", "death", "dead", "die", "dying", "end", "ending", "ended", "hung", "hang", "hanging",
    "shot", "shoot", "blood", "bleeding", "knife", "blade", "pills", "bridge", "rope", "kill", "killed",
    "killing", "hurt", "hurting", "harm", "cut", "cutting", "last", "gone", "over", "passed", "lost",
    "tired", "alone", "dark", "goodbye", "bye", "sorry", "enough", "anymore", "hate", "jump", "tablets",
    "meds", "never", "stop", "done", "finished", "scared", "worse", "pain", "drunk", "drink", "died",
    "nearly", "left", "nothing", "nobody", "no-one", "away", "burnt", "use", "take", "took",
}  # fmt: skip


def main() -> None:
    """Write the file; the same each time, as long as the messages that it draws on are."""
    before = [one for one in training_messages() if one.style != "made"]
    texts = made(random.Random(SEED), before)
    measured_on = [one.text for one in read_examples(sorted(EVALUATION.glob("*.yml")))]
    near = {text for _, text in near_duplicates(measured_on, texts)}
    rows = [
        f"- {{text: {json.dumps(text, ensure_ascii=False)}, route: null, kind: null, style: made}}\n"
        for text in texts
        if text not in near
    ]
    FILE.write_text(HEAD + "".join(rows), encoding="utf-8")
    print(f"wrote {len(rows)} messages to {FILE.name}")


def made(chance: random.Random, messages: Sequence[Message]) -> list[str]:
    """Return the texts, each once."""
    plain = [one.text for one in messages if one.kind == ORDINARY and one.style == "ordinary"]
    short = [text for text in plain + [one.text for one in own_examples()] if is_short(text)]
    words = sorted({word for text in plain for word in text.lower().split() if word.isalpha()})
    begun = beginnings(messages)
    kinds: Sequence[tuple[int, Callable[[], str]]] = (
        (CODES, lambda: code(chance)),
        (LINKS, lambda: link(chance, words)),
        (NUMBERS, lambda: numbers(chance)),
        (KEYS, lambda: keys(chance)),
        (SALADS, lambda: " ".join(chance.sample(words, chance.randint(1, 8)))),
        (RUNS, lambda: chance.choice(BETWEEN).join(chance.sample(short, chance.randint(2, 6)))),
        (REPEATS, lambda: repeated(chance, short)),
        (BEGINNINGS, lambda: chance.choice(begun)),
        (
            BROKEN_OFF,
            lambda: f"{chance.choice(begun)} {chance.choice((chance.choice(begun), chance.choice(short)))}",
        ),
        (COMMANDS, lambda: command(chance)),
    )
    return list(dict.fromkeys(make() for count, make in kinds for _ in range(count)))


def beginnings(messages: Sequence[Message]) -> list[str]:
    """Return the first one to five words of ordinary messages, where none of them smells of danger."""
    ordinary = [one.text.lower().split() for one in messages if one.kind == ORDINARY]
    danger = [one.text.lower().split() for one in messages if one.kind != ORDINARY]
    having = Counter(word for words in ordinary for word in set(words))
    beside = Counter(word for words in danger for word in set(words))
    often = MORE_OFTEN * len(danger) / len(ordinary)
    harmless = {word for word, count in having.items() if count >= HAVING and beside[word] < count * often}
    harmless -= SHARP
    return sorted(
        {
            " ".join(words[:size])
            for words in ordinary
            for size in range(1, min(6, len(words)))
            if harmless.issuperset(words[:size])
        }
    )


def command(chance: random.Random) -> str:
    """What somebody is to be told or given."""
    whom = chance.choice(
        ("her", "him", "them", "amina", "the lady", "my consultant", "her boss", "the agency")
    )
    do = chance.choice(
        ("tell", "ask", "text", "ring", "email", "give", "send", "let", "remind", "show", "get")
    )
    what = chance.choice(
        ("thursday", "2pm", "half 9", "the form", "my cv", "my number", "about the van", "no", "yes", "both",
         "to ring me", "to call", "monday not tuesday", "the other one", "im late", "ill be there", "know",
         "when im in", "i said ok", "again", "first", "later", "the new address", "if its ok", "not to worry")
    )  # fmt: skip
    before = chance.choice(("", "", "", "just ", "pls ", "can you ", "dont ", "you ", "i will ", "and "))
    return f"{before}{do} {whom} {what}"


def is_short(text: str) -> bool:
    """Return whether the screen would join it with its neighbours."""
    return len(text.split()) <= FRAGMENT_WORDS


def code(chance: random.Random) -> str:
    """A token, a number of a file or a job, alone or with a word before it."""
    letters = chance.choice(
        (
            string.ascii_letters + string.digits + "-_",
            "0123456789abcdef",
            string.ascii_uppercase + string.digits,
        )
    )
    found = "".join(chance.choices(letters, k=chance.choice((6, 8, 10, 16, 22, 22, 32, 40))))
    if chance.random() < 0.1:
        found = str(uuid.UUID(int=chance.getrandbits(128)))
    return chance.choice(("", "", "", "", "/start ", "ref ", "Ref: ", "job no ", "code ", "its ")) + found


def link(chance: random.Random, words: Sequence[str]) -> str:
    """The address of a page, of a post box or of a house."""
    one, other = chance.sample(words, 2)
    site = one + chance.choice((".co.uk", ".com", ".co.nz", ".org", ".gov.uk", ".example"))
    how = chance.random()
    if how < 0.2:
        return f"{one}.{other}{chance.randint(1, 99)}@{site}"
    if how < 0.35:
        street = chance.choice(("Road", "St", "Lane", "Close", "Ave"))
        return f"{chance.randint(1, 200)} {other.title()} {street}, {postcode(chance)}"
    begin = chance.choice(("https://", "https://www.", "www.", ""))
    folder = chance.choice(("jobs", "job", "viewjob", "apply", "cv", "p"))
    slug = "-".join(chance.sample(words, chance.randint(1, 5)))
    number, key = chance.randint(1, 10**8), chance.getrandbits(64)
    tail = chance.choice(("", f"/{number}", f"?jk={key:x}", f"?id={number}&src=app"))
    before = chance.choice(("", "", "", "this one ", "found this ", "can you see "))
    return f"{before}{begin}{site}/{folder}/{slug}{tail}"


def postcode(chance: random.Random) -> str:
    """A British postcode, or four figures as in New Zealand."""
    if chance.random() < 0.3:
        return f"{chance.randint(110, 9899):04d}"
    a, b, c, d = chance.choices(string.ascii_uppercase, k=4)
    return f"{a}{b}{chance.randint(1, 29)} {chance.randint(1, 9)}{c}{d}"


def numbers(chance: random.Random) -> str:
    """Phone numbers, dates, times, sums and lists of them."""
    one: Sequence[Callable[[], str]] = (
        lambda: f"07{chance.randint(0, 999999999):09d}",
        lambda: f"02{chance.randint(0, 9)} {chance.randint(200, 999)} {chance.randint(1000, 9999)}",
        lambda: f"{chance.randint(1, 31)}/{chance.randint(1, 12)}/{chance.choice(('26', '2026', '27'))}",
        lambda: f"{chance.randint(1, 12)}{chance.choice(('am', 'pm', ':30', '.15', ''))}",
        lambda: f"£{chance.randint(7, 30)}.{chance.randint(0, 99):02d}",
        lambda: f"{chance.randint(0, 99999)}",
        lambda: postcode(chance),
        lambda: chance.choice(("mon", "tue", "wed", "thur", "fri", "sat", "sun")),
    )
    return chance.choice((" ", ", ", " - ", "\n", " or ")).join(
        chance.choice(one)() for _ in range(chance.choice((1, 1, 2, 2, 3, 5)))
    )


def keys(chance: random.Random) -> str:
    """Keys that somebody sat on, or held down."""
    if chance.random() < 0.3:
        return chance.choice(string.ascii_lowercase) * chance.randint(3, 30)
    row = chance.choice((*ROWS, "".join(ROWS)))
    return " ".join(
        "".join(chance.choices(row, k=chance.randint(3, 12))) for _ in range(chance.randint(1, 3))
    )


def repeated(chance: random.Random, short: Sequence[str]) -> str:
    """One message again and again, as people send it who get no answer, or ask about one after the other."""
    text, times = chance.choice(short), chance.randint(2, 6)
    if chance.random() < 0.5:
        return chance.choice(BETWEEN).join([text] * times)
    first, words = chance.randint(1, 90), text.split()
    at = chance.randint(0, len(words))
    return " ".join(" ".join([*words[:at], str(first + n), *words[at:]]) for n in range(times))


if __name__ == "__main__":
    main()
