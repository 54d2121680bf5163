"""The request: who asks, who acts, who receives, doing what, with which items, where and why.

A field is a value, `none`, or `unknown`; left out, it is not stated. The last
two weigh the same in the judgement (withholding an answer never loosens) and
are told apart in what is asked and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from placet.registry.facts import Moment, Record, RefMark, Text, Written, count
from placet.registry.records import Activity, ItemId, PartyId, PoolId

__all__ = ["NONE", "UNKNOWN", "Leg", "Line", "Period", "Request", "listed", "number_asked"]

NONE = "none"
UNKNOWN = "unknown"

WORDS = (NONE, UNKNOWN)


def _count_or_unknown(value: object) -> int | str:
    return UNKNOWN if value == UNKNOWN else count(value)


StateOrWord = Annotated[Text, RefMark("states", WORDS)]
AreaOrWord = Annotated[Text, RefMark("codes", WORDS)]
TargetOrWord = Annotated[Text, RefMark("targets", WORDS)]
PurposeOrWord = Annotated[Text, RefMark("purposes", WORDS)]
LotOrWord = Annotated[Text, RefMark("lots", (UNKNOWN,))]
Quantity = Annotated[
    int | str,
    Written(_count_or_unknown, {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}),
]
ItemOrWord = Annotated[Text, RefMark("items", WORDS)]


class Line(Record):
    """One thing asked for: an item or a lot of it, by serials or quantity."""

    id: str = Field(default="", alias="(id)")
    item: ItemId | None = None
    lot: LotOrWord | None = None
    pool: PoolId | None = None
    serials: tuple[Text, ...] = ()
    quantity: Quantity | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Line:
        named_lot = self.lot is not None and self.lot != UNKNOWN
        if self.item is None and not named_lot and self.pool is None:
            raise ValueError("a line names an item, a lot or a pool")
        return self


class Leg(Record):
    """One leg of the route, between the territories of two states."""

    from_: Annotated[Text, RefMark("states")]
    to: Annotated[Text, RefMark("states")]


class Period(Record):
    """The half-open time in which the request would be carried out."""

    from_: Moment | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Period:
        if self.from_ and self.until and self.until <= self.from_:
            raise ValueError("the period ends before it begins")
        return self


class Request(Record):
    """A request as it was filed. `None` in a field means that it was left out."""

    request: Text
    title: Text | None = None
    about: Text | None = None
    raised_by: PartyId | None = None
    applicant: PartyId
    actor: PartyId
    recipient: StateOrWord | None = None
    activity: Activity
    lines: dict[str, Line] = Field(min_length=1)
    legs: tuple[Leg, ...] | Literal["unknown"] | None = None
    area: AreaOrWord | None = None
    target: TargetOrWord | None = None
    purpose: PurposeOrWord | None = None
    period: Period | None = None
    platforms: tuple[ItemOrWord, ...] | None = None
    services: tuple[ItemOrWord, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _words_for_lists(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("legs") == NONE:
            return {**data, "legs": []}
        return data


def number_asked(line: Mapping[str, Any]) -> int | None:
    """Return how many a line of a request on file asks for, whether filed as text or as a number.

    None where it gives no number, or says that it is not known.
    """
    quantity = line.get("quantity")
    found = _count_or_unknown(quantity) if quantity is not None else None
    return found if isinstance(found, int) else None


def listed(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the items that a list field names: none for `none`, None where it is not known."""
    if values is None or UNKNOWN in values:
        return None
    return tuple(value for value in values if value != NONE)
