"""Who did what, when: evidence counts for one statement, one person, one place, one time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_sample import (
    ANN,
    BOB,
    EVENING,
    MORNING,
    NONCE,
    NOON,
    ORIGIN,
    PRIVATE,
    SESSION_KEY,
    act,
    in_session,
    session,
    ssh,
)
from hypothesis import given
from hypothesis import strategies as st

from placet.evidence import (
    ACT_NAMESPACE,
    JSON,
    LARGEST_SIGNATURE,
    LARGEST_STATEMENT,
    LONGEST_SESSION,
    SESSION_ACT_NAMESPACE,
    SIGN_IN,
    DemonstrationEvidence,
    ForgedEvidenceError,
    MalformedEvidenceError,
    OpenSession,
    SessionEvidence,
    StaleEvidenceError,
    Strength,
    UnknownEvidence,
    UnknownSignerError,
    WeakEvidenceError,
    parse_evidence,
    sign,
    sign_in,
    statement,
    verify,
    verify_sign_in,
)
from placet.evidence.signatures import sign_with

ANNS, BOBS = [ANN.public], [BOB.public]
SESSION = session()
OPENING: dict[str, JSON] = {
    "person": ANN.name,
    "nonce": NONCE,
    "from": "2025-08-23T08:00:00Z",
    "until": "2025-08-23T16:00:00Z",
    "key": str(SESSION_KEY),
}
SIGNED = session().sign(act())
LONG: dict[str, JSON] = {
    "kind": "session",
    "challenge": SIGNED.challenge,
    "signature": SIGNED.signature,
    "act": SIGNED.act,
}
EAST = timezone(timedelta(hours=3))


def opening(origin: str = ORIGIN, person: str = ANN.name) -> bytes:
    """Write a sign-in statement for the working day."""
    return sign_in(origin, person, NONCE, MORNING, EVENING, SESSION_KEY)


def test_a_signed_act_shows_who_did_it() -> None:
    """A signature over the statement by a key of the person is of the strength of a signature."""
    shown = verify(ssh(act()), act(), [*BOBS, *ANNS], NOON)
    assert (shown.kind, shown.strength, shown.person) == ("ssh", Strength.SIGNATURE, ANN.name)
    assert shown.key == ANN.public.fingerprint
    shown.must_reach(Strength.SIGNATURE)


def test_a_session_s_key_shows_who_opened_it() -> None:
    """An act that the session's key signed is the person's, and weaker than one they signed."""
    shown = verify(in_session(), act(), ANNS, NOON)
    assert (shown.kind, shown.strength, shown.person) == ("session", Strength.SESSION, ANN.name)
    assert shown.key == ANN.public.fingerprint
    with pytest.raises(WeakEvidenceError, match="session"):
        shown.must_reach(Strength.SIGNATURE)


def test_a_demonstration_is_the_weakest_kind() -> None:
    """A demonstration's evidence holds for one statement, without a key, below everything else."""
    evidence = DemonstrationEvidence.of(act()).document
    shown = verify(evidence, act(), [], NOON)
    assert (shown.strength, shown.key) == (Strength.DEMONSTRATION, None)
    with pytest.raises(WeakEvidenceError):
        shown.must_reach(Strength.SESSION)
    with pytest.raises(ForgedEvidenceError):
        verify(evidence, act(outcome="refuse"), [], NOON)


def test_the_strengths_are_in_order() -> None:
    """A book's minimum means the same everywhere: five strengths, by name, in this order."""
    names = ["none", "demonstration", "session", "signature", "hardware"]
    assert [str(each) for each in sorted(Strength)] == names
    assert [Strength.parse(name) for name in names] == sorted(Strength)
    for wrong in ("", "SESSION", "strong", "2"):
        with pytest.raises(MalformedEvidenceError):
            Strength.parse(wrong)


def test_no_evidence_and_unknown_evidence_show_nothing() -> None:
    """A kind of a later version is read and kept, and counts for nothing here."""
    later: JSON = {"kind": "webauthn", "assertion": {"id": "x"}}
    assert parse_evidence(later) == UnknownEvidence("webauthn", later)
    for evidence in (None, later):
        with pytest.raises(WeakEvidenceError):
            verify(evidence, act(), ANNS, NOON)


def test_a_signature_is_not_replayed_for_another_statement() -> None:
    """A signature for one case, outcome, origin or person does not serve for another."""
    given = (ssh(act()), in_session())
    for other in (
        act(case="2025-0043"),
        act(outcome="refuse"),
        act(origin="example.org/placet"),
        act(by=BOB),
        act(more=None),
    ):
        for evidence in given:
            with pytest.raises(ForgedEvidenceError):
                verify(evidence, other, [*ANNS, *BOBS], NOON)


