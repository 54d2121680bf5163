"""The ledger: checkpoints, entries, what is taken away of both, files for mirrors, audits."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Semaphore
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from placet.errors import QuestionError
from placet.ledger import CHECKPOINT, ENTRIES, MalformedError, MissingError, Tile
from placet.operations.auditing.evidence_of import evidence_files
from placet.operations.log.archives import archived
from placet.operations.log.reading import (
    FIELDS,
    entry_disclosure,
    entry_receipt,
    log_archive,
    log_file,
    see_entries,
    see_entry,
    see_log,
)
from placet.web.errors import refusal
from placet.web.jobs.audits import MOST_FOUND, ask_for_audit, latest_audit, see_audit
from placet.web.people import looking

__all__ = [
    "audit_begin",
    "audit_page",
    "checkpoint",
    "entry",
    "evidence",
    "export",
    "ledger",
    "log_keys",
    "proof",
    "tile",
]

ON_A_PAGE = 50
CHECKPOINTS = 10


@login_required
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the latest checkpoint and entries; `below` asks for older ones, `entry` for one."""
    wanted, below = (_number(request.GET.get(name)) for name in ("entry", "below"))
    if wanted is not None:
        return redirect("entry", wanted)
    seen = looking(request)
    entries = see_entries(seen.house, seen.who, ON_A_PAGE, below)
    page = {
        "log": see_log(seen.house),
        "checkpoints": seen.house.reading.latest_checkpoints(CHECKPOINTS),
        "entries": entries,
        "older": entries[-1].index if entries and entries[-1].index else None,
        "below": below,
        "audits": seen.viewer.audits,
        "audited": latest_audit() if seen.viewer.audits else None,
        "keeps": seen.has("authority"),
    }
    return render(request, "ledger/ledger.html", page)


@login_required
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """Show one entry: what is public of it, and what it says to who may know."""
    seen = looking(request)
    found = see_entry(seen.house, seen.who, index)
    size = see_log(seen.house).checkpoint.checkpoint.size
    beside = [each for each in (index - 1, index + 1) if 0 <= each < size]
    page = {
        "entry": found,
        "act": tuple(_folding(found.act)),
        "beside": beside,
        "erases": seen.has("records"),
    }
    return render(request, "ledger/entry.html", page)


_LONG = 240
"""How many characters of a text are shown; what is longer is folded."""
_TALL = 40
"""How many lines of a part are shown; what is longer is folded, and within it again."""
_ALWAYS = 2
"""How deep parts stand open whatever their length: the act, and what it was to do."""


@dataclass(frozen=True)
class _Piece:
    """A piece of an act as it is shown: text; or that a fold begins, with what it says, or ends."""

    text: str
    folds: bool = False
    ends: bool = False


def _folding(act: bytes) -> Iterator[_Piece]:
    """Yield an act as indented JSON in pieces, which leave out nothing and add nothing."""
    return _pieces(json.loads(act), 0) if act else iter(())


