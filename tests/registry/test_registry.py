"""What the registry says: stock classes, areas, serial numbers, jurisdictions, lots and pools."""

from __future__ import annotations

import pytest

from building import PARTIES, USE, built, filed, plain, registry_of, request_of, us_book
from placet.errors import RequestError, ScenarioError
from placet.registry import StockPosition, serial_in

AREAS = """
areas:
  us/russia: {party: US, includes: RU}
  ru/russia: {party: US, includes: [RU, UA-43]}
  us/rest: {party: US, includes: us/russia, excludes: RU-KRS}
"""


@pytest.mark.parametrize(
    ("on_hand", "floor", "yellow", "found"),
    [
        ("5", "5", None, "red"),
        ("6", "5", None, "green"),
        ("6", "5", "9", "yellow"),
        ("9", "5", "9", "green"),
        ("0", "0", "0", "red"),
        (None, "5", None, None),
        ("5", None, None, None),
    ],
)
def test_a_stock_class_is_computed_from_levels(
    on_hand: str | None, floor: str | None, yellow: str | None, found: str | None
) -> None:
    """Red at or under the floor, yellow under its level, else green; unknown where a level is."""
    fields = {
        "party": "US",
        "item": "x",
        "on-hand": on_hand,
        "floor": floor,
        "yellow-below": yellow,
    }
    given = {key: value for key, value in fields.items() if value is not None}
    assert StockPosition.model_validate(given).stock_class() == found


def test_a_given_stock_class_holds_whatever_is_on_hand() -> None:
    """A class that the owner states is not computed again."""
    position = {"party": "US", "item": "x", "class": "green", "on-hand": "0", "floor": "9"}
    assert StockPosition.model_validate(position).stock_class() == "green"


@pytest.mark.parametrize(
    ("area", "other", "within", "touches"),
    [
        ("RU-KRS", "RU", True, True),
        ("RU", "RU-KRS", False, True),
        ("UA-43", "RU", False, False),
        ("UA-43", "us/russia", False, False),
        ("UA-43", "ru/russia", True, True),
        ("UA", "ru/russia", False, True),
        ("UA-30", "ru/russia", False, False),
        ("RU-KRS", "us/rest", False, False),
        ("RU-BEL", "us/rest", True, True),
        ("RU", "us/rest", False, True),
        ("", "us/russia", False, False),
        ("", "RU", False, False),
    ],
)
def test_each_party_says_for_itself_what_it_means_by_an_area(
    area: str, other: str, within: bool, touches: bool
) -> None:
    """Within is for clearing and needs all of the area; touches is for restricting, any part."""
    areas = registry_of(PARTIES, AREAS).areas
    assert (areas.within(area, other), areas.touches(area, other)) == (within, touches)


def test_area_sets_in_a_circle_are_refused() -> None:
    """Sets that name each other leave it open what lies in them."""
    circle = """
areas:
  us/a: {party: US, includes: us/b}
  us/b: {party: US, includes: RU, excludes: us/a}
"""
    with pytest.raises(ScenarioError, match="circle"):
        registry_of(PARTIES, circle)


@pytest.mark.parametrize(
    ("serial", "held"),
    [("4101", True), ("4124", True), ("4110", True), ("4125", False), ("41010", False),
     ("38", True),     ("380", False), ("A7", True), ("A70", False), ("", False)],
)  # fmt: skip
def test_a_serial_range_compares_serials_of_equal_length(serial: str, held: bool) -> None:
    """`first..last` holds what lies between, letter by letter, and no longer or shorter number."""
    assert serial_in(serial, ["4101..4124", "38", "A1..A9"]) == held


def test_a_company_s_say_is_that_of_the_states_it_is_under() -> None:
    """Companies lead to states, through each other, along each chain once, and never in a loop."""
    companies = """
parties:
  maker: {kind: company, under: [holding, GB]}
  holding: {kind: company, under: US}
  free: {kind: company}
  snake: {kind: company, under: tail}
  tail: {kind: company, under: snake}
"""
    registry = registry_of(PARTIES, companies)
    assert list(registry.jurisdictions("maker")) == [
        ("US", ("maker", "holding")),
        ("GB", ("maker",)),
    ]
    assert list(registry.jurisdictions("US")) == [("US", ())]
    assert list(registry.jurisdictions("free")) == [("free", ())]
    assert list(registry.jurisdictions("snake")) == [("snake", ("snake", "tail"))]


