"""Advice, decisions, external consents, and their withdrawal."""

from __future__ import annotations

from typing import Any

import pytest
from review_world import RELEASE, US_BOOK, Story, changed, strike, struck, with_book, world

from placet.review.case import PermitStage, Role, Stage
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
)
from placet.review.summary import differences


def released(**fields: str) -> Story:
    """Return a story in which a release has been determined: State decides, and two Germans."""
    return Story().file(RELEASE, **fields).determine()


@pytest.mark.parametrize("verdict", ["refuse", "return"])
def test_limits_go_with_an_approval_alone(verdict: str) -> None:
    """What is refused, or given back, permits nothing that could be limited."""
    limits = [{"text": "by day only"}]
    story = strike()
    with pytest.raises(UnlawfulError, match="Limits go with an approval"):
        story.decide("sec", "us/secdef", verdict, provisos=limits)
    story.decide("sec", "us/secdef", "approve", provisos=limits)


# --- advice


def test_advice_dissent_and_countersignature() -> None:
    """A team advises, a colleague dissents, a case officer countersigns, each in a role."""
    story = strike()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="it is sound")
    story.do("joe", "dissent", advice="0", says="it is not")
    story.do("desk-2", "countersign", advice="0")
    advice = story.now.advice[0]
    assert (advice.party, advice.countersigned_by) == ("US", "desk-2")
    assert [each.person for each in advice.dissents] == ["joe"]
    assert story.now.roles["desk-2"] is Role.COUNTERSIGNER
    with pytest.raises(RepeatedError):
        story.do("joe", "dissent", advice="0", says="again")
    with pytest.raises(RepeatedError):
        story.do("joe", "countersign", advice="0")
    with pytest.raises(UnknownError):
        story.do("joe", "countersign", advice="1")


def test_later_advice_of_a_team_supersedes_what_it_said_before() -> None:
    """Both stay on file, one speaks for the office; what it said of another request is no rival."""
    story = strike()
    for who, says in (("jay", "it is sound"), ("joe", "it is not, on a second look")):
        story.do(who, "advise", office="us/joint-staff", stance="for", says=says)
    assert [each.superseded_at for each in story.now.advice] == [story.at, None]
    with pytest.raises(UnlawfulError, match="other advice since"):
        story.do("desk-2", "countersign", advice=0)
    with pytest.raises(UnlawfulError, match="other advice since"):
        story.do("joe", "dissent", advice=0, says="no")
    story.do("desk-2", "countersign", advice=1)
    story.do("desk", "reconsider", because="anew")
    story.determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="now it is sound")
    first, second, third = story.now.advice
    assert first.superseded_at is not None
    assert (second.superseded_at, third.superseded_at) == (None, None)


def test_nobody_countersigns_their_own_advice() -> None:
    """The person who advised cannot confirm it, nor can somebody of another party."""
    story = strike()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="it is sound")
    with pytest.raises(UnlawfulError, match="their own"):
        story.do("jay", "countersign", advice="0")
    with pytest.raises(NoAuthorityError):
        story.do("dieter", "countersign", advice="0")


def test_a_deciding_office_does_not_advise() -> None:
    """The office that decides, and an office of a party without a say, give no advice."""
    for who, office in (("sec", "us/secdef"), ("rita", "de/rules")):
        with pytest.raises(NoAuthorityError):
            strike().do(who, "advise", office=office, stance="for", says="yes")
    with pytest.raises(NoAuthorityError):
        strike().do("joe", "advise", office="us/deputy", stance="for", says="not mine")


def test_an_office_that_there_is_not_is_said_not_to_be_there() -> None:
    """A name that was mistyped is told from one that may not, and the actor's own are named."""
    with pytest.raises(UnknownError) as wrong:
        strike().do("jay", "advise", office="us/joint-stuff", stance="for", says="yes")
    named = "There is no office us/joint-stuff. Yours that may advise here: us/joint-staff."
    assert str(wrong.value) == named
    with pytest.raises(NoAuthorityError) as other:
        strike().do("jay", "advise", office="us/secdef", stance="for", says="yes")
    assert other.value.who_could == ("us/joint-staff",)


