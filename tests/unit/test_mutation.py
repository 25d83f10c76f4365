"""Mistakes put into the rules one at a time: which there are, who notices, and what is proved of
the rest.
"""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `review` is not installed")

from lumbar import Catalog, load
from lumbar.decision.decide import by_reference
from lumbar.intake.answers import Answers
from lumbar.reading.problems import BadCatalogError
from lumbar.reading.yamlfile import YamlFile
from lumbar.review.cover import survivors
from lumbar.review.cover.equivalence import Equivalence
from lumbar.review.cover.mutants import Mutant, changed, idle, mutants, put
from lumbar.review.cover.mutation import Trial, Tried, tried
from lumbar.review.people.examples import fault
from lumbar.review.people.expectations import differences
from lumbar.review.people.personas import read
from lumbar.review.properties.safety import Property
from lumbar.rulebook.conditions import Facts, clauses
from lumbar.rulebook.parsing import parse
from lumbar.rulebook.rules import Example, Expectation, Threshold
from lumbar.terminal.output import captured

TESTS = Path(__file__).parents[1]
TOY = TESTS / "toy"


@pytest.fixture(scope="module")
def toy() -> Catalog:
    return load(TOY)


def of(catalog: Catalog, owner: str, kind: str = "") -> list[Mutant]:
    return [one for one in mutants(catalog) if one.owner == owner and kind in {"", one.kind}]


def changes(catalog: Catalog, owner: str, kind: str) -> list[str]:
    return [one.change for one in of(catalog, owner, kind)]


def edited(root: Path, file: str, find: str, put: str) -> Catalog:
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(find) == 1
    path.write_text(text.replace(find, put), encoding="utf-8")
    return load(root)


def test_every_kind_of_fault_is_made(toy):
    kinds = {one.kind for one in mutants(toy)}
    assert kinds == {
        "clause dropped", "clause negated", "comparison shifted", "option removed", "option added", "effect removed",
        "urgency lowered", "dose removed", "rule removed", "part removed", "threshold moved",
    }  # fmt: skip


def test_a_number_is_moved_both_ways_and_its_edge_too(toy):
    assert changes(toy, "phase-early", "comparison shifted") == [
        "pain_days < long_after becomes pain_days <= long_after",
        "pain_days < long_after becomes pain_days < 83",
        "pain_days < long_after becomes pain_days < 85",
    ]


def test_each_option_is_taken_out_and_each_other_one_put_in(toy):
    assert changes(toy, "fever", "option removed") == [
        "fever in [unsure, yes] becomes fever in [yes]",
        "fever in [unsure, yes] becomes fever in [unsure]",
    ]
    assert changes(toy, "fever", "option added") == [
        "fever in [unsure, yes] becomes fever in [unsure, yes, no]"
    ]
    assert changes(toy, "long-pain", "option added") == [
        "phase == long becomes phase in [long, early]"
    ]


def test_each_effect_is_taken_out_and_each_urgency_lowered(toy):
    assert changes(toy, "weak-leg", "effect removed") == [
        "nerve_signs",
        "practitioner/emergency emergency",
    ]
    assert changes(toy, "weak-leg", "urgency lowered") == [
        "practitioner/emergency emergency becomes same_day"
    ]
    assert changes(toy, "severe-pain", "urgency lowered") == []
    assert changes(toy, "rubbing", "dose removed") == ["massage/knead standard"]


def test_every_clause_is_dropped_where_it_stands(toy):
    """A dropped clause leaves the others as they are, and says nothing in their midst."""
    for rule in toy.rules.values():
        every = [clause for clause, _ in clauses(rule.when)]
        dropped = [one.part for one in of(toy, rule.id, "clause dropped")]
        left = [[clause for clause, _ in clauses(one.when)] for one in dropped]
        assert left == [every[:at] + every[at + 1 :] for at in range(len(every))]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a > 1", ["everybody"]),
        ("not a > 1", ["everybody"]),
        ("a > 1 and b == x", ["b == x", "a > 1"]),
        ("a > 1 or b == x", ["b == x", "a > 1"]),
        ("not (a > 1 and b == x)", ["not b == x", "not a > 1"]),
        ("a > 1 and (not b == x or f)", ["not b == x or f", "a > 1 and f", "a > 1 and not b == x"]),
    ],
)
def test_a_dropped_clause_leaves_what_would_be_written_without_it(text, left):
    condition = parse(text)
    people = [
        Facts({name: value for name, value in said.items() if value is not None})
        for said in (
            {"a": a, "b": b, "f": f}
            for a in (None, 1, 2)
            for b in (None, "x", "y")
            for f in (None, True)
        )
    ]
    for place, (meant, nothing) in enumerate(zip(left, idle(condition), strict=True)):
        dropped = put(condition, place, nothing)
        wanted = [meant == "everybody" or parse(meant).truth(one) for one in people]
        assert [dropped.truth(one) for one in people] == wanted


