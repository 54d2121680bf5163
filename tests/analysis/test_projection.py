"""Projection: what requests would leave of a stock, and whose stock they draw on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from building import built, examples
from placet.analysis.projection import drawn_on, projected
from placet.registry import StockClass, StockPosition

REGISTRY = """
items:
  missile: {name: Missile, origin: US}
  joint: {name: Joint, origin: [US, GB]}
lots:
  lot-1: {item: missile, title: UA, holder: PL}
"""
NUMBERS = st.integers(0, 500)


def position(on_hand: int, floor: int, yellow: int) -> StockPosition:
    """Return a position with these figures."""
    figures = {"on-hand": str(on_hand), "floor": str(floor), "yellow-below": str(yellow)}
    return StockPosition.model_validate({"party": "US", "item": "missile", **figures})


@given(on_hand=NUMBERS, floor=NUMBERS, above=NUMBERS, approved=NUMBERS, pending=NUMBERS)
@examples(60)
def test_requests_never_better_a_stock(
    on_hand: int, floor: int, above: int, approved: int, pending: int
) -> None:
    """Levels are exact sums, and the class only worsens as more is taken."""
    found = projected(position(on_hand, floor, floor + above), approved, pending)
    assert found is not None
    assert found.after_approved == on_hand - approved
    assert found.after_pending == on_hand - approved - pending
    order = [StockClass.GREEN, StockClass.YELLOW, StockClass.RED]
    classes = (found.class_now, found.class_after_approved, found.class_after_pending)
    ranks = [order.index(each) for each in classes if each is not None]
    assert len(ranks) == 3
    assert ranks == sorted(ranks)


def test_a_class_without_a_number_is_not_projected() -> None:
    """Where only a class is on record, nothing is computed from it."""
    given_ = StockPosition.model_validate({"party": "US", "item": "missile", "class": "red"})
    assert projected(given_, 1, 1) is None


def test_a_line_draws_on_whoever_has_it_makes_it_or_spends_it() -> None:
    """A lot draws on its holder, a release on the one maker, a use on whoever acts."""
    registry = built(registry=(REGISTRY,)).registry
    use, release = {"activity": "use", "actor": "UA"}, {"activity": "release", "actor": "UA"}
    assert drawn_on({"item": "missile", "lot": "lot-1"}, use, registry) == "PL"
    assert drawn_on({"item": "missile"}, release, registry) == "US"
    assert drawn_on({"item": "joint"}, release, registry) is None
    assert drawn_on({"item": "missile"}, use, registry) == "UA"
    assert drawn_on({"item": "missile"}, {"activity": "use"}, registry) is None
