"""No act is asked for in JSON, nor by ids typed by hand: every form offers what it may name."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from steps import new_case

from placet.operations.house import SignedIn
from placet.operations.seeing.permits import see_permits

Browser = Callable[..., Any]

IDS = {
    *("party", "office", "policy", "delegation", "of", "to", "person", "key", "official", "need"),
    *("advice", "report", "permit", "line", "lines", "fields", "activities", "provided"),
    "question",
}
"""Fields that hold ids: they are chosen, ticked or settled."""
WHO = {
    "secretary": ("delegate", "revoke-delegation", "register-key", "retire-key"),
    "hart": ("announce-policy", "end-policy", "revise-book"),
    "lindqvist": ("dismiss", "change-semantics", "rotate-key", "erase"),
}
ON_CASES = {
    "whitfield": ("ask", "assign", "set-deadline", "return", "record-assurance"),
    "secretary": ("decide", "recuse"),
    "doyle": ("advise", "dissent"),
}


def _typed(shown: str) -> set[str]:
    """Return the names of all fields of a page into which something is written."""
    boxes = re.findall(r'<textarea[^>]* name="([^"]+)"', shown)
    texts = re.findall(r"<input[^>]*>", shown)
    boxes += [
        name
        for each in texts
        if not re.search(r'type="(?!text)', each)
        for name in re.findall(r' name="([^"]+)"', each)
    ]
    return {*boxes}


def _stated(shown: str) -> str:
    found = re.search(r'id="statement"[^>]*>(.*?)</pre>', shown, re.DOTALL)
    assert found, shown
    return unescape(found[1])


@pytest.mark.parametrize(("who", "kind"), [(who, each) for who in WHO for each in WHO[who]])
def test_an_act_on_the_record_offers_what_it_may_name(
    signed_in: Browser, office: Any, who: str, kind: str
) -> None:
    """Offices, people, keys, policies by name, days from a calendar; an id is written nowhere.

    But that of a permit, by somebody who sees none.
    """
    sees = see_permits(office.house, SignedIn(who, None)).permits
    answer = signed_in(who).get(f"/act/{kind}/", {"entry": "5"} if kind == "erase" else {})
    shown = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert not _typed(shown) & IDS
    assert ("except-permits" in _typed(shown)) is (kind == "dismiss" and not sees)
    assert "as in '{" not in shown


def test_an_act_that_was_begun_on_a_policy_comes_back_to_it(signed_in: Browser) -> None:
    """Its links carry where they stand, and the form carries it on; also from other lists."""
    browser, links = signed_in("hart"), {}
    for page in ("/policies/", "/policies/US/2025-strike-review/", "/stock/", "/authority/"):
        shown = browser.get(page).content.decode()
        links |= dict.fromkeys(re.findall(r'href="(/act/[^"]+)"', shown), page)
    assert len(links) > 4
    for link, page in links.items():
        assert unescape(link).endswith(f"back={page}"), link
    ends = next(each for each in links if "/end-policy/?party" in each)
    form = browser.get(unescape(ends)).content.decode()
    assert f'name="back" value="{links[ends]}"' in form
    assert f'<a href="{links[ends]}">Back to where you were</a>' in form


@pytest.mark.parametrize(
    ("who", "kind"), [(who, each) for who in ON_CASES for each in ON_CASES[who]]
)
def test_an_act_on_a_case_offers_what_the_case_says(
    signed_in: Browser, office: Any, ukraine: Path, who: str, kind: str
) -> None:
    """What is settled is told by name; what is left is chosen by name."""
    case = new_case(office, ukraine)
    if kind == "dissent":
        _advised(office, case)
    answer = signed_in(who).get(f"/act/{kind}/", {"on-case": case})
    shown = unescape(answer.content.decode())
    assert answer.status_code == 200, shown
    assert not _typed(shown) & IDS
    assert "as in '{" not in shown


def _advised(office: Any, case: str) -> None:
    from placet.operations.acting.act import act
    from placet.operations.acting.signing_in import resume_demonstration
    from placet.review import command_of

    said = {"office": "us/usd-policy", "stance": "for", "says": "stocks allow two"}
    act(
        office.house, resume_demonstration(office.house, "hart"), command_of("advise", said),
        case=case,
    )  # fmt: skip


def test_an_office_is_delegated_for_by_choosing_and_its_id_is_made(signed_in: Browser) -> None:
    """For the one that is held, to another of its party, for activities that are ticked."""
    browser = signed_in("secretary")
    shown = unescape(browser.get("/act/delegate/").content.decode())
    assert re.search(r'class="settled"><strong>[^<]*</strong> Secretary of Defense', shown)
    to = re.search(r'<select id="f-to".*?</select>', shown, re.DOTALL)
    assert to
    assert 'value="us/' in to[0]
    assert 'value="us/secdef"' not in to[0]
    sent = {"of": "us/secdef", "to": "us/usd-policy", "activities": ["use", "disclosure"]}
    sent |= {"from": "2099-01-01", "until.last": "2099-01-31", "because": "a journey"}
    said = _stated(browser.post("/act/delegate/", sent).content.decode())
    for each in ("delegation: secdef-to-usd-policy-2099-01-01", "- use", "until: 2099-02-01"):
        assert each in said


def test_a_key_is_registered_for_oneself_and_named_by_the_page(signed_in: Browser) -> None:
    """Whose it is stands there; the key's id is made of it and of the day."""
    public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0mTPJC5v6Zb3yTtYoXrzPpXJ7dDqkA1zmgYb1mRQZa"
    sent = {"person": "secretary", "public": public, "from": "2099-01-01", "because": "a new one"}
    answer = signed_in("secretary").post("/act/register-key/", sent)
    assert "key: secretary-2099-01-01" in _stated(answer.content.decode())


