"""The consent map says everything, overlaps nothing, and lets no name out of its box."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from building import examples
from placet.determination import (
    SEMANTICS,
    Authority,
    Determination,
    FactUsed,
    LineAnswer,
    Outstanding,
    PartyAnswer,
    Required,
    Reviewer,
    RightFound,
    RuleHeard,
    determine,
)
from placet.drawing.consent_map import Said, consent_map, consent_maps
from placet.drawing.layered import Arc, place
from placet.drawing.stacked import lanes_of
from placet.drawing.svg import cleaned, safe_link, width_of, wrapped
from placet.operations.scenarios.scenario import load_filed, load_scenario
from placet.registry import Registry, RegistryRecord, Request

SVG = "{http://www.w3.org/2000/svg}"
SCENARIOS = Path(__file__).parents[2] / "scenarios"
WORDS = {"clear": "clear", "review": "must say yes", "refuse": "refuses", "open": "open:"}
REQUEST = Request.model_validate(
    {
        "request": "sale",
        "title": "Sale of twelve aircraft",
        "applicant": "HU",
        "actor": "HU",
        "activity": "retransfer",
        "lines": {"one": {"item": "aircraft", "quantity": "12"}},
    }
)
REGISTRY = Registry(RegistryRecord())


def required(outcome: str, *offices: str) -> Required:
    """Return what is required: an outcome, by offices."""
    by = tuple(Reviewer(each, each.title(), 1, False) for each in offices)
    return Required(outcome, by, (), (), ())


def right(path: tuple[str, ...], outcome: str, **more: Any) -> RightFound:
    """Return a right over the last item of a path."""
    item = path[-1] if path else ""
    plain = RightFound(
        "one", "origin", item, "use", path, (), "", "", "right", True, outcome, "so", ()
    )
    return replace(plain, **more)


def party(name: str, outcome: str, *rights: RightFound, **more: Any) -> PartyAnswer:
    """Return a party's answer; an open one runs from clear to review."""
    least, most = ("clear", "review") if outcome == "open" else (outcome, outcome)
    offices = ("office",) if most == "review" else ()
    plain = PartyAnswer(
        name,
        name,
        outcome,
        required(least),
        required(most, *offices),
        offices,
        False,
        "so the book says",
        (),
        rights,
        (),
        outcome != "open",
    )
    return replace(plain, **more)


def determination(*parties: PartyAnswer, **more: Any) -> Determination:
    """Return a determination in which these parties have a say."""
    interval = {"at_least": required("review"), "at_most": required("review", "office")}
    plain = Determination(
        request="sale",
        at="2026-03-01",
        known_at=None,
        announced_only=False,
        context="c",
        request_digest="r",
        outcome="review",
        at_least="review",
        at_most="review",
        interval=interval,
        proceed=True,
        why_not=(),
        parties=parties,
        route=(),
        lines=(LineAnswer("one", "aircraft", "review", "review", "review", {}),),
        open_questions=(),
        provisos=(),
        steps=(),
        provided=(),
        advice=(),
        authority=(),
        set_aside=(),
        flags=(),
        facts=(),
        semantics=SEMANTICS,
    )
    return replace(plain, **more)


def held(path: tuple[str, ...], outcome: str) -> RightFound:
    """Return a right as a party of that outcome holds it: one that may be absent if it is open."""
    certain = outcome != "open"
    return right(path, outcome if certain else "review", certain=certain)


SAYS: list[tuple[str, list[tuple[str, ...]]]] = [
    ("review", [("aircraft",), ("aircraft", "engine")]),
    ("clear", [("aircraft", "radar", "modules")]),
    ("refuse", [("missile", "seeker"), ("aircraft", "radar")]),
    ("review", [("missile",), ("aircraft", "data")]),
    ("open", [("aircraft", "radar", "software")]),
    ("clear", [("missile", "data")]),
    ("review", [("aircraft",), ("missile",)]),
    ("review", [("missile", "seeker"), ("aircraft", "engine")]),
    ("clear", [("aircraft",)]),
    ("review", [("aircraft", "radar", "modules"), ("missile",)]),
]
MANY = determination(
    *(
        party(f"Party {index:02}", outcome, *(held(path, outcome) for path in paths))
        for index, (outcome, paths) in enumerate(SAYS)
    ),
    why_not=(Outstanding("withdrawn", "data", "The data are withdrawn."),),
)


