"""A PDF's lines: as long as the page is wide, broken between words, and nothing of the words lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.papers.pdf import _lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Sam asked for mornings", ["Sam asked", "for", "mornings"]),
        ("One line.\n\nAnd another", ["One line.", "", "And", "another"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghi", "jklmnopqr", "stuvwxyz"]),
        ("see abcdefghijkl", ["see", "abcdefghi", "jkl"]),
        ("fits here   now", ["fits here", "now"]),
        ("", [""]),
    ],
)
def test_lines_are_broken_between_words_and_within_those_that_are_too_long(
    text: str, lines: list[str]
) -> None:
    assert list(_lines(text, 9, lambda _letter: 1)) == lines


@given(st.text("ab \nŌ", max_size=80), st.integers(1, 12))
def test_every_line_fits_and_every_letter_is_there_in_its_order(text: str, room: int) -> None:
    lines = list(_lines(text, room, lambda _letter: 1))
    assert all(len(line) <= room for line in lines if line.strip())
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
