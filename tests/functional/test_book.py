"""The rule book as a clinician uses it: everything has its place, every link leads somewhere, all
offline.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from html import escape, unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, normpath

import pytest

pytest.importorskip("jinja2", reason="the extra `review` is not installed")

from lumbar.pictures.picture import picture
from lumbar.reading.paths import data_root
from lumbar.review.book.book import Book, read_book
from lumbar.review.book.chains import read_by
from lumbar.review.book.crossref import CrossReference, Ref, offers
from lumbar.review.book.places import address
from lumbar.review.book.rendering import STYLE, TEMPLATES, rendered

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Opens every page as wide as a phone, and tells how wide it becomes, what reaches out of it, and
# the boxes that hold more than they show without a hint of it.
LOOK = """<!DOCTYPE html><body><iframe style="width:390px;height:800px;border:0"></iframe><script>
async function look(frame, page) {
  await new Promise(loaded => { frame.onload = loaded; frame.src = page; });
  const seen = frame.contentWindow, text = frame.contentDocument;
  const inside = one => one.closest(".scroll, .skip, thead, svg svg");
  const beyond = [...text.querySelectorAll("body *")].filter(
    one => !inside(one) && one.getBoundingClientRect().right > seen.innerWidth + 1);
  const unsaid = [...text.querySelectorAll(".scroll")].filter(
    one => one.scrollWidth > one.clientWidth
      && !seen.getComputedStyle(one).backgroundImage.includes("gradient"));
  const moving = [...text.querySelectorAll(".scroll:has(.stack)")].filter(
    one => one.scrollWidth > one.clientWidth);
  return [Math.max(0, text.documentElement.scrollWidth - seen.innerWidth),
    [...beyond, ...unsaid, ...moving].map(one => one.outerHTML.slice(0, 80))];
}
(async () => {
  const found = {}, frame = document.querySelector("iframe");
  for (const page of PAGES) found[page] = await look(frame, page);
  document.body.textContent = JSON.stringify(found);
})().catch(error => document.body.textContent = "failed: " + error);
</script></body>"""
SCRIPT = Path(sys.executable).with_name("lumbar")
ROOT = Path(__file__).resolve().parents[2]
TOY = ROOT / "tests" / "toy"
DAY = date(2026, 11, 22)
EMPTY_TAGS = {"meta", "link", "br", "wbr", "img", "hr", "input"}
Result = subprocess.CompletedProcess[str]


def lumbar(*words: str | Path, **more: str) -> Result:
    """Run the installed script; whatever happens, nobody sees a traceback."""
    environment = os.environ | {"PYTHONUTF8": "1"} | more
    command = [SCRIPT, *map(str, words)]
    ran = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, timeout=120, check=False
    )
    assert "Traceback" not in ran.stderr
    return ran


@dataclass
class Place:
    """What stands inside one element with an id."""

    text: str = ""
    links: set[str] = field(default_factory=set)


class Read(HTMLParser):
    """A page read: its ids with what stands in each, its links, headings and tags; a tag left open
    is an error.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.places: dict[str, Place] = {}
        self.text = ""
        self.ids: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if "id" in given:
            self.ids.append(given["id"])
            self.places[given["id"]] = Place()
        for _, place in self.open:
            if place in self.places and "href" in given:
                self.places[place].links.add(given["href"])
        if tag not in EMPTY_TAGS:
            self.open.append((tag, given.get("id", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing, line {self.getpos()[0]}"
        assert self.open.pop()[0] == tag, f"</{tag}> closes something else, line {self.getpos()[0]}"

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, place in self.open:
            if place in self.places:
                self.places[place].text += data

    @property
    def links(self) -> list[str]:
        return [given["href"] for tag, given in self.tags if tag == "a"]

    def words(self, place: str) -> str:
        return " ".join(self.places[place].text.split())


@pytest.fixture(scope="module")
def book() -> Book:
    return read_book(data_root(), DAY)


@pytest.fixture(scope="module")
def files(book: Book) -> dict[str, str]:
    return dict(rendered(book, lambda done, of: None))


@pytest.fixture(scope="module")
def pages(files: dict[str, str]) -> dict[str, Read]:
    """Every page read, which also checks that every element is closed where it should be."""
    return {path: Read(text) for path, text in files.items() if path.endswith(".html")}


def everything(book: Book) -> dict[str, tuple[str, ...]]:
    """Return all that must have a place in the book, by kind."""
    catalog = book.catalog
    return {
        "rule": tuple(catalog.rules),
        "question": tuple(catalog.questionnaire.questions),
        "asked": tuple(topic.id for topic in catalog.questionnaire.topics),
        "finding": tuple(book.cross.concluded_by),
        "score": tuple(score.id for score in catalog.questionnaire.scores),
        "threshold": tuple(catalog.thresholds),
        "item": tuple(catalog.items),
        "kind": tuple(catalog.words.sections),
        "source": tuple(catalog.sources),
        "property": tuple(one.id for one in book.properties),
        "hazard": tuple(one.id for one in book.hazards),
        "persona": tuple(book.personas),
        "stage": tuple(catalog.by_stage),
    }


def test_everything_has_its_place(book, pages):
    for kind, names in everything(book).items():
        assert names, kind
        places = (address(book, Ref(kind, name)).split("#") for name in names)
        assert [place for page, place in places if place not in pages[page].ids] == []


def test_every_link_leads_to_a_page_and_a_place_in_it(pages, files):
    lost = []
    for path, page in pages.items():
        styles = [given["href"] for tag, given in page.tags if tag == "link"]
        assert [normpath(f"{dirname(path)}/{one}").lstrip("/") for one in styles] == [STYLE]
        for link in page.links:
            if link.startswith(("https://", "http://")):
                continue
            target, _, place = link.partition("#")
            file = normpath(f"{dirname(path)}/{target}").lstrip("/") if target else path
            if file not in files or (place and place not in pages[file].ids):
                lost.append(f"{path}: {link}")
    assert lost == []


def test_an_id_stands_once_on_its_page(pages):
    assert [path for path, page in pages.items() if len(page.ids) != len(set(page.ids))] == []


def test_nothing_is_loaded_from_anywhere_else_and_nothing_runs(pages, files):
    for path, page in pages.items():
        assert not [
            tag
            for tag, _ in page.tags
            if tag in {"script", "style", "iframe", "img", "object", "embed", "form", "base"}
        ], path
        for tag, given in page.tags:
            assert not {
                name
                for name in given
                if name.startswith("on") or name in {"src", "srcset", "xlink:href"}
            }, path
            if given.get("href", "").startswith("http"):
                assert (tag, given["rel"]) == ("a", "noreferrer"), path
    assert not re.findall(r"@import|url\(", files[STYLE])


def test_a_page_is_built_for_screen_readers_and_keyboards(pages):
    for path, page in pages.items():
        given = dict(page.tags)
        assert given["html"]["lang"] == "en"
        assert {"header", "nav", "main", "footer", "title"} <= given.keys(), path
        assert page.links[0] == "#main", "the first link skips to the text"
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
        assert levels.count(1) == 1, path
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        tables = sum(tag == "table" for tag, _ in page.tags)
        assert sum(tag == "caption" for tag, _ in page.tags) == tables
        assert all(
            given.get("scope") in {"col", "row"} for tag, given in page.tags if tag == "th"
        ), path
        scrolling = [
            given for tag, given in page.tags if given.get("class", "").startswith("scroll")
        ]
        assert len(scrolling) == tables, path
        assert all(one["tabindex"] == "0" and one["aria-label"] for one in scrolling), path


def test_on_a_phone_each_cell_of_a_table_of_words_stands_under_the_name_of_its_column(files):
    for path, text in files.items():
        for table in re.findall(r'<table class="[^"]*stack[^"]*">.*?</table>', text, re.DOTALL):
            assert "<td>" not in table, path


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: no page was looked at")
def test_no_page_has_to_be_moved_sideways_on_a_phone(tmp_path, files):
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    pages = [path for path in files if path.endswith(".html")]
    look = tmp_path / "look.html"
    look.write_text(LOOK.replace("PAGES", json.dumps(pages)), encoding="utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--allow-file-access-from-files",
        f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=120000", "--dump-dom",
        look.as_uri(),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    body = re.search(r"<body>(.*)</body>", ran.stdout, re.DOTALL)
    assert body, ran.stderr[-2000:]
    found = json.loads(unescape(body[1]))
    assert found.keys() == {*pages}
    assert {path: one for path, one in found.items() if one != [0, []]} == {}


def test_each_topic_says_what_its_rules_read_and_do_and_who_reads_what_they_conclude(book, pages):
    for topic, rules in book.cross.topics.items():
        path = address(book, Ref("topic", topic.id))
        links = {normpath(f"topics/{one}") for one in pages[path].places["main"].links}
        read = (book.cross.ref(name) for rule in rules for name in rule.when.reads)
        offered = (Ref("item", one) for rule in rules for one in offers(rule))
        readers = (one for rule in rules for one in read_by(book.cross, rule))
        assert {address(book, one) for one in (*read, *offered, *readers)} <= links, path


def test_a_topic_begins_with_what_its_file_says_of_itself(pages):
    """Its first sentence is the title of the page; a file that says nothing has its name there."""
    said = "Signs of pressure on the nerves at the bottom of the spine One new sign is enough."
    assert pages["topics/triage-cauda_equina.html"].words("main").startswith(said)


def test_every_topic_has_a_title_of_its_own_and_no_name_of_a_file(book, files):
    titles = [one.title for one in book.about.values()]
    assert len({*titles}) == len(titles)
    for topic, (title, _) in book.about.items():
        name = topic.partition("/")[2].replace("_", " ")
        assert title.lower() != name and not title.lower().endswith(f": {name}"), title
        assert len(title) <= 85, title
        assert f"<h1>{escape(title)}</h1>" in files[address(book, Ref("topic", topic))]


def test_the_start_tells_what_each_topic_reads_and_acts_on(book, pages):
    topics = {address(book, Ref("topic", topic.id)) for topic in book.cross.topics}
    assert topics <= {*pages["index.html"].links}


def test_the_start_says_that_all_is_draft_and_unreviewed(book, pages):
    """The shipped rules are; what it says once some are signed is tried on the toy."""
    said = pages["index.html"].words("main")
    rules = len(book.in_force)
    assert said.startswith(
        "The rule book Everything here is a draft. "
        f"No clinician has reviewed any of these rules: 0 of {rules} are signed."
    )
    for path, page in pages.items():
        assert f"0 of {rules} rules signed by a clinician." in page.text, path


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours written as #rrggbb, as WCAG 2 defines it."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_words_stand_out_from_what_is_behind_them(files):
    own = files[STYLE].partition("/* The pictures. */")[0]
    looks = [dict(re.findall(r"--(\w+): (#\w{6});", one)) for one in own.split(":root")[1:]]
    assert len(looks) == 3, "by day, by night and in print"
    for colours in looks:
        for words in ("ink", "soft", "link"):
            for behind in ("paper", "card"):
                found = contrast(colours[words], colours[behind])
                assert found >= 4.5, f"{colours[words]} on {colours[behind]}"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_rule_is_told_with_all_that_hangs_on_it(book, pages):
    for name, rule in book.catalog.rules.items():
        page, place = address(book, Ref("rule", name)).split("#")
        words, links = pages[page].words(place), pages[page].places[place].links
        for text in (
            rule.title,
            rule.because,
            rule.note,
            name,
            "Fires when",
            "Truth of its clauses",
            "Never reviewed.",
        ):
            assert " ".join(text.split()) in words, f"{name}: {text}"
        assert {f"../sources.html#source-{one.source}" for one in rule.evidence} <= links, name
        people = {one.id for one in book.fires_for[name]}
        others = book.personas.keys() - people
        shown = others if len(others) < len(people) and others else people
        assert {link.partition("#persona-")[2] for link in links if "#persona-" in link} == shown, (
            name
        )
        assert {f"../safety.html#property-{one.id}" for one in book.held_by[name]} <= links, name
        kinds = {"question": "questions", "finding": "findings", "score": "scores"}
        read = (book.cross.ref(one) for one in rule.when.reads)
        assert {f"../{kinds[one.kind]}.html#{one.kind}-{one.id}" for one in read} <= links, name


def test_who_a_rule_fires_for_is_who_the_engines_say(book, example):
    from lumbar import decide

    for person in book.people[:10]:
        decision = decide(book.catalog, example(person.persona.answers))
        assert (person.urgency, person.fired) == (decision.urgency, decision.fired)
    assert sum(bool(people) for people in book.fires_for.values()) > 100


def test_the_audit_stands_in_the_book_with_what_is_held_where_a_goal_is_not_reached(book, pages):
    words = pages["audit.html"].words("main")
    for goal in book.goals.figures:
        assert goal.says in words
        assert goal.held is None or f"{goal.held:g}: the goal is not reached" in words


def test_an_item_names_the_rules_that_can_offer_or_withhold_it(book, pages):
    rules = book.catalog.rules.values()
    for item in book.catalog.items:
        place = address(book, Ref("item", item)).partition("#")[2]
        links = pages["items.html"].places[place].links
        offering = {rule.id for rule in rules if item in {one.recommend for one in rule.recommends}}
        offering |= {rule.id for rule in rules if item in {one.refer for one in rule.refers}}
        keeping = {
            rule.id
            for rule in rules
            for one in rule.avoids
            if item in book.catalog.targets[one.avoid]
        }
        assert {
            link.partition("#rule-")[2] for link in links if "#rule-" in link
        } == offering | keeping


def test_a_source_names_what_cites_it(book, pages):
    for rule in book.catalog.rules.values():
        for one in rule.evidence:
            assert (
                address(book, Ref("rule", rule.id))
                in pages["sources.html"].places[f"source-{one.source}"].links
            )


def test_a_threshold_names_what_compares_with_it(book, pages):
    for name, readers in book.cross.threshold_readers.items():
        links = pages["thresholds.html"].places[f"threshold-{name}"].links
        assert {address(book, one) for one in readers} <= links
    assert book.cross.threshold_readers.keys() == book.catalog.thresholds.keys()


def test_every_template_is_used():
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in [*TEMPLATES.glob("*.html"), *TEMPLATES.parent.glob("*.py")]
    )
    unused = [path.name for path in TEMPLATES.iterdir() if f'"{path.name}"' not in text]
    assert unused == []


def test_the_same_rules_give_the_same_bytes(tmp_path, files):
    ran = lumbar("book", tmp_path / "book", "--on", DAY.isoformat(), PYTHONHASHSEED="7")
    assert (ran.returncode, ran.stderr) == (0, "")
    written = {
        path.relative_to(tmp_path / "book").as_posix(): path.read_text(encoding="utf-8")
        for path in (tmp_path / "book").rglob("*.*")
        if path.is_file() and path.name != ".lumbar-book"
    }
    assert written == files
    assert ran.stdout.endswith("index.html\n")


# What follows is of copies of the toy.


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return shutil.copytree(TOY, tmp_path / "toy")


@pytest.fixture
def written(toy: Path) -> Callable[..., dict[str, Read]]:
    """Return a function that writes the book of the toy and reads it."""

    def write(*options: str) -> dict[str, Read]:
        folder = toy.parent / "book"
        ran = lumbar("book", folder, "--rules", toy, *options)
        assert ran.returncode == 0, ran.stderr
        return {
            path.relative_to(folder).as_posix(): Read(path.read_text())
            for path in folder.rglob("*.html")
        }

    return write


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_words_of_the_rules_are_never_taken_for_markup(toy, written):
    title = "<b>Tapping</b> & \"more\" <script>alert('x')</script>"
    care = next((toy / "rules" / "care").glob("*.yaml"))
    edit(care, "title: Tapping", f"title: >-\n    {title}")
    pages = written()
    assert not [path for path, page in pages.items() if "script" in dict(page.tags)]
    topic = next(page for page in pages.values() if "rule-tapping" in page.ids)
    assert title in topic.words("rule-tapping")


def test_rules_without_people_and_signatures_say_so(written):
    pages = written()
    assert "There are no named people beside these rules." in pages["people.html"].words("main")
    assert "No rule is due, overdue, disputed or changed" in pages["review.html"].words("main")
    assert "a first signature" in pages["review.html"].words("main").lower()


def test_a_changed_threshold_is_told_wherever_it_is_used(toy, written):
    written()
    edit(
        toy / "rules" / "thresholds.yaml", "id: long_after, value: 84", "id: long_after, value: 91"
    )
    pages = written()
    assert "91 days" in pages["thresholds.html"].words("threshold-long_after")
    readers = CrossReference(read_book(toy, DAY).catalog).threshold_readers["long_after"]
    rules = [one.id for one in readers if one.kind == "rule"]
    assert rules
    for rule in rules:
        page = next(page for page in pages.values() if f"rule-{rule}" in page.ids)
        assert "91 days (long after)" in page.words(f"rule-{rule}")


def test_the_review_of_a_rule_is_told_as_it_stands_on_the_day(toy, written):
    who = ("--name", "Ann Example", "--role", "physiotherapist", "--registration", "HX 1")
    signed = lumbar(
        "sign", "tapping", *who, "--valid-until", "2999-01-31", "--note", "Read twice", "--dir", toy
    )
    assert signed.returncode == 0, signed.stderr

    def told(*options: str) -> tuple[str, str]:
        pages = written(*options)
        page = next(page for page in pages.values() if "rule-tapping" in page.ids)
        return page.words("rule-tapping").partition("Review history")[2], pages[
            "review.html"
        ].words("main")

    rule, review = told("--on", "2026-11-22")
    start = Read((toy.parent / "book" / "index.html").read_text()).words("main")
    assert re.search(r"1 of the \d+ rules are signed by a clinician as they are", start)
    assert (
        "signed by Ann Example, physiotherapist, HX 1, valid until 2999-01-31. Read twice Now: signed."
        in rule
    )
    assert "No rule is due" in review
    assert "signed, due soon" in told("--on", "2999-01-02")[1]
    assert "Signed, overdue Tapping: signed " in told("--on", "2999-02-01")[1]
    edit(
        next((toy / "rules" / "care").glob("*.yaml")), "Because of tapping.", "Because of knocking."
    )
    rule, review = told("--on", "2026-11-22")
    assert re.search(r"Now: changed since\..*Because of tapping\.\s*Because of knocking\.", rule)
    assert "Changed since Tapping: signed " in review


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    ran = lumbar("book", tmp_path, "--rules", TOY)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "holds what is no part of a rule book, such as 'letter.txt'" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--on", "22.11.2026"), 2, "'22.11.2026' is no day; write it as 2026-11-22"),
        (("--rules", "nowhere"), 2, "there is no folder 'nowhere'"),
    ],
)
def test_wrong_options_are_told_in_one_line(tmp_path, options, code, says):
    ran = lumbar("book", tmp_path / "book", *options)
    assert (ran.returncode, ran.stderr) == (code, f"lumbar: {says}\n")
    assert not (tmp_path / "book").exists()


def test_without_the_extra_the_book_says_what_to_install(tmp_path):
    (tmp_path / "jinja2.py").write_text("raise ModuleNotFoundError(name='jinja2')")
    ran = lumbar("book", tmp_path / "book", PYTHONPATH=str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    said = re.fullmatch(r"lumbar: the book needs Jinja; install it with: (.+)\n", ran.stderr)
    assert said
    program, *words = shlex.split(said[1])
    assert words == ["-m", "pip", "install", "jinja2>=3.1"]
    assert Path(program).samefile(sys.executable), "as it can be typed from here"


def test_bad_rules_make_no_book(toy, tmp_path):
    edit(toy / "rules" / "hazards.yaml", "rule: weak-leg", "rule: weak-legs")
    ran = lumbar("book", tmp_path / "book", "--rules", toy)
    assert ran.returncode == 4
    assert "unknown-control" in ran.stderr
    assert not (tmp_path / "book").exists()


def test_people_beside_the_rules_must_fit_them(toy, tmp_path):
    people = toy / "tests" / "personas"
    people.mkdir(parents=True)
    (people / "eve.yaml").write_text("who: Eve\nanswers: {agee: 30}\nexpect: {}\n")
    ran = lumbar("book", tmp_path / "book", "--rules", toy)
    assert ran.returncode == 4
    assert "tests/personas/eve.yaml" in ran.stderr
    assert "agee" in ran.stderr


def test_each_item_that_is_drawn_stands_beside_its_picture(book, pages, files):
    shown = [given for tag, given in pages["items.html"].tags if tag == "svg"]
    assert len(shown) == len(book.catalog.figures)
    assert {one["class"] for one in shown} == {"lumbar-picture"}
    drawn = files["items.html"]
    assert all(picture(book.catalog, name, styled=False) in drawn for name in book.catalog.figures)
    assert ".lumbar-picture" in files[STYLE]
    assert files[STYLE].count("prefers-color-scheme:") == 2, "the pages, and the pictures, by night"
