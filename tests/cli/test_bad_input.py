"""Bad input at the terminal: said what, where, why and what next; and not one row is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from register_sample import DECISION, USE, Register, ssh_keygen

from placet import bootstrap


def rows(register: Register) -> dict[str, int]:
    """Return how many rows every table of the register has."""
    with psycopg.connect(register.url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        counts = {
            table: connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
            for (table,) in tables
        }
        return {table: int((found.fetchone() or (0,))[0]) for table, found in counts.items()}


def request(register: Register) -> bytes:
    """Return a request file that is in order."""
    return (register.scenario / "requests" / "atacms-in-russia.yaml").read_bytes()


FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "Latin-1": (
        lambda good: good.replace(b"depot", b"d\xe9p\xf4t"),
        "bad.yaml: the file is not text; byte 137 is not UTF-8. Save the file as UTF-8.",
    ),
    "UTF-16": (
        lambda good: good.decode().encode("utf-16"),
        "bad.yaml: the file is not text; byte 0 is not UTF-8. Save the file as UTF-8.",
    ),
    "too large": (
        lambda good: good + b"#" * 8_000_000,
        "bad.yaml: the file is too large; it has more than 8,000,000 bytes. Write less into it,",
    ),
    "too deep": (
        lambda _: b"request: " + b"[" * 5000,
        "bad.yaml:1:33: the file nests deeper than 24 levels",
    ),
    "beyond 2^53": (
        lambda good: good.replace(b"quantity: 4", b"quantity: 9007199254740993"),
        "bad.yaml:14:38 (lines.missiles.quantity): a whole number of at most 15 digits is needed",
    ),
    "a fraction": (
        lambda good: good.replace(b"quantity: 4", b"quantity: 4.5"),
        "bad.yaml:14:38 (lines.missiles.quantity): a whole number of at most 15 digits is needed",
    ),
    "JSON with a key twice": (
        lambda _: b'{"request": "x",\n "lines": {"a": {"item": "atacms", "item": "gmlrs"}}}',
        "bad.yaml:2:36 (lines.a.item): item is written twice; it already stands on line 2",
    ),
}


def test_a_file_that_cannot_be_taken_is_refused_with_its_place(
    register: Register, tmp_path: Path
) -> None:
    """Encoding, size, depth, numbers and keys are looked at before anything is made of a file."""
    register.sign_in("marchenko")
    before, file = rows(register), tmp_path / "bad.yaml"
    for name, (spoil, says) in FILES.items():
        file.write_bytes(spoil(request(register)))
        said = register.refused("case", "submit", file)
        assert f"{file.parent}/{says}" in said, (name, said)
    file.write_bytes(b"a" * 5_242_881)
    good = register.scenario / "requests" / "atacms-in-russia.yaml"
    large = file.rename(tmp_path / "annex.txt")
    said = register.refused("case", "submit", good, "--attachments", large)
    assert (
        said == "annex.txt: the file is larger than 5 MB, which is the most taken. Send less "
        "of it, or in parts.\n"
    )
    assert rows(register) == before


def test_a_number_of_an_option_is_a_whole_one_that_every_program_reads(register: Register) -> None:
    """What a double would round, or only some programs read as a number, is refused by its name."""
    register.sign_in("marchenko")
    before = rows(register)
    with psycopg.connect(register.url) as connection:
        (permit,) = connection.execute("SELECT min(permit) FROM permit").fetchone() or ("",)
    report = ("use", "report", permit, *USE, "--on", "2025-10-01", "--quantity")
    for number in ("9007199254740993", "1e3", "-1", "4.0", "\u0663"):
        assert register.refused(*report, number) == (
            "The act report-use cannot be read: quantity: a whole number of at most 15 digits is "
            "needed here, such as 9.\n"
        )
    assert "greater than or equal to 1" in register.refused(*report, "0")
    assert rows(register) == before


@pytest.fixture
def stated(register: Register, tmp_path: Path) -> tuple[tuple[object, ...], Path]:
    """A decision that the Secretary, who is signed in, has had written to be signed elsewhere."""
    case = register.submitted()
    register.sign_in("hart")
    advice = ("--office", "us/usd-policy", "--stance", "for", "--says", "Two.")
    register.do("case", "advise", case, *advice)
    register.sign_in("secretary")
    decide, file = ("case", "decide", case, *DECISION), tmp_path / "act.json"
    register.do(*decide, "--statement", file)
    return decide, file


def signed(register: Register, person: str, file: Path, namespace: str = "placet-act") -> Path:
    """Have a statement signed by ssh-keygen; return the file of the signature."""
    signature = file.with_suffix(".json.sig")
    signature.unlink(missing_ok=True)
    done = ssh_keygen("-Y", "sign", "-f", register.key(person), "-n", namespace, file)
    assert done.returncode == 0, done
    return signature


def test_forged_evidence_is_refused(
    register: Register, stated: tuple[tuple[object, ...], Path]
) -> None:
    """Another's key, another use, another statement, a changed or cut signature: none will do."""
    decide, file = stated
    signature, whole, before = signed(register, "hart", file), file.read_bytes(), rows(register)

    def refusal() -> str:
        return register.refused(*decide, "--statement", file, "--signature", signature)

    assert "was not one of secretary at that time. Register the key first" in refusal()
    signed(register, "secretary", file, "file")
    assert "for the use 'file', not for 'placet-act'; sign with: ssh-keygen" in refusal()
    good = signed(register, "secretary", file).read_bytes()
    other = (*decide[:3], *("--party", "US", "--office", "us/secdef", "--verdict", "refuse"))
    said = register.refused(*other, *DECISION[6:10], "--statement", file, "--signature", signature)
    assert "The signature is not over this statement" in said
    lines = good.splitlines(keepends=True)
    for spoilt, says in (
        (b"".join(lines[:-1]), "Copy the whole .sig file, and nothing else."),
        (good.replace(lines[-2][:4], b"AAAA"), "signature"),
        (b"x" * 70_000, f"{signature} is larger than any key, statement or signature. Name"),
    ):
        signature.write_bytes(spoilt)
        assert says in refusal()
    signature.write_bytes(good)
    twice = whole.replace(b'"person":', b'"person":"hart","person":')
    for spoilt, says in (
        (twice, "not canonical: each key once and in order"),
        (whole.replace(b"approve", b"appr\xf4ve"), "The statement is not JSON in UTF-8."),
    ):
        assert spoilt != whole
        file.write_bytes(spoilt)
        assert says in refusal()
    assert rows(register) == before


