"""Need to know: equal disclosures give equal bytes; what is disclosed is shown; nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from case_of_parts import case_of
from hypothesis import given
from hypothesis import strategies as st
from parts_of_a_case import (
    APPLICANT,
    AUDITOR,
    FILED,
    JOINT,
    PARTIES,
    WORKS,
    Filed,
    Joint,
    Said,
    Work,
    adviser,
    decider,
    named,
    office,
    officer,
    person,
    somebody,
    unseen_by,
)
from permit_stories import report
from review_world import changed, strike, struck

from building import examples
from placet.need_to_know.brief import listing
from placet.need_to_know.permit_view import (
    WholePermit,
    told_publicly,
    view_permit,
    whole_permit,
)
from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.view import advice_at, no_such_case, sight, view
from placet.registry import Duty
from placet.review.case import Case, PermitStage, Role, Stage
from placet.review.commands import Verdict
from placet.review.errors import UnknownError
from placet.review.released import awaited
from placet.review.viewer import Place, Viewer, relation, viewer

# --- non-interference: what differs elsewhere makes no difference


@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(60)
def test_equal_disclosures_give_equal_bytes(
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
) -> None:
    """An applicant sees the same bytes whatever the parties did within, outcomes being equal."""
    seen = view(case_of(filed, one, joint), APPLICANT)
    assert view(case_of(filed, other, another), APPLICANT).canonical() == seen.canonical()
    assert view(case_of(filed, other, another), APPLICANT).digest == seen.digest


@pytest.mark.parametrize("party", PARTIES)
@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(30)
def test_a_deciding_office_sees_nothing_of_the_work_of_other_parties(
    party: str,
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
) -> None:
    """A decider sees its party's work, the digest it decides on, and no other party's work."""
    one = {**one, party: replace(one[party], say="review")}
    elsewhere = unseen_by(party, one, other)
    differs = replace(another, digest=joint.digest, at=joint.at)
    seen = view(case_of(filed, one, joint), decider(party))
    assert view(case_of(filed, elsewhere, differs), decider(party)).canonical() == seen.canonical()


@pytest.mark.parametrize("party", PARTIES)
@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(30)
def test_a_case_officer_sees_nothing_of_the_work_of_other_parties(
    party: str,
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
) -> None:
    """An officer sees the process as well: the stage and what is outstanding; no more."""
    one = {**one, party: replace(one[party], say="review")}
    elsewhere = unseen_by(party, one, other)
    differs = replace(joint, version=another.version, substance=another.substance)
    seen = view(case_of(filed, one, joint), officer(party))
    found = view(case_of(filed, elsewhere, replace(differs, index=another.index)), officer(party))
    assert found.canonical() == seen.canonical()


@pytest.mark.parametrize("party", PARTIES)
@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(30)
def test_an_adviser_sees_its_partys_rules_and_its_own_advice_alone(
    party: str,
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
) -> None:
    """Not the advice of other offices, nor decisions, so that each advises by itself."""
    mine = replace(one[party], say="review")
    rules = ("say", "rules_refuse", "persons", "asks", "told", "asked_to_act")
    kept = {each: getattr(mine, each) for each in rules}
    elsewhere = {**other, party: replace(other[party], staff_advice=mine.staff_advice, **kept)}
    seen = view(case_of(filed, {**one, party: mine}, joint), adviser(party))
    assert view(case_of(filed, elsewhere, another), adviser(party)).canonical() == seen.canonical()


@pytest.mark.parametrize("party", PARTIES)
@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT, acts=st.booleans())
@examples(30)
def test_who_is_told_or_must_act_sees_that_and_the_file(
    party: str,
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
    *,
    acts: bool,
) -> None:
    """Not what the rules ask of others, nor advice, decisions, or when it was determined."""
    of = {"say": "review", "told": not acts, "asked_to_act": acts}
    one, other = ({**each, party: replace(each[party], **of)} for each in (one, other))
    stages = (Stage.UNDER_REVIEW, Stage.DECIDED)
    joint, another = (
        each if each.stage in stages else replace(each, stage=stages[0])
        for each in (joint, another)
    )
    seen = view(case_of(filed, one, joint), named(party))
    found = view(case_of(filed, other, another), named(party))
    assert found.canonical() == seen.canonical()
    assert seen.inside[party].acts == ({office(party, "archive"): False} if acts else {})
    assert seen.inside[party].place == "named"


@given(filed=FILED, works=WORKS, joint=JOINT)
@examples(30)
def test_an_auditor_sees_the_whole_case(filed: Filed, works: dict[str, Work], joint: Joint) -> None:
    """Whoever audits reads the case back, and finds every party's work where its own find it."""
    case = case_of(filed, works, joint)
    seen = view(case, AUDITOR)
    assert Case.model_validate(seen.whole) == case
    for name in ("advice", "decisions", "assurances", "fulfilled", "checks"):
        assert len(getattr(seen, name)) == len(getattr(case, name))
    assert seen.awaits == (awaited(case) if seen.status is CaseStatus.UNDER_REVIEW else ())