def test_advice_of_an_earlier_round_is_kept_and_not_confirmed() -> None:
    """After a new round the earlier advice is on file, and no longer open to a signature."""
    story = strike()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="it is sound")
    story.do("desk", "reconsider", because="anew")
    story.determine()
    with pytest.raises(UnlawfulError, match="no longer asked"):
        story.do("desk-2", "countersign", advice="0")


# --- decisions


def test_a_decision_settles_a_party() -> None:
    """The deciding office approves, and the case is decided; a refusal ends it."""
    story = strike()
    story.decide("sec", "us/secdef")
    assert story.now.stage is Stage.DECIDED
    story = strike()
    story.decide("acting", "us/secdef", "refuse", disclosed="not now")
    assert (story.now.stage, story.now.ended) == (Stage.REFUSED, "not now")
    story = strike()
    story.decide("sec", "us/secdef", "return")
    assert story.now.stage is Stage.RETURNED


def test_one_offices_yes_to_the_missile_is_not_anothers_to_the_data() -> None:
    """Where rules name other offices for two rights of a party, all of them decide, all rights."""
    data = """      data:
        when: via("data")
        then: review us/state
        because: State decides over data
"""
    book = US_BOOK.replace("      ukraine:\n", data + "      ukraine:\n")
    story = Story(with_book(world(), book)).file().determine()
    assert story.now.determined is not None
    need = story.now.determined.needs["US"]
    assert [each.office for each in need.by] == ["us/secdef", "us/state"]
    assert [any(item in each for each in need.rights) for item in ("missile", "data")] == [True] * 2
    story.decide("sec", "us/secdef")
    assert story.now.stage is Stage.UNDER_REVIEW
    story.decide("state-1", "us/state")
    assert story.now.stage is Stage.DECIDED


def test_two_persons_give_the_same_text() -> None:
    """Where two decide, one is not enough, another text is refused, and the differences named."""
    story = released()
    story.decide("state-1", "us/state")
    story.decide("kurt", "de/council", until="2025-09-01")
    assert story.now.stage is Stage.UNDER_REVIEW
    with pytest.raises(UnlawfulError, match="until, because"):
        story.decide("lena", "de/council", because="otherwise")
    with pytest.raises(RepeatedError, match="kurt"):
        story.decide("kurt", "de/council", until="2025-09-01")
    story.decide("lena", "de/council", until="2025-09-01")
    assert story.now.stage is Stage.DECIDED
    with pytest.raises(RepeatedError, match="withdraw"):
        story.decide("max", "de/council", until="2025-09-01")


def test_a_refusal_takes_as_many_as_an_approval() -> None:
    """One of two cannot refuse for the office alone."""
    story = released()
    story.decide("kurt", "de/council", "refuse")
    assert story.now.stage is Stage.UNDER_REVIEW
    story.decide("lena", "de/council", "refuse")
    assert story.now.stage is Stage.UNDER_REVIEW, "line a is not Germany's to refuse"
    story.decide("state-1", "us/state")
    assert story.now.stage is Stage.DECIDED
    assert [each.line for each in _issued(story)] == ["a"]


def _issued(story: Story) -> list:
    story.issue()
    return list(story.now.permits["P-1"].terms.lines)


def test_lines_are_decided_one_by_one() -> None:
    """An office approves one line and refuses the other; the same line is not decided twice."""
    story = Story().file(RELEASE, lines={"a": {"item": "missile"}, "c": {"item": "data"}})
    story.determine()
    story.decide("state-1", "us/state", lines=["a"])
    with pytest.raises(RepeatedError):
        story.decide("state-1", "us/state", "refuse", lines=["a", "c"])
    story.decide("state-1", "us/state", "refuse", lines=["c"])
    assert story.now.stage is Stage.DECIDED
    with pytest.raises(UnknownError):
        story.decide("state-2", "us/state", lines=["z"])
    with pytest.raises(UnlawfulError, match="names no lines"):
        story.decide("state-2", "us/state", "return", lines=["a"])


def test_what_rules_refuse_nobody_approves() -> None:
    """A person refuses what the rules refuse; an approval against them is no act at all."""
    story = Story().file(target="energy", area="UA-30").determine()
    with pytest.raises(UnlawfulError, match="nobody can approve"):
        story.decide("state-1", "us/state")
    story.decide("state-1", "us/state", "refuse")
    assert story.now.stage is Stage.REFUSED


