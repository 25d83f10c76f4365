"""The hazard log and the safety properties as they lie in a folder, and whether each hazard has a
control that exists.

Neither decides for anybody: both are for those who review the rules.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, model_validator

from lumbar.reading.problems import Problem, did_you_mean
from lumbar.reading.yamlfile import Loc, Record, YamlFile, read_text
from lumbar.review.properties import safety, statements
from lumbar.review.properties.safety import Property
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import LARGEST_FILE
from lumbar.rulebook.items import Lines, Words

FILE = "rules/hazards.yaml"
TESTS = "tests"
Severity = Literal["minor", "significant", "considerable", "major", "catastrophic"]
Likelihood = Literal["very_low", "low", "medium", "high", "very_high"]
Test = Annotated[str, Field(pattern=r"^tests/[a-z0-9_/]+\.py::test_[a-z0-9_]+$")]
R = TypeVar("R")


class Control(Record):
    """What keeps a hazard from doing harm: a safety property, a rule or a test
    (`tests/test_x.py::test_name`).
    """

    property: str | None = None
    rule: str | None = None
    test: Test | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Control":
        if sum(one is not None for one in (self.property, self.rule, self.test)) != 1:
            raise ValueError("a control is exactly one of property, rule and test")
        return self

    def __str__(self) -> str:
        return next(one for one in (self.property, self.rule, self.test) if one is not None)


class Hazard(Record):
    """One entry of `rules/hazards.yaml`: what could harm a person, how, how badly, and what is done
    about it.

    Severity and likelihood are `proposed` until a clinical safety officer has `agreed` them. Every
    safety property that names the hazard controls it too; `controls` lists the others.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    ref: str = Field(pattern=r"^H[0-9]+$")
    title: Words
    cause: Lines
    harm: Words
    severity: Severity
    likelihood: Likelihood
    scoring: Literal["proposed", "agreed"]
    controls: tuple[Control, ...] = ()
    source: str
    note: str = ""
    residual: str = ""


@dataclass(frozen=True, slots=True)
class _Table(Generic[R]):
    """A file with its records and their places: none where it could not be read."""

    file: YamlFile
    places: tuple[Loc, ...]
    records: tuple[R, ...]

    def problem(self, index: int, field: str, code: str, message: str, hint: str = "") -> Problem:
        """Return a problem with one field of one record."""
        return self.file.problem((*self.places[index], field), code, message, hint)


def read(
    root: Path, catalog: Catalog | None = None
) -> tuple[tuple[Hazard, ...], tuple[Property, ...], tuple[Problem, ...]]:
    """Read the hazard log and the safety properties under a folder, with everything that is wrong
    with them.

    With the catalog of the same folder, the rules, questions, items and sources that they name are
    looked up too. A test that is named is only looked up where a folder `tests` lies beside the
    rules: an installed Lumbar has none.
    """
    problems: list[Problem] = []
    log = _read_one(root, FILE, _hazards, problems)
    props = _read_one(root, safety.FILE, safety.properties, problems)
    if not problems:
        problems += [*_twice(log, "id"), *_twice(log, "ref"), *_twice(props, "id")]
        problems += [
            *_unknown_hazards(log, props),
            *_no_control(log, props),
            *_unknown_controls(root, log, props),
        ]
        if catalog is not None:
            problems += [*_not_in_the_catalog(catalog, log, props)]
    return log.records, props.records, tuple(sorted(problems))


def controls(hazard: Hazard, properties: Iterable[Property]) -> tuple[Control, ...]:
    """Return every control of a hazard: the properties that name it, then those that it lists."""
    own = tuple(Control(property=one.id) for one in properties if one.hazard == hazard.id)
    return (*own, *(one for one in hazard.controls if one not in own))


def _hazards(file: YamlFile) -> Iterator[tuple[Loc, Hazard]]:
    found: tuple[Hazard, ...] = file.read(tuple[Hazard, ...]) or ()
    return (((index,), hazard) for index, hazard in enumerate(found))


