"""The interview: one screen a topic, early stop, check your answers, then the plan."""

import os
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import Literal

from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from lumbar.decision.decide import Decision, decide
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import dump
from lumbar.intake.cards import not_ticked, on_card
from lumbar.intake.earlier import Earlier
from lumbar.intake.interview import Interview
from lumbar.intake.length import minutes_left
from lumbar.plan.blocks import banner
from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan
from lumbar.reading.problems import spelt_out
from lumbar.reading.writing import write_whole
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import that_matter
from lumbar.rulebook.questionnaire import Number, Topic
from lumbar.rulebook.words import fill
from lumbar.signatures.signoffs import only_signed
from lumbar.terminal import output, page
from lumbar.terminal.prompts import Command, KeyPrompts, PlainPrompts, Question
from lumbar.terminal.visits import Visits


class _StoppedError(Exception):
    """The person chose to stop, or the input ended."""


class _EarlyStopError(Exception):
    """The person wants to see now what to do about an emergency sign."""


def run(
    catalog: Catalog,
    given: Earlier,
    save: Path | Visits | None,
    *,
    plain: bool,
    require_signed: bool,
    found: bool,
) -> int:
    """Ask everything that applies, then show the plan; return the exit code.

    `given` is to go on with, and stands in `save` already where that is set: there all answers are
    written after every one, and the plan beside them. Where it was `found` and not named, the
    person may begin anew. Of somebody who comes again they stand where the next of their visits is
    kept, which ends when all was asked. `require_signed` makes no plan, but says whom to see,
    unless every rule behind it is signed.
    """
    session = _Session(catalog, given, save, date.today().isoformat(), plain)
    try:
        if session.interview(found):
            session.end()
    except (EOFError, KeyboardInterrupt, _StoppedError):
        session.stopped()
        return output.BAD_ANSWERS
    session.show_plan(require_signed)
    return 0


