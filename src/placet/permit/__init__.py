"""Permits: signed, limited, revocable documents that verify without a server.

Pure: no database, no files, no network, no clock; keys and moments are arguments. The only
randomness is the one that an ES256 signature takes from the cryptographic library. The format is
in `docs/reference/permit-format.md`; any JOSE library reads it.
"""

from placet.permit.errors import (
    ChangedKeyError,
    MalformedPermitError,
    NotAuthenticError,
    PermitError,
    StaleStatusError,
    StatusError,
    UnfitPermitError,
)
from placet.permit.files import PermitFile
from placet.permit.issuing import (
    FORMAT,
    LARGEST_PERMIT,
    PERMIT_TYPE,
    SignedPermit,
    StatusRef,
    issue_token,
    must_be_issuable,
    open_permit,
)
from placet.permit.keys import PermitKey, PermitVerifierKey, parse_jwks, public_text, write_jwks
from placet.permit.paper import LARGEST_QR, printable_page, qr_svg, qr_text
from placet.permit.status import (
    LARGEST_LIST,
    STATUS_TYPE,
    Status,
    StatusList,
    StatusListToken,
    issue_status_token,
    open_status_token,
    read_status,
)
from placet.permit.terms import Consent, EntryRef, Limits, PermitLine, Terms, read_terms
from placet.permit.verifying import (
    LEEWAY,
    EntryStanding,
    PermitReading,
    Proven,
    StatusReading,
    verify_permit,
)

__all__ = [
    "FORMAT",
    "LARGEST_LIST",
    "LARGEST_PERMIT",
    "LARGEST_QR",
    "LEEWAY",
    "PERMIT_TYPE",
    "STATUS_TYPE",
    "ChangedKeyError",
    "Consent",
    "EntryRef",
    "EntryStanding",
    "Limits",
    "MalformedPermitError",
    "NotAuthenticError",
    "PermitError",
    "PermitFile",
    "PermitKey",
    "PermitLine",
    "PermitReading",
    "PermitVerifierKey",
    "Proven",
    "SignedPermit",
    "StaleStatusError",
    "Status",
    "StatusError",
    "StatusList",
    "StatusListToken",
    "StatusReading",
    "StatusRef",
    "Terms",
    "UnfitPermitError",
    "issue_status_token",
    "issue_token",
    "must_be_issuable",
    "open_permit",
    "open_status_token",
    "parse_jwks",
    "printable_page",
    "public_text",
    "qr_svg",
    "qr_text",
    "read_status",
    "read_terms",
    "verify_permit",
    "write_jwks",
]
