"""Writing a file that a command was asked for."""

from __future__ import annotations

from pathlib import Path

from placet.errors import OutputError

__all__ = ["write_file"]


def write_file(path: Path, data: bytes) -> None:
    """Write a file, and the folders that it lies in.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
