"""Keys and SSH signatures: read strictly, and every change of a byte refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from evidence_sample import ANN, BOB, act
from hypothesis import given
from hypothesis import strategies as st

from placet.evidence import (
    ACT_NAMESPACE,
    LARGEST_SIGNATURE,
    SIGN_IN_NAMESPACE,
    EvidenceError,
    ForgedEvidenceError,
    MalformedEvidenceError,
    PublicKey,
    SshSignature,
    check_signature,
    sign,
)
from placet.evidence.framing import framed

MESSAGE = act()
ARMORED = sign(ANN.private, MESSAGE, ACT_NAMESPACE)
BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
ANNS = PublicKey.parse(str(ANN.public)).packed
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


def armored(blob: bytes) -> str:
    """Put armor around the bytes of a signature."""
    text = base64.b64encode(blob).decode()
    return BEGIN + "\n".join(text[at : at + 70] for at in range(0, len(text), 70)) + END


def blob(  # every part of a signature by itself, so that each can be made wrong
    magic: bytes = b"SSHSIG\0\0\0\1",
    key: bytes = ANNS,
    namespace: bytes = ACT_NAMESPACE.encode(),
    reserved: bytes = b"",
    hash_name: bytes = b"sha512",
    kind: bytes = b"ssh-ed25519",
    value: bytes | None = None,
    after: bytes = b"",
    inside: bytes = b"",
) -> bytes:
    """Write the bytes of a signature from its parts."""
    value = SshSignature.parse(ARMORED).value if value is None else value
    inner = framed(kind) + framed(value) + inside
    parts = (key, namespace, reserved, hash_name, inner)
    return magic + b"".join(framed(each) for each in parts) + after


def test_every_changed_byte_of_a_signature_is_refused() -> None:
    """No bit of an armored signature can be changed, and no character left out or added."""
    assert check_signature(ARMORED, MESSAGE, ACT_NAMESPACE) == ANN.public
    for at in range(len(ARMORED)):
        changed = [
            ARMORED[:at] + chr(ord(ARMORED[at]) ^ 1 << bit) + ARMORED[at + 1 :] for bit in range(8)
        ]
        changed += [ARMORED[:at] + ARMORED[at + 1 :], ARMORED[:at] + "A" + ARMORED[at:]]
        for wrong in changed:
            if wrong != ARMORED:
                with pytest.raises(EvidenceError):
                    check_signature(wrong, MESSAGE, ACT_NAMESPACE)


def test_every_changed_byte_of_a_statement_is_refused() -> None:
    """A signature over a statement is over no other bytes, longer or shorter ones included."""
    for at in range(len(MESSAGE)):
        for wrong in (
            MESSAGE[:at] + bytes([MESSAGE[at] ^ 1]) + MESSAGE[at + 1 :],
            MESSAGE[:at] + MESSAGE[at + 1 :],
            MESSAGE[:at] + b" " + MESSAGE[at:],
        ):
            with pytest.raises(ForgedEvidenceError):
                check_signature(ARMORED, wrong, ACT_NAMESPACE)


@pytest.mark.parametrize("namespace", ["git", "file", SIGN_IN_NAMESPACE, "placet-act ", ""])
def test_a_signature_given_for_another_use_is_refused(namespace: str) -> None:
    """A signature of a commit, a file or a sign-in is not one of an act, nor the reverse."""
    with pytest.raises(ForgedEvidenceError, match="for the use"):
        check_signature(sign(ANN.private, MESSAGE, namespace), MESSAGE, ACT_NAMESPACE)
    with pytest.raises(ForgedEvidenceError, match="for the use"):
        check_signature(ARMORED, MESSAGE, namespace)


def test_a_signature_with_the_key_of_another_put_in_is_refused() -> None:
    """Naming another key in a signature does not make it that key's."""
    with pytest.raises(ForgedEvidenceError, match="not over this statement"):
        check_signature(armored(blob(key=BOB.public.packed)), MESSAGE, ACT_NAMESPACE)


