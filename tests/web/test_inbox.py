"""The inbox: what waits first, tabs with counts, filters in the address, pages, few questions."""

from __future__ import annotations

import html
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from api_sample import caller
from steps import done, new_case, request_of
from test_new_request import PAGE, STRIKE

from placet.need_to_know.desk import Tab, keys
from placet.operations.house import SignedIn, viewer_of
from placet.operations.ports import Sought
from placet.operations.ports.sought import Tally
from placet.operations.seeing.comparing import compare_cases
from placet.operations.seeing.desks import Narrowed, see_desk, see_inbox, see_tallies
from placet.operations.seeing.reports import see_report
from placet.registry import parse_moment
from placet.store.connections import Database
from placet.web.pages.days import length


def tabs(page: str) -> dict[str, int]:
    """Return the tabs of a page with their counts, of which the largest stands for more."""
    found = re.findall(r'<a href="\?tab=(\w+)"[^>]*>[^(]+\((\d+)\+?\)', page)
    return {tab: int(count) for tab, count in found}


@pytest.mark.parametrize("person", ["secretary", "whitfield", "marchenko", "hart", "tan"])
def test_each_sees_on_each_tab_what_is_counted(
    office: Any, signed_in: Callable[..., Any], person: str
) -> None:
    """The counts on the tabs are of what the tabs show, and what waits is the pure inbox."""
    compare_cases(office.house, 99, timedelta(minutes=1))
    browser = signed_in(person)
    page = browser.get("/inbox/").content.decode()
    counts = tabs(page)
    who = SignedIn(person, None)
    stale = see_tallies(office.house, who)[Tab.STALE].count
    assert list(counts) == [tab for tab in Tab if stale or tab is not Tab.STALE]
    assert counts["action"] == min(len(list(see_inbox(office.house, who))), Tally.MOST_COUNTED)
    for tab, count in counts.items():
        shown = browser.get(f"/inbox/?tab={tab}").content.decode()
        rows = see_desk(office.house, who, Narrowed(Tab(tab), most=1000)).lines
        assert min(len(rows), Tally.MOST_COUNTED) == count
        assert all(f"/cases/{each.case.id}/" in shown for each in rows[:20])


def test_a_case_whose_determination_is_out_of_date_is_on_a_tab_of_its_own(
    office: Any, signed_in: Callable[..., Any]
) -> None:
    """The story leaves one that a fact made stale: its officers and deciders see it, and by whom.

    They can have it determined anew from there. Who applied has no such tab, also if they ask.
    """
    from placet.web.jobs.tasks import compare

    compare.func(0)
    desk = see_desk(office.house, SignedIn("whitfield", None), Narrowed(Tab.STALE))
    line = desk.lines[0]
    assert line.renew == ("us/review-desk",)
    for person in ("whitfield", "secretary", "tan"):
        inbox = signed_in(person).get("/inbox/").content.decode()
        assert f"Determination out of date ({desk.tallies[Tab.STALE].count})" in inbox
        shown = signed_in(person).get("/inbox/?tab=stale").content.decode()
        assert f"/cases/{line.case.id}/" in shown
        assert "Strike review desk" in shown
    officer = signed_in("whitfield").get("/inbox/?tab=stale").content.decode()
    assert '<option value="determine">' in officer
    page = signed_in("whitfield").get(f"/cases/{line.case.id}/").content.decode()
    assert "no longer follows from what is on record" in page
    applicant = signed_in("marchenko")
    assert "out of date" not in applicant.get("/inbox/").content.decode()
    assert f"/cases/{line.case.id}/" not in applicant.get("/inbox/?tab=stale").content.decode()
    # Who is to decide it reads beside what waits, and on the case, that it cannot be done yet.
    waiting = signed_in("secretary").get("/inbox/").content.decode()
    assert "to be determined anew first, by Strike review desk" in waiting
    assert "1 case is to be determined anew." in waiting
    # To whose desk it is, it is not said as to others.
    own = signed_in("whitfield").get("/inbox/").content.decode()
    assert "to be determined anew by you first" in own
    assert "determined anew first, by" not in own
    assert "on record: determine it anew." in page
    case = signed_in("secretary").get(f"/cases/{line.case.id}/").content.decode()
    answer = case[case.index('id="answer"') : case.index('class="two maps"')]
    assert "have it determined anew by Strike review desk" in answer
    case = applicant.get(f"/cases/{line.case.id}/").content.decode()
    assert "anew" not in case[case.index('id="answer"') : case.index('class="two maps"')]


