"""The addresses of the API, as the route table has them, and the least that an act takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin

from placet.registry import Occasion

__all__ = ["Address", "addresses", "filled"]


@dataclass(frozen=True)
class Address:
    """An operation of the API as the route table has it."""

    method: str
    path: str
    scope: str | None
    body: Any

    @property
    def name(self) -> str:
        """How tables of rules name it."""
        return f"{self.method} {self.path}"

    @property
    def act(self) -> str | None:
        """The kind of act that it does or states."""
        _, found, rest = self.path.partition("/acts/")
        return rest.partition("/")[0] if found else None


def addresses() -> Iterator[Address]:
    """Yield every operation of the route table."""
    from placet.web.api.urls import api

    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                scopes = [each.scope for each in operation.auth_callbacks]
                bodies = [
                    each for each in operation.models if each.__ninja_param_source__ == "body"
                ]
                body = (
                    bodies[0].model_fields["body"].annotation
                    if bodies and "/acts/" in path
                    else None
                )
                for method in operation.methods:
                    plain = path.replace("{path:path}", "{path}")
                    yield Address(method, plain, scopes[0] if scopes else None, body)


def filled(model: Any) -> dict[str, Any]:
    """Return the least that a command takes, with names of things that there are not."""
    return {
        info.alias or name: _value(name, info.annotation)
        for name, info in model.model_fields.items()
        if info.is_required()
    }


def _value(name: str, kind: Any) -> Any:
    if type(None) in get_args(kind):
        return None
    if get_origin(kind) is Annotated:
        return _value(name, get_args(kind)[0])
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple:
        return [_value(name, get_args(kind)[0])]
    if get_origin(kind) is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind)).value
    if kind is int:
        return 1
    if kind in (datetime, Occasion):
        return "2040-01-01"
    return f"sha256:{'0' * 64}" if name.endswith(("digest", "determination")) else "none-such"