@given(filed=FILED, works=WORKS, joint=JOINT)
@examples(30)
def test_nothing_hidden_is_in_the_bytes_of_an_applicant(
    filed: Filed, works: dict[str, Work], joint: Joint
) -> None:
    """No text, person, or digest of the parties' work, and no office that did not decide."""
    shown = view(case_of(filed, works, joint), APPLICANT).canonical()
    people = [person(party, number).encode() for party in PARTIES for number in range(6)]
    for secret in (b"hidden", b"5ec2e7", b"staff", b"legal", b"minister", *people):
        assert secret not in shown


@given(filed=FILED, works=WORKS, joint=JOINT)
@examples(30)
def test_the_digest_is_of_the_views_own_bytes(
    filed: Filed, works: dict[str, Work], joint: Joint
) -> None:
    """So it tells no more than the view does."""
    shown = view(case_of(filed, works, joint), APPLICANT)
    assert shown.digest == f"sha256:{hashlib.sha256(shown.canonical()).hexdigest()}"


# --- the converse: what is disclosed is shown

APPROVED = Said(Verdict.APPROVE, "told this", 150)
FULL = Filed(
    said={"US": APPROVED},
    permit="P-1",
    suspended=(300, 400),
    beyond="4 too many",
    finding="excused",
    appeal="we think otherwise",
    dismissed="it stands",
    due=800,
)
WORKING = {
    party: Work(
        asks=("hidden rule",),
        staff_advice=((30, "hidden"),),
        legal_advice=((40, "hidden"),),
        fallen=("hidden",),
        fulfilled=("hidden",),
        due=700,
        persons=2,
        so_far=1,
        roles={0: Role.DECIDER},
        recused=(1,),
        acts=((30, "advise"),),
    )
    for party in PARTIES
}
JOINTLY = Joint(outstanding=("hidden",))


@pytest.mark.parametrize(
    "change",
    [
        {"area": "RU-KRS"},
        {"announced": "clear"},
        {"attachment": "other.pdf"},
        {"status": Stage.PERMITTED},
        {"status": Stage.REFUSED},
        {"round": 2},
        {"said": {}},
        {"said": {"US": replace(APPROVED, verdict=Verdict.REFUSE)}},
        {"said": {"US": replace(APPROVED, disclosed="told that")}},
        {"said": {"US": replace(APPROVED, at=151)}},
        {"said": {"US": replace(APPROVED, proviso="not beyond the river")}},
        {"said": {"US": replace(APPROVED, conditional=True)}},
        {"said": {"US": replace(APPROVED, until=9000)}},
        {"said": {"US": APPROVED, "DE": APPROVED}},
        {"question": "with whom"},
        {"answered": 60},
        {"due": 900},
        {"due": None},
        {"permit": None},
        {"permit_stage": PermitStage.REVOKED},
        {"quantity": 5},
        {"suspended": (300,)},
        {"suspended": ()},
        {"emergency": True},
        {"beyond": "5 too many"},
        {"finding": None},
        {"appeal": None},
        {"dismissed": None},
    ],
)
def test_what_is_disclosed_is_shown_to_everybody_with_a_part(change: dict[str, Any]) -> None:
    """Each part of the file, changed alone, changes what every one of them sees."""
    before, after = (case_of(each, WORKING, JOINTLY) for each in (FULL, replace(FULL, **change)))
    for who in (APPLICANT, adviser("US"), decider("US"), officer("US"), AUDITOR):
        assert view(before, who).canonical() != view(after, who).canonical()


