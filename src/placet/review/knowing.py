"""What of the rules a viewer of a case may know: one determination, made of that and no more.

The rules of the viewer's own parties are taken as they are, those of all others as announced;
an undeclared policy of another party is as if it were not there. Two contexts that agree on
the registry, the viewer's own books and what others announced give the same answer, to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from placet.determination import Determination
from placet.review.case import Case
from placet.review.context import Context
from placet.review.viewer import Relation

__all__ = ["Basis", "basis", "known_answer", "own_parties"]

_KEPT = 64
_FILING = frozenset({"submit", "supply"})


@dataclass(frozen=True)
class Basis:
    """When what a viewer sees of the rules was determined.

    `context_version` is None where it is that of the act by which the request was last put:
    the case does not keep it, the log does.
    """

    at: datetime
    context_version: int | None


def own_parties(case: Case, related: Relation) -> frozenset[str] | None:
    """Return the parties whose undeclared rules a viewer knows; None for all of them.

    Before it is determined who has a say, nobody's but what is announced bears on the case.
    """
    if related.auditor:
        return None
    return frozenset(related.inside) if case.determined is not None else frozenset()


def basis(case: Case, related: Relation) -> Basis:
    """Return when what a viewer sees was determined: by the review, or when the request was put.

    Whoever is not inside learns nothing of when the review began, nor what it went by.
    """
    if case.determined is not None and (related.auditor or related.inside):
        return Basis(case.determined.at, case.determined.context_version)
    return Basis(max(each.at for each in case.moves if each.kind in _FILING), None)


def known_answer(
    case: Case, context: Context, own: frozenset[str] | None, at: datetime
) -> Determination:
    """Determine a case's request at a moment, by what of a context a viewer may know.

    It names no context: that digest would tell of what is not shown.

    Args:
        case: the case, for its request.
        context: the context that is judged in.
        own: the parties whose undeclared rules are known; None for all.
        at: the moment that is judged.

    Raises:
        RequestError: the request names what the context does not hold.
    """
    request = context.request(case.request)
    if own is None:
        return replace(context.determine(request, at), context="")
    if not own:
        return replace(context.determine(request, at, announced_only=True), context="")
    policies = frozenset(
        (party, key)
        for party, book in context.books.items()
        for key, policy in book.policies.items()
        if party in own or policy.announced_by(at)
    )
    return _with_policies(context, policies).determine(request, at)


@lru_cache(maxsize=_KEPT)
def _with_policies(context: Context, policies: frozenset[tuple[str, str]]) -> Context:
    """Return a context with these policies only; those who know the same share it."""
    books = {
        party: book.model_copy(
            update={
                "policies": {
                    key: each for key, each in book.policies.items() if (party, key) in policies
                }
            }
        )
        for party, book in context.books.items()
    }
    return replace(context, books=books, digest="")
