"""Precedents: what is kept and named anew is byte for byte what judging anew gives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from generated import RULE_ATOMS, Scene, conditions, missile_lots, requests, scenes
from hypothesis import given
from hypothesis import strategies as st

from building import AT, MISSILE, Built, Plain, book, built, examples, filed, request_of
from placet.determination import Determination, Kept, Matter, Precedents, determine
from placet.determination.likeness import Likeness
from placet.registry import Request, parse_moment

MORE_ATOMS = (
    "recipient == area",
    "recipient == actor || recipient == applicant",
    'recipient.member_of("PACT")',
    "area.within(recipient)",
    'stock(recipient, item) == "red"',  # fails for a party that has no stock on record
    "100 / quantity > 20",  # fails for none
    "quantity % 3 == 1 && quantity < 6",
    'right.path[quantity] == "radio"',  # fails, and says by which number
    '["US", "PL"].exists(x, area.within(x))',
    '["US", "PL"].exists(x, x == recipient && target == "civil")',
    '(target == "civil" ? quantity : 5) > 3',
    "quantity > (area.within('UA') ? 2 : 4)",
    'target.startsWith("military") == purpose.startsWith("def")',
    'starts < timestamp("2025-06-15T00:00:00Z")',
    "ends - starts > duration('240h')",
    "days_until(ends) > 20",
    'at < timestamp("2025-06-02T00:00:00Z")',
    "ends > at",
)
ATOMS = conditions((*RULE_ATOMS[:12], *MORE_ATOMS))
PACT: Plain = {
    "kind": "alliance",
    "members": [
        {"party": "PL"},
        {"party": "UA", "grade": "disputed"},
        {"party": "DE", "from": "2025-05-01/2025-07-01"},
    ],
}
PERIODS = [
    {"from": "2025-06-01", "until": "2025-07-01"},
    {"from": "2025-06-10", "until": "2025-06-15"},
    {"from": "2025-06-20"},
    {"until": "2025-08-01"},
    None,
]
BEGIN = parse_moment(AT)


@st.composite
def extended(draw: st.DrawFn) -> Scene:
    """A scene whose books have one more policy, with the atoms that are hard to tell apart."""
    scene = draw(scenes(0))
    parties = scene.registry["parties"] | {"PACT": PACT, "DE": {"kind": "state"}}
    books = []
    for each in scene.books:
        rule = {"when": draw(ATOMS), "then": "refuse", "because": "it is far"}
        if draw(st.booleans()):
            rule |= {"stated": draw(ATOMS), "unstated": ["all else"]}
        hard = {"title": "hard", "announced": draw(st.sampled_from(["2025-06-02", "undeclared"]))}
        hard |= {"from": "2024-01-01", "rules": {"r": rule}}
        books.append(each | {"policies": each.get("policies", {}) | {"hard": hard}})
    return Scene(scene.registry | {"parties": parties}, tuple(books), scene.request)


@st.composite
def filings(draw: st.DrawFn, lots: tuple[str, ...], number: int) -> Plain:
    """A request of another name: a use or a transfer, of one line or two."""
    found = draw(requests(lots, draw(st.sampled_from([0, 0, 0, 1, 2]))))
    found["request"] = f"request-{number}"
    found["activity"] = draw(st.sampled_from(["use", "use", "retransfer"]))
    found["actor"] = draw(st.sampled_from(["UA", "UA", "PL"]))
    period = draw(st.sampled_from(PERIODS))
    found |= {"period": period} if period else {}
    if not period:
        found.pop("period")
    if draw(st.booleans()):
        found["lines"]["two"] = {"item": "missile", "quantity": draw(st.sampled_from("0189"))}
    if draw(st.integers(0, 3)) == 0:
        found["legs"] = "unknown"
    return found


def _anew(built_: Built, request: Request, at: datetime, *, announced_only: bool) -> Determination:
    known_at = at if announced_only else None
    return determine(Matter(built_.registry, built_.books, request, at, known_at, announced_only))


def _same(found: Determination, anew: Determination) -> None:
    assert found.canonical() == anew.canonical()
    assert (found.digest, found.substance) == (anew.digest, anew.substance)
    assert found == anew
    assert found.plain() == anew.plain()


@examples(16)
@given(scene=extended(), data=st.data())
def test_a_precedent_is_the_answer(scene: Scene, data: st.DataObject) -> None:
    """Whatever was asked before, each answer has the bytes and digests of the plain judgement."""
    held = scene.built
    precedents = Precedents(held.registry, held.books, "")
    lots = missile_lots(scene.registry)
    for number in range(8):
        request = request_of(held.registry, data.draw(filings(lots, number)))
        at = BEGIN + timedelta(days=data.draw(st.sampled_from([0, 0, 1, 3])))
        only = data.draw(st.booleans())
        _same(
            precedents.determine(request, at, announced_only=only),
            _anew(held, request, at, announced_only=only),
        )


@examples(16)
@given(scene=extended(), data=st.data())
def test_neighbours_are_told_apart(scene: Scene, data: st.DataObject) -> None:
    """Of requests that differ in one field only, each gets its own answer, at every value of it."""
    held = scene.built
    precedents = Precedents(held.registry, held.books, "")
    first = data.draw(filings(missile_lots(scene.registry), 0))
    field, values = data.draw(st.sampled_from(list(scene.domains.items())))
    for number, value in enumerate([*values, "unknown"]):
        request: dict[str, Any] = {**first, "request": f"request-{number}"}
        name, _, line = field.partition(":")
        if not line:
            request[name] = value
        elif value != "(unrecorded)":
            lines = request["lines"]
            request["lines"] = {**lines, line: {**lines[line], name: value}}
        loaded = request_of(held.registry, request)
        _same(precedents.determine(loaded, BEGIN), _anew(held, loaded, BEGIN, announced_only=False))


SETTING = """
items:
  missile: {name: Missile, origin: US}
  data: {name: Data, kind: service, origin: US}
