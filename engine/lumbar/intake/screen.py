"""What one page asks: all of a topic that is open, and what may open there by what is picked.

A terminal puts one question, or card, after the other; a page puts those of a topic together. What
is asked, in which order, and what an answer means is the interview's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lumbar.intake.cards import card_id, on_card
from lumbar.intake.interview import Interview
from lumbar.intake.typed import Refused
from lumbar.rulebook.conditions import Facts, Value
from lumbar.rulebook.questionnaire import Number, OneOf, SeveralOf

Picked = tuple[str, str]  # a question, and one of its options
Read = Callable[[Interview, Sequence[str]], Value | Refused]


class Place(NamedTuple):
    """What was asked on a page, each a question or a card by the id of its question; in the second
    step of a card, the lines left.
    """

    asked: tuple[str, ...]
    left: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Part:
    """A question, or card, of a page, with what was said before.

    Where it hangs on another of the page, it applies as long as an option of `opened_by` is picked.
    """

    question: Number | OneOf | SeveralOf
    said: Value | None
    needs_help: bool
    applies: bool
    opened_by: frozenset[Picked]


def place_of(interview: Interview) -> Place | None:
    """Return what the next page asks: what is open in the topic; None when all was asked."""
    topic, doubtful = interview.topic, interview.doubtful
    if topic is None:
        return None
    if doubtful:
        return Place((doubtful.question.id,), tuple(sorted(doubtful.left or ())))
    card = None if topic.id in interview.done else interview.card_of(topic)
    on_it = {one.id for one in card.asked} if card else set()
    done = interview.answers.keys() | interview.skipped
    names = (
        card_id(topic) if one.id in on_it else one.id
        for one in topic.questions
        if one.id not in done and (one.id == interview.current or _applies(interview, one.id))
    )
    return Place(tuple(dict.fromkeys(names)))


def parts(interview: Interview, place: Place) -> list[Part]:
    """Return what stands on the page of a place, in order; nothing where none of it applies.

    With what was asked there stands what hangs on it in the same topic.
    """
    at, names = interview.copied(), [*_names(interview, place)]
    found = (_part(at, name, names) for name in names if _go_to(at, name, place))
    return [part for part in found if part.applies or part.opened_by]


def fill_in(
    interview: Interview,
    place: Place,
    given: Mapping[str, Sequence[str]],
    read: Read,
    *,
    leave_open: bool,
) -> tuple[Interview, dict[str, Refused]]:
    """Return the interview after a page was filled in, and what is wrong there by question.

    `read` understands what was given to the question that an interview is at. What fits counts,
    whatever else is wrong. What applies only since is not missed: it is asked next.
    """
    must = {part.question.id for part in parts(interview, place) if part.applies}
    at, wrong, doubtful = interview.copied(), dict[str, Refused](), None
    for name in [*_names(interview, place)]:
        if not _go_to(at, name, place) or not (at.card or _applies(at, name)):
            continue
        said = given.get(name, ())
        if not any(said) and name not in must:
            continue
        if not any(said) and leave_open:
            at.skip()
            continue
        value = read(at, said)
        if isinstance(value, Refused):
            wrong[name] = value
        else:
            at.answer(value)
            doubtful = at.doubtful or doubtful
    at.doubtful = None
    if doubtful:
        at.doubt(doubtful)
    else:
        at.advance()
    return at, wrong


def _names(interview: Interview, place: Place) -> Iterator[str]:
    """Yield what is asked at a place and what hangs on it in the same topic, in order."""
    topic = interview.topic_of(place.asked[0])
    wanted, card = {*place.asked}, card_id(topic)
    on_it = {one.id for one in on_card(topic)}
    for one in topic.questions:
        if one.id in on_it - wanted:
            if card in wanted:
                wanted.remove(card)
                yield card
        elif one.id in wanted or not wanted.isdisjoint(_hangs_on(interview, one.id)):
            wanted.add(one.id)
            yield one.id


def _go_to(at: Interview, name: str, place: Place) -> bool:
    there = at.go_to(name)
    if there and place.left is not None and (card := at.card):
        at.doubt(replace(card, left=frozenset(place.left)))
    return there


def _part(at: Interview, name: str, names: Sequence[str]) -> Part:
    question = at.question
    assert question is not None
    if at.card:
        return Part(question, at.said, True, True, frozenset())
    opened_by = frozenset(_opening(at, name, names))
    return Part(question, at.said, at.needs_help, _applies(at, name), opened_by)


def _hangs_on(interview: Interview, name: str) -> frozenset[str]:
    return interview.questionnaire.hanging.get(name, frozenset())


def _applies(interview: Interview, name: str) -> bool:
    """Return whether a question is asked now: it applies, or what it hangs on was left open."""
    facts = interview.answers.facts
    truth = interview.questionnaire.applies(name, facts)
    if truth is None:
        return _hangs_on(interview, name) & facts.unanswered <= interview.skipped
    return truth


def _opening(at: Interview, name: str, names: Sequence[str]) -> Iterator[Picked]:
    """Yield the options on the same page that make a question apply; none where any would do."""
    asked, facts = at.questionnaire.questions, at.answers.facts
    if at.questionnaire.applies(name, facts) is None and _applies(at, name):
        return
    for other in _hangs_on(at, name).intersection(names):
        question = asked[other]
        every = () if isinstance(question, Number) else tuple(question.labels)
        found = [one for one in every if _would(at, name, other, one)]
        if len(found) < len(every):
            yield from ((other, one) for one in found)


def _would(at: Interview, name: str, other: str, option: str) -> bool:
    """Return whether a question applies where an option of another is picked."""
    question, facts = at.questionnaire.questions[other], at.answers.facts
    assert not isinstance(question, Number)
    known = {**facts.known, other: question.typed(question.alone(option))}
    changed = Facts(known, facts.unanswered - {other})
    return at.questionnaire.applies(name, changed) is True
