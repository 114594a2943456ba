"""What the operator decides, read from the environment and `.env`: the only place that reads them."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from dotenv import dotenv_values

from integrations.mail.types import MailServer, Tls

#: The checkout: where domain.yml, config.yml, nlu/ and stories/ are.
ROOT = Path(__file__).resolve().parent.parent
#: How long a process waits for the secret that another one is writing.
SECRET_SECONDS = 2.0
#: A number, a colon and a secret: anything else would end up in the address of each call to Telegram.
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_TLS: dict[str, Tls] = {"starttls": "starttls", "tls": "tls", "none": "none"}
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


class SettingsError(Exception):
    """A setting is missing or wrong; the message says what to do about it."""


@dataclass(frozen=True)
class Webhook:
    """Where Telegram delivers updates, when it is not asked for them."""

    url: str
    secret: str
    port: int


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    state_dir: Path
    database_url: str
    secret_key: str
    host: str
    console_port: int
    dialogue_port: int
    actions_port: int
    telegram_token: str | None
    telegram_api_url: str
    webhook: Webhook | None
    log_format: str
    adzuna_id: str | None
    adzuna_key: str | None
    encoder_path: str | None
    #: The address of the proxy that ends https in front of the console.
    trusted_proxy: str | None = None
    #: How long a client's words are kept.
    retention_days: int = 90
    #: Mail for alerts to staff; None turns them off.
    mail: MailServer | None = None
    #: The console's address as staff open it, for links in alerts.
    public_url: str | None = None
    root: Path = ROOT

    @property
    def dialogue_url(self) -> str:
        """Where the dialogue server listens; always on this machine's loopback."""
        return f"http://127.0.0.1:{self.dialogue_port}"

    @property
    def actions_url(self) -> str:
        """Where the action server listens; always on this machine's loopback."""
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def console_url(self) -> str:
        """The address to open in a browser."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 (compared, not bound)
        return f"http://{host}:{self.console_port}"

    @property
    def link_url(self) -> str:
        """The address of the console to put into a message."""
        return self.public_url or self.console_url

    @property
    def models_dir(self) -> Path:
        """Where trained models are kept."""
        return self.state_dir / "models"

    @property
    def logs_dir(self) -> Path:
        """Where the parts write their logs."""
        return self.state_dir / "logs"

    @property
    def files_dir(self) -> Path:
        """Where the files that clients sent are kept."""
        return self.state_dir / "files"

    @property
    def dialogue_python(self) -> Path:
        """The interpreter of the dialogue environment."""
        return self.root / ".venv-dialogue" / "bin" / "python"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; the environment goes before `.env`. Raises SettingsError with one clear sentence."""
    real = dict(os.environ) if environment is None else dict(environment)
    written = {} if environment is not None else dotenv_values(ROOT / ".env")
    # An empty variable counts as none, and also takes away what `.env` says.
    values = {name: value for name, value in {**written, **real}.items() if value}
    state_dir = Path(values.get("FOOTHOLD_STATE_DIR") or ROOT / "var").expanduser().resolve()
    return Settings(
        state_dir=state_dir,
        database_url=values.get("FOOTHOLD_DATABASE_URL") or f"sqlite:///{state_dir / 'foothold.db'}",
        secret_key=values.get("FOOTHOLD_SECRET_KEY") or _kept_secret(state_dir),
        host=values.get("FOOTHOLD_HOST", "127.0.0.1"),
        console_port=_port(values, "FOOTHOLD_CONSOLE_PORT", 8080),
        dialogue_port=_port(values, "FOOTHOLD_DIALOGUE_PORT", 5005),
        actions_port=_port(values, "FOOTHOLD_ACTIONS_PORT", 5055),
        telegram_token=_token(values),
        telegram_api_url=_url(values, "TELEGRAM_API_URL", "https://api.telegram.org"),
        webhook=_webhook(values),
        log_format=_choice(values, "FOOTHOLD_LOG", "text", ("text", "json")),
        adzuna_id=values.get("ADZUNA_APP_ID"),
        adzuna_key=values.get("ADZUNA_APP_KEY"),
        encoder_path=values.get("FOOTHOLD_ENCODER"),
        trusted_proxy=_address(values, "FOOTHOLD_TRUSTED_PROXY"),
        retention_days=_days(values, "FOOTHOLD_RETENTION_DAYS", 90),
        mail=_mail(values),
        public_url=_url(values, "FOOTHOLD_CONSOLE_URL", "") if "FOOTHOLD_CONSOLE_URL" in values else None,
    )


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a part that we start: this process's own, with `extra` on top."""
    return {**os.environ, **extra}


def dialogue_environment(settings: Settings) -> dict[str, str]:
    """Return the environment for a process of the dialogue environment, without what it has no business with.

    The environment of a process can be read by its own user only; a command line can be read by everybody.
    """
    others = ("TELEGRAM_", "ADZUNA_", "FOOTHOLD_DATABASE_URL", "FOOTHOLD_SMTP_URL")
    own = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    own |= {
        "FOOTHOLD_SECRET_KEY": settings.secret_key,
        "PYTHONPATH": str(settings.root),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    if settings.encoder_path:
        own["FOOTHOLD_ENCODER"] = settings.encoder_path
    return own


def make_state_dir(state_dir: Path) -> None:
    """Make the state folder, which nobody else on this machine may open; raises SettingsError."""
    try:
        # One that is there already keeps its mode: it may be a folder that others have to pass through.
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"Cannot write to {state_dir}: set FOOTHOLD_STATE_DIR to a folder you own."
        ) from error