def test_a_party_that_clears_or_has_no_say_decides_nothing() -> None:
    """Nobody decides for a party that clears in advance, nor for one without a say."""
    story = released()
    with pytest.raises(UnlawfulError, match="clears"):
        story.decide("state-1", "us/state", party="UA")
    with pytest.raises(UnknownError, match="no say"):
        story.decide("state-1", "us/state", party="GB")
    with pytest.raises(NoAuthorityError, match="does not decide"):
        story.decide("sec", "us/secdef")


def test_consultation_and_waiting_come_before_the_approval() -> None:
    """What a rule asks to consult or wait for is owed before an approval, not before a refusal."""
    story = released(recipient="MD")
    with pytest.raises(OwedError) as refused:
        story.decide("state-1", "us/state")
    assert len(refused.value.owed) == 2
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    with pytest.raises(OwedError, match="wait-days 2"):
        story.decide("state-1", "us/state")
    story.wait(days=2).decide("state-1", "us/state")
    released(recipient="MD").decide("state-1", "us/state", "refuse")


def test_a_consultation_of_an_earlier_round_is_not_one_of_this() -> None:
    """After a new round the office is consulted again: what it said was about something else."""
    story = released(recipient="MD")
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    story.do("desk", "reconsider", because="anew")
    story.determine().wait(days=3)
    with pytest.raises(OwedError, match="consult us/joint-staff"):
        story.decide("state-1", "us/state")


def test_a_decision_does_not_run_out_before_it_is_taken() -> None:
    """The day until which a decision holds lies ahead."""
    with pytest.raises(UnlawfulError, match="run out"):
        strike().decide("sec", "us/secdef", until="2025-05-01")


def test_a_decision_that_ran_out_can_be_taken_anew() -> None:
    """When a decision has run out the same person decides again; before that they may not."""
    story = strike()
    story.decide("sec", "us/secdef", until="2025-06-10")
    with pytest.raises(RepeatedError):
        story.decide("sec", "us/secdef", until="2025-06-20")
    story.wait(days=10)
    with pytest.raises(OwedError, match="it has not yet"):
        story.issue()
    story.decide("sec", "us/secdef", until="2025-06-20")
    story.issue()


def test_decisions_fall_with_another_substance_and_stay_with_the_same() -> None:
    """While the answer is the same decisions count; with another they are kept and do not."""
    story = released()
    story.decide("state-1", "us/state")
    story.context = changed(story.context, "items", "unrelated", name="U", origin="GB")
    story.decide("kurt", "de/council")
    story.decide("lena", "de/council")
    assert story.now.stage is Stage.DECIDED
    stricter = US_BOOK.replace(
        "then: review us/state\n        because: decided",
        (
            'then: review us/state\n        provisos: [{at-most: "2", text: two}]\n'
            "        because: decided"
        ),
    )
    story.context = with_book(story.context, stricter)
    with pytest.raises(StaleError, match="provisos"):
        story.issue()
    story.determine()
    assert story.now.stage is Stage.UNDER_REVIEW
    assert len(story.now.decisions) == 3


def test_a_consent_that_was_void_does_not_return_with_the_rules() -> None:
    """What was taken on one answer stays void after another, also where the first is found again.

    So it is where the request was changed and changed back, with no determination in between.
    """
    stricter = US_BOOK.replace("not in Moscow", "not in the capital")
    rules, request = strike(), strike()
    for story in (rules, request):
        before = story.now.determined
        story.do("jay", "advise", office="us/joint-staff", stance="for", says="it is sound")
        story.do("desk", "ask", asks="how many")
        story.do("desk", "ask", asks="how many")
        story.decide("sec", "us/secdef")
        assert story.now.stage is Stage.DECIDED
        if story is rules:
            for book in (stricter, US_BOOK):
                story.context = with_book(story.context, book)
                story.determine()
        else:
            for number, target in enumerate(("energy", "military.depot")):
                told = {**story.now.request, "target": target}
                story.do("olena", "supply", question=number, request=told, says="so")
            story.determine()
        assert before is not None
        assert story.now.determined is not None
        assert story.now.determined.substance == before.substance
        assert (story.now.stage, len(story.now.decisions)) == (Stage.UNDER_REVIEW, 1)
        story.decide("sec", "us/secdef")
        assert story.now.stage is Stage.DECIDED


