"""Goals and job leads: what happened is only ever added to."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.caseload.errors import NoSuchGoal, NoSuchLead
from bot.caseload.models.plan import JobLead
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person

VACANCY = {
    "board": "sample", "board_ref": "1", "title": "Baker", "employer": None, "place": None,
    "hours_text": None, "pay_text": None, "summary": None, "url": None,
}  # fmt: skip


def test_a_goal_stays_in_the_clients_words(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        goal = case.goals.add(client, "  work wiv   plants, me & my dog  ")
        assert goal.text == "work wiv plants, me & my dog"
        assert case.goals.add(client, "Work wiv plants, me & my dog").id == goal.id
        assert len(case.goals.all_for(client)) == 1


def test_a_changed_goal_keeps_what_was_said_before(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        goal = case.goals.add(client, "Work with plants")
        case.goals.record_progress(client, goal.id, "closer")
        case.goals.record_progress(client, goal.id, "changed", "Work with animals")
        assert goal.text == "Work with animals"
        case.goals.record_progress(client, goal.id, "achieved")
        assert [event.progress for event in goal.events] == ["set", "closer", "changed", "achieved"]
        assert goal.events[2].words == "Work with plants"
        assert case.goals.active_for(client) == []
        # Reached once, it can be set again.
        assert case.goals.add(client, "Work with animals").id != goal.id


def test_a_client_cannot_change_anothers_goal(caseload: Caseload, sam: Person, jo: Person) -> None:
    with caseload.transaction() as case:
        goal = case.goals.add(case.clients.find(sam.id), "Work with plants")
        with pytest.raises(NoSuchGoal):
            case.goals.record_progress(case.clients.find(jo.id), goal.id, "dropped")


def test_the_consultants_lead_comes_before_the_boards(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        found = case.leads.keep_vacancy(client, **VACANCY)  # type: ignore[arg-type]
        clock.advance(hours=1)
        shared = case.leads.share(client, case.staff.get(amina.id), title="Gardener").id
        assert _id(case.leads.next_for(client)) == shared
        case.leads.answer(client, shared, "not_interested", "too_far")
        assert _id(case.leads.next_for(client)) == found.id


def test_a_vacancy_is_kept_once(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        first = case.leads.keep_vacancy(client, **VACANCY)  # type: ignore[arg-type]
        case.leads.answer(client, first.id, "not_interested", "hours")
        again = case.leads.keep_vacancy(client, **VACANCY)  # type: ignore[arg-type]
        assert again.id == first.id
        assert again.status == "not_interested"
        assert case.leads.seen_vacancy_ids(client) == {("sample", "1")}


def test_interest_is_told_once_and_every_answer_is_kept(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        lead = case.leads.share(client, case.staff.get(amina.id), title="Gardener")
        for answer, reason in [
            ("interested", None),
            ("interested", None),
            ("not_interested", "too_far"),
            ("interested", None),
        ]:
            case.leads.answer(client, lead.id, answer, reason)
        assert [event.to_status for event in lead.events] == [
            "shared",
            "interested",
            "not_interested",
            "interested",
        ]
        handoffs = case.handoffs.waiting_for(case.staff.get(amina.id))
        assert [handoff.subject for handoff in handoffs] == [f"lead:{lead.id}"]
        assert case.leads.open_for(client) == [lead]


def test_a_client_cannot_answer_anothers_lead(
    caseload: Caseload, sam: Person, jo: Person, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        lead = case.leads.share(case.clients.find(sam.id), case.staff.get(amina.id), title="Gardener")
        with pytest.raises(NoSuchLead):
            case.leads.answer(case.clients.find(jo.id), lead.id, "interested")


def test_a_day_of_leads_ends_at_the_clients_midnight(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    london = ZoneInfo("Europe/London")
    clock.set(datetime(2026, 7, 1, 23, 59, tzinfo=london))
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        lead = case.leads.share(client, case.staff.get(amina.id), title="Gardener")
        case.leads.mark_shown(lead)
        assert case.leads.shared_today(client) == 1
    clock.set(datetime(2026, 7, 2, 0, 0, tzinfo=london))
    with caseload.reading() as case:
        assert case.leads.shared_today(case.clients.find(sam.id)) == 0


def _id(lead: JobLead | None) -> str | None:
    return lead.id if lead else None
