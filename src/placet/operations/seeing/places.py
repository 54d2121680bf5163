"""A place in a list as it stands in an address: what whoever reads a page hands back for the next.

It says nothing that the page did not show, and what it says is only where to go on: which rows
there are is worked out anew for whoever asks.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from placet.operations.ports import Place

__all__ = ["place_of", "written_place"]


def written_place(place: Place) -> str:
    """Return a place as text that an address may hold."""
    due, since, *rest = place
    plain = json.dumps([due.isoformat(), since.isoformat(), *rest])
    return urlsafe_b64encode(plain.encode()).decode()


def place_of(text: str) -> Place | None:
    """Read a place; None where the text is none."""
    try:
        match json.loads(urlsafe_b64decode(text.encode())):
            case [str(due), str(since), str(case), str(act), str(about)]:
                place = (datetime.fromisoformat(due), datetime.fromisoformat(since))
                told = "\0" not in case + act + about
                if told and all(each.tzinfo is not None for each in place):
                    return (*place, case, act, about)
    except (ValueError, RecursionError):
        pass
    return None