def keep_files_private() -> None:
    """Make files from now on readable by this user only: databases, models and logs hold clients' words."""
    os.umask(0o077)


def _kept_secret(state_dir: Path) -> str:
    path = state_dir / "secret_key"
    make_state_dir(state_dir)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass  # It is there, or another process is faster: its key is the key.
    except OSError as error:
        raise SettingsError(
            f"Cannot write to {state_dir}: set FOOTHOLD_STATE_DIR to a folder you own."
        ) from error
    return _read_secret(path)


def _read_secret(path: Path) -> str:
    deadline = time.monotonic() + SECRET_SECONDS
    while True:
        try:
            secret = path.read_text().strip()
        except (OSError, ValueError) as error:
            raise SettingsError(f"Cannot read {path}: make it readable for this user.") from error
        if secret:
            return secret
        if time.monotonic() > deadline:
            raise SettingsError(f"{path} is empty: put the key back, or delete the file to get a new key.")
        time.sleep(0.05)  # Bounded by the deadline above: whoever made the file is about to write.


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 5) or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} is {text!r}: give a port number from 1 to 65535.")
    return int(text)


def _days(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 4) or not 0 < int(text) <= 3650:
        raise SettingsError(f"{name} is {text!r}: give a number of days from 1 to 3650.")
    return int(text)


def _choice(values: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    text = values.get(name, default)
    if text not in choices:
        raise SettingsError(f"{name} is {text!r}: give one of {', '.join(choices)}.")
    return text


def _url(values: Mapping[str, str], name: str, default: str) -> str:
    text = values.get(name, default).rstrip("/")
    if not text.startswith(("http://", "https://")):
        raise SettingsError(f"{name} is {text!r}: give an address that begins with http:// or https://.")
    return text


def _address(values: Mapping[str, str], name: str) -> str | None:
    text = values.get(name)
    if text is None:
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}: give the one IP address of the proxy.") from error


def _token(values: Mapping[str, str]) -> str | None:
    if "TELEGRAM_BOT_TOKEN" not in values:
        return None
    # Secrets that are kept in files often end with a new line.
    token = values["TELEGRAM_BOT_TOKEN"].strip()
    if _TOKEN.fullmatch(token) is None:
        # The value itself is a secret and stays out of the message.
        raise SettingsError("TELEGRAM_BOT_TOKEN is not a bot token: copy the whole of it from BotFather.")
    return token


def _webhook(values: Mapping[str, str]) -> Webhook | None:
    if "TELEGRAM_WEBHOOK_URL" not in values:
        return None
    secret = values.get("TELEGRAM_WEBHOOK_SECRET", "")
    allowed = secret.replace("_", "").replace("-", "")
    if not (1 <= len(secret) <= 256 and allowed.isalnum() and allowed.isascii()):
        raise SettingsError(
            "TELEGRAM_WEBHOOK_SECRET is needed with a webhook: give 1 to 256 letters, digits, _ or -."
        )
    return Webhook(
        _url(values, "TELEGRAM_WEBHOOK_URL", ""), secret, _port(values, "TELEGRAM_WEBHOOK_PORT", 8443)
    )


def _mail(values: Mapping[str, str]) -> MailServer | None:
    url, sender = values.get("FOOTHOLD_SMTP_URL"), values.get("FOOTHOLD_MAIL_FROM")
    if url is None and sender is None:
        return None
    if url is None or sender is None:
        missing = "FOOTHOLD_SMTP_URL" if url is None else "FOOTHOLD_MAIL_FROM"
        raise SettingsError(f"{missing} is missing: mail needs FOOTHOLD_SMTP_URL and FOOTHOLD_MAIL_FROM.")
    if _MAIL_ADDRESS.fullmatch(sender) is None:
        raise SettingsError(
            f"FOOTHOLD_MAIL_FROM is {sender!r}: give one address, such as foothold@example.org."
        )
    return _mail_server(url, sender)


def _mail_server(url: str, sender: str) -> MailServer:
    # The value may hold a password and stays out of every message.
    wrong = SettingsError(
        "FOOTHOLD_SMTP_URL is no mail server: give smtp://user:password@host:587?tls=starttls (or tls, none)."
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    asked = "tls" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", ["starttls"])[-1]
    tls = _TLS.get(asked)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or tls is None:
        raise wrong
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if tls == "none" and user is not None and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise SettingsError(
            "FOOTHOLD_SMTP_URL would send a password unprotected: use ?tls=starttls or ?tls=tls."
        )
    default = {"starttls": 587, "tls": 465, "none": 25}[tls]
    return MailServer(parts.hostname, port or default, user, password, tls, sender)
