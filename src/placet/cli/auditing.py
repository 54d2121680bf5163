"""The audit on a terminal: a progress bar, then what was found."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from placet.bootstrap import Installation
from placet.cli.cleaning import clean
from placet.operations.audit_report import AuditReport
from placet.operations.auditing import audit
from placet.operations.checking_permits import read_limited

__all__ = ["show_audit"]


def show_audit(installation: Installation, checkpoint: Path | None, as_json: bool) -> bool:
    """Audit an installation, show what was found, and say whether everything follows.

    The keys come from the keys' folder where this process may read it, else from the database:
    then the report says that they were taken on trust.
    """
    house = installation.house
    keys = installation.keys
    trusted = keys.exist
    log_keys = keys.verifiers() if trusted else house.reading.log_keys()
    permit_keys = keys.permit_verifiers() if trusted else []
    retired = {**keys.retired("log"), **keys.retired("permit")} if trusted else {}
    began = time.monotonic()
    columns = (TextColumn("audit"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=as_json) as bar:
        task = bar.add_task("audit", total=None)
        report = audit(
            house.reading,
            house.origin,
            log_keys,
            permit_keys=permit_keys,
            retired=retired,
            check=read_limited(checkpoint) if checkpoint is not None else None,
            workers=os.cpu_count() or 1,
            progress=lambda done, size: bar.update(task, completed=done, total=size),
        )
    seconds = time.monotonic() - began
    if as_json:
        print(json.dumps(_data(report), indent=2, ensure_ascii=False))
    else:
        _show(report, seconds)
        if not trusted:
            print("The log's keys were taken from the database: compare them with your own.")
    return report.follows


def _show(report: AuditReport, seconds: float) -> None:
    """Print what an audit found."""
    print(f"{clean(report.origin)}: {report.audited} of {report.size} entries in {seconds:.1f} s")
    for verdict, count in report.counts.items():
        print(f"  {verdict}: {count}")
    if report.demonstration:
        print("  This log is a demonstration: it says so in its first entry.")
        print(f"  resting on the word of a demonstration, signed by nobody: {report.by_word}")
    for each in report.explained:
        print(clean(f"  {each}"))
    for note in report.notes:
        print(clean(f"  {note}"))
    for finding in report.wrong:
        print(clean(f"WRONG  {finding}"))
    if report.follows:
        print("Everything follows: hashes, signatures, authority, every act, and the state.")


def _data(report: AuditReport) -> dict[str, object]:
    return {
        "origin": report.origin,
        "size": report.size,
        "root": report.root.hex(),
        "audited": report.audited,
        "follows": report.follows,
        "counts": {str(verdict): count for verdict, count in report.counts.items()},
        "wrong": [{"entry": each.index, "says": str(each)} for each in report.wrong],
        "explained": [{"entry": each.index, "says": str(each)} for each in report.explained],
        "notes": list(report.notes),
        "demonstration": report.demonstration,
        "by-word": report.by_word,
    }
