"""A model's manifest: what it was made of, signed, so that only a model of this install is ever loaded."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any, Dict, Iterable

from integrations.rasa import signing

MODEL_SUFFIX = ".tar.gz"


class ModelRefused(Exception):
    """A model that must not be loaded: loading a model runs what is in it."""


def model_id_of(model: Path) -> str:
    """A model's id: its file name without the ending."""
    return model.name[: -len(MODEL_SUFFIX)] if model.name.endswith(MODEL_SUFFIX) else model.name


def manifest_of(model: Path) -> Path:
    """Where a model's manifest stands: beside it."""
    return model.with_name(model_id_of(model) + ".json")


def write_manifest(model: Path, secret: str, facts: Dict[str, Any]) -> Path:
    """Write the signed manifest of a model file."""
    contents = {"id": model_id_of(model), "sha256": sha256_of(model), **facts}
    contents["signature"] = _signature(contents, secret)
    path = manifest_of(model)
    # Written beside and moved over: whoever lists the models meanwhile finds no half of a manifest.
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(contents, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)
    return path


def verify_manifest(model: Path, secret: str) -> Dict[str, Any]:
    """The manifest of a model that is safe to load. Raises ModelRefused with the reason."""
    if not model.is_file():
        raise ModelRefused(f"There is no model {model.name}. Train one first.")
    try:
        contents = json.loads(manifest_of(model).read_text(encoding="utf-8"))
        signature = contents.pop("signature")
    except FileNotFoundError as error:
        raise ModelRefused(f"The model {model.name} has no manifest, so it will not be loaded.") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise ModelRefused(f"The manifest of {model.name} cannot be read.") from error
    if not isinstance(signature, str) or not hmac.compare_digest(
        _signature(contents, secret).encode(), signature.encode()
    ):
        raise ModelRefused(f"The manifest of {model.name} was not signed by this install.")
    if contents.get("sha256") != sha256_of(model):
        raise ModelRefused(f"The model {model.name} was changed after it was trained.")
    if contents.get("id") != model_id_of(model):
        raise ModelRefused(f"The manifest beside {model.name} belongs to another model.")
    return dict(contents)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def hash_of_files(paths: Iterable[Path], root: Path) -> str:
    """One hash over files' names and contents."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(f"{path.relative_to(root)}\0{sha256_of(path)}\n".encode())
    return found.hexdigest()


def read_secret(secret_file: str | None) -> str:
    """The install's secret, from a file or FOOTHOLD_SECRET_KEY. Raises ModelRefused if there is none."""
    if secret_file:
        secret = Path(secret_file).read_text(encoding="utf-8").strip()
    else:
        secret = os.environ.get("FOOTHOLD_SECRET_KEY", "")
    if not secret:
        raise ModelRefused("The install's secret is missing: set FOOTHOLD_SECRET_KEY or give --secret-file.")
    return secret


def _signature(contents: Dict[str, Any], secret: str) -> str:
    body = json.dumps(contents, sort_keys=True, separators=(",", ":")).encode()
    return signing.digest(signing.derive(secret, signing.MODELS), body)