class _Session:
    def __init__(
        self, catalog: Catalog, given: Earlier, save: Path | Visits | None, today: str, plain: bool
    ) -> None:
        self._catalog, self._words, self._says = catalog, catalog.words, catalog.words.interview
        self._early_stop = EarlyStop(catalog)
        self._interview = self._interview_after(given)
        self._earlier = given
        self._visits = save if isinstance(save, Visits) else None
        self._save_to = save.begun if isinstance(save, Visits) else save
        self._file = shlex.quote(spelt_out(str(self._save_to))) if self._save_to else ""
        self._kept_up_to = next(reversed([*given.said]), "") if save else ""
        self._today = today
        self._console = output.console(plain)
        on_terminal = sys.stdin.isatty() and sys.stdout.isatty() and not plain
        on_terminal &= os.environ.get("TERM") != "dumb"
        self._prompts = (KeyPrompts if on_terminal else PlainPrompts)(self._console, self._words)
        self._say = self._prompts.say
        self._topic = ""

    def _interview_after(self, given: Earlier) -> Interview:
        return Interview(self._catalog.questionnaire, given.answers, self._says, given.said)

    @property
    def _day(self) -> str | None:
        """The day of the answers: of the earlier ones as long as not all that is old was asked."""
        all_asked = self._earlier.old and self._interview.current is None
        return self._earlier.day if self._earlier.said and not all_asked else self._today

    def interview(self, found: bool) -> bool:
        """Ask until the answers are complete and checked, or an emergency ends it early; return
        whether they are complete.
        """
        try:
            self._welcome()
            if found:
                self._offer_to_begin_anew()
            self._tell_of_earlier()
            self._look_for_an_emergency()
            self._questions()
            self._check_answers()
        except _EarlyStopError:
            return False
        return True

    def end(self) -> None:
        """Let the answers of somebody who came again be those of their last visit."""
        self._keep(self._kept_up_to)
        if not (self._visits and self._save_to):
            return
        try:
            self._visits.end()
        except OSError as error:
            self._not_kept(error)
        else:
            self._save_to = self._visits.last
            self._file = shlex.quote(spelt_out(str(self._save_to)))

    def show_plan(self, require_signed: bool) -> None:
        """Decide, and print the plan."""
        # what was said on an earlier day counts until it was asked again, as for the early stop
        decision = decide(self._catalog, self._interview.kept)
        plan = make_plan(only_signed(decision) if require_signed else decision, self._day)
        kept = self._keep_plan(plan)
        with output.paged(self._words.page.keys, self._console):
            page.show(plan, self._words, self._console)
            if self._save_to and plan.urgency.level != "emergency":  # there nothing stands below
                self._say_file(self._says.explain)
                if kept:
                    self._say_file(self._says.plan_kept, shlex.quote(spelt_out(str(kept))))

    def _keep_plan(self, plan: Plan) -> Path | None:
        """Write the whole plan beside the answers, as a page to show to others."""
        if not self._save_to:
            return None
        beside = self._save_to.with_name(f"{self._save_to.stem}.plan.txt")
        text = output.captured(lambda console: page.show(plan, self._words, console, full=True))
        try:
            write_whole(beside, text, private=True)
        except OSError:  # the plan is on the screen, and can be made again from the answers
            return None
        return beside

    def _say_how_to_go_on(self) -> None:
        if self._visits:
            self._say_file(
                self._says.resume_check_in, shlex.quote(spelt_out(str(self._visits.last)))
            )
        else:
            self._say_file(self._says.resume)

    def _say_file(self, text: str, file: str = "") -> None:
        """Print a text with the name of a file, which is not to be broken into lines."""
        said = fill(text, file=file or self._file, program=output.program())
        self._console.print(Text(said), soft_wrap=True)

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Line(text, align="left", characters="-"))

    def _welcome(self) -> None:
        coming_again = self._earlier.answers.keys() & self._catalog.questionnaire.known.keys()
        self._say(self._says.welcome_back if coming_again else self._says.welcome, "bold")
        if minutes := minutes_left(self._interview, self._says):
            self._say(self._words.counted(self._says.minutes, minutes))
        self._say(fill(self._says.ways, keys=self._prompts.reminder))
        if self._save_to:
            self._say(fill(self._says.kept, file=self._file))

    def _tell_of_earlier(self) -> None:
        """Say what of the earlier answers is asked again, and why."""
        earlier, asked = self._earlier, self._catalog.questionnaire.questions
        if earlier.unfit:
            names = (asked[one].name if one in asked else one for one in earlier.unfit)
            self._say(fill(self._says.unfit, questions="; ".join(names)))
        if earlier.old and not earlier.day:
            self._say(self._says.earlier_undated)
        elif earlier.old:
            text = self._says.earlier if earlier.answers else self._says.too_old
            self._say(fill(text, day=earlier.day))

    def _offer_to_begin_anew(self) -> None:
        ways = (self._says.go_on_with_these, self._says.begin_anew)
        if self._prompts.choose(self._says.answers_found, ways) == 1:
            self._earlier = Earlier(Answers.of(self._catalog.questionnaire, {}), {})
            self._interview = self._interview_after(self._earlier)
            self._kept_up_to = ""

    def _questions(self) -> None:
        while self._interview.current:
            self._one_question()

    def _one_question(self) -> None:
        interview = self._interview
        question, topic = interview.question, interview.topic
        assert question is not None and topic is not None
        if topic.id != self._topic:
            self._topic = topic.id
            number, total = interview.progress()
            says, minutes = self._says.topic, minutes_left(interview, self._says)
            self._heading(
                self._words.counted(says, minutes, title=topic.title, place=number, total=total)
            )
            if topic.intro:
                self._say(topic.intro)
        self._console.print()
        self._say(question.text, "bold")
        if interview.needs_help:
            self._say(question.help, "dim")
        name = interview.last_named
        assert name is not None
        said = self._prompts.ask(question, interview.said)
        if isinstance(said, Command):
            self._obey(said, question)
        elif other := interview.contradicted(said):
            assert isinstance(question, Number)
            self._contradict(question, other)
        else:
            interview.answer(said)
            self._keep(name)
            self._look_for_an_emergency()

    def _contradict(self, question: Number, other: Number) -> None:
        """Say which answer the one just given does not go together with."""
        text = self._says.under_other if question.at_least == other.id else self._says.over_other
        answer = other.in_words(self._interview.answers[other.id])
        key = self._says.commands.back.keys[0]
        self._say(fill(text, name=other.name, answer=answer, key=key))

    def _obey(self, command: Command, question: Question) -> None:
        if command is Command.STOP:
            self._stop()
        elif command is Command.WHY:
            if not self._interview.needs_help:
                self._say(question.help, "dim")
            self._say(fill(self._says.why, why=question.why), "italic")
        elif command is Command.SKIP:
            self._interview.skip()
            self._keep(self._kept_up_to)
        elif not self._interview.back():
            self._say(self._says.first_question)

    def _keep(self, question: str) -> None:
        """Write the answers down, the one to `question` the last; once it fails, no more."""
        if not self._save_to:
            return
        try:
            text = dump(self._interview.kept, self._day, self._save_to)
            write_whole(self._save_to, text, private=True)
            self._kept_up_to = question
        except OSError as error:
            self._not_kept(error)

    def _not_kept(self, error: OSError) -> None:
        reason = (error.strerror or "").lower()
        self._say(fill(self._says.not_kept, file=self._file, reason=reason))
        self._save_to = None

    def _look_for_an_emergency(self) -> None:
        decision = self._early_stop.look(self._interview.kept)
        if decision is None:
            return
        self._console.print()
        self._warn(decision)
        ways = (self._says.stop_and_show, self._says.go_on)
        if self._prompts.choose(self._says.what_next, ways) == 0:
            raise _EarlyStopError

    def _warn(self, decision: Decision) -> None:
        plan = make_plan(decision, self._today)
        self._console.print(page.as_rich(banner(plan), self._words))
        for referral in plan.referrals:
            if referral.urgency == "emergency":
                self._console.print(page.listing(reason.because for reason in referral.because))

    def _check_answers(self) -> None:
        """Show the answers by topic until the person wants the plan; each topic can be opened."""
        while True:
            topics = self._by_topic()
            self._heading(self._says.check)
            if self._earlier.old and self._earlier.answers:
                self._say(self._says.still_right)
            self._rows([(one.title, self._in_short(one, names)) for one, names in topics])
            said = self._number_up_to(len(topics), self._says.check_prompt)
            if said is None:
                return
            if said is Command.BACK:
                self._interview.back()
                self._questions()
            else:
                self._open(*topics[said])

    def _by_topic(self) -> list[tuple[Topic, list[str]]]:
        asked = set(self._interview.asked())
        return [
            (topic, names)
            for topic in self._catalog.questionnaire.topics
            if (names := [one.id for one in topic.questions if one.id in asked])
        ]

    def _in_short(self, topic: Topic, names: list[str]) -> str:
        """Return what was said of a topic, less what was not ticked on its card."""
        answers = self._interview.answers
        harmless = {one.id for one in on_card(topic) if answers.get(one.id) == not_ticked(one)}
        asked = self._catalog.questionnaire.questions
        said = (f"{asked[one].name}: {self._answer(one)}" for one in names if one not in harmless)
        return "\n".join(said) or self._says.none_of_these

    def _answer(self, name: str) -> str:
        """Return what was answered to a question, in words."""
        answers = self._interview.answers
        question = self._catalog.questionnaire.questions[name]
        return (
            question.in_words(answers[name]) if name in answers else self._words.page.not_answered
        )

    def _open(self, topic: Topic, names: list[str]) -> None:
        """Show each answer of a topic; one can be changed, and what hangs on it is asked anew."""
        self._heading(topic.title)
        asked = self._catalog.questionnaire.questions
        self._rows([(asked[name].name, self._answer(name)) for name in names])
        place = self._number_up_to(len(names), self._says.change_prompt)
        if place is None or place is Command.BACK:
            return
        self._interview.change(names[place])
        self._topic = ""
        while self._interview.current == names[place]:  # not after help, or what cannot be
            self._one_question()
        self._interview.advance()
        self._questions()

    def _number_up_to(self, most: int, prompt: str) -> int | Literal[Command.BACK] | None:
        """Ask for a number, return its place; None where the person goes on without one."""
        while said := self._prompts.line(prompt).strip():
            command = self._prompts.keys.get(said.lower())
            if said in {str(number) for number in range(1, most + 1)}:
                return int(said) - 1
            if command is Command.BACK:
                return command
            if command is Command.STOP:
                self._stop()
            elif command is Command.WHY:
                self._say(self._says.check_help)
            else:
                self._say(fill(self._says.pick_from, number=most))
        return None

    def _rows(self, rows: list[tuple[str, str]]) -> None:
        table = Table.grid(padding=(0, 2))
        for number, (name, said) in enumerate(rows, 1):
            table.add_row(Text(str(number), justify="right"), Text(name), Text(said))
        self._console.print(table)

    def _stop(self) -> None:
        """Stop, if that is what the person means."""
        ways = (self._says.go_on, self._says.stop_here)
        if self._prompts.choose(self._says.really_stop, ways) == 1:
            raise _StoppedError

    def stopped(self) -> None:
        """Say what the answers so far mean, what is kept of them, and when not to wait."""
        self._console.print()
        if found := EarlyStop(self._catalog).look(self._interview.kept):
            self._warn(found)
        kept = self._catalog.questionnaire.questions.get(self._kept_up_to)
        if not kept:
            self._say(self._says.stopped)
        else:
            self._say_how_to_go_on()
            if not self._save_to:
                self._say(fill(self._says.kept_up_to, question=kept.name))
        if found:  # first, and last too: the end is what stands on the screen
            self._say(banner(make_plan(found, self._today)).lines[-1], "bold")
            return
        self._say(f"{self._words.page.come_back}:", "bold")
        signs = that_matter(self._catalog.safety_net.come_back, self._interview.kept.facts)
        self._console.print(page.listing(map(self._catalog.operator.fill, signs)))
