"""The picture of the results: our accuracy beside the published and the stock figures."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from benchmarks.nlu.data import HERE

_TITLES = {"banking77": "BANKING77", "clinc150": "CLINC150", "hwu64": "HWU64"}
_COLOURS = ("#9aa5b1", "#c9b458", "#7fb3a8", "#5a8fb5", "#b58aa5", "#1f4e79")
_CHART_SYSTEMS = (
    "Rasa 3.6.21, default pipeline",
    "USE",
    "ConveRT",
    "USE + ConveRT",
    "CPFT (fine-tuned, 2021)",
)


def draw(results: list[dict[str, Any]], path: Path) -> None:
    """Draw one group of bars a set, with the number on each bar."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with (HERE / "baselines.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["system"] in _CHART_SYSTEMS]
    names = [result["set"] for result in results]
    systems = [(row["system"], [float(row[name]) for name in names]) for row in rows]
    systems.append(("Foothold", [float(result["accuracy"]) for result in results]))

    figure, axes = pyplot.subplots(figsize=(10, 5))
    width = 0.8 / len(systems)
    for number, (system, values) in enumerate(systems):
        places = [group + (number - (len(systems) - 1) / 2) * width for group in range(len(names))]
        bars = axes.bar(places, values, width * 0.92, label=system, color=_COLOURS[number % len(_COLOURS)])
        axes.bar_label(bars, fmt="%.1f", fontsize=8, padding=2)
    axes.set_xticks(range(len(names)))
    axes.set_xticklabels([_TITLES[name] for name in names])
    axes.set_ylim(60, 100)
    axes.set_ylabel("accuracy on the full test part, %")
    axes.set_title("Intents from 10 examples each (the axis starts at 60)")
    axes.legend(ncol=3, loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    pyplot.close(figure)
