"""Who may do what over the API: every address, for every role, on a case of theirs and of others.

The rules are a table of this file and the addresses those of the API: one without a rule fails.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from api_matrix import LEAST, World, world
from api_routes import Address, addresses
from api_sample import Caller, caller

__all__ = ["world"]

OF_APPLICANTS = {"submit", "supply", "withdraw", "appeal", "surrender", "report-use", "correct-use"}
OF_REVIEWERS = {
    *("determine", "assign", "ask", "return", "set-deadline", "escalate", "lapse", "reconsider"),
    *("close", "fulfil", "advise", "dissent", "countersign", "decide", "record-consent"),
    *("record-assurance", "withdraw-consent", "break-glass", "review-after", "issue", "suspend"),
    *("lift", "revoke", "amend", "resolve-violation", "check-end-use", "retract"),
    "dismiss-appeal",
}
OF_EITHER = {"recuse"}
OF_A_PERMITTED_CASE = {"appeal", "close", "issue"}
OF_NOBODY = "break-glass"
"""The books of this story let nobody do it, whatever office they hold."""
OF_POLICY_OWNERS = {"adopt-policy", "announce-policy", "end-policy", "revise-book"}
OF_REGISTRARS = {
    *("record-fact", "appoint", "dismiss", "register-key", "retire-key", "delegate"),
    *("revoke-delegation", "erase", "change-semantics", "rotate-key"),
}
ACTS = OF_APPLICANTS | OF_REVIEWERS | OF_EITHER | OF_POLICY_OWNERS | OF_REGISTRARS

EVERYBODY = {
    *("/status-list", "/permit-keys", "/ledger", "/ledger/entries/{index}/receipt"),
    "/ledger/files/{path}",
}
ANY_PERSON = {
    *("GET /me", "GET /inbox", "GET /cases", "GET /permits", "GET /policies", "GET /systems"),
    *("GET /policies/{party}/{policy}", "GET /policies/{party}/{policy}/trials"),
    "GET /policies/{party}/{policy}/tests",
    *("GET /systems/{item}", "GET /stock", "GET /freedom"),
    *(
        "GET /inbox/counts",
        "GET /authority",
        "GET /reports",
        "GET /reports/table",
        "GET /ledger/entries",
    ),
    *("GET /ledger/entries/{index}", "GET /tokens", "GET /notices", "GET /drafts", "GET /lists"),
}
PUBLIC_QUESTION = "POST /permits/verify"
OF_A_CASE = {
    *("GET /cases/{case}", "GET /cases/{case}/page", "GET /cases/{case}/time-line"),
    *("GET /cases/{case}/time-line/{entry}/receipt", "GET /cases/{case}/comparison"),
    "GET /cases/{case}/documents/{digest}",
}
OF_A_DECISION = "GET /cases/{case}/decision.pdf"
OF_A_PERMIT = {
    *("GET /permits/{permit}", "GET /permits/{permit}/file"),
    "GET /permits/{permit}/letter.pdf",
}
OF_AN_AUDITOR = {
    "GET /ledger/entries/{index}/disclosure": 404,
    "GET /ledger/entries/{index}/evidence": 403,
}
OF_ONES_OWN = {
    *("GET /drafts/{draft}", "PUT /drafts/{draft}", "GET /lists/{kept}", "PUT /lists/{kept}"),
    *("DELETE /drafts/{draft}", "DELETE /lists/{kept}"),
    *("DELETE /notices/{notice}", "DELETE /tokens/{token}"),
}
OF_AN_ADMINISTRATOR = {"GET /accounts", "GET /accounts/changes", "POST /accounts/changes"}
AUDITS = {"POST /ledger/audits": 202, "GET /ledger/audits/{audit}": 404}
SENDING = {
    "POST /determine": 200,
    "POST /determine/batch": 200,
    "POST /sessions/challenge": 200,
    "POST /sessions": 422,
    "POST /tokens": 422,
    "POST /documents": 422,
    "POST /notices": 201,
    "POST /drafts": 201,
    "POST /lists": 201,
}
"""What anybody may send, and how it is answered; 422 where the least is more than nothing."""
WITHOUT_PART = ("registrar", "stranger")
"""Who has no part in a case before an office of theirs is called in."""
SEES_ALL = "auditor"
ABSENT_CASE, ABSENT_PERMIT = "C-2222222222", "P-2222222222"


def test_every_address_has_a_rule_and_every_rule_an_address(office: Any) -> None:
    """An address that is added without saying who may use it fails here."""
    assert office.house
    found = list(addresses())
    ruled = {f"GET {each}" for each in EVERYBODY} | ANY_PERSON | OF_A_CASE | OF_A_PERMIT
    ruled |= OF_ONES_OWN | OF_AN_ADMINISTRATOR
    ruled |= (
        OF_AN_AUDITOR.keys() | AUDITS.keys() | SENDING.keys() | {PUBLIC_QUESTION, OF_A_DECISION}
    )
    assert LEAST.keys() <= ruled
    assert {each.name for each in found if each.act is None} == ruled
    assert {each.act for each in found if each.act is not None} == ACTS


def test_without_a_token_only_what_is_public_is_answered(world: World) -> None:
    """Everything else asks for one, whatever is sent."""
    nobody = Caller("", "")
    for each in addresses():
        answer = world.send(nobody, each, world.own)
        public = each.path in EVERYBODY
        public |= each.name == PUBLIC_QUESTION
        expected = 422 if each.name == PUBLIC_QUESTION else 200 if public else 401
        assert answer.status_code == expected, (each.name, answer.content)
        assert public or answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_is_good_for_its_scopes_alone(world: World) -> None:
    """A token for all other scopes is refused, before anything is looked at."""
    others = {
        scope: caller(world.house, "okafor", *({"read", "act", "determine", "accounts"} - {scope}))
        for scope in ("read", "act", "determine", "accounts")
    }
    for each in addresses():
        if each.scope is not None:
            answer = world.send(others[each.scope], each, world.own)
            assert answer.status_code == 403, (each.name, answer.content)
            assert f"not for {each.scope}" in answer.json()["detail"]


def test_every_person_sees_what_is_everybodys_to_ask(world: World) -> None:
    """What depends on who looks is worked out for each, and refused to none."""
    for each in addresses():
        if each.name in ANY_PERSON:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.own)
                assert answer.status_code == 200, (role, each.name, answer.content)


def test_a_case_and_its_permit_are_for_who_has_a_part_in_it(world: World) -> None:
    """Every role is asked for a case of its own and for one of others, at each address of a case.

    That of others answers as none, to the byte; to who audits, as their own.
    """
    absent = replace(world.others, case=ABSENT_CASE, permit=ABSENT_PERMIT)
    asked = [each for each in addresses() if each.act is None and _names_a_case(each)]
    assert {each.name for each in asked} == OF_A_CASE | OF_A_PERMIT | {OF_A_DECISION}
    for each in asked:
        for role, who in world.callers.items():
            acted = world.own.acted.get(who.person, world.own.filed)
            own = world.send(who, each, world.own, entry=acted)
            assert own.status_code == 200, (role, each.name, own.content)
            there = world.send(who, each, world.others)
            if role == SEES_ALL:
                assert there.status_code == 200, (each.name, there.content)
                continue
            none = world.send(who, each, absent)
            assert there.status_code == none.status_code == 404, (role, each.name)
            told = there.content.replace(world.others.case.encode(), ABSENT_CASE.encode())
            told = told.replace(world.others.permit.encode(), ABSENT_PERMIT.encode())
            assert told == none.content, (role, each.name)


def _names_a_case(address: Address) -> bool:
    return "{case}" in address.path or "{permit}" in address.path


def test_what_belongs_to_another_case_is_not_had_by_naming_ones_own(world: World) -> None:
    """Entries and documents of others read as none beside a case of one's own; to auditors too."""
    mixed = [
        each
        for each in addresses()
        if "{case}" in each.path and ("{entry}" in each.path or "{digest}" in each.path)
    ]
    assert len(mixed) == 2
    for each in mixed:
        for role, who in world.callers.items():
            named = {"entry": world.others.filed, "digest": world.others.document}
            answer = world.send(who, each, world.own, **named)
            assert answer.status_code == 404, (role, each.name, answer.content)


