"""The fields of a fact, by its kind: read from the records of the registry, with their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from placet.need_to_know.choices import Choice
from placet.operations.seeing.permit_words import words_of
from placet.registry import RegistryRecord
from placet.registry.facts import ConditionText, Count, Fact, Moment, RefMark, Span
from placet.registry.records import SECTIONS_OF_TEXT
from placet.review import Context
from placet.web.acting.fields import Field, as_choices
from placet.web.pages.case_words import spoken

__all__ = ["KINDS", "as_recorded", "corrected", "fact_fields", "name_of"]

KINDS: Mapping[str, tuple[Promise, Promise]] = {
    "stock": (_("Stock"), _("How much of an item a party has, or its class.")),
    "items": (_("Item"), _("Anything controlled; of a service, whether it can be had.")),
    "reliances": (_("Reliance"), _("That one item relies on another.")),
    "lots": (_("Lot"), _("A batch or serial range: who owns it, who has it.")),
    "pools": (_("Pool"), _("Fungible goods, and whether lots can be told apart.")),
    "agreements": (_("Agreement"), _("An instrument that gives parties a say.")),
    "findings": (_("Finding"), _("Whether a connection gives a right, by an office.")),
    "events": (_("Event"), _("Something that came about, which a condition may name.")),
    "posture": (_("Posture"), _("A party's stance that rules may look at.")),
    "parties": (_("Party"), _("A state, an alliance or a company.")),
    "offices": (_("Office"), _("An office of a party, with its duties.")),
    "delegations": (
        _("Delegation, reported"),
        _("That one is said to exist; it gives no authority."),
    ),
    "areas": (_("Set of areas"), _("Areas under a name, as one party means it.")),
    "targets": (_("Category of target"), _("A word for it, and what it means.")),
    "purposes": (_("Purpose"), _("A word for it, and what it means.")),
    "classes": (_("Class of items"), _("A word for it, and what it means.")),
    "sources": (_("Source"), _("Where facts were read.")),
}
"""The kinds of fact that are recorded, by section: what each is called, and what it is."""

_MANY_CHOICES = 40
_LONG = frozenset({"because", "note", "about"})
_OF_EVERY_FACT = frozenset(Fact.model_fields) - {"id"}
_DATING = frozenset({"from_", "until", "known", "grade", "sources"})
"""What is asked of a fact that is one of several of another."""
_HINTS: Mapping[str, Promise] = {
    "from": _("Since when it holds: a day, a month, a year, or a span as in 2025-04/2025-06."),
    "until": _("Until when, not included, as exactly as it is known."),
    "known": _("Since when it is known, if later than it began."),
    "origin": _("Whose item it is."),
    "includes": _("ISO 3166 codes or other sets."),
    "excludes": _("ISO 3166 codes or other sets."),
    "when": _("A condition; left empty, always."),
    "means": _("What the word means."),
}


def corrected(context: Context, section: str, key: str) -> Any:
    """Return a fact that is on record, in the spelling of files; None where none is known."""
    if key not in getattr(context.registry.record, section):
        return None
    return context.plain["registry"].get(section, {}).get(key)


def fact_fields(context: Context, sent: QueryDict) -> tuple[Field, ...]:
    """Return the fields of a fact of the kind that was chosen; of none before one is.

    Args:
        context: what is on record, its registry as far as whoever records may know it.
        sent: what was sent: which kind, and which one is corrected.
    """
    section, key = sent.get("section", ""), sent.get("id", "")
    if section not in KINDS:
        return ()
    held = corrected(context, section, key) if sent.get("supersedes") else None
    settled = [Field("section", "", "hidden", required=True, preset=section)]
    if held is not None:
        settled += [Field("id", "", "hidden", required=True, preset=key)]
        settled += [Field("supersedes", "", "hidden", required=True, preset="yes")]
    else:
        says = str(
            _("What records and rules call it: short, as in storm-shadow. It never changes.")
        )
        settled += [Field("id", says, "text", required=True)]
    if section in SECTIONS_OF_TEXT:
        means = str(held or "")
        asked = [
            Field(
                "record.means",
                str(_HINTS["means"]),
                "text",
                required=True,
                preset=means,
                title=str(_("Means")),
            )
        ]
    else:
        model = get_args(RegistryRecord.model_fields[section].annotation)[1]
        asked = [*_fields(context, model, "record", held if isinstance(held, dict) else {})]
    return (*settled, *asked)


def _fields(
    context: Context, model: type[BaseModel], within: str, held: Mapping[str, Any]
) -> Iterator[Field]:
    """Yield the fields of a record: its own before those that every fact has."""
    common = _OF_EVERY_FACT if issubclass(model, Fact) else frozenset()
    ordered = sorted(model.model_fields.items(), key=lambda each: each[0] in common)
    for name, info in ordered:
        if name == "id":
            continue
        written = info.alias or name
        inner = _inner(info.annotation)
        path, value = f"{within}.{written}", held.get(written)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            if info.is_required():
                yield from _fields(context, inner, path, value if isinstance(value, dict) else {})
            continue
        if (rows := rows_of(inner)) is not None:
            yield from _rows(context, rows, path, value if isinstance(value, list) else [])
            continue
        if get_origin(inner) is dict:
            yield from _pairs(inner, path, value if isinstance(value, dict) else {})
            continue
        kind, choices = _way(context, info)
        preset = _written(value, kind)
        yield Field(
            path,
            str(_HINTS.get(written, "")),
            kind,
            info.is_required() and kind != "flag",
            _chosen_first(choices, preset) if kind == "several" else choices,
            preset=preset,
            title=capfirst(spoken(written)),
            late=name in common and name not in ("from_", "until", "sources", "grade"),
        )


def rows_of(annotation: Any) -> type[BaseModel] | None:
    """Return the record of which a field holds several; None where it holds something else."""
    inner = _inner(annotation)
    one = _inner(get_args(inner)[0]) if get_origin(inner) is tuple else None
    return one if isinstance(one, type) and issubclass(one, BaseModel) else None


def asked_of(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield what is asked of each of several records: all of a plain one, of a fact what dates it.

    Who says so, and notes, stay as they are on record.
    """
    kept = _OF_EVERY_FACT - _DATING if issubclass(model, Fact) else frozenset()
    for name, info in sorted(model.model_fields.items(), key=lambda each: each[0] in _DATING):
        if name not in kept and name != "id":
            yield info.alias or name, info


