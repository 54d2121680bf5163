"""Text of a file as it may be shown: without the control characters that would steer a terminal."""

from __future__ import annotations

import re

__all__ = ["clean"]

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""The control characters but the line feed, and those that turn the direction of writing."""


def clean(text: str) -> str:
    """Return a text without control characters."""
    return _CONTROL.sub("", text)
