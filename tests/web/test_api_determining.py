"""What the rules say over HTTP: by what the asker may know, and without a question for each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from api_sample import caller
from steps import request_of


@pytest.fixture
def plain(ukraine: Path) -> dict[str, Any]:
    """The request of the story, as its file has it."""
    return request_of(ukraine)


@pytest.fixture
def rates() -> Iterator[dict[str, float]]:
    """The rates of tokens, to be changed for one test."""
    from django.conf import settings

    before, settings.API_RATES = settings.API_RATES, dict(settings.API_RATES)
    yield settings.API_RATES
    settings.API_RATES = before


def test_an_answer_is_the_canonical_determination(office: Any, plain: dict[str, Any]) -> None:
    """Its body is what the judgement gives by all that an auditor knows, and has its digest."""
    answer = caller(office.house, "tan").post("/determine", {"request": plain, "at": "2025-07-01"})
    assert answer.status_code == 200, answer.content
    raw = hashlib.sha256(answer.content).digest()
    assert answer["Repr-Digest"] == f"sha-256=:{base64.b64encode(raw).decode()}:"
    found = answer.json()
    assert (found["outcome"], found["context"]) == ("review", "")
    context = office.house.reading.context()
    from placet.registry import parse_moment

    whole = context.determine(context.request(plain), parse_moment("2025-07-01"))
    assert {**whole.plain(), "context": ""} == found


def test_another_party_hears_announced_policies_alone(office: Any, plain: dict[str, Any]) -> None:
    """The undeclared review of the United States is heard by its people, and by no one else's."""
    asked = {"request": plain, "at": "2025-07-01"}
    inside = caller(office.house, "secretary").post("/determine", asked).json()
    outside = caller(office.house, "marchenko").post("/determine", asked).json()
    assert inside["outcome"] == "review"
    assert outside["outcome"] == "refuse", "the conditions of 2022 are what was announced"
    assert "2025-strike-review" in str(inside)
    assert "2025-strike-review" not in str(outside)


def test_a_batch_answers_as_one_by_one(office: Any, plain: dict[str, Any]) -> None:
    """In order, briefly or whole; one that cannot be read spoils no other."""
    who = caller(office.house, "secretary")
    other = plain | {"request": "another", "area": "UA-14"}
    singles = [
        who.post("/determine", {"request": each, "at": "2025-07-01"}) for each in (plain, other)
    ]
    asked = {"requests": [plain, {"request": "no"}, other], "at": "2025-07-01"}
    brief = who.post("/determine/batch", asked).json()["answers"]
    whole = who.post("/determine/batch", asked | {"reasons": True}).json()["answers"]
    assert [whole[0], whole[2]] == [each.json() for each in singles]
    digests = [f"sha256:{hashlib.sha256(each.content).hexdigest()}" for each in singles]
    assert [brief[0]["digest"], brief[2]["digest"]] == digests
    assert any("lines is missing" in each for each in brief[1]["problems"])


def test_no_question_goes_to_the_database_for_a_request(
    office: Any, plain: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once token and context are known, determining touches neither accounts nor register."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from placet.store.reading import DatabaseReading
    from placet.web.api import present, tokens

    who = caller(office.house, "secretary")
    monkeypatch.setattr(present, "_held", None)
    for each in (present, tokens):
        monkeypatch.setattr(each, "_ASKED_EVERY", 3600.0)
    assert who.post("/determine", {"request": plain}).status_code == 200

    def none(*_: Any, **__: Any) -> Any:
        raise AssertionError("the register was asked")

    monkeypatch.setattr(DatabaseReading, "_asking", none)
    with CaptureQueriesContext(connection) as asked:
        for number in range(5):
            named = plain | {"request": f"r-{number}"}
            assert who.post("/determine", {"request": named}).status_code == 200
    assert len(asked) == 0


def test_a_token_that_asks_too_often_waits(
    office: Any,
    plain: dict[str, Any],
    rates: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told for how long; a batch counts as many as it asks; other tokens are not held up."""
    from placet.web.api import admitting

    monkeypatch.setattr(admitting, "time", SimpleNamespace(monotonic=lambda: 0.0))
    rates["determine"] = 4
    who = caller(office.house, "secretary")
    assert who.post("/determine/batch", {"requests": [plain] * 8}).status_code == 200
    answer = who.post("/determine", {"request": plain})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert answer["Content-Type"] == "application/problem+json"
    other = caller(office.house, "secretary")
    assert other.post("/determine", {"request": plain}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"request": NaN}', b'{"request": {"a": 1.5}}', b'{"request": {"a": "\\ud800"}}'],
)
def test_what_canonical_json_cannot_hold_is_refused(office: Any, body: bytes) -> None:
    """With a problem that says so, and no defect."""
    from django.test import Client

    secret = caller(office.house, "secretary").secret
    answer = Client(HTTP_HOST="localhost").post(
        "/api/v1/determine",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 400
