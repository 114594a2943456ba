"""Reads the PDF files that the console makes: enough of the format to know what a person would read."""

from __future__ import annotations

import re
import zlib

_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def printed(content: bytes) -> str:
    """Return all words of a PDF, in order, as one line."""
    objects = {
        int(number): body for number, body in re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", content, re.DOTALL)
    }
    fonts = {
        name.decode(): _letters(objects, int(number))
        for body in objects.values()
        if b"/Font <<" in body
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)
    }
    words = []
    for body in objects.values():
        if re.search(rb"/Type /Page\n", body):
            [number] = re.findall(rb"/Contents (\d+) 0 R", body)
            words.append(_page(_stream(objects[int(number)]), fonts))
    return " ".join(" ".join(words).split())


def _page(stream: bytes, fonts: dict[str, dict[int, str]]) -> str:
    shown, font = [], ""
    for name, text in re.findall(rb"/(F\d+) [\d.]+ Tf|\(((?:[^\\)]|\\.)*)\) Tj", stream, re.DOTALL):
        if name:
            font = name.decode()
        else:
            codes = re.sub(rb"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)
            pairs = zip(codes[::2], codes[1::2], strict=True)
            shown.append("".join(fonts[font][high << 8 | low] for high, low in pairs))
    return " ".join(shown)


def _letters(objects: dict[int, bytes], number: int) -> dict[int, str]:
    [table] = re.findall(rb"/ToUnicode (\d+) 0 R", objects[number])
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", _stream(objects[int(table)]))
    return {int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be") for code, letter in pairs}


def _stream(body: bytes) -> bytes:
    [content] = re.findall(rb"stream\n(.*)\nendstream", body, re.DOTALL)
    return zlib.decompress(content) if b"/FlateDecode" in body else content
