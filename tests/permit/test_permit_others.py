"""Other people's software: PyJWT and Node's jose verify what we sign."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from permit_sample import (
    KEY,
    KEYS,
    OTHER,
    SECOND,
    START,
    STATUS,
    TERMS,
    TOKEN,
    UNTIL,
    key,
    parts,
    status_token,
)

from placet.permit import PERMIT_TYPE, STATUS_TYPE, Status, issue_token, write_jwks
from waiting import PATIENCE

NODE = Path(__file__).parent / "node"
LISTED = status_token(Status.SUSPENDED)
REQUIRED = ["iss", "sub", "jti", "iat", "nbf", "exp"]

Verify = Callable[..., subprocess.CompletedProcess[str]]


def opened(token: str, typ: str, require: list[str]) -> dict[str, Any]:
    """Verify a token with PyJWT, which checks neither `typ` nor that there is an `exp` unasked."""
    header = jwt.get_unverified_header(token)
    assert header["typ"] == typ
    key_set = jwt.PyJWKSet.from_json(write_jwks(KEYS).decode())
    # The sample lies in the past: PyJWT compares with the clock of the machine only.
    options: Any = {"require": require, "verify_exp": False}
    return jwt.decode(
        token, key_set[header["kid"]], algorithms=["ES256"], options=options, issuer=None
    )


def test_pyjwt_reads_a_permit_and_its_status() -> None:
    """PyJWT verifies permit and status list, and the bits of the list give the status."""
    claims = opened(TOKEN, PERMIT_TYPE, REQUIRED)
    assert claims == parts(TOKEN)[1]
    assert (claims["jti"], claims["iss"], claims["sub"]) == (TERMS.id, "US", "UA")
    assert (claims["nbf"], claims["exp"]) == (START.timestamp(), UNTIL.timestamp())
    listed = opened(LISTED, STATUS_TYPE, ["sub", "iat", "exp", "ttl", "version"])
    place = claims["status"]["status_list"]
    assert listed["sub"] == place["uri"]
    bits, lst = listed["status_list"]["bits"], listed["status_list"]["lst"]
    packed = zlib.decompress(base64.urlsafe_b64decode(lst + "=="))
    number = int.from_bytes(packed, "little")
    assert number >> place["idx"] * bits & (1 << bits) - 1 == Status.SUSPENDED


def test_pyjwt_refuses_a_changed_permit() -> None:
    """PyJWT refuses another key's signature and changed claims."""
    imposter = issue_token(TERMS, STATUS, key("US", "imposter"), START).split(".")
    header, claims, signature = TOKEN.split(".")
    for token in (
        f"{header}.{claims}.{imposter[2]}",
        f"{header}.{LISTED.split('.')[1]}.{signature}",
    ):
        with pytest.raises(jwt.InvalidSignatureError):
            opened(token, PERMIT_TYPE, REQUIRED)


def installed() -> Path:
    """Install the pinned npm package into a folder of the system's, once for each lock file."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node or npm is absent: install them to have permits verified by npm's jose")
    lock = (NODE / "package-lock.json").read_bytes()
    cache = Path(tempfile.gettempdir()) / f"placet-node-{os.getuid()}"
    cache.mkdir(mode=0o700, exist_ok=True)
    assert cache.stat().st_uid == os.getuid(), f"{cache} is another user's"
    folder = cache / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch) / "made"
            shutil.copytree(NODE, made)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            command += ["--fetch-retries=1", "--fetch-timeout=30000"]  # it gives up by itself
            try:
                subprocess.run(
                    command, cwd=made, capture_output=True, text=True, timeout=PATIENCE, check=True
                )
            except subprocess.SubprocessError as error:
                why = getattr(error, "stderr", "") or error
                pytest.skip(f"npm cannot install jose, which would verify permits: {why}")
            with suppress(OSError):  # another process was quicker
                made.rename(folder)
    assert folder.is_dir()
    return folder


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    """Verify a permit and a status list with Node; skip where that cannot be had."""
    modules = installed()
    scratch = tmp_path_factory.mktemp("node")
    (scratch / "keys").write_bytes(write_jwks(KEYS))

    def run(token: str, listed: str, at: datetime = START) -> subprocess.CompletedProcess[str]:
        (scratch / "permit").write_text(token, encoding="ascii")
        (scratch / "status").write_text(listed, encoding="ascii")
        files = [scratch / name for name in ("keys", "permit", "status")]
        command = ["node", NODE / "verify.mjs", modules, *files, str(round(at.timestamp()))]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    return run


def test_node_reads_a_permit_and_its_status(verify: Verify) -> None:
    """Node's jose verifies permit and list by their types, and finds the status in the list."""
    done = verify(TOKEN, LISTED)
    assert not done.returncode, done.stdout + done.stderr
    wanted = {"claims": parts(TOKEN)[1], "status": 2, "version": 7}
    assert json.loads(done.stdout) == wanted
    done = verify(TOKEN, status_token(Status.INVALID))
    assert json.loads(done.stdout)["status"] == 1


def test_node_refuses_what_we_refuse(verify: Verify) -> None:
    """Node refuses a wrong window, type, key, signature and list, as we do."""
    imposter = issue_token(TERMS, STATUS, key("US", "imposter"), START)
    spliced = ".".join((*TOKEN.split(".")[:2], imposter.split(".")[2]))
    day_before_end = status_token(issued_at=UNTIL - SECOND)
    cases: list[tuple[str, str, datetime, str]] = [
        (TOKEN, LISTED, START - SECOND, "ERR_JWT_CLAIM_VALIDATION_FAILED"),
        (TOKEN, day_before_end, UNTIL, "ERR_JWT_EXPIRED"),
        (LISTED, LISTED, START, "ERR_JWT_CLAIM_VALIDATION_FAILED"),
        (TOKEN, TOKEN, START, "ERR_JWT_CLAIM_VALIDATION_FAILED"),
        (imposter, LISTED, START, "ERR_JWKS_NO_MATCHING_KEY"),
        (spliced, LISTED, START, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        (TOKEN, status_token(uri="https://placet.example/2"), START, "ANOTHER_LIST"),
    ]
    for token, listed, at, code in cases:
        done = verify(token, listed, at)
        assert (done.returncode, done.stdout.strip()) == (1, code), done.stderr


def test_a_lock_file_names_no_place() -> None:
    """The lock file pins the package by version and integrity and names no host to get it from."""
    text = (NODE / "package-lock.json").read_text(encoding="utf-8")
    locked = json.loads(text)["packages"]["node_modules/jose"]
    wanted = json.loads((NODE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert {"jose": locked["version"]} == wanted
    assert locked["integrity"].startswith("sha512-")
    assert "resolved" not in locked


def test_both_issuers_keys_are_told_apart() -> None:
    """A JWK set with two issuers' keys leads each library to the right one by its id."""
    assert jwt.get_unverified_header(TOKEN)["kid"] == KEY.verifier.kid != OTHER.verifier.kid
