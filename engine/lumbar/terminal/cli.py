"""The commands, each over one function of the library; imports wait until one needs them."""

import errno
import re
import shutil
import signal
import sys
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lumbar import __version__
from lumbar.reading.problems import (
    BadAnswersError,
    BadCatalogError,
    BadSettingsError,
    ProblemsError,
    printable,
    told,
)
from lumbar.terminal import output
from lumbar.terminal.output import (
    BAD_ANSWERS,
    BAD_CATALOG,
    CHECK_FAILED,
    INTERNAL,
    WRONG_USAGE,
    FormatOption,
    RequireSigned,
    RulesOption,
)
from lumbar.terminal.serving import WithSettings, backup, purge, restore, serve
from lumbar.terminal.values import take_plainly

if TYPE_CHECKING:
    from lumbar import Catalog, Decision, Plan


app = typer.Typer(
    name="lumbar",
    help="Answer questions about low back pain and get a plan, with the reason for every part.\n\n"
    "Lumbar does not diagnose. If you have new trouble with your bladder or bowel, numbness where "
    "you sit, or weakness in both legs, go to an emergency department now.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


AnswersFile = Annotated[
    str,
    typer.Argument(
        metavar="ANSWERS", help="A YAML or JSON file of answers, or - to read them from a pipe."
    ),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lumbar {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _lumbar(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            help="Print the version and stop.",
            is_eager=True,
            callback=_print_version,
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(WRONG_USAGE)


@app.command()
def ask(
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Keep the answers in this file as you go."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="FILE", help="Go on with the answers of this file."),
    ] = None,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Numbered questions and typed answers, for screen readers."),
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Keep nothing, unless --save or --resume name a file.")
    ] = False,
    require_signed: RequireSigned = False,
    dir: RulesOption = None,
) -> None:
    """Answer the questions, one screen at a time, and get your plan.

    The answers are kept in --save, or in --resume, or in a file of your own that only you can read.
    """
    from lumbar import load
    from lumbar.intake.answers import Answers
    from lumbar.intake.answers_file import dump
    from lumbar.intake.earlier import earlier
    from lumbar.terminal.ask import run

    catalog = load(output.folder(dir))
    own = None if save or resume or private or not sys.stdin.isatty() else _own_file(catalog)
    save = save or own
    raw, today = _kept(resume or save, must=bool(resume)), date.today()
    if save and resume and _kept(save) and not save.samefile(resume):
        output.stop(f"'{save}' holds answers already; name a new file to go on in", WRONG_USAGE)
    given = earlier(catalog.questionnaire, raw, today)
    if given.unfit and (source := resume or save):
        _lay_aside(catalog, source)
    if save:  # refused now, not after the first answer
        day = given.day if given.said else today.isoformat()
        every = Answers.typed(catalog.questionnaire, given.said)
        output.emit([dump(every, day, save)], save, private=True)
    found = bool(own and given.said)
    asked = run(
        catalog, given, save or resume, plain=plain, require_signed=require_signed, found=found
    )
    raise typer.Exit(asked)


@app.command(name="check-in")
def check_in(
    answers_file: Annotated[
        Path | None,
        typer.Argument(
            metavar="ANSWERS", help="The answers of last time; default: the file of your own."
        ),
    ] = None,
    chart: Annotated[
        bool, typer.Option("--chart", help="Show how it went, visit by visit, and ask nothing.")
    ] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Numbered questions and typed answers, for screen readers."),
    ] = False,
    require_signed: RequireSigned = False,
    dir: RulesOption = None,
) -> None:
    """Say how it went since last time, after the warning signs, and get the plan that follows.

    The answers take the place of those of last time, which are kept in a file beside them.
    """
    from lumbar import load
    from lumbar.terminal import check_in as coming_again
    from lumbar.terminal.visits import Visits

    catalog = load(output.folder(dir))
    path = answers_file or _own_file(catalog)
    visits = Visits(path)
    if not _kept(path, must=bool(answers_file)):
        output.stop("no answers are kept yet; begin with `lumbar ask`", BAD_ANSWERS)
    if chart:
        coming_again.chart(catalog, visits)
        return
    asked = coming_again.check_in(catalog, visits, plain=plain, require_signed=require_signed)
    raise typer.Exit(asked)


def _kept(path: Path | None, must: bool = False) -> dict[str, Any]:
    """Return the raw answers that a file holds already: what is saved there goes on with them.

    A file that is not there, or empty, holds none, unless there `must` be some.
    """
    from lumbar.intake.answers_file import read_raw

    if path is None or not (must or (path.is_file() and path.stat().st_size)):
        return {}
    return read_raw(path)[0]


def _own_file(catalog: "Catalog") -> Path:
    """Return where a person's answers are kept if they name no file; its folder is theirs alone.

    What lies there and cannot be read any more is laid aside: it must not stop the next interview.
    """
    folder = Path(typer.get_app_dir("lumbar"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = folder / "answers.yaml"
    try:
        _kept(own)
    except BadAnswersError:
        _lay_aside(catalog, own)
        own.unlink()
    return own


def _lay_aside(catalog: "Catalog", path: Path) -> None:
    """Keep a copy of a file that is about to be changed by more than answers, and say where."""
    from lumbar.rulebook.words import fill

    asides = (path.with_name(f"{path.stem}.old{n or ''}{path.suffix}") for n in count())
    aside = next(one for one in asides if not one.exists())  # no earlier copy is lost
    with output.unwritable(aside):
        shutil.copy2(path, aside)
    typer.echo(fill(catalog.words.interview.laid_aside, file=aside))


@app.command()
def plan(
    answers_file: AnswersFile,
    format: Annotated[
        Literal["rich", "markdown", "json"] | None,
        typer.Option("--format", help="How to print it; default: rich, or by the ending of --out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to this file, whole or not at all."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Also how to do each, the weeks after, and why.")
    ] = False,
    require_signed: RequireSigned = False,
    dir: RulesOption = None,
) -> None:
    """Make the plan for a file of answers, as `lumbar ask --save` writes it or `lumbar schema
    answers` describes it.
    """
    _spare_answers(answers_file, out)
    catalog, _, made = _planned(answers_file, dir, require_signed)
    endings: dict[str, Literal["markdown", "json"]] = {".md": "markdown", ".json": "json"}
    format = format or (endings.get(out.suffix) if out else None)
    if format == "json":
        from lumbar.reading.jsontext import json_pieces

        output.emit(chain(json_pieces(made), "\n"), out)
    elif format == "markdown":
        from lumbar.plan.blocks import to_markdown

        output.emit([to_markdown(made, catalog.words)], out)
    else:
        from lumbar.terminal import page

        if out:
            text = output.captured(lambda console: page.show(made, catalog.words, console, full))
            output.emit([text], out)
        else:
            with output.paged(catalog.words.page.keys) as console:
                page.show(made, catalog.words, console, full)


def _spare_answers(answers_file: str, out: Path | None) -> None:
    """Stop where what is written would take the place of the answers."""
    if out and answers_file != "-" and out.exists() and out.samefile(answers_file):
        output.stop(f"'{out}' holds the answers; write the plan to another file", WRONG_USAGE)


@app.command()
def how(
    answers_file: AnswersFile,
    item: Annotated[
        str | None,
        typer.Argument(
            metavar="ITEM", help="One thing of the plan: its name, or massage/knead; default: all."
        ),
    ] = None,
    dir: RulesOption = None,
) -> None:
    """Say how to do each thing of the plan, or one of them."""
    from lumbar.rulebook.words import fill
    from lumbar.terminal import page

    catalog, _, made = _planned(answers_file, dir)
    says = catalog.words.page
    every = {one.item: one for section in made.sections for one in section.items}
    if not every:
        typer.echo(says.nothing_to_do)
        return
    wanted = [one for one in every.values() if item in {None, one.item, one.name}]
    if not wanted:
        known = ", ".join(every)
        output.stop(fill(says.no_such, item=str(item), items=known), WRONG_USAGE)
    with output.paged(catalog.words.page.keys) as console:
        page.show_cards(made, catalog.words, wanted, console)


@app.command()
def summary(
    answers_file: AnswersFile,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to this file, whole or not at all."),
    ] = None,
    require_signed: RequireSigned = False,
    dir: RulesOption = None,
) -> None:
    """Sum up the answers for a practitioner, on one page: what was said, denied and left open,
    whom the rules suggest to see, and which rules.
    """
    from lumbar.plan.summary import summary as summed_up
    from lumbar.terminal import page

    _spare_answers(answers_file, out)
    catalog, decision, made = _planned(answers_file, dir, require_signed)
    blocks = summed_up(decision, made, decision.answers.answered_on)
    if out:
        text = output.captured(lambda console: page.show_blocks(blocks, catalog.words, console))
        output.emit([text], out)
    else:
        with output.paged(catalog.words.page.keys) as console:
            page.show_blocks(blocks, catalog.words, console)


ItemArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="ITEM", help="An item such as massage/knead: why it is in the plan or not."
    ),
]
WhyNotOption = Annotated[
    str | None, typer.Option("--why-not", metavar="ITEM", help="Why this item is left out.")
]
WhatIfOption = Annotated[
    list[str] | None,
    typer.Option("--what-if", metavar="QUESTION=VALUE", help="How the plan would change."),
]


@app.command()
def explain(
    answers_file: AnswersFile,
    item: ItemArgument = None,
    why_not: WhyNotOption = None,
    what_if: WhatIfOption = None,
    format: FormatOption = "rich",
    dir: RulesOption = None,
) -> None:
    """Say why a plan says what it says: every rule that fired, or one item, or what another answer
    would change.
    """
    from lumbar.plan import explain as explaining
    from lumbar.plan.document import to_json
    from lumbar.terminal.explanation import Explanation, show

    if sum(map(bool, (item, why_not, what_if))) > 1:
        output.stop("ask for one thing at a time: ITEM, --why-not or --what-if", WRONG_USAGE)
    catalog, decision, made = _planned(answers_file, dir)
    asked = why_not or item
    found: Any = made
    try:
        if what_if:
            changed = dict(_assignment(catalog, text) for text in what_if)
            found = explaining.what_if(decision, changed)
        elif asked:
            why = explaining.why(made, catalog, asked)
            found = explaining.why_not(decision, made, asked) or why
    except explaining.UnknownNameError as error:
        output.stop(str(error), WRONG_USAGE)
    if format == "json":
        typer.echo(to_json(found))
    else:
        with output.paged(catalog.words.page.keys) as console:
            show(Explanation(catalog).of(found), console)


@app.command()
def rules(
    rule: Annotated[
        str | None, typer.Argument(metavar="ID", help="One rule, in plain English.")
    ] = None,
    compiled: Annotated[
        bool, typer.Option("--compiled", help="The one rule as it decides: a formula of answers.")
    ] = False,
    dir: RulesOption = None,
) -> None:
    """List the rules by stage and topic, or show one with its evidence and examples."""
    from lumbar import load
    from lumbar.reading.problems import did_you_mean
    from lumbar.terminal.explanation import Explanation, show

    catalog = load(output.folder(dir))
    if rule is None:
        if compiled:
            output.stop("--compiled shows one rule: name it", WRONG_USAGE)
        with output.paged(catalog.words.page.keys) as console:
            show(Explanation(catalog).rules(), console)
    elif rule in catalog.rules and compiled:
        from lumbar.form.encoding import Encoding
        from lumbar.form.printing import compiled as lines

        if catalog.rules[rule].status == "retired":
            output.stop(f"'{rule}' is retired: it never runs", WRONG_USAGE)
        typer.echo("\n".join(lines(Encoding(catalog), rule)))
    elif rule in catalog.rules:
        with output.paged(catalog.words.page.keys) as console:
            show(Explanation(catalog).rule(catalog.rules[rule]), console)
    else:
        hint = did_you_mean(rule, catalog.rules)
        output.stop(f"there is no rule '{rule}'" + (f"; {hint}" if hint else ""), WRONG_USAGE)


@app.command()
def schema(
    document: Annotated[Literal["answers", "plan"], typer.Argument(help="Which document.")],
) -> None:
    """Print the JSON Schema of an answers file or of a plan."""
    import json

    from lumbar import load
    from lumbar.intake import answers_file
    from lumbar.plan import document as plan_document

    asked = document == "answers"
    found = answers_file.json_schema(load().questionnaire) if asked else plan_document.json_schema()
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


@app.command()
def export(
    form: Annotated[Literal["sql"], typer.Argument(help="As what.")],  # noqa: ARG001 - there is one
    dialect: Annotated[
        Literal["duckdb", "spark", "postgres"], typer.Option("--dialect", help="Whose SQL it is.")
    ] = "duckdb",
    people: Annotated[
        str, typer.Option("--people", metavar="TABLE", help="The table of people to decide for.")
    ] = "people",
    key: Annotated[
        str, typer.Option("--key", metavar="COLUMN", help="Its column that tells people apart.")
    ] = "id",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to this file, whole or not at all."),
    ] = None,
    dir: RulesOption = None,
) -> None:
    """Write all rules as one SQL query over a table of people, a column a question."""
    from lumbar import load
    from lumbar.crowd.sql import query
    from lumbar.form.encoding import Encoding

    for option, name in (("--people", people), ("--key", key)):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name):
            output.stop(f"{option} cannot be '{name}': letters, digits, _ and . only", WRONG_USAGE)
    output.emit([query(Encoding(load(output.folder(dir))), dialect, people, key)], out)


