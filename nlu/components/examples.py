"""What the head learns from, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Mapping, Tuple

import numpy as np

DEFAULT_SHARES: Final[Mapping[str, float]] = {
    "sentence": 1.0,
    "sentence_layers": 1.25,
    "universal": 0.7,
    "words": 0.1,
    "letters": 0.1,
}


@dataclass(frozen=True)
class HeadSettings:
    """How the head learns; the defaults were chosen by cross-validation on public training parts."""

    # How much each view counts in the likeness of two messages; a view that is not given is left out.
    shares: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SHARES))
    # The name of an intent ("cancel appointment") is one more example of it.
    names_as_examples: bool = True
    # Against learning by heart: of the linear judge, and of the local one.
    penalty: float = 0.03
    ridge: float = 0.05
    # How fast the local judge forgets examples that are less alike.
    nearness: float = 1.0
    # The share of understood messages that may be sent to the fallback by the threshold.
    in_scope_loss: float = 0.05
    folds: int = 4


@dataclass(frozen=True)
class Examples:
    """Training messages: texts, their embeddings by view name (one row a text), their intents."""

    texts: Tuple[str, ...]
    views: Mapping[str, np.ndarray]
    intents: Tuple[str, ...]

    def followed_by(self, others: "Examples") -> "Examples":
        """Return these examples with others behind them."""
        views = {name: np.vstack([rows, others.views[name]]) for name, rows in self.views.items()}
        return Examples(self.texts + others.texts, views, self.intents + others.intents)


def readable_name(intent: str) -> str:
    """Return an intent's name as words: `faq/ask_benefits_and_work` is "ask benefits and work"."""
    return intent.rsplit("/", 1)[-1].replace("_", " ").strip()
