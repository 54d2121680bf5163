"""Whose an act is, before its form is filled in; and a form that is refused comes back filled."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from steps import PASSWORD, new_case, signing

from placet.review import CASE_COMMANDS, CONTEXT_COMMANDS, RECORD_COMMANDS
from placet.web.pages.case_words import ACTS

Browser = Callable[..., Any]

ON_NONE = {*CONTEXT_COMMANDS, *RECORD_COMMANDS} - {"begin"}
OF_THE_PARTNER = {"delegate", "register-key", "retire-key", "revoke-delegation"}
"""What anybody may who holds an office, or has a key, as everybody has in a demonstration."""


def _form(answer: Any) -> bool:
    return bool(re.search(r'<form method="post"[^>]* class="card narrow"', answer.content.decode()))


def test_who_has_no_such_act_is_told_who_has_and_gets_no_form(signed_in: Browser) -> None:
    """Of acts on no case a partner begins none but with keys and for offices of its own."""
    browser = signed_in("marchenko")
    for kind in sorted(ON_NONE - OF_THE_PARTNER):
        answer = browser.get(f"/act/{kind}/")
        shown = unescape(answer.content.decode())
        assert (answer.status_code, _form(answer)) == (403, False), kind
        assert "None of your offices has this to do." in shown
        assert re.search(r"It takes: [A-Z][\w ,]+\.", shown), kind
        assert "us/" not in re.sub(r"<[^>]+>", "", shown)
    assert _form(browser.get("/act/register-key/"))


def test_the_log_is_begun_once(signed_in: Browser) -> None:
    """The act that began it has no form, and whoever asks for one is told so."""
    answer = signed_in("lindqvist").get("/act/begin/")
    assert (answer.status_code, _form(answer)) == (403, False)
    assert "The log has begun" in answer.content.decode()


@pytest.mark.parametrize("kind", ["decide", "issue", "advise", "record-consent", "determine"])
@pytest.mark.parametrize("person", ["marchenko", "tan"])
def test_on_a_case_too(
    signed_in: Browser, office: Any, ukraine: Path, person: str, kind: str
) -> None:
    """Who applied and who audits learn that it is not theirs before they write anything."""
    case = new_case(office, ukraine)
    answer = signed_in(person).get(f"/act/{kind}/", {"on-case": case})
    shown = unescape(answer.content.decode())
    assert (answer.status_code, _form(answer)) == (403, False)
    says = "not by applicants" if person == "marchenko" else "does nothing on a case"
    assert says in shown
    assert ("Strike review desk" in shown) is (kind in ("issue", "record-consent", "determine"))


def test_what_is_theirs_and_not_possible_now_says_why(
    signed_in: Browser, office: Any, ukraine: Path
) -> None:
    """A permit is not issued before the decision: the reasons stand where the form would."""
    case = new_case(office, ukraine)
    answer = signed_in("whitfield").get("/act/issue/", {"on-case": case})
    assert (answer.status_code, _form(answer)) == (409, False)
    assert re.search(r'id="barred"><p>[A-Z]', answer.content.decode())
    open_ = signed_in("secretary").get("/act/decide/", {"on-case": case})
    assert (open_.status_code, _form(open_)) == (200, True)


def test_an_act_is_called_alike_on_its_button_and_on_its_page(
    signed_in: Browser, office: Any, ukraine: Path
) -> None:
    """Every act has a name; a page and what leads to it bear the same."""
    assert ACTS.keys() == {*CASE_COMMANDS, *ON_NONE} - {"submit"}
    case = new_case(office, ukraine)
    browser = signed_in("whitfield")
    shown = unescape(browser.get(f"/cases/{case}/").content.decode())
    links = re.findall(r'<a class="button[^"]*" href="(/act/[^"]+)">([^<]+)</a>', shown)
    assert links
    for address, label in links:
        page = browser.get(address).content.decode()
        assert f"<h1>{label}</h1>" in unescape(page), address


def test_a_refused_button_of_a_case_is_answered_on_the_case(
    signed_in: Browser, office: Any, ukraine: Path
) -> None:
    """Nothing changed since it was determined: the page of the case says so, and is not lost."""
    case = new_case(office, ukraine)
    sent = {"on-case": case, "back": f"/cases/{case}/"}
    answer = signed_in("whitfield").post("/act/determine/", sent)
    shown = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert f"<h1>{case}" in shown
    said = r'id="acts".*?<div class="notice no" role="alert"><p>[^<]*Nothing has'
    assert re.search(said, shown, re.DOTALL)


def test_what_is_refused_at_its_signing_comes_back_with_what_was_typed(
    signed_in: Browser, office: Any, ukraine: Path
) -> None:
    """Signed twice, in two windows: the second finds its form, its words and the reason."""
    case = new_case(office, ukraine)
    browser, back = signed_in("secretary"), f"/cases/{case}/"
    sent = {"on-case": case, "back": back, "party": "US", "office": "us/secdef"}
    sent |= {"verdict": "approve", "because": "a long reason", "disclosed": "yes"}
    pages = [browser.post("/act/decide/", sent).content.decode() for _ in range(2)]
    answers = [
        browser.post("/sign/", {**signing(page), "by": "word", "password": PASSWORD})
        for page in pages
    ]
    assert [each.status_code for each in answers] == [302, 409]
    again = unescape(answers[1].content.decode())
    assert f"<h1>{case}" in again
    assert 'role="alert"' in again


@pytest.mark.parametrize("person", ["secretary", "marchenko", "hart", "lindqvist", "tan"])
def test_no_page_leads_to_an_act_that_is_not_theirs(signed_in: Browser, person: str) -> None:
    """Every act that a page on record links to has its form for whoever the page is shown to."""
    browser, led = signed_in(person), set()
    for address in ("/authority/", "/policies/", "/systems/", "/ledger/", "/ledger/5/", "/stock/"):
        shown = unescape(browser.get(address).content.decode())
        led |= set(re.findall(r'href="(/act/[^"]+)"', shown))
    for each in sorted(led):
        assert browser.get(each).status_code == 200, each
    delegates = {each for each in led if each.startswith("/act/delegate/")}
    assert bool(delegates) is (person != "marchenko")
