"""What an evaluation says: plain text for people, JSON for programs, a picture of the confusions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from integrations.rasa.inside.evaluate_data import OUT_OF_SCOPE, SPLITS
from integrations.rasa.inside.evaluate_scores import (
    FALLBACK,
    Answer,
    Scores,
    chance_of_difference,
    confusions,
    score,
)

SHOWN_PAIRS = 15
SHOWN_EXAMPLES = 3
CHANGES = ("worse", "better", "still wrong")
ROWS = (
    ("right, in scope", "accuracy"),
    ("  lower bound (95 %)", "accuracy_low"),
    ("  upper bound (95 %)", "accuracy_high"),
    ("  if nothing were asked back", "best_guess"),
    ("  among the first three", "among_offered"),
    ("macro F1", "macro_f1"),
    ("acted on as something else", "misread"),
    ("in scope, but not trusted", "in_scope_loss"),
    ("  though the guess was right", "lost_though_right"),
    ("  refused as out of scope", "refused"),
    ("right, or asked and offered", "right_or_offered"),
    ("out of scope, recall", "out_of_scope_recall"),
    ("out of scope, precision", "out_of_scope_precision"),
    ("times, F1", "time_f1"),
    ("times, precision", "time_precision"),
    ("times, recall", "time_recall"),
    ("calibration error (ECE)", "calibration_error"),
    ("too sure by (below 0: unsure)", "overconfidence"),
)


@dataclass(frozen=True)
class Evaluation:
    """A model and its answers to all the messages."""

    model: str
    answers: Tuple[Answer, ...]

    def of(self, split: str) -> List[Answer]:
        """The answers to the messages of one split, or of all."""
        return [answer for answer in self.answers if split in ("all", answer.message.split)]

    def splits(self) -> List[str]:
        """The splits that occur, and all of them together if there are several."""
        present = [split for split in SPLITS if self.of(split)]
        return [*present, "all"] if len(present) > 1 else present

    def scores(self) -> Dict[str, Scores]:
        """The numbers of each split."""
        return {split: score(self.of(split)) for split in self.splits()}


def as_text(evaluations: Sequence[Evaluation], show_test: bool = False) -> str:
    """The report: one model in full, or how two differ."""
    parts = [_numbers(evaluations)]
    if len(evaluations) == 1:
        parts.append(_worst(evaluations[0], show_test))
    else:
        parts.append(_flips_text(flips(*evaluations[:2])))
    return "\n\n".join(parts)


def as_json(evaluations: Sequence[Evaluation]) -> Dict[str, Any]:
    """The same for programs, with every message that is not right."""
    report: Dict[str, Any] = {
        "models": [
            {
                "model": each.model,
                "scores": {split: asdict(scores) for split, scores in each.scores().items()},
                "confusions": [
                    {"meant": meant, "decided": decided, "count": len(found)}
                    for meant, decided, found in confusions(each.answers)
                ],
                "wrong": [_answer(answer) for answer in each.answers if not answer.right],
                "wrong_times": [
                    {
                        "text": answer.message.text,
                        "split": answer.message.split,
                        "meant": [asdict(mention) for mention in answer.message.times],
                        "found": [asdict(mention) for mention in answer.times],
                    }
                    for answer in each.answers
                    if sorted(map(str, answer.times)) != sorted(map(str, answer.message.times))
                ],
            }
            for each in evaluations
        ]
    }
    if len(evaluations) > 1:
        report["flips"] = [
            {"change": change, "before": _answer(old), "after": _answer(new)}
            for change, old, new in flips(*evaluations[:2])
        ]
    return report


def flips(before: Evaluation, after: Evaluation) -> List[Tuple[str, Answer, Answer]]:
    """Messages decided otherwise: ("better", "worse" or "still wrong", old answer, new answer)."""
    changed = [
        (old, new)
        for old, new in zip(before.answers, after.answers)  # noqa: B905  # the same messages
        if old.decided != new.decided
    ]
    named = [
        ("worse" if old.right else "better" if new.right else "still wrong", old, new) for old, new in changed
    ]
    return sorted(named, key=lambda flip: ("worse", "better", "still wrong").index(flip[0]))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right_from: int = 1) -> str:
    """Columns in plain text; those from `right_from` on are flush right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if place >= right_from else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths))  # noqa: B905
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(head), "  ".join("-" * width for width in widths), *map(line, rows)])


