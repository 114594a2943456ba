"""Whatever strangers write in an advert, what comes out is short plain text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.job_boards.cleaning import plain_text, web_link

_MARKUP = st.lists(
    st.sampled_from(["<", ">", "<![", "<!--", "&lt;", "&#x", "</p", "script", "<script>", "a", " ", "\x00"])
)


@given(st.one_of(st.text(), _MARKUP.map("".join)), st.integers(min_value=2, max_value=60))
def test_text_is_never_longer_than_asked_and_holds_no_control_characters(raw: str, longest: int) -> None:
    text = plain_text(raw, longest)
    assert text is None or 0 < len(text) <= longest
    assert all(unicodedata.category(letter) not in ("Cc", "Cf", "Cs") for letter in text or "")


@pytest.mark.parametrize("raw", [None, 5, ["a"], {}, "", "  ", "<br>", "\u200b"])
def test_what_is_no_text_is_nothing(raw: object) -> None:
    assert plain_text(raw, 100) is None


def test_a_long_text_is_cut_between_words() -> None:
    assert plain_text("Cleaning two small offices", 20) == "Cleaning two small…"


@given(st.text())
def test_a_link_is_a_web_link_or_nothing(raw: str) -> None:
    assert web_link(raw) in (None, raw)
    assert web_link(f"javascript:{raw}") is None
