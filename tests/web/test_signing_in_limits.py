"""Guessing passwords: counted for a name and for an address, by all processes together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from runpy import run_path
from typing import Any

import pytest

PASSWORD = "a password for tests"
WRONG = "a guess of tests"
FOR_A_NAME = 5
FOR_AN_ADDRESS = 10
PROXY = "127.0.0.1"
STOPPED = b"Too many failed login attempts"

Guess = Callable[..., bool]


@pytest.fixture
def guess(signed_in: Callable[..., Any]) -> Iterator[Guess]:
    """Try a password for a name, from an address and past proxies; say whether it was tried."""
    from django.core.cache import cache

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
    from django.core.cache import cache

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
