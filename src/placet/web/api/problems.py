"""Errors as `application/problem+json` (RFC 9457): what is wrong, where, why and what to do."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import Field

from placet.errors import InputError, PlacetError
from placet.operations.seeing.naming import in_names
from placet.review import NotAllowedError, OwedError, StaleError, UnreadableError
from placet.web.errors import said, status_of
from placet.web.house import names

__all__ = ["PROBLEM_TYPE", "Problem", "Where", "answer_problems", "may_fail", "problem"]

PROBLEM_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)
_NO_HEADS: Mapping[int, tuple[str, str]] = MappingProxyType({})


class Where(Schema):
    """One thing wrong with what was sent: the field, what is wrong, why, and what to do."""

    field: str
    what: str
    why: str = ""
    do: str = ""


class Problem(Schema):
    """Why something was not done.

    `type` names the kind of problem, the same each time; `detail` is for a person to read.
    """

    type: str = Field(pattern="^urn:placet:problem:[a-z-]+$")
    title: str
    status: int
    detail: str
    problems: list[Where] | None = None
    owed: list[str] | None = None
    differences: list[str] | None = None
    who_could: list[str] | None = Field(None, alias="who-could")


_TITLES = {
    400: "What was sent cannot be read",
    401: "No token, or none that holds",
    403: "This may not be done by you",
    404: "There is no such thing that you have a part in",
    405: "This is not asked in this way",
    409: "Things stand otherwise",
    412: "It is not what you saw any more",
    413: "Too much at once",
    422: "This cannot be done",
    429: "Too many requests",
    500: "A defect in Placet",
    503: "Placet cannot do this at present",
}


def may_fail(
    *statuses: int, text: str = "", heads: Mapping[int, tuple[str, str]] = _NO_HEADS
) -> dict[str, Any]:
    """Describe how an operation may refuse, and of which media type its answer is if not JSON.

    `heads` are headers of what is answered otherwise, by its status: a name, and what it says.
    """
    answers: dict[int, Any] = {status: _refusal(status) for status in (*statuses, 503)}
    if text:
        answers[200] = {"content": {text: {"schema": {"type": "string"}}}}
    for status, (name, says) in heads.items():
        answers[status] = {"headers": _header(name, says)}
    return {"responses": answers}


def _refusal(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": _TITLES[status],
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _HEADERS:
        name, says = _HEADERS[status]
        described["headers"] = _header(name, says)
    return described


def _header(name: str, says: str) -> dict[str, Any]:
    return {name: {"description": says, "schema": {"type": "string"}}}


_HEADERS = {
    401: ("WWW-Authenticate", "How to send a token."),
    405: ("Allow", "In which way it is."),
    429: ("Retry-After", "After how many seconds there is room."),
}


def problem(kind: str, status: int, detail: str, **more: Any) -> HttpResponse:
    """Return an answer that says why something was not done."""
    body = {"type": f"urn:placet:problem:{kind}", "title": _TITLES.get(status, "No"), **more}
    body |= {"status": status, "detail": detail}
    answer = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_TYPE
    )
    answer["Cache-Control"] = "no-store"
    return answer


def answer_problems(api: NinjaAPI) -> None:
    """Have an API answer every error as a problem."""
    answers: Iterable[tuple[type[Exception], Callable[[Any], HttpResponse]]] = (
        (PlacetError, _of_ours),
        (ValidationError, _invalid),
        (AuthenticationError, _nobody),
        (Throttled, _throttled),
        (HttpError, _unreadable),
        (Http404, _absent),
        (RequestDataTooBig, _too_big),
        (SuspiciousOperation, _malformed),
        (MultiPartParserError, _malformed),
        (Exception, _defect),
    )
    for kind, say in answers:
        api.add_exception_handler(kind, _without_request(say))


def _without_request(say: Callable[[Any], HttpResponse]) -> Callable[..., HttpResponse]:
    def answer(_: HttpRequest, error: Any) -> HttpResponse:
        return say(error)

    return answer


def _of_ours(error: PlacetError) -> HttpResponse:
    more: dict[str, Any] = {}
    match error:
        case InputError(problems=problems):
            more["problems"] = [
                {
                    "field": each.where.field or str(each.where),
                    "what": each.what,
                    "why": each.why,
                    "do": each.do,
                }
                for each in problems
            ]
        case UnreadableError(problems=wrong):
            more["problems"] = [{"field": field, "what": why} for field, why in wrong]
        case OwedError(owed=owed):
            more["owed"] = [in_names(each, names()) for each in owed]
        case StaleError(differences=differences):
            more["differences"] = [in_names(each, names()) for each in differences]
        case NotAllowedError(who_could=who_could):
            more["who-could"] = list(who_could)
    return problem(_kind(error), status_of(error), said(error), **more)


def _kind(error: PlacetError) -> str:
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _invalid(error: ValidationError) -> HttpResponse:
    found = [
        {"field": ".".join(map(str, each["loc"])), "what": str(each["msg"])}
        for each in error.errors
    ]
    says = "; ".join(f"{each['field']}: {each['what']}" for each in found)
    return problem("invalid", 422, says, problems=found)


def _nobody(_: AuthenticationError) -> HttpResponse:
    answer = problem(
        "no-token",
        401,
        "Send a token that is neither over nor revoked, as in `Authorization: Bearer placet_…`.",
    )
    answer["WWW-Authenticate"] = 'Bearer realm="placet"'
    return answer


def _throttled(error: Throttled) -> HttpResponse:
    wait = str(error.wait or 1)
    answer = problem("throttled", 429, f"This token asks too often; wait {wait} seconds.")
    answer["Retry-After"] = wait
    return answer


def _unreadable(error: HttpError) -> HttpResponse:
    why = error.__cause__ if isinstance(error.__cause__, HttpError) else error
    return problem("unreadable", error.status_code, str(why))


def _absent(_: Http404) -> HttpResponse:
    return problem("unknown", 404, "There is no such address.")


def _too_big(_: RequestDataTooBig) -> HttpResponse:
    return problem("too-big", 413, "The body is larger than two megabytes; send less at once.")


def _malformed(_: Exception) -> HttpResponse:
    return problem("unreadable", 400, "The body is no form with files that can be read.")


def _defect(error: Exception) -> HttpResponse:
    _log.error("A request to the API failed.", exc_info=error)
    return problem("defect", 500, "This is a defect in Placet, and was written to its log.")
