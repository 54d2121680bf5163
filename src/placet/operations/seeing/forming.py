"""The answer as it forms: what whoever files a request may know before it is filed.

Nothing else than what the case will say of it once it is filed: announced policies and the
declared questionnaire (DESIGN §3, need to know). What an own undeclared policy adds is found when
the case is determined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet.operations.house import House, SignedIn
from placet.review.limits import not_stated
from placet.review.parties import filing_party

__all__ = ["Forming", "forming"]


@dataclass(frozen=True)
class Forming:
    """An answer that forms: between what it lies, whose say it is, and what is asked.

    `parties` are those whose rules do more than let it pass, or may; each with what they say.
    `questions` are those whose answer can still change it, `keys` what they ask, in their order.
    `owed` are the fields that no permit is issued without, and that are not stated.
    """

    outcome: str
    at_least: str
    at_most: str
    parties: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    keys: tuple[str, ...]
    owed: tuple[str, ...]


def forming(house: House, who: SignedIn, request: Mapping[str, Any]) -> Forming:
    """Return the answer that the announced policies give to a request that was not filed yet.

    Raises:
        NotAllowedError: the person could not file this request.
        RequestError: with every problem found in it.
    """
    context, at = house.reading.context(), house.clock.now()
    read = context.request(request)
    filing_party(context, who.person, at, request, who.office)
    found = context.determine(read, at, announced_only=True)
    return Forming(
        found.outcome,
        found.at_least,
        found.at_most,
        tuple((each.party, each.outcome) for each in found.parties if each.outcome != "clear"),
        tuple(each.asks for each in found.open_questions),
        tuple(each.key for each in found.open_questions),
        not_stated(read),
    )
