"""What a form knows and says before it is filled in, and a signing page before it is signed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from placet.need_to_know import View
from placet.need_to_know.choices import Choice
from placet.need_to_know.telling import things as things_of
from placet.operations.acting.foreseeing import (
    Allowed,
    Foreseen,
    allowed,
    foreseen,
    foreseen_unfilled,
)
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.naming import of_use
from placet.operations.seeing.permit_words import words_of
from placet.permit.wording import allowed_by, rests_on, up_to
from placet.registry import NONE
from placet.review import Command
from placet.web.acting.fields import Field
from placet.web.house import names
from placet.web.pages.request_form import areas
from placet.web.people import Looking
from placet.web.templatetags.placet import instants

__all__ = ["Marks", "ToldBefore", "foretold", "marks", "told_before", "told_to_reporter"]


@dataclass(frozen=True)
class ToldBefore:
    """The fields of a form with what is known of them, and the permit that it is about, if any.

    `says` are the sentences of that permit: the one that is out, or `unfilled` the one that would
    come about if every field was left empty.
    """

    fields: tuple[Field, ...]
    says: tuple[str, ...] = ()
    unfilled: bool = False


@dataclass(frozen=True)
class Marks:
    """How a report of use would be marked: in what it is beyond its permit, and in what perhaps."""

    beyond: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def digest(self) -> str:
        """By which a form says that just this was shown."""
        return hashlib.sha256("\n".join([*self.beyond, "", *self.doubts]).encode()).hexdigest()


def marks(seen: Looking, command: Command, case: str | None) -> Marks | None:
    """Return how a report of use would be marked; None where it is within, or is none.

    Raises:
        ReviewError: the act could not be done.
    """
    if command.kind not in _USES or case is None:
        return None
    comes = foreseen(seen.house, seen.who, command, case)
    said = [told_to_reporter(seen, case, found) for found in (comes.beyond, comes.doubts)]
    return Marks(*said) if any(said) else None


def told_to_reporter(seen: Looking, case: str, found: Sequence[str]) -> tuple[str, ...]:
    """Say of a use to whoever reports it in what it is, or may be, beyond its permit."""
    if not found:
        return ()
    request = see_case(seen.house, seen.who, case).request
    return tuple(instants(each) for each in of_use(found, request, names()))


def told_before(
    seen: Looking,
    kind: str,
    case: str | None,
    permit: str | None,
    fields: tuple[Field, ...],
    corrects: str = "",
) -> ToldBefore:
    """Return what is known before a form is filled in; `corrects` names a report of use."""
    words = words_of(names().registry)
    if kind in _USES and permit:
        found = allowed(seen.house, seen.who, permit)
        offered = _of_use(fields, found)
        if kind == "correct-use" and case:
            offered = _as_reported(offered, see_case(seen.house, seen.who, case), corrects)
        return ToldBefore(offered, allowed_by(found.limits, words))
    would = foreseen_unfilled(seen.house, seen.who, kind, case) if case else Foreseen()
    if would.permit is None:
        return ToldBefore(fields)
    ends = _("Left empty: %s.") % up_to(would.permit.until, words)
    told = tuple(
        replace(each, label=f"{each.label} {ends}") if each.name == "until" else each
        for each in fields
    )
    return ToldBefore(told, foretold(would), unfilled=True)


def foretold(comes: Foreseen) -> tuple[str, ...]:
    """Return what the permit would say that an act makes, with the consents it rests on."""
    if comes.permit is None:
        return ()
    words = words_of(names().registry)
    return (*allowed_by(comes.permit, words), *rests_on(comes.consents, words))


_USES = ("report-use", "correct-use")


def _as_reported(fields: Iterable[Field], view: View, report: str) -> tuple[Field, ...]:
    """Return the fields of a correction, filled in with what was reported."""
    said = next((each for each in view.reports if each["report"] == report), {})
    known = {name: str(value) for name, value in said.items() if value is not None}
    return tuple(
        replace(each, preset=known[each.name])
        if each.name in known and each.name not in ("corrects", "because")
        else each
        for each in fields
    )


def _of_use(fields: Iterable[Field], found: Allowed) -> tuple[Field, ...]:
    """Return the fields of a report of use, filled in with what the permit allows.

    What was done beyond the permit can be said as well: each list is whole.
    """
    limits, registry = found.limits, names().registry
    record, only = registry.record, limits.lines[0] if len(limits.lines) == 1 else None
    parties = {each: registry.name(each) for each in record.parties}
    left = found.remaining.get(only.line) if only else None
    area = "".join(limits.within) if len(limits.within) == 1 else ""
    asked = {each.line: {"item": each.item, "lot": each.lot} for each in limits.lines}
    of_lines = things_of(asked, registry)
    lines = [(each.line, _counted(each.quantity, of_lines[each.line])) for each in limits.lines]
    known: Mapping[str, Mapping[str, Any]] = {
        "line": _offering(lines, [only.line] if only else ()),
        "quantity": {"preset": str(left) if left else ""},
        "area": {
            "kind": "listed",
            "label": _("A country or a part of one, as in UA-63; not known if left out."),
            "choices": ((NONE, _("None")), *areas(registry)),
            "preset": "" if area in limits.area_sets else area,
        },
        "target": _offering(_named(record.targets), limits.targets),
        "purpose": _offering(_named(record.purposes), limits.purposes),
        "recipient": _offering(_named(parties), limits.recipients),
    }
    return tuple(replace(each, **known.get(each.name, {})) for each in fields)


def _offering(choices: Sequence[Choice], allows: Sequence[str]) -> Mapping[str, Any]:
    """Offer a choice; where the permit allows one thing alone, that stands there to begin with."""
    (preset,) = allows if len(allows) == 1 else ("",)
    named = [key for key, _words in choices]
    more = [(each, words_of(names().registry).name(each)) for each in allows if each not in named]
    return {"kind": "choice", "choices": (*choices, *more), "preset": preset}


def _named(known: Mapping[str, str]) -> list[Choice]:
    return [*known.items(), (NONE, _("None"))]


def _counted(count: int | None, thing: str) -> str:
    return f"{count} \u00d7 {thing}" if count is not None else thing
