"""What is answered before Django is asked reads as Django would have answered it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from api_sample import caller
from steps import request_of


class Lines(logging.Handler):
    """Keeps what is said in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict):
            self.said.append(record.msg)


Answer = tuple[str, dict[str, str], bytes]


@pytest.fixture
def plain(ukraine: Path) -> dict[str, Any]:
    """The request of the story, as its file has it."""
    return request_of(ukraine)


def sent(secret: str, body: bytes, **more: str) -> dict[str, Any]:
    """Return a request as a server hands it on."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/determine",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "HTTP_X_REQUEST_ID": "a-test",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        **more,
    }


def asked(application: Callable[..., Any], environ: dict[str, Any]) -> Answer:
    """Ask an application; return status, headers and body."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    parts = application(environ, lambda *given: begun.append(given))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    status, headers = begun[0]
    return status, dict(headers), body


def test_it_is_answered_as_django_answers(office: Any, plain: dict[str, Any]) -> None:
    """Status, every header and every byte are the same, and Django is not asked at all."""
    from placet.web.api.direct import Direct
    from placet.web.wsgi import application

    def nobody(*_: Any) -> Any:
        raise AssertionError("Django was asked")

    django = vars(application)["_otherwise"]
    for person in ("secretary", "marchenko", "tan"):
        secret = caller(office.house, person).secret
        body = json.dumps({"request": plain, "at": "2025-07-01"}).encode()
        here = asked(Direct(nobody), sent(secret, body))
        assert here == asked(django, sent(secret, body))
        assert (here[0], here[1]["X-Request-Id"]) == ("200 OK", "a-test")


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"request": 1.5}', {}, 400),
        (b'{"request": "no"}', {}, 422),
        (b'{"request": {}, "more": 1}', {}, 422),
        (b'{"request": "no", "request": "no"}', {}, 400),
        (b'{"request": {"request": "r"}}', {}, 400),
        (b'{"request": {}}', {"HTTP_AUTHORIZATION": ""}, 401),
        (b'{"request": {}}', {"HTTP_AUTHORIZATION": "Bearer placet_nobody"}, 401),
        (b'{"request": {}}', {"HTTP_AUTHORIZATION": "Basic eDp5"}, 401),
        (b"", {"REQUEST_METHOD": "GET"}, 405),
        (b'{"request": {}}', {"CONTENT_LENGTH": str(3 << 20)}, 413),
    ],
)
def test_what_is_wrong_is_said_by_django(
    office: Any, body: bytes, more: dict[str, str], status: int
) -> None:
    """It gets the request whole, whatever is wrong with it."""
    from placet.web.wsgi import application

    secret = caller(office.house, "secretary").secret
    here = asked(application, sent(secret, body, **more))
    assert here == asked(vars(application)["_otherwise"], sent(secret, body, **more))
    assert here[0].startswith(str(status)), here


def test_a_token_for_something_else_is_not_let_in(office: Any, plain: dict[str, Any]) -> None:
    """A token is refused that is not for determinations, as everywhere."""
    from placet.web.wsgi import application

    secret = caller(office.house, "secretary", "read").secret
    status, _, body = asked(application, sent(secret, json.dumps({"request": plain}).encode()))
    assert (status[:3], json.loads(body)["type"]) == ("403", "urn:placet:problem:not-allowed")


def test_each_request_counts_once(
    office: Any, plain: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the rate is let through at once, answered here or refused there; then one waits."""
    from django.conf import settings

    from placet.web.api import admitting
    from placet.web.wsgi import application

    monkeypatch.setattr(settings, "API_RATES", {**settings.API_RATES, "determine": 2})
    monkeypatch.setattr(admitting, "time", SimpleNamespace(monotonic=lambda: 0.0))
    right, wrong = ({"request": plain}, 200), ({"request": {"request": "r"}}, 400)
    secret = caller(office.house, "secretary").secret
    for asking, status in (right, wrong, right, wrong, (right[0], 429), (wrong[0], 429)):
        answer = asked(application, sent(secret, json.dumps(asking).encode()))
        assert answer[0].startswith(str(status))


def test_it_is_counted_and_written_into_the_log(office: Any, plain: dict[str, Any]) -> None:
    """A line names the request, route and status, and the figures count it."""
    from placet.web.watching.metrics import REQUESTS
    from placet.web.wsgi import application

    lines = Lines()
    logging.getLogger().addHandler(lines)
    counted = REQUESTS.labels("POST", "api/v1/determine", "200")
    before = counted._value.get()
    secret = caller(office.house, "secretary").secret
    asked(application, sent(secret, json.dumps({"request": plain}).encode()))
    logging.getLogger().removeHandler(lines)
    assert [(each["request"], each["route"], each["status"]) for each in lines.said] == [
        ("a-test", "api/v1/determine", 200)
    ]
    assert counted._value.get() == before + 1
