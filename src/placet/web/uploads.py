"""Documents between their sending and the act that files them: each sender's own, for a day.

    sent → checked, kept for its sender → named by an act, by digest → filed, and forgotten here

One that belongs to a draft is kept as long as that. What came by a token is named by acts in the
token's office alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet, Sum
from django.http import HttpRequest

from placet.errors import DocumentError
from placet.operations.acting.documents import attachment_of, check_room
from placet.operations.house import SignedIn
from placet.review import UnknownError
from placet.web.models import Draft, Upload
from placet.web.people import looking

__all__ = [
    "KEPT_FOR",
    "attached",
    "attachments_of",
    "brought",
    "forget",
    "keep",
    "of_draft",
    "received",
    "sent_under",
]

KEPT_FOR = timedelta(days=1)
"""How long a document is kept that nobody files."""
FIELDS = ("document", "instrument-digest.file")
"""The fields of forms by which documents come."""
_MOST_BYTES = 100 << 20
"""Bytes that one person may have lying here, from each office and from the pages."""


def keep(
    person: str, files: Iterable[UploadedFile[Any]], at: datetime, office: str = ""
) -> list[Upload]:
    """Keep files for their sender; forget whatever anybody sent too long ago.

    Raises:
        DocumentError: one is not taken, and none of them is kept; or too much lies here already.
    """
    Upload.objects.filter(draft=None, sent_at__lt=at - KEPT_FOR).delete()
    found = [(attachment_of(each.name or "", data := each.read()), data) for each in files]
    lying = _of(person, office).aggregate(all=Sum("size"))["all"] or 0
    if lying + sum(each.size for each, _ in found) > _MOST_BYTES:
        raise DocumentError(
            f"{_MOST_BYTES:,} bytes of documents wait for you to file them; that is as much as "
            "there is room for. File them, or remove drafts that have some."
        )
    return [
        Upload.objects.create(person=person, office=office, data=data, **each.model_dump())
        for each, data in found
    ]


def _of(person: str, office: str) -> QuerySet[Upload]:
    """Return what a person sent in an office, or in the pages."""
    sent: QuerySet[Upload] = Upload.objects.filter(person=person, office=office)
    return sent


def received(request: HttpRequest, beside: Iterable[Upload]) -> list[Upload]:
    """Keep the documents that came with a form, beside those that it has already.

    Raises:
        DocumentError: one is not taken, or all of them cannot go along at once; none is kept.
    """
    seen = looking(request)
    files = [each for name in FIELDS for each in request.FILES.getlist(name)]
    if files:
        check_room([*(each.size for each in beside), *(each.size or 0 for each in files)])
    return keep(seen.person or "", files, seen.house.clock.now()) if files else []


def attached(person: str, keys: Iterable[str]) -> list[Upload]:
    """Return documents that a person sent, by their keys; others read as if there were none."""
    wanted = [int(each) for each in keys if each.isascii() and each.isdigit() and len(each) < 18]
    return list(Upload.objects.filter(person=person, pk__in=wanted).defer("data"))


def of_draft(draft: Draft | None) -> list[Upload]:
    """Return the documents of a draft."""
    return [] if draft is None else list(Upload.objects.filter(draft=draft).defer("data"))


def sent_under(draft: Draft | None, who: SignedIn, digests: Collection[str]) -> list[Upload]:
    """Return documents by their digests: those of a draft, and those sent in the same office.

    Raises:
        UnknownError: one is neither.
    """
    lying = [*of_draft(draft), *_of(who.person, who.office or "").filter(digest__in=digests)]
    found = {each.digest: each for each in lying if each.digest in digests}
    if missing := sorted(set(digests) - found.keys()):
        raise UnknownError(f"You have sent no document {missing[0][:80]}; send it first.")
    return list(found.values())


def attachments_of(uploads: Iterable[Upload]) -> list[dict[str, Any]]:
    """Return documents as an act names them, each once."""
    named = {
        each.digest: {
            "name": each.name,
            "media": each.media,
            "size": each.size,
            "digest": each.digest,
        }
        for each in uploads
    }
    return list(named.values())


def _digests(act: Mapping[str, Any]) -> list[str]:
    """Return the digests of the documents that an act names."""
    return [str(each["digest"]) for each in act.get("attachments") or ()]


def brought(person: str, act: Mapping[str, Any], office: str = "") -> dict[str, bytes]:
    """Return the documents that an act names, among those its actor sent, by digest.

    `act` are its fields in the spelling of files.
    """
    if not (wanted := _digests(act)):
        return {}
    found = _of(person, office).filter(digest__in=wanted)
    return {each.digest: bytes(each.data) for each in found}


def forget(person: str, act: Mapping[str, Any], office: str = "") -> None:
    """Forget here the documents that an act has filed."""
    if wanted := _digests(act):
        _of(person, office).filter(digest__in=wanted).delete()
