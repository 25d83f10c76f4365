"""The hazard log and the safety properties of a folder, and whether each hazard has a control.

Neither decides for anybody: both are for those who review the rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from lumbar.reading.model import Model
from lumbar.reading.opening import read_text
from lumbar.reading.problems import Problem, did_you_mean
from lumbar.reading.yamlfile import Loc
from lumbar.review.properties import safety, statements
from lumbar.review.properties.safety import Property
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.consistency import Found
from lumbar.rulebook.files import Files
from lumbar.rulebook.fingerprint import LARGEST_FILE
from lumbar.rulebook.items import Lines, Words

FILE = "rules/hazards.yaml"
TESTS = "tests"
Severity = Literal["minor", "significant", "considerable", "major", "catastrophic"]
Likelihood = Literal["very_low", "low", "medium", "high", "very_high"]
Test = Annotated[str, Field(pattern=r"^tests/[a-z0-9_/]+\.py::test_[a-z0-9_]+$")]
R = TypeVar("R")


class Control(Model):
    """What keeps a hazard from harm: a property, a rule or a test (`tests/x.py::test_y`)."""

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


class Hazard(Model):
    """What could harm a person, how, how badly, and what is done: an entry of `rules/hazards.yaml`.

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


Placed = Sequence[tuple[Loc, R]]  # records with where they stand in their file


def read(
    root: Path, catalog: Catalog | None = None
) -> tuple[tuple[Hazard, ...], tuple[Property, ...], tuple[Problem, ...]]:
    """Read the hazard log and the safety properties under a folder, with all that is wrong in them.

    With the catalog of the same folder, the rules, questions, items and sources that they name are
    looked up too. A test that is named is only looked up where a folder `tests` lies beside the
    rules: an installed Lumbar has none.
    """
    files = Files(root)
    log, props = read_in(files, catalog)
    return log, props, tuple(sorted(files.problems))


def read_in(
    files: Files, catalog: Catalog | None = None
) -> tuple[tuple[Hazard, ...], tuple[Property, ...]]:
    """Read both among other files; what is wrong is noted there."""
    before = len(files.problems)
    log = files.placed(FILE, lambda file: file.entries(Hazard))
    props = files.placed(safety.FILE, safety.properties)
    if len(files.problems) == before:
        found = [*_alone(files.root, log, props)]
        found += [*_with_catalog(catalog, log, props)] if catalog else []
        for one in found:
            files.add(*one)
    return tuple(one for _, one in log), tuple(one for _, one in props)


def controls(hazard: Hazard, properties: Iterable[Property]) -> tuple[Control, ...]:
    """Return every control of a hazard: the properties that name it, then those that it lists."""
    own = tuple(Control(property=one.id) for one in properties if one.hazard == hazard.id)
    return (*own, *(one for one in hazard.controls if one not in own))


def _alone(root: Path, log: Placed[Hazard], props: Placed[Property]) -> Iterator[Found]:
    yield from _twice(FILE, "id", log)
    yield from _twice(FILE, "ref", log)
    yield from _twice(safety.FILE, "id", props)
    hazards, ids = {one.id for _, one in log}, {one.id for _, one in props}
    for loc, prop in props:
        if prop.hazard not in hazards:
            said = f"'{prop.id}' names the hazard '{prop.hazard}', which is not in the log"
            near = did_you_mean(prop.hazard, hazards)
            yield safety.FILE, (*loc, "hazard"), "unknown-hazard", said, near
    for loc, hazard in log:
        if not controls(hazard, (one for _, one in props)):
            said = f"nothing controls the hazard '{hazard.id}'"
            hint = "name it in a property, or list a property, rule or test under controls"
            yield FILE, (*loc, "id"), "no-control", said, hint
    look = (root / TESTS).is_dir()
    for loc, control in _listed(log):
        if control.property is not None and control.property not in ids:
            near = did_you_mean(control.property, ids)
            yield _unknown(loc, f"property '{control.property}'", near)
        if control.test is not None and look and not _test_exists(root, control.test):
            yield _unknown(loc, f"test '{control.test}'")


def _twice(file: str, field: str, records: Placed[Any]) -> Iterator[Found]:
    seen: set[str] = set()
    for loc, record in records:
        name = getattr(record, field)
        if name in seen:
            said = f"'{name}' stands here twice"
            yield file, (*loc, field), "duplicate-id", said, "give each its own"
        seen.add(name)


def _with_catalog(
    catalog: Catalog, log: Placed[Hazard], props: Placed[Property]
) -> Iterator[Found]:
    running = {rule.id for rule in catalog.in_force}
    for loc, control in _listed(log):
        if control.rule is not None and control.rule not in running:
            near = did_you_mean(control.rule, running)
            yield _unknown(loc, f"rule in force '{control.rule}'", near)
    yield from _unknown_sources(catalog, FILE, log)
    yield from _unknown_sources(catalog, safety.FILE, props)
    for loc, prop in props:
        if wrong := statements.fault(catalog, prop):
            yield safety.FILE, (*loc, "id"), "bad-property", f"'{prop.id}': {wrong}", ""


def _unknown_sources(catalog: Catalog, file: str, records: Placed[Any]) -> Iterator[Found]:
    for loc, one in records:
        if one.source not in catalog.sources:
            said = f"there is no source '{one.source}'"
            near = did_you_mean(one.source, catalog.sources)
            yield file, (*loc, "source"), "unknown-source", said, near


def _listed(log: Placed[Hazard]) -> Iterator[tuple[Loc, Control]]:
    for loc, hazard in log:
        for place, control in enumerate(hazard.controls):
            yield (*loc, "controls", place), control


def _unknown(loc: Loc, what: str, hint: str = "") -> Found:
    return FILE, loc, "unknown-control", f"there is no {what}", hint


def _test_exists(root: Path, test: str) -> bool:
    name, _, function = test.partition("::")
    text, unread = read_text(root / name, name, LARGEST_FILE)
    return not unread and f"\ndef {function}(" in f"\n{text}"
