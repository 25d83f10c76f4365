"""Every entry of a rule set as fields of lines, each with what it touches: logic, wording or
evidence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from lumbar.reading.flow import flow
from lumbar.reading.record import Record
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.files import REVIEW_FILES
from lumbar.rulebook.questionnaire import Number, OneOf, Question, SeveralOf
from lumbar.rulebook.rules import Conclude, Effect, Recommend, Refer

Layer = Literal["logic", "wording", "evidence", "cosmetic"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
Lines = tuple[str, ...]
Fields = Mapping[str, tuple[Layer, Lines]]


@dataclass(frozen=True)
class Entry:
    """One thing of a rule set, the file it stands in, its fields by layer, and the layer of its
    coming or going.
    """

    kind: str
    name: str
    file: str
    layer: Layer
    fields: Fields


def entries(root: Path, catalog: Catalog) -> dict[tuple[str, str], Entry]:
    """Return everything that is read from the files of a rule set, by kind and name."""
    every = [*_rules(catalog), *_numbers(catalog), *_questions(catalog), *_limits(catalog)]
    every += [*_items(catalog), *_sources(catalog), *_words(catalog), *_reviewing(root)]
    return {(one.kind, one.name): one for one in every}


def _rules(catalog: Catalog) -> Iterator[Entry]:
    for rule in catalog.rules.values():
        stage, topic = catalog.stage_of[rule.id], catalog.topic_of[rule.id]
        fields: dict[str, tuple[Layer, Lines]] = {
            "stage": ("logic", (stage,)),
            "in force": ("logic", ("no" if rule.status == "retired" else "yes",)),
            "when": ("logic", (str(rule.when),)),
            "then": ("logic", tuple(map(effect_in_short, rule.then))),
            **_of(rule, "wording", "title", "because"),
            **_of(rule, "evidence", "status", "note", "not_for", "evidence"),
            "examples": ("evidence", tuple(flow(_given(one)) for one in rule.examples)),
            "topic": ("cosmetic", (topic,)),
        }
        yield Entry("rule", rule.id, f"rules/{stage}/{topic}.yaml", "logic", fields)


def _given(record: Record) -> dict[str, Any]:
    return {field: value for field, value in record if field in record.model_fields_set}


def effect_in_short(effect: Effect) -> str:
    """Return an effect as a rule file says it, on one line."""
    if isinstance(effect, Conclude):
        return f"conclude {effect.conclude}" + (f" = {effect.value}" if effect.value else "")
    if isinstance(effect, Refer):
        return f"refer {effect.refer}, {effect.urgency}"
    if isinstance(effect, Recommend):
        return f"recommend {effect.recommend}" + (f", dose {effect.dose}" if effect.dose else "")
    return f"avoid {effect.avoid}"


def _numbers(catalog: Catalog) -> Iterator[Entry]:
    for one in catalog.thresholds.values():
        fields = {
            **_of(one, "logic", "value"),
            **_of(one, "evidence", "unit", "means", "source", "note"),
        }
        yield Entry("threshold", one.id, "rules/thresholds.yaml", "logic", fields)
    for score in catalog.questionnaire.scores:
        fields = {
            **_of(score, "logic", "sum", "mean", "count"),
            **_of(score, "wording", "title", "unit"),
        }
        fields |= _of(score, "evidence", "source", "code", "note")
        yield Entry("score", score.id, "rules/scores.yaml", "logic", fields)


_QUESTIONNAIRE = "content/questionnaire.yaml"


def _questions(catalog: Catalog) -> Iterator[Entry]:
    topics = catalog.questionnaire.topics
    yield Entry(
        "questionnaire", "topics", _QUESTIONNAIRE, "wording", {"order": ("wording", _ids(topics))}
    )
    for topic in topics:
        fields = {**_of(topic, "logic", "shown_when"), **_of(topic, "wording", "title", "intro")}
        fields["questions"] = ("wording", _ids(topic.questions))
        yield Entry("topic", topic.id, _QUESTIONNAIRE, "wording", fields)
        for question in topic.questions:
            moved: Fields = {"topic": ("logic", (topic.id,))}
            yield Entry(
                "question", question.id, _QUESTIONNAIRE, "logic", {**_question(question), **moved}
            )


def _question(question: Question) -> Fields:
    fields = {**_of(question, "logic", "type", "shown_when", "red_flag", "better_to_worse")}
    if isinstance(question, Number):
        fields |= {
            **_of(question, "logic", "low", "high", "units"),
            **_of(question, "wording", "unit"),
        }
    elif isinstance(question, (OneOf, SeveralOf)):
        points = tuple(
            f"{one.id}: {one.points}" for one in question.options if one.points is not None
        )
        fields["options"] = ("logic", tuple(sorted(question.labels)))
        fields["points"] = ("logic", tuple(sorted(points)))
        fields["labels"] = (
            "wording",
            tuple(f"{name}: {label}" for name, label in question.labels.items()),
        )
    fields |= _of(question, "wording", "name", "text", "help", "why", "watch_for")
    return {**fields, **_of(question, "evidence", "example", "code")}


def _limits(catalog: Catalog) -> Iterator[Entry]:
    limits, file = catalog.limits, "rules/plan.yaml"
    fields = {**_of(limits, "wording", "version"), **_of(limits, "logic", "minutes_question")}
    yield Entry(
        "plan", "limits", file, "logic", {**fields, "sections": ("logic", _ids(limits.sections))}
    )
    for section in limits.sections:
        fields = _of(section, "logic", "kind", "at_least", "at_most", "minutes_at_most", "order")
        yield Entry("section", section.id, file, "logic", fields)


_LOGIC_OF_AN_ITEM = ("tags",)
_EVIDENCE_OF_AN_ITEM = ("label", "evidence")


def _items(catalog: Catalog) -> Iterator[Entry]:
    for name, item in catalog.items.items():
        words = item.model_fields_set - {*_LOGIC_OF_AN_ITEM, *_EVIDENCE_OF_AN_ITEM, "doses"}
        fields: dict[str, tuple[Layer, Lines]] = {
            **_of(item, "logic", *_LOGIC_OF_AN_ITEM),
            "doses": ("logic", tuple(_dose(dose) for dose in item.doses)),
            "dose texts": ("wording", tuple(f"{dose.id}: {dose.text}" for dose in item.doses)),
            **_of(item, "wording", *(field for field in type(item).model_fields if field in words)),
            **_of(item, "evidence", *_EVIDENCE_OF_AN_ITEM),
        }
        yield Entry("item", name, f"content/{name}.yaml", "logic", fields)


def _dose(dose: Any) -> str:
    limit = f", at most {dose.days_at_most} days on end" if dose.days_at_most else ""
    return f"{dose.id}: {dose.minutes} minutes{limit}"


def _sources(catalog: Catalog) -> Iterator[Entry]:
    for one in catalog.sources.values():
        fields = _of(one, "evidence", *(field for field in type(one).model_fields if field != "id"))
        yield Entry("source", one.id, "content/evidence.yaml", "evidence", fields)


def _words(catalog: Catalog) -> Iterator[Entry]:
    files = {"words": catalog.words, "safety_net": catalog.safety_net, "operator": catalog.operator}
    for name, record in files.items():
        fields: dict[str, tuple[Layer, Lines]] = {}
        for path, lines in _leaves(record.model_dump()):
            # the day of the next look decides when somebody is asked again
            fields[path] = ("logic" if path.endswith("after_days") else "wording", lines)
        yield Entry("words", name, f"content/{name}.yaml", "wording", fields)


def _reviewing(root: Path) -> Iterator[Entry]:
    """Yield the files that review and decide nothing, by what is in them."""
    for name in sorted(REVIEW_FILES):
        path = root / name
        if path.suffix == ".yaml" and path.is_file():
            leaves = _leaves(
                _by_id(YamlFile(name, path.read_text(encoding="utf-8", errors="replace")).data)
            )
            yield Entry(
                "file", name, name, "evidence", {at: ("evidence", lines) for at, lines in leaves}
            )
        elif path.is_file():
            lines = tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())
            yield Entry("file", name, name, "evidence", {"lines": ("evidence", lines)})


def _by_id(data: Any) -> Any:
    if isinstance(data, tuple) and all(
        isinstance(one, Mapping) and isinstance(one.get("id"), str) for one in data
    ):
        return {
            one["id"]: {key: value for key, value in one.items() if key != "id"} for one in data
        }
    return data


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Lines]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _leaves(value, f"{path} {key}".strip())
    else:
        yield path, _lines(data)


def _ids(records: Iterable[Any]) -> Lines:
    return tuple(one.id for one in records)


def _of(record: Record, layer: Layer, *fields: str) -> dict[str, tuple[Layer, Lines]]:
    return {field: (layer, _lines(getattr(record, field, None))) for field in fields}


def _lines(value: Any) -> Lines:
    """Return a value as lines: a list one line an element, a mapping one line a key, nothing as no
    line.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        return tuple(f"{key}: {', '.join(_lines(one)) or 'nothing'}" for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return tuple(", ".join(_lines(one)) for one in value)
    if isinstance(value, Record):
        return tuple(
            f"{field}: {', '.join(lines)}" for field, one in value if (lines := _lines(one))
        )
    return (str(value),)
