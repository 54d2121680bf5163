"""A small language for the tests, and an environment over plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from placet.conditions import (
    EvaluationFailure,
    Function,
    Language,
    Open,
    Parameter,
    Type,
    Value,
    Variable,
)

LANGUAGE = Language(
    variables=(
        Variable("left", Type.BOOL),
        Variable("right", Type.BOOL),
        Variable("other", Type.BOOL),
        Variable("recipient", Type.STRING, "parties", "Who is to receive the item."),
        Variable("right.basis", Type.STRING, "bases", "What the right rests on."),
        Variable("purpose", Type.STRING),
        Variable("uses", Type.STRINGS, "uses"),
        Variable("quantity", Type.INT),
        Variable("share", Type.INT),
        Variable("request.at", Type.TIMESTAMP),
        Variable("waited", Type.DURATION),
    ),
    functions=(
        Function(
            "area.within",
            (Parameter(Type.STRING, "areas"), Parameter(Type.STRING, "areas")),
            Type.BOOL,
        ),
        Function(
            "within",
            (Parameter(Type.STRING, "areas"), Parameter(Type.STRING, "areas")),
            Type.BOOL,
            member=True,
        ),
        Function(
            "ally",
            (Parameter(Type.STRING, "parties"),),
            Type.STRING,
            returns_vocabulary="parties",
        ),
    ),
    constants={"none": ""},
)

VOCABULARIES = {
    "parties": {"ua", "pl", "de", "us"},
    "bases": {"origin", "component", "service"},
    "uses": {"strike", "recce", "jam"},
    "areas": {"UA", "RU", "RU-BEL"},
}


@dataclass(frozen=True)
class Given:
    """An environment that knows some values; a variable in `failing` has no value."""

    values: Mapping[str, Value] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()

    def read(self, name: str) -> Value:
        if name in self.failing:
            raise EvaluationFailure(f"{name} has no value")
        if name not in self.values:
            raise Open(name)
        return self.values[name]

    def call(self, function: str, arguments: tuple[Value, ...]) -> Value:
        if function == "ally":
            return {"ua": "pl", "pl": "us"}.get(str(arguments[0]), "")
        return str(arguments[0]).startswith(str(arguments[1]))
