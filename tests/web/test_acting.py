"""Acting from a browser: what is shown is what is signed, and nothing is done without evidence."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from steps import PASSWORD, new_case, signing

from placet.registry import read
from placet.review import CASE_COMMANDS, CONTEXT_COMMANDS, RECORD_COMMANDS
from placet.web.acting.about import about

Browser = Callable[..., Any]


@pytest.fixture
def case(office: Any, ukraine: Path) -> str:
    """A case that was filed and determined, by operations."""
    return new_case(office, ukraine)


DECISION = {
    "party": "US",
    "office": "us/secdef",
    "verdict": "approve",
    "because": "a military object",
    "disclosed": "The United States agrees.",
    "provisos.text": "two missiles at most",
}


def test_a_decision_is_shown_then_signed_by_word_and_done(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """The Secretary decides in two steps, and the case has the decision."""
    browser = signed_in("secretary")
    shown = browser.post("/act/decide/", {"on-case": case, **DECISION})
    page = shown.content.decode()
    assert shown.status_code == 200, page
    assert "two missiles at most" in page
    sent = signing(page)
    done = browser.post("/sign/", {**sent, "by": "word", "password": PASSWORD})
    assert done.status_code == 302, done.content.decode()
    decisions = office.house.reading.case(case).decisions
    assert [(each.person, str(each.verdict)) for each in decisions] == [("secretary", "approve")]


def test_a_wrong_password_signs_nothing(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """Without the password nothing is written, and the page says so."""
    browser = signed_in("secretary")
    page = browser.post("/act/decide/", {"on-case": case, **DECISION}).content.decode()
    sent = signing(page)
    done = browser.post("/sign/", {**sent, "by": "word", "password": "wrong"})
    assert done.status_code == 422
    assert "not your password" in done.content.decode()
    assert office.house.reading.case(case).decisions == ()


def test_a_word_that_nobody_was_asked_for_signs_nothing(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """The word of a demonstration is given by the pages, never by what a browser sends."""
    browser = signed_in("secretary")
    page = browser.post("/act/decide/", {"on-case": case, **DECISION}).content.decode()
    sent = signing(page)
    digest = sent["digest"].removeprefix("sha256:")
    word = f'{{"kind": "demonstration", "digest": "{digest}"}}'
    done = browser.post("/sign/", {**sent, "passkey": word})
    assert done.status_code == 422
    assert office.house.reading.case(case).decisions == ()


def test_a_draft_that_was_changed_after_it_was_shown_is_shown_again(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """What is signed is what the digest on the page is of."""
    browser = signed_in("secretary")
    page = browser.post("/act/decide/", {"on-case": case, **DECISION}).content.decode()
    sent = signing(page)
    sent["draft"] = sent["draft"].replace("a military object", "another reason")
    done = browser.post("/sign/", {**sent, "by": "word", "password": PASSWORD})
    assert done.status_code == 422
    assert "has changed since it was shown" in done.content.decode()
    assert office.house.reading.case(case).decisions == ()


def test_an_ssh_signature_over_the_saved_statement_decides(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """With scripts off, a signature made elsewhere is as good, and stronger than the word."""
    import base64

    browser = signed_in("secretary")
    page = browser.post("/act/decide/", {"on-case": case, **DECISION}).content.decode()
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", page)
    assert found
    signature = office.keys.sign("secretary", base64.b64decode(found.group(1)))
    sent = signing(page)
    done = browser.post("/sign/", {**sent, "signature-text": signature})
    assert done.status_code == 302, done.content.decode()[:3000]
    entry = office.house.reading.entries_of_case(case)[-1]
    assert entry.body.shown["evidence"]["kind"] == "ssh"


def test_who_has_no_part_in_a_case_is_told_of_none(
    signed_in: Callable[..., Any], case: str
) -> None:
    """A case that there is reads to a stranger as one that there is not."""
    stranger = signed_in("lindqvist")
    there = stranger.get(f"/cases/{case}/")
    absent = stranger.get("/cases/C-2222222222/")
    assert there.status_code == absent.status_code == 404
    pages = [
        re.sub(r'value="[A-Za-z0-9]{64}"', "", each.content.decode()).replace(name, "")
        for each, name in ((there, case), (absent, "C-2222222222"))
    ]
    assert pages[0] == pages[1]


def test_nobody_signed_in_sees_only_the_way_in(signed_in: Callable[..., Any], case: str) -> None:
    """Every page leads to signing in."""
    for address in ("/inbox/", f"/cases/{case}/", "/act/decide/", "/session/"):
        answer = signed_in().get(address)
        assert answer.status_code == 302, address
        assert answer["location"].startswith("/account/login/")


def test_a_form_says_what_an_act_does_in_words_for_people(signed_in: Browser, case: str) -> None:
    """Every kind of act has its sentence, and none names a field as programs do."""
    for kind in (*CASE_COMMANDS, *CONTEXT_COMMANDS, *RECORD_COMMANDS):
        said = about(kind)
        assert said.endswith(".")
        assert not {"`", "_"} & set(said), kind
    shown = signed_in("secretary").get("/act/decide/", {"on-case": case}).content.decode()
    assert about("decide") in html.unescape(shown)


@pytest.mark.parametrize("asked", [{}, {"on-case": "nope"}, {"case": "nope"}])
def test_an_act_on_a_case_is_begun_on_a_case_that_is_there(
    signed_in: Browser, asked: dict[str, str]
) -> None:
    """Nobody writes a decision before they learn that there is nothing to decide."""
    assert signed_in("secretary").get("/act/decide/", asked).status_code == 404


def test_who_comes_back_to_the_signing_page_is_told_that_nothing_was_signed(
    signed_in: Browser,
) -> None:
    """By its address alone, as after signing in anew, it leads to the inbox and says so."""
    answer = signed_in("secretary").get("/sign/", follow=True)
    assert answer.redirect_chain[-1][0] == "/inbox/"
    assert "Nothing was signed." in answer.content.decode()


def test_a_decision_is_signed_with_the_request_in_words_beside_it(
    signed_in: Browser, case: str
) -> None:
    """The Secretary reads what is asked for, and not only the digests of the statement."""
    page = signed_in("secretary").post("/act/decide/", {"on-case": case, **DECISION})
    shown = html.unescape(page.content.decode())
    says = re.search(r'<p class="says">(.*?)</p>', shown)
    assert says
    who = "You approve, for the United States, the use of "
    assert re.fullmatch(rf"{who}.* by Ukraine in .*, with 1 limit, and tell Ukraine: “.+”", says[1])
    assert shown.index('class="says"') < shown.index('id="statement"')
    assert 'id="permit"' not in shown


def test_the_file_of_an_instrument_gives_its_digest_and_is_not_kept() -> None:
    """The digest of a consent's instrument is computed here; a time of day makes an instant."""
    import hashlib

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.http import QueryDict
    from django.utils.datastructures import MultiValueDict

    from placet.web.acting.fields import fields_of, plain_of

    file = SimpleUploadedFile("note.pdf", b"a note verbale")
    files = {"instrument-digest.file": [file]}
    sent = QueryDict("given-on=2025-08-01&until=2025-09-01&until.time=14%3A30")
    found = plain_of(fields_of("record-consent", "case"), sent, MultiValueDict(files))
    assert found == {
        "given-on": "2025-08-01",
        "until": "2025-09-01T14:30:00Z",
        "instrument-digest": f"sha256:{hashlib.sha256(b'a note verbale').hexdigest()}",
    }


