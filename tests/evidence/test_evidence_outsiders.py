"""Other people's software: OpenSSL and the fido2 library verify what a passkey signed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from evidence_sample import (
    ANN,
    BOB,
    EVENING,
    MORNING,
    NONCE,
    ORIGIN,
    PRIVATE,
    SESSION_KEY,
    act,
    ssh,
)
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
)

from placet.evidence import (
    ForgedEvidenceError,
    OpenSession,
    PasskeyEvidence,
    WeakEvidenceError,
    check_passkey,
    files_to_check,
    parse_key,
    sign_in,
)
from software_passkey import PRESENT, RP_ID, Authenticator, authenticator

ANNS = {each: authenticator(ANN.name, each) for each in ("ES256", "EdDSA")}
both = pytest.mark.parametrize("ann", ANNS.values(), ids=ANNS)
GOOD = {"ES256": "Verified OK", "EdDSA": "Signature Verified Successfully"}
Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run a command of a README in its folder; skip where OpenSSL is not installed."""
    for program in ("openssl", "basenc"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is absent: install openssl and coreutils to check by them")

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return run


def commands(files: dict[str, bytes], named: str) -> list[str]:
    """Return the commands of a README that are about one signature, in order."""
    text = files["README.txt"].decode().replace("\\\n", "").split("\nWhat was signed")[0]
    shown = [each.strip() for each in text.splitlines() if each.startswith("    ")]
    return [each for each in shown if f"{named}." in each or each.startswith("printf")]


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files that were handed out."""
    for name, data in files.items():
        (folder / name).write_bytes(data)


@both
def test_anybody_verifies_a_passkey_with_openssl(
    shell: Shell, tmp_path: Path, ann: Authenticator
) -> None:
    """The commands of the README check signature, statement, site, person and key, as written."""
    files = files_to_check(ann.sign(act()), act(), ANN.name, ann.passkey)
    put(tmp_path, files)
    asked, joined, verified, challenge, client, site, data, name = [
        shell(each) for each in commands(files, "statement")
    ]
    good = GOOD["EdDSA" if ann is ANNS["EdDSA"] else "ES256"]
    assert (asked.returncode, joined.returncode, verified.returncode) == (0, 0, 0), verified.stderr
    assert verified.stdout.strip() == good
    assert f"It must say: {good}\n" in files["README.txt"].decode()
    assert json.loads(client.stdout)["challenge"] == challenge.stdout.strip()
    held = data.stdout.split()
    assert "".join(held[:32]) in site.stdout
    assert int(held[32], 16) & 13 == 5
    assert f"SHA256:{name.stdout.strip().rstrip('=')}" == ann.passkey.fingerprint
    assert parse_key(files["statement.passkey"].decode()) == ann.passkey


@both
def test_openssl_refuses_what_we_refuse(shell: Shell, tmp_path: Path, ann: Authenticator) -> None:
    """With one byte changed in any of the files, the commands no longer say that it is good."""
    files = files_to_check(ann.sign(act()), act(), ANN.name, ann.passkey)
    for changed in ("client-data.json", "authenticator-data", "signature"):
        put(tmp_path, files)
        path = tmp_path / f"statement.{changed}"
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        *_, verified = [shell(each) for each in commands(files, "statement")[:3]]
        assert verified.returncode != 0, changed
    other = files_to_check(ann.sign(act()), act(), ANN.name, authenticator(BOB.name).passkey)
    put(tmp_path, {**files, "statement.pem": other["statement.pem"]})
    *_, verified = [shell(each) for each in commands(files, "statement")[:3]]
    assert verified.returncode != 0


def test_a_session_opened_by_a_passkey_is_checked_in_two_ways(shell: Shell, tmp_path: Path) -> None:
    """OpenSSL checks who opened the session, OpenSSH what its key signed."""
    ann = ANNS["ES256"]
    challenge = sign_in(ORIGIN, ANN.name, NONCE, MORNING, EVENING, SESSION_KEY)
    opened = OpenSession(challenge.decode(), ann.give(ann.client(challenge)), PRIVATE)
    files = files_to_check(opened.sign(act()).document, act(), ANN.name, ann.passkey)
    put(tmp_path, files)
    *_, verified = [shell(each) for each in commands(files, "sign-in")[:3]]
    assert verified.stdout.strip() == GOOD["ES256"]
    by_session = re.findall(r"^    (ssh-keygen .*)$", _joined(files), re.MULTILINE)
    assert len(by_session) == 1
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is absent: install openssh-client to have evidence checked by it")
    found = shell(by_session[0])
    assert found.stdout.startswith('Good "placet-session-act" signature for us/ann'), found.stderr


def _joined(files: dict[str, bytes]) -> str:
    return files["README.txt"].decode().replace("\\\n", "")


def test_the_files_of_a_passkey_are_for_its_key_and_person() -> None:
    """There are no files that say another's key or another person made the signature."""
    ann = ANNS["ES256"]
    with pytest.raises(WeakEvidenceError):
        files_to_check(ann.sign(act()), act(), ANN.name, ANN.public)
    with pytest.raises(WeakEvidenceError):
        files_to_check(ssh(act()), act(), ANN.name, ann.passkey)
    with pytest.raises(ForgedEvidenceError):
        files_to_check(ann.sign(act()), act(), BOB.name, ann.passkey)


def _accepted(given: PasskeyEvidence, key: Authenticator, statement: bytes) -> None:
    """Have the fido2 library verify an assertion over the digest of a statement."""
    challenge = key.client(statement)["challenge"]
    server = Fido2Server(PublicKeyCredentialRpEntity(name="Placet", id=RP_ID))
    credential = AttestedCredentialData.create(
        b"\0" * 16, key.credential, CoseKey.parse(cbor.decode(key.cose))
    )
    response = AuthenticationResponse(
        raw_id=given.credential,
        response=AuthenticatorAssertionResponse(
            client_data=CollectedClientData(given.client_data),
            authenticator_data=AuthenticatorData(given.authenticator_data),
            signature=given.signature,
        ),
    )
    state = {"challenge": challenge, "user_verification": "required"}
    server.authenticate_complete(state, [credential], response)


@both
def test_the_fido2_library_agrees(ann: Authenticator) -> None:
    """An independent library accepts what we accept, and refuses what we refuse."""
    good = ann.give(ann.client(act()))
    check_passkey(good, act(), ann.passkey)
    _accepted(good, ann, act())
    client = ann.client(act())
    wrongs = [
        ann.give(ann.client(act(outcome="refuse"))),
        ann.give({**client, "origin": "https://evil.example"}),
        ann.give({**client, "type": "webauthn.create"}),
        ann.but(rp_id="example.gov").give(client),
        ann.but(flags=PRESENT).give(client),
        authenticator(BOB.name).but(credential=ann.credential).give(client),
    ]
    for wrong in wrongs:
        with pytest.raises((ForgedEvidenceError, WeakEvidenceError)):
            check_passkey(wrong, act(), ann.passkey)
        with pytest.raises((ValueError, InvalidSignature)):
            _accepted(wrong, ann, act())
