"""Audit: real acts are reproduced; whatever is changed, the first entry that is wrong is named."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from memory_store import MemoryStore

import audit_sample as sample
from audit_sample import ORIGIN, PERMITS, UKRAINE, Copy, Register
from placet.determination import Determination, Outstanding
from placet.evidence import EvidenceError
from placet.ledger import (
    BadSignatureError,
    Body,
    Entry,
    Hidden,
    KeyKind,
    Shown,
    SignedCheckpoint,
    SignerKey,
    erase,
    field_digest,
    parse_checkpoint,
    seal,
    sign_checkpoint,
)
from placet.operations.acting.act import Signing, act
from placet.operations.acting.signing_in import open_session
from placet.operations.auditing.audit import audit
from placet.operations.auditing.report import AuditReport, AuditVerdict
from placet.operations.demonstration.playing import load_demonstration
from placet.operations.house import SignedIn
from placet.operations.ports import EntryOnFile, Waiting, columns_of
from placet.operations.register import done_of
from placet.permit import Status, issue_status_token, issue_token, open_permit, open_status_token
from placet.registry import parse_moment, read, written
from placet.review import Context, UnknownError, UnlawfulError, command_of
from placet.review.errors import ClockError

BEGIN, SUBMIT, DETERMINE, ISSUE, LIST, REPORT = range(6)
"""The entries of the first case; those of the second follow in the same order."""
PAUSE = 11
"""The act on the context that suspends both permits; two versions of the list follow."""
SIZE = 14
UNSIGNED = "a.b.c"


@pytest.fixture(scope="module")
def register() -> Register:
    """A register with two cases, both of whose permits an act on the context suspended."""
    made = sample.memory_register()
    made.begin()
    made.add_cases(2)
    made.pause()
    return made


@pytest.fixture
def copy(register: Register) -> Copy:
    """A copy of everything, to be changed."""
    return Copy.of(register.reading)


def audited(copy: Copy, **more: Any) -> AuditReport:
    """Audit a copy."""
    return audit(copy, ORIGIN, copy.keys, permit_keys=sample.permit_keys(), **more)


def test_real_acts_are_reproduced(copy: Copy) -> None:
    """Every entry of an honest log is reproduced, and the report says what was audited."""
    told: list[tuple[int, int]] = []
    report = audited(copy, progress=lambda done, size: told.append((done, size)))
    assert report.follows
    assert report.counts == {AuditVerdict.REPRODUCED: SIZE}
    assert (report.size, report.audited, report.notes) == (SIZE, SIZE, ())
    assert report.root == copy.signed[-1].checkpoint.root
    assert told == sorted(told)
    assert told[-1] == (SIZE, SIZE)
    kinds = [each.body.shown["kind"] for each in copy.held if each.body is not None]
    assert (kinds[ISSUE], kinds[PAUSE]) == ("issue", "record-fact")


def test_the_whole_story_is_reproduced(ukraine_story: Copy) -> None:
    """The demonstration follows: decisions, consents, suspensions, lifting, violations."""
    report = audited(ukraine_story)
    assert report.wrong == ()
    assert report.counts == {AuditVerdict.REPRODUCED: report.size}


@pytest.fixture
def ukraine_story() -> Copy:
    """The demonstration, played."""
    register = sample.memory_register()
    register.play(sample.UKRAINE)
    return Copy.of(register.reading)


def test_work_is_spread_over_processes(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two workers the report is the same."""
    monkeypatch.setattr("placet.operations.auditing.shards.WORTH_SPREADING", 0)
    changed = said(Copy.of(register.reading), SIZE - 1, payload={})
    alone = audited(changed)
    assert alone.counts == {AuditVerdict.REPRODUCED: SIZE - 1, AuditVerdict.WRONG: 1}
    assert audited(changed, workers=2) == alone


def test_without_the_permits_keys_that_is_said(copy: Copy) -> None:
    """Without keys no token is checked, and the report does not hide it."""
    assert audit(copy, ORIGIN, copy.keys).notes == (
        "Without the permits' keys no token was checked.",
    )


def test_an_empty_log_follows() -> None:
    """Before it has begun there is nothing to audit."""
    report = audited(Copy.of(sample.memory_register().reading))
    assert report.follows
    assert report.size == 0


# --- the database is changed; the log's key is not in the hands of whoever does it


def body_of(copy: Copy, index: int) -> Body:
    """Return a body that is there."""
    body = copy.held[index].body
    assert body is not None
    return body


def with_body(copy: Copy, index: int, body: Body | None) -> Copy:
    """Put another body behind a leaf."""
    copy.held[index] = replace(copy.held[index], body=body)
    return copy


def said(copy: Copy, index: int, **fields: Any) -> Copy:
    """Let a body say something else."""
    body = body_of(copy, index)
    shown = {name: Shown("A" * 43, value) for name, value in fields.items()}
    return with_body(copy, index, Body({**body.fields, **shown}))


def hidden(copy: Copy) -> Copy:
    """Hide a field that is stored."""
    body = body_of(copy, DETERMINE)
    held = body.fields["payload"]
    assert isinstance(held, Shown)
    digest = Hidden(field_digest("payload", held.salt, held.value))
    return with_body(copy, DETERMINE, Body({**body.fields, "payload": digest}))


def moved(copy: Copy, change: Callable[[list[EntryOnFile]], object]) -> Copy:
    """Change the order or the number of the entries, and number them anew."""
    change(copy.held)
    copy.held = [replace(each, index=index) for index, each in enumerate(copy.held)]
    return copy


def gone(copy: Copy, change: Callable[[list[EntryOnFile]], object]) -> Copy:
    """Take entries away and leave the numbers."""
    change(copy.held)
    return copy


def tile(copy: Copy, level: int, at: int) -> Copy:
    """Change one byte of a tile."""
    data = bytearray(copy.stored[level, 0])
    data[at] ^= 1
    copy.stored[level, 0] = bytes(data)
    return copy


