"""A believable morning at Northside: every page has something to show, for Amina and for Grace."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.caseload.files import FileStore
from bot.caseload.later_replies import ForLater
from bot.caseload.models.people import Client, Staff
from bot.caseload.store import Case, Caseload
from tests.console.conftest import Door
from tests.console.test_safety_review import fires, nearly_fires
from tests.people import Colleague, Person, enrolled, hired

#: A picture of one dot.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class Morning:
    """What is there to look at beside the plain address of each page."""

    #: By the name of the picture: the role, and the address.
    more: dict[str, tuple[str, str]]
    #: Values for addresses of which those of the access tests lead nowhere: endpoint to values.
    others: dict[str, dict[str, str]]


@pytest.fixture
def morning(
    demo: Door,
    caseload: Caseload,
    amina: Colleague,
    grace: Colleague,
    sam: Person,
    files: FileStore,
    ids: dict[str, str],
) -> Morning:
    """Fill the console, on top of what the access tests have for each address."""
    lee = enrolled(caseload, "lee", "Leticia Vandenberg-Ashworth", amina)
    ann = enrolled(caseload, "ann", "Ann Moss", amina)
    left = hired(caseload, "northside", "Bartholomew Featherstonehaugh", "consultant")
    enrolled(caseload, "kit", "Kit Vale", left)
    with caseload.transaction() as case:
        case.staff.disable(case.staff.get(left.id))
    sam.says("hiya")
    sam.is_told("Hello Sam. What would you like to do?")
    sam.is_told("This one is on its way.", delivery="queued")
    sam.asks("Can I keep my benefit if I start at the bakery? they said 16 hours a week")
    demo.clock.advance(minutes=42)
    ann.asks("I cannot go on like this", reason="safety", urgency="now")
    lee.says("", kind="photo")
    beside_the_chat(sam, amina, grace, files)
    fires(ann, "wont be at any of them now. you lot were good to me, ta", seq=11)
    nearly_fires(lee, "everyone would be better off if i stopped coming", seq=12)
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        goal = case.goals.add(client, "Work in a kitchen, mornings only")
        case.goals.record_progress(client, goal.id, "closer", "wrote my CV")
        case.appointments.request(client, case.appointments.free_times(client)[0].starts_at)
        lead = case.leads.share(
            client,
            staff,
            title="Kitchen assistant",
            employer="Crumb and Crust",
            place="Northside",
            hours_text="16 hours a week",
            pay_text="£12.60 an hour",
            url="https://crumb.example/jobs/1",
            why_match="Mornings, and near your bus",
        )
        case.leads.correct(client, lead.id, lead.version, title="Kitchen help")
        case.consents.record(client, "chat", given=True, wording_version="2026-11-1")
        now, days = case.clock.now(), timedelta(days=1)
        case.absences.add(staff, staff, now + 3 * days, now + 9 * days, cover=case.staff.get(grace.id))
        case.staff.set_hours(staff, {"0": [["09:00", "12:30"], ["13:30", "17:00"]]})
        full_records(case, client, staff)
        case.conversations.mark_unreachable(case.conversations.lock(lee.conversation_id))
        for words, picked in (
            ("got owt going?", "search_jobs"),
            ("wen", None),
            ("cant be bothered", "ask_person"),
        ):
            case.misses.record(
                sam.conversation_id, words, words, [("search_jobs", 0.41)], ["search_jobs", "goals"]
            )
            if picked:
                case.misses.record_pick(sam.conversation_id, picked)
    return Morning(
        more={
            "employers-none": ("consultant", "/employers?search=zzz"),
            "clients-closed": ("consultant", "/clients?search=zzz&closed=1"),
            "hours-colleague": ("manager", f"/hours/{amina.id}"),
            "records-mistake": ("consultant", f"/clients/{sam.id}/records?first=&last=2026-11-25"),
            "lead-corrected": ("consultant", f"/clients/{sam.id}?edit=lead_facts-{lead.id}"),
            "lead-taken-back": ("consultant", f"/clients/{sam.id}?edit=lead_back-{lead.id}"),
            "client-managers": ("manager", f"/clients/{sam.id}"),
            "chat-managers": ("manager", f"/conversations/{sam.conversation_id}"),
            "team-meeting-managers": ("manager", "/team-meeting"),
            "team-meeting-nobody": ("manager", "/team-meeting?consultant=nobody"),
            "today-managers": ("manager", f"/today?consultant={amina.id}"),
            "today-nobody": ("manager", "/today"),
            "safety-nothing": ("manager", "/safety/reviewed?route=harm_others"),
            "staff-one": ("manager", f"/staff/{amina.id}"),
            "staff-left": ("manager", f"/staff/{left.id}"),
            "missing": ("consultant", "/clients/unknown"),
        },
        # There is no pause to end for Sam.
        others={"safety_state.ask_to_clear": {"client_id": ann.id}},
    )


def beside_the_chat(sam: Person, amina: Colleague, grace: Colleague, files: FileStore) -> None:
    """Put files, notes, quick replies and replies for later beside Sam's chat."""
    sam.says("I meant friday", kind="edited")
    sam.says("Yes, please", kind="button")
    sam.sends(silence(), "voice", files=files)
    sam.sends(PICTURE, "photo", files=files)
    sam.sends(b"%PDF-1.7", "document", "My CV for the bakery.pdf", files=files)
    sam.sends(b"OggS", "voice")
    not_fetched(sam, sam.sends(b"OggS", "voice"))
    with sam.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        hers, manager = case.staff.get(amina.id), case.staff.get(grace.id)
        case.internal_notes.add(hers, conversation, "Mornings are hard. Ring after ten.", key="n1")
        case.quick_replies.add(hers.service, "Next meeting", "Hi {first_name}, see you on {day}.")
        at = case.clock.now() + timedelta(days=1)
        held = case.later_replies.add(hers, conversation, ForLater("How was it?", at, at, False), key="l1")
        case.later_replies.hold(held, "danger")
        case.later_replies.add(manager, conversation, ForLater("Good luck", at, at, False), key="l2")


