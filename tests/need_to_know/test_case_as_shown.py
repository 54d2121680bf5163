"""What a case's page is made of tells each viewer what is theirs to know, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from case_of_parts import case_of
from hypothesis import given
from parts_of_a_case import (
    APPLICANT,
    AUDITOR,
    FILED,
    JOINT,
    LINES,
    PARTIES,
    WORKS,
    Filed,
    Joint,
    Said,
    Work,
    adviser,
    decider,
    moment,
    officer,
    person,
    unseen_by,
)
from review_world import (
    DE_BOOK,
    RELEASE,
    START,
    US_BOOK,
    USE,
    Story,
    asked,
    struck,
    with_book,
    world,
)

from building import examples
from placet.need_to_know.comparing import compared
from placet.need_to_know.knowing import basis, known_answer, own_parties
from placet.need_to_know.missing import missing
from placet.need_to_know.offered import Offer
from placet.need_to_know.offers import ELSEWHERE, STALE, offers
from placet.need_to_know.own_decisions import own_decisions
from placet.need_to_know.reporting import aged
from placet.need_to_know.standings import ConsentStatus, PartyStanding, standings
from placet.need_to_know.stands import stands, stands_at, was_used_outside
from placet.need_to_know.stock_effect import StockEffect, stock_effect
from placet.need_to_know.telling import Tone, breach_words, tell
from placet.need_to_know.time_line import time_line
from placet.need_to_know.view import Sight, sight
from placet.registry import Occasion, parse_moment, parse_occasion
from placet.review.case import Case, Stage
from placet.review.commands import Verdict
from placet.review.released import released
from placet.review.viewer import Viewer, viewer

WORLD = world()
NOW = moment(10_000)
ITEMS = {"one": "missile", "two": "shell"}
WHOLE = asked(USE, lines={line: {"item": ITEMS[line], "quantity": "4"} for line in LINES})
EARLIER = parse_moment("2025-06-01")


def put(filed: Filed, works: Mapping[str, Work], joint: Joint) -> Case:
    """Put a case together whose request can be determined."""
    case = case_of(filed, works, joint)
    return case.model_copy(update={"request": {**WHOLE, "area": filed.area}})


def shown(case: Case, who: Viewer) -> bytes:
    """Return everything of a case's page but the acts, in bytes; the rules are what who may know.

    What may be known of the rules is worked out at one moment for all: when they were determined
    is told by `view`.
    """
    eyes = sight(case, who)
    own = own_parties(case, eyes.relation)
    answer = known_answer(case, WORLD, own, EARLIER)
    found = standings(eyes, answer, WORLD.registry, NOW)
    permits = dict.fromkeys(case.permits, "in-force")
    parts = (
        *found,
        tell(eyes, found, permits, WORLD.registry),
        *missing(eyes, WORLD, found, NOW),
        *own_decisions(eyes, NOW),
        *stock_effect(eyes, WORLD, NOW),
        *time_line(eyes, {}, NOW),
    )
    said = [stands(eyes, permits, NOW), *(each.model_dump_json() for each in parts)]
    return "\n".join(said).encode()


# --- non-interference


@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(25)
def test_an_applicant_is_shown_the_same_whatever_the_parties_did_within(
    filed: Filed, one: dict[str, Work], other: dict[str, Work], joint: Joint, another: Joint
) -> None:
    """The sentence, the map, who is waited for and the time line follow from what is disclosed."""
    seen = shown(put(filed, one, joint), APPLICANT)
    assert shown(put(filed, other, another), APPLICANT) == seen


@pytest.mark.parametrize("party", PARTIES)
@pytest.mark.parametrize("name", ["decider", "officer"])
@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(15)
def test_deciders_and_officers_are_shown_nothing_of_other_parties_work(
    name: str,
    party: str,
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
) -> None:
    """What is missing, who has spoken, what was decided: of others only whose word is out."""
    who = {"decider": decider, "officer": officer}[name](party)
    one = {**one, party: replace(one[party], say="review")}
    elsewhere = unseen_by(party, one, other)
    differs = replace(joint, version=another.version, index=another.index)
    seen = shown(put(filed, one, joint), who)
    assert shown(put(filed, elsewhere, differs), who) == seen


@pytest.mark.parametrize("party", PARTIES)
@given(filed=FILED, one=WORKS, other=WORKS, joint=JOINT, another=JOINT)
@examples(15)
def test_an_adviser_is_shown_its_partys_rules_and_released_words_alone(
    party: str,
    filed: Filed,
    one: dict[str, Work],
    other: dict[str, Work],
    joint: Joint,
    another: Joint,
) -> None:
    """Not how many have decided, and not since when the review goes on."""
    mine = replace(one[party], say="review")
    kept = {each: getattr(mine, each) for each in ("say", "rules_refuse", "persons", "asks")}
    elsewhere = {**other, party: replace(other[party], staff_advice=mine.staff_advice, **kept)}
    seen = shown(put(filed, {**one, party: mine}, joint), adviser(party))
    assert shown(put(filed, elsewhere, another), adviser(party)) == seen


@given(filed=FILED, works=WORKS, joint=JOINT)
@examples(15)
def test_reasons_why_an_act_is_not_possible_name_nobody_elses_work(
    filed: Filed, works: dict[str, Work], joint: Joint
) -> None:
    """No text, person or office of another party's work is in any offer."""
    told = ("elsewhere",)
    others = {
        party: replace(works[party], because="elsewhere", asks=told, fallen=told, fulfilled=told)
        for party in ("US", "GB")
    }
    case = put(filed, {**others, "DE": replace(works["DE"], say="review")}, joint)
    people = [person(party, number) for party in others for number in range(6)]
    for who in (APPLICANT, adviser("DE"), decider("DE"), officer("DE")):
        found = offers(sight(case, who), WORLD, NOW)
        said = json.dumps([each.model_dump(mode="json") for each in found])
        assert not [each for each in ("elsewhere", *people) if each in said]


