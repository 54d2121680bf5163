"""What every implementation of `Recording` and `Reading` must do, run on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import store_sample as sample
from memory_store import MemoryStore

from placet.analysis.projection import Draw
from placet.ledger import (
    Erased,
    MalformedError,
    MissingError,
    Tile,
    check_continues,
    export_log,
    hashes_from,
    make_receipt,
    open_checkpoint,
    prove_consistency,
    verify_export,
    verify_receipt,
)
from placet.need_to_know.case_on_desks import digest
from placet.need_to_know.desk import Held, Tab, keys
from placet.need_to_know.reporting import Figures, Span
from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.staleness import Compared
from placet.need_to_know.view import sight
from placet.operations.ports import Change, OnDesk, PermitRow, Reading, Recording, Sought
from placet.permit import UnfitPermitError
from placet.registry import Duty
from placet.review.case import (
    Case,
    InformationRequest,
    PermitStage,
    Stage,
    TermsLine,
)
from placet.review.commands import Advise, ChangeSemantics
from placet.review.context import Context
from placet.review.errors import ClockError, NotAllowedError, UnknownError
from placet.review.event import Event, command_of
from placet.review.viewer import Viewer
from placet.store.errors import UnfitChangeError
from server_for_tests import Databases, Url


@dataclass
class Store:
    """Both ports of one implementation."""

    recording: Recording
    reading: Reading


def _memory() -> Store:
    made = MemoryStore(
        sample.ORIGIN,
        sample.Ticking(),
        sample.claims,
        sample.sign_permit,
        sample.sign_status_list,
    )
    return Store(made, made)


@pytest.fixture(params=["memory", "postgresql"])
def store(
    request: pytest.FixtureRequest,
    databases: Databases,
    new_database: Callable[..., Url],
    tmp_path: Path,
) -> Iterator[Store]:
    """Each implementation, empty."""
    if request.param == "memory":
        yield _memory()
        return
    system = sample.System(sample.migrated(databases, new_database), tmp_path / "keys")
    yield Store(system.recording(system.sequencer()), system.reading())
    system.close()


@pytest.fixture
def begun(store: Store) -> Store:
    """Each implementation, with a first context."""
    sample.begin(store.recording)
    return store


def test_a_log_that_has_not_begun_takes_no_case(store: Store) -> None:
    """Proves that there is nothing to act in before the first context, and nothing to read."""
    with pytest.raises(UnknownError):
        sample.submit(store.recording, "C-1")
    with pytest.raises(UnknownError):
        store.reading.context()
    assert store.reading.checkpoint() is None
    assert list(store.reading.entries()) == []
    assert store.reading.status_list() is None


def test_an_act_is_an_entry_that_a_signed_checkpoint_covers(begun: Store) -> None:
    """Proves that what is acknowledged has a receipt that verifies against the log's keys."""
    done = sample.submit(begun.recording, "C-1")
    signed = begun.reading.checkpoint()
    assert signed is not None
    assert done.index == 1
    assert done.index < done.size <= signed.checkpoint.size
    read = hashes_from(begun.reading.tiles(), signed.checkpoint.size)
    receipt = make_receipt(done.index, signed, read)
    assert verify_receipt(receipt, done.entry, begun.reading.log_keys(), None).index == 1
    assert begun.reading.unnumbered() == 0


def test_the_entry_says_what_the_act_built_on(begun: Store) -> None:
    """Proves that an entry holds actor, evidence, command and both versions, and reads back."""
    sample.learn(begun.recording, "t")
    sample.submit(begun.recording, "C-1")
    sample.move(begun.recording, "C-1", "on balance")
    entry = [each.body for each in begun.reading.entries()][-1]
    assert entry is not None
    act = entry.entry()
    assert (act.kind, act.actor, act.case) == ("advise", "ben", "C-1")
    assert (act.case_version, act.context_version) == (1, 2)
    assert act.evidence == sample.EVIDENCE
    assert isinstance(act.payload, dict)
    command = command_of(act.kind, act.payload["command"])
    assert command == Advise(office="o", stance="for", says="on balance")


def test_a_case_reads_back_as_it_was_written(begun: Store) -> None:
    """Proves that state survives the way through the store, the order of keys made canonical."""
    done = sample.submit(begun.recording, "C-1", deadlines=())
    assert begun.reading.case("C-1") == done.change.cases[0]
    assert list(begun.reading.case("C-1").request) == ["activity", "lines", "purpose"]


def test_make_gets_the_state_as_it_stands(begun: Store) -> None:
    """Proves that each act is given the case and the context that the one before left."""
    sample.submit(begun.recording, "C-1")
    sample.move(begun.recording, "C-1")
    sample.learn(begun.recording, "t")
    seen: list[tuple[int, int]] = []

    def make(case: Case | None, context: Context) -> Change:
        assert case is not None
        seen.append((case.version, context.version))
        raise NotAllowedError("no")

    with pytest.raises(NotAllowedError):
        begun.recording.on_case("C-1", make)
    assert seen == [(2, 2)]


