"""The processes of the pages, as the command line starts them and says what became of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from placet.cli.page_processes import prepare_pages, told_apart
from placet.errors import QuestionError
from server_for_tests import free_port


def test_who_stopped_the_preparing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a stop in the middle of starting is told as one, and not with no reason."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nkill -TERM $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(QuestionError, match="SIGTERM stopped what prepares them"):
        prepare_pages({}, check=True)


def test_a_database_that_is_not_there_is_told_in_a_sentence() -> None:
    """Proves that who starts the pages before their database reads why, and no lines of code."""
    url = f"postgresql://placet_owner@localhost:{free_port()}/placet"
    environ = {**os.environ, "DATABASE_URL": url, "PLACET_SECRET_KEY": "x" * 48}
    with pytest.raises(QuestionError) as told:
        prepare_pages(told_apart(environ, "http://localhost:8000"), check=True)
    assert str(told.value).startswith("The pages cannot be served: the database does not serve: ")
    assert "\n" not in str(told.value)
