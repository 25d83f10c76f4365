"""`content/words.yaml`: what a person reads around questions and items, a record a place.

Strings in `Annotated` are the names that may stand in braces in a text; the code fills them all in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import chain
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from lumbar.reading.record import Before, Limit, Record
from lumbar.rulebook.items import Certainty, Direction, Kind, Label, Lines, Strength, Urgency, Words

Told = Annotated[Words, "emergency_number", "urgent_line", "crisis_line"]  # of operator.yaml
GRADES = tuple(dict.fromkeys(chain(*map(get_args, (Direction, Strength, Certainty)))))


def _readable(pattern: Any) -> Any:
    try:
        re.compile(str(pattern))
    except re.error as error:
        raise ValueError(str(error)) from None
    return pattern


Pattern = Annotated[str, Before(_readable)]


class Counted(Record):
    """A text with a number, in the forms that the language has for it; `other` is for the rest."""

    other: Words
    zero: str = ""
    one: str = ""
    two: str = ""
    few: str = ""
    many: str = ""


class UrgencyWords(Record):
    """What a person reads first; `short` stands on the panel."""

    short: Words
    title: Told
    how_soon: Told
    action: Told


class LabelWords(Record):
    """An evidence label, and what it means; `warning` stands beside what is to be done today."""

    name: Words
    meaning: Words
    warning: str = ""


class SectionWords(Record):
    """A section of the plan."""

    title: Words
    intro: Told


class LeftOutWords(Record):
    """Why an item is not in the plan, one sentence a reason."""

    avoided: Words
    urgent: Words
    no_room: Words
    no_time: Words
    not_recommended: Words


class FailClosedWords(Record):
    """What is shown when no safe decision could be made."""

    title: Told
    action: Told


class ListWords(Record):
    """How the last part of a list is joined to those before."""

    both: Annotated[Words, "first", "last"]
    either: Annotated[Words, "first", "last"]


class DetailWords(Record):
    """The headings of what an item says about itself, by its fields, in the order of the page."""

    called: Words
    how_soon: Words
    why_them: Words
    position: Words
    hands: Words
    where: Words
    steps: Words
    should_feel: Words
    should_not_feel: Words
    progress: Words
    stop_if: Words
    not_for: Words
    ask: Words
    tell: Words
    bring: Words
    source_says: Words
    we_changed: Words


class PageWords(Record):
    """The page of a plan."""

    since_last: Words
    then_and_now: Annotated[Words, "name", "first", "last", "now"]
    last_and_now: Annotated[Words, "name", "last", "now"]
    today: Words
    step: Annotated[Words, "name", "text", "warning"]
    one_habit: Annotated[Words, "name"]
    no_sign: Words
    not_now: Annotated[Words, "name", "answers"]
    not_now_else: Annotated[Words, "name", "text"]
    pain_usual: Annotated[Words, "now", "most"]
    pain_high: Annotated[Words, "now"]
    pain_unknown: Words
    come_back: Words
    how_to: Words
    week: Words
    week_lines: Lines
    more: Words
    every_sign: Words
    fine_print: Annotated[Words, "note"]
    no_such: Annotated[Words, "item", "items"]
    nothing_to_do: Words
    see: Annotated[Words, "names"]
    minutes_a_day: Annotated[Counted, "title", "number"]
    while_you_wait: Words
    who_to_see: Words
    see_too: Words
    later: Words
    in_a_line: Annotated[Words, "name", "text"]
    stop_if: Words
    stop_any: Words
    go_now: Words
    same_day: Words
    how_much: Annotated[Words, "dose"]
    evidence: Annotated[Words, "label", "note"]
    cited: Annotated[Words, "source", "direction", "strength", "certainty", "note"]
    cited_ungraded: Annotated[Words, "source", "direction", "note"]
    why: Words
    you_said: Annotated[Words, "answers"]
    and_more: Annotated[Counted, "answers", "number"]
    not_answered: Words
    would_change: Annotated[Words, "urgency"]
    change: Annotated[Words, "change"]
    answer_included: Annotated[Words, "question", "answer"]
    answer_became: Annotated[Words, "question", "answer"]
    left_out: Words
    parts_left_out: Annotated[Counted, "text", "number"]
    again: Words
    on_day: Annotated[Words, "day", "text"]
    in_days: Annotated[Counted, "number", "text"]
    signed: Annotated[Words, "status"]
    not_signed: Annotated[Words, "status"]
    about: Words
    made_by: Annotated[Words, "program", "rules", "hash", "engines"]
    no_engine: Words
    keys: Words


class CommandWords(Record):
    """What may be said instead of an answer, and the keys to type."""

    short: Words
    keys: Annotated[tuple[Annotated[str, Limit(pattern=r"^[^\s0-9]+$")], ...], Limit(min_length=1)]


class CommandsWords(Record):
    """Everything that may be said instead of an answer."""

    why: CommandWords
    back: CommandWords
    skip: CommandWords
    stop: CommandWords


class InterviewWords(Record):
    """What the interview says besides the questions."""

    commands: CommandsWords
    welcome: Words
    welcome_back: Words
    minutes: Annotated[Counted, "number"]
    ways: Annotated[Words, "keys"]
    kept: Annotated[Words, "file"]
    earlier: Annotated[Words, "day"]
    earlier_undated: Words
    too_old: Annotated[Words, "day"]
    unfit: Annotated[Words, "questions"]
    still_right: Words
    not_kept: Annotated[Words, "file", "reason"]
    topic: Annotated[Counted, "title", "place", "total", "number"]
    why: Annotated[Words, "why"]
    first_question: Words
    what_next: Words
    stop_and_show: Words
    go_on: Words
    check: Words
    check_prompt: Words
    change_prompt: Words
    check_help: Words
    really_stop: Words
    stop_here: Words
    answers_found: Words
    laid_aside: Annotated[Words, "file"]
    go_on_with_these: Words
    begin_anew: Words
    explain: Annotated[Words, "program", "file"]
    plan_kept: Annotated[Words, "file"]
    stopped: Words
    resume: Annotated[Words, "program", "file"]
    resume_check_in: Annotated[Words, "program", "file"]
    kept_up_to: Annotated[Words, "question"]
    your_answer: Words
    go_down: Words
    arrows: Words
    arrows_and_space: Words
    pick: Annotated[Words, "question", "number"]
    one_number: Annotated[Words, "number"]
    several_numbers: Annotated[Words, "number"]
    enter_keeps: Annotated[Words, "answer"]
    number: Annotated[Words, "low", "high", "unit"]
    number_in_units: Annotated[Words, "low", "high", "unit", "units"]
    in_units: Annotated[Words, "units", "example"]
    fillers: tuple[Words, ...]
    spoken: Mapping[str, Words]
    whole_number: Annotated[Words, "allowed"]
    unknown_unit: Annotated[Words, "unit", "allowed"]
    out_of_range: Annotated[Words, "allowed"]
    under_other: Annotated[Words, "name", "answer", "key"]
    over_other: Annotated[Words, "name", "answer", "key"]
    pick_from: Annotated[Words, "number"]
    one_only: Words
    tick: Annotated[Words, "none"]
    card_help: Words
    none_of_these: Words
    not_sure_here: Words
    which_doubtful: Words
    none_alone: Annotated[Words, "none"]


class ConditionWords(Record):
    """A clause of a condition."""

    equal: Annotated[Words, "name", "value"]
    unequal: Annotated[Words, "name", "value"]
    under: Annotated[Words, "name", "value"]
    at_most: Annotated[Words, "name", "value"]
    over: Annotated[Words, "name", "value"]
    at_least: Annotated[Words, "name", "value"]
    includes: Annotated[Words, "name", "value"]
    excludes: Annotated[Words, "name", "value"]
    answered: Annotated[Words, "name"]
    unanswered: Annotated[Words, "name"]
    found: Annotated[Words, "name"]
    not_found: Annotated[Words, "name"]


class EffectWords(Record):
    """What a rule does."""

    concludes: Annotated[Words, "finding"]
    concludes_value: Annotated[Words, "finding", "value"]
    refers: Annotated[Words, "name", "urgency", "how_soon"]
    recommends: Annotated[Words, "name", "item"]
    recommends_dose: Annotated[Words, "name", "item", "dose"]
    avoids: Annotated[Words, "item"]


class WhatIfWords(Record):
    """The headings of what another answer would change, by the fields of that record."""

    items_added: Words
    items_removed: Words
    referrals_added: Words
    referrals_removed: Words
    rules_now_firing: Words
    rules_now_silent: Words
    dropped: Words


class ExplainWords(Record):
    """Why a plan says what it says, and a rule in plain words."""

    conditions: ConditionWords
    effects: EffectWords
    what_if: WhatIfWords
    if_answered: Words
    urgency_stays: Annotated[Words, "urgency"]
    urgency_becomes: Annotated[Words, "before", "after"]
    all_of: Words
    either: Words
    or_else: Words
    rule: Annotated[Words, "rule", "status", "title"]
    rests_on: Words
    when_it_fires: Words
    evidence_for_rule: Words
    note: Words
    failure: Annotated[Words, "failure"]
    findings: Words
    fired_in: Annotated[Words, "stage", "number", "total"]
    in_plan: Words
    from_rules: Annotated[Words, "item", "rules"]
    more_urgent: Words
    change: Annotated[Words, "urgency", "change", "rules"]
    left_out: Words
    left_out_by: Annotated[Words, "item", "rules"]
    item_in_plan: Annotated[Words, "item"]
    item_left_out: Annotated[Words, "item"]
    dose: Annotated[Words, "dose", "text"]
    evidence_for_item: Annotated[Words, "label"]
    nearest: Annotated[Words, "rule", "title"]
    would_fire: Words
    rules_of_stage: Annotated[Counted, "stage", "number"]
    rule_file: Annotated[Words, "file", "status"]
    when: Words
    then: Words
    because: Words
    not_for: Words
    evidence: Words
    examples: Words
    fires: Annotated[Words, "answers"]
    silent: Annotated[Words, "answers"]
    as_example: Words
    gives: Annotated[Words, "answers", "gives"]


class SummaryWords(Record):
    """A person's case on one page, for whoever sees them."""

    title: Words
    who: Annotated[Words, "said", "day"]
    who_undated: Annotated[Words, "said"]
    suggested: Words
    no_visit: Words
    rule: Annotated[Words, "title", "rule", "answers"]
    signs: Words
    no_signs: Words
    left_open: Annotated[Words, "names"]
    denied: Words
    else_said: Words
    no_to: Annotated[Words, "names"]
    scores: Words
    plan: Words
    doing: Annotated[Words, "names"]
    kept_out: Annotated[Words, "names"]
    made: Annotated[Words, "program", "rules", "hash", "note"]


