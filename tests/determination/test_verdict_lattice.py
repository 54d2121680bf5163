"""The lattice of verdicts (DESIGN §2): its laws, and that nothing is no answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building import examples
from placet.determination import BOTTOM, Quorum, Verdict, at_least, at_most
from placet.policy import Outcome, Precondition, Proviso, Step

QUORUMS = st.builds(Quorum, st.integers(1, 3), st.booleans())
PROVISOS = st.frozensets(st.sampled_from([Proviso(text=each) for each in "abc"]))
STEPS = st.frozensets(st.sampled_from([Step(notify="a"), Step(consult="b")]))
PROVIDED = st.frozensets(st.sampled_from([Precondition(event="a"), Precondition(event="b")]))
VERDICTS = st.builds(
    Verdict,
    st.sampled_from(Outcome),
    st.dictionaries(st.sampled_from(["us/a", "us/b", "gb/a"]), QUORUMS),
    PROVISOS,
    STEPS,
    PROVIDED,
)
ELEMENTS = st.tuples(VERDICTS, VERDICTS, VERDICTS) | st.tuples(QUORUMS, QUORUMS, QUORUMS)
LAW = Callable[[Verdict, Verdict, Verdict], bool]

LAWS: dict[str, LAW] = {
    "the join is commutative": lambda a, b, _: a | b == b | a,
    "the meet is commutative": lambda a, b, _: a & b == b & a,
    "the join is associative": lambda a, b, c: (a | b) | c == a | (b | c),
    "the meet is associative": lambda a, b, c: (a & b) & c == a & (b & c),
    "the join is idempotent": lambda a, _, __: a | a == a,
    "the meet is idempotent": lambda a, _, __: a & a == a,
    "the join absorbs the meet": lambda a, b, _: a | (a & b) == a,
    "the meet absorbs the join": lambda a, b, _: a & (a | b) == a,
    "the meet distributes over the join": lambda a, b, c: a & (b | c) == (a & b) | (a & c),
    "the join distributes over the meet": lambda a, b, c: a | (b & c) == (a | b) & (a | c),
}
ORDER: dict[str, LAW] = {
    "the order is that of the join": lambda a, b, _: (a <= b) == (a | b == b),
    "the order is that of the meet": lambda a, b, _: (a <= b) == (a & b == a),
    "the order is antisymmetric": lambda a, b, _: not (a <= b and b <= a) or a == b,
    "the order is transitive": lambda a, b, c: a & b <= a <= a | c,
    "the join is monotone": lambda a, b, c: a | c <= (a | b) | c,
    "the meet is monotone": lambda a, b, c: a & c <= (a | b) & c,
    "nothing is below everything": lambda a, _, __: a >= BOTTOM and a | BOTTOM == a,
    "the join of many is the least above all": lambda a, b, c: at_most([a, b, c]) == a | b | c,
    "the meet of many is the most below all": lambda a, b, c: at_least([a, b, c]) == a & b & c,
}


@pytest.mark.parametrize("law", LAWS)
def test_verdicts_and_quorums_are_a_distributive_lattice(law: str) -> None:
    """Join and meet obey the laws of a distributive lattice, so order never matters."""

    @given(ELEMENTS)
    @examples(60)
    def holds(elements: tuple[Verdict, Verdict, Verdict]) -> None:
        assert LAWS[law](*elements)

    holds()


@pytest.mark.parametrize("law", ORDER)
def test_strictness_is_the_order_of_the_lattice(law: str) -> None:
    """`a <= b` says that b is at least as strict in every respect, and joining keeps it so."""

    @given(VERDICTS, VERDICTS, VERDICTS)
    @examples(60)
    def holds(a: Verdict, b: Verdict, c: Verdict) -> None:
        assert ORDER[law](a, b, c)

    holds()


@pytest.mark.parametrize("combine", [at_most, at_least])
def test_nothing_is_no_answer(combine: Callable[[list[Verdict]], Verdict]) -> None:
    """The join and the meet of no verdicts raise: an empty join must not read as clear."""
    with pytest.raises(ValueError, match="not an answer"):
        combine([])


def test_one_refusal_is_enough_whatever_is_joined_to_it() -> None:
    """A join is a refusal as soon as one of its parts is, and a review unites all offices."""
    refuse, review = Verdict(Outcome.REFUSE), Verdict(Outcome.REVIEW, {"us/a": Quorum(2)})
    other = Verdict(Outcome.REVIEW, {"us/a": Quorum(1, reserved=True), "gb/a": Quorum()})
    assert (BOTTOM | review | refuse).outcome is Outcome.REFUSE
    assert (review | other).offices == {"us/a": Quorum(2, reserved=True), "gb/a": Quorum()}
