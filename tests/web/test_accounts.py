"""Administering accounts: for whose office may, for others only, with effect, and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from questions import questions
from steps import PASSWORD

from placet.review import Context

WHY = "asked for by the desk"


@pytest.fixture
def administrator(signed_in: Callable[..., Any]) -> Any:
    """The keeper of authority, who showed a moment ago who they are."""
    return confirmed(signed_in("lindqvist"))


@pytest.fixture
def account(office: Any) -> Any:
    """Doyle's account, as it was before and after each test."""
    from placet.web.accounts.models import User

    assert office
    before = User.objects.filter(username="doyle").values().get()
    yield User.objects.get(username="doyle")
    User.objects.filter(username="doyle").update(**before)


def confirmed(browser: Any) -> Any:
    """Have somebody show once more who they are."""
    done = browser.post("/account/reauthenticate/", {"password": PASSWORD})
    assert done.status_code == 302
    return browser


def change(browser: Any, what: str, person: str = "doyle", because: str = WHY) -> Any:
    """Ask for a change of an account."""
    return browser.post("/accounts/", {"what": what, "person": person, "because": because})


def test_everybodys_account_is_listed_with_their_offices(administrator: Any, office: Any) -> None:
    """Each person of the register with name, office and dates, and whether they have a way in."""
    page = administrator.get("/accounts/").content.decode()
    for person, name in office.house.reading.context().people.items():
        assert f'id="of-{person}"' in page
        assert name in page
    assert "Account: in use" in page
    assert "Liaison mission of Ukraine: 1 Jan 2022 " in page
    assert 'name="person" value="lindqvist"' not in page, "nobody administers their own"


