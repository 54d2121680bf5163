"""What every test shares: Hypothesis profiles, and where the repository is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("quick", deadline=None, derandomize=True, suppress_health_check=_CALM)
settings.register_profile("torture", deadline=None, max_examples=1000, suppress_health_check=_CALM)
settings.load_profile(os.environ.get("PLACET_HYPOTHESIS", "quick"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def ukraine(root: Path) -> Path:
    """The scenario of the originating case."""
    return root / "scenarios" / "ukraine-long-range"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the pages to a process of their own: Django has one configuration in a process."""
    asked = any("web" in each or "browser" in each for each in config.args)
    if not asked and collection_path in (ROOT / "tests" / "web", ROOT / "tests" / "browser"):
        return True
    return None
