"""The description of the API (OpenAPI 3.1): answers as they are, each name for one thing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from django.urls import reverse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from placet.web.api.problems import Problem

__all__ = ["DescribedAPI"]

_PLACE = "#/components/schemas/"


class _Description(OpenAPISchema):
    """Ninja's description, corrected where it says less than is true."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self._known: dict[str, str] = {}
        super().__init__(api, path_prefix)

    def get_components(self) -> dict[str, Any]:
        """Return what operations refer to, the shape of a refusal among it."""
        schema = Problem.model_json_schema(ref_template=f"{_PLACE}{{model}}")
        self.schemas |= {**schema.pop("$defs"), "Problem": schema}
        found: dict[str, Any] = super().get_components()
        return found

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Do nothing: they are named first, where they are made."""

    def _create_schema_from_model(self, *given: Any, **more: Any) -> tuple[dict[str, Any], bool]:
        """Return a schema; where one that it refers to has another's name, it gets a new one."""
        held: dict[str, Any] = {}
        vars(self)["add_schema_definitions"] = held.update
        schema, required = super()._create_schema_from_model(*given, **more)
        del vars(self)["add_schema_definitions"]
        return self._place(schema, held), required

    def _extract_parameters(self, model: Any) -> list[dict[str, Any]]:
        held: dict[str, Any] = {}
        vars(self)["add_schema_definitions"] = held.update
        found = super()._extract_parameters(model)
        del vars(self)["add_schema_definitions"]
        return [self._place(each, held) for each in found]

    def _place(self, schema: dict[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
        """Put what a schema refers to among the components, and return it as it refers to them."""
        names = {each: self._name(each, _whole(each, held)) for each in held}
        moved = {f"{_PLACE}{old}": f"{_PLACE}{new}" for old, new in names.items()}
        for name, each in held.items():
            self.schemas[names[name]] = _referring(each, moved)
        placed: dict[str, Any] = _referring(schema, moved)
        return placed

    def _name(self, name: str, whole: str) -> str:
        for each in chain([name], (f"{name}{number}" for number in count(2))):
            if self._known.setdefault(each, whole) == whole:
                return each
        raise AssertionError(name)


class DescribedAPI(NinjaAPI):
    """An API that describes itself by these, once."""

    _described: OpenAPISchema | None = None

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description."""
        del path_params
        root = reverse(f"{self.urls_namespace}:api-root") if path_prefix is None else path_prefix
        if self._described is None:
            self._described = _Description(self, root)
        return self._described


def _whole(name: str, held: Mapping[str, Any]) -> str:
    """Return a definition with all that it refers to, as a text to compare by."""
    reached, ahead = {name}, [name]
    while ahead:
        for each in _references(held[ahead.pop()]):
            if each in held and each not in reached:
                reached.add(each)
                ahead.append(each)
    return json.dumps({each: held[each] for each in reached}, sort_keys=True, default=str)


def _references(value: Any) -> Iterator[str]:
    match value:
        case {"$ref": str(place), **rest}:
            yield place.removeprefix(_PLACE)
            yield from _references(rest)
        case dict():
            for each in value.values():
                yield from _references(each)
        case list():
            for each in value:
                yield from _references(each)


def _referring(value: Any, moved: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {
                key: moved.get(each, each) if key == "$ref" else _referring(each, moved)
                for key, each in value.items()
            }
        case list():
            return [_referring(each, moved) for each in value]
    return value
