"""`foothold demo`: a fictional service to try everything with."""

from __future__ import annotations

import threading
import time

import click
import httpx
from rich.console import Console
from rich.panel import Panel

from bot.app import build_caseload
from bot.caseload.migrations.migrate import migrate
from bot.cli.data import load_demo
from bot.cli.model import train_if_missing
from bot.cli.run import PARTS, run_all
from bot.cli.support import settings
from bot.demo.people import DEMO_PASSWORD, STAFF
from bot.settings import Settings

READY_SECONDS = 120


@click.command()
def demo() -> None:
    """Migrate, load the fictional service, train if needed, and start everything."""
    config = settings()
    screen = Console(stderr=True)
    caseload = build_caseload(config)
    migrate(caseload.engine)
    load_demo(caseload)
    caseload.close()
    train_if_missing(config)
    screen.print("Starting. This takes up to a minute.")
    threading.Thread(target=_announce, args=(config, screen), daemon=True).start()
    run_all(config, PARTS, demo=True, log_to_files=True)


def _announce(config: Settings, screen: Console) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{config.console_url}/readyz", timeout=5).status_code == 200:
                screen.print(Panel(_welcome(config), title="Foothold is running", expand=False))
                return
        except httpx.HTTPError:
            pass  # Not up yet: the parts are still starting.
        time.sleep(0.5)  # Bounded by the deadline above.
    screen.print(f"Not everything answers yet. Run `foothold doctor`, or read {config.logs_dir}.")


def _welcome(config: Settings) -> str:
    code = " (also asks for a code, which the page shows)"
    people = "\n".join(f"  {one.email:<22} {one.role}{code if one.second_factor else ''}" for one in STAFF)
    telegram = (
        "On Telegram: `.venv/bin/foothold invite sam` prints a link; open it on a phone."
        if config.telegram_token
        else "On Telegram: set TELEGRAM_BOT_TOKEN in .env and start again."
    )
    return (
        f"Chat as Sam in the terminal:  .venv/bin/foothold chat --as sam\n"
        f"Chat as Sam in the browser:   {config.console_url}/phone/sam\n"
        f"{telegram}\n\n"
        f"The console for staff:        {config.console_url}\n"
        f"Sign in with the password     {DEMO_PASSWORD}\n{people}\n\n"
        f"Everybody in here is invented. Logs: {config.logs_dir}. Stop with Ctrl-C."
    )
