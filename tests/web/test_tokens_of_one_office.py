"""A token acts with its office alone: its answers are those of somebody who holds no other.

One person leads cases and audits; another leads cases and files requests; the others hold one of
these offices each. Every address of the API is asked by all, and what comes back is compared byte
by byte.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from api_matrix import World, world
from api_routes import addresses
from api_sample import Caller, caller

__all__ = ["world"]

APPLYING, AUDITING, REVIEWING = "ua/liaison", "us/inspector", "us/review-desk"
PEOPLE = {
    "both-1": ("Bo One", (AUDITING, REVIEWING)),
    "both-2": ("Bo Two", (APPLYING, REVIEWING)),
    "sole-1": ("So One", (AUDITING,)),
    "sole-2": ("So Two", (REVIEWING,)),
    "sole-3": ("So Three", (APPLYING,)),
}
OF_THE_PERSON = ("/me", "/tokens")


@dataclass(frozen=True)
class Hats:
    """The matrix of the API, and the people of this file with a token for each of their offices."""

    world: World
    callers: dict[tuple[str, str], Caller]

    def got(self, person: str, office: str, path: str) -> tuple[int, bytes]:
        """Return how an address answers somebody in an office."""
        answer = self.callers[person, office].get(path)
        return answer.status_code, answer.content


@pytest.fixture(scope="module")
def hats(world: World, office: Any) -> Hats:
    """Appoint the people, and give them a token for each of their offices."""
    from placet.web.accounts.models import User
    from placet.web.api import present

    registrar, day = world.callers["registrar"], f"{office.house.clock.now():%Y-%m-%d}"
    for person, (name, offices) in PEOPLE.items():
        User.objects.create_user(person)
        for number, held in enumerate(offices):
            key = person if number == 0 else f"{person}-{number}"
            act = {"official": key, "person": person, "name": name, "office": held, "from": day}
            act["because"] = "for a test"
            _signed(office, registrar, "appoint", act)
    callers = {
        (person, held): caller(office.house, person, office=held)
        for person, (_, offices) in PEOPLE.items()
        for held in offices
    }
    present._held = None  # who holds what may go unseen for a second
    return Hats(world, callers)


def _signed(office: Any, who: Caller, kind: str, act: dict[str, Any]) -> None:
    """Do an act that its person signs."""
    stated = who.post(f"/acts/{kind}/statement", {"act": act})
    assert stated.status_code == 200, stated.content
    signature = office.keys.sign(who.person, stated.json()["statement"].encode())
    evidence = {"kind": "ssh", "signature": signature}
    done = who.post(f"/acts/{kind}", {"act": stated.json()["act"], "evidence": evidence})
    assert done.status_code == 201, done.content


def paths(hats: Hats) -> Iterator[str]:
    """Yield everything that can be looked at, with the names of things that there are."""
    last = hats.world.house.reading.checkpoint().checkpoint.size - 1
    for each in addresses():
        if each.method == "GET":
            for of in (hats.world.fresh, hats.world.own):
                path = hats.world.path(each, of)
                path += "?at=2025-09-01" if path.endswith("/comparison") else ""
                yield path
                if "{index}" in each.path:
                    yield path.replace("/0", f"/{last}", 1)


def same_answers(hats: Hats, one: str, sole: str, held: str, *, but: Collection[str] = ()) -> int:
    """Compare how two people are answered in an office; return how often with what there is."""
    there = 0
    for path in dict.fromkeys(paths(hats)):
        if path not in {*OF_THE_PERSON, *but}:
            answer = hats.got(one, held, path)
            assert answer == hats.got(sole, held, path), path
            there += answer[0] == 200
    return there


def test_every_answer_is_that_of_somebody_who_holds_no_other_office(hats: Hats) -> None:
    """For every address, and not that of the other office; also on the side that applies."""
    assert same_answers(hats, "both-1", "sole-1", AUDITING) > 20
    assert same_answers(hats, "both-2", "sole-3", APPLYING) > 20
    assert same_answers(hats, "both-1", "sole-2", REVIEWING) > 20
    page = f"/cases/{hats.world.fresh.case}/page"
    assert hats.got("both-1", AUDITING, page) != hats.got("both-1", REVIEWING, page)


def test_a_token_speaks_of_its_office_alone(hats: Hats) -> None:
    """Who it is of, and the person's tokens: those for the other office are not among them."""
    mine = hats.callers["both-1", AUDITING]
    assert mine.get("/me").json()["office"]["office"] == AUDITING
    assert {each["office"] for each in mine.get("/tokens").json()} == {AUDITING}
    other = hats.callers["both-1", REVIEWING]
    assert mine.send("DELETE", f"/tokens/{other.token}").status_code == 404
    assert other.get("/me").status_code == 200


