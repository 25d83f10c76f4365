"""`lumbar pictures` as a person uses it, and every picture as a browser draws it."""

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from lumbar import Catalog
from lumbar.pictures.picture import picture

SCRIPT = Path(sys.executable).with_name("lumbar")
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Draws every picture on a canvas in two sizes, and tells how much ink there is and how much of it
# lies at the edge.
LOOK = """<!DOCTYPE html><body><script>
async function look(svg, wide) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  await image.decode();
  const box = svg.match(/viewBox="\\S+ \\S+ (\\S+) (\\S+)"/), high = Math.round(wide * box[2] / box[1]);
  const canvas = document.createElement("canvas");
  canvas.width = wide; canvas.height = high;
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; brush.fillRect(0, 0, wide, high);
  brush.drawImage(image, 0, 0, wide, high);
  const pixels = brush.getImageData(0, 0, wide, high).data;
  let ink = 0, edge = 0;
  for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) {
    if (pixels[4 * (y * wide + x)] < 128) {
      ink++;
      if (x < 2 || y < 2 || x >= wide - 2 || y >= high - 2) edge++;
    }
  }
  return {ink: ink / wide / high, edge};
}
(async () => {
  const found = {};
  for (const [name, svg] of Object.entries(PICTURES))
    found[name] = [await look(svg, 160), await look(svg, 480)];
  document.body.textContent = JSON.stringify(found);
})().catch(error => document.body.textContent = "failed: " + error);
</script></body>"""


def lumbar(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lumbar", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_it_writes_every_picture_and_a_page_of_them(tmp_path: Path, catalog: Catalog) -> None:
    folder = tmp_path / "pictures"
    result = lumbar("pictures", folder)
    assert (result.returncode, result.stderr) == (0, "")
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*.svg")}
    assert written == {f"{name}.svg" for name in catalog.figures} | {
        "techniques.svg",
        "exercises.svg",
    }
    for name in catalog.figures:
        assert (folder / f"{name}.svg").read_text(encoding="utf-8") == picture(catalog, name)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert result.stdout == f"{len(written) + 1} files; begin with {folder / 'index.html'}\n"
    images = re.findall(r'<img src="(\S+)" width="(\d+)"', page)
    assert images == [
        (f"{one}.svg", wide)
        for one, _ in images[::2]
        for one in [one[:-4]]
        for wide in ("160", "480")
    ]
    assert {one for one, _ in images} == {f"{name}.svg" for name in catalog.figures}
    assert all(catalog.items[name].name in page for name in catalog.figures)
    assert not re.search(r"<script|https?:|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert lumbar("pictures", folder).returncode == 0, "those of before are replaced"


def test_the_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    result = lumbar("pictures", tmp_path)
    assert result.returncode == 2
    assert "holds what is no part of the pictures, such as 'notes.txt'" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_toy_has_no_figures_and_an_empty_page(tmp_path: Path) -> None:
    toy = Path(__file__).parents[1] / "toy"
    result = lumbar("pictures", tmp_path / "new", "--dir", toy)
    assert (result.returncode, result.stdout.split(" ")[0]) == (0, "1")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: no picture was looked at")
def test_a_browser_draws_every_picture_whole(tmp_path: Path, catalog: Catalog) -> None:
    drawn = {name: picture(catalog, name) for name in catalog.figures}
    page = tmp_path / "look.html"
    said = json.dumps(drawn).replace("</", "<\\/")
    page.write_text(LOOK.replace("PICTURES", said), encoding="utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=60000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    body = re.search(r"<body>(.*)</body>", ran.stdout, re.DOTALL)
    assert body, ran.stderr[-2000:]
    found = json.loads(unescape(body[1]))
    assert found.keys() == catalog.figures.keys()
    for name, sizes in found.items():
        for one in sizes:
            assert one["edge"] == 0, f"{name} is cut off"
            assert 0.02 < one["ink"] < 0.4, f"{name} is blank or a blot"
