"""`foothold run`: the four parts on one machine, or some of them."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Sequence

import click

from bot.app import run_actions, run_console, run_gateway
from bot.cli.data import ready_caseload
from bot.cli.support import WrongArgument, fail, settings
from bot.logs import set_up_logging
from bot.settings import Settings, child_environment, dialogue_environment
from bot.supervisor import Part, Supervisor
from bot.tuning.models import Models, NoSuchModel

#: In the order in which they start; they stop in the reverse order.
PARTS = ("actions", "dialogue", "console", "gateway")


@click.command()
@click.option("--only", default=None, help="Run only these parts, such as gateway,console.")
@click.option("--demo", is_flag=True, hidden=True)
def run(only: str | None, demo: bool) -> None:
    """Run everything on this machine; parts that die are started again."""
    config = settings()
    names = _names(only)
    if len(names) == 1:
        run_one(config, names[0], demo=demo)
    else:
        run_all(config, names, demo=demo, log_to_files=False)


def run_one(config: Settings, name: str, *, demo: bool) -> None:
    """Be one part."""
    set_up_logging(config.log_format, name)
    if name == "dialogue":
        command, environment = dialogue_command(config)
        os.execve(command[0], command, environment)  # noqa: S606 (our own interpreter, no shell)
    ready_caseload()
    _check_ports(config, (name,))
    if name == "gateway":
        asyncio.run(run_gateway(config))
    elif name == "actions":
        run_actions(config)
    else:
        run_console(config, demo=demo)


def run_all(config: Settings, names: Sequence[str], *, demo: bool, log_to_files: bool) -> None:
    """Start parts, restart them when they die, and stop them in order."""
    set_up_logging(config.log_format, "supervisor")
    ready_caseload()
    _check_ports(config, names)
    parts = [part_of(config, name, demo=demo, log_to_files=log_to_files) for name in PARTS if name in names]
    asyncio.run(Supervisor(parts).run())


def dialogue_command(config: Settings) -> tuple[list[str], dict[str, str]]:
    """Return how to start the dialogue server with the live model; ends with one clear line without one."""
    try:
        model = Models(config.models_dir).live()
    except NoSuchModel as error:
        fail(f"{error}: run `foothold train` first.")
    if not config.dialogue_python.exists():
        fail("the dialogue environment is not installed: run `make setup` first.")
    command = [
        str(config.dialogue_python), "-m", "integrations.rasa.inside.server", "dialogue",
        "--model", str(model.path), "--port", str(config.dialogue_port), "--root", str(config.root),
        "--actions-url", f"{config.actions_url}/webhook", "--log", config.log_format,
    ]  # fmt: skip
    # The database's address can hold a password, and everybody on the machine can read a command line.
    return command, {**dialogue_environment(config), "FOOTHOLD_DATABASE_URL": config.database_url}


def part_of(config: Settings, name: str, *, demo: bool, log_to_files: bool = False) -> Part:
    """Return how to run a part as a process of its own."""
    log = None
    if log_to_files:
        config.logs_dir.mkdir(parents=True, exist_ok=True)
        log = config.logs_dir / f"{name}.log"
    if name == "dialogue":
        command, environment = dialogue_command(config)
    else:
        command = [sys.executable, "-m", "bot.cli.main", "run", "--only", name, *(["--demo"] if demo else [])]
        extra = {"FOOTHOLD_SECRET_KEY": config.secret_key}
        if name == "actions":
            extra["TELEGRAM_BOT_TOKEN"] = ""  # Empty, and not absent: that would bring back what `.env` says.
        environment = child_environment(extra)
    return Part(name, command, environment, log)


def _names(only: str | None) -> tuple[str, ...]:
    if only is None:
        return PARTS
    names = [name.strip() for name in only.split(",") if name.strip()]
    wrong = [name for name in names if name not in PARTS]
    if wrong or not names:
        raise WrongArgument(f"--only takes {', '.join(PARTS)}, and not {', '.join(wrong) or 'nothing'}.")
    return tuple(name for name in PARTS if name in names)


def _check_ports(config: Settings, names: Sequence[str]) -> None:
    wanted = {
        "console": (config.host, config.console_port, "FOOTHOLD_CONSOLE_PORT"),
        "dialogue": ("127.0.0.1", config.dialogue_port, "FOOTHOLD_DIALOGUE_PORT"),
        "actions": ("127.0.0.1", config.actions_port, "FOOTHOLD_ACTIONS_PORT"),
    }
    for name in names:
        if name not in wanted:
            continue
        host, port, variable = wanted[name]
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                fail(f"port {port} for the {name} is in use: stop what uses it, or set {variable}.")