def test_a_permit_of_another_case_is_none_for_an_act_on_ones_own(world: World) -> None:
    """Whatever is to be done to it, it answers as a permit that there is not, to the byte."""
    asked = 0
    for each in addresses():
        if each.act in (None, "issue") or not each.path.endswith("/statement"):
            continue  # an issued permit gets its name here
        if "permit" not in each.body.model_fields["act"].annotation.model_fields:
            continue
        asked += 1
        for role, who in world.callers.items():
            there, none = (
                world.send(who, each, world.own, permit=name)
                for name in (world.others.permit, ABSENT_PERMIT)
            )
            assert there.status_code == none.status_code >= 400, (role, each.name, there.content)
            told = there.content.replace(world.others.permit.encode(), ABSENT_PERMIT.encode())
            assert told == none.content, (role, each.name)
    assert asked > 5


def test_before_a_decision_there_is_no_letter(world: World) -> None:
    """Not for who has a part in the case either."""
    (letter,) = (each for each in addresses() if each.name == OF_A_DECISION)
    for role, who in world.callers.items():
        assert world.send(who, letter, world.fresh).status_code == 404, role


def test_what_stands_behind_an_entry_is_disclosed_to_who_may_know(world: World) -> None:
    """Who did an act hands on what stands behind it, and so does the auditor; nobody else.

    An entry of the same case that somebody else made is not theirs; nor is one of another case.
    """
    for each in addresses():
        if each.name in OF_AN_AUDITOR:
            for role, who in world.callers.items():
                own = world.own.acted.get(who.person)
                indices = {0, world.others.filed, *world.own.acted.values()}
                for index in indices:
                    answer = world.send(who, each, world.own, index=index)
                    mine = index == own or (role, index) == ("registrar", 0)
                    knows = mine or role == SEES_ALL
                    unsigned = index and each.name.endswith("/evidence")  # done by a mere word
                    there = 422 if unsigned else 200
                    expected = there if knows else OF_AN_AUDITOR[each.name]
                    assert answer.status_code == expected, (role, index, answer.content)


