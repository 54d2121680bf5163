"""Policies, systems, stock, authority and reports of the story, as its people may know them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from audit_sample import Register
from placet.need_to_know import View
from placet.need_to_know.desk import keys
from placet.operations.house import SignedIn
from placet.operations.on_record.authorities import see_authority
from placet.operations.on_record.books import see_books, see_policy
from placet.operations.on_record.policy_trials import tried
from placet.operations.on_record.stocks import see_stock, taken_of
from placet.operations.on_record.systems import see_freedom, see_item, see_items
from placet.operations.ports import Taken
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.desks import see_briefs
from placet.operations.seeing.reports import ages_in_words, report_csv, see_report
from placet.registry import Presence, parse_moment
from placet.review import UnknownError
from placet.review.lawful import policy_digest
from placet.review.rewriting import policy_text
from placet.review.takings import takings
from placet.review.viewer import viewer

DAY = parse_moment("2025-07-01")
REVIEW = "2025-strike-review"


def person(name: str) -> SignedIn:
    """Return somebody signed in."""
    return SignedIn(name, None)


def test_the_undeclared_review_is_known_inside_alone(played: Register) -> None:
    """The American review is in force for the desk and the inspector; for Ukraine there is none."""
    for name in ("whitfield", "tan"):
        seen = see_policy(played.house, person(name), "US", REVIEW, DAY)
        assert seen.dated.status in ("in force", "may be in force")
        assert [each.kind for each in seen.acts] == ["adopt-policy"]
        text = policy_text(played.house.reading.context().plain, "US", REVIEW)
        assert [each.digest for each in seen.acts] == [policy_digest(text)]
        assert seen.rules
        assert seen.sources
    with pytest.raises(UnknownError) as unknown:
        see_policy(played.house, person("marchenko"), "US", REVIEW, DAY)
    with pytest.raises(UnknownError) as missing:
        see_policy(played.house, person("marchenko"), "US", "2031-no-such", DAY)
    assert str(unknown.value).replace(REVIEW, "X") == str(missing.value).replace(
        "2031-no-such", "X"
    )
    listed = {
        name: {
            each.policy.id
            for book in see_books(played.house, person(name), DAY)
            if book.party == "US"
            for each in book.policies
        }
        for name in ("marchenko", "whitfield")
    }
    assert REVIEW in listed["whitfield"] - listed["marchenko"]


def test_the_acts_behind_a_policy_are_its_partys(played: Register) -> None:
    """An outsider who may read an announced policy is not shown the entries that made it."""
    ours = see_books(played.house, person("marchenko"), DAY)
    party, policy = next(
        (book.party, each.policy.id)
        for book in ours
        if book.party == "US"
        for each in book.policies
    )
    assert see_policy(played.house, person("marchenko"), party, policy, DAY).acts == ()
    inside = see_policy(played.house, person("whitfield"), party, policy, DAY)
    assert [each.index for each in inside.acts][:1] == [0]


def test_an_items_page_shows_reliances_and_when_a_service_is_withdrawn(played: Register) -> None:
    """Storm Shadow relies on American data, which was withdrawn in March 2025 and came back."""
    house, who = played.house, person("marchenko")
    paused = see_item(house, who, "storm-shadow", "UA", parse_moment("2025-03-06"))
    data = next(each for each in paused.relies_on if each.reliance.on == "us-targeting-data")
    assert data.available in ("withdrawn", "partly withdrawn")
    assert data.depth == 1
    assert "storm-shadow" in {
        key for key, _ in see_item(house, who, "us-targeting-data", "UA", DAY).relied_on_by
    }
    keys = {each.key for each in see_items(house, who, DAY)}
    assert {"storm-shadow", "us-targeting-data"} <= keys
    with pytest.raises(UnknownError):
        see_item(house, who, "no-such-item", "UA", DAY)
    with pytest.raises(UnknownError):
        see_item(house, who, "storm-shadow", "Atlantis", DAY)


def test_who_has_a_say_is_told_by_what_is_known(played: Register) -> None:
    """The desk hears the undeclared review in the answer; nothing of it is in Ukraine's."""
    says = {
        name: see_item(played.house, person(name), "storm-shadow", "UA", DAY).says[0]
        for name in ("whitfield", "marchenko")
    }
    told = {name: str(each.determination.plain()) for name, each in says.items()}
    assert REVIEW in told["whitfield"]
    assert REVIEW not in told["marchenko"]
    free = {
        name: see_freedom(played.house, person(name), "UA", DAY)
        for name in ("whitfield", "marchenko")
    }
    assert free["whitfield"].items == free["marchenko"].items
    assert REVIEW not in str([each.determination.plain() for each in free["marchenko"].cells])


def test_a_policy_is_tried_on_the_cases_that_somebody_has_a_part_in(played: Register) -> None:
    """The review speaks from its adoption on; to whoever does not know it, it says nothing."""
    desk, day = person("whitfield"), parse_moment("2025-07-01")
    now = tried(played.house, desk, "US", REVIEW, day)
    spoken = [one for each in now for one in each.rules]
    assert spoken
    assert {one.then for one in spoken if one.effect == "applies"} <= {"review", "refuse", ""}
    assert {each.case for each in now} == {
        each.case for each in see_briefs(played.house, desk, open_only=False)
    }
    before = tried(played.house, desk, "US", REVIEW, parse_moment("2025-01-01"))
    assert not any(each.rules for each in before)
    assert not any(
        each.rules for each in tried(played.house, person("marchenko"), "US", REVIEW, day)
    )


