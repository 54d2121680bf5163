"""Who may do what over the API: every address, for every role, on a case of theirs and of others.

The rules are a table of this file and the addresses those of the API: one without a rule fails.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from api_sample import Caller, caller, first_office
from roles import ROLES

from placet.registry import Occasion, read

OF_APPLICANTS = {"submit", "supply", "withdraw", "appeal", "surrender", "report-use", "correct-use"}
OF_REVIEWERS = {
    *("determine", "assign", "ask", "return", "set-deadline", "escalate", "lapse", "reconsider"),
    *("close", "fulfil", "advise", "dissent", "countersign", "decide", "record-consent"),
    *("record-assurance", "withdraw-consent", "break-glass", "review-after", "issue", "suspend"),
    *("lift", "revoke", "amend", "resolve-violation", "check-end-use", "retract"),
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
    *("GET /drafts/{draft}", "DELETE /drafts/{draft}", "PUT /drafts/{draft}"),
    *("GET /lists/{kept}", "DELETE /lists/{kept}", "PUT /lists/{kept}"),
}
OF_AN_ADMINISTRATOR = {"GET /accounts", "GET /accounts/changes", "POST /accounts/changes"}
AUDITS = {"POST /ledger/audits": 202, "GET /ledger/audits/{audit}": 404}
SENDING = {
    "POST /determine": "determine",
    "POST /determine/batch": "determine",
    "POST /sessions/challenge": "act",
    "POST /sessions": "act",
    "POST /tokens": "act",
    "POST /documents": "act",
    "DELETE /tokens/{token}": "act",
    "POST /notices": "act",
    "POST /drafts": "act",
    "POST /lists": "act",
    "DELETE /notices/{notice}": "act",
}
LEAST = {
    "/drafts/{draft}": {"fields": {"title": ["Mine still"]}},
    "/accounts/changes": {"what": "end-sessions", "person": "doyle", "because": "a test"},
    "/lists/{kept}": {"name": "Mine still", "q": "storm"},
}
"""What an address takes at least, where that is something."""
WITHOUT_PART = ("registrar", "stranger")


@dataclass(frozen=True)
class Address:
    """An operation of the API as the route table has it."""

    method: str
    path: str
    scope: str | None
    body: Any

    @property
    def name(self) -> str:
        """How the tables above name it."""
        return f"{self.method} {self.path}"

    @property
    def act(self) -> str | None:
        """The kind of act that it does or states."""
        _, found, rest = self.path.partition("/acts/")
        return rest.partition("/")[0] if found else None


def addresses() -> Iterator[Address]:
    """Yield every operation of the route table."""
    from placet.web.api.urls import api

    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                scopes = [each.scope for each in operation.auth_callbacks]
                bodies = [
                    each for each in operation.models if each.__ninja_param_source__ == "body"
                ]
                body = (
                    bodies[0].model_fields["body"].annotation
                    if bodies and "/acts/" in path
                    else None
                )
                for method in operation.methods:
                    plain = path.replace("{path:path}", "{path}")
                    yield Address(method, plain, scopes[0] if scopes else None, body)


def filled(model: Any) -> dict[str, Any]:
    """Return the least that a command takes, with names of things that there are not."""
    return {
        info.alias or name: _value(name, info.annotation)
        for name, info in model.model_fields.items()
        if info.is_required()
    }


def _value(name: str, kind: Any) -> Any:
    if type(None) in get_args(kind):
        return None
    if get_origin(kind) is Annotated:
        return _value(name, get_args(kind)[0])
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple:
        return [_value(name, get_args(kind)[0])]
    if get_origin(kind) is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind)).value
    if kind is int:
        return 1
    if kind in (datetime, Occasion):
        return "2040-01-01"
    return f"sha256:{'0' * 64}" if name.endswith(("digest", "determination")) else "none-such"


@pytest.fixture(scope="module")
def world(office: Any, ukraine: Path) -> Iterator[World]:
    """The roles with their tokens, and a case of its own in which most of them have a part."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from placet.web.models import Draft, KeptList
    from placet.web.uploads import attachments_of, keep

    rates, settings.API_RATES = settings.API_RATES, dict.fromkeys(settings.API_RATES, 1e9)
    callers = {role: caller(office.house, person) for role, person in ROLES.items()}
    plain = dict(read(ukraine / "requests" / "atacms-in-russia.yaml").plain)
    plain.pop("expect", None)
    annexes = [SimpleUploadedFile("annex.txt", b"x")]
    applying = first_office(office.house, "marchenko")
    (annex,) = keep("marchenko", annexes, office.house.clock.now(), applying)
    act = {"request": plain, "attachments": attachments_of([annex])}
    filed = callers["applicant"].post("/acts/submit", {"act": act})
    case = filed.json()["case"]
    done = callers["officer"].post(f"/cases/{case}/acts/determine", {"act": {}})
    assert done.status_code == 201, done.content
    permitted = next(each for each in office.house.reading.cases() if each.permits)
    permit, mine = next(iter(permitted.permits)), callers["adviser"]
    draft = mine.post("/drafts", {"fields": {"title": ["Mine"]}}).json()["draft"]
    kept = mine.post("/lists", {"name": "Mine", "q": "storm"}).json()["list"]
    yield World(office.house, callers, case, permitted.id, permit, plain, draft, kept)
    settings.API_RATES = rates
    Draft.objects.filter(pk=draft).delete()
    KeptList.objects.filter(pk=kept).delete()


