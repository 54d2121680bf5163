"""A refusal takes the same work whatever it hides, so that its time tells nothing.

Work is counted, in questions to the database and in passwords that are hashed: a clock in a test
would only say how busy the machine was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from api_routes import addresses
from api_routes import filled as least
from api_sample import caller
from page_routes import filled, page_routes
from questions import questions

ABSENT_CASE, ABSENT_PERMIT = "C-2222222222", "P-2222222222"


def test_what_is_of_others_is_looked_for_as_what_there_is_not(
    signed_in: Callable[..., Any], office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same questions are asked before both are refused, on each page of a case or a permit."""
    browser, asked = signed_in("commander"), 0
    for name, pattern in page_routes():
        if "<str:case>" not in pattern and "<str:permit>" not in pattern:
            continue
        found = {}
        for there in (True, False, True, False):
            with questions(monkeypatch) as found[there]:
                answer = browser.get(filled(pattern, _names(office, there=there)))
            assert answer.status_code == 404, name
        assert found[True] == found[False], name
        assert any("case_head" in each or "permit" in each for each in found[True]), name
        asked += 1
    assert asked >= 7


def _names(office: Any, *, there: bool) -> dict[str, str]:
    """Return the names of a case of the story and its permit, or of none."""
    case, permit = office.permitted.id, office.permit
    return {
        "case": case if there else ABSENT_CASE,
        "permit": permit if there else ABSENT_PERMIT,
        "entry": "0",
        "digest": "sha256:0",
    }


def test_programs_learn_no_more_from_the_work_either(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address of the API asks the same before it refuses what is of others and what is not."""
    from django.conf import settings

    from placet.web.api import present, tokens

    who, asked = caller(office.house, "commander"), 0
    monkeypatch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 1e9))
    monkeypatch.setattr(present, "_held", None)
    for each in (present, tokens):  # what is asked for but now and then is known from here on
        monkeypatch.setattr(each, "_ASKED_EVERY", 3600.0)
    assert who.get(f"/cases/{ABSENT_CASE}").status_code == 404
    for each in addresses():
        if "{case}" not in each.path and "{permit}" not in each.path:
            continue
        body = {"act": least(each.body.model_fields["act"].annotation)} if each.act else None
        found = {}
        for there in (True, False):
            names = _names(office, there=there) | {"digest": f"sha256:{'0' * 64}"}
            with questions(monkeypatch) as found[there]:
                answer = who.send(each.method, each.path.format(**names), body)
            assert answer.status_code == 404, (each.name, answer.content)
        assert found[True] == found[False], each.name
        asked += 1
    assert asked > 60


def test_a_wrong_password_takes_the_same_for_a_name_that_there_is_not(
    signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many questions, one password hashed, and the same page, whether somebody has the name."""
    from django.contrib.auth.hashers import MD5PasswordHasher
    from django.core.cache import cache

    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, *given: Any, **more: Any) -> str:
        hashed.append(password)
        return encode(self, password, *given, **more)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    browser = signed_in()
    found = {}
    for name in ("hart", "hart-and-nobody"):
        cache.clear()
        hashed.clear()
        with questions(monkeypatch) as asked:
            answer = browser.post("/account/login/", {"login": name, "password": "a guess"})
        assert answer.status_code == 200
        told = re.sub(rb'value="[^"]*"', b"", answer.content)
        found[name] = (asked, hashed.copy(), told)
    known, unknown = found.values()
    assert len(known[1]) == len(unknown[1]) == 1
    assert known == unknown
