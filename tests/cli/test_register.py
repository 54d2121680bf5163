"""The register from the terminal: the demonstration, a case's whole life, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import shutil
import stat
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from register_sample import DECISION, USE, Done, Register, placet, ssh_keygen, write_key

from placet import bootstrap
from placet.errors import QuestionError
from placet.ledger import VerifierKey, parse_receipt, verify_receipt
from placet.operations.auditing.evidence_of import evidence_files
from placet.operations.demonstration.playing import load_demonstration
from placet.operations.house import SignedIn
from placet.store.embedded import EmbeddedServer
from server_for_tests import Databases, folder_for_server

DECISIONS = 2
"""How many decisions are signed in the demonstration."""


# --- the demonstration


def test_the_demonstration_is_played_and_audited(demonstration: tuple[Register, Done]) -> None:
    """`placet demo` tells the story, refuses what the story says, and its audit confirms all."""
    _, done = demonstration
    assert done.code == 0, done
    assert done.out.startswith("The review of long-range strikes")
    assert "suspends P-" in done.out
    assert "outside the permit: It was in Bryanskaya oblast'" in done.out
    assert "decide REFUSED" in done.out
    assert len(re.findall(r"permitted, permit P-\w+ (revoked|expired):", done.out)) == 3
    assert "reproduced: 54" in done.out
    assert "Everything follows" in done.out


def test_a_second_demonstration_is_refused(register: Register) -> None:
    """A register that has begun is not played over, nor begun again, and does not change."""
    before = register.do("ledger", "checkpoint")
    said = register.refused("demo", register.scenario)
    assert "has begun already" in said
    assert "half way" not in said
    key = register.key("lindqvist")
    other = ("--person", "lindqvist", "--key", key, "--origin", "other.example/log")
    assert "demo.placet.example/log" in register.refused("begin", register.scenario, *other)
    assert register.do("ledger", "checkpoint") == before


def test_a_demonstration_that_stopped_half_way_says_so(
    server: EmbeddedServer, tmp_path: Path, ukraine: Path
) -> None:
    """A story that broke off is not taken for one that was told, and it is said what to do."""
    broken = tmp_path / "scenario"
    shutil.copytree(ukraine, broken)
    story = broken / "demo" / "story.yaml"
    told = story.read_text(encoding="utf-8")
    story.write_text(told.replace("by: whitfield", "by: marchenko", 1), encoding="utf-8")
    half = Register(tmp_path / "half", Databases(server).new("half")("placet_owner"), ukraine)
    assert half.run("demo", broken).code != 0
    assert half.size > 0
    said = half.refused("demo", ukraine)
    assert "stopped half way" in said
    assert "set PLACET_DATA to an empty folder" in said


# --- who is signed in


def test_everybody_signs_in_with_their_own_key(register: Register) -> None:
    """Each kind of official signs in with their key and with no other; nobody else reads it."""
    session = register.data / "session.json"
    for person in ("marchenko", "hart", "secretary", "whitfield", "tan"):
        register.refused("sign-in", person, "--key", register.key("doyle"))
        assert not session.exists()
        assert "Nobody is signed in" in register.refused("inbox")
        register.sign_in(person)
        assert stat.S_IMODE(session.stat().st_mode) == 0o600
        assert person in register.do("inbox")
        register.do("sign-out")
    register.sign_in("tan")
    session.chmod(0o640)
    assert "can be read by others" in register.refused("inbox")


def test_a_session_ends(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that is over, cut short, or made for other hours is refused."""
    assert register.run("sign-in", "tan", "--key", register.key("tan"), "--hours", 13).code == 2
    register.do("sign-in", "tan", "--key", register.key("tan"), "--hours", 1)
    session = register.data / "session.json"
    whole = session.read_bytes()
    session.write_bytes(whole[:-9])
    assert "session.json" in register.refused("inbox")
    session.write_bytes(whole.replace(b"tan", b"hart"))
    register.refused("inbox")
    session.write_bytes(whole)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    monkeypatch.setattr(bootstrap.SystemClock, "now", lambda _: later)
    assert "session" in register.refused("case", "submit", request_file(register))


# --- need to know


