"""The published JSON Schemas, by which an editor completes and checks scenario files."""

from __future__ import annotations

from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from placet.operations.scenarios.check import Expectation
from placet.policy import Book
from placet.registry import Record, RegistryRecord, Request

__all__ = ["KINDS", "schema"]

KINDS = ("registry", "book", "request")

_MODELS: dict[str, type[Record]] = {"registry": RegistryRecord, "book": Book, "request": Request}
_MODE: Literal["validation"] = "validation"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file: registry, book or request."""
    model = _MODELS[kind]
    examples: list[type[Record]] = [Request, Expectation] if kind != "registry" else []
    inputs = [(each, _MODE) for each in dict.fromkeys([model, *examples])]
    _, definitions = models_json_schema(inputs, by_alias=True, ref_template="#/$defs/{model}")
    if examples:
        _expecting(definitions["$defs"])
    root = definitions["$defs"].pop(model.__name__)
    if kind == "book":
        example = definitions["$defs"]["Request"]
        example["required"].remove("request")
        example["required"].append("expect")
        tests = definitions["$defs"]["Policy"]["properties"]["tests"]
        tests["additionalProperties"] = {"$ref": "#/$defs/Request"}
    if member := definitions["$defs"].get("Member"):
        definitions["$defs"]["Member"] = {"anyOf": [member, {"type": "string"}]}
    whole = {"$schema": _DRAFT, "title": f"Placet {kind}", **root, **definitions}
    whole["title"] = f"Placet {kind}"
    _tidy(whole)
    return whole


def _expecting(definitions: dict[str, Any]) -> None:
    """Have requests say what is expected of them."""
    properties = definitions["Request"]["properties"]
    properties["expect"] = {"type": "array", "items": {"$ref": "#/$defs/Expectation"}}
    _allow_word(definitions["Expectation"]["properties"], "outcome")
    _allow_word(properties, "legs")


def _allow_word(properties: dict[str, Any], name: str) -> None:
    properties[name] = {"anyOf": [properties[name], {"type": "string"}]}


def _tidy(node: Any) -> None:
    """Drop the ids that the loader adds, and let one text stand for a list of one."""
    if isinstance(node, list):
        for each in node:
            _tidy(each)
    if not isinstance(node, dict):
        return
    if isinstance(properties := node.get("properties"), dict):
        properties.pop("(id)", None)
        for name, each in properties.items():
            lists = [each, *each.get("anyOf", ())]
            texts = [one["items"] for one in lists if _is_list_of_texts(one)]
            if texts:
                properties[name] = {"anyOf": [each, *texts]}
    for each in list(node.values()):
        _tidy(each)


def _is_list_of_texts(one: dict[str, Any]) -> bool:
    """Say whether a schema is a list of plain texts, or of words of an enumeration."""
    items = one.get("items", {})
    word = items.get("$ref", "").rpartition("/")[2]
    return one.get("type") == "array" and (items.get("type") == "string" or word in _WORDS)


_WORDS = frozenset({"Activity", "Basis"})
