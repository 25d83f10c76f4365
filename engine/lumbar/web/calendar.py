"""A plan as a calendar file: the movements of each day, small breaks, and the day to answer again.

Times are the person's own, wherever they are; nothing rings unless their calendar makes it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from icalendar import Calendar, Event
from icalendar.enums import CLASS, TRANSP

from lumbar.plan.document import Plan, to_json
from lumbar.rulebook.words import CalendarWords, fill
from lumbar.web.plans import movements

_LEAST = timedelta(minutes=5)  # for the movements of a day
_BREAK = timedelta(minutes=2)
_WEEK = ["MO", "TU", "WE", "TH", "FR"]  # days on which there is a break


def calendar(says: CalendarWords, plan: Plan, day: str) -> bytes:
    """Return what is planned from a day (2026-11-22) to the review; for the same, the same bytes.

    Its marks tell two people's plans apart in one calendar.
    """
    first = date.fromisoformat(day)
    mark = sha256(f"{day}{to_json(plan)}".encode()).hexdigest()[:24]
    made = Calendar.new(prodid="-//Lumbar//EN", uid=mark)
    for place, event in enumerate(_events(says, plan, first)):
        event.uid, event.stamp = f"{mark}-{place}", datetime.combine(first, time())
        made.add_component(event)
    return bytes(made.to_ical())


def _events(says: CalendarWords, plan: Plan, first: date) -> Iterator[Event]:
    review = first + timedelta(days=plan.review.after_days)
    if plan.review.on:  # the answers may be older than the calendar
        review = max(date.fromisoformat(plan.review.on), first + timedelta(days=1))
    days = (review - first).days
    if doing := [one for one in movements(plan) if one.dose]:
        length = sum(
            (timedelta(minutes=one.dose.minutes) for one in doing if one.dose), timedelta()
        )
        steps = "\n".join(f"{one.name}: {one.dose.text}" for one in doing if one.dose)
        told = says.movements, fill(says.movements_says, steps=steps)
        start = _at(first, says.movements_at)
        yield _event(told, start, max(length, _LEAST), {"freq": "daily", "count": days})
    if any(section.id == "work" for section in plan.sections):
        monday = first + timedelta(days=7 - first.weekday())
        day = first if first.weekday() < len(_WEEK) else monday
        for at in says.pause_at:
            until = _at(first + timedelta(days=days - 1), at)
            every = {"freq": "weekly", "byday": _WEEK, "until": until}
            yield _event((says.pause, says.pause_says), _at(day, at), _BREAK, every)
    yield _event((says.review, plan.review.text), review, timedelta(days=1), {})


def _event(
    told: tuple[str, str], start: date, length: timedelta, repeated: Mapping[str, Any]
) -> Event:
    """Return an event that others see as nothing, in a calendar that is shared."""
    summary, description = told
    event = Event.new(
        start=start, end=start + length, summary=summary, description=description,
        classification=CLASS.PRIVATE, transparency=TRANSP.TRANSPARENT, uid="",
    )  # fmt: skip
    if repeated:
        event.add("rrule", repeated)
    return event


def _at(day: date, said: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(said))
