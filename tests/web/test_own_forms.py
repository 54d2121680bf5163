"""Appointments, facts and policies: forms that know what is on record, and check what is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from placet.web.acting.facts import KINDS

Browser = Callable[..., Any]

REVIEW = "2025-strike-review"


def _stated(shown: str) -> str:
    """Return the statement on a signing page."""
    found = re.search(r'id="statement"[^>]*>(.*?)</pre>', shown, re.DOTALL)
    assert found, shown
    return unescape(found[1])


def test_a_person_is_appointed_by_choosing_office_and_days(signed_in: Browser) -> None:
    """One on record keeps their name; of somebody new it is asked; the record's id is made."""
    browser = signed_in("lindqvist")
    shown = unescape(browser.get("/act/appoint/").content.decode())
    assert ">Under Secretary of Defense for Policy (United States)</option>" in shown
    assert ">Edmund Hart (hart)</option>" in shown
    offices = re.findall(r'<option value="\w+/[^"]*"[^>]*>[^<]*\(([^()]*)\)</option>', shown)
    assert offices[0] == "United States"
    assert offices == sorted(offices, key=lambda each: each != "United States"), "own ones first"
    assert 'name="official"' not in shown
    days = {"from": "2099-01-01", "until.last": "2099-01-31", "because": "a holiday"}
    known = {"office": "us/usd-policy", "person": "okafor", **days}
    said = _stated(browser.post("/act/appoint/", known).content.decode())
    for each in (
        "name: Rose Okafor",
        "official: okafor-usd-policy-2099-01-01",
        "until: 2099-02-01",
    ):
        assert each in said
    new = {"office": "us/usd-policy", "person.new": "doe", "name": "Jane Doe", **days}
    said = _stated(browser.post("/act/appoint/", new).content.decode())
    assert "person: doe" in said
    assert "name: Jane Doe" in said


def test_nobody_chosen_and_nobody_named_is_said_beside_the_fields(signed_in: Browser) -> None:
    """What is missing of an appointment stands where it is asked for."""
    sent = {"office": "us/usd-policy", "from": "2099-01-01", "because": "a holiday"}
    answer = signed_in("lindqvist").post("/act/appoint/", sent)
    assert answer.status_code == 400
    assert 'id="p-person">This is needed.' in answer.content.decode()


@pytest.mark.parametrize("section", KINDS)
def test_every_kind_of_fact_has_a_form(signed_in: Browser, section: str) -> None:
    """Each is chosen from a list, and asks for fields of its own."""
    browser = signed_in("lindqvist")
    assert f'?section={section}"' in browser.get("/act/record-fact/").content.decode()
    answer = browser.get("/act/record-fact/", {"section": section})
    shown = answer.content.decode()
    assert (answer.status_code, 'name="record.' in shown) == (200, True)
    assert not re.search(r'<textarea[^>]* name="record\.(?!because|when|about|note)', shown) or (
        section in MANY
    )
    assert "as in {" not in shown


MANY = ("areas", "agreements", "findings", "items", "lots", "posture")
"""Kinds with lists that are longer than is ticked, or of words: areas by code, items, lots."""


def test_a_service_is_withdrawn_by_choosing_and_by_its_day(signed_in: Browser, office: Any) -> None:
    """Each change that stands has its fields, a further one too; what stood is signed as it was."""
    browser = signed_in("lindqvist")
    asked = {"section": "items", "id": "us-targeting-data", "supersedes": "yes"}
    shown = unescape(browser.get("/act/record-fact/", asked).content.decode())
    held = office.house.reading.context().plain["registry"]["items"]["us-targeting-data"]
    stood, number = held["availability"], len(held["availability"])
    fields = re.findall(r'name="(record\.availability\.\d+\.status)"', shown)
    assert fields == [f"record.availability.{each}.status" for each in range(number + 1)]
    sent: dict[str, Any] = {**asked, "because": "paused again"}
    for name, value in re.findall(
        r'name="(record\.[\w.-]+)" value="([^"]*)"(?: checked|[^>]*>)', shown
    ):
        sent.setdefault(name, []).append(value)
    ticked = re.findall(r'name="(record\.[\w.-]+)" value="([^"]+)" checked', shown)
    boxes = {name for name, _ in re.findall(r'type="checkbox" name="(record[^"]+)"( )', shown)}
    sent = {name: each for name, each in sent.items() if name not in boxes}
    for name, value in ticked:
        sent.setdefault(name, []).append(value)
    for select in re.findall(r'<select[^>]* name="record\..*?</select>', shown, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]+)"', select)
        name = re.search(r'name="([^"]+)"', select)
        if chosen and name:
            sent[name[1]] = chosen[1]
    sent[f"record.availability.{number}.status"] = "withdrawn"
    sent[f"record.availability.{number}.from"] = "2099-01-01"
    said = _stated(browser.post("/act/record-fact/", sent).content.decode())
    assert said.count("status:") == number + 1
    assert (
        "from: '2099-01-01'" in said or 'from: "2099-01-01"' in said or "from: 2099-01-01" in said
    )
    for each in stood:
        assert str(each["from"]) in said