def _read_one(
    root: Path,
    name: str,
    entries: Callable[[YamlFile], Iterable[tuple[Loc, R]]],
    problems: list[Problem],
) -> _Table[R]:
    path = root / name
    if not path.is_file():
        problems.append(
            Problem(name, 0, 0, "no-file", "this file is missing", "every rule set needs it")
        )
        return _Table(YamlFile(name, ""), (), ())
    text, unread = read_text(path, name, LARGEST_FILE)
    file = YamlFile(name, text)
    found = tuple(entries(file))
    problems += unread or file.problems
    return _Table(file, tuple(loc for loc, _ in found), tuple(one for _, one in found))


def _twice(table: _Table[Any], field: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, record in enumerate(table.records):
        name = getattr(record, field)
        if name in seen:
            yield table.problem(
                index, field, "duplicate-id", f"'{name}' stands here twice", "give each its own"
            )
        seen.add(name)


def _unknown_hazards(log: _Table[Hazard], props: _Table[Property]) -> Iterator[Problem]:
    known = {one.id for one in log.records}
    for index, prop in enumerate(props.records):
        if prop.hazard not in known:
            said = f"'{prop.id}' names the hazard '{prop.hazard}', which is not in the log"
            yield props.problem(
                index, "hazard", "unknown-hazard", said, did_you_mean(prop.hazard, known)
            )


def _no_control(log: _Table[Hazard], props: _Table[Property]) -> Iterator[Problem]:
    for index, hazard in enumerate(log.records):
        if not controls(hazard, props.records):
            hint = "name it in a property of rules/safety.yaml, or list a property, rule or test under controls"
            yield log.problem(
                index, "id", "no-control", f"nothing controls the hazard '{hazard.id}'", hint
            )


def _unknown_controls(
    root: Path, log: _Table[Hazard], props: _Table[Property]
) -> Iterator[Problem]:
    ids = {one.id for one in props.records}
    look = (root / TESTS).is_dir()
    for loc, control in _listed(log):
        if control.property is not None and control.property not in ids:
            yield _unknown(
                log, loc, f"property '{control.property}'", did_you_mean(control.property, ids)
            )
        if control.test is not None and look and not _test_exists(root, control.test):
            yield _unknown(log, loc, f"test '{control.test}'")


def _not_in_the_catalog(
    catalog: Catalog, log: _Table[Hazard], props: _Table[Property]
) -> Iterator[Problem]:
    running = {rule.id for rules in catalog.by_stage.values() for rule in rules}
    for loc, control in _listed(log):
        if control.rule is not None and control.rule not in running:
            yield _unknown(
                log, loc, f"rule in force '{control.rule}'", did_you_mean(control.rule, running)
            )
    for table in (log, props):
        yield from _unknown_sources(catalog, table)
    for index, prop in enumerate(props.records):
        if fault := statements.fault(catalog, prop):
            yield props.problem(index, "id", "bad-property", f"'{prop.id}': {fault}")


def _listed(log: _Table[Hazard]) -> Iterator[tuple[Loc, Control]]:
    for index, hazard in enumerate(log.records):
        for place, control in enumerate(hazard.controls):
            yield (index, "controls", place), control


def _unknown(log: _Table[Hazard], loc: Loc, what: str, hint: str = "") -> Problem:
    return log.file.problem(loc, "unknown-control", f"there is no {what}", hint)


def _unknown_sources(catalog: Catalog, table: _Table[Any]) -> Iterator[Problem]:
    for index, record in enumerate(table.records):
        if record.source not in catalog.sources:
            near = did_you_mean(record.source, catalog.sources)
            yield table.problem(
                index, "source", "unknown-source", f"there is no source '{record.source}'", near
            )


def _test_exists(root: Path, test: str) -> bool:
    name, _, function = test.partition("::")
    path = root / name
    return path.is_file() and f"\ndef {function}(" in f"\n{path.read_text(encoding='utf-8')}"
