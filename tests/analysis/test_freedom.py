"""Freedom of action: what a holder can do without anyone's leave, as the matrix tells it."""

from __future__ import annotations

from building import AT, built, us_book
from placet.analysis import Said, bare_request, freedom
from placet.registry import Activity, parse_moment

REGISTRY = """
items:
  missile: {name: Missile, origin: GB}
  rocket: {name: Rocket, origin: UA}
  launcher: {name: Launcher, origin: US}
  part: {name: Part, origin: US}
  data: {name: Data, origin: US, kind: service}
reliances:
  a: {of: missile, on: data, as: service, when: uses("data")}
  b: {of: missile, on: part, as: component, engages: {release: release}}
  c: {of: rocket, on: launcher, as: platform}
"""
BOOKS = (us_book("a: {then: clear, standing: yes, because: a}"),)


def test_a_cell_is_free_only_where_nobody_can_be_needed() -> None:
    """What needs nobody's leave stands apart from what depends, and from what does not."""
    scenario = built(*BOOKS, registry=(REGISTRY,))
    found = freedom(
        scenario.registry,
        scenario.books,
        "UA",
        parse_moment(AT),
        areas=["UA"],
        items=["missile", "rocket"],
    )
    cells = {each.item: each for each in found.cells}
    assert (cells["missile"].free, cells["missile"].must) == ("no", ("GB",))
    assert (cells["rocket"].free, cells["rocket"].must) == ("yes", ())
    assert dict(found.can_stop) == {"GB": 1}


def test_only_what_an_item_relies_on_comes_into_question() -> None:
    """A platform of the registry that the item never relies on is not asked about."""
    registry = built(*BOOKS, registry=(REGISTRY,)).registry
    missile = bare_request(registry, "missile", Activity.USE, "UA")
    assert (missile.platforms, missile.services) == (("none",), None)
    rocket = bare_request(registry, "rocket", Activity.USE, "UA")
    assert (rocket.platforms, rocket.services) == (None, ("none",))


def test_what_is_said_is_no_longer_open() -> None:
    """Saying which services are used closes that question."""
    registry = built(*BOOKS, registry=(REGISTRY,)).registry
    said = Said(services=("data",), quantity=2)
    request = bare_request(registry, "missile", Activity.USE, "UA", "UA", said)
    assert request.services == ("data",)
    assert request.lines["line"].quantity == 2


def test_parts_and_services_are_no_rows_of_their_own() -> None:
    """The matrix lists what is used for its own sake."""
    scenario = built(*BOOKS, registry=(REGISTRY,))
    found = freedom(scenario.registry, scenario.books, "UA", parse_moment(AT), areas=["UA"])
    assert found.items == ("launcher", "missile", "rocket")