@app.command()
def pictures(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Where to put them: a new, empty or old such folder."),
    ],
    dir: RulesOption = None,
) -> None:
    """Draw every massage, exercise and resting position, with a page that shows them all."""
    from lumbar import load
    from lumbar.pictures.gallery import gallery
    from lumbar.reading.folder import PICTURES, OthersFilesError, bind, refuse_others

    try:
        refuse_others(folder, PICTURES)
        count = bind(gallery(load(output.folder(dir))), folder, PICTURES)
    except OthersFilesError as error:
        output.stop(str(error), WRONG_USAGE)
    typer.echo(f"{count} files; begin with {folder / 'index.html'}")


app.command(cls=WithSettings)(serve)
for one in (purge, backup, restore):
    app.command()(one)


def _planned(
    answers_file: str, root: Path | None, require_signed: bool = False
) -> "tuple[Catalog, Decision, Plan]":
    from lumbar import decide, load, make_plan
    from lumbar.intake.answers_file import read
    from lumbar.signatures.signoffs import only_signed

    catalog = load(output.folder(root))
    source = sys.stdin.buffer if answers_file == "-" else Path(answers_file)
    decision = decide(catalog, read(catalog.questionnaire, source))
    if require_signed:
        decision = only_signed(decision)
    return catalog, decision, make_plan(decision, decision.answers.answered_on)


