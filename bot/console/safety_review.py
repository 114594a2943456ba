"""For leads and managers: did the safety check act rightly?"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.people import Staff
from bot.caseload.models.safety import SafetyEvent
from bot.caseload.safety_events import SOFT
from bot.caseload.safety_reviews import MISSED, NOT_NEEDED, RIGHT, Seen
from bot.caseload.store import Case
from bot.console import labels
from bot.console.access import for_roles
from bot.console.forms import number_asked_for
from bot.console.parts import console, me
from bot.console.safety_forms import FireForm, NearMissForm, form_of, prefix_of, version_of
from bot.console.safety_table import table_of
from bot.conversation.escalation import Escalation
from bot.safety.routes import Route

pages = Blueprint("safety_review", __name__, url_prefix="/safety")

SHOWN = 25
STRANGERS_SINCE = timedelta(days=30)
#: What the handoff says when a reviewer found that the bot should have answered.
TOLD_NOW = "A message got no safety answer and should have had one. Read the chat and speak to the client."
VERDICTS = {"fires": (RIGHT, NOT_NEEDED), "near-misses": (RIGHT, MISSED)}


@pages.get("")
@for_roles("manager", "lead")
def to_review() -> ResponseReturnValue:
    """Show the fires that nobody has reviewed, oldest first."""
    skip = number_asked_for("skip")
    with console().caseload.transaction() as case:
        staff = me(case)
        shown = case.safety_reviews.fires_to_review(staff, skip, SHOWN)
        _note_views(case, staff, shown)
        waiting = case.safety_reviews.count_to_review(staff)
        strangers = case.safety_reviews.fires_for_strangers(case.clock.now() - STRANGERS_SINCE)
    return _list("to_review", shown, skip, waiting, strangers=strangers)


@pages.get("/near-misses")
@for_roles("manager", "lead")
def near_misses() -> ResponseReturnValue:
    """Show the sample of messages that stayed just under the trained model's line."""
    skip = number_asked_for("skip")
    with console().caseload.transaction() as case:
        staff = me(case)
        shown = case.safety_reviews.near_misses_to_review(staff, skip, SHOWN)
        waiting = case.safety_reviews.count_to_review(staff)
        _note_views(case, staff, shown)
    return _list("near_misses", shown, skip, waiting)


@pages.get("/reviewed")
@for_roles("manager", "lead")
def reviewed() -> ResponseReturnValue:
    """Show what was reviewed, by route and verdict."""
    skip = number_asked_for("skip")
    what, route, verdict = _chosen()
    with console().caseload.transaction() as case:
        staff, reviews = me(case), case.safety_reviews
        find = reviews.reviewed_fires if what == "fires" else reviews.reviewed_near_misses
        shown = find(staff, route, verdict, skip, SHOWN + 1)
        waiting = reviews.count_to_review(staff)
        _note_views(case, staff, shown[:SHOWN])
    return _list(
        "reviewed", shown[:SHOWN], skip, waiting,
        what=what, route=route, verdict_chosen=verdict, verdicts=VERDICTS[what], more=len(shown) > SHOWN,
    )  # fmt: skip