@dataclass(frozen=True)
class World:
    """What the matrix is asked of: the roles' callers, a case, a permit."""

    house: Any
    callers: dict[str, Caller]
    case: str
    permitted: str
    permit: str
    request: Any
    draft: int
    kept: int

    def path(self, address: Address, case: str) -> str:
        """Return an address with the names of things that there are."""
        names = {
            "{case}": case,
            "{permit}": self.permit,
            "{party}": "US",
            "{policy}": "2022-donor-conditions",
            "{item}": "atacms",
            "{index}": "0",
            "{entry}": str(next(iter(self.house.reading.places_of_case(case)), 0)),
            "{path}": "checkpoint",
            "{token}": "T-none",
            "{notice}": "0",
            "{draft}": str(self.draft),
            "{kept}": str(self.kept),
            "{audit}": "00000000-0000-4000-8000-000000000000",
            "{digest}": f"sha256:{hashlib.sha256(b'x').hexdigest()}",
        }
        found = address.path
        for name, value in names.items():
            found = found.replace(name, value)
        asks = {"/systems/{item}": "?actor=UA", "/freedom": "?party=UA"}
        return found + asks.get(address.path, "")

    def send(self, who: Caller, address: Address, case: str) -> Any:
        """Send the least that an address takes."""
        body: Any = None
        if address.body is not None:
            body = {"act": filled(address.body.model_fields["act"].annotation)}
            if address.act == "submit":
                body["act"]["request"] = self.request
        elif address.method in ("POST", "PUT"):
            body = LEAST.get(address.path, {})
        return who.send(address.method, self.path(address, case), body)


def test_every_address_has_a_rule_and_every_rule_an_address(office: Any) -> None:
    """An address that is added without saying who may use it fails here."""
    assert office.house
    found = list(addresses())
    ruled = {f"GET {each}" for each in EVERYBODY} | ANY_PERSON | OF_A_CASE | OF_A_PERMIT
    ruled |= OF_ONES_OWN | OF_AN_ADMINISTRATOR
    ruled |= (
        OF_AN_AUDITOR.keys() | AUDITS.keys() | SENDING.keys() | {PUBLIC_QUESTION, OF_A_DECISION}
    )
    assert {each.name for each in found if each.act is None} == ruled
    assert {each.act for each in found if each.act is not None} == ACTS


def test_without_a_token_only_what_is_public_is_answered(world: World) -> None:
    """Everything else asks for one, whatever is sent."""
    nobody = Caller("", "")
    for each in addresses():
        answer = world.send(nobody, each, world.case)
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
            answer = world.send(others[each.scope], each, world.case)
            assert answer.status_code == 403, (each.name, answer.content)
            assert f"not for {each.scope}" in answer.json()["detail"]


def test_every_person_sees_what_is_everybodys_to_ask(world: World) -> None:
    """What depends on who looks is worked out for each, and refused to none."""
    for each in addresses():
        if each.name in ANY_PERSON:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.case)
                assert answer.status_code == 200, (role, each.name, answer.content)


def test_a_case_of_others_reads_as_one_that_there_is_not(world: World) -> None:
    """To whoever has no part in a case each of its addresses answers as for none, to the byte."""
    for each in addresses():
        if "{case}" not in each.path:
            continue
        for role in WITHOUT_PART:
            there = world.send(world.callers[role], each, world.case)
            absent = world.send(world.callers[role], each, "C-2222222222")
            assert there.status_code == absent.status_code == 404, (role, each.name)
            told = there.content.replace(world.case.encode(), b"C-2222222222")
            assert told == absent.content, (role, each.name)