class OverTimeWords(Record):
    """How it went, visit by visit."""

    title: Words
    none: Words
    no_day: Words
    open: Words
    of_most: Annotated[Words, "number", "most"]
    day: Words
    whole_line: Annotated[Words, "name"]
    dashed_line: Annotated[Words, "name"]
    scale: Words
    again: Words
    again_says: Words
    begin: Words
    worse: Words


class PicturesWords(Record):
    """The page of all pictures."""

    title: Words
    intro: Words


class ProblemsWords(Record):
    """Why there is no page, one text a cause."""

    expired: Words
    too_much: Words
    too_often: Words
    not_found: Words
    not_now: Words
    broken: Words


class SaveWords(Record):
    """The page that offers to save, and what it says once that was `done`."""

    title: Words
    how: Annotated[Lines, "days"]
    show_code: Words
    done: Lines
    code: Words
    new_code: Words


class CodeWords(Record):
    """The page that shows the code, once."""

    title: Words
    write_down: Words
    copy: Words
    copied: Words
    not_copied: Words
    print: Words
    careful: Lines
    written: Words


class BackWithCodeWords(Record):
    """The page that asks for the code."""

    title: Words
    hint: Words
    instead: Words
    no_code: Words
    nothing: Annotated[Words, "days"]
    too_many: Words


