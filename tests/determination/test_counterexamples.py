"""Small cases that broke an earlier draft, or that show where a law has its stated exceptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building import (
    MISSILE,
    asked,
    book,
    built,
    filed,
    flags,
    offices,
    us_book,
)
from placet.determination import World, determine, judge
from placet.errors import ScenarioError

TERMS = "targets: {civil: C, military: M, depot: D}\npurposes: {test: T, defence: D}\n"
MOOD = "posture: {us/mood: {party: US, values: [calm, tense]}}"
ITEMS = """
items:
  missile: {name: Missile, origin: US}
  radio: {name: Radio, origin: GB}
  data: {name: Data, kind: service, origin: US}
  launcher: {name: Launcher, origin: PL}
  bow: {name: Bow, origin: UA}
"""


def test_the_join_of_no_rights_is_a_review_at_home() -> None:
    """Where every right is set aside nothing is cleared: the home authority reviews."""
    finding = """
findings:
  none: {connection: {party: US}, finding: no-right, by: us/state, because: so found}
"""
    found = built(registry=(MISSILE, finding)).judged(filed())
    assert found.outcome == "review"
    assert [each.party for each in found.parties] == ["UA"]
    assert [each.finding for each in found.set_aside] == ["none"]


def test_a_milder_rule_than_otherwise_loosens_because_it_speaks() -> None:
    """`otherwise` is for silence: a rule milder than it loosens, and that is its purpose."""
    silent = built(us_book(otherwise="refuse"))
    speaking = built(us_book("a: {then: review us/defence, because: so}", otherwise="refuse"))
    assert silent.judged(filed()).outcome == "refuse"
    assert speaking.judged(filed()).outcome == "review"


def test_a_clearing_rule_beside_a_refusing_one_loosens_nothing() -> None:
    """A clearing rule overrides nothing on its own: the refusal beside it stands."""
    rules = "a: {then: refuse, because: no}\nb: {then: clear, because: yes it may}"
    assert built(us_book(rules)).judged(filed()).outcome == "refuse"


CHAIN = """
c: {when: 'C', then: refuse, because: c}
b: {when: 'B', then: review us/defence, overrides: [p/c], because: b}
a: {when: 'A', then: clear, overrides: [p/b], because: a}
"""


@pytest.mark.parametrize(
    ("matching", "outcome"),
    [
        ("c", "refuse"),
        ("bc", "review"),
        ("abc", "refuse"),
        ("ab", "clear"),
        ("ac", "refuse"),
        ("a", "clear"),
    ],
)
def test_an_overridden_rule_overrides_nothing(matching: str, outcome: str) -> None:
    """In a chain the top rule takes away the middle one, and with it what that took away."""
    rules = CHAIN
    for name in "abc":
        rules = rules.replace(f"'{name.upper()}'", "'true'" if name in matching else "'false'")
    found = built(us_book(rules)).judged(filed())
    assert found.outcome == outcome
    overridden = {each.rule for each in found.parties[-1].rules if each.effect == "overridden"}
    assert overridden == ({"US/p/b"} if {"a", "b"} <= set(matching) else set()) | (
        {"US/p/c"} if "c" in matching and "b" in matching and "a" not in matching else set()
    )


def test_a_very_long_chain_of_overrides_is_judged() -> None:
    """Two thousand rules, each overriding the one before, are judged like two."""
    rules = ["r0: {then: refuse, because: r}"]
    rules += [
        f"r{n}: {{then: refuse, overrides: [p/r{n - 1}], because: r}}" for n in range(1, 2000)
    ]
    rules.append("last: {then: clear, overrides: [p/r1999], because: yes}")
    assert built(us_book("\n".join(rules))).judged(filed()).outcome == "refuse"


def test_rules_that_override_in_a_circle_are_refused() -> None:
    """Two rules that override each other have no last word, and the book is not loaded."""
    rules = """
a: {then: clear, overrides: [p/b], because: a}
b: {then: refuse, overrides: [p/a], because: b}
"""
    with pytest.raises(ScenarioError, match="circle"):
        built(us_book(rules))


def test_a_failed_rule_overrides_nothing_and_is_named() -> None:
    """An override by a rule that cannot be evaluated does not count; it is itself a review."""
    rules = """
