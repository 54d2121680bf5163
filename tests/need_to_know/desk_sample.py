"""Cases and people of every kind that a list has to tell apart, well or oddly put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from case_of_parts import case_of
from hypothesis import strategies as st
from parts_of_a_case import FILED, JOINT, LINES, WORKS, moment, office, person

from placet.policy import Precondition
from placet.registry import Duty
from placet.review import case as kept
from placet.review.case import Case, Role, Stage
from placet.review.viewer import Viewer

EVERY = ("US", "DE", "GB", "UA")
NAMES = ("council", "staff", "legal", "desk", "minister")
PEOPLE = tuple(person(party, number) for party in EVERY for number in range(6))

parties = st.sampled_from((*EVERY, "FR"))
offices = st.builds(office, st.sampled_from(EVERY), st.sampled_from(NAMES))
people = st.sampled_from(PEOPLE)
moments = st.integers(1, 5000).map(moment)
outcomes = st.sampled_from(["clear", "review", "refuse"])


def _few(each: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=most).map(tuple)


def _need(party: str) -> st.SearchStrategy[kept.PartyNeed]:
    """A party's rules, which may name offices of another party to decide, advise, hear or act."""

    def build(
        outcome: str, by: Any, advice: Any, consulted: Any, told: Any, acts: Any
    ) -> kept.PartyNeed:
        return kept.PartyNeed(
            party=party,
            outcome=outcome,
            by=by,
            advice_from=advice,
            steps=(
                *({"consult": each} for each in consulted),
                *({"notify": each} for each in told),
            ),
            provided=tuple(Precondition.model_validate({"act-of": each}) for each in acts),
            lines=dict.fromkeys(LINES, outcome),
        )

    reviewer = st.builds(
        kept.Reviewer, office=offices, persons=st.integers(1, 2), reserved=st.booleans()
    )
    one = _few(offices, 1)
    return st.builds(build, outcomes, _few(reviewer), _few(offices), one, one, one)


deadlines = st.builds(
    kept.Deadline,
    of=offices | st.sampled_from(["applicant", "case", "US", "DE", "unknown"]),
    due=moments,
    set_by=people,
    escalated_to=st.none() | offices,
    called_in=st.sampled_from([False, False, False, True]),
)
questions = st.builds(
    kept.InformationRequest,
    asked_by=people,
    asked_at=moments,
    asks=st.just("what for"),
    due=st.none() | moments,
    answered_at=st.none() | moments,
)
grounds = st.builds(
    kept.Ground,
    kind=st.sampled_from(["break-glass", "decision"]),
    party=st.sampled_from(EVERY),
    about=st.just("a ground"),
    by=st.none() | offices,
)


@dataclass(frozen=True)
class _Odd:
    """What is changed on a case that is well put together."""

    stage: Stage
    undetermined: bool
    unknown: kept.PartyNeed | None
    own: kept.PartyNeed | None
    actor: str
    raised_by: str | None
    announced: dict[str, str]
    deadlines: tuple[kept.Deadline, ...]
    questions: tuple[kept.InformationRequest, ...]
    grounds: tuple[kept.Ground, ...]
    unreviewed: bool
    until: tuple[Any, ...]
    roles: dict[str, Role]
    recused: tuple[str, ...]


_ODD = st.builds(
    _Odd,
    stage=st.sampled_from(Stage)
    | st.sampled_from([Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.DECIDED]),
    undetermined=st.booleans(),
    unknown=st.none() | _need("unknown"),
    own=st.none() | _need("UA"),
    actor=st.sampled_from(["UA", "DE"]),
    raised_by=st.none() | parties,
    announced=st.dictionaries(st.sampled_from([*EVERY, "unknown"]), outcomes),
    deadlines=_few(deadlines, 3),
    questions=_few(questions),
    grounds=_few(grounds, 3),
    unreviewed=st.booleans(),
    until=_few(st.none() | moments, 3),
    roles=st.dictionaries(people, st.sampled_from(Role), max_size=3),
    recused=_few(people, 1),
)


_REVIEWED = (Stage.UNDER_REVIEW, Stage.DECIDED, Stage.PERMITTED)


def _odd(filed: Any, works: Any, joint: Any, odd: _Odd, number: int) -> Case:
    case = case_of(filed, works, joint)
    assert case.determined is not None
    extra = {each.party: each for each in (odd.unknown, odd.own) if each is not None}
    determined = case.determined.model_copy(update={"needs": {**case.determined.needs, **extra}})
    request = {**case.request, "actor": odd.actor, "raised-by": odd.raised_by}
    permits = {
        name: each.model_copy(
            update={
                "grounds": (*each.grounds, *odd.grounds),
                "after_review": None if odd.unreviewed else each.after_review,
            }
        )
        for name, each in case.permits.items()
    }
    decisions = tuple(
        each.model_copy(update={"until": until})
        for each, until in zip(case.decisions, (*odd.until, *case.decisions), strict=False)
        if not isinstance(until, kept.DecisionOnFile)
    )
    return case.model_copy(
        update={
            "id": f"C-{number}",
            "stage": odd.stage,
            "determined": None if odd.undetermined and odd.stage not in _REVIEWED else determined,
            "request": {key: each for key, each in request.items() if each is not None},
            "announced": {"parties": odd.announced},
            "deadlines": (*case.deadlines, *odd.deadlines),
            "questions": (*case.questions, *odd.questions),
            "permits": permits,
            "decisions": (*decisions, *case.decisions[len(decisions) :]),
            "roles": {**case.roles, **odd.roles},
            "recused": (*case.recused, *odd.recused),
        }
    )


_PERMITTED = FILED.map(lambda each: replace(each, permit="P-1", emergency=True, finding=None))

CASES = st.builds(_odd, FILED | _PERMITTED, WORKS, JOINT, _ODD, st.integers(1, 9))
"""Cases at any stage; offices may decide and advise for parties that are not their own."""


def _somebody(
    who: str, held: Any, stands_in: Any, duties: Any, emergency: Any, filled: Any
) -> Viewer:
    own = {party for party, _ in held}
    return Viewer(
        person=who,
        held=frozenset((party, office(party, name)) for party, name in held),
        stands_in=frozenset(stands_in),
        duties=frozenset((party, duty) for party in own for duty in duties),
        emergency=frozenset(own & set(emergency)),
        house=frozenset((party, office(party, name)) for party in own for name in NAMES),
        people=frozenset((party, person(party, each)) for party in own for each in range(10)),
        filled=frozenset(filled),
    )


REVIEWING = (Duty.CASES, Duty.PERMITS, Duty.LIAISON)

VIEWERS = st.builds(
    _somebody,
    people,
    st.lists(st.tuples(st.sampled_from(EVERY), st.sampled_from(NAMES)), min_size=1, max_size=3),
    _few(offices),
    st.sets(st.sampled_from([*REVIEWING, Duty.APPLICATIONS, Duty.AUDIT]), max_size=2),
    _few(st.sampled_from(EVERY)),
    _few(offices),
)
"""People with any offices and duties of one party, or of several at once."""
