"""All pictures as files: one each, two sheets that show many at once, and a page of them."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from textwrap import wrap

from lumbar.pictures.outline import Box, Shape, number
from lumbar.pictures.picture import MARGIN, inner, laid_out, picture
from lumbar.pictures.style import WHOLE, style
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.items import Kind

SHEETS: Mapping[str, tuple[Kind, int]] = {  # each with its kind and how many stand side by side
    "techniques.svg": ("massage", 5),
    "exercises.svg": ("exercise", 6),
}
_WIDE, _HIGH, _WORDS = 220, 220, 46  # a cell of a sheet, and the lines for its name
_PAGE = """:root { color-scheme: light dark; --paper: #fbfaf6; --ink: #1c2a30; --soft: #4a5a61; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #11181b; --ink: #eaf0f1; --soft: #b4c0c4; }
}
body { max-width: 60rem; margin: 0 auto; padding: 16px; background: var(--paper);
  color: var(--ink); font: 18px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; font-weight: 650; }
p { max-width: 34rem; color: var(--soft); }
figure { margin: 0 0 32px; display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
img { max-width: 100%; height: auto; }
@media print { figure { break-inside: avoid; } }
"""


def gallery(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield every file by its path: the pictures, the sheets and the page."""
    for name in catalog.figures:
        yield f"{name}.svg", picture(catalog, name)
    for name, (kind, columns) in SHEETS.items():
        if _drawn_of(catalog, kind):
            yield name, sheet(catalog, kind, columns)
    yield "index.html", _page(catalog)


def _drawn_of(catalog: Catalog, kind: Kind) -> list[str]:
    """Return the items of a kind that are drawn, in the order of the plan."""
    sections = (one for one in catalog.limits.sections if one.kind == kind)
    return [one for section in sections for one in section.order if one in catalog.figures]


def sheet(catalog: Catalog, kind: Kind, columns: int) -> str:
    """Return all pictures of a kind as one, each with its name."""
    names = _drawn_of(catalog, kind)
    drawn = [laid_out(catalog.figures[one]) for one in names]
    wide = MARGIN + columns * (_WIDE + MARGIN)
    high = MARGIN + -(-len(names) // columns) * (_HIGH + _WORDS + MARGIN)
    used = {shape.style for shapes, _ in drawn for shape in shapes}
    words = f".{WHOLE} text{{fill:var(--ink);text-anchor:middle;font:14px system-ui,sans-serif}}"
    title = escape(catalog.words.sections[kind].title, quote=False)
    cells = "".join(
        _cell(catalog.items[name].name, one, *divmod(place, columns))
        for place, (name, one) in enumerate(zip(names, drawn, strict=True))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{WHOLE}" role="img" '
        f'viewBox="0 0 {wide:g} {high:g}" aria-labelledby="sheet-title">'
        f'<title id="sheet-title">{title}</title><style>{style(used)}{words}</style>'
        f'<rect class="paper" width="{wide:g}" height="{high:g}" rx="10"/>{cells}</svg>\n'
    )


def _cell(name: str, drawn: tuple[Sequence[Shape], Box], row: int, column: int) -> str:
    """Return one picture of a sheet, with its name below."""
    shapes, box = drawn
    x, y = MARGIN + column * (_WIDE + MARGIN), MARGIN + row * (_HIGH + _WORDS + MARGIN)
    size = " ".join(number(one) for one in (box.left, box.top, box.width, box.height))
    words = "".join(
        f'<text x="{x + _WIDE / 2:g}" y="{y + _HIGH + 18 * line:g}">'
        f"{escape(said, quote=False)}</text>"
        for line, said in enumerate(wrap(name, 28), 1)
    )
    return (
        f'<svg x="{x:g}" y="{y:g}" width="{_WIDE}" height="{_HIGH}" viewBox="{size}">'
        f"{inner(shapes, box)}</svg>{words}"
    )


def _page(catalog: Catalog) -> str:
    """Return the page that shows each picture small and large."""
    words = catalog.words.pictures
    title, intro = (escape(one, quote=False) for one in (words.title, words.intro))
    parts = [f"<h1>{title}</h1>", f"<p>{intro}</p>"]
    for kind, section in catalog.words.sections.items():
        names = _drawn_of(catalog, kind)
        if names:
            parts.append(f"<h2>{escape(section.title, quote=False)}</h2>")
        for name in names:
            item = catalog.items[name]
            summary = escape(catalog.operator.fill(item.summary), quote=False)
            small, large = (
                f'<img src="{name}.svg" width="{size}" alt="{said}">'
                for size, said in ((160, ""), (480, escape(item.name)))
            )
            parts.append(f"<h3>{escape(item.name, quote=False)}</h3>\n<p>{summary}</p>")
            parts.append(f"<figure>{small}{large}</figure>")
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_PAGE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )
