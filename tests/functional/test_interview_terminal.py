"""The interview on a real terminal, with arrow keys, as a person sees it on the screen."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pexpect", reason="the extra `dev` is not installed")
import pexpect
import pyte

from lumbar import Catalog
from lumbar.intake.answers import Answers
from lumbar.intake.answers_file import read
from lumbar.intake.interview import Interview
from lumbar.rulebook.questionnaire import Number, OneOf

SCRIPT = Path(sys.executable).with_name("lumbar")
DOWN, UP, ENTER, ERASE = "\x1b[B", "\x1b[A", "\r", "\x7f"
WHY, BACK, SKIP, STOP = "?bsq"
PATIENCE = 30
TODAY = {"answered_on": date.today().isoformat()}
WIDE, HIGH = 150, 60

Example = Callable[..., dict[str, Any]]


class Screen:
    """A person at a terminal: what they see, and the keys they press.

    `reports` is a terminal that says where its cursor stands when it is asked, as most do; `high`
    is how many lines it has.
    """

    def __init__(
        self, *words: str | Path, reports: bool = False, high: int = HIGH, **more: str
    ) -> None:
        self._seen = pyte.HistoryScreen(WIDE, high, history=5000)
        self._seen.write_process_input = self.press
        self._stream = pyte.Stream(self._seen)
        environment = {
            name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}
        }
        environment |= {"TERM": "xterm-256color", "PYTHONUTF8": "1"}
        environment |= more
        environment |= {} if reports else {"PROMPT_TOOLKIT_NO_CPR": "1"}
        self.child = pexpect.spawn(
            str(SCRIPT),
            ["ask", *map(str, words)],
            env=environment,
            dimensions=(high, WIDE),
            encoding="utf-8",
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None
        self.child.logfile_read = self

    def write(self, text: str) -> None:
        """Draw what the program writes."""
        self._stream.feed(text)

    def flush(self) -> None:
        """Nothing waits to be drawn."""

    @property
    def now(self) -> str:
        """What stands on the screen now, as one line."""
        return " ".join(" ".join(self._seen.display).split())

    @property
    def all(self) -> str:
        """What stood on the screen up to now, scrolled away or not, as one line."""
        scrolled = (
            "".join(line[place].data for place in range(WIDE)) for line in self._seen.history.top
        )
        return " ".join([*" ".join(scrolled).split(), self.now])

    def shows(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        end = time.monotonic() + PATIENCE
        wanted = " ".join(text.split())
        while wanted not in self.now:
            if time.monotonic() > end:
                pytest.fail(f"the screen never showed {wanted!r}; it showed {self.now!r}")
            self.child.expect_exact(
                [pexpect.TIMEOUT, pexpect.EOF], timeout=0.2
            )  # draws, and consumes nothing

    def asks(self, text: str) -> None:
        """Wait until a question is newly printed, and its prompt after it."""
        self.child.expect_exact(text.split(".", maxsplit=1)[0][:100])
        self.child.expect_exact("Your answer:")

    def press(self, *keys: str) -> None:
        self.child.send("".join(keys))

    def ends(self) -> int:
        """Wait until the program has ended; return its exit code."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert "Traceback" not in self.all
        return int(self.child.exitstatus)


