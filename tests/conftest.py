"""What every test shares: Hypothesis profiles, and where the repository is."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from placet.store.embedded import EmbeddedServer
from server_for_tests import server_for_tests

ROOT = Path(__file__).resolve().parent.parent

_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "quick", deadline=None, max_examples=50, derandomize=True, suppress_health_check=_CALM
)
settings.register_profile(
    "torture",
    deadline=None,
    max_examples=1000,
    # Drawn anew each time, a test may begin with a long run of examples that it cannot use.
    suppress_health_check=[*_CALM, HealthCheck.filter_too_much],
)
settings.load_profile(os.environ.get("PLACET_HYPOTHESIS", "quick"))


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and not in what was imported: it stays, and is long to walk."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


_LONGEST = timedelta(minutes=4)
"""What no test takes that does something "today"."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin no test shortly before midnight, UTC: a day that it names is today to its end.

    Nor at midnight itself: that moment is written as the day.
    """
    then = datetime.now(UTC) + _LONGEST
    midnight = then.replace(hour=0, minute=0, second=0, microsecond=0)
    if midnight > then - _LONGEST:
        while datetime.now(UTC) < midnight + timedelta(seconds=1):
            time.sleep(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The one PostgreSQL of a test process: starting one takes longer than most tests."""
    with server_for_tests() as running:
        yield running


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def ukraine(root: Path) -> Path:
    """The scenario of the originating case."""
    return root / "scenarios" / "ukraine-long-range"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave what serves pages to processes of their own, unless it is named."""
    if collection_path not in _APART:
        return None
    named = [(config.invocation_params.dir / each.split("::")[0]).resolve() for each in config.args]
    return not any(each.is_relative_to(collection_path) for each in named) or None


_APART = {ROOT / "tests" / each for each in ("web", "browser", "serving")}
"""Django has one configuration in a process, and a browser one loop."""
