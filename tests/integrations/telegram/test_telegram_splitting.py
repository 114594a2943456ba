"""Long texts are cut where a reader would cut them, and nothing is lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.telegram.splitting import split_text, units


def test_a_short_text_stays_whole() -> None:
    assert split_text("Hello, Sam.") == ["Hello, Sam."]


def test_an_empty_text_gives_no_message() -> None:
    assert split_text(" \n ") == []


def test_paragraphs_stay_together() -> None:
    first, second = "a" * 3000, "b" * 3000
    assert split_text(f"{first}\n\n{second}") == [first, second]


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    text = "One two three. " * 400
    pieces = split_text(text)
    assert len(pieces) == 2
    assert pieces[0].endswith("three.")
    assert pieces[1].startswith("One")


def test_a_long_sentence_is_cut_between_words() -> None:
    assert split_text("aaa bbb ccc", limit=8) == ["aaa bbb", "ccc"]


def test_a_word_that_fits_nowhere_is_cut_anyway() -> None:
    assert split_text("a" * 9, limit=4) == ["aaaa", "aaaa", "a"]


def test_emoji_count_twice_and_are_not_torn() -> None:
    assert split_text("😀" * 5, limit=5) == ["😀😀", "😀😀", "😀"]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab .\n😀"), max_size=200), st.integers(2, 30))
def test_every_piece_fits_and_no_word_is_lost(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
