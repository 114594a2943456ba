"""The `foothold` command."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click
import structlog

from bot.caseload.errors import CaseloadUnavailable, DatabaseUrlWrong
from bot.settings import SettingsError, keep_files_private

#: Command to module: a command's libraries are loaded only when it is called.
COMMANDS = {
    "run": "bot.cli.run",
    "demo": "bot.cli.demo",
    "chat": "bot.cli.chat",
    "migrate": "bot.cli.data",
    "seed": "bot.cli.data",
    "invite": "bot.cli.data",
    "clients": "bot.cli.data",
    "service": "bot.cli.service",
    "account": "bot.cli.account",
    "dead-letters": "bot.cli.data",
    "train": "bot.cli.model",
    "models": "bot.cli.model",
    "evaluate": "bot.cli.model",
    "compare": "bot.cli.model",
    "promote": "bot.cli.model",
    "rollback": "bot.cli.model",
    "understand": "bot.cli.model",
    "screen": "bot.cli.screen",
    "safety": "bot.cli.safety",
    "doctor": "bot.cli.doctor",
    "export-client": "bot.cli.rights",
    "erase-client": "bot.cli.rights",
    "retention": "bot.cli.rights",
}


class Commands(click.Group):
    """Finds a command in its module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names in the order of the contract."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by name."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[name])
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="foothold")
def cli() -> None:
    """Foothold: the job-search assistant for clients of IPS services."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a mistake of the operator's gets one clear line and never a traceback."""
    keep_files_private()
    # Standard output carries JSON lines for other programs; a log line there would break them.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        code = cli.main(args=arguments, standalone_mode=False)
    except click.UsageError as error:
        click.echo(f"foothold: {error.format_message()}", err=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except SettingsError as error:
        click.echo(f"foothold: {error}", err=True)
        code = 2
    except DatabaseUrlWrong:
        click.echo(
            "foothold: FOOTHOLD_DATABASE_URL is neither sqlite:///<file> nor postgresql+psycopg://…", err=True
        )
        code = 2
    except CaseloadUnavailable:
        click.echo("foothold: the database does not answer: check FOOTHOLD_DATABASE_URL.", err=True)
        code = 1
    except BrokenPipeError:
        # Whoever read our output has enough, as in `foothold clients | head`.
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
