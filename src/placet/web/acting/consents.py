"""The form of a consent that was given elsewhere: what the case says of it is not asked again."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy

from placet.operations.limiting import Limitable
from placet.registry import Registry
from placet.review.choices import Choice
from placet.web.acting.fields import Field

__all__ = ["consent_fields"]


def consent_fields(
    fields: tuple[Field, ...], party: str, limitable: Limitable | None, registry: Registry
) -> tuple[Field, ...]:
    """Return the fields of a consent in the order in which a person reads its instrument.

    Args:
        fields: those of the act, as its command has them.
        party: whose consent it is, where that is settled.
        limitable: what of the request the party is asked about.
        registry: says what parties are called.
    """
    by = {each.name: each for each in fields}
    lines = _lines(limitable)
    ticked = replace(by["lines"], kind="several", choices=lines, label=str(_ALL))
    return (
        _of(by["party"], party, registry),
        by["verdict"],
        *((ticked,) if len(lines) > 1 else ()),
        by["provisos"],
        by["until"],
        by["disclosed"],
        by["given-by"],
        by["given-on"],
        by["instrument"],
        by["instrument-digest"],
        replace(by["provided"], late=True),
    )


_ALL = gettext_lazy("All of them, if none is ticked.")


def _of(field: Field, party: str, registry: Registry) -> Field:
    """Return the field of the party: by name, and nothing else to choose where it is settled."""
    settled = party in registry.record.parties
    known = (party,) if settled else sorted(registry.record.parties)
    choices = tuple((each, registry.name(each)) for each in known)
    return replace(field, kind="choice", choices=choices, preset=party if settled else "")


def _lines(limitable: Limitable | None) -> tuple[Choice, ...]:
    """Return the lines that the party is asked about, each with what it is of."""
    return tuple(
        (each.line, f"{each.most} \u00d7 {each.item}" if each.most is not None else each.item)
        for each in (limitable.lines if limitable is not None else ())
    )