a: {then: refuse, because: no}
b: {when: 'right.path[7] == "radio"', then: clear, overrides: [p/a], because: yes it may}
"""
    found = built(us_book(rules), registry=(ITEMS,)).judged(filed())
    assert found.outcome == "refuse"
    assert any(each.flag == "failed-rule" and each.about == "US/p/b" for each in found.flags)


def test_a_rule_beyond_what_is_stated_overrides_nothing() -> None:
    """What the record leaves open is not granted: it neither clears nor overrides."""
    rules = """
a: {then: refuse, because: no}
b: {then: clear, stated: area == "PL", unstated: [elsewhere], overrides: [p/a], because: yes}
"""
    assert built(us_book(rules)).judged(filed()).outcome == "refuse"
    assert built(us_book(rules)).judged(filed(area="PL")).outcome == "clear"
    as_written = built(us_book(rules, more="unstated: as-written\n")).judged(filed())
    assert as_written.outcome == "clear"


def test_a_condition_and_its_negation_make_a_certain_review() -> None:
    """Two rules that are each only possible may together be certain: `t` or not `t`."""
    rules = """
a: {when: target == "civil", then: review us/defence, because: a}
b: {when: target != "civil", then: review us/defence, because: b}
"""
    found = built(us_book(rules), registry=(MISSILE, TERMS)).judged(filed("target"))
    assert found.at_least == found.at_most == found.outcome == "review"
    assert asked(found) == set()
    assert [each.certain for each in found.parties[-1].rules] == [False, False]


def test_omission_does_not_pay() -> None:
    """Who leaves out what would refuse is told that it may refuse, and does not proceed."""
    rules = 'a: {when: target == "civil", then: refuse, because: no}'
    us = us_book(rules, otherwise="clear")
    full = built(us, registry=(MISSILE, TERMS)).judged(filed(target="military"))
    less = built(us, registry=(MISSILE, TERMS)).judged(filed("target"))
    unknown = built(us, registry=(MISSILE, TERMS)).judged(filed(target="unknown"))
    assert full.outcome == "clear"
    assert full.proceed
    assert less.outcome == unknown.outcome == "open"
    assert less.at_most == unknown.at_most == "refuse"
    assert asked(less) == asked(unknown) == {"target"}
    assert not less.proceed


def test_two_uncertain_starts_that_only_together_refuse() -> None:
    """The joint world in which both policies have begun counts, and it alone refuses."""
    us = """
book: US
claims: [{basis: origin, activities: use}]
otherwise: clear
policies:
  base: {title: B, announced: "2024", rules: {no: {then: refuse, because: no}}}
  shield:
    title: S
    announced: "2024"
    rules: {s: {then: clear, overrides: [base/no], because: s}}
  first: {title: F, announced: "2024", from: 2025-05-01/2025-07-01, supersedes: [shield]}
  other: {title: O, announced: "2024", rules: {o: {then: clear, overrides: [base/no], because: o}}}
  second: {title: G, announced: "2024", from: 2025-05-01/2025-07-01, supersedes: [other]}
"""
    found = built(us).judged(filed())
    assert found.at_least == found.at_most == "refuse"
    starts = {each.about for each in found.flags if each.flag == "uncertain-start"}
    assert starts == {"US/first", "US/second"}
    only_one = us.replace("supersedes: [other]", "supersedes: [shield]")
    assert built(only_one).judged(filed()).outcome == "clear"


def test_a_question_that_changes_only_a_proviso_is_asked() -> None:
    """A question is not irrelevant because the outcome is the same whatever is answered."""
    rules = """