def test_what_an_activity_amounts_to_is_chosen(signed_in: Browser) -> None:
    """Of a reliance each activity can engage another on what is relied on."""
    shown = unescape(
        signed_in("lindqvist").get("/act/record-fact/", {"section": "reliances"}).content.decode()
    )
    select = re.search(r'<select id="f-record.engages.use".*?</select>', shown, re.DOTALL)
    assert select
    assert 'value="disclosure"' in select[0]


def test_a_fact_is_corrected_from_what_is_on_record(signed_in: Browser, office: Any) -> None:
    """Its fields stand there as they are; what is signed differs in what was changed alone."""
    browser = signed_in("lindqvist")
    asked = {"section": "items", "id": "storm-shadow", "supersedes": "yes"}
    shown = unescape(browser.get("/act/record-fact/", asked).content.decode())
    assert 'name="record.name" value="Storm Shadow"' in shown
    ticked = re.findall(r'name="record\.([\w.]+)" value="([^"]+)" checked', shown)
    assert {("origin", "GB"), ("origin", "FR"), ("classes", "missile.long-range")} < {*ticked}
    record: dict[str, list[str]] = {}
    for name, value in ticked:
        record.setdefault(f"record.{name}", []).append(value)
    sent = {**asked, **record, "record.name": "Storm Shadow / SCALP", "because": "its two names"}
    said = _stated(browser.post("/act/record-fact/", sent).content.decode())
    held = office.house.reading.context().plain["registry"]["items"]["storm-shadow"]
    assert "name: Storm Shadow / SCALP" in said
    assert "supersedes: true" in said
    for each in held["sources"]:
        assert f"- {each}" in said


def test_what_is_wrong_with_a_fact_stands_beside_its_field(signed_in: Browser) -> None:
    """That it would not hold together is said before anybody signs, and where."""
    sent = {"section": "stock", "id": "us-new", "because": "counted", "record.item": "atacms"}
    wrong = {**sent, "record.on-hand": "many", "record.from": "soon"}
    answer = signed_in("lindqvist").post("/act/record-fact/", wrong)
    assert answer.status_code == 400
    shown = unescape(answer.content.decode())
    for name in ("party", "on-hand", "from"):
        assert f'id="p-record.{name}">' in shown
    assert 'value="many"' in shown
    right = {**sent, "record.party": "US", "record.on-hand": "40", "record.from": "2026-01"}
    said = _stated(signed_in("lindqvist").post("/act/record-fact/", right).content.decode())
    assert "on-hand: '40'" in said or "on-hand: 40" in said or 'on-hand: "40"' in said