def test_everybody_sees_what_they_may(register: Register) -> None:
    """The applicant sees no advice and no undeclared policy, the auditor all, others nothing."""
    case = register.decided()
    seen = {}
    for person in ("marchenko", "hart", "secretary", "whitfield", "tan"):
        register.sign_in(person)
        seen[person] = "".join(
            register.do("case", command, case, *form)
            for command in ("show", "timeline")
            for form in ((), ("--json",))
        )
        assert "Two, no more." in seen[person] or person == "marchenko"
        assert "The United States agrees." in seen[person]
    inside = ("2025-strike-review", "advi", "a military object", "sha256:")
    assert all(each in seen["tan"] for each in inside)
    assert not [each for each in inside[:3] if each in seen["marchenko"]]
    assert "usd-policy" not in seen["marchenko"]
    assert "each-strike" not in seen["marchenko"]
    for person, words in (("tan", "a military object"), ("marchenko", "The United States agrees.")):
        register.sign_in(person)
        decided = [each for each in register.ask("case", "timeline", case) if each["verdict"]]
        assert [(each["verdict"], words in each["says"]) for each in decided] == [("approve", True)]
        assert "decide: approve" in register.do("case", "timeline", case)


def test_to_whoever_has_no_part_there_is_no_case(register: Register, tmp_path: Path) -> None:
    """No command tells a stranger of a case or a permit, not even by how it refuses an act."""
    case, permit = register.permitted()
    register.appoint("leblanc", "fr/presidency")
    statement = tmp_path / "statement.json"
    for person in ("commander", "leblanc"):
        register.sign_in(person)
        for name in (case, "C-NOSUCHCASE22"):
            refusals = {
                register.refused(*command).replace(name, "?")
                for command in (
                    ("case", "show", name),
                    ("case", "determine", name),
                    ("case", "decide", name, *DECISION, "--statement", statement),
                    ("case", "decide", name, *DECISION, *register.signed(person)),
                )
            }
            assert refusals == {"There is no case '?' that you have a part in.\n"}
        for name in (permit, "P-NOSUCHPERMIT"):
            refusals = {
                register.refused(*command).replace(name, "?")
                for command in (
                    ("permit", "show", name),
                    ("permit", "suspend", name, "--because", "x"),
                    ("permit", "revoke", name, "--because", "x", "--statement", statement),
                )
            }
            assert refusals == {"There is no permit '?' that you have a part in.\n"}
    assert not statement.exists()


# --- the whole life of a case


def test_a_refusal_tells_an_applicant_nothing_of_the_review(register: Register) -> None:
    """Before and after a determination an applicant who tries others' acts reads the same."""
    register.sign_in("marchenko")
    case = register.ask("case", "submit", request_file(register))["case"]
    signed = register.signed("marchenko")
    decide = ("case", "decide", case, *DECISION, *signed)
    advise = ("case", "advise", case, "--office", "us/policy", "--stance", "for", "--says", "x")
    issue = ("permit", "issue", case, *signed)
    before = [register.refused(*each) for each in (decide, advise, issue)]
    register.sign_in("whitfield")
    register.do("case", "determine", case)
    register.sign_in("marchenko")
    assert [register.refused(*each) for each in (decide, advise, issue)] == before
    assert len(set(before)) == 1
    end = ("policy", "end", "--because", "x", "--party", "US", "--until", "2099-01-01", *signed)
    tried = [register.refused(*end, "--policy", each) for each in ("2025-strike-review", "none")]
    assert tried[0] == tried[1]
    assert "earlier" not in "".join(tried)


def test_a_case_from_filing_to_use(register: Register) -> None:
    """A request is filed, determined, advised on, permitted, used, and it all follows."""
    case, permit = register.permitted()
    register.sign_in("marchenko")
    shown = register.ask("permit", "show", permit)
    assert (shown["status"], shown["remaining"]) == ("in-force", {"missiles": 2})
    report = ("use", "report", permit, *USE, "--on", register.now())
    assert "outside its permit" not in register.do(*report, "--quantity", 1)
    shown = register.ask("permit", "show", permit)
    assert (shown["status"], shown["remaining"]) == ("exhausted", {"missiles": 0})
    words = register.do("permit", "show", permit)
    assert "0 of 2 left" in words
    assert "used up" in words
    assert "exhausted" not in words
    outside = "outside its permit: 2 \u00d7 ATACMS used, 1 left: 1 too many."
    assert outside in register.do(*report, "--quantity", 2)
    assert outside in register.do("case", "show", case)
    register.sign_in("whitfield")
    kinds = [each["kind"] for each in register.ask("case", "timeline", case)]
    reviewed = ["submit", "determine", "advise", "decide", "issue"]
    assert kinds == [*reviewed, "report-use", "report-use"]
    violated = register.ask("inbox")
    assert [each["act"] for each in violated if each["case"] == case] == ["resolve-violation"]
    audited = register.ask("audit")
    assert (audited["follows"], audited["wrong"]) == (True, [])


