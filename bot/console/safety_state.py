"""Somebody may be in danger: who was told, who is on it, and when may the bot start messages again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user  # type: ignore[import-untyped]

from bot.caseload.alerts import is_alarming, is_stuck
from bot.caseload.errors import NoSuchClient
from bot.caseload.models.conversation import Conversation, Handoff
from bot.caseload.models.people import Client
from bot.caseload.models.safety import Alert
from bot.caseload.store import Case
from bot.console import labels, times
from bot.console.access import asks_by_itself
from bot.console.parts import console, me, note_look
from bot.conversation import escalation

pages = Blueprint("safety_state", __name__)


@dataclass(frozen=True)
class Urgent:
    """Of the clients whom I may see: who may be in danger with nobody on it, and how many things wait."""

    count: int
    #: The one who has waited longest.
    first_id: str | None
    #: How many things wait for me, danger or not: as many as the inbox lists.
    waiting: int = 0

    @property
    def badge(self) -> str:
        """What stands beside the link to the inbox: so short that the link never changes its width."""
        return "99+" if self.waiting > 99 else str(self.waiting or "")

    @property
    def mark(self) -> str:
        """What the title of every page begins with: danger before all else."""
        return f"({self.count} urgent) " if self.count else f"({self.waiting}) " if self.waiting else ""


@dataclass(frozen=True)
class SafetyState:
    """What a page about a client says on their safety."""

    #: The handoff that nobody is on yet.
    alarm: Handoff | None
    #: How far the alert went, one sentence a line.
    progress: tuple[str, ...]
    paused_since: datetime | None
    #: The mark of the danger that is shown; it goes with every form that may end an alarm.
    mark: str


@pages.get("/handoffs/<handoff_id>")
def open_link(handoff_id: str) -> ResponseReturnValue:
    """Go to the chat behind the link of an alert."""
    with console().caseload.transaction() as case:
        staff = me(case)
        handoff = case.handoffs.get_for(staff, handoff_id)
        case.handoffs.mark_seen(staff, handoff)
        conversation = chat_of(case, handoff)
    return redirect(_page_of(conversation, handoff.client_id))


@pages.post("/handoffs/<handoff_id>/acknowledge")
def acknowledge(handoff_id: str) -> ResponseReturnValue:
    """Say "I am on it": the alerts stop, and the client is told who has seen their message."""
    with console().caseload.transaction() as case:
        staff = me(case)
        handoff = case.handoffs.get_for(staff, handoff_id)
        was_first = escalation.acknowledge_and_say(
            case, console().safety, staff, handoff.client, danger_seen()
        )
        is_news = danger_is_news(case, handoff.client)
        conversation = chat_of(case, handoff)
    name = handoff.client.preferred_name
    if is_news:
        flash_news(handoff.client)
    elif was_first:
        flash(f"You are on it. The alerts have stopped. Now speak to {name}.", "success")
    else:
        flash(f"Somebody is on it for {name} already. The alerts had stopped.", "info")
    return redirect(_page_of(conversation, handoff.client_id), 303)


@pages.get("/clients/<client_id>/start-again")
def ask_to_clear(client_id: str) -> ResponseReturnValue:
    """Say what resumes, before it does."""
    with console().caseload.reading() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        since = case.safety_events.paused_since(client)
        if since is None:
            return redirect(url_for("client.page", client_id=client_id))
        note_look(case, "pause after danger viewed", staff, [client.id])
        return render_template(
            "safety_state/clear.html", client=client, zone=client.timezone, state=state_of(case, client)
        )


def danger_seen() -> str:
    """Return the mark of the danger that stood on the page from which this was sent."""
    return request.form.get("danger_seen", "")


def danger_is_news(case: Case, client: Client) -> bool:
    """Return whether an alarm goes on because the client wrote something that this page did not show."""
    alarms = [one for one in case.handoffs.open_for(client) if is_alarming(one)]
    return any(escalation.mark_of(one) != danger_seen() for one in alarms)


def flash_news(client: Client) -> None:
    """Say why nothing about the danger was changed."""
    flash(
        f"{client.preferred_name} may be in danger and wrote after you opened that page. Read it here."
        " The alerts go on until you say that you are on it.",
        "danger",
    )


@pages.post("/clients/<client_id>/start-again")
def clear(client_id: str) -> ResponseReturnValue:
    """Let the bot start messages to this client again."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        # Whoever clears it has looked: the alerts stop too.
        escalation.acknowledge(case, staff, client, danger_seen())
        is_news = danger_is_news(case, client)
        cleared = 0 if is_news else case.safety_events.clear(staff, client)
        if cleared:
            case.audit.record("pause after danger ended", staff_id=staff.id, client_id=client.id)
        conversation = next(iter(case.conversations.of_client(client)), None)
    if is_news:
        flash_news(client)
        return redirect(_page_of(conversation, client_id), 303)
    if cleared:
        flash(f"The bot may start messages to {client.preferred_name} again.", "success")
    else:
        flash("A colleague had done this already.", "info")
    return redirect(url_for("client.page", client_id=client_id), 303)


