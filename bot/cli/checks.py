"""What `foothold doctor` looks at: each check says what it found and, when that is not well, one cure."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from bot.app import bot_state, check_actions, check_dialogue, model_fault
from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.facts import database_facts
from bot.caseload.migrations.migrate import is_newest
from bot.caseload.store import Caseload
from bot.safety.content import ContentMistake, SafetyContent
from bot.safety.trained import TrainedDetector, TrainedModelMissing
from bot.settings import Settings
from bot.tuning.models import Models, NoSuchModel
from integrations.telegram.types import BotState, TelegramError, TokenRefused

START = "Start it with `foothold run`; if it runs, read its log."
FREE_BYTES = 1_000_000_000
WAITS_LONG = timedelta(minutes=1)
WAITS_TOO_LONG = timedelta(minutes=5)
#: Calls between the parts are refused beyond a minute, and Telegram's times would look wrong.
SKEW_SECONDS = 30
PENDING_MANY = 50
#: Who can be told that a client may be in danger.
ALERTED = ("consultant", "lead", "manager", "duty")
DEAD_ALERTS_SHOWN = timedelta(days=7)
#: Nobody has even tried to send an alert for so long: no gateway runs, or none has its line.
ALERT_WAITS = timedelta(minutes=2)
ZONES = ("Europe/London", "Pacific/Auckland", "Europe/Dublin", "Australia/Sydney")

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What one check found. `cure` is empty when all is well."""

    name: str
    status: Status
    detail: str
    cure: str = ""


Check = Callable[[], list[Finding]]


def all_checks(config: Settings, caseload: Caseload) -> Mapping[str, Check]:
    """Return the checks by name; each may be run in a thread of its own."""
    return {
        "python": lambda: [_python(config)],
        "dialogue environment": lambda: [_dialogue_environment(config)],
        "state folder": lambda: [_state_folder(config)],
        "disk": lambda: [_disk(config)],
        "database": lambda: _database(config, caseload),
        "model": lambda: [_model(config)],
        "dialogue": lambda: [_part("dialogue", config.dialogue_url, check_dialogue(config))],
        "actions": lambda: [_part("actions", config.actions_url, check_actions(config))],
        "console": lambda: [_part("console", config.console_url, _console_answers(config))],
        "telegram": lambda: _telegram(config, caseload),
        "safety content": lambda: _safety_content(caseload),
        "safety model": lambda: [_safety_model()],
    }


def _python(config: Settings) -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    stamp = config.root / ".venv" / "lock.sha256"
    lock = config.root / "requirements.lock"
    if stamp.is_file() and lock.is_file() and stamp.read_text().strip() != _sha256(lock.read_bytes()):
        return Finding(
            "python", "warn", f"Python {found}, packages of an older lock file", "Run `make setup`."
        )
    return Finding("python", "ok", f"Python {found}")


def _dialogue_environment(config: Settings) -> Finding:
    name = "dialogue environment"
    code = (
        "import sys; from importlib.metadata import version; print(sys.version.split()[0], version('rasa'))"
    )
    try:
        answer = subprocess.run(  # noqa: S603 (our own interpreter, no shell)
            [str(config.dialogue_python), "-c", code], capture_output=True, text=True, timeout=4, check=True
        ).stdout.split()
        return Finding(name, "ok", f"Python {answer[0]}, Rasa {answer[1]}")
    except (OSError, subprocess.SubprocessError, IndexError):
        return Finding(name, "fail", "not installed, or broken", "Run `make setup`.")


def _state_folder(config: Settings) -> Finding:
    name, probe = "state folder", config.state_dir / ".doctor"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        cure = "Set FOOTHOLD_STATE_DIR to a folder that this user owns."
        return Finding(name, "fail", f"{config.state_dir}: {error.strerror}", cure)
    secret = config.state_dir / "secret_key"
    if secret.is_file() and secret.stat().st_mode & 0o077:
        return Finding(name, "warn", "others can read the secret key", f"Run: chmod 600 {secret}")
    return Finding(name, "ok", str(config.state_dir))


def _disk(config: Settings) -> Finding:
    free = shutil.disk_usage(config.state_dir).free
    detail = f"{free / 1e9:.1f} GB free"
    if free < FREE_BYTES:
        return Finding("disk", "fail", detail, f"Make room on the disk of {config.state_dir}: 1 GB or more.")
    return Finding("disk", "ok", detail)


