"""Disagreeing with a rule: the case it is about, its entry in the record, and its persona."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lumbar.decision.decide import decide
from lumbar.intake.answers import Answers
from lumbar.plan.composing import make_plan
from lumbar.reading.problems import listed
from lumbar.review.people.expectations import differences
from lumbar.review.people.personas import Persona, load_personas, misnamed, write
from lumbar.review.signing.sign import SigningError, append, chosen, entry
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Expectation
from lumbar.signatures.entries import Dispute
from lumbar.signatures.reviewed import reviewed


@dataclass(frozen=True)
class Case:
    """What a dispute is about: a rule, answers, what is expected, and how that was said."""

    rule: str
    answers: Answers
    expect: Expectation
    said: tuple[str, ...]


def case_of(catalog: Catalog, rule: str, answers: Mapping[str, Any], said: Iterable[str]) -> Case:
    """Return the case of a dispute; `said` are expectations of a persona, as `urgency=routine`.

    With none, the rule itself is what is wrong: it should have stayed silent where it fires, and
    fired elsewhere. Raises SigningError for an expectation that is none.
    """
    said = tuple(said)
    if chosen(catalog, [rule]) != (rule,):
        raise SigningError(f"'{rule}' is no rule: a dispute is about one rule")
    answered = Answers.of(catalog.questionnaire, answers)
    if not said:
        fired = rule in decide(catalog, answered).fired
        said = (f"{'silent' if fired else 'fires'}={rule}",)
    return Case(rule, answered, _expected(said), said)


_PAIRS = {"leaves_out", "findings", "doses", "refers_to"}


def _expected(said: Iterable[str]) -> Expectation:
    """Return expectations from KEY=VALUE texts; lists take a value a text, pairs are NAME:VALUE."""
    given: dict[str, list[str]] = {}
    for text in said:
        key, _, value = (part.strip() for part in text.partition("="))
        if not value or key not in Expectation.__dataclass_fields__:
            keys = ", ".join(Expectation.__dataclass_fields__)
            raise SigningError(f"--expect '{text}' is not KEY=VALUE; the keys are {keys}")
        given.setdefault(key, []).append(value)
    try:
        return TypeAdapter(Expectation).validate_python(
            {key: _value(key, one) for key, one in given.items()}
        )
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        allowed = fault.get("ctx", {}).get("expected", "")
        raise SigningError(f"--expect cannot be '{fault['input']}'; allowed: {allowed}") from None


def _value(key: str, values: list[str]) -> Any:
    if key == "urgency":
        return values[-1]
    if key not in _PAIRS:
        return tuple(values)
    pairs = {}
    for value in values:
        name, _, said = (part.strip() for part in value.partition(":"))
        if not name or not (said or key == "refers_to"):
            raise SigningError(f"--expect {key}={value} should be {key}=NAME:VALUE")
        pairs[name] = said or None
    return pairs


def dispute(root: Path, catalog: Catalog, case: Case, by: Mapping[str, Any], folder: Path) -> Path:
    """Record that somebody disagrees with a rule, and return the file that keeps the case.

    Raises SigningError where there is no remark, the plan already is as expected, or either cannot
    be written.
    """
    content = reviewed(catalog, case.rule)
    said = {"answers": case.answers.raw, "expected": case.said}
    new = entry(Dispute, case.rule, content, **said, **by)
    if not new.note:
        raise SigningError("--note needs words: what is wrong with the rule for this person?")
    if not folder.is_dir():
        raise SigningError(
            f"there is no folder '{folder}' for the person: make it, or name another with --save"
        )
    persona = Persona(
        who=f"{new.name} disagrees with {case.rule}, {new.day}: {new.note}",
        answers=catalog.questionnaire.unlike_example(case.answers.raw),
        expect=case.expect,
        disputed=case.rule,
    )
    _must_differ(catalog, persona)
    number = append(root, [new])
    return _kept(folder / f"disputed_{case.rule.replace('-', '_')}_{number}.yaml", persona)


def _must_differ(catalog: Catalog, persona: Persona) -> None:
    wrong = list(misnamed(catalog, persona))
    if wrong:
        raise SigningError(f"this person cannot be kept: {listed(wrong, 3)}")
    if not _differs(catalog, persona):
        raise SigningError(
            "this person's plan already is as you expect: say with --expect what it should be"
        )


def _kept(path: Path, persona: Persona) -> Path:
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(write(persona))
    except OSError as error:
        why = f"its person cannot be kept in '{path}': {(error.strerror or 'unknown').lower()}"
        raise SigningError(f"the dispute is recorded, but {why}") from None
    return path


def _differs(catalog: Catalog, persona: Persona) -> tuple[str, ...]:
    typed = catalog.questionnaire.example(persona.answers)
    decision = decide(catalog, typed)
    return tuple(differences(persona.expect, decision, make_plan(decision)))


def disputed_people(catalog: Catalog, folder: Path) -> dict[str, tuple[Persona, tuple[str, ...]]]:
    """Return the disputed personas of a folder, each with what is still not as expected."""
    people = load_personas(folder).items()
    return {
        name: (persona, _differs(catalog, persona)) for name, persona in people if persona.disputed
    }
