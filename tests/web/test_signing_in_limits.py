"""Guessing passwords and codes: counted for a name and an address, by all processes together."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from django.core.cache import cache
from steps import PASSWORD, new_case, signing

WRONG = "a guess of tests"
FOR_A_NAME = 5
FOR_AN_ADDRESS = 10
PROXY = "127.0.0.1"
STOPPED = b"Too many failed login attempts"

Guess = Callable[..., bool]


@pytest.fixture
def guess(signed_in: Callable[..., Any]) -> Iterator[Guess]:
    """Try a password for a name, from an address and past proxies; say whether it was tried."""

    def tried(name: str, password: str = WRONG, *, by: str = PROXY, said: str = "") -> bool:
        headers = {"X-Forwarded-For": said} if said else {}
        sent = {"login": name, "password": password}
        answer = signed_in().post("/account/login/", sent, headers=headers, REMOTE_ADDR=by)
        assert answer.status_code in (200, 302), answer.content
        return STOPPED not in answer.content

    cache.clear()
    yield tried
    cache.clear()


@pytest.fixture
def proxy() -> Iterator[None]:
    """The pages as the shipped unit runs them: one proxy in front."""
    from django.test import override_settings

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        yield


def test_a_name_has_five_guesses_and_then_no_password_is_tried(guess: Guess) -> None:
    """The right password too is refused after them, whatever address it comes from."""
    tried = [guess("hart", by=f"192.0.2.{n}") for n in range(FOR_A_NAME)]
    assert all(tried)
    assert not guess("hart", PASSWORD, by="192.0.2.99")
    assert guess("whitfield", PASSWORD, by="192.0.2.99"), "others sign in as before"


def test_the_right_password_is_no_guess(guess: Guess) -> None:
    """Who signs in often is not stopped: only what failed is counted."""
    assert all(guess("hart", PASSWORD) for _ in range(FOR_AN_ADDRESS + 2))


def test_processes_count_wrong_guesses_together(guess: Guess) -> None:
    """What another process refused counts here: a name has five guesses at all of them."""
    other = (
        "import django; django.setup()\n"
        "from allauth.account.adapter import get_adapter\n"
        "from django.test import RequestFactory\n"
        "request = RequestFactory().post('/', SERVER_NAME='localhost', SERVER_PORT='80')\n"
        "for _ in range(3):\n"
        "    get_adapter(request).pre_authenticate(request, username='hart')\n"
    )
    subprocess.run([sys.executable, "-c", other], check=True)
    assert [guess("hart") for _ in range(4)] == [True, True, False, False]


def test_guesses_at_once_are_counted_one_by_one(guess: Guess) -> None:
    """Of many that come together, by connections of their own, five are tried and no more."""
    from django.db import connection

    def one(_: int) -> bool:
        try:
            return guess("hart")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == FOR_A_NAME


@pytest.mark.usefixtures("proxy")
def test_behind_a_proxy_a_stranger_locks_out_only_themselves(guess: Guess) -> None:
    """An address that guessed too often is stopped; another behind the same proxy is not."""
    stranger, official = "203.0.113.7", "198.51.100.20"
    tried = [guess(f"nobody-{n}", said=stranger) for n in range(FOR_AN_ADDRESS)]
    assert all(tried)
    assert not guess("hart", PASSWORD, said=stranger)
    assert guess("hart", PASSWORD, said=official)


@pytest.mark.usefixtures("proxy")
def test_behind_a_proxy_what_a_visitor_adds_to_the_header_counts_for_nothing(guess: Guess) -> None:
    """Who invents another address each time is told by the one that our proxy wrote."""
    tried = [
        guess(f"nobody-{n}", said=f"192.0.2.{n}, 203.0.113.7") for n in range(FOR_AN_ADDRESS + 1)
    ]
    assert tried == [True] * FOR_AN_ADDRESS + [False]


def test_without_a_proxy_an_invented_address_counts_for_nothing(guess: Guess) -> None:
    """The header of a visitor neither gives more guesses nor takes those of another."""
    tried = [
        guess(f"nobody-{n}", by="203.0.113.7", said=f"198.51.100.{n}")
        for n in range(FOR_AN_ADDRESS + 1)
    ]
    assert tried == [True] * FOR_AN_ADDRESS + [False]
    assert guess("hart", PASSWORD, by="198.51.100.3")


@pytest.fixture(params=["", "secretary@example.org"], ids=["", "with-mail"])
def _mail(request: pytest.FixtureRequest, office: Any) -> Iterator[None]:
    """Let the Secretary's account have an address for mail, or none."""
    from placet.web.accounts.models import User

    assert office
    secretary = User.objects.filter(username="secretary")
    secretary.update(email=request.param)
    yield
    secretary.update(email="")


@pytest.mark.usefixtures("_mail")
def test_the_password_that_is_asked_again_to_sign_has_as_many_guesses(
    guess: Guess, signed_in: Callable[..., Any], office: Any, ukraine: Path
) -> None:
    """Whoever finds a browser open guesses no password there: with sign-in, five in all.

    The right one too is not looked at after them; nothing is signed, and the page says why.
    """
    case = new_case(office, ukraine)
    browser = signed_in("secretary")
    limits = {"on-case": case, "party": "US", "office": "us/secdef", "verdict": "approve"}
    shown = browser.post("/act/decide/", {**limits, "because": "a", "disclosed": "b"})
    sent = {"by": "word", **signing(shown.content.decode())}

    def signs(password: str, by: int) -> tuple[int, str]:
        given = {**sent, "password": password}
        answer = browser.post("/sign/", given, REMOTE_ADDR=f"192.0.2.{by}")
        return answer.status_code, answer.content.decode()

    assert guess("secretary", by="192.0.2.50")
    for by in range(FOR_A_NAME - 1):
        status, says = signs(WRONG, by)
        assert (status, "not your password" in says) == (422, True)
    status, says = signs(PASSWORD, 60)
    assert (status, "Too many wrong passwords" in says) == (429, True)
    assert 'name="draft"' in says, "it is there to be signed later"
    assert not guess("secretary", PASSWORD, by="192.0.2.61")
    assert office.house.reading.case(case).decisions == ()
    cache.clear()
    status, _ = signs(PASSWORD, 62)
    assert status == 302
    assert len(office.house.reading.case(case).decisions) == 1


