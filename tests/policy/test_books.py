"""Policy books: what is in force, superseding and amending, and what is refused when loading."""

from __future__ import annotations

import re

import pytest

from building import MISSILE, book, books_of, built, filed, flags, us_book
from placet.errors import ScenarioError
from placet.policy import Outcome, Then

SUCCESSION = """
book: US
claims: [{basis: origin, activities: use}]
otherwise: review
policies:
  first: {title: F, announced: "2024", from: 2024-01-01, rules: {r: {then: refuse, because: r}}}
  second:
    title: S
    announced: "2024"
    from: 2025-01-01
    until: 2025-03-01
    supersedes: [first]
    rules: {r: {then: clear, because: s}}
"""


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        ("2023-12-31", "review"),
        ("2024-01-01", "refuse"),
        ("2025-01-01", "clear"),
        ("2025-02-28", "clear"),
        ("2025-03-01", "review"),
        ("2026-01-01", "review"),
    ],
)
def test_what_is_superseded_does_not_revive(at: str, outcome: str) -> None:
    """When the newer policy is over, the older one stays out of force: a new act is needed."""
    assert built(SUCCESSION).judged(filed(), at=at).outcome == outcome


def test_a_policy_superseded_before_it_superseded_still_ended_what_it_ended() -> None:
    """Along a chain of successors, only the last that has begun is in force."""
    third = '  third: {title: T, announced: "2024", from: 2025-02-01, supersedes: [second]}\n'
    found = built(SUCCESSION + third).judged(filed(), at="2025-02-15")
    assert found.outcome == "review"
    assert [each.effect for each in found.parties[-1].rules] == ["otherwise"]


def test_an_amendment_replaces_the_rules_it_names_and_no_others() -> None:
    """A policy that amends another replaces rules of the same name while it is in force."""
    us = """
book: US
claims: [{basis: origin, activities: use}]
otherwise: clear
policies:
  old:
    title: O
    announced: "2024"
    rules:
      x: {then: refuse, because: x}
      y: {then: review us/defence, because: y}
  new:
    title: N
    announced: "2024"
    from: 2025-01-01
    until: 2025-06-01
    amends: [old]
    rules: {x: {then: clear, because: x again}}
"""
    scenario = built(us)
    assert [
        scenario.judged(filed(), at=each).outcome
        for each in ("2024-12-31", "2025-01-01", "2025-05-31", "2025-06-01")
    ] == ["refuse", "review", "review", "refuse"]


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("clear", Then(Outcome.CLEAR)),
        ("refuse", Then(Outcome.REFUSE)),
        ("review", Then(Outcome.REVIEW)),
        ("review us/state", Then(Outcome.REVIEW, ("us/state",))),
        ("review us/state, us/defence", Then(Outcome.REVIEW, ("us/state", "us/defence"))),
        ("review us/state and us/defence", Then(Outcome.REVIEW, ("us/state", "us/defence"))),
    ],
)
def test_what_follows_is_read_as_a_sentence(text: str, then: Then) -> None:
    """`then` is one word, or `review` and the offices that decide."""
    scenario = built(us_book(f"a: {{then: '{text}', because: a}}"))
    assert scenario.books["US"].policies["p"].rules["a"].then == then


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ("a: {then: allow, because: a}", "it must be `clear`"),
        ("a: {then: clear us/state, because: a}", "it must be `clear`"),
        ("a: {then: review us/stat, because: a}", r"not a known office.*Did you mean us/state\?"),
        ("a: {then: clear}", "because is missing"),
        ("a: {then: clear, reserved: yes, because: a}", "only a review is reserved"),
        ("a: {then: review, persons: 0, because: a}", "at least one person"),
        ("a: {then: advise, because: a}", "carries its advice"),
        ("a: {then: refuse, standing: yes, because: a}", "standing authorisation clears"),
        ("a: {then: clear, stated: 'true', because: a}", "go together"),
        ("a: {then: clear, overrides: [p/z], because: a}", "not another rule"),
        ("a: {then: clear, overrides: [p/a], because: a}", "not another rule"),
        ("a: {when: 'item == \"missle\"', then: clear, because: a}", r"Did you mean missile\?"),
        ("a: {when: 'right.item', then: clear, because: a}", "."),
        ("a: {then: clear, steps: [{notify: x, consult: y}], because: a}", "a step is one of"),
        ("a: {then: clear, provided: [{}], because: a}", "condition precedent is one of"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rules: str, what: str) -> None:
    """Each contradiction within a rule is refused when the book is loaded, with its place."""
    with pytest.raises(ScenarioError, match=what) as refused:
        built(us_book(rules))
    assert all(
        each.where.file == "book-0.yaml" and each.where.line for each in refused.value.problems
    )


@pytest.mark.parametrize("place", ["book", "policy"])
def test_what_holds_otherwise_cannot_only_advise(place: str) -> None:
    """`otherwise: advise` would clear by silence, and is refused."""
    text = us_book(
        "a: {then: clear, because: a}", otherwise="advise" if place == "book" else "review"
    )
    if place == "policy":
        text = text.replace("    rules:", "    otherwise: advise\n    rules:")
    with pytest.raises(ScenarioError, match="to advise is no answer"):
        built(text)