def drawn(found: Determination, **more: Any) -> ET.Element:
    """Return the picture of a determination, read back."""
    return ET.fromstring(consent_map(found, REQUEST, REGISTRY, **more))


def both(found: Determination, **more: Any) -> tuple[ET.Element, ET.Element]:
    """Return the picture of a determination from left to right, and from top to bottom."""
    across, down = consent_maps(found, REQUEST, REGISTRY, **more)
    return ET.fromstring(across), ET.fromstring(down)


def nodes(svg: ET.Element) -> dict[str, ET.Element]:
    """Return the boxes of a picture by key."""
    return {each.attrib["data-node"]: each for each in svg if "data-node" in each.attrib}


def texts(node: ET.Element) -> str:
    """Return the text that is seen in a box, in one line."""
    return " ".join("".join(each.itertext()) for each in node.iter(f"{SVG}text"))


def frame(rect: ET.Element) -> tuple[float, float, float, float]:
    """Return a rectangle's left, top, right and bottom."""
    x, y, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def box(node: ET.Element) -> tuple[float, float, float, float]:
    """Return where a node's box lies."""
    found = node.find(f"{SVG}rect")
    assert found is not None
    return frame(found)


def curves(svg: ET.Element) -> list[ET.Element]:
    """Return the lines of a picture, without their arrow heads."""
    found = svg.find(f"{SVG}g[@aria-hidden]")
    assert found is not None
    return [each for each in found if "stroke" in each.attrib]


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Say whether two rectangles share no more than an edge."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def spread(text: ET.Element) -> tuple[float, float, float]:
    """Return where a text begins and ends, by our measure, and its base line."""
    x, size = float(text.attrib["x"]), float(text.attrib["font-size"])
    bold = text.attrib.get("font-weight") == "600"
    width = width_of("".join(text.itertext()), size, bold=bold)
    start = x - width / 2 if text.attrib.get("text-anchor") == "middle" else x
    return start, start + width, float(text.attrib["y"])


def assert_fits(svg: ET.Element) -> None:
    """Assert that every text is in its box and every box in the picture, clear of the others."""
    width, height = float(svg.attrib["width"]), float(svg.attrib["height"])
    found = [each for each in svg if "data-node" in each.attrib]
    for node in found:
        left, top, right_, bottom = box(node)
        assert left >= 0
        assert top >= 0
        assert right_ <= width
        assert bottom <= height
        for text in node.iter(f"{SVG}text"):
            start, end, line = spread(text)
            assert left + 10 <= start
            assert end <= right_ - 9.9
            assert top + 12 <= line <= bottom - 8
        chips = [frame(each) for each in node.iter(f"{SVG}rect")][1:]
        assert all(left < chip[0] and chip[2] < right_ for chip in chips)
        assert all(apart(*pair) for pair in combinations(chips, 2))
    assert all(apart(box(one), box(other)) for one, other in combinations(found, 2))
    assert_no_line_through_a_box(svg)


def assert_no_line_through_a_box(svg: ET.Element) -> None:
    """Assert that where a line passes a box, it passes beside it."""
    frames = [box(node) for node in nodes(svg).values()]
    for path in svg.iter(f"{SVG}path"):
        for x, y, way, to in re.findall(r"([\d.]+) ([\d.]+)([HV])([\d.]+)", path.attrib["d"]):
            one, other = (float(x), float(y)), float(to)
            end = (other, one[1]) if way == "H" else (one[0], other)
            run = (*map(min, one, end), *map(max, one, end))
            assert all(apart(run, each) for each in frames)


def test_every_party_is_shown_with_its_status_in_words() -> None:
    """Whoever has a say stands in the picture, and its answer can be read without colour."""
    found = nodes(drawn(MANY))
    for each in MANY.parties:
        shown = texts(found[f"party:{each.party}"])
        assert each.name in shown
        assert WORDS[each.outcome] in shown
        assert WORDS[each.outcome] in found[f"party:{each.party}"].attrib["aria-label"]


