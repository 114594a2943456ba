"""The files that Sam sends: fetched behind the chat, kept under opaque names, and gone when they must go."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest

from bot.caseload.attachments import LEASE, clean_name
from bot.caseload.files import FileStore
from bot.caseload.models.talk import Attachment
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from bot.conversation.fetcher import FileFetcher, discard_files
from bot.conversation.file_types import DOCX, type_of
from integrations.telegram.types import FileTooBig, NotSent, RetryAfter, SendRefused
from tests.conversation.office import BOT, ClientPhone, Office, linked
from tests.conversation.running_gateway import PATIENCE, RunningGateway, gateway, telegram
from tests.conversation.running_gateway import sam as sam_on_telegram
from tests.people import Colleague
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

__all__ = ["gateway", "sam_on_telegram", "telegram"]

VOICE = b"OggS" + b"\0" * 60
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 60
#: A private chat's bot can fetch no file that is larger.
TWENTY_MB = 20 * 1024 * 1024


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (VOICE, "audio/ogg"),
        (b"ID3\x04\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\0", "audio/mpeg"),
        (b"\0\0\0\x20ftypM4A \0", "audio/mp4"),
        (b"\0\0\0\x20ftypisom\0", "video/mp4"),
        (JPEG, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\0", "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"GIF89a\0", "image/gif"),
        (b"%PDF-1.7\n", "application/pdf"),
        ("I baked bread for ten years – every day.\r\n".encode(), "text/plain"),
        (zipped("[Content_Types].xml", "word/document.xml"), DOCX),
        (b"", None),
        (b"MZ\x90\0", None),
        (b"\x7fELF", None),
        (b"<svg\0>", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"\0\0\0\x20ftypheic\0", None),
        (b"\xff\xfe\x00\x00", None),
        (zipped("word/document.xml"), None),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (b"PK\x03\x04 not a zip at all", None),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, mime: str | None) -> None:
    assert type_of(content) == mime


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("cv.pdf", "cv.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\cv.pdf", "C:_cv.pdf"),
        ("my\x07 cv\n.pdf", "my cv .pdf"),
        ("cv\u202efdp.exe", "cv fdp.exe"),
        (" . ", None),
        ("", None),
        (None, None),
        ("a" * 300, "a" * 120),
    ],
)
def test_a_name_loses_what_hides_what_it_is(sent: str | None, kept: str | None) -> None:
    assert clean_name(sent) == kept


def attachments(gateway: RunningGateway, *, ended: int) -> list[Attachment]:
    """Wait until so many files have their end; return them all, oldest first."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with gateway.caseload.reading() as case:
            found = all_of(case)
        if sum(one.status != "waiting" for one in found) >= ended:
            return found
        time.sleep(0.02)
    raise AssertionError("a file has no end")


def all_of(case: Case) -> list[Attachment]:
    ids = [message.id for one in case.clients.lines() for message in _messages(case, one.ref)]
    return [one for files in case.attachments.of_messages(ids).values() for one in files]


def _messages(case: Case, ref: str) -> list[object]:
    client = case.clients.find_by_ref(ref)
    assert client is not None
    return [m for chat in case.conversations.of_client(client) for m in case.transcript.newest(chat)]


def test_a_voice_note_is_fetched_and_kept_for_us_alone(
    sam_on_telegram: Phone, gateway: RunningGateway, tmp_path: Path
) -> None:
    sam_on_telegram.says("Hello")
    sam_on_telegram.waits_for("You said: Hello", PATIENCE)
    sam_on_telegram.sends_voice(VOICE)
    sam_on_telegram.waits_for(lambda bubble: "recording" in bubble.text, PATIENCE)
    [voice] = attachments(gateway, ended=1)
    assert (voice.kind, voice.mime, voice.status, voice.size) == ("voice", "audio/ogg", "stored", len(VOICE))
    [file] = (tmp_path / "files").iterdir()
    assert file.read_bytes() == VOICE
    assert file.name == voice.stored_as
    assert file.name != voice.id
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_what_the_sender_calls_a_pdf_is_looked_at(sam_on_telegram: Phone, gateway: RunningGateway) -> None:
    sam_on_telegram.sends_document("cv.pdf", b"MZ\x90\0 a program")
    [file] = attachments(gateway, ended=1)
    assert (file.status, file.reason) == ("refused", "not_allowed")


def test_the_bigger_photo_is_kept(sam_on_telegram: Phone, gateway: RunningGateway) -> None:
    sam_on_telegram.sends_photo("My van", JPEG)
    [photo] = attachments(gateway, ended=1)
    assert (photo.mime, photo.size) == ("image/jpeg", len(JPEG))


