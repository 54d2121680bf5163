"""Strategies for whole scenarios: registries, books and requests over small vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from building import PARTIES, Built, Plain, books_of, filed, plain, registry_of

REQUEST_ATOMS = (
    'area.within("UA")',
    'area.touches("gb/russia")',
    'target == "civil"',
    'target.under("military")',
    'purpose == "test"',
    'recipient == "PL"',
    "recipient == none",
    'uses("data")',
    'uses("launcher")',
    "quantity > 5 || quantity in [2, 3]",
    'posture("us/mood") == "tense"',
    'transits("PL")',
)
RULE_ATOMS = (
    *REQUEST_ATOMS,
    "recipient == actor",
    'relies_on("data")',
    'relies_on("radio")',
    'via("radio")',
    'available("data")',
    'stock("US", "missile") == "red"',
    'stock("US", item) in ["red", "yellow"]',
    'right.basis == "component"',
    'right.activity == "disclosure"',
    'lot == "l1"',
    'right.path[1] == "radio"',  # has no value where the path is shorter
    '(target == "civil") == relies_on("data")',
    '(lot == "l1") == area.within("UA")',
    '(purpose == "test") != (target == "civil")',
)

AREAS = ("none", "UA", "UA-30", "UA-43", "RU", "RU-KRS", "PL")
"""One area of each class that the atoms can tell apart, and more."""
STATES = ("none", "US", "GB", "PL", "UA", "DE")
TARGETS = ("none", "military", "military.depot", "civil")
PURPOSES = ("none", "defence", "test")
QUANTITIES = ("0", "1", "2", "3", "4", "5", "6", "7")

BASE = f"""{PARTIES}
areas:
  gb/russia: {{party: GB, includes: [RU, UA-43], excludes: [RU-KRS]}}
targets: {{military: M, military.depot: D, civil: C}}
purposes: {{defence: D, test: T}}
classes: {{missile: M}}
posture:
  us/mood: {{party: US, values: [calm, tense]}}
"""

ITEMS = plain("""
missile: {name: Missile, origin: US, classes: missile}
radio: {name: Radio, origin: GB}
data: {name: Data, kind: service, origin: US}
mortar: {name: Mortar, origin: US}
launcher: {name: Launcher, origin: PL}
""")


def conditions(atoms: tuple[str, ...], depth: int = 2) -> st.SearchStrategy[str]:
    """Conditions: atoms, their negations, and combinations of them."""
    leaf = st.sampled_from(atoms).map(lambda each: f"({each})")
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            inner.map(lambda each: f"!({each})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]} && {two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]} || {two[1]})"),
        ),
        max_leaves=depth,
    )


def mostly(value: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Choose a value three times of four, and else one of the others."""
    return st.integers(0, 3).flatmap(lambda n: st.just(value) if n else st.sampled_from(others))


GRADES = mostly("confirmed", "reported", "disputed", "denied")
STARTS = mostly("2024-01-01", "2025-05-01/2025-07-01", "2025", "2026-01-01")


