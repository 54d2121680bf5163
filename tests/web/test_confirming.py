"""Showing anew who one is, at a provider: by a person who has no password and no factor here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from provider_for_tests import SUBJECT
from steps import signing
from test_acting import DECISION, case
from test_openid import LOGIN, back, is_in, signs_in, there

__all__ = ["case"]

AGAIN = "/account/oidc/agency/reauthenticate/"
HERE = f"{AGAIN}?next=%2Ftokens%2F"
WANTED = {"office": "us/usd-policy", "scope": ["read"], "days": "7", "label": "my reports"}


@pytest.fixture
def without_password(tied: str) -> Iterator[Any]:
    """The account of doyle as somebody's who only ever signs in by the provider."""
    from placet.web.accounts.models import User

    assert tied
    before = User.objects.filter(username="doyle").values("password").get()
    doyle = User.objects.get(username="doyle")
    doyle.set_unusable_password()
    doyle.save()
    yield doyle
    User.objects.filter(username="doyle").update(**before)


@pytest.fixture
def browser(without_password: Any, signed_in: Callable[..., Any]) -> Any:
    """Doyle's, signed in by the provider."""
    assert without_password
    found = signed_in()
    signs_in(found, **{"as": SUBJECT})
    return found


def gate(browser: Any) -> bool:
    """Say whether the page of tokens opens, or asks first who it is."""
    answer = browser.get("/tokens/")
    assert answer.status_code == 200 or answer["location"] == HERE, answer
    return bool(answer.status_code == 200)


def confirms(browser: Any, **said: str) -> Any:
    """Go the whole way, and return what the pages answered to who came back."""
    return browser.get(back(there(browser, HERE), **said))


def test_the_provider_confirms_who_has_no_password(browser: Any) -> None:
    """It is asked to ask anew; then the page opens that was asked for, for five minutes."""
    assert not gate(browser)
    page = browser.get(HERE).content.decode()
    assert "Sign in again with the Agency" in page
    before = parse_qs(urlsplit(there(browser)).query)
    asked = parse_qs(urlsplit(there(browser, HERE)).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    for each in ("state", "nonce", "code_challenge"):
        assert asked[each] != before[each], each
    answer = confirms(browser, **{"as": SUBJECT})
    assert answer["location"] == HERE
    assert browser.get(HERE)["location"] == "/tokens/"
    assert gate(browser)
    assert browser.get("/account/2fa/totp/activate/").status_code == 200, "for allauth's pages too"
    session = browser.session
    for each in session["account_authentication_methods"]:
        each["at"] -= 301
    session.save()
    assert not gate(browser)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"as": "a subject tied to nobody"}, "who is not you"),
        ({"as": "a subject of whitfield"}, "who is not you"),
        ({"lie": "of-before"}, "did not ask you anew"),
        ({"lie": "to-come"}, "did not ask you anew"),
        ({"lie": "untimed"}, "did not say when"),
        ({"lie": "in-words"}, "did not say when"),
    ],
)
def test_what_does_not_confirm_is_refused_and_says_why(
    browser: Any, said: dict[str, str], told: str
) -> None:
    """Another account, an open sign-in there, and no time; the person stays who they were."""
    from placet.web.accounts.models import User
    from placet.web.accounts.subjects import tie

    tie(User.objects.get(username="whitfield"), "agency:a subject of whitfield")
    answer = confirms(browser, **{"as": SUBJECT, **said})
    assert answer.status_code == 403
    assert told in answer.content.decode()
    assert not gate(browser)
    assert "Doyle" in browser.get("/inbox/").content.decode()
    assert confirms(browser, **{"as": SUBJECT}).status_code == 302, "only that was refused"


def test_what_was_not_asked_for_is_refused(browser: Any, signed_in: Callable[..., Any]) -> None:
    """Another nonce, an answer used twice or in another session, and a sign-in that asked less."""
    for lie in ("nonce", "no-nonce"):
        answer = confirms(browser, **{"as": SUBJECT, "lie": lie})
        assert answer.status_code == 401
        assert "You are signed in here as before" in answer.content.decode()
        assert not gate(browser)
    less = browser.get(back(there(browser, f"{LOGIN}?process=redirect"), **{"as": SUBJECT}))
    assert less.status_code == 401
    assert not gate(browser)
    stolen = back(there(browser, HERE), **{"as": SUBJECT})
    thief = signed_in()
    signs_in(thief, **{"as": SUBJECT})
    assert thief.get(stolen).status_code == 401
    assert not gate(thief)
    used = back(there(browser, HERE), **{"as": SUBJECT})
    assert browser.get(used).status_code == 302
    signs_in(browser, **{"as": SUBJECT})
    assert not gate(browser), "a new session has confirmed nothing"
    assert browser.get(used).status_code == 401
    assert not gate(browser)


