"""The grammar on the held-out messages: what may be tuned on, and what may not, each above its floor."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from nlu.components.times import read_times

HELD_OUT = Path(__file__).with_name("times_held_out.yml")
FLOORS = {"dev": 0.98, "test": 0.96}


def wrong(split: str) -> tuple[int, list[str]]:
    """How many messages the split has, and those whose kinds or values are not as expected."""
    count, failed = 0, []
    for group in yaml.safe_load(HELD_OUT.read_text(encoding="utf-8")):
        now = datetime.fromisoformat(group["now"])
        for of, text, expected in group["messages"]:
            if of != split:
                continue
            count += 1
            found = [
                (m.kind, list(m.value) if isinstance(m.value, tuple) else m.value)
                for m in read_times(text, now, group["timezone"], group["region"])
            ]
            if found != [(kind, value) for _, kind, value in expected]:
                failed.append(text)
    return count, failed


@pytest.mark.parametrize("split", ["dev", "test"])
def test_held_out_messages_are_read_as_meant(split: str) -> None:
    count, failed = wrong(split)
    assert count > 150
    # The messages of the test split are not shown, so that nobody tunes on them by accident.
    assert 1 - len(failed) / count >= FLOORS[split], failed if split == "dev" else len(failed)
