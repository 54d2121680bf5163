"""What is wrong with a request, as its form says it: by the field's own label, with a link to it.

The reader of requests writes for the author of a file. Whoever fills in a form sees fields, so
each of its problems is told at the field that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from placet.errors import Problem
from placet.registry import Request
from placet.web.pages.case_words import FACTS

__all__ = ["NEEDED", "Told", "told_in_form"]

NEEDED = tuple(
    str(info.alias or name)
    for name, info in Request.model_fields.items()
    if info.is_required() and (info.alias or name) in FACTS and name != "lines"
)
"""The fields without which a request cannot be read; and one line with an item."""
_ORDER: tuple[str, ...] = (
    "title",
    "activity",
    "lines",
    "applicant",
    "actor",
    "raised-by",
    "recipient",
    "area",
)
_ORDER += ("target", "purpose", "from", "until", "platforms", "services", "legs")


@dataclass(frozen=True)
class Told:
    """A problem as the form tells it: of which field, what its label is, and what to do.

    `field` is the field's name, or a line's; `at` the element that a link leads to.
    """

    field: str
    at: str
    label: str
    says: str


def told_in_form(
    sent: Mapping[str, Sequence[str]], problems: Iterable[Problem]
) -> tuple[Told, ...]:
    """Return problems as the form tells them, in the order of its fields.

    Args:
        sent: what stands in the form.
        problems: what the reader of requests found wrong.
    """
    found = list(problems)
    told = [_told(each) for each in found if each.where.field]
    if len(told) < len(found):  # what is missing has no place of its own
        told += (_needed(name) for name in NEEDED if not any(sent.get(name, ())))
    return tuple(dict.fromkeys(sorted(told, key=_place)))


def _place(told: Told) -> tuple[int, str]:
    name = "lines" if told.field.startswith("line") else told.field
    return _ORDER.index(name) if name in _ORDER else len(_ORDER), told.at


def _needed(name: str) -> Told:
    says = {
        "activity": _("Choose what would be done."),
        "applicant": _("Choose who applies."),
        "actor": _("Choose who would do it."),
    }
    return Told(name, f"f-{name}", str(FACTS[name]), says.get(name, _("This is needed.")))


def _told(problem: Problem) -> Told:
    name, *rest = problem.where.field.split(".")
    if name == "lines":
        return _of_line(problem, rest)
    if name == "period":
        return _of_period(rest[0] if rest else "")
    label = _("Title") if name == "title" else str(FACTS.get(name, name))
    return Told(name, f"f-{name}", label, _sentence(problem))


def _of_line(problem: Problem, path: Sequence[str]) -> Told:
    line, field = (path[0] if path else "line-1"), (path[1] if len(path) > 1 else "item")
    number = line.rpartition("-")[2]
    label = _("Line %(number)s") % {"number": number}
    if field == "quantity":
        says = _("Write how many as a whole number, such as 9; or unknown.")
        return Told(line, f"quantity-{number}", _("%s, how many") % label, says)
    says = _("Choose the item that is asked for.") if len(path) < 2 else _sentence(problem)
    return Told(line, f"item-{number}", _("%s, item") % label, says)


def _of_period(end: str) -> Told:
    name = end or "until"
    label = {"from": _("From"), "until": _("Last day")}.get(name, name)
    says = _("Choose a day.") if end else _("Choose a later day: it would end before it begins.")
    return Told(name, f"f-{name}", label, says)


def _sentence(problem: Problem) -> str:
    """Write what is wrong as a sentence or two, each begun as one."""
    parts = (problem.what, problem.why, problem.do)
    return " ".join(
        f"{each[:1].upper()}{each[1:].rstrip('.?')}{_end(each)}" for each in parts if each
    )


def _end(text: str) -> str:
    return "?" if text.endswith("?") else "."
