"""Cases that went the whole way: in one everybody of the roles has a part, in another nobody.

That lies between France and the United Kingdom, whose officials come for it and go after it. Who
audits sees both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from roles import ROLES
from steps import done, request_of

from waiting import until

__all__ = ["Whole", "case_filed", "case_of_everybody", "case_of_others"]

OFFICES = {
    "fr/mission": {"party": "FR", "title": "French mission", "duties": "applications"},
    "gb/exports": {
        "party": "GB",
        "title": "British export desk",
        "duties": ["cases", "permits", "liaison"],
    },
}
PEOPLE = {"duval": "fr/mission", "harcourt": "gb/exports"}
_SOON = timedelta(seconds=10)
"""What an office is held for still: its end must not be past when it is recorded."""


@dataclass(frozen=True)
class Whole:
    """A case with its document and its permit; `acted` are the last entries of who acted."""

    case: str
    permit: str
    document: str
    acted: Mapping[str, int]

    @cached_property
    def filed(self) -> int:
        """The entry of its filing."""
        return min(self.acted.values())


def case_filed(house: Any, ukraine: Path) -> Whole:
    """File a case with a document, to be determined."""
    file = _Filing(house, ukraine, "atacms-in-russia", {})
    file.begin(ROLES["applicant"])
    return file.whole("P-2222222222")


def case_of_everybody(house: Any, ukraine: Path) -> Whole:
    """Take a case through to its permit, in which each role acts that may.

    The registrar's office and the stranger's are given a deadline, and advise.
    """
    teams = {"adviser": "us/usd-policy", "registrar": "us/records", "stranger": "us/saceur"}
    file = _Filing(house, ukraine, "atacms-in-russia", {})
    officer, decider = ROLES["officer"], ROLES["decider"]
    file.begin(ROLES["applicant"])
    file.act(officer, "determine")
    for role, office in teams.items():
        file.act(officer, "set-deadline", of=office, due="2099-01-01", because="a test")
        file.act(ROLES[role], "advise", office=office, stance="for", says="A depot.")
    file.decide(decider, "US", "us/secdef")
    return file.issue(officer)


@contextmanager
def case_of_others(house: Any, ukraine: Path) -> Iterator[Whole]:
    """Take a case of France's, led by the British, through to its permit, and send all home."""
    registrar, day = ROLES["registrar"], f"{house.clock.now():%Y-%m-%d}"
    known = house.reading.context().registry.record.offices
    for office in OFFICES.keys() - known.keys():
        fact = {"section": "offices", "id": office, "record": OFFICES[office]}
        done(house, None, registrar, "record-fact", {**fact, "because": "a test"})
    held = {house.references.reference("C"): person for person in PEOPLE}
    for official, person in held.items():
        term = {"official": official, "person": person, "name": person.title(), "from": day}
        term |= {"office": PEOPLE[person], "because": "a test"}
        done(house, None, registrar, "appoint", term)
    other = {"applicant": "FR", "actor": "FR", "title": "Use by France"}
    file = _Filing(house, ukraine, "storm-shadow-without-us-data", other)
    file.begin("duval")
    file.act("harcourt", "determine")
    paper = {"given-by": "Presidency", "given-on": day, "instrument": "A note", "disclosed": "yes"}
    paper |= {"party": "FR", "instrument-digest": f"sha256:{'0' * 64}", "verdict": "approve"}
    file.act("harcourt", "record-consent", **paper, determination=file.determined)
    file.decide("ashworth", "GB", "gb/defence")
    yield file.issue("harcourt")
    for official in held:
        soon = house.clock.now() + _SOON
        ended = {"official": official, "until": f"{soon:%Y-%m-%dT%H:%M:%SZ}", "because": "a test"}
        done(house, None, registrar, "dismiss", ended)
    until(lambda: house.clock.now() >= soon)


class _Filing:
    """A case on its way."""

    def __init__(self, house: Any, ukraine: Path, request: str, other: Mapping[str, str]) -> None:
        self.house, self.request = house, {**request_of(ukraine, request), **other}
        self.case: str = house.references.reference("C")
        self.acted: dict[str, int] = {}
        self.document = f"a document of {self.case}".encode()

    @property
    def digest(self) -> str:
        """The digest of its document."""
        return f"sha256:{hashlib.sha256(self.document).hexdigest()}"

    @property
    def determined(self) -> str:
        """The digest of what was determined last."""
        return str(self.house.reading.case(self.case).determined.digest)

    def act(self, person: str, kind: str, /, **fields: Any) -> None:
        """Have somebody act on it."""
        self.acted[person] = done(self.house, self.case, person, kind, fields)

    def begin(self, applicant: str) -> None:
        """File it with its document."""
        annex = {"name": "annex.txt", "media": "text/plain", "size": len(self.document)}
        annex["digest"] = self.digest
        filed = {"case": self.case, "request": self.request, "attachments": [annex]}
        documents = {self.digest: self.document}
        self.acted[applicant] = done(
            self.house, self.case, applicant, "submit", filed, documents=documents
        )

    def decide(self, person: str, party: str, office: str) -> None:
        """Have a party's decider approve it."""
        said = {"because": "a test", "disclosed": "yes", "determination": self.determined}
        self.act(person, "decide", party=party, office=office, verdict="approve", **said)

    def issue(self, officer: str) -> Whole:
        """Issue its permit, and return it."""
        permit = self.house.references.reference("P")
        status = self.house.references.status_index()
        self.act(officer, "issue", permit=permit, status=status)
        return self.whole(permit)

    def whole(self, permit: str) -> Whole:
        """Return it as it went so far."""
        return Whole(self.case, permit, self.digest, self.acted)
