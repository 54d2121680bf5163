"""A new request: the answer as it forms, drafts that nobody else sees, and filing it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PAGE = "/requests/new/"

STRIKE = {
    "title": "Use on a depot beyond the border",
    "activity": "use",
    "applicant": "UA",
    "actor": "UA",
    "recipient": "none",
    "area": "RU-KRS",
    "target": "military.depot",
    "purpose": "defence.strike",
    "platforms": ["himars"],
    "services": ["us-targeting-data"],
    "item": ["atacms", "", ""],
    "quantity": ["4", "", ""],
}

READ = {
    "request": "use-on-a-depot-beyond-the-border",
    "title": "Use on a depot beyond the border",
    "applicant": "UA",
    "actor": "UA",
    "recipient": "none",
    "activity": "use",
    "area": "RU-KRS",
    "target": "military.depot",
    "purpose": "defence.strike",
    "platforms": ["himars"],
    "services": ["us-targeting-data"],
    "lines": {"line-1": {"item": "atacms", "quantity": "4"}},
}


def _panel(page: str) -> str:
    found = re.search(r'<section class="card" id="forming".*?</section>', page, re.DOTALL)
    assert found, page[:2000]
    return unescape(found.group(0))


@pytest.mark.parametrize("left_out", [(), ("area", "target")])
def test_the_forming_answer_is_the_announced_determination(
    signed_in: Callable[..., Any], office: Any, left_out: tuple[str, ...]
) -> None:
    """The panel says its interval, its parties and each of its questions, and no other."""
    sent = {name: value for name, value in STRIKE.items() if name not in left_out}
    page = signed_in("marchenko").post(PAGE, {**sent, "do": "see"})
    context, at = office.house.reading.context(), office.house.clock.now()
    request = context.request({name: each for name, each in READ.items() if name not in left_out})
    expected = context.determine(request, at, announced_only=True)
    panel = _panel(page.content.decode())
    listed = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<li>(.*?)</li>", panel)]
    said = [each.asks for each in expected.open_questions]
    having = [each.name for each in expected.parties if each.outcome != "clear"]
    assert having
    assert bool(said) == bool(left_out)
    assert listed[len(having) :] == said
    assert all(line.startswith(name) for line, name in zip(listed, having, strict=False))
    badges = re.findall(r"</span> ([a-z]+)</span>", panel.split("<h3>")[0])
    bounds = [expected.outcome, expected.at_least, expected.at_most]
    assert badges == (bounds if expected.at_least != expected.at_most else bounds[:1])


def test_what_forms_is_the_same_where_an_undeclared_policy_is_absent(office: Any) -> None:
    """The review of 2025 was not announced: it changes the answer, and not what is shown of it."""
    from placet.operations.house import SignedIn
    from placet.operations.seeing.forming import forming

    class Then:
        def now(self) -> datetime:
            return datetime(2025, 7, 1, tzinfo=UTC)

    class Absent:
        def context(self) -> Any:
            return without

    context = office.house.reading.context()
    request = context.request(READ)
    books = {name: _declared(book) for name, book in context.books.items()}
    without = replace(context, books=books)
    at = Then().now()
    assert context.determine(request, at).outcome != without.determine(request, at).outcome
    house, who = replace(office.house, clock=Then()), SignedIn("marchenko", None)
    shown = forming(house, who, READ)
    assert shown == forming(replace(house, reading=Absent()), who, READ)
    assert shown.outcome == without.determine(request, at).outcome


def _declared(book: Any) -> Any:
    kept = {name: each for name, each in book.policies.items() if each.announced is not None}
    return book.model_copy(update={"policies": kept})


def test_every_list_begins_with_words(signed_in: Callable[..., Any]) -> None:
    """What is to be chosen begins with *Choose* or *Not stated*, and never with nothing."""
    shown = signed_in("marchenko").get("/requests/new/").content.decode()
    assert '<option value=""></option>' not in shown
    assert '<option value="">Choose</option>' in shown


def test_a_draft_is_kept_and_reopened_by_its_owner_alone(signed_in: Callable[..., Any]) -> None:
    """What was written stands in the form again, wrong or not; to others there is no draft."""
    mine = signed_in("marchenko")
    kept = mine.post(PAGE, {**STRIKE, "title": "Kept for later", "area": "Kursk?", "do": "keep"})
    assert kept.status_code == 302
    address = kept["location"].removesuffix("#keep")
    again = mine.get(address).content.decode()
    assert 'value="Kursk?"' in again
    assert re.search(r'value="atacms" selected', again)
    other = signed_in("whitfield")
    assert other.get(address).status_code == 404
    key = address.rpartition("=")[2]
    assert other.post(PAGE, {**STRIKE, "draft": key, "do": "remove"}).status_code == 404
    assert "Kept for later" not in other.get(PAGE).content.decode()
    mine.post(PAGE, {**STRIKE, "draft": key, "do": "remove"})
    assert mine.get(address).status_code == 404


def test_a_draft_in_two_windows_is_not_lost_to_the_last(signed_in: Callable[..., Any]) -> None:
    """The second window is told, keeps what it has and goes on knowingly; also where it is gone."""
    mine = signed_in("marchenko")
    address = mine.post(PAGE, {**STRIKE, "do": "keep"})["location"].removesuffix("#keep")
    key = address.rpartition("=")[2]

    def seen(page: str) -> dict[str, str]:
        found = re.search(r'name="draft-version" value="([^"]+)"', page)
        assert found
        return {"draft": key, "draft-version": found[1]}

    opened = seen(mine.get(address).content.decode())
    assert mine.post(PAGE, {**STRIKE, **opened, "title": "From A", "do": "keep"}).status_code == 302
    for do in ("keep", "file"):
        second = mine.post(PAGE, {**STRIKE, **opened, "title": "From B", "do": do})
        assert second.status_code == 409
        page = second.content.decode()
        assert "kept again elsewhere" in page
        assert 'value="From B"' in page
        assert 'value="From A"' in mine.get(address).content.decode()
    knowingly = mine.post(PAGE, {**STRIKE, **seen(page), "title": "From B", "do": "keep"})
    assert knowingly.status_code == 302
    mine.post(PAGE, {"draft": key, "do": "remove"})
    gone = mine.post(PAGE, {**STRIKE, **opened, "title": "From B", "do": "file"})
    assert gone.status_code == 404
    assert 'value="From B"' in gone.content.decode()


def test_filing_opens_a_case_with_what_was_written(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """The case has the request as the form had it, and the draft of it is gone."""
    browser = signed_in("marchenko")
    address = browser.post(PAGE, {**STRIKE, "do": "keep"})["location"].removesuffix("#keep")
    key = address.rpartition("=")[2]
    filed = browser.post(PAGE, {**STRIKE, "draft": key, "do": "file"})
    assert filed.status_code == 302, _panel(filed.content.decode())
    case = office.house.reading.case(filed["location"].strip("/").rpartition("/")[2])
    assert (case.request, case.submitted_by) == (READ, "marchenko")
    assert browser.get(address).status_code == 404


def test_a_form_files_once(signed_in: Callable[..., Any], office: Any) -> None:
    """Who goes back and sends just the same is led to its case; what differs is another request."""
    browser, title = signed_in("marchenko"), {"title": "Filed once", "do": "file"}
    first = browser.post(PAGE, {**STRIKE, **title})
    again = browser.post(PAGE, {**STRIKE, **title}, follow=True)
    assert again.redirect_chain == [(first["location"], 302)]
    assert "You have filed just this already" in again.content.decode()
    other = browser.post(PAGE, {**STRIKE, **title, "area": "RU-BRY"})
    elsewhere = signed_in("marchenko").post(PAGE, {**STRIKE, **title})
    titles = [each.request.get("title") for each in office.house.reading.cases()]
    assert titles.count("Filed once") == 3
    assert len({first["location"], other["location"], elsewhere["location"]}) == 3


def test_who_adds_to_a_form_goes_on_there(signed_in: Callable[..., Any]) -> None:
    """A new line, what was attached, a draft that was kept: the reader stands at that."""
    browser = signed_in("marchenko")
    one = {**STRIKE, "item": ["atacms"], "quantity": ["4"]}
    shown = browser.post(PAGE, {**one, "do": "rows"}).content.decode()
    assert re.findall(r'<select id="([^"]+)"[^>]*autofocus', shown) == ["item-2"]
    assert "autofocus" not in browser.get(PAGE).content.decode()
    sent = {**one, "document": SimpleUploadedFile("a.txt", b"text", "text/plain"), "do": "attach"}
    attached = browser.post(PAGE, sent).content.decode()
    assert re.search(r'<fieldset class="field" tabindex="-1" autofocus><legend>Attached', attached)
    kept = browser.post(PAGE, {**one, "do": "keep"})["location"]
    assert kept.endswith("#keep")
    assert 'id="keep"' in browser.get(kept.removesuffix("#keep")).content.decode()
    key = kept.removesuffix("#keep").rpartition("=")[2]
    browser.post(PAGE, {"draft": key, "do": "remove"})
    assert 'autocomplete="off"' not in shown, "what was typed is there after going back"


def test_everything_that_is_wrong_is_named_at_once(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """Each problem stands at its field and in the list; nothing is filed."""
    before = office.house.reading.checkpoint()
    wrong = {**STRIKE, "area": "Kursk", "quantity": ["many", "", ""], "until": "soon"}
    browser = signed_in("marchenko")
    answer = browser.post(PAGE, {**wrong, "do": "file"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert _summary(page) == [
        (
            "quantity-1",
            "Line 1, how many",
            "Write how many as a whole number, such as 9; or unknown.",
        ),
        ("f-until", "Last day", "Choose a day."),
    ]
    assert re.search(r'id="quantity-1"[^>]*aria-invalid="true"', page)
    assert re.search(r'id="f-until"[^>]*aria-invalid="true"', page)
    area = browser.post(PAGE, {**STRIKE, "area": "Kursk", "do": "see"})
    assert "Kursk is not a known name" in _panel(area.content.decode())
    assert area.status_code == 200
    assert office.house.reading.checkpoint() == before


def _summary(page: str) -> list[tuple[str, str, str]]:
    """Return what stands at the top of a form that was refused: where it leads, label, sentence."""
    found = re.search(r'<div class="notice no" role="alert" tabindex="-1" autofocus.*?</div>', page)
    listed = r'<li><a href="#([\w-]+)">([^<]*)</a>: (.*?)</li>'
    return re.findall(listed, unescape(found.group(0))) if found else []


def test_an_empty_form_is_refused_in_the_words_of_the_form(signed_in: Callable[..., Any]) -> None:
    """At the top and at each field, by its label, with a link: no field of a file is named."""
    empty = {"applicant": "UA", "actor": "UA", "item": [""], "quantity": [""], "do": "file"}
    page = signed_in("marchenko").post(PAGE, empty).content.decode()
    expected = [
        ("f-activity", "Activity", "Choose what would be done."),
        ("item-1", "Line 1, item", "Choose the item that is asked for."),
    ]
    assert _summary(page) == expected
    for at, _label, says in expected:
        assert re.search(rf'id="{at}"[^>]*aria-invalid="true"', page), at
        assert page.count(says) == 2, "at the top, and at the field"
    assert "validation" not in page
    assert "missing" not in _panel(page)
    one = {**STRIKE, "item": [""], "quantity": ["4"], "do": "file"}
    assert _summary(signed_in("marchenko").post(PAGE, one).content.decode()) == expected[1:]


def test_the_last_day_of_a_request_is_included(signed_in: Callable[..., Any], office: Any) -> None:
    """What is asked for through a day is on record until the next, and is shown as it was asked."""
    days = {"from": "2099-12-01", "until": "2099-12-31", "do": "file"}
    browser = signed_in("marchenko")
    filed = browser.post(PAGE, {**STRIKE, **days})
    case = office.house.reading.case(filed["location"].strip("/").rpartition("/")[2])
    assert case.request["period"] == {"from": "2099-12-01", "until": "2100-01-01"}
    page = browser.get(filed["location"]).content.decode()
    assert "from 1 Dec 2099 through 31 Dec 2099" in page
    kept = browser.post(PAGE, {**STRIKE, **days, "do": "keep"})["location"].removesuffix("#keep")
    assert 'value="2099-12-31"' in browser.get(kept).content.decode()
    browser.post(PAGE, {"draft": kept.rpartition("=")[2], "do": "remove"})


def test_none_beside_others_is_refused(signed_in: Callable[..., Any]) -> None:
    """A launcher and none of them cannot both be meant."""
    both = {**STRIKE, "platforms": ["himars", "none"], "do": "file"}
    answer = signed_in("marchenko").post(PAGE, both)
    assert answer.status_code == 400
    says = "None is ticked, and others too. Untick the one or the others."
    assert _summary(answer.content.decode()) == [("f-platforms", "Platforms", says)]


def test_only_what_can_change_the_answer_is_asked(signed_in: Callable[..., Any]) -> None:
    """At first nothing is; then each question leads to the field that answers it."""
    browser = signed_in("marchenko")
    asked = r'<div id="asked">(.*?)</div>\s*<p class="quiet" id="asks-nothing"'

    def fields(page: str) -> set[str]:
        found = re.search(asked, page, re.DOTALL)
        return set(re.findall(r'data-field="(\w+)"', found.group(1))) if found else {"?"}

    assert fields(browser.get(PAGE).content.decode()) == set()
    begun = {each: STRIKE[each] for each in ("activity", "applicant", "actor", "item", "quantity")}
    page = browser.post(PAGE, {**begun, "do": "see"}).content.decode()
    led = re.findall(r'<li><a href="#f-(\w+)">', _panel(page))
    assert led
    assert fields(page) >= set(led)
    assert "recipient" not in fields(page)


def test_who_could_not_file_it_is_not_told_what_it_needs(signed_in: Callable[..., Any]) -> None:
    """Nobody tries out requests of others; and the way to the page is shown to who files."""
    browser = signed_in("tan")
    refused = browser.post(PAGE, {**STRIKE, "do": "file"})
    assert refused.status_code == 403
    panel = _panel(browser.post(PAGE, {**STRIKE, "do": "see"}).content.decode())
    assert "does not act for the applicant" in panel
    assert "Who would have a say" not in panel
    assert PAGE not in browser.get("/inbox/").content.decode()
    assert PAGE in signed_in("marchenko").get("/inbox/").content.decode()


def test_what_no_permit_is_issued_without_is_said_before_it_is_filed(
    signed_in: Callable[..., Any],
) -> None:
    """It cannot change the answer, so it is not asked; but the desk will have to ask for it."""
    left_out = {name: [""] for name in ("target", "purpose", "recipient")}
    says = "What a permit needs besides"
    browser = signed_in("marchenko")
    panel = _panel(browser.post(PAGE, {**STRIKE, **left_out, "do": "see"}).content.decode())
    needed = panel[panel.index(says) :]
    assert re.findall(r'href="#f-(\w+)"', needed) == ["target", "purpose", "recipient"]
    stated = {"target": "military.depot", "purpose": "defence.strike", "recipient": "none"}
    assert says not in _panel(
        browser.post(PAGE, {**STRIKE, **stated, "do": "see"}).content.decode()
    )


def test_an_activity_is_offered_by_its_name(signed_in: Callable[..., Any]) -> None:
    """Re-export is written with its hyphen, here as everywhere."""
    shown = signed_in("marchenko").get(PAGE).content.decode()
    assert '<option value="re-export">re-export</option>' in shown


def test_whom_something_goes_to_is_found_by_name(signed_in: Callable[..., Any]) -> None:
    """States that are no party follow one another as their names do, whatever their codes."""
    shown = signed_in("marchenko").get(PAGE).content.decode()
    offered = shown[shown.index('name="recipient"') :]
    names = re.findall(r"<option[^>]*>([^<]+)</option>", offered[: offered.index("</select>")])
    assert names.index("Switzerland") > names.index("Sweden")
    assert names.index("Åland Islands") < names.index("Albania")