def test_nothing_is_written_when_make_refuses(begun: Store) -> None:
    """Proves that a refused act leaves no entry, no state and no lock."""

    def refuse(_known: object, _other: object) -> Change:
        raise NotAllowedError("no")

    for record in (begun.recording.on_context, begun.recording.erase):
        with pytest.raises(NotAllowedError):
            record(refuse)
    with pytest.raises(NotAllowedError):
        begun.recording.on_case("C-1", refuse)
    assert len(list(begun.reading.entries())) == 1
    assert begun.reading.unnumbered() == 0
    assert sample.submit(begun.recording, "C-1").index == 1


def test_an_act_too_large_for_an_entry_is_refused_whole(begun: Store) -> None:
    """Proves that more than 4 MiB is refused with the size and the limit, and nothing written."""
    sample.submit(begun.recording, "C-1")

    def make(known: Case | None, _context: Context) -> Change:
        assert known is not None
        command = Advise(office="o", stance="for", says="s")
        event = Event(command, "ben", sample.BEGAN, "C-1", {"text": "x" * (4 << 20)})
        return Change(event, (known.model_copy(update={"version": 2}),))

    with pytest.raises(MalformedError, match="the most is 4194304"):
        begun.recording.on_case("C-1", make)
    assert begun.reading.case("C-1").version == 1
    assert len(list(begun.reading.entries())) == 2