@st.composite
def facts(draw: st.DrawFn, **fields: Any) -> Plain:
    """A fact: its own fields, perhaps graded, perhaps dated."""
    found = {key: value for key, value in fields.items() if value is not None}
    if draw(st.integers(0, 2)) == 0:
        found["grade"] = draw(GRADES)
    if draw(st.integers(0, 2)) == 0:
        found["from"] = draw(STARTS)
    return found


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give a value, or None."""
    return st.none() | strategy


WHEN = maybe(conditions(REQUEST_ATOMS, 1))
RELIANCES = {
    "r-radio": ("missile", "radio", "component"),
    "r-data": ("missile", "data", "service"),
    "r-deep": ("radio", "data", "service"),
    "r-launcher": ("missile", "launcher", "platform"),
}


@st.composite
def registries(draw: st.DrawFn) -> Plain:
    """A registry: reliances, agreements, findings, lots, stock, posture, availability."""
    found = plain(BASE)
    found["items"] = {key: dict(each) for key, each in ITEMS.items()}
    found["reliances"] = {"known": {"of": "mortar", "on": "launcher", "as": "platform"}}
    if draw(st.booleans()):
        found["items"]["data"]["availability"] = [draw(facts(status="withdrawn", when=draw(WHEN)))]
    found["reliances"] |= {
        key: draw(facts(**{"of": of, "on": on, "as": kind, "when": draw(WHEN)}))
        for key, (of, on, kind) in RELIANCES.items()
        if draw(st.booleans())
    }
    found["lots"] = draw(lots())
    found["agreements"] = {f"a{n}": draw(agreements()) for n in range(draw(st.integers(0, 2)))}
    found["findings"] = {f"f{n}": draw(findings()) for n in range(draw(st.integers(0, 2)))}
    if draw(st.booleans()):
        position = facts(
            **{"party": "US", "item": "missile", "class": draw(st.sampled_from(["red", "green"]))}
        )
        found["stock"] = {"s": draw(position)}
    if draw(st.booleans()):
        found["posture"]["us/mood"]["history"] = [draw(facts(value="tense"))]
    return {key: value for key, value in found.items() if value}


@st.composite
def lots(draw: st.DrawFn) -> Plain:
    """One or two lots of the missile; or none, and one of the radio."""
    if draw(st.booleans()):
        return {"l1": {"item": "radio", "title": "UA", "holder": "UA"}}
    holder = st.sampled_from(["UA", "PL", "unknown"])
    first = {
        "item": "missile",
        "title": draw(holder),
        "holder": "UA",
        "custody": [{"holder": "US"}, {"holder": "UA"}],
    }
    second = {"item": "missile", "title": "UA", "holder": "UA"}
    found = {"l1": draw(facts(**first))}
    if draw(st.booleans()):
        found["l2"] = draw(facts(**second))
    return found


@st.composite
def agreements(draw: st.DrawFn) -> Plain:
    """An agreement that grants a party a say over an item, a lot or a class."""
    overs = [{"items": ["missile"]}, {"items": ["data", "radio"]}, {"classes": ["missile"]}]
    overs.append({"lots": ["l1"]})
    return draw(
        facts(
            grants=[draw(st.sampled_from(["US", "GB", "PL", "UA"]))],
            over=draw(st.sampled_from(overs)),
            activities=["use", "disclosure"],
            when=draw(WHEN),
        )
    )


@st.composite
def findings(draw: st.DrawFn) -> Plain:
    """A finding that a connection gives, or does not give, a right."""
    tie: Plain = {"party": draw(st.sampled_from(["US", "GB", "PL"]))}
    if draw(st.booleans()):
        tie["items"] = [draw(st.sampled_from(["missile", "radio", "data"]))]
    return draw(
        facts(
            connection=tie,
            finding=draw(mostly("no-right", "right")),
            by="us/state",
            because="so found",
        )
    )


THENS = st.sampled_from(["clear", "clear", "review", "review us/defence", "refuse"])
OTHERWISE = mostly("review", "refuse", "clear", "review us/president")


def own(then: str, party: str) -> str:
    """Return what a rule says, with no office but the party's own."""
    return then if party == "US" else then.partition(" ")[0]


@st.composite
def rules(draw: st.DrawFn, party: str, above: tuple[str, ...] = ()) -> Plain:
    """A rule; it may override rules named before it."""
    then = own(draw(THENS), party)
    found: Plain = {"when": draw(conditions(RULE_ATOMS)), "then": then, "because": "so it says"}
    if draw(st.integers(0, 3)) == 0:
        found |= {"stated": draw(conditions(RULE_ATOMS, 1)), "unstated": ["the rest"]}
    if above and draw(st.integers(0, 1)):
        found["overrides"] = [draw(st.sampled_from(above))]
    if draw(st.integers(0, 2)) == 0:
        found["provisos"] = [{"text": draw(st.sampled_from([f"{party} p1", f"{party} p2"]))}]
    if draw(st.integers(0, 3)) == 0:
        found["steps"] = [{"notify": f"{party} house"}]
    if then.startswith("review") and draw(st.integers(0, 3)) == 0:
        found |= {"persons": draw(st.sampled_from(["1", "2"])), "reserved": "yes"}
    return found


