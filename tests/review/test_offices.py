"""Whoever acts or looks in one office is who they would be if they held no other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from review_world import START, Story, command, world

from placet.errors import PlacetError
from placet.need_to_know.desk import keys
from placet.need_to_know.missing import missing
from placet.need_to_know.offers import offers
from placet.need_to_know.view import sight
from placet.review import Context, load_context, perform
from placet.review.changes import change
from placet.review.errors import NotAllowedError, TwoRolesError, UnknownError, UnlawfulError
from placet.review.viewer import viewer

Wanted = tuple[str, dict[str, Any]]

HATS = {"us/secdef": "two-hats-2", "us/joint-staff": "two-hats"}
"""The offices of one person, each with the record of the other."""


def without(context: Context, official: str) -> Context:
    """Return the same context as if somebody had never held one office."""
    registry = dict(context.plain["registry"])
    others = {key: each for key, each in registry["officials"].items() if key != official}
    whole = {"registry": {**registry, "officials": others}, "books": context.plain["books"]}
    return load_context(context.version, whole)


@pytest.mark.parametrize("office", HATS)
def test_in_one_office_a_person_sees_what_they_would_if_they_held_no_other(office: str) -> None:
    """View, offers, what is missing and where cases are found are the same, at every stage."""
    story = Story()
    alone = without(story.context, HATS[office])
    story.file().determine()
    story.do("jay", "advise", office="us/joint-staff", stance="for", says="for it")
    story.do("desk", "set-deadline", of="us/joint-staff", due="2025-07-01", because="soon")
    story.decide("sec", "us/secdef")
    one = viewer(story.context, "hatter", story.at, office)
    sole = viewer(alone, "hatter", story.at)
    whole = viewer(story.context, "hatter", story.at)
    assert one.offices == sole.offices == {office} < whole.offices
    assert keys(one) == keys(sole) != keys(whole)
    eyes, lone = sight(story.now, one), sight(story.now, sole)
    assert eyes.view() == lone.view()
    found = offers(eyes, story.context, story.at)
    assert found == offers(lone, alone, story.at)
    assert found != offers(sight(story.now, whole), story.context, story.at)
    assert missing(eyes, story.context, *_judged(story)) == missing(lone, alone, *_judged(story))


def _judged(story: Story) -> tuple[tuple[()], datetime]:
    return ((), story.at)


def outcome(context: Context, story: Story, wanted: Wanted, office: str | None) -> object:
    """Return what comes of an act, or what it is refused with."""
    kind, fields = wanted
    act = command(kind, **fields)
    try:
        event = perform(story.now, context, act, "hatter", story.at, office)
    except PlacetError as error:
        return type(error), str(error)
    return {name: event.found.get(name) for name in ("for", "role")}


@pytest.mark.parametrize("office", HATS)
def test_in_one_office_a_person_does_what_they_could_if_they_held_no_other(office: str) -> None:
    """Every act comes to the same, done or refused, and none is done that all offices could not."""
    story = Story().file().determine()
    word = {"because": "because", "disclosed": "told"}
    decision = {"party": "US", "determination": story.digest, **word}
    acts = [
        ("decide", {"office": "us/secdef", "verdict": "approve", **decision}),
        ("decide", {"office": "us/state", "verdict": "refuse", **decision}),
        ("advise", {"office": "us/joint-staff", "stance": "for", "says": "yes"}),
        ("ask", {"asks": "why"}),
        ("recuse", {"because": "a cousin"}),
        ("issue", {"permit": "P-1", "status": 7}),
        ("withdraw", {"because": "no"}),
        ("determine", {}),
    ]
    alone = without(story.context, HATS[office])
    done = 0
    for each in acts:
        one = outcome(story.context, story, each, office)
        sole = outcome(alone, story, each, None)
        if isinstance(one, dict):
            assert one == sole, each
            assert isinstance(outcome(story.context, story, each, None), dict), each
            done += 1
        else:
            assert one[0] is sole[0], (each, one, sole)
    assert done == 2


def test_an_office_that_is_not_held_gives_nothing() -> None:
    """Naming an office never gives it: acts in it are refused as by whoever holds none."""
    story = Story().file().determine()
    assert not viewer(story.context, "hatter", story.at, "us/desk").held
    aside = command("recuse", because="a cousin")
    for office in ("us/desk", "no/such"):
        with pytest.raises(NotAllowedError, match=f"does not hold {office}"):
            perform(story.now, story.context, aside, "hatter", story.at, office)
    rules = command("dismiss", official="jay", until="2025-07-01", because="x")
    with pytest.raises(UnknownError):  # as to whoever holds no office of the party
        change(story.context, rules, "rules", START, {}, "us/desk")
    event, _ = change(story.context, rules, "rules", START, {}, "us/rules")
    assert event.payload["office"] == "us/rules"


def test_the_office_stands_in_the_act_and_in_its_time_line() -> None:
    """What was done in one office says so; what was done in all says none."""
    story = Story().file().determine()
    said = {"office": "us/joint-staff", "stance": "for", "says": "yes"}
    event = story.do("hatter", "advise", alone="us/joint-staff", **said)
    assert event.office == event.payload["office"] == "us/joint-staff"
    assert "office" not in story.events[-2].payload
    assert story.now.moves[-1].office == "us/joint-staff"
    assert story.now.moves[-2].office is None


def test_what_binds_a_person_binds_them_in_each_of_their_offices() -> None:
    """Nobody gets into a second role, or around having stepped aside, by coming in another."""
    story = Story().file().determine()
    said = {"office": "us/joint-staff", "stance": "for", "says": "yes"}
    story.do("hatter", "advise", alone="us/joint-staff", **said)
    decision = {"party": "US", "office": "us/secdef", "verdict": "approve"}
    decision |= {"because": "because", "disclosed": "told", "determination": story.digest}
    decide = command("decide", **decision)
    with pytest.raises(TwoRolesError):
        perform(story.now, story.context, decide, "hatter", story.at, "us/secdef")


def test_nobody_records_the_word_of_a_party_that_they_act_for_in_another_office() -> None:
    """That it decides for itself is asked of the person: to come in one office opens nothing."""
    both = {"lia-de": {"name": "Lia", "office": "de/rules", "person": "lia"}}
    story = Story(world({"officials": both}))
    story.file(by="olena").determine()
    word = {"given_by": "x", "given_on": "2025-05-30", "instrument": "a note", "disclosed": "told"}
    word |= {"instrument_digest": f"sha256:{'0' * 64}", "determination": story.digest}
    consent = command("record-consent", party="DE", verdict="approve", **word)
    with pytest.raises(UnlawfulError, match="decides for itself"):
        perform(story.now, story.context, consent, "lia", story.at, "us/liaison")


def test_a_deed_is_ones_own_in_the_office_in_which_it_was_done() -> None:
    """What was done in all offices is of one alone where the person held no other then."""
    context = world()
    one = viewer(context, "hatter", START, "us/secdef")
    assert one.did("hatter", START, "us/secdef")
    assert not one.did("hatter", START, "us/joint-staff")
    assert not one.did("hatter", START), "it can have been done in either"
    assert not one.did("jay", START, "us/secdef")
    assert viewer(context, "hatter", START).did("hatter", START, "us/joint-staff")
    assert viewer(context, "jay", START, "us/joint-staff").did("jay", START)