def untiled(copy: Copy, level: int) -> Copy:
    """Remove a tile."""
    del copy.stored[level, 0]
    return copy


def checkpoints(copy: Copy, change: Callable[[list[SignedCheckpoint]], object]) -> Copy:
    """Change what was signed."""
    change(copy.signed)
    return copy


def by_another(signed: list[SignedCheckpoint]) -> None:
    """Have a checkpoint signed by a key of another making."""
    signed[5] = sign_checkpoint(signed[5].checkpoint, SignerKey(ORIGIN, KeyKind.NOTE, bytes(32)))


def case(copy: Copy, number: int = 1, **update: Any) -> Copy:
    """Change the state of a case, and the columns beside it."""
    name = sorted(copy.state.cases)[number]
    cases = {**copy.state.cases, name: copy.state.cases[name].model_copy(update=update)}
    columns = {**copy.state.columns, name: columns_of(cases[name])}
    return replace(copy, state=replace(copy.state, cases=cases, columns=columns))


def without(copy: Copy, part: str, key: object = None) -> Copy:
    """Remove a row of the state, by default that of the second case."""
    held = dict(getattr(copy.state, part))
    del held[key if key is not None else sorted(held)[1]]
    return replace(copy, state=replace(copy.state, **{part: held}))


def with_row(copy: Copy, part: str, key: object, value: object) -> Copy:
    """Add or change a row of the state."""
    held = {**getattr(copy.state, part), key: value}
    return replace(copy, state=replace(copy.state, **{part: held}))


def permit(copy: Copy, **fields: Any) -> Copy:
    """Change the row of the second permit."""
    name = sorted(copy.state.permits)[1]
    return with_row(copy, "permits", name, replace(copy.state.permits[name], **fields))


def token(copy: Copy) -> str:
    """Sign a permit for longer than was decided."""
    row = copy.state.permits[sorted(copy.state.permits)[1]]
    assert row.token is not None
    held = open_permit(row.token, sample.permit_keys())
    terms = held.terms.model_copy(update={"until": held.terms.until + timedelta(days=900)})
    return issue_token(terms, held.status, PERMITS, held.issued_at)


def listed(copy: Copy) -> str:
    """Sign the status list again with every permit valid."""
    assert copy.token is not None
    held = open_status_token(copy.token, sample.permit_keys())
    rows = copy.state.permits.values()
    valid = held.statuses.with_statuses({row.status_index: Status.VALID for row in rows})
    return issue_status_token(replace(held, statuses=valid), PERMITS)


def other_context(copy: Copy) -> Copy:
    """Change the registry of the first context."""
    plain: Any = dict(copy.state.contexts[1])
    plain["registry"] = {**plain["registry"], "title": "another"}
    return with_row(copy, "contexts", 1, plain)


def stranger(copy: Copy) -> Any:
    """Make a case that nobody opened."""
    first = next(iter(copy.state.cases.values()))
    return with_row(copy, "cases", "C-9", first.model_copy(update={"id": "C-9"}))


Spoil = Callable[[Copy], Copy]