class DeleteWords(Record):
    """The page that asks whether to delete everything."""

    title: Words
    unsaved: Words
    saved: Words
    confirm: Words
    keep: Words
    done: Words


Time = Annotated[str, Limit(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]  # of a day


class CalendarWords(Record):
    """What stands in a calendar, where others may see it; times are those it begins with."""

    movements: Words
    movements_at: Time
    movements_says: Annotated[Words, "steps"]
    pause: Words
    pause_at: tuple[Time, ...]
    pause_says: Words
    review: Words


class PlannedWords(Record):
    """The pages of a plan, beside the plan itself."""

    start: Words
    start_says: Words
    ticks: Words
    keep: Words
    paper: Words
    paper_says: Words
    pdf: Words
    calendar: Words
    calendar_says: Annotated[Words, "time"]
    summary: Words
    more: Words
    also: Annotated[Words, "names"]
    place: Annotated[Words, "place", "total"]
    done: Words
    stop: Words
    over: Words
    over_says: Words
    clock: Words
    clock_go: Words
    clock_hold: Words
    clock_anew: Words
    say: Words
    say_this: Annotated[Words, "signs"]
    for_staff: Words


class WebWords(Record):
    """What the pages in a browser say besides the interview and the plan; `lang` as in HTML."""

    lang: Annotated[str, Limit(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    title: Words
    skip_to: Words
    go_now: Lines
    or_call: Told
    call: Annotated[Words, "number"]
    start: Words
    before: Lines
    back: Words
    go_on: Words
    skip: Words
    why: Words
    error: Words
    error_title: Annotated[Words, "title"]
    progress: Annotated[Counted, "place", "total", "number"]
    choose: Words
    tick: Annotated[Words, "none"]
    under_other: Annotated[Words, "name", "answer"]
    over_other: Annotated[Words, "name", "answer"]
    change: Words
    others: Words
    see_plan: Words
    how: Words
    following: Annotated[Words, "name"]
    to_plan: Words
    run_by: Annotated[Words, "name", "country"]
    to_start: Words
    as_data: Words
    planned: PlannedWords
    calendar: CalendarWords
    have_code: Words
    save: SaveWords
    code: CodeWords
    back_with_code: BackWithCodeWords
    again: Words
    delete: DeleteWords
    kept: Words
    leave: Words
    problems: ProblemsWords


class WordsFile(Record):
    """All of `content/words.yaml`; `plural` tells, as patterns, the numbers that take each form."""

    plural: Mapping[Literal["zero", "one", "two", "few", "many"], Pattern]
    lists: ListWords
    urgency: Mapping[Urgency, UrgencyWords]
    labels: Mapping[Label, LabelWords]
    grades: Mapping[Direction | Strength | Certainty, Words]
    sections: Mapping[Kind, SectionWords]
    details: DetailWords
    left_out: LeftOutWords
    fail_closed: FailClosedWords
    not_scored_by_clinician: Annotated[Words, "signed", "total"]
    signatures_broken: Words
    limits: Annotated[Lines, *get_args(Told)[1:]]
    page: PageWords
    interview: InterviewWords
    explain: ExplainWords
    summary: SummaryWords
    over_time: OverTimeWords
    pictures: PicturesWords
    web: WebWords

    def counted(self, forms: Counted, number: int, /, **values: object) -> str:
        """Return a text in the form that its number takes, filled in."""
        takes = (form for form, those in self.plural.items() if re.fullmatch(those, str(number)))
        text = getattr(forms, next(takes, "other")) or forms.other
        return fill(text, number=number, **values)

    def joined(self, how: str, parts: Iterable[str]) -> str:
        """Return parts as a list, joined as `lists` says."""
        return reduce(lambda first, last: fill(how, first=first, last=last), parts)


def fill(text: str, /, **values: object) -> str:
    """Return a text with the values put in for their names in braces, once."""
    return re.sub(r"\{(\w+)\}", lambda name: str(values.get(name[1], name[0])), text)


def placeholders(loc: Sequence[int | str]) -> frozenset[str]:
    """Return the names that may stand in braces in the text at a place in the words file."""
    shape: Any = WordsFile
    found: list[Any] = []
    for step in loc:
        if isinstance(shape, type) and issubclass(shape, Record):
            shape = get_type_hints(shape, include_extras=True)[str(step)]
            if get_origin(shape) is Annotated:
                shape, *names = get_args(shape)
                found += names
        else:
            shape = get_args(shape)[-1]
    return frozenset(one for one in found if isinstance(one, str))
