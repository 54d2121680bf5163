"""Sessions: in a cookie that no script reads and no other site sends, ended by age and sign-out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from steps import PASSWORD

LASTS = timedelta(hours=12)
SIGN_IN = "/account/login/"
NEW = "another password for tests"


def _signed_in_by_password(browser: Any, **asked: Any) -> Any:
    """Sign in as a person does; return the answer."""
    answer = browser.post(SIGN_IN, {"login": "whitfield", "password": PASSWORD}, **asked)
    assert answer.status_code == 302
    assert answer["Location"] == "/inbox/"
    return answer


def _is_in(browser: Any) -> bool:
    """Say whether the inbox is shown; else it leads to signing in."""
    answer = browser.get("/inbox/")
    assert answer.status_code == 200 or answer["Location"].startswith(SIGN_IN)
    return bool(answer.status_code == 200)


def test_over_https_a_session_is_of_this_host_and_of_no_script(
    signed_in: Callable[..., Any], https: dict[str, Any]
) -> None:
    """`__Host-`: by HTTPS only, to this host alone; not to scripts, nor from other sites."""
    cookie = _signed_in_by_password(signed_in(), **https).cookies["__Host-placet"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert (cookie["path"], cookie["domain"]) == ("/", ""), "a browser takes `__Host-` so alone"
    assert (cookie["max-age"], cookie["expires"]) == ("", ""), "it ends with the browser"


def test_every_cookie_is_kept_from_scripts_other_sites_and_plain_http(
    signed_in: Callable[..., Any], https: dict[str, Any]
) -> None:
    """That of forms and that of the working session too."""
    browser = signed_in()
    browser.get(SIGN_IN, **https)
    _signed_in_by_password(browser, **https)
    assert browser.get("/session/", **https).status_code == 200
    assert set(browser.cookies) >= {"__Host-placet", "csrftoken", "placet-key"}
    for name, cookie in browser.cookies.items():
        assert cookie["secure"], name
        assert cookie["httponly"], name
        assert cookie["samesite"] in ("Lax", "Strict"), name
        assert not cookie["domain"], name


def test_without_https_a_session_is_still_of_no_script(signed_in: Callable[..., Any]) -> None:
    """On this machine a cookie cannot be `Secure`; all else holds."""
    cookie = _signed_in_by_password(signed_in()).cookies["placet"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]


def test_a_session_ends_by_age(signed_in: Callable[..., Any]) -> None:
    """After twelve hours the cookie opens nothing, whatever the browser does with it."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    browser = signed_in()
    before = timezone.now()
    _signed_in_by_password(browser)
    assert _is_in(browser)
    kept = Session.objects.filter(session_key=browser.session.session_key)
    ends = kept.get().expire_date
    assert before + LASTS <= ends <= timezone.now() + LASTS
    kept.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not _is_in(browser)


def test_a_session_ends_by_signing_out(signed_in: Callable[..., Any]) -> None:
    """A copy of its cookie is worth nothing afterwards: it is ended here, not in the browser."""
    from django.contrib.sessions.models import Session

    browser, thief = signed_in(), signed_in()
    _signed_in_by_password(browser)
    thief.cookies["placet"] = browser.cookies["placet"].value
    key = browser.session.session_key
    assert _is_in(thief)
    assert browser.get("/account/logout/").status_code == 200
    assert _is_in(browser), "a link or a picture signs nobody out"
    assert browser.post("/account/logout/").status_code == 302
    assert not _is_in(browser)
    assert not _is_in(thief)
    assert not Session.objects.filter(session_key=key).exists()


def test_another_password_ends_all_other_sessions(signed_in: Callable[..., Any]) -> None:
    """Whoever had the old one, or a session by it, is out; who changed it goes on, in a new one.

    A wrong old password changes nothing.
    """
    from placet.web.accounts.models import User

    browser, other = signed_in(), signed_in()
    for each in (browser, other):
        _signed_in_by_password(each)
    fields = {"oldpassword": "a guess of tests"} | dict.fromkeys(("password1", "password2"), NEW)
    changing = "/account/password/change/"
    try:
        assert browser.post(changing, fields).status_code == 200
        assert _is_in(other), "a wrong password changed nothing"
        before = browser.cookies["placet"].value
        assert browser.post(changing, fields | {"oldpassword": PASSWORD}).status_code == 302
        assert not _is_in(other)
        assert _is_in(browser)
        assert browser.cookies["placet"].value != before
        refused = signed_in().post(SIGN_IN, {"login": "whitfield", "password": PASSWORD})
        assert refused.status_code == 200
    finally:
        user = User.objects.get(username="whitfield")
        user.set_password(PASSWORD)
        user.save()


@pytest.mark.parametrize("forged", ["", "x" * 32, "../../etc/passwd", "a" * 5000])
def test_a_made_up_session_is_none(signed_in: Callable[..., Any], forged: str) -> None:
    """What was not given out opens nothing, and is not taken over."""
    browser = signed_in()
    browser.cookies["placet"] = forged
    assert not _is_in(browser)
    _signed_in_by_password(browser)
    assert browser.cookies["placet"].value not in ("", forged)
