"""The interval and the questions of an incomplete request, against brute force."""

from __future__ import annotations

from typing import Any

from generated import Scene, scenes
from hypothesis import assume, given, settings
from oracle import Result, completions, of_party, shape, shown, total

from building import AT
from placet.determination import Determination, at_least, at_most


def brute(scene: Scene, most: int = 400) -> dict[Any, Result]:
    """Judge every completion of a scene's request, where there are not too many."""
    size = 1
    request = scene.request
    from oracle import open_fields

    for field in open_fields(request) & scene.domains.keys():
        size *= len(scene.domains[field])
    assume(size <= most)
    return completions(scene.built, request, scene.domains, AT)


def bounded(found: Determination) -> bool:
    """Say whether an answer is only bounded."""
    return any(each.flag == "bounded" for each in found.flags)


@given(scenes())
@settings(max_examples=150)
def test_the_interval_is_the_meet_and_the_join_over_all_completions(scene: Scene) -> None:
    """An incomplete request requires at least and at most what brute force finds."""
    every = brute(scene)
    found = scene.built.judged(scene.request)
    totals = [total(each) for each in every.values()]
    assert not bounded(found)
    assert shown(found.interval["at_most"]) == shape(at_most(totals))
    assert shown(found.interval["at_least"]) == shape(at_least(totals))
    for answer in found.parties:
        mine = [of_party(each, answer.party) for each in every.values()]
        assert shown(answer.at_most) == shape(at_most(mine))
        assert shown(answer.at_least) == shape(at_least(mine))
