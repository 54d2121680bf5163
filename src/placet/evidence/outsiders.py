"""For outsiders: the files with which anybody checks evidence by OpenSSH alone."""

from __future__ import annotations

from placet.evidence.errors import ForgedEvidenceError, WeakEvidenceError
from placet.evidence.keys import PublicKey
from placet.evidence.kinds import SessionEvidence, SshEvidence, parse_evidence
from placet.evidence.signatures import SshSignature
from placet.evidence.statements import JSON, Statement
from placet.evidence.wording import pretty

__all__ = ["ssh_keygen_files"]

_README = """\
{about}

With OpenSSH 8.2 or newer, in this folder:

    ssh-keygen -Y verify -f allowed_signers -I {person} -n {namespace} \\
        -s {name}.sig < {name}.json

It must say: Good "{namespace}" signature for {person}

Compare the key with one that you have from elsewhere:

    {fingerprint}

What was signed, in plain words; {name}.json has the exact bytes:

{text}"""

_SIGNED = "This folder shows that a key of {person} signed the statement below."
_OPENED = """\
This folder shows that a key of {person} signed the opening of a session.
It does not show what was done in the session: that, the system says."""


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
            signed, name, about = act, "statement", _SIGNED
        case SessionEvidence(_, signature) as session:
            signed, name, about = session.opening, "sign-in", _OPENED
        case _:
            raise WeakEvidenceError("There is no SSH signature in this evidence to be checked.")
    if {act["person"], signed["person"]} != {person}:
        raise ForgedEvidenceError(f"What was signed is not said by {person}.")
    SshSignature.parse(signature)
    readme = _README.format(
        about=about.format(person=person),
        person=person,
        namespace=signed.namespace,
        name=name,
        fingerprint=key.fingerprint,
        text="".join(f"    {line}\n" for line in pretty(signed.data).splitlines()),
    )
    signer = f'{person} namespaces="{signed.namespace}" {key}\n'
    return {
        "README.txt": readme.encode(),
        "allowed_signers": signer.encode("ascii"),
        f"{name}.json": signed.data,
        f"{name}.sig": signature.encode("ascii"),
    }
