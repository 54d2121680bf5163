"""What whoever did an act is told of what followed: of others' permits and grounds nothing."""

from __future__ import annotations

from permit_stories import begun, happens
from review_world import DE_BOOK, US_BOOK, Story, world

from placet.need_to_know.consequences import fallen, is_own_whole
from placet.review.event import Event
from placet.review.viewer import viewer

OWN = [("P-1", "the service de-data is withdrawn")]
LINES = {"one": {"item": "shell", "quantity": "4"}}


def _paused() -> tuple[Story, Event]:
    """Return a permit that is Germany's affair alone, and the American act that suspends it."""
    service = {"name": "German data", "origin": "DE", "kind": "service"}
    reliance = {"of": "shell", "on": "de-data", "as": "service"}
    registry = {"items": {"de-data": service}, "reliances": {"shell-data": reliance}}
    book = DE_BOOK.replace("[origin, component]", "[origin, component, service]")
    story = Story(world(registry, [US_BOOK, book])).file(lines=LINES).determine("dieter")
    for person in ("kurt", "lena"):
        story.decide(person, "de/council")
    story.issue(by="dieter")
    pause = [{"status": "withdrawn", "from": "2025-06-01"}]
    record = {**service, "availability": pause}
    fact = {"section": "items", "id": "de-data", "record": record, "supersedes": "yes"}
    return story, happens(story, "rules", "record-fact", **fact)


def _told(story: Story, event: Event, who: str) -> list[tuple[str, str]]:
    return list(fallen(event, [story.now], viewer(story.context, who, story.at)))


def test_whoever_ends_what_is_others_is_not_told_whose_permit_fell() -> None:
    """By the act itself nobody learns of a permit or a ground of parties that they do not act for.

    Those it concerns know it as ever; who has a part in the case knows that a permit is suspended.
    """
    story, event = _paused()
    assert [each["permit"] for each in event.found["suspends"]] == ["P-1"]
    assert _told(story, event, "rules") == []
    assert _told(story, event, "dieter") == _told(story, event, "ig") == OWN
    assert _told(story, event, "olena") == [
        ("P-1", "something that another party gave for it ends")
    ]


def test_what_was_found_is_handed_on_where_all_of_it_is_ones_own() -> None:
    """The whole of an act is more than its actor's: rules and grounds of others are found in it."""
    story, event = _paused()
    looking = {who: viewer(story.context, who, story.at) for who in ("rules", "dieter", "ig")}
    assert not is_own_whole(event.found, looking["rules"])
    assert is_own_whole(event.found, looking["dieter"])
    by = {each.command.kind: each for each in story.events}
    for kind in ("determine", "issue"):
        assert not is_own_whole(by[kind].found, looking["dieter"])
        assert is_own_whole(by[kind].found, looking["ig"])
    filed = viewer(story.context, "olena", story.at)
    assert is_own_whole(by["submit"].found, filed)
    of_ones_own = begun()
    data = of_ones_own.context.plain["registry"]["items"]["data"]
    gone = {**data, "availability": [{"status": "withdrawn", "from": "2025-06-01"}]}
    event = happens(
        of_ones_own,
        "rules",
        "record-fact",
        section="items",
        id="data",
        record=gone,
        supersedes="yes",
    )
    assert event.found["suspends"]
    assert is_own_whole(event.found, looking["rules"])