@pytest.mark.parametrize(
    "change",
    [
        {"rules_refuse": True},
        {"persons": 3},
        {"because": "hidden otherwise"},
        {"asks": ("hidden rule", "another")},
        {"staff_advice": ()},
        {"legal_advice": ((40, "otherwise"),)},
        {"so_far": 0},
        {"fallen": ()},
        {"fulfilled": ()},
        {"due": 701},
        {"who": 2},
        {"acts": ((31, "advise"),)},
    ],
)
def test_a_party_sees_its_own_work(change: dict[str, Any]) -> None:
    """Each part of a party's work, changed alone, changes what its officers and deciders see."""
    other = {**WORKING, "DE": replace(WORKING["DE"], **change)}
    before, after = case_of(FULL, WORKING, JOINTLY), case_of(FULL, other, JOINTLY)
    for who in (decider("DE"), officer("DE")):
        assert view(before, who).canonical() != view(after, who).canonical()


@pytest.mark.parametrize("change", [{"roles": {0: Role.ADVISER}}, {"recused": ()}])
def test_an_officer_sees_the_roles_of_its_own_people(change: dict[str, Any]) -> None:
    """Who acts in what role is the officers' part."""
    other = {**WORKING, "DE": replace(WORKING["DE"], **change)}
    before, after = case_of(FULL, WORKING, JOINTLY), case_of(FULL, other, JOINTLY)
    assert view(before, officer("DE")) != view(after, officer("DE"))


@pytest.mark.parametrize("name", ["decider", "officer"])
def test_whoever_decides_sees_the_digest_that_a_decision_names(name: str) -> None:
    """The digest of the determination is disclosed to the parties that decide on it."""
    case = case_of(FULL, WORKING, JOINTLY)
    assert case.determined is not None
    who = {"decider": decider, "officer": officer}[name]("DE")
    assert view(case, who).inside["DE"].digest == case.determined.digest
    assert view(case, adviser("DE")).inside["DE"].digest is None


def test_others_are_awaited_until_their_word_is_complete() -> None:
    """A decider sees whose word is out, and whose is not: one of two persons is no word."""
    shown = view(case_of(FULL, WORKING, JOINTLY), decider("DE"))
    assert [each.party for each in shown.outcomes] == ["US"]
    assert shown.awaits == ("DE", "GB")


@pytest.mark.parametrize(
    ("first", "second", "out"),
    [
        (Verdict.REFUSE, Verdict.REFUSE, ["us/council"]),
        (Verdict.REFUSE, Verdict.APPROVE, ["us/council"]),
        (Verdict.APPROVE, Verdict.APPROVE, []),
        (Verdict.APPROVE, Verdict.REFUSE, []),
    ],
)
def test_of_two_offices_only_a_complete_word_is_released(
    first: Verdict, second: Verdict, out: list[str]
) -> None:
    """A refusal by one office is out, half a decision of the other is not; approvals wait."""
    case = case_of(replace(FULL, said={}), {**WORKING, "US": Work()}, JOINTLY)
    assert case.determined is not None
    need = case.determined.needs["US"]
    (council,) = need.by
    minister = council.model_copy(update={"office": "us/minister", "persons": 2})
    needs = {"US": need.model_copy(update={"by": (council, minister)})}
    given = [each for each in case.decisions if each.party == "DE"][-1].model_copy(
        update={"party": "US", "withdrawn_at": None}
    )
    said = (
        given.model_copy(update={"office": "us/council", "verdict": first}),
        given.model_copy(update={"office": "us/minister", "verdict": second}),
    )
    determined = case.determined.model_copy(update={"needs": needs})
    case = case.model_copy(update={"determined": determined, "decisions": said})
    assert [each.office for each in view(case, APPLICANT).outcomes] == out


def test_a_case_is_under_review_until_there_is_an_outcome() -> None:
    """When the review began, and whether all have decided, does not show."""
    for stage in (Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED):
        shown = view(case_of(FULL, WORKING, replace(JOINTLY, stage=stage)), APPLICANT)
        assert shown.status == "under-review"


def test_advice_has_sequencer_by_what_is_seen() -> None:
    """The number of a piece of advice does not tell how much advice others gave."""
    for works in (WORKING, {**WORKING, "US": replace(WORKING["US"], staff_advice=())}):
        case = case_of(FULL, works, JOINTLY)
        place = advice_at(case, adviser("GB"), 0)
        assert case.advice[place].office == "gb/staff"
    with pytest.raises(UnknownError, match="no advice 1"):
        advice_at(case, adviser("GB"), 1)


