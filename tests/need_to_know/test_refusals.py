"""What a refusal tells: by equal disclosures the same bytes, whatever is done and why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from review_world import DE_BOOK, RELEASE, START, US_BOOK, Story, command, world

from placet.errors import PlacetError
from placet.need_to_know import change_for, perform_for
from placet.need_to_know.offers import ELSEWHERE, offers
from placet.need_to_know.theirs import begun_on
from placet.need_to_know.view import sight, view
from placet.review import CASE_COMMANDS, CONTEXT_COMMANDS, OwedError, StaleError, UndisclosedError
from placet.review.viewer import relation, viewer

ZERO = f"sha256:{'0' * 64}"
WHY = {"because": "b", "disclosed": "d"}
PEOPLE = ["olena", "kurt", "dieter", "jay", "state-1", "desk", "lic", "lia", "rules", "ig", "yurii"]

ACTS: dict[str, dict[str, Any]] = {
    "submit": {"case": "C-1", "request": {}},
    "supply": {"question": 0, "request": {"applicant": "UA"}, "says": "s"},
    "withdraw": {"because": "b"},
    "appeal": {"because": "b"},
    "surrender": {"permit": "P-1", "because": "b"},
    "report-use": {
        "permit": "P-1", "report": "R", "line": "a", "quantity": 1,
        "on": "2025-06-01", "area": "UA",
    },
    "correct-use": {
        "permit": "P-1", "report": "R", "line": "a", "quantity": 1,
        "on": "2025-06-01", "corrects": "R-0", "because": "b",
    },
    "determine": {},
    "assign": {"to": "desk-2", "because": "b"},
    "ask": {"asks": "a", "fields": ["nothing"]},
    "return": WHY,
    "set-deadline": {"of": "de/council", "due": "2025-01-01", "because": "b"},
    "escalate": {"to": "us/state", "because": "b"},
    "lapse": {"because": "b"},
    "dismiss-appeal": WHY,
    "reconsider": {"because": "b"},
    "close": {"because": "b"},
    "fulfil": {"need": "notify Congress", "instrument": "i"},
    "advise": {"office": "de/council", "stance": "for", "says": "s"},
    "dissent": {"advice": 0, "says": "s"},
    "countersign": {"advice": 0},
    "recuse": {"because": "b"},
    "decide": {
        "party": "DE", "office": "de/council", "verdict": "approve", **WHY, "determination": ZERO,
    },
    "record-consent": {
        "party": "GB", "given_by": "g", "given_on": "2025-05-30", "instrument": "i",
        "instrument_digest": ZERO, "verdict": "approve", "disclosed": "d", "determination": ZERO,
    },
    "record-assurance": {"party": "US", "given_by": "g", "says": "s", "instrument": "i"},
    "withdraw-consent": {"party": "DE", "office": "de/council", **WHY},
    "retract": {"need": "assurance from GB", "because": "b"},
    "break-glass": {
        "party": "DE", "office": "us/state", "hours": 1, "permit": "P-9", "status": 1,
        "because": "b", "determination": ZERO,
    },
    "review-after": {"permit": "P-1", "finding": "justified", "because": "b"},
    "issue": {"permit": "P-1", "status": 1},
    "suspend": {"permit": "P-1", "because": "b"},
    "lift": {"permit": "P-1", "because": "b"},
    "revoke": {"permit": "P-1", "because": "b"},
    "amend": {"permit": "P-1", "replacement": "P-2", "status": 2, "because": "b"},
    "resolve-violation": {"report": "R", "finding": "excused", "because": "b"},
    "check-end-use": {"permit": "P-1", "result": "concern", "says": "s"},
}  # fmt: skip


TOLD_ALIKE = (
    "decide",
    "issue",
    "fulfil",
    "lapse",
    "close",
    "reconsider",
    "return",
    "withdraw-consent",
)
"""Acts whose reasons do not hang on what else is said with them."""


def plain() -> Story:
    """Return a release under review, on which nothing else was done."""
    story = Story().file(RELEASE).determine()
    story.at = START.replace(day=5)
    return story


def half_decided() -> Story:
    """Return the same, with one of two persons in Berlin decided."""
    story = Story().file(RELEASE).determine()
    story.decide("lena", "de/council")
    story.at = START.replace(day=5)
    return story


def advised_and_recused() -> Story:
    """Return the same, with work done within both parties' reviews."""
    story = Story().file(RELEASE).determine()
    story.do("joe", "advise", office="us/joint-staff", stance="against", says="no")
    story.do("max", "recuse", because="a cousin")
    story.do("dieter", "set-deadline", of="de/council", due="2025-08-01", because="soon")
    story.do("lia", "record-assurance", party="GB", given_by="g", says="s", instrument="i")
    story.at = START.replace(day=5)
    return story