@st.composite
def books(draw: st.DrawFn, party: str) -> Plain:
    """A book of up to two policies."""
    policies: Plain = {}
    named: tuple[str, ...] = ()
    for key in ("p1", "p2")[: draw(st.integers(0, 2))]:
        held: Plain = {}
        for name in ("a", "b")[: draw(st.integers(1, 2))]:
            held[name] = draw(rules(party, named))
            named = (*named, f"{key}/{name}")
        policy = draw(facts(title=key, announced="2024-01-01", rules=held))
        if draw(st.integers(0, 3)) == 0:
            policy["scope"] = draw(conditions(RULE_ATOMS, 1))
        if draw(st.integers(0, 3)) == 0:
            policy["otherwise"] = own(draw(OTHERWISE), party)
        if key == "p2" and draw(st.integers(0, 3)) == 0:
            policy[draw(st.sampled_from(["supersedes", "amends"]))] = ["p1"]
        policies[key] = policy
    found: Plain = {"book": party, "otherwise": own(draw(OTHERWISE), party), "policies": policies}
    if draw(st.integers(0, 2)):
        found["claims"] = [
            draw(
                facts(
                    basis=["origin", "component", "service", "platform", "custody", "ownership"],
                    activities=["use", "disclosure"],
                    when=draw(maybe(conditions(RULE_ATOMS, 1))),
                )
            )
        ]
    if draw(st.integers(0, 3)) == 0:
        found["unstated"] = "as-written"
    return {key: value for key, value in found.items() if value}


def missile_lots(registry: Plain) -> tuple[str, ...]:
    """Return the lots of the missile that a generated registry holds."""
    return tuple(key for key, lot in registry["lots"].items() if lot["item"] == "missile")


FIELDS = {
    "recipient": STATES,
    "area": AREAS,
    "target": TARGETS,
    "purpose": PURPOSES,
    "services": ("none", "data"),
    "platforms": ("none", "launcher"),
    "quantity:one": QUANTITIES,
}


@dataclass(frozen=True)
class Scene:
    """A generated scenario with a request; `domains` holds every value a field may take."""

    registry: Plain
    books: tuple[Plain, ...]
    request: Plain

    @property
    def built(self) -> Built:
        """Load it."""
        registry = registry_of(self.registry)
        return Built(registry, books_of(registry, *self.books))

    @property
    def domains(self) -> dict[str, tuple[Any, ...]]:
        """Every value that each field of the request may be filled in with."""
        lots = missile_lots(self.registry)
        return {**FIELDS, "lot:one": (*lots, "(unrecorded)")} if lots else dict(FIELDS)


@st.composite
def requests(draw: st.DrawFn, lots: tuple[str, ...] = (), most_open: int = 3) -> Plain:
    """A use of the missile, with up to some fields left out or unknown."""
    names = [*FIELDS, "lot:one"] if lots else list(FIELDS)
    open_ = draw(st.lists(st.sampled_from(names), unique=True, max_size=most_open))
    request = filed()
    line: Plain = {"item": "missile"}
    for field, values in FIELDS.items():
        value = draw(st.sampled_from(values))
        if field in open_:
            value = draw(st.sampled_from(["unknown", None]))
        if field == "quantity:one":
            line |= {"quantity": value} if value else {}
        elif value:
            request[field] = value
        else:
            request.pop(field)
    if lots and "lot:one" not in open_:
        line["lot"] = draw(st.sampled_from(lots))
    request["lines"] = {"one": line}
    request["legs"] = draw(st.sampled_from(["none", [{"from": "PL", "to": "UA"}]]))
    return request


@st.composite
def scenes(draw: st.DrawFn, most_open: int = 3) -> Scene:
    """A whole scenario with a request."""
    registry = draw(registries())
    held = tuple(draw(books(party)) for party in ("US", "GB", "UA") if draw(st.integers(0, 3)))
    request = draw(requests(missile_lots(registry), most_open))
    return Scene(registry, held, request)
