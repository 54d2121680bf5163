"""Sessions as they are kept at a terminal: files in the data folder, private key included."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from placet.errors import QuestionError
from placet.evidence import OpenSession
from placet.ledger import canonical, parse_canonical
from placet.operations.log.proving import put_file
from placet.operations.outside.checking_permits import read_limited

__all__ = ["keep_session", "kept_session", "session_file"]


def session_file(folder: Path, server: str | None = None) -> Path:
    """Return where the session of whoever is signed in is kept: here, or at a server."""
    if server is None:
        return folder / "session.json"
    named = re.sub(r"[^a-z0-9.-]+", "-", server.lower()).strip("-")
    return folder / f"session-at-{named}.json"


def keep_session(path: Path, session: OpenSession) -> None:
    """Keep a session where nobody else reads it."""
    put_file(path, canonical(session.document), mode=0o600)


def kept_session(path: Path) -> OpenSession | None:
    """Return the session that is kept in a file; None where there is none.

    Raises:
        QuestionError: others can read it.
        EvidenceError: it is none that can be acted in.
    """
    if not path.is_file():
        return None
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise QuestionError(f"{path} can be read by others; remove it and sign in again.")
    return OpenSession.parse(parse_canonical(read_limited(path), str(path)))