def draw(evaluation: Evaluation, path: Path) -> None:
    """Write a picture of what is taken for what: meant down the side, decided along the top."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = sorted({a.message.intent for a in evaluation.answers} | {a.decided for a in evaluation.answers})
    place = {name: number for number, name in enumerate(names)}
    counts = [[0] * len(names) for _ in names]
    for answer in evaluation.answers:
        counts[place[answer.message.intent]][place[answer.decided]] += 1
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    side = 3 + 0.22 * len(names)
    figure = Figure(figsize=(side, side))
    canvas, axes = FigureCanvasAgg(figure), figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            if count and row != column:
                axes.text(column, row, str(count), ha="center", va="center", fontsize=7, color="darkred")
    for ticks, labels in ((axes.set_xticks, axes.set_xticklabels), (axes.set_yticks, axes.set_yticklabels)):
        ticks(range(len(names)))
        labels(names, fontsize=7)
    axes.tick_params(axis="x", rotation=90)
    axes.set_xlabel("decided")
    axes.set_ylabel("meant")
    axes.set_title(f"{evaluation.model}: {len(evaluation.answers)} held-out messages, numbers are mistakes")
    figure.tight_layout()
    canvas.print_png(str(path))


def _numbers(evaluations: Sequence[Evaluation]) -> str:
    columns = [(each, split, scores) for each in evaluations for split, scores in each.scores().items()]
    several = len(evaluations) > 1
    head = [
        "",
        *(f"{'AB'[evaluations.index(each)]} {split}" if several else split for each, split, _ in columns),
    ]
    rows = [
        ["messages in scope", *(str(scores.in_scope) for *_, scores in columns)],
        ["messages out of scope", *(str(scores.out_of_scope) for *_, scores in columns)],
        *([title, *(f"{100 * getattr(s, name):.1f} %" for *_, s in columns)] for title, name in ROWS),
        ["median ms a message", *(f"{scores.milliseconds:.1f}" for *_, scores in columns)],
        ["95th percentile, ms", *(f"{scores.milliseconds_95:.1f}" for *_, scores in columns)],
        ["mean ms of processor time", *(f"{scores.cpu_milliseconds:.1f}" for *_, scores in columns)],
    ]
    titles = [f"{'AB'[n]}: {each.model}" if several else each.model for n, each in enumerate(evaluations)]
    return "\n".join(titles) + "\n\n" + table(head, rows)


def _worst(evaluation: Evaluation, show_test: bool) -> str:
    found = confusions(evaluation.answers)
    misread = [pair for pair in found if pair[1] not in (FALLBACK, OUT_OF_SCOPE)]
    untrusted = [pair for pair in found if pair[1] in (FALLBACK, OUT_OF_SCOPE)]
    hidden = "" if show_test else " (messages of the test split are counted, not shown)"
    return "\n".join(
        [
            f"Acted on as something else, most often{hidden}:",
            *_pairs(misread, show_test),
            "",
            f"Asked back (nlu_fallback) or refused (out_of_scope), most often{hidden}:",
            *_pairs(untrusted, show_test),
        ]
    )


def _pairs(found: Sequence[Tuple[str, str, List[Answer]]], show_test: bool) -> List[str]:
    lines = []
    for meant, instead, answers in found[:SHOWN_PAIRS]:
        lines.append(f"{len(answers):3}  {meant} -> {instead}")
        shown = [answer for answer in answers if show_test or answer.message.split != "test"]
        lines += [f"       {each.confidence:.2f}  {each.message.text}" for each in shown[:SHOWN_EXAMPLES]]
    return lines


def _flips_text(found: Sequence[Tuple[str, Answer, Answer]]) -> str:
    lines = []
    for split in sorted({old.message.split for _, old, _ in found}):
        changes = [change for change, old, _ in found if old.message.split == split]
        worse, better, still = (changes.count(name) for name in CHANGES)
        chance = chance_of_difference(better, worse)
        lines += [
            f"From A to B, {split}: {better} better, {worse} worse, {still} wrong in another way.",
            f"    By chance alone, so uneven a split comes up {chance:.1%} of the time.",
        ]
    lines.append("(Examples written after looking at dev make dev look better than it is: trust test.)")
    for change, old, new in found:
        lines.append(f"{change}: {old.message.text}")
        lines.append(f"    meant {old.message.intent}; A {_sure(old)}; B {_sure(new)}")
    return "\n".join(lines)


def _sure(answer: Answer) -> str:
    guess = "" if answer.best == answer.intent else f", guess {answer.best}"
    return f"{answer.intent} ({answer.confidence:.2f}{guess})"


def _answer(answer: Answer) -> Dict[str, Any]:
    return {
        "text": answer.message.text,
        "split": answer.message.split,
        "region": answer.message.region,
        "meant": answer.message.intent,
        "decided": answer.intent,
        "ranking": [[name, round(confidence, 4)] for name, confidence in answer.ranking[:5]],
    }