def test_a_book_is_revised_by_its_fields_and_only_what_changed_is_signed(
    signed_in: Browser, office: Any
) -> None:
    """Each field stands as the book has it; one that is changed is signed, and no other."""
    browser = signed_in("hart")
    shown = unescape(browser.get("/act/revise-book/").content.decode())
    ticked = re.findall(r'name="(fields\.claims\.1\.\w+)" value="([^"]+)" checked', shown)
    held = next(
        each for each in office.house.reading.context().plain["books"] if each["book"] == "US"
    )
    claim = held["claims"][0]
    assert [value for name, value in ticked if name.endswith("basis")] == claim["basis"]
    sent: dict[str, Any] = {"party": "US", "because": "to be plain", "fields.otherwise": "refuse"}
    sent |= {"fields.unstated": "review", "fields.evidence": "signature"}
    for name, value in ticked:
        sent.setdefault(name, []).append(value)
    said = _stated(browser.post("/act/revise-book/", sent).content.decode())
    assert "otherwise: refuse" in said
    assert "claims" not in said
    sent["fields.claims.1.basis"] = ["origin"]
    more = browser.post("/act/revise-book/", {**sent, "fields.otherwise": held["otherwise"]})
    said = _stated(more.content.decode())
    assert "- origin" in said
    assert "otherwise" not in said
    assert "component" not in said


def test_a_question_names_the_fields_it_is_about_by_ticking(
    signed_in: Browser, office: Any, ukraine: Path
) -> None:
    """On the page of the case too; the question on file has them."""
    case = new_case(office, ukraine)
    browser = signed_in("whitfield")
    shown = unescape(browser.get(f"/cases/{case}/").content.decode())
    assert 'type="checkbox" name="fields" value="services"> Services' in shown
    sent = {"on-case": case, "asks": "By which data?", "fields": ["services", "period"]}
    browser.post("/act/ask/", sent)
    assert office.house.reading.case(case).questions[-1].fields == ("services", "period")


def test_a_permit_is_narrowed_by_numbers_on_its_own_page_too(
    signed_in: Browser, office: Any
) -> None:
    """A number for each line, and limits by choice: no line is named by hand."""
    from placet.review import validity

    context, now = office.house.reading.context(), office.house.clock.now()
    case, permit = next(
        (case.id, name)
        for case in office.house.reading.cases()
        for name, each in case.permits.items()
        if case.applicant == "UA"
        and any(line.quantity for line in each.terms.lines)
        and validity(each, case, context, now) is not None
    )
    sent = {"on-case": case, "on-permit": permit, "quantities.missiles": "many", "because": "b"}
    again = signed_in("whitfield").post("/act/amend/", sent)
    shown = unescape(again.content.decode())
    assert again.status_code >= 400
    assert re.search(r'name="quantities\.\w+"', shown)
    assert not _typed(shown) & IDS
