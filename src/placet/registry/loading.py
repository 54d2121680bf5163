"""Loading: from files to a registry and requests that hold together, or every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from placet.errors import ConditionError, Problem, RequestError, ScenarioError, Where
from placet.registry.areas import iso_names
from placet.registry.facts import ConditionText, Record, RefMark, references
from placet.registry.moments import Start
from placet.registry.reading import Document, Path_, Plain
from placet.registry.records import Lot, RegistryRecord
from placet.registry.registry import Registry, serial_in
from placet.registry.request import WORDS, Line, Request

__all__ = [
    "check_names",
    "load_registry",
    "load_request",
    "nearest",
    "no_ids",
    "reversed_times",
    "typed",
    "with_ids",
]

R = TypeVar("R", bound=Record)
Located = Callable[[Path_], Where]

DEEPEST = {"areas": 50, "parties": 64, "items": 64}
"""How many records of a section may lead to one another in a chain."""

SHORTEST_NAME = 4
"""How much of a country's name tells it from others."""

SECTIONS_OF_TEXT = frozenset({"targets", "purposes", "classes"})


def load_registry(documents: Sequence[Document]) -> Registry:
    """Build one registry from all its files, whatever their order.

    Raises:
        ScenarioError: with every problem found, each with its file, line and column.
    """
    merged, places, problems = _merged(documents)
    record = typed(RegistryRecord, merged, places, problems)
    if record is None or problems:
        raise ScenarioError(problems)
    registry = Registry(record)
    problems.extend(check_names(record, registry, places))
    if not problems:
        problems.extend(_incoherences(record, places))
    if problems:
        raise ScenarioError(problems)
    return registry


def misshapen_request(document: Document) -> list[Problem]:
    """Return what is wrong with a request in itself, where there is no registry to read it by."""
    problems: list[Problem] = []
    _shaped(document, problems)
    return problems


def _shaped(document: Document, problems: list[Problem]) -> Request | None:
    """Read a request without what is expected of it; what does not fit is added to `problems`."""
    plain = {key: value for key, value in document.plain.items() if key != "expect"}
    if isinstance(lines := plain.get("lines"), dict):
        plain["lines"] = with_ids(lines)
    return typed(Request, plain, document.where, problems)


def load_request(document: Document, registry: Registry) -> Request:
    """Read a request and check every name in it against the registry.

    Raises:
        RequestError: with every problem found.
    """
    problems: list[Problem] = []
    request = _shaped(document, problems)
    if request is not None:
        problems.extend(check_names(request, registry, document.where))
    if request is not None and not problems:
        problems.extend(_contradictions(request, registry, document.where))
    if request is None or problems:
        raise RequestError(problems)
    return request


def _contradictions(request: Request, registry: Registry, where: Located) -> Iterator[Problem]:
    """Yield what no name shows on its own: a lot of another item, a service that is none."""
    for key, line in request.lines.items():
        yield from _line_contradictions(line, registry, where, ("lines", key))
    known = {"services": registry.services, "platforms": registry.platforms}
    for field, items in known.items():
        kind = field.removesuffix("s")
        for index, item in enumerate(getattr(request, field) or ()):
            if item not in WORDS and item not in items:
                why = f"the registry knows no item that relies on it as a {kind}"
                do = nearest(item, items) or f"Record a reliance on it `as: {kind}`."
                yield Problem(where((field, index)), f"{item} is not a {kind}", why, do)


def _line_contradictions(
    line: Line, registry: Registry, where: Located, path: Path_
) -> Iterator[Problem]:
    lot = registry.record.lots.get(line.lot or "")
    pool = registry.record.pools.get(line.pool or "")
    if lot and line.item not in (None, lot.item):
        what = f"{lot.id} is a lot of {lot.item}, not of {line.item}"
        yield Problem(where((*path, "lot")), what)
    if pool and (lot.item if lot else line.item) not in (None, pool.item):
        what = f"{pool.id} is a pool of {pool.item}, and the line is of another item"
        yield Problem(where((*path, "pool")), what)
    if pool and lot and lot.pool != pool.id:
        yield Problem(where((*path, "pool")), f"{lot.id} is not in {pool.id}")
    if isinstance(line.quantity, int):
        yield from _miscounted(line, line.quantity, lot, where, path)
    item = lot.item if lot else pool.item if pool else str(line.item)
    for serial in line.serials:
        every = registry.lots_of.get(item, ())
        held = next((each for each in every if serial_in(serial, each.serials)), None)
        of_other_lot = lot and held is not lot and (held or lot.serials)
        if of_other_lot or (pool and held and held.pool != pool.id):
            what = f"{serial} is not of the lot or pool that the line names"
            yield Problem(where((*path, "serials")), what)


