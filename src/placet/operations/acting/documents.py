"""Documents that go with a request or a consent: what is taken, by which name, who is handed them.

    file given → type told by its content, name made plain → attachment (name, type, size, digest)
    act → its entry names the digest; the document itself is kept beside it, and can be erased

The digest is part of what was filed: whoever holds the file can prove that it is the one, and an
audit names one that was changed. Nothing here is ever run or shown: documents are handed out.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from placet.errors import DocumentError
from placet.operations.house import House, SignedIn
from placet.operations.seeing.cases import see_case
from placet.review import Command, UnknownError
from placet.review.commands import Attachment, RecordConsent, Submit, Supply

__all__ = [
    "ENDINGS",
    "LARGEST",
    "MOST",
    "TOGETHER",
    "Document",
    "attachment_of",
    "check_documents",
    "check_room",
    "document_of",
    "plain_name",
    "text_of",
]

MOST = 10
"""Documents that one act may bring."""
LARGEST = 5 << 20
"""Bytes of a document."""
TOGETHER = 20 << 20
"""Bytes of all documents of an act."""

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "text/plain": ("txt",),
    "text/csv": ("csv",),
}
"""The types that are taken, and how the names of each end."""

_LONGEST_STEM, _LONGEST_ENDING = 90, 9
_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_NAMES = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd\"*:<>?|;%$`&]"
)


@dataclass(frozen=True)
class Document:
    """A document as it was filed: its attachment, and what it holds."""

    attachment: Attachment
    data: bytes


def attachment_of(name: str, data: bytes) -> Attachment:
    """Return as what a file is filed: its plain name, its type, size and digest.

    Its type is what it holds, never what its sender calls it; its name has to agree.

    Raises:
        DocumentError: it is empty, too large, of a type that is not taken, or misnamed.
    """
    plain = plain_name(name)
    if not data:
        raise DocumentError(f"{plain}: the file is empty. Choose another.")
    if len(data) > LARGEST:
        raise DocumentError(
            f"{plain}: the file is larger than {LARGEST >> 20} MB, which is the most taken. "
            "Send less of it, or in parts."
        )
    ending = plain.rpartition(".")[2].lower()
    media = _media(data, ending)
    if media is None:
        taken = ", ".join(each for every in ENDINGS.values() for each in every)
        raise DocumentError(
            f"{plain}: it holds neither a PDF, a PNG or JPEG picture, nor plain text in UTF-8. "
            f"Taken are {taken}; what else there is, send as a PDF."
        )
    if ending not in ENDINGS[media]:
        raise DocumentError(
            f"{plain}: it holds {media}, and its name does not end so. Name it "
            f".{ENDINGS[media][0]}, if that is what it is."
        )
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Attachment(name=plain, media=media, size=len(data), digest=digest)


def _media(data: bytes, ending: str) -> str | None:
    """Say of which type a file is, by what it holds; its name tells only two texts apart."""
    for start, media in _STARTS:
        if data.startswith(start):
            return media
    try:
        text_of(data)
    except DocumentError:
        return None
    return "text/csv" if ending == "csv" else "text/plain"


def text_of(data: bytes) -> str:
    """Return the plain text in UTF-8 that a file holds, without the mark that it may begin with.

    Raises:
        DocumentError: it holds something else; says at which line and column, from 1.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _no_text(data[: error.start].decode()) from error
    if found := _NOT_TEXT.search(text):
        raise _no_text(text[: found.start()])
    return text.removeprefix("\ufeff")


def _no_text(before: str) -> DocumentError:
    lines = before.removeprefix("\ufeff").split("\n")
    return DocumentError(
        f"Line {len(lines)}, column {len(lines[-1]) + 1}: the file holds something else than plain "
        "text in UTF-8. Save it as that."
    )


def plain_name(name: str) -> str:
    """Return the name of a file without folders, and without what screens or shells would obey.

    It is a name to read and to save under, never a path.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = " ".join(_NOT_IN_NAMES.sub("", last).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return plain[:_LONGEST_STEM] or "document"
    return f"{stem[:_LONGEST_STEM].rstrip('. ') or 'document'}.{ending[:_LONGEST_ENDING]}"


_Bringing = Submit | Supply | RecordConsent
"""Acts that bring documents."""


def check_documents(command: Command, documents: Mapping[str, bytes]) -> None:
    """Make sure that an act brings exactly the documents that it names, each as it is.

    Raises:
        DocumentError: one is missing, too much, twice, or not what the act says of it.
    """
    named = command.attachments if isinstance(command, _Bringing) else ()
    by_digest = {each.digest: each for each in named}
    if len(by_digest) != len(named) or len({each.name for each in named}) != len(named):
        raise DocumentError("A document is attached twice, or two have one name. Leave one out.")
    check_room([len(each) for each in documents.values()], len(named))
    for digest in documents.keys() - by_digest.keys():
        raise DocumentError(f"A document came along that the act does not name: {digest}.")
    for digest, each in by_digest.items():
        if digest not in documents:
            raise DocumentError(
                f"{each.name}: the document itself did not come along. Attach it again."
            )
        if attachment_of(each.name, documents[digest]) != each:
            raise DocumentError(
                f"{each.name}: the document is not what the act says of it: its name, type, size "
                "and digest are those of the file itself."
            )


def check_room(sizes: Collection[int], number: int | None = None) -> None:
    """Make sure that documents can go with one act: not too many, and together not too large.

    Raises:
        DocumentError: they cannot.
    """
    if max(len(sizes), number or 0) > MOST or sum(sizes) > TOGETHER:
        raise DocumentError(
            f"At most {MOST} documents go along at once, of {TOGETHER >> 20} MB together. "
            "Leave some out."
        )


def document_of(house: House, who: SignedIn, case: str, digest: str) -> Document:
    """Hand out a document of a case to somebody who sees that it is there.

    Raises:
        UnknownError: there is no such case or document that they have a part in; or it was erased.
    """
    seen = see_case(house, who, case)
    consents = (each.get("attachments", ()) for each in seen.decisions)
    known = (*seen.attachments, *(one for every in consents for one in every))
    found = next((each for each in known if each["digest"] == digest), None)
    if found is None:
        raise UnknownError(f"The case {seen.case} has no such document.")
    data = house.reading.document(seen.case, digest)
    attachment = Attachment.model_validate(found)
    if data is None:
        raise UnknownError(
            f"The document {attachment.name} is not kept any more: an act erased it. Its name and "
            "digest stay on record."
        )
    return Document(attachment, data)