def test_a_policy_is_checked_as_it_is_written(signed_in: Browser) -> None:
    """The example holds together; what does not is said by line and column, and nothing is done."""
    browser = signed_in("hart")
    shown = unescape(browser.get("/act/adopt-policy/").content.decode())
    found = re.search(r'<textarea id="f-text"[^>]*>(.*?)</textarea>', shown, re.DOTALL)
    assert found
    text, checking = found[1], {"do": "check", "party": "US"}
    right = browser.post("/act/adopt-policy/", {**checking, "text": text})
    assert (right.status_code, "it holds together" in right.content.decode()) == (200, True)
    wrong = text.replace("then: review", "then: ask")
    line = 1 + wrong[: wrong.index("then: ask")].count("\n")
    answer = browser.post("/act/adopt-policy/", {**checking, "text": wrong})
    assert f'id="p-text">Line {line}, column ' in answer.content.decode()
    torn = browser.post("/act/adopt-policy/", {**checking, "text": "title: [a"})
    assert re.search(r'id="p-text">Line \d, column ', torn.content.decode())
    signing = {"party": "US", "policy": "x", "because": "why", "text": wrong}
    assert browser.post("/act/adopt-policy/", signing).status_code == 400


def _in_file(browser: Any, data: bytes, **more: str) -> Any:
    """Send the form of a policy that comes as a file, beside the text that stood there before."""
    file = SimpleUploadedFile("policy.yaml", data)
    sent = {"party": "US", "policy": "2099-x", "because": "why", "text": "title: Before\n", **more}
    return browser.post("/act/adopt-policy/", {**sent, "text.file": file})


def _text_shown(answer: Any) -> str:
    """Return the text of the policy as it stands in its form."""
    found = re.search(
        r'<textarea id="f-text"[^>]*>(.*?)</textarea>', answer.content.decode(), re.DOTALL
    )
    assert found
    return unescape(found[1])


def test_a_policy_is_given_as_a_file(signed_in: Browser) -> None:
    """It takes the place of the text, is checked as that is, and stands there on the way back."""
    browser = signed_in("hart")
    form = browser.get("/act/adopt-policy/")
    assert 'name="text.file" type="file"' in form.content.decode()
    text = _text_shown(form).replace("Review of each use", "Café")
    checked = _in_file(browser, b"\xef\xbb\xbf" + text.encode(), do="check")
    assert (checked.status_code, _text_shown(checked).strip()) == (200, text.strip())
    assert "it holds together" in checked.content.decode()
    signing = _in_file(browser, text.replace("\n", "\r\n").encode())
    assert "title: Café" in _stated(signing.content.decode())
    draft = re.search(r'name="draft" value="([^"]*)"', signing.content.decode())
    assert draft
    back = browser.post("/sign/", {"draft": unescape(draft[1]), "do": "back"})
    assert _text_shown(back).strip() == text.strip()
    wrong = text.replace("then: review", "then: ask")
    line = 1 + wrong[: wrong.index("then: ask")].count("\n")
    refused = _in_file(browser, wrong.encode())
    assert (refused.status_code, _text_shown(refused).strip()) == (400, wrong.strip())
    assert f'id="p-text">Line {line}, column ' in refused.content.decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        ("title: Überprüfung\nrules: é".encode("latin-1"), "Line 1, column 8"),
        ("title: ü\nrules: ".encode() + b"\xff", "Line 2, column 8"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "Line 2, column 2"),
        (b"title: a\x00b", "Line 1, column 9"),
        (b"# " + b"x" * (256 << 10), "The file is larger than 256 KB"),
    ],
)
def test_a_file_that_is_no_text_is_no_policy(signed_in: Browser, data: bytes, says: str) -> None:
    """What is wrong stands beside the text, which stays what it was."""
    answer = _in_file(signed_in("hart"), data)
    assert (answer.status_code, _text_shown(answer).strip()) == (400, "title: Before")
    assert f'id="p-text">{says}' in unescape(answer.content.decode())


def _text_that_amends(browser: Any, policy: str) -> str:
    """Return the text that the form of another policy begins from."""
    shown = unescape(browser.get("/act/adopt-policy/", {"amends": policy}).content.decode())
    found = re.search(r'<textarea id="f-text"[^>]*>(.*?)</textarea>', shown, re.DOTALL)
    assert found
    return found[1]


def test_a_policy_in_force_is_amended(signed_in: Browser) -> None:
    """Its text is there to begin from, in its place; of another party's nothing is."""
    browser = signed_in("hart")
    begun = _text_that_amends(browser, "US/2025-strike-review")
    assert "- 2025-strike-review" in begun
    sent = {"party": "US", "policy": "2099-again", "because": "renewed", "text": begun}
    assert "supersedes:" in _stated(browser.post("/act/adopt-policy/", sent).content.decode())
    other = signed_in("marchenko").get("/act/adopt-policy/", {"amends": "US/2025-strike-review"})
    assert "each-strike" not in other.content.decode()


