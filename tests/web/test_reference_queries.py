"""No page and no list asks the register more as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_sample import caller

from placet.registry import read

PAGES = (
    "/policies/",
    "/policies/US/2022-donor-conditions/",
    "/systems/",
    "/systems/storm-shadow/?actor=UA",
    "/freedom/?holder=UA",
    "/stock/",
    "/permits/",
    "/ledger/",
    "/ledger/3/",
    "/reports/",
    "/authority/",
    "/inbox/",
    "/inbox/?tab=stale",
    "/inbox/?tab=team",
    "/inbox/?tab=others&q=atacms",
)
LISTS = ("/inbox?limit=4", "/cases?limit=4", "/stock")
"""What programs ask for: a page of a list, and what is counted over all cases."""


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the transactions in which the pages' own house is read meanwhile."""
    from placet.store.connections import Database
    from placet.web.house import house

    ours = vars(house().reading)["_database"]

    found = [0]
    whole = Database.transaction

    def transaction(self: Any, *given: Any, **more: Any) -> Any:
        found[0] += self is ours
        return whole(self, *given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "transaction", transaction)
        yield found


def test_pages_ask_as_much_of_a_larger_register(
    office: Any, signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, ukraine: Path
) -> None:
    """After six more cases with their acts, each page and list asks no more than before.

    What is asked for but once a second is known from the first time on, however slow the machine.
    Rows come four at a time meanwhile, so that whatever reads every case asks more. The ledger's
    page looks at four entries: at more in an office.
    """
    from placet.need_to_know.staleness import Compared
    from placet.operations.acting import act
    from placet.operations.comparing import compare_cases
    from placet.operations.signing_in import resume_demonstration
    from placet.review import command_of

    monkeypatch.setattr("placet.store.reading._AT_ONCE", 4)
    monkeypatch.setattr("placet.web.pages.ledger.ON_A_PAGE", 4)
    monkeypatch.setattr("placet.web.api.present._held", None)
    monkeypatch.setattr("placet.web.api.present._ASKED_EVERY", 3600.0)
    people = ("marchenko", "tan")
    browsers = {person: signed_in(person) for person in people}
    callers = {person: caller(office.house, person, "read") for person in people}

    def asked() -> dict[tuple[str, str], int]:
        found = {}
        for person in people:
            for page in (*PAGES, *LISTS):
                ask = callers[person].get if page in LISTS else browsers[person].get
                with counted(monkeypatch) as queries:
                    assert ask(page).status_code == 200
                found[person, page] = queries[0]
        return found

    asked()  # the first time a process is asked, it reads what it then keeps
    before = asked()
    assert all(before.values())
    plain = dict(read(ukraine / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    for _ in range(6):
        case = office.house.references.reference("C")
        for person, kind, fields in (
            ("marchenko", "submit", {"case": case, "request": plain}),
            ("whitfield", "determine", {}),
        ):
            who = resume_demonstration(office.house, person)
            act(office.house, who, command_of(kind, fields), case=case)
    now = office.house.clock.now()
    office.house.recording.compare(now, 999, lambda _c, _x, _a: Compared(True, now))
    after = asked()
    assert compare_cases(office.house, 999, timedelta(minutes=1)) >= 6
    assert {key: count for key, count in after.items() if count > before[key]} == {}
