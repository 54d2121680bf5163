"""What the rules say of a request, by what the holder may know: for one, and for many at once.

No question goes to the database for a request: the context is asked for once a second at most,
the token every few seconds. The body of an answer is the determination's canonical form, so that
the SHA-256 of the body is its digest, and stands in `Repr-Digest` (RFC 9530).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from placet.canonical import canonical_json
from placet.determination import Determination
from placet.errors import RequestError
from placet.need_to_know.knowing import Judging, judging_of
from placet.registry import Request
from placet.registry.facts import Moment
from placet.review import Context
from placet.web.api.admitting import Bearer, charge, holder
from placet.web.api.present import present_context, present_viewer
from placet.web.api.problems import may_fail
from placet.web.api.tokens import Holder
from placet.web.api.words import JSON_TYPE
from placet.web.house import house

__all__ = ["MOST", "Asking", "answer_of", "judging_for", "router"]

MOST = 1000
"""Requests in one batch."""

router = Router(auth=Bearer("determine"), tags=["determinations"], by_alias=True)


class Asking(Schema):
    """A request, as a file has it, and the moment that is asked about: now by default."""

    model_config = ConfigDict(extra="forbid")
    request: dict[str, Any]
    at: Moment | None = None


class AskingMany(Schema):
    """Requests, as files have them; with `reasons` each determination comes whole."""

    model_config = ConfigDict(extra="forbid")
    requests: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST)]
    at: Moment | None = None
    reasons: bool = False


class BriefAnswer(Schema):
    """A determination in brief: its outcome, each party's, and the digest of the whole."""

    request: str
    outcome: str
    at_least: str
    at_most: str
    parties: dict[str, str]
    digest: str


class Unread(Schema):
    """Why a request of a batch has no answer: everything that is wrong with it."""

    problems: list[str]


class Answers(Schema):
    """The answers to a batch, in its order."""

    answers: list[Determination | BriefAnswer | Unread]


_DIGEST = ("Repr-Digest", "The SHA-256 of the body, which is the determination's digest.")


@router.post(
    "/determine",
    response={200: Determination},
    openapi_extra=may_fail(400, 401, 403, 422, 429, heads={200: _DIGEST}),
)
def determine(request: HttpRequest, asking: Asking) -> HttpResponse:
    """Determine a request. An outsider's answer is by announced policies only."""
    judging, at = judging_for(holder(request), asking.at)
    found = judging.determine(judging.context.request(asking.request), at)
    body, headers = answer_of(found)
    return HttpResponse(body, headers=headers)


@router.post(
    "/determine/batch",
    response={200: Answers},
    openapi_extra=may_fail(400, 401, 403, 413, 422, 429),
)
def determine_many(request: HttpRequest, asking: AskingMany) -> HttpResponse:
    """Determine up to a thousand requests at one moment; each counts for the rate of the token."""
    charge(holder(request), "determine", len(asking.requests) - 1)
    judging, at = judging_for(holder(request), asking.at)
    written = b",".join(_each(judging, asking.requests, at, whole=asking.reasons))
    answer = HttpResponse(b'{"answers":[%s]}' % written, content_type=JSON_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


def judging_for(of: Holder, at: datetime | None) -> tuple[Judging, datetime]:
    """Return the judgement by what a holder may know now, and the moment that is asked about."""
    now, context = house().clock.now(), present_context()
    viewer = present_viewer(context, of.person, now, of.office)
    return judging_of(context, viewer, now), at or now


def answer_of(found: Determination) -> tuple[bytes, dict[str, str]]:
    """Return a determination as the body of an answer, and the headers that say what it is."""
    raw = bytes.fromhex(found.digest.removeprefix("sha256:"))
    digest = f"sha-256=:{base64.b64encode(raw).decode()}:"
    headers = {"Content-Type": JSON_TYPE, "Repr-Digest": digest, "Cache-Control": "no-store"}
    return found.canonical(), headers


def _each(
    judging: Judging, plain: list[dict[str, Any]], at: datetime, *, whole: bool
) -> Iterator[bytes]:
    """Yield the answer to each request, in order, as canonical JSON."""
    read = [_read(judging.context, each) for each in plain]
    found = judging.determine_all([each for each in read if isinstance(each, Request)], at)
    for each in read:
        if isinstance(each, Request):
            answer = next(found)
            yield answer.canonical() if whole else canonical_json(_brief(answer))
        else:
            yield canonical_json({"problems": [str(problem) for problem in each.problems]})


def _read(context: Context, plain: dict[str, Any]) -> Request | RequestError:
    try:
        return context.request(plain)
    except RequestError as error:
        return error


def _brief(found: Determination) -> dict[str, Any]:
    return {
        "request": found.request,
        "outcome": found.outcome,
        "at_least": found.at_least,
        "at_most": found.at_most,
        "parties": {each.party: each.outcome for each in found.parties},
        "digest": found.digest,
    }
