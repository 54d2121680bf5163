"""Signing in by a provider of OpenID Connect: the whole way there and back, and every lie."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from provider_for_tests import SUBJECT
from test_accounts import confirmed

from waiting import PATIENCE

LOGIN = "/account/oidc/agency/login/"
CERTIFICATES = httpx.create_ssl_context()
"""Read once: reading them takes longer than what they are not even asked for here."""


def there(browser: Any, begin: str = LOGIN) -> str:
    """Set out from the pages, and return the address at the provider."""
    answer = browser.post(begin)
    assert answer.status_code == 302, answer.content
    return str(answer["location"])


def back(address: str, **said: str) -> str:
    """Sign in at the provider, and return the address at the pages that it leads back to."""
    asked = f"{address}&{urlencode(said)}"
    answer = httpx.get(asked, timeout=PATIENCE, trust_env=False, verify=CERTIFICATES)
    assert answer.status_code == 302, answer.text
    found = urlsplit(answer.headers["location"])
    assert (found.scheme, found.netloc) == ("http", "localhost")
    return f"{found.path}?{found.query}"


def signs_in(browser: Any, **said: str) -> Any:
    """Go the whole way, and return what the pages answered."""
    return browser.get(back(there(browser), **said))


def is_in(browser: Any) -> bool:
    """Say whether the inbox opens."""
    return bool(browser.get("/inbox/").status_code == 200)


@pytest.mark.usefixtures("tied")
def test_a_known_subject_has_the_rights_of_the_office_and_no_other(
    signed_in: Callable[..., Any],
) -> None:
    """Each page is, to the letter, what it is for doyle signed in by password and second factor."""
    from placet.operations.house import SignedIn, viewer_of
    from placet.web.house import house
    from placet.web.people import looking

    browser, other = signed_in(), signed_in("doyle")
    _strengthen(other)
    answer = signs_in(browser, **{"as": SUBJECT, "called": "lindqvist", "email": "x@placet"})
    assert answer["location"] == "/inbox/"
    seen = looking(browser.get("/inbox/").wsgi_request)
    assert seen.person == "doyle"
    assert seen.viewer == viewer_of(house(), SignedIn("doyle", None))
    for address in ("/inbox/", "/permits/", "/policies/?day=2025-07-01", "/authority/"):
        ours, theirs = browser.get(address), other.get(address)
        assert ours.status_code == theirs.status_code, address
        assert _plain(ours) == _plain(theirs), address
    assert "/reauthenticate/" in browser.get("/accounts/")["location"]


@pytest.mark.usefixtures("agency")
def test_an_unknown_subject_gets_nothing_and_is_told_what_to_do(
    signed_in: Callable[..., Any],
) -> None:
    """No account, no right, nothing kept; not by a name or an address that others have either."""
    from allauth.socialaccount.models import SocialAccount

    from placet.web.accounts.models import User

    User.objects.filter(username="lindqvist").update(email="lindqvist@placet.example")
    before = list(User.objects.values())
    browser = signed_in()
    said = {"as": "someone", "called": "lindqvist", "email": "lindqvist@placet.example"}
    answer = signs_in(browser, **said)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "<code>agency:someone</code>" in page
    assert "whoever administers the accounts of your office" in page
    assert not is_in(browser)
    assert list(User.objects.values()) == before
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "lie",
    [
        *("issuer", "audience", "audiences", "party", "nonce", "no-nonce", "expired", "no-exp"),
        *("future", "subject", "signature", "symmetric", "unsigned", "no-token"),
    ],
)
@pytest.mark.usefixtures("tied")
def test_a_token_that_is_wrong_in_anything_is_refused(
    signed_in: Callable[..., Any], lie: str
) -> None:
    """Each by itself, for a subject whom a good one would sign in; the page says what to do."""
    browser = signed_in()
    answer = signs_in(browser, **{"as": SUBJECT, "lie": lie})
    assert answer.status_code == 401
    assert "Begin again" in answer.content.decode()
    assert not is_in(browser)
    assert signs_in(browser, **{"as": SUBJECT}).status_code == 302, "only the lie was refused"


@pytest.mark.usefixtures("tied")
def test_keys_of_either_kind_are_taken(signed_in: Callable[..., Any]) -> None:
    """A token signed on an elliptic curve signs in as well."""
    browser = signed_in()
    assert signs_in(browser, **{"as": SUBJECT, "lie": "elliptic"}).status_code == 302
    assert is_in(browser)


@pytest.mark.usefixtures("tied")
def test_a_second_factor_that_is_here_is_asked_for_as_well(signed_in: Callable[..., Any]) -> None:
    """The provider's word alone opens nothing to whoever has an authenticator app here."""
    from allauth.mfa.models import Authenticator

    from placet.web.accounts.models import User

    doyle = User.objects.get(username="doyle")
    app = Authenticator.objects.create(user=doyle, type="totp", data={"secret": "x"})
    browser = signed_in()
    answer = signs_in(browser, **{"as": SUBJECT})
    app.delete()
    assert answer["location"].startswith("/account/2fa/authenticate/")
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("said", "enough"),
    [
        ({"amr": "pwd"}, False),
        ({"amr": "pwd otp", "acr": "low"}, False),
        ({"amr": "mfa pwd"}, True),
        ({"amr": "", "acr": "highest"}, True),
    ],
)
@pytest.mark.usefixtures("tied")
def test_a_provider_counts_as_two_factors_where_it_says_so(
    signed_in: Callable[..., Any], said: dict[str, str], enough: bool
) -> None:
    """By a value that the settings name; by no other, and then a second factor is added here."""
    browser = signed_in()
    assert signs_in(browser, **{"as": SUBJECT, **said})["location"] == "/inbox/"
    assert is_in(browser) is enough
    if not enough:
        assert browser.get("/inbox/")["location"] == "/account/2fa/"


