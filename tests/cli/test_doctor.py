"""`foothold doctor` tells the operator what is not well and how to put it right, even when all is down."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.caseload.store import Caseload
from bot.cli.checks import Finding, all_checks
from bot.cli.doctor import CHECK_SECONDS
from bot.clock import FixedClock
from bot.conversation.escalation import Escalation
from bot.safety.trained import TrainedDetector, TrainedModelMissing
from bot.settings import load_settings
from integrations.rasa.inside.manifest import write_manifest
from tests.cli.conftest import Install, Said
from tests.people import Person
from tests.telegram_server.server import TOKEN, TelegramServer


def checks(said: Said) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(said.out)["checks"]}


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    server = TelegramServer().start()
    yield server
    server.stop()


def with_token(telegram: TelegramServer, token: str = TOKEN) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": token,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{telegram.port}",
    }


def test_a_fresh_install_is_told_what_to_do_first(install: Install) -> None:
    said = install.run("doctor", "--json")
    assert said.code == 1
    assert json.loads(said.out)["ok"] is False
    found = checks(said)
    assert found["schema"]["cure"] == "Run `foothold migrate`."
    assert found["model"]["cure"] == "Run `foothold train`."
    assert {name for name, check in found.items() if check["status"] == "fail"} >= {
        "schema", "model", "dialogue", "actions", "console",
    }  # fmt: skip
    assert said.err == ""


def test_whatever_is_not_well_has_a_cure(install: Install) -> None:
    found = checks(install.run("doctor", "--json"))
    assert [
        check["name"] for check in found.values() if bool(check["cure"]) == (check["status"] == "ok")
    ] == []


def test_people_can_read_it(install: Install) -> None:
    said = install.run("doctor")
    assert said.code == 1
    assert "cure: Run `foothold migrate`." in said.out


def test_a_database_is_found(install: Install, caseload: Caseload) -> None:
    found = checks(install.run("doctor", "--json"))
    assert found["database"]["status"] == found["schema"]["status"] == found["messages"]["status"] == "ok"


def test_a_message_that_waits_too_long_fails(
    install: Install, caseload: Caseload, clock: FixedClock, sam: Person
) -> None:
    clock.set(datetime.now(UTC) - timedelta(minutes=10))
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        case.inbox.receive(
            bot_id="demo", update_id=1, chat_id="sam", kind="text", payload="{}", conversation=conversation
        )
    found = checks(install.run("doctor", "--json"))["messages"]
    assert found["status"] == "fail"
    assert "1 waiting" in found["detail"]


def test_dead_letters_are_a_warning(install: Install, caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        item = case.inbox.receive(
            bot_id="demo", update_id=1, chat_id="sam", kind="text", payload="{}", conversation=conversation
        )
        assert item is not None
        case.inbox.finish(item, "dead", "a fault")
    assert checks(install.run("doctor", "--json"))["dead letters"]["status"] == "warn"


def test_a_wrong_setting_is_a_finding(install: Install) -> None:
    said = install.run("doctor", "--json", FOOTHOLD_CONSOLE_PORT="many")
    assert said.code == 1
    assert "FOOTHOLD_CONSOLE_PORT" in checks(said)["settings"]["detail"]


def test_a_server_that_never_answers_does_not_hold_it_up(install: Install) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        started = time.monotonic()
        said = install.run(
            "doctor", "--json",
            FOOTHOLD_CONSOLE_PORT=str(port),
            FOOTHOLD_DATABASE_URL=f"postgresql+psycopg://nobody@127.0.0.1:{port}/foothold",
        )  # fmt: skip
        took = time.monotonic() - started
    found = checks(said)
    assert found["database"]["status"] == found["console"]["status"] == "fail"
    # The rest is starting Python on a busy machine.
    assert took < CHECK_SECONDS + 25


def test_a_token_is_asked_about_without_fetching_messages(install: Install, telegram: TelegramServer) -> None:
    phone = telegram.client("Sam")
    phone.says("hello")
    found = checks(install.run("doctor", "--json", **with_token(telegram)))
    assert found["telegram"]["status"] == "ok"
    assert "1 waiting at Telegram" in found["telegram"]["detail"]
    assert found["clock"]["detail"].endswith("agrees with Telegram's")


def test_a_refused_token_fails_and_is_not_printed(install: Install, telegram: TelegramServer) -> None:
    token = "7000000002:AAF_some-other-token-that-is-not-known"
    said = install.run("doctor", "--json", **with_token(telegram, token))
    assert checks(said)["telegram"]["detail"] == "the token was refused"
    assert "AAF_some" not in said.out + said.err


def test_telegram_out_of_reach_fails_and_prints_no_token(install: Install, telegram: TelegramServer) -> None:
    telegram.stop()
    said = install.run("doctor", "--json", **with_token(telegram))
    assert checks(said)["telegram"]["detail"] == "does not answer"
    assert TOKEN.partition(":")[2] not in said.out + said.err


def test_another_webhook_is_a_failure(install: Install, telegram: TelegramServer) -> None:
    said = install.run(
        "doctor", "--json", **with_token(telegram),
        TELEGRAM_WEBHOOK_URL="https://bot.example/hook", TELEGRAM_WEBHOOK_SECRET="secret",
    )  # fmt: skip
    found = checks(said)["telegram"]
    assert (found["status"], "TELEGRAM_WEBHOOK_URL" in found["detail"]) == ("fail", True)


def keeps_model(install: Install, secret: str) -> None:
    """Put a model into the install, live, with a manifest that this secret signed."""
    folder = install.state_dir / "models"
    folder.mkdir(parents=True)
    model = folder / "m1.tar.gz"
    model.write_bytes(b"weights")
    write_manifest(model, secret, {"trained_at": "2026-11-25T10:00:00+00:00", "seconds": 30})
    (folder / "live").write_text("m1")


def test_a_model_of_this_install_is_well(install: Install) -> None:
    keeps_model(install, "our-secret")
    found = checks(install.run("doctor", "--json", FOOTHOLD_SECRET_KEY="our-secret"))
    assert found["model"]["status"] == "ok"


@pytest.mark.parametrize("fault", ["of another install", "changed afterwards"])
def test_a_model_that_would_not_be_loaded_fails(install: Install, fault: str) -> None:
    keeps_model(install, "our-secret" if fault == "changed afterwards" else "their-secret")
    if fault == "changed afterwards":
        (install.state_dir / "models" / "m1.tar.gz").write_bytes(b"other weights")
    found = checks(install.run("doctor", "--json", FOOTHOLD_SECRET_KEY="our-secret"))
    assert found["model"]["status"] == "fail"


MAIL = {"FOOTHOLD_SMTP_URL": "smtp://localhost:2525?tls=none", "FOOTHOLD_MAIL_FROM": "foothold@example.org"}


def test_a_service_where_only_the_console_alerts_anybody_is_named(install: Install, sam: Person) -> None:
    found = checks(install.run("doctor", "--json"))["alerts"]
    assert (found["status"], found["detail"]) == ("warn", "only the console alerts anybody in Northside")


def test_with_mail_and_the_consoles_address_alerts_are_well(install: Install, sam: Person) -> None:
    found = checks(install.run("doctor", "--json", **MAIL, FOOTHOLD_CONSOLE_URL="https://foothold.example"))
    assert found["alerts"]["status"] == "ok"


def test_a_service_with_nobody_to_alert_is_named(install: Install, caseload: Caseload) -> None:
    with caseload.transaction() as case:
        case.services.add(
            ref="x", name="Lonely Hill", region="england", timezone="Europe/London", phone=None, hours={}
        )
    found = checks(install.run("doctor", "--json", **MAIL))["alerts"]
    assert (found["status"], found["detail"]) == ("warn", "nobody to alert in Lonely Hill")


def test_an_alert_that_did_not_arrive_is_told(install: Install, caseload: Caseload, sam: Person) -> None:
    caseload.clock.set(datetime.now(UTC) - timedelta(hours=1))  # type: ignore[attr-defined]
    with caseload.transaction() as case:
        handoff = case.handoffs.open(case.clients.find(sam.id), "", "safety", urgency="now").handoff
        Escalation(by_mail=True).start(case, handoff)
        case.alerts.give_up(case.alerts.claim("worker", "email", 9)[0], "refused")
    found = checks(install.run("doctor", "--json", **MAIL))["dead alerts"]
    assert (found["status"], found["detail"]) == ("warn", "1 did not arrive in 7 days")


def of_safety(caseload: Caseload, check: str) -> dict[str, Finding]:
    return {found.name: found for found in all_checks(load_settings(), caseload)[check]()}


def test_numbers_and_texts_that_nobody_has_checked_are_listed_with_their_owner(caseload: Caseload) -> None:
    found = of_safety(caseload, "safety content")
    numbers, texts = found["safety numbers"], found["safety texts"]
    assert (numbers.status, texts.status) == ("warn", "warn")
    assert numbers.detail.startswith("not checked within 180 days: 0300 123 6600 (england), ")
    assert numbers.detail.endswith("; owner: clinical safety officer")
    assert "shared.yml" in texts.detail
    assert texts.detail.endswith("owner: clinical safety officer")
    assert texts.cure == "Let the owner read each file, then set last_checked in bot/safety/content."


def test_after_180_days_every_number_is_listed(caseload: Caseload) -> None:
    caseload.clock.set(datetime(2027, 6, 1, tzinfo=UTC))  # type: ignore[attr-defined]
    detail = of_safety(caseload, "safety content")["safety numbers"].detail
    assert "999 (england)" in detail
    assert "111 (new_zealand)" in detail


def test_a_safety_model_that_can_be_read_is_well(caseload: Caseload) -> None:
    found = of_safety(caseload, "safety model")["safety model"]
    assert (found.status, found.detail) == ("ok", "reads beside the phrase rules")


def test_a_missing_safety_model_fails_and_says_what_still_watches(
    caseload: Caseload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: type[TrainedDetector]) -> TrainedDetector:
        raise TrainedModelMissing("head.npz cannot be read: run `make train-safety`.")

    monkeypatch.setattr(TrainedDetector, "load", classmethod(missing))
    found = of_safety(caseload, "safety model")["safety model"]
    assert (found.status, found.detail) == ("fail", "head.npz cannot be read: run `make train-safety`.")
    assert found.cure == "Run `make setup`; until then only the phrase rules watch."
