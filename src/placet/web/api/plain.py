"""Records as plain data: what files would say of them, and nothing that they leave out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from placet.registry import Record, written

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return records, and what holds them, as JSON-ready data with names as files spell them."""
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return value.value if isinstance(value, str) else value.name.lower()
        case str():
            return value
        case datetime():
            return written(value)
        case Record():
            return _fields({name: getattr(value, name) for name in value.model_fields_set})
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
    if dataclasses.is_dataclass(value) and type(value).__str__ is object.__str__:
        fields = dataclasses.fields(value)
        return _fields({each.name: getattr(value, each.name) for each in fields})
    return str(value)


def _fields(named: Mapping[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_").replace("_", "-"): plain(each) for name, each in named.items()}
