"""Every movement has a picture of a body that could do it, whole, legible, and told in words."""

import re
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from edits import TOY, copied

from lumbar import BadCatalogError, Catalog, load
from lumbar.pictures import body
from lumbar.pictures.flesh import parts
from lumbar.pictures.frames import resolved
from lumbar.pictures.gallery import SHEETS, sheet
from lumbar.pictures.outline import Circle, hulls
from lumbar.pictures.picture import picture, plain_picture
from lumbar.pictures.posing import SIDES, place
from lumbar.pictures.regions import body as whole_body
from lumbar.pictures.regions import region
from lumbar.pictures.space import Point, two_bones
from lumbar.pictures.standing import bodies, posed
from lumbar.pictures.style import style
from lumbar.reading.paths import data_root
from lumbar.review.check import check
from lumbar.review.compare.fields import entries
from lumbar.rulebook.figures import Frame, Spot
from lumbar.rulebook.items import kind_of
from lumbar.rulebook.questionnaire import Region

DRAWN = {"massage", "exercise", "rest"}
SVG = "{http://www.w3.org/2000/svg}"
NAMES = sorted(
    path.relative_to(data_root() / "content" / "figures").with_suffix("").as_posix()
    for path in (data_root() / "content" / "figures").rglob("*.yaml")
)
each = pytest.mark.parametrize("name", NAMES)


def points(path: str) -> list[tuple[float, float]]:
    """Return every point of a path that is written as the pictures write it."""
    found = []
    for letter, said in re.findall(r"([MLAQZ])([^MLAQZ]*)", path):
        numbers = [float(one) for one in said.split()]
        if letter == "A":
            numbers = numbers[5:]
        found += list(zip(numbers[::2], numbers[1::2], strict=True))
    return found


def test_every_massage_exercise_and_rest_has_a_picture(catalog: Catalog) -> None:
    wanted = {name for name in catalog.items if kind_of(name) in DRAWN}
    assert catalog.figures.keys() == wanted == set(NAMES)


def test_every_position_of_rest_that_is_told_is_drawn(catalog: Catalog) -> None:
    """On the back, on the side with a pillow between the knees, and leaning back."""
    figure = catalog.figures["rest/relative_rest"]
    assert [(one.facing, one.turn) for one in resolved(figure)] == [(0, -90), (90, 90), (0, -32)]
    pillows = [one for one in figure.props if (one.kind, one.frames) == ("pillow", (2,))]
    assert [one.in_front for one in pillows] == [False, True], "under the head, between the knees"


@each
def test_a_picture_is_small_and_loads_and_runs_nothing(catalog: Catalog, name: str) -> None:
    text = picture(catalog, name)
    assert len(text.encode()) < 12_000
    tags = {one.tag.removeprefix(SVG) for one in ET.fromstring(text).iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "path"}
    assert not re.search(r"url\(|@import|@font-face|href|\son\w+=", text)


@each
def test_a_picture_says_what_it_shows(catalog: Catalog, name: str) -> None:
    svg, item = ET.fromstring(picture(catalog, name)), catalog.items[name]
    title, said = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None and title.text == item.name
    assert said is not None and said.text is not None
    for part in (item.summary, *item.steps):
        assert catalog.operator.fill(part) in said.text
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == (
        title.get("id"),
        said.get("id"),
    )


@each
def test_nothing_is_cut_off_and_something_is_there(catalog: Catalog, name: str) -> None:
    svg = ET.fromstring(picture(catalog, name))
    left, top, width, height = map(float, svg.get("viewBox", "").split())
    drawn = [point for path in svg.iter(f"{SVG}path") for point in points(path.get("d", ""))]
    for x, y in drawn:
        assert left + 5 <= x <= left + width - 5
        assert top + 5 <= y <= top + height - 5
    assert len(drawn) > 100
    xs, ys = zip(*drawn, strict=True)
    assert max(xs) - min(xs) > width / 2 and max(ys) - min(ys) > height / 3


