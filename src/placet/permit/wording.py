"""The terms of a permit in plain words: the same for a terminal, a page and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from placet.permit.spelling import write_instant
from placet.permit.terms import Consent, Limits, PermitLine, Terms

__all__ = [
    "CODES",
    "DEMONSTRATION",
    "Words",
    "allowed_by",
    "consents_of",
    "limits_of",
    "permitted_by",
    "provisos_of",
    "rests_on",
    "sentences_of",
    "up_to",
    "window_of",
]

DEMONSTRATION = "This is a demonstration: the people are invented, and it permits nothing."
"""What a permit says first that was issued in a demonstration."""

_NONE = ("none",)
"""What a permit says that covers no target, or no recipient."""

_KINDS = {
    "decision": "approved",
    "emergency": "acted in an emergency, before any decision and subject to review afterwards",
    "external-consent": "consented, by an instrument of its own",
    "standing-authorisation": "cleared it in advance, by a standing authorisation",
    "clear": "needed no decision of its own",
}


@dataclass(frozen=True)
class Words:
    """How ids and moments are written: as codes, or by the names that a registry has for them.

    `lines` has each line named as its permit names it, beside what it is of.
    """

    name: Callable[[str], str] = str
    moment: Callable[[datetime], str] = write_instant
    day: Callable[[date], str] = date.isoformat
    lines: bool = True

    def occasion(self, on: date | datetime) -> str:
        """Write when something was done: at an instant, or on a day."""
        return self.moment(on) if isinstance(on, datetime) else self.day(on)

    def one_of(self, names: Sequence[str]) -> str:
        """Write names of which one is enough."""
        return _joined([*map(self.name, names)], "or")


CODES = Words()
"""As they stand in the permit: whoever checks one offline has no registry."""


def sentences_of(terms: Terms, words: Words = CODES) -> tuple[str, ...]:
    """Say everything that the terms say."""
    return (
        *allowed_by(terms, words),
        *rests_on(terms.consents, words),
        _grounds_of(terms, words),
    )


def allowed_by(terms: Limits, words: Words = CODES) -> tuple[str, ...]:
    """Say what is allowed, and every limit of it."""
    return (
        *((DEMONSTRATION,) if terms.demonstration else ()),
        *permitted_by(terms, words),
        *limits_of(terms, words),
        *(f"Proviso: {each}" for each in provisos_of(terms)),
    )


def permitted_by(terms: Limits, words: Words = CODES) -> tuple[str, ...]:
    """Say who may do what, and when."""
    lines = "; ".join(_line(each, words) for each in terms.lines)
    return (
        f"It permits {words.name(terms.holder)} the {terms.activity} of {lines}.",
        f"It holds from {window_of(terms, words)}.",
    )


def window_of(terms: Limits, words: Words = CODES) -> str:
    """Write the window: through its last day where it ends with that, else half-open."""
    return f"{words.moment(terms.start)} {up_to(terms.until, words)}"


def up_to(end: datetime, words: Words) -> str:
    """Write an end: through the last day where it ends with that, in UTC."""
    at = end.astimezone(UTC)
    if at.time() == time():
        return f"through {words.day((at - timedelta(days=1)).date())}"
    return f"up to, not including, {words.moment(end)}"


def limits_of(terms: Limits, words: Words = CODES) -> tuple[str, ...]:
    """Say within which limits; where there is none of a kind, say so for the area."""
    return tuple(_limits(terms, words))


def _limits(terms: Limits, words: Words) -> Iterator[str]:
    yield _where(terms, words)
    if terms.actor is not None:
        yield f"The actor is {words.name(terms.actor)}, and nobody else."
    yield from _against(terms, words)
    if terms.purposes == _NONE:
        yield "For no purpose that is named."
    elif terms.purposes:
        yield f"Only for the purpose {words.one_of(terms.purposes)}."
    if terms.recipients == _NONE:
        yield "There is no recipient."
    elif terms.recipients:
        yield f"The recipient is {words.one_of(terms.recipients)}, and nobody else."
    if terms.each_use:
        yield "It covers a single use."
    if terms.no_onward_transfer:
        yield "What it covers may not be passed on."
    if terms.report_within_days is not None:
        yield f"Use is to be reported within {_days(terms.report_within_days)}."


def _where(terms: Limits, words: Words) -> str:
    inside, beyond = (_areas(terms, each, words) for each in (terms.within, terms.outside))
    within = f"Only in {inside}" if terms.within else "In any area"
    outside = f", and not in {beyond}" if terms.outside else ""
    return f"{within}{outside}."


def _against(terms: Limits, words: Words) -> Iterator[str]:
    if terms.targets == _NONE:
        yield "Against no target."
    elif terms.targets:
        yield f"Only against targets of the category {words.one_of(terms.targets)}."
    if terms.not_targets:
        yield f"Not against targets of the category {words.one_of(terms.not_targets)}."


def provisos_of(terms: Limits) -> tuple[str, ...]:
    """Return the text of each proviso that says more than a limit: it binds, whatever it holds."""
    said = {each.rstrip(".").casefold() for each in limits_of(terms)}
    texts = (str(each["text"]) for each in terms.provisos)
    return tuple(each for each in texts if each.rstrip(".").casefold() not in said)


def rests_on(consents: Iterable[Consent], words: Words = CODES) -> tuple[str, ...]:
    """Say on whose consent a permit rests, in a sentence each."""
    return tuple(f"Consent: {_consent(each, words)}" for each in consents)


def consents_of(terms: Terms, words: Words = CODES) -> tuple[str, ...]:
    """Say who said yes, how, when, and where that is written."""
    return tuple(_consent(each, words) for each in terms.consents)


def _grounds_of(terms: Terms, words: Words) -> str:
    replaced = f" It takes the place of permit {terms.supersedes}." if terms.supersedes else ""
    return f"It was issued by {words.name(terms.issuer)} in the case {terms.case}.{replaced}"


def _line(line: PermitLine, words: Words) -> str:
    amount = f"{line.quantity} " if line.quantity is not None else "any number of "
    serials = f", serials {_joined(line.serials, 'and')}" if line.serials else ""
    lot = f", lot {line.lot}" if line.lot is not None else ""
    named = f" (line {line.line})" if words.lines else ""
    return f"{amount}{words.name(line.item)}{lot}{serials}{named}"


def _areas(terms: Limits, names: Sequence[str], words: Words) -> str:
    spelled = [
        f"{name} ({', '.join(map(words.name, terms.area_sets[name])) or 'no area'})"
        if name in terms.area_sets
        else words.name(name)
        for name in names
    ]
    return _joined(spelled, "or") if spelled else ""


def _consent(consent: Consent, words: Words) -> str:
    party, on = words.name(consent.party), words.occasion(consent.on)
    office = f", through {words.name(consent.by)}," if consent.by is not None else ""
    recorded = f"; recorded {words.moment(consent.recorded)}" if consent.recorded else ""
    return f"{party}{office} {_KINDS[consent.kind]}, on {on}{recorded} ({consent.reference})."


def _days(count: int) -> str:
    return "one day" if count == 1 else f"{count} days"


def _joined(texts: Sequence[str], last: str) -> str:
    *rest, final = texts
    return f"{', '.join(rest)} {last} {final}" if rest else final
