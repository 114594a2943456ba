"""What a file is, by its content: the sender's own word for it is never believed."""

from __future__ import annotations

import io
import zipfile

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: What we keep, with the ending that a saved file gets.
ENDINGS = {
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    DOCX: ".docx",
}
_STARTS = (
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_VIDEO_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"MSNV", b"dash")
_AUDIO_BRANDS = (b"M4A ", b"M4B ")
_CONTROLS = frozenset((*range(32), 127)) - frozenset(b"\t\n\r\f")


def type_of(content: bytes) -> str | None:
    """Return the type of a file that we keep; None for everything else, and for an empty one."""
    for start, mime in _STARTS:
        if content.startswith(start):
            return mime
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _by_brand(content[8:12])
    if _is_mpeg_audio(content):
        return "audio/mpeg"
    if content.startswith(b"PK\x03\x04"):
        return DOCX if _is_docx(content) else None
    return "text/plain" if _is_text(content) else None


def _by_brand(brand: bytes) -> str | None:
    if brand in _AUDIO_BRANDS:
        return "audio/mp4"
    return "video/mp4" if brand in _VIDEO_BRANDS else None


def _is_mpeg_audio(content: bytes) -> bool:
    """Return whether it begins with the header of a sound frame: MPEG version 1 or 2, layer III."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xF6 != 0xF2:
        return False
    bitrate, rate = content[2] >> 4, content[2] >> 2 & 3
    return bitrate not in {0, 15} and rate != 3


def _is_docx(content: bytes) -> bool:
    """Return whether a zip file is a Word document, and one without macros. Nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeError):
        return False
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", "word/document.xml"} <= names and not has_macros


def _is_text(content: bytes) -> bool:
    if not content or not _CONTROLS.isdisjoint(content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
