"""Facts: dated, sourced, graded per assertion, known since a day.

A fact may be asserted more than once, by sources that disagree. What the
assertions known at a moment add up to is its grade at that moment. A disputed
fact is not an unknown one: no applicant can answer it, so both readings are
taken and the stricter holds (DESIGN §2).
"""

from __future__ import annotations

import re
import types
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from placet.registry.moments import (
    Occasion,
    Presence,
    Start,
    parse_moment,
    parse_occasion,
    parse_start,
    presence_between,
)

__all__ = [
    "Assertion",
    "Attested",
    "ConditionText",
    "Count",
    "Fact",
    "Grade",
    "Moment",
    "Once",
    "OneLine",
    "Record",
    "RefMark",
    "SourceId",
    "Span",
    "Text",
    "YesNo",
    "references",
]


class Grade(StrEnum):
    """How well a fact is attested."""

    CONFIRMED = "confirmed"
    REPORTED = "reported"
    DISPUTED = "disputed"
    DENIED = "denied"


@dataclass(frozen=True, eq=False)
class Written:
    """How a field is written: what reads it, and how the published JSON Schema describes it."""

    read: Callable[[object], object]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return dict(self.schema)


def text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("text is needed here")


def one_line(value: object) -> str:
    """Read a text that stands on one line and can be seen: it is printed on permits."""
    found = text(value)
    hidden = not found.isprintable() and any(
        unicodedata.category(each) in _HIDDEN for each in found if each not in _JOINERS
    )
    if hidden or len(found) > LONGEST_LINE or not unicodedata.is_normalized("NFC", found):
        raise ValueError(
            f"one line of at most {LONGEST_LINE} characters that can be seen is needed here"
        )
    return found


def one_word(value: object) -> str:
    """Read a name that stands in a permit: one word that can be seen, of at most 200 characters."""
    found = one_line(value)
    if len(found) > LONGEST_NAME or found.split() != [found]:
        raise ValueError(f"one word of at most {LONGEST_NAME} characters is needed here")
    return found


LONGEST_LINE = 4000
LONGEST_NAME = 200
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # some scripts spell with them


def count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and re.fullmatch(r"0|[1-9][0-9]{0,14}", value):
        return int(value)
    raise ValueError("a whole number of at most 15 digits is needed here, such as 9")


def _yes_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("yes", "true", "no", "false"):
        return value in ("yes", "true")
    raise ValueError("`yes` or `no` is needed here")


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else parse_moment(text(value))


def _once(value: object) -> Occasion:
    return value if isinstance(value, Occasion) else parse_occasion(text(value))


def _span(value: object) -> Start:
    return value if isinstance(value, Start) else parse_start(text(value))


_DAY = r"\d{4}-\d{2}-\d{2}"
_WHEN = r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?)?)?"

Text = Annotated[str, Written(text, {"type": "string", "minLength": 1})]
OneLine = Annotated[str, Written(one_line, {"type": "string", "minLength": 1})]
Count = Annotated[int, Written(count, {"type": ["integer", "string"], "minimum": 0})]
YesNo = Annotated[bool, Written(_yes_no, {"enum": ["yes", "no", "true", "false", True, False]})]
Moment = Annotated[datetime, Written(_moment, {"type": "string", "pattern": f"^{_DAY}(T.*Z)?$"})]
Once = Annotated[
    Occasion,
    Written(_once, {"type": "string", "pattern": f"^{_DAY}(T.*Z)?$"}),
    PlainSerializer(str, return_type=str),
]
Span = Annotated[Start, Written(_span, {"type": "string", "pattern": f"^{_WHEN}(/{_WHEN})?$"})]


@dataclass(frozen=True)
class RefMark:
    """Marks a field that names a record of `section`; `also` are words allowed beside the names."""

    section: str
    also: tuple[str, ...] = ()


SourceId = Annotated[Text, RefMark("sources")]


@dataclass(frozen=True)
class ConditionText:
    """Marks a field that holds a condition, and names the language it is written in."""

    language: str


def _written_name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _is_list(annotation: Any) -> bool:
    """Say whether a field takes a list and no plain text."""
    if get_origin(annotation) in (Union, types.UnionType):
        options = [each for each in get_args(annotation) if each is not type(None)]
        return all(_is_list(each) for each in options)
    return get_origin(annotation) is tuple


class Record(BaseModel):
    """Anything written in a file: frozen, its fields written with hyphens, unknown ones refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_written_name,
        arbitrary_types_allowed=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, data: Any) -> Any:
        """Accept `origin: RU` for `origin: [RU]`, wherever a list is meant."""
        lists = _lists(cls)
        if not lists or not isinstance(data, dict):
            return data
        ones = [name for name in lists if isinstance(data.get(name), str)]
        return {**data, **{name: [data[name]] for name in ones}} if ones else data


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields of a record that take a list, as they are written."""
    fields = model.model_fields.items()
    return frozenset(info.alias or name for name, info in fields if _is_list(info.annotation))


class Assertion(Record):
    """One statement about a fact: who says it, how it is graded, since when it is known."""

    grade: Grade
    by: Text | None = None
    known: Moment | None = None
    sources: tuple[SourceId, ...] = ()
    says: Text | None = None


@dataclass(frozen=True, slots=True)
class Attested:
    """Whether a fact holds at a moment, as known at another, how well attested, and why so."""

    presence: Presence
    grade: Grade
    why: str = ""


