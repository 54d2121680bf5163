"""Which key may have signed what: an audit of a log whose keys were changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from memory_store import MemoryStore

import audit_sample as sample
from audit_sample import ORIGIN, PERMITS, Copy, Register
from placet.errors import PlacetError
from placet.ledger import JSON, KeyKind, SignerKey, VerifierKey, sign_checkpoint
from placet.operations.auditing.audit import audit
from placet.operations.auditing.report import AuditReport
from placet.operations.house import House
from placet.operations.ports import KeyUse
from placet.operations.seeing.permit_terms import status_ref
from placet.permit import (
    PermitKey,
    PermitVerifierKey,
    issue_status_token,
    issue_token,
    open_status_token,
    parse_jwks,
    public_text,
    read_terms,
)
from placet.registry import parse_moment
from placet.review import NotAllowedError, UnlawfulError

OLD, NEW, OTHER = (
    SignerKey(ORIGIN, KeyKind.NOTE, hashlib.sha256(each).digest()) for each in (b"1", b"2", b"3")
)
NEXT = PermitKey(ORIGIN, hashlib.sha256(b"next permits").digest())
OLD_PERMITS, NEW_PERMITS = public_text(PERMITS.verifier), public_text(NEXT.verifier)
CHANGED, NAMED, PERMITS_NAMED = 6, 5, 6
"""The log's key was changed at 6 entries, named by entry 5; that of permits by entry 6."""


@dataclass
class Naming(Register):
    """A register that begins with its keys."""

    signers: Mapping[str, str] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return replace(super().house, signers=self.signers)


def _permit_by(key: PermitKey) -> Any:
    """Return what signs permits by a key."""

    def sign(made: JSON) -> str:
        match made:
            case {"terms": dict(terms), "status": int(status), "issued-at": str(issued)}:
                at = parse_moment(issued)
                return issue_token(read_terms(terms), status_ref(ORIGIN, status), key, at)
        raise AssertionError(made)

    return sign


@dataclass(frozen=True)
class _Lists:
    """Signs status lists by another key."""

    lists: sample.Lists

    def __call__(self, version: int, statuses: Mapping[int, int]) -> str:
        made = open_status_token(self.lists(version, statuses), sample.permit_keys())
        return issue_status_token(made, NEXT)


def _register(signers: Mapping[str, str] | None = None, *, late: str = "") -> Naming:
    """Do acts, change both keys, do acts again; `late` says what goes on by the old key."""
    plain = sample.memory_register(OLD)
    named = {"log": str(OLD.verifier), "permit": OLD_PERMITS} if signers is None else signers
    made = Naming(plain.recording, plain.reading, plain.clock, signers=named)
    store = made.recording
    assert isinstance(store, MemoryStore)
    made.begin()
    made.add_cases(1, reports=0)
    store.prepared = {"log": str(NEW.verifier), "permit": NEW_PERMITS}
    made.do("lindqvist", "rotate-key", of="log", public=str(NEW.verifier), because="b")
    store._signer = NEW
    made.do("lindqvist", "rotate-key", of="permit", public=NEW_PERMITS, because="b")
    if late != "permits":
        store._sign_permit = _permit_by(NEXT)
    if late != "lists":
        store._sign_status_list = _Lists(sample.Lists(made.clock))
    made.add_cases(1)
    return made


@pytest.fixture(scope="module")
def register() -> Naming:
    """A log whose keys were named at the beginning, and changed."""
    return _register()


@pytest.fixture
def copy(register: Naming) -> Copy:
    """A copy of everything, to be changed."""
    return Copy.of(register.reading)


FOREIGN = public_text(PermitKey(ORIGIN, hashlib.sha256(b"an official's own").digest()).verifier)
RETIRED = {str(OLD.verifier): CHANGED, OLD_PERMITS: PERMITS_NAMED + 1}


