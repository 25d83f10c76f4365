"""Named people and what a clinician expects of their plans: reading, checking, comparing and
writing them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from lumbar.decision.decide import Decision
from lumbar.intake.answers import faults as faults_of
from lumbar.plan.document import LeftOut, Plan
from lumbar.plan.explain import why_not
from lumbar.reading.opening import read_text
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.reading.yamlfile import Record, YamlFile
from lumbar.review.people.examples import finding
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Urgency, Words

# A plan may hold these reasons; every other word under `leaves_out` is the id of a rule that
# withheld the item.
REASONS = ("avoided", "urgent", "no_room", "no_time", "not_recommended")
_LARGEST_FILE = 100_000  # bytes
_PLAIN_WORDS = re.compile(r"(?!null$)[A-Za-z][\w ,.'/*()-]*")
_PLAIN_WORD = re.compile(r"(?!null$)[A-Za-z_][\w./-]*")

Ids = tuple[str, ...]
Outcome = tuple[Decision, Plan]


class Expect(Record):
    """Some of what must be true of a plan; what is not said is not looked at. Findings are `yes`,
    `no` or a value.
    """

    urgency: Urgency | None = None
    refers_to: Ids = ()
    recommends: Ids = ()
    leaves_out: Mapping[str, str] = Field(default_factory=dict)
    not_refers_to: Ids = ()
    findings: Mapping[str, str] = Field(default_factory=dict)
    fires: Ids = ()
    silent: Ids = ()

    @property
    def items(self) -> set[str]:
        """The items that are named."""
        return {*self.refers_to, *self.recommends, *self.leaves_out, *self.not_refers_to}

    @property
    def rules(self) -> set[str]:
        """The rules that are named."""
        return {*self.fires, *self.silent, *(set(self.leaves_out.values()) - {*REASONS})}


class Persona(Record):
    """A person: answers laid over the example person's (`null` leaves one open), and what to
    expect.

    `disputed` names the rule with which a clinician disagrees: such a person may differ until that
    is settled.
    """

    who: Words
    answers: Mapping[str, Any]
    expect: Expect
    disputed: str = ""


def read(text: str, name: str = "persona.yaml") -> Persona:
    """Return a checked persona; raise BadCatalogError with every problem, each with its line."""
    file = YamlFile(name, text)
    persona = file.read(Persona)
    if persona is None:
        raise BadCatalogError(file.problems)
    return persona


def load_personas(folder: Path) -> dict[str, Persona]:
    """Return the personas of a folder by the name of their file; raise BadCatalogError with every
    problem.
    """
    found: dict[str, Persona] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        text, faults = read_text(path, path.name, _LARGEST_FILE)
        problems += faults
        try:
            if not faults:
                found[path.stem] = read(text, path.name)
        except BadCatalogError as error:
            problems += error.problems
    if problems:
        raise BadCatalogError(problems)
    return found


def write(persona: Persona) -> str:
    """Return a persona as the text of a file that `read` takes."""
    who = (
        persona.who
        if _PLAIN_WORDS.fullmatch(persona.who)
        else json.dumps(persona.who, ensure_ascii=False)
    )
    lines = [f"who: {who}", f"answers: {flow(persona.answers)}"]
    expect = persona.expect.model_dump(exclude_defaults=True)
    lines += (
        ["expect:", *(f"  {name}: {flow(value)}" for name, value in expect.items())]
        if expect
        else ["expect: {}"]
    )
    lines += [f"disputed: {flow(persona.disputed)}"] if persona.disputed else []
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """Return a plain value as it is written on one line of a rule or persona: `{fever: yes, age:
    70}`.
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(name)}: {flow(one)}' for name, one in value.items())}}}"
    if isinstance(value, frozenset):
        return flow(sorted(value))
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str) and not _PLAIN_WORD.fullmatch(value):
        return json.dumps(value, ensure_ascii=False)
    return "null" if value is None else str(value)


def misnamed(catalog: Catalog, persona: Persona) -> Iterator[str]:
    """Yield what a persona names that does not exist, and answers that its person cannot give."""
    given = {name: value for name, value in persona.answers.items() if value is not None}
    faults = faults_of(catalog.questionnaire, given)
    if faults:
        yield from (message for _, _, message, _ in faults)
        return
    walk = catalog.questionnaire.walk(catalog.questionnaire.example(persona.answers))
    asked = [name for name, applies in walk if applies is not False]
    known: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("an answer to a question this person is not asked", persona.answers, asked),
        ("an unknown item", persona.expect.items, catalog.items),
        (
            "an unknown rule",
            persona.expect.rules | {*filter(None, [persona.disputed])},
            catalog.rules,
        ),
        ("an unknown finding", persona.expect.findings, catalog.finding_stage),
    )
    for what, names, allowed in known:
        yield from (f"{what}: {name}" for name in sorted(set(names) - set(allowed)))


