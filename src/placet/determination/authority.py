"""Who may act for an office at a moment: its holder, or a delegate under a valid instrument.

A disputed grant of authority is absent; a disputed revocation counts; a
reserved decision is not delegated at all (DESIGN §2, §3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from placet.determination.answer import Authority, DelegationSeen
from placet.determination.verdict import Quorum
from placet.determination.world import Matter
from placet.registry import Delegation, Grade, Official, Presence

__all__ = ["authority_of"]


def authority_of(matter: Matter, offices: Mapping[str, Quorum]) -> Iterator[Authority]:
    """Yield, for each deciding office on record, who holds it and which delegations count."""
    record = matter.registry.record
    for office in sorted(offices):
        if office in record.offices:
            yield Authority(
                office,
                record.offices[office].title,
                tuple(_holders(matter, office, record.officials.values())),
                tuple(_delegations(matter, office, offices[office].reserved)),
            )


def _holders(matter: Matter, office: str, officials: Iterable[Official]) -> Iterator[str]:
    for official in officials:
        if official.office == office and matter.presence(official) is Presence.IN:
            yield f"{official.name} (acting)" if official.acting else official.name


def _delegations(matter: Matter, office: str, reserved: bool) -> Iterator[DelegationSeen]:
    for key, delegation in sorted(matter.registry.record.delegations.items()):
        if delegation.of != office:
            continue
        standing = delegation.standing(matter.at, matter.known_at)
        if standing.presence is Presence.OUT and standing.why == "not yet known":
            continue
        if standing.presence is Presence.OUT and standing.why == "not in its time":
            continue
        counts, because = _counts(delegation, matter, reserved)
        yield DelegationSeen(key, delegation.to, counts, standing.grade, because)


def _counts(delegation: Delegation, matter: Matter, reserved: bool) -> tuple[bool, str]:
    """Say whether a delegation gives authority, and why or why not."""
    standing = delegation.standing(matter.at, matter.known_at)
    if standing.presence is not Presence.IN:
        return False, f"{standing.why}: a grant of authority that is not certain gives none"
    if standing.grade is not Grade.CONFIRMED:
        return False, f"it is {standing.grade} only, and a reported grant is no grant on file"
    activities = delegation.activities
    if activities and matter.request.activity not in activities:
        return False, "it does not cover this activity"
    revoked = delegation.revoked
    if revoked is not None and revoked.on.reached(matter.at) is not Presence.OUT:
        return False, "it has been revoked, or may have been"
    if reserved:
        return False, "the decision is reserved to the office itself"
    return True, "it is on record and in its time"
