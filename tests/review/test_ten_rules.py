"""Attempts to break the rules of DESIGN §3 that bind the review itself, one rule after another.

Those that bind permits (6, 7, 8 and 10) are attacked where permits are tested.
"""

from __future__ import annotations

from typing import Any

import pytest
from permit_stories import happens
from review_world import (
    DE_BOOK,
    RELEASE,
    START,
    US_BOOK,
    USE,
    Story,
    asked,
    changed,
    command,
    strike,
    struck,
    with_book,
    world,
)

from placet.need_to_know.case_on_desks import rows
from placet.need_to_know.desk import keys
from placet.need_to_know.inbox import inbox
from placet.registry import written
from placet.review.case import Stage
from placet.review.commands import CASE_COMMANDS
from placet.review.errors import (
    NoAuthorityError,
    NotAllowedError,
    OwedError,
    RepeatedError,
    StageError,
    StaleError,
    TwoRolesError,
    UnknownError,
    UnlawfulError,
    UnreadableError,
)
from placet.review.statement import needs_signature, statement_fields
from placet.review.validity import validity
from placet.review.viewer import relation, viewer


def release(**fields: object) -> Story:
    """Return a story in which a release has been determined: State decides, and two Germans."""
    return Story().file(RELEASE, **fields).determine()


# --- rule 1: every consent, by authority, every condition; a person issues


def test_rule_1_no_permit_while_a_consent_is_missing() -> None:
    """All but one of the consents needed is not enough, whoever is missing."""
    story = release()
    for actor, office in (("state-1", "us/state"), ("kurt", "de/council")):
        story.decide(actor, office)
        with pytest.raises(StageError):
            story.issue()
    story.decide("lena", "de/council")
    story.issue()


def test_rule_1_a_circle_of_conditions_is_named_and_never_assumed() -> None:
    """Two parties that approve if the other does have agreed to nothing, and it is said so."""
    story = release(lines={"b": {"item": "shell"}, "a": {"item": "missile"}})
    story.decide("state-1", "us/state", provided=[{"consent-of": "DE"}])
    for actor in ("kurt", "lena"):
        story.decide(actor, "de/council", lines=["a", "b"], provided=[{"consent-of": "US"}])
    with pytest.raises(OwedError, match="DE and US wait for each other"):
        story.issue(lines=["a"])


def test_rule_1_a_chain_of_conditions_resolves() -> None:
    """A conditional approval takes effect once the condition is true, and not before."""
    story = release()
    story.decide("state-1", "us/state", provided=[{"consent-of": "DE"}])
    story.decide("kurt", "de/council", lines=["a", "b"])
    with pytest.raises(StageError):
        story.issue(lines=["a"])
    story.decide("lena", "de/council", lines=["a", "b"])
    story.issue(lines=["a"])
    assert {each.party for each in story.now.permits["P-1"].grounds} == {"UA", "US", "DE"}


def test_rule_1_authority_is_checked_again_at_issue() -> None:
    """Who is known by now not to have held the office took no decision: no permit rests on it."""
    story = strike()
    story.decide("sec", "us/secdef")
    story.context = changed(story.context, "officials", "sec", until="2025-06-01")
    with pytest.raises(OwedError, match="did not hold us/secdef then"):
        story.issue()


def test_rule_1_a_new_holder_of_an_office_leaves_what_was_decided_standing() -> None:
    """An office decides, not a person: a decision outlives the term of whoever took it."""
    story = strike()
    story.decide("sec", "us/secdef")
    new = {"name": "A New Secretary", "office": "us/secdef", "from": "2025-06-01"}
    story.context = changed(story.context, "officials", "new", **new)
    assert story.now.stage is Stage.DECIDED
    story.issue()


def test_rule_1_a_decision_whose_delegation_is_revoked_carries_no_permit() -> None:
    """When the delegation is revoked between decision and issue, the permit is not issued."""
    story = release(lines={"a": {"item": "missile"}})
    story.decide("dep", "us/state", delegation="state-to-deputy")
    story.wait(hours=1)
    gone = {"on": "2025-06-01T08:30:00Z"}
    story.context = changed(story.context, "delegations", "state-to-deputy", revoked=gone)
    with pytest.raises(StaleError):
        story.issue()
    story.determine()
    assert story.now.stage is Stage.UNDER_REVIEW


