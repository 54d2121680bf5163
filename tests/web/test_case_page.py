"""A case's page: the answer first, each person's part and no more, why a button is not there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from questions import questions
from steps import PASSWORD, done, new_case, request_of, signing

from placet.ledger import parse_receipt

Browser = Callable[..., Any]


def page(signed_in: Browser, person: str, case: str, **query: str) -> str:
    """Return the page of a case as a person gets it."""
    answer = signed_in(person).get(f"/cases/{case}/", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


ADVICE = ("hart", "advise", {"office": "us/usd-policy", "stance": "for", "says": "A depot."})


def test_the_history_says_what_was_decided(office: Any, signed_in: Browser, ukraine: Any) -> None:
    """Consent with its limits, or a refusal: not only that somebody decided."""
    consent = "gave consent, with a condition, with 1 limit"
    for verdict, says in (("approve", consent), ("refuse", "refused")):
        case = new_case(office, ukraine)
        digest = office.house.reading.case(case).determined.digest
        said = {"because": "to be seen", "disclosed": "said", "determination": digest}
        said |= {"party": "US", "office": "us/secdef", "verdict": verdict}
        limits = [{"at-most": 2, "text": "two at most"}] if verdict == "approve" else []
        waits = [{"consent-of": "GB"}] if verdict == "approve" else []
        given = {**said, "provisos": limits, "provided": waits}
        done(office.house, case, "secretary", "decide", given)
        history = page(signed_in, "whitfield", case).partition('id="history"')[2]
        assert f"<b>The Secretary</b> {says}" in history
        told = page(signed_in, "marchenko", case).partition("<b>The United States</b>")[2]
        assert told.lstrip().startswith(says)
        assert "United States" not in told.partition("</p>")[0], "whose word it is is said once"


def test_a_rule_that_advises_says_so_once(office: Any, signed_in: Browser, ukraine: Any) -> None:
    """By its badge; of any other the effect stands beneath what it says."""
    case = new_case(office, ukraine, **request_of(ukraine, "storm-shadow-in-russia"))
    rules = page(signed_in, "whitfield", case).partition('id="rules"')[2]
    cells = re.findall(r'<td data-is="Says">(.*?)</td>', rules)
    (advises,) = (each for each in cells if "advises" in each)
    assert advises.count("advises") == 1
    assert any('<small class="under">otherwise</small>' in each for each in cells)


def test_no_stance_is_taken_for_an_adviser(office: Any, signed_in: Browser, ukraine: Any) -> None:
    """Whoever advises chooses it; it is none until then."""
    shown = page(signed_in, "hart", new_case(office, ukraine))
    (choices,) = re.findall(r'<select [^>]*name="stance"[^>]*>(.*?)</select>', shown)
    assert choices.startswith('<option value="">Choose</option>')
    assert "selected" not in choices


def test_advice_that_its_team_has_changed_stands_beside_the_new_as_superseded(
    office: Any, signed_in: Browser, ukraine: Any
) -> None:
    """Whoever decides reads which of the two holds, and what was said before."""
    later = {"office": "us/usd-policy", "stance": "against", "says": "No depot after all."}
    case = new_case(office, ukraine, ADVICE, ("hart", "advise", later))
    told = page(signed_in, "secretary", case).partition('id="advice-title"')[2]
    articles = [re.sub(r"<[^>]+>", " ", each) for each in told.split("<article")[1:3]]
    assert ["superseded by later advice" in each for each in articles] == [True, False]
    assert ["A depot." in each for each in articles] == [True, False]


def test_the_answer_stands_before_everything_else(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The sentence comes first, then the picture, then its table, then the history."""
    shown = page(signed_in, "secretary", new_case(office, ukraine))
    places = [
        shown.index(each)
        for each in ('id="answer"', "<svg", 'id="consents"', 'id="rules"', 'id="history"')
    ]
    assert places == sorted(places)
    assert "This needs the yes of the United States (Secretary of Defense)." in shown


