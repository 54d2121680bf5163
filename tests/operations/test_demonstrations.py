"""A demonstration says that it is one for ever; elsewhere the system's word shows nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import acting_world as world
import pytest
import store_sample as sample
from memory_store import MemoryStore

import audit_sample
from audit_sample import UKRAINE
from placet.bootstrap import SystemReferences
from placet.errors import PlacetError, QuestionError, ScenarioError
from placet.evidence import DemonstrationEvidence, ForgedEvidenceError, WeakEvidenceError
from placet.ledger import JSON
from placet.operations.acting.act import act
from placet.operations.acting.beginning import begin
from placet.operations.acting.signing_in import (
    draw_sign_in,
    finish_sign_in,
    open_session,
    resume_demonstration,
)
from placet.operations.auditing.audit import audit
from placet.operations.auditing.evidence_of import evidence_files
from placet.operations.demonstration.playing import load_demonstration
from placet.operations.house import House, SignedIn
from placet.review import command_of
from placet.review.errors import NotAllowedError, UnknownError, UnlawfulError
from placet.review.lawful import SECTIONS

REVISION = command_of("revise-book", {"party": "US", "fields": {"title": "New"}, "because": "b"})
NO_DEMONSTRATION = "only in a log that says from its first entry that it is a demonstration"


def word(statement: bytes) -> JSON:
    """The system's word over a statement."""
    return DemonstrationEvidence.of(statement).document


def house() -> House:
    """An installation in memory whose log has not begun."""
    clock = sample.Ticking()
    clock.at = world.START
    store = MemoryStore(
        world.ORIGIN, clock, sample.claims, sample.sign_permit, sample.sign_status_list
    )
    return House(store, store, clock, SystemReferences(), world.ORIGIN)


def demonstration() -> House:
    """The small world as a demonstration, begun by the system's word."""
    made = house()
    first = {**world.registry(), "demonstration": "yes"}
    begin(made, SignedIn("rory", None), first, [world.plain(world.BOOK)], word)
    return made


def by_word(made: House, person: str, kind: str, case: str | None = None, /, **fields: Any) -> Any:
    """Have somebody act by the system's word."""
    given = {name.rstrip("_").replace("_", "-"): each for name, each in fields.items()}
    if kind == "submit":
        given["case"], case = case, None
    return act(
        made, resume_demonstration(made, person), command_of(kind, given), case=case, sign=word
    )


def test_in_a_demonstration_the_word_stands_in_for_every_signature() -> None:
    """Proves that a permit comes about with nobody's key, even for a book that asks for a passkey.

    The permit says what it is of.
    """
    made = demonstration()
    by_word(made, "rory", "revise-book", party="US", fields={"evidence": "passkey"}, because="b")
    by_word(made, "olena", "submit", "C-1", request=world.plain(world.USE))
    by_word(made, "dana", "determine", "C-1")
    determined = made.reading.case("C-1").determined
    assert determined is not None
    decided = {"party": "US", "office": "us/secdef", "verdict": "approve", "disclosed": "told"}
    given = {**decided, "determination": determined.digest, "because": "for the file"}
    by_word(made, "sec", "decide", "C-1", **given)
    by_word(made, "lee", "issue", "C-1", permit="P-1", status=1)
    terms = made.reading.case("C-1").permits["P-1"].terms
    assert terms.demonstration


def test_the_word_is_over_the_very_statement_and_a_session_still_signs_nothing_binding() -> None:
    """Proves that the word over another statement is refused, and a session is worth no more."""
    made = demonstration()
    rory = world.signed_in(made, "rory")
    with pytest.raises(ForgedEvidenceError, match="another statement"):
        act(made, rory, REVISION, sign=lambda statement: word(statement + b" "))
    with pytest.raises(WeakEvidenceError, match="asks for signature or more"):
        act(made, rory, REVISION, sign=rory.sign)
    act(made, rory, REVISION, sign=world.signing("rory"))


def test_a_log_that_is_no_demonstration_refuses_the_word() -> None:
    """Proves that it begins nothing, signs nothing, stands for no session and opens none."""
    made = house()
    first, books = world.registry(), [world.plain(world.BOOK)]
    with pytest.raises(WeakEvidenceError, match=NO_DEMONSTRATION):
        begin(made, SignedIn("rory", None), first, books, word)
    world.begun(made)
    world.filed(made, "C-1")
    before = len(list(made.reading.entries()))
    with pytest.raises(WeakEvidenceError, match=NO_DEMONSTRATION):
        act(made, world.signed_in(made, "rory"), REVISION, sign=word)
    smuggled = SignedIn("dana", None, demonstration=True)
    with pytest.raises(WeakEvidenceError, match=NO_DEMONSTRATION):
        act(made, smuggled, command_of("ask", {"asks": "what for"}), case="C-1")
    with pytest.raises(WeakEvidenceError, match=NO_DEMONSTRATION):
        resume_demonstration(made, "dana")
    with pytest.raises(WeakEvidenceError, match=NO_DEMONSTRATION):
        open_session(made, "dana", word)
    assert len(list(made.reading.entries())) == before


