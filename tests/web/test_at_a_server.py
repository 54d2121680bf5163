"""The command line at a server: the same commands, asked of the API, say and refuse the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_sample import caller
from register_sample import DECISION, USE, Done, placet

from placet.client import Client
from placet.ledger import parse_receipt
from placet.registry import read

ADDRESS = "http://localhost:8000"


@pytest.fixture
def address(office: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address of this machine at which the API of this process answers; elsewhere nobody."""
    from django.conf import settings

    from placet.cli import served
    from placet.web.wsgi import application

    assert office.house
    monkeypatch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 1e9))

    def client(server: str, token: str) -> Client:
        here = httpx.WSGITransport(app=application) if server == ADDRESS else None
        return Client(server, token, transport=here)

    monkeypatch.setattr(served, "Client", client)
    return ADDRESS


@dataclass(frozen=True)
class Terminal:
    """A person's terminal: what is typed there is run here, or at the server."""

    office: Any
    person: str
    here: dict[str, str]
    away: dict[str, str]
    address: str

    def at_home(self, *arguments: object) -> Done:
        """Run a command on the database."""
        return placet(self.here, *arguments)

    def at_server(self, *arguments: object) -> Done:
        """Run a command at the server: it has neither database nor keys of the log."""
        return placet(self.away, *arguments, "--server", self.address)

    def do(self, *arguments: object) -> Any:
        """Run a command at the server that must succeed; return what it says as JSON."""
        done = self.at_server(*arguments, "--json")
        assert (done.code, done.err) == (0, ""), (arguments, done)
        return done.data

    def alike(self, *arguments: object) -> Done:
        """Run a command in both ways, and find that it says the same in the same words."""
        home, away = self.at_home(*arguments), self.at_server(*arguments)
        assert home == away, arguments
        return away

    @property
    def key(self) -> Path:
        """The file of the person's key."""
        found: Path = self.office.keys.path(self.person)
        return found


@pytest.fixture
def terminal(office: Any, address: str, tmp_path: Path) -> Callable[[str], Terminal]:
    """Gives a person a terminal, where they are signed in both here and at the server."""

    def of(person: str) -> Terminal:
        data = tmp_path / person
        data.mkdir(mode=0o700, exist_ok=True)
        url = office.installation.urls["placet_owner"]
        here = {"PLACET_DATA": str(data), "DATABASE_URL": url}
        token = caller(office.house, person).secret
        away = {"PLACET_DATA": str(data), "PLACET_TOKEN": token}
        found = Terminal(office, person, here, away, address)
        for signed_in in (found.at_home, found.at_server):
            assert signed_in("sign-in", person, "--key", found.key).code == 0
        return found

    return of


@pytest.mark.parametrize(("person", "form"), [("marchenko", ()), ("tan", ("--json",))])
def test_what_is_read_is_the_same_here_and_there(
    terminal: Callable[[str], Terminal], office: Any, person: str, form: tuple[str, ...]
) -> None:
    """Each reading command prints the same, to an applicant as text, to an auditor as JSON."""
    at = terminal(person)
    case = office.case("Storm Shadow")
    permit, permitted = office.permit, office.permitted.id
    for command, code in (
        (("inbox",), 0),
        (("case", "list", "--all"), 0),
        (("case", "show", case), 0),
        (("case", "timeline", case), 0),
        (("case", "show", permitted), 0),
        (("permit", "show", permit), 0),
        (("permit", "show", "P-NOSUCHPERMIT"), 1),
    ):
        assert at.alike(*command, *form).code == code, command


