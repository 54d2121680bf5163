"""Passkeys in a register: registered by an act, they decide, sign in and are audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import acting_world as world
import pytest
import store_sample as sample
from memory_store import MemoryStore

import audit_sample
from audit_sample import UKRAINE
from placet.bootstrap import SystemReferences
from placet.errors import QuestionError
from placet.evidence import (
    DemonstrationEvidence,
    ForgedEvidenceError,
    MalformedEvidenceError,
    OpenSession,
    UnknownSignerError,
    WeakEvidenceError,
)
from placet.ledger import JSON
from placet.operations.acting.act import act, to_sign
from placet.operations.acting.keys_on_record import credentials_of, keys_of, passkey_text
from placet.operations.acting.signing_in import draw_sign_in, finish_sign_in, open_session
from placet.operations.auditing.audit import audit
from placet.operations.auditing.evidence_of import evidence_files
from placet.operations.house import House, SignedIn
from placet.review import command_of
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    RepeatedError,
    UnlawfulError,
)
from software_passkey import COPIED, PRESENT, RP_ID, VERIFIED, Authenticator, authenticator

CASE = "C-1"
SEC, DANA = authenticator("sec"), authenticator("dana", "EdDSA")


def house(*, demonstration: bool = False) -> House:
    """The small world in memory, begun."""
    clock = sample.Ticking()
    clock.at = world.START
    store = MemoryStore(
        world.ORIGIN, clock, sample.claims, sample.sign_permit, sample.sign_status_list
    )
    made = House(store, store, clock, SystemReferences(), world.ORIGIN)
    if demonstration:
        first = {**world.registry(), "demonstration": "yes"}
        begin = {"origin": made.origin, "registry": first, "books": [world.plain(world.BOOK)]}
        act(made, SignedIn("rory", None), command_of("begin", begin), sign=word)
    else:
        world.begun(made)
    return made


def word(statement: bytes) -> JSON:
    """The system's word over a statement."""
    return DemonstrationEvidence.of(statement).document


def key(made: House, of: Authenticator, person: str, name: str, **more: Any) -> dict[str, Any]:
    """The fields of an act that registers a passkey from now on."""
    public = passkey_text(of.rp_id, of.credential, of.cose)
    at = world.written(made.clock.now())
    given = {"key": name, "person": person, "public": public, "from": at, "because": "b"}
    return {**given, **more}


def registers(
    made: House,
    by: str,
    sign: Callable[[bytes], JSON],
    of: Authenticator,
    person: str,
    name: str,
    **more: Any,
) -> None:
    """Have somebody register a passkey, signing as given."""
    command = command_of("register-key", key(made, of, person, name, **more))
    act(made, SignedIn(by, None), command, sign=sign)


def entries(made: House) -> int:
    """How many entries the log has."""
    return len(list(made.reading.entries()))


def decision(made: House, **more: Any) -> Any:
    """An approval of the case as it was determined."""
    determined = made.reading.case(CASE).determined
    assert determined is not None
    given = {"party": "US", "office": "us/secdef", "verdict": "approve", "disclosed": "told"}
    fields = {**given, "determination": determined.digest, "because": "for the file", **more}
    return command_of("decide", fields)


def test_a_registered_passkey_decides_where_a_book_asks_for_one() -> None:
    """Proves that it is registered with an SSH key, and decides where no SSH signature does."""
    made = house()
    registers(made, "sec", world.signing("sec"), SEC, "sec", "sec-passkey")
    world.do(made, "rory", "revise-book", party="US", fields={"evidence": "passkey"}, because="b")
    world.filed(made, CASE)
    who, before = SignedIn("sec", None), entries(made)
    copied = SEC.but(flags=PRESENT | VERIFIED | COPIED)
    for sign in (world.signing("sec"), copied.sign):
        with pytest.raises(WeakEvidenceError, match="of strength signature; this act asks for"):
            act(made, who, decision(made), case=CASE, sign=sign)
    with pytest.raises(ForgedEvidenceError, match="signed another"):
        act(made, who, decision(made), case=CASE, sign=lambda each: SEC.sign(each + b" "))
    with pytest.raises(UnknownSignerError, match="not one of sec"):
        act(made, who, decision(made), case=CASE, sign=DANA.sign)
    assert entries(made) == before
    act(made, who, decision(made), case=CASE, sign=SEC.sign)
    record = made.reading.context().registry.record.keys["sec-passkey"]
    assert (record.kind, record.public) == ("passkey", str(SEC.passkey))


