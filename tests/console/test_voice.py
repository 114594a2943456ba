"""A voice note as Telegram gives it, OGG with Opus inside: it plays on the page, and can be saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from bot.caseload.files import FileStore
from bot.conversation.file_types import type_of
from tests.conftest import ROOT
from tests.console.browsers import PATIENCE, address, chromium, sign_in, tabs, window
from tests.console.conftest import Door
from tests.people import Colleague, Person

__all__ = ["address", "chromium", "tabs", "window"]

#: A second of a plain tone, as Telegram's own clients encode speech, made with ffmpeg 5.1 and libopus:
#: ffmpeg -f lavfi -i "sine=frequency=440:duration=1:sample_rate=48000" -ac 1 -c:a libopus -b:a 16k \\
#:   -application voip -map_metadata -1 -bitexact voice.ogg
VOICE = (ROOT / "tests" / "console" / "voice.ogg").read_bytes()
SECONDS = 1.0


@pytest.fixture
def voice(sam: Person, files: FileStore) -> str:
    """Sam's voice note, fetched from Telegram; its id."""
    return sam.sends(VOICE, "voice", files=files)


def test_it_is_what_telegram_sends() -> None:
    assert VOICE[:4] == b"OggS"
    assert VOICE[28:36] == b"OpusHead"
    assert type_of(VOICE) == "audio/ogg"


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [("bytes=0-1", 206, 0, 2), ("bytes=100-", 206, 100, None), ("bytes=-50", 206, -50, None)],
)
def test_a_player_may_ask_for_any_part(
    console: Door, amina: Colleague, voice: str, wanted: str, status: int, start: int, end: int | None
) -> None:
    answer = console.as_(amina).http.get(f"/attachments/{voice}", headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (status, VOICE[start:end])
    assert answer.headers["Content-Type"] == "audio/ogg"
    first = start % len(VOICE)
    assert answer.headers["Content-Range"] == (f"bytes {first}-{first + len(answer.data) - 1}/{len(VOICE)}")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_part_that_is_not_there_is_refused(console: Door, amina: Colleague, voice: str) -> None:
    wanted = {"Range": f"bytes={len(VOICE)}-"}
    assert console.as_(amina).http.get(f"/attachments/{voice}", headers=wanted).status_code == 416


def test_it_is_saved_under_a_name_that_tells_of_nobody(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    sound = sam.sends(VOICE, "audio", "Sam Okoro at home.ogg", files=files)
    page = console.as_(amina).text(f"/conversations/{sam.conversation_id}")
    assert f'<a href="/attachments/{sound}" download="audio-2026-11-25.ogg">Save it</a>' in page


def test_it_plays_to_its_end_and_is_saved_whole_in_a_browser(
    window: Page, demo: Door, amina: Colleague, sam: Person, voice: str
) -> None:
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    sound = window.locator("audio")
    played = sound.evaluate(
        """async (sound) => {
            sound.muted = true;
            const ended = new Promise((done) => sound.addEventListener("ended", done));
            await sound.play();
            await ended;
            sound.currentTime = 0.25;
            await new Promise((done) => sound.addEventListener("seeked", done));
            return [sound.duration, sound.currentTime, sound.played.end(0), sound.error];
        }"""
    )
    *times, error = played
    assert (times, error) == (pytest.approx([SECONDS, 0.25, SECONDS], abs=0.1), None)
    with window.expect_download(timeout=PATIENCE) as saving:
        window.get_by_role("link", name="Save it").click()
    assert saving.value.suggested_filename == "voice-2026-11-25.ogg"
    assert saving.value.path().read_bytes() == VOICE