def test_a_case_goes_from_filing_to_use_at_a_server(
    terminal: Callable[[str], Terminal], ukraine: Path, tmp_path: Path
) -> None:
    """Filed, determined, advised on, decided, permitted and used: signed here, recorded there."""
    marchenko, whitfield = terminal("marchenko"), terminal("whitfield")
    hart, secretary = terminal("hart"), terminal("secretary")
    request = ukraine / "requests" / "atacms-in-russia.yaml"
    annex = tmp_path / "annex.txt"
    annex.write_bytes(b"An annex.")
    case = marchenko.do("case", "submit", request, "--attachments", annex)["case"]
    attached = marchenko.at_home("case", "show", case, "--json").data["attachments"]
    assert [each["name"] for each in attached] == ["annex.txt"]
    whitfield.do("case", "determine", case)
    said = ("--office", "us/usd-policy", "--stance", "consider", "--says", "Two, no more.")
    hart.do("case", "advise", case, *said)
    decide = ("case", "decide", case, *DECISION)
    stated = tmp_path / "statement.json"
    shown = secretary.at_server(*decide, "--statement", stated)
    assert "Sign it with: ssh-keygen -Y sign" in shown.out
    signature = tmp_path / "statement.json.sig"
    signature.write_text(secretary.office.keys.sign("secretary", stated.read_bytes()), "ascii")
    secretary.do(*decide, "--statement", stated, "--signature", signature)
    done = whitfield.at_server("permit", "issue", case, "--json", "--sign-with", whitfield.key)
    assert done.err.startswith("purpose: issue\n"), "what is signed is shown first"
    permit = done.data["act"]["permit"]
    file, keys, page = (tmp_path / each for each in ("permit", "keys", "page.html"))
    written = ("permit", "file", permit, "-o", file, "--keys", keys, "--page", page)
    assert marchenko.at_server(*written).code == 0
    assert permit in page.read_text(encoding="utf-8")
    offline = placet({}, "permit", "verify", file, "--keys", keys)
    asked = placet({}, "permit", "verify", file, "--server", marchenko.address)
    assert (offline.code, asked.code) == (0, 0)
    assert asked.out.startswith(offline.out.splitlines()[0])
    assert "Its issuer says that it is in force" in asked.out
    report = ("use", "report", permit, *USE, "--on", "2025-01-01", "--quantity", 1)
    assert marchenko.do(*report)["beyond"]
    seen = whitfield.alike("case", "show", case, "--json").data
    assert seen["status"] == "permitted"
    kinds = [each["kind"] for each in whitfield.do("case", "timeline", case)]
    assert kinds == ["submit", "determine", "advise", "decide", "issue", "report-use"]
    asked = placet({}, "permit", "verify", file, "--server", marchenko.address)
    assert (asked.code, "not in force" in asked.out) == (1, True), "what was used is used up"
    assert asked.out.rstrip().endswith(": it was for one use, which has been reported.")


def test_what_is_refused_is_refused_in_the_same_words(
    terminal: Callable[[str], Terminal], office: Any, ukraine: Path, tmp_path: Path
) -> None:
    """Rules, places in a file and options: each refusal reads the same, with the same code."""
    marchenko, doyle = terminal("marchenko"), terminal("doyle")
    case = office.case("Storm Shadow")
    wrong = tmp_path / "wrong.yaml"
    text = (ukraine / "requests" / "atacms-in-russia.yaml").read_text(encoding="utf-8")
    wrong.write_text(text.replace("item: atacms", "item: atacmz"), encoding="utf-8")
    refused = marchenko.alike("case", "submit", wrong)
    assert f"{wrong}:" in refused.err
    assert "(lines." in refused.err
    for at, command in (
        (marchenko, ("case", "submit", wrong, "--json")),
        (
            marchenko,
            ("case", "advise", case, "--office", "us/policy", "--stance", "for", "--says", "x"),
        ),
        (marchenko, ("case", "decide", case, *DECISION, "--sign-with", marchenko.key)),
        (
            doyle,
            ("case", "advise", case, "--office", "us/secdef", "--stance", "for", "--says", "x"),
        ),
        (doyle, ("case", "decide", case, *DECISION)),
        (doyle, ("case", "dissent", case, "--advice", 7, "--says", "x")),
        (doyle, ("case", "assign", case, "--to", "doyle", "--because", "x", "--statement", wrong)),
        (doyle, ("case", "decide", "C-NOSUCHCASE22", *DECISION, "--sign-with", doyle.key)),
    ):
        refused = at.alike(*command)
        assert refused.code == 1, command
        assert refused.err or json.loads(refused.out)["error"], command


