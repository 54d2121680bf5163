"""Who may do what, read from the plain text of a context and by nothing of the product's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from placet.registry import parse_moment

__all__ = ["answers_for", "come", "delegated", "has_duty", "holds", "may_decide"]

Plain = Mapping[str, Any]


def come(day: str | None, at: datetime) -> bool:
    """Say whether a day or instant on record has come; none on record never comes."""
    return day is not None and parse_moment(day) <= at


def _offices(plain: Plain, person: str, at: datetime) -> Iterator[str]:
    for key, each in plain["registry"]["officials"].items():
        in_time = not come(each.get("until"), at) and ("from" not in each or come(each["from"], at))
        if each.get("person", key) == person and in_time:
            yield each["office"]


def holds(plain: Plain, person: str, office: str, at: datetime) -> bool:
    """Say whether a person holds an office."""
    return office in _offices(plain, person, at)


def has_duty(
    plain: Plain, person: str, duty: str, at: datetime, parties: Collection[str] | None = None
) -> bool:
    """Say whether a person holds an office with a duty, of one of some parties (None: of any)."""
    held = [plain["registry"]["offices"][each] for each in _offices(plain, person, at)]
    mine = [each for each in held if parties is None or each["party"] in parties]
    return any(duty in each.get("duties", ()) for each in mine)


def answers_for(plain: Plain, person: str, duty: str, at: datetime, party: str) -> bool:
    """Say whether a person has a duty for a party: its own officials; others where it has none."""
    officials = plain["registry"]["officials"]
    people = {each.get("person", key) for key, each in officials.items()}
    own = any(has_duty(plain, each, duty, at, [party]) for each in people)
    return has_duty(plain, person, duty, at, [party] if own else None)


def delegated(plain: Plain, name: str, at: datetime) -> bool:
    """Say whether a delegation is a confirmed one that has not been revoked."""
    found = plain["registry"]["delegations"][name]
    revoked = come(found.get("revoked", {}).get("on"), at)
    return found.get("grade", "confirmed") == "confirmed" and not revoked


def may_decide(
    plain: Plain,
    person: str,
    office: str,
    delegation: str | None,
    at: datetime,
    now: datetime | None = None,
) -> bool:
    """Say whether a person had authority to decide for an office at a moment, as known `now`."""
    if delegation is None:
        return holds(plain, person, office, at)
    found = plain["registry"]["delegations"][delegation]
    given = found["of"] == office and delegated(plain, delegation, now or at)
    return given and come(found["from"], at) and holds(plain, person, found["to"], at)