def test_a_case_whose_outcome_is_out_waits_for_nobody() -> None:
    """It was returned before a party had spoken: that word is not waited for any more."""
    story = strike()
    desk = viewer(story.context, "desk", story.at)
    assert view(story.now, desk).awaits == listing(story.now).awaited == ("US",)
    story.do("desk", "return", because="b", disclosed="d")
    assert awaited(story.now) == ("US",)
    assert view(story.now, desk).awaits == listing(story.now).awaited == ()


def test_why_a_permit_is_suspended_is_told_to_those_whose_reason_it_is() -> None:
    """Everybody with a part learns that it is; why, its own party and auditors do."""
    story = struck()
    story.do("lic", "suspend", permit="P-1", because="a secret doubt")
    at, told = story.at, {}
    for who in ("olena", "desk", "ig"):
        seen = view_permit(story.now, "P-1", story.context, viewer(story.context, who, at), at)
        assert seen.status == "suspended"
        told[who] = "a secret doubt" in seen.model_dump_json()
    assert told == {"olena": False, "desk": True, "ig": True}


def test_a_permit_that_has_ended_is_not_said_to_be_suspended() -> None:
    """Nothing suspends what is over, though a ground of it would hold no longer either."""
    story = struck()
    paused = [{"status": "withdrawn", "from": "2025-06-15"}]
    story.context = changed(story.context, "items", "data", availability=paused)
    looking = viewer(story.context, "olena", story.at)
    until = story.now.permits["P-1"].terms.until
    before, after = (
        view_permit(story.now, "P-1", story.context, looking, at)
        for at in (until - timedelta(days=1), until)
    )
    assert (before.status, before.reasons) == ("suspended", ("it is suspended",))
    assert (after.status, len(after.reasons)) == ("expired", 1)
    assert after.reasons[0].startswith(("it ended on", "its last day was"))


def test_why_a_ground_fails_is_told_to_those_whose_ground_it_is() -> None:
    """A consent that was withdrawn: the holder learns that the permit is suspended, and no more."""
    story = struck()
    story.do("sec", "withdraw-consent", party="US", office="us/secdef", because="b", disclosed="d")
    at, reasons = story.at, {}
    for who in ("olena", "desk"):
        looking = viewer(story.context, who, at)
        reasons[who] = view_permit(story.now, "P-1", story.context, looking, at).reasons
    assert reasons["olena"] == ("it is suspended",)
    assert any("US withdrew its consent" in each for each in reasons["desk"])


def test_the_permit_of_a_case_one_has_no_part_in_is_no_permit() -> None:
    """It reads as no case; and a name that there is not is said only to those with a part."""
    story = struck()
    with pytest.raises(UnknownError, match="There is no case 'C-1' that you have a part in"):
        view_permit(story.now, "P-1", story.context, Viewer(), story.at)
    with pytest.raises(UnknownError, match="no permit P-9"):
        view_permit(story.now, "P-9", story.context, APPLICANT, story.at)


# --- no part


@given(filed=FILED, works=WORKS, joint=JOINT, other=st.integers(0, 9))
@examples(30)
def test_no_part_in_a_case_reads_as_no_case(
    filed: Filed, works: dict[str, Work], joint: Joint, other: int
) -> None:
    """Outsiders, other parties, and officials without a part learn not even that it exists."""
    case = case_of(filed, works, joint)
    for who in (
        Viewer(),
        somebody("FR", "council", other),
        somebody("FR", "desk", other, Duty.CASES, Duty.APPLICATIONS),
        somebody("US", "minister", other, Duty.POLICIES) if not works["US"].due else Viewer(),
        somebody("UA", "council", other, Duty.CASES),
    ):
        for look in (view, lambda case, who: advice_at(case, who, 0)):
            with pytest.raises(UnknownError) as raised:
                look(case, who)
            assert str(raised.value) == str(no_such_case("C-1"))


def test_a_party_without_a_say_has_no_part() -> None:
    """Where the rules name no say of a party, its officers do not see the case."""
    none = {**WORKING, "GB": Work(say="none")}
    with pytest.raises(UnknownError):
        view(case_of(FULL, none, JOINTLY), officer("GB"))


def test_before_it_is_determined_officers_of_announced_parties_see_it() -> None:
    """The announced policies say whose officers take a case up; deciders come later."""
    case = case_of(FULL, WORKING, JOINTLY).model_copy(update={"determined": None})
    assert relation(case, officer("US")).inside == {"US": Place.OFFICER}
    assert not relation(case, officer("GB"))
    assert not relation(case, decider("US"))


