"""Acts on cases, permits and uses from the terminal: done by who may, refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from register_sample import DECISION, USE, Register

from placet import bootstrap
from placet.cli.acts import CASE_ACTS, CONTEXT_ACTS, PERMIT_ACTS
from placet.determination import SEMANTICS
from placet.registry import parse_moment
from placet.review import CASE_COMMANDS, NO_CASE_COMMANDS

OF_REVIEWERS = "This is done by the offices that review a case, not by applicants.\n"
OF_APPLICANTS = "does not act for the applicant. It takes Liaison mission of Ukraine.\n"
WHY = ("--because", "a reason")


@pytest.fixture
def two_hours_go_by(register: Register, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Begin two hours ago, and have them go by at once; who is signed in stays so."""
    now = parse_moment(register.now())
    ago = now - timedelta(hours=2)
    monkeypatch.setattr(bootstrap.SystemClock, "now", lambda _: ago)
    return lambda: monkeypatch.setattr(bootstrap.SystemClock, "now", lambda _: now)


def status(register: Register, *what: str) -> str:
    """Return what a case or a permit is, to whoever is signed in."""
    return str(register.ask(what[0], "show", what[1])["status"])


def test_every_act_of_the_review_has_its_command() -> None:
    """Whatever can be done in a register is done from the terminal, under one name."""
    by_table = [*CASE_ACTS.values(), *PERMIT_ACTS.values(), *CONTEXT_ACTS.values()]
    by_hand = ["submit", "issue", "report-use", "correct-use", "resolve-violation"]
    begun = ["begin", "rotate-key"]
    every = {*CASE_COMMANDS, *NO_CASE_COMMANDS}
    assert sorted(by_table + by_hand + begun) == sorted(every)


def test_advice_is_confirmed_by_a_second_person_who_may_then_step_aside(register: Register) -> None:
    """`case countersign` takes another adviser than the first, `recuse` ends what they may do."""
    case = register.submitted()
    countersign = ("case", "countersign", case, "--advice", 0)
    register.sign_in("hart")
    said = ("--office", "us/usd-policy", "--stance", "for", "--says", "Two.")
    register.do("case", "advise", case, *said)
    assert "Nobody countersigns their own advice" in register.refused(*countersign)
    register.sign_in("doyle")
    register.do(*countersign)
    (advice,) = register.ask("case", "show", case)["advice"]
    assert advice["countersigned-by"] == "doyle"
    register.do("case", "recuse", case, *WHY)
    dissent = ("case", "dissent", case, "--advice", 0, "--says", "No.")
    assert "stepped aside and takes no further part" in register.refused(*dissent)


def test_a_use_is_corrected_checked_and_what_was_said_of_it_erased(register: Register) -> None:
    """`use correct`, `permit check` and `ledger erase`: what stood there is on record or told."""
    _, permit = register.permitted()
    check = ("permit", "check", permit, "--result", "concern", "--says", "One was not found.")
    register.do(*check)
    register.sign_in("marchenko")
    assert register.refused(*check) == OF_REVIEWERS
    used = (*USE, "--on", register.now(), "--quantity")
    report = register.ask("use", "report", permit, *used, 3)["act"]["report"]
    correct = ("use", "correct", permit, *used, 2, "--corrects", report, *WHY)
    register.do(*correct)
    assert "corrected" in register.refused(*correct)
    entry = register.entries("report-use")[-1]
    erase = ("ledger", "erase", "--entry", entry, "--fields", "payload", *WHY)
    assert "takes" in register.refused(*erase, *register.signed("marchenko"))
    register.sign_in("lindqvist")
    papers = ("ledger", "erase", "--entry", entry, "--fields", "documents", *WHY)
    assert "has no documents" in register.refused(*papers, *register.signed("lindqvist"))
    register.do(*erase, *register.signed("lindqvist"))
    audit = register.ask("audit")
    assert audit["follows"]
    assert any(f"Entry {entry}" in each["says"] for each in audit["explained"])


