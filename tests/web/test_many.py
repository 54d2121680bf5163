"""One act on several cases from the inbox, and lists that are kept under a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from steps import new_case

Browser = Callable[..., Any]
MANY = "/inbox/acts/"


def _text(answer: Any) -> str:
    return unescape(answer.content.decode())


def _rows(page: str) -> dict[str, str]:
    """Return what a page says of each case, by case."""
    found = re.findall(r"<tr><td[^>]*>(.*?)</tr>", page, re.DOTALL)
    plain = [re.sub(r"<[^>]+>", " ", each) for each in found]
    return {each.split()[0]: " ".join(each.split()[1:]) for each in plain}


def test_each_case_gets_its_own_act_and_its_own_outcome(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Done on two with an entry each, refused on the third with the reason; nothing is lost."""
    open_, other = new_case(office, ukraine), new_case(office, ukraine)
    returned = new_case(
        office, ukraine, ("whitfield", "return", {"because": "x", "disclosed": "y"})
    )
    browser = signed_in("whitfield")
    sent = {"act": "assign", "case": [open_, returned, other], "to": "okafor", "because": "busy"}
    shown = browser.post(MANY, sent, follow=True)
    assert shown.redirect_chain == [("/inbox/acts/done/", 302)]
    rows = _rows(_text(shown))
    for case in (open_, other):
        last = office.house.reading.entries_of_case(case)[-1].index
        assert rows[case] == f"✓ done entry {last}"
        assert office.house.reading.case(case).officer == "okafor"
    assert "refused" in rows[returned]
    assert "The case is returned" in rows[returned]
    assert "Done on 2 of 3" in _text(shown)
    assert office.house.reading.case(returned).officer != "okafor"


