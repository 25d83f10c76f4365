"""Which examples make a clause matter: what is said of masks, of deciding, and of what no example
can show.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")
from properties.rule_sets import people, rule_set

from lumbar import BadAnswersError, Catalog, load
from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.reading.problems import BadCatalogError
from lumbar.review.cover.coverage import Covered, coverage
from lumbar.review.cover.equivalence import Equivalence
from lumbar.review.cover.mutants import put
from lumbar.review.cover.people import Person, everybody, truths
from lumbar.review.people.personas import Persona, load_personas, read
from lumbar.rulebook.conditions import And, Condition, Facts, Or, clauses
from lumbar.rulebook.rules import Expectation

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Catalog]:
    """Return a function that loads the toy with one place of one file replaced."""

    def made(file: str, find: str, put: str) -> Catalog:
        shutil.copytree(TOY, tmp_path / "toy", dirs_exist_ok=True)
        path = tmp_path / "toy" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(find) == 1
        path.write_text(text.replace(find, put), encoding="utf-8")
        return load(tmp_path / "toy")

    return made


def covered(
    catalog: Catalog, owner: str, personas: dict[str, Persona] | None = None
) -> list[Covered]:
    return list(coverage(catalog, everybody(catalog, personas or {}), owner).clauses)


SEEDS = range(60)


def some(seed: int) -> tuple[Catalog, list[Person]]:
    """Return a random rule set and people for whom it decides."""
    catalog, found = rule_set(seed), []
    for somebody in people(catalog, seed, 40):
        with suppress(BadAnswersError, ConflictError):
            found += [Person("", Expectation(), by_reference(catalog, somebody.answers))]
    return catalog, found


def tried(catalog: Catalog) -> tuple[Condition, ...]:
    return tuple(rule.when for rule in catalog.in_force)


def test_the_truth_of_a_crowd_is_the_truth_of_each_of_them():
    for catalog, everyone in map(some, SEEDS):
        truth = truths(catalog, everyone)
        for condition in tried(catalog):
            true, false = truth(condition)
            for place, one in enumerate(everyone):
                said = condition.truth(one.decision.settled)
                assert (true >> place & 1, false >> place & 1) == (said is True, said is False)


def test_a_clause_decides_exactly_where_the_rule_would_come_out_otherwise_without_it():
    """Held against each person asked one by one, with the clause forced to be true and to be false."""
    from lumbar.review.cover.coverage import covered

    for catalog, everyone in map(some, SEEDS):
        names = [str(place) for place in range(len(everyone))]
        for condition in tried(catalog):
            for one in covered(truths(catalog, everyone), names, "rule", [condition]):
                for name, person in zip(names, everyone, strict=True):
                    told = decides(condition, one.place - 1, person.decision.settled)
                    assert (name in one.fires, name in one.silent) == told


def decides(condition: Condition, place: int, facts: Facts) -> tuple[bool, bool]:
    """Return whether a rule fires by a clause of its condition, and whether it is silent by it."""
    forced = [put(condition, place, one).truth(facts) is True for one in (And(()), Or(()))]
    fires = condition.truth(facts) is True
    known = list(clauses(condition))[place][0].truth(facts) is not None
    return forced[0] != forced[1] and fires, forced[0] != forced[1] and not fires and known


def test_who_makes_a_clause_true_false_and_unknown_is_named(toy):
    floor, old = covered(toy, "no-floor")
    assert "example 1 of no-floor" in floor.true
    assert "example 2 of no-floor" in floor.false
    assert floor.unknown == ()
    assert "example 1 of weakness-old" in old.true
    assert (floor.never_unknown, old.never_unknown) == (False, True)


def test_a_clause_that_no_example_fires_by_is_told_with_the_example_that_would(toy):
    """Pacing has an example for severe pain and none for low mood; the toy's other people fire it
    by neither alone.
    """
    people = [one for one in everybody(toy, {}) if one.rule == "pacing"]
    every = coverage(toy, people, "pacing").clauses
    found = {one.clause: one.missing for one in every}
    assert found == {"mood_low": ("fires",), "pain_worst >= severe_from": ()}
    wanted = next(one for one in every if one.missing)
    gap = Equivalence(toy).decides(wanted, "fires")
    assert not gap.proved_impossible
    added = read(
        f"who: A\nanswers: {{{', '.join(f'{k}: {v}' for k, v in (gap.example or {}).items())}}}\nexpect: {{}}"
    )
    assert covered(toy, "pacing", {"added": added})[0].fires[-1] == "persona added"


def test_without_a_proof_a_gap_stays_open(toy):
    people = [one for one in everybody(toy, {}) if one.rule == "pacing"]
    found = coverage(toy, people, "pacing")
    assert len(found.open) == len(found.undecided) == 1


def test_a_clause_that_cannot_matter_to_anybody_is_proved_to(edited):
    """Whoever is below 84 days is below 90."""
    catalog = edited(
        "rules/profile/state.yaml",
        "when: pain_days < long_after\n",
        "when: pain_days < long_after and pain_days < 90\n",
    )
    second = covered(catalog, "phase-early")[1]
    assert second.missing == ("silent",)
    assert Equivalence(catalog).decides(second, "silent").proved_impossible


def test_the_parts_that_a_score_counts_are_covered_too(toy):
    found = {one.clause: one.missing for one in covered(toy, "risk_signs")}
    assert list(found) == [
        "signs includes lump",
        "signs includes rash",
        "signs includes unsure",
        "age >= older_from",
    ]
    assert found["signs includes rash"] == ()
    assert "fires" in found["age >= older_from"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("age: 400", "cannot be 400"),
        ("agee: 4", "no question"),
        ("pregnancy_weeks: 4", "not asked"),
    ],
)
def test_a_persona_that_cannot_be_is_refused_by_name(text, says, toy):
    with pytest.raises(BadCatalogError, match=rf"persona ann .*{says}"):
        everybody(toy, {"ann": read(f"who: A\nanswers: {{{text}}}\nexpect: {{}}")})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pain_days: 830", "cannot be"),
        ("pain_dayz: 83", "no question"),
        ("weak_days: 4", "not asked"),
    ],
)
def test_an_example_that_cannot_be_is_refused_by_name(text, says, edited):
    wrong = edited("rules/profile/state.yaml", "- fires: {pain_days: 83}", f"- fires: {{{text}}}")
    with pytest.raises(BadCatalogError, match=rf"example 1 of phase-early .*{says}"):
        everybody(wrong, {})


def test_every_clause_of_the_shipped_rules_matters_to_somebody_or_is_proved_to_matter_to_nobody(
    catalog,
):
    people = everybody(catalog, load_personas(TOY.parent / "personas"))
    found = coverage(catalog, people, find=Equivalence(catalog).decides)
    assert len(found.clauses) > 900
    assert found.open == ()
