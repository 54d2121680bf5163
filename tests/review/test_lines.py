"""Lines are decided one by one: a permit covers those that all approved, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st
from review_world import RELEASE, Story, command, world

from building import examples
from placet.review.case import Stage
from placet.review.errors import ReviewError
from placet.review.perform import perform

LINES = ("a", "b", "c")
TWO_SAY = {"reliances": {"missile-part": {"of": "missile", "on": "guidance", "as": "component"}}}
VERDICTS = st.sampled_from(["approve", "approve", "approve", "refuse", None])
SAID = st.fixed_dictionaries(
    {party: st.fixed_dictionaries(dict.fromkeys(LINES, VERDICTS)) for party in ("US", "DE")}
)
BY = {"US": ("state-1",), "DE": ("kurt", "lena")}


@cache
def asked() -> Story:
    """Return a release of three lines over each of which two parties have a say."""
    lines = {line: {"item": "missile", "quantity": "1"} for line in LINES}
    return Story(context=world(TWO_SAY)).file(RELEASE, lines=lines).determine()


def decided(said: Mapping[str, Mapping[str, str | None]]) -> Story:
    """Return it, decided line by line as far as the parties have spoken."""
    story = replace(asked(), events=[*asked().events])
    for party, verdicts in said.items():
        office = {"US": "us/state", "DE": "de/council"}[party]
        for line, verdict in verdicts.items():
            for who in BY[party] if verdict else ():
                if story.now.stage is not Stage.REFUSED:
                    story.decide(who, office, str(verdict), lines=[line])
    return story


@given(said=SAID)
@examples(40)
def test_no_line_that_anybody_refused_rides_along(said: dict[str, dict[str, str | None]]) -> None:
    """Whichever lines are asked for, a permit has those alone to which every party said yes."""
    story, agreed = decided(said), set()
    for line in LINES:
        if {verdicts[line] for verdicts in said.values()} == {"approve"}:
            agreed.add(line)
    refused = {line for line in LINES for verdicts in said.values() if verdicts[line] == "refuse"}
    settled = agreed | refused == set(LINES)
    for wanted in chain.from_iterable(combinations(LINES, size) for size in range(4)):
        issue = command("issue", permit="P-1", status=1, lines=list(wanted))
        try:
            event = perform(story.case, story.context, issue, "lic", story.at)
        except ReviewError:
            assert not settled or not agreed or not set(wanted) <= agreed
            continue
        given_out = {each["line"] for each in event.found["terms"]["lines"]}
        assert given_out == (set(wanted) or agreed)
        assert given_out <= agreed


def test_the_lines_that_all_approved_are_issued_though_another_was_refused() -> None:
    """The converse: one line that is refused takes none of the others with it."""
    yes = dict.fromkeys(LINES, "approve")
    story = decided({"US": yes, "DE": {**yes, "b": "refuse"}})
    story.issue()
    permit = story.now.permits["P-1"]
    assert [each.line for each in permit.terms.lines] == ["a", "c"]
    assert {each.party for each in permit.grounds if each.kind == "decision"} == {"US", "DE"}
