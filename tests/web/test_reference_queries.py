"""No reference page asks the register more as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

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
)


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
    """After twelve more cases with their acts, each page asks no more than before."""
    from placet.operations.acting import act
    from placet.operations.signing_in import resume_demonstration
    from placet.review import command_of

    browsers = {person: signed_in(person) for person in ("marchenko", "whitfield", "tan")}

    def asked() -> dict[tuple[str, str], int]:
        found = {}
        for person, browser in browsers.items():
            for page in PAGES:
                browser.get(page)
                with counted(monkeypatch) as queries:
                    assert browser.get(page).status_code == 200
                found[person, page] = queries[0]
        return found

    before = asked()
    assert all(before.values())
    plain = dict(read(ukraine / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    for _ in range(12):
        case = office.house.references.reference("C")
        for person, kind, fields in (
            ("marchenko", "submit", {"case": case, "request": plain}),
            ("whitfield", "determine", {}),
        ):
            who = resume_demonstration(office.house, person)
            act(office.house, who, command_of(kind, fields), case=case)
    after = asked()
    assert {key: count for key, count in after.items() if count > before[key]} == {}