def _rows(context: Context, model: type[BaseModel], path: str, held: list[Any]) -> Iterator[Field]:
    """Yield the fields of several records, and of a further one; one that is emptied goes."""
    what = capfirst(spoken(path.rpartition(".")[2]))
    for number, each in enumerate([*held, {}]):
        begun = f"{what} {number + 1}" if each else str(_("%s, a further one") % what)
        for written, info in asked_of(model):
            kind, choices = _way(context, info)
            yield Field(
                f"{path}.{number}.{written}",
                str(_HINTS.get(written, "")),
                kind,
                False,
                choices,
                preset=_written(each.get(written), kind),
                title=capfirst(spoken(written)),
                group=begun,
            )


def _pairs(annotation: Any, path: str, held: Mapping[str, Any]) -> Iterator[Field]:
    """Yield a field for each word that another may stand for."""
    of, to = get_args(annotation)
    choices = as_choices(to)
    for each in of:
        preset = str(held.get(each.value, ""))
        title, group = capfirst(spoken(each.value)), str(_("Which activity amounts to which"))
        name = f"{path}.{each.value}"
        yield Field(name, "", "choice", False, choices, preset=preset, title=title, group=group)


def as_recorded(plain: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return a fact as it was sent, several records of it as a list, with what was not asked."""
    section, record = str(plain.get("section", "")), dict(plain.get("record", {}))
    if section in KINDS and section not in SECTIONS_OF_TEXT:
        model = get_args(RegistryRecord.model_fields[section].annotation)[1]
        held = corrected(context, section, str(plain.get("id", ""))) or {}
        for name, info in model.model_fields.items():
            written, rows = info.alias or name, rows_of(info.annotation)
            if rows is not None and isinstance(record.get(written), dict):
                stands = held.get(written, []) if plain.get("supersedes") else []
                record[written] = [*_listed(rows, record[written], stands)]
    return {**plain, "record": record}


def _listed(
    model: type[BaseModel], sent: Mapping[str, Any], stands: Sequence[Any]
) -> Iterator[dict[str, Any]]:
    asked = {written for written, _info in asked_of(model)}
    for number, each in sorted(sent.items(), key=lambda one: int(one[0])):
        stood = stands[int(number)] if int(number) < len(stands) else {}
        yield {**{name: value for name, value in stood.items() if name not in asked}, **each}


def _way(context: Context, info: FieldInfo) -> tuple[str, tuple[Choice, ...]]:
    """Say how a field is asked for, and between what it chooses."""
    inner = _inner(info.annotation)
    marks = [*info.metadata, *_marks(info.annotation)]
    if get_origin(inner) is tuple:
        one = _inner(get_args(inner)[0])
        choices = _choices(context, one, _marks(get_args(inner)[0]))
        return ("several", choices) if 0 < len(choices) <= _MANY_CHOICES else ("many", ())
    if inner is bool:
        return "flag", ()
    choices = _choices(context, inner, marks)
    if choices:
        return "choice", choices
    if any(isinstance(each, ConditionText) for each in marks):
        return "long", ()
    ways = (("count", Count), ("moment", Moment), ("text", Span))
    known = {id(mark): way for way, kind in ways for mark in _marks(kind)}
    found = next((known[id(each)] for each in marks if id(each) in known), "text")
    return found, ()


def _choices(context: Context, kind: Any, marks: list[Any]) -> tuple[Choice, ...]:
    """Return what a field may name: the words of an enumeration, or what is on record by name."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return tuple((each.value, capfirst(spoken(each.value))) for each in kind)
    if get_origin(kind) is Literal:
        return tuple((str(each), capfirst(spoken(each))) for each in get_args(kind))
    mark = next((each for each in marks if isinstance(each, RefMark)), None)
    if mark is None or mark.section == "areas":
        return ()
    known = getattr(context.registry.record, mark.section)
    named = sorted(((key, name_of(context, mark.section, key)) for key in known), key=_by_name)
    return (*named, *((each, capfirst(each)) for each in mark.also))


def name_of(context: Context, section: str, key: str) -> str:
    """Return what a fact is called."""
    record = context.registry.record
    if section in SECTIONS_OF_TEXT:
        return str(getattr(record, section)[key])
    if section == "sources":
        return record.sources[key].title or record.sources[key].outlet or key
    if section == "stock":
        figure, registry = record.stock[key], context.registry
        begins = [_("from %s") % figure.from_] if figure.from_ is not None else []
        return ", ".join([record.items[figure.item].name, registry.name(figure.party), *begins])
    return words_of(context.registry).name(key)


def _by_name(choice: Choice) -> str:
    return choice[1]


def _chosen_first(choices: tuple[Choice, ...], chosen: str) -> tuple[Choice, ...]:
    keys = chosen.split("\n")
    return tuple(sorted(choices, key=lambda each: each[0] not in keys))


def _inner(annotation: Any) -> Any:
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    inner = next((each for each in options if each is not type(None)), annotation)
    return _inner(get_args(inner)[0]) if hasattr(inner, "__metadata__") else inner


def _marks(annotation: Any) -> list[Any]:
    """Return the marks of a type, also where it may be left out."""
    if get_origin(annotation) in (Union, UnionType):
        return [mark for each in get_args(annotation) for mark in _marks(each)]
    return list(getattr(annotation, "__metadata__", ()))


def _written(value: Any, kind: str) -> str:
    """Write a value that is on record as its field has it."""
    match value:
        case None:
            return ""
        case "no" | "false" if kind == "flag":
            return ""
        case list():
            return "\n".join(map(str, value))
    return str(value)