def test_what_waits_is_named_by_what_it_is_about(
    office: Any, signed_in: Callable[..., Any], ukraine: Any
) -> None:
    """The question itself, a use by what was used where and when; nothing by an id of ours."""
    asked = ("whitfield", "ask", {"asks": "Which depot, of those that were named, is meant?"})
    case = new_case(office, ukraine, asked)
    shown = signed_in("marchenko").get(f"/inbox/?tab=action&q={case}").content.decode()
    assert "Which depot, of those that were named, is meant?" in shown
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    said = {"verdict": "approve", "because": "a depot", "disclosed": "yes", "determination": digest}
    done(office.house, case, "secretary", "decide", {"party": "US", "office": "us/secdef", **said})
    for person, tab, told in (
        ("whitfield", "action", True),
        ("tan", "others", True),
        ("marchenko", "others", False),
        ("secretary", "others", False),
    ):
        row = _row_of(signed_in(person), tab, case)
        assert ("Strike review desk" in row, bool(row)) == (told, True), (person, row)
    permit, report = (office.house.references.reference(each) for each in "PU")
    status = office.house.references.status_index()
    done(office.house, case, "whitfield", "issue", {"permit": permit, "status": status})
    used = {"line": "missiles", "quantity": 5, "area": "RU-BRY", "target": "military.depot"}
    on = f"{office.house.clock.now():%Y-%m-%d}"
    use = {"permit": permit, "report": report, **used, "purpose": "defence.strike", "on": on}
    done(office.house, case, "marchenko", "report-use", {**use, "recipient": "none"})
    for address in (f"/inbox/?tab=action&q={case}", f"/cases/{case}/"):
        shown = html.unescape(signed_in("whitfield").get(address).content.decode())
        assert re.search(r">5 \u00d7 ATACMS in Bryanskaya oblast' on \d+ \w+ \d{4}</small>", shown)
        assert f">{report}<" not in shown
    first = html.unescape(signed_in("whitfield").get("/inbox/?tab=action").content.decode())
    row = first[first.index("<tbody>") : first.index("</tr>", first.index("<tbody>"))]
    assert "used outside its permit" in row
    for tab in ("action", "closed"):
        assert "used outside its permit" in _row_of(signed_in("whitfield"), tab, case)
    assert "At once" in _row_of(signed_in("whitfield"), "action", case)
    early = caller(office.house, "whitfield").whole("/inbox", "waiting", due="2000-01-01")
    assert ("resolve-violation", case) in [(each["act"], each["case"]) for each in early]
    assert {each["act"] for each in early} == {"resolve-violation"}, "due at once, by any day"


def test_a_list_has_no_column_in_which_nothing_stands(
    office: Any, signed_in: Callable[..., Any], ukraine: Any
) -> None:
    """Whoever advises is not told for whom it waits; what is closed is never due."""
    case = new_case(office, ukraine)
    advising, deciding = (
        _headings(signed_in(each), f"tab=action&q={case}") for each in ("hart", "secretary")
    )
    assert [*deciding] == ["Case", "To do", "What", "Waiting for", "Status", "Waited", "Due"]
    assert [each for each in deciding if each not in advising] == ["Waiting for"]
    closed = _headings(signed_in("tan"), f"tab=closed&q={office.permitted.id}")
    assert closed == ["Case", "What", "Status", "Since"]


def _headings(browser: Any, query: str) -> list[str]:
    """Return what the columns of a list are called, each of its rows as long."""
    shown = browser.get(f"/inbox/?{query}").content.decode()
    (table,) = re.findall(r'<table id="cases".*?</table>', shown, re.DOTALL)
    headings = re.findall(r'<th scope="col">(.*?)</th>', table)
    rows = table.partition("<tbody>")[2].split("</tr>")[:-1]
    assert {each.count("<td") for each in rows} == {len(headings)}
    return headings


def _row_of(browser: Any, tab: str, case: str) -> str:
    """Return what the line of a case says in a list."""
    shown = html.unescape(browser.get(f"/inbox/?tab={tab}&q={case}").content.decode())
    found = re.search(rf"<tr>(?:(?!</tr>).)*/cases/{case}/.*?</tr>", shown, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group(0)).split()) if found else ""