def audited(
    copy: Copy,
    log_keys: Collection[VerifierKey] = (OLD.verifier, NEW.verifier),
    permit_keys: Collection[PermitVerifierKey] = (PERMITS.verifier, NEXT.verifier),
    retired: Mapping[str, int] = RETIRED,
    published: Sequence[VerifierKey] | None = None,
    strange: Sequence[PermitVerifierKey] = (),
    **more: Any,
) -> AuditReport:
    """Audit a copy with the keys that there ever were, and the ends of those that were changed.

    It publishes them, unless `published` says what else; `strange` as keys of permits besides.
    """
    log = [replace(each, until=retired.get(str(each))) for each in log_keys]
    permit = [replace(each, until=retired.get(public_text(each))) for each in permit_keys]
    copy = replace(copy, keys=log if published is None else published)
    copy = replace(copy, of_permits=[*permit, *strange])
    return audit(copy, ORIGIN, log, permit_keys=permit, **more)


@pytest.mark.parametrize(("of", "public"), [("log", str(OTHER.verifier)), ("permit", FOREIGN)])
def test_nobody_names_a_key_of_their_own(register: Naming, of: str, public: str) -> None:
    """Authority lets an official change a key for the one that was made beside it, and no other."""
    with pytest.raises(NotAllowedError, match="made where the present one signs"):
        register.do("lindqvist", "rotate-key", of=of, public=public, because="b")


@pytest.mark.parametrize(("of", "public"), [("log", str(OTHER.verifier)), ("permit", FOREIGN)])
def test_a_key_that_was_named_and_never_signed_is_told(of: KeyUse, public: str) -> None:
    """An audit says of an act what nobody else can: that the key it names is not the log's."""
    made = _register()
    store = made.recording
    assert isinstance(store, MemoryStore)
    store.prepared = {of: public}
    named = made.do("lindqvist", "rotate-key", of=of, public=public, because="b").index
    copy = Copy.of(made.reading)
    (note,) = audited(copy).notes
    assert (f"Entry {named} names a key of this log" in note, public in note) == (True, True)
    assert audited(copy, prepared=[public]).notes == ()


def test_what_the_database_publishes_is_compared(copy: Copy) -> None:
    """Whoever changes the database puts no key among those published, and takes no end from one."""
    strange = parse_jwks(FOREIGN.encode())
    says = [each.says for each in audited(copy, strange=strange).wrong]
    assert says == [f"The database names a key that is no key of this log's permits: {FOREIGN}"]
    kept = [replace(each, until=None) for each in copy.keys]
    for keys in (kept, [replace(each, until=CHANGED) for each in copy.keys]):
        (found,) = audited(copy, published=keys).wrong
        assert "in the database, and" in found.says


def test_a_log_whose_keys_were_changed_follows(copy: Copy) -> None:
    """Proves it with the history known from outside, without it, and with a first key unnamed."""
    kinds = {each.index: each.body.shown["kind"] for each in copy.held if each.body is not None}
    assert (kinds[NAMED], kinds[PERMITS_NAMED]) == ("rotate-key", "rotate-key")
    assert audited(copy).wrong == ()
    assert audited(copy).notes == ()
    assert audited(copy, retired={}).follows
    assert audited(copy, log_keys=[NEW.verifier, OLD.verifier], retired={}).follows
    assert audited(Copy.of(_register({}).reading)).follows


def _forged(copy: Copy, first: int, last: int, by: SignerKey) -> Copy:
    """Sign checkpoints again, of these sizes, by another key."""
    signed = [
        sign_checkpoint(each.checkpoint, by) if first <= each.checkpoint.size <= last else each
        for each in copy.signed
    ]
    return replace(copy, signed=signed)


def test_a_checkpoint_by_a_retired_key_is_found(copy: Copy) -> None:
    """Proves it for one at the end, one in between, and where all that follow are forged."""
    size = len(copy.held)
    for first, last in ((size, size), (9, 9), (CHANGED + 1, size)):
        report = audited(_forged(copy, first, last, OLD))
        assert report.first is not None
        assert "changed" in report.first.says
        assert report.first.index in (first - 1, last)
    one = audited(_forged(copy, size, size, OLD), retired={}).first
    assert one is not None
    assert (one.index, "had been changed for another" in one.says) == (size - 1, True)


def test_a_checkpoint_by_a_key_that_no_act_had_named_is_found(copy: Copy) -> None:
    """Proves that the new key signs nothing that does not have the act that names it."""
    report = audited(_forged(copy, NAMED, NAMED, NEW))
    assert report.first is not None
    assert (report.first.index, f"only entry {NAMED} names" in report.first.says) == (4, True)
    assert audited(_forged(copy, CHANGED, CHANGED, NEW), retired={}).follows


