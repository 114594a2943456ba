"""What every page about one client shares: its forms, showing it, and the way back to it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload import discussions
from bot.caseload.invites import FreshInvite
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment, Goal
from bot.caseload.store import Case
from bot.console import client_forms, enrolment_forms, record_forms, times, work_forms
from bot.console.forms import Form
from bot.console.moves import choice_for
from bot.console.parts import console, me
from bot.console.safety_state import state_of
from bot.console.wait_state import lengths_of
from bot.conversation import linking

KINDS: dict[str, type[Form]] = {
    "phase": client_forms.PhaseForm,
    "head": enrolment_forms.HeadForm,
    "cover": enrolment_forms.CoverForm,
    "goal": client_forms.GoalForm,
    "goal_words": record_forms.GoalWordsForm,
    "appointment": client_forms.AppointmentForm,
    "lead": client_forms.LeadForm,
    "lead_facts": client_forms.LeadFactsForm,
    "lead_back": client_forms.LeadBackForm,
    "invite": client_forms.InviteForm,
    "outreach": record_forms.OutreachForm,
    "disclosure": record_forms.DisclosureForm,
    "benefits": record_forms.BenefitsForm,
    "fact": record_forms.FactForm,
    "contact": work_forms.ContactForm,
    "job": work_forms.JobForm,
    "terms": work_forms.TermsForm,
    "end": work_forms.EndForm,
    "check_in": work_forms.CheckInForm,
}


#: A section shows so many rows, the newest; the others are a press away.
SHOWN = 5
#: No section shows more than this.
MOST = 200
#: In which section the rows of a form stand, where a row has one.
SECTION_OF = {"goal_words": "goals", "contact": "contacts", "lead_facts": "leads", "lead_back": "leads"}


class Forms:
    """The forms of a page; one that was sent with a mistake is shown open, as it was typed.

    A form that corrects a row is there once it is asked for: one for each row would make the page slow.
    """

    def __init__(self, wrong: Form | None = None) -> None:
        self._wrong = wrong
        self._asked_for = wrong.key if wrong is not None else request.args.get("edit", "")

    def corrects(self, kind: str, row_id: object) -> bool:
        """Return whether the form about this row is asked for."""
        return self._asked_for == _key(kind, row_id)

    def shows_all(self, section: str) -> bool:
        """Return whether every row of a section is asked for, or one that may be far down."""
        kind, _, row_id = self._asked_for.partition("-")
        return request.args.get("all") == section or bool(row_id and SECTION_OF.get(kind) == section)

    def __call__(self, kind: str, row_id: object = "", **values: Any) -> Form:
        """Return the form of this kind, about one row if it is about one, with its values in it."""
        key = _key(kind, row_id)
        if self._wrong is not None and self._wrong.key == key:
            return self._wrong
        return KINDS[kind](formdata=None, prefix=key, data=values)


def hosts_of(case: Case, client: Client) -> list[Staff]:
    """Return who may meet this client: the staff of their service who see people."""
    return case.staff.with_role(client.service, "consultant", "lead", "manager")


def usual_host(
    hosts: list[Staff], client: Client, staff: Staff, appointment: Appointment | None = None
) -> Staff:
    """Return who holds a meeting unless another one is chosen: whoever did, the consultant, or the reader."""
    wanted = (appointment.staff if appointment else None, client.working_consultant)
    return next((one for one in wanted if one in hosts), staff)


def flash_in_the_way(case: Case, appointment: Appointment) -> None:
    """Warn of another meeting or an absence at the time of one that was saved; it names no other client."""
    zone, now = appointment.client.timezone, case.clock.now()
    for one in case.diary.in_the_way(appointment):
        name = one.staff.name if one.staff else appointment.client.preferred_name
        if one.away_until is not None:
            said = f"{name} is away until {times.last_moment(one.away_until, zone, now)}"
        else:
            said = f"{name} has another meeting on {times.day_and_time(one.starts_at, zone, now)}"
        flash(f"Check the time: {said}. The appointment is saved as you wrote it.", "warning")


def sent(kind: str, row_id: object = "") -> Form:
    """Return the form of this kind that was sent."""
    key = _key(kind, row_id)
    form = KINDS[kind](prefix=key)
    form.key = key
    return form


def render(case: Case, client: Client, wrong: Form | None = None, fresh: FreshInvite | None = None) -> str:
    """Show a client's page, with the form that was sent with a mistake open on it."""
    username = console().config.bot_username
    disclosure = case.discussions.disclosure_for(client)
    sets_cover = enrolment_forms.may_set_cover(me(case), client)
    hosts, forms = hosts_of(case, client), Forms(wrong)
    handoffs = case.handoffs.open_for(client)

    def most(section: str) -> int:
        # One more than is shown tells that there are more.
        return MOST if forms.shows_all(section) else SHOWN + 1

    return render_template(
        "client/page.html",
        client=client,
        zone=client.timezone,
        today=work_forms.local_day(client),
        state=state_of(case, client),
        forms=forms,
        shown=SHOWN,
        hosts=hosts,
        usual_host=usual_host(hosts, client, me(case)),
        goals=_active_first(case.goals.all_for(client))[: most("goals")],
        appointments=case.appointments.all_for(client, most("appointments")),
        leads=case.leads.all_for(client, most("leads")),
        handoffs=handoffs,
        waits=lengths_of(case, handoffs),
        conversations=case.conversations.of_client(client),
        move=choice_for(case, client),
        may_set_cover=sets_cover,
        covers=case.enrolments.covers_for(client) if sets_cover else [],
        telegram_label=case.staff_aliases.find(me(case), client),
        to_check=linking.chats_to_check(case, client),
        consents=case.consents.history(client),
        outreach=case.outreach.all_for(client, most("outreach")),
        employers=case.employers.of_service(client.service),
        contacts=case.employers.contacts_for(client, most("contacts")),
        jobs=[
            (job, case.jobs.steps_of(client, job), case.jobs.due_of(client, job))
            for job in case.jobs.all_for(client)
        ],
        disclosure=disclosure,
        stances=discussions.stances(disclosure),
        benefits=case.discussions.benefits_for(client),
        known=case.profile.known_of(client),
        invite=fresh,
        invite_link=f"https://t.me/{username}?start={fresh.token}" if fresh and username else None,
    )


def _active_first(goals: list[Goal]) -> list[Goal]:
    """Return goals newest first, those that are worked on before the others."""
    newest_first = goals[::-1]
    return sorted(newest_first, key=lambda goal: goal.status != "active")


def record(case: Case, staff: Staff, client: Client, action: str, subject: str | None) -> None:
    """Note in the audit trail what was seen or changed."""
    case.audit.record(action, staff_id=staff.id, client_id=client.id, subject=subject)


def back(client_id: str, section: str | None = None) -> ResponseReturnValue:
    """Go back to the client's page, to the section that was changed."""
    return redirect(url_for("client.page", client_id=client_id, _anchor=section), 303)


def _key(kind: str, row_id: object) -> str:
    return f"{kind}-{row_id}" if row_id else kind