def test_what_was_done_on_the_request_stays_done_when_the_rules_change() -> None:
    """Advice and steps are about the request: they meet what the same rules ask once more."""
    story = released(recipient="MD")
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    story.do("desk", "fulfil", need="notify Congress", instrument="a letter")
    for book in (US_BOOK.replace("after consultation", "once consulted"), US_BOOK):
        story.context = with_book(story.context, book)
        story.determine()
    story.wait(days=2).decide("state-1", "us/state")
    story.decide("kurt", "de/council")
    story.decide("lena", "de/council")
    story.issue()


# --- external consents


def external() -> Story:
    """Return a story in which all hangs on Britain, which has a say and no officials here."""
    lines = {"a": {"item": "missile"}, "c": {"item": "booster"}}
    story = Story().file(RELEASE, lines=lines).determine("desk-2")
    story.decide("state-1", "us/state")
    assert story.now.stage is Stage.UNDER_REVIEW
    return story


def test_an_external_consent_counts_as_its_partys_decision() -> None:
    """A liaison official records what a foreign government decided, and it settles that party."""
    story = external()
    with pytest.raises(NotAllowedError):
        story.consent("GB", by="desk")
    story.consent("GB", by="lia")
    assert story.now.stage is Stage.DECIDED
    assert story.now.roles["lia"] is Role.OFFICER
    with pytest.raises(RepeatedError):
        story.consent("GB", by="lia")


def test_an_assurance_never_counts() -> None:
    """An assurance of approval is recorded, and the party has still to decide."""
    story = external()
    story.do(
        "lia",
        "record-assurance",
        party="GB",
        given_by="the embassy",
        says="it will be approved",
        instrument="a letter",
    )
    assert story.now.stage is Stage.UNDER_REVIEW
    assert len(story.now.assurances) == 1


def test_what_an_external_consent_must_be() -> None:
    """It is not of the liaison's own party, not of the future, not of a party without a part."""
    story = external()
    with pytest.raises(UnlawfulError, match="future"):
        story.consent("GB", given_on="2026-01-01")
    with pytest.raises(UnknownError):
        story.consent("DE", by="lia")
    with pytest.raises(UnlawfulError, match="decides for itself"):
        released().consent("DE", by="dieter")


def test_what_is_decided_in_this_register_is_not_recorded_as_if_from_elsewhere() -> None:
    """Two of the council decide here: one American with a letter does not stand for them."""
    german = released()
    for verdict in ("approve", "refuse", "return"):
        with pytest.raises(NotAllowedError, match="DE decides in this register") as refused:
            german.consent("DE", by="lia", verdict=verdict)
        assert refused.value.who_could == ("de/council",)
    german.decide("kurt", "de/council")
    german.decide("lena", "de/council")
    assert all(each.external is None for each in german.now.decisions)


@pytest.mark.parametrize("vacant", [True, False])
def test_a_party_without_anybody_in_its_deciding_offices_decides_elsewhere(vacant: bool) -> None:
    """Once all have left the council, what Germany decides comes on paper."""
    gone: dict[str, Any] = {}
    for each in ("kurt", "lena", "max"):
        until = {"until": "2025-05-01"} if vacant else {}
        gone[each] = {"name": each.capitalize(), "office": "de/council", **until}
    story = Story(world({"officials": gone})).file(RELEASE).determine()
    if vacant:
        story.consent("DE", by="lia")
        assert story.now.decisions[0].external is not None
    else:
        with pytest.raises(NotAllowedError):
            story.consent("DE", by="lia")


def test_a_party_that_is_only_waited_for_is_recorded_though_it_has_people_here() -> None:
    """Nothing asks it to decide here, so what it says of another's condition comes on paper."""
    lines = {"a": {"item": "missile"}}
    story = Story().file(RELEASE, lines=lines).determine()
    story.decide("state-1", "us/state", provided=[{"consent-of": "DE"}])
    story.consent("DE", by="lia")
    assert story.now.decisions[-1].external is not None


