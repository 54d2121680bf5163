"""What tests of pages do again and again: file a case and act on it, and sign what a page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from placet.operations.acting.act import act
from placet.operations.acting.signing_in import resume_demonstration
from placet.registry import read
from placet.review import command_of

__all__ = ["PASSWORD", "done", "new_case", "request_of", "signing"]

PASSWORD = "a password for tests"
"""The password of everybody in the demonstration of tests."""


def request_of(ukraine: Path, name: str = "atacms-in-russia") -> dict[str, Any]:
    """Return a request of the scenario as its file has it, without what is expected of it."""
    plain = dict(read(ukraine / "requests" / f"{name}.yaml").plain)
    plain.pop("expect", None)
    return plain


def done(
    house: Any, case: str | None, person: str, kind: str, fields: Mapping[str, Any], **more: Any
) -> int:
    """Have a person do an act by the word of the demonstration; return its entry."""
    who = resume_demonstration(house, person)
    made = act(house, who, command_of(kind, dict(fields)), case=case, sign=who.sign, **more)
    return int(made.index)


def new_case(
    office: Any, ukraine: Path, *acts: tuple[str, str, Mapping[str, Any]], **other: Any
) -> str:
    """File a request with some other fields, have it determined, do some acts; return the case."""
    name: str = office.house.references.reference("C")
    for person, kind, fields in (
        ("marchenko", "submit", {"case": name, "request": {**request_of(ukraine), **other}}),
        ("whitfield", "determine", {}),
        *acts,
    ):
        done(office.house, name, person, kind, fields)
    return name


def signing(page: str) -> dict[str, str]:
    """Return what a page of signing sends along: the draft, if there is one, and the digest."""
    kept = re.findall(r'name="(draft|digest)" value="([^"]*)"', page)
    assert kept, page[:2000]
    return {name: unescape(value) for name, value in kept}
