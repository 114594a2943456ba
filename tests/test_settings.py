"""Settings: what an operator gets wrong is named, and what is secret stays with them."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings
from tests.conftest import ROOT

SECRET = "a key of the tests"


def settings_of(folder: Path, **values: str) -> Settings:
    return load_settings({"FOOTHOLD_STATE_DIR": str(folder), "FOOTHOLD_SECRET_KEY": SECRET, **values})


def mode_of(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize(
    "token",
    ["123456:with a space", "123456:ab/../cd", "١٢٣:abc", "123456:abc:def", "123456:é"],
)
def test_a_token_that_is_none_is_refused_before_it_reaches_an_address(tmp_path: Path, token: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_of(tmp_path, TELEGRAM_BOT_TOKEN=token)
    assert token not in str(refused.value)


def test_a_token_from_a_file_may_end_with_a_new_line(tmp_path: Path) -> None:
    assert settings_of(tmp_path, TELEGRAM_BOT_TOKEN="123456:abc\n").telegram_token == "123456:abc"


def test_a_proxy_is_one_address(tmp_path: Path) -> None:
    assert settings_of(tmp_path, FOOTHOLD_TRUSTED_PROXY="127.0.0.1").trusted_proxy == "127.0.0.1"


@pytest.mark.parametrize("proxy", ["*", "10.0.0.0/8", "proxy.example", "127.0.0.1,10.0.0.1"])
def test_nobody_can_trust_every_proxy(tmp_path: Path, proxy: str) -> None:
    with pytest.raises(SettingsError, match="FOOTHOLD_TRUSTED_PROXY"):
        settings_of(tmp_path, FOOTHOLD_TRUSTED_PROXY=proxy)


def test_an_empty_secret_is_not_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(SettingsError, match="secret_key"):
        load_settings({"FOOTHOLD_STATE_DIR": str(tmp_path)})


def test_a_secret_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="secret_key"):
        load_settings({"FOOTHOLD_STATE_DIR": str(tmp_path)})


def test_parts_that_start_together_get_the_same_secret(tmp_path: Path) -> None:
    secrets: list[str] = []

    def read() -> None:
        secrets.append(load_settings({"FOOTHOLD_STATE_DIR": str(tmp_path / "state")}).secret_key)

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(secrets) == 12
    assert len(set(secrets)) == 1
    assert len(secrets[0]) >= 40


def test_other_people_of_the_machine_read_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    # The widest mask there is: what is made private now was made private by us.
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys; os.umask(0); from bot.cli.main import main; main(['migrate'])",
        ],
        cwd=ROOT,
        env={"FOOTHOLD_STATE_DIR": str(state), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert mode_of(state) == "0o700"
    assert {mode_of(file) for file in state.iterdir()} == {"0o600"}


def test_mail_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert settings_of(tmp_path).mail is None


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://foothold:a%40b@mail.example:587?tls=starttls", 587, "starttls"),
        ("smtp://foothold:a%40b@mail.example", 587, "starttls"),
        ("smtps://foothold:a%40b@mail.example", 465, "tls"),
        ("smtp://foothold:a%40b@localhost:2525?tls=none", 2525, "none"),
    ],
)
def test_a_mail_server_is_read_from_its_address(tmp_path: Path, url: str, port: int, tls: str) -> None:
    mail = settings_of(tmp_path, FOOTHOLD_SMTP_URL=url, FOOTHOLD_MAIL_FROM="foothold@example.org").mail
    assert mail is not None
    assert (mail.user, mail.password, mail.port, mail.tls) == ("foothold", "a@b", port, tls)


@pytest.mark.parametrize(
    "values",
    [
        {"FOOTHOLD_SMTP_URL": "smtp://mail.example"},
        {"FOOTHOLD_MAIL_FROM": "foothold@example.org"},
        {"FOOTHOLD_SMTP_URL": "smtp://mail.example", "FOOTHOLD_MAIL_FROM": "Foothold"},
        {"FOOTHOLD_SMTP_URL": "https://u:hush@mail.example", "FOOTHOLD_MAIL_FROM": "f@example.org"},
        {"FOOTHOLD_SMTP_URL": "smtp://u:hush@mail.example:x", "FOOTHOLD_MAIL_FROM": "f@example.org"},
        {"FOOTHOLD_SMTP_URL": "smtp://u:hush@mail.example?tls=no", "FOOTHOLD_MAIL_FROM": "f@example.org"},
        {"FOOTHOLD_SMTP_URL": "smtp://u:hush@mail.example?tls=none", "FOOTHOLD_MAIL_FROM": "f@example.org"},
    ],
)
def test_a_mail_setting_that_is_wrong_is_named_without_its_password(
    tmp_path: Path, values: dict[str, str]
) -> None:
    with pytest.raises(SettingsError, match=r"FOOTHOLD_(SMTP_URL|MAIL_FROM)") as refused:
        settings_of(tmp_path, **values)
    assert "hush" not in str(refused.value)


def test_links_lead_to_the_address_that_staff_open(tmp_path: Path) -> None:
    assert settings_of(tmp_path).link_url == "http://127.0.0.1:8080"
    public = settings_of(tmp_path, FOOTHOLD_CONSOLE_URL="https://foothold.example/")
    assert public.link_url == "https://foothold.example"