def test_a_voice_note_of_20_mb_is_not_even_fetched(sam_on_telegram: Phone, gateway: RunningGateway) -> None:
    sam_on_telegram.says("Hello")
    sam_on_telegram.waits_for("You said: Hello", PATIENCE)
    sam_on_telegram.sends_voice(VOICE + b"\0" * TWENTY_MB)
    sam_on_telegram.waits_for(lambda bubble: "recording" in bubble.text, PATIENCE)
    [voice] = attachments(gateway, ended=1)
    assert (voice.status, voice.reason, voice.attempts) == ("refused", "too_big", 0)


def test_a_file_that_telegram_lost_is_told_so(
    sam_on_telegram: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    gateway.stop()
    sam_on_telegram.sends_voice(VOICE)
    for file_id in list(telegram.world.files):
        telegram.forget_content(file_id)
    gateway.start()
    [voice] = attachments(gateway, ended=1)
    assert (voice.status, voice.reason) == ("failed", "gone")


class Downloads:
    """A channel that answers as told, then with a voice note."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = deque(faults)
        self.asked: list[str] = []

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        self.asked.append(file_id)
        if self.faults:
            raise self.faults.popleft()
        return VOICE


@pytest.fixture
def sam_on_bot(paced_office: Office, amina: Colleague) -> ClientPhone:
    return linked(paced_office, "sam", "Sam Okoro", amina)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "files")
    store.prepare()
    return store


def sends_voice(phone: ClientPhone, size: int | None = 60) -> None:
    phone.sends({"voice": {"file_id": "v1", "file_unique_id": "u1", "duration": 3, "file_size": size}})
    phone.office.settle()


def only(caseload: Caseload) -> Attachment:
    with caseload.reading() as case:
        [found] = all_of(case)
        return found


def run(fetcher: FileFetcher) -> int:
    return asyncio.run(fetcher.fetch_due())


def test_a_line_that_breaks_is_tried_again_and_then_it_ends(
    sam_on_bot: ClientPhone, caseload: Caseload, clock: FixedClock, files: FileStore
) -> None:
    sends_voice(sam_on_bot)
    downloads = Downloads(*(NotSent("down") for _ in range(20)))
    fetcher = FileFetcher(caseload, files, {BOT: downloads})
    while only(caseload).status == "waiting":
        run(fetcher)
        clock.advance(hours=2)
    assert (only(caseload).status, only(caseload).reason) == ("failed", "not_fetched")
    assert len(downloads.asked) == 6


def test_being_told_to_wait_is_no_failure(
    sam_on_bot: ClientPhone, caseload: Caseload, clock: FixedClock, files: FileStore
) -> None:
    sends_voice(sam_on_bot)
    fetcher = FileFetcher(caseload, files, {BOT: Downloads(RetryAfter(7))})
    assert run(fetcher) == 1
    assert run(fetcher) == 0
    clock.advance(seconds=8)
    assert run(fetcher) == 1
    assert (only(caseload).status, only(caseload).attempts) == ("stored", 1)


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (FileTooBig("11 MB"), ("refused", "too_big")),
        (SendRefused("Bad Request: file is too big"), ("refused", "too_big")),
        (SendRefused("Bad Request: wrong file_id"), ("failed", "gone")),
    ],
)
def test_what_cannot_be_had_ends_at_once(
    sam_on_bot: ClientPhone,
    caseload: Caseload,
    files: FileStore,
    fault: Exception,
    end: tuple[str, str],
) -> None:
    # Telegram may leave the size out.
    sends_voice(sam_on_bot, size=None)
    run(FileFetcher(caseload, files, {BOT: Downloads(fault)}))
    assert (only(caseload).status, only(caseload).reason) == end


def test_a_fetcher_that_died_is_followed_by_another(
    sam_on_bot: ClientPhone, caseload: Caseload, clock: FixedClock, files: FileStore
) -> None:
    sends_voice(sam_on_bot)
    with caseload.transaction() as case:
        assert len(case.attachments.claim([BOT], 5)) == 1
    fetcher = FileFetcher(caseload, files, {BOT: Downloads()})
    assert run(fetcher) == 0
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert run(fetcher) == 1
    assert only(caseload).status == "stored"


def test_another_bots_file_is_left_to_its_gateway(
    sam_on_bot: ClientPhone, caseload: Caseload, files: FileStore
) -> None:
    sends_voice(sam_on_bot)
    assert run(FileFetcher(caseload, files, {"another": Downloads()})) == 0
    assert run(FileFetcher(caseload, files, {})) == 0


def test_nothing_is_fetched_before_a_yes(
    paced_office: Office, amina: Colleague, caseload: Caseload, files: FileStore
) -> None:
    sends_voice(linked(paced_office, "sam", "Sam Okoro", amina, consent=None))
    assert only(caseload).reason == "before_consent"
    assert run(FileFetcher(caseload, files, {BOT: Downloads()})) == 0


def test_a_sticker_and_a_stranger_leave_no_file(
    sam_on_bot: ClientPhone, paced_office: Office, caseload: Caseload
) -> None:
    sam_on_bot.sends({"sticker": {"file_id": "s", "file_unique_id": "s", "emoji": "x"}})
    sends_voice(ClientPhone(paced_office, "9000000002", None))
    assert paced_office.rows("attachments") == []


def test_erasing_sam_deletes_his_files_too(
    sam_on_bot: ClientPhone, caseload: Caseload, files: FileStore, tmp_path: Path
) -> None:
    sends_voice(sam_on_bot)
    run(FileFetcher(caseload, files, {BOT: Downloads()}))
    assert len(list((tmp_path / "files").iterdir())) == 1
    with caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        case.rights.erase(client)
    assert discard_files(caseload, files) == 1
    assert list((tmp_path / "files").iterdir()) == []
    assert discard_files(caseload, files) == 0


class ErasedMeanwhile(Downloads):
    """Sam is erased while his file comes in."""

    def __init__(self, caseload: Caseload) -> None:
        super().__init__()
        self._caseload = caseload

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        with self._caseload.transaction() as case:
            client = case.clients.find_by_ref("sam")
            assert client is not None
            case.rights.erase(client)
        return await super().download(file_id, limit_bytes)


def test_a_file_that_comes_in_while_sam_is_erased_is_not_kept(
    sam_on_bot: ClientPhone, caseload: Caseload, files: FileStore, tmp_path: Path
) -> None:
    sends_voice(sam_on_bot)
    run(FileFetcher(caseload, files, {BOT: ErasedMeanwhile(caseload)}))
    discard_files(caseload, files)
    assert list((tmp_path / "files").iterdir()) == []


def test_old_files_go_with_the_old_words(
    sam_on_bot: ClientPhone, caseload: Caseload, clock: FixedClock, files: FileStore, tmp_path: Path
) -> None:
    sends_voice(sam_on_bot)
    run(FileFetcher(caseload, files, {BOT: Downloads()}))
    with caseload.transaction() as case:
        assert case.retention.apply(clock.now() + timedelta(seconds=1))["attachments"] == 1
    discard_files(caseload, files)
    assert list((tmp_path / "files").iterdir()) == []
    assert (only(caseload).status, only(caseload).name, only(caseload).file_id) == ("removed", None, "")


def test_a_half_written_file_is_deleted_at_the_start(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "files" / f"{'a' * 32}.part").write_bytes(b"half")
    files.prepare()
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize("name", ["../secret_key", "a", "", "A" * 32, "a" * 32 + "/x"])
def test_only_names_of_ours_reach_the_folder(files: FileStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a name of ours"):
        files.find(name)


def test_a_file_that_amina_has_tried_again_is_fetched_by_the_gateway(
    sam_on_bot: ClientPhone, caseload: Caseload, clock: FixedClock, files: FileStore
) -> None:
    sends_voice(sam_on_bot)
    fetcher = FileFetcher(
        caseload, files, {BOT: Downloads(SendRefused("Bad Request: temporarily unavailable"))}
    )
    run(fetcher)
    assert (only(caseload).status, only(caseload).reason) == ("failed", "gone")
    with caseload.transaction() as case:
        [mine] = all_of(case)
        assert case.attachments.ask_again(mine)
    assert run(fetcher) == 1
    assert (only(caseload).status, only(caseload).reason) == ("stored", None)


def test_one_more_try_is_one_try(
    sam_on_bot: ClientPhone, caseload: Caseload, clock: FixedClock, files: FileStore
) -> None:
    sends_voice(sam_on_bot)
    downloads = Downloads(SendRefused("Bad Request: wrong file_id"), NotSent("down"), NotSent("down"))
    fetcher = FileFetcher(caseload, files, {BOT: downloads})
    run(fetcher)
    with caseload.transaction() as case:
        assert case.attachments.ask_again(all_of(case)[0])
    run(fetcher)
    clock.advance(hours=2)
    assert run(fetcher) == 0
    assert (only(caseload).status, only(caseload).reason, len(downloads.asked)) == (
        "failed",
        "not_fetched",
        2,
    )