def test_stock_is_its_owners(played: Register) -> None:
    """The American stock of Patriots is red, and Ukraine is not told; nor America of Ukraine's."""
    seen = see_stock(played.house, person("whitfield"), parse_moment("2025-08-10"))
    assert [(each.party, each.item, str(each.stock_class)) for each in seen] == [
        ("US", "atacms", "yellow"),
        ("US", "patriot-interceptor", "red"),
    ]
    (own,) = see_stock(played.house, person("marchenko"), DAY)
    assert (own.party, own.item, str(own.stock_class)) == ("UA", "atacms", "yellow")
    assert [each.on_hand for each in own.positions] == [40, 14]
    assert own.projection is not None
    assert own.projection.after_approved == 14 - own.projection.approved


def test_what_requests_take_is_counted_from_cases_one_has_a_part_in(played: Register) -> None:
    """What is left under Ukraine's permits counts against the actor; a stranger counts nothing."""
    reading, now = played.reading, played.clock.now()
    context = reading.context()

    def counted(person: str | None) -> list[Taken]:
        held, items = keys(viewer(context, person, now)), context.registry.record.items
        return list(reading.taken(held, items, ()))

    found = taken_of(counted("marchenko"), context.registry)
    assert found
    assert {party for party, _ in found} == {"UA"}
    draws = {draw.case: draw for each in counted("marchenko") for draw in each.draws}
    cases = {each.id: each for each in reading.cases(open_only=True)}
    assert draws.keys() <= cases.keys()
    assert all(draw.approved or draw.pending for draw in draws.values())
    assert sum(each.pending for each in counted("marchenko")) == sum(
        taking.pending for each in cases.values() for taking in takings(each)
    )
    assert not counted(None)


def test_officials_and_keys_are_their_partys(played: Register) -> None:
    """Ukraine sees American offices and not who holds them; the desk sees both."""
    seen = {
        name: {each.party: each for each in see_authority(played.house, person(name), DAY)}
        for name in ("marchenko", "whitfield", "tan")
    }
    offices = {each.key for each in seen["marchenko"]["US"].offices}
    assert offices == {each.key for each in seen["whitfield"]["US"].offices}
    assert not any(each.holders for each in seen["marchenko"]["US"].offices)
    assert seen["marchenko"]["US"].keys == ()
    held = {each.key: each for each in seen["whitfield"]["US"].offices}
    assert [one.official.name for one in held["us/secdef"].holders] == ["The Secretary"]
    assert held["us/secdef"].holders[0].holds is Presence.IN
    assert seen["whitfield"]["US"].keys
    assert seen["tan"]["UA"].own
    assert next(iter(seen["marchenko"])) == "UA"


def _filed(seen: View) -> tuple[datetime, str]:
    return seen.submitted_at, seen.case


def test_a_report_says_what_views_say(played: Register) -> None:
    """Outcomes add up to the cases seen, and its export has every figure of it."""
    for name in ("marchenko", "whitfield", "tan"):
        report = see_report(played.house, person(name))
        listed = see_briefs(played.house, person(name), open_only=False)
        views = [see_case(played.house, person(name), each.case) for each in listed]
        assert report.cases == sum(report.outcomes.values()) == len(views) > 0
        assert report.outcomes == Counter(each.status for each in views)
        still = sorted((e for e in views if e.status == "under-review"), key=_filed)
        assert sum(report.ages) == len(still)
        assert report.awaited == Counter(party for each in still for party in each.awaits)
        oldest = [(each.case, each.awaits) for each in report.oldest]
        assert oldest == [(each.case, each.awaits) for each in still[:20]]
        counts = {each.stage: each.cases for each in report.spans}
        assert counts.get("filed to permit", 0) == sum(bool(each.permits) for each in views)
        told = [{each.determined_at for each in view.inside.values()} for view in views]
        whole = [bool(view.whole and view.whole["determined"]) for view in views]
        known = sum(any(times) or seen for times, seen in zip(told, whole, strict=True))
        assert counts.get("filed to determined", 0) == known
        rows = list(csv.DictReader(io.StringIO(report_csv(report))))
        outcomes = {row["name"]: int(row["count"]) for row in rows if row["section"] == "outcome"}
        assert outcomes == dict(report.outcomes)
        ages = [row["name"] for row in rows if row["section"] == "age of open cases"]
        assert tuple(ages) == ages_in_words()
        longest = [row for row in rows if row["section"] == "open the longest"]
        assert [
            (row["name"], row["title"], parse_moment(row["filed"]), int(row["days"]))
            for row in longest
        ] == [(each.case, each.title, each.since, each.days) for each in report.oldest]
        for row, each in zip(longest, report.oldest, strict=True):
            who = [row["waits for"], row["undetermined by"], row["unissued by"]]
            assert who == [
                " ".join(names) for names in (each.awaits, each.undetermined_by, each.unissued_by)
            ]
        assert all(len(row) == len(rows[0]) and None not in row for row in rows)
    stages = {
        name: {each.stage for each in see_report(played.house, person(name)).spans}
        for name in ("marchenko", "whitfield")
    }
    assert "filed to determined" in stages["whitfield"] - stages["marchenko"]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_what_an_applicant_wrote_is_no_formula_in_a_table(played: Register, begins: str) -> None:
    """A title is free text of an outsider, and whoever opens the table is an official."""
    report = see_report(played.house, person("whitfield"))
    title = f'{begins}HYPERLINK("https://elsewhere.example","open, please")'
    made = replace(report, oldest=(replace(report.oldest[0], title=title),))
    (row,) = (
        each
        for each in csv.DictReader(io.StringIO(report_csv(made), newline=""))
        if each["section"] == "open the longest"
    )
    assert row["title"] == f"'{title}"
