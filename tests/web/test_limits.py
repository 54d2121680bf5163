"""Limits of an approval: a field for each, refused beside it, and put in words before signing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from steps import PASSWORD, new_case, signing
from test_case_page import page
from test_small_forms import _form, _hidden

Browser = Callable[..., Any]

BROAD = {
    "area": "RU",
    "target": "military",
    "purpose": "defence",
    "lines": {
        "few": {"item": "atacms", "quantity": 4},
        "many": {"item": "atacms", "quantity": 9},
    },
}
SAID = {"verdict": "approve", "because": "a depot <kept>", "disclosed": "agreed"}


@pytest.fixture
def case(office: Any, ukraine: Any) -> str:
    """A case whose request leaves room: all of Russia, any military object, two lines."""
    return new_case(office, ukraine, **BROAD)


def _fields(form: str, name: str) -> list[str]:
    return re.findall(rf'type="checkbox" name="{name}" value="([^"]*)"', form)


def test_what_a_request_leaves_room_for_can_be_limited(signed_in: Browser, case: str) -> None:
    """A number for each line, and what lies in what is asked: regions, categories, purposes."""
    form = _form(page(signed_in, "secretary", case), "decide")
    for line in ("few", "many"):
        assert f'name="provisos.at-most.{line}"' in form
    assert {"RU-KRS", "us/kharkiv-border"} < {*_fields(form, "provisos.within")}
    assert not {"RU", "UA", "us/russia"} & {*_fields(form, "provisos.outside")}
    assert "military.depot" in _fields(form, "provisos.not-targets")
    assert "energy" not in _fields(form, "provisos.not-targets")
    assert _fields(form, "provisos.purposes") == ["defence.counter-fire", "defence.strike"]


def test_limits_are_signed_as_provisos_in_words(signed_in: Browser, case: str, office: Any) -> None:
    """What was chosen stands in the statement, each as a limit to be checked, and in words."""
    form = _form(page(signed_in, "secretary", case), "decide")
    limits = {
        "provisos.at-most.few": "2",
        "provisos.within": ["RU-KRS", "us/kharkiv-border"],
        "provisos.not-targets": "military.airfield",
        "provisos.each-use": "yes",
        "provisos.report-within-days": "3",
        "provisos.text": "By day only.\r\n\r\nNot on a holiday.",
        "until.last": "2099-12-31",
    }
    browser = signed_in("secretary")
    shown = browser.post("/act/decide/", {**_hidden(form), **SAID, **limits})
    assert shown.status_code == 200, shown.content.decode()
    sent = signing(shown.content.decode())
    done = browser.post("/sign/", {**sent, "by": "word", "password": PASSWORD})
    assert done.status_code == 302, done.content.decode()
    (decision,) = office.house.reading.case(case).decisions
    assert [each.text for each in decision.provisos] == [
        "at most 2 ATACMS (line few)",
        "use is reported within 3 days",
        "only in Kurskaya oblast' or Russian territory across from Kharkiv",
        "not against targets of the category Airfield",
        "it covers a single use",
        "By day only.",
        "Not on a holiday.",
    ]
    assert (decision.provisos[0].at_most, decision.provisos[0].line) == (2, "few")
    assert f"{decision.until:%Y-%m-%d}" == "2100-01-01"


def test_what_is_wrong_stands_beside_its_field_on_the_page_of_the_case(
    signed_in: Browser, case: str, office: Any
) -> None:
    """Nothing that was typed is lost, and each field says what is wrong with it."""
    form = _form(page(signed_in, "secretary", case), "decide")
    limits = {
        "provisos.at-most.few": "two",
        "provisos.report-within-days": "soon",
        "provisos.purposes": "defence.strike",
        "until.last": "yesterday",
    }
    answer = signed_in("secretary").post("/act/decide/", {**_hidden(form), **SAID, **limits})
    assert answer.status_code == 400
    shown = unescape(answer.content.decode())
    assert "Who must say yes, and why" in shown
    again = _form(shown, "decide")
    needed = "A whole number of at most 15 digits is needed here"
    for name, typed in (("at-most-few", "two"), ("report-within-days", "soon")):
        field = f"1-provisos-{name}"
        assert re.search(rf'id="p-{field}">{needed}', again), again
        assert re.search(rf'id="l-{field}"[^>]* value="{typed}"[^>]*aria-describedby="p-', again)
    assert 'id="p-last-1">' in again
    assert 'value="yesterday"' in again
    assert 'value="defence.strike" checked' in again
    assert 'value="approve" required checked' in again
    assert "a depot <kept></textarea>" in again
    assert office.house.reading.case(case).decisions == ()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("at-most.few", "0", "Nothing is left of the line few"),
        ("at-most.few", "5", "4 are asked for"),
        ("within", "UA-63", "Nothing is left of the area"),
        ("outside", "RU", "Nothing is left of the area"),
        ("not-targets", "military", "Nothing is left of the targets"),
    ],
)
def test_a_limit_that_leaves_nothing_is_refused_before_anybody_signs(
    signed_in: Browser, case: str, name: str, value: str, says: str
) -> None:
    """What the review would say of the permit is said of the decision, beside the field."""
    form = _form(page(signed_in, "secretary", case), "decide")
    sent = {**_hidden(form), **SAID, f"provisos.{name}": value}
    answer = signed_in("secretary").post("/act/decide/", sent)
    assert answer.status_code == 400
    assert re.search(rf'id="p-1-provisos-{name.replace(".", "-")}">{says}', answer.content.decode())


@pytest.mark.parametrize("verdict", ["refuse", "return"])
def test_a_refusal_takes_no_limits(signed_in: Browser, case: str, verdict: str) -> None:
    """It is said beside each limit that was filled in; without them it is shown for signing."""
    form = _form(page(signed_in, "secretary", case), "decide")
    sent = {**_hidden(form), **SAID, "verdict": verdict}
    limited = {**sent, "provisos.at-most.few": "2", "provisos.text": "By day only."}
    answer = signed_in("secretary").post("/act/decide/", limited)
    again = answer.content.decode()
    assert answer.status_code == 400
    for field in ("at-most-few", "text"):
        assert f'id="p-1-provisos-{field}">Limits go with an approval' in again
    assert signed_in("secretary").post("/act/decide/", sent).status_code == 200


def test_a_small_form_that_is_refused_stays_on_the_page_of_the_case(
    signed_in: Browser, case: str
) -> None:
    """It stands open where it was, with what was typed, and the page answers that it was wrong."""
    form = _form(page(signed_in, "whitfield", case), "set-deadline")
    sent = {**_hidden(form), "of": "case", "because": "a reason that stays", "due": "2001-01-01"}
    answer = signed_in("whitfield").post("/act/set-deadline/", sent)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Who must say yes, and why" in shown
    assert "a reason that stays</textarea>" in _form(shown, "set-deadline")
    assert re.search(r"<details open><summary>Set a deadline", shown)


def test_a_decision_is_of_some_lines_and_with_the_consent_of_others(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Lines are ticked, and whose consent it takes besides; what is signed says both."""
    lines = {
        "few": {"item": "storm-shadow", "quantity": 2},
        "many": {"item": "storm-shadow", "quantity": 9},
    }
    services = {"platforms": "none", "services": "us-targeting-data"}
    case = new_case(office, ukraine, lines=lines, **services)
    form = _form(page(signed_in, "secretary", case), "decide")
    assert _fields(form, "lines") == ["few", "many"]
    assert {"{consent-of: FR}", "{consent-of: GB}"} <= {*_fields(form, "provided")}
    sent = {**_hidden(form), **SAID, "lines": "few", "provided": "{consent-of: FR}"}
    shown = unescape(signed_in("secretary").post("/act/decide/", sent).content.decode())
    statement = shown[shown.index('id="statement"') :]
    assert re.search(r"lines:\s+- few\n", statement)
    assert re.search(r"provided:\s+-\s+consent-of: FR\n", statement)
