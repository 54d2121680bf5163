"""An audit while people go on working: it says nothing that is not so, and misses nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import acting_world as world
import psycopg
import pytest

from placet.bootstrap import Installation, opened
from placet.operations.auditing.audit import audit
from placet.operations.auditing.report import AuditReport
from placet.operations.house import House
from server_for_tests import Url
from waiting import until

AUDITS = 6
"""How often the log is audited while the others work."""


class Still:
    """A clock that stands, so that only the order of the log tells what came first."""

    def now(self) -> datetime:
        return world.START


@dataclass
class Office:
    """A log at which several work, each by connections of their own, until they are stopped."""

    auditor: Installation
    houses: list[House]
    url: Url
    stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have everybody work meanwhile; what goes wrong in their work comes up at the end."""
        works = [self._rules, *[self._cases] * (len(self.houses) - 1)]
        with ThreadPoolExecutor(len(works)) as threads:
            working = [
                threads.submit(work, place, house)
                for place, (work, house) in enumerate(zip(works, self.houses, strict=True))
            ]
            try:
                yield
            finally:
                self.stop.set()
        assert all(each.result() > 0 for each in working)

    def _rules(self, _: int, house: House) -> int:
        """Change the rules, again and again: the first change suspends what rests."""
        before, number = "use", 0
        while not self.stop.is_set():
            policy = f"p-{number}"
            text = world.reviewed(policy, "review us/secdef", before)
            given = {"party": "US", "policy": policy, "text": text, "because": "b"}
            world.do(house, "rory", "adopt-policy", **given)
            before, number = policy, number + 1
        return number

    def _cases(self, place: int, house: House) -> int:
        """Take cases from filing to the end of their permits."""
        number = 0
        while not self.stop.is_set():
            case, permit = f"C-{place}-{number}", f"P-{place}-{number}"
            world.filed(house, case, world.RELEASE)
            world.decide(house, "ann", case, "us/state")
            world.decide(house, "bob", case, "us/state")
            status = 1000 * place + number
            world.do(house, "lee", "issue", case, permit=permit, status=status)
            said = {"area": "none", "target": "none", "purpose": "none", "recipient": "UA"}
            world.use(house, "olena", case, world.START, permit=permit, report=permit, **said)
            world.do(house, "len", "revoke", case, permit=permit, because="b")
            number += 1
        return number

    def audited(self) -> AuditReport:
        """Audit the log as it is at this moment, with the keys that are kept beside it."""
        keys = self.auditor.keys
        return audit(
            self.auditor.house.reading,
            world.ORIGIN,
            keys.verifiers(),
            permit_keys=keys.permit_verifiers(),
        )

    def recorded(self) -> int:
        """Return how many acts are on record."""
        with psycopg.connect(self.url("placet_act")) as connection:
            return int((connection.execute("SELECT count(*) FROM entry").fetchone() or (0,))[0])

    def awaited(self, more: int = 3) -> int:
        """Wait until some more acts are on record; return how many are."""
        enough = self.recorded() + more
        until(lambda: self.recorded() >= enough)
        return self.recorded()


@pytest.fixture
def office(new_database: Callable[..., Url], tmp_path: Path) -> Iterator[Office]:
    """A log with a case that rests, and with a permit that every change of the rules bears on."""
    url = new_database("beside")
    environ = {"PLACET_DATA": str(tmp_path), "DATABASE_URL": url("placet_owner")}
    with ExitStack() as stack:
        first = stack.enter_context(opened(environ, new_origin=world.ORIGIN, clock=Still()))
        world.begun(first.house)
        world.permitted(first.house, "F-1", "P-1", 1)
        others = [stack.enter_context(opened(environ, clock=Still())) for _ in range(3)]
        yield Office(first, [each.house for each in others], url)


def test_an_audit_beside_work_finds_nothing_that_is_not_so(office: Office) -> None:
    """Proves that acts which go on while it reads are no finding, however far each has come."""
    sizes, meanwhile = [], 0
    with office.at_work():
        for _ in range(AUDITS):
            before = office.awaited()
            report = office.audited()
            assert report.wrong == ()
            assert report.follows
            sizes.append(report.size)
            meanwhile += office.recorded() - before
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] <= office.audited().size
    assert meanwhile > 0


FORGED = {
    "a case": (
        (
            "UPDATE case_head SET state = jsonb_set(state::jsonb, '{submitted-by}', '\"x\"')::json"
            " WHERE case_id = 'F-1'"
        ),
        "F-1",
    ),
    "an entry": (
        (
            "UPDATE body SET body = convert_to(replace(convert_from(body, 'UTF8'),"
            " 'UA-63', 'UA-43'), 'UTF8') WHERE case_id = 'F-1'"
        ),
        "Entry 1: ",
    ),
    "an act that nobody did": (
        (
            "WITH made AS (INSERT INTO entry SELECT nextval('ticket'), sha256('x')"
            " RETURNING ticket) INSERT INTO body SELECT ticket, 'F-1', 'x' FROM made"
        ),
        "waits for none",
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forgery_made_beside_work_is_found(office: Office, what: str) -> None:
    """Proves that acts which go on hide nothing: what is forged among them is named."""
    forgery, says = FORGED[what]
    with office.at_work():
        office.awaited()
        assert office.audited().wrong == ()
        with psycopg.connect(office.url("placet_owner")) as owner:
            assert owner.execute(forgery.encode()).rowcount > 0
        office.awaited()
        found = office.audited().wrong
    assert any(says in str(each) for each in found), found
