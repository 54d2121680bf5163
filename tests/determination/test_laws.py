"""The laws of DESIGN §2, on whole generated scenarios."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from generated import RULE_ATOMS, Scene, agreements, conditions, scenes
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import shown
from test_completions_exact import WORDS, milder, within

from building import Built, Plain, books_of, document, examples, registry_of
from placet.determination import Determination, determine
from placet.policy import load_books
from placet.registry import load_registry

NO_RIGHT = "no right is found"


def judged(registry: Plain, books: Any, request: Plain, **options: Any) -> Determination:
    """Load a scenario and judge a request in it."""
    loaded = registry_of(registry)
    return Built(loaded, books_of(loaded, *books)).judged(request, **options)


def of(scene: Scene) -> Determination:
    """Judge a scene."""
    return judged(scene.registry, scene.books, scene.request)


def at_home(found: Determination) -> bool:
    """Say whether the home authority may review because no right is found."""
    rights = (right for party in found.parties for right in party.rights)
    return any(right.because.startswith(NO_RIGHT) for right in rights)


def never_looser(before: Determination, after: Determination) -> bool:
    """Say whether a change loosened neither bound."""
    return milder(before.interval["at_least"], after.interval["at_least"]) and milder(
        before.interval["at_most"], after.interval["at_most"]
    )


@given(scenes(2), agreements())
@examples(40)
def test_adding_a_right_never_loosens(scene: Scene, agreement: Plain) -> None:
    """Another agreement leaves everything at least as strict, unless no right stood before."""
    before = of(scene)
    assume(not at_home(before))
    held = {**scene.registry.get("agreements", {}), "added": agreement}
    after = judged({**scene.registry, "agreements": held}, scene.books, scene.request)
    assert never_looser(before, after)


ALL = {"US": "review us/state, us/defence, us/president", "GB": "review gb/defence"}


def otherwises(book: Plain) -> set[str]:
    """Return everything that holds otherwise in a book."""
    policies = book.get("policies", {}).values()
    return {book["otherwise"], *(each.get("otherwise", "clear") for each in policies)}


@given(scenes(2), conditions(RULE_ATOMS), st.sampled_from(["refuse", "review"]), st.booleans())
@examples(40)
def test_a_rule_as_strict_as_otherwise_never_loosens(
    scene: Scene, when: str, word: str, apart: bool
) -> None:
    """A rule that overrides nothing and is as strict as what holds otherwise cannot loosen."""
    assume(scene.books)
    books = copy.deepcopy(scene.books)
    assume(word == "refuse" or all("refuse" not in otherwises(each) for each in books))
    for book in (each for each in books if each["book"] in ALL):  # the others have no office
        then = "refuse" if word == "refuse" else ALL[book["book"]]
        rule = {"when": when, "then": then, "because": "new"}
        policies = book.setdefault("policies", {})
        fresh = {"title": "new", "announced": "2024-01-01", "rules": {}}
        target = "new" if apart or "p1" not in policies else "p1"
        policies.setdefault(target, fresh)["rules"]["new"] = rule
    before, after = of(scene), judged(scene.registry, books, scene.request)
    if word == "review":
        assert never_looser(before, after)
    for party in before.parties:
        other = after.party(party.party)
        assert other is not None
        for bound in ("at_least", "at_most"):
            old, new = getattr(party, bound), getattr(other, bound)
            assert WORDS.index(old.outcome) <= WORDS.index(new.outcome)


@given(scenes(2))
@examples(30)
def test_one_refusal_is_enough(scene: Scene) -> None:
    """A rule that always refuses, of any one party that has a say, refuses the request."""
    assume(scene.books)
    before = of(scene)
    for index, book in enumerate(scene.books):
        answer = before.party(book["book"])
        if answer is None or not answer.certain:
            continue
        changed = copy.deepcopy(list(scene.books))
        refusing = {"no": {"then": "refuse", "because": "no"}}
        policy = {"title": "no", "announced": "2024-01-01", "rules": refusing}
        changed[index].setdefault("policies", {})["no"] = policy
        after = judged(scene.registry, changed, scene.request)
        assert after.at_least == after.at_most == after.outcome == "refuse"
        assert not after.proceed


def shuffled(value: Any, draw: Any) -> Any:
    """Return the same data with the fields of every map in another order."""
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: shuffled(value[key], draw) for key in keys}
    if isinstance(value, list):
        return [shuffled(each, draw) for each in value]
    return value


@given(scenes(2), st.data())
@examples(30)
def test_order_never_matters(scene: Scene, data: st.DataObject) -> None:
    """Neither the order of files, of sections, of rules nor of fields changes a single byte."""
    request = {**scene.request, "lines": {**scene.request["lines"], "two": {"item": "radio"}}}
    first = judged(scene.registry, scene.books, request)
    sections = data.draw(st.permutations(list(scene.registry.items())))
    parts = [
        document({key: shuffled(section, data.draw)}, f"{index}.yaml")
        for index, (key, section) in enumerate(sections)
        if section
    ]
    registry = load_registry(data.draw(st.permutations(parts)))
    written = [
        document(shuffled(book, data.draw), f"{index}.yaml")
        for index, book in enumerate(data.draw(st.permutations(scene.books)))
    ]
    built = Built(registry, load_books(written, registry))
    assert built.judged(shuffled(request, data.draw)).canonical() == first.canonical()


def graded(scene: Scene) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every fact of a scene that could be disputed."""
    for section in ("reliances", "agreements", "findings", "lots", "stock"):
        yield from (("registry", section, key) for key in scene.registry.get(section, ()))
    for index, book in enumerate(scene.books):
        yield from ((index, "policies", key) for key in book.get("policies", ()))
        yield from ((index, "claims", each) for each in range(len(book.get("claims", ()))))