def test_undeclared_rules_of_another_party_make_no_difference() -> None:
    """What may be known of the rules is the same to the byte; to their own party it is not."""
    otherwise = DE_BOOK.replace('persons: "2"', 'persons: "3"').replace("two of", "three of")
    one, other = (with_book(WORLD, book) for book in (DE_BOOK, otherwise))
    case = put(Filed(), dict.fromkeys(PARTIES, Work()), Joint())
    for own in (frozenset(), frozenset({"US"})):
        answers = [known_answer(case, each, own, EARLIER).canonical() for each in (one, other)]
        assert answers[0] == answers[1]
    answers = [
        known_answer(case, each, frozenset({"DE"}), EARLIER).canonical() for each in (one, other)
    ]
    assert answers[0] != answers[1]
    assert known_answer(case, one, None, EARLIER).party("DE") is not None


def test_announced_rules_of_another_party_are_known() -> None:
    """The converse: a rule that is announced shows in what everybody may know."""
    announced = DE_BOOK.replace("announced: undeclared", 'announced: "2025-01-01"')
    case = put(Filed(), dict.fromkeys(PARTIES, Work()), Joint())
    one, other = (
        known_answer(case, with_book(WORLD, book), frozenset({"US"}), EARLIER).canonical()
        for book in (DE_BOOK, announced)
    )
    assert one != other


def test_a_later_day_tells_of_no_policy_that_is_announced_only_then() -> None:
    """Whoever chooses what day is judged learns nothing that is not announced when they ask."""
    later = DE_BOOK.replace("announced: undeclared", 'announced: "2026-01-01"')
    case = put(Filed(), dict.fromkeys(PARTIES, Work()), Joint())
    then = parse_moment("2026-06-01")
    for own in (frozenset[str](), frozenset({"US"})):
        undeclared, announced, known = (
            known_answer(case, with_book(WORLD, book), own, then, now).canonical()
            for book, now in ((DE_BOOK, EARLIER), (later, EARLIER), (later, then))
        )
        assert undeclared == announced
        assert known != announced


def test_only_those_inside_learn_when_the_review_began() -> None:
    """An applicant is shown the rules of the day of filing, in the context of that day."""
    case = put(Filed(), dict.fromkeys(PARTIES, Work()), Joint())
    assert case.determined is not None
    began = sight(case, decider("US")).relation
    assert basis(case, began).at == case.determined.at
    outside = basis(case, sight(case, APPLICANT).relation)
    assert (outside.at, outside.context_version) == (case.submitted_at, None)


# --- examples


