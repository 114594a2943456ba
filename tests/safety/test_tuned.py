"""The encoder that was trained further: its own weights in the published file, or a clear refusal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.safety.trained import TrainedDetector, TrainedModelMissing
from bot.safety.tuned import TUNED, TunedEncoder, TunedEncoderMissing
from nlu.components import onnx_graph as onnx
from nlu.components.encoder import default_encoder_files, shared_encoder


@pytest.fixture(scope="module")
def tuned() -> TunedEncoder:
    return TunedEncoder.load()


def test_it_gives_each_kind_its_share(tuned: TunedEncoder) -> None:
    shares = np.exp(tuned.scores("nobody would miss me if i was gone"))
    assert shares.shape == (len(tuned.kinds),)
    assert shares.sum() == pytest.approx(1, abs=1e-4)
    assert tuned.kinds[int(shares.argmax())] == "suicidal"
    assert tuned.kinds[int(tuned.scores("can you send me the warehouse job again").argmax())] == "none"


def test_only_its_own_copy_of_the_encoder_is_changed(tuned: TunedEncoder) -> None:
    published = shared_encoder(default_encoder_files()).encode_one("hello")
    assert not np.allclose(published, tuned.encoder.encode_one("hello"), atol=0.01)
    assert np.allclose(published, shared_encoder(default_encoder_files()).encode_one("hello"))


def test_without_its_weights_the_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TrainedModelMissing, match="make tune-safety"):
        TrainedDetector.load(tuned_path=tmp_path / "none.npz")


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    with np.load(TUNED, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    about = json.loads(str(arrays["about"])) | {"encoder": "0" * 64}
    other = tmp_path / "tuned.npz"
    np.savez(other, **(arrays | {"about": np.asarray(json.dumps(about))}))
    with pytest.raises(TunedEncoderMissing, match="belongs to another encoder"):
        TunedEncoder.load(other)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "tuned.npz"
    damaged.write_bytes(TUNED.read_bytes()[:1000])
    with pytest.raises(TunedEncoderMissing, match="cannot be read"):
        TunedEncoder.load(damaged)


def test_a_constant_is_replaced_by_one_of_its_own_shape_only() -> None:
    model = onnx.holding(onnx.MODEL_GRAPH, onnx.tensor("weights", np.ones((2, 3), dtype=np.float32)))
    changed = onnx.with_constants(model, {"weights": np.full((2, 3), 7, dtype=np.float32)})
    [graph] = onnx.messages(list(onnx.fields(memoryview(changed))), onnx.MODEL_GRAPH)
    [kept] = onnx.messages(list(onnx.fields(graph)), onnx.GRAPH_TENSOR)
    assert onnx.read_tensor(kept)[1].tolist() == [[7, 7, 7], [7, 7, 7]]
    with pytest.raises(KeyError):
        onnx.with_constants(model, {"others": np.ones(1, dtype=np.float32)})
    with pytest.raises(ValueError, match="weights is float32"):
        onnx.with_constants(model, {"weights": np.ones((3, 2), dtype=np.float32)})
