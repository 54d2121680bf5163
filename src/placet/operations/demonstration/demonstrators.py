"""Who can be signed in as in a demonstration, and what each of them is for."""

from __future__ import annotations

from dataclasses import dataclass

from placet.registry import Duty, Official
from placet.review import Context

__all__ = ["Demonstrator", "demonstrators"]


@dataclass(frozen=True)
class Demonstrator:
    """A person of a demonstration, with their offices; `does` is what they are for, if it is said.

    One of each role has it said of them: begin with these.
    """

    person: str
    name: str
    offices: tuple[str, ...]
    does: str


def demonstrators(context: Context) -> tuple[Demonstrator, ...]:
    """Return the people of a demonstration, those of whom it is said what they are for first.

    Who asks comes before who reviews and who keeps the record; who only decides comes last.
    """
    terms: dict[str, list[Official]] = {}
    for each in context.registry.record.officials.values():
        terms.setdefault(each.who, []).append(each)
    found = [(_role(held, context), _demonstrator(held, context)) for held in terms.values()]
    found.sort(key=lambda each: (not each[1].does, each[0], each[1].person))
    return tuple(each for _, each in found)


def _role(held: list[Official], context: Context) -> int:
    offices = [context.registry.record.offices[each.office] for each in held]
    duties = [list(Duty).index(duty) for office in offices for duty in office.duties]
    return min(duties, default=len(Duty))


def _demonstrator(held: list[Official], context: Context) -> Demonstrator:
    titles = dict.fromkeys(context.registry.office_title(each.office) for each in held)
    does = next((each.note for each in held if each.note), "")
    return Demonstrator(held[0].who, held[0].name, tuple(titles), does)
