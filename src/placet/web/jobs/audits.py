"""An audit that somebody asks for in the pages: done in the background, how far it is kept.

It is the audit of the command line. What differs is said in what it finds: a process of the pages
has no folder of keys, so that the log's public keys come from the file that `PLACET_LOG_KEYS`
names, or, taken on trust, from the database.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from placet.errors import PlacetError
from placet.operations.answers import AuditSeen
from placet.operations.auditing.audit import audit
from placet.operations.house import House
from placet.operations.outside.checking_permits import read_log_keys
from placet.registry import Duty
from placet.review import NotAllowedError, UnknownError, Viewer
from placet.web.jobs.models import AuditRun

__all__ = ["MOST_FOUND", "ask_for_audit", "latest_audit", "run_audit", "see_audit"]

_OFTEN = 0.5
MOST_FOUND = 200
"""How many findings are kept of very many."""
_ON_TRUST = "The log's keys were taken from the database: compare them with your own."


def ask_for_audit(house: House, viewer: Viewer) -> AuditRun:
    """Have the log audited; one that is asked for and has not ended is that same one.

    Raises:
        NotAllowedError: the viewer has not the duty to audit.
    """
    person = _auditor(house, viewer)
    under_way: AuditRun | None = AuditRun.objects.filter(ended_at=None).order_by("asked_at").first()
    if under_way is not None:
        return under_way
    run = AuditRun(asked_by=person, asked_at=house.clock.now())
    with transaction.atomic():  # the job is in the same database: both are there, or neither
        run.save()
        app.configure_task("audit", lock="audit").defer(run=str(run.id))
    return run


def see_audit(house: House, viewer: Viewer, key: UUID) -> AuditSeen:
    """Return an audit: how far it is, and what it found once it has ended.

    Raises:
        NotAllowedError: the viewer has not the duty to audit.
        UnknownError: there is no such audit.
    """
    _auditor(house, viewer)
    run: AuditRun | None = AuditRun.objects.filter(id=key).first()
    if run is None:
        raise UnknownError(f"There is no audit {key}.")
    return AuditSeen.model_validate(
        {
            "id": str(run.id),
            "asked-by": run.asked_by,
            "asked-at": run.asked_at,
            "begun-at": run.begun_at,
            "done": run.done,
            "entries": run.entries,
            "ended-at": run.ended_at,
            "follows": run.follows,
            **run.found,
        }
    )


def latest_audit() -> AuditRun | None:
    """Return the audit that was asked for last."""
    run: AuditRun | None = AuditRun.objects.order_by("-asked_at").first()
    return run


def _auditor(house: House, viewer: Viewer) -> str:
    if viewer.audits and viewer.person is not None:
        return viewer.person
    offices = house.reading.context().registry.record.offices
    could = sorted(key for key, each in offices.items() if Duty.AUDIT in each.duties)
    raise NotAllowedError("An audit is for whoever holds an office that audits.", could)


def run_audit(house: House, key: UUID) -> None:
    """Do an audit that was asked for, from its beginning; one that has ended stays as it is."""
    run = AuditRun.objects.get(id=key)
    if run.ended_at is not None:
        return
    run.begun_at = house.clock.now()
    run.save()
    told = [time.monotonic()]

    def progress(done: int, entries: int) -> None:
        if time.monotonic() - told[0] >= _OFTEN or done == entries:
            told[0] = time.monotonic()
            AuditRun.objects.filter(id=key).update(done=done, entries=entries)

    named = os.environ.get("PLACET_LOG_KEYS")
    try:
        keys = read_log_keys(Path(named)) if named else house.reading.log_keys()
        report = audit(
            house.reading,
            house.origin,
            keys,
            permit_keys=house.reading.permit_keys(),
            prepared=house.reading.next_keys().values(),
            progress=progress,
        )
        found = report.plain(MOST_FOUND)
        follows = found.pop("follows")
    except PlacetError as error:
        found, follows = {"wrong": [{"entry": None, "says": str(error)}]}, False
    if not named:
        found["notes"] = [*found.get("notes", []), _ON_TRUST]
    ended = house.clock.now()
    AuditRun.objects.filter(id=key).update(ended_at=ended, follows=follows, found=found)
