"""The terms of a permit in plain words: the same for a terminal, a page and paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from placet.permit.spelling import write_instant
from placet.permit.terms import Consent, PermitLine, Terms

__all__ = [
    "DEMONSTRATION",
    "consents_of",
    "limits_of",
    "permitted_by",
    "provisos_of",
    "sentences_of",
    "window_of",
]

DEMONSTRATION = "This is a demonstration: the people are invented, and it permits nothing."
"""What a permit says first that was issued in a demonstration."""

_KINDS = {
    "decision": "approved",
    "external-consent": "consented, by an instrument of its own",
    "standing-authorisation": "cleared it in advance, by a standing authorisation",
    "clear": "has rules that clear it",
}


def sentences_of(terms: Terms) -> tuple[str, ...]:
    """Say everything that the terms say."""
    return (
        *((DEMONSTRATION,) if terms.demonstration else ()),
        *permitted_by(terms),
        *limits_of(terms),
        *(f"Proviso: {each}" for each in provisos_of(terms)),
        *(f"Consent: {each}" for each in consents_of(terms)),
        _grounds_of(terms),
    )


def permitted_by(terms: Terms) -> tuple[str, ...]:
    """Say who may do what, and when."""
    lines = "; ".join(_line(each) for each in terms.lines)
    return (
        f"It permits {terms.holder} the activity {terms.activity}, of {lines}.",
        f"It holds from {window_of(terms)}.",
    )


def window_of(terms: Terms) -> str:
    """Write the window, half-open."""
    return f"{write_instant(terms.start)} up to, not including, {write_instant(terms.until)}"


def limits_of(terms: Terms) -> tuple[str, ...]:
    """Say within which limits; where there is none of a kind, say so for the area."""
    return tuple(_limits(terms))


def _limits(terms: Terms) -> Iterator[str]:
    within = f"Only in {_areas(terms, terms.within, 'or')}" if terms.within else "In any area"
    outside = f", and not in {_areas(terms, terms.outside, 'or')}" if terms.outside else ""
    yield f"{within}{outside}."
    if terms.not_targets:
        yield f"Not against targets of the category {_joined(terms.not_targets, 'or')}."
    if terms.purposes:
        yield f"Only for the purpose {_joined(terms.purposes, 'or')}."
    if terms.recipients:
        yield f"The recipient is {_joined(terms.recipients, 'or')}, and nobody else."
    if terms.each_use:
        yield "It covers a single use."
    if terms.no_onward_transfer:
        yield "What it covers may not be passed on."
    if terms.report_within_days is not None:
        yield f"Use is to be reported within {_days(terms.report_within_days)}."


def provisos_of(terms: Terms) -> tuple[str, ...]:
    """Return the text of each proviso. It binds, whatever else the proviso holds."""
    return tuple(str(each["text"]) for each in terms.provisos)


def consents_of(terms: Terms) -> tuple[str, ...]:
    """Say who said yes, how, when, and where that is written."""
    return tuple(_consent(each) for each in terms.consents)


def _grounds_of(terms: Terms) -> str:
    replaced = f" It takes the place of permit {terms.supersedes}." if terms.supersedes else ""
    return f"It was issued by {terms.issuer} in the case {terms.case}.{replaced}"


def _line(line: PermitLine) -> str:
    amount = f"{line.quantity} of " if line.quantity is not None else "any number of "
    serials = f", serials {_joined(line.serials, 'and')}" if line.serials else ""
    lot = f", lot {line.lot}" if line.lot is not None else ""
    return f"{amount}{line.item}{lot}{serials} (line {line.line})"


def _areas(terms: Terms, names: Sequence[str], last: str) -> str:
    spelled = [
        f"{name} ({', '.join(terms.area_sets[name]) or 'no area'})"
        if name in terms.area_sets
        else name
        for name in names
    ]
    return _joined(spelled, last)


def _consent(consent: Consent) -> str:
    office = f", through {consent.by}," if consent.by is not None else ""
    return (
        f"{consent.party}{office} {_KINDS[consent.kind]}, on {write_instant(consent.on)} "
        f"({consent.reference})."
    )


def _days(count: int) -> str:
    return "one day" if count == 1 else f"{count} days"


def _joined(texts: Sequence[str], last: str) -> str:
    *rest, final = texts
    return f"{', '.join(rest)} {last} {final}" if rest else final
