"""Who sees which page: every route, for every role, on cases and permits of theirs and of others.

The rules are a table of this file and the addresses those of the pages: one without a rule fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_sample import caller
from page_routes import filled, page_routes, whole
from roles import ROLES
from steps import PASSWORD
from two_cases import Whole, case_of_everybody, case_of_others

from software_passkey import authenticator

EVERYBODY = {"verify", "permit-keys", "status-list", "checkpoint", "log-keys", "tile"}
ANY_PERSON = {
    *("inbox", "new-request", "open-session", "told", "keys", "policies", "policy", "items"),
    *("item", "freedom", "stock", "permits", "ledger", "entry", "proof", "reports"),
    *("report-table", "authority", "tokens", "export"),
}
OF_A_CASE = {"case", "decision-letter", "act-receipt", "document"}
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
SEES_ALL = "auditor"
OF_ACTS = ("determine", "advise", "decide", "issue", "withdraw", "recuse", "suspend", "report-use")


@dataclass(frozen=True)
class World:
    """What the matrix is asked of: a browser for each role, and cases with their permits.

    In one everybody has a part; in one nobody of the roles but who audits; and one was cleared by a
    standing authorisation, and never came before who advises or decides.
    """

    browsers: Mapping[str, Any]
    own: Whole
    others: Whole
    cleared: Whole

    def path(self, pattern: str, of: Whole, **named: Any) -> str:
        """Return an address with the names of things that there are."""
        names = {"case": of.case, "permit": of.permit, "digest": of.document}
        names |= {"index": of.filed, "entry": of.filed, "path": "0/000.p/1"}
        names |= {"party": "US", "policy": "2022-donor-conditions", "item": "atacms"}
        return filled(pattern, {name: str(each) for name, each in (names | named).items()})

    def ask(self, role: str, name: str, pattern: str, of: Whole, **named: Any) -> Any:
        """Ask for a page as a role, or send its form empty where it takes nothing else."""
        browser, address = self.browsers[role], self.path(pattern, of, **named)
        return browser.post(address) if name in POSTED else browser.get(address)


@pytest.fixture(scope="module")
def cases(office: Any, ukraine: Path) -> Iterator[tuple[Whole, Whole, Whole]]:
    """The cases: of everybody, of others, and the one that was cleared."""
    reading = office.house.reading
    story = (each for each in reading.cases() if each.permits)
    found = next(each for each in story if any(move.kind == "revoke" for move in each.moves))
    acted = {"marchenko": reading.places_of_case(found.id)[0]}
    cleared = Whole(found.id, next(iter(found.permits)), "sha256:0", acted)
    own = case_of_everybody(office.house, ukraine)
    with case_of_others(office.house, ukraine) as others:
        yield own, others, cleared


@pytest.fixture
def world(cases: tuple[Whole, Whole, Whole], signed_in: Callable[..., Any]) -> World:
    """Everybody signed in, and has just shown once more who they are."""
    browsers = {role: signed_in(person) for role, person in ROLES.items()}
    for each in browsers.values():
        sent = {"password": PASSWORD}
        assert each.post("/account/reauthenticate/", sent).status_code == 302
    return World(browsers, *cases)


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
            answer = method(world.path(pattern, world.own))
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

    Nothing of a case of others is on it, and nothing in it is styled or scripted in place, which a
    strict policy would stop.
    """
    for name, pattern in _of(EVERYBODY - {"tile"}, ANY_PERSON):
        for role in ROLES:
            answer = world.ask(role, name, pattern, world.others)
            assert answer.status_code == 200, (role, name)
            text = whole(answer).decode("latin-1")
            assert " style=" not in text, (role, name)
            assert not re.search(r"<script(?![^>]* src=)", text), (role, name)
            told = world.others.case in text or world.others.permit in text
            assert not told or role == SEES_ALL, (role, name)


def test_a_case_and_its_permit_are_for_who_has_a_part_in_it(world: World) -> None:
    """Every role is asked for a case of its own and for one of others, at each page of a case.

    That of others reads as none, word for word; to who audits, as their own.
    """
    absent = replace(world.others, case="C-2222222222", permit="P-2222222222")
    for name, pattern in _of(OF_A_CASE, OF_A_PERMIT):
        for role, person in ROLES.items():
            acted = world.own.acted.get(person, world.own.filed)
            own = world.ask(role, name, pattern, world.own, entry=acted)
            assert own.status_code == 200, (role, name)
            there = world.ask(role, name, pattern, world.others)
            if role == SEES_ALL:
                assert there.status_code == 200, name
                continue
            none = world.ask(role, name, pattern, absent)
            assert there.status_code == none.status_code == 404, (role, name)
            assert _told(there, world.others) == _told(none, absent), (role, name)


def _told(answer: Any, of: Whole) -> str:
    """Return what a page says, apart from the names that were asked for."""
    said = answer.content.decode().replace(of.case, "").replace(of.permit, "")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", said)


def test_what_was_cleared_is_not_for_who_advises_or_decides(world: World) -> None:
    """It never came before them: to them it reads as a case that there is not."""
    part = {"applicant", "officer", "auditor"}
    for name, pattern in _of(OF_A_CASE - {"document"}, OF_A_PERMIT):
        for role in ROLES:
            expected = 200 if role in part and name != "decision-letter" else 404
            answer = world.ask(role, name, pattern, world.cleared)
            assert answer.status_code == expected, (role, name)


