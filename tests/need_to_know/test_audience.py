"""The table of who sees what is complete, and the page says what it says."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from placet.need_to_know.audience import AUDIENCES, MOVES, PARTS, Audience
from placet.review.case import Case
from placet.review.commands import CASE_COMMANDS


def _records(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in typing.get_args(annotation):
        yield from _records(each)


def _reachable(start: type[BaseModel]) -> set[type[BaseModel]]:
    found, pending = set(), [start]
    while pending:
        each = pending.pop()
        if each not in found:
            found.add(each)
            pending += [r for info in each.model_fields.values() for r in _records(info.annotation)]
    return found


def test_every_field_of_a_case_has_an_audience() -> None:
    """A new field of the state fails here until somebody decides who sees it."""
    table = {model: set(fields) for model, fields in (*AUDIENCES.items(), *PARTS.items())}
    assert table == {model: set(model.model_fields) for model in _reachable(Case)}


def test_every_act_on_a_case_is_filed_released_or_internal() -> None:
    """A new act fails here until somebody decides who sees it on the time line."""
    assert set(MOVES) == set(CASE_COMMANDS)


def test_the_page_says_what_the_table_says(root: Any) -> None:
    """The explanation names each field of a case with those who see it."""
    page = (root / "docs/explanation/need-to-know.md").read_text(encoding="utf-8")
    words = {
        Audience.FILE: "everybody with a part",
        Audience.ADVISING: "own advisers",
        Audience.DECIDING: "own deciders",
        Audience.LEADING: "own officers",
        Audience.AUDIT: "auditors",
    }
    rows = {
        cells[1].strip(): cells[2].strip()
        for line in page.splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) > 3
    }
    expected = {f"`{name}`": words[least] for name, least in AUDIENCES[Case].items()}
    assert {name: rows.get(name) for name in expected} == expected