def _database(config: Settings, caseload: Caseload) -> list[Finding]:
    try:
        facts = database_facts(caseload.engine)
        newest = is_newest(caseload.engine)
    except CaseloadUnavailable:
        cure = "Check FOOTHOLD_DATABASE_URL, and that the database server runs."
        return [Finding("database", "fail", "does not answer", cure)]
    detail = f"{facts.kind} {facts.version}"
    if not newest:
        return [
            Finding("database", "ok", detail),
            Finding("schema", "fail", "older than this version, or none", "Run `foothold migrate`."),
        ]
    findings = [Finding("database", "ok", detail), Finding("schema", "ok", "newest")]
    if not facts.writable:
        findings[0] = Finding(
            "database", "fail", f"{detail}, cannot be written", "Give this user the file and its folder."
        )
    elif facts.journal not in {None, "wal"}:
        cure = "Put the database on a local disk: network folders cannot keep a write-ahead log."
        findings[0] = Finding("database", "warn", f"{detail}, no write-ahead log", cure)
    return findings + _queues(caseload) + _alerts(config, caseload)


def _queues(caseload: Caseload) -> list[Finding]:
    with caseload.reading() as case:
        now = case.clock.now()
        waiting = [case.inbox.waiting(), case.outbox.waiting()]
        dead = len(case.inbox.dead()) + len(case.outbox.dead())
    count = sum(number for number, _ in waiting)
    age = max((_age(since, now) for _, since in waiting), default=timedelta())
    detail = f"{count} waiting" + (f", the oldest for {int(age.total_seconds())} s" if count else "")
    if age > WAITS_TOO_LONG:
        cure = "See which part does not answer above, and start it."
        queue = Finding("messages", "fail", detail, cure)
    elif age > WAITS_LONG:
        queue = Finding("messages", "warn", detail, "Look again in a minute.")
    else:
        queue = Finding("messages", "ok", detail)
    if dead:
        cure = "`foothold dead-letters` lists them; tell the consultants of these clients."
        return [queue, Finding("dead letters", "warn", f"{dead} could not be handled", cure)]
    return [queue, Finding("dead letters", "ok", "none")]


def _alerts(config: Settings, caseload: Caseload) -> list[Finding]:
    """Look whether somebody is told, day and night, when a client may be in danger."""
    with caseload.reading() as case:
        services = [(one.name, case.staff.with_role(one, *ALERTED)) for one in case.services.all()]
        dead = case.alerts.count_dead_since(case.clock.now() - DEAD_ALERTS_SHOWN)
        stuck = case.alerts.count_stuck()
        untried = case.alerts.count_waiting_since(case.clock.now() - ALERT_WAITS)
    alone = [name for name, staff in services if not staff]
    deaf = [
        name
        for name, staff in services
        if staff and config.mail is None and not any(one.alert_chat_id for one in staff)
    ]
    if alone:
        cure = "Give the service a consultant, a lead or somebody on duty."
        found = [Finding("alerts", "warn", f"nobody to alert in {', '.join(alone)}", cure)]
    elif deaf:
        detail = f"only the console alerts anybody in {', '.join(deaf)}"
        cure = "Set FOOTHOLD_SMTP_URL, or let staff link their Telegram on the console's page Alerts."
        found = [Finding("alerts", "warn", detail, cure)]
    elif config.public_url is None and services:
        detail = "the link in an alert opens on this machine only"
        found = [Finding("alerts", "warn", detail, "Set FOOTHOLD_CONSOLE_URL to the console's address.")]
    else:
        found = [
            Finding("alerts", "ok", "somebody is told in every service" if services else "no service yet")
        ]
    if stuck or untried:
        detail = f"{stuck + untried} about clients who may be in danger do not leave this machine"
        cure = "Phone your staff. Start the gateway; check TELEGRAM_BOT_TOKEN and FOOTHOLD_SMTP_URL."
        found.append(Finding("stuck alerts", "fail", detail, cure))
    if dead:
        detail = f"{dead} did not arrive in {DEAD_ALERTS_SHOWN.days} days"
        cure = "Read the gateway's log for why; check FOOTHOLD_SMTP_URL, and who has blocked the bot."
        found.append(Finding("dead alerts", "warn", detail, cure))
    return found


def _model(config: Settings) -> Finding:
    try:
        model = Models(config.models_dir).live()
    except NoSuchModel:
        return Finding("model", "fail", "no model is live", "Run `foothold train`.")
    fault = model_fault(config, model.path)
    if fault:
        return Finding("model", "fail", fault, "Run `foothold rollback`, or `foothold train --promote`.")
    return Finding("model", "ok", f"{model.id}, signed by this install")


