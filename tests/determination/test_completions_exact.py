"""The interval and the questions of an incomplete request, against brute force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from generated import Scene, scenes
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import Result, completed, completions, of_party, open_fields, shape, shown, total

from building import AT, MISSILE, PARTIES, asked, examples, filed, flags, plain, us_book
from placet.determination import BOTTOM, Determination, at_least, at_most

BOUND = "placet.determination.completions.BOUND"

Completions = list[tuple[dict[str, Any], Result]]


def brute(scene: Scene, most: int = 250) -> Completions:
    """Judge every completion of a scene's request, where there are not too many."""
    size = 1
    for field in open_fields(scene.request) & scene.domains.keys():
        size *= len(scene.domains[field])
    assume(size <= most)
    every = completions(scene.built, scene.request, scene.domains, AT)
    return [(dict(answers), result) for answers, result in every.items()]


def deciding(every: Completions) -> Iterator[str]:
    """Yield each question that two completions differing in its answer alone show to matter."""
    for key in sorted({key for answers, _ in every for key in answers}):
        alike: dict[Any, Completions] = defaultdict(list)
        for answers, result in every:
            if key in answers:
                rest = {k: v for k, v in answers.items() if k != key and not recorded(k)}
                alike[frozenset(rest.items())].append((answers, result))
        if any(
            one[key] != other[key]
            and all(other.get(k, v) == v for k, v in one.items() if k != key)
            and required(result) != required(another)
            for group in alike.values()
            for (one, result), (other, another) in combinations(group, 2)
        ):
            yield key


def recorded(key: str) -> bool:
    """Say whether a question is one that only the registry can answer."""
    return key.startswith(("stock:", "posture:"))


def required(result: Result) -> Result:
    """Return a result without those who require nothing."""
    return {key: verdict for key, verdict in result.items() if verdict != BOTTOM}


def check_interval(found: Determination, every: Completions) -> None:
    """Compare an interval with brute force, for the whole and for each party."""
    totals = [total(result) for _, result in every]
    assert shown(found.interval["at_most"]) == shape(at_most(totals))
    assert shown(found.interval["at_least"]) == shape(at_least(totals))
    for answer in found.parties:
        mine = [of_party(result, answer.party) for _, result in every]
        assert shown(answer.at_most) == shape(at_most(mine))
        assert shown(answer.at_least) == shape(at_least(mine))


@given(scenes())
@examples(45)
def test_the_interval_is_the_meet_and_the_join_over_all_completions(scene: Scene) -> None:
    """An incomplete request requires at least and at most what brute force finds."""
    every = brute(scene)
    found = scene.built.judged(scene.request)
    assume("bounded" not in flags(found))
    check_interval(found, every)


@given(scenes())
@examples(35)
def test_exactly_the_questions_that_can_change_the_result_are_asked(scene: Scene) -> None:
    """A question is asked, and called certain, if and only if its answer alone can matter."""
    every = brute(scene)
    found = scene.built.judged(scene.request)
    assume("bounded" not in flags(found))
    assert asked(found) == set(deciding(every))
    assert all(each.certain for each in found.open_questions)


@given(scenes(), st.data())
@examples(40)
def test_answers_in_any_order_lead_into_the_interval(scene: Scene, data: st.DataObject) -> None:
    """Each answer narrows the interval, and the last leads to the plain result, in any order."""
    built, domains = scene.built, scene.domains
    fields = sorted(open_fields(scene.request) & domains.keys())
    chosen = {field: data.draw(st.sampled_from(domains[field])) for field in fields}
    reached = [narrowing(scene, data.draw(st.permutations(fields)), chosen) for _ in range(2)]
    plain = built.judged(completed(scene.request, chosen))
    assert [each.plain() | IDENTITY for each in reached] == [plain.plain() | IDENTITY] * 2


IDENTITY = {"request_digest": "", "context": ""}


def narrowing(scene: Scene, order: list[str], chosen: Mapping[str, Any]) -> Determination:
    """Answer one question after the other; each interval must lie in the one before."""
    built, request = scene.built, scene.request
    found = built.judged(request)
    for field in order:
        before = found
        request = completed(request, {field: chosen[field]})
        found = built.judged(request)
        assert within(found, before)
    return found


def within(inner: Determination, outer: Determination) -> bool:
    """Say whether one interval lies in another."""
    return milder(outer.interval["at_least"], inner.interval["at_least"]) and milder(
        inner.interval["at_most"], outer.interval["at_most"]
    )


WORDS = ["clear", "review", "refuse"]


def milder(one: Any, other: Any) -> bool:
    """Say whether one thing required is at most as strict as another, in every respect."""
    deciders = {each.office: (each.persons, each.reserved) for each in other.by}
    return (
        WORDS.index(one.outcome) <= WORDS.index(other.outcome)
        and all(
            each.office in deciders
            and each.persons <= deciders[each.office][0]
            and each.reserved <= deciders[each.office][1]
            for each in one.by
        )
        and all(each in other.provisos for each in one.provisos)
        and all(each in other.steps for each in one.steps)
        and all(each in other.provided for each in one.provided)
    )


@given(scenes(), st.integers(0, 6))
@examples(45)
def test_beyond_the_bound_the_interval_still_holds_the_truth(scene: Scene, bound: int) -> None:
    """However few completions may be told apart, the interval is sound and says it is bounded."""
    built = scene.built
    exact = built.judged(scene.request)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BOUND, bound)
        found = built.judged(scene.request)
    assert within(exact, found)
    assert asked(exact) <= asked(found)
    assert {each.party for each in exact.parties} <= {each.party for each in found.parties}
    for answer in exact.parties:
        other = found.party(answer.party)
        assert other is not None
        assert milder(other.at_least, answer.at_least)
        assert milder(answer.at_most, other.at_most)
    withdrawn = {each.about for each in exact.why_not if each.kind == "withdrawn"}
    assert withdrawn <= {each.about for each in found.why_not if each.kind == "withdrawn"}
    if exact.interval != found.interval or asked(exact) != asked(found):
        assert "bounded" in flags(found)


RULES = 'a: {when: area == "UA" || target == "civil", then: refuse, because: so}'
EXAMPLE = (
    plain(f"{PARTIES}{MISSILE}targets: {{civil: C}}\n") | {"lots": {}},
    (plain(us_book(RULES)),),
    filed("area", "target"),
)


def test_a_question_beyond_the_bound_may_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told apart is asked as something that may matter, and flagged."""
    scene = Scene(*EXAMPLE)
    monkeypatch.setattr(BOUND, 1)
    found = scene.built.judged(scene.request)
    assert asked(found) >= {"area", "target"}
    assert not any(each.certain for each in found.open_questions)
    assert "bounded" in flags(found)
    assert not found.proceed
