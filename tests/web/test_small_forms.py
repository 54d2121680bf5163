"""Small forms on a case's page: assigning, deadlines, escalation, a narrower permit."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from steps import PASSWORD, done, new_case, signing
from test_case_page import page

from placet.operations.acting.act import act
from placet.operations.acting.signing_in import resume_demonstration
from placet.review import command_of

Browser = Callable[..., Any]


def _form(shown: str, kind: str) -> str:
    """Return the form of an act on a page."""
    begun = rf'<form method="post" action="/act/{kind}/(?:#acts)?"'
    found = re.search(rf"{begun}.*?</form>", shown, re.DOTALL)
    assert found, kind
    return found[0]


def _hidden(form: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def _choices(form: str, name: str) -> list[str]:
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', form, re.DOTALL)
    assert found, form
    return re.findall(r'value="([^"]+)"', found[0])


def test_a_case_is_given_to_an_officer_of_the_own_party(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The form offers who leads cases for the party now, and nobody else; it brings back."""
    case = new_case(office, ukraine)
    form = _form(page(signed_in, "whitfield", case), "assign")
    offered = _choices(form, "to")
    context, now = office.house.reading.context(), office.house.clock.now()
    assert offered
    assert all(context.has_duty(each, "cases", now, "US") for each in offered)
    sent = {**_hidden(form), "to": offered[0], "because": "a full desk"}
    done = signed_in("whitfield").post("/act/assign/", sent)
    assert (done.status_code, done["location"]) == (302, f"/cases/{case}/")
    assert office.house.reading.case(case).officer == offered[0]


