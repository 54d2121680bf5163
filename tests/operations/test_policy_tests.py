"""The tests of a policy: worked examples in its text, run by whoever may know them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from audit_sample import Register
from placet.operations.house import SignedIn
from placet.operations.on_record.books import see_policy
from placet.operations.on_record.policy_tests import before_adopting, policy_tests
from placet.operations.on_record.policy_trials import tried
from placet.operations.register import OwnRegister
from placet.review import command_of
from placet.review.lawful import policy_digest
from placet.review.rewriting import policy_text

DESK, INSPECTOR, APPLICANT = (SignedIn(each, None) for each in ("hart", "tan", "marchenko"))
REVIEW, CONDITIONS = "2025-strike-review", "2022-donor-conditions"


def _adopting(played: Register, change: Any = None) -> dict[str, Any]:
    """Return the act that would adopt the review anew from tomorrow, its tests changed."""
    text = deepcopy(policy_text(played.reading.context().plain, "US", REVIEW))
    text |= {"from": "2099-01-01", "supersedes": [REVIEW]}
    text.pop("known")
    for each in text["tests"].values():
        each["expect"][0]["at"] = "2099-07-01"
        for party in each["expect"][0]["parties"].values():
            party.pop("rules", None)
    if change is not None:
        change(text["tests"])
    return {"party": "US", "policy": "2099-review", "text": text, "because": "renewed"}


def test_every_test_on_record_passes_for_those_who_may_know_it(played: Register) -> None:
    """The owner's officials and auditors see day, outcome, rule and reason of each example."""
    for who in (DESK, INSPECTOR):
        for policy in (REVIEW, CONDITIONS, "2024-11-atacms"):
            found = policy_tests(played.house, who, "US", policy)
            assert found
            assert [each.differs for each in found if not each.passes] == []
    alone, others, own = policy_tests(played.house, DESK, "US", REVIEW)
    assert (own.outcome, own.says[0].rule, own.says[0].then) == ("review", "each-strike", "review")
    assert others.says[0].because.startswith("United States approval is needed")
    assert (alone.outcome, alone.says) == ("review", ())


def test_tests_of_an_announced_policy_are_its_owners(played: Register) -> None:
    """Ukraine reads the conditions announced to it, and nothing of what was written to try them."""
    assert policy_tests(played.house, APPLICANT, "US", CONDITIONS) == ()
    day = played.clock.now()
    assert see_policy(played.house, APPLICANT, "US", CONDITIONS, day).policy.tests == {}
    assert see_policy(played.house, DESK, "US", CONDITIONS, day).policy.tests


def test_a_case_is_tried_once_whatever_rules_speak_of_it(played: Register) -> None:
    """With every rule that speaks of it, within."""
    found = tried(played.house, DESK, "US", REVIEW, played.clock.now())
    cases = [each.case for each in found]
    assert len(set(cases)) == len(cases)
    assert ("each-strike", "negotiation") in {
        tuple(said.rule for said in each.rules) for each in found
    }


def _wrong(tests: Any) -> None:
    tests["supplied-missile"]["expect"][0]["outcome"] = "clear"


def _unreadable(tests: Any) -> None:
    tests["supplied-missile"]["area"] = "RU-NOWHERE"


def _misspelt(tests: Any) -> None:
    tests["supplied-missile"]["expect"][0]["outcom"] = "clear"


def _silent(tests: Any) -> None:
    del tests["supplied-missile"]["expect"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_wrong, ", on 2099-07-01, does not come out: the outcome is review, not clear."),
        (_unreadable, ", does not come out: area: RU-NOWHERE is not a known name"),
        (_misspelt, ", does not come out: expect.0.outcom: there is no field outcom here."),
        (_silent, ", does not come out: it expects nothing: add `expect`, as in a request file."),
    ],
)
def test_whoever_adopts_is_told_what_fails_and_adopts_all_the_same(
    played: Register, change: Any, says: str
) -> None:
    """A wrong, unreadable or empty example is named before anything is signed, and stops nobody."""
    given = _adopting(played, change)
    stated = OwnRegister(played.house, DESK).state("adopt-policy", None, given)
    (warning,) = stated.warns
    assert warning.startswith(f"The test supplied-missile{says}")


def test_what_passes_warns_of_nothing(played: Register) -> None:
    """Adopted anew with examples that hold, nothing is said before it is signed."""
    given = _adopting(played)
    assert OwnRegister(played.house, DESK).state("adopt-policy", None, given).warns == []
    ran = before_adopting(played.house, DESK, command_of("adopt-policy", given))
    assert [each.passes for each in ran] == [True, True, True]


def test_the_digest_of_a_policy_is_of_its_text_without_tests(played: Register) -> None:
    """Whoever compares what was announced with what was adopted does not have the tests."""
    text = policy_text(played.reading.context().plain, "US", REVIEW)
    bare = {key: each for key, each in text.items() if key != "tests"}
    assert bare != text
    assert policy_digest(bare) == policy_digest(text)
