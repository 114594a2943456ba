"""A mistake of the operator's gets one clear line, the right exit code and never a traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.cli.main import COMMANDS
from tests.cli.conftest import Call, Install

NEEDS_A_DATABASE = (
    ["clients"],
    ["service", "northside"],
    ["account", "grace@northside.example"],
    ["seed"],
    ["invite", "sam"],
    ["dead-letters"],
    ["chat", "--as", "sam"],
    ["export-client", "sam"],
    ["erase-client", "sam"],
    ["retention"],
)
NEEDS_A_MODEL = (["promote"], ["rollback"], ["evaluate"], ["understand"])


def test_help_lists_every_command(install: Install) -> None:
    said = install.run("--help")
    assert said.code == 0
    assert [name for name in COMMANDS if name not in said.out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(call: Call, command: str) -> None:
    said = call(command, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Usage: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_gets_one_line_and_exit_2(call: Call, command: str) -> None:
    said = call(command, "--no-such-option")
    assert said.code == 2
    assert said.is_one_clear_line, said.err


def test_an_unknown_command_gets_one_line_and_exit_2(call: Call) -> None:
    said = call("dance")
    assert said.code == 2
    assert said.is_one_clear_line, said.err


@pytest.mark.parametrize("command", NEEDS_A_DATABASE, ids=" ".join)
def test_without_a_database_it_says_to_migrate(call: Call, command: list[str]) -> None:
    said = call(*command)
    assert said.code == 1
    assert said.is_one_clear_line, said.err
    assert "foothold migrate" in said.err


@pytest.mark.parametrize("command", NEEDS_A_MODEL, ids=" ".join)
def test_without_a_model_it_says_to_train(call: Call, command: list[str]) -> None:
    said = call(*command)
    assert said.code == 1
    assert said.is_one_clear_line, said.err


@pytest.mark.parametrize("command", [["run"], ["run", "--only", "gateway"], ["clients"]], ids=" ".join)
def test_a_process_of_its_own_says_to_migrate_too(install: Install, command: list[str]) -> None:
    said = install.run(*command)
    assert said.code == 1
    assert said.is_one_clear_line, said.err


def test_the_dialogue_says_to_train(install: Install) -> None:
    said = install.run("run", "--only", "dialogue")
    assert said.code == 1
    assert said.is_one_clear_line, said.err


@pytest.mark.parametrize("command", ["invite", "export-client", "erase-client"])
def test_an_unknown_client_is_named(call: Call, caseload: object, command: str) -> None:
    said = call(command, "nobody")
    assert said.code == 1
    assert said.is_one_clear_line, said.err
    assert "'nobody'" in said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOOTHOLD_CONSOLE_PORT", "many"),
        ("FOOTHOLD_CONSOLE_PORT", "²"),
        ("FOOTHOLD_RETENTION_DAYS", "0"),
        ("FOOTHOLD_LOG", "loud"),
        ("TELEGRAM_API_URL", "telegram"),
        ("TELEGRAM_BOT_TOKEN", "not-a-token"),
        ("TELEGRAM_WEBHOOK_URL", "https://bot.example/hook"),
    ],
)
def test_a_wrong_setting_is_named(call: Call, name: str, value: str) -> None:
    said = call("clients", **{name: value})
    assert said.code == 2
    assert said.is_one_clear_line, said.err
    assert name.removesuffix("_URL") in said.err


def test_a_wrong_token_is_not_printed(call: Call) -> None:
    said = call("clients", TELEGRAM_BOT_TOKEN="secret-but-wrong")
    assert said.code == 2
    assert "secret-but-wrong" not in said.err + said.out


@pytest.mark.parametrize("url", ["nonsense", "mysql://user@localhost/foothold"])
def test_a_wrong_database_address_is_exit_2(call: Call, url: str) -> None:
    said = call("migrate", FOOTHOLD_DATABASE_URL=url)
    assert said.code == 2
    assert said.is_one_clear_line, said.err


@pytest.mark.parametrize("command", ["migrate", "clients"])
@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/foothold.db", "postgresql+psycopg://nobody@127.0.0.1:1/foothold"]
)
def test_a_database_that_does_not_answer_is_one_line(call: Call, command: str, url: str) -> None:
    said = call(command, FOOTHOLD_DATABASE_URL=url)
    assert said.code == 1
    assert said.is_one_clear_line, said.err


@pytest.mark.parametrize("secret", ["", "a-key-from-the-environment"])
def test_a_state_folder_that_cannot_be_is_one_line(tmp_path: Path, secret: str) -> None:
    (tmp_path / "file").write_text("")
    said = Install(tmp_path / "file" / "state").run("clients", FOOTHOLD_SECRET_KEY=secret)
    assert said.code == 2
    assert said.is_one_clear_line, said.err


@pytest.mark.parametrize("only", ["console", "actions", "console,actions"])
def test_a_port_in_use_is_named(install: Install, caseload: object, only: str) -> None:
    part = only.rpartition(",")[2].upper()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = install.run("run", "--only", only, **{f"FOOTHOLD_{part}_PORT": port})
    assert said.code == 1
    assert said.is_one_clear_line, said.err
    assert port in said.err


def test_an_unknown_part_is_exit_2(call: Call) -> None:
    said = call("run", "--only", "kitchen")
    assert said.code == 2
    assert said.is_one_clear_line, said.err


def test_chat_as_nobody_says_who_has_a_phone(call: Call, caseload: object) -> None:
    said = call("chat", "--as", "nobody")
    assert said.code == 1
    assert said.is_one_clear_line, said.err


def test_an_invite_without_a_token_still_works(install: Install, caseload: object, sam: object) -> None:
    said = install.run("invite", "sam")
    assert said.code == 0
    assert "https://t.me/<bot>?start=" in said.out