def test_a_chain_of_a_thousand_companies_and_reliances_is_followed() -> None:
    """Depth alone breaks nothing."""
    companies = {"c0": {"kind": "company", "under": "US"}}
    companies |= {f"c{n}": {"kind": "company", "under": f"c{n - 1}"} for n in range(1, 1000)}
    items = {f"i{n}": {"name": "I", "origin": "GB"} for n in range(120)}
    items["i119"]["origin"] = "c999"
    reliances = {f"r{n}": {"of": f"i{n}", "on": f"i{n + 1}", "as": "component"} for n in range(119)}
    scenario = built(registry=({"parties": companies, "items": items, "reliances": reliances},))
    found = scenario.judged(filed(lines={"one": {"item": "i0", "quantity": "1"}}))
    answer = found.party("US")
    assert answer is not None
    assert len(answer.rights[0].path) == 120
    assert len(answer.rights[0].through) == 1000


LOTS = """
items:
  gun: {name: Gun, origin: US}
  jet: {name: Jet, origin: US}
pools:
  mixed: {item: gun, holder: UA, tracing: none}
  sorted: {item: gun, holder: UA, tracing: by-lot}
lots:
  clean: {item: gun, title: UA, holder: UA, serials: 1..9, custody: [{holder: US}, {holder: UA}]}
  polish: {item: gun, title: PL, holder: UA, pool: mixed, custody: [{holder: PL}, {holder: UA}]}
  plain: {item: gun, title: UA, holder: UA, pool: mixed, custody: [{holder: UA}]}
  british: {item: gun, title: GB, holder: UA, pool: sorted, custody: [{holder: GB}, {holder: UA}]}
"""
CLEAR = us_book("a: {then: clear, because: yes}")


def parties(line: dict[str, object]) -> set[str]:
    """Return who certainly has a say over a line of guns."""
    found = built(CLEAR, registry=(LOTS,)).judged(filed(lines={"one": {"quantity": "1", **line}}))
    return {each.party for each in found.parties if each.certain} - {"US", "UA"}


@pytest.mark.parametrize(
    ("line", "having"),
    [
        ({"lot": "clean"}, set()),
        ({"item": "gun", "serials": ["3", "4"]}, set()),
        ({"item": "gun", "serials": ["3", "77"]}, {"unknown"}),
        ({"lot": "british"}, {"GB"}),
        ({"pool": "mixed"}, {"PL"}),
        ({"lot": "plain"}, {"PL"}),
        ({"pool": "mixed", "serials": ["77"]}, {"PL"}),
        ({"item": "gun"}, set()),
    ],
)
def test_an_untraceable_pool_is_every_lot_in_it(line: dict[str, object], having: set[str]) -> None:
    """Where one lot cannot be told from another, each of them counts, also when one is named."""
    assert parties(line) == having


def test_a_traced_pool_asks_for_its_own_lots_only() -> None:
    """Of a pool that is traced, the lot is asked for; lots outside it are no answer."""
    request = filed(lines={"one": {"pool": "sorted", "quantity": "1"}})
    found = built(CLEAR, registry=(LOTS,)).judged(request)
    assert {each.party for each in found.parties} == {"US", "UA", "GB", "unknown"}
    assert [each.key for each in found.open_questions] == ["lot:one"]


def test_serials_of_several_lots_meet_the_strictest_of_them() -> None:
    """A rule on one lot is not escaped by drawing on two; that readings differ is said."""
    lots = """
items: {gun: {name: Gun, origin: US}}
lots:
  a: {item: gun, title: UA, holder: UA, serials: ["1"], custody: [{holder: UA}]}
  b: {item: gun, title: UA, holder: UA, serials: ["2"], custody: [{holder: UA}]}
"""
    us = us_book('r: {when: lot == "a", then: refuse, because: no}', otherwise="clear")
    scenario = built(us, registry=(lots,))
    for serials, outcome in ((["1"], "refuse"), (["2"], "clear"), (["1", "2"], "refuse")):
        line = {"item": "gun", "serials": serials, "quantity": "1"}
        found = scenario.judged(filed(lines={"one": line}))
        assert found.outcome == outcome
        assert ("several-lots" in {each.flag for each in found.flags}) == (len(serials) == 2)


