"""`lumbar serve` as it is run, and its pages as a browser shows them."""

import json
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from served import CHROMIUM, started

from lumbar import Catalog, decide, make_plan
from lumbar.intake.answers import Answers
from lumbar.intake.cards import card_id, on_card
from lumbar.intake.interview import Interview
from lumbar.intake.screen import Place
from lumbar.intake.typed import Refused
from lumbar.rulebook.questionnaire import Topic

if TYPE_CHECKING:
    from lumbar.web.pages import Pages

looked_at = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: no page was looked at"
)
# Opens every page, without scripts, at the width of a phone, and at that of a desk's page enlarged to 400 %; tells how
# wide it is, what it fetched from elsewhere and which targets are too small for a thumb.
LOOK = """<!DOCTYPE html><body><script>
async function look(name, wide) {
  const frame = document.createElement("iframe");
  frame.style = `border:0;width:${wide}px;height:844px`;
  frame.sandbox = "allow-same-origin";  // no script runs in it
  frame.src = "/" + name;
  await new Promise(done => { frame.onload = done; document.body.append(frame); });
  const page = frame.contentDocument;
  const far = frame.contentWindow.performance.getEntriesByType("resource")
    .map(one => one.name).filter(one => !one.startsWith(location.origin));
  const small = [...page.querySelectorAll(".button, .quiet, .choice label, summary, .typed")]
    .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < 43.5)
    .map(one => one.outerHTML);
  return {wide, is: page.documentElement.scrollWidth, far, small,
          styled: getComputedStyle(page.body).marginTop === "0px"};
}
(async () => {
  const found = {};
  for (const name of NAMES) found[name] = [await look(name, 390), await look(name, 320)];
  document.body.textContent = JSON.stringify(found);
})().catch(error => document.body.textContent = "failed: " + error);
</script></body>"""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Yield the port of a running `lumbar serve`, and the program."""
    port, ran = started()
    with ran:
        yield port, ran
        ran.terminate()


def browse(folder: Path, address: str, *more: str) -> str:
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}",
        *more, "--dump-dom", address,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout


def test_it_outlives_readers_who_go_away(served: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, ran = served
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        assert answer.read() == b"ok\n"
    assert ran.poll() is None
    state = Path(f"/proc/{ran.pid}/status")  # whether the signal comes is up to chance
    if state.exists():
        ignored = int(re.search(r"^SigIgn:\s*(\w+)", state.read_text(), re.MULTILINE)[1], 16)
        assert ignored >> signal.SIGPIPE - 1 & 1


def test_it_ends_well_on_ctrl_c_and_says_nothing_of_who_left_halfway() -> None:
    port, ran = started()
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        answer.read()
    ran.send_signal(signal.SIGINT)
    said, _ = ran.communicate(timeout=30)
    assert ran.returncode == 0
    assert "something broke" not in said


@looked_at
def test_a_browser_shows_the_first_page_as_it_is_served(
    served: tuple[int, "subprocess.Popen[str]"], tmp_path: Path, catalog: Catalog
) -> None:
    page = browse(tmp_path, f"http://127.0.0.1:{served[0]}/")
    assert catalog.words.web.start in page
    assert catalog.words.page.go_now in page


def plan_pages(every: "Pages", answers: Answers, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every page of a plan."""
    from lumbar.web import plans

    decision = decide(every.catalog, answers)
    words, plan, day = every.catalog.words, make_plan(decision, "2026-11-22"), "2026-11-22"

    def page(template: str, **values: object) -> str:
        text = every.text(template, token="", **values)
        return text.replace("<details", "<details open").replace('"/timer.js"', '"timer.js"')

    yield (
        f"{name}plan.html",
        page("plan.html", complete=True, coming_again=True, **plans.layered(words, plan)),
    )
    yield f"{name}paper.html", page("paper.html", **plans.on_paper(words, decision, plan, day))
    yield f"{name}summary.html", page("summary.html", **plans.summed_up(decision, plan, day))
    yield f"{name}emergency.html", page("emergency.html", **plans.emergency(decision, day))
    for kind, view_of in (("how", plans.how), ("movement", plans.movement)):
        number = 1
        while view := view_of(words, plan, number):
            yield f"{name}{kind}-{number}.html", page(f"{kind}.html", **view)
            number += 1


def names_on(topic: Topic) -> Iterator[str]:
    """Yield what a page may ask of a topic: each question that is not on its card, and the card."""
    on_it = {one.id for one in on_card(topic)}
    yield from (one.id for one in topic.questions if one.id not in on_it)
    if on_it:
        yield card_id(topic)


