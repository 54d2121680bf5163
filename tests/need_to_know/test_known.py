"""What of the context somebody may know: equal disclosures give equal answers, and no more."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_world import DE_BOOK, START, US_BOOK, world

from building import examples, plain
from placet.analysis import bare_request, freedom
from placet.determination import Matter, determine
from placet.need_to_know.known import Known, known, knows_lot
from placet.operations.on_record.policies import time_line
from placet.registry import Activity, parse_moment
from placet.review.context import Context, load_context
from placet.review.viewer import Viewer, viewer

HIDDEN = st.fixed_dictionaries(
    {
        "then": st.sampled_from(["refuse", "clear", "review us/state"]),
        "supersedes": st.booleans(),
        "overrides": st.booleans(),
        "announced": st.sampled_from(["undeclared", "2030-01-01"]),
    }
)
STOCK = st.fixed_dictionaries(
    {"class": st.sampled_from(["green", "yellow", "red"])}
    | {name: st.integers(0, 900).map(str) for name in ("on-hand", "floor")}
)
SECRETS = st.fixed_dictionaries(
    {
        "policies": st.lists(HIDDEN, max_size=2),
        "stock": st.lists(STOCK, max_size=2),
        "officials": st.lists(st.sampled_from(["Ada", "Eve"]), max_size=2),
        "delegated": st.booleans(),
    }
)


def context_with(secrets: dict[str, Any]) -> Context:
    """Return the small world with an American review that nobody announced, and the rest of it."""
    book = plain(US_BOOK)
    announced = book["policies"]["use"]["rules"]
    announced["stock"] = {
        "when": 'activity == "use" && stock("US", "missile") == "red"',
        "then": "refuse",
        "because": "the stock is low",
    }
    for number, each in enumerate(secrets["policies"]):
        rule = {"when": 'activity == "use"', "then": each["then"], "because": "hidden"}
        if each["overrides"]:
            rule["overrides"] = ["use/russia"]
        policy = {"title": "Hidden", "from": "2025-01-01", "announced": each["announced"]}
        policy |= {"supersedes": ["release"]} if each["supersedes"] else {}
        book["policies"][f"hidden-{number}"] = {**policy, "rules": {"a": rule}}
    stock = {
        f"us-{number}": {"party": "US", "item": "missile", **each}
        for number, each in enumerate(secrets["stock"])
    }
    people = {
        f"new-{number}": {"name": name, "office": "us/state", "person": f"person-{number}"}
        for number, name in enumerate(secrets["officials"])
    }
    instrument = {"of": "us/state", "to": "us/desk", "from": "2025-01-01"}
    delegations = {"another": instrument} if secrets["delegated"] else {}
    start = world({"stock": stock, "officials": people, "delegations": delegations}, ())
    whole = {**start.plain, "books": [book, plain(DE_BOOK)]}
    return load_context(1, whole)


def answers(sight: Known) -> dict[str, Any]:
    """Return everything that pages work out from what somebody knows."""
    matrix = freedom(sight.registry, sight.books, "UA", START, items=("missile",))
    return {
        "record": sight.registry.record.model_dump(mode="json"),
        "books": {key: each.model_dump() for key, each in sight.books.items()},
        "lines": {key: time_line(each, START) for key, each in sight.books.items()},
        "freedom": [each.determination.plain() for each in matrix.cells],
        "people": dict(sight.people),
    }


def sight_of(context: Context, person: str) -> Known:
    """Return what a person of the small world knows."""
    return known(context, viewer(context, person, START), START)


@pytest.mark.parametrize("person", ["olena", "kurt"])
@given(one=SECRETS, other=SECRETS)
@examples(25)
def test_what_another_party_keeps_to_itself_changes_no_answer(
    person: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Undeclared policies, stock and people of the United States tell other parties nothing."""
    seen = answers(sight_of(context_with(one), person))
    assert answers(sight_of(context_with(other), person)) == seen


