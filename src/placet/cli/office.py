"""The office at the terminal: who is signed in, how an act is shown, signed and done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet.bootstrap import Installation, data_folder, opened
from placet.cli.cleaning import clean
from placet.cli.served import served
from placet.cli.sessions import keep_session, kept_session, session_file
from placet.errors import OutputError, QuestionError
from placet.evidence import EvidenceError, SshEvidence, Statement, pretty, sign_statement
from placet.ledger import JSON
from placet.operations.acting.act import Signing
from placet.operations.acting.drafting import drawn_before
from placet.operations.acting.signing_in import HOURS, open_session, resume_session
from placet.operations.answers import Done, Stated
from placet.operations.house import SignedIn
from placet.operations.register import OwnRegister, Register
from placet.operations.seeing.naming import refusing_by_name
from placet.review import needs_signature
from placet.review.commands import AdoptPolicy

__all__ = [
    "Signed",
    "asked",
    "carry_out",
    "forget",
    "sign_in_with",
    "signed_in",
    "signing_with",
    "told",
]

_LARGEST_FILE = 1 << 16


@dataclass(frozen=True)
class Signed:
    """How an act is signed at a terminal: with a key file, or by a statement and its signature.

    With `statement` alone, what would be signed is written there and nothing is done; with
    `signature` beside it, what was drawn and seen then is not drawn and seen again.
    """

    sign_with: Path | None
    signature: Path | None
    statement: Path | None
    as_json: bool


@contextmanager
def asked(
    server: str | None, *, by_anybody: bool = False, renewed: bool = False
) -> Iterator[Register]:
    """Open the register that a command asks: here, as whoever is signed in, or at a server.

    Args:
        server: the address of one that is served; None for the one of this environment.
        by_anybody: nobody needs to be signed in.
        renewed: what waits here is numbered first, and the status list signed again if it is old.

    Raises:
        QuestionError: nobody is signed in, or there is no token.
    """
    if server is not None:
        with served(os.environ, server, without_token=by_anybody) as register:
            yield register
        return
    with opened(os.environ) as installation:
        if renewed:
            installation.renew()
        who = SignedIn("", None) if by_anybody else signed_in(installation)
        with refusing_by_name(installation.house):
            yield OwnRegister(installation.house, who)


def carry_out(
    register: Register,
    kind: str,
    given: Mapping[str, Any],
    signed: Signed,
    target: str | None = None,
    of: str | None = None,
    documents: Mapping[str, bytes] | None = None,
) -> Done | None:
    """Do an act, and say what was done; return None where it was only stated.

    `target` names the case or the permit, `of` says which of them it is.
    """
    case = _case_of(register, target, of)
    personal = needs_signature(kind)
    statement, signature = signed.statement, signed.signature
    if statement is not None and not personal:
        raise QuestionError(
            f"The act {kind} is not signed: being signed in is enough. Leave --statement out."
        )
    if statement is not None and signature is None:
        _write_statement(register.state(kind, case, given), statement, signed.as_json)
        return None
    before = drawn_before(kind, _stated(statement)) if statement is not None else {}
    if kind == AdoptPolicy.kind:
        _warn(register.state(kind, case, given))
    sign = _signing(signed.sign_with, signature) if personal else None
    done = register.act(kind, case, {**given, **before}, sign, documents)
    print(json.dumps(done.model_dump(mode="json"), indent=2) if signed.as_json else told(done))
    return done


def told(done: Done) -> str:
    """Return a line that says what was done, and where it stands in the log."""
    named = [done.act[name] for name in ("permit", "replacement", "report") if name in done.act]
    line = " ".join([done.kind, *([done.case] if done.case else []), *map(str, named)])
    extra = "".join(f"\n  {each}" for each in _consequences(done))
    return f"{clean(line)}: done, entry {done.index} of the log{extra}"


def _case_of(register: Register, target: str | None, of: str | None) -> str | None:
    """Return the case that an act is on, of which the person who acts must have a part.

    Else what is drawn, seen and stated for an act would tell of a case before the act is refused.
    """
    if target is None:
        return None
    return register.permit(target).case if of == "permit" else register.case(target).case


def _consequences(done: Done) -> list[str]:
    lines = [f"outside its permit: {each}" for each in done.beyond]
    lines += [f"perhaps outside its permit: {each}" for each in done.doubts]
    lines += [f"suspends permit {each.permit}: {each.because}" for each in done.suspends]
    return [clean(each) for each in lines]


def sign_in_with(
    installation: Installation, person: str, key: Path, hours: int = HOURS
) -> SignedIn:
    """Sign a person in with a key file, and keep the session in the data folder."""
    house = installation.house
    who = open_session(house, person, signing_with(key), hours)
    if who.session is not None:
        keep_session(session_file(installation.folder), who.session)
    return who


def forget(environ: Mapping[str, str], server: str | None) -> None:
    """Forget the session of whoever is signed in."""
    session_file(data_folder(environ), server).unlink(missing_ok=True)


def signed_in(installation: Installation) -> SignedIn:
    """Return who is signed in at this terminal.

    Raises:
        QuestionError: nobody is.
        EvidenceError: the session is over, or is none.
    """
    session = kept_session(session_file(installation.folder))
    if session is None:
        raise QuestionError("Nobody is signed in. Use `placet sign-in PERSON --key FILE`.")
    return resume_session(installation.house, session)


def signing_with(key: Path) -> Signing:
    """Return what has statements signed by a private key; one with a passphrase by ssh-keygen."""

    def sign(data: bytes) -> JSON:
        namespace = Statement.parse(data).namespace
        try:
            armored = sign_statement(_read(key), data)
        except EvidenceError:
            armored = _ssh_keygen(key, data, namespace)
        return SshEvidence(armored).document

    return sign


def _stated(path: Path) -> Mapping[str, Any]:
    """Return what the act says in a statement that was written before."""
    said = Statement.parse(_read(path)).fields.get("act")
    return said if isinstance(said, dict) else {}


def _signing(key: Path | None, signature: Path | None) -> Signing:
    if signature is not None:
        given = SshEvidence(_read(signature).decode("ascii", "replace")).document
        return lambda _: given
    if key is None:
        raise QuestionError(
            "This act is signed by the person who does it. Name the key with --sign-with; or write "
            "what is to be signed with --statement FILE, sign it, and give both --statement FILE "
            "and --signature FILE.sig."
        )

    def sign(data: bytes) -> JSON:
        print(clean(pretty(Statement.parse(data).data)), file=sys.stderr)
        return signing_with(key)(data)

    return sign


def _ssh_keygen(key: Path, data: bytes, namespace: str) -> str:
    """Have OpenSSH sign, which asks for a passphrase or a touch where the key needs one."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise QuestionError(f"{key} needs ssh-keygen to sign with, and OpenSSH is not installed.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.json"
        path.write_bytes(data)
        done = subprocess.run(
            [program, "-Y", "sign", "-f", str(key), "-n", namespace, str(path)], check=False
        )
        if done.returncode:
            raise QuestionError(f"ssh-keygen could not sign with {key}.")
        return path.with_suffix(".json.sig").read_text(encoding="ascii")


def _warn(stated: Stated) -> None:
    """Say before it is signed what whoever signs should know."""
    for each in stated.warns:
        print(clean(each), file=sys.stderr)


def _write_statement(stated: Stated, path: Path, as_json: bool) -> None:
    _warn(stated)
    data = stated.statement.encode()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    if as_json:
        print(json.dumps({"statement": str(path), "namespace": stated.namespace}))
        return
    print(clean(pretty(data)))
    print(f"\nSign it with: ssh-keygen -Y sign -f KEY -n {stated.namespace} {path}")
    print(f"Then repeat the command with: --statement {path} --signature {path}.sig")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise QuestionError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_FILE:
        raise QuestionError(
            f"{path} is larger than any key, statement or signature. Name another file."
        )
    return data
