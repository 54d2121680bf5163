"""Naming: what a sentence of the review names by id, as people call it.

The review speaks of people, offices, parties and items by their ids, which mean the same for ever.
Whoever reads a refusal is told names; what programs read keeps the ids in fields of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from placet.need_to_know.telling import breach_words, called, things
from placet.operations.house import House
from placet.operations.ports import Change
from placet.registry import iso_names
from placet.review import Context, ReviewError
from placet.review.breaches import to_reporter

__all__ = ["in_names", "of_use", "refusing_by_name", "told_of_use"]

_ID = re.compile(r"(?<![\w'\"/.-])\w(?:[\w./-]*\w)?(?!['\"]\B)")
"""A word that may be an id: whole, and not in quotation marks, which hold what somebody wrote."""
_BEGINS = re.compile(r"(?:\A|\. |\n- )\Z")
"""Where a sentence begins."""


def in_names(text: str, context: Context) -> str:
    """Return sentences with every id of a person, office, party, item, area or term named."""

    def named(found: re.Match[str]) -> str:
        name = _name(found[0], context)
        if name is None:
            return found[0]
        begins = _BEGINS.search(text, 0, found.start())
        return name[:1].upper() + name[1:] if begins else name

    return _ID.sub(named, text)


def of_use(found: Iterable[str], request: Mapping[str, Any], context: Context) -> tuple[str, ...]:
    """Say of a use to whoever reports it in what it is, or may be, beyond its permit.

    Args:
        found: what is on record of it, sentence by sentence.
        request: what the permit was asked for by, in the spelling of files.
        context: says what things are called.
    """
    lines = things(request.get("lines", {}), context.registry)
    said = (breach_words(to_reporter(each), lines) for each in found)
    return tuple(in_names(each, context) for each in said)


def told_of_use(change: Change, context: Context) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say of an act in what a use is beyond its permit, and in what it may be; of others nothing.

    Args:
        change: what the act came to.
        context: says what things are called.
    """
    event = change.event
    request = next((each.request for each in change.cases if each.id == event.case), {})
    beyond, doubts = (event.found.get(each, ()) for each in ("beyond", "doubts"))
    return of_use(beyond, request, context), of_use(doubts, request, context)


@contextmanager
def refusing_by_name(house: House) -> Iterator[None]:
    """Have refusals of the review say names for ids; their fields stay as they are."""
    try:
        yield
    except ReviewError as error:
        error.args = (in_names(str(error), house.reading.context()),)
        raise


def _name(key: str, context: Context) -> str | None:
    """Return what an id is called; nothing where it is none.

    Of areas and categories only such ids count as are no words of their own: with a hyphen or dot.
    """
    registry = context.registry
    record = registry.record
    if key in record.offices:
        return registry.office_title(key)
    if key in context.people:
        return context.people[key]
    if key in record.parties:
        return called(registry.name(key))
    if key in record.items:
        return record.items[key].name
    if "." in key:
        return (record.targets | record.purposes | record.classes).get(key)
    return iso_names().get(key) if "-" in key else None
