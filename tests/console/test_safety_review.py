"""For leads and managers: did the safety check act rightly?"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.caseload.models.safety import Alert
from bot.safety.routes import Route
from bot.safety.screen import Screen
from tests.console.browsers import address, chromium, sign_in, tabs, window
from tests.console.conftest import ROOT, Browser, Door
from tests.console.test_hostile_text import HOSTILE, shown
from tests.people import Colleague, Person, hired

__all__ = ["address", "chromium", "tabs", "window"]

EXAMPLE = {"words": "dying to start", "answer": "quiet", "nobody": "y"}


def fires(person: Person, words: str = "i cant go on", route: str = "crisis", seq: int = 1) -> str:
    """Let the screen fire on a message of theirs, with reply and urgent handoff; return the event's id."""
    with person.caseload.transaction() as case:
        conversation = case.conversations.lock(person.conversation_id)
        case.transcript.add_from_client(
            conversation, words, kind="text", inbox_seq=seq, channel_message_id=None
        )
        client = case.clients.find(person.id)
        handoff = None if route == "soft" else case.handoffs.open(client, "", "safety", urgency="now").handoff
        sent = case.outbox.add(
            conversation, "I am worried about you.", origin="safety", dedup_key=f"in:{seq}:safety",
            inbox_seq=seq,
        )  # fmt: skip
        case.sending.sent(sent, seq)
        return case.safety_events.record(
            client=client, conversation_id=conversation.id, handoff_id=handoff.id if handoff else None,
            inbox_seq=seq, route=route, kind="suicidal" if handoff else "low_mood",
            detectors=("rules:cannot-go-on", "model"), content_version="shared:2026-11+england:2026-11",
        ).id  # fmt: skip


def nearly_fires(person: Person, words: str = "wont be needing my pass", seq: int = 2) -> int:
    """Let a message of theirs stay just under the line; return the near miss's id."""
    with person.caseload.transaction() as case:
        conversation = case.conversations.lock(person.conversation_id)
        case.transcript.add_from_client(
            conversation, words, kind="text", inbox_seq=seq, channel_message_id=None
        )
        near = case.safety_reviews.note_near_miss(
            case.clients.find(person.id), conversation.id, seq, "crisis", 0.47
        )
        assert near is not None
        return near.id


def finds(
    browser: Browser, event_id: str, verdict: str, done: str = "", note: str = "", seen: str = ""
) -> int:
    """Review a fire; return the status."""
    name = f"r{event_id}-"
    form = {"verdict": verdict, "what_was_done": done, "note": note, "seen": seen}
    return browser.post(
        f"/safety/fires/{event_id}", {name + key: value for key, value in form.items()}
    ).status_code


def finds_about(browser: Browser, near_miss_id: int, verdict: str, note: str = "") -> int:
    """Review a near miss; return the status."""
    name = f"r{near_miss_id}-"
    form = {f"{name}verdict": verdict, f"{name}note": note, f"{name}seen": ""}
    return browser.post(f"/safety/near-misses/{near_miss_id}", form).status_code


def wrongly_read(person: Person) -> tuple[str, int, int]:
    """Give a client a fire that was not needed, a near miss that was missed, and a kept example."""
    event_id, near_miss_id = fires(person, "so tired of it all lately", "soft"), nearly_fires(person)
    with person.caseload.transaction() as case:
        client = case.clients.find(person.id)
        assert client.consultant_id is not None
        # Her word is enough here: what the pages allow a reviewer is tested by its own.
        reviewer = case.staff.get(client.consultant_id)
        for one, verdict in (
            (case.safety_reviews.fire_for(reviewer, event_id), "not_needed"),
            (case.safety_reviews.near_miss_for(reviewer, near_miss_id), "missed"),
        ):
            case.safety_reviews.review(reviewer, one.item, verdict, note="a song")
        return event_id, near_miss_id, case.safety_examples.keep(reviewer, client, "dead tired", None).id


def plain(browser: Browser, path: str) -> str:
    return " ".join(browser.text(path).split())


def test_grace_sees_the_words_what_fired_and_what_was_shown(
    console: Door, grace: Colleague, sam: Person
) -> None:
    fires(sam)
    page = plain(console.as_(grace), "/safety")
    assert "Was each safety answer needed?" in page
    assert f'<a href="/clients/{sam.id}"><bdi>Sam Okoro</bdi></a>' in page
    assert "i cant go on" in page
    assert "Danger to oneself: suicidal thoughts, by phrases (cannot go on), trained model" in page
    assert "Texts shared:2026-11, england:2026-11: sent" in page
    assert "I am worried about you." in page
    assert "To review (1)" in page


