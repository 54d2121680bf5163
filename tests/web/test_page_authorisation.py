"""Who sees which page: every route, for every role, on cases and permits of theirs and of others.

The rules are a table of this file and the addresses those of the pages: one without a rule fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from api_sample import caller
from page_routes import filled, page_routes, whole
from roles import ROLES

EVERYBODY = {"verify", "permit-keys", "status-list", "checkpoint", "log-keys", "tile"}
ANY_PERSON = {
    *("inbox", "new-request", "open-session", "told", "keys", "policies", "policy", "items"),
    *("item", "freedom", "stock", "permits", "ledger", "entry", "proof", "reports"),
    *("report-table", "authority", "tokens", "export"),
}
OF_A_CASE = {"case", "decision-letter", "act-receipt"}
OF_A_PERMIT = {"permit", "permit-letter", "permit-file"}
OF_A_DUTY = {"accounts": "registrar", "audit": "auditor", "audit-begin": "auditor"}
OF_WHO_DID_IT = {"evidence": {"registrar", "auditor"}}
OF_ONE_PERSON = {"remove-list", "untold", "record-passkey", "revoke-token"}
BY_WHAT_IS_SENT = {
    "act": "its form is asked for below, on cases of others too",
    "sign": "does the act that is sent: refused below on a case of others",
    "many": "each case by itself: tests/web/test_many.py",
    "done-on-many": "what the session keeps of the person's own act",
    "keep-list": "keeps it for the person who sends it",
    "document": "tests/web/test_filing_documents.py hands one out, and not to others",
    "front": "leads on",
}
ACCOUNTS_OF_ANYBODY = {
    *("account_login", "account_inactive", "account_signup", "account_reset_password"),
    *("account_reset_password_done", "account_reset_password_from_key"),
    *("account_reset_password_from_key_done", "account_confirm_email"),
    *("account_email_verification_sent", "account_confirm_login_code", "mfa_authenticate"),
    *("mfa_login_webauthn", "openid_connect_login", "openid_connect_callback"),
    *("socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup"),
    *("/account/social/login/cancelled/", "/account/social/login/error/"),
    *("/account/social/signup/", "/account/social/connections/", "account_logout"),
}
ACCOUNTS_OF_ONESELF = {
    *("account_reauthenticate", "account_request_reauthentication_code", "account_email"),
    *("account_confirm_reauthentication_code", "account_change_password", "account_set_password"),
    *("mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
    *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"),
    *("mfa_remove_webauthn", "mfa_edit_webauthn", "socialaccount_connections"),
    "reauthenticate_by_provider",
}
POSTED = {"audit-begin", "remove-list", "untold", "record-passkey", "revoke-token"}
REVIEWED, CLEARED = "reviewed", "cleared"
SEES = {
    REVIEWED: {"applicant", "adviser", "officer", "decider", "auditor"},
    CLEARED: {"applicant", "officer", "auditor"},
}
"""Who has a part: what a standing authorisation cleared never came before who advises, decides."""


@dataclass(frozen=True)
class World:
    """What the matrix is asked of: a browser for each role, and two cases with their permits."""

    browsers: Mapping[str, Any]
    cases: Mapping[str, Any]
    places: Mapping[str, int]

    def path(self, pattern: str, case: str) -> str:
        """Return an address with the names of things that there are."""
        of = self.cases[case]
        names = {"case": of.id, "permit": next(iter(of.permits)), "index": "0"}
        names["entry"] = str(self.places[case])
        names |= {"party": "US", "policy": "2022-donor-conditions", "item": "atacms"}
        return filled(pattern, names | {"path": "0/000.p/1"})

    def ask(self, role: str, name: str, pattern: str, case: str = REVIEWED) -> Any:
        """Ask for a page as a role, or send its form empty where it takes nothing else."""
        browser, address = self.browsers[role], self.path(pattern, case)
        return browser.post(address) if name in POSTED else browser.get(address)


@pytest.fixture
def world(office: Any, signed_in: Callable[..., Any]) -> World:
    """Everybody signed in, and has just shown once more who they are."""
    browsers = {role: signed_in(person) for role, person in ROLES.items()}
    for each in browsers.values():
        sent = {"password": "a password for tests"}
        assert each.post("/account/reauthenticate/", sent).status_code == 302
    cases = [each for each in office.house.reading.cases() if each.permits]
    decided = {
        REVIEWED: next(each for each in cases if any(m.kind == "decide" for m in each.moves)),
        CLEARED: next(each for each in cases if any(m.kind == "revoke" for m in each.moves)),
    }
    places = {
        name: office.house.reading.places_of_case(each.id)[0] for name, each in decided.items()
    }
    return World(browsers, decided, places)


def _of(*rules: Any) -> Iterator[tuple[str, str]]:
    wanted = set().union(*rules)
    yield from ((name, pattern) for name, pattern in page_routes() if name in wanted)


@pytest.mark.usefixtures("office")
def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    """A page that is added without saying who may see it fails here."""
    rules = [EVERYBODY, ANY_PERSON, OF_A_CASE, OF_A_PERMIT, OF_A_DUTY, OF_WHO_DID_IT, OF_ONE_PERSON]
    rules += [BY_WHAT_IS_SENT, ACCOUNTS_OF_ANYBODY, ACCOUNTS_OF_ONESELF]
    assert set().union(*rules) == {name for name, _ in page_routes()}
    assert sum(map(len, rules)) == len(set().union(*rules)), "one rule for each"


def test_without_an_account_only_what_is_public_is_shown(
    world: World, signed_in: Callable[..., Any]
) -> None:
    """Everything else leads to signing in, for a page and for a form, whatever it is about."""
    nobody = signed_in()
    for name, pattern in page_routes():
        for method in (nobody.get, nobody.post):
            answer = method(world.path(pattern, REVIEWED))
            if name in EVERYBODY:
                assert answer.status_code in (200, 404 if name == "tile" else 200, 422), name
            elif name not in ACCOUNTS_OF_ANYBODY and (method == nobody.get or name == "front"):
                assert answer.status_code == 302, (name, answer.status_code)
                assert answer["Location"].startswith("/account/login/"), name
            elif name not in ACCOUNTS_OF_ANYBODY:
                assert answer.status_code == 403, (name, answer.status_code)
                assert "/account/login/?next=" in answer.content.decode(), name


def test_every_person_sees_what_is_everybodys(world: World) -> None:
    """What depends on who looks is worked out for each, and refused to none.

    Nothing in it is styled or scripted in place, which a strict policy would stop.
    """
    for name, pattern in _of(EVERYBODY - {"tile"}, ANY_PERSON):
        for role in ROLES:
            answer = world.ask(role, name, pattern)
            assert answer.status_code == 200, (role, name)
            text = whole(answer).decode("latin-1")
            assert " style=" not in text, (role, name)
            assert not re.search(r"<script(?![^>]* src=)", text), (role, name)


def test_a_case_and_its_permit_are_seen_by_who_has_a_part_in_it(world: World) -> None:
    """To all others each page reads as if there were none: on one case, and on another."""
    for name, pattern in _of(OF_A_CASE, OF_A_PERMIT):
        for case, part in SEES.items():
            for role in ROLES:
                absent = (name, case) == ("decision-letter", CLEARED)  # nobody decided it
                expected = 200 if role in part and not absent else 404
                assert world.ask(role, name, pattern, case).status_code == expected, (
                    role,
                    name,
                    case,
                )


def test_what_goes_with_a_duty_is_for_who_has_it(world: World) -> None:
    """Nobody else administers accounts, has the log audited, or learns how far an audit is."""
    from placet.web.jobs.models import AuditRun

    allowed = {"accounts": 200, "audit": 404, "audit-begin": 302}
    for name, pattern in _of(OF_A_DUTY):
        for role in ROLES:
            expected = allowed[name] if role == OF_A_DUTY[name] else 403
            assert world.ask(role, name, pattern).status_code == expected, (role, name)
    AuditRun.objects.all().delete()


def test_what_was_signed_is_for_who_signed_it_and_for_auditors(world: World) -> None:
    """It says the whole act: of the one that began the log, to who began it and who audits."""
    for name, pattern in _of(OF_WHO_DID_IT):
        for role in ROLES:
            expected = 200 if role in OF_WHO_DID_IT[name] else 403
            assert world.ask(role, name, pattern).status_code == expected, (role, name)


def test_what_is_of_one_person_is_nobody_elses_to_change(world: World, office: Any) -> None:
    """A list, an address for notices, a passkey, a token: of another each reads as none."""
    from allauth.mfa.models import Authenticator

    from placet.web.accounts.models import User
    from placet.web.api.models import Token
    from placet.web.jobs.models import Subscription
    from placet.web.models import KeptList

    mine = User.objects.get(username="marchenko")
    token = caller(office.house, "marchenko", lasts=timedelta(minutes=5)).token
    kept = KeptList.objects.create(person="marchenko", name="mine", query="q=a&tab=closed")
    told = Subscription.objects.create(person="marchenko", channel="email", address="a@b.example")
    passkey = Authenticator.objects.create(user=mine, type="webauthn", data={})
    own = {"remove-list": kept.pk, "record-passkey": passkey.pk, "revoke-token": token}
    own["untold"] = told.pk
    assert own.keys() == OF_ONE_PERSON
    patterns = dict(_of(OF_ONE_PERSON))
    try:
        for name, key in own.items():
            address = filled(patterns[name], dict.fromkeys(("key", "passkey", "token"), str(key)))
            for role in set(ROLES) - {"applicant"}:
                answer = world.browsers[role].post(address)
                assert answer.status_code == 404, (role, name)
        assert KeptList.objects.filter(pk=kept.pk).exists()
        assert Subscription.objects.filter(pk=told.pk).exists()
        assert Token.objects.get(reference=token).revoked_at is None
    finally:
        kept.delete()
        told.delete()
        passkey.delete()


def test_no_act_is_asked_for_or_signed_on_a_case_of_others(world: World) -> None:
    """Whoever has no part in a case gets no form of any act on it, and can send none either."""
    for case, part in SEES.items():
        of = world.cases[case].id
        kept = {"kind": "determine", "act": {}, "case": of, "back": ""}
        for role in set(ROLES) - part:
            browser = world.browsers[role]
            for kind in ("determine", "advise", "decide", "issue", "withdraw", "recuse"):
                form = browser.get(f"/act/{kind}/", {"on-case": of})
                sent = browser.post(f"/act/{kind}/", {"on-case": of})
                assert (form.status_code, sent.status_code) == (404, 404), (role, kind, case)
            signed = browser.post("/sign/", {"draft": json.dumps(kept), "digest": "x"})
            assert signed.status_code == 404, (role, case)
