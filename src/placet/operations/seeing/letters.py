"""Letters: what is told to a reader on paper, and how the paper is to be handled.

A letter says what is released to the applicant, whoever has it written, and nothing else: the
reasons that were disclosed, not those for the file. So it can be posted as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from placet.need_to_know.stands import newest_permit
from placet.need_to_know.telling import called, line_words, listing, request_words, thing_words
from placet.operations.house import House, SignedIn
from placet.operations.seeing.case_page import see_asked
from placet.operations.seeing.permit_terms import limits_of
from placet.operations.seeing.permit_words import words_of
from placet.operations.seeing.permits import paper_permit
from placet.permit import PermitVerifierKey
from placet.permit.paper import qr_svg
from placet.permit.wording import limits_of as limits_in
from placet.permit.wording import permitted_by, provisos_of, sentences_of
from placet.policy import Proviso
from placet.registry import Registry, Request, last_day
from placet.review import Case, UnknownError
from placet.review.released import ReleasedWord

__all__ = ["Letter", "Part", "decision_letter", "permit_letter"]


@dataclass(frozen=True)
class Part:
    """A part of a letter: its heading, and what it says, a paragraph each."""

    heading: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """A letter: how it is handled, whom it is to, what it is about, and its parts.

    `picture` is an SVG that goes with it (a permit's QR code), `foot` a last line in small print.
    """

    handling: str
    to: str
    about: str
    reference: str
    at: datetime
    parts: tuple[Part, ...]
    picture: str | None = None
    foot: str = ""


def decision_letter(house: House, who: SignedIn, case: str) -> Letter:
    """Write what was decided on a case, with the reasons disclosed to the applicant.

    Raises:
        UnknownError: they have no part in the case, or no decision on it is out.
    """
    seen, request, registry = see_asked(house, who, case)
    if not seen.outcomes and seen.ended is None:
        raise UnknownError(f"No decision on the case {seen.case} is out yet.")
    title = str(seen.request.get("title") or seen.case)
    parts = [Part("The request", (title, f"{request_words(request, registry)}."))]
    parts += [_decided(each, request, registry) for each in seen.outcomes]
    said = [each for part in parts for each in part.says]
    parts += _permitted(house.reading.case(seen.case), said, registry)
    if seen.ended is not None and seen.ended not in {each.disclosed for each in seen.outcomes}:
        parts.append(Part(f"The case is {seen.status}", (seen.ended,)))
    parts.append(Part("What this letter is not", (_NOT_A_PERMIT,)))
    return Letter(
        handling=f"Released to {called(registry.name(seen.applicant))}.",
        to=registry.name(seen.applicant),
        about="Decision on a request" if seen.outcomes else "The end of a request",
        reference=seen.case,
        at=house.clock.now(),
        parts=tuple(parts),
        foot=_foot(house),
    )


def permit_letter(
    house: House, who: SignedIn, permit: str, keys: Collection[PermitVerifierKey], verify_at: str
) -> Letter:
    """Write what a permit allows, with its QR code, and the address at which anybody verifies it.

    Raises:
        UnknownError: they have no part in its case, or its token is not signed yet.
        PermitError: none of the keys signed it.
    """
    paper = paper_permit(house, who, permit, keys)
    terms, registry = paper.signed.terms, house.reading.context().registry
    holder = called(registry.name(terms.holder))
    return Letter(
        handling=f"Released to {holder}, to be shown where it is used.",
        to=registry.name(terms.holder),
        about=f"Permit {terms.id}",
        reference=terms.case,
        at=house.clock.now(),
        parts=(
            Part("What it allows", sentences_of(terms, words_of(registry))),
            Part("Whether it still holds", (_ASK, verify_at)),
        ),
        picture=qr_svg(paper.signed, verify_at),
        foot=_foot(house),
    )


_NOT_A_PERMIT = (
    "It is no permit. Nothing may be used, moved or shared on its strength; a permit is issued "
    "once every party with a say has said yes, and can be verified by anyone."
)
_ASK = (
    "Paper says what was permitted; it cannot say whether that still holds. The code below leads "
    "to this address of the issuer, with the permit; there anybody is told what holds now:"
)


def _decided(outcome: ReleasedWord, request: Request, registry: Registry) -> Part:
    office = registry.office_title(outcome.office) if outcome.office else ""
    name = registry.name(outcome.party)
    heading = f"{name}{f', {office}' if office else ''}"
    return Part(heading, tuple(_sayings(outcome, request, registry)))


def _sayings(outcome: ReleasedWord, request: Request, registry: Registry) -> Iterator[str]:
    lines = listing(_granted(each, outcome, request, registry) for each in outcome.lines)
    on, recorded = f"{outcome.at:%-d %B %Y}", ""
    if outcome.given is not None and (given := f"{outcome.given.first:%-d %B %Y}") != on:
        on, recorded = given, f" (recorded on {on})"
    yield f"{_VERDICTS[str(outcome.verdict)]} on {on}{recorded}, for: {lines}."
    yield outcome.disclosed
    for each in outcome.provisos:
        yield _proviso(each, request, registry)
    if outcome.conditional:
        yield "The approval takes effect only once what it waits for has come true."
    if outcome.until is not None:
        last = last_day(outcome.until)
        yield (
            f"Its last day is {last:%-d %B %Y}."
            if last
            else f"It ends on {outcome.until:%-d %B %Y at %H:%M} UTC."
        )


def _granted(name: str, outcome: ReleasedWord, request: Request, registry: Registry) -> str:
    """Say what of a line an outcome is for, and of how many, where a proviso limits it."""
    line = request.lines[name]
    limits = (each.at_most for each in outcome.provisos if each.line in (None, name))
    most = min((each for each in limits if each is not None), default=None)
    words = line_words(line, registry)
    if most is None or (isinstance(line.quantity, int) and most >= line.quantity):
        return words
    return f"{most} of the {words}"


def _proviso(proviso: Proviso, request: Request, registry: Registry) -> str:
    """Say a proviso in its own words, with what of its limits these leave out."""
    limits = []
    if proviso.at_most is not None:
        line = request.lines.get(proviso.line) if proviso.line is not None else None
        of = f" {thing_words(line, registry)}" if line is not None else ""
        limits.append(f"at most {proviso.at_most}{of}")
    if proviso.each_use:
        limits.append("for a single use")
    text = proviso.text
    unsaid = ", ".join(each for each in limits if each.removeprefix("for ") not in text)
    return f"Proviso: {text}{f' ({unsaid})' if unsaid else ''}"


def _permitted(case: Case, said: Collection[str], registry: Registry) -> Iterator[Part]:
    """Yield what was permitted in the end, with what the rules and other parties limit as well."""
    if not case.permits:
        return
    newest = newest_permit(case)
    limits, words = limits_of(newest.terms), words_of(registry)
    every = provisos_of(limits)
    provisos = [each for each in every if not any(each in one for one in said)]
    above = len(provisos) < len(every)
    yield Part(
        f"What was permitted, by permit {newest.permit}",
        (
            *permitted_by(limits, words),
            *limits_in(limits, words),
            *(f"Proviso: {each}" for each in provisos),
            *(["And every proviso named above."] if above else []),
        ),
    )


_VERDICTS = {"approve": "Approved", "refuse": "Refused", "return": "Returned without action"}


def _foot(house: House) -> str:
    if house.reading.context().demonstration:
        return f"{house.origin}. A demonstration: the people are invented, and it permits nothing."
    return house.origin
