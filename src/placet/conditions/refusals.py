"""What of CEL is not in the supported subset, why, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = [
    "Refusal",
    "refused_function",
    "refused_kind",
    "refused_macro",
    "refused_name",
    "refused_result",
    "refused_text",
    "refused_type",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason why an expression is not accepted; `at` is its offset into the text."""

    what: str
    why: str
    do: str
    at: int = 0

    def placed(self, at: int) -> Refusal:
        """Give the same refusal at a place."""
        return replace(self, at=at)


_SAME_EVERYWHERE = "every engine must give the same answer to the last bit"

_TYPES = {
    "double": Refusal(
        "there is no floating point here",
        _SAME_EVERYWHERE,
        "Write shares in basis points, e.g. 2500 for 25%.",
    ),
    "uint": Refusal(
        "there are no unsigned numbers here",
        "one kind of number is enough",
        "Write 5 instead of 5u.",
    ),
    "bytes": Refusal(
        "there are no bytes here", "facts about a request are text", "Write a string."
    ),
    "null": Refusal(
        "there is no null here",
        "a field is a value, none, or unknown, and none is the empty string",
        'Compare with "".',
    ),
    "map": Refusal(
        "there are no maps here", "requests have no maps to compare with", "Write a list."
    ),
    "type": Refusal(
        "a type is not a value here", "every type is known when a book is loaded", "Leave it out."
    ),
    "mixed list": Refusal(
        "the elements of this list are not of one type",
        "such a list could only be compared element by element",
        "Give all elements one type.",
    ),
    "list of lists": Refusal(
        "the elements of a list must be bool, int, string, timestamp or duration",
        "requests have no lists of other things to compare with",
        "Write one flat list.",
    ),
    "dyn": Refusal(
        "the type of this cannot be told",
        "every type is known when a book is loaded; an empty list has no elements to tell by",
        "Name a variable or a list that has elements.",
    ),
}

_KINDS = {
    "double": _TYPES["double"],
    "uint": _TYPES["uint"],
    "bytes": _TYPES["bytes"],
    "null": _TYPES["null"],
    "struct": _TYPES["map"],
    "select": Refusal(
        "has() is not supported here",
        "a field is a value, none, or unknown, and a dotted name is one name",
        'Compare with "".',
    ),
}

_FUNCTIONS = {
    "dyn": _TYPES["dyn"],
    "type": _TYPES["type"],
    "double": _TYPES["double"],
    "uint": _TYPES["uint"],
    "bytes": _TYPES["bytes"],
    "_+_": Refusal(
        "lists cannot be joined here",
        "a list comes from the request or is written out",
        "Write one list, or join two conditions with ||.",
    ),
    "parts of a duration": Refusal(
        "a duration has no parts here",
        "comparing says the same and cannot be misread",
        'Compare with a duration, e.g. > duration("36h").',
    ),
    "time zone": Refusal(
        "the parts of an instant are taken in UTC only",
        "time zone rules change, and old answers must not",
        'Leave the time zone out, or write "UTC".',
    ),
    "computed pattern": Refusal(
        "a pattern must be written out",
        "it is checked when the book is loaded",
        'Write matches("...") with a literal.',
    ),
    "computed timestamp": Refusal(
        "an instant must be written out",
        "it is checked when the book is loaded",
        'Write timestamp("2025-08-23T00:00:00Z").',
    ),
    "computed duration": Refusal(
        "a length of time must be written out",
        "it is checked when the book is loaded",
        'Write duration("36h").',
    ),
}

_CONVERSIONS = frozenset({"int", "string", "bool"})

_EXAMPLES = {
    "timestamp": 'Write it as in timestamp("2025-08-23T00:00:00Z").',
    "duration": 'Write it as in duration("36h") or duration("1h30m").',
    "pattern": "Patterns are RE2: no look-around, no references back.",
}


def refused_type(kind: str) -> Refusal:
    """Say why a type is not in the subset."""
    if kind.startswith("list("):
        return _TYPES.get(kind[5:-1], _TYPES["list of lists"])
    return _TYPES.get(kind, _TYPES["type"])


def refused_kind(kind: str) -> Refusal:
    """Say why a kind of expression is not in the subset."""
    return _KINDS.get(kind, _TYPES["type"])


def refused_function(name: str) -> Refusal:
    """Say why a standard function is not in the subset."""
    if name in _CONVERSIONS:
        return Refusal(
            f"{name}() does not convert here",
            "what a value is must not depend on how it is written",
            "Compare the value as it is.",
        )
    unknown = Refusal(
        f"{name} is not supported here",
        "only a small part of CEL is, the same in every engine",
        "See the reference page on conditions.",
    )
    return _FUNCTIONS.get(name, unknown)


def refused_macro() -> Refusal:
    """Say why the macros that make lists are not in the subset."""
    return Refusal(
        "map and filter are not supported here",
        "a condition asks about lists and makes none",
        "Write exists, all or exists_one.",
    )


def refused_name(name: str) -> Refusal:
    """Say why an element of a list cannot be given a name of the language."""
    return Refusal(
        f"{name} already has a meaning here",
        "one name must not mean two things in one condition",
        "Choose another name for the element.",
    )


def refused_text(kind: str, text: str, fault: str) -> Refusal:
    """Say why a literal's text is not a timestamp, a duration or a pattern."""
    return Refusal(f"{text[:60]!r} is not a {kind}", fault, _EXAMPLES[kind])


def refused_result(kind: str) -> Refusal:
    """Say why an expression of another type than bool is not a condition."""
    return Refusal(
        f"this is of type {kind}, not a condition",
        "a condition is true or false",
        "Compare it with something.",
    )
