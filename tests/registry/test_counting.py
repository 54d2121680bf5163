"""Counting: serial numbers and quantities that contradict each other are refused."""

from __future__ import annotations

import pytest

from building import built, filed
from placet.errors import RequestError

LOTS = """
items:
  gun: {name: Gun, origin: US}
lots:
  first: {item: gun, title: UA, holder: UA, serials: [G1, G2], quantity: 2, custody: [{holder: UA}]}
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"item": "gun", "serials": ["G1"], "quantity": "50"}, "asks for 50 and lists 1"),
        ({"item": "gun", "serials": ["G1", "G2"], "quantity": "1"}, "asks for 1 and lists 2"),
        ({"lot": "first", "quantity": "500"}, "asks for 500, and first holds 2"),
    ],
)
def test_a_line_cannot_ask_for_more_than_it_accounts_for(
    line: dict[str, object], said: str
) -> None:
    """What a line leaves uncounted would escape the rights over its lots, and is refused."""
    with pytest.raises(RequestError, match=said):
        built(registry=(LOTS,)).matter(filed(lines={"guns": line}))
