"""Who names a new thing by an id of others is not told that there is something of that name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import audit_sample as sample
from audit_sample import Register, memory_register
from placet.errors import PlacetError
from placet.operations.acting.signing_in import open_session
from placet.operations.register import OwnRegister
from placet.registry import read
from placet.review.errors import UnknownError, UnlawfulError


@pytest.fixture
def register() -> Register:
    """A register in which Ukraine has filed a case, and the United States recorded a stock."""
    made = memory_register()
    made.begin()
    made.add_cases(1, reports=0)
    us = {"party": "US", "item": "atacms", "on-hand": "200", "floor": "120", "from": "2025-01-01"}
    fact = {"section": "stock", "id": "us-atacms", "record": us, "because": "counted"}
    made.do("reyes", "record-fact", **fact)
    return made


def _as(register: Register, person: str) -> OwnRegister:
    return OwnRegister(
        register.house, open_session(register.house, person, register.signing(person))
    )


def _refusal(register: Register, person: str, kind: str, given: dict[str, Any]) -> PlacetError:
    asking = _as(register, person)
    with pytest.raises(PlacetError) as stated:
        asking.state(kind, None, given)
    with pytest.raises(PlacetError) as done:
        asking.act(kind, None, given, register.signing(person))
    assert (type(stated.value), str(stated.value)) == (type(done.value), str(done.value))
    return done.value


def test_a_case_is_filed_under_a_drawn_reference_alone(register: Register) -> None:
    """One of another's case reads as any that was made up; left out, one is drawn."""
    _give_gb_its_own(register)
    (taken,) = register.reading.heads().cases
    request = dict(read(sample.UKRAINE / "requests" / "storm-shadow-in-russia.yaml").plain)
    request.pop("expect", None)
    request |= {"applicant": "GB", "raised-by": "GB"}
    says = {
        str(_refusal(register, "price", "submit", {"case": case, "request": request})).replace(
            case, "…"
        )
        for case in (taken, "C-mine", "UA-2025-1")
    }
    assert len(says) == 1
    stated = _as(register, "price").state("submit", None, {"request": request})
    given = {"case": stated.act["case"], "request": request}
    assert _as(register, "price").act("submit", None, given).case == stated.act["case"]


def test_a_stock_is_named_after_its_party(register: Register) -> None:
    """So no id of another party's record is one to be had, whether there is such a record or not.

    Nor is it told by the word that one corrects it.
    """
    _give_gb_its_own(register)
    record = {"party": "GB", "item": "atacms", "on-hand": "9", "from": "2025-01-01"}
    for supersedes, kind, text in (
        (False, UnlawfulError, "begins with `gb-`"),
        (True, UnknownError, "to supersede"),
    ):
        said = set()
        for name in ("us-atacms", "us-nothing"):
            given = {"section": "stock", "id": name, "record": record, "because": "counted"}
            given |= {"supersedes": True} if supersedes else {}
            found = _refusal(register, "price", "record-fact", given)
            assert isinstance(found, kind)
            assert text in str(found)
            said.add(str(found).replace(name, "…"))
        assert len(said) == 1
    own = {"section": "stock", "id": "gb-atacms", "record": record, "because": "counted"}
    _as(register, "price").act("record-fact", None, own, register.signing("price"))
    own |= {"supersedes": True, "record": {**record, "on-hand": "8"}}
    _as(register, "price").act("record-fact", None, own, register.signing("price"))


def _give_gb_its_own(register: Register) -> None:
    """Have somebody of the United Kingdom record its facts."""
    office = {
        "party": "GB",
        "title": "Stocks of the Kingdom",
        "duties": ["registry", "applications"],
    }
    fact = {"section": "offices", "id": "gb/facts", "record": office, "because": "they said so"}
    register.do("lindqvist", "record-fact", **fact)
    named = {"official": "price", "person_": "price", "name": "Iris Price", "office": "gb/facts"}
    at = "2025-03-04"
    register.do("lindqvist", "appoint", **named, from_=at, because="they said so")
    public = register.ring.public("price")
    key = {"key": "price", "person_": "price", "public": public, "from_": at}
    register.do("lindqvist", "register-key", **key, because="they said so")
    register.clock.at += timedelta(days=1)