def test_a_case_that_nobody_has_determined_waits_for_the_desk_that_has_to(
    office: Any, signed_in: Callable[..., Any]
) -> None:
    """It was submitted, and is under nobody's review yet; the applicant is told neither."""
    sent = {**STRIKE, "title": "Not determined yet", "do": "file"}
    case = signed_in("marchenko").post(PAGE, sent)["location"].strip("/").rpartition("/")[2]
    desk = _row_of(signed_in("whitfield"), "action", case)
    assert re.search(r"Strike review desk .*submitted", desk), desk
    audits = _row_of(signed_in("tan"), "others", case)
    assert re.search(r"Strike review desk .*submitted", audits), audits
    mine = _row_of(signed_in("marchenko"), "others", case)
    assert "under-review" in mine.replace(" ", "-")
    assert "Strike review desk" not in mine
    cases = {each.id: each for each in office.house.reading.cases()}
    for each in see_report(office.house, SignedIn("tan", None)).oldest:
        assert bool(each.undetermined_by) is (cases[each.case].determined is None), each
    address = f"/inbox/?tab=team&q={case}&status="
    for person, status, there in (
        ("whitfield", "submitted", True),
        ("whitfield", "refused", False),
        ("marchenko", "submitted", False),
    ):
        tab = address.replace("team", "others") if person == "marchenko" else address
        shown = signed_in(person).get(f"{tab}{status}").content.decode()
        assert (f">{case}</a>" in shown) is there, (person, status)
        assert ('<option value="submitted"' in shown) is (person == "whitfield")
    done(office.house, case, "whitfield", "determine", {})
    assert f">{case}</a>" not in signed_in("whitfield").get(f"{address}submitted").content.decode()
    assert "submitted" not in _row_of(signed_in("whitfield"), "team", case)


def test_a_day_that_is_set_for_somebody_stands_in_the_lists_of_who_may_know_it(
    office: Any, signed_in: Callable[..., Any], ukraine: Any
) -> None:
    """The earliest, and for whom; the applicant is not told of a day of an office."""
    day = {"of": "us/secdef", "due": "2099-12-05", "because": "the talks end"}
    case = new_case(office, ukraine, ("whitfield", "set-deadline", day))
    assert "5 Dec 2099 , for Secretary of Defense" in _row_of(signed_in("whitfield"), "team", case)
    assert "no day set" in _row_of(signed_in("marchenko"), "others", case)
    earlier = {"of": "applicant", "due": "2099-12-01", "because": "to hear from them"}
    done(office.house, case, "whitfield", "set-deadline", earlier)
    for person, tab in (("whitfield", "team"), ("marchenko", "others")):
        assert "1 Dec 2099 , for Ukraine" in _row_of(signed_in(person), tab, case)


def test_a_case_that_waits_in_two_ways_is_one_line(
    office: Any, signed_in: Callable[..., Any], ukraine: Any
) -> None:
    """What else waits on it stands on the line of what is most urgent; an act is said once."""
    asked = [("whitfield", "ask", {"asks": f"Which {each}?"}) for each in ("depot", "day")]
    case = new_case(office, ukraine, *asked)
    desk = see_desk(office.house, SignedIn("marchenko", None), Narrowed(Tab.ACTION, most=1000))
    cases = [each.case.id for each in desk.lines]
    assert cases.count(case) == 2
    shown = signed_in("marchenko").get(f"/inbox/?tab=action&q={case}").content.decode()
    assert re.findall(r'<td class="whole">.*?<a href="/cases/([^/]+)/">', shown) == [case]
    assert shown.count("Answer the question") == 1
    for each in ("depot", "day"):
        assert re.search(rf'<small class="under">Which {each}\?</small>', shown)


def test_a_filter_stands_in_the_address_and_narrows_the_list(
    office: Any, signed_in: Callable[..., Any]
) -> None:
    """By words, status, party waited for and day; what cannot be read changes nothing."""
    browser = signed_in("tan")
    every = re.findall(r"/cases/([^/]+)/", browser.get("/inbox/?tab=closed").content.decode())
    one = every[0]
    for query, expected in {
        f"q={one.lower()}": [one],
        "q=nothing+of+the+kind": [],
        "status=lapsed": [],
        "after=!!&status=odd&due=x": every,
        "after=bnVsbA==": every,
        f"after={urlsafe_b64encode(b'[' * 3000).decode()}": every,
    }.items():
        shown = browser.get(f"/inbox/?tab=closed&{query}").content.decode()
        assert re.findall(r"/cases/([^/]+)/", shown) == expected
    assert browser.get("/inbox/?tab=odd&q=%00").status_code == 200
    assert office.house.reading.checkpoint() is not None