def test_every_fault_changes_the_one_thing_it_says(toy):
    """What is cached on a record or on the catalog must not hide the mistake."""
    for mutant in mutants(toy):
        other = changed(toy, mutant)
        rules = {name for name in toy.rules if other.rules.get(name) != toy.rules[name]}
        if isinstance(mutant.part, Threshold):
            assert other.thresholds != toy.thresholds
            assert rules or other.questionnaire != toy.questionnaire
        elif mutant.owner in toy.rules:
            assert rules == {mutant.owner}
            assert mutant.part is None or other.rules[mutant.owner].refers == tuple(
                effect for effect in mutant.part.then if hasattr(effect, "refer")
            )
        else:
            assert not rules
            assert other.questionnaire.scores != toy.questionnaire.scores


def test_who_notices_would_really_say_otherwise(toy):
    """Each example that is said to notice is run again, the long way, on the rules with the mistake
    in them.
    """
    trial = Trial(toy, {})
    found = [(mutant, trial.noticed(mutant)) for mutant in mutants(toy)]
    checked = 0
    for mutant, by in found:
        if not by.startswith("example") or isinstance(mutant.part, Threshold):
            continue
        number, rule = int(by.split()[1]), by.split()[-1]
        example = toy.rules[rule].examples[number - 1]
        other = changed(toy, mutant)
        assert rule not in other.rules or fault(other, other.rules[rule], example)
        checked += 1
    assert checked > 100


def test_a_person_that_nobody_notices_by_notices_nothing(toy):
    """Where a mutant survives, every example still says what it said."""
    trial = Trial(toy, {})
    for mutant in mutants(toy):
        if not trial.noticed(mutant):
            other = changed(toy, mutant)
            wrong = [
                fault(other, rule, example)
                for rule in other.rules.values()
                for example in rule.examples
            ]
            assert not any(wrong), mutant


def test_a_persona_notices_what_no_example_does(toy):
    lowered = of(toy, "weak-leg", "urgency lowered")[0]
    persona = read("who: A\nanswers: {weak_leg: yes}\nexpect: {urgency: emergency}")
    assert Trial(toy, {}).noticed(lowered) == ""
    assert Trial(toy, {"ann": persona}).noticed(lowered) == "persona ann"


def test_a_disputed_persona_notices_nothing(toy):
    lowered = of(toy, "weak-leg", "urgency lowered")[0]
    text = "who: A\nanswers: {weak_leg: yes}\nexpect: {urgency: emergency}\ndisputed: weak-leg"
    assert Trial(toy, {"ann": read(text)}).noticed(lowered) == ""


def test_a_property_notices_what_no_person_says(toy):
    lowered = of(toy, "weak-leg", "urgency lowered")[0]
    text = (
        "id: a-weak-leg\ntitle: A weak leg\nhazard: h\nwhen: weak_leg == yes\n"
        "always: urgency == emergency\nsource: s"
    )
    claim = YamlFile("safety.yaml", text).read(Property)
    assert Trial(toy, {}, [claim]).noticed(lowered) == "property a-weak-leg"


def test_what_an_example_gives_notices_a_lost_effect(tmp_path):
    gives = '    - fires: {signs: [rash]}\n      gives: {avoids: ["massage/*"]}\n    - silent: {}\n'
    catalog = edited(
        tmp_path,
        "rules/cautions/body.yaml",
        "    - fires: {signs: [rash]}\n    - silent: {}\n",
        gives,
    )
    assert (
        Trial(catalog, {}).noticed(of(catalog, "no-massage", "effect removed")[0])
        == "example 1 of no-massage"
    )


def test_people_who_are_wrong_already_can_notice_nothing(toy):
    with pytest.raises(BadCatalogError, match=r"persona ann .*urgency"):
        Trial(toy, {"ann": read("who: A\nanswers: {}\nexpect: {urgency: emergency}")})


def test_a_survivor_is_proved_equivalent_or_shown_by_somebody(toy):
    """Whoever is shown is real: the rules with the mistake decide otherwise for exactly these
    answers.
    """
    equivalence = Equivalence(toy)
    found = [
        one for one in tried(Trial(toy, {}), judge=equivalence.judge) if one.status != "noticed"
    ]
    assert Counter(one.status for one in found)["survived"] > 20
    for one in found:
        if one.answers is not None:
            assert _differs(toy, one), one


