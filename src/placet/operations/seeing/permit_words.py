"""The words by which people are told what a permit says: names of the register for its codes."""

from __future__ import annotations

from datetime import UTC

from placet.permit.wording import Words
from placet.registry import Registry, iso_names

__all__ = ["words_of"]


def words_of(registry: Registry) -> Words:
    """Return how pages and letters write what a permit says."""
    record = registry.record
    known = {key: each.name for key, each in record.items.items()}
    known |= {key: each.title for key, each in record.offices.items()}
    known |= {**record.targets, **record.purposes}
    known |= {key: each.name or key for key, each in record.areas.items()}
    areas, parties = iso_names(), record.parties.keys() | registry.states

    def name(key: str) -> str:
        if key in parties:
            return registry.name(key)
        return known.get(key) or areas.get(key, key)

    return Words(
        name,
        lambda at: f"{at.astimezone(UTC):%-d %b %Y, %H:%M UTC}",
        lambda day: f"{day:%-d %b %Y}",
        lines=False,
    )