def test_a_case_and_its_time_line_say_how_it_stands_as_lists_do(register: Register) -> None:
    """What nobody determined, is under review, and whose permit is used up: each by one word."""
    request = request_file(register)
    register.sign_in("marchenko")
    filed = register.ask("case", "submit", request)["case"]
    reviewed = register.submitted()
    used, permit = register.permitted()
    register.sign_in("marchenko")
    register.do("use", "report", permit, *USE, "--on", register.now(), "--quantity", 1)
    for person, submitted in (("whitfield", "submitted"), ("marchenko", "under-review")):
        register.sign_in(person)
        listed = {each["case"]: each["stands"] for each in register.ask("case", "list", "--all")}
        expected = {filed: submitted, reviewed: "under-review", used: "permit-used-up"}
        assert {case: listed[case] for case in expected} == expected
        for case, stands in expected.items():
            assert register.do("case", "show", case).split()[:2] == [case, stands]
            assert register.ask("case", "show", case)["stands"] == stands
            assert register.do("case", "timeline", case).split()[:2] == [f"{case}:", stands]


def test_advice_is_named_by_the_number_that_is_seen(register: Register) -> None:
    """What is said of the first advice that a person sees is said of it, whatever came before."""
    case = register.submitted()
    for person, office in (("okafor", "us/review-desk"), ("hart", "us/usd-policy")):
        register.sign_in(person)
        said = ("--office", office, "--stance", "for", "--says", f"{person} is for it.")
        register.do("case", "advise", case, *said)
    register.sign_in("doyle")
    assert [each["person"] for each in register.ask("case", "show", case)["advice"]] == ["hart"]
    register.do("case", "dissent", case, "--advice", 0, "--says", "I am not.")
    (seen,) = register.ask("case", "show", case)["advice"]
    assert [each["person"] for each in seen["dissents"]] == ["doyle"]
    for number in (1, -1, "x"):
        assert "has no advice" in register.refused(
            "case", "dissent", case, f"--advice={number}", "--says", "Nor this."
        )


def test_what_is_signed_elsewhere_is_what_is_done(register: Register, tmp_path: Path) -> None:
    """What --statement writes is signed by ssh-keygen and done, drawn references included."""
    case = register.submitted()
    register.sign_in("hart")
    said = ("--office", "us/usd-policy", "--stance", "for", "--says", "Two.")
    register.do("case", "advise", case, *said)
    steps: list[tuple[str, tuple[object, ...]]] = [
        ("secretary", ("case", "decide", case, *DECISION)),
        ("whitfield", ("permit", "issue", case)),
    ]
    for person, command in steps:
        register.sign_in(person)
        assert "--sign-with" in register.refused(*command)
        file = tmp_path / f"{person}.json"
        before = register.size
        shown = register.do(*command, "--statement", file)
        assert register.size == before
        assert "ssh-keygen -Y sign" in shown
        ssh_keygen("-Y", "sign", "-f", register.key(person), "-n", "placet-act", file)
        given = ("--statement", file, "--signature", tmp_path / f"{person}.json.sig")
        done = register.ask(*command, *given)
        assert done["act"] == json.loads(file.read_bytes())["act"]
    register.sign_in("secretary")
    again = register.submitted()
    register.sign_in("secretary")
    steal = ("case", "decide", again, *DECISION, "--signature", tmp_path / "secretary.json.sig")
    register.refused(*steal)


# --- permits, offline