def test_every_problem_of_every_book_is_shown_at_once() -> None:
    """Problems of two books come together."""
    with pytest.raises(ScenarioError) as refused:
        built(us_book("a: {then: maybe, because: a}"), book("GB", "a: {then: perhaps, because: a}"))
    assert {each.where.file for each in refused.value.problems} == {"book-0.yaml", "book-1.yaml"}


def test_a_party_has_one_book() -> None:
    """Two books of one party are refused: neither would be the last word."""
    scenario = built()
    with pytest.raises(ScenarioError, match="US has two books"):
        books_of(scenario.registry, us_book(), us_book())


def test_policies_in_a_circle_of_supersession_are_refused() -> None:
    """Two policies that supersede each other would both be out of force for ever."""
    with pytest.raises(ScenarioError, match="supersede each other in a circle"):
        built(SUCCESSION.replace("from: 2024-01-01,", "from: 2024-01-01, supersedes: [second],"))


def test_undeclared_policies_are_flagged_and_hidden_from_outsiders() -> None:
    """An undeclared policy is in force, is flagged, and outsiders do not see it."""
    us = us_book("a: {then: clear, because: yes}").replace(
        'announced: "2024-01-01"', "announced: undeclared"
    )
    scenario = built(us, registry=(MISSILE,))
    found = scenario.judged(filed())
    assert found.outcome == "clear"
    assert "undeclared-policy" in flags(found)
    from placet.determination import determine

    seen = determine(scenario.matter(filed(), announced_only=True))
    assert seen.outcome == "review"
    assert b'"undeclared":true' not in seen.canonical()


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ("", True),
        (", grade: disputed", False),
        (", grade: reported", False),
        (", from: 2025-05-01/2025-07-01", False),
        (", revoked: {on: 2025-05-01}", False),
        (", revoked: {on: 2025-05-01, grade: disputed}", False),
        (", revoked: {on: 2025-05-01/2025-07-01}", False),
        (", revoked: {on: 2025-07-01}", True),
        (", activities: [release]", False),
    ],
)
def test_authority_that_is_not_certain_is_none(fields: str, counts: bool) -> None:
    """A disputed grant is absent, a disputed revocation counts, and so does an uncertain date."""
    delegation = f"delegations: {{d: {{of: us/defence, to: us/state{fields}}}}}"
    us = us_book("a: {then: review us/defence, because: a}")
    (authority,) = built(us, registry=(MISSILE, delegation)).judged(filed()).authority
    assert [each.counts for each in authority.delegations] == [counts]
    reserved = us_book("a: {then: review us/defence, reserved: yes, because: a}")
    (authority,) = built(reserved, registry=(MISSILE, delegation)).judged(filed()).authority
    assert [each.counts for each in authority.delegations] == [False]


def test_policies_that_amend_each_other_in_a_circle_are_refused() -> None:
    """Of two policies that amend each other, neither has the last word."""
    circle = SUCCESSION.replace("from: 2024-01-01,", "from: 2024-01-01, amends: [second],")
    with pytest.raises(ScenarioError, match="amend each other in a circle"):
        built(circle.replace("supersedes: [first]", "amends: [first]"))


def test_a_policy_over_before_it_begins_is_refused() -> None:
    """A policy whose end certainly comes first is never in force."""
    with pytest.raises(ScenarioError, match="it is over, 2024-03-01, before it begins"):
        built(SUCCESSION.replace("until: 2025-03-01", "until: 2024-03-01"))


def test_a_party_s_rules_name_its_own_offices() -> None:
    """A book cannot have an office of another party decide for its own."""
    with pytest.raises(ScenarioError, match="gb/defence is not an office of US; it is of GB"):
        built(us_book("a: {then: review gb/defence, because: a}"))


def test_an_announcement_that_is_none_is_told_its_forms() -> None:
    """Who writes `announced: no` learns of `undeclared`, and of months and intervals."""
    with pytest.raises(ScenarioError, match=r"a month .*an interval .*or `undeclared`"):
        built(SUCCESSION.replace('announced: "2024", from', "announced: no, from"))


@pytest.mark.parametrize(
    ("policy", "rule", "why"),
    [
        ("a/b", "r", "a/b has a slash"),
        ("a", "b/r", "b/r has a slash"),
        ("", "r", "'' is no id"),
        ("a", "", "'' is no id"),
        (".", "r", "'.' is no id"),
        ("..", "r", "'..' is no id"),
    ],
)
def test_an_id_that_names_or_addresses_cannot_have_is_refused(
    policy: str, rule: str, why: str
) -> None:
    """A rule is called `policy/rule`: with a slash in either, one name would be of two rules.

    Who may know the one policy would be told of the other. And no address leads to such a policy.
    """
    rules = {rule: {"then": "review us/state", "because": "r"}}
    held = {"title": "P", "announced": "2024", "from": "2024-01-01", "rules": rules}
    text = {"book": "US", "otherwise": "review us/state", "policies": {policy: held}}
    with pytest.raises(ScenarioError, match=re.escape(why)) as refused:
        built(text)
    (problem,) = refused.value.problems
    assert problem.where.field.startswith(f"policies.{policy}")