def test_a_passkey_is_of_its_person_and_its_time() -> None:
    """Proves that a colleague's passkey, and one's own after its end, decide nothing."""
    made = house()
    registers(made, "sec", world.signing("sec"), SEC, "sec", "sec-passkey")
    registers(made, "dana", world.signing("dana"), DANA, "dana", "dana-passkey")
    world.filed(made, CASE)
    with pytest.raises(UnknownSignerError):
        act(made, SignedIn("acting", None), decision(made), case=CASE, sign=SEC.sign)
    at = made.clock.now() + timedelta(hours=1)
    retired = {"key": "sec-passkey", "until": world.written(at), "because": "lost"}
    world.do(made, "rory", "retire-key", **retired)
    made.clock.at = at
    with pytest.raises(UnknownSignerError, match="was not one of sec at that time"):
        act(made, SignedIn("sec", None), decision(made), case=CASE, sign=SEC.sign)
    context = made.reading.context()
    assert credentials_of(context, "sec", at) == ()
    assert credentials_of(context, "sec", at - timedelta(seconds=1)) == (
        str(SEC.passkey).split()[2],
    )
    assert credentials_of(context, "dana", at) == (str(DANA.passkey).split()[2],)
    assert [str(each).split()[0] for each in keys_of(context, "dana", at)] == [
        "ssh-ed25519",
        "passkey",
    ]


def test_a_passkey_registers_the_next_key_and_another_s_takes_the_duty() -> None:
    """Proves that a passkey is enough to register one's further keys, of either kind, only."""
    made = house()
    registers(made, "dana", world.signing("dana"), DANA, "dana", "dana-2")
    public = world.public("dana's third")
    registers(made, "dana", DANA.sign, DANA, "dana", "dana-3", public=public)
    registers(made, "dana", world.signing("dana's third"), authenticator("d4"), "dana", "dana-4")
    with pytest.raises(NotAllowedError, match="duty is authority"):
        registers(made, "dana", DANA.sign, SEC, "sec", "sec-2")
    assert len(keys_of(made.reading.context(), "dana", made.clock.now())) == 4


def test_a_first_key_of_one_s_own_takes_a_demonstration() -> None:
    """Proves that by the word alone a person registers their first key there, and nowhere else."""
    newcomer = {"official": "nia", "person": "nia", "name": "Nia", "office": "us/desk"}
    for demonstration in (True, False):
        made = house(demonstration=demonstration)
        at = world.written(made.clock.now())
        world.do(made, "rory", "appoint", **newcomer, from_=at, because="b")
        nia = authenticator("nia")
        if not demonstration:
            for sign in (word, nia.sign):
                with pytest.raises(NoAuthorityError, match="their own first key"):
                    registers(made, "nia", sign, nia, "nia", "nia-1")
            continue
        with pytest.raises(UnknownSignerError):
            registers(made, "nia", nia.sign, nia, "nia", "nia-1")
        registers(made, "nia", word, nia, "nia", "nia-1")
        assert finish_with(made, "nia", nia).session is not None
        registers(made, "nia", nia.sign, authenticator("second"), "nia", "nia-2")
        assert len(credentials_of(made.reading.context(), "nia", made.clock.now())) == 2


def finish_with(made: House, person: str, by: Authenticator) -> SignedIn:
    """Sign in by a passkey, in the two steps of a browser."""
    drawn = draw_sign_in(made, person)
    return finish_sign_in(made, drawn, by.sign(drawn.challenge))


def test_a_passkey_signs_in_and_the_session_acts() -> None:
    """Proves that the session is the person's, is kept, and binds nobody without a signature."""
    made = house()
    registers(made, "dana", world.signing("dana"), DANA, "dana", "dana-2")
    world.filed(made, CASE)
    dana = finish_with(made, "dana", DANA)
    assert dana.session is not None
    kept = OpenSession.parse(json.loads(json.dumps(dana.session.document)))
    act(made, replace(dana, session=kept), command_of("ask", {"asks": "what for"}), case=CASE)
    asked = made.reading.case(CASE).questions[-1]
    assert (asked.asked_by, asked.asks) == ("dana", "what for")
    drawn = draw_sign_in(made, "dana")
    with pytest.raises(ForgedEvidenceError, match="signed another"):
        finish_sign_in(made, drawn, DANA.sign(draw_sign_in(made, "dana").challenge))
    with pytest.raises(UnknownSignerError):
        finish_with(made, "dana", SEC)
    with pytest.raises(WeakEvidenceError, match="did not verify who"):
        finish_with(made, "dana", DANA.but(flags=PRESENT))
    with pytest.raises(QuestionError, match="SSH signature or a passkey"):
        open_session(made, "dana", dana.sign)


@pytest.mark.parametrize(
    "public",
    [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
        f"{world.public('x')[:-1]}",
        f"ssh-ed25519 {world.public('x').split()[1]} {'c' * 201}",
        f"{SEC.passkey} a comment",
        str(SEC.passkey)[:-2],
        str(SEC.passkey).replace(RP_ID, f"https://{RP_ID}"),
        "passkey a b c",
    ],
)
def test_a_key_that_is_none_is_refused_before_anybody_signs(public: str) -> None:
    """Proves that a key is read in full at the act that names it, which is then not done."""
    made = house()
    before = entries(made)
    fields = key(made, SEC, "sec", "sec-2", public=public)
    command = command_of("register-key", fields)
    with pytest.raises(MalformedEvidenceError, match="The key sec-2 cannot be used"):
        to_sign(made, SignedIn("sec", None), command, None)
    given = world.signing("sec")(b'{"origin":"a","person":"sec","purpose":"b"}')
    with pytest.raises(MalformedEvidenceError, match="The key sec-2 cannot be used"):
        act(made, SignedIn("sec", None), command, sign=lambda _: given)
    assert entries(made) == before


