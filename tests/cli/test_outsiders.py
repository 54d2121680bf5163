"""What outsiders check with files alone: who witnessed the log, and what an entry was."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from register_sample import Done, Register, placet
from test_register import POLICY

from placet.ledger import SignerKey, parse_receipt

WITNESSES = ("w1.example/witness", "w2.example/witness")
REASON = "stocks are low"


class Outside:
    """A folder of somebody who has no register, with the log's keys and those of two witnesses."""

    def __init__(self, folder: Path, register: Register) -> None:
        self.folder = folder
        self.log, self.keys, self.witnesses = (
            folder / each for each in ("log", "log-keys", "witnesses")
        )
        self.keys.write_text(register.log_key(), encoding="utf-8")
        lines = [
            self.run("ledger", "witness-key", name, "-o", self.key(name)).out for name in WITNESSES
        ]
        self.witnesses.write_text("".join(lines), encoding="utf-8")
        register.do("ledger", "export", self.log)

    def key(self, name: str) -> Path:
        """Return the file of a witness's key."""
        return self.folder / name.split("/")[0]

    def run(self, *arguments: object) -> Done:
        """Run a command where there is no register, and never will be."""
        nothing = self.folder / "nothing"
        done = placet({"PLACET_DATA": str(nothing)}, *arguments)
        assert not nothing.exists()
        return done

    def witness(self, name: str) -> Done:
        """Have a witness look at the export, and cosign it."""
        seen = ("--state", self.folder / f"seen-{self.key(name).name}", "--key", self.key(name))
        return self.run("ledger", "witness", self.log, *seen, "--log-keys", self.keys)

    def asking(self, need: int, witnesses: Path | None = None) -> tuple[object, ...]:
        """Return the options by which so many witnesses are asked for."""
        return ("--log-keys", self.keys, "--witnesses", witnesses or self.witnesses, "--need", need)

    def refused(self, *arguments: object) -> str:
        """Run a command that must be refused; return why."""
        done = self.run(*arguments)
        assert (done.code, done.out) == (1, ""), (arguments, done)
        return done.err


@pytest.fixture
def outside(register: Register, tmp_path: Path) -> Outside:
    """Somebody outside, with an export of the register as it was."""
    return Outside(tmp_path, register)


# --- witnesses


def test_a_log_is_trusted_when_enough_witnesses_cosigned(outside: Outside) -> None:
    """With both cosignatures two of two are there; with one it is said who is missing."""
    verify = ("ledger", "verify", outside.log)
    said = outside.run(*verify, "--log-keys", outside.keys)
    assert said.out.endswith("No witness was asked for.\n")
    assert "0 of 2 witnesses cosigned (nobody)" in outside.refused(*verify, *outside.asking(1))
    assert "— w1.example/witness" in outside.witness(WITNESSES[0]).out
    assert "1 of 2 witnesses cosigned (w1" in outside.run(*verify, *outside.asking(1)).out
    assert outside.refused(*verify, *outside.asking(2)) == (
        "1 of 2 witnesses cosigned (w1.example/witness); 2 are needed, 1 more, from "
        "w2.example/witness.\n"
    )
    outside.witness(WITNESSES[1])
    done = outside.run(*verify, *outside.asking(2))
    assert done.code == 0, done
    assert done.out.endswith(f"2 of 2 witnesses cosigned ({', '.join(WITNESSES)}); 2 are needed.\n")


def test_a_witness_policy_that_means_nothing_is_refused(outside: Outside, tmp_path: Path) -> None:
    """Too many asked for, one counted twice, a log's key, an unknown witness: each is said."""
    for each in WITNESSES:
        outside.witness(each)
    verify, other = ("ledger", "verify", outside.log), tmp_path / "other"
    first, second = outside.witnesses.read_text("utf-8").splitlines()
    again = outside.run("ledger", "witness-key", WITNESSES[0], "-o", tmp_path / "again").out
    stranger = outside.run("ledger", "witness-key", "w3.example", "-o", tmp_path / "w3").out
    for need, lines, says in (
        (3, f"{first}\n{second}\n", "cannot ask for 3 of 2 witnesses"),
        (0, f"{first}\n{second}\n", "cannot ask for 0 of 2 witnesses"),
        (1, "\n", "cannot ask for 1 of 0 witnesses"),
        (2, f"{first}\n{first}\n", "names one public key twice"),
        (2, f"{first}\n{again}\n", "w1.example/witness twice"),
        (1, outside.keys.read_text("utf-8"), "a log's key is no witness"),
        (1, f"{first}\n{first[:-9]}\n", "other:2: The key of w1.example/witness"),
        (2, f"{first}\n{stranger}", "1 more, from w3.example. No key is known here of w2.example"),
    ):
        other.write_text(lines, encoding="utf-8")
        assert says in outside.refused(*verify, *outside.asking(need, other)), says
    for half in (("--witnesses", outside.witnesses), ("--need", 1)):
        assert "give both" in outside.refused(*verify, "--log-keys", outside.keys, *half)


def test_a_witness_key_is_its_owner_s_alone(outside: Outside, tmp_path: Path) -> None:
    """A witness's key is of type 0x04, read by nobody else, never written over, and not a log's."""
    file = outside.key(WITNESSES[0])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = SignerKey.parse(file.read_text("utf-8").strip())
    assert str(key.verifier) == outside.witnesses.read_text("utf-8").splitlines()[0]
    again = ("ledger", "witness-key", WITNESSES[0], "-o", file)
    assert "is there already" in outside.refused(*again)
    assert "cannot name a key" in outside.refused(
        "ledger", "witness-key", "a b", "-o", tmp_path / "x"
    )
    assert not (tmp_path / "x").exists()
    cosign = (
        "ledger",
        "witness",
        outside.log,
        "--state",
        tmp_path / "s",
        "--log-keys",
        outside.keys,
    )
    file.chmod(0o640)
    assert "Run: chmod 600" in outside.refused(*cosign, "--key", file)
    file.chmod(0o600)
    file.write_text(SignerKey("log", 0x01, bytes(32)).secret_text, encoding="utf-8")
    assert "of type 0x01" in outside.refused(*cosign, "--key", file)
    assert not (tmp_path / "s").exists()


