"""The reference pages: each answers, and shows what its reader may know."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from page_routes import whole
from register_sample import placet
from steps import new_case

from placet.ledger import parse_body, parse_receipt

PAGES = (
    "/policies/",
    "/policies/?day=2025-07-01",
    "/systems/",
    "/systems/storm-shadow/",
    "/systems/storm-shadow/?actor=UA&day=2025-03-06",
    "/freedom/?holder=UA&day=2025-07-01",
    "/stock/",
    "/permits/",
    "/ledger/",
    "/ledger/0/",
    "/reports/",
    "/authority/",
)
PEOPLE = ("marchenko", "whitfield", "secretary", "tan")
REVIEW = "2025-strike-review"


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("page", [each for each in PAGES if "?" in each])
def test_every_page_answers_everybody_without_style_or_script_in_place(
    signed_in: Callable[..., Any], person: str, page: str
) -> None:
    """What is asked of a page is answered to each role, with nothing that a policy would stop.

    The pages as they are linked, and all roles: tests/web/test_page_authorisation.py.
    """
    answer = signed_in(person).get(page)
    text = answer.content.decode()
    assert answer.status_code == 200, text[-3000:]
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_to_sign_in_first(signed_in: Callable[..., Any], page: str) -> None:
    """Nobody sees a reference page without an account."""
    answer = signed_in().get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")


def test_undeclared_policies_are_on_no_page_of_an_outsider(signed_in: Callable[..., Any]) -> None:
    """The American review is on the desk's pages and on none of the applicant's."""
    inside, outside = signed_in("whitfield"), signed_in("marchenko")
    listed = inside.get("/policies/").content.decode()
    assert REVIEW in listed
    assert inside.get(f"/policies/US/{REVIEW}/").status_code == 200
    row = re.search(r"Long-range missiles inside Russia</a>.*?</tr>", unescape(listed), re.DOTALL)
    assert row
    assert 'data-is="Last day">between 20 Apr 2025 and 20 Jun 2025<' in row[0]
    adopted = inside.get(f"/policies/US/{REVIEW}/").content.decode()
    assert "Known since" not in adopted, "its own adoption says when"
    first = "/policies/US/2022-donor-conditions/"
    assert "Known since" in signed_in("tan").get(first).content.decode(), "by the book"
    for page in PAGES:
        assert REVIEW not in outside.get(page).content.decode()
    hidden = outside.get(f"/policies/US/{REVIEW}/")
    missing = outside.get("/policies/US/2025-strike-reviev/")
    assert hidden.status_code == missing.status_code == 404


def test_a_policy_is_told_in_names_and_days(signed_in: Callable[..., Any]) -> None:
    """What it supersedes, overrides and cites by title, what was done in the past tense, spans."""
    page = signed_in("whitfield").get(f"/policies/US/{REVIEW}/").content.decode()
    said = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
    assert "Its start is not exactly known: between 20 Apr 2025 and 20 Jun 2025." in said
    assert "2025-04-20" not in said.replace("2025-04-20T", "")
    assert " 2024-11-atacms " not in said
    assert "Supersedes Long-range missiles inside Russia" in said
    assert " Adopted 20 Jun 2025" in said
    assert "Adopt policy" not in said
    assert " wsj-aug-2025 " not in said


def test_an_item_is_of_a_class_by_name(signed_in: Callable[..., Any]) -> None:
    """The id of the class stays in data and in conditions."""
    page = signed_in("whitfield").get("/systems/atacms/").content.decode()
    lead = re.search(r'<p class="lead">(.*?)</p>', page)
    assert lead
    assert lead[1].endswith("· Long-range missile")


def test_officials_and_stock_are_on_no_page_of_an_outsider(signed_in: Callable[..., Any]) -> None:
    """Ukraine's people see no American official in the authority page, nor American stock."""
    outside = signed_in("marchenko")
    assert "Dana Whitfield" not in outside.get("/authority/").content.decode()
    assert "Dana Whitfield" in signed_in("whitfield").get("/authority/").content.decode()
    assert "Patriot" not in outside.get("/stock/").content.decode()
    assert "Patriot" in signed_in("whitfield").get("/stock/").content.decode()