def test_a_permit_is_checked_offline(register: Register, tmp_path: Path, node_verify: Any) -> None:
    """A permit file tells its worth without a register, to us and others, with an old list too."""
    _, permit = register.permitted()
    file, keys, page = tmp_path / "permit", tmp_path / "keys", tmp_path / "page.html"
    log_keys = tmp_path / "log-keys"
    register.do("permit", "file", permit, "-o", file, "--keys", keys, "--page", page)
    log_keys.write_text(register.log_key(), encoding="utf-8")
    assert permit in page.read_text(encoding="utf-8")
    offline = partial(placet, {"PLACET_DATA": str(tmp_path / "nothing")}, "permit", "verify")
    said = offline(file, "--keys", keys, "--log-keys", log_keys)
    assert said.code == 0, said
    for each in ("is authentic", "it is in its window", "says that it is valid", "shown by a"):
        assert each in said.out
    assert "Whether it is valid now, only the issuer can say." in said.out
    listed = tmp_path / "status"
    register.do("permit", "status-list", "-o", listed)
    later = ("--at", f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}")
    late = offline(file, "--keys", keys, "--log-keys", log_keys, *later)
    assert late.code == 0, late
    unknown = "Its status is not known. The list that came with it expired at 20"
    for each in ("is authentic", "it is in its window", unknown, "against targets", "shown by a"):
        assert each in late.out
    stale = offline(file, "--keys", keys, "--status", listed, *later)
    assert (stale.code, stale.out) == (1, "")
    assert "The status list expired at" in stale.err
    register.do("permit", "suspend", permit, "--because", "a doubt")
    register.do("permit", "status-list", "-o", listed)
    assert offline(file, "--keys", keys, "--json").data["standing"] == "in_window"
    newer = offline(file, "--keys", keys, "--status", listed, "--json")
    assert (newer.code, newer.data["standing"]) == (1, "suspended")
    wrong = (
        (keys, (keys, "--keys", keys)),
        (page, (file, "--keys", page)),
        (log_keys, (file, "--keys", keys, "--status", log_keys)),
    )
    for named, given in wrong:
        said = offline(*given)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith(f"{named}: ")
        assert " Give " in said.err
    assert not (tmp_path / "nothing").exists()

    parts = json.loads(file.read_bytes())
    claims, status = opened(parts["permit"], keys), opened(listed.read_text("ascii"), keys)
    assert status_of(claims, status) == 2
    done = node_verify(parts["permit"], listed.read_text("ascii"), keys.read_bytes())
    assert json.loads(done.stdout)["claims"] == claims, done
    assert json.loads(done.stdout)["status"] == 2


def test_a_permit_is_shown_with_every_limit(register: Register, tmp_path: Path) -> None:
    """What `permit verify` says of what is permitted, `permit show` says in the same sentences."""
    _, permit = register.permitted()
    file, keys = tmp_path / "permit", tmp_path / "keys"
    register.do("permit", "file", permit, "-o", file, "--keys", keys)
    said = register.do("permit", "verify", file, "--keys", keys).splitlines()
    allowed = said[2 : next(at for at, each in enumerate(said) if each.startswith("Consent: "))]
    for limit in ("It permits", "It holds from", "Only in", "Only against", "Only for", "Proviso"):
        assert [each for each in allowed if each.startswith(limit)], limit
    shown = " ".join(register.do("permit", "show", permit).split())
    assert " ".join(" ".join(allowed).split()) in shown


def test_a_permit_that_was_changed_is_refused(register: Register, tmp_path: Path) -> None:
    """A permit with a claim, a signature or a receipt changed is refused with exit code 1."""
    _, permit = register.permitted()
    file, keys, log_keys = tmp_path / "permit", tmp_path / "keys", tmp_path / "log-keys"
    register.do("permit", "file", permit, "-o", file, "--keys", keys)
    log_keys.write_text(register.log_key(), encoding="utf-8")
    parts = json.loads(file.read_bytes())
    header, claims, signature = parts["permit"].split(".")
    more = base64.urlsafe_b64decode(claims + "==").replace(b'"quantity":2', b'"quantity":4')
    forged = base64.urlsafe_b64encode(more).rstrip(b"=").decode()
    assert forged != claims
    lines = parts["receipt"].splitlines(keepends=True)
    lines[2] = f"{base64.b64encode(b'x' * 32).decode()}\n"
    for changed in (
        {"permit": f"{header}.{forged}.{signature}"},
        {"permit": f"{header}.{claims}.{signature[:-4]}AAAA"},
        {"receipt": "".join(lines)},
        {"status": parts["permit"]},
    ):
        file.write_text(json.dumps({**parts, **changed}, separators=(",", ":")), "utf-8")
        done = placet({}, "permit", "verify", file, "--keys", keys, "--log-keys", log_keys)
        assert (done.code, done.out) == (1, ""), (changed, done)
        assert done.err