@pytest.fixture
def codes(office: Any) -> Iterator[tuple[Callable[[], str], list[str]]]:
    """Let hart have an app and recovery codes: what the app shows now, and those.

    A code is good for half a minute more than in real work: no test is that slow.
    """
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal import auth
    from django.test import override_settings

    from placet.web.accounts.models import User

    assert office
    hart, secret = User.objects.get(username="hart"), auth.generate_totp_secret()
    auth.TOTP.activate(hart, secret)
    recovery = RecoveryCodes.activate(hart).generate_codes()

    def shown() -> str:
        counter = int(time.time()) // 30  # RFC 6238, section 4.1
        return str(auth.format_hotp_value(auth.hotp_value(secret, counter)))

    with override_settings(MFA_TOTP_TOLERANCE=1):
        yield shown, recovery
    Authenticator.objects.filter(user=hart).delete()


def test_a_second_factor_has_five_guesses_of_either_kind(
    guess: Guess, signed_in: Callable[..., Any], codes: tuple[Callable[[], str], list[str]]
) -> None:
    """Codes of the app and recovery codes count together, for a person, in whatever sessions.

    After them the right ones are refused as well, also to who is signed in and asked again.
    """
    shown, recovery = codes
    assert guess

    def halfway() -> Any:
        browser = signed_in()
        sent = {"login": "hart", "password": PASSWORD}
        assert browser.post("/account/login/", sent)["Location"] == "/account/2fa/authenticate/"
        return browser

    def tried(browser: Any, given: str, by: int, at: str = "authenticate") -> tuple[int, bool]:
        address = f"/account/2fa/{at}/"
        answer = browser.post(address, {"code": given}, REMOTE_ADDR=f"192.0.2.{by}")
        return answer.status_code, STOPPED in answer.content

    browsers = [halfway(), halfway()]
    for by, wrong in enumerate(("000000", "11111111", "222222", "33333333", "444444")):
        assert tried(browsers[by % 2], wrong, by) == (200, False)
    for right in (shown(), recovery[0]):
        assert tried(halfway(), right, 60) == (200, True)
        assert tried(signed_in("hart"), right, 61, "reauthenticate") == (200, True)
    cache.clear()
    assert tried(halfway(), recovery[0], 62) == (302, False)
    assert tried(halfway(), recovery[0], 63) == (200, False), "a recovery code is used once"
    code = shown()
    assert tried(halfway(), code, 64) == (302, False)
    assert tried(halfway(), code, 65) == (200, False), "so is a code of the app"


def test_who_asks_too_often_is_told_so_in_a_page_of_ours(signed_in: Callable[..., Any]) -> None:
    """By 429, under our own policy for styles, with what to do."""
    from django.conf import settings
    from django.test import override_settings

    few = {**settings.ACCOUNT_RATE_LIMITS, "reauthenticate": "1/m/user"}
    browser = signed_in("hart")
    cache.clear()
    with override_settings(ACCOUNT_RATE_LIMITS=few):
        sent = {"password": WRONG}
        answers = [browser.post("/account/reauthenticate/", sent) for _ in range(2)]
    cache.clear()
    assert [each.status_code for each in answers] == [200, 429]
    assert "Wait a few minutes" in answers[1].content.decode()
    assert "<style" not in answers[1].content.decode()


@pytest.mark.usefixtures("office")
def test_the_number_of_proxies_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """None without the setting; what is no number stops the pages at their start, in words."""
    from django.core.exceptions import ImproperlyConfigured

    from placet.web import settings

    def proxies() -> object:
        return run_path(settings.__file__)["ALLAUTH_TRUSTED_PROXY_COUNT"]

    assert proxies() == 0
    monkeypatch.setenv("PLACET_PROXIES", "2")
    assert proxies() == 2
    monkeypatch.setenv("PLACET_PROXIES", "nginx")
    with pytest.raises(ImproperlyConfigured, match=r"PLACET_PROXIES is how many .* not 'nginx'"):
        proxies()


def test_what_is_counted_runs_out(guess: Guess) -> None:
    """A value is kept as long as it was to be, added once, and then forgotten for good."""
    from placet.web.accounts.models import Attempt
    from placet.web.jobs.tasks import forget_sessions

    assert guess
    assert cache.add("code", "y", timeout=60)
    assert not cache.add("code", "y", timeout=60), "a code is used once"
    cache.set("guesses", [1764353266.123456], timeout=60)
    assert cache.get("guesses") == [1764353266.123456]
    for each in ("code", "guesses"):
        cache.set(each, "over", timeout=-1)
        assert cache.get(each) is None
    assert cache.add("code", "y", timeout=60), "after its time it is new again"
    cache.set("for-good", "kept", timeout=None)
    forget_sessions(0)
    left = {key.rpartition(":")[2] for key in Attempt.objects.values_list("key", flat=True)}
    assert left == {"code", "for-good"}
    assert cache.delete("code")
    assert not cache.delete("code")
