"""What tests of operations share: a store in memory, and the real story played into one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "store"))

import audit_sample as sample


@pytest.fixture(scope="session")
def played() -> sample.Register:
    """A register into which the real story was played; tests only look at it."""
    register = sample.memory_register()
    register.play(sample.UKRAINE)
    return register
