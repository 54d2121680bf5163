"""From the text of a condition to a Condition, or to everything that is wrong with it."""

from __future__ import annotations

import re
from functools import lru_cache

from placet.conditions.checking import check
from placet.conditions.condition import Condition
from placet.conditions.language import Language, Vocabularies
from placet.conditions.lowering import lower
from placet.conditions.refusals import Refusal, refused_result
from placet.conditions.tree import Node
from placet.conditions.vocabularies import strangers
from placet.conditions.wording import did_you_mean, problems_of
from placet.errors import ConditionError, Problem, Where

__all__ = ["LONGEST_TEXT", "compile_condition", "compile_expression"]

LONGEST_TEXT = 20_000
"""How many characters a condition may have."""

_KEPT = 1024
"""How many texts are kept as they were read last."""

_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def compile_condition(text: str, language: Language, vocabularies: Vocabularies) -> Condition:
    """Parse, check and compile a condition, which must be of type bool.

    Raises ConditionError, with every problem found, for any text that is not one: syntax,
    types, names and codes that are not known, and what of CEL is outside the subset.
    """
    return Condition(text, _compile(text, language, vocabularies, boolean=True))


def compile_expression(text: str, language: Language, vocabularies: Vocabularies) -> Node:
    """Parse, check and compile an expression of any supported type; raises ConditionError."""
    return _compile(text, language, vocabularies, boolean=False)


def _compile(text: str, language: Language, vocabularies: Vocabularies, *, boolean: bool) -> Node:
    _refuse_unreadable(text)
    node, refusals, result = _read(text, language)
    if boolean and not refusals and result != "bool":
        refusals = (refused_result(result),)
    problems = [Problem(_place(text, each.at), each.what, each.why, each.do) for each in refusals]
    for stranger in strangers(node, language, vocabularies):
        what = f"'{stranger.code}' is not among the known {stranger.vocabulary}"
        do = did_you_mean(stranger.code, vocabularies[stranger.vocabulary])
        why = "a code that nothing carries would never match"
        problems.append(Problem(_place(text, stranger.at), what, why, do))
    if problems:
        raise ConditionError(problems)
    return node


@lru_cache(maxsize=_KEPT)
def _read(text: str, language: Language) -> tuple[Node, tuple[Refusal, ...], str]:
    """Parse and lower a text, whatever codes are known; give its tree, what is refused, its type.

    A context is loaded anew at each change of it, and most of its conditions are those of before.
    """
    checked = check(text, language)
    if isinstance(checked, tuple):
        raise ConditionError(problems_of(checked, text, language))
    node, refusals = lower(checked, text, language)
    return node, refusals, checked.types.get(checked.root.id, "dyn")


def _refuse_unreadable(text: str) -> None:
    """Refuse what the library cannot be given, or what no person can read."""
    if not text.strip():
        raise ConditionError([Problem(Where(line=1, column=1), "the condition is empty")])
    if len(text) > LONGEST_TEXT:
        what = f"the condition has {len(text)} characters, more than {LONGEST_TEXT}"
        do = "Split it into several rules."
        raise ConditionError([Problem(Where(line=1, column=1), what, do=do)])
    found = _UNREADABLE.search(text)
    if found:
        what = f"the character U+{ord(found.group()):04X} cannot stand in a condition"
        do = "Remove it; in a string, write it as an escape."
        raise ConditionError([Problem(_place(text, found.start()), what, do=do)])


def _place(text: str, offset: int) -> Where:
    line_start = text.rfind("\n", 0, offset) + 1
    return Where(line=text.count("\n", 0, offset) + 1, column=offset - line_start + 1)
