"""All that a book tells: a rule set with its properties, hazards, people and signatures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.engines.loading import load
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.review.audit.goals import Goals, read_goals
from lumbar.review.book.crossref import (
    CrossReference,
    Ref,
    Refs,
    Spoken,
    TopicRef,
    grouped,
    holds,
    spaced,
    spoken,
)
from lumbar.review.people.personas import Persona, load_personas, misnamed
from lumbar.review.properties import hazards
from lumbar.review.properties.hazards import Hazard
from lumbar.review.properties.safety import Property
from lumbar.review.signing.standings import WORDS, needs
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Urgency
from lumbar.rulebook.rules import STAGES, Rule, Stage
from lumbar.signatures.reviewed import RULE_SET
from lumbar.signatures.signoffs import SIGNED, Standing, Status, standing

PEOPLE = Path("tests") / "personas"


@dataclass(frozen=True)
class Named:
    """A named person, the rules that fire for them, and how urgent that is.

    There is no urgency where rules contradict each other.
    """

    name: str
    persona: Persona
    urgency: Urgency | None
    fired: tuple[str, ...]


class About(NamedTuple):
    """What a file of rules begins with: its title, and what else it says of itself."""

    title: str
    rest: str


@dataclass(frozen=True)
class Book:
    """All that a book tells of; `on` is the day for what is due.

    `about` is what each file of rules begins with, by its topic: 'triage/cancer'. `goals` is what
    the audit holds; a rule set may have none.
    """

    catalog: Catalog
    properties: tuple[Property, ...]
    hazards: tuple[Hazard, ...]
    personas: Mapping[str, Persona]
    on: date
    about: Mapping[str, About]
    goals: Goals | None

    @cached_property
    def cross(self) -> CrossReference:
        """The catalog read the other way round."""
        return CrossReference(self.catalog)

    @cached_property
    def people(self) -> tuple[Named, ...]:
        """The named people with what the rules make of them, by the reference engine."""
        return tuple(_met(self.catalog, name, persona) for name, persona in self.personas.items())

    @cached_property
    def fires_for(self) -> Mapping[str, Refs]:
        """The people each rule fires for."""
        people = ((rule, Ref("persona", one.name)) for one in self.people for rule in one.fired)
        return grouped(people)

    @cached_property
    def spoken(self) -> Mapping[str, Spoken]:
        """What each property speaks of."""
        return {one.id: spoken(self.catalog, one) for one in self.properties}

    @cached_property
    def _held(self) -> tuple[tuple[str, str], ...]:
        """Each rule with each property that is about it."""
        return tuple(
            (rule.id, name)
            for rule in self.catalog.rules.values()
            for name, said in self.spoken.items()
            if holds(self.cross, said, rule)
        )

    @cached_property
    def held_by(self) -> Mapping[str, Refs]:
        """The properties that hold each rule."""
        return grouped((rule, Ref("property", one)) for rule, one in self._held)

    @cached_property
    def rules_held(self) -> Mapping[str, Refs]:
        """The rules that each property holds."""
        return grouped((one, Ref("rule", rule)) for rule, one in self._held)

    @cached_property
    def cited_by(self) -> Mapping[str, Refs]:
        """Everything that cites each source."""
        pairs = [(source, ref) for source, refs in self.cross.cited_by.items() for ref in refs]
        pairs += [(one.source, Ref("property", one.id)) for one in self.properties]
        return grouped(pairs + [(one.source, Ref("hazard", one.id)) for one in self.hazards])

    @cached_property
    def tables(self) -> Mapping[str, tuple[Property, ...]]:
        """The properties by their heading."""
        return {
            heading: tuple(one for one in self.properties if one.heading == heading)
            for heading in dict.fromkeys(one.heading for one in self.properties)
        }

    @staticmethod
    def one_claim(properties: Sequence[Property]) -> bool:
        """Return whether properties claim one thing, each of somebody else."""
        return len({(one.must, one.change) for one in properties}) == 1

    @property
    def of_all(self) -> Refs:
        """The properties that hold for everybody."""
        return tuple(Ref("property", one) for one, said in self.spoken.items() if said.of_all)

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Where the review of each rule stands."""
        return {rule: standing(self.catalog, rule, self.on) for rule in self.catalog.rules}

    @cached_property
    def whole(self) -> Standing:
        """Where the rule set stands as a whole."""
        return standing(self.catalog, RULE_SET, self.on)

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Where the review of any rule stands, in the order in which that is told."""
        met = {one.status for one in self.standings.values()}
        return tuple(status for status in WORDS if status in met)

    @property
    def reviewed(self) -> Mapping[Stage, tuple[Standing, ...]]:
        """Where the review of the rules of each stage stands, of the retired ones too."""
        stage_of = self.catalog.stage_of.items()
        return {
            stage: tuple(self.standings[rule] for rule, of in stage_of if of == stage)
            for stage in STAGES
        }

    @property
    def in_force(self) -> tuple[Rule, ...]:
        """The rules that are not retired."""
        return self.catalog.in_force

    @property
    def signed(self) -> int:
        """How many rules in force are validly signed."""
        return sum(self.standings[rule.id].status in SIGNED for rule in self.in_force)

    @property
    def needs(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """What a release needs: for each need the rules, by topic."""
        return needs(self.catalog, [self.standings[rule.id] for rule in self.in_force])


def read_book(root: Path, on: date) -> Book:
    """Read the rules, content, properties, hazards and people under a folder.

    Raises BadCatalogError. A wheel has no folder of people beside the rules: there are none then.
    """
    catalog = load(root)
    found, properties, problems = hazards.read(root, catalog)
    personas = load_personas(root / PEOPLE) if (root / PEOPLE).is_dir() else {}
    problems = (*problems, *_wrong_people(catalog, personas))
    if problems:
        raise BadCatalogError(problems)
    topics = CrossReference(catalog).topics
    about = {one.id: _about(one, root / "rules" / f"{one.id}.yaml") for one in topics}
    return Book(catalog, properties, found, personas, on, about, read_goals(root))


def _about(topic: TopicRef, path: Path) -> About:
    """Return what the comment says that a file begins with: its first sentence is the title.

    Where there is none, the title is the name of the file.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    said = " ".join(line.strip("# ") for line in takewhile(lambda one: one[:1] == "#", lines))
    title, _, rest = said.partition(". ")
    return About(title.rstrip(".") or f"{topic.stage}: {spaced(topic.name)}".capitalize(), rest)


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