def table(story: Story, who: str) -> tuple[Sight, dict[str, PartyStanding]]:
    """Return a story's case before somebody's eyes, and who is asked."""
    eyes = sight(story.now, viewer(story.context, who, story.at))
    own = own_parties(story.now, eyes.relation)
    answer = known_answer(story.now, story.context, own, story.at)
    return eyes, {
        each.party: each for each in standings(eyes, answer, story.context.registry, story.at)
    }


def filed(**fields: Any) -> Story:
    """Return a case that was filed and determined."""
    story = Story()
    story.do("olena", "submit", case="C-1", request=asked(USE, **fields))
    story.do("desk", "determine")
    return story


def offered(story: Story, who: str) -> dict[tuple[str, str, str], Offer]:
    """Return what somebody could do, by act, what about, and verdict."""
    eyes = sight(story.now, viewer(story.context, who, story.at))
    found = offers(eyes, story.context, story.at)
    return {(each.act, each.about, each.choice): each for each in found}


def test_a_party_is_waited_for_and_then_has_agreed() -> None:
    """Before its decision the answer names whom it waits for; after it that nobody is missing."""
    story = filed()
    eyes, before = table(story, "sec")
    assert before["US"].standing is ConsentStatus.WAITING
    assert [each.title for each in before["US"].offices] == ["Secretary of Defense"]
    answer = tell(eyes, tuple(before.values()), {}, story.context.registry)
    assert answer.tone is Tone.WAITING
    assert answer.headline == "This needs the yes of the United States (Secretary of Defense)."
    story.decide("sec", "us/secdef", because="b", disclosed="agreed")
    eyes, after = table(story, "olena")
    assert after["US"].standing is ConsentStatus.GIVEN
    assert after["US"].disclosed == ("agreed",)


def test_a_consent_given_elsewhere_is_told_at_both_its_times() -> None:
    """The day on which it was given, and when it was recorded; the applicant is told both."""
    lines = {"a": {"item": "missile"}, "c": {"item": "booster"}}
    story = Story().file(RELEASE, lines=lines).determine("desk-2")
    recorded = story.consent("GB", given_on="2025-05-30").at
    for who in ("lia", "olena"):
        eyes, found = table(story, who)
        assert (found["GB"].given, found["GB"].since) == (parse_occasion("2025-05-30"), recorded)
        told = [each for each in released(eyes.case) if each.party == "GB"]
        assert [(each.given, each.at) for each in told] == [(found["GB"].given, recorded)]


def test_a_refusal_is_told_with_the_reason_that_was_disclosed() -> None:
    """The headline says that it cannot be released; the party and its words follow."""
    story = filed()
    story.decide("sec", "us/secdef", "refuse", because="b", disclosed="not now")
    eyes, found = table(story, "olena")
    assert found["US"].standing is ConsentStatus.REFUSED
    assert (
        tell(eyes, tuple(found.values()), {}, story.context.registry).sentence
        == "This was refused by the United States. “not now.”"
    )


def permitted(*provisos: dict[str, Any], **fields: Any) -> Story:
    """Return a case that the Secretary approved with provisos, and a permit was issued on."""
    story = filed(**fields)
    story.decide("sec", "us/secdef", provisos=[{"text": "see", **each} for each in provisos])
    story.do("lic", "issue", permit="P-1", status=0)
    return story


def sentence(story: Story, who: str, status: str = "in-force") -> str:
    """Return the answer as somebody reads it."""
    eyes, found = table(story, who)
    return tell(
        eyes,
        tuple(found.values()),
        dict.fromkeys(story.now.permits, status),
        story.context.registry,
    ).sentence


def test_the_answer_says_no_more_than_was_permitted() -> None:
    """Two of the four, for a single use: in every tense; the whole is `this`, one `is`."""
    story = permitted({"at-most": "2", "each-use": "yes"})
    until = "through 31 Aug 2025."
    assert sentence(story, "olena") == f"2 of the 4 are permitted, for a single use, {until}"
    assert sentence(story, "olena", "exhausted").startswith("2 of the 4 were permitted, and ")
    assert sentence(permitted({"at-most": "1"}), "olena") == f"1 of the 4 is permitted {until}"
    assert sentence(permitted(), "olena") == f"This is permitted {until}"
    lines = {"one": {"item": "missile", "quantity": "4"}, "two": {"item": "missile", "quantity": 2}}
    story = permitted({"at-most": "2"}, lines=lines)
    said = "2 of the 4 of Missile (line one) and all 2 of Missile (line two) are permitted"
    assert sentence(story, "olena") == f"{said} {until}"


