"""The sentence encoder as it was trained further on danger: its upper layers, and a linear layer on top.

Only the weights that changed are kept, in eight bits as in the encoder's own file; the rest is that file's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from bot.safety.features import Floats

if TYPE_CHECKING:
    from nlu.components.encoder import SentenceEncoder

HERE = Path(__file__).parent
TUNED = HERE / "model" / "tuned.npz"
#: The vector has length 1; so large it was when the linear layer was trained.
LENGTH = np.float32(8.0)


class TunedEncoderMissing(Exception):
    """The weights cannot be used; the sentence says why and what to do."""


@dataclass(frozen=True)
class TunedEncoder:
    """Reads a text into one number a kind: the larger, the more likely."""

    encoder: SentenceEncoder
    kinds: tuple[str, ...]
    weights: Floats
    intercept: Floats

    @classmethod
    def load(cls, path: Path = TUNED) -> TunedEncoder:
        """Read the weights and open the encoder with them; raises TunedEncoderMissing, or an EncoderError."""
        # Here and not above: a process that does not screen needs neither numpy's nor the encoder's memory.
        from nlu.components.encoder import EncoderFiles, SentenceEncoder, default_encoder_files

        try:
            with np.load(path, allow_pickle=False) as kept:
                arrays = {name: kept[name] for name in kept.files}
            about = json.loads(str(arrays.pop("about")))
            weights, intercept = arrays.pop("head"), arrays.pop("intercept")
            files = default_encoder_files()
            # Without the inner states, which nobody asks this one for.
            bare = EncoderFiles(files.model, files.tokenizer, files.sha256)
            if about["encoder"] != bare.sha256:
                raise TunedEncoderMissing(f"{path.name} belongs to another encoder: run `make tune-safety`.")
            encoder = SentenceEncoder(bare, constants=arrays)
        except (OSError, KeyError, ValueError, BadZipFile) as error:
            raise TunedEncoderMissing(f"{path.name} cannot be read: run `make tune-safety`.") from error
        return cls(encoder, tuple(about["kinds"]), weights.astype(np.float32), intercept.astype(np.float32))

    def scores(self, text: str) -> Floats:
        """Return the logarithms of the shares of the kinds, in the order of `kinds`."""
        vector = self.encoder.encode_one(text) * LENGTH
        scores = vector @ self.weights + self.intercept
        scores = scores - scores.max()
        return np.asarray(scores - np.log(np.exp(scores).sum()), dtype=np.float32)
