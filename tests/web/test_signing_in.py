"""Signing in: nobody makes an account, nobody goes on with a password alone, sessions end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from steps import PASSWORD


@pytest.fixture
def real(office: Any) -> Any:
    """The pages as they are for real work: no demonstration."""
    from django.test import override_settings

    assert office
    with override_settings(DEMONSTRATION=False):
        yield


def test_a_password_signs_in_and_changes_the_session(signed_in: Callable[..., Any]) -> None:
    """Signing in by password leads to the inbox, under a new session: none can be planted."""
    browser = signed_in()
    browser.get("/account/login/")
    session = browser.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sent = {"login": "whitfield", "password": PASSWORD}
    answer = browser.post("/account/login/", sent)
    assert answer.status_code == 302
    assert answer["location"] == "/inbox/"
    assert browser.session.session_key != before


def test_nobody_signs_up(signed_in: Callable[..., Any]) -> None:
    """There is no way to make an account for oneself."""
    answer = signed_in().post(
        "/account/signup/", {"username": "intruder", "password1": "a long password here"}
    )
    assert b"intruder" not in answer.content
    from placet.web.accounts.models import User

    assert not User.objects.filter(username="intruder").exists()


def test_after_signing_in_one_goes_nowhere_else(signed_in: Callable[..., Any]) -> None:
    """An address of another site is not followed after signing in."""
    sent = {"login": "whitfield", "password": PASSWORD, "next": "https://evil.example/"}
    answer = signed_in().post("/account/login/", sent)
    assert answer["location"] == "/inbox/"


@pytest.mark.usefixtures("real")
def test_a_password_alone_opens_no_page_of_real_work(signed_in: Callable[..., Any]) -> None:
    """Without a second factor every page leads to adding one."""
    browser = signed_in("whitfield")
    for address in ("/inbox/", "/act/record-fact/", "/session/"):
        answer = browser.get(address)
        assert answer.status_code == 302, address
        assert answer["location"] == "/account/2fa/"


@pytest.mark.usefixtures("real")
def test_a_first_day_leads_from_the_invitation_to_the_inbox(signed_in: Callable[..., Any]) -> None:
    """A password, an authenticator app, and work: nobody has to sign out in between.

    Whoever signed in elsewhere before the factor was there is told to do so, and is not let in by
    adding another.
    """
    from placet.web.accounts.invitation import invitation
    from placet.web.accounts.models import User

    user = User.objects.create_user("newcomer")
    browser, before = signed_in(), signed_in()
    link = browser.get(urlsplit(invitation(user)).path)
    chosen = dict.fromkeys(("password1", "password2"), "correct horse battery")
    assert browser.post(link["location"], chosen).status_code == 302
    password = {"login": "newcomer", "password": "correct horse battery"}
    for each in (browser, before):
        assert each.post("/account/login/", password).status_code == 302
        assert each.get("/inbox/")["location"] == "/account/2fa/"
    _add_an_app(browser)
    assert browser.get("/inbox/").status_code == 200
    told = before.get("/inbox/", follow=True)
    assert told.redirect_chain == [("/account/2fa/", 302)]
    assert "Sign out, and in again" in told.content.decode()
    user.authenticator_set.filter(type="totp").update(type="webauthn")
    _add_an_app(before)
    assert before.get("/inbox/")["location"] == "/account/2fa/"


def _add_an_app(browser: Any) -> None:
    from allauth.mfa.totp.internal import auth
    from django.test import override_settings

    shown = {"password": "correct horse battery"}
    assert browser.post("/account/reauthenticate/", shown).status_code == 302
    assert browser.get("/account/2fa/totp/activate/").status_code == 200
    secret = browser.session["mfa.totp.secret"]
    (counter,) = auth.yield_hotp_counters_from_time()
    sent = {"code": auth.format_hotp_value(auth.hotp_value(secret, counter))}
    with override_settings(MFA_TOTP_TOLERANCE=1):  # the half minute may end meanwhile
        assert browser.post("/account/2fa/totp/activate/", sent).status_code == 302


@pytest.mark.usefixtures("real")
def test_in_real_work_a_password_signs_nothing(signed_in: Callable[..., Any], office: Any) -> None:
    """The word that stands in for a signature in a demonstration is not taken elsewhere."""
    from placet.web.acting.views import _evidence

    request = type("Request", (), {"POST": {"by": "word", "password": PASSWORD}, "FILES": {}})()
    from placet.evidence import EvidenceError

    with pytest.raises(EvidenceError, match="Nothing was signed"):
        _evidence(request, b"{}")
    assert office
    assert signed_in


def test_an_account_gives_no_right(signed_in: Callable[..., Any], office: Any) -> None:
    """An account of somebody who holds no office sees no case and can do nothing."""
    from django.test import Client

    from placet.web.accounts.models import User

    assert signed_in
    user = User.objects.create_user("nobody-in-office", password=PASSWORD, demonstration=True)
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    case = next(iter(office.house.reading.cases())).id
    assert browser.get(f"/cases/{case}/").status_code == 404
    assert browser.post("/act/determine/", {"on-case": case}).status_code == 404


def test_accounts_of_a_demonstration_are_not_served_as_real_work(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that real work is refused where accounts of a demonstration were left."""
    from dataclasses import replace

    from django.conf import settings
    from django.core.management import CommandError, call_command

    from placet.web.house import house
    from placet.web.management.commands import prepare

    assert office
    context = type("Context", (), {"demonstration": False})()
    real = type("Reading", (), {"context": lambda _: context})()
    monkeypatch.setattr(prepare, "house", lambda: replace(house(), reading=real))
    monkeypatch.setattr(settings, "DEMONSTRATION", False)
    with pytest.raises(CommandError, match="accounts of a demonstration"):
        call_command("prepare", check=True)


def test_no_letter_goes_to_an_address_that_nobody_has_here(signed_in: Callable[..., Any]) -> None:
    """Whoever asks for a new password for any address in the world has nothing written to it."""
    from django.core import mail
    from django.test import override_settings
    from django.urls import reverse

    mail.outbox = []
    asked = {"email": "stranger@example.org"}
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        assert signed_in().post(reverse("account_reset_password"), asked).status_code == 302
    assert mail.outbox == []


def test_a_demonstration_has_one_of_each_role_and_says_what_each_is_for(signed_in: Any) -> None:
    """Who asks comes first; who keeps stocks and a foreign government's official are among them."""
    from placet.operations.demonstration.demonstrators import demonstrators
    from placet.web.house import names

    does = {each.person: each.does for each in demonstrators(names()) if each.does}
    assert list(does)[:2] == ["marchenko", "whitfield"]
    assert does["reyes"] == "keeps the figures of what is in stock"
    assert does["ashworth"] == "decides, for the United Kingdom"
    assert b"Decide" in signed_in("ashworth").get("/inbox/").content
    assert b"yellow under 240" in signed_in("reyes").get("/stock/").content
    page = signed_in().get("/account/login/").content.decode()
    assert all(f'href="?login={person}"' in page and line in page for person, line in does.items())


def test_a_link_fills_in_the_name_in_a_demonstration_alone(signed_in: Any) -> None:
    """The name stands in its field, without scripts; where work is real, no address fills it in."""
    from django.test import override_settings

    asked = {"login": "ashworth", "next": "/stock/"}
    page = signed_in().get("/account/login/", asked).content.decode()
    assert 'value="ashworth"' in page
    assert 'href="?login=reyes&amp;next=/stock/"' in page
    with override_settings(DEMONSTRATION=False):
        assert 'value="ashworth"' not in signed_in().get("/account/login/", asked).content.decode()
