"""Who did an act is shown by evidence: what does not show it is refused, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import acting_world as world
import pytest
import store_sample as sample
from memory_store import MemoryStore

from placet.bootstrap import SystemReferences
from placet.errors import PlacetError
from placet.evidence import (
    EvidenceError,
    ForgedEvidenceError,
    MalformedEvidenceError,
    OpenSession,
    StaleEvidenceError,
    UnknownSignerError,
    WeakEvidenceError,
)
from placet.ledger import JSON
from placet.operations.acting.act import act, shown
from placet.operations.house import House, SignedIn
from placet.review.commands import Decide
from placet.review.errors import (
    NotAllowedError,
    RepeatedError,
    StaleError,
    UnlawfulError,
    UnreadableError,
)
from placet.review.event import command_of

CASE, OTHER = "C-1", "C-2"


@dataclass
class Desk:
    """An installation in memory with two cases under review, equal but for their references."""

    house: House
    store: MemoryStore
    clock: sample.Ticking

    def state(self) -> tuple[int, Any, str | None]:
        """Everything that an act could change."""
        return len(list(self.store.entries())), self.store.heads(), self.store.status_list()

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.at += timedelta(**time)

    def decision(self, case: str = CASE, **fields: Any) -> Decide:
        """An approval of the use in Russia."""
        determined = self.house.reading.case(case).determined
        assert determined is not None
        given = {
            "party": "US",
            "office": "us/secdef",
            "verdict": "approve",
            "determination": determined.digest,
            "because": "for the file",
            "disclosed": "as told to the applicant",
        }
        command = command_of("decide", {**given, **fields})
        assert isinstance(command, Decide)
        return command

    def decide(self, sign: Any, case: str = CASE, person: str = "sec", **fields: Any) -> None:
        """Decide, signing in the way that is given."""
        act(
            self.house,
            SignedIn(person, None),
            self.decision(case, **fields),
            case=case,
            sign=sign,
        )

    def ask(self, who: SignedIn, asks: str = "what for") -> None:
        """Do an act that takes the evidence of a session only."""
        act(self.house, who, command_of("ask", {"asks": asks}), case=CASE)

    @contextmanager
    def refused(self, error: type[PlacetError], words: str | None = None) -> Iterator[None]:
        """Expect an error that says why, and that nothing was written."""
        before = self.state()
        with pytest.raises(error, match=words):
            yield
        assert self.state() == before


@pytest.fixture
def desk() -> Desk:
    """Two cases under review, in a world that has begun."""
    clock = sample.Ticking()
    clock.at = world.START
    store = MemoryStore(
        world.ORIGIN, clock, sample.claims, sample.sign_permit, sample.sign_status_list
    )
    house = House(store, store, clock, SystemReferences(), world.ORIGIN)
    world.begun(house)
    for case in (CASE, OTHER):
        world.filed(house, case)
    return Desk(house, store, clock)


def kept(signer: str, into: list[JSON]) -> Callable[[bytes], JSON]:
    """Sign, and keep the evidence."""

    def sign(statement: bytes) -> JSON:
        into.append(world.signing(signer)(statement))
        return into[-1]

    return sign


def again(evidence: JSON) -> Callable[[bytes], JSON]:
    """Show evidence that was given before, whatever is to be signed."""
    return lambda _: evidence


# --- decisions


def test_a_decision_that_is_not_signed_is_refused(desk: Desk) -> None:
    """Proves that neither silence nor a session nor a word of the system decides."""
    session = world.signed_in(desk.house, "sec")
    with desk.refused(NotAllowedError, "signed by the person who does it"):
        desk.decide(None)
    with desk.refused(WeakEvidenceError, "no evidence that sec did this"):
        desk.decide(again(None))
    with desk.refused(WeakEvidenceError, "asks for signature or more"):
        desk.decide(session.sign)
    with desk.refused(WeakEvidenceError, "not known to this version"):
        desk.decide(again({"kind": "fingerprint", "of": "sec"}))
    for odd in ("signed", 7, [], {}, {"kind": "ssh"}, {"kind": "ssh", "signature": "no"}):
        with desk.refused(MalformedEvidenceError):
            desk.decide(again(odd))
    desk.decide(world.signing("sec"))


def test_a_signature_by_another_s_key_is_refused(desk: Desk) -> None:
    """Proves that neither a colleague of the office nor a stranger signs for somebody."""
    for other in ("acting", "dana", "nobody"):
        with desk.refused(UnknownSignerError, "was not one of sec at that time"):
            desk.decide(world.signing(other))
    with desk.refused(UnknownSignerError, "was not one of acting"):
        desk.decide(world.signing("sec"), person="acting")


def test_a_retired_key_signs_nothing_more(desk: Desk) -> None:
    """Proves that from its end on a key neither signs nor keeps a session open, and earlier did."""
    old = world.signed_in(desk.house, "dana")
    desk.decide(world.signing("sec"), OTHER)
    desk.wait(hours=1)
    at = world.written(desk.clock.at + timedelta(hours=1))
    for name in ("sec", "dana"):
        world.do(desk.house, "rory", "retire-key", key=name, until=at, because="it was lost")
    desk.ask(old)
    desk.wait(hours=1)
    with desk.refused(UnknownSignerError, "was not one of sec at that time"):
        desk.decide(world.signing("sec"))
    with desk.refused(UnknownSignerError, "was not one of dana at that time"):
        desk.ask(old)
    with desk.refused(UnknownSignerError, "was not one of dana at that time"):
        world.signed_in(desk.house, "dana")
    assert len(desk.house.reading.case(OTHER).decisions) == 1
    world.do(
        desk.house,
        "rory",
        "register-key",
        key="sec-2",
        person="sec",
        public=world.public("another of sec"),
        from_=at,
        because="a new one",
    )
    desk.decide(world.signing("another of sec"))


def test_a_signature_over_something_else_is_refused(desk: Desk) -> None:
    """Proves that a signature holds for the very words: verdict, reasons, limits, case, log."""
    for fields in (
        {"verdict": "refuse"},
        {"because": "other reasons"},
        {"disclosed": "something else"},
        {"until": "2026-01-01"},
        {"provisos": [{"text": "not on Sundays"}]},
    ):
        with desk.refused(ForgedEvidenceError):
            desk.decide(_over(desk, **fields))
    for origin, case in (("example.gov/other", CASE), (world.ORIGIN, OTHER)):
        held = desk.house.reading.case(case)
        other = shown(origin, "sec", desk.decision(), held, desk.house.reading.context())
        with desk.refused(ForgedEvidenceError):
            desk.decide(again(world.signing("sec")(other)))


def _over(desk: Desk, **fields: Any) -> Callable[[bytes], JSON]:
    """Sign the decision as it would read with other fields."""
    said = desk.decision(**fields).model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def sign(statement: bytes) -> JSON:
        changed = {**json.loads(statement), "act": said}
        text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert text.encode() != statement
        return world.signing("sec")(text.encode())

    return sign


def test_an_earlier_decision_is_not_replayed(desk: Desk) -> None:
    """Proves that a signature given in one case or round decides in no other that looks alike."""
    given: list[JSON] = []
    desk.decide(kept("sec", given), verdict="refuse")
    with desk.refused(ForgedEvidenceError):
        desk.decide(again(given[0]), OTHER, verdict="refuse")
    world.do(desk.house, "olena", "appeal", CASE, because="think again")
    world.do(desk.house, "dana", "reconsider", CASE, because="an appeal")
    world.do(desk.house, "dana", "determine", CASE)
    with desk.refused(ForgedEvidenceError):
        desk.decide(again(given[0]), verdict="refuse")
    desk.decide(world.signing("sec"), verdict="refuse")
    with desk.refused(MalformedEvidenceError, "begins with"):
        desk.decide(again({"kind": "ssh", "signature": given[0]["signature"][1:]}), OTHER)


def test_a_decision_taken_back_is_not_replayed(desk: Desk) -> None:
    """Proves that a decision which its signer took back does not come back by its old signature."""
    given: list[JSON] = []
    desk.decide(kept("sec", given))
    world.do(
        desk.house,
        "sec",
        "withdraw-consent",
        CASE,
        party="US",
        office="us/secdef",
        because="b",
        disclosed="d",
    )
    with desk.refused(ForgedEvidenceError):
        desk.decide(again(given[0]))


def test_a_change_of_a_book_is_not_replayed(desk: Desk) -> None:
    """Proves that an earlier signature does not undo what was changed in a book since."""
    given: list[JSON] = []

    def revise(least: str, sign: Callable[[bytes], JSON]) -> None:
        command = command_of(
            "revise-book", {"party": "US", "fields": {"evidence": least}, "because": "b"}
        )
        act(desk.house, SignedIn("rory", None), command, sign=sign)

    revise("signature", kept("rory", given))
    revise("passkey", world.signing("rory"))
    with desk.refused(ForgedEvidenceError):
        revise("signature", again(given[0]))


def test_evidence_below_the_minimum_of_a_book_is_refused(desk: Desk) -> None:
    """Proves that where a book asks for a passkey no SSH signature decides for its party."""
    store = MemoryStore(
        world.ORIGIN, desk.clock, sample.claims, sample.sign_permit, sample.sign_status_list
    )
    strict = Desk(replace(desk.house, recording=store, reading=store), store, desk.clock)
    world.begun(strict.house, f"{world.BOOK}\nevidence: passkey\n")
    world.filed(strict.house, CASE)
    with strict.refused(WeakEvidenceError, "of strength signature; this act asks for hardware"):
        strict.decide(world.signing("sec"))


# --- sessions


def test_a_session_of_another_or_of_another_time_is_refused(desk: Desk) -> None:
    """Proves that a session speaks for who opened it, there, and while it is open."""
    dana, dora = (world.signed_in(desk.house, each) for each in ("dana", "dora"))
    with desk.refused(EvidenceError):
        desk.ask(SignedIn("dana", dora.session))
    abroad = replace(desk.house, origin="example.gov/other")
    with desk.refused(ForgedEvidenceError, "at example.gov/other"):
        desk.ask(world.signed_in(abroad, "dana"))
    with desk.refused(WeakEvidenceError, "no evidence that dana"):
        desk.ask(SignedIn("dana", None))
    with desk.refused(UnknownSignerError, "was not one of dana"):
        desk.ask(SignedIn("dana", _signed_by(dana, "dora")))
    desk.wait(hours=8)
    with desk.refused(StaleEvidenceError, "sign in again"):
        desk.ask(dana)
    desk.clock.at = world.START - timedelta(seconds=1)
    with desk.refused(UnlawfulError, "before the last act on the context"):
        desk.ask(dana)


def _signed_by(who: SignedIn, signer: str) -> OpenSession:
    assert who.session is not None
    challenge = who.session.challenge.encode()
    return replace(who.session, signature=world.signature(signer, challenge))


def test_a_session_s_evidence_is_not_reused_for_another_act(desk: Desk) -> None:
    """Proves that who reads the evidence of an act, certified session and all, acts with none."""
    dana = world.signed_in(desk.house, "dana")
    desk.ask(dana)
    body = list(desk.store.entries())[-1].body
    assert body is not None
    seen = body.entry().evidence
    for asks in ("what for", "something else"):
        with desk.refused(ForgedEvidenceError, "not over this statement"):
            desk.ask(_Showing("dana", None, shows=seen), asks)
    assert dana.session is not None
    stranger = replace(dana.session, private=b"k" * 32)
    with desk.refused(ForgedEvidenceError, "not that of the session"):
        desk.ask(SignedIn("dana", stranger))
    assert isinstance(seen, dict)
    bare = {name: each for name, each in seen.items() if name != "act"}
    with desk.refused(MalformedEvidenceError, "other fields"):
        desk.ask(_Showing("dana", None, shows=bare))
    desk.ask(dana)


@dataclass(frozen=True)
class _Showing(SignedIn):
    """Somebody who shows what was read elsewhere, in the place of a session."""

    shows: JSON = None

    def sign(self, _statement: bytes) -> JSON:
        return self.shows


@pytest.mark.parametrize("kind", ["register-key", "appoint", "record-fact", "change-semantics"])
def test_a_session_changes_no_authority(desk: Desk, kind: str) -> None:
    """Proves that who holds another's session registers no key with it, and changes no fact."""
    at = world.written(desk.clock.at + timedelta(hours=1))
    why: dict[str, Any] = {"because": "so"}
    given: dict[str, dict[str, Any]] = {
        "register-key": {
            "key": "rory-2",
            "person": "rory",
            "public": world.public("a thief"),
            "from": at,
        },
        "appoint": {
            "official": "thief",
            "person": "thief",
            "name": "A Thief",
            "office": "us/secdef",
            "from": at,
        },
        "record-fact": {"section": "targets", "id": "rail", "record": {"means": "Rail"}},
        "change-semantics": {"to": "placet-1"},
    }
    command = command_of(kind, {**given[kind], **why})
    rory = world.signed_in(desk.house, "rory")
    with desk.refused(NotAllowedError, "signed by the person who does it"):
        act(desk.house, rory, command)
    with desk.refused(WeakEvidenceError, "asks for signature or more"):
        act(desk.house, rory, command, sign=rory.sign)
    act(desk.house, rory, command, sign=world.signing("rory"))


