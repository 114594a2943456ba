"""The words and numbers of the safety layer: reviewed content, held in memory from the start."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.safety.content_files import ContentMistake, Number, Region, Texts, read, region_of, texts_of
from bot.safety.routes import Route

__all__ = ["ContentMistake", "Number", "SafetyButton", "SafetyContent", "SafetyMessage", "Texts", "Told"]

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
_SILENT_KINDS = (*_QUIET_KINDS, "abuse")  # no sound, and nothing later that nobody asked for
_FIRST_BUTTONS = ("safe_for_now", "need_help_now", "ask_for_call")
_SOFT_BUTTONS = ("ask_for_call", "not_now")
MOST_NAMES = 2  # of those who were told; more are the team
MOST_WORDS = 60  # in one message; a longer second message becomes two


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
    #: To be sent without a sound: somebody else in the room may hear the phone.
    silent: bool = False


class SafetyContent:
    """Gives the messages for a route. Out-of-date content is reported by `stale`, and still shown."""

    def __init__(self, shared: Mapping[str, Any], regions: Mapping[str, Region]) -> None:
        self._shared = shared
        self._regions = dict(regions)
        self.texts = (texts_of("shared.yml", shared), *(region.texts for region in self._regions.values()))

    @classmethod
    def load(cls, folder: Path = CONTENT) -> "SafetyContent":
        """Read all content at once, so that replies need neither disk nor database."""
        try:
            shared = read(folder / "shared.yml")
            regions = [
                region_of(read(path)) for path in sorted(folder.glob("*.yml")) if path.name != "shared.yml"
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
        return [number for number in self.numbers if _is_stale(number.last_checked, today)]

    def stale_texts(self, today: date) -> list[Texts]:
        """Files whose sentences their owner has not read through for 180 days, or ever."""
        return [texts for texts in self.texts if _is_stale(texts.last_checked, today)]

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
        alarmed: bool = False,
    ) -> tuple[SafetyMessage, ...]:
        """The numbers first; then who knows, one question and the buttons. `late` after an outage,
        `aside` when a form was open, `rest` when the message held another matter too; without `numbers`
        when they went out a moment ago, by `without_database`; `alarmed` when people were alerted before.

        A stranger is asked nothing: their answer could reach nobody."""
        kind = self._known_kind(route, kind)
        silent = kind in _SILENT_KINDS
        first = self._first(kind, region, late=late) if numbers else []
        if kind in _QUIET_KINDS:
            return self._messages(first, region, silent=silent)
        soft = route is Route.SOFT and not (alarmed and told.can_ask)
        truth = self._told_text("offer" if soft else "already" if route is Route.SOFT else "told", told)
        more = [self._shared["aside"]] if aside and not silent else []
        if rest and told.can_ask:
            more.append(self._filled(self._shared["rest"], told))
        keys = self._keys(_SOFT_BUTTONS if soft else _FIRST_BUTTONS, told)
        if told.known and (not soft or told.can_ask):
            more.append(self._shared["question"]["soft" if soft else "crisis"])
        second = ["\n".join([truth, *more])]
        if len(second[0].split()) > MOST_WORDS and more:
            second = [truth, "\n".join(more)]
        shown = () if not told.known or (soft and not told.can_ask) else keys
        return self._messages([*first, *second], region, shown, silent=silent)

    @staticmethod
    def _keys(keys: tuple[str, ...], told: Told) -> tuple[str, ...]:
        return keys if told.can_ask else tuple(key for key in keys if key != "ask_for_call")

    def in_one(self, route: Route, kind: str | None, region: str | None) -> tuple[SafetyMessage, ...]:
        """The numbers in a single message: for somebody who cries out many times in a minute."""
        kind = self._known_kind(route, kind)
        text = "\n\n".join(self._first(kind, region, late=False))
        return self._messages([text], region, silent=kind in _SILENT_KINDS)

    def still_here(self, region: str | None, told: Told, kinds: Collection[str]) -> tuple[SafetyMessage, ...]:
        """In place of "I did not understand", while nobody has cleared what the client wrote of danger."""
        quiet = next((kind for kind in _QUIET_KINDS if kind in kinds), None)
        if quiet is not None:
            return self.numbers_alone(quiet, region)
        silent = self.is_quiet(kinds)
        texts = self._with_numbers(
            self._shared["still_here"], self._shared["lines"]["abuse"] if silent else "main", region
        )
        return self._messages(texts, region, self._keys(_FIRST_BUTTONS, told), silent=silent)

    def without_database(
        self, route: Route, kind: str | None, region: str | None, *, late: bool = False
    ) -> tuple[SafetyMessage, ...]:
        """The numbers, and the truth that nobody has been told yet; no buttons, as nothing can be kept."""
        kind = self._known_kind(route, kind)
        texts = self._first(kind, region, late=late)
        if route is not Route.SOFT and kind not in _QUIET_KINDS:
            texts.append(self._shared["without_database"].strip())
        return self._messages(texts, region, silent=kind in _SILENT_KINDS)

    def follow_up_without_database(self, button: str, region: str | None) -> tuple[SafetyMessage, ...]:
        """The answer to a button while the press cannot be stored: nobody has been told of it yet."""
        not_told = self._shared["without_database"].strip()
        if button == "ask_for_call":
            numbers = self._with_numbers(self._shared["sooner"], "main", region)
            return self._messages([*numbers, not_told], region)
        texts = self._with_numbers(self._shared["follow_ups"][button], "main", region)
        return self._messages([*texts, not_told] if button == "need_help_now" else texts, region)

    def numbers_alone(self, kind: str | None, region: str | None) -> tuple[SafetyMessage, ...]:
        """The numbers and nothing about who was told: for a phone that may have changed hands."""
        kind = self._known_kind(Route.CRISIS, kind)
        return self._messages(self._first(kind, region, late=False), region, silent=kind in _SILENT_KINDS)

    def _known_kind(self, route: Route, kind: str | None) -> str:
        return kind if kind is not None and kind in self._shared["first"] else _DEFAULT_KIND[route]

    def _first(self, kind: str, region: str | None, *, late: bool) -> list[str]:
        lines = self._shared["lines"].get(kind, "main")
        first = self._with_numbers(self._shared["first"][kind], lines, region)
        return [f"{self._shared['late']}\n{first[0]}", *first[1:]] if late else first

    def follow_up(
        self, button: str, region: str | None, told: Told, kinds: Collection[str] = ()
    ) -> tuple[SafetyMessage, ...]:
        """The honest answer to a button: `safe_for_now`, `need_help_now`, `ask_for_call` or `not_now`.

        `kinds` are those of the danger that nobody has cleared: after an overdose somebody may feel well."""
        hurt = button == "safe_for_now" and "overdose" in kinds
        template = self._shared["safe_after_overdose"] if hurt else self._shared["follow_ups"][button]
        template = template.replace("{asked}", self._told_text("asked", told))
        texts = self._with_numbers(template, "main", region)
        return self._messages(texts, region, silent=self.is_quiet(kinds))

    def on_it(self, who: str, region: str | None) -> SafetyMessage:
        """Say once who is on it; for those whose message needs no quiet: see `is_quiet`."""
        return self._messages([self._shared["on_it"].replace("{who}", who).strip()], region)[0]

    @property
    def labels(self) -> Collection[str]:
        """What the buttons under our texts say."""
        return list(self._shared["buttons"].values())

    @staticmethod
    def is_quiet(kinds: Collection[str]) -> bool:
        """Whether one of these kinds asks for no more words: another person may be reading the phone."""
        return any(kind in _SILENT_KINDS for kind in kinds)

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
                    messages += self.reply(route, kind, region, told, alarmed=True)
                    messages += self.still_here(region, told, (kind,))
                    out += [(f"{region}/{kind}/{told.when}", message) for message in messages]
                for button in self._shared["buttons"]:
                    out += [
                        (f"{region}/{button}/{told.when}", m)
                        for kinds in ((), ("overdose",))
                        for m in self.follow_up(button, region, told, kinds)
                    ]
            for route, kind in self._kinds():
                alone = self.without_database(route, kind, region, late=True)
                out += [(f"{region}/{kind}/without_database", message) for message in alone]
                out += [(f"{region}/{kind}/alone", one) for one in self.numbers_alone(kind, region)]
            for button in self._shared["buttons"]:
                unkept = self.follow_up_without_database(button, region)
                out += [(f"{region}/{button}/without_database", message) for message in unkept]
            out.append((f"{region}/on_it", self.on_it("Amina", region)))
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
        return self._filled(self._shared[part].get(told.when) or self._shared["told"][told.when], told)

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
        self, texts: Sequence[str], region: str | None, keys: Sequence[str] = (), *, silent: bool = False
    ) -> tuple[SafetyMessage, ...]:
        version = self.version(region)
        buttons = tuple(SafetyButton(key, self._shared["buttons"][key]) for key in keys)
        last = len(texts) - 1
        return tuple(
            SafetyMessage(text, buttons if place == last else (), version, silent)
            for place, text in enumerate(texts)
        )


def _is_stale(last_checked: date | None, today: date) -> bool:
    return last_checked is None or last_checked < today - FRESH_FOR
