"""A passkey counts for one statement, one place and one person who was verified, and no more."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import cbor2
import pytest
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
    ssh,
)
from hypothesis import given
from hypothesis import strategies as st

from placet.evidence import (
    JSON,
    EvidenceError,
    ForgedEvidenceError,
    MalformedEvidenceError,
    OpenSession,
    Passkey,
    PasskeyEvidence,
    PublicKey,
    SessionEvidence,
    StaleEvidenceError,
    Strength,
    UnknownSignerError,
    WeakEvidenceError,
    parse_evidence,
    parse_key,
    sign_in,
    verify,
    verify_sign_in,
)
from placet.evidence.framing import write_base64url
from software_passkey import (
    BACKED_UP,
    COPIED,
    PRESENT,
    RP_ID,
    VERIFIED,
    Authenticator,
    authenticator,
)

ANNS = {each: authenticator(ANN.name, each) for each in ("ES256", "EdDSA")}
ONE = ANNS["ES256"]
BOBS = authenticator(BOB.name)
both = pytest.mark.parametrize("ann", ANNS.values(), ids=ANNS)


def shown(
    evidence: PasskeyEvidence | JSON, by: Authenticator = ONE, of: bytes | None = None
) -> Any:
    """Verify evidence with an SSH key and a passkey of Ann's on record."""
    document = evidence.document if isinstance(evidence, PasskeyEvidence) else evidence
    return verify(document, of or act(), [ANN.public, by.passkey], NOON)


@both
def test_a_passkey_shows_who_did_an_act(ann: Authenticator) -> None:
    """A passkey's assertion over the statement's digest names person, key and strength."""
    found = shown(ann.sign(act()), ann)
    assert (found.kind, found.person) == ("passkey", ANN.name)
    assert found.key == ann.passkey.fingerprint
    assert found.strength is Strength.HARDWARE


@pytest.mark.parametrize(
    ("flags", "strength"),
    [
        (0, Strength.HARDWARE),
        (COPIED, Strength.SIGNATURE),
        (COPIED | BACKED_UP, Strength.SIGNATURE),
    ],
)
def test_a_passkey_that_may_be_copied_is_worth_a_signature(flags: int, strength: Strength) -> None:
    """Only a key that its authenticator calls bound to the device reaches what hardware shows."""
    assert shown(ONE.but(flags=PRESENT | VERIFIED | flags).sign(act())).strength is strength


def test_a_passkey_that_is_not_to_be_copied_and_was_is_refused() -> None:
    """An authenticator that contradicts itself about its copies shows nothing."""
    with pytest.raises(ForgedEvidenceError):
        shown(ONE.but(flags=PRESENT | VERIFIED | BACKED_UP).sign(act()))


@both
def test_a_count_of_signatures_changes_nothing(ann: Authenticator) -> None:
    """Evidence is verified once more whenever anybody likes, whatever counter it carries."""
    for count in (0, 1, 2**32 - 1):
        assert shown(ann.but(count=count).sign(act()), ann) == shown(ann.sign(act()), ann)


@both
def test_a_passkey_is_not_replayed_for_another_statement(ann: Authenticator) -> None:
    """An assertion for one case, outcome, origin or person does not serve for another."""
    evidence = ann.sign(act())
    for other in (
        act(case="2025-0043"),
        act(outcome="refuse"),
        act(origin="example.org/placet"),
        act(by=BOB),
    ):
        with pytest.raises(ForgedEvidenceError, match="signed another"):
            shown(evidence, ann, other)


def test_the_passkey_of_another_person_is_refused() -> None:
    """Neither another's credential nor another's signature under this one shows Ann."""
    with pytest.raises(UnknownSignerError, match=r"was not one of us/ann at that time"):
        shown(BOBS.sign(act()))
    with pytest.raises(UnknownSignerError):
        verify(ONE.sign(act()), act(), [ANN.public, BOBS.passkey], NOON)
    with pytest.raises(UnknownSignerError):
        verify(ONE.sign(act()), act(), [], NOON)
    with pytest.raises(ForgedEvidenceError, match="did not sign this"):
        shown(BOBS.but(credential=ONE.credential).sign(act()))
    with pytest.raises(ForgedEvidenceError, match="did not sign this"):
        shown(ANNS["EdDSA"].but(credential=ONE.credential).sign(act()))