def test_a_foreign_refusal_refuses() -> None:
    """A recorded refusal takes the line out as a decision here would; a return ends the case."""
    story = external()
    story.consent("GB", verdict="refuse")
    assert story.now.stage is Stage.DECIDED
    assert [each.line for each in _issued(story)] == ["a"]
    story = external()
    story.consent("GB", verdict="return")
    assert story.now.stage is Stage.RETURNED


# --- withdrawal


def test_a_withdrawn_decision_is_kept_and_suspends_what_rests_on_it() -> None:
    """The office that decided takes it back, and the permit is suspended by the same event."""
    story = struck()
    event = story.do(
        "acting",
        "withdraw-consent",
        party="US",
        office="us/secdef",
        because="the situation changed",
        disclosed="withdrawn",
    )
    assert [each["permit"] for each in event.found["suspends"]] == ["P-1"]
    permit = story.now.permits["P-1"]
    assert permit.stage is PermitStage.SUSPENDED
    assert permit.suspensions[0].ground is not None
    assert story.now.stage is Stage.UNDER_REVIEW
    assert story.now.decisions[0].withdrawn_at == story.at
    with pytest.raises(UnknownError):
        story.do(
            "acting",
            "withdraw-consent",
            party="US",
            office="us/secdef",
            because="again",
            disclosed="again",
        )


def test_a_carve_out_spares_the_permit_it_names() -> None:
    """A permit named with a text goes on; one named without a text, or not there, is an error."""
    story = struck()
    given = {"party": "US", "office": "us/secdef", "because": "b", "disclosed": "d"}
    with pytest.raises(UnlawfulError):
        story.do("sec", "withdraw-consent", **given, except_permits=["P-1"])
    with pytest.raises(UnknownError):
        story.do("sec", "withdraw-consent", **given, except_permits=["P-9"], carve_out="for P-9")
    story.do("sec", "withdraw-consent", **given, except_permits=["P-1"], carve_out="under way")
    assert story.now.permits["P-1"].stage is PermitStage.ISSUED
    assert story.now.permits["P-1"].spared[0].says == "under way"


def test_who_withdraws() -> None:
    """Only who holds the deciding office withdraws its decision; a liaison the external one."""
    story = struck()
    given = {"party": "US", "because": "b", "disclosed": "d"}
    with pytest.raises(NoAuthorityError):
        story.do("state-1", "withdraw-consent", **given, office="us/secdef")
    story = external()
    story.consent("GB")
    given["party"] = "GB"
    with pytest.raises(NotAllowedError):
        story.do("state-1", "withdraw-consent", **given)
    story.do("lia", "withdraw-consent", **given)
    assert story.now.stage is Stage.UNDER_REVIEW


def test_what_is_decided_is_decided() -> None:
    """Nothing is decided on a case that is refused, or that was never determined."""
    story = strike()
    digest = story.digest
    story.decide("sec", "us/secdef", "refuse")
    for each in (story, Story().file()):
        with pytest.raises(StageError):
            each.decide("acting", "us/secdef", determination=digest)


def test_two_hats_on_one_head() -> None:
    """One person who holds two offices acts for one of them only on a case."""
    story = strike()
    story.do("hatter", "advise", office="us/joint-staff", stance="for", says="yes")
    with pytest.raises(TwoRolesError, match="adviser"):
        story.decide("hatter", "us/secdef")


def test_what_another_party_asks_is_not_told_where_an_answer_is_stale() -> None:
    """Whoever decides is told in what their own party's rules changed; of others, that it did."""
    story = strike()
    determined = story.case.determined
    assert determined is not None
    party = "US"
    needs = determined.needs
    harder = needs[party].model_copy(update={"outcome": "refuse", "rules": ("US:secret/rule",)})
    now = determined.model_copy(
        update={"substance": f"sha256:{'0' * 64}", "needs": {**needs, party: harder}}
    )
    told = " ".join(differences(determined, now, {party}))
    untold = " ".join(differences(determined, now, {"DE"}))
    assert "US:secret/rule" in told
    assert "US" not in untold
    assert "what others ask" in untold
