"""What an act would come to, told before it is done; that the register fails is no refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from audit_sample import Register
from placet.errors import InstallationError
from placet.operations.acting.foreseeing import foreseen_unfilled
from placet.operations.house import SignedIn

WHITFIELD = SignedIn("whitfield", None)


class Broken:
    """A register that can be read up to the case, and whose database then fails."""

    def __init__(self, whole: Any, fails: str) -> None:
        self._whole, self._fails = whole, fails

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name == self._fails:
            raise InstallationError("the database does not answer")
        found: Callable[..., Any] = getattr(self._whole, name)
        return found


def test_an_act_that_would_be_refused_comes_to_nothing(played: Register) -> None:
    """It needs more than was filled in, is out of time, or on no case of theirs."""
    permitted = next(each.case for each in played.reading.heads().permits.values())
    for case in (permitted, "C-NONE"):
        assert foreseen_unfilled(played.house, WHITFIELD, "issue", case).permit is None


@pytest.mark.parametrize("fails", ["case", "context"])
def test_a_register_that_fails_is_no_refusal(played: Register, fails: str) -> None:
    """Whoever looks at the form is told that the register failed, and not that more is needed."""
    case = next(each.case for each in played.reading.heads().permits.values())
    house = replace(played.house, reading=Broken(played.house.reading, fails))
    with pytest.raises(InstallationError, match="does not answer"):
        foreseen_unfilled(house, WHITFIELD, "issue", case)