@pytest.mark.usefixtures("tied")
def test_without_a_setting_no_provider_counts_as_two_factors(
    signed_in: Callable[..., Any],
) -> None:
    """Whatever it says: what its words mean, somebody has to have looked up."""
    from django.conf import settings

    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    del app["settings"]["second_factor"]
    browser = signed_in()
    assert "acr_values" not in there(browser)
    assert signs_in(browser, **{"as": SUBJECT, "acr": "high"})["location"] == "/inbox/"
    assert not is_in(browser)


@pytest.mark.usefixtures("tied")
def test_only_the_session_that_set_out_comes_back(signed_in: Callable[..., Any]) -> None:
    """A wrong state, another's code and a code used twice sign nobody in."""
    victim, intruder = signed_in(), signed_in()
    stolen = back(there(victim), **{"as": SUBJECT})
    assert intruder.get(stolen).status_code == 401, "the state is of another session"
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    theirs = parse_qs(urlsplit(there(intruder)).query)["state"][0]
    injected = f"{LOGIN}callback/?{urlencode({'code': code, 'state': theirs})}"
    assert intruder.get(injected).status_code == 401, "the code wants the verifier of another"
    assert not is_in(intruder)
    used = back(there(victim), **{"as": SUBJECT})
    assert victim.get(used).status_code == 302
    assert victim.get(used).status_code == 401, "a state is good once"
    assert intruder.get(f"{LOGIN}callback/?code=x").status_code == 401, "there is no state"


@pytest.mark.usefixtures("tied")
def test_a_link_cannot_set_out_with_other_terms(signed_in: Callable[..., Any]) -> None:
    """Neither scope, nonce, challenge nor return address are taken from the link followed."""
    forged = {"auth_params": "nonce=n&code_challenge=c&redirect_uri=https://e.example&prompt=none"}
    sent = f"{LOGIN}?{urlencode({**forged, 'scope': 'admin', 'next': 'https://evil.example/'})}"
    browser = signed_in()
    asked = parse_qs(urlsplit(there(browser, sent)).query)
    assert asked["scope"] == ["openid"]
    assert asked["redirect_uri"] == [f"http://localhost{LOGIN}callback/"]
    assert asked["code_challenge"] != ["c"]
    assert asked["nonce"] != ["n"]
    assert "prompt" not in asked
    assert asked["acr_values"] == ["high highest"]
    answer = browser.get(back(there(browser, sent), **{"as": SUBJECT}))
    assert answer["location"] == "/inbox/"