def test_what_rows_find_is_shown_only_if_the_inbox_and_the_view_say_so(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that somebody else could put there shows them no case that they have no part in."""
    reading = office.house.reading
    of_auditor = Narrowed(Tab.CLOSED)
    told = see_desk(office.house, SignedIn("tan", None), of_auditor)
    assert told.lines
    lying = reading.desk

    def desk(sought: Sought) -> Any:
        auditor = keys(viewer_of(office.house, SignedIn("tan", None)))
        return lying(replace(sought, held=auditor))

    monkeypatch.setattr(reading, "desk", desk)
    assert see_desk(office.house, SignedIn("nobody", None), of_auditor).lines == ()
    assert see_desk(office.house, SignedIn("tan", None), of_auditor).lines == told.lines


def open_case(signed_in: Callable[..., Any], person: str) -> str:
    """Return the row of the case that the story leaves open, in somebody's inbox."""
    page = signed_in(person).get("/inbox/?q=storm+shadow").content.decode()
    return page.partition("<tbody>")[2].partition("</tr>")[0]


def test_what_is_late_is_said_first_and_stands_first(signed_in: Callable[..., Any]) -> None:
    """In the first sentence, and in the first row by word, shape and colour, with the day."""
    page = signed_in("secretary").get("/inbox/").content.decode()
    assert re.search(r"\d+ things? waits? for you, 1 is late\.", page)
    first = page.partition("<tbody>")[2].partition("</tr>")[0]
    badge = r'<span class="badge no"><span aria-hidden="true">✕</span> Overdue \d+ \w+</span>'
    assert re.search(badge + r".*25 Jul 2025", first)


def test_how_long_something_has_waited_is_said_with_the_moment_it_began(
    signed_in: Callable[..., Any],
) -> None:
    """An age in words; the moment stands on hover and is read out; and whose day is set."""
    row = open_case(signed_in, "whitfield")
    since = "10 Jul 2025, 10:00 UTC"
    assert re.search(rf'title="{since}">\d+ (months|years)<span[^>]*>, since {since}</span>', row)
    assert re.search(r"25 Jul 2025</time>, for Secretary of Defense</small>", row)


@pytest.mark.parametrize("person", ["whitfield", "secretary"])
def test_the_inbox_names_offices_and_parties(signed_in: Callable[..., Any], person: str) -> None:
    """Nobody reads a code where the register knows a name."""
    row = open_case(signed_in, person)
    said = re.sub(r"<[^>]+>", " ", row)
    assert "Storm Shadow, Ukraine" in said
    assert {"whitfield": "France", "secretary": "Secretary of Defense"}[person] in said
    assert not re.search(r"\b(UA|FR|GB|US)\b|us/secdef", said)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2025-07-10T10:59:59Z", "less than an hour"),
        ("2025-07-10T11:00:00Z", "1 hour"),
        ("2025-07-11T09:59:59Z", "23 hours"),
        ("2025-07-12T10:00:00Z", "2 days"),
        ("2025-09-09T10:00:00Z", "61 days"),
        ("2025-10-09T10:00:00Z", "2 months"),
        ("2026-11-10T10:00:00Z", "16 months"),
        ("2029-07-09T10:00:00Z", "3 years"),
    ],
)
def test_a_length_is_said_in_one_unit(end: str, said: str) -> None:
    """Hours of a first day, days of two months, then months, and years from the third on."""
    assert length(parse_moment("2025-07-10T10:00:00Z"), parse_moment(end)) == said


