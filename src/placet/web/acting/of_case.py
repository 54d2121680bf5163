"""The fields of an act on a case: what the case settles is told, and what it leaves is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from placet.need_to_know import View
from placet.need_to_know.choices import Choice
from placet.need_to_know.offered import Offer
from placet.need_to_know.telling import permitted_words, used_words
from placet.operations.acting.limiting import Limitable
from placet.operations.seeing.naming import in_names
from placet.review import Context
from placet.web.acting.fields import Field
from placet.web.pages.case_words import called

__all__ = ["fields_on_case", "permit_choices"]

_CHOSEN = frozenset({"verdict"})
"""Fields that are chosen also where one choice is left: nobody finds a verdict made for them."""
_LONGEST = 100
"""Characters of a text by which something is told apart."""


def fields_on_case(
    fields: Sequence[Field],
    ways: Sequence[Offer],
    view: View,
    context: Context,
    limitable: Limitable | None,
) -> tuple[Field, ...]:
    """Return the fields of an act with what the case says of them.

    Args:
        fields: those of the act.
        ways: in which ways the person may do it now: each settles some fields.
        view: the case, as they see it.
        context: says what things are called.
        limitable: what of the request, or of a permit, can be limited.
    """
    of = _OfCase(ways, view, context, limitable)
    return tuple(told for each in fields if (told := of.told(each)) is not None)


@dataclass(frozen=True)
class _OfCase:
    """What a case says of the fields of an act."""

    ways: Sequence[Offer]
    view: View
    context: Context
    limitable: Limitable | None

    def told(self, field: Field) -> Field | None:
        """Return a field with what it may name; nothing where there is nothing to name."""
        if settled := self.settled(field):
            return settled
        match field.name:
            case "party":
                return replace(field, kind="choice", choices=_parties(self.context))
            case "lines" if self.limitable is not None:
                lines = _lines(self.limitable)
                says = _("All of them, if none is ticked.")
                return _ticked(field, lines if lines[1:] else (), says)
            case "provided":
                others = _conditions(self.ways, self.view, self.context)
                says = _("It has no effect before that is given.")
                found = _ticked(field, others, says, kind="conditions", late=True)
                return found and replace(found, title=_("Only with the consent of"))
            case "except-permits":
                says = _("Permits that a written carve-out spares.")
                return _ticked(field, permit_choices(self.view.permits, self.context), says)
            case "delegation":
                return None
        return field

    def settled(self, field: Field) -> Field | None:
        """Return a field that the ways of doing the act settle, told or to be chosen."""
        ways = [each for each in self.ways if field.name in each.fields]
        values = dict.fromkeys(str(each.fields[field.name]) for each in ways)
        if not values:
            return None
        choices = tuple(
            (each, _named(field.name, each, self.view, self.context)) for each in values
        )
        alone = len(choices) == 1 and field.name not in _CHOSEN
        kind, preset = ("settled", choices[0][0]) if alone else ("choice", "")
        required = len(ways) == len(self.ways)
        return replace(field, kind=kind, choices=choices, preset=preset, required=required)


def _ticked(
    field: Field,
    choices: tuple[Choice, ...],
    says: str,
    *,
    kind: str = "several",
    late: bool | None = None,
) -> Field | None:
    """Return a field of which choices are ticked; nothing where there are none."""
    if not choices:
        return None
    late = field.late if late is None else late
    return replace(field, kind=kind, choices=choices, label=says, late=late)


def _parties(context: Context) -> tuple[Choice, ...]:
    named = ((each, context.registry.name(each)) for each in context.registry.record.parties)
    return tuple(sorted(named, key=lambda each: each[1]))


def _lines(limitable: Limitable) -> tuple[Choice, ...]:
    """Return the lines that can be limited, each with what it is of."""
    return tuple(
        (each.line, f"{each.most} \u00d7 {each.of}" if each.most is not None else each.of)
        for each in limitable.lines
    )


def _conditions(ways: Sequence[Offer], view: View, context: Context) -> tuple[Choice, ...]:
    """Return the consents of others on which one can be conditional, as records."""
    own = {str(each.fields.get("party")) for each in ways}
    others = (each for each in view.awaits if own != {each})
    return tuple((f"{{consent-of: {each}}}", context.registry.name(each)) for each in others)


def permit_choices(permits: Iterable[Mapping[str, Any]], context: Context) -> tuple[Choice, ...]:
    """Return permits to choose among, each with what it is for."""

    def named(permit: Mapping[str, Any]) -> str:
        lines = permit.get("terms", {}).get("lines", ())
        return f"{permit['permit']}: {permitted_words(lines, context.registry)}"

    return tuple((str(each["permit"]), named(each)) for each in permits)


def _named(name: str, value: str, view: View, context: Context) -> str:
    """Say in words what a field names: an office, a need, advice, a question, a use."""
    if name == "advice":
        advice = view.advice[int(value)]
        said = Truncator(str(advice["says"])).chars(_LONGEST)
        return f"{called(context.registry, str(advice['office']))}: {said}"
    if name == "question":
        return Truncator(str(view.questions[int(value)]["asks"])).chars(_LONGEST)
    if name in ("report", "corrects"):
        found = next((each for each in view.reports if each["report"] == value), None)
        return used_words(found, view.request, context.registry) if found else value
    if name == "delegation":
        held = context.registry.record.delegations[value]
        return _("as %s") % context.registry.office_title(held.to)
    if name in ("party", "office"):
        return called(context.registry, value)
    return capfirst(in_names(value, context))
