"""Numbers over time as an SVG drawing: a line and a mark for each series, told apart by shape."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lumbar.pictures.style import WHOLE

_LEFT, _RIGHT, _TOP, _HIGH = 24, 300, 8, 120  # where 0 and the end, the most and 0 stand
Series = Sequence[int | None]


def chart(times: Sequence[int], every: Sequence[Series], most: int) -> str:
    """Return a drawing of series of numbers from 0 to `most`, each with a number a time.

    `times` ascend, such as days. The first series is a whole line with discs, the second a dashed
    one with squares. A gap stays a gap. It holds no word: a table beside it says the same.
    """
    parts = [*_grid(most)]
    for place, series in enumerate(every):
        points = list(_points(times, series, most))
        parts += _line(points, dashed=place > 0)
        parts += (_mark(*point, square=place > 0) for point in points if point is not None)
    box = f"0 0 {_RIGHT + _TOP} {_HIGH + 2 * _TOP}"
    return f'<svg class="{WHOLE} chart" viewBox="{box}" aria-hidden="true">{"".join(parts)}</svg>'


Point = tuple[float, float] | None


def _points(times: Sequence[int], series: Series, most: int) -> Iterator[Point]:
    first, long = times[0], max(times[-1] - times[0], 1)
    for time, number in zip(times, series, strict=True):
        x = _LEFT + 8 + (_RIGHT - _LEFT - 16) * (time - first) / long
        yield None if number is None else (x, _height(number, most))


def _height(number: int, most: int) -> float:
    return _TOP + _HIGH * (1 - number / most)


def _grid(most: int) -> Iterator[str]:
    for number in (0, most // 2, most):
        y = _height(number, most)
        yield f'<path class="mark" stroke-width=".6" d="M{_LEFT} {y:g}H{_RIGHT}"/>'
        yield f'<text class="number" x="{_LEFT - 6}" y="{y + 4:g}">{number}</text>'


def _line(points: Sequence[Point], dashed: bool) -> Iterator[str]:
    look = 'class="thing" stroke-dasharray="5 4"' if dashed else 'class="arrow"'
    for one, other in pairwise(points):
        if one and other:
            yield f'<path {look} d="M{one[0]:g} {one[1]:g}L{other[0]:g} {other[1]:g}"/>'


def _mark(x: float, y: float, square: bool) -> str:
    if square:
        return f'<rect class="ring" x="{x - 3.5:g}" y="{y - 3.5:g}" width="7" height="7"/>'
    return f'<circle class="hand" cx="{x:g}" cy="{y:g}" r="4"/>'
