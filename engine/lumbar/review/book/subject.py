"""What a book is about: a rule set with its properties, hazards, people and signatures, on a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.engines.limits import load
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.book.crossref import CrossReference, Ref, Spoken, holds, spoken
from lumbar.review.people.personas import Persona, load_personas, misnamed
from lumbar.review.properties import hazards
from lumbar.review.properties.hazards import Hazard
from lumbar.review.properties.safety import Property
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Urgency
from lumbar.signatures.signoffs import Standing, Status, standing

PEOPLE = Path("tests") / "personas"


@dataclass(frozen=True)
class Named:
    """A named person, the rules that fire for them, and how urgent that is; no urgency where rules
    contradict.
    """

    name: str
    persona: Persona
    urgency: Urgency | None
    fired: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """All that a book tells of; `on` is the day for what is due."""

    catalog: Catalog
    properties: tuple[Property, ...]
    hazards: tuple[Hazard, ...]
    personas: Mapping[str, Persona]
    on: date

    @cached_property
    def cross(self) -> CrossReference:
        """The catalog read the other way round."""
        return CrossReference(self.catalog)

    @cached_property
    def people(self) -> tuple[Named, ...]:
        """The named people with what the rules make of them, by the reference engine."""
        return tuple(_met(self.catalog, name, persona) for name, persona in self.personas.items())

    @cached_property
    def fires_for(self) -> Mapping[str, tuple[Ref, ...]]:
        """The people each rule fires for."""
        found: dict[str, list[Ref]] = {rule: [] for rule in self.catalog.rules}
        for person in self.people:
            for rule in person.fired:
                found[rule].append(Ref("persona", person.name))
        return {rule: tuple(people) for rule, people in found.items()}

    @cached_property
    def spoken(self) -> Mapping[str, Spoken]:
        """What each property speaks of."""
        return {one.id: spoken(self.catalog, one) for one in self.properties}

    @cached_property
    def held_by(self) -> Mapping[str, tuple[Ref, ...]]:
        """The properties that hold each rule."""
        rules = self.catalog.rules.items()
        return {
            name: tuple(
                Ref("property", one)
                for one, said in self.spoken.items()
                if holds(self.cross, said, rule)
            )
            for name, rule in rules
        }

    @cached_property
    def rules_held(self) -> Mapping[str, tuple[Ref, ...]]:
        """The rules that each property holds."""
        found: dict[str, list[Ref]] = {one.id: [] for one in self.properties}
        for rule, properties in self.held_by.items():
            for one in properties:
                found[one.id].append(Ref("rule", rule))
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def cited_by(self) -> Mapping[str, tuple[Ref, ...]]:
        """Everything that cites each source."""
        more: dict[str, list[Ref]] = {}
        for prop in self.properties:
            more.setdefault(prop.source, []).append(Ref("property", prop.id))
        for hazard in self.hazards:
            more.setdefault(hazard.source, []).append(Ref("hazard", hazard.id))
        return {
            name: (*self.cross.cited_by.get(name, ()), *more.get(name, ()))
            for name in self.catalog.sources
        }

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Where the review of each rule stands."""
        return {rule: standing(self.catalog, rule, self.on) for rule in self.catalog.rules}

    def with_status(self, status: Status) -> Iterator[Standing]:
        """Yield where those rules stand that have a status."""
        return (one for one in self.standings.values() if one.status == status)


def read_subject(root: Path, on: date) -> Subject:
    """Read the rules, content, properties, hazards and people under a folder; raise
    BadCatalogError.

    Without a folder of people beside the rules, as in a wheel, there are none.
    """
    catalog = load(root)
    found, properties, problems = hazards.read(root, catalog)
    personas = load_personas(root / PEOPLE) if (root / PEOPLE).is_dir() else {}
    problems = (*problems, *_wrong_people(catalog, personas))
    if problems:
        raise BadCatalogError(problems)
    return Subject(catalog, properties, found, personas, on)


def _wrong_people(catalog: Catalog, personas: Mapping[str, Persona]) -> Iterator[Problem]:
    for name, persona in personas.items():
        for fault in misnamed(catalog, persona):
            yield Problem(f"{(PEOPLE / name).as_posix()}.yaml", 0, 0, "unknown-name", fault)


def _met(catalog: Catalog, name: str, persona: Persona) -> Named:
    answers = catalog.questionnaire.example(persona.answers)
    try:
        decision = by_reference(catalog, answers)
    except ConflictError:
        return Named(name, persona, None, ())
    return Named(name, persona, decision.urgency, decision.fired)
