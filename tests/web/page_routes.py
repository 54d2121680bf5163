"""The addresses of the pages, as the route table has them, filled with names of what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["filled", "page_routes", "whole"]


def page_routes() -> Iterator[tuple[str, str]]:
    """Yield name and pattern of every route but the API's, which has a table of its own."""
    from django.urls import get_resolver

    yield from _below(get_resolver(), "/")


def _below(resolver: Any, before: str) -> Iterator[tuple[str, str]]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if not hasattr(each, "url_patterns"):
            yield str(each.name or path), path
        elif each.namespace is None:
            yield from _below(each, path)


def filled(pattern: str, names: Mapping[str, str]) -> str:
    """Return an address of a route, with these names in its places; any where none is given."""

    def name(found: re.Match[str]) -> str:
        return names.get(found["name"], _ANY.get(found["kind"] or "", "1"))

    return _PLACE.sub(name, pattern).replace("^", "").replace("$", "")


def whole(answer: Any) -> bytes:
    """Return the body of an answer; of one that goes out by and by, once it has all come."""
    return b"".join(answer)


_PLACE = re.compile(r"(?:<(?:(?P<kind>\w+):)?|\(\?P<)(?P<name>\w+)>(?:\[[^]]*\]\+\)|\.\+\))?")
_ANY = {"uuid": "00000000-0000-4000-8000-000000000000", "str": "x", "slug": "x", "path": "x"}
