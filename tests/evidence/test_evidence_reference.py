"""The page of evidence lists what the code has, and its example is a statement."""

from __future__ import annotations

import re
from pathlib import Path

from placet import evidence
from placet.evidence import (
    ACT_NAMESPACE,
    SESSION_ACT_NAMESPACE,
    SIGN_IN_NAMESPACE,
    DemonstrationEvidence,
    EvidenceError,
    PasskeyEvidence,
    SessionEvidence,
    SshEvidence,
    Statement,
    Strength,
)

PAGE = (Path(__file__).parents[2] / "docs/reference/evidence.md").read_text(encoding="utf-8")


def named(heading: str) -> list[str]:
    """Return the names that begin the rows of the table under a heading."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([\w-]+)`", part, re.MULTILINE)


def test_the_tables_are_the_codes() -> None:
    """Kinds, strengths, namespaces and errors are listed as the code has them."""
    types = (SshEvidence, PasskeyEvidence, SessionEvidence, DemonstrationEvidence)
    assert named("Kinds") == [each.KIND for each in types]
    assert named("Strengths") == [str(each) for each in Strength]
    assert named("Signatures") == [ACT_NAMESPACE, SIGN_IN_NAMESPACE, SESSION_ACT_NAMESPACE]
    document = PasskeyEvidence(b"c", b"d", b"a", b"s").document
    assert isinstance(document, dict)
    assert set(named("Passkeys")) == document.keys() - {"kind"}
    errors = {each.__name__ for each in EvidenceError.__subclasses__()}
    assert set(named("Errors")) == errors
    assert errors <= set(evidence.__all__)


def test_the_example_is_a_statement() -> None:
    """The statement that the page shows is read as one."""
    shown = re.search(r"```json\n(.*)\n```", PAGE)
    assert shown is not None
    assert Statement.parse(shown[1].encode())["purpose"] == "decide"
