"""The office at the terminal: who is signed in, how an act is shown, signed and done."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from placet.bootstrap import Installation, data_folder, opened
from placet.cli.cleaning import clean
from placet.errors import OutputError, QuestionError
from placet.evidence import (
    ACT_NAMESPACE,
    EvidenceError,
    OpenSession,
    SshEvidence,
    pretty,
    sign_statement,
)
from placet.evidence import Statement as Signed
from placet.ledger import JSON, canonical, parse_canonical
from placet.operations.acting import (
    Signing,
    act,
    to_sign,
)
from placet.operations.house import House, SignedIn
from placet.operations.ports import Acknowledgement
from placet.operations.proving import put_file
from placet.operations.seeing import see_case, see_permit
from placet.operations.signing_in import HOURS, open_session, resume_session
from placet.review import Command, needs_signature

__all__ = [
    "carry_out",
    "carry_out_in",
    "forget",
    "sign_in_with",
    "signed_in",
    "signing_with",
    "told",
]

Build: TypeAlias = Callable[[House, SignedIn, str | None, Mapping[str, Any]], Command]
"""Makes a command, given who acts, the case that it is on and what was stated before."""

SESSION = "session.json"
"""The file in the data folder that holds the session of whoever is signed in, key included."""

_LARGEST_FILE = 1 << 16


def carry_out(
    build: Build,
    target: str | None,
    of: str | None,
    *,
    sign_with: Path | None,
    signature: Path | None,
    statement: Path | None,
    as_json: bool,
) -> None:
    """Do an act for whoever is signed in, and say what was done.

    `target` names the case or the permit. With `statement` alone, what would be signed is written
    there and nothing is done; with `signature` beside it, what was drawn then is not drawn again.
    """
    with opened(os.environ) as installation:
        carry_out_in(
            installation,
            build,
            target,
            of,
            sign_with=sign_with,
            signature=signature,
            statement=statement,
            as_json=as_json,
        )


def carry_out_in(
    installation: Installation,
    build: Build,
    target: str | None = None,
    of: str | None = None,
    *,
    sign_with: Path | None,
    signature: Path | None,
    statement: Path | None,
    as_json: bool,
) -> Acknowledgement | None:
    """Do as `carry_out` in an installation that is open; return None where nothing was done."""
    house = installation.house
    who = signed_in(installation)
    case = _case_of(house, who, target, of)
    stated = _stated(statement) if statement and signature else {}
    command = build(house, who, case, stated)
    if statement is not None and not needs_signature(command):
        raise QuestionError(
            f"The act {command.kind} is not signed: being signed in is enough. Leave --statement "
            "out."
        )
    if statement is not None and signature is None:
        _write_statement(house, who, command, case, statement, as_json)
        return None
    sign = _signing(sign_with, signature) if needs_signature(command) else None
    done = act(house, who, command, case=case, sign=sign)
    print(json.dumps(_told_data(done), indent=2) if as_json else told(done))
    return done


def told(done: Acknowledgement) -> str:
    """Return a line that says what was done, and where it stands in the log."""
    event = done.change.event
    about = event.case or ""
    named = [
        str(value)
        for name in ("permit", "replacement", "report")
        if (value := getattr(event.command, name, None))
    ]
    line = " ".join([event.command.kind, *([about] if about else []), *named])
    extra = "".join(f"\n  {each}" for each in _consequences(done))
    return f"{clean(line)}: done, entry {done.index} of the log{extra}"


def _case_of(house: House, who: SignedIn, target: str | None, of: str | None) -> str | None:
    """Return the case that an act is on, of which the person who acts must have a part.

    Else what is drawn, seen and stated for an act would tell of a case before the act is refused.
    """
    if target is None:
        return None
    if of == "permit":
        return see_permit(house, who, target).case
    return see_case(house, who, target).case


def _consequences(done: Acknowledgement) -> list[str]:
    found = done.change.event.found
    lines = [f"outside its permit: {each}" for each in found.get("beyond", ())]
    lines += [
        f"suspends permit {each['permit']}: {each['because']}" for each in found.get("suspends", ())
    ]
    return [clean(each) for each in lines]


def _told_data(done: Acknowledgement) -> dict[str, JSON]:
    event = done.change.event
    return {
        "act": event.command.kind,
        "case": event.case,
        "index": done.index,
        "entry": f"sha256:{done.entry.hex()}",
        "checkpoint": done.size,
        **event.payload,
    }


def sign_in_with(
    installation: Installation, person: str, key: Path, hours: int = HOURS
) -> SignedIn:
    """Sign a person in with a key file, and keep the session in the data folder."""
    house = installation.house
    who = open_session(house, person, signing_with(key), hours)
    if who.session is not None:
        put_file(installation.folder / SESSION, canonical(who.session.document), mode=0o600)
    return who


def forget(environ: Mapping[str, str]) -> None:
    """Forget the session of whoever is signed in."""
    (data_folder(environ) / SESSION).unlink(missing_ok=True)


def signed_in(installation: Installation) -> SignedIn:
    """Return who is signed in at this terminal.

    Raises:
        QuestionError: nobody is.
        EvidenceError: the session is over, or is none.
    """
    path = installation.folder / SESSION
    if not path.is_file():
        raise QuestionError("Nobody is signed in. Use `placet sign-in PERSON --key FILE`.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise QuestionError(f"{path} can be read by others; remove it and sign in again.")
    session = OpenSession.parse(parse_canonical(_read(path), str(path)))
    return resume_session(installation.house, session)


def signing_with(key: Path) -> Signing:
    """Return what has statements signed by a private key; one with a passphrase by ssh-keygen."""

    def sign(data: bytes) -> JSON:
        namespace = Signed.parse(data).namespace
        try:
            armored = sign_statement(_read(key), data)
        except EvidenceError:
            armored = _ssh_keygen(key, data, namespace)
        return SshEvidence(armored).document

    return sign


def _stated(path: Path) -> Mapping[str, Any]:
    """Return what the act says in a statement that was written before."""
    said = Signed.parse(_read(path)).fields.get("act")
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
        print(clean(pretty(Signed.parse(data).data)), file=sys.stderr)
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


def _write_statement(
    house: House, who: SignedIn, command: Command, case: str | None, path: Path, as_json: bool
) -> None:
    data = to_sign(house, who, command, case)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    if as_json:
        print(json.dumps({"statement": str(path), "namespace": ACT_NAMESPACE}))
        return
    print(clean(pretty(data)))
    print(f"\nSign it with: ssh-keygen -Y sign -f KEY -n {ACT_NAMESPACE} {path}")
    print(f"Then repeat the command with: --statement {path} --signature {path}.sig")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise QuestionError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_FILE:
        raise QuestionError(f"{path} is larger than a key or a signature.")
    return data