class Person:
    """Somebody with answers to all questions, who finds them on the screen with the arrow keys."""

    def __init__(self, catalog: Catalog, screen: Screen, answers: dict[str, Any]) -> None:
        self.questions: dict[str, Any] = dict(catalog.questionnaire.questions)
        self.screen = screen
        self.answers = answers

    def meets(self, name: str) -> None:
        """Wait for a question."""
        self.screen.asks(self.questions[name].text)

    def answers_to(self, name: str) -> None:
        """Wait for a question and answer it."""
        self.gives(self.questions[name], self.answers[name])

    def gives(self, question: Any, value: Any) -> None:
        """Wait for a question or a card and give this answer."""
        self.questions[question.id] = question
        self.meets(question.id)
        if isinstance(question, Number):
            self.screen.press(str(value), ENTER)
        elif isinstance(question, OneOf):
            self.screen.press(DOWN * (1 + self.place(question.id, value)), ENTER)
        else:
            self.ticks(question.id, *value)
            self.screen.press(ENTER)

    def place(self, name: str, option: str) -> int:
        return list(self.questions[name].labels).index(option)

    def ticks(self, name: str, *options: str) -> None:
        """Tick or untick options with the space bar, coming back to the first one every time."""
        for option in options:
            place = self.place(name, option)
            self.screen.press(DOWN * place, " ", UP * place)

    def commands(self, name: str, command: str) -> None:
        """Wait for a list and press the key of a command."""
        self.meets(name)
        self.screen.press(command)


