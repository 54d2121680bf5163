"""The client: one method for each thing that is asked of an installation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from placet.client.calling import Answer, must_be_of, named, once
from placet.client.keeping import Keeping
from placet.client.proving import Proving
from placet.evidence import JSON
from placet.need_to_know import View
from placet.need_to_know.inbox import Waiting
from placet.need_to_know.permit_view import PermitView, WholePermit
from placet.need_to_know.time_line import TimeLine
from placet.operations.answers import (
    Brief,
    Briefs,
    Challenge,
    Counts,
    Done,
    Inbox,
    Me,
    OpenedUntil,
    PermitsSeen,
    Stated,
)
from placet.operations.seeing.case_page import CasePage

__all__ = ["Client", "Signing"]

Signing = Callable[[Stated], JSON]
"""Has what was stated signed by its person or session; returns the evidence."""

_NONE: Mapping[str, str] = MappingProxyType({})


class Client(Keeping, Proving):
    """A client of one installation, for the holder of a token; close it when done."""

    def me(self) -> Me:
        """Return who the token is of, what it is for, and the office in which they come."""
        return self._read(Me, "GET", "/me")

    def inbox(self, filters: Mapping[str, str] = _NONE) -> Iterator[Waiting]:
        """Yield what waits for the holder, page by page; filters are those of the API."""
        for page in self._pages(Inbox, "/inbox", **filters):
            yield from page.waiting

    def counts(self) -> Counts:
        """Return how much there is on each tab of the holder."""
        return self._read(Counts, "GET", "/inbox/counts")

    def cases(self, *, ended: bool = True, filters: Mapping[str, str] = _NONE) -> Iterator[Brief]:
        """Yield the cases that the holder has a part in, page by page."""
        for page in self._pages(Briefs, "/cases", ended=str(ended).lower(), **filters):
            yield from page.cases

    def case(self, case: str) -> View:
        """Return a case as the holder sees it."""
        return self._read(View, "GET", f"/cases/{named(case)}")

    def time_line(self, case: str) -> list[TimeLine]:
        """Return what was done on a case and what followed by itself, the first first."""
        return self._read(list[TimeLine], "GET", f"/cases/{named(case)}/time-line")

    def page(self, case: str) -> CasePage:
        """Return all that the page of a case shows to the holder."""
        return self._read(CasePage, "GET", f"/cases/{named(case)}/page")

    def state(self, kind: str, act: Mapping[str, Any], case: str | None = None) -> Stated:
        """Return what would be signed for an act; it is refused as the act would be."""
        path = f"{_acts(case)}/{named(kind)}/statement"
        stated = self._read(Stated, "POST", path, json={"act": dict(act)})
        must_be_of(stated.statement, stated.digest)
        return stated

    def act(
        self, kind: str, act: Mapping[str, Any], case: str | None = None, *, sign: Signing
    ) -> Done:
        """Do an act: have it stated, have that signed, and send it with the evidence, once."""
        stated = self.state(kind, act, case)
        sent = {"act": stated.act, "evidence": sign(stated)}
        path = f"{_acts(case)}/{named(kind)}"
        return self._read(Done, "POST", path, json=sent, headers=once())

    def challenge(self, key: str, hours: int) -> Challenge:
        """Return what the holder signs to open a session of a key that stays with them."""
        asked = {"key": key, "hours": hours}
        drawn = self._read(Challenge, "POST", "/sessions/challenge", json=asked)
        must_be_of(drawn.challenge, drawn.digest)
        return drawn

    def open_session(self, challenge: str, evidence: JSON) -> OpenedUntil:
        """Open the session of a challenge with what was signed."""
        sent = {"challenge": challenge, "evidence": evidence}
        return self._read(OpenedUntil, "POST", "/sessions", json=sent)

    def determine(self, request: Mapping[str, Any], at: str | None = None) -> Answer:
        """Return what the rules say of a request; its digest is under `digest`, and was checked."""
        asked = {"request": dict(request)} | ({"at": at} if at else {})
        answer = self._call("POST", "/determine", json=asked)
        found = Answer(json.loads(answer.content))
        found["digest"] = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        return found

    def determine_many(
        self, requests: Sequence[Mapping[str, Any]], at: str | None = None, *, reasons: bool = False
    ) -> list[Answer]:
        """Return what the rules say of up to a thousand requests: in brief, or with `reasons`."""
        asked = {"requests": [dict(each) for each in requests], "reasons": reasons}
        asked |= {"at": at} if at else {}
        answers = self._call("POST", "/determine/batch", json=asked).json()["answers"]
        return [Answer(each) for each in answers]

    def permits(self) -> Iterator[PermitView]:
        """Yield the permits of cases that the holder has a part in, page by page."""
        for page in self._pages(PermitsSeen, "/permits"):
            yield from page.permits

    def permit(self, permit: str) -> WholePermit:
        """Return a permit, whether it holds now, and what is left of it."""
        return self._read(WholePermit, "GET", f"/permits/{named(permit)}")

    def permit_file(self, permit: str) -> bytes:
        """Return a permit to hand on: the token, the receipt of its issue, the status list."""
        return self._call("GET", f"/permits/{named(permit)}/file").content

    def decision_letter(self, case: str) -> bytes:
        """Return the letter that says what was decided on a case, as PDF."""
        return self._call("GET", f"/cases/{named(case)}/decision.pdf").content

    def permit_letter(self, permit: str) -> bytes:
        """Return the letter that says what a permit allows, as PDF."""
        return self._call("GET", f"/permits/{named(permit)}/letter.pdf").content

    def policies(self, at: str | None = None) -> list[Answer]:
        """Return every party's policies as the holder may know them."""
        return self._list("/policies", at=at)

    def policy(self, party: str, policy: str, at: str | None = None) -> Answer:
        """Return a policy whole."""
        return self._one(f"/policies/{named(party)}/{named(policy)}", at=at)

    def policy_tests(self, party: str, policy: str) -> list[Answer]:
        """Return how the tests of a policy come out; none where they may not be known."""
        return self._list(f"/policies/{named(party)}/{named(policy)}/tests")

    def systems(self, at: str | None = None) -> list[Answer]:
        """Return every item on record."""
        return self._list("/systems", at=at)

    def system(self, item: str, actor: str, at: str | None = None) -> Answer:
        """Return an item with its surroundings, and who has a say if `actor` acts."""
        return self._one(f"/systems/{named(item)}", actor=actor, at=at)

    def stock(self, at: str | None = None) -> list[Answer]:
        """Return the stock of the parties whose affairs the holder may know."""
        return self._list("/stock", at=at)

    def freedom(self, party: str, activity: str = "use", at: str | None = None) -> Answer:
        """Return what a party can use, where, and whose leave it needs."""
        return self._one("/freedom", party=party, activity=activity, at=at)

    def authority(self, at: str | None = None) -> list[Answer]:
        """Return offices with who holds them, delegations and keys."""
        return self._list("/authority", at=at)

    def reports(self) -> Answer:
        """Return a report on the cases of the holder."""
        return self._one("/reports")


def _acts(case: str | None) -> str:
    return f"/cases/{named(case)}/acts" if case is not None else "/acts"