def test_what_others_decide_and_promise_is_recorded(register: Register) -> None:
    """A foreign consent is of the past and once, a promise is no yes, and both are liaison's."""
    case = register.submitted("storm-shadow-in-russia")
    paper = ("--given-by", "a minister", "--instrument", "Note 7")
    promise = ("case", "assurance", case, *paper, "--says", "We shall agree.")
    consent = (
        *("case", "consent", case, "--party", "FR", *paper, "--verdict", "approve"),
        *("--instrument-digest", f"sha256:{'1' * 64}", "--disclosed", "Paris agrees."),
        *register.signed("whitfield"),
    )
    assert "dated in the future" in register.refused(*consent, "--given-on", "2099-01-01")
    register.do(*consent, "--given-on", "2025-10-01")
    assert "withdraw that one first" in register.refused(*consent, "--given-on", "2025-10-01")
    assert "XX is no party" in register.refused(*promise, "--party", "XX")
    register.do(*promise, "--party", "GB")
    shown = register.ask("case", "show", case)
    assert [each["party"] for each in shown["assurances"]] == ["GB"]
    assert "GB" in shown["awaits"]
    assert "FR" not in shown["awaits"]
    register.sign_in("hart")
    assert "It takes Strike review desk" in register.refused(*promise, "--party", "FR")


def test_what_a_consent_waits_for_is_recorded_and_taken_back(register: Register) -> None:
    """`case fulfil` has a consent take effect, `case retract` suspends what rests on it."""
    case = register.submitted()
    register.sign_in("hart")
    said = ("--office", "us/usd-policy", "--stance", "consider", "--says", "With trained crews.")
    register.do("case", "advise", case, *said)
    register.sign_in("secretary")
    trained = ("--provided", "{event: crews-trained}")
    register.do("case", "decide", case, *DECISION, *trained, *register.signed("secretary"))
    register.sign_in("whitfield")
    desk = register.signed("whitfield")
    issue = ("permit", "issue", case, *desk)
    fulfil = ("case", "fulfil", case, "--instrument", "a report", *desk, "--need")
    retract = ("case", "retract", case, "--need", "event crews-trained", *WHY, *desk)
    assert "asked is event crews-trained" in register.refused(*fulfil, "event crews-fed")
    assert "to be taken back" in register.refused(*retract)
    assert "event crews-trained" in register.refused(*issue)
    register.do(*fulfil, "event crews-trained")
    permit = register.ask(*issue)["act"]["permit"]
    assert status(register, "permit", permit) == "in-force"
    suspends = register.ask(*retract)["suspends"]
    assert [each["permit"] for each in suspends] == [permit]
    assert status(register, "permit", permit) == "suspended"
    assert "to be taken back" in register.refused(*retract)
    lift = ("permit", "lift", permit, *WHY, *desk)
    assert "event crews-trained" in register.refused(*lift)
    register.do(*fulfil, "event crews-trained")
    register.do(*lift)
    assert status(register, "permit", permit) == "in-force"
    assert len(register.entries("fulfil")) == 2
    assert len(register.entries("retract")) == 1
    assert register.ask("audit")["follows"]


def test_a_change_of_semantics_is_recorded(register: Register) -> None:
    """`ledger change-semantics` takes those of this program, from whom authority is entrusted."""
    change = ("ledger", "change-semantics", *WHY, "--to")
    register.sign_in("whitfield")
    assert "duty" in register.refused(*change, SEMANTICS, *register.signed("whitfield"))
    register.sign_in("lindqvist")
    signed = register.signed("lindqvist")
    assert f"judges by {SEMANTICS}" in register.refused(*change, "placet-none", *signed)
    done = register.ask(*change, SEMANTICS, *signed)
    assert register.entries("change-semantics") == [done["index"]]
    case = register.submitted()
    assert status(register, "case", case) == "under-review"
    assert register.ask("audit")["follows"]


def test_deadlines_escalate_and_lapse_once_they_have_passed(
    register: Register, two_hours_go_by: Callable[[], None]
) -> None:
    """`case deadline`, `escalate` and `lapse` wait for the clock, and for an office in review."""
    case = register.submitted()
    due = (parse_moment(register.now()) + timedelta(hours=1)).isoformat()
    deadline = ("case", "deadline", case, "--of", "applicant", *WHY)
    escalate = ("case", "escalate", case, *WHY)
    lapse = ("case", "lapse", case, *WHY)
    assert "lies in the future" in register.refused(*deadline, "--due", "2025-01-01")
    register.do(*deadline, "--due", due.replace("+00:00", "Z"))
    assert "No deadline has passed" in register.refused(*escalate, "--to", "us/secdef")
    assert "No deadline of the applicant's has passed" in register.refused(*lapse)
    two_hours_go_by()
    assert "no office of a party that reviews" in register.refused(
        *escalate, "--to", "fr/presidency"
    )
    register.do(*escalate, "--to", "us/secdef")
    assert "not been escalated" in register.refused(*escalate, "--to", "us/secdef")
    assert status(register, "case", case) == "under-review"
    register.do(*lapse)
    assert status(register, "case", case) == "lapsed"
    assert "The case is lapsed" in register.refused(*lapse)