CLIENTS: dict[str, tuple[dict[str, Any], type[EvidenceError], str]] = {
    "made instead of signed": ({"type": "webauthn.create"}, ForgedEvidenceError, "not to sign"),
    "a payment": ({"type": "payment.get"}, ForgedEvidenceError, "not to sign"),
    "no type": ({"type": None}, ForgedEvidenceError, "not to sign"),
    "another challenge": ({"challenge": "AAAA"}, ForgedEvidenceError, "SHA-256 of this"),
    "a padded challenge": ({"challenge": "="}, ForgedEvidenceError, "SHA-256 of this"),
    "no challenge": ({"challenge": None}, ForgedEvidenceError, "SHA-256 of this"),
    "a challenge in a list": ({"challenge": ["A"]}, ForgedEvidenceError, "SHA-256 of this"),
    "within another site": ({"crossOrigin": True}, ForgedEvidenceError, "another site"),
    "perhaps within another": ({"crossOrigin": "false"}, ForgedEvidenceError, "another site"),
    "zero is not false": ({"crossOrigin": 0}, ForgedEvidenceError, "another site"),
    "null is not false": ({"crossOrigin": None}, ForgedEvidenceError, "another site"),
    "beneath another site": (
        {"topOrigin": "https://evil.example"},
        ForgedEvidenceError,
        "another site",
    ),
    "a strange token binding": (
        {"tokenBinding": {"status": "not-supported"}},
        ForgedEvidenceError,
        "did not sign this",
    ),
}


@pytest.mark.parametrize(("said", "error", "words"), CLIENTS.values(), ids=CLIENTS)
def test_a_browser_that_was_asked_for_something_else_is_refused(
    said: dict[str, Any], error: type[EvidenceError], words: str
) -> None:
    """Another type, another challenge and a page within another's are refused by name."""
    client = {**ONE.client(act()), **said}
    with pytest.raises(error, match=words):
        shown(ONE.give(client))


def test_a_browser_need_not_say_that_it_was_asked_directly() -> None:
    """What older browsers leave out, and what newer ones add, takes nothing away."""
    client = ONE.client(act())
    assert shown(ONE.give({**client, "other_keys_can_be_added_here": "do not compare"}))
    del client["crossOrigin"]
    assert shown(ONE.give(client))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://example.gov",
        f"https://{RP_ID}.evil.example",
        f"https://not{RP_ID}",
        f"http://{RP_ID}",
        f"https://{RP_ID}/",
        f"https://{RP_ID}:port",
        f"https://{RP_ID}@evil.example",
        f"https://ann@{RP_ID}",
        f"https://{RP_ID.upper()}",
        f"HTTPS://{RP_ID}",
        f" https://{RP_ID}",
        f"https://{RP_ID}\n",
        f"https://evil.example/.{RP_ID}",
        f"https://evil.example#.{RP_ID}",
        f"https://evil.example\\.{RP_ID}",
        "http://localhost",
        "http://localhost:8000",
        "null",
        "android:apk-key-hash:AAAA",
        "",
        7,
        None,
        ["https://placet.example.gov"],
    ],
)
def test_a_passkey_signs_at_its_own_site_only(origin: Any) -> None:
    """Any origin that is not https at the relying party or beneath it is refused."""
    with pytest.raises(ForgedEvidenceError, match=r"which is not https at placet\.example\.gov"):
        shown(ONE.give({**ONE.client(act()), "origin": origin}))