# --- the log


def test_the_log_is_exported_and_checked_by_others(
    registers: Callable[[], Register], tmp_path: Path, go_verify: Any
) -> None:
    """An export continues an earlier checkpoint, for us, a witness and Go; a changed byte shows."""
    register, fork = registers(), registers()
    earlier, folder, keys = tmp_path / "earlier", tmp_path / "log", tmp_path / "keys"
    register.do("ledger", "checkpoint", "-o", earlier)
    before = register.size
    register.submitted()
    said = register.do("ledger", "export", folder)
    log_key = register.log_key()
    assert log_key in said
    keys.write_text(log_key, encoding="utf-8")
    size = register.size
    verify = partial(placet, {}, "ledger", "verify", folder, "--log-keys", keys)
    assert f"{size} entries" in verify("--earlier", earlier).out
    for other in (verify("--earlier", keys), register.run("audit", "--checkpoint", keys)):
        assert (other.code, other.out) == (1, "")
        assert f"{keys} is no checkpoint: " in " ".join(other.err.split())

    made = placet({}, "ledger", "witness-key", "w.example", "-o", tmp_path / "witness")
    seen = ("--state", tmp_path / "seen", "--key", tmp_path / "witness", "--log-keys", keys)
    cosigned = placet({}, "ledger", "witness", folder, *seen)
    assert "— w.example" in cosigned.out, cosigned
    done = go_verify("export", folder, log_key.strip(), made.out.strip(), earlier)
    assert done.stdout == f"{size} entries, continuing {before}\n", done.stderr

    fork.submitted("atacms-at-oil-refinery")
    fork.do("ledger", "export", tmp_path / "fork")
    refused = placet({}, "ledger", "witness", tmp_path / "fork", *seen)
    assert (refused.code, refused.out) == (1, "")
    assert "Not cosigned (fork)" in refused.err
    assert placet({}, "ledger", "verify", tmp_path / "fork", "--log-keys", keys).code == 0

    (bundle,) = (each for each in (folder / "tile" / "entries").rglob("*") if each.is_file())
    data = bytearray(bundle.read_bytes())
    data[5 * 34 + 9] ^= 1
    bundle.write_bytes(data)
    changed = verify()
    assert (changed.code, changed.out) == (1, "")
    assert changed.err == "Entry 5 is not the one that was signed.\n"
    assert str(bundle) in register.refused("ledger", "export", folder)


def test_a_receipt_and_evidence_hold_without_us(register: Register, tmp_path: Path) -> None:
    """A receipt proves a decision's entry, and ssh-keygen that it was signed as shown."""
    register.sign_in("tan")
    decisions = register.entries("decide")
    assert len(decisions) == DECISIONS
    for entry in decisions:
        receipt, folder = tmp_path / f"{entry}.tlog-proof", tmp_path / str(entry)
        register.do("ledger", "prove", entry, "-o", receipt)
        leaf = register.leaf(entry)
        found = verify_receipt(
            parse_receipt(receipt.read_bytes()),
            leaf,
            [VerifierKey.parse(register.log_key().strip())],
            None,
        )
        assert found.index == entry
        said = register.do("ledger", "evidence", entry, "-o", folder)
        assert "README.txt" in said
        statement = (folder / "statement.json").read_bytes()
        assert json.loads(statement)["purpose"] == "decide"
        check = ("-Y", "verify", "-f", folder / "allowed_signers", "-I", "secretary")
        sign = ("-n", "placet-act", "-s", folder / "statement.sig")
        assert ssh_keygen(*check, *sign, given=statement).returncode == 0
        forged = statement.replace(b"United States", b"United Status")
        assert forged != statement
        assert ssh_keygen(*check, *sign, given=forged).returncode != 0


def test_evidence_of_every_act_can_be_made_again(register: Register) -> None:
    """For every act of the demonstration its statement is made again, and the signature holds."""
    with bootstrap.opened(register.environment) as installation:
        house, tan = installation.house, SignedIn("tan", None)
        for each in house.reading.entries():
            assert each.body is not None
            if each.body.shown["kind"] == "status-list":
                with pytest.raises(QuestionError, match="no person did it"):
                    evidence_files(house, tan, each.index)
            else:
                files = evidence_files(house, tan, each.index)
                assert (
                    f"{each.body.shown['actor']} namespaces=".encode() in files["allowed_signers"]
                )


