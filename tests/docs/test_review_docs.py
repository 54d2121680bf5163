"""The page of acts: every command of the review is on it, with exactly its fields."""

from __future__ import annotations

import re

import pytest
from test_docs import REFERENCE, rows

from placet.review import (
    CASE_COMMANDS,
    CONTEXT_COMMANDS,
    RECORD_COMMANDS,
    Command,
    Stage,
    needs_signature,
)

EVERY = {**CASE_COMMANDS, **CONTEXT_COMMANDS, **RECORD_COMMANDS}
ON_NO_CASE = {"The context": CONTEXT_COMMANDS, "The record itself": RECORD_COMMANDS}
ACTS = {
    re.findall(r"`(.+?)`", row[0])[0]: (heading, row)
    for heading, table in rows(REFERENCE / "review-acts.md").items()
    for row in table
}


def in_code(text: str) -> list[str]:
    """Return what stands in code quotation marks."""
    return re.findall(r"`(.+?)`", text)


def fields(kind: type[Command], required: bool) -> list[str]:
    """Return the fields of a command that are needed, or those that can be left out."""
    return [
        info.alias or name
        for name, info in kind.model_fields.items()
        if info.is_required() is required
    ]


def test_every_act_is_on_the_page_once() -> None:
    """The page lists the commands of the review, those on no case under their own headings."""
    assert sorted(ACTS) == sorted(EVERY)
    for heading, commands in ON_NO_CASE.items():
        assert {act for act, (under, _) in ACTS.items() if under == heading} == commands.keys()


@pytest.mark.parametrize("act", sorted(EVERY))
def test_an_act_takes_what_the_page_says(act: str) -> None:
    """The page lists each field of a command, and in brackets those that can be left out."""
    needed, _, optional = ACTS[act][1][-2].partition("(")
    assert sorted(in_code(needed)) == sorted(fields(EVERY[act], required=True))
    assert sorted(in_code(optional)) == sorted(fields(EVERY[act], required=False))


@pytest.mark.parametrize("act", sorted(EVERY))
def test_an_act_is_marked_if_it_is_signed(act: str) -> None:
    """The pen stands beside exactly the acts that take a signature of their own."""
    assert ("✎" in ACTS[act][1][0]) == needs_signature(act)


@pytest.mark.parametrize("act", sorted(CASE_COMMANDS))
def test_an_act_on_a_case_says_at_what_stage(act: str) -> None:
    """The page names stages of a case by their own names, or says that any will do."""
    begins = re.split(r"[;,] ", ACTS[act][1][2])[0]
    known = {each.value.replace("-", " ") for each in Stage} | {"any", "not there"}
    assert begins in known
