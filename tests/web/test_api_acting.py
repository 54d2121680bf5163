"""Acting over the API: what is stated is signed and done, once, by whoever the token is of."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from api_sample import Caller, caller
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from steps import request_of

from placet.evidence import OpenSession, public_key

DECISION = {
    "party": "US",
    "office": "us/secdef",
    "verdict": "approve",
    "because": "a military object",
    "disclosed": "The United States agrees.",
    "provisos": [{"at-most": "2", "text": "two missiles at most"}],
}


@pytest.fixture
def request_file(ukraine: Path) -> dict[str, Any]:
    """The request of the story, as its file has it."""
    return request_of(ukraine)


@pytest.fixture
def case(office: Any, request_file: dict[str, Any]) -> str:
    """A case filed and determined over the API, by the word of the demonstration."""
    filed = caller(office.house, "marchenko").post(
        "/acts/submit", {"act": {"request": request_file}}
    )
    assert filed.status_code == 201, filed.content
    name: str = filed.json()["case"]
    done = caller(office.house, "whitfield").post(f"/cases/{name}/acts/determine", {"act": {}})
    assert done.status_code == 201, done.content
    return name


def _stated(who: Caller, case: str, **more: Any) -> Any:
    answer = who.post(f"/cases/{case}/acts/decide/statement", {"act": DECISION | more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_decision_is_stated_signed_by_ssh_and_done(office: Any, case: str) -> None:
    """Two steps; the evidence on file is the person's own signature over what was stated."""
    who = caller(office.house, "secretary")
    stated = _stated(who, case)
    text = stated["statement"].encode()
    assert stated["digest"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
    assert stated["signed_by"] == "person"
    signature = office.keys.sign("secretary", text)
    evidence = {"kind": "ssh", "signature": signature}
    body = {"act": stated["act"], "evidence": evidence}
    done = who.post(f"/cases/{case}/acts/decide", body)
    assert done.status_code == 201, done.content
    (decision,) = office.house.reading.case(case).decisions
    assert (decision.person, str(decision.verdict)) == ("secretary", "approve")
    entry = office.house.reading.entries_of_case(case)[-1]
    assert entry.index == done.json()["index"]
    assert entry.body.shown["evidence"] == evidence


def test_what_was_signed_is_what_is_done(office: Any, case: str) -> None:
    """An act that was changed after it was signed is refused, and nothing is written."""
    who = caller(office.house, "secretary")
    stated = _stated(who, case)
    signature = office.keys.sign("secretary", stated["statement"].encode())
    changed = stated["act"] | {"because": "another reason"}
    evidence = {"kind": "ssh", "signature": signature}
    done = who.post(f"/cases/{case}/acts/decide", {"act": changed, "evidence": evidence})
    assert done.status_code == 422, done.content
    assert office.house.reading.case(case).decisions == ()


@pytest.mark.parametrize("evidence", [None, {"kind": "demonstration", "digest": "0" * 64}])
def test_a_decision_needs_a_signature_even_in_a_demonstration(
    office: Any, case: str, evidence: Any
) -> None:
    """The word of a demonstration is the system's to give after asking, not a client's to send."""
    who = caller(office.house, "secretary")
    stated = _stated(who, case)
    if evidence is not None:
        digest = hashlib.sha256(stated["statement"].encode()).hexdigest()
        evidence = evidence | {"digest": digest}
    body = {"act": stated["act"], "evidence": evidence}
    assert who.post(f"/cases/{case}/acts/decide", body).status_code == 422
    assert office.house.reading.case(case).decisions == ()


def _session(who: Caller, office: Any, private: bytes) -> OpenSession:
    drawn = who.post("/sessions/challenge", {"key": str(public_key(private)), "hours": 1})
    assert drawn.status_code == 200, drawn.content
    challenge = drawn.json()["challenge"]
    signature = office.keys.sign(who.person, challenge.encode())
    evidence = {"kind": "ssh", "signature": signature}
    sent = {"challenge": challenge, "evidence": evidence}
    key = secrets.token_urlsafe()
    opened = who.post("/sessions", sent, Idempotency_Key=key)
    once_more = who.post("/sessions", sent, Idempotency_Key=key)
    assert (once_more.status_code, once_more.content) == (opened.status_code, opened.content)
    assert once_more["Idempotency-Replayed"] == "true"
    assert opened.status_code == 201, opened.content
    again = who.post("/sessions", {"challenge": challenge, "evidence": evidence})
    assert again.status_code == 404, "a challenge is used once"
    return OpenSession(challenge, signature, private)


def test_a_plain_act_is_signed_by_the_key_of_a_session_that_stays_with_the_client(
    office: Any, case: str
) -> None:
    """The server draws a challenge and sees signatures; the entry has the session's evidence."""
    who = caller(office.house, "okafor")
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    session = _session(who, office, private)
    act = {"asks": "Which depot?", "fields": ["area"]}
    stated = who.post(f"/cases/{case}/acts/ask/statement", {"act": act}).json()
    assert stated["signed_by"] == "session"
    evidence = session.sign(stated["statement"].encode()).document
    body = {"act": stated["act"], "evidence": evidence}
    done = who.post(f"/cases/{case}/acts/ask", body)
    assert done.status_code == 201, done.content
    entry = office.house.reading.entries_of_case(case)[-1]
    assert entry.body.shown["evidence"] == evidence


def test_the_session_of_another_and_one_not_opened_here_sign_nothing(
    office: Any, case: str
) -> None:
    """Evidence of a session counts for whoever opened it here, and for no one else."""
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    session = _session(caller(office.house, "okafor"), office, private)
    who = caller(office.house, "whitfield")
    stated = who.post(f"/cases/{case}/acts/ask/statement", {"act": {"asks": "Which?"}}).json()
    evidence = session.sign(stated["statement"].encode()).document
    body = {"act": stated["act"], "evidence": evidence}
    assert who.post(f"/cases/{case}/acts/ask", body).status_code == 422
    assert office.house.reading.case(case).questions == ()


def test_an_act_that_is_sent_twice_with_one_key_is_done_once(
    office: Any, request_file: dict[str, Any]
) -> None:
    """The same bytes come back, and there is one case; the key is good for that act alone."""
    who = caller(office.house, "marchenko")
    before = len(list(office.house.reading.cases()))
    key, body = str(uuid4()), {"act": {"request": request_file}}
    first = who.post("/acts/submit", body, Idempotency_Key=key)
    again = who.post("/acts/submit", body, Idempotency_Key=key)
    assert first.status_code == again.status_code == 201, again.content
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert len(list(office.house.reading.cases())) == before + 1
    other = {"act": {"request": request_file | {"title": "Another"}}}
    assert who.post("/acts/submit", other, Idempotency_Key=key).status_code == 422
    assert who.post("/acts/submit", other, Idempotency_Key=f"{key}-another").status_code == 201


BODIES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a key twice": (
        lambda good: good.replace(b'"quantity"', b'"quantity": "1", "quantity"', 1),
        "The key 'quantity' stands twice in one object; write it once.",
    ),
    "a key twice, spelt otherwise": (
        lambda good: good.replace(b'"quantity"', b'"quan\\u0074ity": "1", "quantity"', 1),
        "The key 'quantity' stands twice in one object; write it once.",
    ),
    "beyond 2^53": (
        lambda good: good.replace(b'"4"', b"9007199254740993", 1),
        "9007199254740993 is too large to be read alike everywhere.",
    ),
    "a fraction": (
        lambda good: good.replace(b'"4"', b"4.0", 1),
        "4.0 is no whole number; there are no others here.",
    ),
    "Latin-1": (
        lambda good: good.replace(b"depot", b"d\xe9p\xf4t", 1),
        "The body is no JSON in UTF-8 that can be read.",
    ),
    "half of a pair": (
        lambda good: good.replace(b"depot", b"\\ud800", 1),
        "The body is no JSON in UTF-8 that can be read.",
    ),
    "too deep": (
        lambda good: good.replace(b'"4"', b"[" * 100_000, 1),
        "The body is no JSON in UTF-8 that can be read.",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_could_be_read_in_two_ways_is_refused(
    office: Any, request_file: dict[str, Any], name: str
) -> None:
    """It is said what of it cannot be read alike by everybody, and nothing is recorded."""
    from django.test import Client

    spoil, says = BODIES[name]
    good = json.dumps({"act": {"request": request_file}}).encode()
    bad = spoil(good)
    assert bad != good
    before = office.house.reading.checkpoint()
    secret = caller(office.house, "marchenko").secret
    client = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = client.post("/api/v1/acts/submit", bad, "application/json")
    assert (answer.status_code, answer.json()["detail"]) == (400, says)
    assert office.house.reading.checkpoint() == before


def test_an_act_that_is_on_record_without_a_number_is_not_done_again(
    office: Any, request_file: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no sequencer answers the act is on record, and its key files no second case."""
    from placet.store.coverage import Coverage
    from placet.store.errors import NotCoveredError

    def unnumbered(_: Coverage, ticket: int) -> None:
        raise NotCoveredError("No sequencer runs.", ticket)

    who, key = caller(office.house, "marchenko"), str(uuid4())
    before = len(list(office.house.reading.cases()))
    body = {"act": {"request": request_file}}
    with monkeypatch.context() as stopped:
        stopped.setattr(Coverage, "wait", unnumbered)
        first = who.post("/acts/submit", body, Idempotency_Key=key)
    assert (first.status_code, first.json()["type"]) == (503, "urn:placet:problem:not-covered")
    again = who.post("/acts/submit", body, Idempotency_Key=key)
    assert again.status_code == 409, again.content
    assert "may be on record" in again.json()["detail"]
    assert len(list(office.house.reading.cases())) == before + 1


def test_what_was_refused_may_be_sent_again_with_its_key(office: Any, case: str) -> None:
    """A refusal leaves nothing behind."""
    who = caller(office.house, "secretary")
    stated = _stated(who, case)
    path, key = f"/cases/{case}/acts/decide", str(uuid4())
    assert who.post(path, {"act": stated["act"]}, Idempotency_Key=key).status_code == 422
    evidence = {
        "kind": "ssh",
        "signature": office.keys.sign("secretary", stated["statement"].encode()),
    }
    body = {"act": stated["act"], "evidence": evidence}
    assert who.post(path, body, Idempotency_Key=key).status_code == 201


def test_the_actor_is_whoever_the_token_is_of(office: Any, case: str) -> None:
    """A body that names an actor, or anything else that an act does not take, is refused."""
    who = caller(office.house, "whitfield")
    for name in ("actor", "person", "at", "kind", "demonstration"):
        answer = who.post(f"/cases/{case}/acts/ask", {"act": {"asks": "Which?", name: "secretary"}})
        assert answer.status_code == 422, (name, answer.content)
        outside = who.post(f"/cases/{case}/acts/ask", {"act": {"asks": "Which?"}, name: "tan"})
        assert outside.status_code == 422, (name, outside.content)
    assert office.house.reading.case(case).questions == ()


def test_a_case_that_is_as_it_was_is_not_sent_again(office: Any, case: str) -> None:
    """The ETag is the digest of the view's own bytes, and changes only with them."""
    officer, applicant = caller(office.house, "okafor"), caller(office.house, "marchenko")
    first = officer.get(f"/cases/{case}")
    tag = first["ETag"]
    assert tag == f'"sha256:{hashlib.sha256(first.content).hexdigest()}"'
    same = officer.get(f"/cases/{case}", If_None_Match=tag)
    assert (same.status_code, same.content) == (304, b"")
    seen = applicant.get(f"/cases/{case}")["ETag"]
    assert seen != tag
    done = officer.post(
        f"/cases/{case}/acts/assign", {"act": {"to": "whitfield", "because": "a holiday"}}
    )
    assert done.status_code == 201, done.content
    assert officer.get(f"/cases/{case}", If_None_Match=tag).status_code == 200
    untold = applicant.get(f"/cases/{case}", If_None_Match=seen)
    assert untold.status_code == 304, "what the applicant is not told moves no ETag of theirs"


def test_lists_come_in_pages_that_miss_nothing(office: Any) -> None:
    """Walking the pages one case at a time gives the same cases as one long page."""
    who = caller(office.house, "marchenko")
    whole, walked = (
        [each["case"] for each in who.whole("/cases", "cases", limit)] for limit in (100, 3)
    )
    assert walked == whole
    assert len(set(walked)) == len(walked) > 3