def test_a_disputed_delegation_is_drawn_as_that(signed_in: Callable[..., Any]) -> None:
    """Its bar does not say that it is over, which would have it that it once held."""
    page = signed_in("whitfield").get("/authority/").content.decode()
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", page)
    assert "Secretary of Defense, delegated" in drawn
    assert "disputed" in drawn
    assert "over" not in drawn


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("/freedom/?holder=US", "What the United States can do"),
        ("/systems/storm-shadow/?actor=GB", "Who has a say over use by the United Kingdom"),
    ],
)
def test_a_party_in_a_sentence_has_its_article(
    signed_in: Callable[..., Any], page: str, says: str
) -> None:
    """As in *the United States*; in tables and lists a party stands by its name alone."""
    assert says in signed_in("whitfield").get(page).content.decode()


@pytest.mark.parametrize("page", ["/policies/?day=2025", "/systems/?day=x", "/freedom/?holder=XX0"])
def test_what_cannot_be_read_is_said(signed_in: Callable[..., Any], page: str) -> None:
    """A day or a party that is none is answered with what to give, not with a defect."""
    answer = signed_in("tan").get(page)
    assert answer.status_code in (400, 404, 422)
    assert b"Traceback" not in answer.content


# --- permits, in public


def _permits(browser: Any) -> list[str]:
    return re.findall(r'href="/permits/(P-[^/"]+)/"', browser.get("/permits/").content.decode())


def test_a_permit_is_verified_by_anybody_who_holds_it(signed_in: Callable[..., Any]) -> None:
    """Pasted or uploaded, the token says what it is worth without an account, by name, and why."""
    holder, anybody = signed_in("marchenko"), signed_in()
    names = _permits(holder)
    assert names
    said = set()
    for name in names:
        page = holder.get(f"/permits/{name}/").content.decode()
        token = re.search(r'<pre class="statement" tabindex="0">(eyJ[^<]+)</pre>', page)
        assert token
        answer = anybody.post("/verify/", {"permit": token[1]})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.content.decode()
        found = re.search(r"<b>(Authentic, [^<]+)</b>", text)
        assert found, text
        in_force = '<span class="badge yes"><span aria-hidden="true">✓</span> in force' in page
        assert in_force == (found[1] == "Authentic, and valid now.")
        banner = text.partition('role="status">')[2].partition("</div>")[0]
        assert in_force != bool(re.search(r"<li>It [^<]+\.</li>|<li>Nothing of ", banner))
        assert not re.search(r"<li>[^<]*[0-9]{4}-[0-9]{2}", banner)
        told = text.partition('id="says"')[2].partition("<details>")[0]
        assert "permits Ukraine the use of" in told
        assert not re.search(r"RU-|military\.|-[0-9]{2}T[0-9]{2}:|valid", told)
        said.add(found[1])
        file = holder.get(f"/permits/{name}/file/")
        assert file.headers["Content-Disposition"].startswith("attachment")
    assert said


def test_a_tampered_permit_is_not_verified(signed_in: Callable[..., Any]) -> None:
    """A changed token, an empty form and nonsense are refused in words, as 422."""
    holder, anybody = signed_in("marchenko"), signed_in()
    page = holder.get(f"/permits/{_permits(holder)[0]}/").content.decode()
    token = re.search(r'tabindex="0">(eyJ[^<]+)</pre>', page)
    assert token
    head, claims, signature = token[1].split(".")
    changed = f"{head}.{claims[:-3]}{'A' if claims[-3] != 'A' else 'B'}{claims[-2:]}.{signature}"
    for pasted in (changed, "", "<script>alert(1)</script>", "{}"):
        answer = anybody.post("/verify/", {"permit": pasted})
        assert answer.status_code == 422
        assert b"Not verified." in answer.content
        assert b"<script>alert" not in answer.content


def test_a_list_of_permits_says_what_each_is_for(signed_in: Callable[..., Any]) -> None:
    """Of how many of what, for which activity, where: an id alone says nothing."""
    shown = signed_in("marchenko").get("/permits/").content.decode()
    row = shown[shown.index('data-is="What"') :]
    assert re.match(r'data-is="What">\d+ \W [A-Z][^<]*<small class="under">use, [A-Z]', row)


def test_a_permit_of_others_is_none(signed_in: Callable[..., Any]) -> None:
    """A person without a part in the case finds no permit, as if there were none."""
    name = _permits(signed_in("marchenko"))[0]
    other = signed_in("president")
    if name in _permits(other):
        pytest.fail("the President has a part in the case; choose another stranger")
    hidden, missing = other.get(f"/permits/{name}/"), other.get("/permits/P-2222/")
    assert hidden.status_code == missing.status_code == 404


# --- the log, in public


