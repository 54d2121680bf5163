"""What a refusal may tell: an act that is refused is tried again, on what the actor knows.

Why an act cannot be done tells of the case. So where one is refused it is tried once more, on
the case and the context as the person knows them: what is told is what stands in its way there.
Where nothing does, the reason is not theirs to know, and one sentence says so, whatever it is.
Two histories that agree on all that is disclosed to somebody thus refuse them with the same bytes
(DESIGN §3). That an answer is stale is told to those who decide; in what, only of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from placet.errors import PlacetError, RequestError, ScenarioError
from placet.need_to_know.known import is_own, known
from placet.need_to_know.known_case import known_case, known_determined
from placet.need_to_know.view import Sight, sight
from placet.policy import Book, Policy
from placet.review.case import NOT_KNOWN, Case, Determined
from placet.review.changes import change
from placet.review.commands import Command, Countersign, Dissent, Submit
from placet.review.context import Context
from placet.review.errors import ClockError, ReviewError, UndisclosedError
from placet.review.event import Event
from placet.review.parties import determined
from placet.review.perform import attempt, perform
from placet.review.scene import Scene
from placet.review.viewer import Viewer, relation, viewer

__all__ = ["as_known", "change_for", "perform_for", "why_not"]

_REFUSALS = (ReviewError, RequestError, ScenarioError)


def perform_for(
    case: Case | None,
    context: Context,
    command: Command,
    actor: str,
    at: datetime,
    office: str | None = None,
) -> Event:
    """Do an act on a case as `perform` does; where it is refused, tell what the actor may know.

    Raises:
        ReviewError: the act cannot be done, by what the actor knows of the case.
        ClockError: the house's clock gives no moment for it.
        UndisclosedError: it cannot, and why is not theirs to know.
        RequestError: a request that the act carries cannot be read.
    """
    try:
        return perform(case, context, command, actor, at, office)
    except ClockError:
        raise
    except _REFUSALS:
        looking = viewer(context, actor, at, office)
        filing = isinstance(command, Submit)  # why it is refused is the filer's own
        if case is None or filing or looking.audits or not relation(case, looking):
            raise
        seen = sight(case, looking)
        told = why_not(seen, as_known(seen, context, at), command)
    raise told


def change_for(
    context: Context | None,
    command: Command,
    actor: str,
    at: datetime,
    cases: Mapping[str, Case],
    office: str | None = None,
) -> tuple[Event, Context]:
    """Change the context as `change` does; where that is refused, tell what the actor may know.

    Raises:
        ReviewError: the rules do not allow it, by what the actor knows of them.
        ClockError: the house's clock gives no moment for it.
        UndisclosedError: they do not, and why is not theirs to know.
        ScenarioError: the changed context would not hold together.
    """
    try:
        return change(context, command, actor, at, cases, office)
    except ClockError:
        raise
    except _REFUSALS:
        if context is None:
            raise
        looking = viewer(context, actor, at, office)
        own = {name: each for name, each in cases.items() if relation(each, looking)}
        about = _known_context(context, looking, at)
        told = _told(lambda: change(about, command, actor, at, own, office))
    raise told


def _told(again: Callable[[], object]) -> PlacetError:
    """Return what stands in the way by what is known; a refusal that is another's is not told."""
    try:
        again()
    except _REFUSALS as known_to_be:
        return known_to_be.with_traceback(None)
    return UndisclosedError()


def as_known(seen: Sight, context: Context, at: datetime) -> Scene:
    """Return what acts on a case are tried on again: case and context as far as they are known."""
    actor = seen.viewer.person or NOT_KNOWN
    about = _known_context(context, seen.viewer, at)
    present = _present(seen, context, at)
    return Scene(known_case(seen), about, actor, at, seen.viewer.office, present)


def why_not(seen: Sight, scene: Scene, command: Command) -> PlacetError:
    """Return what a refusal of an act tells, the act being refused; `scene` is it as known."""
    return _told(lambda: attempt(scene, _numbered_as_seen(seen, command)))


def _present(seen: Sight, context: Context, at: datetime) -> Determined | None:
    """Return what the present moment gives, as far as it is known; None where nothing can."""
    try:
        now = determined(Scene(seen.case, context, seen.viewer.person or NOT_KNOWN, at))
    except RequestError:
        return None
    return known_determined(seen, now)


def _numbered_as_seen(seen: Sight, command: Command) -> Command:
    """Return an act on advice with the number that the advice has among what is seen."""
    if not isinstance(command, Countersign | Dissent):
        return command
    places = seen.advice
    number = places.index(command.advice) if command.advice in places else len(places)
    return command.model_copy(update={"advice": number})


def _known_context(context: Context, looking: Viewer, at: datetime) -> Context:
    """Return a context without what the books of other parties do not announce."""
    books = known(context, looking, at).books
    plain = [
        each if is_own(each["book"], looking) else _text_of(each, books[each["book"]])
        for each in context.plain["books"]
    ]
    whole = {**context.plain, "books": plain}
    return Context(context.version, whole, context.registry, books, context.digest)


def _text_of(plain: Mapping[str, Any], book: Book) -> dict[str, Any]:
    """Return the text of a book with the policies that are known, which name no other."""
    kept = {name: each for name, each in plain.items() if name != "break-glass"}
    policies = {
        key: _without_others(text, book.policies[key])
        for key, text in plain.get("policies", {}).items()
        if key in book.policies
    }
    return {**kept, "policies": policies}


def _without_others(plain: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    rules = {
        key: {**text, "overrides": list(policy.rules[key].overrides)}
        for key, text in plain.get("rules", {}).items()
    }
    links = {"supersedes": list(policy.supersedes), "amends": list(policy.amends), "rules": rules}
    return {**plain, **{name: each for name, each in links.items() if each or name in plain}}