@pages.get("/urgent")
@asks_by_itself
def updates() -> ResponseReturnValue:
    """Tell an open page whether somebody may be in danger."""
    found = urgent()
    return jsonify(
        count=found.count,
        state=f"{found.count}.{found.first_id}",
        banner=render_template("safety_state/banner.html", found=found),
        badge=found.badge,
        mark=found.mark,
    )


def urgent() -> Urgent:
    """Return who waits for the person who asks, urgently or not; for every page, and asked once for each."""
    found: Urgent | None = g.get("urgent")
    if found is None:
        with console().caseload.reading() as case:
            staff = case.staff.find_enabled(current_user.staff_id) if current_user.is_authenticated else None
            # One question on most days; who may be in danger is looked up only when somebody may be.
            waiting, in_danger = case.handoffs.count_for(staff) if staff else (0, 0)
            alarming = case.handoffs.alarming_for(staff) if staff and in_danger else []
        found = g.urgent = Urgent(len(alarming), alarming[0].id if alarming else None, waiting)
    return found


def state_of(case: Case, client: Client) -> SafetyState:
    """Return what the pages about a client show of their safety."""
    open_ones = [one for one in case.handoffs.open_for(client) if one.reason == "safety"]
    alarm = next((one for one in open_ones if is_alarming(one)), None)
    shown = alarm or next(iter(open_ones), None)
    return SafetyState(
        alarm,
        progress_of(case, shown) if shown else (),
        case.safety_events.paused_since(client),
        escalation.mark_of(shown) if shown else "",
    )


def progress_of(case: Case, handoff: Handoff) -> tuple[str, ...]:
    """Say how far the alert of a handoff went, and who is on it."""
    zone, now = handoff.client.timezone, case.clock.now()

    def clock(at: datetime) -> str:
        return times.short_time(at, zone, now)

    if not is_alarming(handoff):
        done = [event for event in handoff.events if event.what == "acknowledged" and event.staff_id]
        who = case.staff.find_enabled(str(done[-1].staff_id)) if done else None
        return (f"{who.first_name} is on it since {clock(done[-1].at)}.",) if who else ()
    told: dict[str, list[Alert]] = {}
    for alert in case.alerts.of_alarm(handoff):
        told.setdefault(alert.staff_id, []).append(alert)
    lines = [_told_line(alerts, clock(alerts[0].created_at)) for alerts in told.values()]
    lines.append(_seen_line(case, handoff) if told else "There is nobody to alert in this service.")
    coming = case.timers.waiting(f"{escalation.TIMER}:{handoff.id}:")
    if coming:
        names = [
            f"{labels.say(labels.STEPS, str(one.payload['step']))} at {clock(one.due_at)}" for one in coming
        ]
        lines.append(f"Next: {', '.join(names)}.")
    return tuple(lines)


def chat_of(case: Case, handoff: Handoff) -> Conversation | None:
    """Return the chat it came from, or the client's present chat when that one is gone."""
    if handoff.conversation_id is not None:
        conversation = case.conversations.find(handoff.conversation_id)
        if conversation is not None and conversation.unlinked_at is None:
            return conversation
    return next(iter(case.conversations.of_client(handoff.client)), None)


def back_to(case: Case, conversation: Conversation) -> str:
    """Return the page of a chat, or the inbox when this person may no longer see its client."""
    try:
        case.clients.get_for(me(case), conversation.client_id)
    except NoSuchClient:
        return url_for("inbox.page")
    return url_for("conversation.page", conversation_id=conversation.id)


def _told_line(alerts: list[Alert], first: str) -> str:
    def by(*statuses: str) -> str:
        ways = {
            one.channel: labels.say(labels.ALERT_CHANNELS, one.channel)
            for one in alerts
            if one.status in statuses
        }
        return " and ".join(ways.values())

    line = f"{alerts[0].staff.first_name} alerted {first} {by('sent')}."
    if way := by("new", "sending"):
        line += f" On its way {way}."
    if any(is_stuck(one) for one in alerts):
        line += " It does not get through: please phone."
    if lost := by("dead"):
        line += f" Not delivered {lost}: please phone."
    return line


def _seen_line(case: Case, handoff: Handoff) -> str:
    seen_by = [event.staff_id for event in handoff.events if event.what == "seen" and event.staff_id]
    who = case.staff.find_enabled(seen_by[-1]) if handoff.status == "seen" and seen_by else None
    return f"Opened by {who.first_name}. Nobody is on it yet." if who else "Seen by nobody yet."


def _page_of(conversation: Conversation | None, client_id: str) -> str:
    if conversation is None:
        return url_for("client.page", client_id=client_id)
    return url_for("conversation.page", conversation_id=conversation.id)
