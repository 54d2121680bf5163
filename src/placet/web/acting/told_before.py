"""What a form knows and says before it is filled in, and a signing page before it is signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from placet.operations.foreseeing import Allowed, Foreseen, allowed, foreseen_unfilled
from placet.operations.permit_words import words_of
from placet.permit import PermitLine
from placet.permit.wording import allowed_by, rests_on, up_to
from placet.registry import NONE
from placet.review.choices import Choice
from placet.web.acting.fields import Field
from placet.web.house import names
from placet.web.pages.case_words import spoken
from placet.web.people import Looking

__all__ = ["ToldBefore", "foretold", "told_before"]


@dataclass(frozen=True)
class ToldBefore:
    """The fields of a form with what is known of them, and the permit that it is about, if any.

    `says` are the sentences of that permit: the one that is out, or `unfilled` the one that would
    come about if every field was left empty.
    """

    fields: tuple[Field, ...]
    says: tuple[str, ...] = ()
    unfilled: bool = False


def told_before(
    seen: Looking, kind: str, case: str | None, permit: str | None, fields: tuple[Field, ...]
) -> ToldBefore:
    """Return what is known before a form is filled in."""
    words = words_of(names().registry)
    if kind == "report-use" and permit:
        found = allowed(seen.house, seen.who, permit)
        return ToldBefore(_of_use(fields, found), allowed_by(found.limits, words))
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


def _of_use(fields: Iterable[Field], found: Allowed) -> tuple[Field, ...]:
    """Return the fields of a report of use, filled in with what the permit allows.

    What was done beyond the permit can be said as well: each list is whole.
    """
    limits, registry = found.limits, names().registry
    record, only = registry.record, limits.lines[0] if len(limits.lines) == 1 else None
    parties = {each: registry.name(each) for each in record.parties}
    left = found.remaining.get(only.line) if only else None
    area = "".join(limits.within) if len(limits.within) == 1 else ""
    lines = [(each.line, _line(each)) for each in limits.lines]
    known: Mapping[str, Mapping[str, Any]] = {
        "line": _offering(lines, [only.line] if only else ()),
        "quantity": {"preset": str(left) if left else ""},
        "area": {"preset": "" if area in limits.area_sets else area},
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


def _line(line: PermitLine) -> str:
    count = f"{line.quantity} \u00d7 " if line.quantity is not None else ""
    return f"{capfirst(spoken(line.line))}: {count}{words_of(names().registry).name(line.item)}"
