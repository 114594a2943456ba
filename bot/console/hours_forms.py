"""What staff type about their days and absences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, Field, SelectField, StringField, SubmitField, TimeField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from bot.caseload.models.people import Staff
from bot.console import times
from bot.console.forms import Form, options, tidy
from bot.spoken import DAYS

#: Anything later is a slip of the fingers.
FURTHEST = timedelta(days=2 * 366)
MOST_SPANS = 4
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_SPAN = re.compile(rf"\s*{_CLOCK}\s*(?:-|–|to|until)\s*{_CLOCK}\s*", re.IGNORECASE)
HOW = "Write times as 09:00-17:00, and two parts as 09:00-12:30, 13:30-17:00."


def read_spans(text: str) -> list[list[str]]:
    """Read "9-12.30, 1pm to 5pm" as [["09:00", "12:30"], ["13:00", "17:00"]]; raise ValueError with why."""
    spans: list[list[str]] = []
    for part in re.split(r"[,;]|\band\b", text):
        if not part.strip():
            continue
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(HOW)
        start, end = _clock(*found.groups()[:3]), _clock(*found.groups()[3:])
        if end <= start:
            raise ValueError("The end of a time must be after its start.")
        spans.append([f"{start:%H:%M}", f"{end:%H:%M}"])
    spans.sort()
    if any(before[1] > after[0] for before, after in pairwise(spans)):
        raise ValueError("Two of these times overlap.")
    if len(spans) > MOST_SPANS:
        raise ValueError(f"Use {MOST_SPANS} times a day at most.")
    return spans


def spans_text(spans: Sequence[Sequence[str]]) -> str:
    """Write a day's times as they are typed."""
    return ", ".join(f"{start}-{end}" for start, end in sorted(map(tuple, spans)))


def _clock(hour: str, minute: str | None, half: str | None) -> time:
    number = int(hour)
    if half is not None:
        if not 1 <= number <= 12:
            raise ValueError(HOW)
        number = number % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return time(number, int(minute or 0))
    except ValueError as error:
        raise ValueError(HOW) from error


def _are_hours(_form: Any, field: Field) -> None:
    try:
        read_spans(field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _day(name: str) -> StringField:
    too_long = Length(max=120, message="This is too long for one day.")
    return StringField(name, filters=[tidy], validators=[too_long, _are_hours])


class DaysForm(Form):
    """The days and hours of one person, a line for each day."""

    day0, day1, day2, day3 = _day(DAYS[0]), _day(DAYS[1]), _day(DAYS[2]), _day(DAYS[3])
    day4, day5, day6 = _day(DAYS[4]), _day(DAYS[5]), _day(DAYS[6])
    submit = SubmitField("Save the days")

    @property
    def days(self) -> list[Any]:
        """The fields, Monday first."""
        return [self[f"day{number}"] for number in range(7)]

    def hours(self) -> dict[str, list[list[str]]] | None:
        """Return the hours that were typed; None, with an error at a field, when they cannot be."""
        if not self.validate():
            return None
        read = {str(number): read_spans(field.data or "") for number, field in enumerate(self.days)}
        hours = {day: spans for day, spans in read.items() if spans}
        if not hours:
            self.day0.errors = [*self.day0.errors, "Write the times of one day at least."]
            return None
        return hours


def days_of(hours: dict[str, Any]) -> DaysForm:
    """Return the form as it stands now."""
    typed = {f"day{day}": spans_text(spans) for day, spans in hours.items()}
    return DaysForm(formdata=None, prefix="days", data=typed)


class AbsenceForm(Form):
    """A time away."""

    first = DateField("First day away", validators=[InputRequired("Choose the first day.")])
    from_time = TimeField("From (empty: the whole day)", validators=[Optional()])
    last = DateField("Last day away", validators=[InputRequired("Choose the last day.")])
    until_time = TimeField("Until (empty: the whole day)", validators=[Optional()])
    cover = SelectField("Who covers", validate_choice=False)
    note = StringField("Note for colleagues (you can leave this empty)", filters=[tidy])
    submit = SubmitField("Save")

    def offer(self, covers: Sequence[Staff]) -> None:
        """Offer these people as cover."""
        self.cover.choices = options(
            [("", "Nobody: the lead reads"), *((one.id, one.name) for one in covers)]
        )

    def span(self, zone_name: str, now: datetime) -> tuple[datetime, datetime] | None:
        """Return from when until when, typed as local time; None, with an error at a field."""
        zone = ZoneInfo(zone_name)
        if not self.validate() or self.first.data is None or self.last.data is None:
            return None
        start = self._instant(self.from_time, self.first.data, self.from_time.data, zone)
        if self.until_time.data is None:
            end = self._instant(self.last, self.last.data, None, zone, next_day=True)
        else:
            end = self._instant(self.until_time, self.last.data, self.until_time.data, zone)
        if start is None or end is None:
            return None
        problem = None
        if end <= start:
            problem = "The end must come after the start."
        elif end <= now:
            problem = "This has passed. Choose days ahead."
        elif end > now + FURTHEST:
            problem = "This is years ahead. Check the year."
        if problem:
            self.last.errors = [*self.last.errors, problem]
            return None
        return start, end

    def _instant(
        self, field: Field, day: date, at: time | None, zone: ZoneInfo, *, next_day: bool = False
    ) -> datetime | None:
        try:
            return times.instant(day + timedelta(days=1) if next_day else day, at or time(0), zone)
        except times.TimeDoesNotExist:
            problem = "The clocks go forward over this time. Choose one an hour later."
        except times.TimeHappensTwice:
            problem = "The clocks go back, so this time happens twice. Choose another one."
        except (OverflowError, ValueError):
            problem = "Choose another day."
        field.errors = [*field.errors, problem]
        return None