CHANGED: dict[str, tuple[Spoil, int | None, str]] = {
    "leaf": (
        lambda copy: gone(copy, lambda held: held.__setitem__(3, replace(held[3], leaf=bytes(32)))),
        3,
        "not the one in tile/entries",
    ),
    "body: payload": (lambda c: said(c, DETERMINE, payload={}), DETERMINE, "committed to"),
    "body: actor": (lambda c: said(c, REPORT, actor="tan"), REPORT, "committed to"),
    "body: evidence": (lambda c: said(c, ISSUE, evidence=None), ISSUE, "committed to"),
    "body: case": (lambda c: said(c, ISSUE, case="C-9"), ISSUE, "committed to"),
    "body: time": (lambda c: said(c, 7, time="2025-03-03T09:00:00Z"), 7, "committed to"),
    "body: kind": (lambda c: said(c, PAUSE, kind="status-list"), PAUSE, "committed to"),
    "body: another's": (lambda c: with_body(c, 3, body_of(c, 8)), 3, "committed to"),
    "body: gone": (lambda c: with_body(c, 6, None), 6, "never deleted"),
    "body: hidden": (hidden, DETERMINE, "not there"),
    "body: documents that are none, on no case": (
        lambda c: said(c, PAUSE, payload={"command": {"attachments": [1]}}),
        PAUSE,
        "otherwise than by name and digest",
    ),
    "body: documents that are none": (
        lambda c: said(c, SUBMIT, payload={"command": {"attachments": [{"name": "a"}]}}),
        SUBMIT,
        "not what was committed to",
    ),
    "body: erased, and no act did it": (
        lambda c: with_body(c, 7, erase(body_of(c, 7), ["payload"])),
        7,
        "no act erased it",
    ),
    "body: evidence erased, and no act did it": (
        lambda c: with_body(c, 7, erase(body_of(c, 7), ["evidence"])),
        7,
        "no act erased it",
    ),
    "body of an act on the context erased": (
        lambda c: with_body(c, PAUSE, erase(body_of(c, PAUSE), ["actor"])),
        PAUSE,
        "no act erases that",
    ),
    "entry: dropped": (lambda c: gone(c, lambda held: held.pop(4)), 4, "is missing"),
    "entry: the last dropped": (lambda c: gone(c, lambda held: held.pop()), 13, "is missing"),
    "entry: the first dropped": (lambda c: gone(c, lambda held: held.pop(0)), 0, "is missing"),
    "entry: dropped, the rest numbered anew": (
        lambda c: moved(c, lambda held: held.pop(4)),
        4,
        "tile/entries",
    ),
    "entry: duplicated": (lambda c: moved(c, lambda held: held.insert(4, held[4])), 5, "entries"),
    "entry: swapped": (
        lambda c: moved(c, lambda held: held.insert(6, held.pop(5))),
        5,
        "tile/entries",
    ),
    "tile: entries": (lambda c: tile(c, -1, 34 * 5 + 9), 5, "tile/entries"),
    "tile: hashes": (lambda c: tile(c, 0, 32 * 5 + 9), 5, "does not follow"),
    "tile: entries gone": (lambda c: untiled(c, -1), 0, "cannot be read"),
    "tile: hashes gone": (lambda c: untiled(c, 0), 0, "cannot be read"),
    "checkpoint: signed by another": (lambda c: checkpoints(c, by_another), 5, "known key"),
    "checkpoint: the last gone": (
        lambda c: checkpoints(c, lambda signed: signed.pop()),
        13,
        "no signed checkpoint covers it",
    ),
    "checkpoint: in another's place": (
        lambda c: checkpoints(c, lambda signed: signed.insert(2, signed.pop(7))),
        0,
        "comes after",
    ),
    "case: stage": (lambda c: case(c, stage="closed"), PAUSE, "stage differ"),
    "case: moves": (lambda c: case(c, moves=()), PAUSE, "moves differ"),
    "case: permits": (lambda c: case(c, permits={}), PAUSE, "permits differ"),
    "case: further": (lambda c: case(c, version=9), PAUSE, "no entry leads"),
    "case: back": (lambda c: case(c, version=3), 8, "another state"),
    "case: gone": (lambda c: without(c, "cases"), PAUSE, "no case"),
    "case: opened by nobody": (stranger, None, "no entry opened it"),
    "case: seen by others": (
        lambda c: with_row(c, "parties", min(c.state.cases), frozenset({"RU"})),
        PAUSE,
        "other parties",
    ),
    "case: seen by nobody": (lambda c: without(c, "parties"), PAUSE, "other parties"),
    "context: text": (other_context, BEGIN, "another version 1 of the context"),
    "context: gone": (lambda c: without(c, "contexts", 2), PAUSE, "no version 2"),
    "context: made by nobody": (
        lambda c: with_row(c, "contexts", 3, c.state.contexts[2]),
        None,
        "no entry leads to it",
    ),
    "permit: valid again": (lambda c: permit(c, status=0), PAUSE, "with status 0"),
    "permit: elsewhere on the list": (lambda c: permit(c, status_index=77), PAUSE, "at 77"),
    "permit: another token": (lambda c: permit(c, token=token(c)), PAUSE, "something else"),
    "permit: no token at all": (lambda c: permit(c, token=UNSIGNED), PAUSE, "token"),
    "permit: other terms": (lambda c: permit(c, terms={}), PAUSE, "other terms"),
    "permit: listed otherwise": (lambda c: permit(c, listed=0), 13, "as listed with status 0"),
    "permit: not listed": (lambda c: permit(c, listed=None), 13, "as listed with status None"),
    "permit: signed and said not to be": (
        lambda c: permit(c, problem="no key"),
        PAUSE,
        "could not be signed: no key",
    ),
    "permit: not signed for no reason": (
        lambda c: permit(c, token=None, problem="no key"),
        PAUSE,
        "could not be signed: no key",
    ),
    "permit: gone": (lambda c: without(c, "permits"), PAUSE, "other permits"),
    "permit: of another case": (
        lambda c: permit(c, case=min(c.state.cases)),
        PAUSE,
        "other permits",
    ),
    "permit: of no case": (
        lambda c: with_row(
            c, "permits", "P-9", replace(next(iter(c.state.permits.values())), case="C-9")
        ),
        None,
        "of no case",
    ),
    "list of cases: order": (lambda c: replace(c, listed=c.listed[::-1]), PAUSE, "elsewhere"),
    "list of cases: one is not open": (
        lambda c: replace(c, listed=[(case, "closed") for case, _ in c.listed]),
        PAUSE,
        "elsewhere",
    ),
    "list of entries: one left out": (
        lambda c: replace(c, moves={case: moves[:2] for case, moves in c.moves.items()}),
        SUBMIT,
        "other entries",
    ),
    "status list: gone": (lambda c: replace(c, token=None), 13, "not on file"),
    "status list: all valid": (lambda c: replace(c, token=listed(c)), 13, "not the one"),
    "status list: no token": (lambda c: replace(c, token=UNSIGNED), 13, "none of this log"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_the_database_is_named(copy: Copy, name: str) -> None:
    """Whatever is changed in the database, the first entry that does not follow is named."""
    change, index, says = CHANGED[name]
    report = audited(change(copy))
    assert not report.follows
    assert report.first is not None
    assert (report.first.index, says in str(report.first)) == (index, True), report.first


# --- whoever changes it has the log's key as well


def sealed(copy: Copy, index: int, **fields: Any) -> Copy:
    """Commit to an entry that says something else."""
    shown = {**body_of(copy, index).shown, **fields}
    filled = {name: Shown("", value) for name, value in shown.items()}
    entry: Entry = Body(filled).entry()
    body = seal(entry, secrets.token_bytes)
    copy.held[index] = replace(copy.held[index], leaf=body.commitment, body=body)
    return copy


def found(copy: Copy, index: int, part: str = "found", **more: Any) -> Copy:
    """Commit to an act that came to something else."""
    payload: Any = body_of(copy, index).shown["payload"]
    return sealed(copy, index, payload={**payload, part: {**payload[part], **more}})


def untouched(copy: Copy) -> Copy:
    """Commit to an act on the context that suspends nothing."""
    payload: Any = body_of(copy, PAUSE).shown["payload"]
    nothing = {**payload["found"], "suspends": []}
    return sealed(copy, PAUSE, payload={**payload, "found": nothing, "touches": []})


def evidence(copy: Copy, index: int, of: int) -> Copy:
    """Take the evidence of another entry."""
    return sealed(copy, index, evidence=body_of(copy, of).shown["evidence"])


FORGED: dict[str, tuple[Spoil, int, str]] = {
    "another actor": (lambda c: sealed(c, 2, actor="okafor"), 2, "whitfield"),
    "no actor": (lambda c: sealed(c, 2, actor=None), 2, "not that of an act"),
    "another time": (lambda c: sealed(c, 2, time="2025-03-03T08:00:30Z"), 2, "session"),
    "another day": (lambda c: sealed(c, 3, time="2025-03-04T08:03:00Z"), 3, "something else"),
    "no evidence": (lambda c: sealed(c, 2, evidence=None), 2, "no evidence"),
    "a session where a signature is due": (lambda c: evidence(c, 3, 2), 3, "not over this"),
    "the signature of another act": (lambda c: evidence(c, 3, 8), 3, "signature"),
    "another act of the same session": (lambda c: evidence(c, 5, 1), 5, "not over this"),
    "another result": (lambda c: found(c, 2, digest=f"sha256:{'0' * 64}"), 2, "digest"),
    "another answer": (lambda c: found(c, 1, announced={"outcome": "clear"}), 1, "announced"),
    "another quantity": (lambda c: found(c, 5, "command", quantity=2), 5, "not over this"),
    "more than the permit": (lambda c: found(c, 5, beyond=["more than it grants"]), 5, "beyond"),
    "another case version": (lambda c: sealed(c, 2, case_version=2), 2, "version 2 of case"),
    "another context version": (lambda c: sealed(c, 2, context_version=2), 2, "of the context"),
    "another kind": (lambda c: sealed(c, 2, kind="withdraw"), 2, "cannot be read"),
    "an unknown kind": (lambda c: sealed(c, 2, kind="approve-all"), 2, "no act"),
    "a case that is none": (lambda c: sealed(c, 2, case="C-9"), 2, "version 1 of case C-9"),
    "an act put forward": (lambda c: moved(c, lambda e: e.insert(2, e.pop(3))), 2, "version 2"),
    "an act left out": (lambda c: moved(c, lambda held: held.pop(2)), 2, "version 2 of case"),
    "an act done twice": (lambda c: moved(c, lambda held: held.insert(6, held[5])), 6, "version"),
    "a suspension left out": (untouched, PAUSE, "something else"),
    "another log begun": (lambda c: found(c, 0, "command", origin="other.gov/log"), 0, "begins"),
    "a context left out": (lambda c: moved(c, lambda e: e.pop(PAUSE)), 5, "no entry leads"),
    "a version of the list left out": (lambda c: moved(c, lambda e: e.pop(9)), 11, "version 3"),
    "another list": (
        lambda c: sealed(c, 13, payload={"version": 4, "digest": f"sha256:{'0' * 64}"}),
        13,
        "not the one that was logged",
    ),
    "a list by a person": (lambda c: sealed(c, 4, actor="tan"), 4, "signer of lists"),
    "a list that lists nothing": (lambda c: sealed(c, 4, payload={}), 4, "status list"),
    "an act of nobody on nothing": (
        lambda c: sealed(c, 4, kind="approve-all"),
        4,
        "no act 'approve-all' without a case",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_history_is_named(register: Register, copy: Copy, name: str) -> None:
    """A history that is hashed and signed with the log's own key still has to follow."""
    change, index, says = FORGED[name]
    forged = change(copy).signed_again(sample.signer_of(register))
    report = audited(forged)
    assert report.first is not None
    assert (report.first.index, says in str(report.first)) == (index, True), report.first


def test_a_second_appeal_in_an_older_log_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier program took two at once: done again, the second is refused."""
    register = sample.memory_register()
    register.begin()
    plain = dict(read(UKRAINE / "requests" / "storm-shadow-in-russia.yaml").plain)
    plain.pop("expect", None)
    register.do("marchenko", "submit", "C-000900", request=plain)
    register.do("whitfield", "return", "C-000900", because="incomplete", disclosed="incomplete")
    first = register.do("marchenko", "appeal", "C-000900", because="it is complete")
    assert audited(Copy.of(register.reading)).follows
    with monkeypatch.context() as earlier:
        earlier.setattr("placet.review.appeals.lying_appeal", lambda _: None)
        second = register.do("marchenko", "appeal", "C-000900", because="it is complete indeed")
    report = audited(Copy.of(register.reading))
    assert report.first is not None
    assert (second.index, report.first.index) == (first.index + 1, first.index + 1)
    assert "An appeal lies already" in str(report.first)


def test_a_checkpoint_kept_outside_shows_a_second_history(register: Register) -> None:
    """A second history in which everything follows is found out by a checkpoint kept outside."""
    known = register.reading.checkpoint()
    assert known is not None
    second = sample.memory_register(sample.signer_of(register))
    second.begin()
    second.add_cases(2)
    second.pause()
    copy = Copy.of(second.reading)
    assert audited(copy).follows
    first = audited(copy, check=known.render()).first
    assert first is not None
    assert "rewritten" in str(first)
    assert (first.index, first.until) == (0, SIZE - 1)


def test_a_restored_backup_is_found(register: Register) -> None:
    """An older copy of everything follows, and a checkpoint kept outside says what it lacks."""
    made = sample.memory_register()
    made.begin()
    made.add_cases(1)
    backup = Copy.of(made.reading)
    made.add_cases(1)
    known = made.reading.checkpoint()
    assert known is not None
    assert audited(backup).follows
    assert audited(backup, check=parse_checkpoint(backup.signed[2].render()).render()).follows
    first = audited(backup, check=known.render()).first
    assert first is not None
    assert (first.index, first.until) == (6, 10)
    with pytest.raises(BadSignatureError):
        audited(backup, check=register.reading.checkpoint().render())  # of another key


def test_state_ahead_of_the_log_is_wrong_whatever_waits(copy: Copy) -> None:
    """A queue excuses nothing: neither what has a number, nor what is no act, nor a bare entry."""
    last = copy.held[-1]
    queue = {
        "has one": Waiting(14, last.index, last.leaf, None, None, numbered=True),
        "there is no such act": Waiting(99, None, None, None, None),
        "waits for none": Waiting(99, None, bytes(32), None, None, queued=False),
        "nothing stands behind it": Waiting(99, SIZE, bytes(32), None, None),
    }
    for says, each in queue.items():
        further = case(copy, version=9)
        beside = replace(further, state=replace(further.state, waiting=[each]))
        found = [str(each) for each in audited(beside).wrong]
        assert any("no entry leads" in each for each in found), found
        assert any(says in each for each in found), found


# --- what cannot be done again, and rightly so


def erased(register: Register, entry: int, *fields: str) -> Copy:
    """Erase fields of an entry by an act; return a copy of what is left."""
    register.do("lindqvist", "erase", entry=entry, fields=list(fields), because="a court's order")
    return Copy.of(register.reading)


PAUSE_OF_SMALL, ERASURE = 6, 8
"""The pause in the register below, and what is erased first: a status list lies between."""


@pytest.fixture
def small() -> Register:
    """A register of its own, with one case and an act on the context."""
    made = sample.memory_register()
    made.begin()
    made.add_cases(1)
    made.pause()
    return made


@pytest.mark.parametrize(
    ("entry", "fields", "lost"),
    [
        (REPORT, ["evidence"], [REPORT]),
        (DETERMINE, ["payload"], [2, 3, 5]),
        (SUBMIT, ["actor", "evidence", "payload"], [1, 2, 3, 5]),
        (6, ["evidence"], [6]),
        (BEGIN, ["evidence"], [0]),
    ],
)
def test_what_was_erased_is_explained(
    small: Register, entry: int, fields: Collection[str], lost: list[int]
) -> None:
    """An erased act, and what rests on it, is not done again; the act that erased it says why."""
    copy = erased(small, entry, *fields)
    report = audited(copy)
    assert report.wrong == ()
    assert [each.index for each in report.explained] == lost
    assert {each.by for each in report.explained} == {len(copy.held) - 1}
    assert report.counts[AuditVerdict.ERASED] == len(lost)
    assert report.follows


AFTER_AN_ERASURE: dict[str, tuple[Spoil, str]] = {
    "another context": (lambda c: sealed(c, REPORT, context_version=2), "of the context"),
    "another case version": (lambda c: sealed(c, REPORT, case_version=4), "version 4 of case"),
    "no act": (lambda c: sealed(c, REPORT, payload={}), "not that of an act"),
    "an act of no such kind": (lambda c: sealed(c, REPORT, kind="approve-all"), "no act"),
    "an act of another kind": (lambda c: sealed(c, REPORT, kind="withdraw"), "cannot be read"),
    "an act on no case": (lambda c: sealed(c, REPORT, kind="record-fact"), "cannot be read"),
    "nobody's act": (lambda c: sealed(c, REPORT, actor=None), "not that of an act"),
    "of somebody else": (lambda c: sealed(c, REPORT, actor="ashworth"), "not one of marchenko"),
    "without evidence": (lambda c: sealed(c, REPORT, evidence=None), "no evidence"),
    "an act begun anew": (lambda c: submitted_again(c), "begins"),
}
"""What nobody needs an erased field for to know: of an act on a case of which one was erased."""


def submitted_again(copy: Copy) -> Copy:
    """Commit to a filing in the middle of a case."""
    filing = body_of(copy, SUBMIT).shown
    named = {name: filing[name] for name in ("kind", "payload", "evidence")}
    return sealed(copy, REPORT, **named)


@pytest.mark.parametrize("name", AFTER_AN_ERASURE)
def test_an_act_after_an_erasure_is_still_held_to_what_is_there(small: Register, name: str) -> None:
    """It cannot be done again, and is not believed in what can be known without that."""
    change, says = AFTER_AN_ERASURE[name]
    forged = change(erased(small, DETERMINE, "payload")).signed_again(sample.signer_of(small))
    first = audited(forged).first
    assert first is not None
    assert (first.index, says in str(first)) == (REPORT, True), first


@pytest.mark.parametrize("fields", [["actor"], ["evidence", "payload"]])
@pytest.mark.parametrize("entry", [BEGIN, PAUSE_OF_SMALL, ERASURE])
def test_what_later_acts_are_checked_by_is_not_erased(
    small: Register, entry: int, fields: list[str]
) -> None:
    """Who may act, what the rules are and what was erased follows from entries that stay."""
    erased(small, REPORT, "payload")
    before = len(list(small.reading.entries()))
    with pytest.raises(UnlawfulError, match="later acts are checked by it"):
        erased(small, entry, *fields)
    assert len(list(small.reading.entries())) == before
    assert audited(Copy.of(small.reading)).follows


@pytest.mark.parametrize("field", ["actor", "evidence", "payload", "documents"])
def test_of_a_status_list_nothing_is_erased(small: Register, field: str) -> None:
    """No person wrote it and it names none; an audit holds every version against its entry."""
    entry = next(
        each.index
        for each in small.reading.entries()
        if each.body is not None and each.body.shown.get("kind") == "status-list"
    )
    with pytest.raises(UnknownError, match="no entry"):
        erased(small, entry, field)


def test_whose_record_it_is_and_what_it_was_is_not_told(small: Register) -> None:
    """Whoever keeps the records of another party learns of no entry, nor which are on the rules."""

    def did(kind: str, **fields: Any) -> None:
        small.clock.at += timedelta(minutes=1)
        wanted = command_of(kind, {**fields, "because": "it begins"})
        who = open_session(small.house, "lindqvist", small.signing("lindqvist"))
        act(small.house, who, wanted, sign=small.signing("lindqvist"))

    office = {"party": "FR", "title": "Records", "duties": ["records"]}
    did("record-fact", section="offices", id="fr/records", record=office)
    begins = {"person": "brandt", "from": written(small.clock.at)}
    did("appoint", official="brandt-records", office="fr/records", name="Brandt", **begins)
    did("register-key", key="brandt", public=small.ring.public("brandt"), **begins)
    for entry in (*range(9), 99):
        for fields in (["evidence"], ["payload"]):
            with pytest.raises(UnknownError, match="the duty of records") as refused:
                small.do("brandt", "erase", entry=entry, fields=fields, because="curious")
            assert str(refused.value).replace(str(entry), "N") == NOT_YOURS


NOT_YOURS = (
    "There is no entry N of which you could erase something: it takes the duty of records for "
    "the party whose official did the act."
)


NEXT_KEY = str(SignerKey(ORIGIN, KeyKind.NOTE, bytes(32)).verifier)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("change-semantics", {"to": "placet-1"}),
        ("rotate-key", {"of": "log", "public": NEXT_KEY}),
    ],
)
def test_a_signature_of_an_act_on_the_record_is_good_for_one(
    small: Register, kind: str, fields: dict[str, Any]
) -> None:
    """Whoever has the signed act in hand cannot have it done a second time."""
    assert isinstance(small.recording, MemoryStore)
    small.recording.prepared = {"log": NEXT_KEY}
    signed: list[Any] = []

    def sign(statement: bytes) -> Any:
        signed.append(small.signing("lindqvist")(statement))
        return signed[-1]

    def done(how: Signing) -> None:
        act(small.house, who, command_of(kind, {**fields, "because": "once"}), sign=how)

    who = open_session(small.house, "lindqvist", small.signing("lindqvist"))
    done(sign)
    before = len(list(small.reading.entries()))
    with pytest.raises(EvidenceError):
        done(lambda _: signed[0])
    assert len(list(small.reading.entries())) == before


@pytest.mark.parametrize("entry", [BEGIN, PAUSE_OF_SMALL])
def test_a_context_that_no_entry_leads_to_is_not_believed(
    small: Register, monkeypatch: pytest.MonkeyPatch, entry: int
) -> None:
    """A program that erases such an entry all the same opens no way to put in other signers."""
    monkeypatch.setattr("placet.operations.acting.act._must_be_erasable", lambda *_: None)
    copy = erased(small, entry, "payload")
    for version in (1, 2) if entry == BEGIN else (2,):
        plain: Any = copy.state.contexts[version]
        keys: Any = plain["registry"]["keys"]
        others = {**keys, "secretary": {**keys["secretary"], "public": small.ring.public("thief")}}
        registry = {**plain["registry"], "keys": others}
        copy = with_row(copy, "contexts", version, {**plain, "registry": registry})
    first = audited(copy).first
    assert first is not None
    assert (first.index, "no act erases that" in str(first)) == (entry, True)


def test_an_erasure_that_erased_nothing_is_wrong(small: Register) -> None:
    """An act that says it erased a field which is still there does not follow."""
    whole = Copy.of(small.reading)
    copy = erased(small, REPORT, "payload")
    report = audited(with_body(copy, REPORT, whole.held[REPORT].body))
    assert report.first is not None
    assert report.first.index == len(copy.held) - 1
    assert "still there" in report.first.says


def test_more_erased_than_the_act_says_is_wrong(small: Register) -> None:
    """A tombstone in the place of a field that no act erased does not follow."""
    copy = erased(small, REPORT, "evidence")
    report = audited(with_body(copy, REPORT, erase(body_of(copy, REPORT), ["payload"])))
    assert report.first is not None
    assert report.first.index == REPORT


EARLIER = "placet.determination.answer.EARLIER_SEMANTICS"
"""What earlier programs judged by: today's is the first, so tests have to say of one before it."""


def other_semantics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have determinations made as an earlier program made them."""
    present = Context.determine

    def earlier(self: Context, *given: Any, **more: Any) -> Determination:
        return replace(present(self, *given, **more), semantics="placet-0")

    monkeypatch.setattr(Context, "determine", earlier)
    monkeypatch.setattr(Context, "alike", earlier)


def change_semantics(register: Register) -> None:
    """Record that present semantics hold from here on."""
    register.do("lindqvist", "change-semantics", to="placet-1", because="a new version")


def test_a_change_of_semantics_explains_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier program determined differs; the change of semantics explains it."""
    register = sample.memory_register()
    register.begin()
    with monkeypatch.context() as patched:
        other_semantics(patched)
        register.add_cases(1)
    monkeypatch.setattr(EARLIER, ("placet-0",))
    without_act = audited(Copy.of(register.reading))
    assert without_act.first is not None
    assert without_act.first.index == DETERMINE
    change_semantics(register)
    register.add_cases(1)
    report = audited(Copy.of(register.reading))
    assert report.follows
    assert [(each.index, each.verdict, each.by) for each in report.explained] == [
        (DETERMINE, AuditVerdict.DIFFERS, 6),
        (ISSUE, AuditVerdict.DIFFERS, 6),
    ]


def lenient(monkeypatch: pytest.MonkeyPatch, since: datetime) -> None:
    """Have determinations made as by a program that held a service to be back sooner."""
    present = Context.determine

    def earlier(self: Context, request: Any, at: datetime, **more: Any) -> Determination:
        answer = replace(present(self, request, at, **more), semantics="placet-0")
        return replace(answer, why_not=()) if at >= since else answer

    monkeypatch.setattr(Context, "determine", earlier)
    monkeypatch.setattr(Context, "alike", earlier)


def lifted_sooner(monkeypatch: pytest.MonkeyPatch) -> tuple[Register, int]:
    """Return a register in which a suspension was lifted, by what was judged then; at which entry.

    What was used under the permit after that was within it.
    """
    register = sample.memory_register()
    register.begin()
    with monkeypatch.context() as patched:
        lenient(patched, register.clock.at + timedelta(days=30))
        register.add_cases(1, reports=0)
        register.pause()
        ((case, held),) = register.reading.heads().cases.items()
        (permit,) = held.permits
        assert held.permits[permit].stage == "suspended"
        register.clock.at += timedelta(days=31)
        index = len(list(register.reading.entries()))
        register.do("whitfield", "lift", case, permit=permit, because="the data is back")
        use = {"area": "RU-KRS", "target": "military.depot", "purpose": "defence.strike"}
        use |= {"recipient": "none", "on": written(register.clock.at), "line": "missiles"}
        named = {"permit": permit, "report": "R-1", "quantity": 1}
        register.do("marchenko", "report-use", case, **named, **use)
        (report,) = register.reading.heads().cases[case].reports
        assert not any("suspended" in each for each in report.beyond)
    return register, index


def test_a_change_of_semantics_explains_that_a_suspension_was_lifted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By what was judged then a service was back: who lifted it could, and the use was within.

    From the change on the permit is judged anew, and falls at once.
    """
    register, index = lifted_sooner(monkeypatch)
    monkeypatch.setattr(EARLIER, ("placet-0",))
    first = audited(Copy.of(register.reading)).first
    assert first is not None
    assert first.index < index
    change_semantics(register)
    report = audited(Copy.of(register.reading))
    assert report.first is None, report.first
    assert index in {each.index for each in report.explained}
    (row,) = register.reading.heads().permits.values()
    assert row.falls is not None
    assert row.listed == 2


def harsh(monkeypatch: pytest.MonkeyPatch, gone: Callable[[Context, datetime], bool]) -> None:
    """Have determinations made as by a program that held the data to be withdrawn at times."""
    present = Context.determine

    def earlier(self: Context, request: Any, at: datetime, **more: Any) -> Determination:
        answer = replace(present(self, request, at, **more), semantics="placet-0")
        withdrawn = Outstanding("withdrawn", "us-targeting-data", "it is withdrawn")
        return replace(answer, why_not=(withdrawn,)) if gone(self, at) else answer

    monkeypatch.setattr(Context, "determine", earlier)
    monkeypatch.setattr(Context, "alike", earlier)


def test_a_change_of_semantics_explains_which_permits_an_act_spared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An act ended a service, by what was judged then, and spared a permit that rests on it."""
    register = sample.memory_register()
    register.begin()
    monkeypatch.setattr(EARLIER, ("placet-0",))
    with monkeypatch.context() as patched:
        harsh(patched, lambda context, _: context.version > 1)
        register.add_cases(1, reports=0)
        (permit,) = register.reading.heads().permits
        index = len(list(register.reading.entries()))
        item = register.reading.context().plain["registry"]["items"]["us-targeting-data"]
        fact = {"section": "items", "id": "us-targeting-data", "record": {**item, "name": "Data"}}
        fact |= {"supersedes": True}
        spares = {"except_permits": [permit], "carve_out": "it is under way"}
        done = register.do("lindqvist", "record-fact", because="its name", **fact, **spares)
        assert {each["ground"]["kind"] for each in done.change.event.found["spared"]} == {"service"}
    assert audited(Copy.of(register.reading)).first is not None
    change_semantics(register)
    report = audited(Copy.of(register.reading))
    assert report.first is None, report.first
    assert index in {each.index for each in report.explained}


def test_a_change_of_semantics_explains_when_a_permit_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A permit was issued until a service would end, by what was judged then."""
    register = sample.memory_register()
    register.begin()
    monkeypatch.setattr(EARLIER, ("placet-0",))
    data = register.reading.context().plain["registry"]["items"]["us-targeting-data"]
    elsewhere = {"status": "withdrawn", "from": "2025-04-01", "when": 'area.within("PL")'}
    later = {**data, "availability": [elsewhere]}
    fact = {"section": "items", "id": "us-targeting-data", "record": later, "supersedes": True}
    register.do("lindqvist", "record-fact", because="it was said so", **fact)
    day = parse_moment("2025-04-01")
    with monkeypatch.context() as patched:
        harsh(patched, lambda _, at: at >= day)
        register.add_cases(1, reports=0)
        (held,) = register.reading.heads().cases.values()
        assert [each.terms.until for each in held.permits.values()] == [day]
    assert audited(Copy.of(register.reading)).first is not None
    change_semantics(register)
    report = audited(Copy.of(register.reading))
    assert report.first is None, report.first
    assert ISSUE + 1 in {each.index for each in report.explained}


def test_what_facts_say_of_a_ground_no_semantics_explain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suspension lifted while a book had ended the authorisation that the permit rests on."""
    register = sample.memory_register()
    register.begin()
    monkeypatch.setattr(EARLIER, ("placet-0",))
    with monkeypatch.context() as patched:
        other_semantics(patched)
        register.add_cases(1, reports=0)
        ((case, held),) = register.reading.heads().cases.items()
        (permit,) = held.permits
        grounds = held.permits[permit].grounds
        (rule,) = [each.about for each in grounds if each.kind == "standing-authorisation"]
        ended = {"party": "US", "policy": rule.partition(":")[2].partition("/")[0]}
        ended |= {"until": written(register.clock.at + timedelta(minutes=1)), "because": "over"}
        register.do("hart", "end-policy", **ended)
        index = len(list(register.reading.entries()))
        patched.setattr("placet.review.grounds.Footing.why_not", lambda *_: None)
        register.do("whitfield", "lift", case, permit=permit, because="it should hold")
    change_semantics(register)
    first = audited(Copy.of(register.reading)).first
    assert first is not None
    assert (first.index, "could not have been done" in str(first)) == (index, True)


def test_after_the_change_nothing_is_explained_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that differs although it was done under present semantics does not follow."""
    register = sample.memory_register()
    register.begin()
    monkeypatch.setattr(EARLIER, ("placet-0",))
    change_semantics(register)
    with monkeypatch.context() as patched:
        other_semantics(patched)
        register.add_cases(1)
    first = audited(Copy.of(register.reading)).first
    assert first is not None
    assert first.index == DETERMINE + 1


def test_semantics_that_no_program_had_explain_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer by semantics that this program has never heard of does not follow."""
    register = sample.memory_register()
    register.begin()
    with monkeypatch.context() as patched:
        other_semantics(patched)
        register.add_cases(1)
    change_semantics(register)
    first = audited(Copy.of(register.reading)).first
    assert first is not None
    assert first.index == DETERMINE
    assert "determined by the semantics placet-0, which this program never had" in str(first)
    with pytest.raises(UnlawfulError, match="my-own"):
        register.do("lindqvist", "change-semantics", to="my-own", because="mine")


def unauthorised(monkeypatch: pytest.MonkeyPatch, register: Register, what: str) -> int:
    """Have something done that nobody may do; return its entry."""
    index = len(list(register.reading.entries()))
    with monkeypatch.context() as patched:
        if what == "a policy of the applicant's making":
            patched.setattr("placet.review.changes.lawful", lambda *_: {})
            patched.setattr("placet.operations.acting.act.lawful", lambda *_: {})
            rule = {"when": "true", "then": "clear", "standing": "yes", "because": "x"}
            text = {"title": "x", "announced": "undeclared", "adopted-by": "us/secdef"}
            text |= {"from": written(register.clock.at), "rules": {"ours": rule}}
            named = {"party": "US", "policy": "ours", "because": "x"}
            register.do("marchenko", "adopt-policy", text=text, **named)
        else:
            patched.setattr("placet.operations.acting.act._must_have_part", lambda *_: None)
            patched.setattr("placet.review.scene.Scene.must_have", lambda *_: None)
            patched.setattr("placet.review.context.Context.has_duty", lambda *_: True)
            case = max(register.reading.heads().cases)
            permit = max(register.reading.case(case).permits)
            register.do("lindqvist", "revoke", case, permit=permit, because="x")
    return index


@pytest.mark.parametrize("what", ["a policy of the applicant's making", "a permit revoked"])
@pytest.mark.parametrize("before", [True, False])
def test_a_change_of_semantics_gives_nobody_authority(
    monkeypatch: pytest.MonkeyPatch, what: str, before: bool
) -> None:
    """Whoever did what they may not is named, whenever and between whatever semantics changed."""
    register = sample.memory_register()
    register.begin()
    monkeypatch.setattr(EARLIER, ("placet-0",))
    with monkeypatch.context() as patched:
        other_semantics(patched)
        if before:
            register.do("lindqvist", "change-semantics", to="placet-0", because="an old version")
        register.add_cases(1)
        index = unauthorised(patched, register, what)
    if not before:
        change_semantics(register)
    report = audited(Copy.of(register.reading))
    assert report.first is not None, report.explained
    assert report.first.index == index
    assert "could not have been done" in str(report.first)


def test_the_tokens_are_those_of_real_permits(copy: Copy) -> None:
    """What the tests above change is good before they change it."""
    for row in copy.state.permits.values():
        assert row.token is not None
        assert open_permit(row.token, sample.permit_keys()).terms.id == row.permit
    digest = hashlib.sha256((copy.token or "").encode()).hexdigest()
    assert body_of(copy, 13).shown["payload"] == {"version": 4, "digest": f"sha256:{digest}"}


def test_an_act_dated_before_the_last_on_the_context_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A policy that a clock set back made older than what was on record then does not follow."""
    register = sample.memory_register()
    register.begin()
    fact = {"section": "targets", "id": "rail", "record": {"means": "Rail"}}
    register.do("lindqvist", "record-fact", because="x", **fact)
    index = len(list(register.reading.entries()))
    register.clock.at -= timedelta(days=300)
    rules = {"all": {"when": "true", "then": "review us/secdef", "because": "x"}}
    text = {"title": "x", "announced": "undeclared", "rules": rules}
    text |= {"from": written(register.clock.at + timedelta(days=1))}
    adopt = {"party": "US", "policy": "new", "text": text, "because": "x"}
    with pytest.raises(ClockError, match="set back"):
        register.do("hart", "adopt-policy", **adopt)
    with monkeypatch.context() as patched:
        patched.setattr("placet.review.context.Context.must_be_in_time", lambda *_: None)
        register.do("hart", "adopt-policy", **adopt)
    first = audited(Copy.of(register.reading)).first
    assert first is not None
    assert (first.index, "set back" in str(first)) == (index, True)


def test_what_falls_on_a_day_to_come_is_told_and_follows() -> None:
    """Whoever records a pause ahead is told which permit and when; audit has it all anew."""
    made = sample.memory_register()
    made.begin()
    made.add_cases(1)
    (case,) = made.reading.heads().cases
    (permit,) = made.reading.case(case).permits
    data = next(each for each in load_demonstration(UKRAINE).story.acts if each.do == "record-fact")
    day = (made.clock.at + timedelta(days=1)).replace(microsecond=0)
    pause = {"status": "withdrawn", "from": written(day), "until": written(day + timedelta(1))}
    fact = {**data.with_, "record": {**data.with_["record"], "availability": [pause]}}
    done = made.do(data.by, data.do, **fact)
    (told,) = done_of(done, made.house, SignedIn(data.by, None)).suspends
    assert (told.permit, told.because.partition(": ")[0]) == (permit, f"from {pause['from']}")
    made.clock.at = day + timedelta(days=2)
    made.do("whitfield", "lift", case, permit=permit, because="the data is back")
    report = audited(Copy.of(made.reading))
    assert report.follows, report.wrong