def test_a_refusal_of_one_thing_names_it() -> None:
    """Where a party refuses one line of two, the answer says of what it is, and what it told."""
    lines = {"one": {"item": "missile", "quantity": "4"}, "two": {"item": "missile", "quantity": 2}}
    story = filed(lines=lines)
    story.decide("sec", "us/secdef", lines=["two"], because="b", disclosed="agreed")
    story.decide("sec", "us/secdef", "refuse", lines=["one"], because="b", disclosed="not now")
    refused = "The United States refused for Missile (line one): “not now.”"
    assert refused in sentence(story, "olena")


def test_breaches_on_record_are_told_by_things() -> None:
    """Both sentences that name a line; a line that is none, and all else, stays as it is."""
    lines = {"one": "Missile (one)", "one-b": "Missile (one-b)", "shell": "Shell"}
    later, ask = "P-2, which took its place, has 1", "left, and this was 2: ask which was first."
    told = {
        "On the line one-b 3 used, 1 left: 2 too many.": (
            "3 \u00d7 Missile (one-b) used, 1 left: 2 too many."
        ),
        f"{later} of shell {ask}": f"{later} \u00d7 Shell {ask}",
        "The permit has no line one.": "The permit has no line one.",
    }
    assert {each: breach_words(each, lines) for each in told} == told


def test_rules_that_would_refuse_are_no_refusal_before_it_is_determined() -> None:
    """The desk, before it determines, knows what is announced; afterwards, that its rules refuse.

    The applicant never knows more than the first.
    """
    story = Story()
    story.do("olena", "submit", case="C-1", request=asked(USE, target="energy"))
    would = "By what is announced, the rules of the United States would refuse it."
    eyes, found = table(story, "desk")
    answer = tell(eyes, tuple(found.values()), {}, story.context.registry)
    assert answer.tone is Tone.WAITING
    assert answer.sentence == f"It is not determined yet who has a say. {would}"
    before = sentence(story, "olena")
    assert before == f"Not decided yet. {would}"
    story.do("desk", "determine")
    eyes, found = table(story, "desk")
    answer = tell(eyes, tuple(found.values()), {}, story.context.registry)
    assert answer.tone is Tone.BAD
    assert (
        answer.sentence
        == "This cannot be approved as it stands. The rules of the United States refuse it."
    )
    assert sentence(story, "olena") == before


def test_an_act_is_possible_exactly_where_it_can_be_done() -> None:
    """The secretary may decide, her adviser may advise, and the desk cannot issue yet, and why."""
    story = filed()
    assert offered(story, "sec")["decide", "us/secdef", "approve"].possible
    assert offered(story, "jay")["advise", "us/joint-staff", ""].possible
    issue = offered(story, "lic")["issue", "C-1", ""]
    assert not issue.possible
    assert issue.signed
    says = "The case is under review; this is done while it is waiting for its permit or permitted."
    assert issue.why == (says,)
    story.decide("sec", "us/secdef", because="b", disclosed="agreed")
    returning = offered(story, "desk")["return", "C-1", ""]
    assert returning.why[0].startswith("The case is waiting for its permit; this is done while ")
    assert ("decide", "us/secdef", "approve") not in offered(story, "jay")


def test_what_the_context_changed_since_is_said_without_the_others_rules() -> None:
    """An act on a stale determination is not possible; the reason names no rule of anybody."""
    story = filed()
    refusing = US_BOOK.replace("review us/secdef", "review us/state")
    story.context = with_book(story.context, refusing)
    offer = offered(story, "sec")["decide", "us/secdef", "approve"]
    assert (offer.possible, offer.why) == (False, (STALE,))
    assert ELSEWHERE not in offer.why