def test_the_log_can_be_mirrored_without_an_account(signed_in: Callable[..., Any]) -> None:
    """Whoever fetches checkpoint and tiles over HTTP has a log that verifies."""
    from placet.ledger import VerifierKey, verify_export

    anybody = signed_in()
    lines = anybody.get("/log/keys").content.decode().splitlines()

    def read(path: str) -> bytes | None:
        answer = anybody.get(f"/log/{path}")
        return bytes(answer.content) if answer.status_code == 200 else None

    found = verify_export(read, [VerifierKey.parse(each) for each in lines], None)
    assert found.checkpoint.size > 20
    for path in ("tile/0/999", "tile/..%2Fcheckpoint", "tile/x"):
        assert anybody.get(f"/log/{path}").status_code == 404


def test_entries_are_sealed_for_all_but_auditors(signed_in: Callable[..., Any]) -> None:
    """An outsider's ledger names no act of others, and an auditor's names them all."""
    outside = signed_in("president").get("/ledger/").content.decode()
    inside = signed_in("tan").get("/ledger/").content.decode()
    assert "sealed" in outside
    assert "sealed" not in inside
    receipt = signed_in("president").get("/ledger/1/proof/")
    assert receipt.status_code == 200
    assert receipt.content.startswith(b"c2sp.org/tlog-proof")
    assert signed_in("president").get("/ledger/1/proof/?disclose").status_code == 404
    assert signed_in("tan").get("/ledger/1/proof/?disclose").status_code == 200


def _unpack(archive: bytes, folder: Path) -> None:
    """Unpack as whoever takes it away does."""
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)


def test_the_log_is_taken_away_in_one_file_that_verifies(
    signed_in: Callable[..., Any], office: Any, tmp_path: Path
) -> None:
    """Whoever is signed in unpacks it and has it verified; it is the log as it stands."""
    answer = signed_in("commander").get("/ledger/export.tar")
    assert answer.headers["Content-Type"] == "application/x-tar"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="log.tar"'
    _unpack(whole(answer), tmp_path)
    keys = tmp_path / "log-keys"
    keys.write_bytes(signed_in().get("/log/keys").content)
    done = placet({}, "ledger", "verify", tmp_path / "log", "--log-keys", keys)
    assert done.code == 0, done
    size = office.house.reading.checkpoint().checkpoint.size
    assert f": {size} entries, every one as signed." in done.out


def test_one_log_goes_out_at_a_time(signed_in: Callable[..., Any]) -> None:
    """Who reads slowly keeps one thread and no more; who asks meanwhile is told when to come."""
    first = signed_in("whitfield").get("/ledger/export.tar")
    parts = iter(first)
    assert next(parts)
    later = signed_in("commander").get("/ledger/export.tar")
    assert (later.status_code, later.headers["Retry-After"]) == (503, "60")
    assert "Somebody is downloading the log" in later.content.decode()
    assert signed_in("commander").get("/log/checkpoint").status_code == 200
    first.close()
    assert whole(signed_in("commander").get("/ledger/export.tar"))


def test_what_was_signed_is_taken_away_and_checked_by_openssh(
    signed_in: Callable[..., Any], tmp_path: Path
) -> None:
    """Who signed and who audits find it on the entry's page; nobody else does."""
    address = "/ledger/0/evidence/"
    for person, there in (("tan", True), ("lindqvist", True), ("whitfield", False)):
        assert (address in signed_in(person).get("/ledger/0/").content.decode()) is there, person
    answer = signed_in("tan").get(address)
    name = "entry-0-evidence"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.tar"'
    _unpack(answer.content, tmp_path)
    assert b"ssh-keygen" in (tmp_path / name / "README.txt").read_bytes()
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is absent: install openssh-client to have evidence checked by it")
    check = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "lindqvist"]
    check += ["-n", "placet-act", "-s", "statement.sig"]
    statement = (tmp_path / name / "statement.json").read_bytes()
    for said, good in ((statement, True), (statement + b" ", False)):
        found = subprocess.run(check, cwd=tmp_path / name, input=said, capture_output=True)
        assert (found.returncode == 0) is good, found