def test_whoever_may_not_ask_is_told_why(
    terminal: Callable[[str], Terminal], tmp_path: Path
) -> None:
    """Without a token, with another's, without HTTPS, and where nobody answers."""
    tan = terminal("tan")
    bare = {"PLACET_DATA": str(tmp_path / "bare")}
    none = placet(bare, "inbox", "--server", tan.address)
    assert (none.code, none.out) == (1, "")
    assert "PLACET_TOKEN" in none.err
    wrong = placet(bare | {"PLACET_TOKEN": "placet_none"}, "inbox", "--server", tan.address)
    assert "neither over nor revoked" in wrong.err
    other = tan.at_server("sign-in", "doyle", "--key", tan.key)
    assert "The token is of tan" in other.err
    plain = placet(tan.away, "inbox", "--server", "http://placet.example")
    assert "no HTTPS" in plain.err
    absent = placet(tan.away, "inbox", "--server", "http://localhost:9")
    assert "does not answer" in absent.err
    file = tmp_path / "token"
    file.write_text(f"{tan.away['PLACET_TOKEN']}\n", encoding="ascii")
    by_file = {"PLACET_DATA": tan.away["PLACET_DATA"], "PLACET_TOKEN_FILE": str(file)}
    assert placet(by_file, "inbox", "--server", tan.address).code == 0


def test_the_log_is_asked_for_its_checkpoint_and_receipts(
    terminal: Callable[[str], Terminal], tmp_path: Path
) -> None:
    """What anybody may have of the log is had without a token, and is the same."""
    tan = terminal("tan")
    tan.away.pop("PLACET_TOKEN")
    tan.alike("ledger", "checkpoint")
    receipts = []
    for at, name in ((tan.at_home, "here"), (tan.at_server, "there")):
        assert at("ledger", "prove", 3, "-o", tmp_path / name).code == 0
        receipts.append((tmp_path / name).read_bytes())
    assert receipts[0] == receipts[1]
    assert tan.at_server("permit", "status-list", "-o", tmp_path / "list").code == 0
    for at in (tan.at_home, tan.at_server):
        assert at("permit", "status-list", "--at", "2100-01-01", "-o", tmp_path / "of").code == 0
        assert (tmp_path / "of").read_bytes() == (tmp_path / "list").read_bytes()
        early = at("permit", "status-list", "--at", "2001-01-01", "-o", tmp_path / "none")
        assert (early.code, "There was no status list then" in early.err) == (1, True)


def test_what_an_entry_says_is_disclosed_to_those_who_may_know(
    terminal: Callable[[str], Terminal], tmp_path: Path
) -> None:
    """An auditor has fields of an entry disclosed at a server as here; others are refused alike."""
    tan, found = terminal("tan"), []
    prove = ("ledger", "prove", 3, "--show", "kind", "--show", "payload", "-o")
    for at, name in ((tan.at_home, "here"), (tan.at_server, "there")):
        assert at(*prove, tmp_path / name).code == 0
        found.append((tmp_path / name).read_bytes())
    assert found[0] == found[1]
    assert b'"value":"' in parse_receipt(found[0]).extra
    unknown = tan.alike("ledger", "prove", 3, "--show", "colour", "-o", tmp_path / "none")
    assert "colour is unknown" in unknown.err
    refused = terminal("marchenko").alike(*prove, tmp_path / "none")
    assert "nothing behind the entry 3" in refused.err
    assert not (tmp_path / "none").exists()


def test_the_log_is_exported_and_checked_from_a_server(
    terminal: Callable[[str], Terminal], tmp_path: Path
) -> None:
    """What is fetched tile by tile is byte for byte what is exported here, and verifies."""
    tan = terminal("tan")
    tan.away.pop("PLACET_TOKEN")
    here, there, keys = (tmp_path / each for each in ("here", "there", "keys"))
    said = [tan.at_home("ledger", "export", here), tan.at_server("ledger", "export", there)]
    assert [each.code for each in said] == [0, 0], said
    assert said[0].out.replace(str(here), str(there)) == said[1].out
    files = [
        {each.relative_to(of): each.read_bytes() for each in of.rglob("*") if each.is_file()}
        for of in (here, there)
    ]
    assert files[0] == files[1]
    keys.write_text(said[1].out.partition("\n")[2], encoding="ascii")
    assert placet({}, "ledger", "verify", there, "--log-keys", keys).code == 0
    assert tan.at_server("ledger", "export", there).code == 0, "it is gone on with"