def other_rules(step: str = "the Bundestag") -> Story:
    """Return the same under a German book that asks for steps and one person, undeclared."""
    book = DE_BOOK.replace('persons: "2"', f"steps: [{{notify: {step}}}]")
    story = Story(context=world(books=[US_BOOK, book])).file(RELEASE).determine()
    story.at = START.replace(day=5)
    return story


def owing(step: str) -> Story:
    """Return a release that all agreed to, and for which Berlin has still to notify somebody."""
    story = other_rules(step)
    story.decide("state-1", "us/state")
    story.decide("max", "de/council")
    return story


def permitted(*works: Callable[[Story], Any]) -> Story:
    """Return a release on which everybody agreed and a permit was issued, amid other work."""
    story = Story().file(RELEASE).determine()
    for each in works:
        each(story)
    story.at = START.replace(day=2)
    story.decide("state-1", "us/state")
    story.at = START.replace(day=3)
    story.decide("max", "de/council")
    story.at = START.replace(day=4)
    story.decide("lena", "de/council")
    story.at = START.replace(day=5)
    story.issue()
    return story


HISTORIES: dict[str, Callable[[], Story]] = {
    "plain": plain,
    "half decided": half_decided,
    "advised": advised_and_recused,
    "other rules": other_rules,
    "owing a step": lambda: owing("the Bundestag"),
    "owing another": lambda: owing("the Chancellery"),
    "permitted": permitted,
    "permitted, advised": lambda: permitted(
        lambda story: story.do("dieter", "recuse", because="x"),
        lambda story: story.do("joe", "advise", office="us/joint-staff", stance="for", says="s"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def stories() -> dict[str, Story]:
    """Return each history, played once."""
    return {name: play() for name, play in HISTORIES.items()}


def refused(story: Story, who: str, kind: str, fields: dict[str, Any]) -> str | None:
    """Return how an act is refused to somebody, with its kind; None where it is done."""
    at = START.replace(day=6)
    if kind == "supply":
        fields = {**fields, "request": story.now.request}
    if "determination" in fields and viewer(story.context, who, at).parties & {"US", "DE"}:
        fields = {**fields, "determination": story.digest}
    try:
        perform_for(story.now, story.context, command(kind, **fields), who, at)
    except PlacetError as error:
        return f"{type(error).__name__}: {error}"
    return None


def test_every_kind_of_act_on_a_case_is_tried() -> None:
    """A new kind of act is not forgotten here."""
    assert ACTS.keys() == CASE_COMMANDS.keys()


@pytest.mark.parametrize("who", PEOPLE)
def test_equal_disclosures_are_refused_with_equal_bytes(
    stories: dict[str, Story], who: str
) -> None:
    """Whoever sees the same of two histories is refused each act in the same words."""
    told: dict[tuple[bytes, str], dict[str, str]] = {}
    for name, story in stories.items():
        looking = viewer(story.context, who, START.replace(day=6))
        sees = bool(relation(story.now, looking))
        seen = view(story.now, looking).canonical() if sees else b"no part"
        if looking.parties & {"US", "DE"}:
            seen = seen.replace(story.digest.encode(), b"") if story.now.determined else seen
        for kind, fields in ACTS.items():
            said = refused(story, who, kind, fields) if sees else None
            if said is not None:
                told.setdefault((seen, kind), {})[name] = said.replace(story.digest, "")
    apart = {kind: said for (_, kind), said in told.items() if len(set(said.values())) > 1}
    assert not apart


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_is_turned_away_from_what_they_could_do(stories: dict[str, Story], who: str) -> None:
    """What is said of an act before it is filled in bars none that can be done.

    By equal disclosures it is the same.
    """
    at = START.replace(day=6)
    told: dict[tuple[bytes, str], set[object]] = {}
    for story in stories.values():
        looking = viewer(story.context, who, at)
        for kind, fields in ACTS.items() if relation(story.now, looking) else ():
            eyes = sight(story.now, looking)
            bar, _ways = begun_on(eyes, story.context, kind, {}, at)
            if who != "ig" and kind != "submit" and refused(story, who, kind, fields) is None:
                assert bar is None, kind
            seen = eyes.view().canonical().replace(story.digest.encode(), b"")
            told.setdefault((seen, kind), set()).add(bar and bar.model_dump_json())
    assert told or who in ("rules", "yurii", "jay"), "they have no part in any"
    assert not [each for each, said in told.items() if len(said) > 1]


@pytest.mark.parametrize("who", PEOPLE)
def test_equal_disclosures_are_offered_the_same_acts(stories: dict[str, Story], who: str) -> None:
    """Whoever sees the same of two histories is offered the same, and told alike why not."""
    offered: dict[bytes, dict[str, str]] = {}
    at = START.replace(day=6)
    for name, story in stories.items():
        looking = viewer(story.context, who, at)
        if relation(story.now, looking):
            eyes, digest = sight(story.now, looking), story.digest
            seen = eyes.view().canonical().replace(digest.encode(), b"")
            found = offers(eyes, story.context, at)
            said = json.dumps([each.model_dump(mode="json") for each in found], sort_keys=True)
            offered.setdefault(seen, {})[name] = said.replace(digest, "")
    apart = {tuple(said): sorted(set(said.values())) for said in offered.values()}
    assert not [each for each, said in apart.items() if len(said) > 1]


@pytest.mark.parametrize("who", ["desk", "dieter", "lic", "state-1", "kurt"])
def test_an_offer_says_why_not_as_the_refusal_of_the_act_does(
    stories: dict[str, Story], who: str
) -> None:
    """What stands on the page beside an act that cannot be done is what doing it would answer."""
    at = START.replace(day=6)
    compared = 0
    for name, story in stories.items():
        looking = viewer(story.context, who, at)
        if not relation(story.now, looking).inside:
            continue
        for offer in offers(sight(story.now, looking), story.context, at):
            if offer.possible or offer.act not in TOLD_ALIKE:
                continue
            new = {"permit": "P-9", "status": 9} if offer.act == "issue" else {}
            new |= {"determination": story.digest} if offer.act == "decide" else {}
            fields = {**ACTS[offer.act], **new, **offer.fields}
            with pytest.raises(PlacetError) as told:
                perform_for(story.now, story.context, command(offer.act, **fields), who, at)
            undisclosed = isinstance(told.value, UndisclosedError)
            said = [ELSEWHERE] if undisclosed else str(told.value).splitlines()
            assert set(offer.why) <= {each.removeprefix("- ") for each in said}, (name, offer)
            compared += 1
    assert compared > 2


def test_the_histories_do_look_the_same_from_without(stories: dict[str, Story]) -> None:
    """Or nothing would be compared: an applicant cannot tell the undecided ones apart."""
    at = START.replace(day=6)
    seen = {
        view(stories[name].now, viewer(stories[name].context, "olena", at)).canonical()
        for name in ("plain", "half decided", "advised", "other rules")
    }
    assert len(seen) == 1


def test_what_ones_own_party_owes_is_told_and_what_another_owes_is_not() -> None:
    """The officer who issues learns of a step of Berlin's no more than that there is something."""
    story = other_rules()
    story.decide("state-1", "us/state")
    story.decide("max", "de/council")
    at = START.replace(day=6)
    for who, kind in (("lic", UndisclosedError), ("dieter", OwedError)):
        with pytest.raises(kind) as told:
            perform_for(story.now, story.context, command("issue", permit="P", status=1), who, at)
        assert ("Bundestag" in str(told.value)) is (who == "dieter")


def test_that_an_answer_is_stale_is_told_but_not_by_whose_rules() -> None:
    """A decider in Berlin learns that the answer changed, not that it is Washington's part."""
    story = plain()
    book = US_BOOK.replace("then: review us/state\n", "then: review us/state, us/secdef\n")
    story.context = world(books=[book, DE_BOOK], version=2)
    given = {**ACTS["decide"], "determination": story.digest}
    with pytest.raises(StaleError) as told:
        perform_for(story.now, story.context, command("decide", **given), "kurt", story.at)
    assert "US" not in str(told.value)
    assert "what others ask" in str(told.value)


def test_an_undeclared_policy_does_not_show_in_how_a_fact_is_refused() -> None:
    """Whoever keeps the registry cannot try out what another party's undeclared rules name."""
    book = DE_BOOK.replace(
        "then: review de/council\n        persons", "then: review de/rules\n        persons"
    )
    told = []
    for books in ([US_BOOK, DE_BOOK], [US_BOOK, book]):
        context = world(books=books)
        for kind in sorted(CONTEXT_COMMANDS.keys() & {"record-fact"}):
            moved = command(
                kind, section="parties", id="DE", supersedes="yes", because="b",
                record={"kind": "state", "home": "nowhere"},
            )  # fmt: skip
            with pytest.raises(PlacetError) as error:
                change_for(context, moved, "rules", START, {})
            told.append(f"{type(error.value).__name__}: {error.value}")
    assert len(set(told)) == 1