def test_a_permit_is_trusted_when_enough_witnesses_saw_its_issue(
    registers: Callable[[], Register], tmp_path: Path
) -> None:
    """A permit file made by a cosigned export shows its witnesses; one made without is refused."""
    register = registers()
    _, permit = register.permitted()
    outside, file, keys = Outside(tmp_path, register), tmp_path / "permit", tmp_path / "permit-keys"
    verify = partial(outside.refused, "permit", "verify", file, "--keys", keys)
    outside.witness(WITNESSES[0])
    make = ("permit", "file", permit, "-o", file, "--keys", keys)
    register.do(*make)
    assert "0 of 2 witnesses cosigned" in verify(*outside.asking(1))
    register.do(*make, "--export", outside.log)
    assert "1 more, from w2.example/witness" in verify(*outside.asking(2))
    assert "no key of the log" in verify("--witnesses", outside.witnesses, "--need", 1)
    outside.witness(WITNESSES[1])
    register.do(*make, "--export", outside.log)
    done = outside.run("permit", "verify", file, "--keys", keys, *outside.asking(2))
    assert done.code == 0, done
    assert f"2 of 2 witnesses cosigned ({', '.join(WITNESSES)})" in done.out


# --- what was announced


def test_an_announced_policy_is_shown_to_be_the_one_adopted(
    registers: Callable[[], Register], tmp_path: Path
) -> None:
    """With keys, an export from before the announcement and a receipt an outsider checks a policy.

    Where the text announced is another, or the disclosure was changed, it is refused.
    """
    register, told = registers(), tmp_path / "told.yaml"
    entry, outside = adopted(register, tmp_path), Outside(tmp_path, register)
    announce(register)
    receipt = tmp_path / "policy.tlog-proof"
    check = ("ledger", "check", receipt, "--log-keys", outside.keys, "--export", outside.log)
    register.sign_in("marchenko")
    prove = ("ledger", "prove", entry, "-o", receipt)
    refusal = register.refused(*prove, "--show", "payload")
    assert refusal == f"There is nothing behind the entry {entry} that you may hand on.\n"
    register.sign_in("secretary")
    assert "There are actor, case," in register.refused(*prove, "--show", "policy")
    register.do(*prove)
    assert outside.run(*check).out.endswith("It says nothing of the act.\n")
    assert "name an export" in outside.refused(*check[:-2])
    register.do(*prove, "--show", "kind", "--show", "payload")

    day = datetime.now(UTC).date().isoformat()
    text = POLICY.format(day).replace("undeclared", f'"{day}"')
    told.write_text(text, encoding="utf-8")
    found = outside.run(*check, "--policy", told)
    assert found.code == 0, found
    assert f"Entry {entry} is in the log demo.placet.example/log" in found.out
    assert "A pause of all use" in found.out
    assert found.out.endswith(f"{told} is the policy that it adopted.\n")
    shown = outside.run(*check, "--json").data["shown"]
    assert shown.keys() == {"kind", "payload"}
    assert shown["payload"]["command"]["because"] == REASON
    assert outside.run(*check[:-2], "--policy", told).code == 0

    told.write_text(text.replace("refuse", "clear"), encoding="utf-8")
    differs = outside.refused(*check, "--policy", told)
    assert f"is not what entry {entry} adopted as 2026-pause: it differs in rules." in differs
    whole = receipt.read_bytes()
    extra = parse_receipt(whole).extra
    changed = extra.replace(b'"then":"refuse"', b'"then":"clear!"')
    assert changed != extra
    receipt.write_bytes(whole.replace(base64.b64encode(extra), base64.b64encode(changed)))
    for with_export in (check, check[:-2]):
        assert "a value, a salt or a digest in it" in outside.refused(*with_export)


def test_an_export_from_before_an_entry_does_not_show_it(
    registers: Callable[[], Register], tmp_path: Path
) -> None:
    """An export that is older than an entry, or of another history, shows nothing of the entry."""
    register, fork = registers(), registers()
    outside, receipt = Outside(tmp_path, register), tmp_path / "it.tlog-proof"
    entry = adopted(register, tmp_path)
    register.do("ledger", "prove", entry, "-o", receipt, "--show", "payload")
    check = ("ledger", "check", receipt, "--log-keys", outside.keys, "--export")
    assert f"it is from before entry {entry}" in outside.refused(*check, outside.log)
    fork.submitted()
    fork.do("ledger", "export", tmp_path / "fork")
    assert "was rewritten" in outside.refused(*check, tmp_path / "fork")


ABOUT = ("--party", "US", "--policy", "2026-pause", "--because", REASON)


def adopted(register: Register, folder: Path) -> int:
    """Have the secretary adopt an undeclared policy; return the entry that did."""
    file = folder / "policy.yaml"
    file.write_text(POLICY.format(datetime.now(UTC).date().isoformat()), encoding="utf-8")
    register.sign_in("secretary")
    adopt = ("policy", "adopt", *ABOUT, "--text", file, *register.signed("secretary"))
    entry: int = register.ask(*adopt)["index"]
    return entry


def announce(register: Register) -> None:
    """Have the secretary announce it."""
    day = ("--on", datetime.now(UTC).date().isoformat())
    register.do("policy", "announce", *ABOUT, *day, *register.signed("secretary"))