def test_rule_1_a_dismissal_undoes_nothing_that_was_decided() -> None:
    """Whoever decided this morning held the office then, though their time ends today."""
    story = strike()
    story.decide("sec", "us/secdef")
    story.wait(minutes=1)
    with pytest.raises(UnlawfulError, match="which is past"):
        happens(story, "rules", "dismiss", official="sec", until="2025-06-01")
    happens(story, "rules", "dismiss", official="sec", until=written(story.at))
    story.issue()


def test_rule_1_authority_lost_without_trace_in_the_answer_is_owed() -> None:
    """A correction that the determination does not show still undoes the decision at issue."""
    story = strike()
    story.decide("acting", "us/secdef")
    story.context = changed(story.context, "officials", "acting", person="somebody-else")
    with pytest.raises(OwedError, match="did not hold us/secdef then"):
        story.issue()


def test_rule_1_nothing_issues_itself() -> None:
    """A case that clears in advance still has no permit until a person issues one."""
    story = Story().file(area="UA").determine()
    story.wait(days=30)
    assert story.now.permits == {}


# --- rule 2: the actor is whoever is signed in


def test_rule_2_no_command_names_its_actor() -> None:
    """No act on a case has a field that could say who acts; one that is slipped in is refused."""
    for kind, model in CASE_COMMANDS.items():
        assert not {"actor", "by", "person", "user"} & set(model.model_fields), kind
    with pytest.raises(UnreadableError, match="actor"):
        command("withdraw", because="b", actor="sec")


def test_rule_2_what_is_signed_names_the_signer_and_the_whole_act() -> None:
    """The statement of a decision holds who, what and on which determination; and no time."""
    story = strike()
    given = command(
        "decide",
        party="US",
        office="us/secdef",
        verdict="approve",
        because="b",
        disclosed="d",
        determination=story.digest,
    )
    said = statement_fields(story.now, story.context, given, "sec")
    assert needs_signature(given.kind)
    assert (said["person"], said["case"], said["round"]) == ("sec", "C-1", 1)
    assert (said["determination"], said["lines"]) == (story.digest, ["one"])
    assert said["request"] == story.events[0].found["request"]
    assert "one: use of missile, by origin (right)" in said["rights"]
    assert not {"at", "time", "purpose", "origin"} & set(said)
    other = statement_fields(story.now, story.context, given, "acting")
    assert other == {**said, "person": "acting"}


# --- rule 3: one person, one role


@pytest.mark.parametrize("first", ["advise", "decide", "countersign"])
def test_rule_3_no_second_role(first: str) -> None:
    """Somebody who holds every office acts in one role on a case and is refused every other."""
    offices = ["us/secdef", "us/joint-staff", "us/desk", "us/licences"]
    context = world()
    for number, office in enumerate(offices):
        held = {"name": "All", "office": office, "person": "all"}
        context = changed(context, "officials", f"all-{number}", **held)
    story = Story(context).file().determine()
    story.do("rules", "advise", office="us/rules", stance="for", says="s")
    acts = {
        "advise": lambda: story.do(
            "all", "advise", office="us/joint-staff", stance="for", says="s"
        ),
        "decide": lambda: story.decide("all", "us/secdef"),
        "countersign": lambda: story.do("all", "countersign", advice="0"),
        "determine": lambda: story.determine("all"),
    }
    acts.pop(first)()
    for act in acts.values():
        with pytest.raises((TwoRolesError, StageError)):
            act()


def test_rule_3_the_applicant_reviews_nothing() -> None:
    """Who filed a case cannot decide it, though they hold the deciding office as well."""
    context = changed(world(), "officials", "o-2", name="Olena", office="us/secdef", person="olena")
    story = Story(context).file().determine()
    with pytest.raises(TwoRolesError, match="applicant"):
        story.decide("olena", "us/secdef")