def test_a_key_that_is_neither_is_refused_as_before() -> None:
    """Proves that RSA, several lines and keys on record already are refused by the rules."""
    made = house()
    registers(made, "sec", world.signing("sec"), SEC, "sec", "sec-2")
    for public in ("ssh-rsa AAAA", f"{SEC.passkey}\n{SEC.passkey}", "passkeys a b c"):
        with pytest.raises(UnlawfulError, match="begins with"):
            registers(made, "sec", world.signing("sec"), SEC, "sec", "sec-3", public=public)
    other = authenticator("other")
    for again in (
        SEC,
        SEC.but(rp_id="example.gov"),
        SEC.but(key=other.key),
        SEC.but(credential=other.credential),
    ):
        with pytest.raises(RepeatedError, match="on record already"):
            registers(made, "dana", world.signing("dana"), again, "dana", "dana-2")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"kind": "ssh", "public": "ssh-ed25519 AAAA"}, "The key ann cannot be used"),
        ({"kind": "passkey", "public": "passkey a b c"}, "The key ann cannot be used"),
        ({"kind": "ssh", "public": str(SEC.passkey)}, "write kind: passkey"),
        ({"kind": "passkey", "public": world.public("ann")}, "write kind: ssh"),
    ],
)
def test_no_log_begins_with_a_key_that_is_none(record: dict[str, str], words: str) -> None:
    """Proves that every key of the first registry is read, not only that of who begins the log."""
    store = house()
    clock = sample.Ticking()
    clock.at = world.START
    empty = MemoryStore(
        world.ORIGIN, clock, sample.claims, sample.sign_permit, sample.sign_status_list
    )
    made = replace(store, recording=empty, reading=empty)
    with pytest.raises(MalformedEvidenceError, match=words):
        world.begun(made, keys={"ann": {"person": "ann", **record}})
    assert entries(made) == 0


# --- audit, and what outsiders get


def _register() -> audit_sample.Register:
    """The real story, and a passkey of its president's registered in it."""
    made = audit_sample.memory_register()
    made.play(UKRAINE)
    return made


def test_an_audit_verifies_passkeys_and_names_what_does_not_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proves that acts and sessions by passkeys are done again, and a key that is none is named."""
    made = _register()
    of = authenticator("president")
    person = "president"
    registers(made.house, person, made.signing(person), of, person, "president-passkey")
    revision = command_of("revise-book", {"party": "US", "fields": {"title": "N"}, "because": "b"})
    act(made.house, finish_with(made.house, person, of), revision, sign=of.sign)
    report = audit(made.reading, audit_sample.ORIGIN, made.reading.log_keys())
    assert report.follows, report.wrong
    size = len(list(made.reading.entries()))
    with monkeypatch.context() as open_door:
        open_door.setattr("placet.operations.acting.act.must_name_keys", lambda *_: None)
        registers(made.house, person, of.sign, of, person, "none", public="passkey a b c")
    report = audit(made.reading, audit_sample.ORIGIN, made.reading.log_keys())
    assert report.first is not None
    assert report.first.index == size
    assert "The key none cannot be used" in report.first.says


def test_an_audit_refuses_a_passkey_s_evidence_of_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proves that an act recorded with another's passkey past the check is named by the audit."""
    made = _register()
    of, person = authenticator("president"), "president"
    registers(made.house, person, made.signing(person), of, person, "president-passkey")
    size = len(list(made.reading.entries()))
    revision = command_of("revise-book", {"party": "US", "fields": {"title": "N"}, "because": "b"})
    forged = authenticator("a thief").but(credential=of.credential)
    with monkeypatch.context() as open_door:
        open_door.setattr("placet.operations.acting.act._check", lambda *_: None)
        act(made.house, SignedIn(person, None), revision, sign=forged.sign)
    report = audit(made.reading, audit_sample.ORIGIN, made.reading.log_keys())
    assert report.first is not None
    assert report.first.index == size
    assert "did not sign this" in report.first.says


def test_the_evidence_of_a_passkey_is_handed_out_with_its_key() -> None:
    """Proves that whoever acted gets the files of their act, and of their session's."""
    made = house()
    registers(made, "dana", world.signing("dana"), DANA, "dana", "dana-2")
    registers(made, "dana", DANA.sign, authenticator("third"), "dana", "dana-3")
    index = entries(made) - 1
    dana = finish_with(made, "dana", DANA)
    files = evidence_files(made, dana, index)
    assert files["statement.passkey"].decode() == str(DANA.passkey)
    assert DANA.passkey.fingerprint in files["README.txt"].decode()
    world.filed(made, CASE)
    act(made, dana, command_of("ask", {"asks": "what for"}), case=CASE)
    files = evidence_files(made, dana, entries(made) - 1)
    assert {"sign-in.passkey", "sign-in.signature", "statement.sig"} <= set(files)
