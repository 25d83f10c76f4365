"""The chain from questions over findings to care, told as boxes and arrows: of the whole rule set,
and of one topic.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from lumbar.review.book.crossref import CrossReference, TopicRef, offers, withholds
from lumbar.review.book.picture import Arrow, Box, Column, Picture, Ref, draw
from lumbar.rulebook.items import kind_of
from lumbar.rulebook.questionnaire import Score
from lumbar.rulebook.rules import STAGES, Avoid, Conclude, Effect, Recommend, Refer, Rule, Stage

_MOST_QUESTIONS = 12  # of a score, to be drawn one by one
_FINDING: tuple[Stage, ...] = ("triage", "profile")
_ACTING: tuple[Stage, ...] = ("cautions", "care")


def whole(cross: CrossReference) -> Picture:
    """Draw the whole rule set: question topics, the topics of each stage, and the kinds of care.

    The topics of the later stages that begin with the same word share a box.
    """
    questions = tuple(
        Box(
            f"q-{one.id}",
            one.title,
            "question",
            Ref("asked", one.id),
            _counted(len(one.questions), "question"),
        )
        for one in cross.catalog.questionnaire.topics
    )
    return draw(
        "From questions to care",
        "Question topics on the left lead to topics of rules that find and refer, these to topics of rules that keep "
        "care out or offer it, these to kinds of care. The table below the picture says the same in words.",
        (
            Column("Questions, by topic", 190, questions),
            Column("Findings and referrals, by topic", 215, tuple(_families(cross, _FINDING))),
            Column(
                "What is kept out; below, what is offered", 240, tuple(_families(cross, _ACTING))
            ),
            Column("Kinds of care", 150, tuple(_kinds(cross))),
        ),
        tuple(arrow for rule in cross.catalog.rules.values() for arrow in _arrows(cross, rule)),
        space=140,
    )


def _arrows(cross: CrossReference, rule: Rule) -> Iterator[Arrow]:
    """Yield the arrows of the whole picture that one rule makes."""
    mine = cross.topic(rule)
    here, acts = _family(mine), mine.stage in _ACTING
    for name in _behind(cross, rule):
        if name in cross.asked_in:
            yield Arrow(f"q-{cross.asked_in[name]}", here, "far" if acts else "")
        elif acts:  # within a column no arrow is drawn: the topic's own page shows it
            sources = (cross.catalog.rules[ref.id] for ref in cross.concluded_by[name])
            yield from (Arrow(_family(cross.topic(source)), here) for source in sources)
    yield from (Arrow(here, f"k-{kind_of(item)}") for item in offers(rule))
    yield from (Arrow(here, f"k-{kind_of(item)}", "out") for item in withholds(cross.catalog, rule))


class Link(NamedTuple):
    """What a topic of rules reads and acts on: the picture in words."""

    topic: TopicRef
    rules: int
    asks: tuple[Ref, ...]
    knows: tuple[Ref, ...]
    offers: tuple[Ref, ...]
    keeps_out: tuple[Ref, ...]


def links(cross: CrossReference) -> Iterator[Link]:
    """Yield what each topic reads and acts on: question topics, topics that find, and kinds of
    care.
    """
    for topic, rules in cross.topics.items():
        read = tuple(dict.fromkeys(name for rule in rules for name in _behind(cross, rule)))
        found = (
            cross.catalog.rules[ref.id] for name in read for ref in cross.concluded_by.get(name, ())
        )
        yield Link(
            topic,
            len(rules),
            _refs("asked", (cross.asked_in[name] for name in read if name in cross.asked_in)),
            _refs("topic", (other.id for other in map(cross.topic, found) if other != topic)),
            _refs("kind", (kind_of(item) for rule in rules for item in offers(rule))),
            _refs(
                "kind", (kind_of(item) for rule in rules for item in withholds(cross.catalog, rule))
            ),
        )


def _refs(kind: str, names: Iterable[str]) -> tuple[Ref, ...]:
    return tuple(Ref(kind, name) for name in dict.fromkeys(names))


def _family(topic: TopicRef) -> str:
    word = topic.name if topic.stage in _FINDING else topic.name.partition("_")[0]
    return f"{topic.stage}-{word}"


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
        note = f"{topics[0].stage}, {_counted(count, 'rule')}"
        if len(topics) == 1:
            yield Box(
                name,
                topics[0].title.capitalize(),
                topics[0].stage,
                Ref("topic", topics[0].id),
                note,
                group=group_of,
            )
        else:
            title = topics[0].name.partition("_")[0]
            lines = tuple((_short(topic, title), Ref("topic", topic.id)) for topic in topics)
            yield Box(
                name,
                title.capitalize(),
                topics[0].stage,
                Ref("stage", topics[0].stage),
                note,
                lines,
                group_of,
            )


def _short(topic: TopicRef, family: str) -> str:
    return topic.title.removeprefix(family).strip() or topic.title


def _kinds(cross: CrossReference) -> Iterator[Box]:
    for kind, items in groupby(cross.catalog.items, key=kind_of):
        count = len(tuple(items))
        title = cross.catalog.words.sections[kind].title  # type: ignore[index]
        yield Box(
            f"k-{kind}", title, "item", Ref("kind", kind), f"{kind}, {_counted(count, 'item')}"
        )


def topic(cross: CrossReference, which: TopicRef) -> Picture:
    """Draw one topic: the questions, scores and findings its rules read, its rules, and what each
    does.

    A score of many questions is drawn from their topics.
    """
    rules = cross.topics[which]
    refs = {name: cross.ref(name) for rule in rules for name in rule.when.names()}
    asked = {name: _question(cross, name) for name, ref in refs.items() if ref.kind == "question"}
    known = tuple(_known(cross, ref) for ref in refs.values() if ref.kind != "question")
    effects = {_key(effect): effect for rule in rules for effect in rule.then}
    arrows = [Arrow(name, rule.id) for rule in rules for name in rule.when.names()]
    for score in (one for one in cross.catalog.questionnaire.scores if one.id in refs):
        summed = dict(_summed(cross, score))
        asked |= summed
        arrows += [Arrow(name, score.id) for name in summed]
    for rule in rules:
        arrows += [
            Arrow(rule.id, _key(one), "out" if isinstance(one, Avoid) else "") for one in rule.then
        ]
    return draw(
        f"{which.title.capitalize()}: from questions to effects",
        f"What is read by the rules of this topic ({len(rules)}) is on the left, what they do on the right. "
        "Each rule is told in words below.",
        (
            Column("Questions", 220, tuple(asked.values())),
            Column("Scores and findings", 200, known),
            Column(
                "Rules",
                250,
                tuple(Box(rule.id, rule.title, "rule", Ref("rule", rule.id)) for rule in rules),
            ),
            Column(
                "Effects",
                230,
                tuple(_effect(cross, key, effect) for key, effect in effects.items()),
            ),
        ),
        arrows,
        space=90,
    )


def _summed(cross: CrossReference, score: Score) -> Iterator[tuple[str, Box]]:
    """Yield the boxes that a score is drawn from, by their ids."""
    names = [name for name in cross.asked_in if name in score.reads]
    if len(names) <= _MOST_QUESTIONS:
        yield from ((name, _question(cross, name)) for name in names)
        return
    for asked_in, some in groupby(names, key=cross.asked_in.__getitem__):
        title = next(one.title for one in cross.catalog.questionnaire.topics if one.id == asked_in)
        name = f"{asked_in} {score.id}"
        yield (
            name,
            Box(
                name,
                title,
                "question",
                Ref("asked", asked_in),
                _counted(len(tuple(some)), "question"),
            ),
        )


def _question(cross: CrossReference, name: str) -> Box:
    return Box(
        name, cross.catalog.questionnaire.questions[name].name, "question", Ref("question", name)
    )


def _known(cross: CrossReference, ref: Ref) -> Box:
    if ref.kind == "score":
        score = next(one for one in cross.catalog.questionnaire.scores if one.id == ref.id)
        return Box(ref.id, score.title, "score", ref, "score")
    return Box(
        ref.id, ref.id.replace("_", " "), "finding", ref, f"found by {_where(cross, ref.id)}"
    )


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
        return _care(
            cross, key, "refer", f"refers: {effect.urgency.replace('_', ' ')}", effect.refer
        )
    if isinstance(effect, Recommend):
        return _care(
            cross,
            key,
            "item",
            f"offers{f', dose {effect.dose}' if effect.dose else ''}",
            effect.recommend,
        )
    if effect.avoid in cross.catalog.items:
        return _care(cross, key, "out", "keeps out", effect.avoid)
    group, count = effect.avoid, len(cross.catalog.targets[effect.avoid])
    kind = group.partition("/")[0]
    note = f"keeps out {_counted(count, 'item')}"
    if group.endswith("/*"):
        return Box(key, f"all {kind}", "out", Ref("kind", kind), note)
    tag = group.partition(":")[2]
    return Box(key, f"all tagged '{tag.replace('_', ' ')}'", "out", Ref("tag", tag), note)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _care(cross: CrossReference, key: str, kind: str, note: str, item: str) -> Box:
    return Box(key, cross.catalog.items[item].name, kind, Ref("item", item), note)
