"""Watching: probes that tell whether work can be done, figures, and logs without secrets."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from steps import PASSWORD, done, request_of


@pytest.fixture
def logged(office: Any) -> Iterator[Callable[[], str]]:
    """What is written into the log meanwhile, as the process writes it."""
    assert office
    found = io.StringIO()
    root = logging.getLogger()
    handler = logging.StreamHandler(found)
    handler.setFormatter(_formatter())
    root.addHandler(handler)
    yield found.getvalue
    root.removeHandler(handler)


def _formatter() -> logging.Formatter:
    from structlog.stdlib import ProcessorFormatter

    from placet.web.watching.logs import LOGGING

    given = {key: each for key, each in LOGGING["formatters"]["json"].items() if key != "()"}
    return ProcessorFormatter(**given)


def test_a_process_that_answers_is_well_whatever_host_is_named(
    signed_in: Callable[..., Any],
) -> None:
    """Proves that /healthz needs no session and no host of ours."""
    answer = signed_in().get("/healthz", HTTP_HOST="10.0.0.7")
    assert (answer.status_code, answer.content) == (200, b"well\n")
    assert "Set-Cookie" not in answer


def test_ready_is_who_reaches_the_database_and_whose_acts_get_numbers(
    signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that an act which waits too long, an empty log and no database each say so."""
    from placet.errors import QuestionError
    from placet.operations.log.watching import KeepingUp
    from placet.web.watching import probes

    assert signed_in().get("/readyz").json() == {"missing": {}, "ready": True}
    for found, what in (
        (KeepingUp(9, 1, True, timedelta(seconds=11), None, None), "sequencer"),
        (KeepingUp(9, 0, False, None, None, None), "sequencer"),
        (KeepingUp(0, 0, False, None, None, None), "log"),
    ):
        monkeypatch.setattr(probes, "keeping_up", lambda _, found=found: found)
        answer = signed_in().get("/readyz")
        assert answer.status_code == 503
        assert list(answer.json()["missing"]) == [what]

    def unreachable(_: object) -> KeepingUp:
        raise QuestionError("postgresql://placet_read:a-password@db/placet is not there")

    monkeypatch.setattr(probes, "keeping_up", unreachable)
    answer = signed_in().get("/readyz")
    assert answer.status_code == 503
    assert "a-password" not in answer.content.decode()


def test_figures_count_requests_by_route_and_acts_by_kind(
    signed_in: Callable[..., Any], office: Any, ukraine: Any
) -> None:
    """Proves that a page and an act are counted, and log, queue and ages are there."""
    from placet.web.house import house

    browser = signed_in("whitfield")
    route = 'placet_requests_total{method="GET",route="inbox/",status="200"}'
    acts = 'placet_acts_total{kind="submit"}'
    before = _figures(browser)
    assert browser.get("/inbox/").status_code == 200
    name = house().references.reference("C")
    filing = {"case": name, "request": request_of(ukraine)}
    done(house(), name, "marchenko", "submit", filing)
    after = _figures(browser)
    assert after[route] == before.get(route, 0) + 1
    assert after[acts] == before.get(acts, 0) + 1
    assert after["placet_log_entries"] == office.house.reading.checkpoint().checkpoint.size
    assert (after["placet_unnumbered_acts"], after["placet_sequencer"]) == (0, 1)
    assert after['placet_queue_depth{queue="jobs"}'] >= 0
    assert after["placet_checkpoint_age_seconds"] >= 0
    assert 'placet_request_seconds_count{method="GET",route="inbox/"}' in after


def _figures(browser: Any) -> dict[str, float]:
    answer = browser.get("/metrics")
    assert answer.status_code == 200
    lines = [each for each in answer.content.decode().splitlines() if not each.startswith("#")]
    return {name: float(value) for name, value in (each.rsplit(" ", 1) for each in lines)}