def test_evidence_is_for_whoever_acted_and_for_auditors(register: Register, tmp_path: Path) -> None:
    """The decider gets the evidence of a decision, the applicant does not, nor of no entry."""
    (entry, _) = register.entries("decide")
    register.sign_in("secretary")
    register.do("ledger", "evidence", entry, "-o", tmp_path / "own")
    register.sign_in("marchenko")
    for each in (entry, 1 << 40):
        refusal = register.refused("ledger", "evidence", each, "-o", tmp_path / "other")
        assert f"entry {each}" in refusal
    assert not (tmp_path / "other").exists()


# --- the context


def test_an_undeclared_policy_is_committed_and_not_told(register: Register, tmp_path: Path) -> None:
    """A policy adopted undeclared is in the log and hidden until announced, its text unchanged."""
    file = tmp_path / "policy.yaml"
    day = datetime.now(UTC).date().isoformat()
    file.write_text(POLICY.format(day), encoding="utf-8")
    register.sign_in("secretary")
    why = ("--because", "stocks are low")
    adopt = ("policy", "adopt", "--party", "US", "--policy", "2026-pause", "--text", file, *why)
    adopted = register.found(register.ask(*adopt, *register.signed("secretary"))["index"])
    case = register.submitted("atacms-in-occupied-territory")
    register.sign_in("marchenko")
    seen = register.do("case", "show", case, "--json") + register.do("case", "timeline", case)
    assert "2026-pause" not in seen
    assert "stocks are low" not in seen
    register.sign_in("tan")
    assert "2026-pause" in register.do("case", "show", case, "--json")
    register.sign_in("secretary")
    announce = ("policy", "announce", "--party", "US", "--policy", "2026-pause", "--on", day)
    done = register.ask(*announce, *why, *register.signed("secretary"))
    assert register.found(done["index"])["policy"] == adopted["policy"]
    assert register.ask("audit")["follows"]


def test_facts_offices_keys_and_delegations(register: Register, tmp_path: Path) -> None:
    """Facts, officials, keys and delegations are recorded, act from then on, and are ended."""
    now = register.now()
    register.appoint("newman", "us/review-desk")
    register.sign_in("newman")
    file = tmp_path / "fact.yaml"
    file.write_text("{party: US, title: A second desk}\n", encoding="utf-8")
    fact = ("fact", "record", "--section", "offices", "--id", "us/second-desk", "--record", file)
    why = ("--because", "reorganisation")
    assert "Records of the review" in register.refused(*fact, *why, *register.signed("newman"))
    register.sign_in("lindqvist")
    register.do(*fact, *why, *register.signed("lindqvist"))
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    retire = ("keys", "retire", "--key", "newman-1", "--until", later, "--because", "lost")
    register.do(*retire, *register.signed("lindqvist"))
    dismiss = ("office", "dismiss", "--official", "newman-1", "--until", later, "--because", "left")
    register.do(*dismiss, *register.signed("lindqvist"))
    register.sign_in("president")
    terms = ("--of", "us/president", "--to", "us/advisers", "--from", now, "--because", "travel")
    delegate = ("delegate", "--delegation", "away", *terms, "--activities", "use")
    register.do(*delegate, *register.signed("president"))
    end = ("revoke-delegation", "--delegation", "away", "--because", "back")
    register.do(*end, *register.signed("president"))
    assert register.ask("audit")["follows"]


# --- bad input