@pytest.mark.parametrize(
    ("sent", "until"),
    [
        ("until.last=2025-12-31", "2026-01-01"),
        ("until.last=2025-12-31&until.time=14%3A30", "2025-12-31T14:30:00Z"),
        ("until.last=soon", "soon"),
    ],
)
def test_a_last_day_is_included_in_every_form(sent: str, until: str) -> None:
    """It ends with that day, or at a moment on it; what is no day is left to be refused."""
    from django.http import QueryDict
    from django.utils.datastructures import MultiValueDict

    from placet.web.acting.fields import fields_of, plain_of

    assert plain_of(fields_of("issue", "case"), QueryDict(sent), MultiValueDict())["until"] == until


def test_the_form_of_a_consent_takes_the_file_of_its_instrument(
    signed_in: Browser, case: str
) -> None:
    """What a form asks for can be given without computing anything by hand, scripts or none."""
    shown = signed_in("whitfield").get("/act/record-consent/", {"on-case": case}).content.decode()
    assert 'enctype="multipart/form-data"' in shown
    assert re.search(r'name="[a-z_-]*digest.file" type="file"', shown)
    assert re.search(r'name="given[-_]on" type="date"', shown)


def test_the_form_of_a_consent_says_what_the_case_says(
    signed_in: Browser, office: Any, ukraine: Path
) -> None:
    """The party by name and no other, lines by what they are of; no verdict and no code is there.

    What is missing is said at its field.
    """
    asked = read(ukraine / "requests" / "atacms-in-russia.yaml").plain["lines"]
    assert isinstance(asked, dict)
    lines = {**asked, "rockets": {"item": "gmlrs", "quantity": "6"}}
    case = new_case(office, ukraine, lines=lines)
    begun = {"on-case": case, "party": "FR"}
    shown = signed_in("whitfield").get("/act/record-consent/", begun).content.decode()
    party = re.search(r'<select id="f-party".*?</select>', shown, re.DOTALL)
    assert party
    assert re.findall(r'value="(\w*)">([^<]*)<', party[0]) == [("FR", "France")]
    verdict = re.search(r'<select id="f-verdict".*?</select>', shown, re.DOTALL)
    assert verdict
    assert " selected" not in verdict[0]
    assert 'type="checkbox" name="lines" value="rockets"> 6 \u00d7 GMLRS rocket' in shown
    assert '<fieldset class="limits">' in shown
    assert "at-most:" not in shown
    sent = {**begun, "verdict": "approve", "given-by": "x", "given-on": "2025-10-01"}
    sent |= {"instrument": "a note", "disclosed": "France agrees.", "lines": ["rockets"]}
    answer = signed_in("whitfield").post("/act/record-consent/", sent)
    again = answer.content.decode()
    assert answer.status_code == 400
    assert re.search(r'id="p-instrument-digest">(<p>)?This is needed\.', again)
    assert "Field required" not in again
    assert 'name="lines" value="rockets" checked' in again


