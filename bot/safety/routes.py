"""What the safety screen can answer, and the border that every detector keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Route(StrEnum):
    """Which safety answer a message needs. The order below is the order of risk, highest first."""

    CRISIS = "crisis"
    HARM_OTHERS = "harm_others"
    SAFEGUARDING = "safeguarding"
    THIRD_PARTY = "third_party"
    SOFT = "soft"


RISK_ORDER: tuple[Route, ...] = tuple(Route)

# Within one route the kinds that need an ambulance come before the kinds that need a talk; and where somebody
# may be reading, the short answer comes before the longer one.
KIND_ORDER: tuple[str, ...] = (
    "overdose",
    "suicidal",
    "psychosis",
    "self_harm",
    "harm_others",
    "watched_phone",
    "abuse",
    "worried_about_someone",
    "low_mood",
    "bereaved",
    "denied",
    "lapse",
)


def rank_of(route: Route, kind: str | None) -> tuple[int, int]:
    """Return where a reading stands in the order of risk: smaller is riskier."""
    place = KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER)
    return RISK_ORDER.index(route), place


@dataclass(frozen=True)
class Finding:
    """One detector's reading of a message. `detector` is a name for people, such as `rules:farewell`.

    `sure` False: the words are a hint, and count where the trained model does not read them as ordinary.
    """

    route: Route
    kind: str
    detector: str
    sure: bool = True

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is riskier."""
        return rank_of(self.route, self.kind)


@dataclass(frozen=True)
class NearMiss:
    """What a message was nearly read as. The score is about the model, never about the person."""

    route: Route
    score: float


@dataclass(frozen=True)
class Screening:
    """The screen's answer. `route` None is an ordinary message; `failed` means that a human must be told."""

    route: Route | None
    kind: str | None
    detectors: tuple[str, ...]
    ms: float
    failed: bool
    near_miss: NearMiss | None = None


class Detector(Protocol):
    """Anything that reads words for risk: the rules, and the trained model."""

    @property
    def name(self) -> str: ...

    def find(self, text: str) -> Sequence[Finding]: ...
