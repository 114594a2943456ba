"""The trained models of an install: which is live, and how to go back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

logger = structlog.get_logger(__name__)

SUFFIX = ".tar.gz"


class NoSuchModel(Exception):
    """There is no model with this id, or none at all."""


@dataclass(frozen=True)
class Model:
    """A trained model and its manifest."""

    id: str
    path: Path
    trained_at: str
    seconds: float


class Models:
    """The models in one folder. `live` holds the id in use, `promotions.jsonl` who made it so and when."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Model]:
        """Return every model that has a manifest, oldest first."""
        models = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            manifest = path.with_name(path.name.removesuffix(SUFFIX) + ".json")
            if not manifest.is_file():
                continue
            try:
                facts = json.loads(manifest.read_text(encoding="utf-8"))
                model = Model(str(facts["id"]), path, str(facts["trained_at"]), float(facts["seconds"]))
            except (OSError, ValueError, KeyError, TypeError):
                # One spoilt manifest must not hide the models beside it; this one is not used.
                logger.warning("manifest not readable", file=manifest.name)
                continue
            models.append(model)
        return sorted(models, key=lambda model: model.trained_at)

    def get(self, model_id: str) -> Model:
        """Return a model by id; raise NoSuchModel."""
        for model in self.all():
            if model.id == model_id:
                return model
        raise NoSuchModel(model_id)

    def newest(self) -> Model:
        """Return the model trained last; raise NoSuchModel."""
        models = self.all()
        if not models:
            raise NoSuchModel("no model has been trained yet")
        return models[-1]

    def live(self) -> Model:
        """Return the model in use; raise NoSuchModel."""
        try:
            model_id = (self._folder / "live").read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise NoSuchModel("no model is live yet") from error
        return self.get(model_id)

    def promote(self, model_id: str, by: str, at: datetime) -> Model:
        """Make a model the one in use from the dialogue's next start."""
        model = self.get(model_id)
        history = self._folder / "promotions.jsonl"
        with history.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"model": model.id, "by": by, "at": at.isoformat()}) + "\n")
        # Written beside and moved over: a reader finds the old id or the new one, never half of one.
        fresh = self._folder / "live.new"
        fresh.write_text(model.id, encoding="utf-8")
        fresh.replace(self._folder / "live")
        return model

    def rollback(self, by: str, at: datetime) -> Model:
        """Go back to the model that was in use before; raise NoSuchModel when there was none."""
        promoted = self.promoted()
        current = promoted[-1] if promoted else None
        known = {model.id for model in self.all()}
        for model_id in reversed(promoted):
            if model_id != current and model_id in known:
                return self.promote(model_id, by, at)
        raise NoSuchModel("there is no earlier model to go back to")

    def promoted(self) -> list[str]:
        """Return the ids in the order in which they were made live."""
        history = self._folder / "promotions.jsonl"
        if not history.is_file():
            return []
        return [
            str(json.loads(line)["model"])
            for line in history.read_text(encoding="utf-8").splitlines()
            if line
        ]
