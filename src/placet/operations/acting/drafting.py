"""Drafting an act: what is asked of whoever does it, in which words, and what is drawn for them.

What an act takes is written once, in `review/commands`; every interface asks for the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from placet.operations.acting.act import must_have_part
from placet.operations.acting.naming import must_be_drawn
from placet.operations.house import House, SignedIn
from placet.operations.seeing.cases import advice_seen
from placet.review import Command, command_of

__all__ = [
    "drafted",
    "drawn",
    "drawn_before",
    "field_hint",
    "field_words",
    "is_asked",
    "placed",
    "readable",
]

_NONE_SEEN = f"sha256:{'0' * 64}"
"""What was seen where nothing is determined yet: the act itself says so, to who may know."""

_DRAWN = {
    "submit": {"case": "C"},
    "issue": {"permit": "P"},
    "amend": {"replacement": "P"},
    "break-glass": {"permit": "P"},
    "report-use": {"report": "U"},
    "correct-use": {"report": "U"},
}
"""References that are drawn and not asked for, with the letter they begin with."""
_OF_CASE = frozenset({"permit", "case"})
"""Fields that name what the act is done to: the command's argument."""
_INDEXED = frozenset({"issue", "amend", "break-glass"})
_SEEING = frozenset({"decide", "record-consent", "break-glass"})


def is_asked(kind: str, name: str, of: str | None) -> bool:
    """Say whether a field is asked for: not what is drawn or seen, nor what the act is done to."""
    return not (
        name == "id_"
        or name in _DRAWN.get(kind, {})
        or (name == "status" and kind in _INDEXED)
        or (name == "determination" and kind in _SEEING)
        or (of is not None and name == of)
    )


