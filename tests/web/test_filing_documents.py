"""Documents on the pages and over the API: sent, filed with a request, handed out, and to whom."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from api_sample import caller
from django.core.files.uploadedfile import SimpleUploadedFile
from steps import PASSWORD, new_case, request_of, signing
from test_new_request import PAGE, STRIKE

from placet.operations.acting.documents import LARGEST, MOST, TOGETHER

Browser = Callable[..., Any]
PDF = b"%PDF-1.7\n% an annex\n"


@pytest.fixture(autouse=True)
def nothing_left(office: Any) -> Iterator[None]:
    """Begin and end without documents that wait."""
    from placet.web.models import Draft, Upload

    assert office.house
    for _ in range(2):
        Upload.objects.all().delete()
        Draft.objects.all().delete()
        if not _:
            yield


def _file(name: str = "annex.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "text/html")


def _ticked(page: str) -> list[str]:
    return re.findall(r'name="upload" value="(\d+)" checked', page)


def _filed(signed_in: Browser, *files: SimpleUploadedFile) -> str:
    """File a request with documents on the page; return the case."""
    sent = {**STRIKE, "document": list(files), "do": "file"}
    answer = signed_in("marchenko").post(PAGE, sent)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["location"].strip("/").rpartition("/")[2])


def test_a_document_is_attached_kept_and_filed_with_the_request(
    signed_in: Browser, office: Any
) -> None:
    """Attached, it is ticked; unticked, it stays behind; filed, the entry names its digest."""
    from placet.web.models import Upload

    browser = signed_in("marchenko")
    sent = {**STRIKE, "document": [_file(), _file("plan.csv", b"a,b\n")], "do": "attach"}
    keys = _ticked(browser.post(PAGE, sent).content.decode())
    assert len(keys) == 2
    draft = browser.post(PAGE, {**STRIKE, "upload": keys, "do": "keep"})["location"].removesuffix(
        "#keep"
    )
    assert _ticked(browser.get(draft).content.decode()) == keys
    key = draft.rpartition("=")[2]
    filed = browser.post(PAGE, {**STRIKE, "draft": key, "upload": keys[:1], "do": "file"})
    case = office.house.reading.case(filed["location"].strip("/").rpartition("/")[2])
    digest = f"sha256:{hashlib.sha256(PDF).hexdigest()}"
    (attached,) = case.attachments
    assert attached.model_dump() == {
        "name": "annex.pdf",
        "media": "application/pdf",
        "size": len(PDF),
        "digest": digest,
    }
    (entry,) = office.house.reading.entries_of_case(case.id)
    assert entry.body.shown["payload"]["command"]["attachments"][0]["digest"] == digest
    assert office.house.reading.document(case.id, digest) == PDF
    assert not Upload.objects.exists()


def test_a_document_is_saved_and_never_shown(signed_in: Browser) -> None:
    """As a file, of the type that it holds, in a box in which nothing runs; for nobody to keep."""
    page = b"<script>alert(1)</script>"
    case = _filed(signed_in, _file("État.txt", page))
    shown = signed_in("whitfield").get(f"/cases/{case}/").content.decode()
    found = re.search(rf'href="(/cases/{case}/documents/[^"]+)" download>État.txt</a>', shown)
    assert found
    answer = signed_in("whitfield").get(unescape(found[1]))
    assert answer.content == page
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%C3%89tat.txt"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cache-Control"] == "no-store"


def test_a_document_of_a_case_of_others_reads_as_none(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Who has no part in the case, and who names another case of theirs, gets nothing of it."""
    case = _filed(signed_in, _file())
    other = new_case(office, ukraine)
    digest = f"sha256:{hashlib.sha256(PDF).hexdigest()}"
    address = f"/cases/{case}/documents/{digest}"
    assert signed_in("marchenko").get(address).content == PDF
    assert signed_in().get(address).status_code == 302
    wrong = (
        ("commander", address),
        ("marchenko", f"/cases/{other}/documents/{digest}"),
        ("marchenko", f"/cases/{case}/documents/sha256:{'0' * 64}"),
        ("marchenko", f"/cases/{case}/documents/..%2f..%2fetc%2fpasswd"),
    )
    for person, wanted in wrong:
        answer = signed_in(person).get(wanted)
        assert (answer.status_code, PDF in answer.content) == (404, False), wanted


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([_file("a.pdf", b"%PDF-" + bytes(LARGEST))], "larger than 5 MB"),
        ([_file("a.pdf", b"MZ\x90\x00\x03")], "neither a PDF"),
        ([_file("a.pdf", b"plain words")], "does not end so"),
        ([_file("a.txt", b"")], "is empty"),
    ],
)
def test_what_is_not_taken_is_said_and_the_form_stays(
    signed_in: Browser, files: list[SimpleUploadedFile], says: str
) -> None:
    """Too large, of a type that is not taken, misnamed, empty: nothing is filed or kept."""
    from placet.web.models import Upload

    for each in files:
        each.seek(0)
    answer = signed_in("marchenko").post(PAGE, {**STRIKE, "document": files, "do": "file"})
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert says in page
    assert 'value="Use on a depot beyond the border"' in page
    assert not Upload.objects.exists()