def test_people_are_shown_page_by_page_and_found(
    administrator: Any, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, in order, over all pages; a search, and a change, stay on theirs."""
    from placet.web.accounts import administering

    monkeypatch.setattr(administering, "ON_A_PAGE", 3)
    people = sorted(office.house.reading.context().people)
    seen, page = [], administrator.get("/accounts/").content.decode()
    while further := re.search(r'rel="next" href="([^"]+)"', page):
        seen += re.findall(r'id="of-([^"]+)"', page)
        page = administrator.get(f"/accounts/{further[1]}").content.decode()
    assert seen + re.findall(r'id="of-([^"]+)"', page) == people
    found = administrator.get("/accounts/?find=DOY").content.decode()
    assert re.findall(r'id="of-([^"]+)"', found) == ["doyle"]
    assert 'action="/accounts/?find=DOY"' in found
    assert ("no second factor" in found, "0 second" in found) == (True, False)
    sent = {"what": "end-sessions", "person": "doyle", "because": WHY}
    after = administrator.post("/accounts/?find=DOY", sent).content.decode()
    assert re.findall(r'id="of-([^"]+)"', after) == ["doyle"]
    assert "Nobody is found" in administrator.get("/accounts/?find=zzz").content.decode()


def test_more_people_on_a_page_ask_no_more(
    administrator: Any, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of the accounts nor of the register: two people cost what all of them do."""
    from placet.web.accounts import administering

    assert len(office.house.reading.context().people) > 6

    def asked(people: int) -> list[str]:
        monkeypatch.setattr(administering, "ON_A_PAGE", people)
        administrator.get("/accounts/")
        with questions(monkeypatch) as found:
            assert administrator.get("/accounts/").status_code == 200
        return found

    assert len(asked(2)) == len(asked(500))


def test_accounts_are_for_whose_office_may_now(signed_in: Callable[..., Any], office: Any) -> None:
    """No other role sees or changes one; and whoever held that office once does not any more."""
    from datetime import timedelta

    for person in ("marchenko", "whitfield", "secretary", "tan", "commander"):
        browser = confirmed(signed_in(person))
        assert browser.get("/accounts/").status_code == 403
        assert change(browser, "disable").status_code == 403
        assert b'href="/accounts/"' not in browser.get("/authority/").content
    from placet.operations.house import SignedIn, viewer_of
    from placet.review import NotAllowedError, viewer
    from placet.web.accounts.administering import administered, changed

    for person in ("marchenko", "tan"):
        looks = viewer_of(office.house, SignedIn(person, None))
        with pytest.raises(NotAllowedError):
            changed(office.house, looks, "disable", "doyle", WHY)
    context, now = office.house.reading.context(), office.house.clock.now()
    before_office = viewer(context, "lindqvist", now - timedelta(days=9000))
    with pytest.raises(NotAllowedError, match="duty of authority"):
        administered(office.house, before_office)


def test_whoever_did_not_confirm_who_they_are_changes_nothing(
    signed_in: Callable[..., Any], account: Any
) -> None:
    """An open session alone is not enough: it leads to confirming."""
    answer = change(signed_in("lindqvist"), "disable")
    assert answer.status_code == 302
    assert "/reauthenticate/" in answer["location"]
    account.refresh_from_db()
    assert account.is_active


@pytest.mark.usefixtures("account")
def test_a_disabled_account_opens_nothing_until_it_is_enabled(
    administrator: Any, signed_in: Callable[..., Any], office: Any
) -> None:
    """Not by a session that was open, nor by password, nor by a token; then it does again."""
    from api_sample import caller
    from django.core.cache import cache

    cache.clear()
    open_ = signed_in("doyle")
    assert open_.get("/inbox/").status_code == 200
    token = caller(office.house, "doyle")
    assert change(administrator, "disable").status_code == 200
    assert open_.get("/inbox/").status_code == 302
    assert token.get("/inbox").status_code == 401
    sent = {"login": "doyle", "password": PASSWORD}
    assert signed_in().post("/account/login/", sent).url != "/inbox/"
    assert change(administrator, "enable").status_code == 200
    assert signed_in().post("/account/login/", sent).url == "/inbox/"
    assert open_.get("/inbox/").status_code == 302, "what was ended stays so"


def test_sessions_are_ended_and_factors_reset(
    administrator: Any, signed_in: Callable[..., Any], account: Any
) -> None:
    """Sessions that were open are over; passkeys and codes are gone; a password still does."""
    from allauth.mfa.models import Authenticator

    open_ = signed_in("doyle")
    assert change(administrator, "end-sessions").status_code == 200
    assert open_.get("/inbox/").status_code == 302
    Authenticator.objects.create(user=account, type="totp", data={"secret": "x"})
    open_ = signed_in("doyle")
    assert change(administrator, "reset-second-factor").status_code == 200
    assert not Authenticator.objects.filter(user=account).exists()
    assert open_.get("/inbox/").status_code == 302


@pytest.mark.usefixtures("account")
def test_an_invitation_is_a_link_for_one_person(
    administrator: Any, signed_in: Callable[..., Any]
) -> None:
    """It is shown once, and leads to choosing a password; nobody unknown gets one."""
    from placet.web.accounts.models import User

    page = change(administrator, "invite").content.decode()
    assert "Invite: done, for Siobhan Doyle." in page
    assert "Hand this link to Siobhan Doyle and to nobody else" in page
    link = page.partition("<code>http://localhost:8000")[2].partition("</code>")[0]
    assert link
    assert link not in administrator.get("/accounts/").content.decode()
    assert signed_in().get(link, follow=True).status_code == 200
    assert change(administrator, "invite", "nobody").status_code == 404
    assert not User.objects.filter(username="nobody").exists()


@pytest.mark.usefixtures("account")
def test_each_change_is_kept_with_who_made_it_and_why(administrator: Any) -> None:
    """On the page and in the process's log; without a reason, or for oneself, nothing is done."""
    from structlog.testing import capture_logs

    from placet.web.accounts.models import AccountChange

    before = AccountChange.objects.count()
    assert change(administrator, "end-sessions", because=" ").status_code == 422
    assert change(administrator, "disable", "lindqvist").status_code == 403
    assert change(administrator, "promote").status_code == 404
    assert AccountChange.objects.count() == before
    with capture_logs() as logged:
        change(administrator, "end-sessions", because="a lost laptop")
    kept = AccountChange.objects.latest("id")
    assert (kept.by, kept.about, kept.what) == ("lindqvist", "doyle", "end-sessions")
    assert "a lost laptop" in administrator.get("/accounts/").content.decode()
    (line,) = (each for each in logged if each["event"] == "account-changed")
    assert (line["by"], line["about"], line["what"]) == ("lindqvist", "doyle", "end-sessions")
    assert "laptop" not in str(line)


def test_a_token_closes_ways_in_and_opens_none(office: Any, account: Any) -> None:
    """Of another's account, with a reason that is kept; what would open one is a person's to do."""
    from api_sample import caller

    from placet.web.accounts.administering import CHANGES, CLOSING
    from placet.web.accounts.models import AccountChange, User

    keeper = caller(office.house, "lindqvist", "accounts")
    about = {"person": "doyle", "because": WHY}
    for what in CHANGES.keys() - set(CLOSING):
        answer = keeper.post("/accounts/changes", {"what": what, **about})
        assert answer.status_code == 403, (what, answer.content)
        assert "opens a way in" in answer.json()["detail"]
    before = AccountChange.objects.count()
    key = {"Idempotency_Key": "close-doyle"}
    done = keeper.post("/accounts/changes", {"what": "disable", **about}, **key)
    assert done.status_code == 201, done.content
    assert (done.json()["by"], done.json()["what"]) == ("lindqvist", "disable")
    again = keeper.post("/accounts/changes", {"what": "disable", **about}, **key)
    assert again.json() == done.json()
    assert AccountChange.objects.count() == before + 1
    assert not User.objects.get(pk=account.pk).is_active
    (seen,) = keeper.get("/accounts?find=doyle").json()["accounts"]
    assert (seen["person"], seen["state"]) == ("doyle", "disabled")
    assert seen["terms"][0]["office"] == "us/usd-policy"
    own = keeper.post(
        "/accounts/changes", {"what": "disable", "person": "lindqvist", "because": WHY}
    )
    assert own.status_code == 403, "nobody administers their own"
    first = keeper.get("/accounts?limit=2").json()
    rest = keeper.get(f"/accounts?limit=100&after={first['next']}").json()
    names = [each["person"] for each in (*first["accounts"], *rest["accounts"])]
    assert names == sorted(office.house.reading.context().people)


def test_the_client_closes_an_account(office: Any, account: Any) -> None:
    """Typed: who has one, what was changed, and a change."""
    import httpx
    from api_sample import caller

    from placet.client import Client, RefusedError
    from placet.web.wsgi import application

    secret = caller(office.house, "lindqvist", "accounts").secret
    transport = httpx.WSGITransport(app=application)
    with Client("http://localhost", secret, transport=transport) as client:
        done = client.close_account("end-sessions", "doyle", WHY)
        assert client.account_changes()[0] == done
        assert "doyle" in [each.person for each in client.accounts()]
        with pytest.raises(RefusedError, match="opens a way in"):
            client.close_account("reset-second-factor", "doyle", WHY)
    assert account.username == "doyle"


OWN_PAGES = (
    *("/account/2fa/", "/account/2fa/webauthn/", "/account/2fa/webauthn/add/"),
    *("/account/2fa/totp/activate/", "/account/2fa/recovery-codes/generate/"),
    *("/account/password/change/", "/account/email/", "/account/reauthenticate/"),
)
BORROWED = re.compile("Two-Factor|Security Key|Confirm Access|Master key|Passwordless|Warning:")


@pytest.mark.parametrize("page", OWN_PAGES)
def test_pages_of_an_account_speak_as_the_others(page: str, signed_in: Callable[..., Any]) -> None:
    """None is in the words of a library, and each leads back to what else is one's own."""
    browser = confirmed(signed_in("whitfield"))
    answer = browser.get(page, follow=True)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert not BORROWED.search(shown)
    assert 'class="tabs"' in shown or "Show again who you are" in shown, page


def test_a_passkey_that_is_added_signs_in_by_itself_unless_one_says_otherwise(
    signed_in: Callable[..., Any],
) -> None:
    """It is ticked when the form is opened, and its name says nothing of a master."""
    browser = confirmed(signed_in("whitfield"))
    shown = browser.get("/account/2fa/webauthn/add/").content.decode()
    assert re.search(r'name="passwordless"[^>]* checked', shown)
    assert re.search(r'name="name"[^>]*value="Passkey"', shown)


def test_who_administers_accounts_is_named_to_their_own_party(
    signed_in: Callable[..., Any],
) -> None:
    """Others, and whoever is not signed in, read the office."""
    own, other, nobody = (
        signed_in(who).get(page).content.decode()
        for who, page in (
            ("whitfield", "/account/2fa/"),
            ("marchenko", "/account/2fa/"),
            (None, "/account/password/reset/"),
        )
    )
    assert "Records of the review (Maren Lindqvist)" in own
    for shown in (other, nobody):
        assert "administered by Records of the review:" in shown
        assert "Lindqvist" not in shown


def test_a_first_key_is_put_on_record_by_somebody_else(
    signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real work nobody registers their own first: who could is named, with what to send them."""
    from placet.web.accounts import keys, passkeys
    from placet.web.accounts.passkeys import OwnPasskey

    held = [OwnPasskey(1, "a new phone", "passkey localhost AAAA BBBB", None)]
    monkeypatch.setattr(keys, "passkeys_of", lambda _request: held)
    browser = signed_in("whitfield")
    shown = browser.get("/account/keys/").content.decode()
    assert "Put it on record" in shown, "in a demonstration they do"
    monkeypatch.setattr(keys, "registers_own", lambda _request: False)
    shown = browser.get("/account/keys/").content.decode()
    assert "Put it on record" not in shown
    assert "by somebody else" in shown
    assert "Records of the review (Maren Lindqvist)" in shown
    assert "<details open>" in shown
    assert "passkey localhost AAAA BBBB" in shown
    assert passkeys.registers_own is not keys.registers_own


@pytest.mark.parametrize(
    ("demonstration", "keys", "own"),
    [(True, (), True), (False, (), False), (False, ("one",), True)],
)
def test_who_has_a_key_puts_the_next_on_record(
    monkeypatch: pytest.MonkeyPatch, demonstration: bool, keys: tuple[str, ...], own: bool
) -> None:
    """As the act allows it: who has one in force, and everybody in a demonstration."""
    from placet.web.accounts import passkeys

    known = SimpleNamespace(demonstration=demonstration, keys_of=lambda _person, _at: keys)
    known.registers_own = partial(Context.registers_own, known)
    house = SimpleNamespace(
        reading=SimpleNamespace(context=lambda: known), clock=SimpleNamespace(now=lambda: None)
    )
    seen = SimpleNamespace(house=house, person="ann")
    monkeypatch.setattr(passkeys, "looking", lambda _request: seen)
    assert passkeys.registers_own(None) is own


def test_a_key_is_shown_with_its_day_and_a_passkey_with_its_name(
    signed_in: Callable[..., Any], office: Any
) -> None:
    """When a key began is written as everywhere, and not as files spell it."""
    shown = signed_in("whitfield").get("/account/keys/").content.decode()
    begun = shown[shown.index('data-is="From"') :]
    assert re.match(r'data-is="From">\W?(\d{1,2} [A-Z][a-z]{2} )?(\d{4})?<', begun), begun[:80]
    assert not re.search(r'data-is="From">\d{4}-', shown)
    assert office
