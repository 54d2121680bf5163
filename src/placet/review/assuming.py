"""A context in which nothing is judged of what permits rest on: all of it holds, or none does.

An audit does again what was done by other semantics than its own. Whether a service was withdrawn
from a request, or a standing authorisation overridden for it, was judged by those; what facts say
of a ground is looked at as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from placet.determination import Determination, Effect, Outstanding, PartyAnswer
from placet.registry import ItemKind, Request
from placet.review.context import Context

__all__ = ["assuming"]


def assuming(context: Context, *, holds: bool) -> Context:
    """Return a context in which every ground that is judged holds, or none does."""
    kept = {each.name: getattr(context, each.name) for each in fields(context)}
    return _Assuming(**kept, of=context, holds=holds)


@dataclass(frozen=True, eq=False)
class _Assuming(Context):
    """Judges as another context does, but for what permits rest on."""

    of: Context = field(kw_only=True)
    holds: bool = field(kw_only=True)

    def determine(
        self, request: Request, at: datetime, *, announced_only: bool = False
    ) -> Determination:
        answer = self.of.determine(request, at, announced_only=announced_only)
        other = (each for each in answer.why_not if each.kind != _WITHDRAWN)
        gone = () if self.holds else self._services()
        return replace(
            answer, why_not=(*other, *gone), parties=tuple(map(self._heard, answer.parties))
        )

    def _services(self) -> tuple[Outstanding, ...]:
        items = self.registry.record.items.items()
        services = (name for name, each in items if each.kind is ItemKind.SERVICE)
        return tuple(Outstanding(_WITHDRAWN, name, f"{name} is withdrawn.") for name in services)

    def _heard(self, party: PartyAnswer) -> PartyAnswer:
        """Return what a party's rules say, with each rule heard, or each overridden."""
        effect = Effect.APPLIES if self.holds else Effect.OVERRIDDEN
        rules = tuple(
            replace(each, effect=effect)
            if each.effect in (Effect.APPLIES, Effect.OVERRIDDEN)
            else each
            for each in party.rules
        )
        return replace(party, rules=rules)


_WITHDRAWN = "withdrawn"
