"""The words a condition may use: what a request, a right and the registry offer to a policy writer.

Two languages share them. Conditions of reliances, agreements and availability
speak of the request (`REQUEST`); rules also speak of the right they are
evaluated for, and of what the line relies on (`RULE`).
"""

from __future__ import annotations

from typing import Final

from placet.conditions import Function, Language, Parameter, Type, Variable

__all__ = ["LANGUAGES", "REQUEST", "RULE"]

_STRING = Type.STRING


def _word(name: str, vocabulary: str | None, about: str) -> Variable:
    return Variable(name, _STRING, vocabulary, about)


def _named(vocabulary: str) -> Parameter:
    return Parameter(_STRING, vocabulary)


_REQUEST_VARIABLES: Final = (
    _word("activity", "activities", "What would be done, on the item asked for."),
    _word("applicant", "states", "The party that files the request."),
    _word("actor", "states", "The party that would act: use, transfer, disclose."),
    _word("recipient", "states", "The party that would receive; `none` if nobody does."),
    _word(
        "area", "areas", "The country or subdivision of the activity; `none` if it has no place."
    ),
    _word("target", "targets", "The category of target; `none` if there is none."),
    _word("purpose", "purposes", "What the activity is for."),
    _word("item", "items", "The item of the line being judged."),
    _word("lot", "lots", "The lot of the line; `none` where its item is not kept in lots."),
    Variable("quantity", Type.INT, None, "How many, on the line being judged."),
    Variable("starts", Type.TIMESTAMP, None, "When the activity would begin."),
    Variable("ends", Type.TIMESTAMP, None, "When the activity would be over."),
    Variable("at", Type.TIMESTAMP, None, "The moment for which the answer is asked."),
)

_RIGHT_VARIABLES: Final = (
    _word("right.party", "states", "The party that holds the right."),
    _word("right.basis", "bases", "The kind of connection that gives the right."),
    _word(
        "right.item", "items", "The item that the right is over: the line's, or one it relies on."
    ),
    _word("right.activity", "activities", "What the request amounts to on that item."),
    Variable("right.path", Type.STRINGS, "items", "The items from the line's down to the right's."),
)

_REQUEST_FUNCTIONS: Final = (
    Function(
        "within",
        (_named("areas"), _named("areas")),
        Type.BOOL,
        member=True,
        about="All of the area lies in a country, subdivision or party's own set. For clearing.",
        examples=('area.within("RU")', 'area.within("us/russia")'),
    ),
    Function(
        "touches",
        (_named("areas"), _named("areas")),
        Type.BOOL,
        member=True,
        about="Some of the area may lie in a country, a subdivision or a party's own set. "
        "For restricting.",
        examples=('area.touches("RU-KRS")',),
    ),
    Function(
        "under",
        (Parameter(_STRING), Parameter(_STRING, "terms")),
        Type.BOOL,
        member=True,
        about="The category of target, or the purpose, is the named one or one beneath it.",
        examples=('target.under("energy")', 'purpose.under("defence")'),
    ),
    Function(
        "in_class",
        (_named("items"), _named("classes")),
        Type.BOOL,
        member=True,
        about="The item belongs to a class, or to one beneath it.",
        examples=('item.in_class("missile")',),
    ),
    Function(
        "member_of",
        (_named("states"), _named("parties")),
        Type.BOOL,
        member=True,
        about="The party is, on the day, a member of an alliance.",
        examples=('recipient.member_of("NATO")',),
    ),
    Function(
        "uses",
        (_named("services-and-platforms"),),
        Type.BOOL,
        about="The request uses the service or platform.",
        examples=('uses("us-targeting-data")',),
    ),
    Function(
        "transits",
        (_named("states"),),
        Type.BOOL,
        about="A leg of the route begins or ends in the state's territory.",
        examples=('transits("PL")',),
    ),
    Function(
        "stock",
        (_named("states"), _named("items")),
        _STRING,
        about="The class of a party's stock of an item: green, yellow or red.",
        examples=('stock("US", "patriot-interceptor") == "red"',),
        returns_vocabulary="stock-classes",
    ),
    Function(
        "posture",
        (_named("postures"),),
        _STRING,
        about="The value of a posture on the day.",
        examples=('posture("us/negotiations") == "active"',),
        returns_vocabulary="posture-values",
    ),
    Function(
        "available",
        (_named("services-and-platforms"),),
        Type.BOOL,
        about="The service can be had, on the day, for this request.",
        examples=('available("us-targeting-data")',),
    ),
    Function(
        "days_until",
        (Parameter(Type.TIMESTAMP),),
        Type.INT,
        about="Whole days from the moment asked for to another; negative once it has passed.",
        examples=('days_until(timestamp("2026-01-01T00:00:00Z")) > 30',),
    ),
)

_RULE_FUNCTIONS: Final = (
    Function(
        "relies_on",
        (_named("items"),),
        Type.BOOL,
        about="The line's item relies on the other, for this request, directly or through others.",
        examples=('relies_on("us-targeting-data")',),
    ),
    Function(
        "via",
        (_named("items"),),
        Type.BOOL,
        about="The path of the right passes through the item.",
        examples=('via("us-targeting-data")',),
    ),
)

_CONSTANTS: Final = {"none": ""}

REQUEST: Final = Language(_REQUEST_VARIABLES, _REQUEST_FUNCTIONS, _CONSTANTS)
RULE: Final = Language(
    _REQUEST_VARIABLES + _RIGHT_VARIABLES, _REQUEST_FUNCTIONS + _RULE_FUNCTIONS, _CONSTANTS
)
LANGUAGES: Final = {"request": REQUEST, "rule": RULE}