def test_the_glass_is_broken_by_leave_and_reviewed_by_another(
    register: Register, tmp_path: Path
) -> None:
    """`case break-glass` takes the leave of a book, `permit review-after` somebody else."""
    case = register.submitted()
    register.sign_in("secretary")
    secretary = register.signed("secretary")
    glass = ("case", "break-glass", case, "--party", "US", "--office", "us/secdef", *WHY)
    assert "No book of the United States lets" in register.refused(*glass, "--hours", 3, *secretary)
    leave = tmp_path / "leave.yaml"
    leave.write_text('break-glass: {by: us/secdef, hours: "4", because: an attack}\n', "utf-8")
    revise = ("policy", "revise-book", "--party", "US", "--fields", leave, *WHY)
    register.do(*revise, *secretary)
    assert "allows 4 hours at most" in register.refused(*glass, "--hours", 5, *secretary)
    permit = register.ask(*glass, "--hours", 4, *secretary)["act"]["permit"]
    assert status(register, "permit", permit) == "in-force"
    assert "A permit stands for" in register.refused(*glass, "--hours", 4, *secretary)
    review = ("permit", "review-after", permit, "--finding", "not-justified", *WHY)
    assert "another person reviews it" in register.refused(*review, *secretary)
    register.sign_in("tan")
    register.do(*review, *register.signed("tan"))
    assert status(register, "permit", permit) == "revoked"
    assert "was reviewed: not-justified" in register.refused(*review, *register.signed("tan"))


def test_a_return_is_appealed_reconsidered_and_withdrawn(register: Register) -> None:
    """Each of `return`, `appeal`, `reconsider` and `withdraw` is for its own side, and in time."""
    case = register.submitted()
    back = ("case", "return", case, *WHY, "--disclosed", "Ask again in May.")
    appeal, anew, withdraw = (("case", act, case, *WHY) for act in _ROUNDS)
    register.sign_in("marchenko")
    assert "Nothing was refused" in register.refused(*appeal)
    assert register.refused(*back) == OF_REVIEWERS
    register.sign_in("whitfield")
    register.do(*back)
    assert "The case is returned" in register.refused(*back)
    assert OF_APPLICANTS in register.refused(*appeal)
    register.sign_in("marchenko")
    assert "Ask again in May." in register.do("case", "show", case)
    register.do(*appeal)
    assert register.refused(*anew) == OF_REVIEWERS
    assert "The case is returned" in register.refused(*withdraw)
    register.sign_in("whitfield")
    register.do(*anew)
    assert OF_APPLICANTS in register.refused(*withdraw)
    register.sign_in("marchenko")
    register.do(*withdraw)
    assert status(register, "case", case) == "withdrawn"
    assert "The case is withdrawn" in register.refused(*withdraw)


_ROUNDS = ("appeal", "reconsider", "withdraw")


def test_a_permit_is_lifted_given_back_and_its_case_closed(register: Register) -> None:
    """`permit lift` and `surrender`, `use resolve` and `case close`, each where nothing is owed."""
    case, permit = register.permitted()
    lift = ("permit", "lift", permit, *WHY)
    surrender = ("permit", "surrender", permit, *WHY)
    close = ("case", "close", case, *WHY)
    assert "is not suspended" in register.refused(*lift, *register.signed("whitfield"))
    register.do("permit", "suspend", permit, *WHY)
    register.do(*lift, *register.signed("whitfield"))
    assert status(register, "permit", permit) == "in-force"
    assert "duty is applications" in register.refused(*surrender)
    register.sign_in("marchenko")
    assert register.refused(*lift, *register.signed("marchenko")) == OF_REVIEWERS
    used = ("use", "report", permit, *USE, "--quantity", 3, "--on", register.now())
    report = register.ask(*used)["act"]["report"]
    resolve = ("use", "resolve", case, "--report", report, *WHY, "--finding")
    assert register.refused(*resolve, "excused") == OF_REVIEWERS
    register.do(*surrender)
    assert "is surrendered; nothing more is done" in register.refused(*surrender)
    register.sign_in("whitfield")
    assert "was not within its permit" in register.refused(*resolve, "within")
    assert f"The use {report} went beyond its permit" in register.refused(*close)
    register.do(*resolve, "sanctioned")
    assert "was resolved: sanctioned" in register.refused(*resolve, "excused")
    register.do(*close)
    assert status(register, "case", case) == "closed"
    assert "The case is closed" in register.refused(*close)
    assert register.ask("audit")["follows"]