def test_figures_are_for_this_machine_or_who_has_the_token(
    signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that neither a stranger nor somebody behind a proxy on this machine sees them."""
    from django.conf import settings

    browser = signed_in()
    for stranger in (
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_HOST": "placet.example"},
        {"HTTP_HOST": ""},
    ):
        assert browser.get("/metrics", **stranger).status_code == 403
    monkeypatch.setattr(settings, "METRICS_TOKEN", "a-token-for-metrics")
    assert browser.get("/metrics").status_code == 403
    for given, status in (("Bearer a-token-for-metrics", 200), ("Bearer é", 403), ("", 403)):
        answer = browser.get("/metrics", HTTP_AUTHORIZATION=given, REMOTE_ADDR="192.0.2.7")
        assert answer.status_code == status


def test_labels_do_not_grow_by_what_somebody_sends(signed_in: Callable[..., Any]) -> None:
    """Proves that addresses and methods made up by a stranger add one label at most."""
    browser = signed_in()
    for made_up in ("/xyzzy-1", "/xyzzy-2"):
        browser.get(made_up)
        browser.generic("XYZZY", made_up)
    text = browser.get("/metrics").content.decode()
    assert "xyzzy" not in text.lower()
    assert 'method="other",route="unmatched"' in text


def test_a_request_has_an_id_in_and_out_and_in_the_log(
    signed_in: Callable[..., Any], logged: Callable[[], str]
) -> None:
    """Proves that the id of a proxy goes through, and one that is none is replaced."""
    browser = signed_in("whitfield")
    answer = browser.get("/inbox/", HTTP_X_REQUEST_ID="proxy-77")
    assert answer["X-Request-Id"] == "proxy-77"
    line = next(each for each in map(json.loads, logged().splitlines()) if "route" in each)
    assert line["request"] == "proxy-77"
    assert (line["method"], line["route"], line["status"]) == ("GET", "inbox/", 200)
    forged = browser.get("/inbox/", HTTP_X_REQUEST_ID='x"} {"forged": "line')["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", forged)


def test_every_line_says_something_without_its_values(
    signed_in: Callable[..., Any], logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that there is not is one line, ours; an error says where it was, and its id."""
    browser = signed_in("whitfield")
    assert browser.get("/no-such-page/", HTTP_X_REQUEST_ID="proxy-78").status_code == 404
    (line,) = map(json.loads, logged().splitlines())
    assert (line["event"], line["request"], line["status"]) == ("answered", "proxy-78", 404)

    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("placet.web.pages.told.render", fails)
    browser.raise_request_exception = False
    assert browser.get("/notices/", HTTP_X_REQUEST_ID="proxy-79").status_code == 500
    failed = next(each for each in map(json.loads, logged().splitlines()) if "error" in each)
    assert (failed["event"], failed["request"]) == ("error of django.request", "proxy-79")
    assert failed["error"] == "builtins.ZeroDivisionError"
    assert "%s" not in logged()


def test_no_password_statement_or_token_comes_into_the_log(
    signed_in: Callable[..., Any],
    logged: Callable[[], str],
    office: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proves it for signing in, signing, tokens in headers and addresses, and a defect."""
    from placet.web.people import Looking

    anonymous = signed_in()
    anonymous.post("/account/login/", {"login": "hart", "password": "a wrong secret 1"})
    anonymous.post("/account/login/", {"login": "hart", "password": PASSWORD})
    browser = signed_in("marchenko")
    said = "a statement of twelve unlikely words 2"
    case = office.case("")
    page = browser.post("/act/withdraw/", {"on-case": case, "because": said}).content.decode()
    browser.post(
        "/sign/", {"draft": page[:500], "digest": "x", "by": "word", "password": "a secret 3"}
    )
    browser.get("/cases/secret-4/?token=secret-5", HTTP_AUTHORIZATION="Bearer secret-6")
    browser.cookies["placet-key"] = "secret-7"
    browser.get("/session/")

    def defect(_: Looking) -> object:
        raise KeyError("a value that is secret 8")

    monkeypatch.setattr(Looking, "viewer", property(defect))
    monkeypatch.setattr(Looking, "house", property(defect))
    browser.raise_request_exception = False
    assert browser.get("/inbox/").status_code == 500
    logging.getLogger("httpx").error("POST %s", "https://hooks.example/secret-9")
    text = logged()
    lines = [json.loads(each) for each in text.splitlines()]
    assert len([each for each in lines if each["event"] == "answered"]) >= 6
    failed = next(each for each in lines if each.get("error") == "builtins.KeyError")
    assert any("test_watching" in each for each in failed["at"])
    for secret in ("secret", PASSWORD, said, "Bearer", "token=", "ssh-", "-----BEGIN"):
        assert secret not in text.replace("test_no_password_statement", ""), secret