@pytest.mark.parametrize(
    ("custody", "broken"),
    [
        ("[{holder: US}, {holder: UA}]", False),
        ("[{holder: US}, {holder: PL}]", True),
        ("[{holder: US, until: '2010'}, {holder: UA, from: '2012'}]", True),
        ("[{holder: US, until: '2010'}, {holder: UA, from: '2010'}]", False),
        ("[{holder: US, until: '2010-01-01'}, {holder: UA, from: '2010-01-02'}]", True),
        ("[{holder: unknown}, {holder: UA}]", True),
    ],
)
def test_a_broken_chain_of_custody_is_a_right_of_unknown(custody: str, broken: bool) -> None:
    """A chain that ends elsewhere, has a gap, or an unknown holder is reviewed at home."""
    lots = f"""
items: {{gun: {{name: Gun, origin: US}}}}
lots: {{l: {{item: gun, title: UA, holder: UA, custody: {custody}}}}}
"""
    found = built(CLEAR, registry=(lots,)).judged(
        filed(lines={"one": {"lot": "l", "quantity": "1"}})
    )
    assert (found.party("unknown") is not None) == broken
    assert not broken or found.at_least == "review"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"lines": {"one": {"item": "jet", "lot": "clean"}}}, "lot of gun"),
        ({"lines": {"one": {"item": "jet", "pool": "mixed"}}}, "pool of gun"),
        ({"lines": {"one": {"lot": "clean", "pool": "mixed"}}}, "not in mixed"),
        ({"lines": {"one": {"lot": "clean", "serials": ["77"]}}}, "not of the lot"),
        ({"lines": {"one": {"pool": "mixed", "serials": ["3"]}}}, "not of the lot or pool"),
        ({"services": "jet"}, "jet is not a service"),
        ({"platforms": "jet"}, "jet is not a platform"),
        ({"lines": {"one": {"quantity": "3"}}}, "names an item"),
        ({"lines": {}}, "."),
        ({"area": "us/russia"}, "not a known name"),
        ({"actor": "ZZ"}, "not a known name"),
        ({"period": {"from": "2025-02-01", "until": "2025-02-01"}}, "before it begins"),
    ],
)
def test_a_request_that_contradicts_the_registry_is_refused(
    changed: dict[str, object], what: str
) -> None:
    """A lot of another item, a service that is none, a name not on record are refused."""
    registry = registry_of(PARTIES, LOTS)
    base = {**plain(USE), "lines": {"one": {"item": "gun"}}}
    with pytest.raises(RequestError, match=what):
        request_of(registry, {**base, **changed})


def test_every_problem_of_a_registry_is_shown_at_once() -> None:
    """Problems in several files come together, each with its place and what to do."""
    with pytest.raises(ScenarioError) as refused:
        registry_of(
            PARTIES,
            "items:\n  gun: {name: Gun, origin: SU}\n  bow: {name: Bow, orgin: US}\n",
            "reliances:\n  r: {of: gun, on: gnu, as: part}\n",
        )
    shown = str(refused.value)
    assert "part-1.yaml:3:" in shown
    assert "there is no field orgin here. Did you mean origin?" in shown
    assert "part-2.yaml:2:" in shown
    assert len(refused.value.problems) >= 3
    with pytest.raises(ScenarioError) as names:
        registry_of(
            PARTIES,
            "items:\n  gun: {name: Gun, origin: SU}\n"
            "reliances: {r: {of: gun, on: gnu, as: component}}",
        )
    assert "gnu is not a known name; it must be a one of the items. Did you mean gun?" in str(
        names.value
    )
    assert [each.where.line for each in names.value.problems] == [2, 3]


def test_a_record_in_two_files_is_refused() -> None:
    """The same record in two files is refused, and both places are named."""
    with pytest.raises(ScenarioError, match=r"recorded twice; also at part-0.yaml:3"):
        registry_of(
            "parties:\n  US: {kind: state}\n  GB: {kind: state}\n", "parties: {GB: {kind: state}}"
        )
