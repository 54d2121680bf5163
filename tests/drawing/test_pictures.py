"""Pictures of reliances, spans of time and levels: they say in words all that they draw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building import examples
from placet.drawing.levels import Ahead, Figure, level_charts
from placet.drawing.reliance_map import reliance_maps
from placet.drawing.spans import Bar, Row, time_spans
from placet.drawing.svg import width_of
from placet.operations.scenarios.scenario import load_scenario
from placet.registry import parse_moment, parse_start

SVG = "{http://www.w3.org/2000/svg}"
DAY = parse_moment("2025-07-01")
PHONE = 334.0
"""How wide a picture can be on a phone of 400 pixels, within its card."""
SCENARIOS = Path(__file__).parents[2] / "scenarios"
FOLDERS = [each.name for each in SCENARIOS.iterdir() if (each / "registry.yaml").is_file()]


def inside(picture: str) -> ET.Element:
    """Read a picture, and check that nothing in it is styled in place, run, or out of its frame."""
    root = ET.fromstring(picture)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for each in root.iter():
        assert "style" not in each.attrib
        assert each.tag != f"{SVG}script"
        if each.tag == f"{SVG}rect":
            x, y = float(each.get("x", 0)), float(each.get("y", 0))
            assert -0.1 <= x <= x + float(each.attrib["width"]) <= width + 0.1
            assert -0.1 <= y <= y + float(each.attrib["height"]) <= height + 0.1
    return root


def both(pictures: tuple[str, str]) -> tuple[ET.Element, ET.Element]:
    """Read a picture as it is across and as a phone has it: narrow, and with ids of its own."""
    across, down = map(inside, pictures)
    assert float(down.attrib["width"]) <= PHONE
    ids = [
        each.attrib["id"] for root in (across, down) for each in root.iter() if "id" in each.attrib
    ]
    assert len(ids) == len({*ids})
    return across, down


def described(root: ET.Element) -> str:
    """Return what a picture says to somebody who cannot see it."""
    found = root.find(f"{SVG}desc")
    assert found is not None
    return found.text or ""


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_items_reliances_can_be_drawn(folder: str) -> None:
    """Of every item of every scenario, all that it relies on is drawn, and told in words."""
    registry = load_scenario(SCENARIOS / folder).registry
    for key in registry.record.items:
        for root in both(reliance_maps(registry, key, DAY, {})):
            nodes = {each.get("data-node") for each in root.iter() if each.get("data-node")}
            assert f"item:{key}" in nodes
            for reliance in registry.reliances_of.get(key, ()):
                if reliance.standing(DAY, None).presence.value != "out":
                    assert f"item:{reliance.on}" in nodes
                    assert registry.item(reliance.on).name in described(root)


def test_a_withdrawn_service_is_drawn_as_withdrawn() -> None:
    """What cannot be had is told by word and by the look of its box, and the legend names it."""
    registry = load_scenario(SCENARIOS / "ukraine-long-range").registry
    given_ = {"us-targeting-data": "withdrawn"}
    for away in reliance_maps(registry, "storm-shadow", DAY, given_):
        assert "withdrawn" in described(inside(away))
        assert "Withdrawn" in away
    assert "Withdrawn" not in "".join(reliance_maps(registry, "storm-shadow", DAY, {}))


STARTS = st.one_of(
    st.none(),
    st.sampled_from(["2009", "2024-11", "2025-04-20/2025-06-20", "2026"]).map(parse_start),
)
BARS = st.builds(Bar, STARTS, STARTS, st.sampled_from(["in force", "over", "acting", "odd"]))


@given(st.lists(st.builds(Row, st.text(max_size=60), st.lists(BARS, max_size=3).map(tuple))))
@examples(60)
def test_spans_stay_in_their_frame_and_are_told(rows: list[Row]) -> None:
    """Whatever the dates, no bar leaves the picture, and each is told with its dates."""
    bars = [bar for row in rows for bar in row.bars]
    for root in both(time_spans("line", "A time line", rows, DAY)):
        told = described(root)
        assert all(str(bar.start) in told for bar in bars if bar.start)
        titles = list(root.iter(f"{SVG}title"))
        assert len(titles) == 1 + len(bars)


def test_the_word_of_a_bar_is_whole_or_not_there() -> None:
    """It stands in its bar, shortened to the status where that fits, else beside; never cut off."""
    ends = ("2021-01-01", "2020-04-15", "2020-02-01")
    bars = [
        Bar(parse_start("2020-01-01"), parse_start(end), "superseded", "superseded, undeclared")
        for end in ends
    ]
    rows = [Row(str(at), (bar,)) for at, bar in enumerate(bars)]
    for root in both(time_spans("line", "A time line", rows, DAY)):
        said = [each.text or "" for each in root.iter(f"{SVG}text")]
        assert not any("…" in each for each in said)
        assert sum(each.startswith("superseded") for each in said) == len(bars)


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
    st.one_of(st.none(), st.integers(0, 10**6)),
    st.integers(-(10**6), 10**6),
)
@examples(60)
def test_levels_stay_in_their_frame_and_are_told(
    levels: list[int], floor: int | None, left: int
) -> None:
    """Whatever the figures, nothing leaves the picture, and each figure is told."""
    figures = [
        Figure(datetime(2020 + at, 1, 1, tzinfo=UTC), level) for at, level in enumerate(levels)
    ]
    ahead = Ahead(left, left - 5)
    for root in both(level_charts("stock", "A stock", figures, (floor, None), ahead, DAY)):
        told = described(root)
        assert all(f"{each} from" in told for each in levels)
        assert str(left) in told
        assert floor is None or f"the floor is {floor}" in told


@pytest.mark.parametrize(
    ("levels", "floor", "yellow"),
    [((310, 265, 220), 120, 240), ((40, 14), 8, 16), ((16, 15), 8, 16), ((999_999, 3), 10, 20)],
)
def test_words_of_a_stock_stand_clear_of_one_another_and_of_the_trend(
    levels: tuple[int, ...], floor: int, yellow: int
) -> None:
    """The last day and `now` do not run together; across, no trend crosses the name of a limit."""
    figures = [
        Figure(datetime(2023 + at, 10, 1, tzinfo=UTC), each) for at, each in enumerate(levels)
    ]
    ahead = Ahead(levels[-1], max(levels[-1] - 5, 0))
    for root in both(level_charts("stock", "A stock", figures, (floor, yellow), ahead, DAY)):
        boxes = dict(_written(root))
        feet = [box for box in boxes.values() if box[3] > 280]
        assert not any(_meet(one, other) for one, other in combinations(feet, 2))
        limits = [box for text, box in boxes.items() if text.startswith(("yellow", "floor"))]
        assert len(limits) == 2
        if float(root.attrib["width"]) > PHONE:
            assert not any(_meet(run, box) for run in _trend(root) for box in limits)


def _written(root: ET.Element) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    for each in root.iter(f"{SVG}text"):
        text, size = each.text or "", float(each.attrib["font-size"])
        wide = width_of(text, size, bold="font-weight" in each.attrib)
        left = float(each.attrib["x"]) - (wide / 2 if "text-anchor" in each.attrib else 0)
        base = float(each.attrib["y"])
        yield text, (left, base - size * 0.7, left + wide, base)


def _trend(root: ET.Element) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight pieces of the trend, which is drawn by H and V."""
    path = next(each for each in root.iter(f"{SVG}path")).attrib["d"]
    start, *steps = re.findall(r"[MHV][^MHV]+", path)
    x, y = map(float, start[1:].split())
    for step in steps:
        to = float(step[1:])
        end = (to, y) if step[0] == "H" else (x, to)
        yield (min(x, end[0]), min(y, end[1]), max(x, end[0]), max(y, end[1]))
        x, y = end


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ) or (
        one[0] == one[2]
        and other[0] < one[0] < other[2]
        and one[1] < other[3]
        and other[1] < one[3]
    )