def test_every_item_is_shown_with_its_status_in_words() -> None:
    """Each item on the path of a right stands in the picture once, with what it amounts to."""
    found = {key: texts(node) for key, node in nodes(drawn(MANY)).items()}
    items = {item for each in MANY.parties for held in each.rights for item in held.path}
    assert {key for key in found if key.startswith("item:")} == {f"item:{each}" for each in items}
    assert "needs a yes" in found["item:engine"]
    assert "refused" in found["item:seeker"]
    assert "withdrawn" in found["item:data"]
    assert "open: clear or review" in found["item:software"]


def test_an_item_claims_no_more_than_the_parties_that_have_a_say_over_it() -> None:
    """Where every party may be clear, certain rights of each do not make its item need a yes."""
    over = (right(("aircraft",), "review"), right(("aircraft", "engine"), "review"))
    found = nodes(drawn(determination(party("GB", "open", *over), party("FR", "open", *over))))
    assert "open: clear or review" in texts(found["item:aircraft"])
    assert "open: clear or review" in texts(found["item:engine"])
    sure = nodes(drawn(determination(party("GB", "open", *over), party("FR", "review", *over))))
    assert "needs a yes" in texts(sure["item:aircraft"])


def test_an_item_without_a_right_of_its_own_claims_no_status() -> None:
    """An item that only leads on to another is shown, but nobody is said to be asked for it."""
    svg = drawn(determination(party("US", "review", right(("aircraft", "engine"), "review"))))
    assert "no say over this alone" in texts(nodes(svg)["item:aircraft"])


def test_the_columns_run_from_the_request_to_the_parties() -> None:
    """Reading from left to right follows the path of a right."""
    found = {key: box(node)[0] for key, node in nodes(drawn(MANY)).items()}
    path = ["request:sale", "item:aircraft", "item:radar", "item:modules", "party:Party 01"]
    assert all(found[one] < found[other] for one, other in pairwise(path))


def test_a_picture_of_ten_parties_and_eight_items_is_tidy() -> None:
    """No box overlaps another, no line runs through a box, and every text fits its box."""
    assert_fits(drawn(MANY))


def test_the_picture_for_a_narrow_screen_says_the_same_and_fits_a_phone() -> None:
    """Box by box, with the same words, statuses and links; and both can stand on one page."""
    across, down = both(MANY, link=lambda key: f"/{key}")
    assert_fits(down)
    assert float(down.attrib["width"]) <= 334

    def said(svg: ET.Element) -> list[tuple[str, ...]]:
        rects = {key: node.find(f"{SVG}rect") for key, node in nodes(svg).items()}
        return [
            (key, node.tag, node.attrib["href"], node.attrib["aria-label"], rect.attrib["fill"])
            for key, node in nodes(svg).items()
            if (rect := rects[key]) is not None
        ]

    assert said(across) == said(down)
    assert len(curves(across)) == len(curves(down))
    ids = [each.attrib["id"] for svg in (across, down) for each in svg if "id" in each.attrib]
    assert len(ids) == len(set(ids)) == 4


def test_from_top_to_bottom_the_path_of_a_right_runs_down() -> None:
    """The request is on top, beneath it the items, and at the end everyone who has a say."""
    found = {key: box(node)[1] for key, node in nodes(both(MANY)[1]).items()}
    path = ["request:sale", "item:aircraft", "item:radar", "item:modules", "party:Party 01"]
    assert all(found[one] < found[other] for one, other in pairwise(path))


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 9), st.sampled_from("ab")).filter(
            lambda each: each[0] < each[1]
        ),
        unique=True,
    )
)
def test_lines_that_are_not_alike_never_share_a_stretch_of_a_lane(
    drawn_: list[tuple[int, int, str]],
) -> None:
    """Where two lines run beside the same box in one lane, they are of one source and look."""
    arcs = [Arc(str(one), str(other), strand) for one, other, strand in drawn_]
    lanes = lanes_of([[str(each) for each in range(10)]], arcs)
    for one, other in combinations(arcs, 2):
        apart_ = int(one.target) <= int(other.source) or int(other.target) <= int(one.source)
        alike = (one.source, one.strand) == (other.source, other.strand)
        assert alike or apart_ or lanes[one] != lanes[other]