a: {then: review us/state, because: a}
b: {when: target == "civil", then: review us/state, provisos: [{text: once only}], because: b}
"""
    found = built(us_book(rules), registry=(MISSILE, TERMS)).judged(filed("target"))
    assert found.outcome == "review"
    assert asked(found) == {"target"}
    assert not found.interval["at_least"].provisos
    assert [each["text"] for each in found.interval["at_most"].provisos] == ["once only"]


def test_a_question_that_another_right_makes_idle_is_not_asked() -> None:
    """What one right asks for in any case is no question because another asks for it perhaps."""
    us = us_book('a: {when: target == "civil", then: review us/state, because: a}', "clear")
    reliance = "reliances: {r: {of: missile, on: data, as: service}}"
    always = 'b: {when: right.basis == "service", then: review us/state, because: b}'
    both = us_book(
        'a: {when: via("data") == false && target == "civil", then: review us/state, because: a}\n'
        + always,
        "clear",
    )
    assert asked(built(us, registry=(ITEMS, TERMS)).judged(filed("target"))) == {"target"}
    drowned = built(both, registry=(ITEMS, TERMS, reliance)).judged(filed("target"))
    assert asked(drowned) == set()


def test_a_right_whose_rules_clear_replaces_the_review_at_home() -> None:
    """The stated exception: where no right stood, one that its holder clears may loosen."""
    finding = """
findings:
  none: {connection: {party: US}, finding: no-right, by: us/state, because: so found}
"""
    grant = "agreements: {a: {grants: GB, over: {items: missile}, activities: use}}"
    clearing = book("GB", "a: {then: clear, because: yes}")
    assert built(clearing, registry=(MISSILE, finding)).judged(filed()).outcome == "review"
    after = built(clearing, registry=(MISSILE, finding, grant)).judged(filed())
    assert after.outcome == "clear"


def test_findings_that_disagree_leave_the_right_standing() -> None:
    """Of two findings on one connection, the one that finds a right holds, whatever their names."""
    for first, second in (("no-right", "right"), ("right", "no-right")):
        findings = f"""
findings:
  a: {{connection: {{party: US}}, finding: {first}, by: us/state, because: a}}
  b: {{connection: {{party: US}}, finding: {second}, by: us/state, because: b}}
"""
        found = built(us_book(otherwise="refuse"), registry=(MISSILE, findings)).judged(filed())
        assert found.outcome == "refuse"


def test_a_finding_does_not_set_aside_the_actor_s_own_rules() -> None:
    """That a connection gives the actor no right does not free it from its own book."""
    finding = """
findings:
  none: {connection: {party: UA}, finding: no-right, by: us/state, because: so found}
"""
    own = book("UA", "no: {then: refuse, because: no}")
    clearing = us_book("a: {then: clear, because: yes}")
    found = built(own, clearing, registry=(MISSILE, finding)).judged(filed())
    assert found.outcome == "refuse"


def test_a_reliance_does_not_hide_the_right_over_a_service_that_is_used() -> None:
    """A service that the request uses counts, though a reliance on it is not engaged."""
    reliance = 'reliances: {r: {of: bow, on: data, as: service, when: target == "civil"}}'
    request = filed(services="data", lines={"one": {"item": "bow", "quantity": "1"}})
    for more in ((), (reliance,)):
        held = built(us_book(otherwise="refuse"), registry=(ITEMS, TERMS, *more))
        assert held.judged(request).outcome == "refuse"


def test_the_recipient_s_own_territory_is_told_apart_when_the_recipient_is_open() -> None:
    """Whether a leg crosses another's territory depends on who receives, and is asked."""
    leg = [{"from": "UA", "to": "PL"}]
    release = filed("recipient", activity="release", legs=leg)
    us = book("US", "a: {then: clear, because: yes}", more="").replace("[use,", "[use, release,")
    open_ = built(us).judged(release)
    assert open_.outcome == "open"
    assert asked(open_) == {"recipient"}
    assert built(us).judged({**release, "recipient": "PL"}).outcome == "clear"
    assert built(us).judged({**release, "recipient": "GB"}).outcome == "review"


def test_a_company_acts_under_the_state_that_it_is_under() -> None:
    """Where a company acts, the state above it has a say by jurisdiction."""
    company = "parties: {acme: {kind: company, under: GB}}"
    request = filed(actor="acme", applicant="acme")
    found = built(us_book("a: {then: clear, because: y}"), registry=(MISSILE, company)).judged(
        request
    )
    assert found.outcome == "review"
    answer = found.party("GB")
    assert answer is not None
    assert [(each.basis, each.through) for each in answer.rights] == [("jurisdiction", ("acme",))]


