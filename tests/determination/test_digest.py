"""The digest: the same bytes anywhere, and other bytes where anything that matters is other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from building import MISSILE, USE, built, filed, us_book
from placet.determination import determine

RULES = 'a: {when: area.within("UA"), then: clear, because: yes it may}'

JUDGE_ALL = """
import sys
from pathlib import Path
from placet.operations.scenarios.check import check_scenario
from placet.operations.scenarios.scenario import load_scenario
for folder in sys.argv[1:]:
    for checked in check_scenario(load_scenario(Path(folder))):
        print(checked.request, checked.determination.digest)
"""


def test_every_process_gives_the_same_digests(root: Path) -> None:
    """The real case has the same digests whatever the process's hash seed."""
    outputs = set()
    for seed in ("0", "1", "4242"):
        ran = subprocess.run(
            [sys.executable, "-c", JUDGE_ALL, str(root / "scenarios" / "ukraine-long-range")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert not ran.stderr
        outputs.add(ran.stdout)
    assert len(outputs) == 1
    assert "sha256:" in outputs.pop()


BASE = built(us_book(RULES), registry=(MISSILE,))


@pytest.mark.parametrize(
    "changed",
    [
        lambda: BASE.judged(filed(area="PL")),
        lambda: BASE.judged(filed(title="Another title")),
        lambda: BASE.judged(filed(request="another")),
        lambda: BASE.judged(filed(), at="2025-06-02"),
        lambda: BASE.judged(filed(), known_at="2025-06-02"),
        lambda: determine(BASE.matter(filed(), announced_only=True)),
        lambda: built(us_book(RULES.replace("yes it may", "no"))).judged(filed()),
        lambda: built(us_book(RULES, otherwise="refuse")).judged(filed(area="PL")),
        lambda: built(
            us_book(RULES), registry=(MISSILE.replace("US}", "US, grade: reported}"),)
        ).judged(filed()),
        lambda: BASE.judged(filed("area")),
    ],
)
def test_whatever_matters_changes_the_digest(changed: object) -> None:
    """A change of request, moment, rules, facts or view gives another digest."""
    assert callable(changed)
    assert changed().digest != BASE.judged(filed()).digest


def test_unknown_and_left_out_have_different_digests_and_the_same_bounds() -> None:
    """What is declared unknown weighs what is left out weighs, and is told apart."""
    unknown, left_out = BASE.judged(filed(area="unknown")), BASE.judged(filed("area"))
    assert unknown.interval == left_out.interval
    assert unknown.digest != left_out.digest
    assert [each.stated for each in unknown.open_questions] == ["declared unknown"]
    assert [each.stated for each in left_out.open_questions] == ["not stated"]


def test_the_bytes_are_fixed() -> None:
    """The canonical bytes begin and end as RFC 8785 has it: sorted keys, no blanks, UTF-8."""
    bytes_ = BASE.judged(f"{USE}title: Zu\u0308rich").canonical()
    assert bytes_.startswith(b'{"advice":[],"announced_only":false,"at":"2025-06-01"')
    assert bytes_.decode("utf-8").endswith('"why_not":[]}')
    composed = BASE.judged(f"{USE}title: Z\u00fcrich")
    assert composed.canonical() == bytes_


def test_a_moment_of_an_early_year_is_written_alike_everywhere() -> None:
    """Years have four digits, whatever the platform's C library makes of them."""
    found = BASE.judged(filed(), at="0987-01-01")
    assert found.at == "0987-01-01"
