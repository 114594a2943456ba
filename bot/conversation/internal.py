"""Turns that no client typed: something happened, and the dialogue should speak."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: Somebody wrote of danger: the dialogue closes its open form and says nothing.
PUT_ASIDE = "EXTERNAL_put_aside"


def internal_turn(intent: str, entities: Mapping[str, Any] | None = None) -> str:
    """Return the inbox payload of a structured turn."""
    return json.dumps({"intent": intent, "entities": dict(entities or {})})


def read_internal_turn(payload: str) -> tuple[str, dict[str, Any]]:
    """Return the intent and entities of a structured turn."""
    turn = json.loads(payload)
    return str(turn["intent"]), dict(turn["entities"])
