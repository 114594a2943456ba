"""A client's copy on disk: one JSON document, and beside it the files that the client sent."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.caseload.files import FileStore
from bot.caseload.models.talk import Attachment
from bot.cli.support import fail
from bot.conversation.file_types import ENDINGS

#: As `sha256sum --check` reads it.
SUMS = "SHA256SUMS"


def as_text(document: dict[str, Any]) -> str:
    """Return the document as people and programs read it."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"


def write_copy(
    out: Path, document: dict[str, Any], attachments: Sequence[Attachment], files: FileStore
) -> list[str]:
    """Write the document, its files into a folder beside it; return the ids of those that are not there.

    All of it is new and for this user's eyes only: it holds a person's whole record. Whatever stops it,
    no half copy is left lying about.
    """
    folder = out.with_name(f"{out.stem}-files")
    for path in (out, folder) if attachments else (out,):
        if os.path.lexists(path):
            fail(f"{path} exists: give another name.")
    missing: list[str] = []
    made: list[Path] = []
    try:
        if attachments:
            folder.mkdir(mode=0o700)
            made.append(folder)
            missing = _copy_files(folder, document, attachments, files)
        # Last: where the document is, the copy is complete.
        _write_private(out, as_text(document).encode(), made)
    except OSError as error:
        for path in made:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        fail(f"cannot write {out}: {error.strerror}.")
    return missing


def _copy_files(
    folder: Path, document: dict[str, Any], attachments: Sequence[Attachment], files: FileStore
) -> list[str]:
    rows = {row["id"]: row for row in document["attachments"]}
    missing, sums = [], []
    for number, one in enumerate(attachments, start=1):
        source = files.find(one.stored_as)
        content = source.read_bytes() if source is not None else None
        digest = hashlib.sha256(content).hexdigest() if content is not None else None
        if content is None or digest != one.sha256:
            missing.append(one.id)
            rows[one.id]["file"] = None
            continue
        # The sender's own name for it stands in the document: as a name on this disk it may not do.
        name = f"{number:03d}{ENDINGS.get(one.mime or '', '')}"
        _write_private(folder / name, content)
        rows[one.id]["file"] = f"{folder.name}/{name}"
        sums.append(f"{digest}  {name}\n")
    _write_private(folder / SUMS, "".join(sums).encode())
    return missing


def _write_private(path: Path, content: bytes, made: list[Path] | None = None) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        if made is not None:
            made.append(path)
        file.write(content)