def test_every_statement_is_refused_as_to_somebody_who_holds_no_other_office(hats: Hats) -> None:
    """For every act: the same status, and the same words where it is refused."""
    refused = stated = 0
    for each in addresses():
        if each.act is None or not each.path.endswith("/statement"):
            continue
        for sole, held in (("sole-1", AUDITING), ("sole-2", REVIEWING)):
            one = hats.world.send(hats.callers["both-1", held], each, hats.world.fresh)
            lone = hats.world.send(hats.callers[sole, held], each, hats.world.fresh)
            assert one.status_code == lone.status_code, (each.name, one.content, lone.content)
            if one.status_code == 200:
                stated += 1
                assert json.loads(one.json()["statement"])["office"] == held
            else:
                refused += 1
                assert _unnamed(one.content, "both-1") == _unnamed(lone.content, sole), each.name
    assert refused > 50
    assert stated > 4


def _unnamed(content: bytes, person: str) -> bytes:
    """Return an answer without the id and the name of a person."""
    name, _ = PEOPLE[person]
    return content.replace(person.encode(), b"").replace(name.encode(), b"")


def test_what_is_done_in_one_office_is_not_told_in_another(hats: Hats) -> None:
    """Acts, addresses, keys of repetition and documents of one office are unknown to the other."""
    case, house = hats.world.fresh.case, hats.world.house
    desk, other = hats.callers["both-1", REVIEWING], hats.callers["both-1", AUDITING]
    key = {"Idempotency_Key": "one-key"}
    done = desk.post(f"/cases/{case}/acts/ask", {"act": {"asks": "Whose?"}}, **key)
    assert done.status_code == 201, done.content
    index = done.json()["index"]
    entry = desk.get(f"/ledger/entries/{index}").json()["told"]
    assert (entry["actor"], entry["office"]) == ("both-1", REVIEWING)
    refused = other.post(f"/cases/{case}/acts/ask", {"act": {"asks": "Whose?"}}, **key)
    assert refused.status_code == 403, "the answer to the other is not given again"
    hook = {"channel": "webhook", "address": "https://both.example/hook"}
    assert desk.post("/notices", hook).status_code == 201
    assert other.get("/notices").json() == []
    assert other.post("/notices", hook).status_code == 201
    for each in (desk, other):
        (mine,) = each.get("/notices").json()
        assert each.send("DELETE", f"/notices/{mine['notice']}").status_code == 204
    assert same_answers(hats, "both-1", "sole-1", AUDITING) > 20
    assert house.reading.case(case).moves[-1].office == REVIEWING


def test_what_is_filed_in_one_office_is_not_told_in_another(hats: Hats) -> None:
    """Nor the other way: who filed for one side sees on the other what everybody there sees.

    Nothing waits there for them, and nothing is offered: whoever is of the applicant takes no part
    in the review (rule 3).
    """
    filer = hats.callers["both-2", APPLYING]
    filed = filer.post("/acts/submit", {"act": {"request": hats.world.request}})
    assert filed.status_code == 201, filed.content
    case = filed.json()["case"]
    cases = [each.case for each in (hats.world.fresh, hats.world.own, hats.world.others)]
    offered = [f"/cases/{each}/page" for each in cases]
    waiting = ("/inbox", "/inbox/counts", *offered)
    assert same_answers(hats, "both-2", "sole-2", REVIEWING, but=waiting) > 20
    for path in (f"/cases/{case}", f"/cases/{case}/time-line"):
        assert hats.got("both-2", REVIEWING, path) == hats.got("sole-2", REVIEWING, path)
    assert case not in hats.got("both-2", REVIEWING, "/inbox")[1].decode()
    desk = hats.callers["both-2", REVIEWING]
    refused = desk.post(f"/cases/{case}/acts/determine", {"act": {}})
    assert refused.status_code in (403, 409, 422), "one person is never on both sides of a case"
    assert "two roles" in refused.json()["detail"]


def test_somebody_is_told_of_the_office_of_a_token_alone(hats: Hats) -> None:
    """A web hook that a token adds hears nothing of the person's other offices."""
    from placet.operations.seeing.noticing import everything, notices_for

    told = {("both-2", APPLYING), ("both-2", REVIEWING), ("sole-3", ""), ("sole-2", "")}
    house = hats.world.house
    heard: dict[tuple[str, str], set[str]] = {each: set() for each in told}
    for whom, notice in notices_for(house, told, everything(house)):
        heard[whom].add(notice.key)
    assert heard["both-2", APPLYING] <= heard["sole-3", ""]
    assert heard["both-2", REVIEWING] <= heard["sole-2", ""]
    assert heard["sole-3", ""] != heard["sole-2", ""]


def test_an_audit_does_acts_of_one_office_again_in_that_office(hats: Hats) -> None:
    """It confirms them, with the evidence: what was signed says the office."""
    from placet.operations.auditing.audit import audit
    from placet.operations.auditing.entries import entry_of, event_of

    house = hats.world.house
    reading = house.reading
    report = audit(
        reading,
        house.origin,
        reading.log_keys(),
        permit_keys=reading.permit_keys(),
    )
    assert report.follows, report.plain(20)
    events = [
        event_of(entry_of(each.body, each.leaf)[0])
        for each in reading.entries()
        if each.body is not None and each.body.shown["kind"] in ("determine", "submit", "appoint")
    ]
    assert {APPLYING, REVIEWING} <= {each.office for each in events}
