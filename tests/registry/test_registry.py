"""What the registry says: stock classes, areas, serial numbers, jurisdictions, lots and pools."""

from __future__ import annotations

import re
from typing import Any

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
    """Companies lead to states, through each other, each with a chain that leads there."""
    companies = """
parties:
  maker: {kind: company, under: [holding, GB]}
  holding: {kind: company, under: US}
  free: {kind: company}
"""
    registry = registry_of(PARTIES, companies)
    assert list(registry.jurisdictions("maker")) == [
        ("US", ("maker", "holding")),
        ("GB", ("maker",)),
    ]
    assert list(registry.jurisdictions("US")) == [("US", ())]
    assert list(registry.jurisdictions("free")) == [("free", ())]


@pytest.mark.parametrize(
    ("companies", "what"),
    [
        ({"snake": "tail", "tail": "snake"}, "under each other in a circle"),
        ({"snake": "snake"}, "under each other in a circle"),
        ({"c0": "US"} | {f"c{n}": f"c{n - 1}" for n in range(1, 2000)}, "in a chain"),
    ],
)
def test_companies_in_a_circle_or_an_endless_chain_are_refused(
    companies: dict[str, str], what: str
) -> None:
    """A company that leads to no state, or to one through too many, is refused when loaded."""
    parties = {key: {"kind": "company", "under": above} for key, above in companies.items()}
    with pytest.raises(ScenarioError, match=what):
        registry_of(PARTIES, {"parties": parties})


def chain(length: int) -> dict[str, object]:
    """Return items that rely on each other in a chain."""
    items = {f"i{n}": {"name": "I", "origin": "GB"} for n in range(length)}
    links = range(length - 1)
    reliances = {f"r{n}": {"of": f"i{n}", "on": f"i{n + 1}", "as": "component"} for n in links}
    return {"items": items, "reliances": reliances}


def test_long_chains_are_followed_and_endless_ones_refused() -> None:
    """Sixty items in a chain are followed to the last; thousands are refused when loaded."""
    found = built(registry=(chain(60),)).judged(filed(lines={"one": {"item": "i0", "quantity": 1}}))
    answer = found.party("GB")
    assert answer is not None
    assert max(len(each.path) for each in answer.rights) == 60
    with pytest.raises(ScenarioError, match="more than 63 items lead from"):
        registry_of(PARTIES, chain(3000))


def test_items_may_rely_on_each_other_and_not_on_themselves() -> None:
    """A on B on A is a fact of life; A on A says nothing."""
    mutual = chain(2)
    circle = "reliances: {back: {of: i1, on: i0, as: component}}"
    registry_of(PARTIES, mutual, circle)
    with pytest.raises(ScenarioError, match="i1 relies on itself"):
        registry_of(PARTIES, mutual, circle.replace("on: i0", "on: i1"))


def test_diamonds_are_walked_once() -> None:
    """Companies and area sets that meet again and again are not walked along every path."""
    parties = {"c0": {"kind": "company", "under": ["US"]}}
    areas = {"us/a0": {"party": "US", "includes": ["RU"]}}
    for n in range(1, 31):
        for side in "lr":
            parties[f"{side}{n}"] = {"kind": "company", "under": [f"c{n - 1}"]}
        parties[f"c{n}"] = {"kind": "company", "under": [f"l{n}", f"r{n}"]}
        above = [f"us/a{n - 1}"]
        areas[f"us/a{n}"] = {"party": "US", "includes": [*above, *above], "excludes": ["UA"]}
    registry = registry_of(PARTIES, {"parties": parties, "areas": areas})
    assert {party for party, _ in registry.jurisdictions("c30")} == {"US"}
    assert len(registry.jurisdictions("c30")) <= 2
    assert registry.areas.within("RU-KRS", "us/a30")
    assert not registry.areas.touches("PL", "us/a30")


WITHDRAWN = """
items:
  i: {name: I, origin: US, availability: [{status: withdrawn, until: 2025-03-08}]}
"""
TWO_LOTS = """
lots:
  l: {item: gun, title: UA, holder: UA, serials: T1..T5}
  m: {item: gun, title: UA, holder: UA, serials: [T9, T5]}
"""


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ("items: {i: {name: I, origin: US, from: 2025-01-01, until: 2024-01-01}}", "it is over"),
        ("items: {i: {name: I, origin: US, from: 2025, until: 2024}}", "it is over"),
        ("officials: {o: {name: O, office: us/state, from: 2025, until: 2023}}", "it is over"),
        (
            WITHDRAWN.replace("until", "from: 2025-03-09, until"),
            "it is over",
        ),
        ("lots: {l: {item: gun, title: UA, holder: UA, serials: T06..T01}}", "not a range"),
        ("lots: {l: {item: gun, title: UA, holder: UA, serials: T1..T10}}", "not a range"),
        (
            TWO_LOTS,
            "serials from T5 on stand in two lots, l and m",
        ),
    ],
)
def test_what_is_certainly_reversed_or_twice_is_refused(record: str, what: str) -> None:
    """Times that end before they begin, and serials that hold nothing or stand in two lots."""
    with pytest.raises(ScenarioError, match=what) as refused:
        registry_of(PARTIES, "items: {gun: {name: Gun, origin: US}}", record)
    assert len(refused.value.problems) == 1