@pytest.mark.parametrize("alone", [None, "us/secdef"])
def test_rule_3_nobody_of_the_applicant_reviews(alone: str | None) -> None:
    """Whoever holds an office of the applicant's party takes no part, though a colleague filed."""
    offices = ["us/secdef", "us/joint-staff", "us/desk", "us/licences"]
    context = world()
    for number, office in enumerate(offices):
        held = {"name": "Olena", "office": office, "person": "olena"}
        context = changed(context, "officials", f"o-{number}", **held)
    story = Story(context).file(by="taras").determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="s")
    advised = {"office": "us/joint-staff", "stance": "for", "says": "s"}
    with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
        story.do("olena", "advise", alone=alone and "us/joint-staff", **advised)
    glass = {"party": "US", "office": "us/secdef", "hours": 12, "permit": "P-1", "status": 1}
    acts: dict[str, dict[str, Any]] = {
        "dissent": {"advice": "0", "says": "no"},
        "countersign": {"advice": "0"},
        "determine": {},
        "break-glass": {**glass, "determination": story.digest, "because": "x"},
    }
    for kind, fields in acts.items():
        with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
            story.do("olena", kind, **fields)
    with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
        story.decide("olena", "us/secdef", **({"alone": alone} if alone else {}))
    story.decide("sec", "us/secdef")
    with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
        story.issue(by="olena")
    story.issue()


@pytest.mark.parametrize("alone", [False, True])
def test_rule_3_nobody_of_the_applicant_acts_for_an_office_or_takes_back_its_word(
    alone: bool,
) -> None:
    """What others wait for is not said by who wants it, nor a word of theirs undone by them."""
    context = world()
    for number, office in enumerate(("us/secdef", "us/state")):
        held = {"name": "Olena", "office": office, "person": "olena"}
        context = changed(context, "officials", f"o-{number}", **held)
    story = Story(context).file(RELEASE, by="taras").determine()
    story.decide("state-1", "us/state", provided=[{"act-of": "us/secdef"}])
    act = {"need": "act of us/secdef", "instrument": "a memorandum"}
    undo = {"party": "US", "office": "us/state", "because": "b", "disclosed": "d"}
    one = {"alone": "us/secdef"} if alone else {}
    other = {"alone": "us/state"} if alone else {}
    with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
        story.do("olena", "fulfil", **act, **one)
    with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
        story.do("olena", "withdraw-consent", **undo, **other)
    story.do("sec", "fulfil", **act)
    with pytest.raises(TwoRolesError, match="of UA, on the applicant"):
        story.do("olena", "retract", need=act["need"], because="b", **one)
    story.do("sec", "retract", need=act["need"], because="b")
    story.do("state-2", "withdraw-consent", **undo)


def test_rule_3_one_person_decides_for_one_party() -> None:
    """A member of one party's council who is another's secretary decides for one of the two."""
    context = changed(world(), "officials", "k-2", name="K", office="us/secdef", person="kurt")
    lines = {"one": {"item": "missile"}, "two": {"item": "shell"}}
    story = Story(context).file(lines=lines).determine()
    story.decide("kurt", "de/council")
    with pytest.raises(TwoRolesError, match="has decided for DE"):
        story.decide("kurt", "us/secdef")
    story.decide("sec", "us/secdef")


def test_rule_3_two_persons_are_two_persons() -> None:
    """One person under two records is one person, and their second signature is refused."""
    context = changed(world(), "officials", "k-2", name="K", office="de/council", person="kurt")
    story = Story(context).file(RELEASE).determine()
    story.decide("kurt", "de/council")
    with pytest.raises(RepeatedError):
        story.decide("kurt", "de/council")


# --- rule 4: the determination that was seen


def test_rule_4_a_decision_on_another_determination_is_refused() -> None:
    """A decision that names a digest the case does not stand on is refused."""
    story = strike()
    earlier = story.digest
    stricter = US_BOOK.replace("report-within-days: 5", "report-within-days: 4")
    story.context = with_book(story.context, stricter)
    story.determine()
    assert story.digest != earlier
    with pytest.raises(StaleError, match="does not stand on"):
        story.decide("sec", "us/secdef", determination=earlier)


@pytest.mark.parametrize("hours", [0, 30])
def test_rule_4_nobody_makes_a_decision_stale_by_determining_for_nothing(hours: int) -> None:
    """Determining what stands already is refused, also where the context has another version.

    So a decision that somebody is about to sign goes on naming what the case stands on.
    """
    story = strike()
    seen = story.digest
    story.context = changed(story.context, "items", "unrelated", name="U", origin="GB")
    with pytest.raises(RepeatedError, match=r"Nothing has changed since .* 1 June 2025, 08:0"):
        story.wait(hours=hours).determine()
    story.decide("sec", "us/secdef", determination=seen)