@pages.get("/reviewed.csv")
@for_roles("manager", "lead")
def reviewed_table() -> ResponseReturnValue:
    """Give the reviewed fires as a table for a spreadsheet: no client, no words and no notes."""
    _, route, verdict = _chosen()
    with console().caseload.transaction() as case:
        staff = me(case)
        table = table_of(case.safety_reviews.reviewed_fires(staff, route, verdict, limit=None))
        case.audit.record("safety reviews downloaded", staff_id=staff.id)
    answer = Response(table, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="safety-reviews.csv"'
    return answer


@pages.get("/fires/<event_id>")
@for_roles("manager", "lead")
def fire(event_id: str) -> ResponseReturnValue:
    """Show one fire."""
    with console().caseload.transaction() as case:
        staff = me(case)
        one = case.safety_reviews.fire_for(staff, event_id)
        _note_views(case, staff, [one])
    return _single(one, form_of(one))


@pages.post("/fires/<event_id>")
@for_roles("manager", "lead")
def review_fire(event_id: str) -> ResponseReturnValue:
    """Write down what a reviewer found about a fire."""
    with console().caseload.transaction() as case:
        staff = me(case)
        one = case.safety_reviews.fire_for(staff, event_id)
        form = FireForm(prefix=prefix_of(one))
        if not form.is_complete(one.item.route):
            return _single(one, form), 422
        saved = _save(case, staff, one, form, what_was_done=form.what_was_done.data or None)
        wrong = form.verdict.data == NOT_NEEDED
    if not saved or wrong:
        return redirect(url_for("safety_review.fire", event_id=event_id), 303)
    return redirect(url_for("safety_review.to_review"), 303)


@pages.get("/near-misses/<int(max=2147483647):near_miss_id>")
@for_roles("manager", "lead")
def near_miss(near_miss_id: int) -> ResponseReturnValue:
    """Show one near miss."""
    with console().caseload.transaction() as case:
        staff = me(case)
        one = case.safety_reviews.near_miss_for(staff, near_miss_id)
        _note_views(case, staff, [one])
    return _single(one, form_of(one))


@pages.post("/near-misses/<int(max=2147483647):near_miss_id>")
@for_roles("manager", "lead")
def review_near_miss(near_miss_id: int) -> ResponseReturnValue:
    """Write down what a reviewer found about a near miss."""
    with console().caseload.transaction() as case:
        staff = me(case)
        one = case.safety_reviews.near_miss_for(staff, near_miss_id)
        form = NearMissForm(prefix=prefix_of(one))
        if not form.validate():
            return _single(one, form), 422
        saved = _save(case, staff, one, form)
        wrong = form.verdict.data == MISSED
    if not saved or wrong:
        return redirect(url_for("safety_review.near_miss", near_miss_id=near_miss_id), 303)
    return redirect(url_for("safety_review.near_misses"), 303)


@pages.post("/messages/<int(max=2147483647):message_id>/missed")
@for_roles("manager", "lead")
def report_missed(message_id: int) -> ResponseReturnValue:
    """Write down that a message should have had a safety answer, and show what can be done about it."""
    with console().caseload.transaction() as case:
        staff = me(case)
        item = case.safety_misses.report(staff, message_id)
        if isinstance(item, SafetyEvent):
            flash("The bot answered this message as danger. Say here whether that was right.", "info")
            return redirect(url_for("safety_review.fire", event_id=item.id), 303)
        case.audit.record(
            "safety miss reported", staff_id=staff.id, client_id=item.client_id, subject=str(item.id)
        )
        near_miss_id = item.id
    flash("It is written down that the bot should have answered. Nobody was told yet.", "success")
    return redirect(url_for("safety_review.near_miss", near_miss_id=near_miss_id), 303)


@pages.post("/near-misses/<int(max=2147483647):near_miss_id>/tell")
@for_roles("manager", "lead")
def tell_now(near_miss_id: int) -> ResponseReturnValue:
    """Open an urgent handoff about a message that should have had an answer."""
    with console().caseload.transaction() as case:
        staff = me(case)
        one = case.safety_reviews.near_miss_for(staff, near_miss_id)
        client, missed = one.client, one.item.verdict == MISSED
        if missed:
            opened = case.handoffs.open(client, TOLD_NOW, "safety", urgency="now")
            Escalation(by_mail=console().config.sends_mail).start(case, opened.handoff)
            _pause(case, one, opened.handoff)
            _record(case, staff, one, "consultant told after review")
    if not missed:
        flash("Say first that the bot should have answered, then tell somebody.", "info")
    elif opened.asked_before:
        flash(f"{client.preferred_name} waits already: it is first in the list of who is waiting.", "info")
    else:
        flash(f"It is now first in the list of who is waiting, for {_who_helps(one)}.", "success")
    return redirect(url_for("safety_review.near_miss", near_miss_id=near_miss_id), 303)


def _pause(case: Case, one: Seen, handoff: Handoff) -> None:
    """Record it as danger, once: what the bot starts pauses until somebody clears it."""
    item = one.item
    if item.inbox_seq in case.safety_events.waiting_behind(handoff.id):
        return
    case.safety_events.record(
        client=one.client,
        conversation_id=item.conversation_id,
        handoff_id=handoff.id,
        inbox_seq=item.inbox_seq,
        # A low mood pauses nothing, and somebody has just found that this was more.
        route=item.route if item.route != SOFT else Route.CRISIS,
        kind=None,
        detectors=("review",),
        content_version=console().safety.version(one.client.region),
    )


def _save(
    case: Case, staff: Staff, one: Seen, form: FireForm | NearMissForm, what_was_done: str | None = None
) -> bool:
    """Save a review unless a colleague was faster; return whether it was saved."""
    if form.seen.data != version_of(one):
        flash(f"{one.reviewed_by} has reviewed this meanwhile. Here is what they found.", "info")
        return False
    verdict = form.verdict.data
    case.safety_reviews.review(
        staff, one.item, verdict, what_was_done=what_was_done, note=form.note.data or None
    )
    _record(case, staff, one, "safety event reviewed" if one.is_fire else "near miss reviewed")
    flash(f"The review is saved: {labels.say(labels.SAFETY_VERDICTS, verdict).lower()}.", "success")
    return True


def _list(name: str, shown: list[Seen], skip: int, waiting: tuple[int, int], **more: object) -> str:
    fires, near = waiting
    return render_template(
        f"safety_review/{name}.html",
        tab=name, shown=shown, forms={one.item.id: form_of(one) for one in shown}, skip=skip, size=SHOWN,
        fires_waiting=fires, near_waiting=near, days=STRANGERS_SINCE.days, **more,
    )  # fmt: skip


def _single(one: Seen, form: FireForm | NearMissForm) -> str:
    return render_template("safety_review/one.html", one=one, form=form, who_helps=_who_helps(one))


def _who_helps(one: Seen) -> str:
    consultant = one.client.consultant
    return consultant.first_name if consultant else "the team"


def _chosen() -> tuple[str, str | None, str | None]:
    """Return what the address asks for: which list, which route and which verdict."""
    what = "near-misses" if request.args.get("what") == "near-misses" else "fires"
    route, verdict = request.args.get("route"), request.args.get("verdict")
    return (
        what,
        route if route in labels.SAFETY_ROUTES else None,
        verdict if verdict in VERDICTS[what] else None,
    )


def _note_views(case: Case, staff: Staff, shown: list[Seen]) -> None:
    for client_id in dict.fromkeys(one.client.id for one in shown):
        case.audit.record("safety review viewed", staff_id=staff.id, client_id=client_id)


def _record(case: Case, staff: Staff, one: Seen, action: str) -> None:
    case.audit.record(action, staff_id=staff.id, client_id=one.client.id, subject=str(one.item.id))
