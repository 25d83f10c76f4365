"""The examples of a rule, held against what is decided for their people."""

from lumbar.decision.decide import by_reference
from lumbar.engines.inference import ConflictError
from lumbar.reading.problems import listed
from lumbar.review.people.expectations import OF_A_PLAN, differences, misnamed
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.rules import Example, Rule


def fault(catalog: Catalog, rule: Rule, example: Example) -> str:
    """Return what is wrong with an example of a rule; an empty text where nothing is."""
    expected = example.expected(rule.id)
    if wrong := next(misnamed(catalog, example.answers, expected), ""):
        return wrong
    if of_plan := set(expected.leaves_out.values()) & OF_A_PLAN:
        return f"only a plan leaves out for {listed(sorted(of_plan))}: say it in a persona"
    try:
        decision = by_reference(catalog, catalog.questionnaire.example(example.answers))
    except ConflictError as error:
        return f"two rules contradict each other: {error}"
    return next(differences(expected, decision, rule=rule.id), "")
