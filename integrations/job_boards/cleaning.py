"""Adverts are written by strangers: what comes from a board is text, never markup, and never long."""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import urlsplit

LONGEST_LINK = 2_000
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>?")
_SPACES = re.compile(r"\s+")
_HIDDEN = ("script", "style", "template", "noscript")
_BLOCKS = ("br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4")


class _Text(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain_text(raw: object, longest: int) -> str | None:
    """Return the visible text, at most `longest` characters, cut between words; None if there is none."""
    if not isinstance(raw, str):
        return None
    text = raw[: longest * 20]
    for _ in range(2):  # Twice: "&lt;b&gt;" is markup that was escaped once more on its way.
        text = _visible(text)
    text = _TAG.sub(" ", text)
    text = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") else letter for letter in text
    )
    text = _SPACES.sub(" ", text).strip()
    if len(text) > longest:
        text = text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,.;:-") + "…"
    return text or None


def _visible(text: str) -> str:
    parser = _Text()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError:  # html.parser's answer to a broken "<![": the rough way is safe enough
        return html.unescape(_TAG.sub(" ", text))
    return "".join(parser.parts)


def web_link(raw: object) -> str | None:
    """Return the link if it is a plain http(s) one, else None."""
    if (
        not isinstance(raw, str)
        or len(raw) > LONGEST_LINK
        or not raw.isascii()
        or re.search(r"[\s<>\"\x00-\x20]", raw)
    ):
        return None
    try:
        parts = urlsplit(raw)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return raw if fits else None