def test_what_is_signed_too_late_comes_back_with_what_changed_and_what_was_typed(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """Determined anew for nothing, it is signed; to another answer, the difference is in words.

    The form stands on the page of the case with what was typed, and can be sent again from there.
    """
    from placet.operations.acting.act import act
    from placet.operations.acting.signing_in import resume_demonstration
    from placet.review import RepeatedError, command_of

    def do(person: str, kind: str, **fields: object) -> None:
        act(
            office.house,
            resume_demonstration(office.house, person),
            command_of(kind, fields),
            case=case,
        )

    back = f"/cases/{case}/"
    digest = office.house.reading.case(case).determined.digest
    typed = {**DECISION, "because": "a long reason", "determination": digest}
    browser = signed_in("secretary")
    page = browser.post("/act/decide/", {"on-case": case, "back": back, **typed}).content.decode()
    with pytest.raises(RepeatedError, match="Nothing has changed"):
        do("whitfield", "determine")
    request = office.house.reading.case(case).request
    do("whitfield", "ask", asks="Where?")
    do("marchenko", "supply", question=0, says="at home", request={**request, "area": "UA-63"})
    do("whitfield", "determine")
    sent = signing(page)
    late = browser.post("/sign/", {**sent, "by": "word", "password": PASSWORD})
    again = late.content.decode()
    assert late.status_code == 409
    assert "determined anew since you looked at it" in again
    assert "the rules that bear on it, new:" in again
    assert "a long reason" in again
    assert digest not in again


def test_who_does_not_sign_finds_what_they_wrote_where_they_wrote_it(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """The way back from signing gives the form back as it was filled in, and does nothing."""
    browser, back = signed_in("secretary"), f"/cases/{case}/"
    typed = {**DECISION, "because": "a long reason", "until.last": "2099-12-31"}
    page = browser.post("/act/decide/", {"on-case": case, "back": back, **typed}).content.decode()
    way = re.search(r'<button[^>]*name="do" value="back"[^>]*>Do not sign; go back</button>', page)
    assert way
    again = browser.post("/sign/", {**signing(page), "do": "back"})
    form = again.content.decode()
    assert again.status_code == 200
    assert "Who must say yes, and why" in form
    for kept in (
        "a long reason</textarea>",
        'value="2099-12-31"',
        'value="approve" required check',
    ):
        assert kept in form
    assert 'role="alert"' not in form
    assert office.house.reading.case(case).decisions == ()


def test_who_does_not_sign_an_act_on_no_case_goes_back_to_its_form(
    signed_in: Callable[..., Any],
) -> None:
    """What was written of an appointment stands in its form again."""
    browser = signed_in("lindqvist")
    typed = {
        "office": "us/state",
        "person.new": "smith",
        "name": "Ann Smith",
        "from": "2099-01-01",
        "because": "a new desk",
    }
    page = browser.post("/act/appoint/", {"back": "/authority/", **typed}).content.decode()
    again = browser.post("/sign/", {**signing(page), "do": "back"})
    form = again.content.decode()
    assert again.status_code == 200
    assert "a new desk</textarea>" in form
    assert 'value="Ann Smith"' in form
    assert 'name="back" value="/authority/"' in form
