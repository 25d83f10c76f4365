"""One person who is being asked: the interview, each page of it, and what they were told.

Between two requests it is plain data, and nothing of it stays in the process.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from lumbar.decision.decide import Decision, decide
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.earlier import earlier
from lumbar.intake.interview import Interview
from lumbar.intake.paused import put_down, take_up
from lumbar.intake.screen import Part, Place, Read, fill_in, parts, place_of
from lumbar.intake.typed import Refused
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.questionnaire import ANSWERED_ON, Topic


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
        return session

    @classmethod
    def resumed(cls, catalog: Catalog, data: Mapping[str, Any], today: str) -> "Session":
        """Return the session of somebody who comes back: what still counts of it is kept, the rest
        is asked again, by the rules of `intake/earlier.py`.
        """
        said = {**data["interview"].get("before", {}), **data["interview"].get("answers", {})}
        raw = {**said, ANSWERED_ON: data["day"]}
        given = earlier(catalog.questionnaire, raw, date.fromisoformat(today))
        says = catalog.words.interview
        interview = Interview(catalog.questionnaire, given.answers, says, given.said)
        session = cls(catalog, interview, data["day"] if said else today)
        session.renewed_on, session.unfit = today if given.old else None, given.unfit
        session._stop.look(interview.kept)
        session._go_on()
        return session

    def data(self) -> dict[str, Any]:
        """Return all that is known of the person, as plain data such as JSON holds."""
        known = {
            "questionnaire": self._catalog.questionnaire.version,
            "day": self.day,
            "interview": put_down(self.interview),
            "places": [[one.asked, one.left] if one.left else [one.asked] for one in self.places],
            "told": sorted(self._stop.told),
        }
        if self.renewed_on and not self.complete:
            known["renewed_on"] = self.renewed_on
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