def test_what_has_run_out_since_can_be_determined_anew() -> None:
    """Where a decision has run out, the same answer gives the case another stage, and is taken."""
    story = strike()
    story.decide("sec", "us/secdef", until="2025-06-02")
    assert story.now.stage is Stage.DECIDED
    story.wait(days=2).determine()
    assert story.now.stage is Stage.UNDER_REVIEW


def test_rule_4_a_change_since_is_shown() -> None:
    """A policy that changed after the determination makes the decision stale, and is named."""
    story = strike()
    stricter = US_BOOK.replace("then: review us/secdef\n", "then: review us/secdef, us/state\n")
    story.context = with_book(story.context, stricter)
    with pytest.raises(StaleError, match="US: who decides") as refused:
        story.decide("sec", "us/secdef")
    assert any(
        each.startswith("US: who decides, new: us/state") and "us/secdef" not in each
        for each in refused.value.differences
    )
    assert not any("True" in each or "persons 1" in each for each in refused.value.differences)


def test_rule_4_a_change_elsewhere_does_not_matter() -> None:
    """A new version of the context that changes nothing of the answer makes nothing stale."""
    story = strike()
    story.context = changed(story.context, "items", "unrelated", name="U", origin="GB")
    story.decide("sec", "us/secdef")
    story.issue()


# --- rule 5: reserved, delegated, disputed


def test_rule_5_reserved_authority_is_not_delegated() -> None:
    """A delegate cannot decide what is reserved; an acting official of the office itself can."""
    story = strike()
    with pytest.raises(NoAuthorityError, match="reserved"):
        story.decide("dep", "us/secdef", delegation="secdef-to-deputy")
    story.decide("acting", "us/secdef")


@pytest.mark.parametrize(
    ("who", "delegation", "why"),
    [
        ("dep", None, "does not hold"),
        ("dep", "none-such", "there is no delegation"),
        ("dep", "secdef-to-deputy", "is a delegation of us/secdef"),
        ("jay", "state-to-deputy", "do not hold"),
        ("jay", "deputy-to-staff", "is a delegation of us/deputy"),
        ("jay", "disputed", "not certainly in force"),
        ("jay", "reported", "is reported only"),
    ],
)
def test_rule_5_what_gives_no_authority(who: str, delegation: str | None, why: str) -> None:
    """No delegation, another's, one's delegate's, a disputed or a reported one: none will do."""
    story = release()
    with pytest.raises(NoAuthorityError, match=why):
        story.decide(who, "us/state", delegation=delegation)
    story.decide("dep", "us/state", delegation="state-to-deputy")


def test_rule_5_a_delegation_holds_for_its_activities_and_its_time() -> None:
    """One for releases does not cover a use; one that may have been revoked covers nothing."""
    story = Story().file(area="PL").determine()
    with pytest.raises(NoAuthorityError, match="does not cover use"):
        story.decide("dep", "us/state", delegation="state-to-deputy")
    revoked = {"on": "2025-05/2025-07", "grade": "disputed"}
    context = changed(world(), "delegations", "state-to-deputy", revoked=revoked)
    story = Story(context).file(RELEASE).determine()
    with pytest.raises(NoAuthorityError, match="revoked, or may have been"):
        story.decide("dep", "us/state", delegation="state-to-deputy")


@pytest.mark.parametrize("grade", ["reported", "disputed"])
def test_rule_5_a_revocation_that_is_reported_counts(grade: str) -> None:
    """It suspends what rests on the delegation, says nothing else anew, and may be confirmed."""
    story = release(lines={"a": {"item": "missile"}})
    story.decide("dep", "us/state", delegation="state-to-deputy")
    story.issue()
    story.wait(minutes=1)
    grant = {"of": "us/state", "to": "us/deputy", "from": "2025-01-01", "activities": ["release"]}
    said = {"on": written(story.at), "grade": grade}
    about = {"section": "delegations", "id": "state-to-deputy", "supersedes": "yes"}
    for wrong in (
        {**grant, "revoked": {**said, "grade": "confirmed"}},
        {**grant, "revoked": {**said, "grade": "denied"}},
        {**grant, "activities": ["use"], "revoked": said},
        grant,
    ):
        with pytest.raises(UnlawfulError):
            happens(story, "rules", "record-fact", record=wrong, **about)
    event = happens(story, "rules", "record-fact", record={**grant, "revoked": said}, **about)
    assert {each["permit"] for each in event.found["suspends"]} == {"P-1"}
    happens(story, "state-1", "revoke-delegation", delegation="state-to-deputy")
    with pytest.raises(RepeatedError):
        happens(story, "state-1", "revoke-delegation", delegation="state-to-deputy")


