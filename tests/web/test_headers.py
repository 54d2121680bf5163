"""What browsers are told: on every answer of every route, to whoever asks, whatever they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from page_routes import filled, page_routes, whole

NOT_LOADED_FROM_ELSEWHERE = {"script-src": "'self'", "style-src": "'self'", "object-src": "'none'"}


def _answers(browser: Any, asked: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Ask every route, and one that there is not, for a page and by a form that holds nothing."""
    from placet.web.api.urls import api

    found = [path for _, path in page_routes()]
    found += [f"/api/v1{path}" for router in api._get_bound_routers() for path in _of(router)]
    for pattern in (*found, "/no-such-page/"):
        address = filled(pattern, {}).replace("{path:path}", "x")
        if "logout" not in address:
            for method, ask in (("GET", browser.get), ("POST", browser.post)):
                answer = ask(address, **asked)
                assert whole(answer) is not None
                yield f"{method} {address}", answer


def _of(router: Any) -> list[str]:
    return list(router.path_operations)


@pytest.mark.parametrize("person", [None, "whitfield"])
def test_every_answer_of_every_route_keeps_browsers_in_bounds(
    signed_in: Callable[..., Any], https: dict[str, Any], person: str | None
) -> None:
    """No script, style, frame, sniffing or plain HTTP, and no address told to another site."""
    statuses = set()
    for asked, answer in _answers(signed_in(person), https):
        statuses.add(answer.status_code)
        said = answer.headers
        policy = _directives(said["Content-Security-Policy"])
        assert policy["default-src"] == "'none'", asked
        assert policy["frame-ancestors"] == "'none'", asked
        assert "unsafe" not in said["Content-Security-Policy"], asked
        for name, value in NOT_LOADED_FROM_ELSEWHERE.items():
            assert policy.get(name, "'none'") in (value, "'none'"), (asked, name)
        assert said["X-Content-Type-Options"] == "nosniff", asked
        assert said["Referrer-Policy"] == "same-origin", asked
        assert said["Cross-Origin-Opener-Policy"] == "same-origin", asked
        assert said["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", asked
        assert asked.split()[1].startswith("/api/") or said["X-Frame-Options"] == "DENY", asked
        assert answer.status_code < 500, (asked, answer.content)
    assert statuses >= {200, 302, 401, 404, 405}, "it was not one kind of answer that was looked at"


def test_nothing_that_is_shown_to_one_person_is_stored(signed_in: Callable[..., Any]) -> None:
    """Who sits down next finds nothing by Back: only what is published may be kept anywhere."""
    published = {"/permit-keys.json", "/status-list", "/log/checkpoint", "/log/keys"}
    for asked, answer in _answers(signed_in("whitfield"), {}):
        _, address = asked.split()
        if not address.startswith("/api/"):
            kept = answer.headers["Cache-Control"]
            public = address in published
            assert kept.startswith("public, ") if public else kept == "no-store", (asked, kept)
    tile = signed_in().get("/log/tile/0/000.p/1")
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in tile.headers.get("Vary", ""), "what is public is the same for everybody"


def _directives(policy: str) -> dict[str, str]:
    """Read a content security policy (CSP 3, section 2.2.1)."""
    parted = (each.strip().partition(" ") for each in policy.split(";") if each.strip())
    return {name: value for name, _, value in parted}


def test_without_https_nothing_is_said_that_would_lock_a_browser_out(
    signed_in: Callable[..., Any],
) -> None:
    """A demonstration on this machine tells no browser to come by HTTPS alone."""
    answer = signed_in("whitfield").get("/inbox/")
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.usefixtures("office")
def test_django_finds_nothing_wrong_with_how_it_is_set_up() -> None:
    """Proves what Django asks about settings, models and addresses here, once for every start."""
    call_command("check", fail_level="WARNING")