def test_an_amendment_reaches_no_further_than_its_scope() -> None:
    """A policy that amends another replaces its rules only where its own scope covers the right."""
    us = """
book: US
claims: [{basis: origin, activities: use}]
otherwise: clear
policies:
  old: {title: O, announced: "2024", rules: {x: {then: refuse, because: no}}}
  new:
    title: N
    announced: "2024"
    amends: [old]
    scope: area == "PL"
    rules: {x: {then: clear, because: yes}}
"""
    assert built(us).judged(filed()).outcome == "refuse"
    assert built(us).judged(filed(area="PL")).outcome == "clear"


FAILING = 'right.path[7] == "radio"'


@pytest.mark.parametrize(
    "us",
    [
        us_book(f"a: {{when: '{FAILING}', then: clear, because: a}}"),
        us_book(f"a: {{then: clear, stated: '{FAILING}', unstated: [x], because: a}}"),
        us_book("a: {then: clear, because: a}").replace(
            "    rules:", f"    scope: '{FAILING}'\n    rules:"
        ),
        us_book("a: {then: clear, because: a}").replace(
            "disclosure]}", f"disclosure], when: '{FAILING}'}}"
        ),
    ],
    ids=["when", "stated", "scope", "claim"],
)
def test_what_cannot_be_evaluated_is_at_least_reviewed_and_named(us: str) -> None:
    """A rule, a stated part, a scope or a claim without a value never clears, and is flagged."""
    found = built(us, registry=(ITEMS,)).judged(filed())
    assert found.at_least == found.at_most == "review"
    assert flags(found) & {"failed-rule", "failed-condition"}


@pytest.mark.parametrize("section", ["reliance", "agreement"])
def test_a_registry_condition_without_a_value_counts_and_is_named(section: str) -> None:
    """A connection whose condition cannot be evaluated is present, reviewed and flagged."""
    failing = 'when: "quantity / (quantity - quantity) == 1"'
    facts = {
        "reliance": "reliances: {r: {of: bow, on: radio, as: component, FAILING}}",
        "agreement": "agreements: {a: {grants: GB, over: {items: bow}, activities: use, FAILING}}",
    }
    request = filed(lines={"one": {"item": "bow", "quantity": "1"}})
    clearing = book("GB", "a: {then: clear, because: yes}")
    found = built(clearing, registry=(ITEMS, facts[section].replace("FAILING", failing))).judged(
        request
    )
    assert found.at_least == "review"
    assert offices(found, "GB") == {"gb/defence"}
    assert "failed-condition" in flags(found)


def test_a_refusing_rule_that_cannot_be_evaluated_still_refuses() -> None:
    """A failed rule counts with what it would require, joined to a review."""
    us = us_book(f"a: {{when: '{FAILING}', then: refuse, because: a}}")
    assert built(us, registry=(ITEMS,)).judged(filed()).outcome == "refuse"


def test_an_atom_that_mixes_an_open_field_with_a_reliance_is_told_apart() -> None:
    """`(target == …) == relies_on(…)` is one atom: its classes still see both of its sides."""
    us = us_book('a: {when: (target == "civil") == relies_on("radio"), then: refuse, because: a}')
    found = built(us, registry=(ITEMS, TERMS)).judged(filed("target"))
    assert asked(found) == {"target"}
    assert (found.interval["at_least"].outcome, found.at_most) == ("review", "refuse")