def test_an_end_that_may_come_after_the_beginning_is_accepted() -> None:
    """A year that begins and ends within itself may run forward."""
    registry_of(PARTIES, "items: {i: {name: I, origin: US, from: 2025, until: 2025}}")


@pytest.mark.parametrize(
    ("changed", "do"),
    [
        ({"recipient": "Azerbaijan"}, "Did you mean AZ?"),
        ({"recipient": "Russia"}, "Did you mean RU?"),
        ({"recipient": "Nowhereland"}, "Record it under `parties`."),
        ({"area": "Kyiv"}, "Did you mean UA-30?"),
        ({"area": "xx"}, "Write an ISO 3166 code"),
    ],
)
def test_a_country_is_suggested_by_its_name(changed: dict[str, object], do: str) -> None:
    """Who writes a country's name is told its code, and no section that is none."""
    registry = registry_of(PARTIES, "items: {missile: {name: Missile, origin: US}}")
    with pytest.raises(RequestError) as refused:
        request_of(registry, filed(**changed))
    assert do in str(refused.value)


def test_only_what_a_request_can_use_is_used() -> None:
    """A condition that asks for the use of what is no service or platform is refused."""
    text = "reliances: {r: {of: a, on: b, as: component, when: 'uses(\"b\")'}}"
    items = "items: {a: {name: A, origin: US}, b: {name: B, origin: US}}"
    with pytest.raises(ScenarioError, match="b"):
        registry_of(PARTIES, items, text)
    with pytest.raises(ScenarioError, match="b"):
        registry_of(PARTIES, items, text.replace("uses", "available"))
    registry_of(PARTIES, items, text.replace("component", "service"))


def test_a_second_title_is_refused() -> None:
    """Two files that both say what the registry is called do not silently overrule each other."""
    with pytest.raises(ScenarioError, match=r"title is written twice; also at part-0.yaml"):
        registry_of(PARTIES + "title: One\n", "title: Two\n")


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


def parties(line: dict[str, Any]) -> set[str]:
    """Return who certainly has a say over a line of guns."""
    count = len(line.get("serials", "1"))
    scenario = built(CLEAR, registry=(LOTS,))
    found = scenario.judged(filed(lines={"one": {"quantity": str(count), **line}}))
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
        line = {"item": "gun", "serials": serials, "quantity": str(len(serials))}
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
    with pytest.raises(ScenarioError) as elsewhere:
        registry_of(PARTIES, "items: {bow: {name: Bow, origin: US, title: A bow}}\n")
    assert "there is no field title here. Other records have one: remove it" in str(elsewhere.value)
    with pytest.raises(ScenarioError) as names:
        registry_of(
            PARTIES,
            "items:\n  gun: {name: Gun, origin: SU}\n"
            "reliances: {r: {of: gun, on: gnu, as: component}}",
        )
    assert "gnu is not a known name; it must be one of the items. Did you mean gun?" in str(
        names.value
    )
    assert [each.where.line for each in names.value.problems] == [2, 3]


def test_a_record_in_two_files_is_refused() -> None:
    """The same record in two files is refused, and both places are named."""
    with pytest.raises(ScenarioError, match=r"recorded twice; also at part-0.yaml:3"):
        registry_of(
            "parties:\n  US: {kind: state}\n  GB: {kind: state}\n", "parties: {GB: {kind: state}}"
        )


@pytest.mark.parametrize(
    ("key", "why"), [("x/y", "x/y has a slash"), ("", "'' is no id"), ("..", "'..' is no id")]
)
@pytest.mark.parametrize("section", ["parties", "items"])
def test_an_id_of_what_has_an_address_of_its_own_fits_there(
    section: str, key: str, why: str
) -> None:
    """A slash would part the address of its page; an office and an area are of a party, and may."""
    record = {"parties": {"kind": "state"}, "items": {"name": "X", "origin": "US"}}[section]
    with pytest.raises(ScenarioError, match=re.escape(why)) as refused:
        registry_of(PARTIES, {section: {key: record}})
    (problem,) = refused.value.problems
    assert problem.where.field == f"{section}.{key}"


@pytest.mark.parametrize("key", ["two words", "a\tb", "mis\u200bsile", "n" * 201, "\u00a0"])
@pytest.mark.parametrize("section", ["parties", "items", "areas"])
def test_an_id_that_a_permit_names_is_one_word_that_can_be_seen(section: str, key: str) -> None:
    """A permit could not be written with another: nothing that needs it could ever be issued."""
    record = {
        "parties": {"kind": "state"},
        "items": {"name": "X", "origin": "US"},
        "areas": {"party": "US", "includes": ["UA"]},
    }[section]
    with pytest.raises(ScenarioError, match="is no id; a permit names it by one word"):
        registry_of(PARTIES, {section: {key: record}})