class Fact(Record):
    """A dated, sourced, graded fact with the day since which it is known.

    `from_` and `until` bound the time it holds; `known` is when the record
    came to know it: by default when it was first asserted, or else when it
    began. `grade` and `sources` are the short way to write a single assertion;
    where `assertions` are written, only those known by then make it known.
    """

    id: str = Field(default="", alias="(id)")
    from_: Span | None = None
    until: Span | None = None
    known: Moment | None = None
    grade: Grade = Grade.CONFIRMED
    sources: tuple[SourceId, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    note: Text | None = None

    def standing(self, at: datetime, known_at: datetime | None) -> Attested:
        """Say whether the fact holds at `at`, as known at `known_at` (None: all that is known)."""
        grade = self.grade_known(known_at)
        if grade is None:
            return Attested(Presence.OUT, self.grade, "not yet known")
        dated = presence_between(at, self.from_, self.until)
        if dated is Presence.OUT:
            return Attested(dated, grade, "not in its time")
        if grade is Grade.DENIED:
            return Attested(Presence.OUT, grade, "denied")
        if grade is Grade.DISPUTED:
            return Attested(Presence.EITHER, grade, "disputed")
        why = "its start or end is not known exactly" if dated is Presence.EITHER else ""
        return Attested(dated, grade, why)

    def is_certain(self, at: datetime) -> bool:
        """Say whether the fact certainly holds at `at`: in its time, and confirmed.

        Nothing less gives authority: a mere report gives none.
        """
        standing = self.standing(at, None)
        return standing.presence is Presence.IN and standing.grade is Grade.CONFIRMED

    def grade_known(self, known_at: datetime | None) -> Grade | None:
        """Return what the assertions known at `known_at` add up to; None if there is none."""
        if known_at is not None and self.known_since() > known_at:
            return None
        grades = {
            assertion.grade
            for assertion in self.assertions
            if known_at is None or assertion.known is None or assertion.known <= known_at
        }
        if self.assertions:
            return combined(grades) if grades else None
        return self.grade

    def known_since(self) -> datetime:
        """Return since when the record knows the fact; the beginning of time if nothing says."""
        if self.known is not None:
            return self.known
        if self.assertions and all(each.known for each in self.assertions):
            return min(each.known for each in self.assertions if each.known)
        if self.from_ is not None:
            return self.from_.earliest
        return datetime.min.replace(tzinfo=UTC)

    def all_sources(self) -> tuple[str, ...]:
        """Return every source of the fact, those of its assertions included, in order."""
        named = [*self.sources, *(name for each in self.assertions for name in each.sources)]
        return tuple(dict.fromkeys(named))


def combined(grades: Iterable[Grade]) -> Grade:
    """Add up the grades of several assertions: a denial beside an assertion is a dispute."""
    found = set(grades)
    if Grade.DISPUTED in found:
        return Grade.DISPUTED
    if Grade.DENIED in found:
        return Grade.DENIED if found == {Grade.DENIED} else Grade.DISPUTED
    return Grade.CONFIRMED if Grade.CONFIRMED in found else Grade.REPORTED


Marks = tuple[Any, ...]
_Path = tuple[str | int, ...]
_Finder = Callable[[Any, _Path], Iterable[tuple[_Path, Any, str]]]
"""Finds the marked values in a value of a certain type that stands at a path."""


def references(record: BaseModel, path: _Path = ()) -> Iterator[tuple[_Path, Any, str]]:
    """Yield every marked value of a record: its path, its mark, its text."""
    for name, written, find in _finders(type(record)):
        value = getattr(record, name)
        if value is not None:
            yield from find(value, (*path, written))


@cache
def _finders(model: type[BaseModel]) -> tuple[tuple[str, str, _Finder], ...]:
    """Return the fields of a record that may hold a mark: attribute, written name, what finds it.

    What its types say of a field is looked at once, and not for every record.
    """
    return tuple(
        (name, info.alias or name, _finder(info.annotation, tuple(info.metadata)))
        for name, info in model.model_fields.items()
        if any(_may_hold(each) for each in (info.annotation, *info.metadata))
    )


def _may_hold(annotation: Any) -> bool:
    """Say whether a type, or what it is annotated with, holds a mark or a record."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return isinstance(annotation, _MARKS) or any(map(_may_hold, get_args(annotation)))


def _finder(annotation: Any, marks: Marks) -> _Finder:
    """Return what finds the marks in a value of a type that has these marks itself."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _finder(arguments[0], (*marks, *arguments[1:]))
    ours = tuple(each for each in marks if isinstance(each, _MARKS))
    if get_origin(annotation) in (Union, types.UnionType):
        holding = [each for each in arguments if ours or _may_hold(each)]
        return _either([_finder(each, marks) for each in holding])
    inner = [_finder(each, ()) for each in arguments]

    def find(value: Any, path: _Path) -> Iterable[tuple[_Path, Any, str]]:
        if isinstance(value, str):
            return [(path, mark, value) for mark in ours]
        if isinstance(value, BaseModel):
            return references(value, path)
        if isinstance(value, tuple) and inner:
            return _in_each(inner[0], enumerate(value), path)
        if isinstance(value, dict) and len(inner) == 2:
            return _in_each(inner[1], ((str(key), each) for key, each in value.items()), path)
        return ()

    return find


def _either(finders: Sequence[_Finder]) -> _Finder:
    """Return what finds the marks in a value of one of several types."""
    if len(finders) == 1:
        return finders[0]
    return lambda value, path: [one for find in finders for one in find(value, path)]


def _in_each(
    find: _Finder, parts: Iterable[tuple[str | int, Any]], path: _Path
) -> Iterator[tuple[_Path, Any, str]]:
    for key, each in parts:
        yield from find(each, (*path, key))


_MARKS = (RefMark, ConditionText)