def test_what_is_on_record_is_offered_to_those_who_may_know_it(signed_in: Browser) -> None:
    """A party's stock stands in the form of its own people, and of nobody else's."""
    asked = {"section": "stock", "id": "us-patriot", "supersedes": "yes"}
    for person, knows in (("lindqvist", True), ("marchenko", False)):
        shown = signed_in(person).get("/act/record-fact/", asked).content.decode()
        assert ('<option value="us-patriot"' in shown) is knows
        assert ('value="red" selected' in shown or 'selected value="red"' in shown) is knows


def test_a_figure_of_stock_is_found_by_what_it_is_of_and_a_new_one_is_of_ones_own(
    signed_in: Browser,
) -> None:
    """Whoever keeps stock reads no ids, and does not choose their own party every morning."""
    shown = unescape(signed_in("reyes").get("/act/record-fact/?section=stock").content.decode())
    assert ">ATACMS, United States, from 1 Oct 2023 (us-atacms-2023)</option>" in shown
    (parties,) = re.findall(r'<select [^>]*name="record.party".*?</select>', shown, re.DOTALL)
    assert re.findall(r'<option selected value="(\w+)"', parties) == ["US"]


def test_a_policy_s_tests_stand_on_its_page_for_its_own_party(signed_in: Browser) -> None:
    """Each example with what comes out and why; of an announced policy Ukraine reads the rules."""
    shown = unescape(signed_in("hart").get("/policies/US/2025-strike-review/").content.decode())
    assert "Storm Shadow on the same airfield, without that data" in shown
    assert shown.count("</span> passes</span>") == 3
    announced = "/policies/US/2022-donor-conditions/"
    assert 'id="tests"' in signed_in("hart").get(announced).content.decode()
    other = signed_in("marchenko").get(announced).content.decode()
    assert "inside-ukraine" in other
    assert 'id="tests"' not in other
    assert "artillery position" not in other


def test_a_policy_whose_tests_fail_says_so_before_it_is_signed(signed_in: Browser) -> None:
    """Checking the text and the page of signing name the example and what is otherwise."""
    browser = signed_in("hart")
    begun = _text_that_amends(browser, "US/2025-strike-review")
    text = begun.replace("2025-07-01", "2099-07-01").replace("outcome: review", "outcome: clear")
    sent = {"party": "US", "policy": "2099-again", "because": "renewed", "text": text}
    for answer in (
        browser.post("/act/adopt-policy/", {**sent, "do": "check"}),
        browser.post("/act/adopt-policy/", sent),
    ):
        assert answer.status_code == 200
        said = unescape(answer.content.decode())
        assert "</span> fails</span>" in said
        assert "the outcome is review, not clear" in said