@pytest.mark.parametrize(
    ("rp_id", "origin"),
    [
        (RP_ID, f"https://{RP_ID}:8443"),
        ("example.gov", f"https://{RP_ID}"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:8000"),
        ("localhost", "https://localhost"),
    ],
)
def test_a_passkey_signs_beneath_its_site_and_on_this_machine(rp_id: str, origin: str) -> None:
    """A subdomain and a port belong to the relying party, and plain http does on localhost."""
    there = ONE.but(rp_id=rp_id, origin=origin)
    assert shown(there.sign(act()), there).strength is Strength.HARDWARE


def test_a_passkey_for_another_relying_party_is_refused() -> None:
    """What the authenticator signed for another site does not count, whatever the browser says."""
    elsewhere = ONE.but(rp_id="example.gov")
    with pytest.raises(ForgedEvidenceError, match="another relying party than placet"):
        shown(elsewhere.sign(act()))


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED, PRESENT | COPIED])
def test_a_passkey_that_verified_nobody_shows_nobody(flags: int) -> None:
    """A touch without PIN, finger or face shows that somebody was there, and not who."""
    with pytest.raises(WeakEvidenceError, match="did not verify who was using it"):
        shown(ONE.but(flags=flags).sign(act()))


@both
def test_every_changed_byte_of_a_passkey_s_evidence_is_refused(ann: Authenticator) -> None:
    """No byte of what was signed, or of the signature, can be changed, left out or added."""
    good = ann.give(ann.client(act()))
    assert shown(good, ann)
    for part in ("credential", "client_data", "authenticator_data", "signature"):
        data: bytes = getattr(good, part)
        for at in range(len(data)):
            for wrong in (
                data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
                data[:at] + bytes([data[at] ^ 128]) + data[at + 1 :],
                data[:at] + data[at + 1 :],
                data[:at] + b"\0" + data[at:],
            ):
                with pytest.raises(EvidenceError):
                    shown(replace(good, **{part: wrong}), ann)


@pytest.mark.parametrize(
    "client",
    [
        b" ",
        b"{}",
        b"[]",
        b"7",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 4000,
        b'{"type":"webauthn.get"',
        b'{"type":"webauthn.create","type":"webauthn.get"}',
    ],
)
def test_client_data_that_cannot_be_read_in_one_way_is_refused(client: bytes) -> None:
    """What is no JSON object, or names something twice, is refused and never fails otherwise."""
    with pytest.raises((MalformedEvidenceError, ForgedEvidenceError)):
        shown(ONE.give(client))


def test_client_data_that_says_something_twice_is_refused_though_signed() -> None:
    """Two readers would read two challenges; the passkey's signature does not choose."""
    client = json.dumps(ONE.client(act()), separators=(",", ":"))
    twice = f'{{"challenge":"AAAA",{client[1:]}'.encode()
    with pytest.raises(MalformedEvidenceError, match="names something twice"):
        shown(ONE.give(twice))


def test_authenticator_data_that_does_not_end_where_it_should_is_refused() -> None:
    """Data that was cut, or goes on without a flag that says so, is refused though signed."""
    whole = ONE.give({}).authenticator_data
    for data, error in ((whole[:36], MalformedEvidenceError), (whole + b"\xa0", EvidenceError)):
        with pytest.raises(error):
            shown(ONE.give(ONE.client(act()), data))
    flagged = whole[:32] + bytes([whole[32] | 0x80]) + whole[33:]
    assert shown(ONE.give(ONE.client(act()), flagged + cbor2.dumps({"credBlob": b"x"})))
    with pytest.raises(ForgedEvidenceError):
        shown(ONE.give(ONE.client(act()), flagged))


@given(st.binary(max_size=120), st.binary(max_size=120), st.binary(max_size=80))
def test_no_bytes_make_verification_fail_otherwise(
    client: bytes, data: bytes, signature: bytes
) -> None:
    """Whatever stands in the evidence, it is refused by an error of ours."""
    good = ONE.give(ONE.client(act()))
    for wrong in (
        PasskeyEvidence(ONE.credential, client, data, signature),
        replace(good, authenticator_data=good.authenticator_data[:32] + data, signature=signature),
        replace(good, signature=signature),
    ):
        with pytest.raises(EvidenceError):
            shown(wrong)