@pytest.mark.parametrize("grade", ["reported", "disputed", "denied"])
def test_rule_5_only_a_confirmed_holding_gives_an_office(grade: str) -> None:
    """Somebody who is said to hold the office does not hold it, and the chair reads as empty."""
    context = world()
    for each in ("sec", "acting", "two-hats"):
        context = changed(context, "officials", each, grade=grade)
    assert not context.is_held("us/secdef", START)
    story = Story(context).file().determine()
    with pytest.raises(NotAllowedError):
        story.decide("sec", "us/secdef")


@pytest.mark.parametrize("grade", ["reported", "disputed", "denied"])
def test_rule_5_a_key_that_is_merely_reported_signs_nothing(grade: str) -> None:
    """A key is somebody's where that is confirmed, as an office is."""
    key = {"person": "sec", "kind": "ssh", "public": "ssh-ed25519 AAAA sec", "grade": grade}
    assert changed(world(), "keys", "k", **key).keys_of("sec", START) == {}
    certain = changed(world(), "keys", "k", **{**key, "grade": "confirmed"})
    assert set(certain.keys_of("sec", START)) == {"k"}


# --- rule 6, as far as the review goes: nothing is edited


def test_rule_6_a_withdrawn_decision_and_an_earlier_round_stay_on_file() -> None:
    """What was decided, advised and asked is all there after withdrawal and a new round."""
    story = strike()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="s")
    story.decide("sec", "us/secdef", "refuse")
    story.do("desk", "reconsider", because="an appeal")
    story.determine()
    story.decide("sec", "us/secdef")
    assert [each.verdict for each in story.now.decisions] == ["refuse", "approve"]
    assert len(story.now.advice) == 1
    assert len(story.now.moves) == story.now.version == len(story.events)


# --- rule 9: no answer is not consent


def test_rule_9_time_approves_nothing() -> None:
    """However long nobody answers, and whatever deadline passes, no stage comes nearer a permit."""
    story = strike()
    story.do("desk", "set-deadline", of="us/secdef", due="2025-06-02", because="urgent")
    story.wait(days=700).do("desk", "escalate", to="us/state", because="late")
    assert story.now.stage is Stage.UNDER_REVIEW
    with pytest.raises(StageError):
        story.issue()
    with pytest.raises(NoAuthorityError):
        story.decide("state-1", "us/state")


def test_rule_9_expiry_follows_from_the_clock() -> None:
    """An approval that has run out carries no permit, though nobody did anything."""
    story = strike()
    story.decide("sec", "us/secdef", until="2025-06-03")
    story.wait(days=2)
    assert story.now.stage is Stage.DECIDED
    with pytest.raises(OwedError, match="it has not yet"):
        story.issue()


def test_a_refusal_never_becomes_a_permit_without_a_new_round() -> None:
    """After a refusal nothing but a new round leads on, not even withdrawing the refusal."""
    story = strike()
    story.decide("sec", "us/secdef", "refuse")
    given = {"party": "US", "office": "us/secdef", "because": "b", "disclosed": "d"}
    story.do("acting", "withdraw-consent", **given)
    assert story.now.stage is Stage.REFUSED
    for act in (story.determine, story.issue):
        with pytest.raises(StageError):
            act()


def test_a_carve_out_and_a_new_answer_do_not_make_two_permits() -> None:
    """While a spared permit stands, the same line gets no second one by asking anew."""
    story = struck()
    given = {"party": "US", "office": "us/secdef", "because": "b", "disclosed": "d"}
    story.do("sec", "withdraw-consent", **given, except_permits=["P-1"], carve_out="under way")
    story.do("desk", "ask", asks="still?")
    story.do("olena", "supply", question="0", says="yes", request=asked(USE))
    story.decide("acting", "us/secdef")
    with pytest.raises((RepeatedError, UnlawfulError)):
        story.issue("P-2", status=2)