def _part(name: str, url: str, answers: bool) -> Finding:
    if answers:
        return Finding(name, "ok", f"answers on {url}")
    return Finding(name, "fail", f"does not answer on {url}", START)


def _console_answers(config: Settings) -> bool:
    try:
        answer = httpx.get(f"{config.console_url}/healthz", timeout=3, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


def _telegram(config: Settings, caseload: Caseload) -> list[Finding]:
    if config.telegram_token is None:
        detail = "no token: Telegram is off"
        return [Finding("telegram", "ok", detail), _clock(caseload, None)]
    try:
        state = bot_state(config)
    except TokenRefused:
        cure = "Copy the token from BotFather into TELEGRAM_BOT_TOKEN."
        return [Finding("telegram", "fail", "the token was refused", cure), _clock(caseload, None)]
    except TelegramError:
        cure = f"Check that this machine reaches {config.telegram_api_url}."
        return [Finding("telegram", "fail", "does not answer", cure), _clock(caseload, None)]
    return [_bot(config, state), _clock(caseload, state.clock_skew_seconds)]


def _bot(config: Settings, state: BotState) -> Finding:
    name = f"@{state.username}"
    if config.webhook is None and state.webhook_url:
        cure = "Start the gateway, which removes it; if it comes back, another program has this token."
        return Finding("telegram", "fail", f"{name} has a webhook, and none is configured here", cure)
    if config.webhook is not None and state.webhook_url != config.webhook.url:
        cure = "Start the gateway, which sets it; if it changes again, another program has this token."
        return Finding("telegram", "fail", f"{name} has another webhook than TELEGRAM_WEBHOOK_URL", cure)
    if config.webhook is not None and state.last_error:
        cure = "Check that TELEGRAM_WEBHOOK_URL reaches the gateway's port from outside."
        return Finding("telegram", "warn", f"{name}: Telegram last said {state.last_error!r}", cure)
    if state.pending > PENDING_MANY:
        cure = "See that the gateway runs, and in its log that no other program reads this bot's messages."
        return Finding("telegram", "warn", f"{name}: {state.pending} messages wait at Telegram", cure)
    return Finding("telegram", "ok", f"{name}, {state.pending} waiting at Telegram")


def _clock(caseload: Caseload, skew: float | None) -> Finding:
    missing = [zone for zone in ZONES if not _is_zone(zone)]
    if missing:
        return Finding("clock", "fail", f"no data of the time zone {missing[0]}", "Run `make setup`.")
    now = caseload.clock.now()
    if now.year < 2026 or (skew is not None and abs(skew) > SKEW_SECONDS):
        detail = f"wrong by {skew:.0f} s" if skew is not None else f"says it is {now:%d %B %Y}"
        return Finding(
            "clock", "fail", detail, "Set the machine's clock, best by NTP (timedatectl set-ntp true)."
        )
    compared = "agrees with Telegram's" if skew is not None else "not compared: needs a token"
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC, {compared}")


def _safety_content(caseload: Caseload) -> list[Finding]:
    try:
        content = SafetyContent.load()
    except ContentMistake as error:
        cure = "Put bot/safety/content back as it was released."
        return [Finding(name, "fail", str(error), cure) for name in ("safety numbers", "safety texts")]
    today = caseload.clock.now().date()
    numbers = [(f"{one.number} ({one.region})", one.owner) for one in content.stale(today)]
    texts = [(one.file, one.owner) for one in content.stale_texts(today)]
    return [
        _checked_lately("safety numbers", numbers, "Dial each"),
        _checked_lately("safety texts", texts, "Let the owner read each file"),
    ]


def _checked_lately(name: str, stale: list[tuple[str, str]], what_to_do: str) -> Finding:
    if not stale:
        return Finding(name, "ok", "all checked within 180 days")
    owners = dict.fromkeys(owner for _, owner in stale)
    listed = [f"{', '.join(what for what, by in stale if by == owner)}; owner: {owner}" for owner in owners]
    cure = f"{what_to_do}, then set last_checked in bot/safety/content."
    return Finding(name, "warn", f"not checked within 180 days: {'. '.join(listed)}", cure)


def _safety_model() -> Finding:
    name = "safety model"
    try:
        TrainedDetector.load()
    except TrainedModelMissing as error:
        return Finding(name, "fail", str(error), "Run `make setup`; until then only the phrase rules watch.")
    return Finding(name, "ok", "reads beside the phrase rules")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        return False
    return True


def _age(since: datetime | None, now: datetime) -> timedelta:
    return max(now - since, timedelta()) if since else timedelta()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
