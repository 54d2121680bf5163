"""`placet keys rotate`: the log and its permits go on by another key, and everything holds."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import psycopg
import pytest
from register_sample import Register, placet

from placet.bootstrap import opened
from placet.store.errors import KeyFileError
from placet.store.rotating import SigningKeys

_WHO = "lindqvist"
"""Who has the duty of authority in the demonstration."""


def _rotate(register: Register, of: str) -> str:
    because = ("--because", "a yearly change")
    return register.do("keys", "rotate", of, *because, *register.signed(_WHO))


def _shown(register: Register) -> tuple[list[str], list[str]]:
    """Return the log's keys and the ids of the permits' keys, as `keys show` prints them."""
    log = register.do("keys", "show").splitlines()
    jwks = register.do("keys", "show", "--permit")
    return log, [each["kid"] for each in json.loads(jwks)["keys"]]


def test_both_keys_are_changed_and_all_of_it_holds(register: Register, tmp_path: Path) -> None:
    """Proves that the audit follows, an export verifies, and a permit is signed anew."""
    register.sign_in("whitfield")
    with psycopg.connect(register.url) as connection:
        found = connection.execute("SELECT permit FROM permit ORDER BY permit LIMIT 1").fetchone()
    assert found is not None
    file, old, keys = tmp_path / "permit", tmp_path / "old", tmp_path / "jwks"
    register.do("permit", "file", found[0], "--output", old)
    register.sign_in(_WHO)
    before = _shown(register)
    assert [len(each) for each in before] == [1, 1]
    for of in ("log", "permit", "log"):
        assert "This key signs from here on" in _rotate(register, of)
    log, kids = _shown(register)
    first, *ends = log[0].split(" ")
    assert (first, kids[0], len(log), len(kids)) == (before[0][0], before[1][0], 3, 2)
    assert (len(ends), [len(each.split(" ")) for each in log]) == (1, [2, 2, 1])
    assert "Everything follows" in register.do("audit")
    register.do("permit", "status-list", "--output", tmp_path / "list")
    header = (tmp_path / "list").read_text(encoding="ascii").split(".")[0]
    listed_by = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    assert listed_by == kids[-1], "nobody knows a status by a list whose key was changed"
    exported = register.do("ledger", "export", tmp_path / "log")
    assert exported.splitlines()[1:] == log
    log_keys = tmp_path / "log-keys"
    log_keys.write_text("".join(f"{each}\n" for each in log), encoding="utf-8")
    register.do("ledger", "verify", tmp_path / "log", "--log-keys", log_keys)
    register.sign_in("whitfield")
    register.do("permit", "file", found[0], "--output", file, "--keys", keys)
    handed_out = json.loads(keys.read_bytes())
    assert handed_out == json.loads(register.do("keys", "show", "--permit")), "with their ends"
    changed, present = json.loads(keys.read_bytes())["keys"]
    assert (type(changed["until_entries"]), "until_entries" in present) == (int, False)
    by = ("--keys", keys, "--log-keys", log_keys, "--at", "2025-07-10T00:00:00Z")
    assert "is authentic" in placet({}, "permit", "verify", file, *by).out
    said = placet({}, "permit", "verify", old, *by)
    assert (said.code, "authentic is not shown" in said.out) == (1, True)
    assert f"when the log had {changed['until_entries']} entries" in said.out
    changed["until_entries"] = 0
    keys.write_text(json.dumps({"keys": [changed, present]}), encoding="utf-8")
    forged = placet({}, "permit", "verify", old, "--keys", keys, "--log-keys", log_keys)
    assert (forged.code != 0, "had been changed at 0 entries" in forged.err) == (True, True)
    assert len(register.entries("rotate-key")) == 3


def test_what_was_interrupted_goes_on(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a key that an act has named is put in place without a second act."""
    register.sign_in(_WHO)

    def stop(*_: object) -> None:
        raise KeyFileError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(SigningKeys, "promote", stop)
        done = register.run("keys", "rotate", "log", "--because", "b", *register.signed(_WHO))
    assert (done.code != 0, "The disk is full." in done.err) == (True, True), done
    (named,) = register.entries("rotate-key")
    with opened(register.environment) as installation:
        waiting = installation.keys.prepared("log")
    assert waiting is not None
    assert "Everything follows" in register.do("audit")
    register.do("keys", "rotate", "log", "--because", "again")  # nothing is left to sign
    assert register.entries("rotate-key") == [named]
    assert _shown(register)[0][-1] == waiting
    assert "Everything follows" in register.do("audit")


def test_the_log_begins_with_its_keys_and_only_authority_changes_them(register: Register) -> None:
    """Proves that the first keys are in the first entry, and that an adviser changes none."""
    with opened(register.environment) as installation:
        first = next(installation.house.reading.entries(0, 1))
        public = installation.keys.public()
    assert first.body is not None
    match first.body.shown["payload"]:
        case {"command": {"log-key": log, "permit-key": permit}}:
            assert (log, permit) == (public["log"], public["permit"])
        case other:
            raise AssertionError(other)
    register.sign_in("marchenko")
    options = ("--because", "so", *register.signed("marchenko"))
    assert "authority" in register.refused("keys", "rotate", "log", *options)
    assert len(_shown(register)[0]) == 1