def shown(plan: Plan) -> dict[str, str]:
    """Return the items of the plan's sections by item, each with its section."""
    return {item.item: section.id for section in plan.sections for item in section.items}


def differences(expect: Expect, outcome: Outcome) -> Iterator[str]:
    """Yield every difference between what was expected and what came, one line each."""
    decision, plan = outcome
    if plan.failure:
        yield f"no decision could be made: {plan.failure}"
    if expect.urgency not in {None, plan.urgency.level}:
        why = [
            f"{one.to} ({one.urgency}) by {', '.join(r.rule for r in one.because)}"
            for one in plan.referrals
        ]
        yield f"urgency: expected {expect.urgency}, came {plan.urgency.level}: {'; '.join(why) or 'nobody to see'}"
    yield from _referral_differences(expect, plan)
    left_out = {one.item: one for one in plan.left_out}
    for item in expect.recommends:
        if item not in shown(plan):
            yield f"recommends {item}: {_told(decision, plan, left_out.get(item))}"
    for item, reason in expect.leaves_out.items():
        yield from _left_out_differences(decision, plan, item, reason)
    yield from _inner_differences(expect, decision)


def _referral_differences(expect: Expect, plan: Plan) -> Iterator[str]:
    referred = {one.to: one for one in plan.referrals}
    yield from (
        f"refers_to {one}: came {sorted(referred)}"
        for one in expect.refers_to
        if one not in referred
    )
    for one in expect.not_refers_to:
        if one in referred:
            yield f"not_refers_to {one}: referred by {', '.join(r.rule for r in referred[one].because)}"


def _told(decision: Decision, plan: Plan, left_out: LeftOut | None) -> str:
    if left_out is None:
        return "it is a referral, not an item of a section"
    answer = why_not(decision, plan, left_out.item)
    nearest = answer.nearest if answer else None
    by = [reason.rule for reason in left_out.because]
    near = f"; nearest {nearest.rule}, where {' and '.join(nearest.missing)}" if nearest else ""
    return f"left out as {left_out.reason} {' '.join(by)}{near}".strip()


def _left_out_differences(decision: Decision, plan: Plan, item: str, reason: str) -> Iterator[str]:
    left_out = next((one for one in plan.left_out if one.item == item), None)
    if left_out is None:
        yield f"leaves_out {item}: it is in the plan"
        return
    by = {one.rule for one in left_out.because}
    if reason not in (REASONS if reason == left_out.reason else by):
        yield f"leaves_out {item} ({reason}): {_told(decision, plan, left_out)}"
    elif not _stated(decision, plan, left_out):
        yield f"leaves_out {item} ({reason}): no rule is named, and no nearest one"


def _stated(decision: Decision, plan: Plan, left_out: LeftOut) -> bool:
    """Tell whether the reason names a rule where it should: the one that withheld it, or the
    nearest.
    """
    answer = why_not(decision, plan, left_out.item)
    named = {"avoided": left_out.because, "not_recommended": answer and answer.nearest}
    return bool(named.get(left_out.reason, True))


def _inner_differences(expect: Expect, decision: Decision) -> Iterator[str]:
    for name, wanted in expect.findings.items():
        came = finding(decision.findings.get(name, False))
        if came != wanted:
            yield f"finding {name}: expected {wanted}, came {came}"
    yield from (f"fires {one}: it was silent" for one in expect.fires if one not in decision.fired)
    yield from (f"silent {one}: it fired" for one in expect.silent if one in decision.fired)


def decided_otherwise(expect: Expect, decision: Decision) -> Iterator[str]:
    """Yield the differences that a decision alone shows: what only the room in a plan settles is
    not looked at.
    """
    if expect.urgency not in {None, decision.urgency}:
        yield f"urgency: expected {expect.urgency}, came {decision.urgency}"
    referred, offered = decision.referred, decision.offered
    yield from (f"refers_to {one}: not referred" for one in expect.refers_to if one not in referred)
    yield from (f"not_refers_to {one}: referred" for one in expect.not_refers_to if one in referred)
    yield from (
        f"recommends {one}: not recommended" for one in expect.recommends if one not in offered
    )
    withheld = {one.item: one for one in decision.withheld}
    for item, reason in expect.leaves_out.items():
        held = withheld.get(item)
        came = (
            {held.reason, *(held.rules if held.reason == "avoided" else ())}
            if held
            else {"not_recommended"}
        )
        if reason not in {"no_room", "no_time"} and (reason not in came or item in offered):
            yield f"leaves_out {item} ({reason}): it is not"
    yield from _inner_differences(expect, decision)