def test_what_belongs_to_another_case_is_not_had_by_naming_ones_own(world: World) -> None:
    """Entries and documents of others read as none beside a case of one's own; to auditors too."""
    for name, pattern in _of({"act-receipt", "document"}):
        for role in ROLES:
            named = {"entry": world.others.filed, "digest": world.others.document}
            answer = world.ask(role, name, pattern, world.own, **named)
            assert answer.status_code == 404, (role, name)


def test_what_goes_with_a_duty_is_for_who_has_it(world: World) -> None:
    """Nobody else administers accounts, has the log audited, or learns how far an audit is."""
    from placet.web.jobs.models import AuditRun

    allowed = {"accounts": 200, "audit": 404, "audit-begin": 302}
    for name, pattern in _of(OF_A_DUTY):
        for role in ROLES:
            expected = allowed[name] if role == OF_A_DUTY[name] else 403
            answer = world.ask(role, name, pattern, world.own)
            assert answer.status_code == expected, (role, name)
    AuditRun.objects.all().delete()


def test_what_was_signed_is_for_who_signed_it_and_for_auditors(world: World) -> None:
    """It says the whole act: of one's own, and to who audits, not of an act of others.

    What was done by a mere word is said to have nothing to check.
    """
    for name, pattern in _of(OF_WHO_DID_IT):
        for role, person in ROLES.items():
            mine = {world.own.acted.get(person), 0 if role in OF_WHO_DID_IT[name] else None}
            for index in (0, world.others.filed, *world.own.acted.values()):
                knows = index in mine or role == SEES_ALL
                expected = (200 if index == 0 else 422) if knows else 403
                answer = world.ask(role, name, pattern, world.own, index=index)
                assert answer.status_code == expected, (role, name, index)


def test_what_is_of_one_person_is_nobody_elses_to_change(world: World, office: Any) -> None:
    """A list, an address for notices, a passkey, a token: of another each reads as none.

    Of everybody's own each is there.
    """
    patterns = dict(_of(OF_ONE_PERSON))
    with ExitStack() as held:
        own = {role: _kept(office.house, person, held) for role, person in ROLES.items()}
        roles = list(ROLES)
        for role, other in zip(roles, [*roles[1:], roles[0]], strict=True):
            assert own[other].keys() == patterns.keys()
            for name, key in own[other].items():
                answer = world.browsers[role].post(_keyed(patterns[name], key))
                assert answer.status_code == 404, (role, name)
        for role in roles:
            for name, key in own[role].items():
                answer = world.browsers[role].post(_keyed(patterns[name], key))
                expected = 200 if name == "record-passkey" else 302  # it is shown to be signed
                assert answer.status_code == expected, (role, name)


def _keyed(pattern: str, key: str) -> str:
    return filled(pattern, dict.fromkeys(("key", "passkey", "token"), key))


def _kept(house: Any, person: str, held: ExitStack) -> dict[str, str]:
    """Keep something of each kind for a person, until it is over; return it by its page."""
    from allauth.mfa.models import Authenticator

    from placet.web.accounts.models import User
    from placet.web.jobs.models import Subscription
    from placet.web.models import KeptList

    mine = User.objects.get(username=person)
    hook = f"https://{person}.example/hook"
    passkey = {"name": "mine", "credential": authenticator(person).enrolled}
    kept = {
        "remove-list": KeptList.objects.create(person=person, name="mine", query="tab=closed"),
        "untold": Subscription.objects.create(person=person, channel="webhook", address=hook),
        "record-passkey": Authenticator.objects.create(user=mine, type="webauthn", data=passkey),
    }
    for each in kept.values():
        held.callback(type(each).objects.filter(pk=each.pk).delete)
    token = caller(house, person, lasts=timedelta(minutes=5)).token
    return {name: str(each.pk) for name, each in kept.items()} | {"revoke-token": token}


def test_no_act_is_asked_for_or_signed_on_a_case_of_others(world: World, office: Any) -> None:
    """Whoever has no part in a case gets no form of any act on it, and can send none either.

    Of a case of their own everybody is told why not, where it is not theirs to do.
    """
    of, own = world.others.case, world.own.case
    before = office.house.reading.case(of).version
    for role, browser in world.browsers.items():
        for kind in OF_ACTS:
            form = browser.get(f"/act/{kind}/", {"on-case": own})
            assert form.status_code in (200, 403, 409), (role, kind, form.status_code)
            if role == SEES_ALL:
                continue
            form = browser.get(f"/act/{kind}/", {"on-case": of})
            sent = browser.post(f"/act/{kind}/", {"on-case": of})
            assert (form.status_code, sent.status_code) == (404, 404), (role, kind)
            mixed = {"on-case": own, "on-permit": world.others.permit}
            for asked in (mixed, {"on-permit": world.others.permit}):
                assert browser.get(f"/act/{kind}/", asked).status_code == 404, (role, kind)
        for case in (of, own) if role != SEES_ALL else ():
            kept = {"kind": "determine", "act": {}, "case": case, "back": ""}
            signed = browser.post("/sign/", {"draft": json.dumps(kept), "digest": "x"})
            assert (signed.status_code == 404) is (case == of), (role, case, signed.status_code)
    assert office.house.reading.case(of).version == before