@each
def test_no_joint_goes_further_than_it_can_and_hands_and_feet_are_where_they_belong(
    catalog: Catalog, name: str
) -> None:
    for _, bones in bodies(catalog.figures[name]):
        assert list(bones.wrong()) == []
        for part, target in bones.wanted.items():
            side, _, limb = part.partition(" ")
            there = bones.joints[f"{side} palm"] if limb == "hand" else foot(bones, side)
            assert (there - target).length < 1.5, part


def foot(bones, side):
    return bones.joints[f"{side} ankle"] - Point(0, body.SOLE, 0)


@each
def test_nothing_sinks_into_the_floor(catalog: Catalog, name: str) -> None:
    for _, bones in bodies(catalog.figures[name]):
        balls = [ball for hull in parts(bones).values() for one in hull for ball in one]
        assert min(ball.at.y - ball.radius for ball in balls) > -4


@each
def test_it_is_the_same_body_in_all(catalog: Catalog, name: str) -> None:
    for _, bones in bodies(catalog.figures[name]):
        for side in SIDES:
            for first, last, length in (
                ("hip", "knee", body.THIGH), ("knee", "ankle", body.SHANK),
                ("shoulder", "elbow", body.UPPER_ARM), ("elbow", "wrist", body.FOREARM),
                ("wrist", "palm", body.PALM),
            ):  # fmt: skip
                bone = bones.joints[f"{side} {first}"] - bones.joints[f"{side} {last}"]
                assert bone.length == pytest.approx(length, abs=0.05)


def test_pictures_are_told_apart(catalog: Catalog) -> None:
    drawn = [re.sub(r"<(title|desc).*?</\1>| id=\S+", "", picture(catalog, one)) for one in NAMES]
    assert len(set(drawn)) == len(NAMES)


def test_the_same_catalog_gives_the_same_bytes(catalog: Catalog) -> None:
    assert all(picture(catalog, one) == picture(load(), one) for one in NAMES[:3])


def test_a_pose_that_nobody_can_do_is_told_with_its_file_and_a_hint(tmp_path: Path) -> None:
    root = copied(TOY, tmp_path)
    file = root / "content" / "figures" / "exercise" / "bridge.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("frames:\n  - {hips: [0, 90], arms: {hand: [200, 90]}}\n", encoding="utf-8")
    found = check(root)
    assert [(one.file, one.line, one.code) for one in found] == [
        ("content/figures/exercise/bridge.yaml", 2, "bad-pose")
    ] * 2
    assert "the left hand falls" in found[0].message and found[0].hint
    with pytest.raises(BadCatalogError, match=r"bridge\.yaml bad-pose"):
        picture(load(root), "exercise/bridge")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("exercise/bridge", "frames: [{knees: 5}]\n", "unknown-key"),
        ("exercise/bridge", "frames: [{legs: {knee: bent}}]\n", "wrong-type"),
        ("exercise/bridge", "frames: []\n", "bad-value"),
        ("exercise/bridge", "props: []\n", "missing-key"),
        ("exercise/nothing", "frames: [{}]\n", "stray-file"),
        ("bridge", "frames: [{}]\n", "stray-file"),
    ],
)
def test_a_figure_that_is_none_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    root = copied(TOY, tmp_path)
    file = root / "content" / "figures" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert {one.code for one in check(root)} == {code}
    with pytest.raises(BadCatalogError):
        load(root)


def test_a_frame_says_only_what_changes(catalog: Catalog) -> None:
    first, second = resolved(catalog.figures["exercise/knee_hug"])
    assert first.left_leg == second.left_leg != second.right_leg
    assert second.hips == first.hips and second.arrow and not first.arrow


@pytest.mark.parametrize("target", [(40, 0, 0), (10, 30, 5), (0, -60, 20), (500, 0, 0), (1, 0, 0)])
def test_two_bones_reach_as_far_as_they_can(target: tuple[float, float, float]) -> None:
    root, wanted = Point(0, 0, 0), Point(*target)
    middle, end, short = two_bones(root, wanted, (29, 25), Point(0, 1, 0))
    assert middle.length == pytest.approx(29, abs=0.01)
    assert (end - middle).length == pytest.approx(25, abs=0.01)
    assert short == pytest.approx((wanted - end).length)
    assert short < 0.1 or not 4 < wanted.length < 54
    assert middle.y >= end.y * middle.length / 60 - 30


