"""The folder with the files that clients sent: opaque names, for this user's eyes only, served by nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}")
_PART = ".part"


class FileStore:
    """A folder of files by the names that the database gives them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder, and delete what a writer that died left half written. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in self._folder.glob(f"*{_PART}"):
            part.unlink(missing_ok=True)

    def write(self, name: str, content: bytes) -> None:
        """Keep a file under a name, whole or not at all. Raises OSError."""
        path = self._path(name)
        part = path.with_suffix(_PART)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def find(self, name: str) -> Path | None:
        """Return where a file lies, unless it is gone."""
        path = self._path(name)
        return path if path.is_file() else None

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; one that is gone already is no mistake. Raises OSError."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise ValueError("not a name of ours")
        return self._folder / name
