"""The words and numbers of the safety layer: reviewed content, held in memory from the start."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.safety.routes import Route

CONTENT = Path(__file__).parent / "content"
FRESH_FOR = timedelta(days=180)
WHEN_UNKNOWN = (
    "england",
    "new_zealand",
)  # the regions shown, labelled, to somebody whose region nobody knows

_DEFAULT_KIND: Mapping[Route, str] = {
    Route.CRISIS: "suicidal",
    Route.HARM_OTHERS: "harm_others",
    Route.SAFEGUARDING: "abuse",
    Route.THIRD_PARTY: "worried_about_someone",
    Route.SOFT: "low_mood",
}
_QUIET_KINDS = ("watched_phone",)  # nothing after the numbers: another person may be reading
_FIRST_BUTTONS = ("safe_for_now", "need_help_now", "ask_for_call")
_SOFT_BUTTONS = ("ask_for_call", "not_now")
MOST_NAMES = 2  # of those who were told; more are the team
MOST_WORDS = 60  # in one message; a longer second message becomes two


class ContentMistake(Exception):
    """A content file is missing, unreadable or incomplete. Raised at start, never while replying."""


@dataclass(frozen=True)
class Told:
    """The truth about who knows. `known` False is a stranger: nobody has been told and nobody can be.

    `people` are the first names of who was told; `on_duty` of those who were told because they are on duty
    while the service is closed; `until` says in words when somebody reads again.
    """

    people: tuple[str, ...] = ()
    on_duty: tuple[str, ...] = ()
    in_hours: bool = False
    until: str | None = None
    known: bool = True

    @property
    def can_ask(self) -> bool:
        """Whether there is anybody who can be asked to call."""
        return self.known and bool(self.people or self.on_duty)

    @property
    def when(self) -> str:
        """Which of the truths this is."""
        if not self.known:
            return "stranger"
        if not self.can_ask:
            return "nobody"
        if self.in_hours:
            return "in_hours"
        if self.on_duty:
            return "on_duty" if self.people else "only_on_duty"
        return "out_of_hours" if self.until else "later"


@dataclass(frozen=True)
class SafetyButton:
    """`key` is what the gateway keeps behind the opaque token; `label` is what the client reads."""

    key: str
    label: str


@dataclass(frozen=True)
class SafetyMessage:
    """One message to send at once, in order. `version` names the content that was shown."""

    text: str
    buttons: tuple[SafetyButton, ...]
    version: str


@dataclass(frozen=True)
class Number:
    """A phone number in reviewed content. `last_checked` None: nobody has yet dialled or looked it up."""

    region: str
    number: str
    purpose: str
    last_checked: date | None


@dataclass(frozen=True)
class _Region:
    key: str
    name: str
    version: str
    emergency: str
    lines: Mapping[str, Sequence[str]]
    numbers: tuple[Number, ...]

    def filled(self, template: str, lines: str) -> str:
        """Put this region's numbers into a text; a region without lines of that sort shows its main ones."""
        shown = self.lines.get(lines, self.lines["main"])
        return template.replace("{emergency}", self.emergency).replace("{lines}", "\n".join(shown)).strip()


