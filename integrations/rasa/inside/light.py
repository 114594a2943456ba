"""Empty stand-ins for big libraries that Rasa imports whether a model uses them or not.

TensorFlow alone is half of the start-up time and most of the memory of a server whose model has no part made
with it. A stand-in can be imported, named in annotations and inherited from; it does nothing.
"""

from __future__ import annotations

import abc
import importlib.abc
import importlib.machinery
import json
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any, Iterable, List, Optional, Sequence

TENSORFLOW = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras")
# Other people's messengers and brokers, each imported by Rasa for a channel that is not in credentials.yml.
CHANNELS = (
    "aiogram",
    "confluent_kafka",
    "fbmessenger",
    "mattermostwrapper",
    "pika",
    "rocketchat_API",
    "slack_sdk",
    "socketio",
    "twilio",
    "webexteamssdk",
)
# Rasa's components that need TensorFlow.
NEED_TENSORFLOW = (
    "ConveRTFeaturizer",
    "DIETClassifier",
    "LanguageModelFeaturizer",
    "ResponseSelector",
    "TEDPolicy",
    "UnexpecTEDIntentPolicy",
)


class _StandInType(abc.ABCMeta):
    """A class whose every attribute is such a class again."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _stand_in(name)

    def __getitem__(cls, _item: Any) -> Any:
        return cls

    def __call__(cls, *_args: Any, **_kwargs: Any) -> Any:
        return cls

    def __iter__(cls) -> Any:
        return iter(())


def _stand_in(name: str) -> Any:
    return _StandInType(name, (), {"__init_subclass__": classmethod(lambda _class, **_: None)})


class _StandInModule(ModuleType):
    __path__: List[str] = []  # noqa: RUF012 (a module has one, and ours has nothing in it)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _stand_in(name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, libraries: Iterable[str]) -> None:
        self._libraries = frozenset(libraries)

    def find_spec(self, fullname: str, *_: Any) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname.split(".")[0] not in self._libraries:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in a stand-in to run."""


def without_unused(names_of_components: Iterable[str]) -> None:
    """From now on import stand-ins for what these components do not need; call it before Rasa is imported."""
    libraries = list(CHANNELS)
    if not any(needy in name for name in names_of_components for needy in NEED_TENSORFLOW):
        libraries += TENSORFLOW
    sys.meta_path.insert(0, _Finder(libraries))


def components_of(model: Path) -> Sequence[str]:
    """The components in a model file (verify it first)."""
    with tarfile.open(model, "r:gz") as archive:
        inside = archive.extractfile("metadata.json")
        assert inside is not None, "Rasa writes its metadata into every model"
        schema = json.load(inside)["predict_schema"]
    nodes = schema.get("nodes", schema)
    return [str(node["uses"]) for node in nodes.values()]
