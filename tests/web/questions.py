"""What is asked of the database: of the register, and of the pages' own tables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from placet.store.transactions import Transaction

__all__ = ["questions"]


@contextmanager
def questions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect what this thread asks meanwhile, of the register and of the pages' own tables."""
    found: list[str] = []
    mine = threading.get_ident()

    def collecting(execute: Callable[..., Any]) -> Callable[..., Any]:
        def collected(self: Any, statement: Any, *given: Any, **more: Any) -> Any:
            if threading.get_ident() == mine:
                found.append(str(statement))
            return execute(self, statement, *given, **more)

        return collected

    with monkeypatch.context() as patched:
        for each in (psycopg.Cursor, Transaction):
            patched.setattr(each, "execute", collecting(each.execute))
        yield found
