"""An item's picture: its frames laid out on one canvas, with words for those who cannot see it."""

import re
from collections.abc import Sequence
from html import escape
from math import log

from lumbar.pictures.checking import bad_poses
from lumbar.pictures.drawing import frame_shapes
from lumbar.pictures.frames import resolved
from lumbar.pictures.outline import Box, Shape, arrow, lines, number, union
from lumbar.pictures.style import WHOLE, plain, style
from lumbar.reading.problems import BadCatalogError, Problem
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.figures import Figure

MARGIN, GAP = 9.0, 26.0
_BEST = 1.3  # how wide a canvas is best, as a part of its height


def picture(catalog: Catalog, item_id: str, styled: bool = True) -> str:
    """Return the picture of an item as SVG; without its style where a page has that already.

    Raises KeyError where the item has none, and BadCatalogError where no body can do it.
    """
    drawn, item = _drawn(catalog, item_id), catalog.items[item_id]
    said = " ".join((item.summary, *getattr(item, "steps", ())))
    name = f"picture-{re.sub(r'[^a-z]+', '-', item_id)}"
    return document(name, (item.name, catalog.operator.fill(said)), drawn, styled)


def plain_picture(catalog: Catalog, item_id: str) -> str:
    """Return the picture of an item in black and white, without a word, for programs that know
    little of SVG. Raises as `picture` does.
    """
    shapes, box = _drawn(catalog, item_id)
    paths = "".join(
        f'<path style="{look}" d="{one.written()}"/>' for one in shapes for look in plain(one.style)
    )
    size = " ".join(number(one) for one in (box.left, box.top, box.width, box.height))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}">{paths}</svg>'


def _drawn(catalog: Catalog, item_id: str) -> tuple[Sequence[Shape], Box]:
    """Return the shapes of an item's picture, if a body can do it."""
    figure = catalog.figures[item_id]
    if wrong := [
        Problem(file, 0, 0, code, said, hint)
        for file, _, code, said, hint in bad_poses({item_id: figure})
    ]:
        raise BadCatalogError(wrong)
    return laid_out(figure)


def document(
    name: str, words: tuple[str, str], drawn: tuple[Sequence[Shape], Box], styled: bool = True
) -> str:
    """Return shapes as SVG with a title and a description."""
    title, said = (escape(one, quote=False) for one in words)
    shapes, box = drawn
    size = " ".join(number(one) for one in (box.left, box.top, box.width, box.height))
    look = f"<style>{style(one.style for one in shapes)}</style>" if styled else ""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{WHOLE}" viewBox="{size}" '
        f'role="img" aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
        f'<title id="{name}-title">{title}</title><desc id="{name}-desc">{said}</desc>'
    )
    return f"{head}{look}{inner(shapes, box)}</svg>\n"


def inner(shapes: Sequence[Shape], box: Box) -> str:
    """Return the paper and all shapes on it."""
    paper = (
        f'<rect class="paper" x="{number(box.left)}" y="{number(box.top)}" '
        f'width="{number(box.width)}" height="{number(box.height)}" rx="10"/>'
    )
    return paper + "".join(f'<path class="{one.style}" d="{one.written()}"/>' for one in shapes)


def laid_out(figure: Figure) -> tuple[list[Shape], Box]:
    """Return the shapes of all frames on one canvas, and the canvas."""
    frames = [frame_shapes(figure, frame, place) for place, frame in enumerate(resolved(figure), 1)]
    boxes = [union(shape.box for shape in shapes) for shapes in frames]
    row = figure.arrange == "row" or (figure.arrange == "by_shape" and _rather_a_row(boxes))
    if figure.floor:
        ends = union(boxes)
        for shapes, box in zip(frames, boxes, strict=True):
            wide = box if row else ends
            shapes.insert(0, lines("thing", [[(wide.left - 3, 0), (wide.right + 3, 0)]], 0.5))
        boxes = [union(shape.box for shape in shapes) for shapes in frames]
    placed: list[Shape] = []
    end = 0.0
    for place, (shapes, box) in enumerate(zip(frames, boxes, strict=True)):
        if place:
            if figure.joined != "or":
                placed.append(_next(placed, row, end, figure.joined == "back_and_forth"))
            end += GAP
        x, y = (end - box.left, 0.0) if row else (0.0, end - box.top)
        placed += [one.moved(x, y) for one in shapes]
        end += box.width if row else box.height
    return placed, union(one.box for one in placed).grown(MARGIN)


def _rather_a_row(boxes: Sequence[Box]) -> bool:
    """Return whether side by side is nearer to the best canvas than one over the other."""
    gaps = GAP * (len(boxes) - 1)
    widest, highest = max(one.width for one in boxes), max(one.height for one in boxes)
    row = (sum(one.width for one in boxes) + gaps) / highest
    column = widest / (sum(one.height for one in boxes) + gaps)
    return abs(log(row / _BEST)) <= abs(log(column / _BEST))


def _next(placed: Sequence[Shape], row: bool, end: float, both_ways: bool) -> Shape:
    """Return the arrow from one frame to the next."""
    box = union(one.box for one in placed)
    if row:
        y = (box.top + box.bottom) / 2
        return arrow((end + 5, y), (end + GAP - 5, y), both_ways=both_ways)
    x = (box.left + box.right) / 2
    return arrow((x, end + 5), (x, end + GAP - 5), both_ways=both_ways)
