"""The typed client against the real API in this process: it asks, signs, acts, and is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_sample import caller
from steps import request_of

from placet.client import Client, RefusedError, UnreachableError
from placet.operations.answers import Stated
from placet.operations.house import SignedIn
from placet.operations.ports.sought import Tally
from placet.operations.seeing.desks import see_inbox


@pytest.fixture
def client(office: Any) -> Iterator[Callable[[str], Client]]:
    """Makes the client of a person."""
    from placet.web.wsgi import application

    opened: list[Client] = []

    def of(person: str) -> Client:
        secret = caller(office.house, person).secret
        transport = httpx.WSGITransport(app=application)
        found = Client("http://localhost", secret, transport=transport)
        opened.append(found)
        return found

    yield of
    for each in opened:
        each.close()


def test_a_decision_is_made_through_the_client(
    client: Callable[[str], Client], office: Any, ukraine: Path
) -> None:
    """Filed, determined and decided; what was signed is what the client was shown."""
    plain = request_of(ukraine)
    filed = client("marchenko").act("submit", {"request": plain}, sign=lambda _: None)
    case = filed.case
    assert case is not None
    client("whitfield").act("determine", {}, case, sign=lambda _: None)
    decider = client("secretary")

    def sign(stated: Stated) -> Any:
        assert stated.signed_by == "person"
        signature = office.keys.sign("secretary", stated.statement.encode())
        return {"kind": "ssh", "signature": signature}

    decision = {
        "party": "US",
        "office": "us/secdef",
        "verdict": "refuse",
        "because": "not now",
        "disclosed": "The United States does not agree.",
    }
    done = decider.act("decide", decision, case, sign=sign)
    assert (done.kind, done.case) == ("decide", case)
    seen = client("marchenko").case(case)
    assert seen.status == "refused"
    assert case in [each.case for each in client("marchenko").cases()]


def test_what_the_client_asks_is_what_the_api_says(
    client: Callable[[str], Client], office: Any, ukraine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inbox and cases page by page, determination, permit and its verification, each in a shape."""
    from django.conf import settings

    monkeypatch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 1e9))
    plain = request_of(ukraine)
    client("marchenko").act("submit", {"request": plain}, sign=lambda _: None)
    officer = client("okafor")
    assert officer.me().person == "okafor"
    monkeypatch.setattr("placet.client.calling._AT_ONCE", 1)
    waiting = list(officer.inbox())
    assert len(waiting) > 1
    assert waiting == list(see_inbox(office.house, SignedIn("okafor", None)))
    monkeypatch.setattr("placet.client.calling._AT_ONCE", 4)
    cases = [each.case for each in officer.cases()]
    assert len(cases) == len(set(cases)) > 2
    found = officer.determine(plain, "2025-07-01")
    assert found["outcome"] == "review"
    assert found["digest"].startswith("sha256:")
    permit = office.permit
    assert officer.permit(permit).permit["permit"] == permit
    token = office.house.reading.permit_row(permit).token
    assert officer.verify(token).permit == permit
    seen = [each.permit["permit"] for each in officer.permits()]
    assert permit in seen
    assert len(seen) == len(set(seen))
    entries = [each["index"] for each in officer.entries()]
    assert entries == list(range(officer.log().size))[::-1]
    brief, unread = officer.determine_many([plain, {}], "2025-07-01")
    assert (brief["outcome"], brief["digest"]) == ("review", found["digest"])
    assert unread["problems"]
    (whole,) = officer.determine_many([plain], "2025-07-01", reasons=True)
    assert whole["context"] == "", "it comes whole, without what would tell of unknown rules"
    assert officer.permit_letter(permit).startswith(b"%PDF-")
    assert officer.counts().action.count == min(len(waiting), Tally.MOST_COUNTED)
    assert list(officer.inbox({"status": "refused"})) == []
    refused = [each.case for each in officer.cases() if each.status == "refused"]
    assert [each.case for each in officer.cases(filters={"status": "refused"})] == refused


def test_the_client_asks_for_all_that_is_on_record(client: Callable[[str], Client]) -> None:
    """Policies, systems, stock, freedom, authority, reports, tokens: each on its day."""
    officer = client("okafor")
    (book,) = (each for each in officer.policies("2025-07-01") if each["party"] == "US")
    name = "2025-strike-review"
    assert book["policies"]
    assert officer.policy("US", name)["party"] == "US"
    assert "atacms" in [each["key"] for each in officer.systems()]
    assert officer.system("atacms", "UA", "2025-07-01")["says"]
    assert officer.freedom("UA")["holder"] == "UA"
    assert {"US", "UA"} <= {each["party"] for each in officer.authority()}
    assert all(each["item"] for each in officer.stock())
    assert officer.reports()["cases"] == len(list(officer.cases()))
    assert [each for each in officer.tokens() if each["token"] == officer.me().token]


def test_a_refusal_is_an_error_that_says_why(client: Callable[[str], Client]) -> None:
    """With the status and the problem; a name that is none asks nothing."""
    stranger = client("commander")
    with pytest.raises(RefusedError, match="There is no case") as refused:
        stranger.case("C-2222222222")
    assert refused.value.status == 404
    assert refused.value.problem["type"] == "urn:placet:problem:unknown"
    for name in ("../me", "a/b", "", "..", "x?y"):
        with pytest.raises(UnreachableError):
            stranger.case(name)


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    """An address where nobody answers is no defect."""

    def none(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with (
        Client("http://localhost:1", "", transport=httpx.MockTransport(none)) as client,
        pytest.raises(UnreachableError, match="does not answer"),
    ):
        client.me()


def test_an_act_whose_statement_is_not_its_digest_is_not_signed() -> None:
    """A server that shows one thing and has another signed is found out before signing."""

    def lying(request: httpx.Request) -> httpx.Response:
        assert request.url.path.endswith("/statement")
        stated = {"act": {}, "statement": "{}", "digest": "sha256:" + "0" * 64}
        return httpx.Response(200, json=stated | {"namespace": "n", "signed_by": "person"})

    def sign(_: Stated) -> Any:
        raise AssertionError("it was signed")

    with (
        Client("http://localhost", "", transport=httpx.MockTransport(lying)) as client,
        pytest.raises(UnreachableError, match="digest of another"),
    ):
        client.act("close", {}, "C-1", sign=sign)


def test_a_document_goes_through_the_client_and_comes_back(
    client: Callable[[str], Client], ukraine: Path
) -> None:
    """Sent by whoever files, named in the act, and read by whoever reviews, to the byte."""
    plain = request_of(ukraine)
    mine = client("marchenko")
    attached = mine.send_document("annex.txt", b"An annex.")
    act = {"request": plain, "attachments": [attached.model_dump(mode="json")]}
    filed = mine.act("submit", act, sign=lambda _: None)
    assert filed.case is not None
    assert client("whitfield").document(filed.case, attached.digest) == b"An annex."
    with pytest.raises(RefusedError, match="neither a PDF"):
        mine.send_document("annex.txt", b"MZ\x90\x00")
