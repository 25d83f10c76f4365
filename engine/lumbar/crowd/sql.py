"""The rules as one SQL query over a table of people, from the formulas: for whoever lives in SQL.

An open answer is read as '', an empty list or one less than the lowest number, so that every
condition is true or false: what is unknown is in the formulas already. What a name stands for, such
as a question left open, a score, a rule or a finding, is a column; a stage is a `WITH` or a few.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from lumbar.crowd.dialects import DIALECTS, Dialect, Name, text
from lumbar.form.encoding import Encoding
from lumbar.form.formulas import FALSE, Formula, both, in_order, opposite
from lumbar.form.space import Choice
from lumbar.rulebook.items import URGENCIES
from lumbar.rulebook.questionnaire import NONE, Number, OneOf, SeveralOf
from lumbar.rulebook.rules import STAGES

_WIDTH = 100
CONTRADICTION = "contradiction"  # the problem where two rules conclude two values of one finding

_HEAD = """\
-- The Lumbar rule set {sha} in the SQL of {dialect}. `lumbar review` tells which rules are signed.
-- FROM {people}: a row a person, {key} to tell them apart, and a column a question, which holds a
-- whole number, an option, a list of options, or NULL where the question is open.
-- Where problem is not NULL nothing was decided: it names the question whose answer cannot be used,
-- or is '{contradiction}' where two rules contradict each other.
"""


def query(encoding: Encoding, dialect: Name, people: str = "people", key: str = "id") -> str:
    """Return the query: of each row the key, the problem, the urgency and four lists.

    The lists are the rules fired, whom to see, what is recommended, and what rules keep out.
    """
    head = _HEAD.format(
        sha=encoding.catalog.sha256[:12],
        dialect=dialect,
        people=people,
        key=key,
        contradiction=CONTRADICTION,
    )
    return head + _Query(encoding, DIALECTS[dialect], key).written(people)


class _Query:
    """Writes the query of one catalog; `_columns` grows as steps are written."""

    def __init__(self, encoding: Encoding, dialect: Dialect, key: str) -> None:
        self._encoding, self._dialect = encoding, dialect
        self._questions = encoding.catalog.questionnaire.questions
        self._key = dialect.name(key)
        self._taken = {key, "problem", *self._questions}
        self._columns: dict[Formula, str] = {}
        self._sums: dict[tuple[Any, ...], str] = {}
        self._said = dict(self._answered())

    def written(self, people: str) -> str:
        steps = [("answers", list(self._answers()))]
        steps += self._steps("open", self._left_open())
        steps += self._scores()
        for stage in STAGES:
            steps += self._steps(stage, self._of_stage(stage))
        encoding = self._encoding
        steps += self._steps("urgency", {f"by_{k}": v for k, v in encoding.urgent_as.items()})
        steps += self._steps("avoided", {f"no_{k}": v for k, v in encoding.avoided.items()})
        steps += self._steps("recommended", {f"do_{k}": v for k, v in encoding.recommended.items()})
        steps.append(("checked", [_column(self._problem(), "problem")]))
        parts, source = [], people
        for place, (name, columns) in enumerate(steps):
            first = self._key if not place else "*"
            body = ",\n  ".join((first, *columns))
            parts.append(f"{name} {self._dialect.step} (\n  {_selected(body, source)}\n)")
            source = name
        body = ",\n  ".join((self._key, "problem", *self._outcomes()))
        return f"WITH {', '.join(parts)}\n{_selected(body, source)}\n"

    # the answers

    def _answers(self) -> Iterator[str]:
        faults = []
        for name, question in self._questions.items():
            column = self._dialect.name(name)
            faults.append(f"WHEN {self._fault(question)} THEN {text(name)}")
            yield f"COALESCE({column}, {self._open(question)}) AS {column}"
        yield _column(_lines("CASE", *faults, "END"), "fault")

    def _open(self, question: Any) -> str:
        """Return what stands for no answer: something that is none."""
        if isinstance(question, Number):
            return str(question.low - 1)
        return "''" if isinstance(question, OneOf) else self._dialect.no_list

    def _fault(self, question: Number | OneOf | SeveralOf) -> str:
        """Return that a column holds something that is no answer to its question."""
        column = self._dialect.name(question.id)
        if isinstance(question, Number):
            return f"{column} NOT BETWEEN {question.low} AND {question.high}"
        if isinstance(question, OneOf):
            return f"{column} NOT IN ({', '.join(map(text, question.labels))})"
        among, length = self._among(column, question.labels), self._dialect.length.format(column)
        torn = f"{self._has(column, NONE)} AND NOT {self._among(column, [NONE])}"
        return f"{column} IS NOT NULL AND ({length} = 0 OR NOT {among} OR ({torn}))"

    def _among(self, column: str, options: Iterable[str]) -> str:
        return (
            f"({self._dialect.among.format(list=column, options=self._dialect.several(options))})"
        )

    def _has(self, column: str, option: str) -> str:
        return self._dialect.has.format(column, text(option))

    def _answered(self) -> Iterator[tuple[Formula, str]]:
        """Yield how to say that a question is answered, or left open."""
        for name, one in self._encoding.space.variables.items():
            if isinstance(one, Choice):
                column = self._dialect.name(name)
                several = isinstance(self._questions[name], SeveralOf)
                left, none = (
                    (self._dialect.length.format(column), "0") if several else (column, "''")
                )
                yield one.answered, f"{left} <> {none}"
                yield opposite(one.answered), f"{left} = {none}"

    # columns, step by step

    def _left_open(self) -> dict[str, Formula]:
        """Return the questions of which some rule or other question asks whether they are open."""
        encoding = self._encoding
        read = set(in_order((*encoding.fires.values(), *encoding.applies.values())))
        return {f"{k}_open": v for k, v in encoding.unanswered.items() if v in read}

    def _of_stage(self, stage: str) -> dict[str, Formula]:
        """Return the rules of a stage, and the findings that no later one concludes."""
        encoding, catalog = self._encoding, self._encoding.catalog
        rules = [rule for rule in catalog.in_force if catalog.stage_of[rule.id] == stage]
        found = {rule.id: encoding.fires[rule.id] for rule in rules}
        last = {
            name: catalog.stage_of[rule.id] for rule in catalog.in_force for name in rule.concludes
        }
        for name, values in encoding.concluded.items():
            if last[name] == stage:
                found |= {
                    name if value is True else f"{name}_{value}": part
                    for value, part in values.items()
                }
        return found

    def _steps(self, step: str, wanted: Mapping[str, Formula]) -> list[tuple[str, list[str]]]:
        """Return steps that give columns to formulas; one column is made of those of the last."""
        new: dict[Formula, str] = {}
        for name, part in wanted.items():
            if (
                part.kind in {"not", "and", "or", "count"}
                and part not in self._columns | self._said
            ):
                new.setdefault(part, name)
        depth: dict[Formula, int] = defaultdict(int)
        for one in in_order(new, self._columns.__contains__):
            depth[one] = max((depth[part] for part in one.parts), default=0) + (one in new)
        found = []
        for level in range(1, max((depth[one] for one in new), default=0) + 1):
            here = {one: self._named(name) for one, name in new.items() if depth[one] == level}
            columns = [_column(self._of_parts(one), name) for one, name in here.items()]
            found.append((f"{step}_{level}", columns))
            self._columns |= here
        return found

    def _scores(self) -> list[tuple[str, list[str]]]:
        """Return the step that adds up: a column for each sum that something is compared with."""
        columns = []
        for one in in_order(self._encoding.fires.values()):
            if one.kind == "count" and (one.parts, one.weights) not in self._sums:
                name = self._named(f"sum_{len(self._sums) + 1}")
                columns.append(_column(self._sum(one), name))
                self._sums[one.parts, one.weights] = name
        return [("scores", columns)] if columns else []

    def _named(self, wanted: str) -> str:
        """Return a name that nothing else has."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return self._dialect.name(wanted)

    # formulas

    def _says(self, one: Formula, inside: str = "") -> str:
        """Return a formula as SQL; in brackets where what it is `inside` of needs them."""
        if one in self._columns:
            return self._columns[one]
        if one in self._said:
            return self._said[one]
        made = self._of_parts(one)
        loose = one.kind in {"and", "or"} and len(self._joined(one)) > 1
        return f"({made})" if loose and inside not in {"", one.kind} else made

    def _of_parts(self, one: Formula) -> str:
        if one.kind in {"true", "false"}:
            return one.kind.upper()
        if one.kind == "input":
            return self._input(one)
        if one.kind == "count":
            known = self._sums.get((one.parts, one.weights))
            return f"{known or f'({self._sum(one)})'} >= {one.least}"
        if one.kind == "not":
            return self._not(one.parts[0])
        return f" {one.kind.upper()} ".join(self._joined(one))

    def _joined(self, one: Formula) -> list[str]:
        """Return the parts of an `and` or `or`; an answer that is one of some options is one."""
        found: dict[Any, list[str]] = defaultdict(list)
        for part in one.parts:
            name, value = self._encoding.space.inputs.get(part, ("", ""))
            if one.kind == "or" and isinstance(self._questions.get(name), OneOf):
                found[name].append(text(str(value)))
            else:
                found[part].append(self._says(part, one.kind))
        return [
            f"{self._dialect.name(key)} IN ({', '.join(said)})"
            if isinstance(key, str) and len(said) > 1
            else f"{self._dialect.name(key)} = {said[0]}"
            if isinstance(key, str)
            else said[0]
            for key, said in found.items()
        ]

    def _input(self, one: Formula) -> str:
        name, value = self._encoding.space.inputs[one]
        column = self._dialect.name(name)
        if isinstance(value, int):
            return f"{column} >= {value}"
        if isinstance(self._questions[name], OneOf):
            return f"{column} = {text(value)}"
        return self._has(column, value)

    def _not(self, part: Formula) -> str:
        if part.kind == "input" and part not in self._said:
            name, value = self._encoding.space.inputs[part]
            if isinstance(value, int):
                return f"{self._dialect.name(name)} < {value}"
            if isinstance(self._questions[name], OneOf):
                return f"{self._dialect.name(name)} <> {text(value)}"
        return f"NOT {self._says(part)}" if part in self._columns else f"NOT ({self._says(part)})"

    def _sum(self, one: Formula) -> str:
        terms = zip(one.parts, one.weights, strict=True)
        return " + ".join(f"CASE WHEN {self._says(p)} THEN {w} ELSE 0 END" for p, w in terms)

    # what comes out

    def _problem(self) -> str:
        """Return what is wrong with somebody's answers: a column that holds none, or one too many,
        or a contradiction.
        """
        encoding = self._encoding
        wrong = {
            name: both((encoding.space.variables[name].answered, opposite(applies)))
            for name, applies in encoding.applies.items()
        }
        return self._cased({**wrong, CONTRADICTION: encoding.conflict}, "COALESCE(fault, {})")

    def _cased(self, parts: Mapping[Any, Formula], whole: str = "{}") -> str:
        """Return the first of some texts whose formula holds."""
        cases = [
            f"WHEN {self._says(part)} THEN {text(said)}"
            for said, part in parts.items()
            if part is not FALSE
        ]
        return whole.format(_lines("CASE", *cases, "END") if cases else "NULL")

    def _outcomes(self) -> Iterator[str]:
        """Yield the columns of the result."""
        encoding = self._encoding
        yield self._decided(self._cased(encoding.urgent_as), "urgency")
        yield self._list({text(rule): part for rule, part in encoding.fires.items()}, "fired")
        soonest = sorted(encoding.referred, key=lambda one: (URGENCIES.index(one[1]), one[0]))
        referred = {self._pair(("to", "urgency"), one): encoding.referred[one] for one in soonest}
        yield self._list(referred, "referred")
        offered = sorted(encoding.doses.items(), key=lambda one: one[0][0])
        yield self._list(
            {self._pair(("item", "dose"), one): part for one, part in offered}, "recommended"
        )
        kept_out = sorted(encoding.avoided.items())
        yield self._list({text(item): part for item, part in kept_out}, "avoided")

    def _pair(self, names: tuple[str, str], values: tuple[str, str | None]) -> str:
        return self._dialect.paired(names, values)

    def _list(self, parts: Mapping[str, Formula], name: str) -> str:
        """Return a column with a list of the texts whose formula holds."""
        cases = [
            f"CASE WHEN {self._says(part)} THEN {said} END"
            for said, part in parts.items()
            if part is not FALSE
        ]
        some = self._dialect.listed.format(_lines("", ",\n".join(cases), ""))
        present = self._dialect.present.format(some) if cases else self._dialect.no_list
        return self._decided(present, name)

    def _decided(self, made: str, name: str) -> str:
        """Return a column that is null where nothing was decided."""
        return _column(f"CASE WHEN problem IS NULL THEN {made} END", name)


def _lines(*parts: str) -> str:
    return "\n".join(parts)


def _selected(columns: str, source: str) -> str:
    return f"SELECT {columns}\n  FROM {source}"  # noqa: S608 - nothing in it comes from people


def _column(made: str, name: str) -> str:
    """Return a column as lines; a text has no blanks, so a line may be broken at any of them."""
    whole = f"{made} AS {name}".split("\n")
    lines = (wrap(one, _WIDTH - 4, break_long_words=False, break_on_hyphens=False) for one in whole)
    return "\n    ".join(line for some in lines for line in some)
