"""Measure the product's understanding on the public 10-shot sets; writes the table and the picture.

.venv-dialogue/bin/python -m benchmarks.nlu.run --sets all
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from typing import Any

from benchmarks.nlu.chart import draw
from benchmarks.nlu.data import HERE, SETS

COLUMNS = (
    ("accuracy", "accuracy %"),
    ("cross_validated", "cross-validated on training %"),
    ("accuracy_with_fallback", "with fallback on %"),
    ("sent_to_fallback", "sent to fallback %"),
    ("wrong_and_acted_upon", "wrong and acted upon %"),
    ("out_of_scope_refused", "out of scope refused %"),
    ("calibration_error", "calibration error %"),
    ("training_seconds", "training s"),
    ("training_cpu_seconds", "training CPU s"),
    ("ms_median", "ms a message, median"),
    ("ms_p95", "ms a message, p95"),
    ("cpu_ms_median", "CPU ms a message, median"),
    ("cpu_ms_p95", "CPU ms a message, p95"),
    ("rss_mb", "peak RSS MB"),
)


def main() -> int:
    """Measure the sets that were asked for, one process after the other, on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=(*SETS, "all"), default=["all"])
    wanted = parser.parse_args().sets
    names = [name for name in SETS if "all" in wanted or name in wanted]
    results = []
    for number, name in enumerate(names, start=1):
        print(f"[{number}/{len(names)}] {name} …", flush=True)
        results.append(_measured(name))
        print(f"    accuracy {results[-1]['accuracy']:.2f} %", flush=True)
    text = _table(results)
    print(text)
    if len(names) == len(SETS):
        (HERE / "results.md").write_text(text, encoding="utf-8")
        _write_csv(results)
        draw(results, HERE / "accuracy.png")
        print("Written: results.md, results.csv, accuracy.png")
    return 0


def _measured(name: str) -> dict[str, Any]:
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.nlu.measure", name],
        check=True,
        capture_output=True,
        text=True,
        env=one_thread,
        cwd=HERE.parent.parent,
        timeout=900,
    )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _table(results: list[dict[str, Any]]) -> str:
    lines = [
        "| | " + " | ".join(result["set"] for result in results) + " |",
        "| --- |" + " --- |" * len(results),
    ]
    for key, title in COLUMNS:
        cells = [f"{result[key]:.2f}" if key in result else "" for result in results]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _write_csv(results: list[dict[str, Any]]) -> None:
    with (HERE / "results.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["set", *(key for key, _ in COLUMNS)])
        writer.writeheader()
        for result in results:
            writer.writerow({key: value if key == "set" else f"{value:.3f}" for key, value in result.items()})


if __name__ == "__main__":
    sys.exit(main())
