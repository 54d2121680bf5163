"""The page of settings names every variable of the environment that is read, and no other."""

from __future__ import annotations

import re
from pathlib import Path

_NAMES = re.compile(r"\b(?:PLACET|PROMETHEUS)_[A-Z_]+[A-Z]\b")


def test_the_page_and_the_code_name_the_same_variables(root: Path) -> None:
    """Proves that no setting is secret, and none on the page is made up."""
    page = (root / "docs" / "reference" / "settings.md").read_text()
    read: set[str] = set()
    for each in (root / "src" / "placet").rglob("*.py"):
        for quoted in re.findall(r'"([A-Z_]+)"', each.read_text()):
            if _NAMES.fullmatch(quoted):
                read.add(quoted)
    assert read >= {"PLACET_DATA", "PLACET_SECRET_KEY", "PLACET_METRICS_TOKEN"}
    assert set(_NAMES.findall(page)) == read