def test_a_deadline_is_set_and_taken_back(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """For the applicant, the case or an office of one's own; a day is chosen, or none."""
    case = new_case(office, ukraine)
    form = _form(page(signed_in, "whitfield", case), "set-deadline")
    offered = _choices(form, "of")
    assert offered[:2] == ["applicant", "case"]
    assert all(each.startswith("us/") for each in offered[2:])
    assert re.search(r'name="due"[^>]*type="date"', form)
    sent = {**_hidden(form), "of": "us/secdef", "because": "to know soon"}
    for due, count in (("2040-01-01", 1), ("", 0)):
        signed_in("whitfield").post("/act/set-deadline/", {**sent, "due": due})
        assert len(office.house.reading.case(case).deadlines) == count


def test_no_form_stands_where_the_act_is_not_possible(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """No deadline has passed, so nothing is escalated, and the page says so; nor for others."""
    case = new_case(office, ukraine)
    shown = page(signed_in, "whitfield", case)
    assert 'action="/act/escalate/' not in shown
    assert "No deadline has passed that has not been escalated" in shown
    for person in ("marchenko", "tan"):
        assert 'action="/act/assign/' not in page(signed_in, person, case)


@pytest.fixture
def permit(office: Any, ukraine: Any) -> tuple[str, str]:
    """A case with a permit: cleared, decided and issued by the word of the demonstration."""
    case = new_case(office, ukraine)
    name = office.house.references.reference("P")
    digest = office.house.reading.case(case).determined.digest
    decision = {"party": "US", "office": "us/secdef", "verdict": "approve", "determination": digest}
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("secretary", "decide", {**decision, "because": "a depot", "disclosed": "agreed"}),
        ("whitfield", "issue", {"permit": name, "status": office.house.references.status_index()}),
    )
    for person, kind, fields in acts:
        who = resume_demonstration(office.house, person)
        act(office.house, who, command_of(kind, fields), case=case, sign=who.sign)
    return case, name


def _thing(office: Any, item: str | None) -> str:
    """Return what an item of a permit is called."""
    return str(office.house.reading.context().registry.record.items[item].name)


def test_a_permit_is_narrowed_from_the_case(
    signed_in: Browser, office: Any, permit: tuple[str, str]
) -> None:
    """The form has a field for each line, with its number; what is signed names the smaller one."""
    case, name = permit
    form = _form(page(signed_in, "whitfield", case), "amend")
    assert _hidden(form)["on-permit"] == name
    ((count, thing, line),) = re.findall(
        r'>(\d+) \u00d7 ([^<>]+)</label><input [^>]*name="quantities\.([^"]+)"', form
    )
    permitted = office.house.reading.case(case).permits[name].terms.lines
    assert [(each.line, each.quantity) for each in permitted] == [(line, int(count))]
    assert (thing, line != thing) == (_thing(office, permitted[0].item), True)
    sent = {**_hidden(form), f"quantities.{line}": str(int(count) - 1), "because": "one is enough"}
    shown = signed_in("whitfield").post("/act/amend/", sent).content.decode()
    word = {"by": "word", "password": PASSWORD}
    done = signed_in("whitfield").post("/sign/", {**signing(shown), **word})
    assert done.status_code == 302, done.content.decode()
    after = office.house.reading.case(case)
    (new,) = (each for each in after.permits.values() if each.stage == "issued")
    assert after.permits[name].stage == "amended"
    assert [each.quantity for each in new.terms.lines] == [int(count) - 1]
    wider = {**sent, f"quantities.{line}": str(int(count) + 1), "on-permit": new.permit}
    assert signed_in("whitfield").post("/act/amend/", wider).status_code == 422


def test_a_permit_is_read_before_it_is_issued(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The form says when it ends if no end is set; beside the statement it reads as it will."""
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    decision = {"party": "US", "office": "us/secdef", "verdict": "approve", "determination": digest}
    said = {"because": "a depot", "disclosed": "agreed"}
    limit = {"provisos": [{"at-most": 1, "text": "one at most"}]}
    who = resume_demonstration(office.house, "secretary")
    command = command_of("decide", {**decision, **said, **limit})
    act(office.house, who, command, case=case, sign=who.sign)
    browser = signed_in("whitfield")
    form = unescape(browser.get("/act/issue/", {"on-case": case}).content.decode())
    assert re.search(r"Left empty: up to, not including, \d+ \w+ \d{4}, \d\d:\d\d UTC\.", form)
    ends = {"until": "2099-01-01"}
    assert browser.post("/act/issue/", {"on-case": case, **ends}).status_code == 422
    shown = unescape(browser.post("/act/issue/", {"on-case": case}).content.decode())
    assert "The permit, as it will read" in shown
    (sentence,) = re.findall(r"<p>(It permits [^<]*)</p>", shown)
    assert sentence.startswith("It permits Ukraine the use of 1 ")
    assert "<p>Proviso: one at most</p>" in shown
    given = "<p>Consent: United States, through Secretary of Defense, approved, on "
    assert given in shown
    assert given in form
    assert not office.house.reading.case(case).permits


def test_a_report_of_use_begins_with_what_the_permit_allows(
    signed_in: Browser, office: Any, permit: tuple[str, str]
) -> None:
    """Its line and limits stand there already; where they are confirmed, nothing is beyond."""
    case, name = permit
    terms = office.house.reading.case(case).permits[name].terms
    browser = signed_in("marchenko")
    asked = {"on-case": case, "on-permit": name}
    form = browser.get("/act/report-use/", asked).content.decode()
    assert "What the permit says" in form
    chosen = dict(
        re.findall(r'<select[^>]*name="([^"]+)".*?<option selected value="([^"]*)"', form)
    )
    assert chosen["line"] == terms.lines[0].line
    assert chosen["target"] == terms.targets[0]
    typed = dict(re.findall(r'name="(quantity|area)" value="([^"]*)"', form))
    thing = _thing(office, terms.lines[0].item)
    offered = f"{terms.lines[0].quantity} \u00d7 {thing}"
    assert f'<option selected value="{terms.lines[0].line}">{offered}</option>' in unescape(form)
    assert typed == {"quantity": str(terms.lines[0].quantity), "area": terms.within[0]}
    assert 'name="on" type="date"' in form
    now = office.house.clock.now()
    at = {"on": f"{now:%Y-%m-%d}", "on.time": f"{now:%H:%M:%S}"}
    done = browser.post("/act/report-use/", {**asked, **chosen, **typed, **at}, follow=True)
    told = done.content.decode()
    assert "Report a use: done." in told
    assert "outside its permit" not in told.lower()


def test_a_use_that_goes_beyond_is_looked_at_before_it_counts(
    signed_in: Browser, office: Any, permit: tuple[str, str]
) -> None:
    """A slip of the key is shown and not recorded; what was so is; a report is corrected later."""
    case, name = permit
    browser, reports = signed_in("marchenko"), lambda: office.house.reading.case(case).reports
    now = office.house.clock.now()
    terms = office.house.reading.case(case).permits[name].terms
    most = terms.lines[0].quantity
    use = {"on-case": case, "on-permit": name, "line": terms.lines[0].line, "quantity": most + 3}
    use |= {"area": terms.within[0], "target": terms.targets[0], "purpose": terms.purposes[0]}
    use |= {"on": f"{now:%Y-%m-%d}", "on.time": f"{now:%H:%M:%S}"}
    shown = unescape(browser.post("/act/report-use/", use).content.decode())
    assert "It is not recorded yet" in shown
    thing = _thing(office, terms.lines[0].item)
    of = f" \u00d7 {thing}"
    beyond = f"{most + 3}{of} used, {most} left: 3 too many."
    assert beyond in shown
    assert "Report it as it stands" in shown
    assert re.search(r'name="recipient".*?<option selected value="([^"]+)"', shown) is None
    assert reports() == ()
    (looked,) = re.findall(r'name="looked" value="([^"]+)"', shown)
    other = browser.post("/act/report-use/", {**use, "quantity": most + 4, "looked": looked})
    assert "4 too many" in other.content.decode()
    assert reports() == ()
    done = browser.post("/act/report-use/", {**use, "looked": looked}, follow=True).content.decode()
    assert "Report a use: done." in done
    assert f"Outside its permit: {beyond}" in unescape(done)
    (first,) = reports()
    assert first.beyond == (f"On the line {use['line']} {beyond.replace(of, '')}",)
    assert beyond in unescape(page(signed_in, "marchenko", case))
    link = re.search(r'href="(/act/correct-use/\?[^"]+)"', done)
    assert link
    form = unescape(browser.get(unescape(link[1])).content.decode())
    assert f'name="quantity" value="{most + 3}"' in form
    assert "a country or a part of one" in form.lower()
    assert '<option value="RU-KRS">' in form
    mended = {**use, "corrects": first.report, "quantity": most, "because": "a slip of the key"}
    assert (
        "Correct the report: done."
        in browser.post(
            "/act/correct-use/", {**mended, "recipient": "none"}, follow=True
        ).content.decode()
    )
    first, later = reports()
    assert (first.corrected_by, later.corrects, later.beyond) == (later.report, first.report, ())
    told = unescape(page(signed_in, "marchenko", case))
    assert "Corrected since, and counts no more" in told
    assert "Corrects an earlier report: a slip of the key" in told


def test_an_open_question_comes_first_for_whoever_answers_it(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The applicant's first action is the question itself, and leads to its form."""
    ask = ("whitfield", "ask", {"asks": "Which unit?", "fields": []})
    shown = page(signed_in, "marchenko", new_case(office, ukraine, ask))
    acts = shown[shown.index('id="acts"') :]
    link = re.search(r'href="#(answering-0)">Answer the question: Which unit\?</a>', acts)
    assert link
    assert f'<details id="{link[1]}" open>' in shown
    assert link.start() < acts.index("<li>")
    assert "Which unit?" not in page(signed_in, "tan", new_case(office, ukraine))


def test_the_page_of_a_permit_says_what_became_of_it(
    signed_in: Browser, office: Any, permit: tuple[str, str]
) -> None:
    """The uses reported, and its suspension and revocation: by whom and why to its party."""
    case, name = permit
    on = f"{office.house.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    use = {"report": office.house.references.reference("R"), "quantity": 1, "on": on}
    line = office.house.reading.case(case).permits[name].terms.lines[0].line
    used = {**use, "line": line, "area": "RU-KRS"}
    for person, kind, fields in (
        ("marchenko", "report-use", used),
        ("whitfield", "suspend", {"because": "a doubt"}),
        ("whitfield", "revoke", {"because": "a quarrel"}),
    ):
        done(office.house, case, person, kind, {"permit": name, **fields})
    pages = {
        person: unescape(signed_in(person).get(f"/permits/{name}/").content.decode())
        for person in ("marchenko", "whitfield", "tan")
    }
    for shown in pages.values():
        assert "1 \u00d7 ATACMS used in Kurskaya oblast'" in shown
        assert "What was not used" in shown
        assert "What may still be used" not in shown
        assert "suspended the permit" in shown
        assert "revoked the permit" in shown
    for person in ("whitfield", "tan"):
        assert "<p>a doubt</p>" in pages[person]
        assert "<b>Dana Whitfield</b> revoked the permit" in pages[person]
    assert "a doubt" not in pages["marchenko"]
    listed = signed_in("marchenko").get("/permits/").content.decode()
    (row,) = re.findall(rf"<tr>(?:(?!</tr>).)*{name}.*?</tr>", listed)
    assert row.endswith('<td data-is="Left">\u2013</td></tr>'), "nothing of it may be used any more"
    assert "<b>The office in charge</b> revoked the permit" in pages["marchenko"]


def test_what_is_left_of_a_permit_is_said_by_the_name_of_the_thing(
    signed_in: Browser, permit: tuple[str, str]
) -> None:
    """In the list, on its page and on its case; the id of a line says nothing to a holder."""
    case, name = permit
    browser = signed_in("marchenko")
    row = re.search(
        rf"<tr>(?:(?!</tr>).)*{name}.*?</tr>", browser.get("/permits/").content.decode()
    )
    assert row
    assert "ATACMS: 4" in row[0]
    assert '<th scope="row">ATACMS</th>' in browser.get(f"/permits/{name}/").content.decode()
    assert "<dt>Left of ATACMS</dt><dd>4</dd>" in page(signed_in, "marchenko", case)