def test_a_key_that_no_act_names_is_found(copy: Copy) -> None:
    """Proves that a key cannot be slipped in, neither beside the others nor as the first."""
    keys = [OLD.verifier, NEW.verifier, OTHER.verifier]
    first = audited(copy, log_keys=keys).first
    assert first is not None
    assert (first.index, str(OTHER.verifier) in first.says) == (None, True)
    begun = _register({"log": str(OTHER.verifier), "permit": OLD_PERMITS})
    says = [str(each) for each in audited(Copy.of(begun.reading)).wrong]
    assert any("begins with a key of the log" in each for each in says)
    others = [PERMITS.verifier, NEXT.verifier, PermitKey(ORIGIN, bytes(31) + b"7").verifier]
    assert not audited(copy, permit_keys=others).follows


def test_a_permit_by_a_retired_key_is_found() -> None:
    """Proves that a token is of the key that was lawful when the permit was issued, or a later."""
    copy = Copy.of(_register(late="permits").reading)
    first = audited(copy).first
    assert first is not None
    assert "token of permit" in first.says
    issued = [each.index for each in copy.held if _kind(each.body) == "issue"]
    assert first.index is not None
    assert first.index >= issued[-1] > PERMITS_NAMED
    assert audited(copy, retired={**RETIRED, OLD_PERMITS: issued[-1] + 1}).follows


def _kind(body: Any) -> object:
    return body.shown["kind"] if body is not None else None


def test_a_status_list_by_a_retired_key_is_found() -> None:
    """Proves that a list that was logged after the change, by the old key, is none of this log."""
    copy = Copy.of(_register(late="lists").reading)
    listed = [each.index for each in copy.held if _kind(each.body) == "status-list"]
    first = audited(copy).first
    assert first is not None
    assert (first.index, "status list on file is none" in first.says) == (listed[-1], True)
    assert audited(copy, retired={**RETIRED, OLD_PERMITS: listed[-1] + 1}).follows


def test_permits_are_due_until_the_next_key_has_signed_its_first_list() -> None:
    """Between the change and the next batch an audit misses no token, and at no other time."""
    copy = Copy.of(_register(late="lists").reading)
    rows = {name: replace(row, token=None) for name, row in copy.state.permits.items()}
    bare = replace(copy, state=replace(copy.state, permits=rows))
    size = len(copy.held)
    assert audited(bare, retired={**RETIRED, OLD_PERMITS: size}).follows
    says = [each.says for each in audited(bare, retired={str(OLD.verifier): CHANGED}).wrong]
    assert sum("no token of permit" in each for each in says) == len(rows) > 0


def test_what_is_no_key_is_not_named(register: Naming) -> None:
    """Proves that no act names a key of something else, a private one, or one spelt otherwise."""
    elsewhere = SignerKey("example.gov/other", KeyKind.NOTE, bytes(31) + b"1")
    witness = SignerKey(ORIGIN, KeyKind.COSIGNATURE, bytes(31) + b"1")
    for of, public in (
        ("log", "nothing"),
        ("log", str(elsewhere.verifier)),
        ("log", str(witness.verifier)),
        ("log", NEW_PERMITS),
        ("log", NEW.secret_text),
        ("permit", str(NEW.verifier)),
        ("permit", f" {NEW_PERMITS}"),
        ("permit", f'{{"keys":[{NEW_PERMITS},{OLD_PERMITS}]}}'),
        ("permit", public_text(PermitKey("example.gov/other", NEXT.private).verifier)),
    ):
        with pytest.raises(PlacetError):
            register.do("lindqvist", "rotate-key", of=of, public=public, because="b")


def test_an_act_that_named_a_key_is_not_erased() -> None:
    """Proves that no key has to be taken on trust because the act is gone that named it."""
    made = _register()
    with pytest.raises(UnlawfulError, match="later acts are checked by it"):
        made.do("lindqvist", "erase", entry=NAMED, fields=["payload"], because="a court's order")
    assert audited(Copy.of(made.reading)).follows
