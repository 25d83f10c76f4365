"""One person who is being asked: the interview, each page of it, and what they were told.

Between two requests it is plain data, and nothing of it stays in the process.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from lumbar.decision.decide import Decision, decide
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.check_in import come_again, followed, told
from lumbar.intake.earlier import age, earlier
from lumbar.intake.interview import Interview
from lumbar.intake.paused import put_down, take_up
from lumbar.intake.screen import Part, Place, Read, fill_in, parts, place_of
from lumbar.intake.typed import Refused
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import ANSWERED_ON, Topic

Raw = Mapping[str, Any]
_VISITS = 40  # are kept beside the first


class Session:
    """One person's interview, and each place they were asked at: its number is in the address."""

    def __init__(
        self,
        catalog: Catalog,
        interview: Interview,
        day: str,
        places: Iterable[Place] = (),
        told: Iterable[str] = (),
    ) -> None:
        self._catalog, self.interview, self._day = catalog, interview, day
        self.places, self._stop = [*places], EarlyStop(catalog, told)
        self.renewed_on: str | None = None  # since when what is too old is asked again
        self.unfit: tuple[str, ...] = ()  # what was answered and fits these questions no more
        self.visits: tuple[Raw, ...] = ()  # of the visits before, the day and what is followed

    @classmethod
    def begun(cls, catalog: Catalog, today: str) -> "Session":
        """Return the session of somebody of whom nothing is known yet."""
        interview = Interview(catalog.questionnaire, {}, catalog.words.interview)
        session = cls(catalog, interview, today)
        session._go_on()
        return session

    @classmethod
    def of(cls, catalog: Catalog, data: Mapping[str, Any], today: str) -> "Session":
        """Return the session that this is the data of; answers to other questions than today's are
        carried over.
        """
        if data["questionnaire"] != catalog.questionnaire.version:
            return cls.resumed(catalog, data, today)
        interview = take_up(catalog.questionnaire, catalog.words.interview, data["interview"])
        places = [Place(*map(tuple, one)) for one in data["places"]]
        session = cls(catalog, interview, data["day"], places, data["told"])
        session.renewed_on = data.get("renewed_on")
        session.unfit = tuple(data.get("unfit", ()))
        session.visits = tuple(data.get("visits", ()))
        return session

    @classmethod
    def resumed(cls, catalog: Catalog, data: Mapping[str, Any], today: str) -> "Session":
        """Return the session of somebody who comes back: what still counts of it is kept, the rest
        is asked again, by the rules of `intake/earlier.py`. Who answered all, and is not to be seen
        now, comes after more than a day for another visit.
        """
        if data["questionnaire"] == catalog.questionnaire.version:
            before = cls.of(catalog, data, today)
            days = age(before.day, date.fromisoformat(today)) or 0
            if before.complete and days > 1 and not before.urgent:
                return before.come_again(today)
        said = {**data["interview"].get("before", {}), **data["interview"].get("answers", {})}
        visits, day = tuple(data.get("visits", ())), date.fromisoformat(today)
        known = dict(told(catalog.questionnaire, visits, day)) if visits else {}
        raw = {**said, **known, ANSWERED_ON: data["day"]}
        given = earlier(catalog.questionnaire, raw, day)
        says = catalog.words.interview
        interview = Interview(catalog.questionnaire, given.answers, says, given.said)
        session = cls(catalog, interview, data["day"] if said else today)
        session.renewed_on, session.unfit = today if given.old else None, given.unfit
        session.visits = visits
        session._stop.look(interview.kept)
        session._go_on()
        return session

    def come_again(self, today: str) -> "Session":
        """Return the session of the next visit of somebody who answered all."""
        catalog, visits = self._catalog, self.all_visits
        kept = (*visits[:1], *visits[1:][-_VISITS:])
        last = {**self.interview.answers.raw, ANSWERED_ON: self.day}
        given = come_again(catalog.questionnaire, (*kept[:-1], last), date.fromisoformat(today))
        # what was said counts until it was asked again; but not what was to be seen about, and was
        before = {} if self.urgent else self.interview.answers.given
        says = catalog.words.interview
        interview = Interview(catalog.questionnaire, given.answers, says, before)
        session = type(self)(catalog, interview, self.day)
        session.visits, session.renewed_on = kept, today
        session._go_on()
        return session

    @property
    def all_visits(self) -> tuple[Raw, ...]:
        """The day, and what is followed, of all visits up to this one, once it is complete."""
        names, raw = followed(self._catalog.questionnaire), self.interview.answers.raw
        this = {name: raw[name] for name in names if name in raw} | {ANSWERED_ON: self.day}
        return (*self.visits, this) if self.complete or not self.visits else self.visits

    def data(self) -> dict[str, Any]:
        """Return all that is known of the person, as plain data such as JSON holds."""
        known: dict[str, Any] = {
            "questionnaire": self._catalog.questionnaire.version,
            "day": self.day,
            "interview": put_down(self.interview),
            "places": [[one.asked, one.left] if one.left else [one.asked] for one in self.places],
            "told": sorted(self._stop.told),
        }
        if self.renewed_on and not self.complete:
            known["renewed_on"] = self.renewed_on
        if self.visits:
            known["visits"] = [dict(one) for one in self.visits]
        return known | ({"unfit": [*self.unfit]} if self.unfit else {})

    @property
    def day(self) -> str:
        """The day of the answers: of earlier ones until all that is too old was asked again."""
        return self.renewed_on if self.renewed_on and self.complete else self._day

    @property
    def complete(self) -> bool:
        """Whether all that applies was asked."""
        return self.interview.current is None

    def page(self, number: int) -> list[Part]:
        """Return what stands on the n-th page, the first is 1; nothing where there is no such."""
        known = 1 <= number <= len(self.places)
        return parts(self.interview, self.places[number - 1]) if known else []

    def topic(self, number: int) -> Topic:
        """Return what the n-th page is about."""
        return self.interview.topic_of(self.places[number - 1].asked[0])

    def answer(
        self, number: int, given: Mapping[str, Sequence[str]], read: Read, *, leave_open: bool
    ) -> tuple[bool, dict[str, Refused]]:
        """Take what was given on a page, by question; what was asked after it is asked anew only
        where it is open. Return whether there is a new reason to be seen now, or one that was taken
        back and is there again, and what is wrong.
        """
        place = self.places[number - 1]
        self.interview, wrong = fill_in(self.interview, place, given, read, leave_open=leave_open)
        del self.places[number:]
        if not wrong:
            self._go_on()
        return self._stop.look(self.interview.kept) is not None, wrong

    def change(self, name: str) -> int:
        """Let one question be asked once more by itself; return the number of its place."""
        self.interview.change(name)
        self.places.append(Place((name,)))
        self.interview.advance()  # as long as it is not answered anew, the answer counts
        return len(self.places)

    @property
    def emergency(self) -> Decision | None:
        """What the answers so far mean, where that is to be seen now."""
        return EarlyStop(self._catalog).look(self.interview.kept)

    @property
    def urgent(self) -> bool:
        """Whether the answers so far mean to be seen now."""
        return self.emergency is not None

    @property
    def decision(self) -> Decision:
        """What the answers mean; those of an earlier day count until they were asked again."""
        return decide(self._catalog, self.interview.kept)

    def _go_on(self) -> None:
        if place := place_of(self.interview):
            self.places.append(place)