def test_what_somebody_keeps_is_theirs_alone(world: World) -> None:
    """What another keeps reads as none, whatever is asked of it; one's own is there."""
    own = sorted(
        (each for each in addresses() if each.name in OF_ONES_OWN),
        key=lambda each: each.method == "DELETE",
    )
    roles = list(world.callers)
    for each in own:
        for role, other in zip(roles, [*roles[1:], roles[0]], strict=True):
            answer = world.send(world.callers[role], each, world.own, world.keeps[other])
            assert answer.status_code == 404, (role, each.name, answer.content)
    for each in own:
        for role, who in world.callers.items():
            answer = world.send(who, each, world.own, world.keeps[role])
            expected = 204 if each.method == "DELETE" else 200
            assert answer.status_code == expected, (role, each.name, answer.content)


def test_everybody_may_send_what_is_theirs_to_send(world: World) -> None:
    """Nobody is refused it for who they are."""
    for each in addresses():
        if each.name in SENDING:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.own)
                assert answer.status_code == SENDING[each.name], (role, each.name, answer.content)


def test_accounts_are_for_whoever_administers_them(world: World) -> None:
    """To see them and to close one takes the duty of authority in the office of the token."""
    for each in addresses():
        if each.name in OF_AN_ADMINISTRATOR:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.own)
                expected = 201 if each.method == "POST" else 200
                assert answer.status_code == (expected if role == "registrar" else 403), (
                    role,
                    each.name,
                    answer.content,
                )


def test_an_audit_is_for_whoever_audits(world: World) -> None:
    """To have one, and to ask how far one is: nobody else learns whether there is such an audit."""
    from placet.web.jobs.models import AuditRun

    for each in addresses():
        if each.name in AUDITS:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.own)
                expected = AUDITS[each.name] if role == "auditor" else 403
                assert answer.status_code == expected, (role, each.name, answer.content)
    AuditRun.objects.all().delete()


