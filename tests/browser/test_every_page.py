"""Every page that somebody can reach: axe finds nothing, and nothing overflows a phone.

Pages are found by following links from the inbox, and forms that only ask, so that a page that is
added is looked at the day it is linked. Every route that nobody comes by is named, with its reason.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from clicking import authenticator, confirmed, follow
from playwright.sync_api import Page
from walking import PHONE, Walk

PEOPLE = ("marchenko", "whitfield", "hart", "secretary", "tan", "lindqvist")
CONFIRMED = ("marchenko", "lindqvist")
"""Who shows first once more who they are, as tokens and accounts ask for it; others are asked."""
Routes = dict[str, str]
UNWALKED = {
    "document": "a file: tests/web/test_filing_documents.py hands it out",
    "tile": "a file of the log, for programs: tests/ledger/test_ledger_tiles.py",
    "account_confirm_email": "a link in letters that nobody is sent: addresses are not confirmed",
    "openid_connect_callback": "where a provider leads back to: tests/web/test_openid.py",
    "reauthenticate_by_provider": "for whom a provider knows: test_by_a_provider.py looks at it",
    "revoke-token": "takes only what the page of tokens sends, which asks first who it is",
}
"""Routes that no walk comes by, and why."""
_SAMPLES = {"int": 1, "str": "x", "slug": "x", "path": "x", "uuid": "0" * 32}


@pytest.fixture(scope="module")
def routes() -> Routes:
    """Return a sample of an address of each route of the pages; the API has a test of its own."""
    import django

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACET_SECRET_KEY", "of a process that only reads the table of routes")
        patch.setenv("DATABASE_URL_WORKER", "postgresql:///none")
        patch.setenv("DJANGO_SETTINGS_MODULE", "placet.web.settings")
        django.setup()
    from django.urls import get_resolver

    return dict(_routes(get_resolver(), "/"))


def _routes(resolver: Any, before: str) -> Iterator[tuple[str, str]]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if not hasattr(each, "url_patterns"):
            sample = re.sub(r"<(\w+):\w+>", lambda found: str(_SAMPLES[found[1]]), path)
            yield str(each.name or ""), sample
        elif each.namespace is None:
            yield from _routes(each, path)


@pytest.fixture(scope="module")
def walk() -> Walk:
    """What was seen so far, by everybody."""
    return Walk()


@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_is_accessible_and_fits_a_phone(
    visit: Callable[..., Page], served: Any, walk: Walk, routes: Routes, person: str
) -> None:
    """Nothing against WCAG 2.2 AA, no sideways scrolling at 400 pixels, nothing against the CSP."""
    assert routes
    page = visit(person, anew=person in CONFIRMED, viewport=PHONE)
    if person in CONFIRMED:
        _confirm(page, served.password)
    found = list(walk.on(page, ["/inbox/"]))
    assert not found, "\n".join(found)


def test_the_pages_of_who_has_a_second_factor_are_accessible_too(
    visit: Callable[..., Page], served: Any, walk: Walk, routes: Routes
) -> None:
    """A passkey, an app and codes: added, shown, asked for at the next sign-in, taken off."""
    assert routes
    page = visit("commander", anew=True, viewport=PHONE)
    authenticator(page)
    _confirm(page, served.password)
    page.goto("/account/2fa/totp/activate/")
    secret = page.locator("main form code").inner_text()
    page.get_by_label("Code").fill(_code(secret))
    follow(page.get_by_role("button", name="Add the app"))
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("What you call it").fill("the key of the commander")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(lambda address: "webauthn/add" not in address)
    found = list(walk.on(page, ["/account/2fa/", "/account/reauthenticate/"], anew=False))
    found += _asked(visit(viewport=PHONE), served.password, walk)
    assert not found, "\n".join(found)


def _asked(page: Page, password: str, walk: Walk) -> Iterator[str]:
    """Sign in as who has a second factor; yield what is wrong with the page that asks for it."""
    page.get_by_label("Username").fill("commander")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/**")
    yield from walk.on(page, [urlsplit(page.url).path], anew=False)


def test_every_other_address_is_accessible_to_somebody_and_to_nobody(
    visit: Callable[..., Page], served: Any, walk: Walk, routes: Routes
) -> None:
    """Also what no page leads to, refusals included: for the keeper of accounts, and signed out.

    So are the link of an invitation, and an audit that was begun.
    """
    keeper = visit("lindqvist", anew=True, viewport=PHONE)
    nobody = visit(viewport=PHONE)
    _confirm(keeper, served.password)
    alone = [
        address
        for name, address in routes.items()
        if name not in walk.routes and not re.search(r"/(x|1|0+)\b|\^", address)
    ]
    found = list(walk.on(keeper, ["/inbox/"], alone, anew=False))
    begin = ["/account/login/", "/account/oidc/agency/login/"]
    found += walk.on(nobody, begin, alone, anew=False)
    invitation = _invitation(keeper)
    nobody.goto(invitation)
    found += walk.on(nobody, [urlsplit(nobody.url).path], anew=False)
    auditor = visit("tan", viewport=PHONE)
    auditor.goto("/ledger/")
    auditor.get_by_role("button", name="Audit now").click()
    auditor.wait_for_url("**/ledger/audit/**")
    found += walk.on(auditor, [urlsplit(auditor.url).path], anew=False)
    assert not found, "\n".join(found)


def test_every_route_is_walked_or_says_why_not(
    visit: Callable[..., Page], walk: Walk, routes: Routes
) -> None:
    """Who adds a page and links it nowhere hears of it here; what takes no GET is no page."""
    page = visit("whitfield")
    left = {
        name: page.evaluate("(at) => fetch(at).then((answer) => answer.status)", address)
        for name, address in routes.items()
        if name not in walk.routes
    }
    assert {name for name, status in left.items() if status != 405} == set(UNWALKED)


def _confirm(page: Page, password: str) -> None:
    page.goto("/account/reauthenticate/?next=/inbox/")
    confirmed(page, password)


def _invitation(keeper: Page) -> str:
    """Invite somebody anew, and return the link that the page shows once."""
    keeper.goto("/accounts/?find=president")
    keeper.locator("details summary").first.click()
    keeper.get_by_label("Why; for the file").first.fill("to see the page")
    follow(keeper.get_by_role("button", name="New link for a password").first)
    return str(keeper.locator("main code").first.inner_text())


def _code(secret: str) -> str:
    """Return what an authenticator app shows now (RFC 6238), with time left to type it."""
    left = 30 - time.time() % 30
    if left < 15:
        time.sleep(left)
    moment = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), moment, "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
