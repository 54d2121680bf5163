"""Documents: what is taken, by which name, who is handed them, and that they can be erased."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from audit_sample import ORIGIN, UKRAINE, Register, memory_register, permit_keys
from placet.errors import DocumentError
from placet.operations.acting.documents import (
    LARGEST,
    MOST,
    attachment_of,
    check_documents,
    document_of,
    plain_name,
)
from placet.operations.auditing.audit import audit
from placet.operations.house import SignedIn
from placet.registry import read
from placet.review import NotAllowedError, UnknownError, command_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
PDF = b"%PDF-1.7\n%\xe2\xe3\n"


@pytest.mark.parametrize(
    ("name", "data", "media"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.txt", "\ufeffÉtat\r\n\tone".encode(), "text/plain"),
        ("a.csv", b"a;b\n1;2", "text/csv"),
        ("a.txt", b"<script>alert(1)</script>", "text/plain"),
    ],
)
def test_a_type_is_what_the_file_holds(name: str, data: bytes, media: str) -> None:
    """The type is told by the content; a page of the web that calls itself text is plain text."""
    found = attachment_of(name, data)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert (found.media, found.size, found.digest) == (media, len(data), digest)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", b"", "is empty"),
        ("a.pdf", PDF + bytes(LARGEST), "larger than 5 MB"),
        ("a.pdf", PNG, "holds image/png, and its name does not end so"),
        ("a.png", b"plain", "Name it .txt"),
        ("a.html", b"<html>", "Name it .txt"),
        ("a.svg", b"<svg/>", "Name it .txt"),
        ("a", b"plain", "Name it .txt"),
        ("a.exe", b"MZ\x90\x00", "neither a PDF"),
        ("a.zip", b"PK\x03\x04", "neither a PDF"),
        ("a.txt", b"\x7fELF\x02", "neither a PDF"),
        ("a.txt", "État".encode("latin-1"), "neither a PDF"),
        ("a.pdf", b"\n%PDF-1.7", "does not end so"),
    ],
)
def test_what_is_not_taken_is_refused_with_what_to_do(name: str, data: bytes, says: str) -> None:
    """Empty, too large, of another type, or under a name that says something else."""
    with pytest.raises(DocumentError, match=says):
        attachment_of(name, data)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\fakepath\\plan.pdf", "plan.pdf"),
        ("/root/.ssh/id.txt", "id.txt"),
        (".txt", "txt"),
        ("..\x00.pdf", "pdf"),
        ("a\u202egnp.pdf", "agnp.pdf"),
        ('a"; filename=b.pdf', "a filename=b.pdf"),
        ("two\r\nlines.csv", "twolines.csv"),
        ("E\u0301tat.txt", "\u00c9tat.txt"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
        ("...", "document"),
        ("", "document"),
    ],
)
def test_a_name_is_a_name_and_no_path(given: str, plain: str) -> None:
    """Nothing is left of a path, of control characters and of turned writing, also done twice."""
    assert plain_name(given) == plain
    assert plain_name(plain) == plain


def _submit(*attached: Any) -> Any:
    plain = [each.model_dump(mode="json") for each in attached]
    return command_of("submit", {"case": "C-1", "request": {}, "attachments": plain})


def test_an_act_brings_exactly_what_it_names() -> None:
    """Missing, too much, twice, too many, or not what the act says of it: each is refused."""
    one, two = attachment_of("a.txt", b"one"), attachment_of("b.txt", b"two")
    check_documents(_submit(one), {one.digest: b"one"})
    many = [attachment_of(f"{number}.txt", b"%d" % number) for number in range(MOST + 1)]
    wrong: list[tuple[Any, dict[str, bytes], str]] = [
        (_submit(one, two), {one.digest: b"one"}, "b.txt: the document itself"),
        (_submit(one), {one.digest: b"one", two.digest: b"two"}, "does not name"),
        (_submit(one, one), {one.digest: b"one"}, "twice"),
        (_submit(one, two.model_copy(update={"name": "a.txt"})), {}, "one name"),
        (_submit(*many), {each.digest: each.name[:-4].encode() for each in many}, "At most 10"),
        (_submit(one), {one.digest: b"two"}, "is not what the act says"),
        (command_of("determine", {}), {one.digest: b"one"}, "does not name"),
    ]
    wrong += [
        (_submit(one.model_copy(update={name: value})), {one.digest: b"one"}, "is not what")
        for name, value in (("size", 4), ("media", "text/html"), ("name", "../a.txt"))
    ]
    for command, documents, says in wrong:
        with pytest.raises(DocumentError, match=says):
            check_documents(command, documents)


def _filed(register: Register) -> Any:
    """File a request with a document; return the act."""
    plain = dict(read(UKRAINE / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    register.begin()
    documents = {"annex.txt": b"An annex."}
    return register.do("marchenko", "submit", "C-1", documents, request=plain)


def _handed(register: Register, person: str, case: str, digest: str) -> bytes:
    return document_of(register.house, SignedIn(person, None), case, digest).data


def test_a_document_is_handed_to_who_has_a_part_in_its_case() -> None:
    """To the applicant, the reviewer and the auditor; to others there is no such case."""
    register = memory_register()
    digest = _filed(register).change.event.command.attachments[0].digest
    for person in ("marchenko", "whitfield", "tan"):
        assert _handed(register, person, "C-1", digest) == b"An annex."
    with pytest.raises(UnknownError, match="that you have a part in"):
        _handed(register, "commander", "C-1", digest)
    other = register.do("marchenko", "submit", "C-2", request=register.reading.case("C-1").request)
    assert other.index
    with pytest.raises(UnknownError, match="no such document"):
        _handed(register, "marchenko", "C-2", digest)


@pytest.mark.parametrize("fields", [("documents",), ("payload",)])
def test_an_erased_document_is_gone_and_the_audit_says_by_what(
    fields: tuple[str, ...],
) -> None:
    """Its name and digest stay, unless the payload is erased as well; the log goes on holding."""
    register = memory_register()
    done = _filed(register)
    digest = done.change.event.command.attachments[0].digest
    erased = register.do("lindqvist", "erase", entry=done.index, fields=fields, because="asked to")
    assert register.reading.document("C-1", digest) is None
    with pytest.raises(UnknownError, match="an act erased it"):
        _handed(register, "marchenko", "C-1", digest)
    report = _audited(register)
    assert report.follows, report.first
    assert report.size > erased.index


def test_documents_that_an_entry_does_not_have_are_not_erased() -> None:
    """Where it brought none, or they went with its payload, it is said what there is instead."""
    register = memory_register()
    filed = _filed(register).index
    case = register.reading.case("C-1")
    assert case is not None
    without = register.do("marchenko", "submit", "C-2", request=case.request).index
    register.do("lindqvist", "erase", entry=filed, fields=["payload"], because="asked to")
    size = len(list(register.reading.entries()))
    left = {without: "actor, evidence, payload", filed: "actor, evidence", 0: "evidence"}
    for entry, what in left.items():
        for fields in (["documents"], ["evidence", "documents"]):
            with pytest.raises(UnknownError, match=f"has no documents .* is {what}[.]"):
                register.do("lindqvist", "erase", entry=entry, fields=fields, because="asked to")
    assert len(list(register.reading.entries())) == size
    for entry in (without, filed):
        rest = ["actor", "evidence"] if entry == filed else ["actor", "evidence", "payload"]
        register.do("lindqvist", "erase", entry=entry, fields=rest, because="asked to")
        with pytest.raises(UnknownError, match="nothing of it is left"):
            register.do("lindqvist", "erase", entry=entry, fields=["documents"], because="more")
    assert _audited(register).follows


def test_a_document_that_came_back_after_its_erasure_is_named() -> None:
    """Who puts an erased document back is found out."""
    register = memory_register()
    done = _filed(register)
    digest = done.change.event.command.attachments[0].digest
    register.do("lindqvist", "erase", entry=done.index, fields=("documents",), because="asked to")
    vars(register.recording)["_documents"][done.index][digest] = b"An annex."
    first = _audited(register).first
    assert first is not None
    assert (first.index, "still there" in str(first)) == (done.index, True)


def _audited(register: Register) -> Any:
    keys = register.reading.log_keys()
    return audit(register.reading, ORIGIN, keys, permit_keys=permit_keys())


def test_what_is_refused_leaves_no_document() -> None:
    """Where the act is refused, nothing of it is kept."""
    register = memory_register()
    plain = dict(read(UKRAINE / "requests" / "atacms-in-russia.yaml").plain)
    register.begin()
    with pytest.raises(NotAllowedError):
        register.do("tan", "submit", "C-1", {"a.txt": b"x"}, request=plain)
    assert register.reading.heads().documents == {}