def test_when_the_provider_asked_counts_not_when_one_came_back(browser: Any) -> None:
    """Whoever waits with the answer has so much less time."""
    confirms(browser, **{"as": SUBJECT, "lie": "just-before"})
    assert gate(browser)
    session = browser.session
    (kept,) = (x for x in session["account_authentication_methods"] if x.get("reauthenticated"))
    kept["at"] -= 251
    session.save()
    assert not gate(browser)


def test_what_was_sent_is_done_after_a_click(browser: Any) -> None:
    """A form that met the gate is kept, and not sent again by a link that leads there."""
    asked = browser.post("/tokens/", WANTED)
    assert asked["location"] == HERE
    assert browser.get(confirms(browser, **{"as": SUBJECT})["location"]).status_code == 200
    page = browser.post(AGAIN, {"next": "/tokens/"})
    assert "placet_" in page.content.decode(), page
    assert browser.get(HERE)["location"] == "/tokens/", "once"


def test_one_confirms_where_one_is_tied_alone(
    without_password: Any, signed_in: Callable[..., Any]
) -> None:
    """Nobody signed in, and a person whom no provider knows, are led elsewhere; nowhere, if so."""
    from allauth.socialaccount.models import SocialAccount

    assert without_password
    assert signed_in().get(AGAIN)["location"].startswith("/account/login/")
    assert signed_in("whitfield").get(AGAIN)["location"] == "/account/reauthenticate/"
    assert signed_in("doyle").get("/account/oidc/elsewhere/reauthenticate/")["location"] == AGAIN
    SocialAccount.objects.all().delete()
    assert signed_in("doyle").get(AGAIN).status_code == 403
    assert signed_in("doyle").get("/account/2fa/totp/activate/").status_code == 403


def test_going_on_leads_to_no_other_site(browser: Any) -> None:
    """An address of another site is not followed after a confirmation."""
    evil = f"{AGAIN}?next=https://evil.example/"
    answer = browser.get(back(there(browser, evil), **{"as": SUBJECT}))
    assert answer["location"].startswith(AGAIN)
    assert browser.get(answer["location"])["location"] == "/inbox/"


def test_a_provider_that_is_gone_is_said_to_be_so(browser: Any) -> None:
    """The page says to begin again where one was asked; the person stays signed in."""
    from django.conf import settings

    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://localhost:9"
    answer = browser.post(HERE)
    assert answer.status_code == 502
    assert "You are signed in here as before" in answer.content.decode()
    assert is_in(browser)


@pytest.mark.usefixtures("tied")
def test_in_a_demonstration_a_decision_is_signed_after_it(
    signed_in: Callable[..., Any], case: str, office: Any
) -> None:
    """Who has no password signs nothing by word until the provider asked again; then that text."""
    from django.test import override_settings

    from placet.web.accounts.models import User
    from placet.web.accounts.subjects import tie

    before = User.objects.filter(username="secretary").values("password").get()
    secretary = User.objects.get(username="secretary")
    secretary.set_unusable_password()
    secretary.save()
    tie(secretary, "agency:the secretary")
    with override_settings(DEMONSTRATION=True):
        browser = signed_in("secretary")
        page = browser.post("/act/decide/", {"on-case": case, **DECISION}).content.decode()
        assert 'name="password"' not in page
        sent = signing(page)
        asked = browser.post("/sign/", {**sent, "by": "word"})
        assert asked["location"] == f"{AGAIN}?next=%2Fsign%2F"
        assert office.house.reading.case(case).decisions == ()
        browser.get(back(there(browser, asked["location"]), **{"as": "the secretary"}))
        assert office.house.reading.case(case).decisions == ()
        done = browser.post(AGAIN, {"next": "/sign/"})
    User.objects.filter(username="secretary").update(**before)
    assert done["location"] == f"/cases/{case}/", done.content.decode()
    assert [each.person for each in office.house.reading.case(case).decisions] == ["secretary"]
