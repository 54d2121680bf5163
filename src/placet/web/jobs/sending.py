"""Sending what was written down, until it arrives.

A notice is taken by locking its row, sent, and marked, in one transaction: whoever else sends
passes over it, and when this process ends in the middle the database gives the row back at once.

| crash                    | the row   | at the next start                                     |
|--------------------------|-----------|-------------------------------------------------------|
| before it was sent       | not sent  | is sent                                               |
| sent, and not yet marked | not sent  | is sent again, under the same id: the receiver can tell |
| marked                   | sent      | nothing                                               |

So every notice goes out at least once; twice only where the process ended between the receiver's
answer and the mark. A receiver that fails is left alone for a while with all that is for it, the
longer the more often.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx
import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from placet.web.jobs.hooks import InsideError, headers, place_of, unfit_address
from placet.web.jobs.models import Channel, Outgoing
from placet.web.jobs.words import body_of, payload_of, subject_of

__all__ = ["FIRST_WAIT", "LONGEST_WAIT", "TRIES", "send_one"]

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
TRIES = 20
"""How often a notice is tried before it is given up: for about three days."""
_PATIENCE = 10.0

_LOG = structlog.get_logger("placet.jobs")


class _NotTakenError(Exception):
    """The receiver did not take it; the text says why, without what was sent."""


def send_one(now: datetime) -> bool:
    """Send the notice that has waited longest, if one is to be sent; say whether there was one."""
    with transaction.atomic():
        notice = (
            Outgoing.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("to")
            .filter(sent_at=None, given_up_at=None, next_at__lte=now)
            .order_by("next_at", "made_at", "id")
            .first()
        )
        if notice is None:
            return False
        notice.attempts += 1
        try:
            _BY[notice.to.channel](notice, now)
        except _NotTakenError as error:
            _postpone(notice, str(error), now)
        else:
            notice.sent_at, notice.problem = now, ""
        notice.save()
    return True


def _postpone(notice: Outgoing, problem: str, now: datetime) -> None:
    """Try again later, and leave the receiver alone until then."""
    wait = min(FIRST_WAIT * 2 ** min(notice.attempts - 1, 20), LONGEST_WAIT)
    notice.problem = problem[:200]
    notice.next_at = now + wait
    if notice.attempts >= TRIES:
        notice.given_up_at = now
    waiting = Outgoing.objects.filter(to=notice.to, sent_at=None, given_up_at=None)
    waiting.filter(next_at__lt=notice.next_at).exclude(id=notice.id).update(next_at=notice.next_at)
    _LOG.warning("not sent", notice=str(notice.id), attempts=notice.attempts, problem=problem)


def _by_email(notice: Outgoing, _: datetime) -> None:
    letter = EmailMessage(
        subject=subject_of(notice),
        body=body_of(notice),
        to=[notice.to.address],
        headers={
            "Message-ID": f"<{notice.id}@{settings.ALLOWED_HOSTS[0]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as error:
        raise _NotTakenError(f"mail server: {type(error).__name__}") from error


def _by_webhook(notice: Outgoing, now: datetime) -> None:
    """Post it to where its name leads now, by the certificate of that name.

    No other address is followed to, and of the answer only the status is read.
    """
    if problem := unfit_address(notice.to.address):
        raise _NotTakenError(problem)
    body = payload_of(notice)
    signed = headers(notice.to.salt, str(notice.id), int(now.timestamp()), body)
    told = {**signed, "content-type": "application/json", "user-agent": "placet"}
    try:
        to = httpx.URL(notice.to.address)
        there = to.copy_with(host=place_of(notice.to.address))
        told["host"] = to.netloc.decode()
        with (
            httpx.Client(timeout=_PATIENCE) as client,
            client.stream(
                "POST", there, content=body, headers=told, extensions={"sni_hostname": to.host}
            ) as answer,
        ):
            status = answer.status_code
    except InsideError as error:
        raise _NotTakenError(f"web hook: {error}") from error
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise _NotTakenError(f"web hook: {type(error).__name__}") from error
    if not 200 <= status < 300:
        raise _NotTakenError(f"web hook: it answered {status}")


_BY: Mapping[str, Callable[[Outgoing, datetime], None]] = {
    Channel.EMAIL: _by_email,
    Channel.WEBHOOK: _by_webhook,
}