def with_fact(scene: Scene, place: tuple[Any, ...], **changed: str) -> Determination:
    """Judge a scene with one fact graded or dated otherwise."""
    registry, books = copy.deepcopy(scene.registry), copy.deepcopy(scene.books)
    where, section, key = place
    fact = (registry if where == "registry" else books[where])[section][key]
    fact.update(changed)
    return judged(registry, books, scene.request)


def stricter_of_both(both: Determination, one: Determination, other: Determination) -> None:
    """Require that two readings are joined, and that nothing more is required than they do."""
    united = unite(shown(one.interval["at_most"]), shown(other.interval["at_most"]))
    assert shown(both.interval["at_most"]) == united
    for reading in (one, other):
        assert milder(reading.interval["at_least"], both.interval["at_least"])


def unite(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """Join two requirements as they are shown."""
    offices: dict[str, tuple[int, bool]] = {}
    for name, persons, reserved in [*one[1], *other[1]]:
        known = offices.get(name, (0, False))
        offices[name] = (max(known[0], persons), known[1] or reserved)
    return (
        max(one[0], other[0], key=WORDS.index),
        sorted((name, *each) for name, each in offices.items()),
        *(sorted({*mine, *theirs}) for mine, theirs in zip(one[2:], other[2:], strict=True)),
    )


@given(scenes(2), st.data())
@examples(40)
def test_a_dispute_takes_the_stricter_of_both_readings(scene: Scene, data: st.DataObject) -> None:
    """A disputed fact requires what it would confirmed, joined with what it would denied."""
    places = list(graded(scene))
    assume(places)
    place = data.draw(st.sampled_from(places))
    readings = [
        with_fact(scene, place, **{"grade": grade, "from": "2024"})
        for grade in ("disputed", "confirmed", "denied")
    ]
    stricter_of_both(*readings)


@given(scenes(2), st.data())
@examples(30)
def test_an_uncertain_start_takes_the_stricter_of_both_worlds(
    scene: Scene, data: st.DataObject
) -> None:
    """What may or may not have begun requires what both would, joined."""
    places = list(graded(scene))
    assume(places)
    place = data.draw(st.sampled_from(places))
    starts = ("2025-05-01/2025-07-01", "2025-05-01", "2025-07-01")
    readings = [with_fact(scene, place, **{"grade": "confirmed", "from": each}) for each in starts]
    stricter_of_both(*readings)


OPTIONAL = ("recipient", "area", "target", "purpose", "period", "platforms", "services", "legs")
LEGS = st.sampled_from(["none", [{"from": "US", "to": "UA"}], [{"from": "PL", "to": "GB"}]])


@given(scenes(0), st.data())
@examples(40)
def test_withholding_never_loosens(scene: Scene, data: st.DataObject) -> None:
    """Leaving out anything that can be left out gives an interval that holds the full answer."""
    lots = [key for key, lot in scene.registry["lots"].items() if lot["item"] == "missile"]
    line: Plain = {"item": "missile", "quantity": "3"}
    if lots:
        line |= data.draw(
            st.sampled_from(
                [
                    {"lot": lots[0]},
                    {"serials": ["1", "2"], "quantity": "2"},
                    {"serials": ["1"], "quantity": "1"},
                ]
            )
        )
    request = scene.request | {
        "activity": data.draw(st.sampled_from(["use", "retransfer", "modification"])),
        "legs": data.draw(LEGS),
        "lines": {"one": line},
    }
    left_out = data.draw(st.sets(st.sampled_from([*OPTIONAL, "quantity", "lot", "serials"])))
    kept = {key: value for key, value in request.items() if key not in left_out}
    kept["lines"] = {"one": {key: each for key, each in line.items() if key not in left_out}}
    registry = copy.deepcopy(scene.registry)
    for number, key in enumerate(lots, start=1):
        registry["lots"][key]["serials"] = [str(number)]
    full = judged(registry, scene.books, request)
    assert within(full, judged(registry, scene.books, kept))


@given(scenes(1))
@examples(30)
def test_what_is_known_later_is_not_seen(scene: Scene) -> None:
    """Seen from a moment at which a policy was not known, it might as well not be on file."""
    later, without = copy.deepcopy(scene.books), copy.deepcopy(scene.books)
    for book in later:
        for policy in book.get("policies", {}).values():
            policy |= {"from": "2024-01-01", "known": "2025-08-01"}
    for book in without:
        book.pop("policies", None)
    seen = judged(scene.registry, later, scene.request, known_at="2025-07-31")
    none = judged(scene.registry, without, scene.request, known_at="2025-07-31")
    assert seen.canonical() == none.canonical()


@given(scenes(1))
@examples(30)
def test_an_outsider_does_not_see_what_is_undeclared(scene: Scene) -> None:
    """With announced policies only, an undeclared one leaves no trace in any byte."""
    hidden, without = copy.deepcopy(scene.books), copy.deepcopy(scene.books)
    for book in hidden:
        for policy in book.get("policies", {}).values():
            policy["announced"] = "undeclared"
    for book in without:
        book.pop("policies", None)

    def seen(books: Any) -> bytes:
        registry = registry_of(scene.registry)
        built = Built(registry, books_of(registry, *books))
        return determine(built.matter(scene.request, announced_only=True)).canonical()

    assert seen(hidden) == seen(without)


@given(scenes(2))
@examples(30)
def test_nothing_is_cleared_by_silence(scene: Scene) -> None:
    """Where no rule and no `otherwise` clears, every right but an own filing is reviewed."""
    books = copy.deepcopy(scene.books)
    for book in books:
        book.pop("policies", None)
        book["otherwise"] = "review"
    found = judged(scene.registry, books, scene.request)
    assert found.at_most != "clear"
    for party in found.parties:
        if party.party != "UA" or any(each["book"] == "UA" for each in books):
            assert party.at_most.outcome == "review"


@given(scenes(3))
@examples(30)
def test_the_same_inputs_give_the_same_bytes(scene: Scene) -> None:
    """Loading and judging twice gives the same bytes, which hold no number but integers."""
    first, second = of(scene), of(scene)
    assert first.canonical() == second.canonical()
    assert first.digest == second.digest
    assert not list(floats(first.plain()))


def floats(value: Any) -> Iterator[Any]:
    """Yield everything that canonical data must not hold."""
    if isinstance(value, dict):
        for key, each in value.items():
            assert isinstance(key, str)
            yield from floats(each)
    elif isinstance(value, list):
        for each in value:
            yield from floats(each)
    elif value is not None and not isinstance(value, str | int | bool):
        yield value