def test_rule_1_an_assurance_counts_for_the_round_in_which_it_was_given() -> None:
    """What was assured of another round, or another request, is asked for again."""
    story = strike()
    said = {"given_by": "Paris", "says": "we shall not object", "instrument": "a note"}
    story.do("lia", "record-assurance", party="GB", **said)
    story.do("desk", "reconsider", because="look again")
    story.determine()
    story.decide("sec", "us/secdef", provided=[{"assurance-from": "GB"}])
    with pytest.raises(OwedError, match="assurance from GB"):
        story.issue()
    story.do("desk", "reconsider", because="look again")
    story.determine()
    story.do("lia", "record-assurance", party="GB", **said)
    story.decide("sec", "us/secdef", provided=[{"assurance-from": "GB"}])
    story.issue()


def test_rule_3_what_was_decided_by_one_who_stepped_aside_is_owed_again() -> None:
    """A conflict of interest found after the decision is found before the permit all the same."""
    story = strike()
    story.decide("sec", "us/secdef")
    story.do("sec", "recuse", because="a conflict")
    assert story.now.stage is Stage.UNDER_REVIEW
    with pytest.raises(StageError):
        story.issue()
    story.decide("acting", "us/secdef")
    story.issue()
    assert [each.by for each in story.now.permits["P-1"].grounds if each.kind == "decision"]


def test_rule_3_a_permit_outlives_that_its_decider_steps_aside() -> None:
    """Who takes no further part did not thereby take back what a permit was issued on."""
    story = struck()
    story.do("sec", "recuse", because="a conflict")
    assert story.now.stage is Stage.PERMITTED
    permit = story.now.permits["P-1"]
    assert validity(permit, story.now, story.context, story.at).in_force


def test_rule_1_the_act_of_an_office_is_done_by_who_holds_it_and_signed() -> None:
    """Not by the desk of another party, nor of its own: and who holds it does not issue then."""
    story = release()
    story.decide("state-1", "us/state", provided=[{"act-of": "us/secdef"}])
    story.decide("kurt", "de/council")
    story.decide("lena", "de/council")
    done = {"need": "act of us/secdef", "instrument": "a memorandum"}
    for actor in ("dieter", "desk", "dep", "lic", "olena"):
        with pytest.raises(NoAuthorityError):
            story.do(actor, "fulfil", **done)
    with pytest.raises(OwedError, match="act of us/secdef"):
        story.issue()
    story.do("sec", "fulfil", **done)
    assert needs_signature("fulfil")
    assert story.now.roles["sec"] == "decider"
    story.issue()


def test_rule_1_an_office_is_consulted_by_its_own_advice() -> None:
    """That it was heard is not for a case officer to say, of whatever party."""
    story = release(recipient="MD").wait(days=3)
    done = {"need": "consult us/joint-staff", "instrument": "a note"}
    with pytest.raises(UnlawfulError, match="advice"):
        story.do("desk", "fulfil", **done)
    with pytest.raises(OwedError, match="consult us/joint-staff"):
        story.decide("state-1", "us/state")
    story.do("jay", "advise", office="us/joint-staff", stance="against", says="no")
    story.decide("state-1", "us/state")


def test_rule_1_a_step_is_recorded_by_the_party_that_asks_for_it_and_counts_for_it_alone() -> None:
    """What one government was told its own legislature tells nothing of another's."""
    asked_too = DE_BOOK.replace("persons:", "steps: [{notify: Congress}]\n        persons:")
    story = Story(with_book(world(), asked_too)).file(RELEASE, recipient="MD").determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="yes")
    story.wait(days=3)
    story.decide("state-1", "us/state")
    for actor in ("kurt", "lena"):
        story.decide(actor, "de/council")
    done = {"need": "notify Congress", "instrument": "a letter"}
    story.do("dieter", "fulfil", **done)
    with pytest.raises(OwedError) as found:
        story.issue()
    assert [each.partition(":")[0] for each in found.value.owed] == ["US"]
    story.do("desk", "fulfil", **done)
    story.issue()