def test_nothing_is_written_of_a_permit_that_nobody_could_sign(
    begun: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that an act is refused whole where its permit cannot be claimed."""

    def refuse(*_: object) -> object:
        raise UnfitPermitError("no")

    sample.submit(begun.recording, "C-1")
    monkeypatch.setattr(begun.recording, "_claims", refuse)
    with pytest.raises(UnfitPermitError):
        sample.move(begun.recording, "C-1", permits={"P-1": sample.permit("P-1", 3)})
    assert begun.reading.case("C-1").version == 1
    assert len(list(begun.reading.entries())) == 2


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=3650)])
def test_an_act_that_is_dated_ahead_is_refused(begun: Store, ahead: timedelta) -> None:
    """Proves that a clock that is ahead leaves nothing behind which all later acts wait for."""
    sample.submit(begun.recording, "C-1")
    at = datetime.now(UTC) + ahead
    on_case = Event(Advise(office="o", stance="for", says="s"), "ben", at, "C-1")
    moved = sample.new_case("C-1").model_copy(update={"version": 2, "last": at})
    with pytest.raises(ClockError):
        begun.recording.on_case("C-1", lambda _known, _context: Change(on_case, (moved,)))
    on_context = Event(ChangeSemantics(to="2", because="b"), "root", at)
    with pytest.raises(ClockError):
        begun.recording.on_context(lambda _known, _cases: Change(on_context))
    assert len(list(begun.reading.entries())) == 2
    sample.move(begun.recording, "C-1")
    sample.note(begun.recording)


def test_an_act_that_is_dated_back_is_refused(begun: Store) -> None:
    """Proves that on a quiet case, too, nothing counts as of before what is on record by then."""
    sample.submit(begun.recording, "C-1")
    sample.submit(begun.recording, "C-2")
    later = sample.BEGAN + timedelta(hours=1)
    sample.move(begun.recording, "C-2", last=later)
    quiet = Event(Advise(office="o", stance="for", says="s"), "ben", sample.BEGAN, "C-1")
    moved = begun.reading.case("C-1").model_copy(update={"version": 2})
    with pytest.raises(ClockError, match="something on record is dated later"):
        begun.recording.on_case("C-1", lambda _known, _context: Change(quiet, (moved,)))
    beside = replace(quiet, at=later - timedelta(seconds=60))
    begun.recording.on_case("C-1", lambda _known, _context: Change(beside, (moved,)))
    assert len(list(begun.reading.entries())) == 5


@pytest.mark.parametrize("defect", ["version", "other case", "context"])
def test_a_change_that_does_not_follow_is_refused(begun: Store, defect: str) -> None:
    """Proves that a defect above cannot skip a version or move a case that is not locked."""
    sample.submit(begun.recording, "C-1")
    event = Event(Advise(office="o", stance="for", says="s"), "ben", sample.BEGAN, "C-1")
    changes = {
        "version": Change(event, (sample.new_case("C-1"),)),
        "other case": Change(event, (sample.new_case("C-2"),)),
        "context": Change(event, (), sample.context(2)),
    }
    with pytest.raises(UnfitChangeError):
        begun.recording.on_case("C-1", lambda _case, _context: changes[defect])
    assert len(list(begun.reading.entries())) == 2


def test_cases_with_permits_come_in_pages_for_some_parties(begun: Store) -> None:
    """Proves that they are found by one question each, and only where one of the parties is."""
    for name, status in (("C-1", 5), ("C-2", None), ("C-3", 7)):
        sample.submit(begun.recording, name)
        if status is not None:
            permits = {f"P-{status}": sample.permit(f"P-{status}", status)}
            sample.move(begun.recording, name, permits=permits)
    every = [each.id for each in begun.reading.permitted(5, None)]
    assert sorted(every) == ["C-1", "C-3"]
    first = begun.reading.permitted(1, None)
    rest = begun.reading.permitted(5, None, first[0].id)
    assert [each.id for each in (*first, *rest)] == every
    applicant = begun.reading.case("C-1").applicant
    assert [each.id for each in begun.reading.permitted(5, [applicant])] == every
    assert begun.reading.permitted(5, ["ZZ"]) == []


def test_acts_on_the_context_make_the_next_version(begun: Store) -> None:
    """Proves that every version stays readable, and an act without change makes none."""
    sample.submit(begun.recording, "C-1")
    sample.learn(begun.recording, "second")
    sample.note(begun.recording)
    assert begun.reading.context().version == 2
    assert begun.reading.context(2).plain == {"registry": {"title": "second"}, "books": []}
    assert begun.reading.context(1).plain["registry"] == {}
    made = [each.index for each in begun.reading.entries_of_context()]
    assert len(made) == 2
    assert made[1] == list(begun.reading.entries())[-2].index
    assert [each.index for each in begun.reading.entries_of_no_case()] == [0, 2, 3]
    assert [each.index for each in begun.reading.entries_of_no_case(3)] == [3]
    sizes = [each.checkpoint.size for each in begun.reading.latest_checkpoints(2)]
    every = [each.checkpoint.size for each in begun.reading.checkpoints()]
    assert sizes == every[::-1][:2]
    below = [each.checkpoint.size for each in begun.reading.latest_checkpoints(9, sizes[0])]
    assert below == [size for size in every[::-1] if size < sizes[0]]
    with pytest.raises(UnknownError):
        begun.reading.context(3)
    with pytest.raises(UnfitChangeError):
        begun.recording.on_context(
            lambda _context, _cases: Change(
                Event(Advise(office="o", stance="for", says="s"), "r", sample.BEGAN),
                (),
                sample.context(7),
            )
        )


def test_at_one_moment_everybody_goes_by_one_context(begun: Store) -> None:
    """Proves that the present context stays what it was when it was first asked for, until the end.

    A version that is named is that version, and two moments do not reach into one another.
    """
    reading = begun.reading
    with reading.at_one_moment():
        first = reading.context()
        sample.learn(begun.recording, "second")
        assert reading.context() is first
        assert reading.context(2).version == 2
        with reading.at_one_moment():
            assert reading.context().version == 2
        assert reading.context() is first
    assert reading.context().version == 2


def test_an_act_on_the_context_moves_the_cases_it_touches(begun: Store) -> None:
    """Proves that one entry moves every case whose permits it suspends, and is given just those."""
    for name, status in (("C-1", 5), ("C-2", 6), ("C-3", 7)):
        sample.submit(begun.recording, name)
        sample.move(
            begun.recording, name, permits={f"P-{status}": sample.permit(f"P-{status}", status)}
        )
    over = sample.permit("P-7", 7, PermitStage.REVOKED)
    sample.move(begun.recording, "C-3", permits={"P-7": over})
    given: list[str] = []

    def make(known: Context | None, cases: object) -> Change:
        assert isinstance(cases, dict)
        assert known is not None
        given.extend(cases)
        held = {"P-5": sample.permit("P-5", 5, PermitStage.SUSPENDED)}
        update = {"version": 3, "permits": held}
        command = Advise(office="o", stance="for", says="s")
        return Change(
            Event(command, "root", sample.BEGAN, touches=("C-1",)),
            (cases["C-1"].model_copy(update=update),),
            sample.context(known.version + 1),
        )

    done = begun.recording.on_context(make)
    assert given == ["C-1", "C-2"]
    assert begun.reading.permit_row("P-5").status == 2
    assert [each.index for each in begun.reading.entries_of_case("C-1")][-1] == done.index
    entries = begun.reading.entries_of_case("C-1")
    assert len(entries) == 3
    assert begun.reading.places_of_case("C-1") == [each.index for each in entries]
    assert begun.reading.case("C-1").version == 3


def test_permits_are_signed_and_their_status_is_listed_and_logged(begun: Store) -> None:
    """Proves that a permit has its token at once, and that each version of the list is an entry."""
    sample.submit(begun.recording, "C-1")
    done = sample.move(begun.recording, "C-1", permits={"P-1": sample.permit("P-1", 40)})
    row = begun.reading.permit_row("P-1")
    assert row == PermitRow("P-1", "C-1", 40, 0, "signed P-1", row.terms, listed=0)
    assert begun.reading.status_list() == "version 1: []"
    over = sample.permit("P-1", 40, PermitStage.REVOKED)
    sample.move(begun.recording, "C-1", permits={"P-1": over})
    assert begun.reading.status_list() == "version 2: [(40, 1)]"
    sample.move(begun.recording, "C-1")
    assert begun.reading.status_list() == "version 2: [(40, 1)]"
    dates = [row.at for _, row in sorted(begun.reading.heads().lists.items())]
    assert begun.reading.status_list(dates[-1]) == "version 2: [(40, 1)]"
    assert begun.reading.status_list(dates[0] - timedelta(seconds=1)) is None
    bodies = [each.body for each in begun.reading.entries(done.index)]
    assert [each.shown["kind"] for each in bodies if each] == [
        "advise",
        "status-list",
        "advise",
        "status-list",
        "advise",
    ]
    assert begun.reading.case_of_permit("P-1").id == "C-1"
    with pytest.raises(UnknownError):
        begun.reading.permit_row("P-2")
    with pytest.raises(UnknownError):
        begun.reading.case_of_permit("P-2")


def test_erasing_leaves_a_tombstone_and_the_proof(begun: Store) -> None:
    """Proves that erased fields are gone while the leaf and every receipt go on holding."""
    done = sample.submit(begun.recording, "C-1")
    sample.erase(begun.recording, done.index, "payload", "evidence")
    entry = begun.reading.entries_of_case("C-1")[0]
    assert entry.body is not None
    assert entry.leaf == done.entry == entry.body.commitment
    assert isinstance(entry.body.fields["payload"], Erased)
    assert isinstance(entry.body.fields["evidence"], Erased)
    assert entry.body.shown["actor"] == "ann"
    with pytest.raises(UnknownError):
        sample.erase(begun.recording, 99, "payload")
    with pytest.raises(UnfitChangeError):
        begun.recording.erase(
            lambda _context, _cases: Change(
                Event(Advise(office="o", stance="for", says="s"), "r", sample.BEGAN)
            )
        )


def test_cases_come_the_latest_moved_first(begun: Store) -> None:
    """Proves the order of the list, and that ended cases can be left out."""
    for name in ("C-1", "C-2", "C-3"):
        sample.submit(begun.recording, name)
    sample.move(begun.recording, "C-2")
    sample.move(begun.recording, "C-3")
    sample.move(begun.recording, "C-3", stage=Stage.CLOSED)
    assert [each.id for each in begun.reading.cases()] == ["C-3", "C-2", "C-1"]
    assert [each.id for each in begun.reading.cases(open_only=True)] == ["C-2", "C-1"]
    with pytest.raises(UnknownError):
        begun.reading.case("C-4")
    assert begun.reading.entries_of_case("C-4") == []
    assert begun.reading.places_of_case("C-4") == []


UA = Held(frozenset({"applications party:UA"}), frozenset({"person:ann", "party:UA"}))
"""Somebody who files for UA."""


def asked(minutes: int, due: int | None = None) -> dict[str, Any]:
    """Return a case's question to its applicant, asked at a minute and due on a day."""
    at = sample.BEGAN + timedelta(minutes=minutes)
    day = sample.BEGAN + timedelta(days=due) if due is not None else None
    return {"questions": (InformationRequest(asked_by="ben", asked_at=at, asks="?", due=day),)}


def places(store: Store, held: Held, tab: Tab, **more: Any) -> list[tuple[str, str]]:
    """Return the cases on a tab of a desk, a page at a time, each with the act that waits."""
    found: list[OnDesk] = []
    at = sample.BEGAN + timedelta(days=3)
    while True:
        after = found[-1].place if found else None
        asking = Sought(held, tab, at=at, most=2, after=after, **more)
        page = store.reading.desk(asking)
        found += page
        assert [each.case for each in page] == [store.reading.case(each.place[2]) for each in page]
        if len(page) < asking.most:
            return [(each.case.id, each.place[3]) for each in found]


def test_what_is_on_a_desk_comes_most_urgent_first_a_page_at_a_time(begun: Store) -> None:
    """Proves the order, the pages, the counts, and that a case is on one of the last three tabs."""
    for number, due in enumerate((None, 5, 2, None, 2), start=1):
        sample.submit(begun.recording, f"C-{number}", **asked(9 - number, due))
    sample.submit(begun.recording, "C-6")
    sample.submit(begun.recording, "C-7")
    sample.move(begun.recording, "C-7", stage=Stage.CLOSED)
    sample.submit(begun.recording, "C-8", applicant="PL", **asked(1))
    expected = ["C-5", "C-3", "C-2", "C-4", "C-1"]
    assert places(begun, UA, Tab.ACTION) == [(each, "supply") for each in expected]
    assert [case for case, _ in places(begun, UA, Tab.TEAM)] == sorted(expected)
    assert places(begun, UA, Tab.OTHERS) == [("C-6", "")]
    assert places(begun, UA, Tab.CLOSED) == [("C-7", "")]
    at = sample.BEGAN + timedelta(days=3)
    counts = {tab: (each.count, each.late) for tab, each in begun.reading.tallies(UA, at).items()}
    assert counts == {
        Tab.ACTION: (5, 2),
        Tab.STALE: (0, 0),
        Tab.TEAM: (5, 0),
        Tab.OTHERS: (1, 0),
        Tab.CLOSED: (1, 0),
    }
    assert places(begun, Held(), Tab.ACTION) == places(begun, Held(), Tab.CLOSED) == []


def test_what_cases_take_is_summed_for_who_has_a_part_in_them(begun: Store) -> None:
    """Proves sums and the lines named, that ended cases take nothing, and strangers see none."""
    lines = {"one": {"item": "shell", "quantity": "2"}, "two": {"item": "shell", "lot": "l"}}
    request = {"activity": "use", "actor": "UA", "lines": lines}
    for number in range(1, 4):
        sample.submit(begun.recording, f"C-{number}")
        sample.move(begun.recording, f"C-{number}", request=request)
    sample.submit(begun.recording, "C-8", applicant="PL")
    sample.move(begun.recording, "C-3", stage=Stage.WITHDRAWN)
    permit = sample.permit("P-1", 40)
    terms = permit.terms.model_copy(
        update={"lines": (TermsLine(line="two", item="shell", quantity=5),)}
    )
    given = permit.model_copy(update={"terms": terms})
    sample.move(begun.recording, "C-2", permits={"P-1": given}, stage=Stage.CLOSED)
    taken = begun.reading.taken(UA, {"shell"}, ())
    assert [(each.item, each.lot, each.activity, each.actor) for each in taken] == [
        ("shell", "", "use", "UA"),
        ("shell", "l", "use", "UA"),
    ]
    assert [(each.approved, each.pending, each.count) for each in taken] == [(0, 2, 1), (5, 0, 1)]
    assert [each.draws for each in taken] == [(Draw("C-1", 0, 2),), (Draw("C-2", 5, 0),)]
    assert begun.reading.taken(UA, (), {"l", "m"}) == taken[1:]
    assert begun.reading.taken(UA, {"missile"}, ()) == []
    assert begun.reading.taken(Held(), {"shell"}, ()) == []


def test_a_desk_follows_what_is_done(begun: Store) -> None:
    """Proves that an act changes what is on a desk, for whom, and not for the person who is out."""
    sample.submit(begun.recording, "C-1", **asked(1))
    assert places(begun, UA, Tab.ACTION) == [("C-1", "supply")]
    sample.move(begun.recording, "C-1", recused=("ann",))
    assert places(begun, UA, Tab.ACTION) == []
    other = Held(UA.keys, frozenset({"person:bob"}))
    assert places(begun, other, Tab.ACTION) == [("C-1", "supply")]
    sample.move(begun.recording, "C-1", questions=())
    assert places(begun, other, Tab.ACTION) == []
    assert places(begun, other, Tab.OTHERS) == [("C-1", "")]
    sample.move(begun.recording, "C-1", stage=Stage.WITHDRAWN)
    assert places(begun, other, Tab.CLOSED) == [("C-1", "")]


@pytest.mark.parametrize("few", [1000, 0])
def test_a_list_is_narrowed_by_words_status_day_and_whom_it_waits_for(
    begun: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves each filter; and that an applicant, who is not told whom it waits for, finds none.

    Whoever has another part as well finds what they are told in either.
    Whether a search finds few cases or many, it finds the same ones.
    """
    monkeypatch.setattr("placet.store.desk_reading._FEW", few)
    lines = {"one": {"item": "storm-shadow"}}
    request = {"activity": "use", "lines": lines, "actor": "UA", "applicant": "UA"}
    sample.submit(begun.recording, "C-1", **asked(1, due=4))
    reviewed = {
        "stage": Stage.UNDER_REVIEW,
        "request": request,
        "determined": sample.determined("DE"),
    }
    sample.move(begun.recording, "C-1", **reviewed)
    sample.submit(begun.recording, "C-2", **asked(2))
    sample.submit(begun.recording, "C-3")
    sample.move(begun.recording, "C-3", stage=Stage.LAPSED)
    team = partial(places, begun, UA, Tab.TEAM)
    assert [case for case, _ in team()] == ["C-1", "C-2"]
    assert team(words=("shad", "storm")) == team(words=("c", "1")) == [("C-1", "")]
    assert team(words=("storm", "taurus")) == team(words=("drop",)) == []
    action = partial(places, begun, UA, Tab.ACTION)
    assert action(due_by=sample.BEGAN + timedelta(days=4)) == [("C-1", "supply")]
    assert action(due_by=sample.BEGAN) == []
    assert places(begun, UA, Tab.CLOSED, statuses=(CaseStatus.LAPSED,)) == [("C-3", "")]
    assert places(begun, UA, Tab.CLOSED, statuses=(CaseStatus.PERMITTED,)) == []
    officer = Held(frozenset({"reviews party:DE"}), frozenset({"person:kurt"}))
    assert places(begun, officer, Tab.TEAM, awaiting="DE") == [("C-1", "")]
    assert places(begun, officer, Tab.TEAM, awaiting="US") == []
    assert team(awaiting="DE") == []
    every = UA.keys | {"audits"}
    both = Held(every, UA.marks | every)
    assert places(begun, both, Tab.TEAM, awaiting="DE") == [("C-1", "")]
    assert places(begun, both, Tab.TEAM, awaiting="US") == []


def _who(person: str, *held: tuple[str, str], duties: tuple[tuple[str, Duty], ...] = ()) -> Viewer:
    """Return somebody who holds offices of parties, with duties for them."""
    return Viewer(
        person=person, held=frozenset(held), duties=frozenset(duties), house=frozenset(held)
    )


WATCHERS = (
    _who("ann", ("UA", "ua/liaison"), duties=(("UA", Duty.APPLICATIONS),)),
    _who("ben", ("DE", "de/desk"), duties=(("DE", Duty.CASES),)),
    _who("cem", ("FR", "fr/desk"), duties=(("FR", Duty.CASES),)),
    _who("kurt", ("DE", "de/council")),
    _who("tan", ("DE", "de/audit"), duties=(("DE", Duty.AUDIT),)),
    _who(
        "ulf",
        *(("UA", "ua/liaison"), ("DE", "de/desk")),
        duties=(("UA", Duty.APPLICATIONS), ("DE", Duty.CASES)),
    ),
)
"""Who applies, who leads cases of two parties, decides, audits, and both applies and leads."""


def test_rows_find_undetermined_what_one_sees_to_be_that_in_each_case(begun: Store) -> None:
    """Proves it for cases at every stage before somebody of each part: by looking at all of them.

    Of one that is to be determined anew too; of one that ended before it was, not.
    """
    known = {"stage": Stage.UNDER_REVIEW, "determined": sample.determined("DE")}
    anew = {"stage": Stage.SUBMITTED, "determined": None}
    request = {"activity": "use", "lines": {}, "actor": "UA"}
    went: dict[str, tuple[dict[str, Any], ...]] = {
        "C-filed": (),
        "C-determined": (known,),
        "C-anew": (known, anew),
        "C-again": (known, anew, known),
        "C-decided": ({**known, "stage": Stage.DECIDED, "request": request},),
        "C-withdrawn": ({"stage": Stage.WITHDRAWN},),
        "C-returned": (known, {"stage": Stage.RETURNED}),
    }
    sides = (("UA", ("DE",)), ("UA", ("DE", "FR")), ("UA", ()), ("PL", ("DE",)), ("PL", ("FR",)))
    for whose, parties in sides:
        announced = {"parties": dict.fromkeys(parties, "review")}
        for case, moves in went.items():
            name = f"{case}-{whose}-{'-'.join(parties)}"
            sample.submit(begun.recording, name, applicant=whose, announced=announced)
            for each in moves:
                sample.move(begun.recording, name, **each)
    found = 0
    for watcher in WATCHERS:
        for tab in (Tab.TEAM, Tab.OTHERS, Tab.CLOSED):
            on_tab = places(begun, keys(watcher), tab)
            looked = [
                (case, act)
                for case, act in on_tab
                if sight(begun.reading.case(case), watcher).undetermined
            ]
            assert places(begun, keys(watcher), tab, undetermined=True) == looked
            found += len(looked)
    assert found > 20


def test_a_report_counts_all_that_lies_before_somebody_and_no_more(begun: Store) -> None:
    """Proves each figure by hand: what is told inside alone, ages to the day, and the oldest."""
    sample.under_review(begun.recording, "C-1", "C-2", "C-3", "C-4")
    sample.submit(begun.recording, "C-5")
    sample.submit(begun.recording, "C-6", applicant="PL")
    hour = timedelta(hours=1)
    known = sample.determined("DE")
    for number in range(1, 5):
        later = known.model_copy(update={"at": sample.BEGAN + number * hour})
        sample.move(begun.recording, f"C-{number}", determined=later)
    permit = sample.permit("P-1", 40).model_copy(update={"issued_at": sample.BEGAN + 30 * hour})
    sample.move(begun.recording, "C-1", stage=Stage.PERMITTED, permits={"P-1": permit})
    sample.move(begun.recording, "C-5", stage=Stage.WITHDRAWN)
    sample.move(begun.recording, "C-3", submitted_at=sample.BEGAN - timedelta(days=4))
    week = sample.BEGAN + timedelta(days=7)

    def figures(held: Held, at: datetime = week) -> Figures:
        return begun.reading.figures(held, at)

    applicant, officer = figures(UA), figures(OFFICER)
    assert applicant.outcomes == {"under-review": 3, "permitted": 1, "withdrawn": 1}
    assert officer.outcomes == {"under-review": 3, "permitted": 1}
    assert applicant.spans == (Span("filed to permit", 1, 30, 30, 30),)
    spans = (Span("filed to determined", 4, 2, 99, 99), Span("filed to permit", 1, 30, 30, 30))
    assert officer.spans == spans
    assert (applicant.awaited, officer.awaited) == ({}, {"DE": 3})
    assert officer.ages == (0, 3, 0, 0, 0)
    assert figures(UA, week - timedelta(seconds=1)).ages == (2, 1, 0, 0, 0)
    assert [each.id for each in officer.oldest] == ["C-3", "C-2", "C-4"]
    assert figures(Held()) == Figures({}, (), (0,) * 5, {}, [])
    both = Held(UA.keys | OFFICER.keys, UA.marks | OFFICER.marks)
    assert (figures(both).outcomes, figures(both).spans) == (applicant.outcomes, spans)
    assert figures(both).awaited == {"DE": 3}


OFFICER = Held(frozenset({"reviews party:DE"}), frozenset({"person:kurt"}))


def test_a_stale_case_lies_on_a_tab_of_its_own_until_it_moves(begun: Store) -> None:
    """Proves that comparing lays stale cases, each once, and that an act takes its own away."""
    sample.under_review(begun.recording, "C-1", "C-2", "C-3")
    sample.submit(begun.recording, "C-4")
    sample.move(begun.recording, "C-1", says="it moves nothing that the case stands on")
    seen: list[str] = []

    def comparing(case: Case, _context: Context, at: datetime) -> Compared:
        seen.append(case.id)
        return Compared(case.id != "C-2", at + timedelta(hours=1))

    compare = partial(begun.recording.compare, comparing=comparing)
    assert [compare(sample.BEGAN, 2), compare(sample.BEGAN, 2), compare(sample.BEGAN, 2)] == [
        2,
        1,
        0,
    ]
    assert sorted(seen) == ["C-1", "C-2", "C-3"]
    stale = partial(places, begun, OFFICER, Tab.STALE)
    assert stale() == [("C-1", ""), ("C-3", "")]
    assert begun.reading.tallies(OFFICER, sample.BEGAN)[Tab.STALE].count == 2
    assert places(begun, UA, Tab.STALE) == [], "who applied is not told"
    assert len(places(begun, OFFICER, Tab.TEAM)) == 3, "they lie where they lay before"
    heads = begun.reading.heads()
    laid = {name: digest(each, stale=name in ("C-1", "C-3")) for name, each in heads.cases.items()}
    assert heads.desks == laid

    sample.move(begun.recording, "C-1", questions=(), says="again nothing")
    assert stale() == [("C-1", ""), ("C-3", "")]
    sample.move(begun.recording, "C-3", stage=Stage.WITHDRAWN)
    known = begun.reading.case("C-1").determined
    assert known is not None
    renewed = known.model_copy(update={"digest": f"sha256:{'1' * 64}"})
    sample.move(begun.recording, "C-1", determined=renewed)
    assert stale() == []
    seen.clear()
    assert (compare(sample.BEGAN, 9), seen) == (1, ["C-1"]), "what moved is compared anew"


def test_cases_are_compared_again_when_the_context_moves_or_the_time_has_come(
    begun: Store,
) -> None:
    """Proves that what was compared rests until then, and that a case found sound is taken away."""
    sample.under_review(begun.recording, "C-1", "C-2")
    until = {"C-1": sample.BEGAN + timedelta(hours=1), "C-2": sample.BEGAN + timedelta(hours=5)}
    stale = {"C-1"}

    def compare(hours: int) -> int:
        return begun.recording.compare(
            sample.BEGAN + timedelta(hours=hours),
            9,
            lambda case, _, at: Compared(case.id in stale, max(until[case.id], at)),
        )

    assert (compare(0), compare(0)) == (2, 0)
    assert compare(1) == 1
    sample.learn(begun.recording, "another")
    assert compare(0) == 2
    stale.clear()
    assert places(begun, OFFICER, Tab.STALE) == [("C-1", "")]
    assert compare(1) == 1
    assert places(begun, OFFICER, Tab.STALE) == []


def test_heads_are_the_whole_present_state(begun: Store) -> None:
    """Proves that audit gets every head, context, permit and who may see which case."""
    sample.submit(begun.recording, "C-1")
    sample.submit(begun.recording, "C-2", applicant="PL")
    sample.move(begun.recording, "C-1", permits={"P-1": sample.permit("P-1", 4)})
    heads = begun.reading.heads()
    assert heads.cases == {name: begun.reading.case(name) for name in ("C-1", "C-2")}
    assert heads.contexts == {1: {"registry": {}, "books": []}}
    assert heads.permits == {"P-1": begun.reading.permit_row("P-1")}
    assert heads.parties == {"C-1": {"UA"}, "C-2": {"PL"}}
    assert heads.desks == {name: digest(each) for name, each in heads.cases.items()}


def test_the_log_can_be_exported_and_every_checkpoint_continues(begun: Store) -> None:
    """Proves that tiles, bundles and checkpoints make a log that outsiders verify, past a tile."""
    sample.submit(begun.recording, "C-1")
    for _ in range(260):
        sample.move(begun.recording, "C-1")
    signed = begun.reading.checkpoint()
    assert signed is not None
    files = dict(export_log(signed, begun.reading.tiles()))
    keys = begun.reading.log_keys()
    assert verify_export(files.get, keys, None).checkpoint.size == 262
    before = None
    for each in list(begun.reading.checkpoints())[::-1][::20][::-1]:
        after = open_checkpoint(each.render(), keys).checkpoint
        if before is not None:
            read = hashes_from(begun.reading.tiles(), after.size)
            check_continues(before, after, prove_consistency(before.size, after.size, read))
        before = after
    assert before == signed.checkpoint
    entries = list(begun.reading.entries(250, 259))
    assert [each.index for each in entries] == list(range(250, 259))
    assert [each.read() for each in begun.reading.unread(250, 259)] == entries
    with pytest.raises(MissingError):
        begun.reading.tiles()([Tile(0, 2)])


def test_acts_at_the_same_time_lose_nothing(begun: Store) -> None:
    """Proves that acts on one case follow one another and all acts come into the log once."""
    sample.submit(begun.recording, "C-1")

    def some(case: str) -> Callable[[], None]:
        def perform() -> None:
            sample.submit(begun.recording, case)
            for _ in range(3):
                sample.move(begun.recording, case)
                sample.move(begun.recording, "C-1")

        return perform

    raised = sample.together(
        *(some(f"C-{number}") for number in range(2, 8)),
        lambda: sample.learn(begun.recording, "a"),
        lambda: sample.learn(begun.recording, "b"),
    )
    assert raised == []
    assert begun.reading.case("C-1").version == 19
    assert begun.reading.context().version == 3
    entries = [each.body.entry() for each in begun.reading.entries() if each.body]
    assert len(entries) == 1 + 1 + 6 * 7 + 2
    versions: dict[str, int] = {}
    context = 0
    for each in entries:
        assert each.context_version == context
        context += each.kind in ("begin", "record-fact")
        if each.case is not None:
            assert each.case_version == versions.get(each.case, 0)
            versions[each.case] = versions.get(each.case, 0) + 1


def test_one_new_case_is_opened_once(begun: Store) -> None:
    """Proves that two who open a case under one reference at the same time do not both succeed."""

    def open_it() -> None:
        sample.submit(begun.recording, "C-1")

    raised = sample.together(open_it, open_it)
    assert [type(each) for each in raised] == [AssertionError]
    assert len(begun.reading.entries_of_case("C-1")) == 1


def test_a_change_of_semantics_says_anew_when_permits_fall(
    begun: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that what is judged otherwise from an act on is so in every row, as it moves none."""
    sample.submit(begun.recording, "C-1")
    sample.move(begun.recording, "C-1", permits={"P-1": sample.permit("P-1", 4)})
    assert begun.reading.heads().permits["P-1"].falls is None
    monkeypatch.setattr("placet.review.grounds.Footing.why_not", lambda *_: "judged otherwise")
    event = Event(ChangeSemantics(to="2", because="b"), "root", sample.BEGAN)
    change = Change(event, context=sample.context(2), evidence=sample.EVIDENCE)
    begun.recording.on_context(lambda _known, _cases: change)
    assert begun.reading.heads().permits["P-1"].falls == sample.BEGAN