def test_more_than_is_taken_is_let_go_while_it_is_read(signed_in: Browser) -> None:
    """Of too many files no more is held than one too many, and far too much is not read at all."""
    many = [_file(f"{number}.txt", b"%d" % number) for number in range(3 * MOST)]
    answer = signed_in("marchenko").post(PAGE, {**STRIKE, "document": many, "do": "file"})
    assert "At most 10 documents" in unescape(answer.content.decode())
    assert _ticked(answer.content.decode()) == []
    browser = signed_in("marchenko")
    length = {"CONTENT_LENGTH": str(4 * TOGETHER)}
    answer = browser.generic("POST", PAGE, b"--x", "multipart/form-data; boundary=x", **length)
    assert answer.status_code == 400


def test_more_than_goes_along_is_said_when_it_is_attached(signed_in: Browser) -> None:
    """Not only once it is filed; what was attached before stays, and the form says the bounds."""
    browser = signed_in("marchenko")
    some = [_file(f"{number}.txt", b"%d" % number) for number in range(MOST - 1)]
    page = browser.post(PAGE, {**STRIKE, "document": some, "do": "attach"})
    kept = _ticked(page.content.decode())
    two = [_file("x.txt", b"x"), _file("y.txt", b"y")]
    answer = browser.post(PAGE, {**STRIKE, "upload": kept, "document": two, "do": "attach"})
    assert answer.status_code == 422
    assert "At most 10 documents go along at once, of 20 MB together." in answer.content.decode()
    assert _ticked(answer.content.decode()) == kept
    large = [_file(f"{name}.pdf", b"%PDF-" + bytes(LARGEST - 9)) for name in "abcde"]
    answer = browser.post(PAGE, {**STRIKE, "document": large, "do": "attach"})
    assert (answer.status_code, _ticked(answer.content.decode())) == (422, [])
    assert "each up to 5 MB, ten at most, 20 MB together" in answer.content.decode()


def test_what_others_sent_is_theirs(signed_in: Browser) -> None:
    """Nobody files, sees or keeps with a draft what another person sent."""
    from placet.web.models import Upload

    sent = {**STRIKE, "document": [_file()], "do": "attach"}
    keys = _ticked(signed_in("marchenko").post(PAGE, sent).content.decode())
    page = signed_in("hart").post(PAGE, {**STRIKE, "upload": keys, "do": "attach"})
    assert _ticked(page.content.decode()) == []
    signed_in("hart").post(PAGE, {**STRIKE, "upload": keys, "do": "keep"})
    assert [each.draft for each in Upload.objects.all()] == [None]


def test_what_nobody_files_is_forgotten(signed_in: Browser, office: Any) -> None:
    """After a day, unless a draft has it; and a draft's goes with the draft."""
    from placet.web.models import Upload
    from placet.web.uploads import KEPT_FOR

    browser = signed_in("marchenko")
    browser.post(PAGE, {**STRIKE, "document": [_file("old.pdf")], "do": "attach"})
    draft = browser.post(PAGE, {**STRIKE, "document": [_file("kept.pdf")], "do": "keep"})
    long_ago = office.house.clock.now() - KEPT_FOR - timedelta(minutes=1)
    Upload.objects.update(sent_at=long_ago)
    signed_in("hart").post(PAGE, {**STRIKE, "document": [_file("new.pdf")], "do": "attach"})
    assert {each.name for each in Upload.objects.all()} == {"kept.pdf", "new.pdf"}
    key = draft["location"].removesuffix("#keep").rpartition("=")[2]
    browser.post(PAGE, {**STRIKE, "draft": key, "do": "remove"})
    assert {each.name for each in Upload.objects.all()} == {"new.pdf"}