def test_rule_1_what_a_government_elsewhere_waits_for_is_recorded_by_who_leads() -> None:
    """It keeps no desk in this register; its condition came from an instrument as its word did."""
    story = strike()
    story.decide("sec", "us/secdef", provided=[{"consent-of": "GB"}])
    story.consent("GB", provided=[{"event": "ratified"}])
    with pytest.raises(OwedError, match="event ratified"):
        story.issue()
    story.do("desk", "fulfil", need="event ratified", instrument="a note")
    story.issue()


@pytest.mark.parametrize("grade", ["reported", "confirmed"])
def test_rule_1_that_an_event_is_on_record_meets_no_condition(grade: str) -> None:
    """An applicant who keeps facts records that it came about: who asked for it has yet to say."""
    registry = {"party": "UA", "title": "Registry", "duties": ["registry"]}
    keeper = {"name": "Keeper", "office": "ua/registry"}
    context = world({"offices": {"ua/registry": registry}, "officials": {"keeper": keeper}})
    story = Story(context).file().determine()
    story.decide("sec", "us/secdef", provided=[{"event": "crews-trained"}])
    story.wait(minutes=1)
    said = {"about": "the crews are trained", "from": "2025-05-01", "grade": grade}
    happens(story, "keeper", "record-fact", section="events", id="crews-trained", record=said)
    with pytest.raises(OwedError, match="event crews-trained"):
        story.issue()
    done = {"need": "event crews-trained", "instrument": "a letter"}
    for actor in ("olena", "yurii", "dieter"):
        with pytest.raises(NotAllowedError):
            story.do(actor, "fulfil", **done)
    story.do("desk", "fulfil", **done)
    story.issue()


APPLICANTS_OWN = {
    "offices": {
        "ua/council": {"party": "UA", "title": "Council"},
        "ua/mission": {"party": "UA", "title": "Mission", "duties": ["liaison"]},
        "ua/licences": {"party": "UA", "title": "Licences", "duties": ["permits", "cases"]},
    },
    "officials": {
        "uma": {"name": "Uma", "office": "ua/council"},
        "ulas": {"name": "Ulas", "office": "ua/mission"},
        "ustym": {"name": "Ustym", "office": "ua/licences"},
    },
}
"""Offices of the applicant that decide, lead, speak with other governments and issue permits."""
UA_BOOK = """
book: UA
claims: [{basis: [jurisdiction], activities: [use, release, retransfer]}]
otherwise: review ua/council
"""


def applicants_own(lines: dict[str, Any], **fields: Any) -> Story:
    """Return a release for which the applicant's own council has said yes, on its own rules."""
    context = world(APPLICANTS_OWN, books=(US_BOOK, DE_BOOK, UA_BOOK))
    story = Story(context).file(RELEASE, lines=lines, **fields)
    story.do("ustym", "determine")
    story.decide("uma", "ua/council")
    return story


def test_rule_3_the_applicants_side_attests_nobody_elses_word() -> None:
    """Who wants Britain's yes does not record that it was given, nor assured, nor withdrawn."""
    story = applicants_own({"a": {"item": "missile"}, "b": {"item": "booster"}})
    said = {"given_by": "London", "says": "we shall", "instrument": "a note"}
    with pytest.raises(NotAllowedError, match="applicant's side") as refused:
        story.consent("GB", by="ulas")
    assert refused.value.who_could == ("us/liaison",)
    with pytest.raises(NotAllowedError, match="applicant's side"):
        story.do("ulas", "record-assurance", party="GB", **said)
    story.do("lia", "record-assurance", party="GB", **said)
    story.consent("GB")
    taken = {"party": "GB", "because": "b", "disclosed": "d"}
    with pytest.raises(NotAllowedError, match="applicant's side"):
        story.do("ulas", "withdraw-consent", **taken)
    story.do("lia", "withdraw-consent", **taken)


