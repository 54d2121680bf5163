"""The digest of a context: what a determination says it was made in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from placet.canonical import canonical_json
from placet.registry import Document, Registry

__all__ = ["context_digest"]


def context_digest(
    registry_documents: Sequence[Document], books: Sequence[Document], registry: Registry
) -> str:
    """Return the digest of the merged content of registry and books and of the area tables.

    Which file a record stands in does not matter, nor the order of files. The digest is
    `sha256:` and 64 hexadecimal digits over canonical JSON (RFC 8785).
    """
    merged: dict[str, Any] = {}
    for each in registry_documents:
        for section, content in each.plain.items():
            known = merged.setdefault(section, {})
            if isinstance(content, dict) and isinstance(known, dict):
                known.update(content)
            else:
                merged[section] = content
    content_bytes = canonical_json(
        {
            "registry": merged,
            "books": sorted((each.plain for each in books), key=canonical_json),
            "areas": registry.areas.edition,
        }
    )
    return f"sha256:{hashlib.sha256(content_bytes).hexdigest()}"
