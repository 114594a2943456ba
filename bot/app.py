"""Puts the parts together: the one place where our side meets the integrations."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.caseload.files import FileStore
from bot.caseload.store import Caseload
from bot.clock import Clock, SystemClock
from bot.conversation.alerting import AlertSender
from bot.conversation.alive import announce
from bot.conversation.danger import Danger
from bot.conversation.escalation import Escalation
from bot.conversation.fetcher import FileFetcher
from bot.conversation.gate import Gate
from bot.conversation.gateway import Gateway
from bot.conversation.ingest import Ingest
from bot.conversation.phone import DEMO_BOT, Phone, parse_demo
from bot.conversation.sender import Delivery, DemoDelivery, Sender
from bot.conversation.staff_relay import StaffRelay
from bot.conversation.timers import TimerRunner
from bot.conversation.turns import Turns
from bot.conversation.wording import Wording
from bot.demo.people import DEMO_PASSWORD
from bot.safety.content import SafetyContent
from bot.safety.screen import Screen
from bot.settings import Settings, make_state_dir
from integrations.job_boards.adzuna import AdzunaBoard
from integrations.job_boards.sample import SampleBoard
from integrations.mail.smtp import SmtpMailer
from integrations.rasa import signing
from integrations.rasa.client import DialogueClient, check
from integrations.rasa.inside.manifest import ModelRefused, verify_manifest
from integrations.rasa.types import DialogueUnavailable
from integrations.telegram.channel import TelegramChannel
from integrations.telegram.checkup import look_at_bot
from integrations.telegram.parsing import parse
from integrations.telegram.types import BotState, TelegramError
from integrations.telegram.webhook import WebhookServer


def build_caseload(settings: Settings, clock: Clock | None = None) -> Caseload:
    """Return the caseload of this install; opens nothing yet."""
    make_state_dir(settings.state_dir)
    return Caseload(settings.database_url, clock)


def build_files(settings: Settings) -> FileStore:
    """Return the folder with the files that clients sent."""
    return FileStore(settings.files_dir)


def load_words(settings: Settings) -> Wording:
    """Read the gateway's sentences."""
    return Wording.load(settings.root / "domain.yml")


def build_danger(settings: Settings) -> Danger:
    """Return the safety screen, with whom it alerts."""
    return Danger(Screen.load(), SafetyContent.load(), _escalation(settings))


def build_phone(settings: Settings, caseload: Caseload) -> Phone:
    """Return the demo's phones."""
    return Phone(caseload, Ingest(caseload, build_danger(settings), load_words(settings)))


def build_gateway(settings: Settings, caseload: Caseload) -> Gateway:
    """Return the gateway, with Telegram when there is a token."""
    words = load_words(settings)
    danger = build_danger(settings)
    presence = announce(settings.state_dir / "workers")
    channel = (
        TelegramChannel(settings.telegram_token, settings.telegram_api_url)
        if settings.telegram_token
        else None
    )
    deliveries: dict[str, Delivery] = {DEMO_BOT: DemoDelivery()}
    if channel is not None:
        deliveries[channel.bot_id] = channel
    dialogue = DialogueClient(settings.dialogue_url, settings.secret_key)

    async def leave_chat(_bot_id: str, chat_id: str) -> None:
        if channel is not None:
            with contextlib.suppress(TelegramError):  # We say nothing there, whether or not we could leave.
                await channel.leave(chat_id)

    return Gateway(
        caseload,
        Ingest(caseload, danger, words),
        Turns(
            caseload,
            Gate(words, danger, settings.link_url),
            dialogue,
            words,
            {"telegram": parse, "demo": parse_demo},
            leave_chat,
            presence.name,
            presence.dead,
        ),
        Sender(caseload, deliveries, presence.name, presence.dead, danger.made_anew),
        TimerRunner(caseload, words, _escalation(settings)),
        alerts=AlertSender(
            caseload,
            deliveries,
            SmtpMailer(settings.mail).send if settings.mail else None,
            settings.link_url,
            presence.name,
            presence.dead,
        ),
        fetcher=FileFetcher(
            caseload, build_files(settings), {channel.bot_id: channel} if channel is not None else {}
        ),
        staff=StaffRelay(caseload),
        channel=channel,
        parse=parse,
        listen=_webhook(settings, channel) if channel is not None and settings.webhook else None,
    )