def drawn(house: House, kind: str, case: str | None, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is drawn for an act, and which determination was seen.

    What was stated before, by whoever saw it, is not drawn again.
    """
    found: dict[str, Any] = {
        name: stated.get(name) or house.references.reference(letter)
        for name, letter in _DRAWN.get(kind, {}).items()
    }
    if kind in _INDEXED:
        found["status"] = stated.get("status", house.references.status_index())
    if kind in _SEEING and case is not None:
        determined = house.reading.case(case).determined
        found["determination"] = determined.digest if determined else _NONE_SEEN
    return found


def drawn_before(kind: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what had been drawn for an act, and seen, when it was stated."""
    names = {*_DRAWN.get(kind, {})}
    names |= {"status"} if kind in _INDEXED else set()
    names |= {"determination"} if kind in _SEEING else set()
    return {name: stated[name] for name in names if name in stated}


def drafted(
    house: House, who: SignedIn, kind: str, case: str | None, given: Mapping[str, Any]
) -> Command:
    """Return the act that is asked for, with what is drawn for it where that is not given.

    Whoever acts must have a part in the case: what is drawn and seen for it would tell of it.

    Raises:
        UnknownError: they have none: it reads as if there were none; or there is no such act.
        NotAllowedError: they applied, and the act is for those who review.
        UnlawfulError: it files under a reference that was not drawn, or that a case has.
    """
    if case is not None:
        must_have_part(house, who, kind, case)
    if kind == "submit" and isinstance(given.get("case"), str):
        must_be_drawn(house, given["case"])
    said = placed(house, who, case, given)
    return command_of(kind, {**drawn(house, kind, case, given), **said})


def readable(kind: str, given: Mapping[str, Any]) -> None:
    """Refuse fields that make no such act, whatever is drawn for it: no register needs be asked.

    Raises:
        UnreadableError: they do not.
    """
    stand_in: dict[str, Any] = dict(_DRAWN.get(kind, {}))
    stand_in |= {"status": 0} if kind in _INDEXED else {}
    stand_in |= {"determination": _NONE_SEEN} if kind in _SEEING else {}
    seen = {"advice": 0} if "advice" in given else {}
    command_of(kind, {**stand_in, **given, **seen})


def placed(
    house: House, who: SignedIn, case: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of an act as its command has them: advice by its place in the case.

    Whoever acts names advice by the number that they see; the places would tell how much advice
    others gave.

    Raises:
        UnknownError: they see no such advice, or no such case.
    """
    if "advice" not in given or case is None:
        return dict(given)
    return {**given, "advice": advice_seen(house, who, case, str(given["advice"]))}


def field_words(kind: str, name: str) -> str | None:
    """Return what a field of an act asks for, in a sentence."""
    return _WORDS_OF.get((kind, name), _WORDS.get(name))


def field_hint(kind: str, name: str) -> str:
    """Return what a form says of a field beneath its heading; nothing where it would repeat it."""
    repeats = name in _NO_MORE and (kind, name) not in _WORDS_OF
    return "" if repeats else field_words(kind, name) or name.replace("_", " ")


_WORDS = {
    "because": "Why; for the file.",
    "disclosed": "What the applicant is told.",
    "provisos": "A limit, as in '{at-most: 2, text: two at most}'; may be repeated.",
    "provided": "A condition precedent, as in '{consent-of: DE}'; may be repeated.",
    "lines": "A line of the request; all by default; may be repeated.",
    "except_permits": "A permit that a written carve-out spares; may be repeated.",
    "carve_out": "The text of the carve-out.",
    "until": "Until when, not included: a day or an instant (UTC).",
    "from_": "From when: a day or an instant (UTC).",
    "on": "When: a day or an instant (UTC).",
    "due": "By when: a day or an instant (UTC).",
    "party": "The party.",
    "office": "The office.",
    "verdict": "approve, refuse or return.",
    "delegation": "The instrument, where the actor acts from another office.",
    "to": "Who or which office.",
    "asks": "The question.",
    "fields": "A field of the request that is wanted; may be repeated.",
    "question": "The question's number, from 0.",
    "request": "The request as it now reads, whole.",
    "says": "What is said.",
    "attachments": "A file that goes with it: PDF, PNG, JPEG, text or CSV; may be repeated.",
    "stance": "for, against, divided or consider.",
    "advice": "The number of the advice among what is shown to you, from 0.",
    "given_by": "Who gave it.",
    "given_on": "When it was given.",
    "instrument": "The document that shows it.",
    "instrument_digest": "Its SHA-256, with sha256: before it.",
    "need": "What was owed, as the case names it.",
    "of": "Whose: an office, applicant or case.",
    "hours": "For how many hours.",
    "quantities": "A smaller quantity of a line; may be repeated.",
    "result": "in-order, concern or not-possible.",
    "line": "The line of the request.",
    "quantity": "How many.",
    "area": "An ISO 3166 code.",
    "target": "A category of target.",
    "purpose": "A purpose.",
    "recipient": "Who received it.",
    "policy": "The policy's id.",
    "text": "The policy as it would stand in a book.",
    "section": "A section of the registry.",
    "id": "The record's id.",
    "record": "The record as it would stand in the file.",
    "supersedes": "The record takes the place of one that stands there.",
    "official": "The id of the record.",
    "person": "Who it is.",
    "name": "The person's name.",
    "acting": "The person acts in the office.",
    "key": "The key's id.",
    "public": "The key as its .pub file has it, or the line of a passkey.",
    "activities": "An activity; all by default; may be repeated.",
    "entry": "The entry's place in the log.",
    "finding": "What was found.",
    "report": "The report.",
    "permit": "The permit.",
}
_NO_MORE = frozenset(
    {
        *("asks", "finding", "given_by", "given_on", "instrument", "key", "line", "name"),
        *("office", "party", "permit", "person", "policy", "purpose", "quantity", "report"),
        *("says", "target"),
    }
)
"""Fields of which their words say no more than their heading."""
_OF_USE = (
    ("on", "When: an instant (UTC), or a day where the time is not known."),
    ("area", "An ISO 3166 code; not known if left out."),
    ("target", "A category of target, or none; not known if left out."),
    ("purpose", "A purpose, or none; not known if left out."),
    ("recipient", "Who received it, or none; not known if left out."),
)
_WORDS_OF = {
    ("delegate", "delegation"): "The new instrument's id.",
    ("revoke-delegation", "delegation"): "The instrument's id.",
    ("delegate", "of"): "The office that delegates; the actor holds it.",
    ("delegate", "to"): "The office that may act.",
    ("assign", "to"): "The case officer.",
    ("escalate", "to"): "The office.",
    ("set-deadline", "due"): "By when (UTC); left empty, the deadline is taken back.",
    ("change-semantics", "to"): "The version of the semantics.",
    ("amend", "until"): "An earlier end, not included: a day or an instant (UTC).",
    **{(kind, name): says for kind in ("report-use", "correct-use") for name, says in _OF_USE},
    ("correct-use", "corrects"): "The report that says something wrong.",
    ("resolve-violation", "finding"): "within, excused, sanctioned or mistaken-report.",
    ("retract", "need"): "What is taken back, as in 'assurance from GB' or 'event crews-trained'.",
    ("review-after", "finding"): "justified or not-justified.",
    ("revise-book", "fields"): "The fields as they would stand in the book.",
    ("erase", "fields"): "actor, evidence, payload or documents; may be repeated.",
}
"""Where a field means something of its own in one act."""