def _miscounted(
    line: Line, quantity: int, lot: Lot | None, where: Located, path: Path_
) -> Iterator[Problem]:
    """Yield what a quantity contradicts: what is left uncounted would have no known provenance."""
    listed = len(set(line.serials))
    ranges = any(".." in each for each in line.serials)
    if quantity and listed not in (0, quantity) and not ranges:
        what = f"the line asks for {quantity} and lists {listed} serial numbers"
        do = "List one for each, or leave `serials` out."
        yield Problem(where((*path, "serials")), what, do=do)
    if lot and lot.quantity is not None and quantity > lot.quantity:
        what = f"the line asks for {quantity}, and {lot.id} holds {lot.quantity}"
        yield Problem(where((*path, "quantity")), what, do="Add a line for the others.")


def with_ids(records: dict[str, Plain]) -> dict[str, Plain]:
    """Give each record its own id beside its fields."""
    return {
        key: {**value, "(id)": key} if isinstance(value, dict) else value
        for key, value in records.items()
    }


def _merged(
    documents: Sequence[Document],
) -> tuple[dict[str, Plain], Located, list[Problem]]:
    """Merge the sections of several files; a record that stands in two of them is refused."""
    merged: dict[str, Plain] = {}
    homes: dict[Path_, Document] = {}
    problems: list[Problem] = []
    for document in sorted(documents, key=lambda each: each.file):
        for section, content in document.plain.items():
            if isinstance(content, str) and (section,) in homes:
                other = homes[section,].where((section,))
                what = f"{section} is written twice"
                problems.append(Problem(document.where((section,)), what, f"also at {other}"))
                continue
            if not isinstance(content, dict):
                homes[(section,)] = document
                merged[section] = content
                continue
            whole = merged.setdefault(section, {})
            records = content if section in SECTIONS_OF_TEXT else with_ids(content)
            for key, record in records.items():
                if (section, key) in homes:
                    other = homes[section, key].where((section, key))
                    what = f"{key} is recorded twice"
                    problems.append(
                        Problem(document.where((section, key)), what, f"also at {other}")
                    )
                elif isinstance(whole, dict):
                    homes[section, key] = document
                    whole[key] = record
            homes.setdefault((section,), document)

    def where(path: Path_) -> Where:
        home = homes.get(path[:2]) or homes.get(path[:1]) or (documents[0] if documents else None)
        return home.where(path) if home else Where()

    return merged, where, problems


def typed(model: type[R], plain: Any, where: Located, problems: list[Problem]) -> R | None:
    """Read nested text as a record; what does not fit is added to `problems`."""
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        problems.extend(_problem(each, model, where) for each in error.errors(include_url=False))
        return None


def _problem(error: Any, model: type[BaseModel], where: Located) -> Problem:
    path = tuple(step for step in error["loc"] if step not in ("[key]", "(id)"))
    field = str(path[-1]) if path else ""
    kind = error["type"]
    if kind == "extra_forbidden":
        near = nearest(field, _field_names(model))
        return Problem(where(path), f"there is no field {field} here", do=near or "Remove it.")
    if kind == "missing":
        return Problem(where(path[:-1]), f"the field {field} is missing", do=f"Add `{field}:`.")
    message = str(error["msg"]).removeprefix("Value error, ")
    if kind in ("enum", "literal_error"):
        message = f"'{error['input']}' is none of {error['ctx']['expected']}"
        return Problem(where(path), message, do=nearest(str(error["input"]), _quoted(message)))
    if kind in ("model_type", "dict_type"):
        message = "named fields are needed here"
    if kind == "tuple_type":
        message = "a list is needed here"
    return Problem(where(path), message[:1].lower() + message[1:])


def _quoted(message: str) -> list[str]:
    return message.split("'")[3::2]


