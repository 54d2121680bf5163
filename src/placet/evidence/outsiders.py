"""For outsiders: the files with which anybody checks evidence by OpenSSH alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from placet.evidence.errors import ForgedEvidenceError, WeakEvidenceError
from placet.evidence.keys import PublicKey
from placet.evidence.kinds import SessionEvidence, SshEvidence, parse_evidence
from placet.evidence.sessions import Session
from placet.evidence.signatures import SshSignature
from placet.evidence.statements import JSON, SESSION_ACT_NAMESPACE, Statement
from placet.evidence.wording import pretty

__all__ = ["ssh_keygen_files"]

_README = """\
{about}

With OpenSSH 8.2 or newer, in this folder:
{commands}
Compare the key with one that you have from elsewhere:

    {fingerprint}
"""

_COMMAND = """
    ssh-keygen -Y verify -f allowed_signers -I {person} -n {namespace} \\
        -s {name}.sig < {name}.json

It must say: Good "{namespace}" signature for {person}
"""

_WORDS = """
What was signed, in plain words; {name}.json has the exact bytes:

{text}"""

_SIGNED = "This folder shows that a key of {person} signed the statement below."
_IN_SESSION = """\
This folder shows that a key of {person} opened a session, and that the key of the session
signed the statement below. The session's key is the one named in sign-in.json; it is the second
in allowed_signers. Whoever held the session had that key: mostly a program, for {person}."""


@dataclass(frozen=True)
class _Check:
    """One signature to be checked: what was signed, by which key, for which use."""

    name: str
    signed: Statement
    namespace: str
    signature: str
    key: PublicKey


def ssh_keygen_files(
    evidence: JSON, statement: bytes, person: str, key: PublicKey
) -> dict[str, bytes]:
    """Return the files, by name, with which anybody checks evidence with `ssh-keygen`.

    Nothing is verified here: that is what the files are for.

    Args:
        evidence: as it stands in the entry.
        statement: the statement of the act.
        person: whose act it is said to be.
        key: the public key that this person is known to have had.

    Raises:
        MalformedEvidenceError: the evidence or the statement cannot be read.
        ForgedEvidenceError: the statement is that of another person.
        WeakEvidenceError: there is no signature to check.
    """
    act = Statement.parse(statement)
    match parse_evidence(evidence):
        case SshEvidence(signature):
            about = _SIGNED
            checks = [_Check("statement", act, act.namespace, signature, key)]
        case SessionEvidence() as session:
            about, opening = _IN_SESSION, session.opening
            opened = Session.parse(opening.data)
            checks = [
                _Check("sign-in", opening, opening.namespace, session.signature, key),
                _Check("statement", act, SESSION_ACT_NAMESPACE, session.act, opened.key),
            ]
        case _:
            raise WeakEvidenceError("There is no SSH signature in this evidence to be checked.")
    if {each.signed["person"] for each in checks} != {person}:
        raise ForgedEvidenceError(f"What was signed is not said by {person}.")
    return _files(about.format(person=person), person, checks)


def _files(about: str, person: str, checks: Sequence[_Check]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    commands, words, signers = "", "", ""
    for each in checks:
        SshSignature.parse(each.signature)
        text = "".join(f"    {line}\n" for line in pretty(each.signed.data).splitlines())
        commands += _COMMAND.format(person=person, namespace=each.namespace, name=each.name)
        words += _WORDS.format(name=each.name, text=text)
        signers += f'{person} namespaces="{each.namespace}" {each.key}\n'
        files[f"{each.name}.json"] = each.signed.data
        files[f"{each.name}.sig"] = each.signature.encode("ascii")
    readme = _README.format(about=about, commands=commands, fingerprint=checks[0].key.fingerprint)
    return {
        "README.txt": (readme + words).encode(),
        "allowed_signers": signers.encode("ascii"),
        **files,
    }
