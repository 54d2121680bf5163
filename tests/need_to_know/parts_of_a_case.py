"""Cases put together from what is filed and released, and from each party's own work.

So that two cases can be made that agree in some parts and differ in all others. Whatever an
applicant must never see is spelled with `hidden`, or is one of the persons or offices of a party.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from placet.registry import Duty, parse_moment
from placet.review import case as kept
from placet.review.case import Role, Stage
from placet.review.commands import Verdict
from placet.review.viewer import Viewer

PARTIES = ("US", "DE", "GB")
LINES = ("one", "two")
START = parse_moment("2025-06-01")
SECRET_DIGEST = "sha256:" + "5ec2e7" + "0" * 58
FILE_DIGEST = "sha256:" + "f11e" + "0" * 60


def moment(minutes: int) -> Any:
    """Return a moment some minutes after the filing."""
    return START + timedelta(minutes=minutes)


def office(party: str, name: str) -> str:
    """Return an office of a party, by the same names in each."""
    return f"{party.lower()}/{name}"


def person(party: str, number: int) -> str:
    """Return somebody of a party."""
    return f"{party.lower()}-person-{number}"


def somebody(party: str, name: str, number: int, *duties: Duty) -> Viewer:
    """Return somebody of a party in one office, with duties, as a viewer."""
    offices = ("council", "staff", "legal", "desk", "minister", "archive")
    return Viewer(
        person=person(party, number),
        held=frozenset({(party, office(party, name))}),
        duties=frozenset((party, each) for each in duties),
        house=frozenset((party, office(party, each)) for each in offices),
        people=frozenset((party, person(party, each)) for each in range(10)),
    )


APPLICANT = somebody("UA", "desk", 0, Duty.APPLICATIONS)
AUDITOR = somebody("XX", "desk", 0, Duty.AUDIT)


def decider(party: str) -> Viewer:
    """Return an official of the office that decides for a party."""
    return somebody(party, "council", 9)


def officer(party: str) -> Viewer:
    """Return a case officer of a party."""
    return somebody(party, "desk", 8, Duty.CASES)


def adviser(party: str) -> Viewer:
    """Return an official of an office that advises a party."""
    return somebody(party, "staff", 7)


def named(party: str) -> Viewer:
    """Return an official of an office that a party's rules name, to be told or to act."""
    return somebody(party, "archive", 6)


@dataclass(frozen=True)
class Said:
    """A party's word, as released."""

    verdict: Verdict
    disclosed: str
    at: int
    proviso: str | None = None
    conditional: bool = False
    until: int | None = None


@dataclass(frozen=True)
class Filed:
    """What everybody sees who sees the case at all."""

    area: str = "UA-43"
    announced: str = "review"
    attachment: str = "annex.pdf"
    status: Stage = Stage.UNDER_REVIEW
    round: int = 1
    said: Mapping[str, Said] = field(default_factory=dict)
    question: str = "what for"
    answered: int | None = None
    due: int | None = None
    permit: str | None = None
    permit_stage: kept.PermitStage = kept.PermitStage.ISSUED
    quantity: int = 4
    suspended: tuple[int, ...] = ()
    emergency: bool = False
    beyond: str | None = None
    finding: str | None = None
    appeal: str | None = None
    dismissed: str | None = None
    ended: str = "as told"


@dataclass(frozen=True)
class Work:
    """A party's own work; what of it a released word says stands in `Said`."""

    say: str = "review"
    rules_refuse: bool = False
    persons: int = 1
    because: str = "hidden"
    asks: tuple[str, ...] = ()
    staff_advice: tuple[tuple[int, str], ...] = ()
    legal_advice: tuple[tuple[int, str], ...] = ()
    so_far: int = 0
    fallen: tuple[str, ...] = ()
    fulfilled: tuple[str, ...] = ()
    due: int | None = None
    who: int = 0
    roles: Mapping[int, Role] = field(default_factory=dict)
    recused: tuple[int, ...] = ()
    acts: tuple[tuple[int, str], ...] = ()
    told: bool = False
    asked_to_act: bool = False


@dataclass(frozen=True)
class Joint:
    """What several parties' work comes to, and what counts acts."""

    stage: Stage = Stage.UNDER_REVIEW
    digest: str = "0"
    at: int = 5
    outstanding: tuple[str, ...] = ()
    version: int = 9
    substance: str = "0"
    index: int = 1


HIDDEN = st.sampled_from([f"hidden {each}" for each in "abcde"])
MINUTES = st.integers(1, 5000)
INTERNAL = ("decide", "advise", "determine", "fulfil", "set-deadline", "adopt-policy", "assign")


def _some(each: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=most).map(tuple)


SAID = st.builds(
    Said,
    verdict=st.sampled_from(Verdict),
    disclosed=st.sampled_from(["told this", "told that"]),
    at=st.integers(100, 200),
    proviso=st.none() | st.just("not beyond the river"),
    conditional=st.booleans(),
    until=st.none() | st.just(90_000),
)
FILED = st.builds(
    Filed,
    area=st.sampled_from(["UA-43", "RU-KRS"]),
    status=st.sampled_from(Stage).map(
        lambda each: each if each not in REVIEWING else Stage.UNDER_REVIEW
    ),
    said=st.dictionaries(st.sampled_from(PARTIES), SAID),
    answered=st.none() | MINUTES,
    due=st.none() | MINUTES,
    permit=st.none() | st.just("P-1"),
    permit_stage=st.sampled_from(kept.PermitStage),
    suspended=st.sampled_from([(), (300,), (300, 400), (300, 400, 500)]),
    emergency=st.booleans(),
    beyond=st.none() | st.sampled_from(["", "4 more than the permit allows"]),
    finding=st.none() | st.just("excused"),
    appeal=st.none() | st.just("we think otherwise"),
    dismissed=st.none() | st.just("it stands"),
)
WORK = st.builds(
    Work,
    say=st.sampled_from(["none", "clear", "review"]),
    rules_refuse=st.booleans(),
    persons=st.integers(1, 3),
    because=HIDDEN,
    asks=_some(HIDDEN),
    staff_advice=_some(st.tuples(MINUTES, HIDDEN)),
    legal_advice=_some(st.tuples(MINUTES, HIDDEN)),
    so_far=st.integers(0, 2),
    fallen=_some(HIDDEN),
    fulfilled=_some(HIDDEN),
    due=st.none() | MINUTES,
    who=st.integers(0, 5),
    roles=st.dictionaries(st.integers(0, 5), st.sampled_from(Role)),
    recused=_some(st.integers(0, 5)),
    acts=_some(st.tuples(MINUTES, st.sampled_from(INTERNAL)), 4),
    told=st.booleans(),
    asked_to_act=st.booleans(),
)
WORKS = st.fixed_dictionaries(dict.fromkeys(PARTIES, WORK))
REVIEWING = (Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED)
JOINT = st.builds(
    Joint,
    stage=st.sampled_from(REVIEWING),
    digest=st.sampled_from("012"),
    at=MINUTES,
    outstanding=_some(HIDDEN),
    version=st.integers(1, 50),
    substance=st.sampled_from("012"),
    index=st.integers(1, 1000),
)


def unseen_by(party: str, seen: Mapping[str, Work], other: Mapping[str, Work]) -> dict[str, Work]:
    """Return other work of all parties but one; whose word is awaited is disclosed inside."""
    found = {}
    for each in PARTIES:
        awaits = seen[each].say == "review"
        other_say = other[each].say if other[each].say != "review" else "clear"
        found[each] = replace(other[each], say="review" if awaits else other_say)
    return {**found, party: seen[party]}