def test_the_first_box_says_how_many_of_what_who_asks_and_when_it_was_judged() -> None:
    """Nothing of it is cut, and moments read as everywhere on the pages."""
    long = "Sale of twelve aircraft with everything that belongs to them to another government"
    request = REQUEST.model_copy(update={"title": long})
    found = replace(MANY, at="2025-07-10T10:00:00Z", known_at="2025-07-11")
    for picture in consent_maps(found, request, REGISTRY):
        shown = texts(nodes(ET.fromstring(picture))["request:sale"])
        for said in ("12 \N{MULTIPLICATION SIGN} aircraft, asked for by Hungary", long):
            assert said in shown
        assert "judged as of 10 Jul 2025, 10:00 UTC" in shown
        assert "as known on 11 Jul 2025" in shown
        assert "…" not in shown


def test_the_same_determination_gives_the_same_bytes() -> None:
    """A picture can be compared and signed, because nothing in it is left to chance."""
    assert consent_map(MANY, REQUEST, REGISTRY) == consent_map(MANY, REQUEST, REGISTRY)


def test_the_picture_has_a_title_a_description_and_a_role() -> None:
    """A screen reader announces what the picture is, and can read all of it out."""
    svg = drawn(MANY)
    assert svg.attrib["role"] == "img"
    named = {each.attrib["id"]: each.text or "" for each in svg if "id" in each.attrib}
    title, about = (named[each] for each in svg.attrib["aria-labelledby"].split())
    assert "Sale of twelve aircraft" in title
    assert all(each.name in about for each in MANY.parties)


def test_the_legend_explains_the_statuses_in_use_and_no_others() -> None:
    """A reader is not made to look for what is not there."""
    shown = determination(party("US", "clear", right(("aircraft",), "clear")), outcome="clear")
    legend = next(each for each in drawn(shown) if "data-legend" in each.attrib)
    assert texts(legend) == "Clear"
    legend = next(each for each in drawn(MANY) if "data-legend" in each.attrib)
    assert texts(legend).startswith("Clear Must say yes Refused Open Withdrawn")


def test_lines_are_solid_where_the_answer_is_certain_and_dashed_where_it_is_awaited() -> None:
    """What is settled and what is still awaited differ in more than colour."""

    def dashes(outcome: str) -> set[str | None]:
        svg = drawn(determination(party("US", outcome, right(("aircraft",), outcome))))
        return {each.get("stroke-dasharray") for each in curves(svg)}

    assert dashes("clear") == dashes("refuse") == {None}
    assert dashes("review") == {"5 4"}


def test_who_is_waited_for_is_named() -> None:
    """An office is shown with the person who holds it and with what a reader must notice."""
    rule = RuleHeard(
        "US/p/r", "US/p", "Review of strikes", "applies", True, "review", "so", (), True, False,
        "confirmed", "",
    )  # fmt: skip
    reserved = Required("review", (Reviewer("us/secdef", "Secretary", 2, True),), (), (), ())
    asked = party(
        "US",
        "review",
        right(("aircraft",), "review", standing="possible right"),
        at_most=reserved,
        rules=(rule,),
        waits_for=("DE",),
    )
    authority = (Authority("us/secdef", "Secretary", ("Ann Example",), ()),)
    shown = texts(nodes(drawn(determination(asked, authority=authority)))["party:US"])
    said = ["Secretary · Ann Example", "2 persons", "reserved", "undeclared", "possible right"]
    for each in [*said, "Review of strikes", "by origin", "waits for Germany"]:
        assert each in shown


def test_a_withdrawn_service_is_shown_on_the_request_too() -> None:
    """Every consent may be in and the request still cannot proceed: that is said first."""
    shown = texts(nodes(drawn(MANY))["request:sale"])
    assert "Cannot proceed: data is withdrawn" in shown