@pytest.mark.parametrize(
    ("person", "kind", "query"),
    [
        ("hart", "adopt-policy", {"amends": "US/2025-strike-review"}),
        ("reyes", "record-fact", {"section": "stock"}),
    ],
)
def test_a_form_that_begins_with_something_on_record_keeps_the_way_back(
    signed_in: Browser, person: str, kind: str, query: dict[str, str]
) -> None:
    """Each form and link by which it is begun anew takes the way back along."""
    sent = {**query, "back": "/policies/"}
    shown = signed_in(person).get(f"/act/{kind}/", sent).content.decode()
    main = shown[shown.index("<main") :]
    forms = re.findall(r"<form .*?</form>", main, re.DOTALL)
    assert len(forms) > 1
    assert all('name="back" value="/policies/"' in each for each in forms)
    again = re.findall(rf'href="(/act/{kind}/[^"]*)"', main)
    assert all("back=/policies/" in each for each in again)


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        (
            "delegate",
            {"delegation": "d", "of": "us/secdef", "to": "us/saceur", "activities": ["re-export"]}
            | {"from": "2099-01-01", "until": "2099-02-01"},
            (
                "You let Commander, US European Command act for Secretary of Defense in re-export "
                "alone, from 1 Jan 2099 through 31 Jan 2099."
            ),
        ),
        (
            "delegate",
            {"delegation": "d", "of": "us/secdef", "to": "us/saceur", "from": "2099-01-01"},
            (
                "You let Commander, US European Command act for Secretary of Defense in all that "
                "can be delegated, from 1 Jan 2099."
            ),
        ),
        (
            "revoke-delegation",
            {"delegation": "secdef-to-saceur"},
            (
                "You end the delegation by which Commander, US European Command may act for "
                "Secretary of Defense."
            ),
        ),
        (
            "appoint",
            {"official": "o", "person": "smith", "name": "Ann Smith", "office": "us/state"}
            | {"acting": True, "from": "2099-01-01T12:00:00Z"},
            "You appoint Ann Smith to act as Department of State, from 1 Jan 2099, 12:00 UTC.",
        ),
        (
            "dismiss",
            {"official": "hart", "until": "2099-02-01"},
            (
                "You end the time of Edmund Hart as Under Secretary of Defense for Policy: they "
                "hold it through 31 Jan 2099."
            ),
        ),
        (
            "register-key",
            {"key": "k", "person": "hart", "public": "ssh-ed25519 AAAA", "from": "2099-01-01"},
            "You put on record a key by which Edmund Hart signs, from 1 Jan 2099.",
        ),
        (
            "retire-key",
            {"key": "hart", "until": "2099-02-01"},
            "You have Edmund Hart sign by a key no longer: it signs through 31 Jan 2099.",
        ),
        (
            "record-fact",
            {"section": "stock", "id": "us-atacms-now", "record": {}},
            "You record a fact. Stock: us-atacms-now.",
        ),
        (
            "record-fact",
            {"section": "stock", "id": "us-patriot", "record": {}, "supersedes": True},
            "You record a fact in place of the one on record. Stock: us-patriot.",
        ),
        (
            "revise-book",
            {"party": "US", "fields": {"otherwise": "refuse", "break-glass": {}}},
            "You change what the book of the United States says of: break glass, otherwise.",
        ),
        (
            "end-policy",
            {"party": "US", "policy": REVIEW, "until": "2099-02-01"},
            (
                "You end, for the United States, the policy “Review of each long-range strike”: it "
                "holds through 31 Jan 2099."
            ),
        ),
        (
            "announce-policy",
            {"party": "US", "policy": REVIEW, "on": "2099-02-01"},
            (
                "You announce, for the United States, the policy “Review of each long-range strike”"
                ", on 1 Feb 2099."
            ),
        ),
        (
            "fulfil",
            {"need": "notify Congress", "instrument": "a letter"},
            "You record as done: notify Congress.",
        ),
        ("retract", {"need": "assurance from GB"}, "You take back: assurance from GB."),
        (
            "dismiss-appeal",
            {"party": "US", "office": "us/secdef", "disclosed": "no more"},
            (
                "You dismiss, for the United States, the appeal on the use of it, and tell "
                "the applicant: “no more”"
            ),
        ),
        (
            "erase",
            {"entry": 7, "fields": ["payload"]},
            "You erase, for ever, of entry 7: payload.",
        ),
        (
            "break-glass",
            {"party": "US", "office": "us/secdef", "hours": 1, "permit": "P", "status": 1}
            | {"determination": "sha256:" + "0" * 64},
            "You permit, for the United States and before its review, for 1 hour, the use of it.",
        ),
        (
            "review-after",
            {"permit": "P-1", "finding": "not-justified"},
            "You find that acting before the review, by permit P-1, was not justified.",
        ),
    ],
)
def test_what_is_about_to_be_signed_is_said_in_a_sentence(
    office: Any, kind: str, fields: dict[str, Any], says: str
) -> None:
    """Of every act that is signed: who, what and for how long, by the names that people know."""
    from placet.review import command_of, model_of
    from placet.web.acting.saying import sentence

    why = {"because": "why"} if "because" in model_of(kind).model_fields else {}
    context = office.house.reading.context()
    found = sentence(command_of(kind, {**fields, **why}), {}, "Use of it", context)
    assert found == says
