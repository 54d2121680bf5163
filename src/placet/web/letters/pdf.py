"""A letter as PDF: tagged, so that it can be read aloud; the same letter gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from placet.operations.seeing.letters import Letter

__all__ = ["pdf_of"]

_TEMPLATE = Path(__file__).with_name("letter.typ")


def pdf_of(letter: Letter) -> bytes:
    """Return a letter as PDF."""
    data = {
        "handling": letter.handling,
        "to": letter.to,
        "about": letter.about,
        "reference": letter.reference,
        "date": f"{letter.at:%-d %B %Y}",
        "parts": [{"heading": each.heading, "says": list(each.says)} for each in letter.parts],
        "picture": letter.picture,
        "foot": letter.foot,
    }
    written = json.dumps(data, ensure_ascii=False, sort_keys=True)
    made = typst.compile(str(_TEMPLATE), format="pdf", sys_inputs={"letter": written})
    if not isinstance(made, bytes):
        raise TypeError("a letter is one file")
    return made