def test_a_stale_case_says_what_is_missing_to_whom_acts_say_that_it_is_stale() -> None:
    """Who decides, leads or audits reads what is missing and who could; nobody else learns it."""
    story = filed()
    line = "Its determination no longer follows from what is on record: "
    theirs, others = f"{line}determine it anew.", f"{line}have it determined anew by Case desk."

    def told(who: str) -> bool:
        eyes, found = table(story, who)
        lacking = missing(eyes, story.context, tuple(found.values()), story.at)
        return (theirs if who == "desk" else others) in [each.says for each in lacking]

    people = ("olena", "jay", "sec", "desk", "lic", "ig")
    assert not any(map(told, people))
    story.context = with_book(story.context, US_BOOK.replace("not in Moscow", "not in the capital"))
    assert {who: told(who) for who in people} == {
        **dict.fromkeys(("olena", "jay"), False),
        **dict.fromkeys(("sec", "desk", "lic", "ig"), True),
    }
    assert any(each.why == (STALE,) for each in offered(story, "sec").values())
    story.do("desk", "determine")
    assert not any(map(told, people))


def test_an_applicant_is_offered_its_own_acts_from_the_file_alone() -> None:
    """It may withdraw while under review, whoever has decided; it is never offered a decision."""
    story = filed()
    before = offered(story, "olena")
    story.decide("sec", "us/secdef", because="b", disclosed="agreed")
    after = offered(story, "olena")
    assert before == after
    assert after["withdraw", "C-1", ""].possible
    assert {act for act, _, _ in after} == {"withdraw", "appeal"}


def test_an_appeal_is_not_offered_again_while_one_lies() -> None:
    """The applicant reads why; once a new round was refused too, another is offered."""
    story = filed()

    def refused() -> Offer:
        story.decide("sec", "us/secdef", "refuse", because="b", disclosed="no")
        return offered(story, "olena")["appeal", "C-1", ""]

    assert refused().possible
    story.do("olena", "appeal", because="the facts are others")
    again = offered(story, "olena")["appeal", "C-1", ""]
    assert not again.possible
    assert again.why == ("An appeal lies already, and has not been answered yet.",)
    story.do("desk", "reconsider", because="they are")
    story.do("desk", "determine")
    assert refused().possible


def test_an_appeal_of_a_limit_is_told_while_the_permit_stands() -> None:
    """Whatever else the answer says, it says that an appeal lies; on a case that is over, not."""
    story = filed()
    story.decide("sec", "us/secdef", because="b", disclosed="agreed")
    story.issue()
    story.do("olena", "appeal", because="the report is a burden")
    lies = "The applicant has appealed, and waits for an answer."
    waits = (
        f"{lies} While P-1 stands, no new round is opened: the appeal is dismissed, or it waits "
        "until the permit is given back, revoked or expired."
    )

    def told(permit: str) -> str:
        eyes, found = table(story, "olena")
        answer = tell(eyes, tuple(found.values()), {"P-1": permit}, story.context.registry)
        return answer.sentence

    assert told("in-force").endswith(f" permitted through 31 Aug 2025. {waits}")
    story.do("lic", "revoke", permit="P-1", because="b")
    assert told("revoked").endswith(lies)
    story.do("desk", "close", because="b")
    assert "appealed" not in told("revoked")


def test_each_dismissal_of_an_appeal_is_told_in_its_own_words() -> None:
    """Also where two parties dismiss it at the same moment; why, for the file, is not told."""
    story = Story().file(RELEASE).determine()
    one = [{"at-most": 1, "text": "one at most"}]
    story.decide("state-1", "us/state", provisos=one)
    for who in ("kurt", "lena"):
        story.decide(who, "de/council", provisos=one)
    story.do("olena", "appeal", because="one is too few")
    for who, party, office in (("state-1", "US", "us/state"), ("max", "DE", "de/council")):
        given = {"because": "for the file", "disclosed": f"{party} keeps to it"}
        story.do(who, "dismiss-appeal", party=party, office=office, **given)
        story.wait(minutes=-1)
    eyes, _ = table(story, "olena")
    lines = time_line(eyes, story.context.people, story.at + timedelta(minutes=2))
    told = [each.says for each in lines if each.kind == "dismiss-appeal"]
    assert told == ["US keeps to it", "DE keeps to it"]


def test_what_is_missing_goes_as_it_is_done() -> None:
    """The secretary's decision is missing until it is there."""
    story = filed()
    eyes, found = table(story, "lic")
    said = [each.says for each in missing(eyes, story.context, tuple(found.values()), story.at)]
    assert any("Secretary of Defense decides" in each for each in said)
    story.decide("sec", "us/secdef", because="b", disclosed="agreed")
    eyes, found = table(story, "lic")
    assert missing(eyes, story.context, tuple(found.values()), story.at) == ()