def test_somebody_who_stands_is_as_tall_as_people_are_and_stands_on_the_floor() -> None:
    balls = [ball for hull in parts(posed(Frame())).values() for one in hull for ball in one]
    assert min(ball.at.y - ball.radius for ball in balls) == pytest.approx(0, abs=0.01)
    tall = max(ball.at.y + ball.radius for ball in balls)
    assert 155 < tall < 185
    head = 2 * (8.3 + 3)
    assert tall / head == pytest.approx(7.5, abs=0.6)


def test_a_changed_figure_is_told_by_a_comparison(catalog: Catalog) -> None:
    told = entries(data_root(), catalog)["figure", "exercise/bridge"]
    assert told.file == "content/figures/exercise/bridge.yaml"
    assert told.fields["joined"] == ("wording", ("back_and_forth",))


def test_hands_meet_what_they_hold(catalog: Catalog) -> None:
    *_, held = bodies(catalog.figures["exercise/knee_hug"])
    thigh = place(held[1], Spot(on="behind_thigh"), "right")
    assert all((held[1].joints[f"{side} palm"] - thigh).length < 1.5 for side in SIDES)


def test_an_outline_goes_round_every_circle() -> None:
    shape = hulls("x", [[Circle(0, 0, 10), Circle(30, 0, 4), Circle(12, 20, 6)]])
    drawn = points(shape.written())
    for circle in ((0, 0, 10), (30, 0, 4), (12, 20, 6)):
        assert all(dist(one, circle[:2]) >= circle[2] - 0.2 for one in drawn)
    assert [one.letter for one in shape.steps][-1] == "Z"
    assert all(one != after for one, after in pairwise(shape.steps))


def test_it_is_legible_by_day_by_night_and_in_grey() -> None:
    sheets = re.findall(
        r"--card:(#\w+);--shade:(#\w+);--ink:(#\w+);--soft:(#\w+);--accent:(#\w+)", style()
    )
    assert len(sheets) == 3
    for card, shade, ink, soft, accent in sheets:
        assert contrast(ink, card) > 12 and contrast(accent, card) > 7
        assert contrast(soft, card) > 3 and contrast(ink, shade) > 7
        assert contrast(shade, card) > 1.2, "far limbs are told from near ones"


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("file", SHEETS)
def test_the_sheets_that_are_shown_are_those_that_would_be_drawn(
    catalog: Catalog, file: str
) -> None:
    shown = Path(__file__).parents[2] / "docs" / "pictures" / file
    assert shown.read_text(encoding="utf-8") == sheet(catalog, *SHEETS[file]), (
        "run `lumbar pictures DIR` and copy the sheets to docs/pictures/"
    )


def test_a_plain_picture_asks_for_no_variable_and_no_order_of_painting(catalog: Catalog) -> None:
    for name in catalog.figures:
        text = plain_picture(catalog, name)
        looks = [one.get("style", "") for one in ET.fromstring(text).iter(f"{SVG}path")]
        assert looks
        assert not re.search(r"var\(|class=|#(?!fff|ddd|000|555|333)", text)
        for look, above in pairwise([*looks, ""]):
            if "paint-order" in look and "stroke:none" not in look:
                assert above == f"{look};stroke:none", "its inside is painted over its outline"


def test_every_region_lies_on_the_body_in_its_order_from_the_head_down() -> None:
    shown = ET.fromstring(whole_body())
    left, top, wide, high = (float(one) for one in shown.attrib["viewBox"].split())
    body_ends = points(" ".join(one.attrib["d"] for one in shown.iter("path")))
    heights = []
    for name in get_args(Region):
        drawn = ET.fromstring(region([name]))
        assert drawn.attrib == shown.attrib, "it lies over the body"
        ends = points(drawn[0].attrib["d"])
        assert all(left < x < left + wide and top < y < top + high for x, y in ends)
        assert min(x for x, _ in body_ends) < min(x for x, _ in ends)
        assert max(y for _, y in body_ends) > max(y for _, y in ends)
        heights.append(sum(y for _, y in ends) / len(ends))
    assert heights == sorted(heights)
