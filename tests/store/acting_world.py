"""A small installation in which people act with keys of their own, for tests of real acts.

The United States decides on the use of a missile in Russia by one person, on its release by two;
its use in Ukraine is cleared in advance. Everybody's key follows from their name, so that every
process of a test can sign for anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from placet.evidence import SshEvidence, sign_statement
from placet.ledger import JSON
from placet.operations.acting.act import act
from placet.operations.acting.beginning import begin
from placet.operations.acting.signing_in import open_session
from placet.operations.house import House, SignedIn
from placet.operations.ports import Acknowledgement
from placet.registry import parse_moment, read_text, written
from placet.review.event import command_of

ORIGIN = "example.gov/placet"
START = parse_moment("2025-06-01T08:00:00Z")

REGISTRY = """
parties:
  US: {kind: state, home: us/state}
  UA: {kind: state}
offices:
  us/state: {party: US, title: Department of State}
  us/secdef: {party: US, title: Secretary of Defense}
  us/joint-staff: {party: US, title: Joint Staff}
  us/desk: {party: US, title: Case desk, duties: [cases]}
  us/licences: {party: US, title: Licensing, duties: [permits]}
  us/rules: {party: US, title: Policy office, duties: [policies, registry, authority, records]}
  ua/procurement: {party: UA, title: Procurement, duties: [applications]}
officials:
  olena: {name: Olena, office: ua/procurement}
  taras: {name: Taras, office: ua/procurement}
  sec: {name: The Secretary, office: us/secdef}
  acting: {name: An Acting Secretary, office: us/secdef, acting: yes}
  ann: {name: Ann, office: us/state}
  bob: {name: Bob, office: us/state}
  cleo: {name: Cleo, office: us/state}
  jay: {name: Jay, office: us/joint-staff}
  dana: {name: Dana, office: us/desk}
  dora: {name: Dora, office: us/desk}
  lee: {name: Lee, office: us/licences}
  len: {name: Len, office: us/licences}
  rory: {name: Rory, office: us/rules}
targets: {military: Military, energy: Energy}
purposes: {defence: Defence}
items:
  missile: {name: Missile, origin: US}
"""

BOOK = """
book: US
claims: [{basis: [origin], activities: [use, release]}]
otherwise: review us/state
policies:
  use:
    title: Use
    from: "2025-01-01"
    announced: "2025-01-01"
    rules:
      russia:
        when: activity == "use" && area.within("RU")
        then: review us/secdef
        advice-from: us/joint-staff
        because: the secretary decides
      ukraine:
        when: activity == "use" && area.within("UA")
        then: clear
        standing: yes
        because: cleared in advance
  release:
    title: Release
    from: "2025-01-01"
    announced: "2025-01-01"
    rules:
      release:
        when: activity == "release"
        then: review us/state
        persons: "2"
        because: two decide
"""

USE = """
request: strike
applicant: UA
actor: UA
recipient: none
activity: use
area: RU-KRS
target: military
purpose: defence
period: {from: "2025-06-01", until: "2130-06-01"}
platforms: none
services: none
lines:
  one: {item: missile, quantity: "4"}
"""

RELEASE = """
request: release
applicant: UA
actor: UA
recipient: UA
activity: release
area: none
target: none
purpose: none
legs: none
period: {from: "2025-06-01", until: "2130-06-01"}
platforms: none
services: none
lines:
  one: {item: missile, quantity: "4"}
"""


def plain(text: str, **fields: Any) -> dict[str, Any]:
    """Read YAML text as the product does, and change some fields."""
    return {**read_text(text, "text.yaml").plain, **fields}


@cache
def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public(name: str) -> str:
    """Return the public key that follows from a name, as a `.pub` file has it."""
    key = _key(name).public_key()
    return key.public_bytes(forms.Encoding.OpenSSH, forms.PublicFormat.OpenSSH).decode()


def signature(name: str, statement: bytes) -> str:
    """Sign a statement by the key that follows from a name."""
    written_key = _key(name).private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption()
    )
    return sign_statement(written_key, statement)


def signing(name: str) -> Callable[[bytes], JSON]:
    """Return what has any statement signed by the key that follows from a name."""
    return lambda statement: SshEvidence(signature(name, statement)).document


def registry(**more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first registry with everybody's key; `more` adds to its sections."""
    held = plain(REGISTRY)
    keys = {
        name: {"person": name, "kind": "ssh", "public": public(name)} for name in held["officials"]
    }
    whole = {**held, "keys": keys}
    return {**whole, **{name: {**whole.get(name, {}), **each} for name, each in more.items()}}


def begun(house: House, *books: str, **more: Mapping[str, Any]) -> Acknowledgement:
    """Begin the log with the small world."""
    founder = SignedIn("rory", None)
    given = [plain(each) for each in books or (BOOK,)]
    return begin(house, founder, registry(**more), given, signing("rory"))


def signed_in(house: House, person: str) -> SignedIn:
    """Open a session for somebody."""
    return open_session(house, person, signing(person))


def do(house: House, person: str, kind: str, case: str | None = None, /, **fields: Any) -> Any:
    """Have somebody act: `given_by` stands for `given-by`, `from_` for `from`."""
    given = {name.rstrip("_").replace("_", "-"): each for name, each in fields.items()}
    if kind == "submit":
        given["case"], case = case, None
    who = signed_in(house, person)
    return act(house, who, command_of(kind, given), case=case, sign=signing(person))


def filed(house: House, case: str, text: str = USE, **fields: Any) -> None:
    """File a request and have it determined."""
    do(house, "olena", "submit", case, request=plain(text, **fields))
    do(house, "dana", "determine", case)


def decide(
    house: House, person: str, case: str, office: str = "us/secdef", **fields: Any
) -> Acknowledgement:
    """Have somebody decide, on the determination that the case stands on."""
    determined = house.reading.case(case).determined
    assert determined is not None
    given = {
        "party": "US",
        "verdict": "approve",
        "determination": determined.digest,
        "because": "for the file",
        "disclosed": "as told to the applicant",
        **fields,
    }
    done: Acknowledgement = do(house, person, "decide", case, office=office, **given)
    return done


def permitted(house: House, case: str, permit: str, status: int, **fields: Any) -> None:
    """Have a use in Ukraine cleared in advance, and a permit issued."""
    filed(house, case, **{"area": "UA-63", **fields})
    do(house, "lee", "issue", case, permit=permit, status=status)


def use(house: House, person: str, case: str, at: datetime, **fields: Any) -> Acknowledgement:
    """Have somebody report a use that is within the permit, but for some fields."""
    given = {
        "line": "one",
        "quantity": 1,
        "on": written(at),
        "area": "UA-63",
        "target": "military",
        "purpose": "defence",
        "recipient": "none",
        **fields,
    }
    done: Acknowledgement = do(house, person, "report-use", case, **given)
    return done


def reviewed(policy: str, outcome: str, instead_of: str = "use") -> dict[str, Any]:
    """Return a policy that takes the place of the one on use, with another outcome everywhere."""
    return plain(
        f"""
title: {policy}
from: "2025-06-01"
announced: undeclared
supersedes: [{instead_of}]
rules:
  all:
    when: activity == "use"
    then: {outcome}
    because: things have changed
"""
    )