def test_only_the_key_of_the_session_signs_in_it() -> None:
    """Who has read a session's opening in an entry signs nothing with it: the key is not there."""
    signed = session().sign(act())
    strange = sign(ANN.private, act(), SESSION_ACT_NAMESPACE)
    for_an_act = sign_with(Ed25519PrivateKey.from_private_bytes(PRIVATE), act(), ACT_NAMESPACE)
    for wrong in (strange, for_an_act, signed.signature):
        with pytest.raises(ForgedEvidenceError):
            verify(replace(signed, act=wrong).document, act(), ANNS, NOON)
    with pytest.raises(ForgedEvidenceError, match="not that of the session"):
        verify(replace(session(), private=bytes(32)).sign(act()).document, act(), ANNS, NOON)
    without = {"kind": "session", "challenge": signed.challenge, "signature": signed.signature}
    with pytest.raises(MalformedEvidenceError, match="other fields"):
        verify(without, act(), ANNS, NOON)


def test_a_session_is_kept_with_its_key_and_not_shown() -> None:
    """A session reads back as it was kept; with another's key it is none; no text shows the key."""
    kept = session()
    document = kept.document
    assert isinstance(document, dict)
    assert OpenSession.parse(document) == kept
    assert kept.private.hex() not in repr(kept) + str(kept.sign(act()).document)
    for wrong in (
        None,
        {**document, "private": bytes(32).hex()},
        {**document, "private": "key"},
        {**document, "kind": "session"},
        {**document, "challenge": "{}"},
        kept.sign(act()).document,
    ):
        with pytest.raises(MalformedEvidenceError):
            OpenSession.parse(wrong)


def test_the_key_of_another_person_is_refused() -> None:
    """A good signature by a key that is not the person's shows nothing about the person."""
    for evidence in (ssh(act(), by=BOB), in_session(opening(), by=BOB)):
        with pytest.raises(UnknownSignerError, match="SHA256:"):
            verify(evidence, act(), ANNS, NOON)
    with pytest.raises(UnknownSignerError):
        verify(ssh(act()), act(), [], NOON)


def test_a_session_of_another_person_or_place_is_refused() -> None:
    """A session serves for the person and the origin that it names, whoever signed it."""
    for wrong in (opening(person=BOB.name), opening(origin="example.org/placet")):
        with pytest.raises(ForgedEvidenceError, match="not that of"):
            verify(in_session(wrong), act(), ANNS, NOON)


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        (MORNING - timedelta(microseconds=1), False),
        (MORNING, True),
        (EVENING - timedelta(microseconds=1), True),
        (EVENING, False),
        (MORNING.astimezone(EAST), True),
        (EVENING.astimezone(EAST), False),
    ],
)
def test_a_session_is_open_from_its_start_and_no_longer_at_its_end(
    at: datetime, open_: bool
) -> None:
    """The period is half-open, and instants are compared whatever zone they are given in."""
    if open_:
        verify(in_session(), act(), ANNS, at)
        return
    with pytest.raises(StaleEvidenceError, match="sign in again"):
        verify(in_session(), act(), ANNS, at)


@given(seconds=st.integers(-(10**6), 10**6))
def test_no_moment_outside_its_period_is_within_a_session(seconds: int) -> None:
    """At every second a session is open or stale as its period says."""
    at = NOON + timedelta(seconds=seconds)
    try:
        verify_sign_in(SESSION, ORIGIN, ANN.name, ANNS, at)
    except StaleEvidenceError:
        assert not MORNING <= at < EVENING
    else:
        assert MORNING <= at < EVENING


def test_a_sign_in_is_not_an_act_nor_an_act_a_sign_in() -> None:
    """The two are signed for different uses; neither signature serves as the other."""
    with pytest.raises(MalformedEvidenceError, match="verify_sign_in"):
        verify(ssh(opening()), opening(), ANNS, NOON)
    for_an_act = replace(session(), signature=sign(ANN.private, opening(), ACT_NAMESPACE))
    with pytest.raises(ForgedEvidenceError, match="for the use"):
        verify(for_an_act.sign(act()).document, act(), ANNS, NOON)
    signature = sign(ANN.private, act(), ACT_NAMESPACE)
    act_as_challenge = OpenSession(act().decode(), signature, PRIVATE)
    named_otherwise = statement("decide", ORIGIN, dict(OPENING))
    for wrong in (act_as_challenge, session(named_otherwise)):
        with pytest.raises(MalformedEvidenceError, match="sign-in statement"):
            verify(wrong.sign(act()).document, act(), ANNS, NOON)


def test_every_changed_byte_of_a_challenge_is_refused() -> None:
    """No character of a signed sign-in statement can be changed, left out or added."""
    text, by_session = SESSION.challenge, SESSION.sign(act()).act
    for at in range(len(text)):
        for wrong in (
            text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :],
            text[:at] + text[at + 1 :],
            text[:at] + "0" + text[at:],
        ):
            changed = SessionEvidence(wrong, SESSION.signature, by_session)
            with pytest.raises((MalformedEvidenceError, ForgedEvidenceError)):
                verify(changed.document, act(), ANNS, NOON)