@pytest.mark.parametrize(("by", "party"), [("olena", "actor"), ("desk", "raised-by")])
def test_rule_3_who_acts_or_raised_the_request_attests_nobody_elses_word(
    by: str, party: str
) -> None:
    """The party by which the applicant acts, or that asks for it, is on its side."""
    lines = {"a": {"item": "missile"}, "b": {"item": "booster"}}
    story = Story().file(RELEASE, by=by, lines=lines, **{party: "US"}).determine("desk-2")
    with pytest.raises(NotAllowedError, match="lia acts for US, on the applicant's side"):
        story.consent("GB")


def test_rule_3_nobody_issues_to_their_own_party_what_rests_on_others() -> None:
    """The applicant's licensing office issues where its own rules alone ask, and nowhere else."""
    story = applicants_own({"a": {"item": "missile"}})
    story.decide("state-1", "us/state")
    with pytest.raises(NotAllowedError) as refused:
        story.issue(by="ustym")
    assert set(refused.value.who_could) == {"us/licences"}
    assert [issues(story, each) for each in ("ustym", "lic")] == [False, True]
    story.issue()
    context = world({**APPLICANTS_OWN, "items": {"drone": {"name": "Drone", "origin": "UA"}}})
    alone = Story(with_book(context, UA_BOOK)).file(RELEASE, lines={"a": {"item": "drone"}})
    alone.do("ustym", "determine")
    alone.decide("uma", "ua/council")
    assert issues(alone, "ustym")
    alone.issue(by="ustym")


def issues(story: Story, person: str) -> bool:
    """Say whether a permit waits for somebody to issue it, by their inbox and by its rows alike."""
    looking = viewer(story.context, person, story.at)
    waits = any(each.act == "issue" for each in inbox([story.now], looking, story.at))
    laid = {each for each in rows(story.now) if each.act == "issue"}
    assert waits == any(each.is_for(keys(looking), story.at) for each in laid)
    return waits


def test_rule_3_what_another_government_waits_for_is_not_said_by_the_applicant() -> None:
    """That what Britain asked for has come about is recorded by somebody who does not apply."""
    story = applicants_own({"a": {"item": "missile"}, "b": {"item": "booster"}})
    story.consent("GB", provided=[{"event": "ratified"}])
    with pytest.raises(NotAllowedError):
        story.do("ustym", "fulfil", need="event ratified", instrument="a note")
    story.do("desk", "fulfil", need="event ratified", instrument="a note")


def absent() -> Story:
    """Return a story in which nobody but the applicant and Britain, which has nobody, has a say."""
    context = world(APPLICANTS_OWN, books=(US_BOOK, DE_BOOK, UA_BOOK))
    story = Story(context).file(RELEASE, lines={"b": {"item": "booster"}})
    story.do("ustym", "determine")
    story.decide("uma", "ua/council")
    return story


def test_rule_3_where_nobody_else_has_a_say_an_office_of_another_party_is_called_in() -> None:
    """It attests and issues in place of the party that has nobody here; and sees the case."""
    story = absent()
    lia, lic = (viewer(story.context, each, START) for each in ("lia", "lic"))
    assert not relation(story.now, lia)
    for actor in ("lia", "ulas"):
        with pytest.raises(NotAllowedError):
            story.consent("GB", by=actor)
    call = {"due": "2025-06-20", "because": "Britain has nobody here"}
    for of in ("ua/procurement-2", "us/secdef"):
        with pytest.raises(UnknownError):
            story.do("ustym", "set-deadline", of=of, **call)
    story.do("ustym", "set-deadline", of="us/liaison", **call)
    with pytest.raises(UnknownError):
        story.do("ustym", "set-deadline", of="de/desk", **call)
    assert relation(story.now, lia).decides >= {"GB"}
    assert relation(story.now, lic).inside["US"]
    story.do("ustym", "set-deadline", of="us/liaison", **{**call, "due": "2025-06-21"})
    with pytest.raises(NotAllowedError):
        story.consent("GB", by="ulas")
    story.consent("GB")
    with pytest.raises(NotAllowedError):
        story.issue(by="ustym")
    story.issue()


def test_rule_3_nobody_is_called_in_where_another_party_with_a_say_has_people() -> None:
    """The applicant does not choose who attests what the others could."""
    story = applicants_own({"a": {"item": "missile"}, "b": {"item": "booster"}})
    with pytest.raises(UnknownError, match="nor an office in review"):
        story.do("ustym", "set-deadline", of="de/desk", due="2025-06-20", because="b")