@pytest.mark.parametrize(
    ("when", "least", "most"),
    [
        ('starts < at + duration("720h")', "review", "refuse"),
        ("starts < at", "review", "refuse"),
        ('starts >= timestamp("9999-12-31T23:59:59Z")', "review", "refuse"),
        ('starts > timestamp("2025-01-01T00:00:00Z") - duration("48h")', "review", "refuse"),
        ("days_until(starts) > 30", "clear", "refuse"),
        ("starts < ends", "clear", "refuse"),
        ("quantity <= 100 + 50", "review", "refuse"),
        ("quantity in [3, 4]", "review", "refuse"),
        ("quantity < 0", "review", "review"),
        ("quantity >= 999999999999999", "review", "refuse"),
        ("quantity > 9223372036854775806", "review", "review"),
        ("quantity * 2 > 10", "clear", "refuse"),
    ],
)
def test_numbers_and_moments_are_tried_beside_what_they_are_compared_with(
    when: str, least: str, most: str
) -> None:
    """An open number or moment is exact where it is compared, and bounded where it is reckoned."""
    us = us_book(f"a: {{when: '{when}', then: refuse, because: a}}")
    request = filed("period", lines={"one": {"item": "missile"}})
    found = built(us).judged(request)
    assert (found.at_least, found.at_most) == (least, most)
    assert ("bounded" in flags(found)) == (least == "clear")


def test_a_period_that_has_a_beginning_is_not_over_before_it() -> None:
    """Completions of an open end lie after the known start."""
    us = us_book('a: {when: ends <= timestamp("2025-06-01T00:00:00Z"), then: refuse, because: a}')
    found = built(us).judged(filed(period={"from": "2025-06-01"}))
    assert found.at_most == "review"
    assert asked(found) == set()


def test_a_name_made_in_a_condition_that_the_registry_lacks_is_a_failure() -> None:
    """Asking for the posture or stock of what is no posture or item fails; it never crashes."""
    rules = """
a: {when: 'posture(purpose) == "calm"', then: clear, because: a}
b: {when: uses(purpose) || available(target), then: clear, because: b}
c: {when: 'stock(recipient, purpose) == "red"', then: clear, because: c}
"""
    for request in (filed(purpose="test"), filed("purpose", "recipient", "target")):
        found = built(us_book(rules), registry=(MISSILE, TERMS, MOOD)).judged(request)
        assert found.at_most == "review"
        assert flags(found) & {"failed-rule", "bounded"}


def test_what_bears_on_another_activity_is_said_and_not_weighed() -> None:
    """A route bears on transfers, services and platforms on use; elsewhere that is said."""
    legs = [{"from": "PL", "to": "GB"}]
    found = built(us_book("a: {then: clear, because: y}")).judged(filed(legs=legs))
    assert found.outcome == "clear"
    assert {each.about for each in found.flags if each.flag == "not-weighed"} == {"legs"}
    less = built(us_book("a: {then: clear, because: y}")).judged(filed())
    assert less.outcome == "clear"


def test_who_is_bounded_is_still_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A party whose right is too large to judge exactly still appears, with its most."""
    monkeypatch.setattr("placet.determination.completions.BOUND", 0)
    us = us_book('a: {when: target == "civil", then: refuse, because: no}')
    found = built(us, registry=(MISSILE, TERMS)).judged(filed("target"))
    answer = found.party("US")
    assert answer is not None
    assert (answer.at_least.outcome, answer.at_most.outcome) == ("clear", "refuse")
    assert found.at_most == "refuse"
    assert "bounded" in flags(found)


@given(st.integers(1, 12))
def test_many_disputes_are_bounded_and_said_to_be(number: int) -> None:
    """More readings than can be told apart give a bounded answer, never a milder one."""
    policies = "".join(
        f'  p{n}: {{title: P, announced: "2024", grade: disputed, '
        f"rules: {{r: {{then: refuse, because: r}}}}}}\n"
        for n in range(number)
    )
    us = f"book: US\nclaims: [{{basis: origin, activities: use}}]\npolicies:\n{policies}"
    found = built(us).judged(filed())
    assert found.at_most == "refuse"
    assert (found.at_least == "refuse") == ("bounded" not in flags(found))


def test_in_a_complete_world_the_judgement_asks_nothing() -> None:
    """A request that leaves nothing open is judged plainly, without a choice."""
    matter = built(us_book("a: {then: clear, because: yes}")).matter(filed())
    world = World(matter)
    judged = [judge(each, world) for each in matter.connections["one"]]
    assert all(each is not None for each in judged)
    assert determine(matter).open_questions == ()
