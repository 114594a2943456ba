"""How good answers are: numbers over held-out messages and what a model made of them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence, Tuple

from integrations.rasa.inside.evaluate_data import OUT_OF_SCOPE, HeldOutMessage, Mention

FALLBACK = "nlu_fallback"
TIME_KINDS = ("time", "duration", "quiet_time", "recurring")
BINS = 10
OFFERED = 3  # meanings that the fallback offers as buttons, at most


@dataclass(frozen=True)
class Answer:
    """What a model made of one message; `ranking` holds meanings only, best first, without the fallback."""

    message: HeldOutMessage
    intent: str
    ranking: Tuple[Tuple[str, float], ...]
    times: Tuple[Mention, ...]
    milliseconds: float
    cpu_milliseconds: float = 0.0

    @property
    def decided(self) -> str:
        """The intent, with every way of saying "I cannot help with that" under one name."""
        return OUT_OF_SCOPE if self.intent in (FALLBACK, OUT_OF_SCOPE) else self.intent

    @property
    def best(self) -> str:
        """The likeliest meaning, whether or not it was trusted."""
        return self.ranking[0][0] if self.ranking else self.decided

    @property
    def confidence(self) -> float:
        """The probability of the likeliest meaning."""
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def right(self) -> bool:
        """True if the assistant would act on what was meant."""
        return self.decided == self.message.intent


@dataclass(frozen=True)
class Scores:
    """The numbers of one model over one set of messages; shares are from 0 to 1."""

    in_scope: int
    out_of_scope: int
    accuracy: float  # in scope, where asking back counts as not right
    accuracy_low: float  # 95 % interval of the accuracy (Wilson)
    accuracy_high: float
    best_guess: float  # in scope, as if nothing were ever asked back
    among_offered: float  # in scope: the right meaning is one of the first three
    macro_f1: float  # mean over intents, out_of_scope among them
    misread: float  # in scope, and acted on as something else
    in_scope_loss: float  # in scope, but not trusted
    lost_though_right: float  # of all in scope: not trusted, though the best guess was right
    refused: float  # of all in scope: told that the assistant cannot help with that
    right_or_offered: float  # in scope: acted on rightly, or asked back with the right meaning as a button
    out_of_scope_recall: float
    out_of_scope_precision: float
    time_precision: float
    time_recall: float
    time_f1: float
    calibration_error: float  # ECE over ten bins, of the best guess in scope
    overconfidence: float  # mean confidence less share right: above zero is too sure
    milliseconds: float  # median
    milliseconds_95: float
    cpu_milliseconds: float  # mean; of use where others share the machine


def score(answers: Sequence[Answer]) -> Scores:
    """The numbers over these answers; of what does not occur the share is 0."""
    inside = [answer for answer in answers if answer.message.intent != OUT_OF_SCOPE]
    outside = [answer for answer in answers if answer.message.intent == OUT_OF_SCOPE]
    refused = [answer for answer in answers if answer.decided == OUT_OF_SCOPE]
    right = sum(answer.right for answer in inside)
    low, high = wilson(right, len(inside))
    precision, recall, f1 = time_scores(answers)
    times = sorted(answer.milliseconds for answer in answers) or [0.0]
    return Scores(
        in_scope=len(inside),
        out_of_scope=len(outside),
        accuracy=_share(inside, lambda a: a.right),
        accuracy_low=low,
        accuracy_high=high,
        best_guess=_share(inside, _best_is_right),
        among_offered=_share(inside, _offered),
        macro_f1=macro_f1(answers),
        misread=_share(inside, lambda a: not a.right and a.decided != OUT_OF_SCOPE),
        in_scope_loss=_share(inside, lambda a: a.decided == OUT_OF_SCOPE),
        lost_though_right=_share(inside, lambda a: a.decided == OUT_OF_SCOPE and _best_is_right(a)),
        refused=_share(inside, lambda a: a.intent == OUT_OF_SCOPE),
        right_or_offered=_share(inside, lambda a: a.right or (a.intent == FALLBACK and _offered(a))),
        out_of_scope_recall=_share(outside, lambda a: a.right),
        out_of_scope_precision=_share(refused, lambda a: a.right),
        time_precision=precision,
        time_recall=recall,
        time_f1=f1,
        calibration_error=calibration_error(inside),
        overconfidence=sum(a.confidence - _best_is_right(a) for a in inside) / max(1, len(inside)),
        milliseconds=times[len(times) // 2],
        milliseconds_95=times[int(0.95 * (len(times) - 1))],
        cpu_milliseconds=sum(a.cpu_milliseconds for a in answers) / max(1, len(answers)),
    )


def macro_f1(answers: Sequence[Answer]) -> float:
    """The mean of F1 over the intents that were meant."""
    meant = Counter(answer.message.intent for answer in answers)
    decided = Counter(answer.decided for answer in answers)
    right = Counter(answer.decided for answer in answers if answer.right)
    each = [2 * right[intent] / (count + decided[intent]) for intent, count in meant.items()]
    return sum(each) / len(each) if each else 0.0


def time_scores(answers: Sequence[Answer]) -> Tuple[float, float, float]:
    """Precision, recall and F1 of times; one counts as found if its kind and its value are right."""
    found = wanted = both = 0
    for answer in answers:
        said, meant = Counter(answer.times), Counter(answer.message.times)
        found, wanted = found + sum(said.values()), wanted + sum(meant.values())
        both += sum((said & meant).values())
    return (
        both / found if found else 0.0,
        both / wanted if wanted else 0.0,
        2 * both / (found + wanted) if found + wanted else 0.0,
    )


def calibration_error(answers: Sequence[Answer]) -> float:
    """How far confidence is from the share right, over bins of equal width, weighted by their size."""
    bins: Dict[int, List[Answer]] = defaultdict(list)
    for answer in answers:
        bins[min(BINS - 1, int(answer.confidence * BINS))].append(answer)
    gaps = (abs(sum(a.confidence - _best_is_right(a) for a in each)) for each in bins.values())
    return sum(gaps) / len(answers) if answers else 0.0


def wilson(right: int, count: int) -> Tuple[float, float]:
    """The 95 % interval of a share."""
    if count == 0:
        return 0.0, 0.0
    z, share = 1.96, right / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def confusions(answers: Sequence[Answer]) -> List[Tuple[str, str, List[Answer]]]:
    """What was meant, the intent found instead, and the messages; the most frequent first."""
    pairs: Dict[Tuple[str, str], List[Answer]] = defaultdict(list)
    for answer in answers:
        if not answer.right:
            pairs[answer.message.intent, answer.intent].append(answer)
    ordered = sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [(meant, instead, found) for (meant, instead), found in ordered]


def chance_of_difference(better: int, worse: int) -> float:
    """How likely a split at least as uneven is if both models were equally good (exact, two-sided)."""
    count, least = better + worse, min(better, worse)
    tail = sum(math.comb(count, k) for k in range(least + 1)) / 2**count
    return float(min(1.0, 2 * tail))


def _offered(answer: Answer) -> bool:
    return answer.message.intent in [name for name, _ in answer.ranking[:OFFERED]]


def _best_is_right(answer: Answer) -> bool:
    return answer.best == answer.message.intent


def _share(answers: Sequence[Answer], holds: Callable[[Answer], bool]) -> float:
    return sum(map(holds, answers)) / len(answers) if answers else 0.0
