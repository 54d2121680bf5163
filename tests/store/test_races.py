"""Acts that race each other: one of the lawful orders comes out, never a mixture of two."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import acting_world as world
import psycopg
import pytest
from whole_log import WholeLog

from placet.bootstrap import opened
from placet.errors import PlacetError
from placet.operations.house import House
from placet.operations.ports import Acknowledgement
from placet.review.case import Case, PermitStage, Stage
from placet.review.errors import (
    RepeatedError,
    StageError,
    StaleError,
    UnlawfulError,
    UnreadableError,
)
from placet.review.summary import summary
from placet.store.connections import CONTEXT, PLACET
from server_for_tests import Url
from waiting import until

TIMES = 8
"""How often each race is run."""

Did = Acknowledgement | PlacetError


class Still:
    """A clock that stands, so that only the order of the log tells what came first."""

    def now(self) -> datetime:
        return world.START


@dataclass
class Two:
    """Two installations over one database and one folder of keys, as two processes have them."""

    one: House
    other: House
    url: Url
    log: WholeLog

    def case(self, case: str) -> Case:
        """The case as it stands."""
        return self.one.reading.case(case)


@pytest.fixture
def two(new_database: Callable[..., Url], tmp_path: Path) -> Iterator[Two]:
    """Two installations in which the small world has begun; at the end the log must be whole."""
    url = new_database("races")
    environ = {"PLACET_DATA": str(tmp_path), "DATABASE_URL": url("placet_owner")}
    with opened(environ, new_origin=world.ORIGIN, clock=Still()) as first:
        world.begun(first.house)
        with opened(environ, clock=Still()) as second:
            made = Two(first.house, second.house, url, WholeLog(url, first.keys))
            yield made
        made.log.check()


def race(*acts: Callable[[], Acknowledgement]) -> list[Did]:
    """Perform acts at the same moment; return what each came to."""
    gate = threading.Barrier(len(acts))

    def perform(act: Callable[[], Acknowledgement]) -> Did:
        gate.wait()
        try:
            return act()
        except PlacetError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return [each.result() for each in [threads.submit(perform, act) for act in acts]]


def in_order(two: Two, lock: str, *acts: Callable[[], Acknowledgement]) -> list[Did]:
    """Perform acts that all wait for one lock before any of them goes on: in this order.

    PostgreSQL gives a lock to those who wait for it in the order in which they came.
    """

    def perform(act: Callable[[], Acknowledgement]) -> Did:
        try:
            return act()
        except PlacetError as error:
            return error

    with (
        psycopg.connect(two.url("placet_owner")) as holder,
        ThreadPoolExecutor(len(acts)) as threads,
    ):
        holder.execute(f"SELECT pg_advisory_xact_lock({lock})".encode())
        results = []
        for number, act in enumerate(acts, 1):
            results.append(threads.submit(perform, act))
            _await_waiting(two, number)
        holder.commit()
        return [each.result() for each in results]


CONTEXT_LOCK = f"{PLACET}, {CONTEXT}"
"""What acts on the context take alone, and acts on a case together."""


def case_lock(case: str) -> str:
    """Return what acts on one case take one after the other."""
    return f"hashtextextended('{case}', 0)"


def _await_waiting(two: Two, number: int) -> None:
    """Wait until that many wait for a lock."""
    with psycopg.connect(two.url("placet_owner"), autocommit=True) as connection:
        until(lambda: connection.execute(_WAITING).fetchone() == (number,))


_WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)

BOTH_ORDERS = pytest.mark.parametrize("first", [0, 1])


def done(results: list[Did]) -> list[Acknowledgement]:
    """Return the acts that were done."""
    return [each for each in results if isinstance(each, Acknowledgement)]


def refused(results: list[Did]) -> list[type]:
    """Return how the others were refused."""
    return [type(each) for each in results if isinstance(each, PlacetError)]


def entries(url: Url) -> int:
    """Return how many acts are on record."""
    with psycopg.connect(url("placet_act")) as connection:
        return int((connection.execute("SELECT count(*) FROM entry").fetchone() or (0,))[0])


def test_a_context_is_the_same_to_whoever_made_it(two: Two) -> None:
    """Proves that what one process determines another does not find changed, whoever came first."""
    at = "2025-06-01T00:00:00Z"
    for number, (maker, other) in enumerate([(two.one, two.other), (two.other, two.one)]):
        world.do(
            maker,
            "rory",
            "appoint",
            official=f"a{number}",
            person=f"a{number}",
            name="A",
            office="us/secdef",
            from_=at,
            because="b",
        )
        for case, house, decider in (("M", maker, other), ("O", other, maker)):
            world.filed(house, f"{case}-{number}")
            world.decide(decider, "sec", f"{case}-{number}")


@BOTH_ORDERS
def test_one_office_that_decides_by_one_person_decides_once(two: Two, first: int) -> None:
    """Proves that of two officials of one office who decide at once the first does, and only he."""
    world.filed(two.one, "C-1")
    acts = [
        lambda: world.decide(two.one, "sec", "C-1"),
        lambda: world.decide(two.other, "acting", "C-1", verdict="refuse"),
    ]
    decided, second = in_order(two, case_lock("C-1"), acts[first], acts[1 - first])
    assert isinstance(decided, Acknowledgement)
    assert type(second) is (RepeatedError if first == 0 else StageError)
    found = two.case("C-1")
    assert [each.person for each in found.decisions] == [("sec", "acting")[first]]
    assert found.stage is (Stage.DECIDED, Stage.REFUSED)[first]
    assert found.version == 3


def test_an_office_that_decides_by_two_persons_takes_both_and_no_third(two: Two) -> None:
    """Proves that of three who decide at once for an office of two both places are taken, once."""
    for number in range(TIMES):
        case = f"C-{number}"
        world.filed(two.one, case, world.RELEASE)
        results = race(
            *(
                lambda house=house, person=person, case=case: world.decide(
                    house, person, case, "us/state"
                )
                for house, person in ((two.one, "ann"), (two.other, "bob"), (two.one, "cleo"))
            )
        )
        assert len(done(results)) == 2
        assert refused(results) == [RepeatedError]
        found = two.case(case)
        assert {each.person for each in found.decisions} == {
            each.change.event.actor for each in done(results)
        }
        assert found.stage is Stage.DECIDED


@BOTH_ORDERS
def test_a_decision_and_a_change_of_context_do_not_pass_each_other(two: Two, first: int) -> None:
    """Proves that no decision is recorded on what the context at that moment no longer says."""
    world.filed(two.one, "C-1")
    acts = [
        lambda: world.decide(two.one, "sec", "C-1"),
        lambda: adopt(two.other, "p", "review us/state"),
    ]
    results = in_order(two, CONTEXT_LOCK, acts[first], acts[1 - first])
    if first == 0:
        decided, adopted = results
        assert isinstance(decided, Acknowledgement)
        assert isinstance(adopted, Acknowledgement)
        assert decided.index < adopted.index
        _assert_it_followed(two, "C-1", decided.index)
    else:
        adopted, decided = results
        assert isinstance(adopted, Acknowledgement)
        assert type(decided) is StaleError
        assert two.case("C-1").decisions == ()
    assert two.one.reading.context().version == 2


def adopt(house: House, policy: str, outcome: str) -> Acknowledgement:
    """Adopt a policy in the place of the one on use."""
    text = world.reviewed(policy, outcome)
    given = {"party": "US", "policy": policy, "text": text, "because": "b"}
    done_: Acknowledgement = world.do(house, "rory", "adopt-policy", **given)
    return done_


def _assert_it_followed(two: Two, case: str, index: int) -> None:
    """Determine the case again in the context that its decision was recorded in."""
    body = next(two.one.reading.entries(index, index + 1)).body
    assert body is not None
    said = body.entry()
    context = two.one.reading.context(said.context_version)
    request = context.request(two.case(case).request)
    then = summary(context.determine(request, said.time), request, context, said.time)
    assert [each.substance for each in two.case(case).decisions] == [then.substance]


@BOTH_ORDERS
def test_a_use_is_in_limits_before_a_revocation_and_a_violation_after(two: Two, first: int) -> None:
    """Proves that a report which comes after the revocation is never silently in limits."""
    world.permitted(two.one, "C-1", "P-1", 1)
    acts = [
        lambda: world.use(two.one, "olena", "C-1", world.START, permit="P-1", report="R"),
        lambda: world.do(two.other, "len", "revoke", "C-1", permit="P-1", because="b"),
    ]
    results = in_order(two, case_lock("C-1"), acts[first], acts[1 - first])
    one, other = done(results)
    assert [one.change.event.command.kind, other.change.event.command.kind] == (
        ["report-use", "revoke"] if first == 0 else ["revoke", "report-use"]
    )
    assert one.index < other.index
    found = two.case("C-1")
    (report,) = found.reports
    assert bool(report.beyond) is (first == 1)
    assert found.permits["P-1"].stage is PermitStage.REVOKED


def test_two_uses_never_share_the_last_of_a_quantity(two: Two) -> None:
    """Proves that what is reported within limits never adds up to more than the permit."""
    for number in range(TIMES):
        case, permit = f"C-{number}", f"P-{number}"
        world.permitted(two.one, case, permit, number)
        results = race(
            *(
                lambda house=house, person=person, case=case, permit=permit: world.use(
                    house, person, case, world.START, permit=permit, report=person, quantity=3
                )
                for house, person in ((two.one, "olena"), (two.other, "taras"))
            )
        )
        first, second = sorted(done(results), key=lambda each: each.index)
        reports = {each.reported_by: each for each in two.case(case).reports}
        assert reports[first.change.event.actor].beyond == ()
        assert reports[second.change.event.actor].beyond == (
            "On the line one 3 used, 1 left: 2 too many.",
        )


def test_a_line_gets_one_permit(two: Two) -> None:
    """Proves that two who issue for the same line at once give out one permit."""
    for number in range(TIMES):
        case = f"C-{number}"
        world.filed(two.one, case, area="UA-63")
        results = race(
            *(
                lambda house=house, person=person, case=case, status=status: world.do(
                    house, person, "issue", case, permit=f"{case}-{person}", status=status
                )
                for house, person, status in (
                    (two.one, "lee", 2 * number),
                    (two.other, "len", 2 * number + 1),
                )
            )
        )
        assert refused(results) == [RepeatedError]
        (issued,) = done(results)
        assert list(two.case(case).permits) == [f"{case}-{issued.change.event.actor}"]


def test_one_reference_opens_one_case(two: Two) -> None:
    """Proves that two who file under one reference at once do not both, and do not mix."""
    for number in range(TIMES):
        case = f"C-{number}"
        results = race(
            *(
                lambda house=house, person=person, case=case: world.do(
                    house, person, "submit", case, request=world.plain(world.USE, purpose="none")
                )
                for house, person in ((two.one, "olena"), (two.other, "taras"))
            )
        )
        assert refused(results) == [UnlawfulError]
        (opened_by,) = (each.change.event.actor for each in done(results))
        assert two.case(case).submitted_by == opened_by
        assert two.case(case).version == 1


@pytest.mark.parametrize("same", ["status", "permit"])
def test_a_place_on_the_status_list_and_a_permit_s_name_are_taken_once(two: Two, same: str) -> None:
    """Proves that a second permit in one place, or of one name, is refused and nothing written."""
    for number in range(TIMES // 2):
        cases = (f"C-{number}-a", f"C-{number}-b")
        given: tuple[dict[str, Any], ...] = tuple(
            {
                "permit": f"P-{number}" if same == "permit" else f"P-{case}",
                "status": number if same == "status" else 2 * number + place,
            }
            for place, case in enumerate(cases)
        )
        for case in cases:
            world.filed(two.one, case, area="UA-63")
        two.log.check()
        before = entries(two.url)
        results = race(
            lambda given=given, cases=cases: world.do(
                two.one, "lee", "issue", cases[0], **given[0]
            ),
            lambda given=given, cases=cases: world.do(
                two.other, "lee", "issue", cases[1], **given[1]
            ),
        )
        assert len(done(results)) == 1
        (error,) = (each for each in results if isinstance(each, PlacetError))
        assert type(error) is RepeatedError
        assert "taken" in str(error)
        assert entries(two.url) == before + 2  # the permit, and the status list
        loser = cases[results.index(error)]
        assert two.case(loser).permits == {}
        assert two.case(loser).version == 2


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\\\x00"])
def test_a_text_that_could_not_be_erased_is_not_recorded(two: Two, text: str) -> None:
    """Proves that the character NUL is refused, so that every entry on record can be erased."""
    world.filed(two.one, "C-1")
    before = entries(two.url)
    with pytest.raises(UnreadableError, match="control characters"):
        world.do(two.one, "dana", "ask", "C-1", asks=text)
    assert entries(two.url) == before
    done_ = world.do(two.one, "dana", "ask", "C-1", asks="\\u0000 \u2028 \U0001f54a")
    erased = world.do(two.one, "rory", "erase", entry=done_.index, fields=["payload"], because="b")
    assert erased.index == done_.index + 1


@pytest.mark.parametrize("how", ["used", "revoked"])
def test_an_act_on_the_context_sees_what_was_done_while_it_waited(two: Two, how: str) -> None:
    """Proves that of cases read before the lock none is taken as it stood: they moved since."""
    world.permitted(two.one, "C-1", "P-1", 1)
    world.permitted(two.one, "C-2", "P-2", 2)
    acts = {
        "used": lambda: world.use(
            two.one, "olena", "C-1", world.START, permit="P-1", report="R", quantity=1
        ),
        "revoked": lambda: world.do(two.one, "len", "revoke", "C-1", permit="P-1", because="b"),
    }
    results = in_order(
        two, CONTEXT_LOCK, acts[how], lambda: adopt(two.other, "p", "review us/secdef")
    )
    moved, adopted = done(results)
    assert moved.index < adopted.index
    ends = how == "revoked"
    assert adopted.change.event.touches == (("C-2",) if ends else ("C-1", "C-2"))
    found = two.case("C-1")
    assert len(found.reports) == (how == "used")
    stage = PermitStage.REVOKED if ends else PermitStage.SUSPENDED
    assert found.permits["P-1"].stage is stage
    assert two.case("C-2").permits["P-2"].stage is PermitStage.SUSPENDED


@BOTH_ORDERS
def test_a_permit_is_suspended_by_an_adoption_or_not_issued(two: Two, first: int) -> None:
    """Proves that no permit is issued past an act that ends what it would rest on."""
    world.filed(two.one, "C-1", area="UA-63")
    acts = [
        lambda: world.do(two.one, "lee", "issue", "C-1", permit="P-1", status=1),
        lambda: adopt(two.other, "p", "review us/secdef"),
    ]
    results = in_order(two, CONTEXT_LOCK, acts[first], acts[1 - first])
    if first == 0:
        issued, adopted = results
        assert isinstance(issued, Acknowledgement)
        assert isinstance(adopted, Acknowledgement)
        assert issued.index < adopted.index
        assert adopted.change.event.touches == ("C-1",)
        assert two.case("C-1").permits["P-1"].stage is PermitStage.SUSPENDED
        assert two.one.reading.permit_row("P-1").status == 2
    else:
        adopted, issued = results
        assert isinstance(adopted, Acknowledgement)
        assert adopted.change.event.touches == ()
        assert type(issued) is StaleError
        assert two.case("C-1").permits == {}
