"""A context in which nothing is judged of what permits rest on: it is presumed, up to a moment.

An audit does again what was done by other semantics than its own. Whether a service was withdrawn
from a request, or a standing authorisation cleared it, was judged by those; what facts say of a
ground is looked at as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property

from placet.determination import Precedents
from placet.review.context import Context

__all__ = ["assuming"]


def assuming(context: Context, until: datetime | None) -> Context:
    """Return a context in which every ground that is judged holds before a moment, and then none.

    Without a moment all of them hold for ever.
    """
    kept = {each.name: getattr(context, each.name) for each in fields(context)}
    return _Assuming(**kept, of=context, until=until)


@dataclass(frozen=True, eq=False)
class _Assuming(Context):
    """Judges requests as another context does, and nothing that permits rest on."""

    of: Context = field(kw_only=True)
    until: datetime | None = field(kw_only=True)

    def presumed(self, at: datetime) -> bool:
        return self.until is None or at < self.until

    @cached_property
    def precedents(self) -> Precedents:
        return self.of.precedents
