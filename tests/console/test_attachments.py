"""The files that Sam sent, on the page and on their own: for those who may see him, and harmless."""

from __future__ import annotations

import pytest

from bot.caseload.files import FileStore
from tests.console.conftest import Door
from tests.conversation.test_files import JPEG, VOICE
from tests.people import Colleague, Person

PDF = b"%PDF-1.7\n"


def chat(sam: Person) -> str:
    return f"/conversations/{sam.conversation_id}"


def test_amina_hears_a_voice_note_and_it_is_noted(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    voice = sam.sends(VOICE, "voice", files=files)
    browser = console.as_(amina)
    page = browser.text(chat(sam))
    assert f'<audio controls preload="none" src="/attachments/{voice}"' in page
    assert f'<a href="/attachments/{voice}"' in page
    answer = browser.get(f"/attachments/{voice}")
    assert answer.data == VOICE
    assert answer.headers["Content-Type"] == "audio/ogg"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    with console.caseload.reading() as case:
        [seen] = [line for line in case.audit.of_client(sam.id) if line.action == "file viewed"]
    assert (seen.staff_id, seen.subject) == (amina.id, voice)


def test_a_part_of_a_sound_can_be_asked_for(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    voice = sam.sends(VOICE, "voice", files=files)
    answer = console.as_(amina).http.get(f"/attachments/{voice}", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, VOICE[:4])


def test_a_picture_has_words_for_those_who_do_not_see_it(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    photo = sam.sends(JPEG, "photo", files=files)
    browser = console.as_(amina)
    assert 'alt="Picture that Sam sent"' in browser.text(chat(sam))
    assert browser.get(f"/attachments/{photo}").headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("content", "name", "saved_as"),
    [
        (PDF, "cv.pdf", "cv.pdf"),
        (PDF, "cv.exe", "cv.exe.pdf"),
        (b"<script>alert(1)</script>", "page.html", "page.html.txt"),
        (b"\0\0\0\x20ftypisom\0", None, "document-2026-11-25.mp4"),
    ],
)
def test_other_files_are_saved_under_a_name_that_says_what_they_are(
    console: Door,
    amina: Colleague,
    sam: Person,
    files: FileStore,
    content: bytes,
    name: str | None,
    saved_as: str,
) -> None:
    file = sam.sends(content, "document", name, files=files)
    answer = console.as_(amina).get(f"/attachments/{file}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={saved_as}"
    assert answer.headers["Content-Type"].split(";")[0] not in {"text/html", "application/octet-stream"}


def test_a_document_is_a_link_with_its_size(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    sam.sends(PDF + b"0" * 340_000, "document", "cv.pdf", files=files)
    page = console.as_(amina).text(chat(sam))
    assert "<bdi>cv.pdf</bdi></a>, PDF, 340 kB" in page


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("too_big", "It is larger than 10 MB, so it was not fetched."),
        ("not_allowed", "Files of its kind are not kept."),
        ("gone", "Telegram did not give it to us. Ask for it again."),
    ],
)
def test_a_file_that_is_not_here_says_why(
    console: Door, amina: Colleague, sam: Person, reason: str, words: str
) -> None:
    file = sam.sends(VOICE, "voice")
    browser = console.as_(amina)
    assert "Voice message: It is being fetched." in browser.text(chat(sam))
    with console.caseload.transaction() as case:
        attachment = case.attachments.find_waiting(file)
        assert attachment is not None
        # It was never tried: there is nothing to try again.
        case.attachments.give_up(attachment, reason)
    assert "Try again" not in browser.text(chat(sam))
    assert words in browser.text(chat(sam))
    assert browser.get(f"/attachments/{file}").status_code == 404


def test_an_open_page_learns_that_a_file_has_come(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    file = sam.sends(VOICE, "voice", files=files)
    news = console.as_(amina).get(f"{chat(sam)}/updates").json
    assert news
    [[shown, state, markup]] = news["files"]
    assert (shown, state) == (file, "stored")
    assert "<audio controls" in markup


def fails(console: Door, file: str) -> None:
    """Let every try to fetch a file go wrong."""
    for _ in range(10):
        with console.caseload.transaction() as case:
            for one in case.attachments.claim(["demo"], 5):
                case.attachments.retry(one)
        console.clock.advance(hours=1)
    with console.caseload.reading() as case:
        assert case.attachments.find_waiting(file) is None


def test_amina_has_a_file_tried_again_and_not_for_ever(console: Door, amina: Colleague, sam: Person) -> None:
    voice = sam.sends(VOICE, "voice")
    browser = console.as_(amina)
    for _ in range(3):
        fails(console, voice)
        browser = console.as_(amina)
        assert "It could not be fetched." in browser.text(chat(sam))
        assert f'action="/attachments/{voice}/again"' in browser.text(chat(sam))
        page = browser.post(f"/attachments/{voice}/again", follow=True).text
        assert "The file is being fetched once more." in page
        assert "It is being fetched. This is one more try." in page
        assert "Try again" not in page
        again = browser.post(f"/attachments/{voice}/again", follow=True).text
        assert "A colleague had the file fetched already." in again
        with console.caseload.reading() as case:
            assert case.attachments.has_work(["demo"])
    fails(console, voice)
    browser = console.as_(amina)
    assert "It could not be fetched. Ask for it again." in browser.text(chat(sam))
    page = browser.post(f"/attachments/{voice}/again", follow=True).text
    assert "This file cannot be fetched. Ask Sam for it again." in page
    with console.caseload.reading() as case:
        asked = [line for line in case.audit.of_client(sam.id) if line.action == "file asked for again"]
        assert [(line.staff_id, line.subject) for line in asked] == [(amina.id, voice)] * 3
        assert not case.attachments.has_work(["demo"])


def test_a_file_that_takes_long_says_so(console: Door, amina: Colleague, sam: Person) -> None:
    voice = sam.sends(VOICE, "voice")
    for _ in range(2):
        with console.caseload.transaction() as case:
            [claimed] = case.attachments.claim(["demo"], 5)
            case.attachments.retry(claimed)
        console.clock.advance(minutes=1)
    browser = console.as_(amina)
    assert "It could not be fetched yet. It is tried again by itself." in browser.text(chat(sam))
    news = browser.get(f"{chat(sam)}/updates").json
    assert news
    assert [one[:2] for one in news["files"]] == [[voice, "waiting late"]]


@pytest.mark.parametrize("reason", ["too_big", "not_allowed", "before_consent"])
def test_a_file_that_we_do_not_keep_is_not_asked_for_again(
    console: Door, amina: Colleague, sam: Person, reason: str
) -> None:
    file = sam.sends(VOICE, "voice")
    with console.caseload.transaction() as case:
        [claimed] = case.attachments.claim(["demo"], 5)
        case.attachments.refuse(claimed, reason)
    browser = console.as_(amina)
    assert "Try again" not in browser.text(chat(sam))
    assert "cannot be fetched" in browser.post(f"/attachments/{file}/again", follow=True).text
    with console.caseload.reading() as case:
        assert not case.attachments.has_work(["demo"])


def test_piotr_cannot_hear_sams_voice(console: Door, piotr: Colleague, sam: Person, files: FileStore) -> None:
    file = sam.sends(VOICE, "voice", files=files)
    assert console.as_(piotr).get(f"/attachments/{file}").status_code == 404
    with console.caseload.reading() as case:
        assert [line for line in case.audit.of_client(sam.id) if line.action == "file viewed"] == []


def test_a_file_that_was_lost_from_the_disk_is_not_found(
    console: Door, amina: Colleague, sam: Person, files: FileStore
) -> None:
    file = sam.sends(VOICE, "voice", files=files)
    with console.caseload.reading() as case:
        files.remove([case.attachments.get_for(case.staff.get(amina.id), file).stored_as])
    assert console.as_(amina).get(f"/attachments/{file}").status_code == 404
