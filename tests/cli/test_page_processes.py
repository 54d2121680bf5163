"""The processes of the pages, as the command line starts them and says what became of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from placet.cli.page_processes import prepare_pages
from placet.errors import QuestionError


def test_who_stopped_the_preparing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a stop in the middle of starting is told as one, and not with no reason."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nkill -TERM $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(QuestionError, match="SIGTERM stopped what prepares them"):
        prepare_pages({}, check=True)
