"""Names: whether a record names what is known, its conditions among it, and what may be meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator

from pydantic import BaseModel

from placet.errors import ConditionError, Problem, Where
from placet.registry.areas import iso_names
from placet.registry.facts import ConditionText, RefMark, references
from placet.registry.reading import Located
from placet.registry.registry import Registry

__all__ = ["check_names", "nearest"]

SHORTEST_NAME = 4
"""How much of a country's name tells it from others."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean …?` with the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean {found[0]}?" if found else ""


_KINDS = {
    "states": "a party or an ISO 3166-1 country",
    "codes": "an ISO 3166 code",
    "areas": "an ISO 3166 code or a named set",
    "parties": "a party of this registry",
}
_DO = {
    "states": "Record it under `parties`.",
    "codes": "Write an ISO 3166 code, such as UA or UA-30.",
}


def check_names(record: BaseModel, registry: Registry, where: Located) -> Iterator[Problem]:
    """Yield a problem for each name the registry lacks and each condition that is not one."""
    for path, mark, value in references(record):
        if isinstance(mark, RefMark):
            known = registry.vocabularies[mark.section]
            if value not in known and value not in mark.also:
                why = f"it must be {_KINDS.get(mark.section, f'one of the {mark.section}')}"
                do = _code_of(value, known) or nearest(value, known)
                do = do or _DO.get(mark.section, f"Record it under `{mark.section}`.")
                yield Problem(where(path), f"{value} is not a known name", why, do)
        elif isinstance(mark, ConditionText):
            yield from _condition_problems(value, mark, registry, where(path))


def _code_of(name: str, known: Collection[str]) -> str:
    """Return `Did you mean …?` with the ISO 3166 code of that name, where it is known."""
    wanted = name.casefold()
    if len(wanted) < SHORTEST_NAME:
        return ""
    codes = [
        code
        for code, called in iso_names().items()
        if code in known and called.casefold().startswith(wanted)
    ]
    codes.sort(key=lambda code: (iso_names()[code].casefold() != wanted, "-" in code, code))
    return f"Did you mean {codes[0]}?" if codes else ""


def _condition_problems(
    text: str, mark: ConditionText, registry: Registry, place: Where
) -> Iterator[Problem]:
    try:
        registry.condition(text, mark.language)
    except ConditionError as error:
        for problem in error.problems:
            line = place.line + problem.where.line - 1
            column = place.column + problem.where.column - 1 if problem.where.line <= 1 else 0
            spot = Where(place.file, line, max(column, 1), place.field)
            yield Problem(spot, problem.what, problem.why, problem.do)