def test_the_word_opens_a_session_in_a_demonstration_only_for_who_is_known() -> None:
    """Proves that the word over the challenge signs in, over another not, and no stranger ever."""
    made = demonstration()
    drawn = draw_sign_in(made, "dana")
    assert finish_sign_in(made, drawn, word(drawn.challenge)).demonstration
    with pytest.raises(ForgedEvidenceError, match="another statement"):
        finish_sign_in(made, drawn, word(draw_sign_in(made, "dana").challenge))
    with pytest.raises(QuestionError, match="has the id 'nobody'"):
        open_session(made, "nobody", word)


def test_no_act_makes_a_log_a_demonstration_or_ends_one() -> None:
    """Proves that the field is smuggled in by no fact, book, request or policy, nor taken out."""
    assert "demonstration" not in SECTIONS
    for made in (demonstration(), house()):
        if made.reading.checkpoint() is None:
            world.begun(made)
        was = made.reading.context().demonstration
        for section, record in (("demonstration", {"means": "yes"}), ("title", {"means": "x"})):
            fact = {"section": section, "id": "yes", "record": record, "because": "b"}
            with pytest.raises(UnknownError, match="no section"):
                world.do(made, "rory", "record-fact", **fact)
        for fields in ({"demonstration": "yes"}, {"demonstration": "no"}, {"registry": {}}):
            with pytest.raises(UnlawfulError, match="not revised in this way"):
                world.do(made, "rory", "revise-book", party="US", fields=fields, because="b")
        text = {**world.reviewed("new", "review"), "demonstration": "yes"}
        policy = {"party": "US", "policy": "new", "text": text, "because": "b"}
        with pytest.raises(PlacetError, match="there is no field demonstration"):
            world.do(made, "rory", "adopt-policy", **policy)
        assert made.reading.context().demonstration is was


def test_a_story_is_played_as_a_demonstration_or_not_at_all(tmp_path: Path) -> None:
    """Proves that invented people act in no log that does not say so."""
    assert load_demonstration(UKRAINE).registry["demonstration"] == "yes"
    folder = tmp_path / "scenario"
    shutil.copytree(UKRAINE, folder)
    people = folder / "demo" / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("demonstration: yes", ""), "utf-8")
    with pytest.raises(ScenarioError, match="does not say that it is a demonstration"):
        load_demonstration(folder)


def test_an_audit_counts_what_rests_on_the_word() -> None:
    """Proves that the audit says that the log is a demonstration, and on how much it rests."""
    made = audit_sample.memory_register()
    made.play(UKRAINE)
    size = len(list(made.reading.entries()))
    president = resume_demonstration(made.house, "president")
    act(made.house, president, REVISION, sign=word)
    report = audit(made.reading, audit_sample.ORIGIN, made.reading.log_keys())
    assert report.follows, report.wrong
    assert (report.demonstration, report.by_word, report.size) == (True, 1, size + 1)
    with pytest.raises(QuestionError, match="rests on the word of a demonstration"):
        evidence_files(made.house, president, size)


def test_an_audit_refuses_the_word_where_the_log_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that an act recorded past the check at act time is named by the audit."""
    made = audit_sample.memory_register()
    made.begin()
    report = audit(made.reading, audit_sample.ORIGIN, made.reading.log_keys())
    assert (report.follows, report.demonstration, report.by_word) == (True, False, 0)
    size = len(list(made.reading.entries()))
    with monkeypatch.context() as open_door:
        open_door.setattr("placet.operations.acting.act.must_be_demonstration", lambda _: None)
        act(made.house, SignedIn("president", None), REVISION, sign=word)
    report = audit(made.reading, audit_sample.ORIGIN, made.reading.log_keys())
    assert report.first is not None
    assert report.first.index == size
    assert NO_DEMONSTRATION in report.first.says


def test_a_person_registers_a_key_of_their_own_by_the_word_and_nobody_another_s() -> None:
    """Proves that the word registers who it speaks for; another's key still takes the duty."""
    made = demonstration()
    at = world.written(made.clock.now())
    key = {"key": "dana-2", "public": world.public("dana's second"), "from_": at, "because": "b"}
    with pytest.raises(NotAllowedError, match="duty is authority"):
        by_word(made, "dora", "register-key", person="dana", **key)
    by_word(made, "dana", "register-key", person="dana", **key)
    assert set(made.reading.context().keys_of("dana", made.clock.now())) == {"dana", "dana-2"}
