"""Who may see whom; invites; consent; strangers."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.caseload.errors import (
    InviteNotUsable,
    NoSuchAppointment,
    NoSuchClient,
    NoSuchConversation,
    NoSuchHandoff,
    NoSuchStaff,
    NotEnrolled,
)
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person, enrolled, hired

#: Who may see Sam, of everybody who could ask.
MAY_SEE_SAM = {
    "amina": True,
    "piotr": False,
    "grace": True,
    "hana": False,
    "covering": True,
    "lead": True,
    "admin": False,
    "duty": False,
    "gone": False,
}


@pytest.fixture
def everybody(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague, grace: Colleague, hana: Colleague
) -> dict[str, str]:
    """Everybody who works somewhere, by what they are to Sam."""
    others = {
        "covering": hired(caseload, "northside", "Cora Vering", "consultant"),
        "lead": hired(caseload, "northside", "Leo Dell", "lead"),
        "admin": hired(caseload, "northside", "Ada Minn", "admin"),
        "duty": hired(caseload, "northside", "Dot Yule", "duty"),
        "gone": hired(caseload, "northside", "Gus Onne", "manager"),
    }
    with caseload.transaction() as case:
        case.clients.find(sam.id).cover_id = others["covering"].id
        case.staff.disable(case.staff.get(others["gone"].id))
    known = {"amina": amina, "piotr": piotr, "grace": grace, "hana": hana, **others}
    return {name: colleague.id for name, colleague in known.items()}


@pytest.mark.parametrize("who", MAY_SEE_SAM)
def test_each_row_of_sams_is_seen_by_those_who_may_and_by_nobody_else(
    caseload: Caseload, sam: Person, everybody: dict[str, str], who: str
) -> None:
    handoff = sam.asks("Can I keep my benefit?")
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        meeting = case.appointments.request(client, case.appointments.free_times(client)[0].starts_at).id
        case.misses.record(sam.conversation_id, "m1", "wibble", [], [])
        case.safety_events.record(
            client=client, conversation_id=sam.conversation_id, handoff_id=None, inbox_seq=1,
            route="crisis", kind=None, detectors=("x",), content_version="1",
        )  # fmt: skip
    with caseload.transaction() as case:
        staff = case.audit._session.get_one(_staff_model(), everybody[who])
        asked = [
            (lambda: case.clients.get_for(staff, sam.id), NoSuchClient),
            (lambda: case.conversations.get_for(staff, sam.conversation_id), NoSuchConversation),
            (lambda: case.handoffs.get_for(staff, handoff), NoSuchHandoff),
            (lambda: case.appointments.get_for(staff, meeting), NoSuchAppointment),
        ]
        for ask, refusal in asked:
            if MAY_SEE_SAM[who]:
                assert ask()
            else:
                with pytest.raises(refusal):
                    ask()
        lists = [
            case.clients.seen_by(staff),
            case.handoffs.waiting_for(staff),
            case.misses.of_service(staff, caseload.clock.now().replace(year=2020)),
        ]
        assert [bool(found) for found in lists] == [MAY_SEE_SAM[who]] * 3
        assert case.safety_events.acknowledge(staff, case.clients.find(sam.id)) == int(MAY_SEE_SAM[who])


def _staff_model() -> type:
    from bot.caseload.models.people import Staff

    return Staff


def test_an_id_that_nobody_has_is_refused_like_a_foreign_one(caseload: Caseload, amina: Colleague) -> None:
    with caseload.reading() as case, pytest.raises(NoSuchClient):
        case.clients.get_for(case.staff.get(amina.id), "0" * 32)
    with caseload.reading() as case, pytest.raises(NoSuchStaff):
        case.staff.get("0" * 32)
    with caseload.reading() as case, pytest.raises(NotEnrolled):
        case.clients.for_conversation("0" * 32)


def test_an_invite_works_once(caseload: Caseload, sam: Person) -> None:
    token = _invite(caseload, sam)
    with caseload.transaction() as case:
        assert case.invites.use(token).id == sam.id
    with pytest.raises(InviteNotUsable), caseload.transaction() as case:
        case.invites.use(token)


def test_an_invite_ends_after_three_days(caseload: Caseload, sam: Person, clock: FixedClock) -> None:
    token = _invite(caseload, sam)
    clock.advance(hours=72)
    with pytest.raises(InviteNotUsable), caseload.transaction() as case:
        case.invites.use(token)


def test_a_new_invite_ends_the_older_one(caseload: Caseload, sam: Person) -> None:
    older, newer = _invite(caseload, sam), _invite(caseload, sam)
    with pytest.raises(InviteNotUsable), caseload.transaction() as case:
        case.invites.use(older)
    with caseload.transaction() as case:
        assert case.invites.use(newer).id == sam.id


def test_the_token_of_an_invite_is_not_in_the_database(caseload: Caseload, sam: Person) -> None:
    token = _invite(caseload, sam)
    with caseload.engine.connect() as connection:
        assert token not in str(connection.execute(text("SELECT * FROM invites")).all())


def test_a_no_after_a_yes_counts_and_the_yes_is_kept(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        assert not case.consents.has_given(client)
        case.consents.record(client, "chat", given=True, wording_version="1")
        assert case.consents.has_given(client)
        case.consents.record(client, "chat", given=False, wording_version="2")
        assert not case.consents.has_given(client)
        assert not case.consents.has_given(client, "ai_training")
        kept = [(one.given, one.wording_version) for one in case.consents.history(client)]
    assert kept == [(True, "1"), (False, "2")]


def test_strangers_are_counted_by_day_and_nothing_else(caseload: Caseload, clock: FixedClock) -> None:
    for _ in range(3):
        with caseload.transaction() as case:
            case.strangers.count("bot")
    clock.advance(days=1)
    with caseload.transaction() as case:
        case.strangers.count("bot")
        assert case.strangers.total() == 4
    with caseload.engine.connect() as connection:
        rows = connection.execute(text("SELECT count FROM stranger_counts ORDER BY day")).scalars().all()
    assert rows == [3, 1]


def test_a_chat_that_is_linked_anew_leaves_the_old_transcript_behind(
    caseload: Caseload, sam: Person, jo: Person
) -> None:
    sam.says("Something private")
    with caseload.transaction() as case:
        first = case.conversations.lock(sam.conversation_id)
        case.conversations.unlink(first)
        again = case.conversations.link(
            case.clients.find(jo.id), channel="telegram", bot_id="demo", chat_id="sam"
        )
        assert case.transcript.newest(again) == []
        with pytest.raises(NotEnrolled):
            case.clients.for_conversation(sam.conversation_id)


def test_nobody_can_take_a_chat_that_belongs_to_another_client(
    caseload: Caseload, sam: Person, jo: Person
) -> None:
    with pytest.raises(InviteNotUsable), caseload.transaction() as case:
        case.conversations.link(case.clients.find(jo.id), channel="demo", bot_id="demo", chat_id="sam")


def test_a_new_phone_replaces_the_old_one(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        newer = case.conversations.link(client, channel="demo", bot_id="demo", chat_id="sam-2")
        assert [one.id for one in case.conversations.of_client(client)] == [newer.id]


def test_telegram_goes_before_the_demo_phone(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        on_telegram = case.conversations.link(client, channel="telegram", bot_id="7", chat_id="5")
        primary = case.conversations.primary_for(client)
        assert primary is not None
        assert primary.id == on_telegram.id


def test_the_operators_list_says_who_is_linked(caseload: Caseload, sam: Person, jo: Person) -> None:
    with caseload.transaction() as case:
        case.conversations.link(case.clients.find(sam.id), channel="telegram", bot_id="7", chat_id="5")
        lines = {line.ref: line for line in case.clients.lines()}
    assert (lines["sam"].linked, lines["sam"].consultant) == (True, "Amina Khan")
    assert (lines["jo"].linked, lines["jo"].consultant) == (False, "Piotr Nowak")


def test_a_disabled_colleague_cannot_be_found_by_email(caseload: Caseload, piotr: Colleague) -> None:
    with caseload.transaction() as case:
        found = case.staff.find_by_email(" PIOTR@northside.example ")
        assert found is not None
        case.staff.disable(found)
    with caseload.reading() as case:
        assert case.staff.find_by_email(piotr.email) is None


def test_a_code_of_the_second_factor_works_once(caseload: Caseload, grace: Colleague) -> None:
    with caseload.transaction() as case:
        staff = case.staff.get(grace.id)
        assert [case.staff.use_code(staff, step) for step in (7, 7, 6, 8)] == [True, False, False, True]


def test_words_kept_for_tuning_hide_who_somebody_is(caseload: Caseload, sam: Person) -> None:
    words = "Sam Okoro here, ring 07700 900123 or sam@mail.example, SW1A 1AA, see https://x.example/a @samok"
    with caseload.transaction() as case:
        kept = case.misses.record(
            sam.conversation_id, "m1", words, [("goodbye", 0.123456)], ["a"], names=("Sam Okoro",)
        )
        picked = case.misses.record_pick(sam.conversation_id, "ask_person")
        assert picked is kept
        assert case.misses.record_pick(sam.conversation_id, "again") is None
    for hidden in ("Sam", "Okoro", "07700", "900123", "mail.example", "SW1A", "https", "samok"):
        assert hidden not in kept.words
    assert kept.ranking == [["goodbye", 0.1235]]


def test_somebody_without_a_consultant_is_seen_by_the_manager(
    caseload: Caseload, grace: Colleague, amina: Colleague
) -> None:
    nobodys = enrolled(caseload, "lee", "Lee Unassigned", None)
    with caseload.reading() as case:
        assert case.clients.get_for(case.staff.get(grace.id), nobodys.id).ref == "lee"
        assert case.clients.seen_by(case.staff.get(amina.id)) == []


def _invite(caseload: Caseload, person: Person) -> str:
    with caseload.transaction() as case:
        return case.invites.create(case.clients.find(person.id)).token
