"""What a conversation's page shows one below the other: messages, with their files, and the team's notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from operator import attrgetter

from flask import render_template
from markupsafe import escape

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.talk import Attachment, InternalNote
from bot.caseload.store import Case

#: How many lines one page shows at most, and for how many messages it keeps the delivery state fresh.
SHOWN = 100
#: What these lines may take in bytes, so that the page with all that is around them is under 100 kB.
ROOM = 70_000
#: What a line takes in the page beside its words, and each of its files; and what a report of a miss adds.
FRAME, FILE, REPORT = 400, 600, 550


@dataclass(frozen=True)
class Line:
    """One entry: a message of the chat, or a note beside it."""

    at: datetime
    message: Message | None = None
    files: Sequence[Attachment] = ()
    #: Of an edit: what the message said before.
    earlier: Sequence[str] = ()
    #: The client changed this message later on.
    is_changed: bool = False
    note: InternalNote | None = None


@dataclass(frozen=True)
class Stretch:
    """Lines that follow one another, the oldest first."""

    lines: list[Line]
    #: The ids of the newest message and note that were looked at, 0 where there is none.
    last: int
    last_note: int
    #: Before which message and note the lines are that come before these; None: there are none.
    earlier: tuple[int, int] | None


def before(
    case: Case, conversation: Conversation, message_id: int = 0, note_id: int = 0, *, may_report: bool
) -> Stretch:
    """Return the newest lines before a message and a note, or, with 0, of all: as many as a page can hold.

    `may_report` tells that the reader can report from here what the safety check missed.
    """
    messages = case.transcript.newest(conversation, SHOWN + 1, before=message_id)
    notes = case.internal_notes.newest(conversation, SHOWN + 1, before=note_id)
    lines = _lines(case, messages, notes)
    shown = _that_fit(lines, may_report=may_report)
    earlier = None
    if len(shown) < len(lines):
        # Where none of a kind is shown, the next page looks for it from where this one did.
        earlier = (
            min((one.message.id for one in shown if one.message), default=message_id),
            min((one.note.id for one in shown if one.note), default=note_id),
        )
    return Stretch(shown, messages[-1].id if messages else 0, notes[-1].id if notes else 0, earlier)


def after(case: Case, conversation: Conversation, message_id: int, note_id: int) -> list[Line]:
    """Return the lines that came after a message and a note, oldest first."""
    messages = case.transcript.after(conversation, message_id)
    return _lines(case, messages, case.internal_notes.after(conversation, note_id))


def last_ids(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the ids of the newest message and the newest note among lines, 0 where there is none."""
    messages = [line.message.id for line in lines if line.message is not None]
    notes = [line.note.id for line in lines if line.note is not None]
    return max(messages, default=0), max(notes, default=0)


def files_now(case: Case, messages: Sequence[Message]) -> list[tuple[str, str, str]]:
    """Return each file of these messages as (id, state, how the page shows it now)."""
    found = case.attachments.of_messages([message.id for message in messages])
    return [
        (one.id, one.shown_state, render_template("conversation/file.html", file=one))
        for files in found.values()
        for one in files
    ]


def _lines(case: Case, messages: Sequence[Message], notes: Sequence[InternalNote]) -> list[Line]:
    files = case.attachments.of_messages([message.id for message in messages])
    earlier = case.transcript.earlier_words(messages)
    edits = {
        message.channel_message_id: message.id
        for message in messages
        if message.kind == "edited" and message.channel_message_id is not None
    }
    said = [
        Line(
            message.created_at,
            message,
            files.get(message.id, ()),
            earlier.get(message.id, ()),
            _is_from_client(message) and edits.get(message.channel_message_id or 0, 0) > message.id,
        )
        for message in messages
    ]
    noted = [Line(note.created_at, note=note) for note in notes]
    # Each kind stays in the order of its ids; what came at the same moment: messages first.
    return list(merge(said, noted, key=attrgetter("at")))


def _that_fit(lines: Sequence[Line], *, may_report: bool) -> list[Line]:
    """Return the newest of these lines that a page has room for; the very newest always."""
    taken, shown = 0, 0
    for line in reversed(lines[-SHOWN:]):
        taken += _size(line, may_report=may_report)
        if shown and taken > ROOM:
            break
        shown += 1
    return list(lines[len(lines) - shown :])


def _size(line: Line, *, may_report: bool) -> int:
    """Return about how many bytes of a page a line takes."""
    if line.note is not None:
        return FRAME + _bytes(line.note.text)
    message = line.message
    if message is None:
        return 0
    words = [message.text, *line.earlier, *(message.buttons or ())]
    report = REPORT if may_report and message.author == "client" else 0
    return FRAME + sum(map(_bytes, words)) + 20 * len(words) + FILE * len(line.files) + report


def _bytes(text: str | None) -> int:
    return len(escape(text or "").encode())


def _is_from_client(message: Message) -> bool:
    return message.author == "client" and message.kind != "button"
