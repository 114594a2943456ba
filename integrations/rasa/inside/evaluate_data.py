"""The held-out messages, read and checked."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Tuple

OUT_OF_SCOPE = "out_of_scope"
SPLITS = ("dev", "test")
HELD_OUT = Path("tests/nlu/held_out.yml")


class BadHeldOut(Exception):
    """The held-out file is not what it should be; the message says where."""


@dataclass(frozen=True)
class Mention:
    """A time in a message: what sort it is, and its value as one comparable text."""

    kind: str
    value: str

    @classmethod
    def of(cls, kind: str, value: Any) -> Mention:
        """The mention with this value, which is a text, a list of texts or None."""
        return cls(kind, json.dumps(value))


@dataclass(frozen=True)
class HeldOutMessage:
    """A message with what it means; `metadata` says when and where it was written."""

    text: str
    intent: str
    split: str
    region: str
    times: Tuple[Mention, ...]
    metadata: Mapping[str, str]


def read_held_out(path: Path) -> List[HeldOutMessage]:
    """Every message of the file, in its order. Raises BadHeldOut."""
    import yaml

    try:
        contents = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadHeldOut(f"{path.name} cannot be read: {error}") from error
    try:
        scenes = {name: {**scene, "region": name} for name, scene in contents["scenes"].items()}
        messages = [
            _message(row, str(group["intent"]), scenes[group.get("region", "england")])
            for group in contents["groups"]
            for row in group["messages"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadHeldOut(f"{path.name} is not laid out as its first lines say: {error!r}") from error
    if not messages:
        raise BadHeldOut(f"{path.name} has no messages.")
    return messages


def per_intent(messages: List[HeldOutMessage]) -> Dict[str, int]:
    """How many messages each intent has."""
    return dict(Counter(message.intent for message in messages))


def _message(row: Any, intent: str, metadata: Dict[str, str]) -> HeldOutMessage:
    if not isinstance(row, list) or len(row) not in (2, 3) or row[0] not in SPLITS:
        raise BadHeldOut(f"Not a message of {intent}: {row}")
    split, text, times = row[0], row[1], row[2] if len(row) == 3 else []
    if not isinstance(text, str) or not text.strip():
        raise BadHeldOut(f"A message of {intent} has no text: {row}")
    if any(words not in text for words, _, _ in times):
        raise BadHeldOut(f"The words of a time are not in the message: {row}")
    mentions = tuple(Mention.of(kind, value) for _, kind, value in times)
    return HeldOutMessage(text, intent, split, metadata["region"], mentions, metadata)
