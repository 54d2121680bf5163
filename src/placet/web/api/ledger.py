"""The log over the API: checkpoint, entries, receipts, disclosures, and tiles for mirrors."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from placet.ledger import FIELDS as ENTRY_FIELDS
from placet.ledger import MalformedError, MissingError
from placet.operations.answers import AuditSeen, EvidenceFiles, Log
from placet.operations.auditing.evidence_of import evidence_files
from placet.operations.house import viewer_of
from placet.operations.log.reading import (
    FIELDS,
    EntrySeen,
    entry_disclosure,
    entry_receipt,
    log_file,
    see_entries,
    see_entry,
    see_log,
)
from placet.review import UnknownError
from placet.web.api.admitting import Bearer, holder
from placet.web.api.plain import plain
from placet.web.api.problems import may_fail
from placet.web.api.words import JSON_TYPE, Limit, Number, found, text, written_json
from placet.web.house import house
from placet.web.jobs.audits import ask_for_audit, see_audit

__all__ = ["router"]

router = Router(tags=["ledger"], by_alias=True)
_READ = Bearer("read")
Fields = Annotated[
    list[str],
    Query(
        description=f"Which fields are shown, of {', '.join(ENTRY_FIELDS)}; `payload` is the "
        "whole act, with its reason and with what followed."
    ),
]
_SHOWN = list(FIELDS)
_ONE = may_fail(401, 403, 404, 422, 429)


class Entry(Schema):
    """An entry: its place, its public leaf, and what it says where the holder may know it."""

    index: int
    leaf: str
    told: dict[str, Any] | None


class Entries(Schema):
    """A page of entries; `next` begins the one after it, and is null on the last."""

    entries: list[Entry]
    next: int | None = None


@router.get("/ledger", auth=None, response={200: Log, 304: None}, openapi_extra=may_fail(422))
def log(request: HttpRequest) -> HttpResponse:
    """Return what is public of the log."""
    seen = see_log(house())
    shown = Log(
        origin=seen.origin,
        size=seen.checkpoint.checkpoint.size,
        checkpoint=seen.checkpoint.render().decode(),
        keys=list(seen.keys),
        unnumbered=seen.unnumbered,
    )
    return found(request, written_json(Log, shown))


@router.get(
    "/ledger/entries",
    auth=_READ,
    response={200: Entries, 304: None},
    openapi_extra=may_fail(401, 403, 422, 429),
)
def entries(request: HttpRequest, limit: Limit = 50, after: Number | None = None) -> HttpResponse:
    """Return entries, the latest first; `after` is the `next` of the page before."""
    seen = see_entries(house(), holder(request).who, limit, after)
    further = seen[-1].index or None if seen else None
    page = {"entries": [_entry(each) for each in seen], "next": further}
    return found(request, json.dumps(page).encode())


@router.get(
    "/ledger/entries/{index}", auth=_READ, response={200: Entry, 304: None}, openapi_extra=_ONE
)
def entry(request: HttpRequest, index: Number) -> HttpResponse:
    """Return an entry; what stands behind it for who may know: see need to know."""
    seen = see_entry(house(), holder(request).who, index)
    return found(request, json.dumps(_entry(seen)).encode())


@router.get(
    "/ledger/entries/{index}/receipt",
    auth=None,
    response={200: None},
    openapi_extra=may_fail(404, 422, text="text/plain"),
)
def receipt(request: HttpRequest, index: Number) -> HttpResponse:
    """Return the proof that an entry is in the log (c2sp.org/tlog-proof): it says nothing of it."""
    del request
    return text(entry_receipt(house(), index))


@router.get(
    "/ledger/entries/{index}/disclosure",
    auth=_READ,
    response={200: None},
    openapi_extra=may_fail(401, 403, 404, 422, 429, text="text/plain"),
)
def disclosure(request: HttpRequest, index: Number, show: Fields = _SHOWN) -> HttpResponse:
    """Return a receipt with fields of the entry disclosed, to hand on."""
    return text(entry_disclosure(house(), holder(request).who, index, show))


@router.get(
    "/ledger/entries/{index}/evidence",
    auth=_READ,
    response={200: EvidenceFiles, 304: None},
    openapi_extra=may_fail(400, 401, 403, 404, 422, 429),
)
def evidence(request: HttpRequest, index: Number) -> HttpResponse:
    """Return what was signed in an act, to be checked without Placet: for who did it and auditors.

    `README.txt` among the files says how they are checked.
    """
    files = evidence_files(house(), holder(request).who, index)
    written = {name: base64.b64encode(data).decode() for name, data in files.items()}
    return found(request, written_json(EvidenceFiles, EvidenceFiles(files=written)))


@router.post(
    "/ledger/audits",
    auth=_READ,
    response={202: AuditSeen},
    openapi_extra=may_fail(401, 403, 422, 429, heads={202: ("Location", "How far the audit is.")}),
)
def start_audit(request: HttpRequest) -> HttpResponse:
    """Have the log audited in the background; ask at `Location` how far it is."""
    here, looks = house(), viewer_of(house(), holder(request).who)
    run = ask_for_audit(here, looks)
    seen = written_json(AuditSeen, see_audit(here, looks, run.id))
    answer = HttpResponse(seen, status=202, content_type=JSON_TYPE)
    answer["Location"] = f"{request.path}/{run.id}"
    answer["Retry-After"] = "1"
    answer["Cache-Control"] = "no-store"
    return answer


@router.get(
    "/ledger/audits/{audit}", auth=_READ, response={200: AuditSeen, 304: None}, openapi_extra=_ONE
)
def audit(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Return how far an audit is, and what it found once it has ended."""
    here = house()
    seen = see_audit(here, viewer_of(here, holder(request).who), audit)
    return found(request, written_json(AuditSeen, seen))


@router.get(
    "/ledger/files/{path:path}",
    auth=None,
    response={200: None},
    openapi_extra=may_fail(404, 422, text="application/octet-stream"),
)
def log_files(request: HttpRequest, path: str) -> HttpResponse:
    """Return a file of the log as tlog-tiles has it: `checkpoint`, or a tile of the tree."""
    del request
    try:
        return text(log_file(house().reading, path), "application/octet-stream")
    except (MissingError, MalformedError):
        raise UnknownError(f"The log has no file {path[:80]!r}.") from None


def _entry(seen: EntrySeen) -> dict[str, Any]:
    told = {**plain(seen.told), "name": seen.person} if seen.told else None
    return {"index": seen.index, "leaf": f"sha256:{seen.leaf.hex()}", "told": told}
