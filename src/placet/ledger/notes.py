"""Signed notes: a text and who signed it (c2sp.org/signed-note v1.0.0).

<text, ending in a newline>
<empty line>
— <key name> base64(key id ‖ signature)
...
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from placet.ledger.encoding import base64_of, read_base64, read_text
from placet.ledger.errors import BadSignatureError, MalformedError, UnfitError
from placet.ledger.keys import KeyKind, SignerKey, VerifierKey, check_key_name

__all__ = ["MOST_SIGNATURES", "Note", "Signature", "open_note", "parse_note", "sign_note"]

MOST_SIGNATURES = 100
"""The most signatures read; the specification asks for at least 16."""

_LARGEST_NOTE = 1 << 20
_MARK = "— "


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name, its id, and what it signed with."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{_MARK}{self.name} {base64_of(self.key_id + self.value)}\n"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Read a line without its newline."""
        if not line.startswith(_MARK):
            raise MalformedError(f"A signature line begins with an em dash: {line[:80]!r}.")
        name, _, encoded = line.removeprefix(_MARK).partition(" ")
        check_key_name(name)
        data = read_base64(encoded, f"The signature of {name}")
        if len(data) < 5:
            raise MalformedError(f"The signature of {name} is too short to be one.")
        return cls(name, data[:4], data[4:])

    def by(self, key: VerifierKey) -> bool:
        """Tell whether it claims to be made with this key. Whether it was is another question."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures. That they are there does not mean that any is good."""

    text: str
    signatures: tuple[Signature, ...]

    def render(self) -> bytes:
        """Write the note."""
        return (self.text + "\n" + "".join(each.line for each in self.signatures)).encode()

    def claimed_by(self, key: VerifierKey) -> tuple[Signature, ...]:
        """Return the signatures that claim to be made with a key."""
        return tuple(each for each in self.signatures if each.by(key))

    def adding(self, signatures: Collection[Signature]) -> Note:
        """Add signatures, such as those of witnesses; each takes the place of its key's before.

        Raises:
            UnfitError: nobody could read so many.
        """
        given = {(each.name, each.key_id): each for each in signatures}
        held = (given.get((each.name, each.key_id), each) for each in self.signatures)
        made = Note(self.text, tuple(dict.fromkeys((*held, *given.values()))))
        if len(made.signatures) > MOST_SIGNATURES or len(made.render()) > _LARGEST_NOTE:
            raise UnfitError(
                f"With these the note would have {len(made.signatures)} signatures; at most "
                f"{MOST_SIGNATURES}, of 1 MiB together, are read. Take out those that nobody knows."
            )
        return made


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise MalformedError(
            "The text of a note ends in a newline and has no other control characters."
        )


def parse_note(data: bytes) -> Note:
    """Read a note. Nothing in it may be believed before `open_note`.

    Raises:
        MalformedError: it is not UTF-8, has control characters, or no signature lines.
    """
    if len(data) > _LARGEST_NOTE:
        raise MalformedError(f"A note of {len(data)} bytes is too large; the most is 1 MiB.")
    whole = read_text(data, "The note")
    _check_text(whole)
    split = whole.rfind("\n\n")
    if split < 0 or split + 2 == len(whole):
        raise MalformedError("The note has no signature lines after its last empty line.")
    lines = whole[split + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise MalformedError(f"The note has {len(lines)} signatures; at most 100 are read.")
    return Note(whole[: split + 1], tuple(Signature.parse(line) for line in lines))


def sign_note(text: str, signer: SignerKey) -> Note:
    """Sign a text with a key of type 0x01."""
    signer.must_be(KeyKind.NOTE)
    _check_text(text)
    verifier = signer.verifier
    return Note(text, (Signature(signer.name, verifier.key_id, signer.sign(text.encode())),))


def open_note(note: Note, keys: Collection[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Check a note against known keys of type 0x01; return those that signed it.

    Signatures of unknown keys are ignored, even where they share a name or an id with a known
    one. A bad signature of a known key spoils the note (signed-note, Signatures).

    Raises:
        BadSignatureError: a known key's signature is bad, or no known key signed.
    """
    message = note.text.encode()
    signed: list[VerifierKey] = []
    for key in keys:
        claims = note.claimed_by(key)
        if key.kind is not KeyKind.NOTE or not claims:
            continue
        if not all(key.signed(message, each.value) for each in claims):
            raise BadSignatureError(
                f"The signature of {key.name} is not over this text; the text or the signature "
                "was changed. Get the note again from its source."
            )
        signed.append(key)
    if not signed:
        claimed = ", ".join(dict.fromkeys(each.name for each in note.signatures))
        wanted = ", ".join(str(key) for key in keys) or "none"
        raise BadSignatureError(
            f"No known key signed this note. It claims to be signed by {claimed}; "
            f"the keys known are {wanted}."
        )
    return tuple(signed)
