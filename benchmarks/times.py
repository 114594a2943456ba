"""How well times are read from the held-out messages, by this project's grammar or by dateparser.

    python benchmarks/times.py              # the grammar, with either environment of the project
    python benchmarks/times.py dateparser   # with an environment that has dateparser and PyYAML

A message counts as right if everything in it is read as meant, in order, and nothing else is read.
"""

import importlib
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
Reader = Callable[[str, datetime, str, str], "list[tuple[str, Any]]"]


def grammar() -> Reader:
    """Kind and value of each mention, by the project's grammar."""
    sys.path.insert(0, str(ROOT))
    read_times = importlib.import_module("nlu.components.times").read_times

    def read(text: str, now: datetime, timezone: str, region: str) -> "list[tuple[str, Any]]":
        mentions = read_times(text, now, timezone, region)
        return [(m.kind, list(m.value) if isinstance(m.value, tuple) else m.value) for m in mentions]

    return read


def dateparser() -> Reader:
    """The moments that dateparser's search_dates finds, set up as well as it can be for these clients."""
    search_dates = importlib.import_module("dateparser.search").search_dates

    def read(text: str, now: datetime, timezone: str, _region: str) -> "list[tuple[str, Any]]":
        found = search_dates(
            text,
            languages=["en"],
            settings={
                "RELATIVE_BASE": now.replace(tzinfo=None),
                "TIMEZONE": timezone,
                "RETURN_AS_TIMEZONE_AWARE": True,
                "PREFER_DATES_FROM": "future",
                "DATE_ORDER": "DMY",
            },
        )
        return [("time", moment.isoformat()) for _, moment in found or []]

    return read


def same(expected: Any, found: Any) -> bool:
    """True for equal values; a reader that only knows moments is right about a day if the moment is in it."""
    if expected == found:
        return True
    return (
        isinstance(expected, str)
        and len(expected) == 10
        and isinstance(found, str)
        and found[:10] == expected
    )


def group_of(expected: "list[list[Any]]") -> str:
    """What a message asks of a reader."""
    if not expected:
        return "no time at all"
    plain = [
        kind == "time" and isinstance(value, str) and len(value) in (10, 25) for _, kind, value in expected
    ]
    return "one day or moment" if all(plain) else "stretch, choice, length, limit"


def main(reader: Reader, loose: bool) -> None:
    """Print the share of messages read right, by split and by what they ask, and the time per message."""
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    spent = 0.0
    for group in yaml.safe_load((ROOT / "tests/nlu/times_held_out.yml").read_text(encoding="utf-8")):
        now = datetime.fromisoformat(group["now"])
        for split, text, expected in group["messages"]:
            began = time.perf_counter()
            found = reader(text, now, group["timezone"], group["region"])
            spent += time.perf_counter() - began
            wanted = [(kind, value) for _, kind, value in expected]
            good = len(wanted) == len(found) and all(
                one[0] == other[0] and (same(one[1], other[1]) if loose else one[1] == other[1])
                for one, other in zip(wanted, found)  # noqa: B905  # the lengths are equal here
            )
            for key in ((split, "all"), (split, group_of(expected))):
                total[key] += 1
                right[key] += good
    for split, name in sorted(total):
        share = right[split, name] / total[split, name]
        print(f"{split:5} {name:32} {right[split, name]:4} of {total[split, name]:4}  {share:6.1%}")
    count = total["dev", "all"] + total["test", "all"]
    print(f"{1000 * spent / count:.3f} ms a message")


if __name__ == "__main__":
    other = sys.argv[1:] == ["dateparser"]
    main(dateparser() if other else grammar(), loose=other)