def test_what_is_not_possible_is_said_before(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """Beside each case stands whether the act is possible; those that are not are not ticked."""
    open_ = new_case(office, ukraine)
    returned = new_case(
        office, ukraine, ("whitfield", "return", {"because": "x", "disclosed": "y"})
    )
    page = _text(signed_in("whitfield").get(MANY, {"act": "ask", "case": [open_, returned]}))
    boxes = re.findall(r'name="case" value="([^"]+)" (checked|disabled)>', page)
    assert boxes == [(open_, "checked"), (returned, "disabled")]
    assert "The case is returned" in _rows(page)[returned]


@pytest.mark.parametrize("act", ["decide", "issue", "advise", "withdraw", "record-fact", "none"])
def test_what_is_signed_for_each_is_not_done_on_several(
    signed_in: Browser, office: Any, ukraine: Any, act: str
) -> None:
    """No decision, permit or advice comes about for a case whose text nobody had before them."""
    case = new_case(office, ukraine)
    before = office.house.reading.case(case)
    for way in (signed_in("secretary").get, signed_in("secretary").post):
        answer = way(MANY, {"act": act, "case": [case]})
        assert answer.status_code == 422
        assert "not done on several cases" in _text(answer)
    assert office.house.reading.case(case) == before


def test_a_case_of_others_reads_as_none(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """Whoever has no part is told so in the same words, before the act and after it."""
    case = new_case(office, ukraine)
    browser, told = signed_in("commander"), []
    for name in (case, "C-2222222222", "C/\x00'<b>"):
        sent = {"act": "close", "case": [name], "because": "over"}
        before, after = browser.get(MANY, sent), browser.post(MANY, sent, follow=True)
        assert (before.status_code, after.status_code) == (200, 200)
        pages = "".join(re.findall(r"<tbody>.*?</tbody>", _text(before) + _text(after), re.DOTALL))
        told.append(pages.replace(name, "C-2222222222"))
    assert told[0] == told[1]
    assert "that you have a part in" in told[2]
    assert office.house.reading.case(case).version == 2


def test_none_or_too_many_are_refused(signed_in: Browser) -> None:
    """Nothing is done where no case is ticked, or more than somebody looks through."""
    for cases in ([], [f"C-{number}" for number in range(51)]):
        answer = signed_in("whitfield").post(MANY, {"act": "determine", "case": cases})
        assert answer.status_code == 422
        assert "50 at most" in _text(answer)


def test_a_deadline_is_taken_back_by_leaving_it_empty(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Set on two cases and taken back again, by the same form."""
    cases = [new_case(office, ukraine), new_case(office, ukraine)]
    sent = {"act": "set-deadline", "case": cases, "of": "applicant", "because": "to have it soon"}
    browser = signed_in("whitfield")
    for due, count in (("2040-01-01", 1), ("", 0)):
        browser.post(MANY, {**sent, "due": due})
        deadlines = [office.house.reading.case(each).deadlines for each in cases]
        assert [len(each) for each in deadlines] == [count, count]


def test_only_who_leads_cases_is_offered_to_tick_them(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The applicant's and the auditor's lists of the same case have no boxes."""
    case = new_case(office, ukraine)
    for person, has in (("whitfield", True), ("marchenko", False), ("tan", False)):
        tabs = ("team", "others")
        pages = [_text(signed_in(person).get(f"/inbox/?tab={tab}&q={case}")) for tab in tabs]
        page = "".join(pages)
        assert f"/cases/{case}/" in page
        assert ('name="case"' in page, 'action="/inbox/acts/"' in page) == (has, has)
        assert "Keys, while the focus is in the list" in page
        assert ("x ticks" in page) is has, "a key is named where it does something"


# --- lists under a name


def test_a_list_is_kept_under_a_name_and_leads_back(signed_in: Browser) -> None:
    """Its filters stand in the address in one spelling; it is a tab, and can be removed."""
    browser = signed_in("whitfield")
    query = "tab=others&q=ATACMS&status=under-review"
    page = _text(browser.get(f"/inbox/?status=under-review&{query}&after=zzz&x=1"))
    assert f'name="query" value="{query}"' in page
    assert browser.post("/inbox/lists/", {"query": query, "name": " Missiles "}).status_code == 302
    page = _text(browser.get(f"/inbox/?{query}"))
    assert f'<a href="?{query}" aria-current="page">Missiles</a>' in page
    assert 'aria-current="page">Waiting' not in page
    remove = re.search(r'action="(/inbox/lists/\d+/remove/)"', page)
    assert remove
    assert "Missiles" not in _text(signed_in("okafor").get("/inbox/"))
    assert signed_in("okafor").post(remove[1]).status_code == 404
    browser.post(remove[1])
    browser.get("/inbox/")
    assert "Missiles" not in _text(browser.get("/inbox/"))


def test_a_list_without_a_filter_or_a_name_is_not_kept(signed_in: Browser) -> None:
    """Each is said, and nothing is kept; nor are two of one name, nor more than there may be."""
    from placet.web.models import KeptList

    browser, query = signed_in("hart"), "tab=others&q=depot"
    refused = (
        ({"query": "tab=others", "name": "All"}, "no filter to keep"),
        ({"query": query, "name": " \x00 "}, "under a name"),
    )
    for sent, says in refused:
        assert says in _text(browser.post("/inbox/lists/", sent, follow=True))
    for number in range(20):
        browser.post("/inbox/lists/", {"query": query, "name": f"List {number}"})
    for name, says in (("List 3", "of that name"), ("One more", "as many lists")):
        sent = {"query": query, "name": name}
        assert says in _text(browser.post("/inbox/lists/", sent, follow=True))
    mine = KeptList.objects.filter(person="hart")
    assert mine.count() == 20
    mine.delete()


def test_a_name_is_shown_as_text(signed_in: Browser) -> None:
    """Whatever somebody calls a list, it runs nothing and leads nowhere else."""
    browser = signed_in("doyle")
    sent = {"query": "tab=others&q=<i>&next=//evil.example", "name": "<script>x</script>"}
    browser.post("/inbox/lists/", sent)
    page = browser.get("/inbox/").content.decode()
    assert "<script>x" not in page
    assert 'href="?tab=others&amp;q=%3Ci%3E"' in page
    assert "evil.example" not in page
