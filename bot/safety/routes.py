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

# Within one route the kinds that need an ambulance come before the kinds that need a talk.
KIND_ORDER: tuple[str, ...] = (
    "overdose",
    "suicidal",
    "psychosis",
    "self_harm",
    "harm_others",
    "abuse",
    "watched_phone",
    "worried_about_someone",
    "low_mood",
    "bereaved",
    "denied",
    "lapse",
)


@dataclass(frozen=True)
class Finding:
    """One detector's reading of a message. `detector` is a name for people, such as `rules:farewell`."""

    route: Route
    kind: str
    detector: str

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is riskier."""
        kind = KIND_ORDER.index(self.kind) if self.kind in KIND_ORDER else len(KIND_ORDER)
        return RISK_ORDER.index(self.route), kind


@dataclass(frozen=True)
class Screening:
    """The screen's answer. `route` None is an ordinary message; `failed` means that a human must be told."""

    route: Route | None
    kind: str | None
    detectors: tuple[str, ...]
    ms: float
    failed: bool


class Detector(Protocol):
    """Anything that reads words for risk: the rules, and later the trained model."""

    @property
    def name(self) -> str: ...

    def find(self, text: str) -> Sequence[Finding]: ...
