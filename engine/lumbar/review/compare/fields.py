"""Every entry of a rule set as fields of lines, each with what it touches.

*Logic* decides, *wording* is what a person reads, *evidence* is what stands behind it for a
clinician. *Cosmetic* changes nothing that is read: spaces, comments, the order of keys or rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from lumbar.reading.flow import flow
from lumbar.reading.record import Record
from lumbar.reading.yamlfile import YamlFile
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.fingerprint import REVIEW_FILES
from lumbar.rulebook.questionnaire import Question
from lumbar.rulebook.rules import Conclude, Effect, Recommend, Refer

Layer = Literal["logic", "wording", "evidence", "cosmetic"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
Lines = tuple[str, ...]
Fields = Mapping[str, tuple[Layer, Lines]]

# The fields that are told as they are, by the layer that they touch.
_LAYERS: Mapping[str, Mapping[Layer, str]] = {
    "rule": {"wording": "title because", "evidence": "status note not_for evidence"},
    "threshold": {"logic": "value", "evidence": "unit means source note"},
    "score": {
        "logic": "sum mean count fall",
        "wording": "title unit",
        "evidence": "source code note",
    },
    "topic": {"logic": "shown_when", "wording": "title intro"},
    "question": {
        "logic": "type shown_when sign better_to_worse low high units",
        "wording": "unit name text help why watch_for",
        "evidence": "example code",
    },
    "plan": {"wording": "version", "logic": "minutes_question"},
    "section": {"logic": "kind at_least at_most minutes_at_most first beside order"},
    "item": {"logic": "tags", "evidence": "label evidence"},
}


@dataclass(frozen=True)
class Entry:
    """One thing of a rule set, its file, its fields, and the layer of its coming or going."""

    kind: str
    name: str
    file: str
    layer: Layer
    fields: Fields


def entries(root: Path, catalog: Catalog) -> dict[tuple[str, str], Entry]:
    """Return everything that is read from the files of a rule set, by kind and name."""
    every = [*_rules(catalog), *_numbers(catalog), *_questions(catalog), *_limits(catalog)]
    every += [
        *_items(catalog),
        *_figures(catalog),
        *_sources(catalog),
        *_words(catalog),
        *_reviewing(root),
    ]
    return {(one.kind, one.name): one for one in every}


def _rules(catalog: Catalog) -> Iterator[Entry]:
    for rule in catalog.rules.values():
        stage, topic = catalog.stage_of[rule.id], catalog.topic_of[rule.id]
        fields: Fields = {
            "stage": ("logic", (stage,)),
            "in force": ("logic", ("no" if rule.status == "retired" else "yes",)),
            "when": ("logic", (str(rule.when),)),
            "then": ("logic", tuple(map(effect_in_short, rule.then))),
            **_as_they_are("rule", rule),
            "examples": ("evidence", tuple(flow(_given(one)) for one in rule.examples)),
            "topic": ("cosmetic", (topic,)),
        }
        yield Entry("rule", rule.id, f"rules/{stage}/{topic}.yaml", "logic", fields)


def _given(record: Record) -> dict[str, Any]:
    return {field: getattr(record, field) for field in record.plain(short=True)}


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
    for kind, records in (
        ("threshold", catalog.thresholds.values()),
        ("score", catalog.questionnaire.scores),
    ):
        for one in records:
            yield Entry(kind, one.id, f"rules/{kind}s.yaml", "logic", _as_they_are(kind, one))


def _questions(catalog: Catalog) -> Iterator[Entry]:
    topics, file = catalog.questionnaire.topics, "content/questionnaire.yaml"
    order: Fields = {"order": ("wording", _ids(topics))}
    yield Entry("questionnaire", "topics", file, "wording", order)
    for topic in topics:
        fields = {**_as_they_are("topic", topic), "questions": ("wording", _ids(topic.questions))}
        yield Entry("topic", topic.id, file, "wording", fields)
        for question in topic.questions:
            asked = {**_question(question), "topic": ("logic", (topic.id,))}
            yield Entry("question", question.id, file, "logic", asked)


def _question(question: Question) -> Fields:
    labels = getattr(question, "labels", {})
    own = {one.id: one.sign for one in getattr(question, "options", ()) if one.sign}
    return {
        **_as_they_are("question", question),
        "options": ("logic", tuple(sorted(labels))),
        "points": ("logic", tuple(sorted(_lines(getattr(question, "points", {}))))),
        "own signs": ("logic", tuple(sorted(_lines(own)))),
        "labels": ("wording", _lines(labels)),
    }


def _limits(catalog: Catalog) -> Iterator[Entry]:
    limits, file = catalog.limits, "rules/plan.yaml"
    fields = {**_as_they_are("plan", limits), "sections": ("logic", _ids(limits.sections))}
    yield Entry("plan", "limits", file, "logic", fields)
    for section in limits.sections:
        yield Entry("section", section.id, file, "logic", _as_they_are("section", section))


def _items(catalog: Catalog) -> Iterator[Entry]:
    for name, item in catalog.items.items():
        fields = {
            **_as_they_are("item", item),
            "doses": ("logic", tuple(map(_dose, item.doses))),
            "dose texts": ("wording", tuple(f"{dose.id}: {dose.text}" for dose in item.doses)),
        }
        fields = {**_all(item, "wording"), **fields}  # whatever else an item has is words
        yield Entry("item", name, f"content/{name}.yaml", "logic", fields)


def _figures(catalog: Catalog) -> Iterator[Entry]:
    for name, figure in catalog.figures.items():
        told = _leaves(figure.model_dump(exclude_defaults=True, by_alias=True))
        fields: Fields = {at: ("wording", lines) for at, lines in told}
        yield Entry("figure", name, f"content/figures/{name}.yaml", "wording", fields)


def _dose(dose: Any) -> str:
    limit = f", at most {dose.days_at_most} days on end" if dose.days_at_most else ""
    return f"{dose.id}: {dose.minutes} minutes{limit}"


def _sources(catalog: Catalog) -> Iterator[Entry]:
    for one in catalog.sources.values():
        yield Entry("source", one.id, "content/evidence.yaml", "evidence", _all(one, "evidence"))


def _words(catalog: Catalog) -> Iterator[Entry]:
    files = {"words": catalog.words, "safety_net": catalog.safety_net, "operator": catalog.operator}
    for name, record in files.items():
        fields: dict[str, tuple[Layer, Lines]] = {}
        for path, lines in _leaves(record.plain()):
            # the day of the next look decides when somebody is asked again, and `when` who reads it
            logic = path.endswith(("after_days", "when"))
            fields[path] = ("logic" if logic else "wording", lines)
        yield Entry("words", name, f"content/{name}.yaml", "wording", fields)


def _reviewing(root: Path) -> Iterator[Entry]:
    """Yield the files that review and decide nothing, by what is in them."""
    for name in sorted(REVIEW_FILES):
        if not (root / name).is_file():
            continue
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        told: Iterable[tuple[str, Lines]] = [("lines", tuple(text.splitlines()))]
        if name.endswith(".yaml"):
            told = _leaves(_by_id(YamlFile(name, text).data))
        fields: Fields = {at: ("evidence", lines) for at, lines in told}
        yield Entry("file", name, name, "evidence", fields)


def _by_id(data: Any) -> Any:
    if isinstance(data, tuple) and all(
        isinstance(one, Mapping) and isinstance(one.get("id"), str) for one in data
    ):
        return {one["id"]: {key: one[key] for key in one if key != "id"} for one in data}
    return data


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Lines]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _leaves(value, f"{path} {key}".strip())
    else:
        yield path, _lines(data)


def _ids(records: Iterable[Any]) -> Lines:
    return tuple(one.id for one in records)


def _as_they_are(kind: str, record: Record) -> dict[str, tuple[Layer, Lines]]:
    return {
        field: (layer, _lines(getattr(record, field, None)))
        for layer, fields in _LAYERS[kind].items()
        for field in fields.split()
    }


def _all(record: Record, layer: Layer) -> dict[str, tuple[Layer, Lines]]:
    return {field: (layer, _lines(value)) for field, value in record if field != "id"}


def _lines(value: Any) -> Lines:
    """Return a value as lines: one an element of a list or a key of a mapping, none for nothing."""
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        return tuple(f"{key}: {', '.join(_lines(one)) or 'nothing'}" for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return tuple(", ".join(_lines(one)) for one in value)
    if isinstance(value, Record):
        told = ((field, _lines(one)) for field, one in value)
        return tuple(f"{field}: {', '.join(lines)}" for field, lines in told if lines)
    return (str(value),)
