"""The audit on a terminal: a progress bar, then what was found."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from placet.bootstrap import Installation
from placet.cli.cleaning import clean
from placet.operations.answers import AuditSeen
from placet.operations.auditing.audit import audit
from placet.operations.auditing.state import Promised
from placet.operations.outside.checking_permits import read_checkpoint

__all__ = ["show_audit", "show_audit_at"]


Auditing = Callable[[Callable[[AuditSeen], None]], AuditSeen]
"""Has a log audited elsewhere; tells how far that is, again and again."""

_WAITING = 1.0
"""Seconds between two questions to a server how far its audit is."""


def show_audit(installation: Installation, checkpoint: Path | None, as_json: bool) -> bool:
    """Audit an installation, show what was found, and say whether everything follows.

    The keys, the checkpoint that was signed last, and of which claims permits were signed, come
    from the keys' folder where this process may read it; else the keys from the database: then the
    report says that they were taken on trust.
    """
    house = installation.house
    keys = installation.keys
    trusted = keys.exist
    if trusted:
        log_keys, permit_keys = keys.published()
        prepared: Collection[str] = keys.waiting()
        promised: Promised | None = keys.promised()
        noted: Collection[str] = keys.noted()
    else:
        log_keys, permit_keys = house.reading.log_keys(), house.reading.permit_keys()
        prepared, promised, noted = house.reading.next_keys().values(), None, ()
    began = time.monotonic()
    with _bar(as_json) as progress:
        report = audit(
            house.reading,
            house.origin,
            log_keys,
            permit_keys=permit_keys,
            prepared=prepared,
            check=read_checkpoint(checkpoint) if checkpoint is not None else None,
            promised=promised,
            noted=noted,
            workers=os.cpu_count() or 1,
            progress=progress,
        )
    _show(report.plain(), time.monotonic() - began, as_json)
    if not (trusted or as_json):
        print("The keys were taken from the database: compare them with your own.")
    return report.follows


def show_audit_at(auditing: Auditing, as_json: bool) -> bool:
    """Have a server audit its log, show what it found, and say whether everything follows."""
    began = time.monotonic()
    with _bar(as_json) as progress:

        def told(seen: AuditSeen) -> None:
            progress(seen.done, seen.entries)
            time.sleep(_WAITING)

        seen = auditing(told)
    found = seen.model_dump(mode="json", by_alias=True)
    _show({name: found[name] for name in _SAID}, time.monotonic() - began, as_json)
    return bool(seen.follows)


@contextmanager
def _bar(hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar, and give what moves it on."""
    columns = (TextColumn("audit"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("audit", total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size or None)


def _show(found: Mapping[str, Any], seconds: float, as_json: bool) -> None:
    """Print what an audit found."""
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    print(
        f"{clean(found['origin'])}: {found['audited']} of {found['size']} entries"
        f" in {seconds:.1f} s"
    )
    for verdict, count in found["counts"].items():
        print(clean(f"  {verdict}: {count}"))
    if found["demonstration"]:
        print("  This log is a demonstration: it says so in its first entry.")
        print(f"  resting on the word of a demonstration, signed by nobody: {found['by-word']}")
    for each in found["explained"]:
        print(clean(f"  {each['says']}"))
    for note in found["notes"]:
        print(clean(f"  {note}"))
    for each in found["wrong"]:
        print(clean(f"WRONG  {each['says']}"))
    if found["follows"] and not found["explained"]:
        print("Everything follows: hashes, signatures, authority, every act, and the state.")
    elif found["follows"]:
        print("Nothing is wrong. What could not be reproduced, and why, stands above.")


_SAID = (
    "origin",
    "size",
    "root",
    "audited",
    "follows",
    "counts",
    "wrong",
    "explained",
    "notes",
    "demonstration",
    "by-word",
)
"""What is said of an audit, of all that a server tells of it."""