DOCUMENT = ONE.give(ONE.client(act())).document
assert isinstance(DOCUMENT, dict)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": None},
        {"signature": ""},
        {"signature": 7},
        {"signature": "QUJD="},
        {"signature": "QU+D"},
        {"signature": "QUJ"},
        {"signature": "QUI!"},
        {"signature": "QUI\n"},
        {"signature": "é"},
        {"signature": "\ud800"},
        {"signature": "A" * 8193},
        {"credential": []},
        {"user-handle": "QUJD"},
    ],
)
def test_a_passkey_s_evidence_has_one_spelling(changed: dict[str, JSON]) -> None:
    """Padding, the other alphabet, spare bits and further fields are refused."""
    evidence = parse_evidence(DOCUMENT)
    assert isinstance(evidence, PasskeyEvidence)
    assert evidence.document == DOCUMENT
    with pytest.raises(MalformedEvidenceError):
        parse_evidence({**DOCUMENT, **changed})


# --- keys on record


@both
def test_a_passkey_on_record_is_one_line(ann: Authenticator) -> None:
    """A passkey reads back as it was written; its fingerprint is over that line."""
    line = str(ann.passkey)
    assert parse_key(line) == ann.passkey
    assert line == f"passkey {RP_ID} {write_base64url(ann.credential)} {write_base64url(ann.cose)}"
    digest = hashlib.sha256(line.encode()).digest()
    assert ann.passkey.fingerprint.removeprefix("SHA256:").replace("+", "-").replace(
        "/", "_"
    ) == write_base64url(digest)


def test_the_first_word_of_a_key_says_its_kind() -> None:
    """An SSH key and a passkey are read by one function, and neither passes for the other."""
    assert isinstance(parse_key(str(ANN.public)), PublicKey)
    assert isinstance(parse_key(str(ONE.passkey)), Passkey)
    for wrong in ("", "passkey", "passkeys a b c", f"ssh {ONE.passkey}", f"passkey {ANN.public}"):
        with pytest.raises(MalformedEvidenceError):
            parse_key(wrong)


LINE = str(ONE.passkey)


@pytest.mark.parametrize(
    "line",
    [
        f"{LINE} ",
        f"{LINE}\n",
        f"{LINE} a-comment",
        f" {LINE}",
        LINE.replace(" ", "  ", 1),
        LINE.replace(" ", "\t", 1),
        LINE.replace(RP_ID, "https://placet.example.gov"),
        LINE.replace(RP_ID, "placet.example.gov:443"),
        LINE.replace(RP_ID, "Placet.example.gov"),
        LINE.replace(RP_ID, "placet..gov"),
        LINE.replace(RP_ID, "-placet.gov"),
        LINE.replace(RP_ID, "127.0.0.1"),
        LINE.replace(RP_ID, f"{'a.' * 127}gov"),
        LINE.replace(RP_ID, "ministère.fr"),
        LINE.replace(RP_ID, ""),
        f"{LINE}=",
        LINE[:-1],
        LINE[:-8],
        f"{LINE}AAAA",
    ],
)
def test_a_line_that_is_no_passkey_is_refused(line: str) -> None:
    """Another spelling, a site that is no domain, and a key that was cut are refused."""
    with pytest.raises(MalformedEvidenceError):
        parse_key(line)


def test_a_credential_has_a_length() -> None:
    """Ids shorter or longer than WebAuthn allows are refused."""
    for length, good in ((15, False), (16, True), (1023, True), (1024, False)):
        if good:
            assert Passkey(RP_ID, b"i" * length, ONE.cose)
            continue
        with pytest.raises(MalformedEvidenceError, match="id of a passkey's credential has 16"):
            Passkey(RP_ID, b"i" * length, ONE.cose)


def test_a_cose_key_has_one_spelling() -> None:
    """The spelling taken is the canonical one of an independent CBOR library, and no other."""
    for each in ANNS.values():
        read = cbor2.loads(each.cose)
        assert cbor2.dumps(read, canonical=True) == each.cose
        others = [
            cbor2.dumps(dict(reversed(read.items()))),
            cbor2.dumps({**read, 2: b"kid"}, canonical=True),
            b"\xb8" + bytes([len(read)]) + each.cose[1:],
            b"\xbf" + each.cose[1:] + b"\xff",
            each.cose + b"\0",
        ]
        for wrong in others:
            with pytest.raises(MalformedEvidenceError, match="canonical CBOR"):
                Passkey(RP_ID, ONE.credential, wrong)