def _differs(catalog: Catalog, one: Tried) -> bool:
    answers = Answers.of(catalog.questionnaire, one.answers or {})
    other = changed(catalog, one)
    decided = []
    for side in (catalog, other):
        taken = Answers.typed(side.questionnaire, answers)
        decision = by_reference(side, taken)
        withheld = {held.item for held in decision.withheld}
        decided.append(
            (dict(taken), decision.inference, decision.referrals, decision.recommended, withheld)
        )
    return decided[0] != decided[1]


def test_a_fault_that_changes_nothing_for_anybody_is_proved_to(tmp_path):
    catalog = edited(
        tmp_path,
        "rules/profile/state.yaml",
        "when: pain_days < long_after\n",
        "when: pain_days < long_after and pain_days < 90\n",
    )
    dropped = of(catalog, "phase-early", "clause dropped")
    assert [Equivalence(catalog).judge(one).status for one in dropped] == ["survived", "equivalent"]


RING = """
- id: {id}
  title: {id}
  when: {when}
  then:
    - conclude: {finds}
  because: Because.
  evidence: [{{source: toy-study, direction: for, strength: none, certainty: low}}]
  status: draft
"""


def test_of_two_rules_that_keep_each_other_true_the_one_that_starts_is_not_proved_idle(tmp_path):
    shutil.copytree(TOY, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "rules/profile/state.yaml").open("a", encoding="utf-8") as stream:
        stream.write(RING.format(id="ring-one", when="age > 77 or two", finds="one"))
        stream.write(RING.format(id="ring-two", when="one", finds="two"))
    catalog = load(tmp_path)
    dropped = of(catalog, "ring-one", "clause dropped")
    assert [Equivalence(catalog).judge(one).status for one in dropped] == ["survived", "equivalent"]


def test_a_survivor_is_told_ready_to_become_an_example(toy):
    judged = [Equivalence(toy).judge(one) for one in of(toy, "pregnant", "option removed")]
    lost_yes = next(one for one in judged if one.change.endswith("in [unsure]"))
    assert survivors.ready(toy, lost_yes).startswith(
        "differs for this person; example: - fires: {pregnant: yes"
    )
    text = captured(lambda console: survivors.print_mutants(toy, [lost_yes], console))
    assert "mutation score: 0.0 in 100" in text
    assert max(map(len, text.splitlines())) <= 80
    assert json.loads(survivors.to_json([lost_yes]))["mutants"][0]["status"] == "survived"


def test_what_is_unlike_the_example_makes_the_same_person_again(toy):
    for over in (
        {},
        {"pregnant": "yes"},
        {"pregnant": None},
        {"signs": ("lump", "rash"), "age": 70},
    ):
        answers = toy.questionnaire.example(over)
        assert toy.questionnaire.example(toy.questionnaire.unlike_example(answers)) == answers


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        (Expectation(urgency="routine"), "urgency"),
        (Expectation(refers_to={"practitioner/emergency": "same_day"}), "practitioner/emergency"),
        (Expectation(refers_to={"practitioner/gp": "routine"}), "practitioner/gp"),
        (Expectation(findings={"nerve_signs": "no"}), "nerve_signs"),
        (Expectation(findings={"infection_suspected": "yes"}), "infection_suspected"),
        (Expectation(avoids=("massage/knock",)), "massage/knock"),
        (Expectation(avoids=("massage/nothing",)), "massage/nothing"),
        (Expectation(recommends=("exercise/walking",)), "exercise/walking"),
        (Expectation(doses={"massage/knead": "gentle"}), "massage/knead"),
    ],
)
def test_what_an_example_wrongly_says_is_given_is_told(gives, says, toy):
    rule = toy.rules["weak-leg"]
    right = Expectation(
        urgency="emergency",
        refers_to={"practitioner/emergency": "emergency"},
        findings={"nerve_signs": "yes"},
    )
    assert fault(toy, rule, Example(fires={"weak_leg": "yes"}, gives=right)) == ""
    assert says in fault(toy, rule, Example(fires={"weak_leg": "yes"}, gives=gives))


def test_only_the_rule_itself_gives_what_its_example_says(toy):
    """Walking is offered, and knead in a gentle dose, but not by this rule alone."""
    answers = toy.questionnaire.example()
    decision = by_reference(toy, answers)
    assert not list(
        differences(
            Expectation(recommends=("massage/knead",), doses={"massage/knead": "gentle"}),
            decision,
            rule="rubbing-early",
        )
    )
    walks = Expectation(recommends=("exercise/walking",))
    assert list(differences(walks, decision)) == []
    assert list(differences(walks, decision, rule="rubbing-early"))


def test_only_an_example_that_fires_gives_something():
    with pytest.raises(ValueError, match="only an example that fires"):
        Example(silent={}, gives=Expectation(urgency="routine"))
