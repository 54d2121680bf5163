"""Lists over the API: narrowed as the pages narrow them, and never by what they do not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_routes import addresses
from api_sample import caller

from placet.need_to_know.desk import Tab
from placet.need_to_know.shown import CaseStatus
from placet.operations.house import SignedIn
from placet.operations.ports.sought import Tally
from placet.operations.seeing.comparing import compare_cases
from placet.operations.seeing.desks import ENDED, Narrowed, see_desk

PEOPLE = ["secretary", "whitfield", "marchenko", "hart", "tan"]


def listed(who: Any, **filters: str) -> list[str]:
    """Return the cases of a list that is narrowed."""
    return [each["case"] for each in who.whole("/cases", "cases", **filters)]


@pytest.mark.parametrize("person", PEOPLE)
def test_each_tab_has_the_cases_that_the_pages_show_on_it_and_their_count(
    office: Any, person: str
) -> None:
    """On every tab the same cases in the same order; the counts are of what is listed."""
    compare_cases(office.house, 99, timedelta(minutes=1))
    who = caller(office.house, person)
    counts = who.get("/inbox/counts").json()
    waiting = who.whole("/inbox", "waiting")
    assert counts["action"]["count"] == min(len(waiting), Tally.MOST_COUNTED)
    for tab in (Tab.STALE, Tab.TEAM, Tab.OTHERS, Tab.CLOSED):
        desk = see_desk(office.house, SignedIn(person, None), Narrowed(tab, most=1000))
        assert listed(who, tab=tab) == [each.case.id for each in desk.lines]
        tally = desk.tallies[tab]
        assert counts[tab] == {"count": tally.count, "late": tally.late}
    assert listed(who) == [
        case for tab in ("team", "others", "closed") for case in listed(who, tab=tab)
    ]


def test_a_list_is_narrowed_by_words_status_party_and_day(office: Any) -> None:
    """Each filter leaves what it says and nothing else, and together they leave what all leave."""
    who = caller(office.house, "tan")
    every = who.whole("/cases", "cases")
    one = every[0]["case"]
    assert listed(who, q=one.lower()) == [one]
    assert listed(who, q="nothing of the kind") == []
    for status in CaseStatus:
        assert listed(who, status=status) == [e["case"] for e in every if e["status"] == status]
    assert listed(who, due="2000-01-01") == []
    left = [each["case"] for each in every if each["status"] not in ENDED]
    assert listed(who, ended="false") == left
    assert listed(who, ended="false", status="closed") == [], "both hold, and not neither"


def test_a_list_is_narrowed_by_whose_word_is_waited_for(office: Any) -> None:
    """For each party it has the cases that wait for it, as far as whoever asks is told."""
    who = caller(office.house, "okafor")
    every = who.whole("/cases", "cases")
    awaited = sorted({party for each in every for party in each["awaits"]})
    assert awaited, "the story has a case that waits for somebody"
    for party in awaited:
        left = [each["case"] for each in every if party in each["awaits"]]
        assert listed(who, awaiting=party) == left
        assert listed(who, awaiting=party, status="refused") == []


def test_what_waits_is_narrowed_too(office: Any) -> None:
    """By the words of a case and by the day, as on the page."""
    who = caller(office.house, "okafor")
    waiting = who.whole("/inbox", "waiting")
    case = waiting[0]["case"]
    of_case = [each for each in waiting if each["case"] == case]
    assert who.get(f"/inbox?q={case.lower()}").json()["waiting"] == of_case
    for narrowed in ("q=nothing+of+the+kind", "status=refused", "awaiting=none-such"):
        assert who.get(f"/inbox?{narrowed}").json()["waiting"] == []
    due = [each for each in waiting if each["due"] or each["day"]]
    assert any(each["due"] is None for each in due), "the days of others of a case count as well"
    assert who.whole("/inbox", "waiting", due="9000-01-01") == due
    at_once = [each for each in waiting if each["act"] == "resolve-violation"]
    assert who.whole("/inbox", "waiting", due="2000-01-01") == at_once


def test_a_parameter_that_an_address_does_not_name_is_refused_everywhere(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every operation says which one it is and what there is; nothing is answered or done."""
    from django.conf import settings

    monkeypatch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 1e9))
    who = caller(office.house, "tan")
    before = len(list(office.house.reading.entries(0, 100_000)))
    refused = 0
    for each in addresses():
        answer = who.send(each.method, f"{_filled(each.path)}{_asks(each.path)}", _body(each))
        if answer.status_code == 422 and "zzz: is no parameter" in answer.content.decode():
            assert answer["Content-Type"] == "application/problem+json"
            refused += 1
        else:
            assert each.method in ("POST", "PUT"), (each.name, answer.content)
            assert answer.json()["type"].endswith((":invalid", ":unreadable")), answer.content
    assert refused > 30
    assert len(list(office.house.reading.entries(0, 100_000))) == before
    misspelt = who.get("/cases?statuss=refused").json()
    assert (
        "here one may give after, awaiting, due, ended, limit, q, status, tab" in misspelt["detail"]
    )
    plain = who.post("/determine?zzz=1", {"request": {}})
    assert plain.status_code == 422, "what answers before Django does not pass it over either"


def _filled(path: str) -> str:
    names = {
        "{index}": "0",
        "{entry}": "0",
        "{notice}": "0",
        "{draft}": "0",
        "{kept}": "0",
        "{audit}": "00000000-0000-4000-8000-000000000000",
    }
    names["{digest}"] = f"sha256:{'0' * 64}"
    for name, value in names.items():
        path = path.replace(name, value)
    return path.replace("{", "").replace("}", "")


def _asks(path: str) -> str:
    needed = {"/systems/{item}": "?actor=UA&zzz=1", "/freedom": "?party=UA&zzz=1"}
    return needed.get(path, "?zzz=1")


def _body(each: Any) -> Any:
    return {} if each.method in ("POST", "PUT") else None


@pytest.mark.parametrize("after", ["ZZZ", "C-2222222222"])
def test_no_list_goes_on_after_a_case_that_is_none(office: Any, after: str) -> None:
    """It is refused, not answered with nothing: nobody takes it for the end of the list."""
    answer = caller(office.house, "tan").get(f"/cases?after={after}")
    assert answer.status_code == 422
    assert "No list goes on after" in answer.json()["detail"]


def test_entries_come_in_pages_and_one_that_is_none_has_no_receipt(office: Any) -> None:
    """Page by page down to the first; an entry that there is not is 404, as is its proof."""
    who = caller(office.house, "tan")
    size = who.get("/ledger").json()["size"]
    page = who.get("/ledger/entries?limit=2").json()
    assert ([each["index"] for each in page["entries"]], page["next"]) == (
        [size - 1, size - 2],
        size - 2,
    )
    last = who.get("/ledger/entries?after=2").json()
    assert ([each["index"] for each in last["entries"]], last["next"]) == ([1, 0], None)
    for what in ("", "/receipt", "/disclosure"):
        assert who.get(f"/ledger/entries/{size}{what}").status_code == 404, what


def test_no_tab_goes_on_after_a_case_of_another(office: Any) -> None:
    """A case that moved on between two pages ends no list silently."""
    who = caller(office.house, "tan")
    closed = listed(who, tab="closed")[0]
    answer = who.get(f"/cases?tab=others&after={closed}")
    assert answer.status_code == 422
    assert "begin the list anew" in answer.json()["detail"]
