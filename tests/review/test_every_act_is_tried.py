"""Every kind of act is done at random by a machine, while oracles look on."""

from __future__ import annotations

import ast
from pathlib import Path

from placet.review import CASE_COMMANDS, NO_CASE_COMMANDS

MACHINES = ("test_review_machine.py", "test_permit_machine.py")
EXCUSED = {"begin": "it is done once, before there is anything to be done at random"}
"""Acts that no machine does, and why."""


def test_every_act_is_done_by_a_machine() -> None:
    """What can be done in a register is named by a machine, or excused with a reason."""
    trees = [ast.parse((Path(__file__).parent / each).read_text("utf-8")) for each in MACHINES]
    named = {
        each.value
        for tree in trees
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    acts = {*CASE_COMMANDS, *NO_CASE_COMMANDS}
    assert acts - named == EXCUSED.keys()