def test_an_entry_is_found_by_its_place_and_read_on_from(
    signed_in: Callable[..., Any], office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: by its number, from one to the next, and back to the latest."""
    monkeypatch.setattr("placet.web.pages.ledger.ON_A_PAGE", 4)
    tan, last = signed_in("tan"), office.house.reading.checkpoint().checkpoint.size - 1
    assert tan.get("/ledger/?entry=7").url == "/ledger/7/"
    assert tan.get("/ledger/?entry=").status_code == 200, "an empty field asks for none"
    assert tan.get("/ledger/?entry=first").status_code == 422
    assert tan.get(f"/ledger/?entry={last + 1}", follow=True).status_code == 404
    for place, beside in ((0, {1}), (7, {6, 8}), (last, {last - 1})):
        page = tan.get(f"/ledger/{place}/").content.decode()
        (nav,) = re.findall(r'<nav aria-label="Entries beside it">(.*?)</nav>', page)
        assert {int(each) for each in re.findall(r"/ledger/(\d+)/", nav)} == beside
    adopted = next(
        each.index
        for each in office.house.reading.entries()
        if each.body is not None and each.body.shown["kind"] == "adopt-policy"
    )
    assert 'href="/policies/US/' in tan.get(f"/ledger/{adopted}/").content.decode()
    assert "/policies/US/" not in signed_in("marchenko").get(f"/ledger/{adopted}/").content.decode()
    _whole(signed_in, f"/ledger/{adopted}/")
    for address, latest, older in (
        ("/ledger/", False, True),
        ("/ledger/?below=9", True, True),
        ("/ledger/?below=4", True, False),
    ):
        page = tan.get(address).content.decode()
        assert ("Latest entries" in page, "Older entries" in page) == (latest, older), address


def _whole(signed_in: Callable[..., Any], entry: str) -> None:
    """Who adopted a policy and auditors hand out what its entry says, and nobody else."""
    for name, discloses in (("tan", True), ("president", True), ("whitfield", False)):
        person = signed_in(name)
        answer = person.get(f"{entry}proof/?disclose=whole")
        assert answer.status_code == (200 if discloses else 404), name
        page = person.get(entry).content.decode()
        assert ("?disclose=whole" in page) is discloses, name
        assert ('id="act"' in page) is discloses, name
        if discloses:
            shown = parse_body(parse_receipt(answer.content).extra).shown
            assert {"kind", "payload"} <= shown.keys()
            assert _word_for_word(page) == shown["payload"], name


def test_what_began_a_register_is_seen_on_one_screen(signed_in: Callable[..., Any]) -> None:
    """The registry and the books that it began with are folded, part by part; all is there."""
    page = signed_in("tan").get("/ledger/0/").content.decode()
    act = _word_for_word(page)
    assert len(act["command"]["registry"]) > 5
    (said,) = re.findall(r'<div class="statement[^>]*>(.*?)</div>', page, re.DOTALL)
    while "<details>" in said:
        said = re.sub(r"<details>((?!<details>).)*?</details>", "…", said, flags=re.DOTALL)
    assert said.count("\n") < 40
    assert "registry" in said


def _word_for_word(page: str) -> object:
    """Return the act that the page of an entry shows, read as JSON."""
    (said,) = re.findall(r'<div class="statement[^>]*>(.*?)</div>', page, re.DOTALL)
    unfolded = re.sub(r"<summary>.*?</summary>", "", said, flags=re.DOTALL)
    return json.loads(unescape(re.sub(r"</?details>", "", unfolded)))


def test_the_page_of_an_entry_has_the_act_of_those_who_may_hand_it_on(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """Word for word, escaped, the long folded: to the same people as its receipt, and no others."""
    indices = {
        each.body.shown["kind"]: each.index
        for each in office.house.reading.entries()
        if each.body is not None
    }
    for kind in sorted(indices):
        entry = f"/ledger/{indices[kind]}/"
        for name in PEOPLE:
            person = signed_in(name)
            answer, page = person.get(f"{entry}proof/?disclose=whole"), person.get(entry)
            shown = re.search(r'id="act"', page.content.decode()) is not None
            assert shown is (answer.status_code == 200), (kind, name)
            if shown:
                act = parse_body(parse_receipt(answer.content).extra).shown["payload"]
                assert _word_for_word(page.content.decode()) == act, (kind, name)
    begun = signed_in("tan").get(f"/ledger/{indices['begin']}/").content.decode()
    assert "<details><summary>" in begun


def test_weaker_evidence_is_said_to_be_that(
    signed_in: Callable[..., Any], office: Any, ukraine: Any
) -> None:
    """By an entry and by an audit: an act on the demonstration's word is no signed one."""
    from uuid import UUID

    from placet.web.house import house
    from placet.web.jobs.audits import run_audit
    from placet.web.jobs.models import AuditRun

    case, tan = new_case(office, ukraine), signed_in("tan")
    last = office.house.reading.entries_of_case(case)[-1].index
    said = {each: tan.get(f"/ledger/{each}/").content.decode() for each in (1, last)}
    assert re.search(r"a signature by an SSH key of theirs|a key of theirs had certified", said[1])
    assert "weaker" not in said[1]
    assert "the word of the demonstration, and no key: this is weaker evidence" in said[last]
    assert f"/ledger/{last}/evidence/" not in said[last], "there is no signature to check"
    assert "Shown by" not in signed_in("president").get(f"/ledger/{last}/").content.decode()
    begun = tan.post("/ledger/audit/").url
    key = UUID(begun.split("/")[-2])
    run_audit(house(), key)
    by_word = AuditRun.objects.get(id=key).found["by-word"]
    assert by_word >= 2
    ended = tan.get(begun).content.decode()
    assert f"{by_word} acts rest on the word of the demonstration alone" in ended
    AuditRun.objects.all().delete()


def test_an_audit_is_watched_by_auditors(signed_in: Callable[..., Any]) -> None:
    """A page asks how far it is, and a link without scripts; then it has the verdict."""
    from uuid import UUID

    from placet.web.house import house
    from placet.web.jobs.audits import run_audit
    from placet.web.jobs.models import AuditRun

    AuditRun.objects.all().delete()
    tan = signed_in("tan")
    begun = tan.post("/ledger/audit/")
    assert begun.status_code == 302
    waits = tan.get(begun.url).content.decode()
    assert "under way" in tan.get("/ledger/").content.decode()
    assert "Ended" not in waits
    assert 'hx-trigger="every 1s"' in waits
    assert f'<a href="{begun.url}">Look again</a>' in waits
    assert tan.post("/ledger/audit/").url == begun.url, "one at a time"
    run_audit(house(), UUID(begun.url.split("/")[-2]))
    ended = tan.get(begun.url).content.decode()
    assert "Everything follows" in ended
    assert "hx-trigger" not in ended
    root = AuditRun.objects.get().found["root"]
    for told in ("Asked for", "Jun Tan, <time", "Ended", f"<code>{root}</code>"):
        assert told in ended, told
    listed = tan.get("/ledger/").content.decode()
    assert begun.url in listed
    assert "nothing is wrong" in listed
    AuditRun.objects.update(follows=False)
    assert "something does not follow" in tan.get("/ledger/").content.decode()
    for other in (signed_in("whitfield"), signed_in("marchenko")):
        assert other.post("/ledger/audit/").status_code == 403
        assert other.get(begun.url).status_code == 403
        assert begun.url not in other.get("/ledger/").content.decode()
    assert tan.get("/ledger/audit/").status_code == 405


def test_a_report_can_be_taken_away(signed_in: Callable[..., Any]) -> None:
    """The table is CSV with a header, as an attachment; of which moment it is, both say."""
    answer = signed_in("whitfield").get("/reports/table.csv")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    named = f'attachment; filename="placet-report-{day}.csv"'
    assert answer.headers["Content-Disposition"] == named
    page = signed_in("whitfield").get("/reports/").content.decode()
    assert re.search(rf'As of <time datetime="{day}T', page)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.content.decode().startswith("section,name,count")


def test_what_is_done_to_a_policy_from_its_own_page_names_that_one(
    signed_in: Callable[..., Any],
) -> None:
    """Nobody is asked which policy, where it is this one; who changes none is asked nothing."""
    for person, may in (("secretary", True), ("marchenko", False)):
        page = signed_in(person).get("/policies/US/2022-donor-conditions/").content.decode()
        assert ("End this policy" in page) is may
        assert "End a policy" not in page


def test_policies_are_said_to_be_left_out_to_those_from_whom_some_are(
    signed_in: Callable[..., Any],
) -> None:
    """Whoever audits sees the undeclared policies of every party, and is told nothing else."""
    left_out = "Undeclared policies of other parties are not here."
    told = {who: signed_in(who).get("/policies/").content.decode() for who in ("tan", "whitfield")}
    assert "SCALP inside Russia" in told["tan"]
    assert left_out not in told["tan"]
    assert "SCALP inside Russia" not in told["whitfield"]
    assert left_out in told["whitfield"]


def test_nobody_is_said_to_know_less_than_they_do(signed_in: Callable[..., Any]) -> None:
    """Whoever administers accounts reads there who holds the offices of other parties."""
    authority = signed_in("whitfield").get("/authority/").content.decode()
    assert "to auditors, and to whoever administers accounts." in authority
