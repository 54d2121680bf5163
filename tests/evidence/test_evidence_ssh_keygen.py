"""Other people's software: OpenSSH and the sshsig library verify what we sign, and the reverse."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sshsig
from evidence_sample import ANN, BOB, NOON, act, in_session, session, ssh
from hypothesis import given
from hypothesis import strategies as st

from placet.evidence import (
    ACT_NAMESPACE,
    DemonstrationEvidence,
    ForgedEvidenceError,
    MalformedEvidenceError,
    PublicKey,
    SshEvidence,
    SshSignature,
    WeakEvidenceError,
    check_signature,
    files_to_check,
    sign,
    sign_statement,
    verify,
)

Keygen = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def keygen(tmp_path: Path) -> Keygen:
    """Run ssh-keygen in an empty folder; skip where OpenSSH is not installed."""
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is absent: install openssh-client to have evidence checked by it")

    def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [program, *arguments], cwd=tmp_path, input=given, capture_output=True, check=False
        )

    return run


def secret(folder: Path, private: bytes) -> None:
    """Write a private key as ssh-keygen wants it: readable by its owner only."""
    (folder / "key").write_bytes(private)
    (folder / "key").chmod(0o600)


def commands(readme: bytes) -> dict[str, list[str]]:
    """Return the commands that a README shows, by the file that each reads."""
    text = readme.decode().replace("\\\n", "")
    shown = [each.split() for each in text.splitlines() if "ssh-keygen -Y verify" in each]
    return {each[-1]: each[1:-2] for each in shown}


@pytest.mark.parametrize("hash_name", ["sha512", "sha256"])
def test_we_accept_what_ssh_keygen_signs(keygen: Keygen, tmp_path: Path, hash_name: str) -> None:
    """A statement signed at a person's desk by `ssh-keygen -Y sign` is evidence as it is."""
    made = keygen("-q", "-t", "ed25519", "-N", "", "-C", "ann at her desk", "-f", "key")
    assert made.returncode == 0, made.stderr
    (tmp_path / "statement.json").write_bytes(act())
    arguments = ("-Y", "sign", "-n", ACT_NAMESPACE, "-O", f"hashalg={hash_name}", "-f", "key")
    signed = keygen(*arguments, "statement.json")
    assert signed.returncode == 0, signed.stderr
    key = PublicKey.parse((tmp_path / "key.pub").read_text())
    armored = (tmp_path / "statement.json.sig").read_text()
    shown = verify(SshEvidence(armored).document, act(), [key], NOON)
    listed = keygen("-lf", "key.pub").stdout.decode().split()
    assert shown.key == key.fingerprint == listed[1]
    assert SshSignature.parse(armored).render() == armored


def test_ssh_keygen_writes_the_bytes_that_we_write(keygen: Keygen, tmp_path: Path) -> None:
    """With one key and one statement, ssh-keygen and we make the same signature file."""
    secret(tmp_path, ANN.private)
    signed = keygen("-Y", "sign", "-n", ACT_NAMESPACE, "-f", "key", given=act())
    assert signed.returncode == 0, signed.stderr
    assert signed.stdout.decode() == sign_statement(ANN.private, act())


def test_a_key_with_a_passphrase_stays_with_its_owner(keygen: Keygen, tmp_path: Path) -> None:
    """We ask for no passphrase: who has one signs with ssh-keygen, and is told so."""
    made = keygen("-q", "-t", "ed25519", "-N", "a passphrase", "-f", "key")
    assert made.returncode == 0, made.stderr
    with pytest.raises(MalformedEvidenceError, match="ssh-keygen -Y sign"):
        sign_statement((tmp_path / "key").read_bytes(), act())


@pytest.mark.parametrize("kind", ["ssh", "session"])
def test_anybody_verifies_with_ssh_keygen(keygen: Keygen, tmp_path: Path, kind: str) -> None:
    """The files and the command that we hand out are all that OpenSSH needs."""
    evidence = ssh(act()) if kind == "ssh" else in_session()
    files = files_to_check(evidence, act(), ANN.name, ANN.public)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    shown = commands(files["README.txt"])
    assert set(shown) == {name for name in files if name.endswith(".json")}
    for name, arguments in shown.items():
        signed = files[name]
        verified = keygen(*arguments, given=signed)
        assert verified.returncode == 0, verified.stderr
        assert verified.stdout.decode().startswith('Good "placet-')
        assert keygen(*arguments, given=signed + b" ").returncode != 0
        others = [each.replace("ann", "bob") for each in arguments]
        assert keygen(*others, given=signed).returncode != 0
    replaced = files["allowed_signers"].replace(b'="placet-', b'="other-')
    (tmp_path / "allowed_signers").write_bytes(replaced)
    for name, arguments in shown.items():
        assert keygen(*arguments, given=files[name]).returncode != 0


def test_ssh_keygen_refuses_what_we_refuse(keygen: Keygen, tmp_path: Path) -> None:
    """A signature by the key of another is refused by OpenSSH and by us alike."""
    files = files_to_check(ssh(act(), by=BOB), act(), ANN.name, ANN.public)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    arguments = commands(files["README.txt"])["statement.json"]
    assert keygen(*arguments, given=files["statement.json"]).returncode != 0


def test_the_files_say_what_they_show() -> None:
    """The README has the statement in words; that of a session also who held the key."""
    signed = files_to_check(ssh(act()), act(), ANN.name, ANN.public)["README.txt"].decode()
    assert "    outcome: approve\n" in signed
    assert ANN.public.fingerprint in signed
    opened = files_to_check(in_session(), act(), ANN.name, ANN.public)
    assert "    outcome: approve\n" in opened["README.txt"].decode()
    assert f"    key: {session().opened.key}\n" in opened["README.txt"].decode()
    assert "Whoever held the session" in opened["README.txt"].decode()


def test_files_are_not_made_for_what_cannot_be_checked() -> None:
    """There are no files for unsigned evidence, for a torn signature or for another person."""
    with pytest.raises(WeakEvidenceError):
        files_to_check(DemonstrationEvidence.of(act()).document, act(), ANN.name, ANN.public)
    with pytest.raises(MalformedEvidenceError):
        files_to_check(SshEvidence("é").document, act(), ANN.name, ANN.public)
    for evidence in (ssh(act()), in_session()):
        with pytest.raises(ForgedEvidenceError):
            files_to_check(evidence, act(), BOB.name, BOB.public)
    with pytest.raises(ForgedEvidenceError):
        files_to_check(in_session(), act(by=BOB), ANN.name, ANN.public)


@given(message=st.binary(max_size=200))
def test_the_sshsig_library_agrees(message: bytes) -> None:
    """An independent library accepts our signatures, and refuses them over other bytes."""
    armored = sign(ANN.private, message, ACT_NAMESPACE)
    found = sshsig.check_signature(message, armored, ACT_NAMESPACE)
    assert found.openssh_str() == str(check_signature(armored, message, ACT_NAMESPACE))
    assert found.sha256_str() == ANN.public.fingerprint
    with pytest.raises(sshsig.InvalidSignature):
        sshsig.check_signature(message + b"x", armored, ACT_NAMESPACE)
