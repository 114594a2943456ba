"""`foothold chat`: a conversation in the terminal, through the same inbox and outbox as Telegram."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
from rich.console import Console

from bot.app import build_phone
from bot.caseload.errors import NotEnrolled
from bot.cli.data import ready_caseload
from bot.cli.support import fail, print_line, settings
from bot.conversation.phone import Bubble, Phone

#: How long to wait for an answer before saying that none came.
ANSWER_SECONDS = 60.0
LOOK_SECONDS = 0.1


@click.command()
@click.option("--as", "ref", required=True, help="The demo client to be, such as sam.")
@click.option(
    "--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One message per line."
)
def chat(ref: str, script: Path | None) -> None:
    """Talk to the bot as a demo client. Type a button's number or its words to press it."""
    config = settings()
    caseload = ready_caseload()
    phone = build_phone(config, caseload)
    try:
        seen = _newest_id(phone, ref)
    except NotEnrolled:
        refs = ", ".join(owner for owner, _ in phone.owners()[:12]) or "none: run `foothold seed`"
        fail(f"{ref!r} has no demo phone. These have one: {refs}.")
    if script is not None:
        _play(phone, ref, script, seen)
    else:
        _talk(phone, ref, seen, Console(), config.console_url)


def _play(phone: Phone, ref: str, script: Path, seen: int) -> None:
    for line in script.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        phone.send(ref, line)
        answered, seen = _answers(phone, ref, seen)
        for bubble in answered:
            print_line(
                {
                    "to": line,
                    "text": bubble.text,
                    "buttons": [button.label for button in bubble.buttons],
                    "author": bubble.author,
                }
            )
        if not answered:
            print_line({"to": line, "text": None, "buttons": [], "author": None})


def _talk(phone: Phone, ref: str, seen: int, screen: Console, console_url: str) -> None:
    screen.print(f"You are {ref}. An empty line looks for new messages; Ctrl-D ends. Staff: {console_url}")
    for bubble in phone.messages(ref)[-6:]:
        _show(screen, bubble)
    while True:
        try:
            words = screen.input("[bold]you:[/] ") if sys.stdin.isatty() else input()
        except EOFError:
            return
        if words.strip():
            phone.send(ref, words)
        answered, seen = _answers(phone, ref, seen)
        for bubble in answered:
            _show(screen, bubble)
        if words.strip() and not answered:
            screen.print("[dim](no answer: is `foothold run` running, or does a person have the chat?)[/]")


def _answers(phone: Phone, ref: str, seen: int) -> tuple[list[Bubble], int]:
    """Wait until the message has its outcome; return what came, and the newest id."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        if phone.is_settled(ref):
            break
        time.sleep(LOOK_SECONDS)  # Bounded by the deadline above.
    bubbles = phone.messages(ref, after=seen)
    newest = max((bubble.id for bubble in bubbles), default=seen)
    return [bubble for bubble in bubbles if not bubble.mine], newest


def _newest_id(phone: Phone, ref: str) -> int:
    return max((bubble.id for bubble in phone.messages(ref)), default=0)


def _show(screen: Console, bubble: Bubble) -> None:
    who = "you" if bubble.mine else {"person": "person", "safety": "safety"}.get(bubble.author, "bot")
    screen.print(f"{who}: {bubble.text}", markup=False, highlight=False)
    for number, button in enumerate(bubble.buttons, start=1):
        screen.print(f"   {number}. {button.label}", markup=False, highlight=False)
