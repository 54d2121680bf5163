"""A form that was refused: shown again with what was typed, and what is wrong beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from placet.errors import InputError, PlacetError, Problem, Where
from placet.operations.acting.limiting import Limitable
from placet.registry import read_text
from placet.review import UnreadableError
from placet.web.acting.fields import Field, given
from placet.web.acting.limits import LimitField, limit_fields, limits_sent
from placet.web.errors import said
from placet.web.pages.request_problems import Told, told_in_form

__all__ = ["UNNAMED", "Bound", "Form"]

UNNAMED = "policy"
"""The id by which a policy is checked that has none yet."""


_MISSING = re.compile(r"the field ([\w-]+) is missing")


@dataclass(frozen=True)
class Bound:
    """A field as it is shown: what stands in it, and what is wrong with that."""

    field: Field
    value: str = ""
    problem: str = ""
    limits: tuple[LimitField, ...] = ()
    counts: tuple[tuple[str, str, str, str], ...] = ()
    """Of a field with a number for each choice: the choice, its words, the number, the problem."""

    @property
    def values(self) -> list[str]:
        """What stands in it, where it takes several values."""
        return self.value.split("\n")


@dataclass(frozen=True)
class Form:
    """The form of an act as it is shown: with what was sent, and why that was refused, if it was.

    What was sent by address alone only fills it in.
    """

    kind: str
    sent: QueryDict
    refused: PlacetError | None = None
    again: bool = False
    """It was sent, and is shown once more before it counts: what was left empty stays so."""

    @cached_property
    def problems(self) -> Mapping[str, str]:
        """What is wrong, by the field that it is about."""
        found: dict[str, list[str]] = {}
        for name, why in self._problems():
            found.setdefault(name, []).append(why)
        return {name: "\n".join(each) for name, each in found.items()}

    def _problems(self) -> Iterator[tuple[str, str]]:
        if isinstance(self.refused, UnreadableError):
            for place, why in self.refused.problems:
                yield self._field(place), _sentence(why)
        elif isinstance(self.refused, InputError) and not self.of_request:
            for each in self.refused.problems:
                yield self._place(each)

    @cached_property
    def of_request(self) -> tuple[Told, ...]:
        """What is wrong with the request that an answer makes, as the fields of requests say it."""
        if self.kind != "supply" or not isinstance(self.refused, InputError):
            return ()
        return told_in_form(dict(self.sent.lists()), self.refused.problems)

    def _place(self, problem: Problem) -> tuple[str, str]:
        """Return the field of the form that a problem is about, and what is said of it there.

        A problem with a policy stands beside its text, with its line and column in that; one with a
        fact beside the field of the fact.
        """
        says = f"{problem.what}{f'; {problem.why}' if problem.why else ''}. {problem.do}".strip()
        where, steps = problem.where, problem.where.field.split(".")
        if self.kind == "adopt-policy":
            rest = where.field.removeprefix(
                f"policies.{self.sent.get('policy', '').strip() or UNNAMED}."
            )
            found = where if where.file == "text" else in_text(self.sent.get("text", ""), rest)
            return "text", _placed(found, says)
        if self.kind == "record-fact" and len(steps) > 1 and where.file not in self.sent:
            missing = _MISSING.fullmatch(problem.what)
            steps += [missing[1]] if missing else []
            return ".".join(["record", *steps[2:]]), _("This is needed.") if missing else says
        return where.file or where.field, str(problem)

    def _field(self, place: str) -> str:
        """Return the field of the form that a place of the act came from."""
        name, *rest = place.split(".")
        limits = limits_sent(self.sent)
        if name == "provisos" and rest and rest[0].isdigit() and int(rest[0]) < len(limits):
            return limits[int(rest[0])][0]
        return ".".join([name, *rest]) if name == "quantities" else name

    @property
    def says(self) -> str:
        """Why it was refused, as a whole: what is wrong with fields is said beside them."""
        if self.refused is None:
            return ""
        if self.problems or self.of_request:
            return _("This cannot be taken yet: see beside the fields.")
        return said(self.refused)

    def is_of(self, kind: str, settled: Iterable[tuple[str, str]]) -> bool:
        """Say whether it was sent as the form of an act that settles some fields."""
        mine = all(self.sent.get(name, "") == value for name, value in settled)
        return (self.refused is not None or self.again) and self.kind == kind and mine

    def bound(
        self, fields: Iterable[Field], limitable: Limitable | None = None
    ) -> tuple[Bound, ...]:
        """Return fields with what stands in each; what is preset stands there until it was sent."""
        return tuple(self._bound(each, limitable) for each in fields)

    def groups(self, bound: Iterable[Bound]) -> list[tuple[str, bool, list[Bound]]]:
        """Return fields that are not late by group, and whether it is open: it holds something.

        Fields of no group stand in one without a name.
        """
        early = (each for each in bound if not each.field.late)
        found = (
            (group, [*each]) for group, each in groupby(early, key=lambda one: one.field.group)
        )
        return [
            (group, any(one.value or one.problem for one in each), each) for group, each in found
        ]

    def _bound(self, field: Field, limitable: Limitable | None) -> Bound:
        value = given(field, self.sent) or ("" if self.refused or self.again else field.preset)
        limits = self.limits(limitable) if field.kind == "limits" else ()
        counts = self._counts(field) if field.kind == "counts" else ()
        found = [
            why
            for name, why in self.problems.items()
            if f"{name}.".startswith(f"{field.name}.") and field.kind not in ("limits", "counts")
        ]
        return Bound(field, value, "\n".join(found), limits, tuple(counts))

    def _counts(self, field: Field) -> Iterator[tuple[str, str, str, str]]:
        for key, says in field.choices:
            name = f"{field.name}.{key}"
            yield key, says, self.sent.get(name, ""), self.problems.get(name, "")

    def beside_none(self, fields: Iterable[Field]) -> tuple[str, ...]:
        """Return what is wrong with something that no field of the form is for."""
        names = [f"{each.name}." for each in fields]
        return tuple(
            f"{name}: {why}"
            for name, why in self.problems.items()
            if not any(f"{name}.".startswith(each) for each in names)
        )

    def limits(self, limitable: Limitable | None) -> tuple[LimitField, ...]:
        """Return the fields of its limits; a narrower permit has its quantities elsewhere."""
        lines = self.kind != "amend"
        return limit_fields(limitable, self.sent, self.problems, lines=lines)


def in_text(text: str, field: str) -> Where | None:
    """Return where a field stands in a text that was written; nothing where it cannot be read."""
    try:
        return read_text(text, "text").where_is(field)
    except InputError:
        return None


def _placed(where: Where | None, says: str) -> str:
    if where is None:
        return says
    return _("Line %(line)d, column %(column)d: %(says)s") % {
        "line": where.line,
        "column": where.column,
        "says": says,
    }


def _sentence(why: str) -> str:
    """Write what is wrong with a field as a sentence."""
    if why == "Field required":
        return _("This is needed.")
    return f"{capfirst(why).rstrip('.')}."
