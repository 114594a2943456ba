"""Typed commands. A message that begins with "/" never reaches the dialogue as one of its own commands."""

from __future__ import annotations

import re

#: The gateway's own commands: they are answered while the dialogue is away too.
FIXED_COMMANDS = {"start", "person", "privacy"}
#: What the button "Ask a person" means; the gateway's own as well.
ASK_PERSON = "ask_person"
#: What any other typed command means to the dialogue.
COMMANDS = {
    "menu": "open_menu",
    "help": "ask_what_i_can_do",
    "stop": "stop_messages",
    "pause": "pause_messages",
    "about": "ask_who_are_you",
    "mydata": "ask_data_copy",
    "delete": "ask_data_deletion",
    "forget": "ask_data_deletion",
    "new_time": "request_appointment",
}
_COMMAND = re.compile(r"^[/／⁄∕]\s*([a-z_]{1,32})(?:@\w+)?(?:\s|$)", re.IGNORECASE)
_LEADING_SLASHES = re.compile(r"^[\s/／⁄∕]+")


def command_of(text: str | None) -> str | None:
    """Return the name of a typed command ("/stop please" is stop), if the text begins like one."""
    found = _COMMAND.match((text or "").strip())
    return found[1].lower() if found else None


def without_slash(text: str) -> str:
    """Return the text with its leading slashes taken off, so that it can only be words."""
    return _LEADING_SLASHES.sub("", text).strip() or "?"