reliances:
  r: {of: missile, on: data, as: service, when: 'area.within("UA")'}
targets: {civil: C, military: M}
purposes: {test: T}
parties:
  DE: {kind: state}
  PACT:
    kind: alliance
    members: [{party: UA, grade: disputed}, {party: DE, from: 2025-05-01/2025-07-01}]
"""


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("['US', 'PL'][quantity] == 'US'", [{"quantity": "5"}, {"quantity": "7"}]),
        ("recipient.member_of('PACT')", [{"recipient": "UA"}, {"recipient": "DE"}]),
        (
            "(target == 'civil') == relies_on('data')",
            [
                {"target": "civil", "area": "PL"},
                {"target": "military", "area": "UA"},
                {"target": "military", "area": "PL"},
            ],
        ),
        ("area.within('RU') == (right.item == 'missile')", [{"area": "RU"}, {"area": "PL"}]),
        ("area == recipient", [{"area": "UA", "recipient": "UA"}, {"area": "PL"}]),
        ("stock(recipient, item) == 'red'", [{"recipient": "PL"}, {"recipient": "DE"}]),
        ("target == 'civil'", [{"target": "unknown"}, {"target": None}]),
        ("actor == 'US'", [{"activity": "retransfer", "recipient": to} for to in ("PL", "DE")]),
        (
            "ends > timestamp('2025-07-15T00:00:00Z')",
            [{"period": {"from": "2025-07-01"}}, {"period": {"until": "2025-07-01"}}],
        ),
        ("activity == 'use' && purpose != none", [{"purpose": "none"}, {"purpose": "test"}]),
    ],
)
def test_what_differs_is_told_apart(condition: str, asked: list[Plain]) -> None:
    """Requests whose answers differ are not confused, however little a condition sees of it."""
    rules = f"r: {{when: {json.dumps(condition)}, then: refuse, because: so}}"
    held = built(book("US", rules), registry=[SETTING])
    precedents = Precedents(held.registry, held.books, "")
    substances = set()
    for changed in asked:
        line = {"item": "missile", "quantity": changed.get("quantity", "1")}
        fields = {key: each for key, each in changed.items() if key != "quantity"}
        plain = filed(lines={"one": line}, legs=[{"from": "US", "to": "PL"}], **fields)
        request = request_of(held.registry, {k: v for k, v in plain.items() if v is not None})
        anew = _anew(held, request, BEGIN, announced_only=False)
        _same(precedents.determine(request, BEGIN), anew)
        substances.add(replace(anew, request_digest="").substance)
    assert len(substances) > 1


def _counting(held: Built, monkeypatch: pytest.MonkeyPatch) -> tuple[Precedents, list[Matter]]:
    judged: list[Matter] = []

    def judge(matter: Matter) -> Determination:
        judged.append(matter)
        return determine(matter)

    monkeypatch.setattr("placet.determination.precedents.determine", judge)
    return Precedents(held.registry, held.books, ""), judged


def test_what_the_conditions_cannot_tell_apart_is_judged_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request elsewhere in the same class, for other numbers and days, is not judged again."""
    rules = "r: {when: \"area.within('UA') && quantity > 5\", then: refuse, because: so it is}"
    held = built(book("US", rules))
    precedents, judged = _counting(held, monkeypatch)
    places = [("UA", 9), ("UA-30", 12), ("UA-43", 6), ("PL", 9), ("RU", 7), ("UA", 3)]
    found = [
        precedents.determine(
            request_of(
                held.registry,
                filed(
                    request=f"r{number}",
                    area=area,
                    lines={"one": {"item": "missile", "quantity": str(quantity)}},
                    period={"from": f"2025-06-1{number}", "until": "2025-07-01"},
                ),
            ),
            BEGIN + timedelta(days=number),
        )
        for number, (area, quantity) in enumerate(places)
    ]
    assert len(judged) == 3
    assert [each.outcome for each in found] == ["refuse"] * 3 + ["review"] * 3
    assert len({each.digest for each in found}) == len(found)