def test_who_has_a_part_in_a_case_sees_it(world: World) -> None:
    """Everybody else in the table does."""
    for each in addresses():
        if each.name in OF_A_CASE:
            for role, who in world.callers.items():
                if role not in WITHOUT_PART:
                    answer = world.send(who, each, world.case)
                    hidden = each.path.endswith("receipt") and answer.status_code == 404
                    assert answer.status_code == 200 or (hidden and role == "adviser"), (
                        role,
                        each.name,
                        answer.content,
                    )


def test_a_decision_is_on_paper_for_who_has_a_part_in_its_case(world: World) -> None:
    """To all others it reads as if there were no case; and before a decision there is no letter."""
    (letter,) = (each for each in addresses() if each.name == OF_A_DECISION)
    for role, who in world.callers.items():
        seen = who.get(f"/cases/{world.permitted}").status_code
        answer = world.send(who, letter, world.permitted)
        assert answer.status_code == seen, (role, answer.content)
        assert world.send(who, letter, world.case).status_code == 404


def test_a_permit_is_seen_by_who_has_a_part_in_its_case(world: World) -> None:
    """To all others it reads as if there were none."""
    for each in addresses():
        if each.name in OF_A_PERMIT:
            for role, who in world.callers.items():
                seen = who.get(f"/cases/{world.permitted}").status_code
                answer = world.send(who, each, world.case)
                assert answer.status_code == seen, (role, each.name, answer.content)
                assert seen == (404 if role in WITHOUT_PART else seen)


def test_what_stands_behind_an_entry_is_disclosed_to_who_may_know(world: World) -> None:
    """Entry 0 was the registrar's act: the auditor may know of it too, nobody else."""
    for each in addresses():
        if each.name in OF_AN_AUDITOR:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.case)
                knows = role in ("auditor", "registrar")
                expected = 200 if knows else OF_AN_AUDITOR[each.name]
                assert answer.status_code == expected, (role, answer.content)


def test_what_somebody_keeps_is_theirs_alone(world: World) -> None:
    """Drafts and lists of another read as if there were none, whatever is asked of them."""
    own = sorted(
        (each for each in addresses() if each.name in OF_ONES_OWN),
        key=lambda each: each.method == "DELETE",
    )
    for each in own:
        for role, who in world.callers.items():
            if role != "adviser":
                answer = world.send(who, each, world.case)
                assert answer.status_code == 404, (role, each.name, answer.content)
    for each in own:
        answer = world.send(world.callers["adviser"], each, world.case)
        assert answer.status_code == (204 if each.method == "DELETE" else 200), answer.content


def test_accounts_are_for_whoever_administers_them(world: World) -> None:
    """To see them and to close one takes the duty of authority in the office of the token."""
    for each in addresses():
        if each.name in OF_AN_ADMINISTRATOR:
            for role, who in world.callers.items():
                answer = world.send(who, each, world.case)
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
                answer = world.send(who, each, world.case)
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
        for each in map(world.house.reading.case, (world.case, world.permitted))
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
            case = world.permitted if each.act in OF_A_PERMITTED_CASE else world.case
            answer = world.send(who, each, case)
            assert "problem:invalid" not in answer.content.decode(), (each.name, answer.content)
            if each.act in may[role]:
                continue  # its statement, which may ask for more
            if each.act == OF_NOBODY and answer.status_code == 422:
                assert "lets anybody break the glass" in answer.json()["detail"]
                continue
            if "{case}" in each.path and role in WITHOUT_PART:
                assert answer.status_code == 404, (role, each.name, answer.content)
            elif role == "applicant" and each.act in OF_REVIEWERS:
                assert answer.status_code == 403, (role, each.name, answer.content)
            else:  # what it names may not be there, and is then not told from what may not be
                assert answer.status_code in (403, 404), (role, each.name, answer.content)
    for case, moves in before.items():
        done = [each.kind for each in world.house.reading.case(case).moves]
        assert done == moves, "nothing was done by asking"


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


def test_nobody_revokes_the_token_of_another(world: World) -> None:
    """It reads as if there were none."""
    mine = world.callers["officer"]
    answer = world.callers["applicant"].send("DELETE", f"/tokens/{mine.token}")
    assert answer.status_code == 404
    assert mine.get("/me").status_code == 200


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
