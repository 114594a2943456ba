"""For machines: alive, ready, and how much waits."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask

from bot.caseload.store import Caseload
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.people import Person


def with_checks(caseload: Caseload, *, dialogue: bool, actions: bool) -> Flask:
    checks = {"dialogue": lambda: dialogue, "actions": lambda: actions}
    return create_console(caseload, Wording({}), ConsoleConfig(secret_key="x", checks=checks))


def test_everything_answers(caseload: Caseload) -> None:
    answer = with_checks(caseload, dialogue=True, actions=True).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"failing": []})


def test_a_part_that_does_not_answer_is_named(caseload: Caseload) -> None:
    answer = with_checks(caseload, dialogue=False, actions=True).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"failing": ["dialogue"]})


def test_a_part_that_hangs_holds_up_one_question_and_not_the_console(caseload: Caseload) -> None:
    asked, may_answer = threading.Semaphore(0), threading.Event()
    may_answer.set()

    def hangs() -> bool:
        asked.release()
        return may_answer.wait(20)

    app = create_console(caseload, Wording({}), ConsoleConfig(secret_key="x", checks={"dialogue": hangs}))
    assert app.test_client().get("/readyz").status_code == 200
    may_answer.clear()
    asked.acquire(timeout=10)
    first = threading.Thread(target=lambda: app.test_client().get("/readyz"))
    first.start()
    assert asked.acquire(timeout=10)
    # While that one waits, the others hear what was known last, at once.
    assert app.test_client().get("/readyz").json == {"failing": []}
    assert not asked.acquire(blocking=False)
    may_answer.set()
    first.join(timeout=20)


def test_without_a_database_the_process_is_alive_but_not_ready(tmp_path: Path) -> None:
    nowhere = Caseload(f"sqlite:///{tmp_path}/no/such/folder/caseload.db")
    http = with_checks(nowhere, dialogue=True, actions=False).test_client()
    assert http.get("/healthz").status_code == 200
    assert http.get("/readyz").json == {"failing": ["database", "actions"]}
    assert http.get("/metrics").status_code == 503


def test_without_a_database_people_see_a_calm_page(tmp_path: Path) -> None:
    nowhere = Caseload(f"sqlite:///{tmp_path}/no/such/folder/caseload.db")
    http = with_checks(nowhere, dialogue=True, actions=True).test_client()
    with http.session_transaction(environ_overrides={"REMOTE_ADDR": "127.0.0.1"}) as session:
        session["_user_id"] = "somebody.1"
        session["signed_in_at"] = session["seen_at"] = nowhere.clock.now().timestamp()
    answer = http.get("/clients")
    assert answer.status_code == 503
    assert "The records cannot be reached just now" in answer.text


def test_metrics_count_what_waits_and_name_nobody(demo: Door, sam: Person) -> None:
    browser = demo.someone()
    browser.post("/phone/sam/send", {"text": "When do we meet?"})
    demo.clock.advance(seconds=90)
    text = browser.get("/metrics").text
    assert "foothold_inbox_waiting 1.0" in text
    assert "foothold_inbox_oldest_seconds 90.0" in text
    for name in ("foothold_outbox_waiting", "foothold_outbox_dead", "foothold_timers_waiting"):
        assert f"\n{name} " in text
    assert "Sam" not in text
    assert "meet" not in text
