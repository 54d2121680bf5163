"""The command line: the operations from a terminal."""

from placet.cli.main import main

__all__ = ["main"]