def test_pages_follow_one_another_without_a_gap(
    signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page leads to the next, and together they are the list."""
    browser, addresses, seen = signed_in("tan"), ["?tab=closed"], []
    count = tabs(browser.get("/inbox/").content.decode())["closed"]
    at_once = 1 + count // 5
    monkeypatch.setattr("placet.web.pages.inbox._MOST", at_once)
    for address in addresses:
        page = browser.get(f"/inbox/{address}").content.decode()
        seen += re.findall(r"/cases/([^/]+)/", page)
        further = re.findall(r'rel="next" href="([^"]+)"', page)
        addresses += map(html.unescape, further[:1])
    assert len(addresses) == -(-len(seen) // at_once) > 1
    assert len(seen) == len(set(seen))
    assert min(len(seen), Tally.MOST_COUNTED) == count


def test_the_inbox_asks_no_more_of_the_database_for_a_longer_list(
    signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of one line and one of many ask as many questions, of the register and the pages."""
    browser, asked = signed_in("tan"), []
    transaction, here = Database.transaction, threading.get_ident()

    def counted(self: Database) -> Any:
        asked[-1] += threading.get_ident() == here  # others number and work meanwhile
        return transaction(self)

    monkeypatch.setattr(Database, "transaction", counted)
    for most in (1, 1, 20):
        monkeypatch.setattr("placet.web.pages.inbox._MOST", most)
        asked.append(0)
        page = browser.get("/inbox/?tab=closed").content.decode()
        assert "<script>" not in page
        assert "style=" not in page
    assert asked[1] == asked[2] <= 6


def test_page_list_and_api_say_alike_how_a_case_stands(
    signed_in: Any, office: Any, ukraine: Any
) -> None:
    """What nobody determined is submitted, and waits for the desk; no permit that is over is ✓."""
    from api_sample import caller

    case = office.house.references.reference("C")
    plain = request_of(ukraine)
    done(office.house, case, "marchenko", "submit", {"case": case, "request": plain})
    old = office.permitted.id
    api = caller(office.house, "whitfield")
    listed = {each["case"]: each for each in api.whole("/cases", "cases")}
    for name, word, badge in (
        (case, "submitted", "wait"),
        (old, "permit-expired", "quiet"),
    ):
        page = api.get(f"/cases/{name}/page").json()
        shown = signed_in("whitfield").get(f"/cases/{name}/").content.decode()
        heading = shown[shown.index("<h1>") : shown.index("</h1>")]
        said = word.replace("-", " ")
        assert page["stands"] == listed[name]["stands"] == word
        assert re.search(rf'class="badge {badge}"[^/]*/span> {said}<', heading), heading
        assert "permitted" not in heading
        waits = "It waits for Strike review desk." in shown
        assert waits is (name == case)
    assert listed[case]["undetermined-by"] == ["US"]
    assert "used outside its permit" in heading
    assert "Effect on stock" not in shown
    inbox = signed_in("whitfield").get(f"/inbox/?tab=closed&q={old}").content.decode()
    assert re.search(rf">{old}</a>.*?permit expired<", inbox, re.DOTALL)


def test_a_line_shows_the_earliest_day_and_whose_it_is(
    office: Any, signed_in: Callable[..., Any], ukraine: Any
) -> None:
    """The desk has the case by the 9th, the Secretary decides by the 5th: the 5th is shown."""
    why = {"because": "soon"}
    case = new_case(
        office,
        ukraine,
        ("whitfield", "set-deadline", {"of": "case", "due": "2098-12-09", **why}),
        ("whitfield", "set-deadline", {"of": "us/secdef", "due": "2098-12-05", **why}),
    )
    line = _row_of(signed_in("whitfield"), "team", case)
    assert re.search(r"5 Dec 2098 ?, for Secretary of Defense", line), line
    own = _row_of(signed_in("secretary"), "action", case)
    assert "5 Dec 2098" in own
    assert "9 Dec 2098" not in own


def test_no_consent_is_recorded_of_who_decides_here(
    office: Any, signed_in: Callable[..., Any], ukraine: Any
) -> None:
    """Britain has somebody here who decides: it does not wait for the desk, and France's does."""
    plain = request_of(ukraine, "storm-shadow-in-russia")
    case = new_case(office, ukraine, **plain)
    shown = signed_in("whitfield").get(f"/inbox/?tab=action&q={case}").content.decode()
    assert shown.count(f'name="case" value="{case}"') == 1
    line = _row_of(signed_in("whitfield"), "action", case)
    assert re.search(r"Record a consent France (?!United)", line), line
    waiting = see_desk(office.house, SignedIn("whitfield", None), Narrowed(Tab.ACTION, words=case))
    assert [each.waiting.about for each in waiting.lines] == ["FR"]