class SafetyContent:
    """Gives the messages for a route. Out-of-date content is reported by `stale`, and still shown."""

    def __init__(self, shared: Mapping[str, Any], regions: Mapping[str, _Region]) -> None:
        self._shared = shared
        self._regions = dict(regions)

    @classmethod
    def load(cls, folder: Path = CONTENT) -> "SafetyContent":
        """Read all content at once, so that replies need neither disk nor database."""
        try:
            shared = _read(folder / "shared.yml")
            regions = [
                _region(_read(path)) for path in sorted(folder.glob("*.yml")) if path.name != "shared.yml"
            ]
            content = cls(shared, {region.key: region for region in regions})
            content.all_messages()
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ContentMistake(f"the safety content is incomplete: {error}") from error
        return content

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(self._regions)

    @property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(number for region in self._regions.values() for number in region.numbers)

    def stale(self, today: date) -> list[Number]:
        """Numbers that nobody has checked for 180 days, or ever."""
        oldest = today - FRESH_FOR
        return [
            number for number in self.numbers if number.last_checked is None or number.last_checked < oldest
        ]

    def reply(
        self,
        route: Route,
        kind: str | None,
        region: str | None,
        told: Told,
        *,
        late: bool = False,
        aside: bool = False,
        rest: bool = False,
        numbers: bool = True,
    ) -> tuple[SafetyMessage, ...]:
        """The numbers first; then who knows, one question and the buttons. `late` after an outage,
        `aside` when a form was open, `rest` when the message held another matter too; without `numbers`
        when they went out a moment ago, by `without_database`."""
        kind = self._known_kind(route, kind)
        first = self._first(kind, region, late=late) if numbers else []
        if kind in _QUIET_KINDS:
            return self._messages(first, region)
        soft = route is Route.SOFT
        truth = self._told_text("offer" if soft else "told", told)
        more = [self._shared["aside"]] if aside else []
        if rest and told.can_ask:
            more.append(self._filled(self._shared["rest"], told))
        keys: tuple[str, ...] = _SOFT_BUTTONS if soft else _FIRST_BUTTONS
        if not told.can_ask:
            keys = tuple(key for key in keys if key != "ask_for_call")
        if not soft or told.can_ask:
            more.append(self._shared["question"]["soft" if soft else "crisis"])
        second = ["\n".join([truth, *more])]
        if len(second[0].split()) > MOST_WORDS and more:
            second = [truth, "\n".join(more)]
        return self._messages([*first, *second], region, () if soft and not told.can_ask else keys)

    def without_database(
        self, route: Route, kind: str | None, region: str | None, *, late: bool = False
    ) -> tuple[SafetyMessage, ...]:
        """The numbers, and the truth that nobody has been told yet; no buttons, as nothing can be kept."""
        kind = self._known_kind(route, kind)
        texts = self._first(kind, region, late=late)
        if route is not Route.SOFT and kind not in _QUIET_KINDS:
            texts.append(self._shared["without_database"].strip())
        return self._messages(texts, region)

    def _known_kind(self, route: Route, kind: str | None) -> str:
        return kind if kind is not None and kind in self._shared["first"] else _DEFAULT_KIND[route]

    def _first(self, kind: str, region: str | None, *, late: bool) -> list[str]:
        lines = self._shared["lines"].get(kind, "main")
        first = self._with_numbers(self._shared["first"][kind], lines, region)
        return [f"{self._shared['late']}\n{first[0]}", *first[1:]] if late else first

    def follow_up(self, button: str, region: str | None, told: Told) -> tuple[SafetyMessage, ...]:
        """The honest answer to a button: `safe_for_now`, `need_help_now`, `ask_for_call` or `not_now`."""
        template = self._shared["follow_ups"][button].replace("{asked}", self._told_text("asked", told))
        return self._messages(self._with_numbers(template, "main", region), region)

    def seen(self, who: str, region: str | None) -> SafetyMessage:
        """Say once who has seen the message; for those whose message needs no quiet: see `is_quiet`."""
        return self._messages([self._shared["seen"].replace("{who}", who).strip()], region)[0]

    def is_quiet(self, kinds: Collection[str]) -> bool:
        """Whether one of these kinds asks for no more words: another person may be reading the phone."""
        return any(kind in _QUIET_KINDS for kind in kinds)

    def unreadable(self, region: str | None) -> tuple[SafetyMessage, ...]:
        """For a voice message, a photo or a video."""
        return self._messages(self._with_numbers(self._shared["unreadable"], "main", region), region)

    def all_messages(self) -> list[tuple[str, SafetyMessage]]:
        """Every message that can be sent, with a name for it: what the reviewers and the tests read."""
        tolds = [
            Told(("Amina",), in_hours=True),
            Told(("Amina", "Piotr"), in_hours=True),
            Told(("Amina",), until="9am on Wednesday 25 November"),
            Told(("Amina",), ("Jo",), until="9am on Wednesday 25 November"),
            Told((), ("Jo", "Lee"), until="9am on Wednesday 25 November"),
            Told(("Amina", "Piotr", "Grace")),
            Told(),
            Told(known=False),
        ]
        out: list[tuple[str, SafetyMessage]] = []
        for region in (*self._regions, None):
            for told in tolds:
                for route, kind in self._kinds():
                    messages = self.reply(route, kind, region, told, late=True, aside=True, rest=True)
                    messages += self.reply(route, kind, region, told)
                    out += [(f"{region}/{kind}/{told.when}", message) for message in messages]
                for button in self._shared["buttons"]:
                    out += [
                        (f"{region}/{button}/{told.when}", m) for m in self.follow_up(button, region, told)
                    ]
            for route, kind in self._kinds():
                alone = self.without_database(route, kind, region, late=True)
                out += [(f"{region}/{kind}/without_database", message) for message in alone]
            out.append((f"{region}/seen", self.seen("Amina", region)))
            out += [(f"{region}/unreadable", message) for message in self.unreadable(region)]
        return out

    def _kinds(self) -> list[tuple[Route, str]]:
        soft = ("low_mood", "bereaved", "denied", "lapse")
        owners = {"harm_others": Route.HARM_OTHERS, "worried_about_someone": Route.THIRD_PARTY}
        owners |= dict.fromkeys(("abuse", "watched_phone"), Route.SAFEGUARDING) | dict.fromkeys(
            soft, Route.SOFT
        )
        return [(owners.get(kind, Route.CRISIS), kind) for kind in self._shared["first"]]

    def _with_numbers(self, template: str, lines: str, region: str | None) -> list[str]:
        """The text with the region's numbers; for an unknown region, once for each country, labelled."""
        if region in self._regions:
            return [self._regions[region].filled(template, lines)]
        label = self._shared["label"]
        known = [self._regions[key] for key in WHEN_UNKNOWN]
        return [f"{label.replace('{region}', some.name)}\n{some.filled(template, lines)}" for some in known]

    def _told_text(self, part: str, told: Told) -> str:
        return self._filled(self._shared[part][told.when], told)

    def _filled(self, template: str, told: Told) -> str:
        who = self._names(told.people, MOST_NAMES, "one", "the_team")
        on_duty = self._names(told.on_duty, 1, "one_on_duty", "on_duty")
        filled = template.replace("{who}", who).replace("{on_duty}", on_duty)
        return filled.replace("{until}", told.until or "").strip()

    def _names(self, names: Sequence[str], most: int, one: str, many: str) -> str:
        if not 0 < len(names) <= most:
            return str(self._shared["names"][many])
        return str(self._shared["names"][one]).replace("{name}", " and ".join(names))

    def version(self, region: str | None) -> str:
        """The version of the texts and numbers that somebody of this region is shown."""
        shown = (region,) if region in self._regions else WHEN_UNKNOWN
        return "+".join(
            ["shared:" + self._shared["version"], *(f"{key}:{self._regions[key].version}" for key in shown)]
        )

    def _messages(
        self, texts: Sequence[str], region: str | None, keys: Sequence[str] = ()
    ) -> tuple[SafetyMessage, ...]:
        version = self.version(region)
        buttons = tuple(SafetyButton(key, self._shared["buttons"][key]) for key in keys)
        last = len(texts) - 1
        return tuple(
            SafetyMessage(text, buttons if place == last else (), version) for place, text in enumerate(texts)
        )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        # BaseLoader: a phone number stays text, with its spaces and its leading nought.
        book = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise ContentMistake(f"{path.name} cannot be read") from error
    if not isinstance(book, dict):
        raise ContentMistake(f"{path.name} is not a content file")
    return book


def _region(book: Mapping[str, Any]) -> _Region:
    key = book["region"]
    numbers = tuple(
        Number(key, number, about["for"], _checked(about["last_checked"]))
        for number, about in book["numbers"].items()
    )
    return _Region(key, book["name"], book["version"], book["emergency"], book["lines"], numbers)


def _checked(text: str) -> date | None:
    return None if text == "never" else date.fromisoformat(text)