def test_a_decision_that_a_material_change_voided_says_so() -> None:
    """What was taken on something else stays on file and says why it does not count."""
    story = filed()
    story.decide("sec", "us/secdef", because="b", disclosed="agreed")
    assert [
        each.fallen
        for each in own_decisions(
            sight(story.now, viewer(story.context, "sec", story.at)), story.at
        )
    ] == [""]
    story.context = with_book(story.context, US_BOOK.replace("not in Moscow", "not in the capital"))
    story.do("desk", "determine")
    (fallen,) = own_decisions(sight(story.now, viewer(story.context, "sec", story.at)), story.at)
    assert "changed in substance" in fallen.fallen


def test_a_permit_waits_for_those_who_have_to_issue_it() -> None:
    """Officers know it of their own party, auditors of all: that all have decided is internal."""
    story = filed()

    def told(who: str) -> tuple[str, ...]:
        eyes = sight(story.now, viewer(story.context, who, story.at))
        assert aged(eyes, story.at).unissued_by == eyes.unissued_by
        return eyes.unissued_by

    assert told("desk") == ()
    story.decide("sec", "us/secdef")
    assert story.now.stage is Stage.DECIDED
    assert told("desk") == told("lic") == told("ig") == ("US",)
    assert told("olena") == told("sec") == told("jay") == ()
    story.issue()
    assert told("desk") == ()


def test_a_decision_in_the_time_line_says_what_it_was() -> None:
    """With how many limits: to its own side by whom, to all others as far as it is released."""
    story = filed()
    said = {"because": "b", "disclosed": "agreed", "determination": story.digest}
    limits = [{"at-most": "2", "text": "two"}, {"each-use": "yes", "text": "one use"}]
    given = {"party": "US", "office": "us/secdef", "verdict": "approve", "provisos": limits}
    story.do("sec", "decide", **given, **said)

    def lines(who: str) -> list[Any]:
        eyes = sight(story.now, viewer(story.context, who, story.at))
        places = range(10, 10 + len(story.now.moves))
        every = time_line(eyes, story.context.people, story.at, places)
        found = [each for each in every if each.kind == "decide"]
        return [(each.verdict, each.limits, each.person, each.says, each.entry) for each in found]

    decided = (Verdict.APPROVE, 2)
    entry = 9 + len(story.now.moves)
    assert lines("sec") == lines("desk") == [(*decided, "sec", "b", entry)]
    assert lines("olena") == lines("jay") == [(*decided, None, "agreed", entry)]


def test_half_a_decision_is_not_in_the_time_line_and_a_word_taken_back_is_there_no_more() -> None:
    """As above it on the page: what is released and stands, once it is complete."""
    story = Story().file(RELEASE).determine()

    def lines() -> list[Any]:
        eyes = sight(story.now, viewer(story.context, "olena", story.at))
        every = time_line(eyes, story.context.people, story.at)
        return [(each.at, each.party) for each in every if each.verdict]

    story.decide("kurt", "de/council")
    assert lines() == []
    story.decide("max", "de/council")
    assert lines() == [(story.now.last, "DE")]
    story.do(
        "kurt", "withdraw-consent", party="DE", office="de/council", because="no", disclosed="no"
    )
    assert lines() == []


def test_a_consent_given_elsewhere_stands_in_the_time_line_at_both_its_times() -> None:
    """To whoever recorded it as that; to the applicant as the word of whoever gave it."""
    lines = {"a": {"item": "missile"}, "c": {"item": "booster"}}
    story = Story().file(RELEASE, lines=lines).determine("desk-2")
    story.consent("GB")

    def line(who: str) -> Any:
        eyes = sight(story.now, viewer(story.context, who, story.at))
        lines = time_line(eyes, story.context.people, story.at)
        (found,) = [each for each in lines if each.verdict]
        return found.kind, found.person, found.party, str(found.effective)

    assert line("desk") == ("record-consent", "lia", "GB", "2025-05-30")
    assert line("olena") == ("decide", None, "GB", "2025-05-30")