def test_nobody_states_an_act_that_is_not_of_their_role(world: World) -> None:
    """Asking what would be signed is refused as the act would be, for every act and role.

    What is sent is well formed, and the case at a stage where the act is done, so that it is for
    want of authority that it is refused; to whoever has no part in the case, as if there were none.
    """
    before = {
        each.id: [move.kind for move in each.moves]
        for each in map(world.house.reading.case, (world.fresh.case, world.own.case))
    }
    may = {
        "applicant": OF_APPLICANTS | OF_EITHER,
        "adviser": OF_REVIEWERS | OF_EITHER | OF_POLICY_OWNERS,
        "officer": OF_REVIEWERS | OF_EITHER,
        "decider": OF_REVIEWERS | OF_EITHER | OF_POLICY_OWNERS,
        "auditor": OF_EITHER,
        "registrar": OF_REGISTRARS,
        "stranger": set(),
    }
    for each in addresses():
        if each.act is None:
            continue
        for role, who in world.callers.items():
            if each.act in may[role] and not each.path.endswith("/statement"):
                continue  # it would be done
            of = world.own if each.act in OF_A_PERMITTED_CASE else world.fresh
            answer = world.send(who, each, of)
            assert "problem:invalid" not in answer.content.decode(), (each.name, answer.content)
            if each.act in may[role]:
                continue  # its statement, which may ask for more
            if each.act == OF_NOBODY and answer.status_code == 422:
                assert "lets anybody break the glass" in answer.json()["detail"]
                continue
            if "{case}" in each.path and of is world.fresh and role in WITHOUT_PART:
                assert answer.status_code == 404, (role, each.name, answer.content)
            elif role == "applicant" and each.act in OF_REVIEWERS:
                assert answer.status_code == 403, (role, each.name, answer.content)
            else:  # what it names may not be there, and is then not told from what may not be
                assert answer.status_code in (403, 404), (role, each.name, answer.content)
    for case, moves in before.items():
        done = [each.kind for each in world.house.reading.case(case).moves]
        assert done == moves, "nothing was done by asking"


def test_no_act_is_stated_or_done_on_a_case_of_others(world: World) -> None:
    """For every act and role it answers as for a case that there is not, to the byte.

    Who audits sees the case, and is refused the act for want of authority.
    """
    before = world.house.reading.case(world.others.case).version
    absent = replace(world.others, case=ABSENT_CASE)
    for each in addresses():
        if each.act is None or "{case}" not in each.path:
            continue
        for role, who in world.callers.items():
            if role == SEES_ALL and each.act in OF_EITHER:
                continue  # who audits may leave any case to another
            there = world.send(who, each, world.others)
            if role == SEES_ALL:
                assert there.status_code in (403, 404, 422), (each.name, there.content)
                assert "There is no case" not in there.content.decode(), each.name
                continue
            none = world.send(who, each, absent)
            assert there.status_code == none.status_code == 404, (role, each.name, there.content)
            told = there.content.replace(world.others.case.encode(), ABSENT_CASE.encode())
            assert told == none.content, (role, each.name)
    assert world.house.reading.case(world.others.case).version == before


def test_a_token_whose_office_is_not_held_any_more_gives_nothing(world: World) -> None:
    """Rights come from offices held now: the token of a former official is worth nothing."""
    from placet.web.api.models import Token

    who = caller(world.house, "okafor")
    Token.objects.filter(reference=who.token).update(office="us/secdef")
    answer = who.get("/inbox")
    assert answer.status_code == 403
    assert "no longer held" in answer.json()["detail"]


def test_a_token_ends(world: World) -> None:
    """After its expiry, and once it is revoked, it is as good as none."""
    from placet.web.api.models import Token

    who = caller(world.house, "okafor")
    Token.objects.filter(reference=who.token).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    assert who.get("/inbox").status_code == 401
    other = caller(world.house, "okafor")
    assert other.get("/inbox").status_code == 200
    assert other.send("DELETE", f"/tokens/{other.token}").status_code == 204
    assert other.get("/inbox").status_code == 401


def test_a_token_makes_none_that_gives_more(world: World) -> None:
    """Not for another scope or office, and not for longer."""
    who = caller(world.house, "okafor", "act", "read")
    until = (world.house.clock.now() + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    wanted = {"office": "us/review-desk", "scopes": ["read"], "until": until, "label": "less"}
    assert who.post("/tokens", wanted).status_code == 201
    late = (world.house.clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for more in ({"scopes": ["determine"]}, {"office": "us/secdef"}, {"until": late}):
        answer = who.post("/tokens", wanted | more)
        assert answer.status_code == 403, (more, answer.content)


def test_the_secret_of_a_token_is_kept_nowhere(world: World) -> None:
    """The database has its digest, and no list shows it."""
    from placet.web.api.models import Token

    who = caller(world.house, "okafor")
    rows = json.dumps(list(Token.objects.values()), default=str)
    assert who.secret not in rows
    assert who.secret not in who.get("/tokens").content.decode()
