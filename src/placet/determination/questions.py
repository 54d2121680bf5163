"""Open questions in words: what is asked, of whom, and how the request left it open."""

from __future__ import annotations

from placet.determination.answer import OpenQuestion
from placet.determination.mattering import Question
from placet.determination.world import Matter
from placet.registry import UNKNOWN

__all__ = ["asked"]

_ASKS = {
    "recipient": "Who would receive it?",
    "area": "In which country or subdivision?",
    "target": "Against which category of target?",
    "purpose": "For what purpose?",
    "starts": "When would it begin?",
    "ends": "When would it be over?",
}


def asked(question: Question, matter: Matter) -> OpenQuestion:
    """Return a question in words."""
    kind, _, about = question.key.partition(":")
    registry = matter.registry
    asked_of = "applicant"
    match kind:
        case "uses":
            asks = f"Would it use {registry.item(about).name}?"
        case "transits":
            asks = f"Would the route cross {registry.name(about)}?"
        case "lot":
            asks = f"Which lot or serial numbers, on line {about}?"
        case "quantity":
            asks = f"How many, on line {about}?"
        case "stock":
            party, _, item = about.partition("/")
            owner, thing = registry.name(party), registry.item(item).name
            asks = f"What is the class of {owner}'s stock of {thing}?"
            asked_of = "stock manager"
        case "posture":
            asks = f"What is the posture {about} on the day?"
            asked_of = "policy owner"
        case _:
            asks = _ASKS[kind]
    return OpenQuestion(question.key, asks, asked_of, question.certain, _stated(kind, matter))


def _stated(kind: str, matter: Matter) -> str:
    """Say how the question came to be open: left out, or declared unknown."""
    field = {"uses": "services", "transits": "legs"}.get(kind, kind)
    value = getattr(matter.request, field, None)
    said = value == UNKNOWN or (isinstance(value, tuple) and UNKNOWN in value)
    return "declared unknown" if said else "not stated"
