"""An act as it is offered to somebody: possible now, or why it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from placet.registry.facts import Text, YesNo
from placet.review.case import Kept

__all__ = ["Offer", "offered"]


class Offer(Kept):
    """An act that is somebody's by office: possible now, or why it is not, and who could.

    `act` is the kind of command. `about` names the office, party, permit, report or step; advice
    and questions by their number as the viewer sees them. `choice` is the verdict of a decision.
    `fields` are those of the command that are settled. `signed` says that the person signs it,
    `next` that it waits for them now.
    """

    act: Text
    about: str = ""
    choice: str = ""
    fields: dict[str, Any] = {}
    possible: YesNo
    why: tuple[Text, ...] = ()
    who_could: tuple[Text, ...] = ()
    signed: YesNo = False
    next: YesNo = False


def offered(act: str, about: str, why: Iterable[str], fields: Mapping[str, Any] = {}) -> Offer:
    """Return an offer that is possible unless there are reasons why it is not."""
    reasons = tuple(why)
    return Offer(act=act, about=about, fields=dict(fields), possible=not reasons, why=reasons)