def test_evidence_that_is_stale_or_shown_again_is_refused(
    register: Register,
    stated: tuple[tuple[object, ...], Path],
    tmp_path: Path,
) -> None:
    """What was signed on another determination, or has been used once, signs nothing more."""
    decide, file = stated
    given = ("--statement", file, "--signature", signed(register, "secretary", file))
    asked = (register.scenario / "requests" / "atacms-in-russia.yaml").read_text("utf-8")
    fewer = tmp_path / "fewer.yaml"
    fewer.write_text(asked.partition("expect:")[0].replace("quantity: 4", "quantity: 3"), "utf-8")
    register.sign_in("whitfield")
    register.do("case", "ask", decide[2], "--asks", "How many at least?")
    register.sign_in("marchenko")
    answer = ("--question", 0, "--says", "Three.", "--request", fewer)
    register.do("case", "supply", decide[2], *answer)
    register.sign_in("okafor")
    register.do("case", "determine", decide[2])
    register.sign_in("secretary")
    before = rows(register)
    said = register.refused(*decide, *given)
    assert "decide on what it stands on now." in said
    assert rows(register) == before
    register.do(*decide, "--statement", file)
    signed(register, "secretary", file)
    register.do(*decide, *given)
    back = ("case", "withdraw-consent", decide[2], "--party", "US", "--office", "us/secdef")
    why = ("--because", "too early", "--disclosed", "Not yet.")
    register.do(*back, *why, *register.signed("secretary"))
    before = rows(register)
    said = register.refused(*decide, *given)
    assert "The signature is not over this statement" in said
    assert "Sign exactly the bytes shown." in said
    assert rows(register) == before


def test_a_clock_that_was_set_back_is_refused(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a session that is to begin nor an act before the last one on its case is taken."""
    case = register.submitted()
    earlier = bootstrap.SystemClock().now() - timedelta(minutes=30)
    monkeypatch.setattr(bootstrap.SystemClock, "now", lambda _: earlier)
    assign = ("case", "assign", case, "--to", "okafor", "--because", "leave")
    before = rows(register)
    assert "sign in again" in register.refused(*assign)
    register.sign_in("whitfield")
    said = register.refused(*assign)
    assert said == (
        f"The clock says {earlier.isoformat()}, which is before the case's last act: it was set "
        "back. Set the clock right.\n"
    )
    assert rows(register) == before
