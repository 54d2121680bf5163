"""Small forms on a case's page: assigning, deadlines, escalation, a narrower permit."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from test_case_page import new_case, page

from placet.operations.acting import act
from placet.operations.signing_in import resume_demonstration
from placet.review import command_of

Browser = Callable[..., Any]


def _form(shown: str, kind: str) -> str:
    """Return the form of an act on a page."""
    found = re.search(rf'<form method="post" action="/act/{kind}/".*?</form>', shown, re.DOTALL)
    assert found, kind
    return found[0]


def _hidden(form: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def _choices(form: str, name: str) -> list[str]:
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', form, re.DOTALL)
    assert found, form
    return re.findall(r'value="([^"]*)"', found[0])


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
    assert 'action="/act/escalate/"' not in shown
    assert "No deadline has passed that has not been escalated" in shown
    for person in ("marchenko", "tan"):
        assert 'action="/act/assign/"' not in page(signed_in, person, case)


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


def test_a_permit_is_narrowed_from_the_case(
    signed_in: Browser, office: Any, permit: tuple[str, str]
) -> None:
    """The form has a field for each line, with its number; what is signed names the smaller one."""
    case, name = permit
    form = _form(page(signed_in, "whitfield", case), "amend")
    assert _hidden(form)["on-permit"] == name
    line, count = re.findall(r'>([^<>]+) <span class="quiet">\((\d+)\)</span></label>', form)[0]
    assert f'name="quantities.{line}"' in form
    sent = {**_hidden(form), f"quantities.{line}": str(int(count) - 1), "because": "one is enough"}
    shown = signed_in("whitfield").post("/act/amend/", sent).content.decode()
    kept = re.findall(r'name="(draft|digest)" value="([^"]*)"', shown)
    signing = {key: unescape(value) for key, value in kept}
    word = {"by": "word", "password": "a password for tests"}
    done = signed_in("whitfield").post("/sign/", {**signing, **word})
    assert done.status_code == 302, done.content.decode()
    after = office.house.reading.case(case)
    (new,) = (each for each in after.permits.values() if each.stage == "issued")
    assert after.permits[name].stage == "amended"
    assert [each.quantity for each in new.terms.lines] == [int(count) - 1]
    wider = {**sent, f"quantities.{line}": str(int(count) + 1), "on-permit": new.permit}
    assert signed_in("whitfield").post("/act/amend/", wider).status_code == 422
