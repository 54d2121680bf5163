"""A refusal takes the same work whatever it hides, so that its time tells nothing.

Work is counted, in questions to the database and in passwords that are hashed: a clock in a test
would only say how busy the machine was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from api_sample import caller
from questions import questions

ABSENT_CASE, ABSENT_PERMIT = "C-2222222222", "P-2222222222"


@pytest.mark.parametrize("rest", ["", "decision.pdf", "entries/0/receipt", "documents/sha256:0"])
def test_a_case_of_others_is_looked_for_as_one_that_there_is_not(
    signed_in: Callable[..., Any], office: Any, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    """The same questions are asked before both are refused, on each page of a case."""
    browser = signed_in("commander")
    foreign = office.permitted.id
    asked = {}
    for case in (foreign, ABSENT_CASE, foreign, ABSENT_CASE):
        with questions(monkeypatch) as found:
            assert browser.get(f"/cases/{case}/{rest}").status_code == 404
        asked[case] = found
    assert asked[foreign] == asked[ABSENT_CASE]
    assert any("case_head" in each for each in asked[foreign])


@pytest.mark.parametrize("rest", ["", "letter.pdf", "file/"])
def test_a_permit_of_others_is_looked_for_as_one_that_there_is_not(
    signed_in: Callable[..., Any], office: Any, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    """The same questions are asked before both are refused, on each page of a permit."""
    browser = signed_in("commander")
    foreign = office.permit
    asked = {}
    for permit in (foreign, ABSENT_PERMIT, foreign, ABSENT_PERMIT):
        with questions(monkeypatch) as found:
            assert browser.get(f"/permits/{permit}/{rest}").status_code == 404
        asked[permit] = found
    assert asked[foreign] == asked[ABSENT_PERMIT]


def test_programs_learn_no_more_from_the_work_either(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API asks the same questions before it refuses a case of others and one there is not."""
    from placet.web.api import present, tokens

    who = caller(office.house, "commander", "read")
    foreign = office.permitted.id
    monkeypatch.setattr(present, "_held", None)
    for each in (present, tokens):  # what is asked for but now and then is known from here on
        monkeypatch.setattr(each, "_ASKED_EVERY", 3600.0)
    assert who.get(f"/cases/{ABSENT_CASE}").status_code == 404
    asked = {}
    for case in (foreign, ABSENT_CASE):
        with questions(monkeypatch) as found:
            assert who.get(f"/cases/{case}").status_code == 404
        asked[case] = found
    assert asked[foreign] == asked[ABSENT_CASE]
    assert any("case_head" in each for each in asked[foreign])


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
