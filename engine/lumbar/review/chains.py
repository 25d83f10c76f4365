"""The chain from questions over findings to care, told as boxes and arrows: of the whole rule set, and of one topic."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from lumbar.content import kind_of
from lumbar.review.crossref import CrossReference, TopicRef, offers, withholds
from lumbar.review.picture import Arrow, Box, Column, Picture, Ref, draw
from lumbar.rules import STAGES, Avoid, Conclude, Effect, Recommend, Refer, Rule, Stage

_FINDING: tuple[Stage, ...] = ("triage", "profile")
_ACTING: tuple[Stage, ...] = ("cautions", "care")


def whole(cross: CrossReference) -> Picture:
    """Draw the whole rule set: question topics, the topics of each stage, and the kinds of care.

    The topics of the later stages that begin with the same word share a box.
    """
    asked = {question.id: topic for topic in cross.catalog.questionnaire.topics for question in topic.questions}
    boxes = {topic.id: _family(topic) for topic in cross.topics}
    questions = tuple(
        Box(f"q-{topic.id}", topic.title, "question", Ref("asked", topic.id), f"{len(topic.questions)} questions")
        for topic in cross.catalog.questionnaire.topics
    )
    arrows: dict[Arrow, None] = {}
    for rule in cross.catalog.rules.values():
        here = boxes[cross.topic(rule).id]
        for name in _behind(cross, rule):
            if name in asked:
                arrows[Arrow(f"q-{asked[name].id}", here, _far(rule, cross))] = None
            for source in cross.concluded_by.get(name, ()):
                start = boxes[cross.topic(cross.catalog.rules[source.id]).id]
                if cross.catalog.stage_of[source.id] in _FINDING and _later(start, here):
                    arrows[Arrow(start, here)] = None
        for item in offers(rule):
            arrows[Arrow(here, f"k-{kind_of(item)}")] = None
        for item in withholds(cross.catalog, rule):
            arrows[Arrow(here, f"k-{kind_of(item)}", "out")] = None
    columns = (
        Column("Questions, by topic", 190, questions),
        Column("Findings and referrals, by topic", 215, tuple(_families(cross, _FINDING))),
        Column("What is kept out; below, what is offered", 240, tuple(_families(cross, _ACTING))),
        Column("Kinds of care", 150, tuple(_kinds(cross))),
    )
    return draw(
        "From questions to care",
        "Question topics on the left lead to topics of rules that find and refer, these to topics of rules that keep "
        "care out or offer it, these to kinds of care. The table below the picture says the same in words.",
        columns,
        tuple(arrows),
        space=140,
    )


class Link(NamedTuple):
    """What a topic of rules reads and acts on: the picture in words."""

    topic: TopicRef
    rules: int
    asks: tuple[Ref, ...]
    knows: tuple[Ref, ...]
    offers: tuple[Ref, ...]
    keeps_out: tuple[Ref, ...]


def links(cross: CrossReference) -> Iterator[Link]:
    """Yield what each topic reads and acts on: question topics, topics that find, and kinds of care."""
    asked = {question.id: topic.id for topic in cross.catalog.questionnaire.topics for question in topic.questions}
    for topic, rules in cross.topics.items():
        read = tuple(dict.fromkeys(name for rule in rules for name in _behind(cross, rule)))
        found = (cross.catalog.rules[ref.id] for name in read for ref in cross.concluded_by.get(name, ()))
        yield Link(
            topic,
            len(rules),
            _refs("asked", (asked[name] for name in read if name in asked)),
            _refs("topic", (other.id for other in map(cross.topic, found) if other != topic)),
            _refs("kind", (kind_of(item) for rule in rules for item in offers(rule))),
            _refs("kind", (kind_of(item) for rule in rules for item in withholds(cross.catalog, rule))),
        )


def _refs(kind: str, names: Iterable[str]) -> tuple[Ref, ...]:
    return tuple(Ref(kind, name) for name in dict.fromkeys(names))


def _family(topic: TopicRef) -> str:
    word = topic.name if topic.stage in _FINDING else topic.name.partition("_")[0]
    return f"{topic.stage}-{word}"


def _later(start: str, end: str) -> bool:
    """Return whether an arrow would go to another column: within a column, the topic's own page shows it."""
    return STAGES.index(start.split("-")[0]) // 2 < STAGES.index(end.split("-")[0]) // 2  # type: ignore[arg-type]


def _far(rule: Rule, cross: CrossReference) -> str:
    return "far" if cross.catalog.stage_of[rule.id] in _ACTING else ""


def _behind(cross: CrossReference, rule: Rule) -> Iterator[str]:
    """Yield the questions and findings that a rule reads, those of its scores included."""
    scores = {score.id: score for score in cross.catalog.questionnaire.scores}
    for name in dict.fromkeys(rule.when.names()):
        yield from sorted(scores[name].reads) if name in scores else (name,)


