"""The buttons under a crisis text: which one was pressed or typed, and the honest answer to it."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import Button, InboxItem
from bot.caseload.store import Case
from bot.conversation.alarm import FOLLOW_UP, Alarm
from bot.conversation.linking import answer_of, plain
from bot.safety.routes import Route, Screening
from integrations.telegram.types import Inbound

#: How an event says that a button was pressed, and which.
PRESSED = "button:"
ASKS_FOR_A_PERSON = {"need_help_now", "ask_for_call"}
#: Words that may answer any question of ours: they count only right under the crisis text.
SAID_OF_ANYTHING = {"not_now"}
_NOT_SAFE = re.compile(
    r"(?:no |nah |but )*(?:i am |i do not feel |i dont feel )?(?:really )?not safe"
    r"(?: at all| now| here| for now)*"
)
_SAFE = re.compile(r"(?:yes |yeah |ok |okay )*(?:i am )?safe(?: for now| now)?(?: thanks| thank you)?")
#: Words that hold on to whoever is there. Nobody who wrote of danger is answered "I did not understand".
_PLEA = re.compile(
    r"(?:please )?(?:help|help me|someone help|can (?:you|anyone|someone) help(?: me)?)(?: please| now)*"
    r"|(?:nobody|no one|noone) (?:is |will |has )?(?:answer\w*|pick\w* up|there|replied|replying|coming)"
    r"|(?:the |all )?(?:line|lines|phone|number|numbers) (?:is|are|was|were|just) "
    r"(?:engaged|busy|ringing|rings|dead|not working)"
    r"|(?:they|it) (?:do|does|did|are|is) ?(?:not|nt) (?:answer\w*|pick\w* up)"
    r"|what (?:do|should|can) i do(?: now)?"
    r"|(?:please )?(?:stay|talk|stay here|keep talking)(?: with| to) me"
    r"|(?:please )?(?:do not|dont) (?:go|leave|leave me)"
    r"|(?:are you|is anyone|is anybody|is someone)(?: still)? there"
)


class CrisisChoices:
    """Finds and answers what a client chooses under a crisis text; it works whoever has the chat."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm

    def chosen(self, case: Case, conversation: Conversation, inbound: Inbound) -> Button | None:
        """Return the button under a crisis text that was pressed, or typed."""
        if inbound.kind == "text":
            return _typed_choice(case, conversation, inbound.text or "")
        button = case.buttons.find(conversation, inbound.token) if inbound.token else None
        return button if button is not None and FOLLOW_UP in button.means else None

    def answer(self, case: Case, conversation: Conversation, button: Button, item: InboxItem) -> None:
        """Answer one of the buttons under a crisis text, honestly."""
        choice = str(button.means[FOLLOW_UP])
        if choice in ASKS_FOR_A_PERSON:
            self._note(case, conversation, choice, item)
        told = self._alarm.told(case, conversation)
        events = case.safety_events.uncleared(conversation.client)
        kinds = {event.kind for event in events if event.kind}
        messages = self._alarm.content.follow_up(choice, conversation.client.region, told, kinds)
        self._alarm.say(case, conversation, messages, item)

    def _note(self, case: Case, conversation: Conversation, choice: str, item: InboxItem) -> None:
        """Raise the alarm for somebody who asks for help, with an event: pause and review follow from it."""
        last = case.safety_events.newest_of(conversation)
        pressed_again = last is not None and last.detectors == [f"{PRESSED}{choice}"]
        route = Route(last.route) if last else Route.CRISIS
        if choice == "need_help_now" and route is Route.SOFT:
            route = Route.CRISIS
        kind = last.kind if last and last.route == route else None
        pressed = Screening(route, kind, (f"{PRESSED}{choice}",), 0.0, failed=False)
        handoff = self._alarm.sound(case, conversation, pressed)
        if pressed_again and last is not None and last.acknowledged_at is None:
            return
        self._alarm.record(case, item, pressed, route, conversation, handoff, late=False)


def _typed_choice(case: Case, conversation: Conversation, text: str) -> Button | None:
    typed = _typed(text)
    offered = case.buttons.newest_offer_of(conversation, FOLLOW_UP) if typed else []
    if not offered:
        return None
    by_key = {button.means[FOLLOW_UP]: button for button in offered}
    ours = [one for one in case.transcript.newest(conversation) if one.author in {"bot", "safety"}]
    is_last = bool(ours) and ours[-1].author == "safety"
    # Later, with other words of ours in between, only a whole label counts: a "2" is a number then.
    still_asked = case.buttons.is_live(offered[0]) or case.safety_events.paused_since(conversation.client)
    for number, button in enumerate(offered, start=1):
        if typed == _typed(button.label):
            by_itself = button.means[FOLLOW_UP] not in SAID_OF_ANYTHING and still_asked
            return button if is_last or by_itself else None
        if typed == str(number) and is_last:
            return button
    return by_key.get(_meant(typed, is_offer="not_now" in by_key)) if is_last else None


def _meant(typed: str, *, is_offer: bool) -> str | None:
    """Return which choice other words than a label's make, right under the buttons."""
    if is_offer and (said := answer_of(typed)) is not None:
        return "ask_for_call" if said else "not_now"
    if _NOT_SAFE.fullmatch(typed):
        return "need_help_now"
    return "safe_for_now" if _SAFE.fullmatch(typed) else None


def is_plea(text: str) -> bool:
    """Return whether these words ask that somebody stays, or say that nobody answers."""
    return _PLEA.fullmatch(_typed(text)) is not None


def is_choice(text: str, labels: Collection[str]) -> bool:
    """Return whether these words are one of our own labels."""
    return _typed(text) in {_typed(label) for label in labels}


def _typed(text: str) -> str:
    """Words to compare: "I'm safe" is "I am safe". No nearer guess: "I am not safe" is near as well."""
    return " ".join("i am" if word == "im" else word for word in plain(text.replace("’", "")).split())