@pytest.fixture
def begin(catalog: Catalog, example: Example, tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Start an interview that goes on from the example person's answers, all but those to some
    questions.
    """
    screens = []

    def started(*unanswered: str, reports: bool = False, high: int = HIGH, **over: Any) -> Person:
        given = tmp_path / "given.json"
        answers = TODAY | example(over | dict.fromkeys(unanswered))
        given.write_text(json.dumps(answers), encoding="utf-8")
        screens.append(
            Screen("--resume", given, "--save", tmp_path / "saved.yaml", reports=reports, high=high)
        )
        return Person(catalog, screens[-1], example(over))

    yield started
    for screen in screens:
        screen.child.close(force=True)


def saved(catalog: Catalog, tmp_path: Path) -> dict[str, Any]:
    return read(catalog.questionnaire, tmp_path / "saved.yaml").raw


def as_read(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(one) if isinstance(one, list) else one for name, one in answers.items()}


CHECK = "press Enter to see your plan:"


def test_a_whole_interview_with_arrow_keys_ends_in_the_plan(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    screen = Screen("--save", tmp_path / "saved.yaml")
    person = Person(
        catalog,
        screen,
        example({"pain_places": ["low_back", "buttock"], "worse_with": ["sitting"]}),
    )
    interview = Interview(catalog.questionnaire, {}, catalog.words.interview)
    meant = Answers.of(catalog.questionnaire, person.answers)
    number, total = interview.progress()
    screen.child.expect_exact(f"({number} of about {total}, ")
    while interview.question is not None:
        question, card = interview.question, interview.card
        number, total = interview.progress()
        value = sorted(card.ticked(meant) or {"none"}) if card else person.answers[question.id]
        person.gives(question, value)
        interview.answer(question.typed(value))
    screen.child.expect_exact(CHECK)
    screen.press(ENTER)
    assert screen.ends() == 0
    assert saved(catalog, tmp_path) == as_read(person.answers)
    assert "ok look after it yourself" in screen.all
    assert "TODAY" in screen.all
    assert f"lumbar explain {tmp_path / 'saved.yaml'}" in screen.all
    assert number == total
    assert f"({number} of about {total}, 1 minute left)" in screen.all


def test_why_we_ask_is_told_and_the_question_is_put_again(
    begin: Callable[..., Person], catalog: Catalog
) -> None:
    person = begin("blood_thinner", "minutes_a_day")
    person.commands("blood_thinner", WHY)
    person.screen.shows(f"Why we ask: {catalog.questionnaire.questions['blood_thinner'].why}")
    person.answers_to("blood_thinner")
    person.meets("minutes_a_day")
    person.screen.press("?", ENTER)
    person.screen.shows(f"Why we ask: {catalog.questionnaire.questions['minutes_a_day'].why}")
    person.meets("minutes_a_day")


def test_back_keeps_the_answers(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin("floor_or_chair", work_worry="yes", minutes_a_day=35)
    person.commands("floor_or_chair", BACK)
    person.meets("minutes_a_day")
    person.screen.press(ERASE * len("35 minutes"), "b", ENTER)
    person.meets("goal")
    person.screen.press(BACK)
    person.screen.asks("What would you like to try?")
    person.screen.press(ENTER)
    person.answers_to("floor_or_chair")
    person.screen.child.expect_exact(CHECK)
    person.screen.press("q", ENTER)
    person.screen.shows("Do you want to stop here?")
    person.screen.press(DOWN, ENTER)
    assert person.screen.ends() == 3
    assert saved(catalog, tmp_path) == as_read(person.answers)


def test_back_keeps_the_ticks(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin("dizziness", joint_limits=["knee", "wrist"])
    person.commands("dizziness", BACK)
    person.screen.asks("Any of these? (Skin: of the low back)")
    person.screen.press(ENTER)
    person.screen.child.expect_exact(CHECK)
    assert saved(catalog, tmp_path) == as_read(person.answers)


def test_a_skipped_question_stays_unanswered(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin("blood_thinner", "minutes_a_day")
    person.commands("blood_thinner", SKIP)
    person.meets("minutes_a_day")
    person.screen.press("s", ENTER)
    person.screen.child.expect_exact(CHECK)
    assert person.screen.now.count("not answered") == 2
    person.screen.press(ENTER)
    assert person.screen.ends() == 0
    assert person.answers.keys() - saved(catalog, tmp_path).keys() == {
        "blood_thinner",
        "minutes_a_day",
    }


@pytest.mark.parametrize("reports", [True, False], ids=["cursor report", "no cursor report"])
def test_none_goes_with_nothing_else(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path, reports: bool
) -> None:
    person = begin("joint_limits", reports=reports)
    person.meets("joint_limits")
    person.screen.press(ENTER)
    person.screen.shows("Tick what fits with the space bar")
    person.ticks("joint_limits", "knee", "wrist", "none")
    person.screen.press(ENTER)
    person.screen.shows("cannot go together with another answer.")
    person.ticks("joint_limits", "none")
    person.screen.press(ENTER)
    person.screen.child.expect_exact(CHECK)
    person.screen.press(ENTER)
    assert person.screen.ends() == 0
    assert saved(catalog, tmp_path)["joint_limits"] == ["knee", "wrist"]


def test_six_weeks_are_kept_as_said_and_wrong_text_is_gone(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin("pain_days")
    person.meets("pain_days")
    person.screen.press("6 moons", ENTER)
    person.screen.shows("'moons' is not a unit we know here.")
    person.screen.press("6 weeks", ENTER)
    person.screen.child.expect_exact("Your answer: 6 weeks")
    person.screen.child.expect_exact(CHECK)
    assert "6 weeks" in person.screen.now
    person.screen.press(ENTER)
    assert person.screen.ends() == 0
    assert saved(catalog, tmp_path)["pain_days"] == 42


def test_enter_alone_answers_nothing(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin("saddle_wiping")
    person.meets("saddle_wiping")
    person.screen.press(ENTER, ENTER, DOWN, ENTER)
    person.screen.child.expect_exact(CHECK)
    person.screen.press(ENTER)
    assert person.screen.ends() == 0
    assert saved(catalog, tmp_path)["saddle_wiping"] == "no"


@pytest.mark.parametrize("key", ["command", "interrupt"])
def test_stop_saves_and_resume_goes_on(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path, key: str
) -> None:
    person = begin("blood_thinner", "minutes_a_day")
    person.answers_to("blood_thinner")
    person.meets("minutes_a_day")
    if key == "command":
        person.screen.press("q", ENTER)
        person.screen.shows("Do you want to stop here?")
        person.screen.press(DOWN, ENTER)
    else:
        person.screen.press("\x03")
    assert person.screen.ends() == 3
    assert f"lumbar ask --resume {tmp_path / 'saved.yaml'}" in person.screen.all
    assert "Be seen, or answer again, if:" in person.screen.all
    assert saved(catalog, tmp_path).keys() == person.answers.keys() - {"minutes_a_day"}
    later = Person(catalog, Screen("--resume", tmp_path / "saved.yaml"), person.answers)
    later.answers_to("minutes_a_day")
    later.screen.child.expect_exact(CHECK)
    later.screen.press(ENTER)
    assert later.screen.ends() == 0
    assert saved(catalog, tmp_path) == as_read(person.answers)


def test_a_changed_answer_asks_again_what_hangs_on_it(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin()
    person.screen.child.expect_exact(CHECK)
    asked = set(Interview(catalog.questionnaire, person.answers).asked())
    topics = [
        names
        for topic in catalog.questionnaire.topics
        if (names := [one.id for one in topic.questions if one.id in asked])
    ]
    place = next(place for place, names in enumerate(topics) if "injury" in names)
    person.screen.press("99", ENTER)
    person.screen.shows(f"Please type a number from 1 to {len(topics)}.")
    person.screen.press(str(place + 1), ENTER)
    person.screen.child.expect_exact("press Enter to go back:")
    person.screen.press(str(topics[place].index("injury") + 1), ENTER)
    person.meets("injury")
    down = person.place("injury", "minor_fall") - person.place("injury", person.answers["injury"])
    person.screen.press((DOWN if down > 0 else UP) * abs(down), ENTER)
    hanging = [
        name
        for name, parts in catalog.questionnaire.shown_when.items()
        if any("injury" in one.reads for one in parts)
    ]
    assert len(hanging) > 2
    for name in hanging:
        person.meets(name)
        number = isinstance(catalog.questionnaire.questions[name], Number)
        person.screen.press("3" if number else DOWN, ENTER)
    person.screen.child.expect_exact(CHECK)
    person.screen.press(ENTER)
    assert person.screen.ends() == 0
    kept = saved(catalog, tmp_path)
    assert kept["injury"] == "minor_fall"
    assert kept.keys() - person.answers.keys() == set(hanging)


@pytest.mark.parametrize("goes_on", [False, True], ids=["stops", "goes on"])
def test_an_emergency_is_told_at_once_and_the_person_chooses(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path, goes_on: bool
) -> None:
    person = begin("bladder_start", "dizziness")
    person.answers["bladder_start"] = "new"
    person.answers_to("bladder_start")
    person.screen.shows("What would you like to do?")
    assert "!!! be seen now" in person.screen.now
    assert "nerves low in the spine" in person.screen.now
    person.screen.press(DOWN * goes_on, ENTER)
    if goes_on:
        person.answers_to("dizziness")
        person.screen.child.expect_exact(CHECK)
        person.screen.press(ENTER)
    assert person.screen.ends() == 0
    assert ("Check your answers" in person.screen.all) is goes_on
    assert "WHILE YOU WAIT" in person.screen.all
    assert "EXERCISES (" not in person.screen.all
    kept = saved(catalog, tmp_path)
    assert kept["bladder_start"] == "new"
    assert ("dizziness" in kept) is goes_on


def test_answers_are_kept_for_their_owner_alone_though_nobody_names_a_file(
    catalog: Catalog, example: Example, tmp_path: Path
) -> None:
    """The next interview goes on with them, or begins anew; `--private` keeps nothing."""
    home = {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    answers = example()
    first = Person(catalog, Screen(**home), answers)
    first.answers_to("age")
    first.meets("sex")
    first.screen.press("\x03")
    assert first.screen.ends() == 3
    kept = next(tmp_path.rglob("answers.yaml"))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert str(kept) in first.screen.all

    for keys, question in (([ENTER], "sex"), ([DOWN, ENTER], "age")):
        again = Person(catalog, Screen(**home), answers)
        again.screen.shows("Answers from before were found.")
        again.screen.press(*keys)
        again.meets(question)
        again.screen.press("\x03")
        assert again.screen.ends() == 3
        assert read(catalog.questionnaire, kept).raw == {"age": answers["age"]}

    kept.write_text("answered_on: 2020-01-01\nno_such_question: yes\n", encoding="utf-8")
    anew = Person(catalog, Screen(**home), answers)
    anew.meets("age")
    assert "Not all answers from before can be used. A copy of them is in" in anew.screen.all
    anew.screen.press("\x03")
    assert anew.screen.ends() == 3
    assert "no_such_question" in kept.with_name("answers.old.yaml").read_text(encoding="utf-8")

    private = Person(catalog, Screen("--private", **home), answers)
    private.meets("age")
    private.screen.press("\x03")
    assert private.screen.ends() == 3
    assert "Nothing was kept" in private.screen.all


def test_several_ticks_are_echoed_by_name_and_no_key_ticks_all(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    person = begin("joint_limits")
    person.meets("joint_limits")
    person.screen.press("a", "i")
    person.ticks("joint_limits", "knee", "wrist")
    person.screen.press(ENTER)
    labels = catalog.questionnaire.questions["joint_limits"].labels
    person.screen.child.expect_exact(CHECK)
    assert f"Your answer: {labels['wrist']}, {labels['knee']}" in person.screen.all
    assert saved(catalog, tmp_path)["joint_limits"] == ["knee", "wrist"]


def test_a_list_holds_answers_only_and_says_its_keys_at_the_bottom(
    begin: Callable[..., Person], catalog: Catalog
) -> None:
    """Up from the first line goes to the last answer, never to an end of the interview."""
    person = begin("dizziness", "blood_thinner")
    person.meets("blood_thinner")
    person.screen.shows("? help and why b back s skip q stop")
    person.screen.press(UP, ENTER)
    person.meets("dizziness")


def test_a_plan_is_paged_from_its_top_and_stays_on_the_screen(begin: Callable[..., Person]) -> None:
    person = begin(high=16)
    person.screen.child.expect_exact(CHECK)
    person.screen.press(ENTER)
    person.screen.shows("ok look after it yourself")
    person.screen.shows("Space for more, q to end")
    assert "BE SEEN, OR ANSWER AGAIN" not in person.screen.now
    person.screen.press(" ", " ", "q")
    assert person.screen.ends() == 0
    assert "This plan is kept in" in person.screen.now


def test_a_dumb_terminal_gets_numbers(catalog: Catalog) -> None:
    screen = Screen("--private", TERM="dumb")
    screen.shows("From 0 to 120 years. (? b s q):")
    screen.press("42\n")
    screen.shows("One number, 1 to 3 (? b s q):")
    screen.child.close(force=True)


def test_what_is_said_at_the_check_is_obeyed(begin: Callable[..., Person]) -> None:
    person = begin()
    person.screen.child.expect_exact(CHECK)
    person.screen.press("?", ENTER)
    person.screen.shows("Each line is a topic with what you said.")
    person.screen.press("b", ENTER)
    person.screen.asks("Any of these? (Skin: of the low back)")


def test_a_change_at_the_check_is_asked_until_it_is_an_answer(
    begin: Callable[..., Person], catalog: Catalog, tmp_path: Path
) -> None:
    """Help, or a number that cannot be, does not end it."""
    person = begin(pain_now=2, pain_worst=3)
    person.screen.child.expect_exact(CHECK)
    topics = [
        topic.id
        for topic in catalog.questionnaire.topics
        if {one.id for one in topic.questions} & person.answers.keys()
    ]
    person.screen.press(str(topics.index("pain") + 1), ENTER)
    person.screen.child.expect_exact("press Enter to go back:")
    person.screen.press("2", ENTER)
    question = catalog.questionnaire.questions["pain_worst"]
    for typed, told in (("?", f"Why we ask: {question.why}"), ("1", "That is less than")):
        person.meets("pain_worst")
        person.screen.press(ERASE * len("3 points"), typed, ENTER)
        person.screen.shows(told)
    person.meets("pain_worst")
    person.screen.press(ERASE * len("3 points"), "4", ENTER)
    person.screen.child.expect_exact(CHECK)
    assert saved(catalog, tmp_path)["pain_worst"] == 4