def test_a_use_stands_in_the_time_line_at_both_its_times() -> None:
    """When it was recorded, and when it took place; the permit's end is there once it is past."""
    story = struck()
    story.do(
        "olena",
        "report-use",
        permit="P-1",
        report="R-1",
        line="one",
        quantity="1",
        on="2025-06-01T08:03:00Z",
        area="RU-KRS",
        target="military.depot",
        purpose="defence.strike",
    )
    eyes = sight(story.now, viewer(story.context, "olena", story.at))
    lines = time_line(eyes, story.context.people, story.at)
    (used,) = [each for each in lines if each.kind == "report-use"]
    assert used.effective == parse_occasion("2025-06-01T08:03:00Z")
    assert used.name == "Olena"


def test_a_use_on_a_bare_day_stands_in_the_time_line_on_that_day() -> None:
    """No hour is made up: what is shown is what was reported."""
    story = struck().wait(days=1)
    use = {"permit": "P-1", "report": "R-1", "line": "one", "quantity": "1", "on": "2025-06-02"}
    story.do("olena", "report-use", **use)
    eyes = sight(story.now, viewer(story.context, "olena", story.at))
    lines = time_line(eyes, story.context.people, story.at)
    (used,) = [each for each in lines if each.kind == "report-use"]
    assert (str(used.effective), used.effective == Occasion(used.at)) == ("2025-06-02", False)
    assert not [each for each in lines if each.kind == "permit-ends"]
    late = time_line(eyes, story.context.people, story.now.permits["P-1"].terms.until)
    assert late[-1].kind == "permit-ends"


STOCK = {
    "stock": {
        "us-missile": {
            "party": "US",
            "item": "missile",
            "on-hand": "13",
            "floor": "9",
            "yellow-below": "20",
        }
    }
}


def test_the_stock_is_shown_to_its_own_party_before_and_after() -> None:
    """Thirteen are yellow, nine are red: the request takes four, and two once no more are agreed.

    The applicant sees none of it.
    """
    story = Story(world(STOCK))
    story.do("olena", "submit", case="C-1", request=asked(USE))
    story.do("desk", "determine")
    eyes, _ = table(story, "desk")
    (effect,) = stock_effect(eyes, story.context, story.at)
    assert (effect.class_now, effect.on_hand, effect.after) == ("yellow", 13, 9)
    assert (effect.class_after, effect.asked) == ("red", 4)
    assert stock_effect(table(story, "olena")[0], story.context, story.at) == ()
    story.decide("sec", "us/secdef", provisos=[{"text": "two", "at-most": "2"}])
    (effect,) = stock_effect(table(story, "desk")[0], story.context, story.at)
    assert (effect.asked, effect.after) == (4, 11)


def test_a_comparison_says_what_changed_in_words() -> None:
    """Who decides is named by title; the same answer differs in nothing."""
    case = filed().now
    before = known_answer(case, WORLD, None, NOW)
    assert compared(before, before, WORLD.registry) == ()
    other = with_book(WORLD, US_BOOK.replace("review us/secdef", "review us/state"))
    said = compared(before, known_answer(case, other, None, NOW), other.registry)
    reserved = "(reserved to the office itself)"
    then = f"before, Secretary of Defense {reserved}."
    assert said == (f"United States: Department of State {reserved} decides; {then}",)
    both = with_book(WORLD, US_BOOK.replace("review us/secdef", "review us/secdef and us/state"))
    (found,) = compared(before, known_answer(case, both, None, NOW), both.registry)
    assert f" decide; {then}" in found


def test_an_auditor_sees_how_every_party_stands() -> None:
    """Every party's offices, with how many of them have decided."""
    case = put(
        Filed(said={"US": Said(Verdict.APPROVE, "told", 150)}),
        dict.fromkeys(PARTIES, Work()),
        Joint(),
    )
    eyes = sight(case, AUDITOR)
    answer = known_answer(case, WORLD, None, EARLIER)
    found = {each.party: each for each in standings(eyes, answer, WORLD.registry, NOW)}
    assert {party: each.offices[0].given for party, each in found.items() if each.offices} == {
        "US": 1,
        "DE": 0,
        "GB": 0,
    }


# --- what holds now


def _used(story: Story, **fields: Any) -> None:
    report = {"permit": "P-1", "report": "U-1", "line": "one", "quantity": 4, "area": "RU-KRS"}
    story.do("olena", "report-use", **{**report, "on": "2025-06-01", **fields})


def _stood(story: Story, who: str) -> tuple[str, bool]:
    eyes = sight(story.now, viewer(story.context, who, story.at))
    return stands_at(eyes, story.context, story.at), was_used_outside(story.now)


