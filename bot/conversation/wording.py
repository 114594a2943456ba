"""The gateway's own sentences, read once from domain.yml, so that they work while the dialogue is down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.caseload.buttons import ButtonSpec

_BLANK = re.compile(r"\{(\w+)\}")
#: What a client wrote is shown back in part only: enough to recognise it.
MAX_VALUE = 3500


class WordingMissing(Exception):
    """domain.yml lacks a response that the gateway needs, or a value for one of its blanks."""


@dataclass(frozen=True)
class Said:
    """A sentence with its blanks filled, and its buttons."""

    text: str
    buttons: tuple[ButtonSpec, ...] = ()


class Wording:
    """Responses by name."""

    def __init__(self, responses: Mapping[str, Any]) -> None:
        self._responses = responses

    @classmethod
    def load(cls, domain: Path) -> Wording:
        """Read the responses of a domain: a file, or a folder of files."""
        files = sorted(domain.glob("*.yml")) if domain.is_dir() else [domain]
        responses: dict[str, Any] = {}
        for file in files:
            responses.update((yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("responses") or {})
        return cls(responses)

    def say(self, response: str, **values: str) -> Said:
        """Fill a response; raise WordingMissing rather than show a blank to a client."""
        variation = self._variation(response)

        def fill(found: re.Match[str]) -> str:
            if found[1] not in values:
                raise WordingMissing(f"{response} needs a value for {found[1]}")
            return values[found[1]][:MAX_VALUE]

        buttons = tuple(
            ButtonSpec(str(button["title"]), {"gateway": str(button["payload"])})
            for button in variation.get("buttons", ())
        )
        return Said(_BLANK.sub(fill, str(variation["text"])).strip(), buttons)

    def version(self, response: str) -> str:
        """Return the version of a response's wording, for the consent that is given to it."""
        return str(self._variation(response).get("metadata", {}).get("version", "1"))

    def _variation(self, response: str) -> Mapping[str, Any]:
        try:
            variation: Mapping[str, Any] = self._responses[response][0]
        except (KeyError, IndexError) as error:
            raise WordingMissing(response) from error
        return variation
