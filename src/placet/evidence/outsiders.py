"""For outsiders: files with which anybody checks evidence by OpenSSH, or a passkey's by OpenSSL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from placet.evidence.errors import ForgedEvidenceError, WeakEvidenceError
from placet.evidence.keys import KeyOnRecord, Passkey, PublicKey
from placet.evidence.kinds import PasskeyEvidence, SessionEvidence, SshEvidence, parse_evidence
from placet.evidence.sessions import Session
from placet.evidence.signatures import SshSignature
from placet.evidence.statements import JSON, SESSION_ACT_NAMESPACE, Statement
from placet.evidence.wording import pretty

__all__ = ["files_to_check"]

_README = """\
{about}

Run what follows in this folder.
{commands}
Compare the key with one that you have from elsewhere:

    {fingerprint}
"""

_BY_SSH = """
With OpenSSH 8.2 or newer:

    ssh-keygen -Y verify -f allowed_signers -I {person} -n {namespace} \\
        -s {name}.sig < {name}.json

It must say: Good "{namespace}" signature for {person}
"""

_BY_PASSKEY = """
With OpenSSL 3 and GNU coreutils. The passkey signed what the authenticator says of itself and
the SHA-256 of what the browser says:

    openssl dgst -sha256 -binary {name}.client-data.json > {name}.asked
    cat {name}.authenticator-data {name}.asked > {name}.signed
    {verify}

It must say: {good}

What the browser says must name the statement as its challenge, and where it was signed, with
"type":"webauthn.get". The first command prints the challenge:

    openssl dgst -sha256 -binary {name}.json | basenc --base64url | tr -d =
    cat {name}.client-data.json

What the authenticator says begins with the SHA-256 of {rp_id}, which is where the key signs. The
byte after it holds flags: 1 and 4 are set where it knew who was using it, and 8 is not set where
the key cannot be copied off its device:

    printf %s {rp_id} | openssl dgst -sha256
    od -An -v -tx1 -N33 {name}.authenticator-data

The key of {name}.pem stands in {name}.passkey as the log has it. Its fingerprint:

    openssl dgst -sha256 -binary {name}.passkey | base64
"""

_VERIFY_ES256 = """openssl dgst -sha256 -verify {name}.pem -signature {name}.signature \\
        {name}.signed"""

_VERIFY_EDDSA = """openssl pkeyutl -verify -pubin -inkey {name}.pem -rawin -in {name}.signed \\
        -sigfile {name}.signature"""

_WORDS = """
What was signed, in plain words; {name}.json has the exact bytes:

{text}"""

_SIGNED = "This folder shows that a key of {person} signed the statement below."
_IN_SESSION = """\
This folder shows that a key of {person} opened a session, and that the key of the session
signed the statement below. The session's key is the one named in sign-in.json; it is the last
in allowed_signers. Whoever held the session had that key: mostly a program, for {person}."""


@dataclass(frozen=True)
class _Check:
    """One signature to be checked: what was signed, by which key, for which use."""

    name: str
    signed: Statement
    namespace: str
    signature: str | PasskeyEvidence
    key: KeyOnRecord


def files_to_check(
    evidence: JSON, statement: bytes, person: str, key: KeyOnRecord
) -> dict[str, bytes]:
    """Return the files, by name, with which anybody checks evidence without Placet.

    Nothing is verified here: that is what the files are for.

    Args:
        evidence: as it stands in the entry.
        statement: the statement of the act.
        person: whose act it is said to be.
        key: the public key that this person is known to have had.

    Raises:
        MalformedEvidenceError: the evidence or the statement cannot be read.
        ForgedEvidenceError: the statement is that of another person.
        WeakEvidenceError: there is no signature by such a key to check.
    """
    act = Statement.parse(statement)
    match parse_evidence(evidence):
        case SshEvidence(signature):
            about = _SIGNED
            checks = [_Check("statement", act, act.namespace, signature, key)]
        case PasskeyEvidence() as passkey:
            about = _SIGNED
            checks = [_Check("statement", act, act.namespace, passkey, key)]
        case SessionEvidence() as session:
            about, opening = _IN_SESSION, session.opening
            opened = Session.parse(opening.data)
            checks = [
                _Check("sign-in", opening, opening.namespace, session.signature, key),
                _Check("statement", act, SESSION_ACT_NAMESPACE, session.act, opened.key),
            ]
        case _:
            raise WeakEvidenceError("There is no signature in this evidence to be checked.")
    if {each.signed["person"] for each in checks} != {person}:
        raise ForgedEvidenceError(f"What was signed is not said by {person}.")
    return _files(about.format(person=person), person, checks)


def _files(about: str, person: str, checks: Sequence[_Check]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    commands, words, signers = "", "", ""
    for each in checks:
        text = "".join(f"    {line}\n" for line in pretty(each.signed.data).splitlines())
        words += _WORDS.format(name=each.name, text=text)
        files[f"{each.name}.json"] = each.signed.data
        match each.signature, each.key:
            case PasskeyEvidence() as given, Passkey() as passkey:
                commands += _by_passkey(each.name, passkey)
                files |= _of_passkey(each.name, given, passkey)
            case str(armored), PublicKey() as key:
                SshSignature.parse(armored)
                commands += _BY_SSH.format(person=person, namespace=each.namespace, name=each.name)
                signers += f'{person} namespaces="{each.namespace}" {key}\n'
                files[f"{each.name}.sig"] = armored.encode("ascii")
            case _:
                raise WeakEvidenceError(f"There is no signature by {each.key.fingerprint} here.")
    readme = _README.format(about=about, commands=commands, fingerprint=checks[0].key.fingerprint)
    first = {"README.txt": (readme + words).encode()}
    if signers:
        first["allowed_signers"] = signers.encode("ascii")
    return first | files


def _by_passkey(name: str, key: Passkey) -> str:
    eddsa = isinstance(key.public, Ed25519PublicKey)
    verify = (_VERIFY_EDDSA if eddsa else _VERIFY_ES256).format(name=name)
    good = "Signature Verified Successfully" if eddsa else "Verified OK"
    return _BY_PASSKEY.format(name=name, rp_id=key.rp_id, verify=verify, good=good)


def _of_passkey(name: str, given: PasskeyEvidence, key: Passkey) -> dict[str, bytes]:
    return {
        f"{name}.client-data.json": given.client_data,
        f"{name}.authenticator-data": given.authenticator_data,
        f"{name}.signature": given.signature,
        f"{name}.pem": key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        f"{name}.passkey": str(key).encode("ascii"),
    }
