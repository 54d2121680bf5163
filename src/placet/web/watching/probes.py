"""Answers to whoever keeps the pages running, and a line in the log for every other request.

| address | says |
|---|---|
| `/healthz` | 200: this process answers |
| `/readyz` | 200: it can do its work; 503 and what is missing, where it cannot |
| `/metrics` | figures for Prometheus, to this machine or whoever has `PLACET_METRICS_TOKEN` |

They are answered before sessions and accounts are asked for, so that they tell of nobody, and
whatever host a probe names.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Callable, Mapping

import structlog
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from placet.errors import PlacetError
from placet.operations.log.watching import keeping_up
from placet.web.house import house
from placet.web.watching.logs import request_id
from placet.web.watching.metrics import measured, metrics_page

__all__ = ["LONGEST_WAIT", "WatchingMiddleware", "tell"]

LONGEST_WAIT = 10.0
"""Seconds that an act may wait for its number before the pages are no longer ready."""

_LOG = structlog.get_logger("placet.web")


class WatchingMiddleware:
    """Answers probes; of all else logs and counts that it was answered. The outermost of all."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        probe = _PROBES.get(request.path)
        if probe is not None and request.method in ("GET", "HEAD"):
            return probe(request)
        began = time.perf_counter()
        name = request_id(request.headers.get("X-Request-Id", ""))
        with structlog.contextvars.bound_contextvars(request=name):
            response = self.answer(request)
            seconds = time.perf_counter() - began
            route = request.resolver_match.route if request.resolver_match else "unmatched"
            tell(str(request.method), route, response.status_code, seconds)
        response["X-Request-Id"] = name
        return response


def tell(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered, and write its line."""
    measured(method, route, status, seconds)
    milliseconds = round(seconds * 1000)
    _LOG.info("answered", method=method, route=route, status=status, milliseconds=milliseconds)


def _healthz(_: HttpRequest) -> HttpResponse:
    return _plain("well\n")


def _readyz(_: HttpRequest) -> HttpResponse:
    missing = _missing()
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def _missing() -> Mapping[str, str]:
    """Return what this process lacks to do its work, each with what to look at."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found = keeping_up(house())
    except (Error, PlacetError) as error:
        _LOG.warning("not ready", exc_info=error)
        return {"database": "it cannot be reached, or the log has not begun; see this process' log"}
    if not found.entries:
        return {"log": "no checkpoint covers an entry yet: begin the log, and start the sequencer"}
    if not found.sequencer:
        return {"sequencer": "none runs, and what is done gets no number: start the sequencer"}
    if found.waits is not None and found.waits.total_seconds() > LONGEST_WAIT:
        age = int(found.waits.total_seconds())
        return {"sequencer": f"an act has waited {age} s for its number: start the sequencer"}
    return {}


def _metrics(request: HttpRequest) -> HttpResponse:
    if not _may_measure(request):
        return _plain("Figures are for this machine, or whoever has the token.\n", status=403)
    return HttpResponse(metrics_page(), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    """Say whether somebody may see the figures.

    With a token set it is the token that counts. Without one it must be this machine that asks
    in its own name: a proxy in front connects from here too, and names another host.
    """
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    forwarded = {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"}
    host = request.META.get("HTTP_HOST", "").rsplit(":", 1)[0]
    return (
        _is_here(str(request.META.get("REMOTE_ADDR", "")))
        and (host == "localhost" or _is_here(host.strip("[]")))
        and not any(each in request.headers for each in forwarded)
    )


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)


_PROBES: Mapping[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": _healthz,
    "/readyz": _readyz,
    "/metrics": _metrics,
}
