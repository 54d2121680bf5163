"""A passkey on record signs on the pages: acts that bind, and the working session."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from steps import done, request_of, signing

from placet.evidence import SshEvidence
from placet.operations.acting.act import act
from placet.operations.acting.keys_on_record import credentials_of, passkey_text
from placet.operations.house import SignedIn
from placet.registry import written
from placet.review import command_of
from software_passkey import Authenticator, authenticator

OF = authenticator("whitfield on the pages").but(rp_id="localhost", origin="http://localhost:8000")
PERSON = "whitfield"


@pytest.fixture
def on_record(office: Any) -> Authenticator:
    """A passkey of a case officer's, registered with their SSH key."""
    house = office.house
    now = house.clock.now()
    if not credentials_of(house.reading.context(), PERSON, now):
        key = {
            "key": "whitfield-passkey",
            "person": PERSON,
            "public": passkey_text(OF.rp_id, OF.credential, OF.cose),
            "from": written(now),
            "because": "for the pages",
        }
        act(
            house,
            SignedIn(PERSON, None),
            command_of("register-key", key),
            sign=lambda each: SshEvidence(office.keys.sign(PERSON, each)).document,
        )
    return OF


def _statement(page: str) -> bytes:
    """Return what a page says is to be signed, and check that it offers the passkey for it."""
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", page)
    assert found, page[:3000]
    statement = base64.b64decode(found.group(1))
    assert f'data-challenge="{OF.client(statement)["challenge"]}"' in page
    assert str(OF.passkey).split()[2] in page
    return statement


def _sent(page: str, evidence: Any) -> dict[str, str]:
    return {**signing(page), "passkey": json.dumps(evidence)}


def test_a_passkey_signs_what_the_page_shows(
    signed_in: Callable[..., Any], on_record: Authenticator, office: Any
) -> None:
    """An act that binds is done by the passkey, whose evidence stands raw in its entry."""
    browser = signed_in(PERSON)
    fields = {"key": "whitfield-passkey", "until": "2099-01-01", "because": "an end is set"}
    page = browser.post("/act/retire-key/", fields).content.decode()
    statement = _statement(page)
    other = on_record.sign(statement + b" ")
    refused = browser.post("/sign/", _sent(page, other))
    assert refused.status_code == 422
    assert "signed another" in refused.content.decode()
    deep = browser.post("/sign/", {**_sent(page, other), "passkey": "[" * 100_000})
    assert (deep.status_code, "sign again" in deep.content.decode()) == (422, True)
    for draft in ("[" * 100_000, '{"case":' * 100_000):
        lost = browser.post("/sign/", {**_sent(page, other), "draft": draft})
        assert lost.status_code == 404
    whole = _sent(page, on_record.sign(statement))
    twice = browser.post("/sign/", {**whole, "passkey": f'{{"signature":"",{whole["passkey"][1:]}'})
    assert (twice.status_code, "signature twice" in twice.content.decode()) == (422, True)
    done = browser.post("/sign/", whole)
    assert done.status_code == 302, done.content.decode()[:3000]
    *_, last = office.house.reading.entries()
    assert last.body.shown["evidence"] == on_record.sign(statement)


def test_a_passkey_opens_the_working_session(
    signed_in: Callable[..., Any], on_record: Authenticator, office: Any, ukraine: Path
) -> None:
    """What is then done in the browser is signed by the session that the passkey certified."""
    house = office.house
    case = house.references.reference("C")
    done(house, case, "marchenko", "submit", {"case": case, "request": request_of(ukraine)})
    browser = signed_in(PERSON)
    page = browser.get("/session/").content.decode()
    opening = on_record.sign(_statement(page))
    opened = browser.post("/session/", _sent(page, opening))
    assert opened.status_code == 302, opened.content.decode()[:3000]
    answer = browser.post("/act/determine/", {"on-case": case})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    evidence = house.reading.entries_of_case(case)[-1].body.shown["evidence"]
    assert (evidence["kind"], evidence["signature"]) == ("session", opening)
