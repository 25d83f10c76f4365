"""The interview on a terminal or a pipe: one screen a topic, early stop, check your answers, then
the plan.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from lumbar.decision.decide import Decision, decide
from lumbar.decision.early_stop import EarlyStop
from lumbar.intake.answers_file import dump
from lumbar.intake.interview import Interview
from lumbar.plan.composing import make_plan
from lumbar.reading.writing import write_whole
from lumbar.rulebook.catalog import Catalog
from lumbar.signatures.signoffs import only_signed
from lumbar.terminal import output, page
from lumbar.terminal.prompts import Command, KeyPrompts, PlainPrompts, Prompts

INCOMPLETE = 3  # the same exit code as for answers that cannot be used


class _StoppedError(Exception):
    """The person chose to stop, or the input ended."""


def run(
    catalog: Catalog,
    given: Mapping[str, Any],
    save: Path | None,
    *,
    plain: bool,
    today: str,
    require_signed: bool,
) -> int:
    """Ask everything that applies, then show the plan; return the exit code.

    `given` are raw answers to go on with; after every answer all of them are written to `save`,
    where it is set. `require_signed` makes no plan, but says whom to see, unless every rule behind
    it is signed.
    """
    return _Session(catalog, given, save, today, plain, require_signed).run()


class _Session:
    def __init__(
        self,
        catalog: Catalog,
        given: Mapping[str, Any],
        save: Path | None,
        today: str,
        plain: bool,
        require_signed: bool,
    ) -> None:
        self._catalog = catalog
        self._early_stop = EarlyStop(catalog)
        self._interview = Interview(catalog.questionnaire, given)
        self._save_to = save
        self._today = today
        self._require_signed = require_signed
        self._console = output.console(plain)
        on_terminal = sys.stdin.isatty() and sys.stdout.isatty() and not plain
        self._prompts: Prompts = (
            KeyPrompts(self._console) if on_terminal else PlainPrompts(self._console)
        )
        self._topic = ""

    def run(self) -> int:
        """Return the exit code: 0 with a plan shown, 3 where the input ended or the person stopped
        before.
        """
        try:
            self._welcome()
            self._questions()
            self._check_answers()
        except _EarlyStopError:
            pass
        except (EOFError, KeyboardInterrupt, _StoppedError):
            return self._stopped()
        decision = decide(self._catalog, self._interview.answers)
        plan = make_plan(only_signed(decision) if self._require_signed else decision, self._today)
        page.show(plan, self._console)
        if self._save_to:
            self._console.print(
                Text(f"To see why it says this: lumbar explain {self._save_to}"), soft_wrap=True
            )
        return 0

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style))

    def _welcome(self) -> None:
        _, screens = self._interview.progress()
        self._say(
            "Lumbar asks about your back and makes a plan for you. It does not diagnose.", "bold"
        )
        self._say(
            f"There are about {screens} short screens. The questions about warning signs come first."
        )
        self._say(
            "You can go back, skip a question, or stop. A skipped warning sign means we ask you to see somebody."
        )
        if self._save_to:
            self._say(f"Your answers are kept in {self._save_to} as you go.")

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
            self._console.print()
            self._console.print(
                Line(f"{topic.title}  ({number} of about {total})", align="left", characters="-")
            )
            if topic.intro:
                self._say(topic.intro)
        self._console.print()
        self._say(question.text, "bold")
        self._say(question.help, "dim")
        said = self._prompts.ask(question, interview.answers.get(question.id))
        if isinstance(said, Command):
            self._obey(said, question.why)
        else:
            interview.answer(said)
            self._keep()
            self._look_for_an_emergency()

    def _obey(self, command: Command, why: str) -> None:
        if command is Command.WHY:
            self._say(f"Why we ask: {why}", "italic")
        elif command is Command.BACK:
            if not self._interview.back():
                self._say("This is the first question.")
        elif command is Command.SKIP:
            self._interview.skip()
            self._keep()
        else:
            raise _StoppedError

    def _keep(self) -> None:
        if not self._save_to:
            return
        try:
            write_whole(self._save_to, dump(self._interview.answers, self._today), private=True)
        except OSError as error:
            self._say(
                f"Your answers can no longer be kept in {self._save_to}: {(error.strerror or '').lower()}."
            )
            self._save_to = None

    def _look_for_an_emergency(self) -> None:
        decision = self._early_stop.look(self._interview.answers)
        if decision is None:
            return
        self._console.print()
        self._warn(decision)
        ways = ("Stop and show me what to do", "Go on with the questions")
        if self._prompts.choose("What would you like to do?", ways) == 0:
            raise _EarlyStopError

    def _warn(self, decision: Decision) -> None:
        plan = make_plan(decision, self._today)
        for block in list(page.blocks(plan, full=False))[:1]:
            self._console.print(page.as_rich(block))
        for referral in plan.referrals:
            if referral.urgency == "emergency":
                self._console.print(page.listing(reason.because for reason in referral.because))

    def _check_answers(self) -> None:
        while True:
            asked = list(self._interview.asked())
            self._table(asked)
            said = self._prompts.line(
                "Type a number to change that answer, or press Enter to see your plan: "
            ).strip()
            if not said:
                return
            if said in (places := {str(place): name for place, name in enumerate(asked, 1)}):
                self._interview.change(places[said])
                self._topic = ""
                self._one_question()
                self._interview.advance()
                self._questions()
            elif said.lower() == "q":
                raise _StoppedError

    def _table(self, asked: list[str]) -> None:
        self._console.print()
        self._console.print(Line("Check your answers", align="left", characters="-"))
        table = Table.grid(padding=(0, 2))
        questions, answers = self._catalog.questionnaire.questions, self._interview.answers
        for number, name in enumerate(asked, 1):
            said = questions[name].in_words(answers[name]) if name in answers else "not answered"
            table.add_row(
                Text(str(number), justify="right"), Text(questions[name].name), Text(said)
            )
        self._console.print(table)

    def _stopped(self) -> int:
        self._console.print()
        if self._save_to and self._interview.answers:
            self._keep()
            self._console.print(
                Text(f"Stopped. Go on later with: lumbar ask --resume {self._save_to}"),
                soft_wrap=True,
            )
        else:
            self._say("Stopped before the end, so there is no plan. Nothing was kept.")
        net = self._catalog.safety_net.go_now
        self._say("Go to an emergency department now if:", "bold")
        self._console.print(page.listing(self._catalog.operator.fill(line) for line in net))
        return INCOMPLETE


class _EarlyStopError(Exception):
    """The person wants to see now what to do about an emergency sign."""