def test_what_is_remembered_is_what_is_known_to_whoever_asks() -> None:
    """An answer is kept for its context, its day, and those who know the same, and for no other."""
    kept = {"policies": [], "stock": [], "officials": [], "delegated": False}
    review = {"then": "refuse", "supersedes": True, "overrides": True, "announced": "2030-01-01"}
    days = [parse_moment("2024-06-01"), START, parse_moment("2030-02-01")]
    contexts = [context_with({**kept, "policies": each}) for each in ([], [review])]
    said: dict[tuple[str, int, datetime], bytes] = {}
    asked = list(product(("desk", "olena", "ig"), (0, 1), days))
    for person, number, day in asked + asked[::-1]:
        sight = sight_of(contexts[number], person)
        request = bare_request(sight.registry, "missile", Activity.USE, "UA", "RU-KRS")
        found = sight.precedents.determine(request, day).canonical()
        fresh = determine(Matter(sight.registry, sight.books, request, day)).canonical()
        assert found == fresh
        assert said.setdefault((person, number, day), found) == found
    assert said["desk", 0, START] != said["desk", 1, START] != said["olena", 1, START]
    assert said["olena", 0, START] == said["olena", 1, START] != said["olena", 1, days[0]]


@given(secrets=SECRETS)
@examples(15)
def test_a_party_and_auditors_know_all_of_its_own(secrets: dict[str, Any]) -> None:
    """An American desk officer and an auditor know every American policy, figure and official."""
    context = context_with(secrets)
    record = context.registry.record
    for person in ("desk", "ig"):
        sight = sight_of(context, person)
        assert sight.books["US"] == context.books["US"]
        assert sight.registry.record.stock == record.stock
        assert sight.owns("US")
        ours = {key for key, each in record.officials.items() if each.office.startswith("us/")}
        assert ours <= sight.registry.record.officials.keys()


def test_of_other_parties_an_official_knows_what_is_announced() -> None:
    """An American knows no German policy that is undeclared; an auditor knows it."""
    context = world()
    assert not sight_of(context, "desk").books["DE"].policies
    assert sight_of(context, "ig").books["DE"].policies.keys() == {"parts"}
    assert sight_of(context, "kurt").books["DE"].policies.keys() == {"parts"}


def test_a_policy_is_known_from_its_announcement_on() -> None:
    """What is announced for a day to come is nobody else's before that day."""
    book = plain(US_BOOK)
    book["policies"]["use"]["announced"] = "2025-07-01"
    context = load_context(1, {**world().plain, "books": [book]})
    olena = viewer(context, "olena", START)
    before = known(context, olena, parse_moment("2025-06-30"))
    after = known(context, olena, parse_moment("2025-07-01"))
    assert "use" not in before.books["US"].policies
    assert "use" in after.books["US"].policies


def test_leave_to_act_before_the_review_is_its_owners() -> None:
    """Break-glass stands in the book for those alone whose book it is, and auditors."""
    context = world()
    assert sight_of(context, "olena").books["US"].break_glass is None
    assert sight_of(context, "sec").books["US"].break_glass is not None
    assert sight_of(context, "ig").books["US"].break_glass is not None


def test_nobody_signed_in_knows_nobodys_own_affairs() -> None:
    """Without a person there are no officials, keys or stock, and announced policies alone."""
    context = world()
    sight = known(context, Viewer(), START)
    record = sight.registry.record
    assert not any((record.officials, record.keys, record.stock, record.delegations))
    assert not sight.books["DE"].policies


def test_a_lot_is_known_to_its_hands_and_its_maker() -> None:
    """Owner, holder, those before, maker and auditors know a lot; a third party does not."""
    lot = {"item": "missile", "title": "UA", "holder": "UA", "custody": [{"holder": "UA"}]}
    context = world({"lots": {"lot-1": lot}})
    registry = context.registry
    found = {
        person: knows_lot(registry.record.lots["lot-1"], registry, viewer(context, person, START))
        for person in ("olena", "desk", "ig", "kurt")
    }
    assert found == {"olena": True, "desk": True, "ig": True, "kurt": False}