async def run_gateway(settings: Settings) -> None:
    """Be the gateway until told to stop; what is in hand is finished first."""
    caseload = build_caseload(settings)
    gateway = asyncio.create_task(build_gateway(settings, caseload).run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, gateway.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await gateway


def run_actions(settings: Settings) -> None:
    """Be the action server until told to stop."""
    # Here and not above: only this part needs the SDK.
    from actions.base import Services, read_responses
    from actions.server import serve, silence_version_warning

    silence_version_warning()
    clock = SystemClock()
    caseload = Caseload(settings.database_url, clock)
    services = Services(
        caseload=caseload,
        clock=clock,
        boards=build_boards(settings),
        responses=read_responses(settings.root / "domain.yml"),
    )
    serve(services, signing.derive(settings.secret_key, signing.ACTIONS), settings.actions_port)


def run_console(settings: Settings, *, demo: bool) -> None:
    """Be the console until told to stop."""
    # Here and not above: only this part needs Flask.
    from bot.console.app import create_console
    from bot.console.config import ConsoleConfig
    from bot.console.server import serve

    caseload = build_caseload(settings)
    config = ConsoleConfig(
        secret_key=signing.derive(settings.secret_key, "console"),
        demo=demo,
        demo_password=DEMO_PASSWORD,
        bot_username=asyncio.run(telegram_username(settings)),
        checks={
            "dialogue": lambda: check_dialogue(settings),
            "actions": lambda: check_actions(settings),
        },
        trusted_proxy=settings.trusted_proxy,
        sends_mail=settings.mail is not None,
        files=build_files(settings),
        retention_days=settings.retention_days,
    )
    phone = build_phone(settings, caseload) if demo else None
    serve(create_console(caseload, load_words(settings), config, phone), settings.host, settings.console_port)


def _escalation(settings: Settings) -> Escalation:
    return Escalation(by_mail=settings.mail is not None)


def check_dialogue(settings: Settings) -> bool:
    """Return whether the dialogue server answers."""
    try:
        check(settings.dialogue_url)
    except DialogueUnavailable:
        return False
    return True


def check_actions(settings: Settings) -> bool:
    """Return whether the action server answers to our key."""
    key = signing.derive(settings.secret_key, signing.ACTIONS)
    try:
        answer = httpx.get(
            f"{settings.actions_url}/health", headers={"X-Foothold-Key": key}, timeout=3, trust_env=False
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def model_fault(settings: Settings, model: Path) -> str | None:
    """Return why the dialogue server would refuse a model; None when it would load it."""
    try:
        verify_manifest(model, settings.secret_key)
    except ModelRefused as error:
        return str(error)
    return None


def bot_state(settings: Settings) -> BotState:
    """Return the bot as Telegram sees it; raises TelegramError. Needs a token."""
    if settings.telegram_token is None:
        raise ValueError("there is no bot token")
    return look_at_bot(settings.telegram_token, settings.telegram_api_url)


async def telegram_username(settings: Settings) -> str | None:
    """Ask Telegram for the bot's name, for invite links; None without a token or an answer."""
    if settings.telegram_token is None:
        return None
    channel = TelegramChannel(settings.telegram_token, settings.telegram_api_url)
    try:
        await channel.open()
        return channel.username
    except TelegramError:
        return None
    finally:
        await channel.close()


def build_boards(settings: Settings) -> Mapping[str, Any]:
    """Return the job boards: the real one when it has keys, else the sample board."""
    if settings.adzuna_id and settings.adzuna_key:
        return {"adzuna": AdzunaBoard(settings.adzuna_id, settings.adzuna_key)}
    return {"sample": SampleBoard.load()}


def _webhook(
    settings: Settings, channel: TelegramChannel
) -> Callable[[Callable[[str], Awaitable[None]]], Awaitable[None]]:
    webhook = settings.webhook
    if webhook is None:
        raise ValueError("no webhook is configured")

    async def listen(store: Callable[[str], Awaitable[None]]) -> None:
        server = WebhookServer(
            settings.host, webhook.port, urlsplit(webhook.url).path or "/", webhook.secret, store
        )
        await server.start()
        try:
            # Listening first: Telegram may deliver in the moment it is told where.
            await channel.set_webhook(webhook.url, webhook.secret)
            await asyncio.Event().wait()
        finally:
            await server.stop()

    return listen
