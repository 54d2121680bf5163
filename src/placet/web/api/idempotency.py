"""An act that is sent twice with one `Idempotency-Key` is done once, and answered alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header
from ninja.errors import HttpError

from placet.errors import InstallationError, PlacetError
from placet.operations.house import SignedIn
from placet.review import RepeatedError, UnlawfulError
from placet.web.api.models import Answered
from placet.web.api.words import JSON_TYPE

__all__ = ["KEPT_FOR", "REPLAYED", "Repeatable", "once"]

KEPT_FOR = timedelta(days=1)
"""How long an answer is kept for whoever asks again."""

REPLAYED = ("Idempotency-Replayed", "`true` where it is answered as it was before.")
"""The header of an answer that was kept, and what it says."""

Repeatable = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,200}$",
        description="Unpredictable, one for each act: sent again, the act is done once.",
    ),
]


def once(
    request: HttpRequest,
    who: SignedIn,
    key: str | None,
    at: datetime,
    do: Callable[[], HttpResponse],
) -> HttpResponse:
    """Do something, unless it was done under this key: then answer as it was answered then.

    What was refused leaves nothing behind, and may be sent again. Where anything else went wrong it
    may be on record, with a number or without, and nobody knows: the key stays used, and that is
    said.

    Raises:
        UnlawfulError: the key came with another act before.
        RepeatedError: it is being done, or was when something ended it.
    """
    if key is None:
        return do()
    of = {"person": who.person, "office": who.office or ""}
    Answered.objects.filter(at__lt=at - KEPT_FOR, **of).delete()
    print_ = hashlib.sha256(request.path.encode() + b"\n" + request.body).hexdigest()
    try:
        with transaction.atomic():
            kept = Answered.objects.create(key=key, fingerprint=print_, at=at, **of)
    except IntegrityError:
        return _again(Answered.objects.get(key=key, **of), print_)
    try:
        answer = do()
    except (PlacetError, Http404, HttpError) as error:
        if not isinstance(error, InstallationError):
            kept.delete()
        raise
    kept.status, kept.body = answer.status_code, answer.content.decode()
    kept.save()
    return answer


def _again(kept: Answered, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise UnlawfulError("This Idempotency-Key came with another act before; draw a new one.")
    if kept.status is None:
        raise RepeatedError(
            "This act is being done, or something went wrong while it was: it may be on record. "
            "Look whether it is before you send it with another key."
        )
    answer = HttpResponse(kept.body, status=kept.status, content_type=JSON_TYPE)
    answer["Idempotency-Replayed"] = "true"
    answer["Cache-Control"] = "no-store"
    return answer
