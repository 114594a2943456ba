"""The trained detector: reads what the phrase rules cannot, the many ways in which danger is hinted at."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.safety.features import PLACES, Features, Floats, foreign_in, thinned
from bot.safety.routes import Finding, NearMiss, Route
from bot.safety.tuned import TUNED, TunedEncoder, TunedEncoderMissing

HERE = Path(__file__).parent
MODEL = HERE / "model" / "head.npz"
TRAINING = HERE / "training"

ORDINARY = "none"
ROUTE_OF: Mapping[str, Route] = {
    "suicidal": Route.CRISIS,
    "self_harm": Route.CRISIS,
    "overdose": Route.CRISIS,
    "psychosis": Route.CRISIS,
    "harm_others": Route.HARM_OTHERS,
    "abuse": Route.SAFEGUARDING,
    "watched_phone": Route.SAFEGUARDING,
    "worried_about_someone": Route.THIRD_PARTY,
    "low_mood": Route.SOFT,
    "bereaved": Route.SOFT,
    "denied": Route.SOFT,
    "lapse": Route.SOFT,
}
#: How much the reading by frozen encoders and that by the tuned one count (measured, benchmarks/safety).
FROZEN_WEIGHS = np.float32(0.6)
TUNED_WEIGHS = np.float32(0.6)
#: The riskiest route wins when it has this share of what is not ordinary.
RISKIER_WINS = 0.35
#: From here on the model does not contradict a phrase rule that is a hint (measured, benchmarks/safety).
NOT_ORDINARY = 0.05
#: Letters; a message of seventy words.
READ_WHOLE = 400
PART = 300
#: The same of a text that is mostly in another script, where each letter costs as much as a word.
READ_WHOLE_FOREIGN = 200
PART_FOREIGN = 100
#: Telegram's limit. What is longer is no chat message, and must not keep others waiting.
LONGEST_MESSAGE = 4096
#: Of "*_[x](tg://)" or "42" a model of words can say nothing; what is not plain Latin may be a word.
_HAS_WORD = re.compile(r"[^\W\d_]{3}|[^\x00-\x7f]")
#: Fragments are read again joined with what follows them.
REMEMBERED = 256


class TrainedModelMissing(Exception):
    """The trained model or its encoders cannot be used; the sentence says why and what to do."""


@dataclass(frozen=True)
class Head:
    """The weights: one column a kind. A message is answered from `line` on, and sampled from `near` on."""

    kinds: tuple[str, ...]
    dense: Floats
    groups: Floats
    intercept: Floats
    line: float
    near: float
    trained_on: str


class TrainedDetector:
    """Sentence embeddings under a linear head. Fires on meaning; how sure it is stays in here."""

    name = "model"

    def __init__(self, features: Features, head: Head, tuned: TunedEncoder) -> None:
        self._features = features
        self._head = head
        self._tuned = tuned
        self._ordinary = head.kinds.index(ORDINARY)
        # Two encoders at once: they leave the interpreter alone while they work.
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="safety")
        self._shares = lru_cache(maxsize=REMEMBERED)(self._of_riskiest_part)

    @classmethod
    def load(cls, path: Path = MODEL, tuned_path: Path = TUNED) -> TrainedDetector:
        """Read the weights and open the encoders; raises TrainedModelMissing."""
        # Here and not above: a process that does not screen needs neither numpy's nor the encoders' memory.
        from nlu.components.encoder import EncoderError, default_encoder_files, shared_encoder
        from nlu.components.universal_encoder import shared_universal_encoder

        try:
            with np.load(path, allow_pickle=False) as kept:
                arrays = {name: kept[name] for name in kept.files}
            about = json.loads(str(arrays["about"]))
            sentence, universal = shared_encoder(default_encoder_files()), shared_universal_encoder()
            tuned = TunedEncoder.load(tuned_path)
        except TunedEncoderMissing as error:
            raise TrainedModelMissing(str(error)) from error
        except (OSError, KeyError, ValueError, BadZipFile) as error:
            raise TrainedModelMissing(f"{path.name} cannot be read: run `make train-safety`.") from error
        except EncoderError as error:
            raise TrainedModelMissing(str(error)) from error
        if about["encoders"] != [sentence.sha256, universal.sha256]:
            raise TrainedModelMissing(
                "The safety model was trained with other encoders: run `make train-safety`."
            )
        head = Head(
            kinds=tuple(about["kinds"]),
            dense=arrays["dense"].astype(np.float32),
            groups=arrays["groups"].astype(np.float32),
            intercept=arrays["intercept"].astype(np.float32),
            line=about["line"],
            near=about["near"],
            trained_on=about["trained_on"],
        )
        features = Features(
            sentence, universal, arrays["middle"], arrays["letter_rarity"], arrays["word_rarity"]
        )
        return cls(features, head, tuned)

    @property
    def trained_on(self) -> str:
        """The fingerprint of the training messages."""
        return self._head.trained_on

    def find(self, text: str) -> Sequence[Finding]:
        """Return one finding, or none."""
        shares = self._shares(text)
        if self._not_ordinary(shares) < self._head.line:
            return ()
        kind = self._kind(shares)
        return (Finding(ROUTE_OF[kind], kind, f"{self.name}:{kind}"),)

    def near_miss(self, text: str) -> NearMiss | None:
        """Return what a message was nearly read as: people look at a sample of these."""
        shares = self._shares(text)
        score = self._not_ordinary(shares)
        if not self._head.near <= score < self._head.line:
            return None
        return NearMiss(ROUTE_OF[self._kind(shares)], score)

    def contradicts(self, text: str) -> bool:
        """Return whether the model is certain that a message is ordinary; of "od" it can say nothing."""
        return bool(_HAS_WORD.search(text)) and self._not_ordinary(self._shares(text)) < NOT_ORDINARY

    def shares(self, text: str) -> Mapping[str, float]:
        """Return how the model divides a message among the kinds; for measuring only."""
        return dict(zip(self._head.kinds, map(float, self._shares(text)), strict=True))

    def _not_ordinary(self, shares: Floats) -> float:
        return 1.0 - float(shares[self._ordinary])

    def _kind(self, shares: Floats) -> str:
        risky = {kind: float(share) for kind, share in zip(self._head.kinds, shares, strict=True)}
        enough = RISKIER_WINS * (1.0 - risky.pop(ORDINARY))
        for route in Route:
            members = {kind: share for kind, share in risky.items() if ROUTE_OF[kind] is route}
            if sum(members.values()) >= enough:
                return max(members, key=lambda kind: members[kind])
        return max(risky, key=lambda kind: risky[kind])

    def _of_riskiest_part(self, text: str) -> Floats:
        if len(text) <= LONGEST_MESSAGE:
            text = text.encode(errors="replace").decode()  # Half of a surrogate pair is no letter.
        return min(map(self._work_out, parts_of(text)), key=lambda shares: float(shares[self._ordinary]))

    def _work_out(self, text: str) -> Floats:
        if not _HAS_WORD.search(text):
            shares = np.zeros(len(self._head.kinds), dtype=np.float32)
            shares[self._ordinary] = 1
            return shares
        tuned = self._beside.submit(self._tuned.scores, thinned(text))
        row = self._features.of(text)
        scores = row.dense @ self._head.dense + self._head.intercept
        scores = scores + row.weights @ self._head.groups[row.places]
        return shares_of(scores, tuned.result())


def shares_of(scores: Floats, tuned: Floats) -> Floats:
    """Return what both readings together make of a message: shares of the kinds, along the last axis."""
    scores = scores - scores.max(axis=-1, keepdims=True)
    scores = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    both = FROZEN_WEIGHS * scores + TUNED_WEIGHS * tuned
    powers = np.exp(both - both.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def parts_of(text: str) -> tuple[str, ...]:
    """Return what the model reads of a message: all of it, or the beginning and the end of a long one.

    The encoders cost some 0.07 ms a letter, and more in a script that they hardly know. Of what is longer
    than any chat message only the rules read, but they read every letter.
    """
    if len(text) > LONGEST_MESSAGE:
        return ("",)
    is_foreign = foreign_in(text) * 2 > len(text)
    whole, part = (READ_WHOLE_FOREIGN, PART_FOREIGN) if is_foreign else (READ_WHOLE, PART)
    return (text,) if len(text) <= whole else (text[:part], text[-part:])


def fingerprint_of_training(folder: Path = TRAINING) -> str:
    """Return the sha256 over the training files: the model must belong to them."""
    digest = hashlib.sha256(str(PLACES).encode())
    for path in sorted(folder.glob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
