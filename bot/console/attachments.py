"""A file that a client sent, for those who may see the client."""

from __future__ import annotations

from pathlib import PurePath

from flask import Blueprint, abort, flash, send_file
from flask.typing import ResponseReturnValue

from bot.caseload.models.talk import Attachment
from bot.console import labels
from bot.console.conversation_page import back
from bot.console.parts import console, me
from bot.conversation.file_types import ENDINGS

pages = Blueprint("attachments", __name__)

#: Only these are shown in the browser itself; everything else is saved.
SHOWN_IN_PLACE = ("audio/", "image/")


@pages.get("/attachments/<attachment_id>")
def show(attachment_id: str) -> ResponseReturnValue:
    """Return a file, and note who looked at it."""
    files = console().config.files
    with console().caseload.transaction() as case:
        staff = me(case)
        attachment = case.attachments.get_for(staff, attachment_id)
        path = files.find(attachment.stored_as) if files and attachment.status == "stored" else None
        if path is None or attachment.mime not in ENDINGS:
            abort(404)
        case.audit.record(
            "file viewed",
            staff_id=staff.id,
            client_id=attachment.conversation.client_id,
            subject=attachment.id,
        )
    answer = send_file(
        path,
        mimetype=attachment.mime,
        as_attachment=not attachment.mime.startswith(SHOWN_IN_PLACE),
        download_name=_saved_as(attachment, attachment.mime),
        conditional=True,
        etag=False,
        max_age=None,
    )
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@pages.post("/attachments/<attachment_id>/again")
def fetch_again(attachment_id: str) -> ResponseReturnValue:
    """Have a file that could not be fetched tried once more, by the gateway, as it was the first time."""
    with console().caseload.transaction() as case:
        staff = me(case)
        attachment = case.attachments.get_for(staff, attachment_id)
        client = attachment.conversation.client
        will_be = case.attachments.ask_again(attachment)
        if will_be:
            case.audit.record(
                "file asked for again", staff_id=staff.id, client_id=client.id, subject=attachment.id
            )
    if will_be:
        flash("The file is being fetched once more. It shows here when it has come.", "success")
    elif attachment.status in {"waiting", "stored"}:
        flash("A colleague had the file fetched already.", "info")
    else:
        flash(f"This file cannot be fetched. Ask {client.preferred_name} for it again.", "info")
    return back(attachment.conversation_id)


def _saved_as(attachment: Attachment, mime: str) -> str:
    """Return a name whose ending says what the content is, whatever the sender called it."""
    if attachment.name is None:
        return labels.saved_as(attachment)
    name, ending = attachment.name, ENDINGS[mime]
    return name if PurePath(name).suffix.lower() == ending else name + ending
