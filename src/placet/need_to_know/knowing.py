"""What of the rules a viewer of a case may know: one determination, made of that and no more.

The rules of the viewer's own parties are taken as they are, those of all others as announced;
an undeclared policy of another party is as if it were not there. Two contexts that agree on
the registry, the viewer's own books and what others announced give the same answer, to the byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from placet.determination import Determination
from placet.registry import Request
from placet.review.case import Case
from placet.review.context import Context
from placet.review.viewer import Place, Relation, Viewer

__all__ = ["Basis", "Judging", "basis", "judging_of", "known_answer", "own_parties"]

_KEPT = 64


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
    return _weighing(related) if case.determined is not None else frozenset()


def _weighing(related: Relation) -> frozenset[str]:
    """Return the parties in whose review a viewer is more than named: to be told, or to act."""
    return frozenset(name for name, place in related.inside.items() if place > Place.NAMED)


def basis(case: Case, related: Relation) -> Basis:
    """Return when what a viewer sees was determined: by the review, or when the request was put.

    Whoever is not inside, or is only named there, learns nothing of when the review began, nor
    what it went by.
    """
    if case.determined is not None and (related.auditor or _weighing(related)):
        return Basis(case.determined.at, case.determined.context_version)
    return Basis(max(each.at for each in case.moves if each.puts_request), None)


def known_answer(
    case: Case,
    context: Context,
    own: frozenset[str] | None,
    at: datetime,
    now: datetime | None = None,
) -> Determination:
    """Determine a case's request at a moment, by what of a context a viewer may know.

    It names no context: that digest would tell of what is not shown.

    Args:
        case: the case, for its request.
        context: the context that is judged in.
        own: the parties whose undeclared rules are known; None for all.
        at: the moment that is judged.
        now: the moment of asking, where a viewer chooses what is judged: a later day tells of no
            policy that is announced only then.

    Raises:
        RequestError: the request names what the context does not hold.
    """
    request = context.request(case.request)
    if own is None:
        return replace(context.determine(request, at), context="")
    if not own and (now is None or at <= now):
        return replace(context.determine(request, at, announced_only=True), context="")
    told = at if now is None else min(at, now)
    policies = frozenset(
        (party, key)
        for party, book in context.books.items()
        for key, policy in book.policies.items()
        if party in own or policy.announced_by(told)
    )
    known = _with_policies(context, policies)
    return replace(known.determine(request, at, announced_only=not own), context="")


@dataclass(frozen=True, eq=False)
class Judging:
    """The judgement by what somebody may know, of requests that are on no case.

    `context` holds the policies that they know and has no digest; `announced_only` is for those
    who act for no party.
    """

    context: Context
    announced_only: bool

    def determine(self, request: Request, at: datetime) -> Determination:
        """Determine a request at a moment."""
        return self.context.determine(request, at, announced_only=self.announced_only)

    def determine_all(self, requests: Iterable[Request], at: datetime) -> Iterator[Determination]:
        """Determine many requests at one moment, in order."""
        return self.context.precedents.determine_all(
            requests, at, announced_only=self.announced_only
        )


def judging_of(context: Context, viewer: Viewer, now: datetime) -> Judging:
    """Return the judgement by what a viewer may know at the moment of asking.

    They know the policies of the parties that they act for, and of all others what is announced
    by now: asking about a later day tells of no policy that is announced only then.
    """
    return _judging(context, None if viewer.audits else viewer.parties, now)


@lru_cache(maxsize=_KEPT)
def _judging(context: Context, own: frozenset[str] | None, now: datetime) -> Judging:
    policies = frozenset(
        (party, key)
        for party, book in context.books.items()
        for key, policy in book.policies.items()
        if own is None or party in own or policy.announced_by(now)
    )
    outside = own is not None and not own
    return Judging(_with_policies(context, policies), announced_only=outside)


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