def _families(cross: CrossReference, stages: tuple[Stage, ...]) -> Iterator[Box]:
    mine = [topic for topic in cross.topics if topic.stage in stages]
    for name, group in groupby(mine, key=_family):
        topics = tuple(group)
        count = sum(len(cross.topics[topic]) for topic in topics)
        group_of = STAGES.index(topics[0].stage)
        note = f"{topics[0].stage}, {count} rule{'s' if count > 1 else ''}"
        if len(topics) == 1:
            yield Box(name, topics[0].title.capitalize(), topics[0].stage, Ref("topic", topics[0].id), note, group=group_of)
        else:
            title = topics[0].name.partition("_")[0]
            lines = tuple((_short(topic, title), Ref("topic", topic.id)) for topic in topics)
            yield Box(name, title.capitalize(), topics[0].stage, Ref("stage", topics[0].stage), note, lines, group_of)


def _short(topic: TopicRef, family: str) -> str:
    return topic.title.removeprefix(family).strip() or topic.title


def _kinds(cross: CrossReference) -> Iterator[Box]:
    for kind, items in groupby(cross.catalog.items, key=kind_of):
        count = len(tuple(items))
        title = cross.catalog.words.sections[kind].title  # type: ignore[index]
        yield Box(f"k-{kind}", title, "item", Ref("kind", kind), f"{kind}, {count} item{'s' if count > 1 else ''}")


def topic(cross: CrossReference, which: TopicRef) -> Picture:
    """Draw one topic: the questions, scores and findings its rules read, its rules, and what each does."""
    rules = cross.topics[which]
    read = tuple(dict.fromkeys(name for rule in rules for name in rule.when.names()))
    refs = {name: cross.ref(name) for name in read}
    scores = {score.id: score for score in cross.catalog.questionnaire.scores if score.id in refs}
    asked = (*(name for name in read if refs[name].kind == "question"), *_asked_for(cross, scores))
    arrows = [Arrow(name, rule.id) for rule in rules for name in dict.fromkeys(rule.when.names())]
    arrows += [Arrow(name, score.id) for score in scores.values() for name in score.reads]
    effects = {_key(effect): effect for rule in rules for effect in rule.then}
    arrows += [
        Arrow(rule.id, _key(effect), "out" if isinstance(effect, Avoid) else "") for rule in rules for effect in rule.then
    ]
    return draw(
        f"{which.title.capitalize()}: from questions to effects",
        f"The {len(rules)} rules of this topic, what they read on the left, what they do on the right. "
        "Each rule is told in words below.",
        (
            Column("Questions", 220, tuple(_question(cross, name) for name in dict.fromkeys(asked))),
            Column("Scores and findings", 200, tuple(_known(cross, refs[n]) for n in read if refs[n].kind != "question")),
            Column("Rules", 250, tuple(Box(rule.id, rule.title, "rule", Ref("rule", rule.id)) for rule in rules)),
            Column("Effects", 230, tuple(_effect(cross, key, effect) for key, effect in effects.items())),
        ),
        arrows,
        space=90,
    )


def _asked_for(cross: CrossReference, scores: Mapping[str, object]) -> Iterator[str]:
    for score in cross.catalog.questionnaire.scores:
        if score.id in scores:
            yield from (name for name in cross.catalog.questionnaire.questions if name in score.reads)


def _question(cross: CrossReference, name: str) -> Box:
    return Box(name, cross.catalog.questionnaire.questions[name].name, "question", Ref("question", name))


def _known(cross: CrossReference, ref: Ref) -> Box:
    if ref.kind == "score":
        score = next(one for one in cross.catalog.questionnaire.scores if one.id == ref.id)
        return Box(ref.id, score.title, "score", ref, "score")
    return Box(ref.id, ref.id.replace("_", " "), "finding", ref, f"found by {_where(cross, ref.id)}")


def _where(cross: CrossReference, finding: str) -> str:
    rules = (cross.catalog.rules[ref.id] for ref in cross.concluded_by.get(finding, ()))
    return _listed(dict.fromkeys(cross.topic(rule).title for rule in rules)) or "nobody"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _key(effect: Effect) -> str:
    if isinstance(effect, Conclude):
        return f"> {effect.conclude} {effect.value or ''}"
    if isinstance(effect, Refer):
        return f"> {effect.refer} {effect.urgency}"
    if isinstance(effect, Recommend):
        return f"> {effect.recommend} {effect.dose or ''}"
    return f"> not {effect.avoid}"


def _effect(cross: CrossReference, key: str, effect: Effect) -> Box:
    if isinstance(effect, Conclude):
        said = f"{effect.conclude} is {effect.value}" if effect.value else effect.conclude
        return Box(key, said.replace("_", " "), "finding", Ref("finding", effect.conclude), "finds")
    if isinstance(effect, Refer):
        return _care(cross, key, "refer", f"refers: {effect.urgency.replace('_', ' ')}", effect.refer)
    if isinstance(effect, Recommend):
        return _care(cross, key, "item", f"offers{f', dose {effect.dose}' if effect.dose else ''}", effect.recommend)
    if effect.avoid in cross.catalog.items:
        return _care(cross, key, "out", "keeps out", effect.avoid)
    group, count = effect.avoid, len(cross.catalog.targets[effect.avoid])
    kind = group.partition("/")[0]
    if group.endswith("/*"):
        return Box(key, f"all {kind}", "out", Ref("kind", kind), f"keeps out {count} items")
    return Box(key, group.replace(":", " "), "out", Ref("tag", group.partition(":")[2]), f"keeps out {count} items")


def _care(cross: CrossReference, key: str, kind: str, note: str, item: str) -> Box:
    return Box(key, cross.catalog.items[item].name, kind, Ref("item", item), note)
