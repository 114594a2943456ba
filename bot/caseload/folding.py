"""Makes names comparable, however they are typed: neither case nor accents count, in any script."""

from __future__ import annotations

import unicodedata

#: Letters that Unicode does not take apart: people without them on their keyboard type these instead.
_PLAIN = str.maketrans(
    {
        **dict(zip("łŁøØđĐħĦŧŦıƶƵ", "lLoOdDhHtTizZ", strict=True)),
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "þ": "th",
        "Þ": "Th",
        "ð": "d",
        "Ð": "D",
        # Apostrophes, the ʻokina and hyphens as phones write them.
        **dict.fromkeys("’‘ʼʻ`´", "'"),
        **dict.fromkeys("‐‑–−", "-"),
    }
)


def without_accents(text: str) -> str:
    """Return the text in small letters, without the marks that combine with them."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    # Format characters, as zero-width joiners, come along with what is pasted; nobody sees them.
    return "".join(
        sign for sign in apart if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf"
    ).casefold()


def fold(text: str) -> str:
    """Return what is the same for "ŁUKASZ" and "lukasz", for "Māui" and "maui": to compare and to search."""
    return " ".join(without_accents(text.translate(_PLAIN)).split())