def test_an_office_is_brought_in_by_a_deadline_and_by_escalation() -> None:
    """An office for which a day was set sees what an adviser sees; one escalated to, more."""
    case = case_of(FULL, {**WORKING, "US": replace(WORKING["US"], due=1)}, JOINTLY)
    assert relation(case, somebody("US", "minister", 3)).inside == {"US": Place.DECIDER}
    invited = case.deadlines[-1].model_copy(update={"of": "gb/minister", "escalated_to": None})
    case = case.model_copy(update={"deadlines": (invited,)})
    assert relation(case, somebody("GB", "minister", 3)).inside == {"GB": Place.ADVISER}


def test_why_a_permit_does_not_hold_is_told_to_whoever_holds_it_as_nobodys_own() -> None:
    """Used up, suspended, revoked, over: that it is, and never by whom or for what."""
    story = struck()

    def told(days: int = 0) -> tuple[str, ...]:
        return told_publicly(story.now, "P-1", story.context, story.at + timedelta(days=days))

    assert told() == ()
    ended = told(days=365)
    assert len(ended) == 1
    assert ended[0].startswith(("it ended on", "its last day was"))
    report(story, quantity=4)
    used = ("nothing of what it allows is left",)
    assert told() == used
    story.do("lic", "suspend", permit="P-1", because="a secret doubt")
    assert told() == ("it is suspended", *used)
    story.do("sec", "withdraw-consent", party="US", office="us/secdef", because="b", disclosed="d")
    assert told() == ("it is suspended", *used)
    story.do("lic", "revoke", permit="P-1", because="a secret quarrel")
    assert told() == ("it was revoked", *used)


def test_what_stopped_and_ended_a_permit_is_told_with_it() -> None:
    """That and when to everybody with a part; by whom and why to its party and auditors."""
    story = struck()
    report(story, quantity=1)
    story.do("lic", "suspend", permit="P-1", because="a secret doubt")
    story.do("lic", "lift", permit="P-1", because="it is gone")
    narrower = {"replacement": "P-2", "status": 2, "until": "2025-08-01"}
    story.do("lic", "amend", permit="P-1", because="a secret quarrel", **narrower)
    story.do("lic", "suspend", permit="P-2", because="another")

    def whole(who: str, permit: str = "P-1") -> WholePermit:
        eyes = sight(story.now, viewer(story.context, who, story.at))
        places = range(len(story.now.moves))
        return whole_permit(eyes, permit, story.context, story.at, places)

    def told(who: str, permit: str = "P-1") -> list[tuple[str, str | None, str]]:
        return [(each.kind, each.person, each.says) for each in whole(who, permit).history]

    everything = [
        ("suspend", "lic", "a secret doubt"),
        ("lift", "lic", "it is gone"),
        ("amend", "lic", "a secret quarrel"),
    ]
    assert told("lic") == told("ig") == everything
    assert told("olena") == [(kind, None, "") for kind, _, _ in everything]
    for who in ("lic", "olena"):
        found = [(each.kind, each.entry) for each in whole(who).history]
        acts = [(each.kind, place) for place, each in enumerate(story.now.moves)]
        assert found == [each for each in acts if each[0] in {"suspend", "lift", "amend"}][:3]
    kept = [*everything[:2], ("suspend", "lic", "another")]
    assert told("lic", "P-2") == kept, "what suspended the one it replaces goes on with it"
    for who in ("lic", "ig", "olena"):
        assert [each["quantity"] for each in whole(who).reports] == [1]
        assert whole(who, "P-2").reports == ()
    story.do("olena", "surrender", permit="P-2", because="not needed")
    assert told("lic", "P-2")[-1] == told("olena", "P-2")[-1]
    assert told("olena", "P-2")[-1] == ("surrender", "olena", "not needed")


def test_a_permit_that_nobody_ordered_suspended_says_when_and_why_it_was() -> None:
    """A consent taken back suspends it; why is told to whoever may know, and auditors."""
    story = struck()
    because = "the front has moved"
    story.do(
        "sec", "withdraw-consent", party="US", office="us/secdef", because=because, disclosed="d"
    )

    def told(who: str) -> tuple[str, bool, bool]:
        eyes = sight(story.now, viewer(story.context, who, story.at))
        (line,) = whole_permit(eyes, "P-1", story.context, story.at).history
        return line.kind, line.at == story.at, bool(line.says)

    assert told("lic") == told("ig") == ("permit-suspended", True, True)
    assert told("olena") == ("permit-suspended", True, False)
