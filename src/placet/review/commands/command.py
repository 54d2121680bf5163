"""What a command is, and what its fields are written as: texts, names, references, digests."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from placet.registry import Record
from placet.registry.facts import LONGEST_LINE, LONGEST_NAME, Count, one_line

__all__ = [
    "PLACES",
    "Attachment",
    "Command",
    "Digest",
    "Name",
    "Place",
    "Reference",
    "Said",
    "Verdict",
    "Words",
]

LONGEST_TEXT = 20_000
"""Characters of a reason or an opinion; a longer one belongs into a document that is named."""

_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _legible(text: str) -> str:
    """Refuse what is not seen as it was written: blanks, control characters, turned writing."""
    if not text.strip():
        raise ValueError("something has to be written here, and there are only blanks")
    if _STEERS.search(text) or not unicodedata.is_normalized("NFC", text):
        raise ValueError("a text has no control characters, and stands in Unicode's form C")
    return text


Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_TEXT, strict=True),
    AfterValidator(_legible),
]
"""A text that people read: not blank, NFC, at most 20,000 characters."""
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_NAME, strict=True),
    AfterValidator(one_line),
]
"""The name or id of something: an office, a person, a policy. It stands on one line."""
Said = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_LINE, strict=True),
    AfterValidator(one_line),
]
"""A text on one line, as it is told on a permit."""
Reference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$", strict=True)
]
"""The reference of a case, a permit or a report, as it is drawn."""
PLACES = 1 << 20
"""How many places the status list of a register has: every permit that it ever issues takes one."""
Place = Annotated[Count, Field(lt=PLACES)]
"""A place on the status list: one beyond it cannot be listed, nor any later act be numbered."""
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$", strict=True)]


class Command(Record):
    """What is asked to be done. `kind` names it in the log; it is the class's, never a field."""

    kind: ClassVar[str] = ""


class Verdict(StrEnum):
    """What a decision says."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RETURN = "return"


class Attachment(Record):
    """A document that goes with a request: its name, media type, size in bytes and digest."""

    name: Name
    media: Name
    size: Count
    digest: Digest
