"""Cases whose determination went stale without an act on them: found, for whoever is told so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit_sample import UKRAINE, Register, memory_register
from placet.need_to_know.desk import Tab
from placet.operations.auditing.audit import audit
from placet.operations.house import SignedIn
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.comparing import compare_cases
from placet.operations.seeing.desks import Narrowed, see_briefs, see_desk
from placet.registry import read

STALE = Narrowed(Tab.STALE)
LONG = timedelta(hours=1)


QUIET = {
    "title": "What is asked before any use, for now",
    "from": "2025-03-03",
    "announced": "undeclared",
    "rules": {
        "all": {
            "when": 'activity == "use"',
            "then": "review us/usd-policy",
            "because": "talks are under way",
        }
    },
}


def adopt(register: Register) -> None:
    """Have an undeclared policy adopted that bears on every use."""
    register.do("hart", "adopt-policy", party="US", policy="quiet", text=QUIET, because="talks")


@pytest.fixture
def register() -> Register:
    """A register with two open cases, both determined before the review was adopted."""
    found = memory_register()
    found.begin()
    plain = dict(read(UKRAINE / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    for case in ("C-A", "C-B"):
        found.do("marchenko", "submit", case, request={**plain, "request": case.lower()})
        found.do("whitfield", "determine", case)
    return found


def stale(register: Register, person: str) -> dict[str, tuple[str, ...]]:
    """Return what is on somebody's tab of stale cases: who could determine each anew."""
    desk = see_desk(register.house, SignedIn(person, None), STALE)
    assert desk.tallies[Tab.STALE].count == len(desk.lines)
    listed = see_briefs(register.house, SignedIn(person, None), tabs=(Tab.STALE,))
    assert [each.case for each in listed] == [each.case.id for each in desk.lines]
    return {each.case.id: each.renew for each in desk.lines}


def test_a_policy_makes_cases_stale_for_those_who_are_told_and_nobody_else(
    register: Register,
) -> None:
    """Adopting an undeclared review shows inside; to the applicant not a byte or count changes."""
    applicant = SignedIn("marchenko", None)
    assert compare_cases(register.house, 9, LONG) == 2
    assert stale(register, "whitfield") == {}
    before = [see_case(register.house, applicant, each).canonical() for each in ("C-A", "C-B")]
    told = see_desk(register.house, applicant).tallies
    adopt(register)
    assert stale(register, "whitfield") == {}, "nobody has compared them yet"
    assert compare_cases(register.house, 9, LONG) == 2
    assert compare_cases(register.house, 9, LONG) == 0, "what was compared rests"
    assert list(stale(register, "whitfield")) == ["C-A", "C-B"]
    assert all("us/review-desk" in each for each in stale(register, "whitfield").values())
    assert list(stale(register, "tan")) == ["C-A", "C-B"]
    assert stale(register, "marchenko") == {}
    after = [see_case(register.house, applicant, each).canonical() for each in ("C-A", "C-B")]
    assert (after, see_desk(register.house, applicant).tallies) == (before, told)


def test_a_new_determination_takes_a_case_away_at_once(register: Register) -> None:
    """The act that renews it lays it aside; the other stays, and an audit finds both in order."""
    adopt(register)
    compare_cases(register.house, 9, LONG)
    register.do("whitfield", "determine", "C-A")
    assert list(stale(register, "whitfield")) == ["C-B"]
    assert compare_cases(register.house, 9, LONG) == 1
    assert list(stale(register, "whitfield")) == ["C-B"]
    keys = register.reading.log_keys()
    assert audit(register.reading, register.house.origin, keys).wrong == ()


def test_what_a_row_says_is_held_against_the_context(register: Register) -> None:
    """A row that somebody else could put there makes no case stale that is not."""
    from placet.need_to_know.staleness import Compared

    register.recording.compare(
        register.clock.at, 9, lambda _case, _context, at: Compared(True, at + LONG)
    )
    desk = see_desk(register.house, SignedIn("whitfield", None), STALE)
    assert (desk.tallies[Tab.STALE].count, desk.lines) == (2, ())


def test_a_day_that_comes_is_waited_for_and_not_asked_about(register: Register) -> None:
    """What was compared is compared again when a date of the record has passed, and not before."""
    assert compare_cases(register.house, 9, LONG) == 2
    context = register.reading.context()
    request = context.request(register.reading.case("C-A").request)
    ends = context.precedents.lasts(request, register.clock.at)
    assert ends > register.clock.at
    register.clock.at = ends - timedelta(seconds=1)
    assert compare_cases(register.house, 9, LONG) == 0
    register.clock.at = ends
    assert compare_cases(register.house, 9, LONG) == 2


def test_comparing_ends_where_it_is_told_to(register: Register) -> None:
    """It takes no more cases than it may, and goes on where it was the next time."""
    assert [compare_cases(register.house, 1, LONG) for _ in range(3)] == [1, 1, 0]