def test_a_namespace_outside_what_is_signed_does_not_count() -> None:
    """Exchanging the namespace in the signature's envelope breaks it: it is signed too."""
    given_for_git = SshSignature.parse(sign(ANN.private, MESSAGE, "git")).value
    with pytest.raises(ForgedEvidenceError, match="not over this statement"):
        check_signature(armored(blob(value=given_for_git)), MESSAGE, ACT_NAMESPACE)


def test_a_second_form_of_a_signature_is_refused() -> None:
    """The scalar of an Ed25519 signature is reduced (RFC 8032 §5.1.7): S + L does not verify."""
    value = SshSignature.parse(ARMORED).value
    scalar = int.from_bytes(value[32:], "little") + GROUP_ORDER
    twin = value[:32] + scalar.to_bytes(32, "little")
    with pytest.raises(ForgedEvidenceError):
        check_signature(armored(blob(value=twin)), MESSAGE, ACT_NAMESPACE)


@pytest.mark.parametrize(
    "wrong",
    [
        blob(magic=b"SSHSIG\0\0\0\2"),
        blob(magic=b"SSHSIX\0\0\0\1"),
        blob(key=framed(b"ssh-rsa") + framed(b"\1\0\1") + framed(b"\0" * 256)),
        blob(key=ANN.public.packed + b"\0"),
        blob(key=framed(b"ssh-ed25519") + framed(b"\0" * 31)),
        blob(namespace=b"placet-\xffct"),
        blob(reserved=b"x"),
        blob(hash_name=b"md5"),
        blob(hash_name=b"sha1"),
        blob(hash_name=b"shake_128"),
        blob(kind=b"ssh-rsa"),
        blob(value=b"\0" * 63),
        blob(value=b"\0" * 65),
        blob(after=b"\0"),
        blob(inside=b"\0"),
        blob()[:-1],
        b"SSHSIG",
        b"\xff" * 40,
    ],
)
def test_a_malformed_signature_is_refused(wrong: bytes) -> None:
    """Other versions, keys, hashes, lengths, and bytes after an end are refused."""
    assert armored(blob()) == ARMORED
    with pytest.raises(MalformedEvidenceError):
        SshSignature.parse(armored(wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        BEGIN + END,
        " " + ARMORED,
        "hello\n" + ARMORED,
        ARMORED + "hello\n",
        ARMORED + "\n",
        ARMORED[:-1],
        ARMORED.replace("\n", "\r\n"),
        ARMORED.replace("SSH", "PGP"),
        ARMORED + ARMORED,
        BEGIN + ARMORED[len(BEGIN) : -len(END)].replace("\n", "") + END,
        ARMORED.replace("U1NI", "U1NI "),
        ARMORED.replace("U1NI", "U1NIé"),
        BEGIN + "A" * LARGEST_SIGNATURE + END,
    ],
)
def test_armor_is_read_strictly(wrong: str) -> None:
    """Text around, between or instead of the armor is refused, and so is too much of it."""
    with pytest.raises(MalformedEvidenceError):
        SshSignature.parse(wrong)


def test_a_signature_that_is_too_large_is_refused() -> None:
    """A signature over 4,096 characters is not read, however well it is made."""
    with pytest.raises(MalformedEvidenceError, match="at most 4096"):
        SshSignature.parse(armored(blob(namespace=b"n" * LARGEST_SIGNATURE)))


def test_the_spare_bits_of_base64_are_none() -> None:
    """The bits that base64 leaves over at its end are not free for anyone to set."""
    padded = armored(blob(namespace=b"nn"))
    SshSignature.parse(padded)
    body = padded.removesuffix(END).rstrip("=")
    assert body + END != padded
    spare = body[:-1] + chr(ord(body[-1]) + 1) + padded[len(body) :]
    with pytest.raises(MalformedEvidenceError, match="base64"):
        SshSignature.parse(spare)