def test_a_case_stands_as_its_permit_does_now() -> None:
    """Nobody determined it, it is permitted, used up, over: each has its word, told to its party.

    Whoever applied is not told whether it was determined.
    """
    story = Story(world())
    story.do("olena", "submit", case="C-1", request=asked(USE))
    assert (_stood(story, "desk")[0], _stood(story, "olena")[0]) == ("submitted", "under-review")
    desk = viewer(story.context, "desk", story.at)
    assert sight(story.now, desk).view().undetermined_by == ("US",)
    story = permitted()
    assert _stood(story, "olena") == ("permitted", False)
    _used(story)
    assert _stood(story, "olena")[0] == "permit-used-up"
    story.at = START.replace(month=12)
    assert _stood(story, "desk")[0] == "permit-expired"


def test_a_case_that_all_have_agreed_to_says_what_it_waits_for() -> None:
    """A condition or step of the reader's own party, else its permit; an applicant is told neither.

    A decision that ran out makes it a case under review again.
    """
    story = Story().file(RELEASE, recipient="MD").determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="fine")
    story.wait(days=3)

    def stood() -> tuple[str, str]:
        (own,) = {_stood(story, who)[0] for who in ("state-1", "desk", "lic", "ig")}
        (others,) = {_stood(story, who)[0] for who in ("kurt", "dieter")}
        assert _stood(story, "olena")[0] == "under-review"
        return own, others

    given = {"provided": [{"event": "training-done"}], "until": "2025-07-01"}
    story.decide("state-1", "us/state", **given)
    story.decide("kurt", "de/council")
    assert stood() == ("under-review", "under-review")
    story.decide("lena", "de/council")
    assert stood() == ("waits-for-conditions", "waits-for-its-permit")
    story.do("desk", "fulfil", need="event training-done", instrument="a report")
    assert stood() == ("waits-for-steps", "waits-for-its-permit")
    story.do("desk", "fulfil", need="notify Congress", instrument="a letter")
    assert stood() == ("waits-for-its-permit", "waits-for-its-permit")
    story.at = parse_moment("2025-07-02")
    assert stood() == ("under-review", "under-review")


def test_a_conditional_approval_is_told_as_one_in_the_time_line() -> None:
    """To whoever sees the decision, and to whoever sees the word that is out; another is not."""
    story = Story().file(RELEASE).determine()
    story.decide("state-1", "us/state", provided=[{"event": "training-done"}])
    for who in ("kurt", "lena"):
        story.decide(who, "de/council")

    def told(who: str) -> dict[str | None, bool]:
        lines = time_line(table(story, who)[0], {}, story.at)
        return {each.party: each.conditional for each in lines if each.kind == "decide"}

    assert [told(who) for who in ("desk", "olena", "ig")] == [{"US": True, "DE": False}] * 3


def test_a_use_outside_its_permit_stays_in_the_answer() -> None:
    """Sanctioned, it is no longer open, and is told all the same; and what is over was used up."""
    story = permitted({"at-most": "2"})
    _used(story)
    assert _stood(story, "olena")[1]
    assert "is not resolved." in sentence(story, "olena", "exhausted")
    story.do("lic", "resolve-violation", report="U-1", finding="sanctioned", because="too many")
    said = sentence(story, "olena", "expired")
    assert said.endswith(
        "which is over. What it allowed was used up. "
        "A use beyond the permit was reported, and was sanctioned."
    )


def test_a_case_that_can_take_nothing_more_has_no_effect_on_stock() -> None:
    """While its permit lasts it takes what that still allows; used up or over, nothing."""
    story = Story(world(STOCK))
    story.do("olena", "submit", case="C-1", request=asked(USE))
    story.do("desk", "determine")
    story.decide("sec", "us/secdef", provisos=[{"text": "two", "at-most": "2"}])
    story.do("lic", "issue", permit="P-1", status=0)

    def effects(at: datetime) -> tuple[StockEffect, ...]:
        return stock_effect(sight(story.now, viewer(story.context, "desk", at)), story.context, at)

    (effect,) = effects(story.at)
    assert (effect.permitted, effect.after) == (2, 11)
    assert effects(START.replace(month=12)) == ()
    _used(story, quantity=2)
    assert effects(story.at) == ()
