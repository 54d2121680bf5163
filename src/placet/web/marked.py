"""Finds what templates mark for translation, for Babel: nothing of GNU gettext is needed.

`pyproject.toml` names `in_template` as the way into a template. Python is read by Babel itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

__all__ = ["in_template"]


def in_template(
    template: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[tuple[Any, ...]]:
    """Yield line, function, words and comments of each marked sentence of a template.

    Django says in Python what a template marks; its lines are kept, their indents say nothing. The
    word of a badge is marked by being written in one.

    Raises:
        SyntaxError: a block that is to be translated holds other blocks.
    """
    encoding = options.get("encoding", "utf-8")
    text = template.read().decode(encoding)
    said = templatize(text)
    lines = "\n".join(each.strip() for each in said.splitlines())
    found = BytesIO(lines.encode(encoding))
    yield from extract_python(found, keywords, comment_tags, {"encoding": encoding})
    for token in Lexer(text).tokenize():
        match token.split_contents() if token.token_type is TokenType.BLOCK else ():
            case ["badge", word, *tone] if word.startswith('"') and len(tone) <= 1:
                yield token.lineno, "gettext", word.strip('"'), []