def test_evidence_comes_from_a_server_for_whoever_may_have_it(
    terminal: Callable[[str], Terminal], office: Any, tmp_path: Path
) -> None:
    """The files are those that are written here; whoever may not have them is told the same."""
    tan, marchenko = terminal("tan"), terminal("marchenko")
    signed = next(
        each.index
        for each in office.house.reading.entries()
        if each.body is not None and each.body.shown["kind"] == "decide"
    )
    files = []
    for at, name in ((tan.at_home, "here"), (tan.at_server, "there")):
        assert at("ledger", "evidence", signed, "-o", tmp_path / name).code == 0
        files.append({each.name: each.read_bytes() for each in (tmp_path / name).iterdir()})
    assert files[0] == files[1]
    assert "README.txt" in files[0]
    for at, entry in ((marchenko, signed), (tan, 10**6)):
        refused = at.alike("ledger", "evidence", entry, "-o", tmp_path / "none")
        assert refused.code == 1
    assert not (tmp_path / "none").exists()


def test_a_server_is_had_to_audit_itself(
    terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is asked until the audit has ended, and the same is said of it as of one done here."""
    tan, marchenko = terminal("tan"), terminal("marchenko")
    asked = _doing_audits(monkeypatch)
    here, there = (each("audit", "--json") for each in (tan.at_home, tan.at_server))
    assert (here.code, there.code, len(asked)) == (0, 0, 1)
    trust = [each for each in there.data["notes"] if "taken from the database" in each]
    assert len(trust) == 1
    told = [each.data | {"notes": []} for each in (here, there)]
    assert told[0] == told[1]
    said = tan.at_server("audit")
    assert said.code == 0
    assert "Everything follows" in said.out
    refused = marchenko.at_server("audit")
    assert (refused.code, "office that audits" in refused.err) == (1, True)
    mixed = tan.at_server("audit", "--checkpoint", tmp_path / "none")
    assert (mixed.code, "ledger verify" in mixed.err) == (1, True)


def test_a_server_determines_a_request_in_a_file(
    terminal: Callable[[str], Terminal], office: Any, ukraine: Path, tmp_path: Path
) -> None:
    """It says what may be known of its log, whole; a mistake is named by its place in the file."""
    from placet.need_to_know.knowing import judging_of
    from placet.operations.house import SignedIn, viewer_of
    from placet.registry import parse_moment
    from placet.web.house import house

    tan = terminal("tan")
    request = ukraine / "requests" / "storm-shadow-in-russia.yaml"
    found = tan.do("determine", request, "--at", "2025-07-01")
    looks = viewer_of(office.house, SignedIn("tan", None))
    judging = judging_of(office.house.reading.context(), looks, house().clock.now())
    plain = {name: each for name, each in read(request).plain.items() if name != "expect"}
    asked = judging.context.request(plain)
    expected = judging.determine(asked, parse_moment("2025-07-01"))
    assert found == json.loads(expected.canonical()) | {"digest": expected.digest}
    said = tan.at_server("determine", request, "--at", "2025-07-01")
    assert said.code == 0
    assert expected.digest in said.out
    assert all(each.name in said.out for each in expected.parties)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(request.read_text("utf-8").replace("item: ", "item: no-", 1), "utf-8")
    refused = tan.at_server("determine", wrong)
    assert (refused.code, f"{wrong}:" in refused.err) == (1, True)
    mixed = tan.at_server("determine", request, "--announced-only")
    assert (mixed.code, "leave out" in mixed.err) == (1, True)


def _doing_audits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """While somebody waits, do the audits that were asked for; return how often they waited."""
    from placet.cli import auditing
    from placet.web.house import house
    from placet.web.jobs.audits import run_audit
    from placet.web.jobs.models import AuditRun

    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        for run in AuditRun.objects.filter(ended_at=None):
            run_audit(house(), run.id)

    monkeypatch.setattr(auditing.time, "sleep", sleep)
    return waited
