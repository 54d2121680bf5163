"""When background work runs.

Each of these may run twice, or end in the middle, and nothing is lost: what there is to do stands
in tables of its own, and not in the job.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.core.management import call_command
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from placet.operations.seeing.comparing import compare_cases
from placet.web.accounts.models import Attempt
from placet.web.house import house
from placet.web.jobs.audits import run_audit
from placet.web.jobs.notices import note
from placet.web.jobs.sending import send_one

__all__ = ["again", "audit_run", "compare", "forget_sessions", "tell"]

_LOG = structlog.get_logger("placet.jobs")
_MOST = 500
"""Notices sent in one go: the next minute goes on."""
_MOST_COMPARED, _FOR = 100_000, timedelta(seconds=30)
"""Cases compared in one go, and for how long: other jobs have their turn between."""


@app.periodic(cron="* * * * *")
@app.task(name="tell", queueing_lock="tell")
def tell(timestamp: int) -> None:
    """Write down what there is to tell, and send what waits."""
    del timestamp
    here = house()
    note(here, here.clock.now())
    tried = 0
    while tried < _MOST and send_one(here.clock.now()):
        tried += 1
    if tried:
        _LOG.info("told", tried=tried)


@app.periodic(cron="* * * * *")
@app.task(name="compare", queueing_lock="compare")
def compare(timestamp: int) -> None:
    """Compare the open cases whose turn it is with what is on record now; the next goes on."""
    del timestamp
    compared = compare_cases(house(), _MOST_COMPARED, _FOR)
    if compared:
        _LOG.info("compared", cases=compared)


@app.task(name="audit", lock="audit")
def audit_run(run: str) -> None:
    """Do an audit that was asked for."""
    run_audit(house(), UUID(run))


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="forget-sessions")
def forget_sessions(timestamp: int) -> None:
    """Remove sessions that are over, and what was counted of signing in and has run out."""
    del timestamp
    call_command("clearsessions")
    Attempt.objects.filter(until__lte=house().clock.now()).delete()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="again", pass_context=False)
async def again(timestamp: int) -> None:
    """Take up again what a process had begun that is no more.

    What runs by the clock is done by its next run; an audit is begun again.
    """
    del timestamp
    for job in await app.job_manager.get_stalled_jobs():
        if job.task_name == audit_run.name:
            try:
                await app.job_manager.retry_job(job)
            except exceptions.ConnectorException:
                continue
        else:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