SPELLINGS = {
    "a key twice": ('{"from"', '{"from":"2025-06-01T08:00:00Z","from"'),
    "a space": ('{"from"', '{ "from"'),
    "another instant": ("T08:00:00Z", "T08:00:00+00:00"),
    "an escape": ('"person":"dana"', '"person":"d\\u0061na"'),
    "a big number": ('"person":"dana"', '"person":9007199254740993'),
    "one field more": ('{"from"', '{"at":1,"from"'),
    "half a surrogate pair": ("dana", "dan\udc61"),
    "a decomposed letter": ("dana", "dan\u0061\u0301"),
    "a byte order mark": ('{"from"', '\ufeff{"from"'),
}


@pytest.mark.parametrize("change", SPELLINGS.values(), ids=SPELLINGS)
def test_a_session_s_statement_has_one_spelling(desk: Desk, change: tuple[str, str]) -> None:
    """Proves that doubled keys, big numbers, other spellings and encodings are refused as such."""
    dana = world.signed_in(desk.house, "dana")
    assert dana.session is not None
    text = dana.session.challenge.replace(*change)
    assert text != dana.session.challenge
    with desk.refused(MalformedEvidenceError):
        desk.ask(SignedIn("dana", replace(dana.session, challenge=text)))


# --- what acts say


