"""What changed since somebody looked at a case: told where their act names an earlier answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from placet.operations.house import House, SignedIn
from placet.review import Command, StaleError
from placet.review.case import Determined
from placet.review.summary import differences

__all__ = ["telling_what_changed"]


@contextmanager
def telling_what_changed(
    house: House, who: SignedIn, command: Command, case: str
) -> Iterator[None]:
    """Say of an act that is refused as stale in what the answer that it names differs (rule 4).

    Of the rules of others than the actor's parties nothing is told.

    Raises:
        StaleError: the act is stale; says what changed since that answer was given.
    """
    try:
        yield
    except StaleError as error:
        stands = house.reading.case(case).determined
        named = getattr(command, "determination", None)
        if stands is None or named == stands.digest:
            raise
        before = _determined(house, case, str(named))
        if before is None:
            raise
        context, at = house.reading.context(), house.clock.now()
        own = context.parties_of(who.person, at, who.office)
        raise StaleError(_ANEW, differences(before, stands, own) or (_SAME,)) from error


_ANEW = (
    "The case was determined anew since you looked at it. Look at what has changed, and decide "
    "on what it stands on now."
)
_SAME = "It asks the same again as when you looked at it, and asked something else in between."


def _determined(house: House, case: str, digest: str) -> Determined | None:
    """Return what a case stood on, by the digest of that; None where it never did, or is erased."""
    for each in house.reading.entries_of_case(case):
        payload = each.body.shown.get("payload") if each.body is not None else None
        found = payload.get("found") if isinstance(payload, dict) else None
        if isinstance(found, dict) and found.get("digest") == digest and "determined" in found:
            return Determined.model_validate(found["determined"])
    return None
