"""Mutated files: whatever is written, there is an answer or a PlacetError, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from building import AT, examples, plain
from placet.determination import Matter, determine
from placet.errors import PlacetError
from placet.policy import load_books
from placet.registry import Document, Registry, load_registry, load_request, parse_moment, read_text

ROOT = Path(__file__).parents[2]

SCENARIOS = sorted(each for each in (ROOT / "scenarios").iterdir() if (each / "requests").is_dir())
TOKENS = st.sampled_from(
    ["unknown", "none", "NO", "US", "UA", "use", "review", "clear", "refuse", "advise", "disputed",
     "denied", "2025", "9999-12", "0001-01-01", "2025-01-01/2025-12-31", "999999999999999", "-1",
     "RU", "RU-KRS", "atacms", "us-targeting-data", "{}", "[]", "''", "''''", "\u0000", "\ud7ff",
     "a.b", "a/b", "a:b", "true", "yes", "(id)", "stock", "right.path[9] == ''", "1/0 == 1",
     'posture(item) == ""', 'stock(recipient, area) == "red"', "uses(target)", 'area.within(item)',
     "quantity - quantity == 1 / quantity", "days_until(starts) > 3", "starts < ends"]
)  # fmt: skip
VALUES = (
    TOKENS
    | st.text(max_size=8)
    | st.lists(TOKENS, max_size=2)
    | st.dictionaries(TOKENS, TOKENS, max_size=2)
)


@cache
def text_of(path: Path) -> str:
    """Read an example file once."""
    return path.read_text(encoding="utf-8")


@st.composite
def garbled(draw: st.DrawFn, text: str) -> str:
    """Delete, repeat or replace stretches of a text."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 1, 2, 10, 60, 400])))
        middle = draw(
            st.sampled_from(["", text[start:end] * 2, " ", "\n", ":", "- ", "'", "\t"]) | TOKENS
        )
        text = text[:start] + middle + text[end:]
    return text


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in nested data."""
    yield path
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in steps:
        yield from paths(each, (*path, key))


@st.composite
def mistyped(draw: st.DrawFn, data: dict[str, Any]) -> dict[str, Any]:
    """Replace, delete or rename values at random paths."""
    changed: dict[str, Any] = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 3))):
        every = [path for path in paths(changed) if path]
        if not every:
            break
        *above, last = draw(st.sampled_from(every))
        holder: Any = changed
        for step in above:
            holder = holder[step]
        action = draw(st.sampled_from(["replace", "replace", "delete", "rename"]))
        if action == "replace":
            holder[last] = draw(VALUES)
        elif action == "delete":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(TOKENS)] = holder.pop(last)
    return changed


def judge(registry: Registry, books: list[Document], request: Document) -> None:
    """Load books and a request and judge it; only a PlacetError may be raised."""
    held = load_books(books, registry)
    found = load_request(request, registry)
    for at in (AT, "2024-12-15"):
        determine(Matter(registry, held, found, parse_moment(at))).canonical()


@given(st.data())
@examples(200)
def test_garbled_text_is_judged_or_refused(data: st.DataObject) -> None:
    """Text with stretches deleted, doubled or replaced raises nothing but a PlacetError."""
    scenario = data.draw(st.sampled_from(SCENARIOS))
    files = sorted(scenario.rglob("*.yaml"))
    chosen = data.draw(st.sampled_from(files))
    request = (
        chosen
        if chosen.parent.name == "requests"
        else data.draw(st.sampled_from([each for each in files if each.parent.name == "requests"]))
    )
    text = data.draw(garbled(text_of(chosen)))
    try:
        documents = {
            each: read_text(text if each == chosen else text_of(each), each.name)
            for each in files
            if each.parent.name != "requests" or each == request
        }
        registry = load_registry([documents[each] for each in documents if each.parent == scenario])
        held = [documents[each] for each in documents if each.parent.name == "books"]
        judge(registry, held, documents[request])
    except PlacetError:
        return


@given(st.data())
@examples(300)
def test_values_of_the_wrong_kind_are_judged_or_refused(data: st.DataObject) -> None:
    """Values replaced, deleted or renamed at any path raise nothing but a PlacetError."""
    scenario = data.draw(st.sampled_from(SCENARIOS))
    parts = {
        "registry": plain(text_of(scenario / "registry.yaml")),
        "books": [plain(text_of(each)) for each in sorted((scenario / "books").glob("*.yaml"))],
    }
    requests = sorted((scenario / "requests").glob("*.yaml"))
    request = plain(text_of(data.draw(st.sampled_from(requests))))
    kind = data.draw(st.sampled_from(["registry", "book", "request", "request"]))
    if kind == "registry":
        parts["registry"] = data.draw(mistyped(parts["registry"]))
    elif kind == "book" and parts["books"]:
        index = data.draw(st.integers(0, len(parts["books"]) - 1))
        parts["books"][index] = data.draw(mistyped(parts["books"][index]))
    else:
        request = data.draw(mistyped(request))
    try:
        registry = load_registry([Document("registry.yaml", parts["registry"], {})])
        held = [Document(f"{n}.yaml", each, {}) for n, each in enumerate(parts["books"])]
        judge(registry, held, Document("request.yaml", request, {}))
    except PlacetError:
        return