def test_an_item_says_what_it_is_relied_on_as() -> None:
    """The kind of reliance comes from the facts that the right hangs on."""
    registry = Registry(
        RegistryRecord.model_validate(
            {
                "items": {"engine": {"name": "Turbofan", "origin": ["US"]}},
                "reliances": {"r": {"of": "aircraft", "on": "engine", "as": "component"}},
            }
        )
    )
    held = right(
        ("aircraft", "engine"), "review", facts=(FactUsed("reliances/r", "confirmed", ()),)
    )
    svg = consent_map(determination(party("US", "review", held)), REQUEST, registry)
    shown = texts(nodes(ET.fromstring(svg))["item:engine"])
    assert "Turbofan" in shown
    assert "as component · use" in shown


def test_reliances_that_run_in_a_circle_are_drawn_without_one() -> None:
    """Two items that rely on each other are both shown, and the drawing ends."""
    held = [right(("aircraft", "engine"), "review"), right(("engine", "aircraft"), "review")]
    svg = drawn(determination(party("US", "review", *held)))
    assert {"item:aircraft", "item:engine"} <= nodes(svg).keys()
    assert_fits(svg)


def test_a_party_without_a_right_hangs_on_the_request() -> None:
    """Nobody who has a say is left without a line."""
    svg = drawn(determination(party("US", "review"), lines=()))
    assert nodes(svg).keys() == {"request:sale", "party:US"}
    assert len(curves(svg)) == 1


def test_nodes_are_links_where_there_is_a_page() -> None:
    """Links can be reached by keyboard: an image would hide them, so it is a group then."""
    svg = drawn(MANY, link=lambda key: f"/cases/{key}" if key.startswith("party") else "")
    assert svg.attrib["role"] == "group"
    found = nodes(svg)
    assert found["party:Party 00"].tag == f"{SVG}a"
    assert found["party:Party 00"].attrib["href"] == "/cases/party:Party 00"
    assert found["item:engine"].tag == f"{SVG}g"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "http://["])
def test_an_address_that_is_no_page_is_no_link(address: str) -> None:
    """A link can only lead to a page."""
    assert safe_link(address) is None


