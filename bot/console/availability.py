"""My availability: when can clients meet me?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, SelectField, SubmitField, TimeField
from wtforms.validators import InputRequired, Optional

from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import times
from bot.console.forms import Form, options
from bot.console.parts import console, me
from bot.spoken import DAYS

pages = Blueprint("availability", __name__)

#: A longer absence is said to the service manager, who finds a cover.
LONGEST_BLOCK = timedelta(days=100)
FURTHEST = timedelta(days=400)


class SpanForm(Form):
    """A weekly span."""

    weekday = SelectField("Day", choices=options([(str(number), day) for number, day in enumerate(DAYS)]))
    starts = TimeField("From", validators=[InputRequired("From when?")])
    ends = TimeField("Until", validators=[InputRequired("Until when?")])
    submit = SubmitField("Add this time")


class BlockForm(Form):
    """A span in which nobody is met."""

    first = DateField("First day", validators=[InputRequired("Choose a day.")])
    starts = TimeField("From (empty: the whole day)", validators=[Optional()])
    last = DateField("Last day", validators=[InputRequired("Choose a day.")])
    ends = TimeField("Until (empty: the whole day)", validators=[Optional()])
    submit = SubmitField("Block this time")

    def span(self, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime] | None:
        """Return the instants of what was typed; None, with an error at a field."""
        if self.first.data is None or self.last.data is None:
            return None
        try:
            starts_at = times.instant(self.first.data, self.starts.data or time(), zone, either=True)
            if self.ends.data is None:
                ends_at = times.instant(self.last.data + timedelta(days=1), time(), zone, either=True)
            else:
                ends_at = times.instant(self.last.data, self.ends.data, zone, either=True)
        except times.TimeDoesNotExist:
            problem = "The clocks go forward over this time. Choose one an hour later."
        except (OverflowError, ValueError):
            problem = "Check the year."
        else:
            if (
                now < ends_at
                and starts_at < ends_at <= starts_at + LONGEST_BLOCK
                and starts_at < now + FURTHEST
            ):
                return starts_at, ends_at
            problem = "This is very long, or far ahead. Check the days."
            if ends_at <= starts_at:
                problem = "The end is before the start."
            elif ends_at <= now:
                problem = "This has passed already."
        self.last.errors = [*self.last.errors, problem]
        return None


class FeedForm(Form):
    """An address for one's own calendar."""

    with_initials = BooleanField("Put the initials of the client on each entry")
    submit = SubmitField("Make an address")


@pages.get("/availability")
def page() -> ResponseReturnValue:
    """Show my week, my blocks and whether my calendar is read anywhere."""
    with console().caseload.reading() as case:
        return _page(case, me(case))


@pages.post("/availability/spans")
def add_span() -> ResponseReturnValue:
    """Add a weekly span."""
    form = SpanForm(prefix="span")
    with console().caseload.transaction() as case:
        staff = me(case)
        form.validate()
        starts, ends = f"{form.starts.data or time():%H:%M}", f"{form.ends.data or time():%H:%M}"
        if not form.errors and ends <= starts:
            form.ends.errors = ["The end is before the start."]
        if not form.errors and not case.availability.add_span(staff, int(form.weekday.data), starts, ends):
            form.starts.errors = ["This overlaps a time that is there already. Take that one away first."]
        if form.errors:
            return _page(case, staff, span=form), 422
        case.audit.record("availability changed", staff_id=staff.id)
    flash("Clients can ask for this time now.", "success")
    return _back()


@pages.post("/availability/spans/<int:span_id>/remove")
def remove_span(span_id: int) -> ResponseReturnValue:
    """Take a weekly span away; meetings that are arranged stay."""
    with console().caseload.transaction() as case:
        staff = me(case)
        case.availability.remove_span(staff, span_id)
        case.audit.record("availability changed", staff_id=staff.id)
    flash("Clients cannot ask for this time any more. What is arranged stays.", "success")
    return _back()


@pages.post("/availability/blocks")
def add_block() -> ResponseReturnValue:
    """Meet nobody for a while."""
    form = BlockForm(prefix="block")
    with console().caseload.transaction() as case:
        staff = me(case)
        span = form.span(ZoneInfo(staff.service.timezone), case.clock.now()) if form.validate() else None
        if span is None:
            return _page(case, staff, block=form), 422
        case.availability.block(staff, *span)
        case.audit.record("availability changed", staff_id=staff.id)
    flash("The bot offers none of this time. What is arranged stays.", "success")
    return _back()


@pages.post("/availability/blocks/<int:block_id>/remove")
def remove_block(block_id: int) -> ResponseReturnValue:
    """Take a block away."""
    with console().caseload.transaction() as case:
        staff = me(case)
        case.availability.unblock(staff, block_id)
        case.audit.record("availability changed", staff_id=staff.id)
    flash("The block is gone.", "success")
    return _back()


@pages.post("/availability/calendar")
def make_feed() -> ResponseReturnValue:
    """Make an address for my calendar and show it once; the one before stops working."""
    form = FeedForm(prefix="feed")
    with console().caseload.transaction() as case:
        staff = me(case)
        token = case.calendar_feeds.make(staff, with_initials=bool(form.with_initials.data))
        case.audit.record("calendar address made", staff_id=staff.id)
        # Shown in this answer and kept nowhere, as an invite is.
        return _page(case, staff, feed_link=url_for("calendar_feed.read", token=token, _external=True))


@pages.post("/availability/calendar/revoke")
def revoke_feed() -> ResponseReturnValue:
    """Let nobody read my calendar any more."""
    with console().caseload.transaction() as case:
        staff = me(case)
        if case.calendar_feeds.revoke(staff):
            case.audit.record("calendar address revoked", staff_id=staff.id)
    flash("The address does not work any more.", "success")
    return _back()


def _page(
    case: Case,
    staff: Staff,
    *,
    span: SpanForm | None = None,
    block: BlockForm | None = None,
    feed_link: str | None = None,
) -> str:
    return render_template(
        "availability/page.html",
        zone=staff.service.timezone,
        weekdays=DAYS,
        spans=case.availability.spans_of(staff),
        blocks=case.availability.blocks_ahead(staff),
        feed=case.calendar_feeds.live_of(staff),
        feed_link=feed_link,
        span=span or SpanForm(formdata=None, prefix="span"),
        block=block or BlockForm(formdata=None, prefix="block"),
        feed_form=FeedForm(formdata=None, prefix="feed"),
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("availability.page"), 303)