def _field_names(model: type[BaseModel], seen: set[type] | None = None) -> set[str]:
    """Return every field name that a record, or a record inside it, may carry."""
    seen = set() if seen is None else seen
    if model in seen:
        return set()
    seen.add(model)
    names: set[str] = set()
    for name, info in model.model_fields.items():
        names.add(info.alias or name)
        for inner in _records_in(info.annotation):
            names |= _field_names(inner, seen)
    return names - {"(id)"}


def _records_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _records_in(inner)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean …?` with the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean {found[0]}?" if found else ""


_KINDS = {
    "states": "a party or an ISO 3166-1 country",
    "codes": "an ISO 3166 code",
    "areas": "an ISO 3166 code or a named set",
    "parties": "a party of this registry",
}
_DO = {
    "states": "Record it under `parties`.",
    "codes": "Write an ISO 3166 code, such as UA or UA-30.",
}


def check_names(record: BaseModel, registry: Registry, where: Located) -> Iterator[Problem]:
    """Yield a problem for each name the registry lacks and each condition that is not one."""
    for path, mark, value in references(record):
        if isinstance(mark, RefMark):
            known = registry.vocabularies[mark.section]
            if value not in known and value not in mark.also:
                why = f"it must be {_KINDS.get(mark.section, f'one of the {mark.section}')}"
                do = _code_of(value, known) or nearest(value, known)
                do = do or _DO.get(mark.section, f"Record it under `{mark.section}`.")
                yield Problem(where(path), f"{value} is not a known name", why, do)
        elif isinstance(mark, ConditionText):
            yield from _condition_problems(value, mark, registry, where(path))


def _code_of(name: str, known: Collection[str]) -> str:
    """Return `Did you mean …?` with the ISO 3166 code of that name, where it is known."""
    wanted = name.casefold()
    if len(wanted) < SHORTEST_NAME:
        return ""
    codes = [
        code
        for code, called in iso_names().items()
        if code in known and called.casefold().startswith(wanted)
    ]
    codes.sort(key=lambda code: (iso_names()[code].casefold() != wanted, "-" in code, code))
    return f"Did you mean {codes[0]}?" if codes else ""


def _condition_problems(
    text: str, mark: ConditionText, registry: Registry, place: Where
) -> Iterator[Problem]:
    try:
        registry.condition(text, mark.language)
    except ConditionError as error:
        for problem in error.problems:
            line = place.line + problem.where.line - 1
            column = place.column + problem.where.column - 1 if problem.where.line <= 1 else 0
            spot = Where(place.file, line, max(column, 1), place.field)
            yield Problem(spot, problem.what, problem.why, problem.do)


def _incoherences(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    """Yield what no record shows on its own: orphan terms, odd companies, endless chains."""
    yield from reversed_times(record, where)
    for section in ("parties", "items"):
        yield from no_ids(getattr(record, section), where, (section,))
    yield from _orphans(record, where)
    yield from _odd_parties(record, where)
    yield from _odd_chains(record, where)
    yield from _odd_serials(record, where)
    for key, posture in record.posture.items():
        for index, entry in enumerate(posture.history):
            if entry.value not in posture.values:
                what = f"'{entry.value}' is none of the values of {key}"
                place = where(("posture", key, "history", index, "value"))
                yield Problem(place, what, do=nearest(entry.value, posture.values))
    for key, lot in record.lots.items():
        if lot.pool and record.pools[lot.pool].item != lot.item:
            what = f"the pool {lot.pool} holds another item than {lot.item}"
            yield Problem(where(("lots", key, "pool")), what)


def no_ids(keys: Iterable[str], where: Located, path: Path_) -> Iterator[Problem]:
    """Yield the keys that cannot stand in addresses and in names of rules, where ids have to."""
    for key in keys:
        if "/" in key:
            why = "it parts names, as in party/policy/rule, and addresses"
            yield Problem(where((*path, key)), f"{key} has a slash", why, "Write a hyphen.")
        elif key in ("", ".", ".."):
            why = "no address leads to it"
            yield Problem(where((*path, key)), f"{key!r} is no id", why, "Write a word.")


def _orphans(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    for section in sorted(SECTIONS_OF_TEXT):
        terms = getattr(record, section)
        for term in terms:
            parent, dot, _ = term.rpartition(".")
            if dot and parent not in terms:
                what = f"{term} has no parent"
                yield Problem(where((section, term)), what, do=f"Add `{parent}` to {section}.")


def _odd_chains(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    """Yield circles of area sets and of companies, and chains too long to be followed.

    Items may rely on each other in a circle, but none on itself.
    """
    areas = {key: [*area.includes, *area.excludes] for key, area in record.areas.items()}
    parties = {key: [*party.under] for key, party in record.parties.items()}
    items: dict[str, list[str]] = {}
    for key, reliance in record.reliances.items():
        if reliance.of == reliance.on:
            what = f"{reliance.of} relies on itself"
            yield Problem(where(("reliances", key, "on")), what, do="Remove the reliance.")
        items.setdefault(reliance.of, []).append(reliance.on)
    circles = {
        "areas": (areas, "these areas name each other in a circle"),
        "parties": (parties, "these companies are under each other in a circle"),
    }
    for section, (graph, what) in circles.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            yield Problem(where((section,)), f"{what}: {' → '.join(error.args[1])}")
    for section, graph in (("areas", areas), ("parties", parties), ("items", items)):
        for key, length in _lengths(graph).items():
            if length == DEEPEST[section]:
                what = f"more than {length - 1} {section} lead from {key} to one another in a chain"
                yield Problem(where((section, key)), what)


def _lengths(graph: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the length of the longest chain from each node, with no way back in a circle."""
    lengths: dict[str, int] = {}
    for start in sorted(graph):
        open_ = {start: iter(graph[start])} if start not in lengths else {}
        while open_:
            node, following = next(reversed(open_.items()))
            after = next((each for each in following if each in graph), None)
            if after is None:
                open_.pop(node)
                below = (lengths.get(each, 0) for each in graph[node])
                lengths[node] = 1 + max(below, default=0)
            elif after not in lengths and after not in open_:
                open_[after] = iter(graph[after])
    return lengths


def _odd_serials(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    """Yield ranges of serials that hold nothing, and serials that stand in two lots of an item."""
    ranges: dict[tuple[str, int], list[tuple[str, str, str, int]]] = {}
    for key, lot in record.lots.items():
        for index, entry in enumerate(lot.serials):
            first, dots, last = entry.partition("..")
            if dots and (len(first) != len(last) or last < first):
                why = "a range runs from a first serial to a later one of equal length"
                place = where(("lots", key, "serials", index))
                yield Problem(place, f"{entry} is not a range of serials", why)
            else:
                span = (first, last if dots else first, key, index)
                ranges.setdefault((lot.item, len(first)), []).append(span)
    for spans in ranges.values():
        reached, holder = "", ""
        for first, last, key, index in sorted(spans):
            if holder not in ("", key) and first <= reached:
                what = f"serials from {first} on stand in two lots, {holder} and {key}"
                yield Problem(where(("lots", key, "serials", index)), what)
            if last >= reached:
                reached, holder = last, key


def reversed_times(record: BaseModel, where: Located, path: Path_ = ()) -> Iterator[Problem]:
    """Yield each record, at any depth, that is certainly over before it begins."""
    begun, over = getattr(record, "from_", None), getattr(record, "until", None)
    if isinstance(begun, Start) and isinstance(over, Start) and over.latest <= begun.earliest:
        what = f"it is over, {over}, before it begins, {begun}"
        yield Problem(where((*path, "until")), what, do="`until` is when it no longer holds.")
    for name, written in _fields_of_records(type(record)):
        for step, each in _records_of(getattr(record, name)):
            yield from reversed_times(each, where, (*path, written, *step))


@cache
def _fields_of_records(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, info.alias or name)
        for name, info in model.model_fields.items()
        if any(_records_in(info.annotation))
    )


def _records_of(value: object) -> Iterator[tuple[Path_, BaseModel]]:
    """Yield the records that a field holds, each with its key or index in it."""
    if isinstance(value, BaseModel):
        yield (), value
    elif isinstance(value, dict):
        yield from (((key,), each) for key, each in value.items() if isinstance(each, BaseModel))
    elif isinstance(value, tuple):
        yield from (
            ((index,), each) for index, each in enumerate(value) if isinstance(each, BaseModel)
        )


def _odd_parties(record: RegistryRecord, where: Located) -> Iterator[Problem]:
    for key, party in record.parties.items():
        if party.under and party.kind != "company":
            what = f"{key} is a {party.kind}, which is under no other party"
            yield Problem(where(("parties", key, "under")), what)
        if party.home and record.offices[party.home].party != key:
            what = f"{party.home} is not an office of {key}"
            yield Problem(where(("parties", key, "home")), what)
