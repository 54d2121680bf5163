"""The route and the reasons: who is asked in which order, and every fact that was looked at."""

from __future__ import annotations

from building import built, filed, us_book

GB_WAITS = """
book: GB
claims: [{basis: agreement, activities: [use]}]
policies:
  p:
    title: After the United States
    announced: "2020-01-01"
    rules:
      after: {then: review gb/defence, provided: [{consent-of: US}], because: after the US}
"""
US_WAITS = """
book: US
claims: [{basis: origin, activities: [use]}]
policies:
  p:
    title: After the United Kingdom
    announced: "2020-01-01"
    rules:
      after: {then: review us/state, provided: [{consent-of: GB}], because: after the UK}
"""
BOTH = """
items:
  missile: {name: Missile, origin: US}
agreements:
  sale: {grants: GB, over: {items: missile}, activities: use}
"""


def test_the_route_asks_first_whom_others_wait_for() -> None:
    """A party that waits for another comes after it, whatever their names."""
    found = built(us_book(), GB_WAITS, registry=(BOTH,)).judged(filed())
    assert [(each.party, each.waits_for) for each in found.route] == [("US", ()), ("GB", ("US",))]


def test_a_circle_of_if_you_agree_is_named() -> None:
    """Two parties that wait for each other are both marked, and neither is assumed to begin."""
    found = built(US_WAITS, GB_WAITS, registry=(BOTH,)).judged(filed())
    assert [(each.party, each.circle) for each in found.route] == [("GB", True), ("US", True)]


def test_the_route_names_who_advises() -> None:
    """The teams whose advice a rule asks for stand in its party's stage."""
    rule = "a: {then: review us/state, advice-from: us/defence, because: a}"
    (stage,) = built(us_book(rule)).judged(filed()).route
    assert stage.advice_from == ("us/defence",)


def test_a_party_that_may_refuse_or_review_stands_in_the_route() -> None:
    """A party whose answer open questions decide is not left out of the route."""
    rules = "\n".join(
        [
            "a: {when: 'target == \"military\"', then: refuse, because: a}",
            "b: {then: review us/state, because: b}",
        ]
    )
    registry = ("items: {missile: {name: Missile, origin: US}}\ntargets: {military: Military}",)
    found = built(us_book(rules), registry=registry).judged(filed("target"))
    assert (found.at_least, found.at_most) == ("review", "refuse")
    assert [each.party for each in found.route] == ["US"]


STOCKED = """
items:
  missile: {name: Missile, origin: US}
stock:
  us-missiles: {party: US, item: missile, class: red, sources: [memo]}
posture:
  talks: {party: US, values: [active, none-under-way], history: [{value: active, sources: memo}]}
sources: {memo: {title: Memo}}
"""


def test_stock_and_posture_that_a_rule_looked_at_are_among_the_facts() -> None:
    """A determination names every fact that its rules looked at, with its sources."""
    when = 'stock("US", item) == "red" && posture("talks") == "active"'
    rule = f"a: {{when: '{when}', then: review us/state, because: a}}"
    found = built(us_book(rule), registry=(STOCKED,)).judged(filed())
    assert {each.fact: each.sources for each in found.facts} == {
        "items/missile": (),
        "posture/talks/0": ("memo",),
        "stock/us-missiles": ("memo",),
    }


CLAIMED = """
items:
  missile: {name: Missile, origin: US}
agreements:
  sale:
    grants: GB
    over: {items: missile}
    activities: use
    status: asserted
    recognition: [{by: us/state, stance: rejects, because: it lapsed}]
"""


def test_a_claim_that_is_contested_counts_and_says_so() -> None:
    """An asserted agreement gives a right, flagged, and so is an office's stance on it."""
    found = built(us_book(), registry=(CLAIMED,)).judged(filed())
    assert found.party("GB") is not None
    flags = {each.flag: each.says for each in found.flags}
    assert "asserted-claim" in flags
    assert "Department of State rejects the claim: it lapsed" in flags["contested-claim"]


def test_an_item_not_yet_on_record_is_flagged() -> None:
    """Asking about an item before its day says that it is not on record then."""
    registry = ('items: {missile: {name: Missile, origin: US, from: "2026-01-01"}}',)
    found = built(us_book(), registry=registry).judged(filed())
    assert "not-on-record" in {each.flag for each in found.flags}
    assert found.outcome == "review"


DELEGATED = """
delegations:
  d:
    of: us/state
    to: us/defence
    from: "2020-01-01"
    assertions:
      - {grade: reported, known: "2025-03-01"}
      - {grade: denied, known: "2025-03-01"}
"""


def test_a_delegation_is_not_known_before_anyone_asserted_it() -> None:
    """By what was known before the first assertion, the instrument is not on record at all."""
    item = "items: {missile: {name: Missile, origin: US}}"
    scenario = built(us_book("a: {then: review us/state, because: a}"), registry=(item, DELEGATED))
    (before,) = scenario.judged(filed(), at="2025-01-01", known_at="2025-01-01").authority
    assert before.delegations == ()
    (after,) = scenario.judged(filed(), at="2025-06-01", known_at="2025-06-01").authority
    assert [(each.counts, each.grade) for each in after.delegations] == [(False, "disputed")]


REPORTED = """
delegations:
  d: {of: us/state, to: us/defence, from: "2020-01-01", grade: reported}
"""


def test_a_reported_delegation_gives_no_authority() -> None:
    """What is only reported is no grant of authority on file."""
    item = "items: {missile: {name: Missile, origin: US}}"
    scenario = built(us_book("a: {then: review us/state, because: a}"), registry=(item, REPORTED))
    (office,) = scenario.judged(filed()).authority
    assert [each.counts for each in office.delegations] == [False]


LOTS = """
items:
  gun: {name: Gun, origin: US}
lots:
  first: {item: gun, title: UA, holder: UA, custody: [{holder: GB}, {holder: UA}]}
  second: {item: gun, title: UA, holder: UA, serials: [G3], custody: [{holder: UA}]}
"""


def test_the_maker_having_had_a_lot_adds_nothing_to_its_origin() -> None:
    """Recording that a lot came from its maker gives the maker no second right by custody."""
    registry = (LOTS.replace("holder: GB", "holder: US"),)
    line = {"guns": {"lot": "first", "quantity": "1"}}
    found = built(us_book(), registry=registry).judged(filed(lines=line))
    united_states = found.party("US")
    assert united_states is not None
    assert {each.basis for each in united_states.rights} == {"origin"}