def _assignment(catalog: "Catalog", text: str) -> tuple[str, Any]:
    """Read QUESTION=VALUE as an answers file would: [a, b] or a,b for several."""
    from lumbar.reading.yamlfile import YamlFile
    from lumbar.rulebook.questionnaire import SeveralOf

    name, equals, value = text.partition("=")
    if not equals:
        output.stop(f"'{text}' is not QUESTION=VALUE", WRONG_USAGE)
    question = catalog.questionnaire.questions.get(name.strip())
    if isinstance(question, SeveralOf) and not value.lstrip().startswith("["):
        value = f"[{value}]"
    return name.strip(), YamlFile("--what-if", value).data


def commands() -> frozenset[str]:
    """Return the names of the commands here."""
    return frozenset(one.callback.__name__ for one in app.registered_commands if one.callback)


def main() -> None:
    """Run the command line; every failure has its own exit code and no traceback."""
    if hasattr(signal, "SIGPIPE"):  # `lumbar plan ... | head` ends like any other command
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    output.open_streams()
    try:
        group = typer.main.get_command(app)
        take_plainly(group)
        sys.exit(group(standalone_mode=False))
    except typer.TyperException as error:
        _misused(error)
    except typer.Abort:
        output.tell("stopped")
        sys.exit(CHECK_FAILED)
    except BadAnswersError as error:
        _report(f"the answers cannot be used, so {_undone()}", error, BAD_ANSWERS)
    except BadCatalogError as error:
        _report(f"the rules or the content cannot be used, so {_undone()}", error, BAD_CATALOG)
    except BadSettingsError as error:
        _report(f"the settings cannot be used, so {_undone()}", error, WRONG_USAGE)
    except OSError as error:
        output.give_up_output()
        closed = error.errno == errno.EBADF
        why = "the output is closed" if closed else (error.strerror or "unknown").lower()
        output.tell(f"what was asked for could not be written: {why}")
        sys.exit(WRONG_USAGE)
    except Exception as error:  # noqa: BLE001 - nobody must be left with a traceback for advice
        output.tell(f"something broke inside ({type(error).__name__}), so {_undone()}.")
        if _undone() == _NO_PLAN:  # the words of content/ may be what broke
            sorry = "This says nothing about your back. If you are worried, see a practitioner."
            typer.echo(sorry, err=True)
        sys.exit(INTERNAL)


_NO_PLAN = "no plan was made"


def _undone() -> str:
    """Say what there is not: a plan where somebody asked for one; the other commands make none."""
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    return _NO_PLAN if command in {"ask", "plan", "summary", "explain"} else "this was not done"


def _misused(error: Any) -> None:
    """Say in our own words what is wrong with a command line, and where its help is."""
    from pydantic import ValidationError

    from lumbar.reading.yamlfile import fault_in_words

    context, cause = getattr(error, "ctx", None), error.__cause__
    command = f"{context.info_name} " if context and context.parent else ""
    said = error.format_message()
    if isinstance(cause, ValidationError):  # what a value of an option may be
        _, said, _ = fault_in_words(cause.errors()[0], (error.param.opts[0],), [])
    told = printable(f"{said[:1].lower()}{said[1:]}".rstrip("."))
    output.tell(f"{told}; `lumbar {command}--help` tells what there is")
    sys.exit(WRONG_USAGE)


def _report(what: str, error: ProblemsError, code: int) -> None:
    output.tell(what)
    for line in told(error.problems):
        typer.echo(output.as_typed(line), err=True)
    sys.exit(code)