def test_a_command_names_no_actor(desk: Desk) -> None:
    """Proves that the actor is whoever is signed in: a command has no place for another."""
    for name in ("actor", "person", "by", "as", "evidence", "at"):
        with desk.refused(UnreadableError, name):
            world.do(desk.house, "dana", "ask", CASE, asks="what for", **{name: "sec"})
    world.do(desk.house, "dora", "ask", CASE, asks="what for")
    assert desk.house.reading.case(CASE).questions[-1].asked_by == "dora"


@pytest.mark.parametrize("kind", ["ask", "decide"])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x" * 20_001, UnreadableError),
        ("", UnreadableError),
        (7, UnreadableError),
        (b"bytes", UnreadableError),
        ("e\u0301", UnreadableError),
        ("\ud800", UnreadableError),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(
    desk: Desk, kind: str, text: Any, error: type[PlacetError]
) -> None:
    """Proves that what is too long, empty, no text, or not one spelling is refused."""
    with desk.refused(error):
        if kind == "ask":
            world.do(desk.house, "dana", "ask", CASE, asks=text)
        else:
            desk.decide(world.signing("sec"), because=text)


def test_a_statement_that_nobody_reads_is_refused(desk: Desk) -> None:
    """Proves that what is too large to read is not signed, and a number too large is no act."""
    many = [{"text": f"proviso {number} " + "x" * 900} for number in range(80)]
    with desk.refused(MalformedEvidenceError, "nobody reads more before signing"):
        desk.decide(world.signing("sec"), provisos=many)
    desk.decide(world.signing("sec"))
    with desk.refused(UnreadableError, "status: a whole number of at most 15 digits"):
        world.do(desk.house, "lee", "issue", CASE, permit="P-1", status=2**53)
    world.do(desk.house, "lee", "issue", CASE, permit="P-1", status=1)
    with desk.refused(UnreadableError, "quantity: a whole number of at most 15 digits"):
        world.use(
            desk.house, "olena", CASE, desk.clock.at, permit="P-1", report="R", quantity=2**53
        )


def test_a_clock_that_was_set_back_stops_acts(desk: Desk) -> None:
    """Proves that no act is dated before the one it builds on, nor with parts of a second."""
    desk.clock.at = world.START - timedelta(minutes=1)
    with desk.refused(UnlawfulError, "Set the clock right"):
        desk.decide(world.signing("sec"))
    desk.clock.at = world.START + timedelta(microseconds=1)
    with desk.refused(UnlawfulError, "whole seconds"):
        desk.decide(world.signing("sec"))


def test_what_was_seen_is_what_is_decided(desk: Desk) -> None:
    """Proves that a signature does not make good a decision on what was not determined."""
    with desk.refused(StaleError, "determination"):
        desk.decide(world.signing("sec"), determination=sample.DIGEST)
    desk.decide(world.signing("sec"))
    with desk.refused(RepeatedError, "has decided this"):
        desk.decide(world.signing("sec"))
