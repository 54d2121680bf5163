"""Loading: from files to a registry and requests that hold together, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from placet.errors import Problem, RequestError, ScenarioError, Where
from placet.registry.coherence import incoherences, records_in, unprintable
from placet.registry.facts import Record
from placet.registry.names import check_names, nearest
from placet.registry.reading import Document, Located, Path_, Plain
from placet.registry.records import SECTIONS_OF_TEXT, Lot, RegistryRecord
from placet.registry.registry import Registry, serial_in
from placet.registry.request import WORDS, Line, Request

__all__ = ["load_registry", "load_request", "misshapen_request", "typed", "with_ids"]

R = TypeVar("R", bound=Record)


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
        problems.extend(incoherences(record, places))
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
    yield from unprintable(request.lines, where, ("lines",))
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
        known = _field_names(model)
        near = _MOVE if field in known else nearest(field, known)
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


_MOVE = "Other records have one: remove it, or move it to where it belongs."


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
        for inner in records_in(info.annotation):
            names |= _field_names(inner, seen)
    return names - {"(id)"}