def test_bad_input_is_refused_and_changes_nothing(register: Register, tmp_path: Path) -> None:
    """Whatever is wrong with an act is said in a line or two, and the log does not grow."""
    case, permit = register.permitted()
    bad, text = tmp_path / "bad.yaml", tmp_path / "policy.yaml"
    text.write_text(POLICY.format("2099").replace("activity ==", "activty =="), encoding="utf-8")
    assign = ("case", "assign", case, "--to", "okafor", "--because")
    assert "20000 characters" in register.refused(*assign, "x" * 20_001)
    for odd in ("", "a\x00b", "a\x1b[2J", "a\u202eb", "\ud800", "e\u0301"):
        assert "because" in register.refused(*assign, odd), odd
    assert "Missing option '--because'" in register.refused(*assign[:-1], code=2)
    register.sign_in("marchenko")
    for wrong, word in REQUESTS.items():
        bad.write_text(wrong, encoding="utf-8")
        refusal = register.refused("case", "submit", bad)
        assert word in refusal, refusal
        assert "bad.yaml" in refusal or word == "control characters", refusal
    assert "cannot be read" in register.refused("case", "submit", tmp_path / "none.yaml")
    report = ("use", "report", permit, *USE, "--quantity", "2", "--on", "yesterday")
    assert "on" in register.refused(*report)
    register.sign_in("secretary")
    adopt = ("policy", "adopt", "--party", "US", "--policy", "p", "--text", text, "--because", "x")
    refusal = register.refused(*adopt, *register.signed("secretary"))
    assert "activty" in refusal
    decide = ("case", "decide", case, *DECISION, *register.signed("secretary"))
    assert "--provisos:1:5" in register.refused(*decide, "--provisos", "'x: ")


# --- a register of one's own


def test_a_register_is_begun_on_an_empty_machine(
    tmp_path: Path, ukraine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no server named, `placet begin` makes one, and its register can be acted in.

    While another process serves it, a backup can be made, and nothing else begins beside it.
    """
    scenario, key = tmp_path / "scenario", tmp_path / "lindqvist"
    shutil.copytree(ukraine / "books", scenario / "books")
    held = {"lindqvist": {"person": "lindqvist", "kind": "ssh", "public": write_key(key)}}
    registry = {**load_demonstration(ukraine).registry, "keys": held}
    (scenario / "registry.yaml").write_text(json.dumps(registry), encoding="utf-8")
    begin = ("begin", scenario, "--person", "lindqvist", "--key", key, "--origin", "a.example/log")
    with folder_for_server() as (data, system):
        forgetful = partial(EmbeddedServer, durable=False, system_folder=system)
        monkeypatch.setattr(bootstrap, "EmbeddedServer", forgetful)
        own = partial(placet, {"PLACET_DATA": str(data)})
        early = own("sign-in", "lindqvist", "--key", key)
        assert (early.code, early.out) == (1, "")
        assert "placet begin" in early.err
        assert "entry 0 of the log" in own(*begin).out
        assert own(*begin).err.startswith("The log has begun")
        assert "8 hours" in own("sign-in", "lindqvist", "--key", key).out
        end = ("policy", "end", "--party", "US", "--policy", "2025-eram-sale", "--because", "over")
        ended = own(*end, "--until", "2099-01-01", "--sign-with", key)
        assert "It takes President of the United States or Secretary of Defense" in ended.err
        assert "Everything follows" in own("audit").out
        with forgetful(data):
            assert " entries of a.example/log in " in own("backup", "-o", tmp_path / "kept").out
            assert "already running" in own("audit").err


POLICY = """\
title: A pause of all use
from: "{}"
announced: undeclared
adopted-by: us/secdef
rules:
  pause:
    when: activity == "use"
    then: refuse
    because: stocks are low
"""
REQUESTS = {
    "": "request",
    "request: [1, 2\n": "not YAML",
    "request: x\nrequest: y\n": "twice",
    'request: x\ntitle: "a\\0b"\napplicant: UA\nactor: UA\nactivity: use\n': "control characters",
    "request: x\napplicant: UA\nactor: UA\nactivity: use\nlines: {a: {item: atacmz}}\n": (
        "bad.yaml:5:"
    ),
}


def request_file(register: Register) -> Path:
    """Return a request that is lawful under what is in force."""
    return register.scenario / "requests" / "atacms-in-russia.yaml"


def opened(token: str, keys: Path) -> dict[str, Any]:
    """Verify a token with PyJWT, as the reference shows it."""
    key = jwt.PyJWKSet.from_json(keys.read_text("ascii"))[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["ES256"])


def status_of(claims: dict[str, Any], listed: dict[str, Any]) -> int:
    """Return the status of a permit in a list, by bits alone."""
    place = claims["status"]["status_list"]
    bits, lst = listed["status_list"]["bits"], listed["status_list"]["lst"]
    number = int.from_bytes(zlib.decompress(base64.urlsafe_b64decode(lst + "==")), "little")
    return number >> place["idx"] * bits & (1 << bits) - 1
