"""Who may say which offices, officials and keys there are: attempts to take another's say."""

from __future__ import annotations

from typing import Any

import pytest
from permit_stories import KEY, act
from review_world import START, changed, world

from placet.review.context import Context
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    ReviewError,
    UnknownError,
    UnlawfulError,
)

APPOINTED = {"official": "sock", "person": "sock", "name": "Sock", "from": "2025-06-01"}
KEYED = {"key": "k", "public": f"{KEY}K", "from": "2025-06-01"}
OFFICE = {"section": "offices", "supersedes": "yes"}


def _with_authority(*parties: str) -> Context:
    """Return the small world, in which some parties have somebody for their authority."""
    context = world()
    for party in parties:
        office = f"{party.lower()}/authority"
        fields = {"party": party, "title": "Authority", "duties": ["authority"]}
        context = changed(context, "offices", office, **fields)
        person = f"{party.lower()}-authority"
        context = changed(context, "officials", person, name=person, office=office)
    return context


def _council(**fields: Any) -> dict[str, Any]:
    return {**OFFICE, "id": "de/council", "record": {"party": "DE", "title": "Council", **fields}}


OF_GERMANY: list[tuple[str, dict[str, Any]]] = [
    ("record-fact", _council(duties=["policies"])),
    ("record-fact", {"section": "offices", "id": "de/new", "record": _council()["record"]}),
    (
        "record-fact",
        {
            "section": "parties",
            "id": "DE",
            "record": {"kind": "state", "home": "de/rules"},
            "supersedes": "yes",
        },
    ),
    ("appoint", {**APPOINTED, "office": "de/council"}),
    ("dismiss", {"official": "kurt", "until": "2025-07-01"}),
    ("register-key", {**KEYED, "person": "kurt"}),
    ("retire-key", {"key": "lena-1", "until": "2025-07-01"}),
    ("revoke-delegation", {"delegation": "council-to-desk"}),
]


@pytest.mark.parametrize(("kind", "fields"), OF_GERMANY)
def test_a_party_with_people_for_it_settles_its_own_authority(
    kind: str, fields: dict[str, Any]
) -> None:
    """Whoever has the duty for another party is refused; for one with nobody, they do it."""
    for parties, refused, by in (((), "", "rules"), (("DE",), "rules", "de-authority")):
        context = _with_authority(*parties)
        grant = {"of": "de/council", "to": "de/desk", "from": "2025-01-01"}
        context = changed(context, "delegations", "council-to-desk", **grant)
        key = {"person": "lena", "kind": "ssh", "public": f"{KEY}L"}
        context = changed(context, "keys", "lena-1", **key)
        if refused:
            with pytest.raises((NotAllowedError, UnknownError)) as found:
                act(context, refused, kind, **fields)
            could = getattr(found.value, "who_could", ())
            assert could == (("de/authority",) if kind in ("record-fact", "appoint") else ())
        act(context, by, kind, **fields)


OF_PEOPLE: list[tuple[str, str, dict[str, Any]]] = [
    ("dismiss", "official", {"until": "2025-07-01"}),
    ("register-key", "person", KEYED),
    ("retire-key", "key", {"until": "2025-07-01"}),
    ("revoke-delegation", "delegation", {}),
]


@pytest.mark.parametrize("by", ["ua", "desk", "rules", "nobody"])
@pytest.mark.parametrize(("kind", "what", "fields"), OF_PEOPLE)
def test_whom_another_party_has_is_not_told(
    kind: str, what: str, fields: dict[str, Any], by: str
) -> None:
    """An official, a key or a delegation of others is refused as one that there is not."""
    context = _with_authority("DE")
    grant = {"of": "de/council", "to": "de/desk", "from": "2025-01-01"}
    context = changed(context, "delegations", "council-to-desk", **grant)
    key = {"person": "kurt", "kind": "ssh", "public": f"{KEY}L"}
    context = changed(context, "keys", "kurt-1", **key)
    there = {"official": "kurt", "person": "kurt", "key": "kurt-1", "delegation": "council-to-desk"}
    said = []
    for name in (there[what], "nothing"):
        with pytest.raises(ReviewError) as refused:
            act(context, by, kind, **{**fields, what: name})
        told = refused.value
        said.append((type(told), str(told).replace(name, "N"), getattr(told, "who_could", ())))
    assert said[0] == said[1]


def test_an_official_of_two_parties_is_not_got_at_through_the_other() -> None:
    """To appoint another party's official, so as to give them keys, takes that party's people."""
    context = _with_authority("DE")
    seconded = {**APPOINTED, "person": "kurt", "name": "Kurt", "official": "kurt-2"}
    with pytest.raises(NotAllowedError):
        act(context, "rules", "appoint", office="us/desk", **seconded)
    act(world(), "rules", "appoint", office="us/desk", **seconded)


def test_an_office_stays_its_partys() -> None:
    """What an office of one party decided never becomes the word of another."""
    record = {"party": "DE", "title": "Desk", "duties": ["cases"]}
    for context, by in ((world(), "rules"), (_with_authority("DE"), "de-authority")):
        with pytest.raises(UnlawfulError, match="stays one"):
            act(context, by, "record-fact", id="us/desk", record=record, **OFFICE)


@pytest.mark.parametrize("begins", [None, "2025-07-01"])
def test_nobody_settles_what_their_own_office_may(begins: str | None) -> None:
    """Not of an office one holds, nor of one to come; not by a token of another office either."""
    context = changed(world(), "officials", "rory-2", name="Rory", office="us/licences")
    start = {"from": begins} if begins else {}
    context = changed(context, "officials", "rory-2", person="rules", **start)
    duties = {"party": "US", "title": "Licensing", "duties": ["permits", "cases"]}
    with pytest.raises(NoAuthorityError, match="another person"):
        act(context, "rules", "record-fact", id="us/licences", record=duties, **OFFICE)
    home = {"kind": "state", "home": "us/licences"}
    fields = {"section": "parties", "id": "US", "record": home, "supersedes": "yes"}
    with pytest.raises(NoAuthorityError, match="another person"):
        act(context, "rules", "record-fact", **fields)
    act(world(), "rules", "record-fact", **fields)


def test_whoever_has_a_key_is_given_no_other() -> None:
    """Somebody's further key would sign as they do, unnoticed; a lost one is retired first."""
    _, context = act(world(), "rules", "register-key", person="sec", **KEYED)
    second = {"key": "k2", "person": "sec", "public": f"{KEY}M", "from": "2025-06-01"}
    with pytest.raises(NoAuthorityError, match="retire it first"):
        act(context, "rules", "register-key", **second)
    act(context, "sec", "register-key", **second)
    _, context = act(context, "rules", "retire-key", key="k", until="2025-06-01T08:00:00Z")
    _, context = act(context, "rules", "register-key", **second)
    assert set(context.keys_of("sec", START)) == {"k2"}


def test_a_key_to_come_is_a_key_already() -> None:
    """That somebody's key begins tomorrow lets nobody else register one for them today."""
    later = {**KEYED, "from": "2025-06-02"}
    _, context = act(world(), "rules", "register-key", person="sec", **later)
    with pytest.raises(NoAuthorityError):
        act(
            context,
            "rules",
            "register-key",
            **{**KEYED, "key": "k2", "public": f"{KEY}N"},
            person="sec",
        )