def test_the_secretary_may_sign_and_the_adviser_may_not(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The form to decide is the decider's; the adviser has the form to advise."""
    case = new_case(office, ukraine)
    decider, adviser = (page(signed_in, each, case) for each in ("secretary", "hart"))
    assert 'action="/act/decide/#acts"' in decider
    assert 'action="/act/decide/#acts"' not in adviser
    assert 'action="/act/advise/#acts"' in adviser


def test_an_applicant_sees_nothing_of_the_review(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """No advice, no office that decides, no undeclared rule, nobody of the review."""
    case = new_case(office, ukraine, ADVICE)
    inside = page(signed_in, "secretary", case)
    outside = page(signed_in, "marchenko", case)
    for secret in ("A depot.", "Secretary of Defense", "strike-review", "Edmund Hart", "Whitfield"):
        assert secret not in outside
    for known in ("A depot.", "Secretary of Defense", "strike-review", "Edmund Hart"):
        assert known in inside
    assert "Withdraw the request" in outside


def test_an_auditor_reads_advice_with_dissent_and_assurances(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Who audits reads on the page what was said within: nothing of it is for the parties alone."""
    dissent = ("okafor", "dissent", {"advice": 0, "says": "Not this week."})
    said = {"party": "GB", "given-by": "British mission", "says": "London agrees."}
    assurance = ("whitfield", "record-assurance", {**said, "instrument": "A note"})
    case = new_case(office, ukraine, ADVICE, dissent, assurance)
    audited, applicant = (page(signed_in, each, case) for each in ("tan", "marchenko"))
    for title, words in {
        "advice": ("A depot.", "Edmund Hart", "Not this week.", "Rose Okafor"),
        "assurances": ("London agrees.", "British mission"),
    }.items():
        begins = audited.index(f'id="{title}-title"')
        section = audited[begins : audited.index("</section>", begins)]
        assert [each for each in words if each in section] == list(words)
        assert not [each for each in words if each in applicant]


def test_the_button_that_stands_out_is_what_waits_for_the_person(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Determining stands out until it is done, issuing once all have decided; nothing else."""
    case: str = office.house.references.reference("C")
    filed = {"case": case, "request": request_of(ukraine)}
    done(office.house, case, "marchenko", "submit", filed)
    assert _standing_out(page(signed_in, "whitfield", case)) == ["Determine who has a say"]
    done(office.house, case, "whitfield", "determine", {})
    shown = page(signed_in, "whitfield", case)
    assert _standing_out(shown) == []
    assert "Nothing has changed since the case was determined" in shown
    assert _standing_out(page(signed_in, "secretary", case)) == ["Go on to signing"]
    assert _standing_out(page(signed_in, "hart", case)) == ["Give advice"]
    digest = office.house.reading.case(case).determined.digest
    said = {"verdict": "approve", "because": "a depot", "disclosed": "yes", "determination": digest}
    done(office.house, case, "secretary", "decide", {"party": "US", "office": "us/secdef", **said})
    assert _standing_out(page(signed_in, "whitfield", case)) == ["Issue the permit"]


def _standing_out(shown: str) -> list[str]:
    """Return the buttons among what can be done that stand out."""
    acts = shown[shown.index('id="acts"') : shown.index("</section>", shown.index('id="acts"'))]
    return re.findall(r'<(?:button|a class="button")(?: href="[^"]*")?>([^<]+)<', acts)


def test_an_adviser_countersigns_what_they_see_by_its_number(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The number on the page is the viewer's own; what is done is done to that advice."""
    case = new_case(office, ukraine, ADVICE)
    shown = page(signed_in, "okafor", case)
    assert "Countersign the advice" in shown
    sent = {"on-case": case, "advice": "0", "back": f"/cases/{case}/"}
    done = signed_in("okafor").post("/act/countersign/", sent)
    assert done.status_code == 302
    assert office.house.reading.case(case).advice[0].countersigned_by == "okafor"
    assert "countersigned by Rose Okafor" in page(signed_in, "hart", case)
    refused = signed_in("okafor").post("/act/countersign/", {**sent, "advice": "7"})
    assert "no advice 7" in refused.content.decode()


def test_a_button_that_is_not_available_says_why(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The desk cannot issue before the decision, and reads what is missing."""
    shown = page(signed_in, "whitfield", new_case(office, ukraine))
    missing = shown[shown.index("Still missing") : shown.index("What is not possible now")]
    assert "Secretary of Defense decides on ATACMS" in missing
    why = shown[shown.index("What is not possible now") :]
    assert re.search(r"Issue the permit.*?The case is under review", why, re.DOTALL)


def test_every_line_has_its_receipt(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """The receipt that is downloaded is of the entry that the line names and leads to."""
    case = new_case(office, ukraine)
    shown = page(signed_in, "secretary", case)
    lines = re.findall(r'entry (\d+)</a>.*?href="([^"]+)" download', shown)
    places = office.house.reading.places_of_case(case)
    assert [int(entry) for entry, _ in lines] == list(places)
    for entry, address in lines:
        answer = signed_in("secretary").get(address)
        assert parse_receipt(answer.content).index == int(entry)
        assert f'<a href="/ledger/{entry}/">entry {entry}</a>' in shown
        assert "attachment" in answer["Content-Disposition"]
    assert signed_in("marchenko").get(lines[1][1]).status_code == 404


def test_another_date_is_compared_in_words(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """On a day before the review another office decided; a day that is none is refused in words."""
    case = new_case(office, ukraine)
    shown = page(signed_in, "whitfield", case, at="2024-06-01")
    assert "the rules refuse it; before, a yes is needed" in shown
    assert 'role="alert"' in page(signed_in, "whitfield", case, at="yesterday")


@pytest.mark.parametrize("person", ["marchenko", "hart", "secretary", "whitfield", "tan"])
def test_the_page_has_no_inline_style_or_script(
    signed_in: Browser, office: Any, ukraine: Any, person: str
) -> None:
    """So that a strict content security policy lets the whole page be seen."""
    shown = page(signed_in, person, new_case(office, ukraine, ADVICE))
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", shown)
    assert "<style" not in shown
    assert not re.findall(r"<script(?![^>]*\ssrc=)", shown)
    ids = re.findall(r'\sid="([^"]+)"', shown)
    assert len(ids) == len(set(ids))


def test_no_part_in_a_case_reads_as_no_case(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """The same answer for a case of others and for none."""
    case = new_case(office, ukraine)
    for name in (case, "C-NONE"):
        assert signed_in("commander").get(f"/cases/{name}/").status_code == 404
    assert signed_in().get(f"/cases/{case}/").status_code == 302


def test_a_longer_history_takes_no_more_questions_to_the_database(
    signed_in: Browser, office: Any, ukraine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case with twelve more acts is read with as many questions as one without."""
    short = new_case(office, ukraine)
    asked = [("whitfield", "ask", {"asks": f"With whom, {number}?"}) for number in range(12)]
    long = new_case(office, ukraine, *asked)
    counts = []
    for case in (short, long, short):
        with questions(monkeypatch) as found:
            page(signed_in, "whitfield", case)
        counts.append(len(found))
    assert 0 < counts[1] <= counts[2]


def test_every_link_on_the_page_leads_somewhere(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Items, policies, acts and receipts: nobody is sent to a page that they may not see."""
    decision = {
        "party": "US",
        "office": "us/secdef",
        "verdict": "approve",
        "because": "a depot",
        "disclosed": "agreed",
    }
    case = new_case(office, ukraine)
    page_of = signed_in("secretary").post("/act/decide/", {"on-case": case, **decision})
    sent = signing(page_of.content.decode())
    word = {"by": "word", "password": PASSWORD}
    signed_in("secretary").post("/sign/", {**sent, **word})
    for person in ("marchenko", "secretary", "whitfield", "tan"):
        browser = signed_in(person)
        shown = page(signed_in, person, case).partition("<main")[2].partition("</main>")[0]
        links = {html.unescape(each) for each in re.findall(r'href="(/[^"#]*)', shown)}
        assert any(each.startswith("/systems/") for each in links)
        assert f"/cases/{case}/decision.pdf" in links
        for each in sorted(links):
            assert browser.get(each).status_code == 200, each


def test_a_disputed_delegation_is_told_where_it_would_be_used(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Who decides reads on the case that the reported delegation gives no authority, and why."""
    name = new_case(office, ukraine)
    told = (
        "Secretary of Defense to Commander, US European Command: gives no authority "
        "(disputed: a grant of authority that is not certain gives none)."
    )
    assert told in html.unescape(page(signed_in, "secretary", name))
    assert told not in html.unescape(page(signed_in, "marchenko", name))


def test_the_word_of_another_party_reads_as_theirs(signed_in: Browser) -> None:
    """Who puts an assurance on record does not act for who gave it; and parties have names."""
    inbox = signed_in("whitfield").get("/inbox/?q=storm+shadow").content.decode()
    address = re.findall(r'href="(/cases/[^/]+/)"', inbox)[0]
    shown = signed_in("whitfield").get(address).content.decode()
    history = re.sub(r"<[^>]+>", " ", shown.partition('id="history"')[2])
    assert re.search(
        r"Dana Whitfield\s+recorded an assurance of the United Kingdom, which is no approval",
        history,
    )
    assert "· Ukraine" in history
    assert "A deadline passed: Secretary of Defense" in history
    assert not re.search(r"· (GB|UA|US)\b", history)
    rules = shown.partition('id="rules"')[2].partition("</table>")[0]
    assert "Where no rule of France speaks" in rules
    assert "Where no rule of the United Kingdom speaks" in rules
    acts = shown.partition('id="acts"')[2].partition("</section>")[0]
    assert not re.search(r">(GB|FR)<", acts)
    assert "of 1 persons" not in shown


def test_buttons_and_choices_read_as_sentences(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Each says once, and in words for people, what it is; nothing odd is offered."""
    case = new_case(office, ukraine)
    desk, secretary = page(signed_in, "whitfield", case), page(signed_in, "secretary", case)
    shadow = new_case(office, ukraine, **request_of(ukraine, "storm-shadow-in-russia"))
    liaison = page(signed_in, "whitfield", shadow)
    offered = re.findall(r">Record an assurance</a> <small>(.*?)</small>", liaison)
    assert "of the United Kingdom" in offered
    assert re.search(r'value="return"[^>]*> Return without action<', secretary)
    assert "/act/recuse/" in desk
    assert "/act/recuse/" not in page(signed_in, "marchenko", case)
    begun = f"/act/record-assurance/?on-case={shadow}&party=GB"
    form = signed_in("whitfield").get(begun).content.decode()
    assert "What is said" in form
    assert "What is said." not in form
    assert len(re.findall(r'"h-says"', form)) == 0


def test_there_is_one_page_for_what_is_not_there(signed_in: Browser) -> None:
    """A case that is none and an address that is none are answered in one form, with a way back."""
    browser = signed_in("whitfield")
    for address in ("/cases/nope/", "/administration/"):
        answer = browser.get(address)
        shown = answer.content.decode()
        assert answer.status_code == 404
        assert "<h1>There is nothing here for you</h1>" in shown
        assert 'aria-label="Main"' in shown
        assert "To the inbox" in shown


def test_a_decision_says_what_shows_that_it_was_taken(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The word of a demonstration is told as weaker evidence, beside the decision; a key is not."""
    said = {"party": "US", "office": "us/secdef", "verdict": "refuse", "because": "b"}
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    done(
        office.house,
        case,
        "secretary",
        "decide",
        {**said, "disclosed": "d", "determination": digest},
    )
    kind = office.house.reading.entries_of_case(case)[-1].body.shown["evidence"]["kind"]
    shown = page(signed_in, "whitfield", case)
    box = shown[shown.index('id="decisions-title"') :]
    box = box[: box.index("</section>")]
    assert kind == "demonstration"
    assert "weaker evidence" in box
    assert "the word of the demonstration, and no key" in box
    assert "weaker evidence" not in page(signed_in, "marchenko", case)


def test_lines_of_one_thing_are_told_apart_by_their_names(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """What a line is of is said; and which line it is, where several are of the same."""
    lines = {name: {"item": "atacms", "quantity": 1} for name in ("few", "few-more")}
    lines["data"] = {"item": "us-targeting-data"}
    missing = page(signed_in, "whitfield", new_case(office, ukraine, lines=lines))
    for name in ("ATACMS (line few)", "ATACMS (line few-more)", "United States targeting data"):
        assert f"Secretary of Defense decides on {name}, reserved" in missing


def test_an_appeal_that_lies_is_told_with_the_outcome(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Until a new round is opened on it, the applicant and the office read that it lies."""
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    refusal = {"party": "US", "office": "us/secdef", "verdict": "refuse", "determination": digest}
    done(office.house, case, "secretary", "decide", {**refusal, "because": "x", "disclosed": "no"})
    says = "The applicant has appealed, and waits for an answer of the United States."
    assert says not in page(signed_in, "marchenko", case)
    done(office.house, case, "marchenko", "appeal", {"because": "it is needed"})
    for person in ("marchenko", "whitfield"):
        assert says in page(signed_in, person, case)
    done(office.house, case, "whitfield", "reconsider", {"because": "an appeal"})
    assert says not in page(signed_in, "whitfield", case)


def test_a_dismissed_appeal_is_told_with_its_reason(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """All read what is disclosed; what is for the file stays with those who decided."""
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    word = {"party": "US", "office": "us/secdef"}
    refusal = {**word, "verdict": "refuse", "determination": digest}
    done(office.house, case, "secretary", "decide", {**refusal, "because": "x", "disclosed": "no"})
    done(office.house, case, "marchenko", "appeal", {"because": "it is needed"})
    shown = page(signed_in, "secretary", case)
    assert "act/dismiss-appeal" in shown
    assert "dismiss-appeal" not in page(signed_in, "marchenko", case)
    told = {"because": "kept in the file", "disclosed": "the stock is low"}
    done(office.house, case, "secretary", "dismiss-appeal", {**word, **told})
    for person in ("marchenko", "secretary"):
        shown = page(signed_in, person, case)
        assert "An appeal was dismissed for the United States: “the stock is low.”" in shown
        assert "dismissed the appeal" in shown
        assert "waits for an answer" not in shown
        assert ("kept in the file" in shown) is (person == "secretary")


def test_who_could_do_what_is_not_possible_is_said_once(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """The desk may not record a consent of a party that decides here, and reads who decides."""
    asked = request_of(ukraine, "storm-shadow-in-russia")
    shown = page(signed_in, "whitfield", new_case(office, ukraine, **asked))
    why = shown[shown.index("What is not possible now") :]
    told = re.search(r"The United Kingdom decides in this register.*?</dd>", why, re.DOTALL)
    assert told
    assert told[0].count("Secretary of State for Defence") == 1


def test_a_day_that_is_set_is_no_longer_due_once_the_answer_is_given(
    signed_in: Browser, office: Any, ukraine: Any
) -> None:
    """Beside the party a day stands while its answer is waited for, and not after."""
    limit = {"of": "us/secdef", "due": "2099-01-01", "because": "soon"}
    case = new_case(office, ukraine, ("whitfield", "set-deadline", limit))
    party = r'id="party-US".*?due <time[^>]*>1 Jan 2099'
    assert re.search(party, page(signed_in, "whitfield", case), re.DOTALL)
    digest = office.house.reading.case(case).determined.digest
    decision = {"party": "US", "office": "us/secdef", "verdict": "approve", "determination": digest}
    done(office.house, case, "secretary", "decide", {**decision, "because": "x", "disclosed": "y"})
    row = re.search(r'id="party-US".*?</tr>', page(signed_in, "whitfield", case), re.DOTALL)
    assert row
    assert "1 Jan 2099" not in row[0]