def challenge(**changed: JSON) -> bytes:
    """Write a sign-in statement without the checks of `sign_in`."""
    fields = {**OPENING, **changed}
    return statement(SIGN_IN, ORIGIN, {k: v for k, v in fields.items() if v is not None})


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "short"},
        {"nonce": "x" * 87},
        {"nonce": 7},
        {"nonce": None},
        {"until": "2025-08-23T08:00:00Z"},
        {"until": "2025-08-23T07:00:00Z"},
        {"until": "2025-08-23T20:00:01Z"},
        {"until": "9999-12-31T23:59:59Z"},
        {"until": "2025-08-23T16:00:00"},
        {"until": "2025-08-23T16:00:00+00:00"},
        {"until": "2025-08-23"},
        {"until": "2025-13-23T16:00:00Z"},
        {"from": 0},
        {"until": None},
        {"extra": True},
        {"key": None},
        {"key": 7},
        {"key": "ssh-ed25519 AAAA"},
        {"key": f"{SESSION_KEY} a comment"},
        {"key": f"{SESSION_KEY}\n"},
    ],
)
def test_a_sign_in_statement_that_makes_no_sense_is_refused(changed: dict[str, JSON]) -> None:
    """Bad nonces, empty or long periods, and missing or further fields are refused."""
    verify(in_session(challenge()), act(), ANNS, NOON)
    with pytest.raises(MalformedEvidenceError):
        verify(in_session(challenge(**changed)), act(), ANNS, NOON)


def test_a_session_is_no_longer_than_a_working_day() -> None:
    """The longest session is accepted, a second more is not, and times have a zone."""
    sign_in(ORIGIN, ANN.name, NONCE, MORNING, MORNING + LONGEST_SESSION, SESSION_KEY)
    for until in (MORNING + LONGEST_SESSION + timedelta(seconds=1), NOON.replace(tzinfo=None)):
        with pytest.raises(MalformedEvidenceError):
            sign_in(ORIGIN, ANN.name, NONCE, MORNING, until, SESSION_KEY)


@pytest.mark.parametrize(
    "wrong",
    [
        "ssh",
        [],
        {},
        {"kind": 7},
        {"kind": ""},
        {"kind": "SSH", "signature": "x"},
        {"kind": "ssh"},
        {"kind": "ssh", "signature": None},
        {"kind": "ssh", "signature": "x", "note": "y"},
        {"kind": "ssh", "signature": "x" * (LARGEST_SIGNATURE + 1)},
        {"kind": "session", "challenge": "{}"},
        {"kind": "session", "challenge": {}, "signature": "x"},
        {"kind": "session", "challenge": "{}", "signature": "x"},
        {"kind": "session", "challenge": "{}", "signature": "x", "act": "x"},
        {"kind": "session", "challenge": "{}", "signature": "x", "act": None},
        {**LONG, "challenge": "x" * (LARGEST_STATEMENT + 1)},
        {**LONG, "challenge": "\ud800"},
        {**LONG, "act": "x" * (LARGEST_SIGNATURE + 1)},
        {**LONG, "act": "x"},
        {**LONG, "act": "\ud800"},
        {**LONG, "private": "x"},
        {"kind": "demonstration"},
        {"kind": "demonstration", "digest": "A" * 64},
        {"kind": "demonstration", "digest": "a" * 63},
    ],
)
def test_malformed_evidence_is_refused(wrong: JSON) -> None:
    """Missing, further and oversized fields and values of other types are refused."""
    with pytest.raises(MalformedEvidenceError):
        verify(wrong, act(), ANNS, NOON)


def test_evidence_reads_back() -> None:
    """Each kind is written as JSON and read as the same evidence."""
    signed = session().sign(act())
    for evidence in (parse_evidence(ssh(act())), signed, DemonstrationEvidence.of(act())):
        assert parse_evidence(evidence.document) == evidence


JSON_VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    evidence=st.fixed_dictionaries(
        {"kind": st.sampled_from(["ssh", "session", "demonstration", "other"])},
        optional=dict.fromkeys(("signature", "challenge", "act", "digest"), JSON_VALUES),
    )
)
def test_no_made_up_evidence_is_accepted(evidence: JSON) -> None:
    """Whatever stands in an entry as evidence is refused in words unless it was signed."""
    with pytest.raises((MalformedEvidenceError, WeakEvidenceError, ForgedEvidenceError)):
        verify(evidence, act(), ANNS, NOON)


def test_times_are_utc() -> None:
    """A sign-in statement says its period in UTC, whatever zone it was given in."""
    begin = MORNING.astimezone(EAST)
    assert sign_in(ORIGIN, ANN.name, NONCE, begin, EVENING, SESSION_KEY) == opening()
