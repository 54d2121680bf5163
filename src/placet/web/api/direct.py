"""A determination for a program, answered before Django is asked.

Coming to a request takes Django several times as long as judging it. So what asks for one
determination, with a token that holds, is answered here, by the same functions that let in, read,
count, judge, write and log. What is otherwise in any way goes to Django as it came, which says
what is wrong with it: nothing was counted or logged by then.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from ninja.errors import HttpError
from pydantic import ValidationError

from placet.errors import PlacetError
from placet.web.api.admitting import admitted, charge
from placet.web.api.determining import Asking, answer_of, judging_for
from placet.web.api.reading_bodies import parsed
from placet.web.api.routing import NOTHING_LOADED, PREFIX
from placet.web.api.words import JSON_TYPE
from placet.web.watching.logs import request_id
from placet.web.watching.probes import tell

__all__ = ["Direct"]

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_PATH = f"{PREFIX}determine"
_ROUTE = _PATH.removeprefix("/")
_BEARER = "Bearer "


class Direct:
    """A WSGI application before another: what it does not answer, that one does."""

    def __init__(self, otherwise: Application) -> None:
        self._otherwise = otherwise

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if asked != ("POST", _PATH, ""):
            return self._otherwise(environ, start)
        began = time.perf_counter()
        raw = _body(environ)
        if raw is None:
            return self._otherwise(environ, start)
        try:
            body, said = _answered(environ.get("HTTP_AUTHORIZATION", ""), raw)
        except (PlacetError, HttpError, ValidationError, Error, _OtherwiseError):
            return self._otherwise({**environ, "wsgi.input": io.BytesIO(raw)}, start)
        name = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        with structlog.contextvars.bound_contextvars(request=name):
            tell("POST", _ROUTE, 200, time.perf_counter() - began)
        safe = _safe(environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", ""))
        start("200 OK", [*said.items(), *safe, ("X-Request-Id", name)])
        return [body]


class _OtherwiseError(Exception):
    """Something that Django is to answer."""


def _body(environ: Mapping[str, Any]) -> bytes | None:
    """Return the body of a request whose body is JSON and not too long."""
    length = environ.get("CONTENT_LENGTH") or ""
    kind = environ.get("CONTENT_TYPE") or ""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if kind != JSON_TYPE or not length.isdecimal() or int(length) > most:
        return None
    raw: bytes = environ["wsgi.input"].read(int(length))
    return raw


def _answered(authorization: str, raw: bytes) -> tuple[bytes, Mapping[str, str]]:
    """Return the body of the answer and what is said of it.

    It is counted last: what cannot be answered here is counted where it is.
    """
    holder = None
    if authorization.startswith(_BEARER):
        holder = admitted(authorization[len(_BEARER) :], "determine")
    if holder is None:
        raise _OtherwiseError
    asking = Asking.model_validate(parsed(raw))
    judging, at = judging_for(holder, asking.at)
    request = judging.context.request(asking.request)
    charge(holder, "determine")
    return answer_of(judging.determine(request, at))


@lru_cache(maxsize=16)
def _safe(scheme: str, forwarded: str) -> list[tuple[str, str]]:
    """Return the headers that Django's middleware for safety gives every answer of the API."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": _PATH,
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": scheme,
        "HTTP_X_FORWARDED_PROTO": forwarded,
    }
    bare = HttpResponse()
    del bare["Content-Type"]
    bare["Content-Security-Policy"] = NOTHING_LOADED
    SecurityMiddleware(lambda _: bare)(WSGIRequest(environ))
    return list(bare.items())