def _pieces(value: Any, depth: int, ends: str = "") -> Iterator[_Piece]:
    """Yield a value, and what ends it, folded where it is long; lines begin at their depth."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    lines = text.count("\n") + 1
    if len(text) > _LONG and isinstance(value, str):
        yield from (_Piece(text, folds=True), _Piece(text + ends), _Piece("", ends=True))
    elif depth >= _ALWAYS and lines > _TALL:
        says = _("%(n)d lines") % {"n": lines}
        yield _Piece(f"{text[0]} {says} {text[-1]}", folds=True)
        yield from _within(value, depth, ends)
        yield _Piece("", ends=True)
    elif isinstance(value, dict | list) and value:
        yield from _within(value, depth, ends)
    else:
        yield _Piece(text + ends)


def _within(value: dict[str, Any] | list[Any], depth: int, ends: str) -> Iterator[_Piece]:
    """Yield an object or a list that is not empty, part by part."""
    named = isinstance(value, dict)
    parts = [*value.items()] if isinstance(value, dict) else [("", each) for each in value]
    yield _Piece("{" if named else "[")
    breaks = True  # a fold ends its line
    for place, (name, each) in enumerate(parts, 1):
        key = f"{json.dumps(name, ensure_ascii=False)}: " if named else ""
        yield _Piece("\n" * breaks + "  " * (depth + 1) + key)
        for piece in _pieces(each, depth + 1, "," if place < len(parts) else ""):
            yield piece
            breaks = not piece.ends
    yield _Piece("\n" * breaks + "  " * depth + ("}" if named else "]") + ends)


@login_required
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """Hand out an entry's receipt; with `disclose` what it says goes along, for who may know.

    `disclose=whole` adds the act itself, as whoever doubts an announced policy needs it.
    """
    seen, name = looking(request), f"entry-{index}"
    match request.GET.get("disclose"):
        case None:
            data = entry_receipt(seen.house, index)
        case "whole":
            data, name = entry_disclosure(seen.house, seen.who, index, _WHOLE), f"{name}-whole"
        case _:
            data, name = entry_disclosure(seen.house, seen.who, index), f"{name}-disclosed"
    answer = HttpResponse(data, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.tlog-proof"'
    return answer


_WHOLE = (*FIELDS, "payload")


@login_required
@require_GET
def evidence(request: HttpRequest, index: int) -> HttpResponse:
    """Hand out what was signed in an act, to be checked without Placet, to who may have it."""
    seen = looking(request)
    files, name = evidence_files(seen.house, seen.who, index), f"entry-{index}-evidence"
    data = b"".join(archived(files.items(), name, seen.house.clock.now()))
    answer = HttpResponse(data, content_type=_TAR)
    answer["Content-Disposition"] = f'attachment; filename="{name}.tar"'
    return answer


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Hand out the whole log to whoever is signed in, to be verified without us.

    A slow reader keeps a thread for as long as they read. So one is served at a time in each
    process; everybody else takes the same files one by one, as mirrors do.
    """
    seen = looking(request)
    parts = log_archive(seen.house.reading, seen.house.clock.now())
    if not _GOING_OUT.acquire(blocking=False):
        says = _("Somebody is downloading the log. Ask later, or mirror it file by file.")
        busy = refusal(request, says, 503)
        busy["Retry-After"] = "60"
        return busy
    answer = StreamingHttpResponse(_GoingOut(parts), content_type=_TAR)
    answer["Content-Disposition"] = 'attachment; filename="log.tar"'
    return answer


_TAR = "application/x-tar"
_GOING_OUT = Semaphore(1)


class _GoingOut:
    """What goes out alone: the next may begin when this one is closed, or given up."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self.close = weakref.finalize(self, _GOING_OUT.release)

    def __iter__(self) -> _GoingOut:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 15:
        raise QuestionError(f"{text[:20]!r} is not the place of an entry.")
    return int(text)


# --- what anybody may mirror (c2sp.org/tlog-tiles)


def checkpoint(request: HttpRequest) -> HttpResponse:
    """Publish the latest signed checkpoint."""
    return _file(request, CHECKPOINT)


def tile(request: HttpRequest, path: str) -> HttpResponse:
    """Publish a tile of the tree, or a bundle of entries; what was published never changes."""
    try:
        answer = _file(request, f"tile/{path}")
        answer["Content-Type"] = "application/octet-stream"
        answer["Cache-Control"] = "public, max-age=31536000, immutable"
        if Tile.parse(f"tile/{path}").level == ENTRIES:
            answer["X-Content-Type-Options"] = "nosniff"
    except (MalformedError, MissingError) as error:
        return HttpResponse(f"{error}\n", status=404, content_type="text/plain; charset=utf-8")
    return answer


def _file(request: HttpRequest, path: str) -> HttpResponse:
    data = log_file(looking(request).house.reading, path)
    answer = HttpResponse(data, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, no-cache"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def log_keys(request: HttpRequest) -> HttpResponse:
    """Publish the log's public keys, one to a line; whoever trusts them keeps them elsewhere."""
    lines = "".join(f"{each}\n" for each in see_log(looking(request).house).keys)
    answer = HttpResponse(lines, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, no-cache"
    return answer


# --- an audit, done in the background and watched as it goes on


@login_required
@require_POST
def audit_begin(request: HttpRequest) -> HttpResponse:
    """Have the log audited, and go to the page that says how far it is."""
    seen = looking(request)
    return redirect("audit", key=ask_for_audit(seen.house, seen.viewer).id)


@login_required
@require_GET
def audit_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show how far an audit is, and what it found once it has ended; the page asks by itself."""
    seen = looking(request)
    audit = see_audit(seen.house, seen.viewer, key)
    more = len(audit.wrong) >= MOST_FOUND
    return render(request, "ledger/audit.html", {"audit": audit, "key": key, "more": more})