def test_who_was_alerted_and_how_long_it_took(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    event_id = fires(sam)
    browser = console.as_(grace)
    console.clock.advance(minutes=7)
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        event = case.safety_reviews.fire_for(case.staff.get(grace.id), event_id).item
        at = case.clock.now()
        case.audit._session.add(
            Alert(key="a1", staff_id=staff.id, handoff_id=event.handoff_id, step="consultant",  # type: ignore[union-attr]
                  channel="telegram", status="sent", next_try_at=at, created_at=at, sent_at=at)
        )  # fmt: skip
    assert "Nobody yet, for 7 minutes" in plain(browser, f"/safety/fires/{event_id}")
    with console.caseload.transaction() as case:
        case.safety_events.acknowledge(case.staff.get(amina.id), case.clients.find(sam.id))
    page = plain(browser, f"/safety/fires/{event_id}")
    assert "Amina Khan, by Telegram:" in page
    assert "Amina Khan, after 7 minutes" in page


def test_soft_fires_are_reviewed_too(console: Door, grace: Colleague, sam: Person) -> None:
    event_id = fires(sam, "everything is grey", "soft")
    browser = console.as_(grace)
    assert "Nobody: a warm line and the offer of a call." in plain(browser, "/safety")
    assert finds(browser, event_id, "right") == 303
    assert "No safety answer waits for a review" in browser.text("/safety")


def test_words_that_are_gone_are_said_to_be_gone(console: Door, grace: Colleague, sam: Person) -> None:
    fires(sam)
    with console.caseload.transaction() as case:
        case.retention.apply(case.clock.now().replace(year=2030))
    page = console.as_(grace).text("/safety")
    assert "Words no longer kept" in page
    assert "i cant go on" not in page


def test_a_right_review_needs_what_was_done(console: Door, grace: Colleague, sam: Person) -> None:
    event_id = fires(sam)
    browser = console.as_(grace)
    assert finds(browser, event_id, "") == 422
    assert finds(browser, event_id, "perhaps") == 422
    assert finds(browser, event_id, "right") == 422
    assert finds(browser, event_id, "right", "Amina rang him", "calm now") == 303
    page = plain(browser, "/safety/reviewed")
    assert "What was done: <bdi>Amina rang him</bdi>" in page
    assert "Note: <bdi>calm now</bdi>" in page
    assert "said Grace Mensah" in page
    with console.caseload.reading() as case:
        assert "safety event reviewed" in [line.action for line in case.audit.of_client(sam.id)]


def test_two_reviewers_do_not_write_over_one_another(console: Door, grace: Colleague, sam: Person) -> None:
    event_id = fires(sam)
    lena = hired(console.caseload, "northside", "Lena Berg", "lead", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    first, second = console.as_(grace), console.as_(lena)
    assert finds(first, event_id, "right", "Amina rang him") == 303
    assert finds(second, event_id, "not_needed") == 303
    page = plain(second, f"/safety/fires/{event_id}")
    assert "Grace Mensah has reviewed this meanwhile." in page
    assert "Amina rang him" in page


def test_the_reviewed_are_found_by_route_and_verdict(
    console: Door, grace: Colleague, sam: Person, jo: Person
) -> None:
    browser = console.as_(grace)
    finds(browser, fires(sam, "i cant go on", seq=1), "right", "rang")
    finds(browser, fires(jo, "killer heels for the interview", "harm_others", seq=2), "not_needed")
    assert "killer heels" not in browser.text("/safety/reviewed?route=crisis")
    assert "i cant go on" not in browser.text("/safety/reviewed?verdict=not_needed")
    assert "killer heels" in browser.text("/safety/reviewed?verdict=not_needed&route=harm_others")
    assert "Nothing was reviewed that fits" in browser.text("/safety/reviewed?route=soft")
    assert "killer heels" in browser.text("/safety/reviewed?route=nonsense&skip=x")


def test_the_table_has_no_words_no_notes_and_no_client(console: Door, grace: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        case.staff.get(grace.id).name = "=Grace(1)"
    browser = console.as_(grace)
    event_id = fires(sam)
    finds(browser, event_id, "right", "Amina rang", "a private note")
    answer = browser.get("/safety/reviewed.csv")
    assert answer.mimetype == "text/csv"
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["event"], row["route"], row["verdict"]) == (event_id, "crisis", "right")
    assert row["reviewed_by"] == "'=Grace(1)"
    for hidden in ("i cant go on", "Amina rang", "private note", "Sam", "Okoro", sam.id):
        assert hidden not in answer.text
    [line] = csv.reader(io.StringIO(browser.get("/safety/reviewed.csv?verdict=not_needed").text))
    assert line[0] == "event"


def test_strangers_are_counted_and_nothing_more(console: Door, grace: Colleague) -> None:
    with console.caseload.transaction() as case:
        case.safety_events.record(
            client=None, conversation_id=None, handoff_id=None, inbox_seq=1, route="crisis", kind=None,
            detectors=(), content_version="1",
        )  # fmt: skip
    page = plain(console.as_(grace), "/safety")
    assert "the bot gave 1 safety answer to people without an invite: danger to oneself 1." in page
    assert "No safety answer waits for a review" in page


def test_a_consultant_cannot_review(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    assert browser.get("/safety").status_code == 403
    assert "/safety" not in browser.get("/").text


def test_a_near_miss_that_should_have_been_answered_tells_amina_only_when_grace_says_so(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    near_miss_id = nearly_fires(sam)
    browser, path = console.as_(grace), f"/safety/near-misses/{near_miss_id}"
    page = plain(browser, "/safety/near-misses")
    assert "wont be needing my pass" in page
    # A number beside a name would read as a score of the person.
    assert "0.47" not in page
    assert "Tell Amina now" not in browser.text(path)
    browser.post(f"{path}/tell")
    assert finds_about(browser, near_miss_id, "missed", "said goodbye") == 303
    with console.caseload.reading() as case:
        assert case.handoffs.open_for(case.clients.find(sam.id)) == []
    assert "Tell Amina now" in browser.text(path)
    assert browser.post(f"{path}/tell").status_code == 303
    with console.caseload.reading() as case:
        [handoff] = case.handoffs.open_for(case.clients.find(sam.id))
        assert (handoff.reason, handoff.urgency) == ("safety", "now")
        assert {alert.staff_id for alert in case.alerts.of_alarm(handoff)} == {amina.id}
        [event] = case.safety_reviews.fires_to_review(case.staff.get(grace.id))
        assert event.item.detectors == ["review"]
        assert case.safety_events.paused_since(handoff.client) is not None
    assert "should have had one" in console.as_(amina).text("/")
    assert "waits already" in browser.post(f"{path}/tell", follow=True).text
    with console.caseload.reading() as case:
        assert len(case.safety_reviews.fires_to_review(case.staff.get(grace.id))) == 1


def test_a_rightly_quiet_near_miss_is_done(console: Door, grace: Colleague, sam: Person) -> None:
    browser = console.as_(grace)
    near_miss_id = nearly_fires(sam, "dead end job")
    assert finds_about(browser, near_miss_id, "not_needed") == 422
    assert finds_about(browser, near_miss_id, "right") == 303
    assert "No near miss waits" in browser.text("/safety/near-misses")
    assert "Rightly quiet" in browser.text("/safety/reviewed?what=near-misses")


def test_an_example_is_offered_masked_and_kept_only_with_the_statement(
    console: Door, grace: Colleague, sam: Person
) -> None:
    event_id = fires(sam, "Sam here, killer day at work, call 07700 900123")
    browser, path = console.as_(grace), f"/safety/fires/{event_id}/example"
    assert browser.get(path).status_code == 303
    finds(browser, event_id, "not_needed")
    assert "Keep as an example" in browser.text(f"/safety/fires/{event_id}")
    page = browser.text(path)
    assert "[name] here, killer day at work, call [number]" in page
    assert "07700" not in page
    assert browser.post(path, EXAMPLE | {"nobody": ""}).status_code == 422
    assert browser.post(path, EXAMPLE | {"answer": ""}).status_code == 422
    assert browser.post(path, EXAMPLE | {"words": " "}).status_code == 422
    assert "No example is kept yet" in browser.text("/safety/examples")
    assert browser.post(path, EXAMPLE | {"words": "Sam: killer day"}).status_code == 303
    assert "[name]: killer day" in browser.text("/safety/examples")
    with console.caseload.reading() as case:
        [example] = case.safety_examples.all()
        assert example.route is None
        kept = next(line for line in case.audit.of_client(sam.id) if line.action == "safety example kept")
        assert kept.subject == str(example.id)
    assert browser.post(f"/safety/examples/{example.id}/remove").status_code == 303
    assert "No example is kept yet" in browser.text("/safety/examples")
    with console.caseload.reading() as case:
        assert case.audit.of_client(sam.id)[0].action == "safety example removed"


def test_a_right_review_and_words_that_are_gone_give_no_example(
    console: Door, grace: Colleague, sam: Person
) -> None:
    browser = console.as_(grace)
    right, near = fires(sam), nearly_fires(sam)
    finds(browser, right, "right", "rang")
    finds_about(browser, near, "missed")
    with console.caseload.transaction() as case:
        for message in case.transcript.newest(case.conversations.lock(sam.conversation_id)):
            message.text = ""
    for path in (f"/safety/fires/{right}/example", f"/safety/near-misses/{near}/example"):
        assert browser.post(path, EXAMPLE).status_code == 303
    with console.caseload.reading() as case:
        assert case.safety_examples.all() == []


def test_a_look_at_somebodys_words_is_written_down(console: Door, grace: Colleague, sam: Person) -> None:
    fires(sam)
    console.as_(grace).get("/safety")
    with console.caseload.reading() as case:
        assert [line.action for line in case.audit.of_client(sam.id)] == ["safety review viewed"]


def test_hostile_words_are_shown_verbatim(console: Door, grace: Colleague, sam: Person) -> None:
    browser = console.as_(grace)
    event_id, near_miss_id, example_id = wrongly_read(sam)
    fire, near = f"/safety/fires/{event_id}", f"/safety/near-misses/{near_miss_id}"
    for start in range(0, len(HOSTILE) - 1, 8):
        texts = HOSTILE[start : start + 8]
        text = "\n".join(texts)[:900]
        with console.caseload.transaction() as case:
            staff = case.staff.get(grace.id)
            for found in (
                case.safety_reviews.fire_for(staff, event_id),
                case.safety_reviews.near_miss_for(staff, near_miss_id),
            ):
                found.client.display_name = text[:80]
                case.safety_reviews.review(
                    staff, found.item, found.item.verdict or "", what_was_done=text, note=text
                )
            for message in case.transcript.newest(case.conversations.lock(sam.conversation_id)):
                message.text = text
        pages = [browser.get(path).text for path in (fire, near, "/safety/reviewed")]
        assert all(shown(text) in page for page in pages), text
        refused = browser.post(f"{fire}/example", {"words": text})
        assert refused.status_code == 422
        assert shown(text) in refused.text
        browser.post(f"{near}/example", EXAMPLE | {"words": text})
        pages += [browser.get(path).text for path in (f"{near}/example", "/safety/examples")]
        for tag in (one[:40] for one in texts if "<" in one):
            assert [page for page in pages if tag in page] == [], tag
        with console.caseload.transaction() as case:
            for example in case.safety_examples.all():
                if example.id != example_id:
                    case.safety_examples.remove_for(case.staff.get(grace.id), example.id)


def test_grace_reviews_with_the_keyboard_alone(
    window: Page, demo: Door, grace: Colleague, sam: Person
) -> None:
    event_id = fires(sam)
    sign_in(window, demo, grace)
    window.goto("/safety")
    reached = ""
    for _ in range(40):
        if reached == f"r{event_id}-verdict-0":
            break
        window.keyboard.press("Tab")
        reached = window.evaluate("document.activeElement.id")
    window.keyboard.press("Space")
    window.keyboard.press("Tab")
    window.keyboard.type("Amina rang him")
    window.keyboard.press("Tab")
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    expect(window.get_by_text("The review is saved: right.")).to_be_visible()


def test_odd_addresses_do_no_harm(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    for path in ("", "/near-misses", "/reviewed", "/reviewed.csv"):
        for skip in ("-1", "9" * 40, "x"):
            assert browser.get(f"/safety{path}?skip={skip}&route={skip}&what={skip}").status_code == 200
    for path in ("near-misses/" + "9" * 40, "near-misses/0", "near-misses/x", "fires/x", "fires/x/example"):
        assert browser.get(f"/safety/{path}").status_code == 404
    assert browser.post("/safety/examples/" + "9" * 40 + "/remove").status_code == 404


def modules_of_the_console() -> list[Path]:
    found = sorted((ROOT / "bot" / "console").glob("*.py"))
    assert len(found) > 20
    return found


@pytest.mark.parametrize("module", modules_of_the_console(), ids=lambda path: path.stem)
def test_no_page_reaches_the_rules_or_the_texts(module: Path) -> None:
    """Rules and crisis texts change in files that the safety officer reviews, never from a page."""
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    read_only = ("bot.safety.content.SafetyContent", "bot.safety.content.Told", "bot.safety.routes.Route")
    wrong = {name for name in imported if name.startswith(("bot.safety", "yaml")) and name not in read_only}
    assert wrong == set()
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    writing = ("open", "write_text", "write_bytes", "safe_dump", "unlink")
    assert {
        name
        for name in called - {"case.handoffs.open", "case.accounts.open"}
        if name.rpartition(".")[2] in writing
    } == set()


def test_keeping_an_example_changes_neither_rules_nor_texts(
    console: Door, grace: Colleague, sam: Person
) -> None:
    before = fingerprint()
    event_id = fires(sam, "i want to end my life")
    browser = console.as_(grace)
    finds(browser, event_id, "not_needed")
    sent = EXAMPLE | {"words": "i want to end my life", "rules": "[]", "content": "x"}
    assert browser.post(f"/safety/fires/{event_id}/example", sent).status_code == 303
    assert fingerprint() == before
    assert Screen.load().read("i want to end my life").route is Route.CRISIS


def fingerprint() -> dict[Path, str]:
    files = list((ROOT / "bot" / "safety").rglob("*.yml"))
    assert len(files) > 10
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