def pages(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield every kind of page by a name, and every question, card and thing to do."""
    from lumbar.web import questions
    from lumbar.web.pages import Pages
    from lumbar.web.session import Session

    every, words = Pages(catalog), catalog.words

    def page(template: str, **values: object) -> str:
        return bytes(every.page(template, token="", **values).body).decode()

    yield "start.html", page("start.html", going_on=True)
    yield "problem.html", page("problem.html", problem=catalog.words.web.problems.expired)
    answers = Answers.of(catalog.questionnaire, catalog.questionnaire.example())
    asked = Interview(catalog.questionnaire, answers, words.interview)
    places = [Place(tuple(names_on(topic))) for topic in catalog.questionnaire.topics]
    places += [Place((name,)) for name in asked.asked()]
    session = Session(catalog, asked, "2026-11-22", places)
    for number, place in enumerate(places, 1):
        parts = session.page(number)
        wrong = {one.question.id: Refused("This is wrong.") for one in parts}
        if parts:
            view = questions.page(words, session, number, {}, wrong)
            yield f"{number}-{place.asked[0]}.html", page("page.html", **view)
    yield "check.html", page("check.html", topics=questions.check(catalog, asked))
    yield from plan_pages(every, answers)
    yield from plan_pages(every, answers.having({"bladder_leak": "new"})[0], "urgent-")
    code = [
        "diagram",
        "error",
        "cigar",
        "fat",
        "confirm",
        "course",
        "salmon",
        "protect",
        "unlock",
        "music",
        "now",
        "tape",
    ]
    for saved in (False, True):
        for name in ("save", "code", "delete"):
            yield (
                f"{name}-{saved}.html",
                page(f"{name}.html", days=180, code=code, open=True, saved=saved),
            )
    wrong = catalog.words.web.back_with_code.nothing
    yield "back.html", page("back.html", error=wrong, typed=" ".join(code), open=True)
    yield (
        "again.html",
        page("again.html", day="2026-05-03", some=True, unfit="Age; Pain now", coming_again=True),
    )
    yield "deleted.html", page("deleted.html")
    yield "style.css", every.style
    yield "icon.svg", every.icon
    yield from ((f"{name}.js", script) for name, script in every.scripts.items())


@contextmanager
def at(site: Path) -> Iterator[str]:
    """Serve a folder; yield its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@looked_at
def test_every_page_fits_a_phone_and_a_desk_enlarged_and_fetches_nothing_from_elsewhere(
    tmp_path: Path, catalog: Catalog
) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    site = tmp_path / "site"
    site.mkdir()
    for name, text in pages(catalog):
        (site / name).write_text(text, encoding="utf-8")
    names = sorted(path.name for path in site.glob("*.html"))
    (site / "look.html").write_text(LOOK.replace("NAMES", json.dumps(names)), encoding="utf-8")

    with at(site) as address:
        shown = browse(tmp_path / "browser", f"{address}/look.html", "--virtual-time-budget=120000")
    body = re.search(r"<body>(.*)</body>", shown, re.DOTALL)
    assert body, shown[-2000:]
    found = json.loads(unescape(body[1]))
    assert sorted(found) == names
    for name, sizes in found.items():
        for one in sizes:
            assert one["styled"], name
            assert one["is"] <= one["wide"], f"{name} scrolls sideways at {one['wide']}"
            assert one["far"] == [], name
            assert one["small"] == [], name


# Starts the clock of a movement, tells what it shows after a minute, and after it was held.
CLOCK = """<!DOCTYPE html><body><script>
const wait = seconds => new Promise(done => setTimeout(done, 1000 * seconds));
(async () => {
  const frame = document.createElement("iframe");
  frame.src = "/movement-1.html";
  await new Promise(done => { frame.onload = done; document.body.append(frame); });
  const page = frame.contentDocument, [go, anew] = page.querySelectorAll(".timer button");
  const seen = () => [page.querySelector("output").textContent,
                      page.querySelector("[aria-live=polite]").textContent, go.textContent];
  const found = [page.querySelector(".timer").hidden, seen()];
  go.click(); await wait(61.5); found.push(seen());
  go.click(); await wait(30); found.push(seen());
  anew.click(); found.push(seen());
  document.body.textContent = JSON.stringify(found);
})().catch(error => document.body.textContent = "failed: " + error);
</script></body>"""


@looked_at
def test_the_clock_of_a_movement_counts_tells_each_minute_and_can_be_held(
    tmp_path: Path, catalog: Catalog
) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    from lumbar.web.pages import Pages

    site, says = tmp_path / "site", catalog.words.web.planned
    site.mkdir()
    every = Pages(catalog)
    answers = Answers.of(catalog.questionnaire, catalog.questionnaire.example())
    page = dict(plan_pages(every, answers))["movement-1.html"]
    (site / "movement-1.html").write_text(page, encoding="utf-8")
    (site / "timer.js").write_text(every.scripts["timer"], encoding="utf-8")
    (site / "clock.html").write_text(CLOCK, encoding="utf-8")
    with at(site) as address:
        there = f"{address}/clock.html"
        shown = browse(tmp_path / "browser", there, "--virtual-time-budget=200000")
    hidden, first, after, held, anew = json.loads(
        unescape(re.search(r"<body>(.*)</body>", shown, re.DOTALL)[1])
    )
    assert not hidden
    assert first == ["0:00", "", says.clock_go]
    assert after[1:] == ["1:00", says.clock_hold]
    assert held[1:] == ["1:00", says.clock_go]
    assert all(re.fullmatch(r"1:0[0-3]", one[0]) for one in (after, held)), "half a minute is held"
    assert anew == ["0:00", "", says.clock_go]


def test_without_its_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError('none', name='fastapi')\n")
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('none', name='uvicorn')\n")
    command = [
        sys.executable, "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['lumbar', 'serve'];"
        "from lumbar.__main__ import main; main()",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "the web pages need FastAPI, Jinja and Uvicorn; install it with:" in ran.stderr
    assert "'fastapi>=" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_port_that_is_taken_is_told(served: tuple[int, "subprocess.Popen[str]"]) -> None:
    command = [sys.executable, "-m", "lumbar", "serve", "--port", str(served[0])]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode != 0, "Traceback" in ran.stderr) == (True, False)
    assert "address already in use" in ran.stderr


def test_it_lists_its_settings_and_refuses_the_public_until_they_are_made() -> None:
    settings = pytest.importorskip("lumbar.web.settings", reason="the extra `web` is not installed")
    command = [sys.executable, "-m", "lumbar", "serve"]
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name, _ in settings.listed())
    ran = subprocess.run(
        [*command, "--host", "0.0.0.0"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert "'emergency_number' is not set, so it does not open to the public" in ran.stderr


# Presses the two buttons of the code, the second time where nothing can be copied.
COPYING = """<!DOCTYPE html><body><script>
(async () => {
  const frame = document.createElement("iframe");
  frame.src = "/code.html";
  await new Promise(done => { frame.onload = done; document.body.append(frame); });
  const page = frame.contentDocument, there = frame.contentWindow, found = [];
  const [copy, print] = page.querySelectorAll(".offer button");
  const can = able => Object.defineProperty(there.navigator, "clipboard", {configurable: true,
    value: {writeText: async text => { if (!able) throw "no"; found.push(text); }}});
  const press = async () => {
    copy.click(); await new Promise(done => setTimeout(done, 100));
    found.push(page.querySelector(".offer output").textContent);
  };
  can(true); await press(); can(false); await press();
  there.print = () => found.push("printed");
  print.click(); found.push(page.querySelector(".offer").hidden || copy.hidden);
  document.body.textContent = JSON.stringify(found);
})().catch(error => document.body.textContent = "failed: " + error);
</script></body>"""


@looked_at
def test_the_buttons_of_the_code_copy_its_words_in_their_order_and_print_it(
    tmp_path: Path, catalog: Catalog
) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    site, says = tmp_path / "site", catalog.words.web.code
    site.mkdir()
    every = dict(pages(catalog))
    (site / "code.html").write_text(every["code-True.html"], encoding="utf-8")
    (site / "code.js").write_text(every["code.js"], encoding="utf-8")
    (site / "copying.html").write_text(COPYING, encoding="utf-8")
    with at(site) as address:
        there = f"{address}/copying.html"
        shown = browse(tmp_path / "browser", there, "--virtual-time-budget=20000")
    found = json.loads(unescape(re.search(r"<body>(.*)</body>", shown, re.DOTALL)[1]))
    words = re.findall(r"<li>(\w+) </li>", every["code-True.html"])
    assert found == [" ".join(words), says.copied, says.not_copied, "printed", False]