@given(wrong=st.text(max_size=200) | st.binary(max_size=200).map(armored))
def test_no_text_makes_reading_a_signature_fail_otherwise(wrong: str) -> None:
    """Whatever arrives as a signature is refused in words; no other error escapes."""
    with pytest.raises(EvidenceError):
        check_signature(wrong, MESSAGE, ACT_NAMESPACE)


@given(message=st.binary(max_size=300), seed=st.binary(min_size=1, max_size=8))
def test_every_message_is_signed_and_checked(message: bytes, seed: bytes) -> None:
    """What is signed verifies, reads back and is written again as the same armor."""
    namespace = "n" + hashlib.sha256(seed).hexdigest()[:8]
    made = sign(ANN.private, message, namespace)
    assert check_signature(made, message, namespace) == ANN.public
    assert SshSignature.parse(made).render() == made


def test_the_comment_is_no_part_of_a_key() -> None:
    """A key is the same key whatever its file says about it."""
    line = f"{ANN.public} ann at her desk"
    key = PublicKey.parse(line + "\n")
    assert key == ANN.public
    assert key.comment == "ann at her desk"
    assert PublicKey.parse(str(key)) == key
    assert key.fingerprint.startswith("SHA256:")
    assert not key.fingerprint.endswith("=")


def other_keys() -> list[str]:
    """Write public keys of kinds that are not accepted."""
    made: list[rsa.RSAPublicKey | ec.EllipticCurvePublicKey] = [
        rsa.generate_private_key(65537, 2048).public_key(),
        ec.generate_private_key(ec.SECP256R1()).public_key(),
        ec.generate_private_key(ec.SECP384R1()).public_key(),
    ]
    lines = [each.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() for each in made]
    return [*lines, "ssh-dss AAAAB3NzaC1kc3M=", "sk-ssh-ed25519@openssh.com AAAA"]


def test_other_kinds_of_key_are_refused_by_name() -> None:
    """RSA, ECDSA, DSA and security keys are refused, saying what they are and what to make."""
    for line in other_keys():
        with pytest.raises(MalformedEvidenceError, match="ssh-keygen -t ed25519") as caught:
            PublicKey.parse(line)
        assert line.split()[0] in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        f"no-pty {ANN.public}",
        f'command="x" {ANN.public}',
        f" {ANN.public}",
        f"{ANN.public}\n\n",
        f"{ANN.public}\n{BOB.public}",
        f"{ANN.public}\tcomment",
        f"{ANN.public} {'c' * 201}",
        f"{ANN.public} bell\a",
        str(ANN.public).replace(" ", "  "),
        str(ANN.public)[:-1],
        str(ANN.public) + "A",
        str(ANN.public) + "AAAA",
        "ssh-ed25519 " + base64.b64encode(framed(b"ssh-ed25519") + framed(b"k" * 31)).decode(),
        "ssh-ed25519 " + base64.b64encode(framed(b"ssh-ed25519") + framed(b"k" * 33)).decode(),
        "ssh-ed25519 " + base64.b64encode(framed(b"ssh-rsa") + framed(b"k" * 32)).decode(),
        "ssh-ed25519 " + base64.b64encode(ANN.public.packed + b"x").decode(),
    ],
)
def test_a_public_key_is_one_line_and_nothing_else(line: str) -> None:
    """Options before it, text after it, another length and a cut line are refused."""
    with pytest.raises(MalformedEvidenceError):
        PublicKey.parse(line)


def test_a_private_key_pasted_by_mistake_is_not_repeated() -> None:
    """The error about a line that is no public key does not show the line."""
    for line in (ANN.private.decode(), ANN.private.decode().splitlines()[1]):
        with pytest.raises(MalformedEvidenceError) as caught:
            PublicKey.parse(line)
        assert line[:20] not in str(caught.value)


def test_only_an_ed25519_private_key_signs() -> None:
    """An RSA key, a key with another form and no key at all are refused."""
    other = rsa.generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    for wrong in (pem, b"", b"nonsense", ANN.private[:-40]):
        with pytest.raises(MalformedEvidenceError, match="ssh-keygen -Y sign"):
            sign(wrong, MESSAGE, ACT_NAMESPACE)