@pytest.mark.usefixtures("tied")
def test_whoever_is_disabled_or_untied_is_let_in_no_more(signed_in: Callable[..., Any]) -> None:
    """By whoever administers accounts; untying ends the sessions that are open, too."""
    from placet.web.accounts.models import AccountChange, User

    administrator, browser = confirmed(signed_in("lindqvist")), signed_in()
    _strengthen(administrator)
    signs_in(browser, **{"as": SUBJECT})
    assert is_in(browser)
    page = administrator.get("/accounts/").content.decode()
    assert f"<code>agency:{SUBJECT}</code>" in page
    sent = {"person": "doyle", "because": "left the desk"}
    User.objects.filter(username="doyle").update(is_active=False)
    assert signs_in(signed_in(), **{"as": SUBJECT})["location"] == "/account/inactive/"
    User.objects.filter(username="doyle").update(is_active=True)
    assert administrator.post("/accounts/", {**sent, "what": "untie"}).status_code == 200
    assert not is_in(browser)
    assert signs_in(browser, **{"as": SUBJECT}).status_code == 403
    again = {**sent, "what": "tie", "subject": f"agency:{SUBJECT}", "because": "is back"}
    assert administrator.post("/accounts/", again).status_code == 200
    assert AccountChange.objects.latest("id").because == f"agency:{SUBJECT}: is back"
    assert signs_in(browser, **{"as": SUBJECT}).status_code == 302
    refused = {
        "another person": {**again, "person": "whitfield"},
        "an unknown provider": {**again, "subject": f"elsewhere:{SUBJECT}"},
        "no subject": {**again, "subject": "agency:"},
    }
    for which, each in refused.items():
        assert administrator.post("/accounts/", each).status_code == 422, which


@pytest.mark.usefixtures("agency")
def test_nobody_ties_a_subject_to_themselves(signed_in: Callable[..., Any]) -> None:
    """A session that is open, or was stolen, cannot be made a lasting way in, nor untie one."""
    from allauth.socialaccount.models import SocialAccount

    browser = confirmed(signed_in("doyle"))
    answer = browser.get(back(there(browser, f"{LOGIN}?process=connect"), **{"as": "intruder"}))
    assert answer.status_code == 401
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("agency")
def test_whoever_was_refused_at_the_provider_is_where_they_were(
    signed_in: Callable[..., Any],
) -> None:
    """Who turns back there is told so, and is not signed in."""
    browser = signed_in()
    answer = signs_in(browser, **{"as": SUBJECT, "lie": "refused"})
    assert answer["location"] == "/account/3rdparty/login/cancelled/"
    assert browser.get(answer["location"]).status_code == 200
    assert not is_in(browser)


def test_a_provider_that_cannot_be_reached_is_said_to_be_so(
    signed_in: Callable[..., Any], agency: str
) -> None:
    """The page says to begin again; it does not break. A provider not set up is no page."""
    from django.conf import settings

    assert agency
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://localhost:9"
    answer = signed_in().post(LOGIN)
    assert answer.status_code == 502
    assert "Begin again" in answer.content.decode()
    assert signed_in().post("/account/oidc/elsewhere/login/").status_code == 404


@pytest.mark.usefixtures("agency")
def test_the_page_for_signing_in_leads_there(signed_in: Callable[..., Any]) -> None:
    """By a form of its own: a click, and nothing that a link from elsewhere could do."""
    page = signed_in().get("/account/login/").content.decode()
    assert f'action="{LOGIN}"' in page
    assert "Sign in with the Agency" in page


def test_browsers_may_go_on_from_the_form_to_the_provider() -> None:
    """The content security policy names the providers' hosts, and nothing else besides ours."""
    told = _settings({"server_url": "https://id.example:8443/realm"})
    assert told.stdout.strip() == "[\"'self'\", 'https://id.example:8443']", told.stderr


def test_a_second_factor_that_is_written_wrongly_is_refused() -> None:
    """A text in the place of a list would take parts of words; nothing starts with it."""
    counted = {"amr": "mfa"}
    told = _settings({"server_url": "https://id.example", "second_factor": counted})
    assert told.returncode != 0
    assert "PLACET_OIDC, a: second_factor takes lists" in told.stderr


def _settings(given: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Read the settings with one provider, in a process of its own; print where forms may lead."""
    said = (
        "from placet.web import settings;"
        "print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    told = {
        "PLACET_SECRET_KEY": "s",
        "PLACET_OIDC": json.dumps([{"provider_id": "a", "settings": given}]),
        "DATABASE_URL_WORKER": "postgresql:///x",
    }
    command = [sys.executable, "-c", said]
    return subprocess.run(command, env=told, check=False, capture_output=True, text=True)


def _plain(answer: Any) -> str:
    """Return a page without what is drawn anew for each."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


def _strengthen(browser: Any) -> None:
    """Say that a second factor was given."""
    session = browser.session
    session["account_authentication_methods"] = [
        *session.get("account_authentication_methods", []),
        {"method": "mfa", "at": 0},
    ]
    session.save()
