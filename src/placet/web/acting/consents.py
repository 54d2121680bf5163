"""The form of a consent that was given elsewhere: what the case says of it is not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from placet.registry import Registry
from placet.web.acting.fields import Field
from placet.web.models import Upload

__all__ = ["consent_fields", "with_instrument"]


def consent_fields(fields: Sequence[Field], party: str, registry: Registry) -> tuple[Field, ...]:
    """Return the fields of a consent in the order in which a person reads its instrument.

    Args:
        fields: those of the act, with what the case says of them.
        party: whose consent it is, where that is settled.
        registry: says what parties are called.
    """
    by = {each.name: each for each in fields}
    by["party"] = _of(by["party"], party, registry)
    return tuple(by[each] for each in _ORDER if each in by)


def with_instrument(plain: Mapping[str, Any], uploads: Sequence[Upload]) -> dict[str, Any]:
    """Return what a form sent, with the digest of its instrument: of the file that came first."""
    if "instrument-digest" in plain or not uploads:
        return dict(plain)
    return {**plain, "instrument-digest": uploads[0].digest}


_ORDER = (
    *("party", "verdict", "lines", "provisos", "until", "disclosed", "given-by", "given-on"),
    *("instrument", "instrument-digest", "provided"),
)


def _of(field: Field, party: str, registry: Registry) -> Field:
    """Return the field of the party; nothing else to choose where the address settles it."""
    if field.kind == "settled" or party not in registry.record.parties:
        return field
    return replace(field, choices=((party, registry.name(party)),), preset=party)