def test_where_a_condition_reads_the_moment_a_batch_is_judged_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every moment is its own there; requests at the same moment are still judged once."""
    rules = 'r: {when: "days_until(ends) > 3", then: refuse, because: it is long}'
    held = built(book("US", rules))
    precedents, judged = _counting(held, monkeypatch)
    loaded = [
        request_of(held.registry, filed(request=f"r{n}", period={"from": AT, "until": until}))
        for n, until in enumerate(["2025-07-01", "2025-07-02", "2025-06-03", "2025-06-02"])
    ]
    found = list(precedents.determine_all(loaded, BEGIN))
    assert [each.outcome for each in found] == ["refuse", "refuse", "review", "review"]
    assert len(judged) == 2
    later = list(precedents.determine_all(loaded, BEGIN + timedelta(days=29)))
    assert [each.outcome for each in later] == ["review"] * 4
    assert len(judged) == 3


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ('area.within("UA") && target == "civil"', {"area": 1, "target": 1}),
        ("recipient == area", {"recipient": 1, "area": 1}),
        ('["US"].exists(x, area.within(x))', {"area": 1}),
        ('["US"].exists(x, area.within(x) && target == "civil")', {"area": 1, "target": 1}),
        ('stock("US", item) == "red"', {}),
        ("recipient == actor", {"recipient": 1}),
        ("quantity > 3 || quantity < 2", {"quantity": 2}),
    ],
)
def test_an_atom_is_cut_into_what_looks_at_one_thing(condition: str, parts: dict[str, int]) -> None:
    """Each variable has the parts of conditions that look at it alone."""
    rules = f"r: {{when: {json.dumps(condition)}, then: refuse, because: so}}"
    held = built(book("US", rules), registry=(MISSILE, "targets: {civil: C}"))
    found = Likeness.of(held.registry, held.books).parts
    assert {name: len(each) for name, each in found.items() if each} == parts


def test_what_is_kept_is_bounded_and_recent() -> None:
    """What is asked for stays; what nobody asks for is forgotten; never is more than twice kept."""
    kept: Kept[int, int] = Kept(4)
    kept.keep(-1, 1)
    for each in range(100):
        kept.keep(each, each)
        assert kept.get(-1) == 1
        assert kept.get(each) == each
    assert kept.get(50) is None
    assert sum(kept.get(each) is not None for each in range(-1, 100)) <= 8