def test_an_answer_brings_documents_as_well(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """The form of an answer takes files; what is refused keeps what was sent, ticked."""
    case = new_case(office, ukraine, ("whitfield", "ask", {"asks": "With whom?"}))
    browser = signed_in("marchenko")
    assert 'enctype="multipart/form-data"' in browser.get(f"/cases/{case}/").content.decode()
    request = office.house.reading.case(case).request
    import json

    sent = {"on-case": case, "question": "7", "request": json.dumps(request), "says": "Alone."}
    refused = browser.post("/act/supply/", {**sent, "document": [_file()]})
    keys = _ticked(refused.content.decode())
    assert len(keys) == 1
    done = browser.post("/act/supply/", {**sent, "question": "0", "upload": keys})
    assert done.status_code == 302, done.content.decode()
    assert [each.name for each in office.house.reading.case(case).attachments] == ["annex.pdf"]


# --- over the API


def test_a_program_sends_a_document_then_files_it(office: Any, ukraine: Any) -> None:
    """What it is told of the document it names in the act; others cannot name it for theirs."""
    from django.test import Client

    mine, other = caller(office.house, "marchenko"), caller(office.house, "hart")
    client = Client(HTTP_HOST="localhost")
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {mine.secret}"}
    answer = client.post("/api/v1/documents", {"document": _file()}, **bearer)
    assert answer.status_code == 201, answer.content
    plain = request_of(ukraine)
    act = {"act": {"request": plain, "attachments": [answer.json()]}}
    refused = other.post("/acts/submit", act)
    assert (refused.status_code, "did not come along" in refused.json()["detail"]) == (422, True)
    lied = {**answer.json(), "media": "text/html"}
    refused = mine.post("/acts/submit", {"act": {"request": plain, "attachments": [lied]}})
    assert (refused.status_code, "not what the act says" in refused.json()["detail"]) == (422, True)
    done = mine.post("/acts/submit", act)
    assert done.status_code == 201, done.content
    address = f"/cases/{done.json()['case']}/documents/{answer.json()['digest']}"
    handed = mine.get(address)
    assert (handed.status_code, handed.content) == (200, PDF)
    assert handed["Content-Disposition"] == 'attachment; filename="annex.pdf"'
    assert caller(office.house, "commander").get(address).status_code == 404


def test_a_form_that_is_none_is_refused_as_such(office: Any) -> None:
    """No file, a broken form, far too much: a problem each, and never a defect."""
    from django.test import Client

    secret = caller(office.house, "marchenko").secret
    client = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {secret}")
    kind = "multipart/form-data; boundary=x"
    length = {"CONTENT_LENGTH": str(4 * TOGETHER)}
    answers = [
        client.post("/api/v1/documents", {"other": "x"}),
        client.generic("POST", "/api/v1/documents", b"--y\r\n\r\n", "multipart/form-data"),
        client.generic("POST", "/api/v1/documents", b"--x", kind, **length),
        client.post("/api/v1/documents", {"document": _file("a.exe", b"MZ\x90")}),
    ]
    assert [each.status_code for each in answers] == [422, 400, 413, 422]
    assert all(each["Content-Type"] == "application/problem+json" for each in answers)


# --- the instrument of a consent


def test_the_instrument_of_a_consent_is_kept_with_it(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Its digest is taken from the file; who may see the consent has it, and the applicant not.

    What is refused keeps the file, ticked; an erasure takes it away and leaves its name.
    """
    plain = request_of(ukraine, "storm-shadow-in-russia")
    case = new_case(office, ukraine, **plain)
    browser, note = signed_in("whitfield"), b"%PDF-1.7\n% a note verbale\n"
    sent = {"on-case": case, "party": "FR", "given-by": "the President", "given-on": "2025-10-01"}
    sent |= {"instrument": "Note 12", "disclosed": "France agrees."}
    file = {"instrument-digest.file": _file("note.pdf", note)}
    refused = browser.post("/act/record-consent/", {**sent, **file})
    assert refused.status_code == 400
    assert "Whoever may see the consent can read them." in refused.content.decode()
    lines = re.findall(r'<input [^>]*name="(given-by|instrument)"', refused.content.decode())
    assert lines == ["given-by", "instrument"], "a name is asked for on one line"
    assert refused.content.decode().count("hat the applicant is told") == 1
    keys = _ticked(refused.content.decode())
    shown = browser.post("/act/record-consent/", {**sent, "verdict": "approve", "upload": keys})
    page = shown.content.decode()
    assert shown.status_code == 200, page
    given = signing(page)
    done = browser.post("/sign/", {**given, "by": "word", "password": PASSWORD})
    assert done.status_code == 302, done.content.decode()
    digest = f"sha256:{hashlib.sha256(note).hexdigest()}"
    (decision,) = office.house.reading.case(case).decisions
    assert [each.digest for each in decision.attachments] == [digest]
    assert decision.external["instrument-digest"] == digest
    address = f"/cases/{case}/documents/{digest}"
    box = browser.get(f"/cases/{case}/").content.decode()
    assert re.search(rf'<a href="{address}" download>note.pdf</a>', box)
    assert browser.get(address).content == note
    assert signed_in("secretary").get(address).content == note
    assert signed_in("tan").get(address).content == note
    assert signed_in("marchenko").get(address).status_code == 404
    assert "note.pdf" not in signed_in("marchenko").get(f"/cases/{case}/").content.decode()
    _erase(signed_in("lindqvist"), office.house.reading.entries_of_case(case)[-1].index)
    gone = browser.get(address)
    assert (gone.status_code, "is not kept any more" in gone.content.decode()) == (404, True)


def _erase(browser: Any, entry: int) -> None:
    """Have the documents of an entry erased, by the word of a demonstration."""
    said = {"entry": str(entry), "fields": ["documents"], "because": "by law"}
    page = browser.post("/act/erase/", said).content.decode()
    given = signing(page)
    done = browser.post("/sign/", {**given, "by": "word", "password": PASSWORD})
    assert done.status_code == 302, done.content.decode()