def not_fetched(sam: Person, file_id: str) -> None:
    """Let the one try to fetch a file go wrong for good."""
    with sam.caseload.transaction() as case:
        file = case.attachments.find_waiting(file_id)
        assert file is not None
        file.attempts = 1
        case.attachments.give_up(file, "not_fetched")


def silence() -> bytes:
    """An empty Ogg stream: enough for what it is, with nothing to play."""
    return b"OggS" + bytes(60)


def full_records(case: Case, client: Client, staff: Staff) -> None:
    """Write down about a client what there is to write down."""
    now = case.clock.now()
    client.accepted_at = now - timedelta(days=22)
    employer = case.employers.named(staff, "Crumb and Crust", "Northside")
    case.employers.add_contact(
        staff, employer, client, by="consultant", at=now - timedelta(hours=20), face_to_face=True,
        matches=True, why="Mornings, and a small team", outcome="They look for somebody in March",
        next_action="Go by with Sam",
    )  # fmt: skip
    job = case.jobs.start(
        client, staff, employer, "Baker's help", now.date() - timedelta(days=9), hours_per_week=16, pay=12.6,
        pay_per="hour",
    )  # fmt: skip
    case.jobs.check_in(job, staff, step="first_days", done_on=now.date(), mode="phone", how_it_goes="mixed")
    case.discussions.talk_of_disclosure(
        client,
        staff,
        held_on=now.date(),
        what="talked_about",
        employer=employer,
        stance="some",
        note="A break",
    )
    case.discussions.talk_of_benefits(client, staff, held_on=now.date(), what="offered", note=None)
    case.outreach.record(client, staff, how="phone", result="no_answer", note="Rang twice")
    for value in ("up to 10", "16, mornings"):
        case.profile.note(client, staff, "hours", value, source="client", said_on=now.date())
    for hours in (30, 26, -4):
        case.appointments.arrange(
            client, staff, now + timedelta(hours=hours), minutes=45, mode="in_person_community",
            place="Northside library, by the stairs", purpose="CV",
        )  # fmt: skip
    case.diary.cannot_come(client, case.appointments.upcoming_for(client)[0])
    case.availability.block(staff, now + timedelta(days=3), now + timedelta(days=4))
    case.outreach.record(client, staff, how="visit_home", result="not_there")
    quiet = case.clients.enrol(client.service, "Quentin Still", consultant=staff, ref="quiet")
    quiet.accepted_at = now - timedelta(days=15)