@pytest.mark.parametrize(
    "changed",
    [
        {3: -257},
        {3: -35},
        {3: -8},
        {-1: 2},
        {-1: 3},
        {1: 1},
        {-2: b"x" * 31},
        {-3: b"y" * 33},
        {-3: True},
    ],
)
def test_a_key_of_another_algorithm_is_refused(changed: dict[int, Any]) -> None:
    """RSA, other curves, mixed parameters and compressed points are refused."""
    wrong = cbor2.dumps({**cbor2.loads(ONE.cose), **changed}, canonical=True)
    with pytest.raises(MalformedEvidenceError, match="ES256"):
        Passkey(RP_ID, ONE.credential, wrong)


def test_a_key_that_is_no_point_of_the_curve_is_refused() -> None:
    """A P-256 key is checked when it is named, not when somebody signs with it."""
    wrong = ONE.cose[:-1] + bytes([ONE.cose[-1] ^ 1])
    with pytest.raises(MalformedEvidenceError, match="no point of the curve"):
        Passkey(RP_ID, ONE.credential, wrong)


# --- sessions


CHALLENGE = sign_in(ORIGIN, ANN.name, NONCE, MORNING, EVENING, SESSION_KEY)


def opened(by: Authenticator = ONE) -> OpenSession:
    """Open a session by a passkey."""
    return OpenSession(CHALLENGE.decode(), by.give(by.client(CHALLENGE)), PRIVATE)


@both
def test_a_passkey_opens_a_session(ann: Authenticator) -> None:
    """An act in it is of the strength of a session, and names the passkey that opened it."""
    keys = [ANN.public, ann.passkey]
    assert verify_sign_in(opened(ann), ORIGIN, ANN.name, keys, NOON).key == ann.passkey.fingerprint
    evidence = opened(ann).sign(act()).document
    found = verify(evidence, act(), keys, NOON)
    assert (found.kind, found.strength) == ("session", Strength.SESSION)
    assert found.key == ann.passkey.fingerprint
    assert json.loads(json.dumps(evidence)) == evidence
    assert parse_evidence(evidence) == opened(ann).sign(act())
    assert OpenSession.parse(json.loads(json.dumps(opened(ann).document))) == opened(ann)


def test_a_passkey_s_session_is_refused_where_an_ssh_key_s_is() -> None:
    """Another's passkey, another challenge, another act and another time open nothing."""
    keys = [ANN.public, ONE.passkey]
    for signed, error in (
        (BOBS.give(BOBS.client(CHALLENGE)), UnknownSignerError),
        (ONE.give(ONE.client(act())), ForgedEvidenceError),
        (ONE.but(flags=PRESENT).give(ONE.client(CHALLENGE)), WeakEvidenceError),
    ):
        wrong = replace(opened(), signature=signed)
        with pytest.raises(error):
            verify(wrong.sign(act()).document, act(), keys, NOON)
    with pytest.raises(StaleEvidenceError):
        verify(opened().sign(act()).document, act(), keys, EVENING)
    with pytest.raises(UnknownSignerError):
        verify(opened().sign(act()).document, act(), [ANN.public], NOON)
    for odd in (ssh(CHALLENGE), opened().sign(act()).document, None, {"kind": "other"}):
        document = {**_document(opened().sign(act())), "signature": odd}
        with pytest.raises(MalformedEvidenceError):
            verify(document, act(), keys, NOON)


def _document(evidence: SessionEvidence) -> dict[str, JSON]:
    document = evidence.document
    assert isinstance(document, dict)
    return document


def test_a_passkey_given_for_a_sign_in_is_none_for_an_act() -> None:
    """What was signed to open a session decides nothing, nor the reverse."""
    with pytest.raises(MalformedEvidenceError, match="verify_sign_in"):
        shown(ONE.sign(CHALLENGE), of=CHALLENGE)
    as_opening = replace(opened(), challenge=act().decode(), signature=ONE.give(ONE.client(act())))
    with pytest.raises(MalformedEvidenceError, match="sign-in statement"):
        verify(as_opening.sign(act()).document, act(), [ONE.passkey], NOON)
