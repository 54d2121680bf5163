"""What a server determines of a request in a file, on a terminal.

A server tells its determination and no registry: parties are called as it calls them, and there
is no sentence about items by their names.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from placet.cli.acts import in_file
from placet.cli.served import served
from placet.cli.showing import escape, screen
from placet.cli.words import SIGNS, WORDS
from placet.determination import Determination, PartyAnswer
from placet.registry import read

__all__ = ["determine_at"]


def determine_at(path: Path, server: str, at: datetime | None, as_json: bool) -> None:
    """Have a server determine the request in a file, and show what it says."""
    document = read(path, str(path))
    plain = {name: each for name, each in document.plain.items() if name != "expect"}
    with served(os.environ, server) as register, in_file(document):
        found = register.determine(plain, at)
    if as_json:
        whole = {**found.plain(), "digest": found.digest}
        print(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        _show(found)


def _show(found: Determination) -> None:
    console = screen()
    console.print(f"\n[bold]{escape(found.request)}: {_status(found.outcome)}[/]\n")
    for each in found.parties:
        console.print(f"{_status(each.outcome)}  {escape(_deciding(each))}: {escape(each.because)}")
    for asked in found.open_questions:
        console.print(escape(f"Open: {asked.asks} ({asked.key}, asked of the {asked.asked_of})"))
    for flag in found.flags:
        console.print(escape(f"Mind: {flag.flag}, {flag.about}: {flag.says}"))
    for held in found.why_not:
        console.print(escape(f"It cannot proceed yet: {held.says}"))
    console.print(f"\n[dim]In force on {found.at}. {found.digest}[/]", soft_wrap=True)


def _status(outcome: str) -> str:
    return f"{SIGNS[outcome]} {WORDS[outcome]}"


def _deciding(answer: PartyAnswer) -> str:
    titles = " and ".join(each.title for each in answer.at_most.by)
    return f"{answer.name} ({titles})" if titles else answer.name
