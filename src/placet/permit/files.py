"""The permit file: a permit with what helps to verify it, in one file to send and keep.

{"permit":"<token>","receipt":"<tlog-proof>" or null,"status":"<status list token>" or null}

The file proves nothing by being there: each part proves itself, or is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from placet.ledger import MalformedError, canonical, parse_canonical
from placet.permit.errors import MalformedPermitError

__all__ = ["PermitFile"]


@dataclass(frozen=True, slots=True)
class PermitFile:
    """A permit's token, its receipt and a status list, as far as they are there; unchecked."""

    permit: str
    receipt: str | None = None
    status: str | None = None

    def render(self) -> bytes:
        """Write the file, as canonical JSON."""
        parts = {"permit": self.permit, "receipt": self.receipt, "status": self.status}
        return canonical(parts, "the permit file")

    @classmethod
    def parse(cls, data: bytes) -> PermitFile:
        """Read a permit file, or a bare token; either may end in one newline.

        A token may stand behind the address at which it is verified and a `#`, as a QR code has it.

        Raises:
            MalformedPermitError: it is neither.
        """
        data = data.removesuffix(b"\n")
        if not data.startswith(b"{"):
            return cls(_token_of(data))
        try:
            found = parse_canonical(data, "The permit file")
        except MalformedError as error:
            raise MalformedPermitError(str(error)) from None
        match found:
            case {
                "permit": str(permit),
                "receipt": str() | None as receipt,
                "status": str() | None as status,
                **rest,
            } if not rest:
                return cls(permit, receipt, status)
        raise MalformedPermitError(
            "A permit file has the keys permit, receipt and status; the last two may be null."
        )


def _token_of(data: bytes) -> str:
    if data.startswith((b"https://", b"http://")):
        data = data.rpartition(b"#")[2]
    if data.startswith(b"placet:"):
        raise MalformedPermitError(
            "This is a reference to a permit, as printed when a permit is too large for a QR code. "
            "Ask its holder for the permit file, and compare the digest."
        )
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedPermitError("This is neither a permit file nor a token.") from None
