"""Bodies as the register can hold them: JSON of texts and whole numbers that have one spelling."""

from __future__ import annotations

import json
from typing import Any, NoReturn, cast

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

from placet.canonical import keys_once

__all__ = ["StrictParser", "parsed"]

_LARGEST = (1 << 53) - 1
_DIGITS = len(str(-_LARGEST))


class StrictParser(Parser):
    """Reads JSON and refuses what canonical JSON cannot hold (RFC 8785)."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Read the body of a request.

        Raises:
            HttpError: as `parsed`.
        """
        return parsed(request.body)


def parsed(raw: bytes) -> dict[str, Any]:
    """Read a body.

    Raises:
        HttpError: it is no JSON object, names something twice, or has fractions, huge numbers
            or broken texts.
    """
    try:
        found = json.loads(
            raw,
            object_pairs_hook=keys_once(_twice),
            parse_float=_fraction,
            parse_constant=_fraction,
            parse_int=_whole,
        )
        if b"\\u" in raw:
            _must_be_text(found)
    except (ValueError, RecursionError):
        raise HttpError(400, "The body is no JSON in UTF-8 that can be read.") from None
    if not isinstance(found, dict):
        raise HttpError(400, "The body is a JSON object.")
    return cast("dict[str, Any]", found)


def _twice(key: str) -> HttpError:
    return HttpError(400, f"The key {key[:40]!r} stands twice in one object; write it once.")


def _fraction(text: str) -> NoReturn:
    raise HttpError(400, f"{text[:40]} is no whole number; there are no others here.")


def _whole(text: str) -> int:
    found = int(text) if len(text) <= _DIGITS else _LARGEST + 1
    if abs(found) > _LARGEST:
        raise HttpError(400, f"{text[:40]} is too large to be read alike everywhere.")
    return found


def _must_be_text(found: Any) -> None:
    """Refuse the character that ends texts elsewhere, and halves of surrogate pairs.

    Raises:
        HttpError: there is the character U+0000.
        UnicodeEncodeError: there is half of a pair.
    """
    text = json.dumps(found, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise HttpError(400, "A text holds the character U+0000.")