HOSTILE = [
    '"><script>alert(1)</script>',
    "</title></svg>&amp;<![CDATA[",
    "\u202egnp.exe\u2066 \x00\x1b[31m \ud7ff\ufffe",
    "W" * 300,
    "\u05de\u05e9\u05e8\u05d3 \u0627\u0644\u062f\u0641\u0627\u0639 \ufdfd\ufdfd\ufdfd",
    "e" + "\u0301" * 50,
    "\u6f22\u5b57" * 40,
    "\u2e3b\U0001f680" * 20,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_and_stay_in_their_boxes(name: str) -> None:
    """Whatever an item, a party or an office is called, the picture is well-formed and in order."""
    office = Required("review", (Reviewer(name, name, 1, False),), ({"text": name},), (), ())
    asked = party(name, "review", right((name, "engine"), "review"), at_most=office)
    found = determination(asked, lines=(LineAnswer("one", name, "review", "review", "review", {}),))
    svg = drawn(found)
    assert_fits(svg)
    assert not [each for each in svg.iter() if each.tag in (f"{SVG}script", f"{SVG}style")]
    said = "".join(svg.itertext())
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf")]


def test_nothing_in_the_picture_needs_a_looser_content_policy() -> None:
    """There is no style, script, handler or outside resource for a strict policy to refuse."""
    for each in drawn(MANY).iter():
        assert each.tag not in (f"{SVG}style", f"{SVG}script", f"{SVG}image", f"{SVG}use")
        assert not [key for key in each.attrib if key == "style" or key.startswith("on")]


def test_long_text_ends_in_an_ellipsis_and_is_whole_in_the_title() -> None:
    """What does not fit is not lost: the whole of it can be pointed at and read out."""
    name = "The International Organisation for the Joint Development of Very Long Names" * 2
    node = nodes(drawn(determination(party(name, "review", right(("aircraft",), "review")))))
    shown = node[f"party:{name}"]
    assert "…" in texts(shown)
    assert name in (shown.findtext(f"{SVG}title") or "")


@given(st.text(max_size=80), st.floats(40, 300), st.booleans(), st.integers(1, 4))
@example("/000000", 52.0, True, 2)
def test_wrapped_lines_fit(text: str, room: float, bold: bool, lines: int) -> None:
    """Any text at all is laid in as few lines as allowed, and none is wider than there is room."""
    found = wrapped(text, room, 12, bold=bold, lines=lines)
    assert len(found) <= lines
    assert all(width_of(line, 12, bold=bold) <= room for line in found)
    assert bool(found) == bool(cleaned(text))


def test_the_order_of_a_column_avoids_crossings() -> None:
    """Lines that need not cross do not."""
    arcs = [Arc("a", "z"), Arc("b", "y"), Arc("c", "x")]
    heights = dict.fromkeys("rabcxyz", 40.0)
    arcs += [Arc("r", each) for each in "abc"]
    placed = place([["r"], ["a", "b", "c"], ["x", "y", "z"]], arcs, heights, 10).middles
    assert sorted("abc", key=placed.__getitem__) == sorted(
        "abc", key=lambda each: placed[{"a": "z", "b": "y", "c": "x"}[each]]
    )


ITEMS = st.sampled_from([*"abcdefgh", "<&>", "\u202e", "a long name " * 8])
PATHS = st.lists(ITEMS, unique=True, max_size=4).map(tuple)
RIGHTS = st.builds(
    lambda path, outcome, certain: right(path, outcome, certain=certain),
    PATHS,
    st.sampled_from(["clear", "review", "refuse"]),
    st.booleans(),
)


@st.composite
def determinations(draw: st.DrawFn) -> Determination:
    """Draw a determination: up to eight parties with rights along any paths."""
    names = draw(st.lists(st.text(max_size=40), unique=True, max_size=8))
    parties = [
        party(name, draw(st.sampled_from(sorted(WORDS))), *draw(st.lists(RIGHTS, max_size=5)))
        for name in names
    ]
    withdrawn = draw(st.lists(ITEMS, unique=True, max_size=2))
    why_not = tuple(Outstanding("withdrawn", each, "withdrawn") for each in withdrawn)
    outcome = draw(st.sampled_from(sorted(WORDS)))
    return determination(*parties, why_not=why_not, outcome=outcome)


@examples(60)
@given(determinations())
def test_any_determination_gives_a_tidy_picture(found: Determination) -> None:
    """However rights and items are tied together, everyone is shown and nothing overlaps."""
    for svg in both(found):
        assert_fits(svg)
        shown = [each for each in svg if each.get("data-node", "").startswith("party:")]
        assert len(shown) == len(found.parties)


@pytest.mark.parametrize("at", ["2024-10-01", "2024-12-15", "2025-07-01"])
def test_the_picture_of_a_real_case_names_its_parties(at: str) -> None:
    """The picture of a scenario's request is tidy and says of each party what was determined."""
    folder = SCENARIOS / "ukraine-long-range"
    scenario = load_scenario(folder)
    request = load_filed(folder / "requests" / "atacms-in-russia.yaml", scenario.registry).request
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = determine(scenario.matter(request, moment))
    svg = ET.fromstring(consent_map(found, request, scenario.registry))
    assert_fits(svg)
    for each in found.parties:
        assert WORDS[each.outcome] in texts(nodes(svg)[f"party:{each.party}"])


def test_on_a_case_the_picture_shows_what_each_party_has_said() -> None:
    """A party stands as it has spoken, by word and colour; what leads to it, as the strictest."""
    found = determination(
        party("US", "review", right(("aircraft", "engine"), "review")),
        party("SE", "review", right(("aircraft",), "review")),
    )
    said = {
        "US": Said(
            "waiting", "waiting since 3 July 2025", ("Department of State · 1 of 2 persons",)
        ),
        "SE": Said("given", "agreed 2 July 2025"),
    }
    picture = consent_map(found, REQUEST, REGISTRY, said=said, answer="Waiting for US")
    for words in ("waiting since 3 July 2025", "1 of 2 persons", "agreed 2 July 2025"):
        assert words in picture
    assert ">must say yes<" not in picture
    legend = picture.partition('data-legend="statuses"')[2]
    assert "Said yes" in legend
    assert "Waiting" in legend
    assert consent_map(found, REQUEST, REGISTRY) == consent_map(found, REQUEST, REGISTRY, said={})
