"""Another site has nobody act: no form is taken without the token of its page, on any route."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from api_routes import addresses
from page_routes import filled, page_routes
from steps import PASSWORD

PEOPLE = ("marchenko", "whitfield", "lindqvist", "tan")


@pytest.fixture
def names(office: Any) -> dict[str, str]:
    """Names of things that there are."""
    case, permit = office.permitted, office.permit
    entry = office.house.reading.places_of_case(case.id)[0]
    return {"case": case.id, "permit": permit, "entry": str(entry), "kind": "record-fact"}


def _strict(person: str | None = None) -> Any:
    """Return a browser that is held to the token, with a person who just confirmed who it is."""
    from django.test import Client

    from placet.web.accounts.models import User

    browser = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    if person is not None:
        user = User.objects.get(username=person)
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        sent = {"password": PASSWORD, "csrfmiddlewaretoken": _token(browser)}
        assert browser.post("/account/reauthenticate/", sent).status_code == 302
        browser.get("/account/email/")  # lays a row for the address that the account has already
    return browser


def _token(browser: Any) -> str:
    """Return the token of a form that was shown to it."""
    shown = browser.get("/account/logout/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
    assert found
    return found[1]


def _kept(office: Any) -> tuple[object, ...]:
    """Return how much there is of everything that a form could write, but sessions' own data."""
    from django.apps import apps

    own = [each for each in apps.get_models() if each._meta.db_table != "django_session"]
    counts = {each._meta.db_table: each.objects.count() for each in own}
    reading = office.house.reading
    return reading.checkpoint().checkpoint.size, reading.unnumbered(), counts


@pytest.mark.parametrize("person", [None, *PEOPLE])
def test_no_route_takes_a_form_without_its_token(
    office: Any, names: dict[str, str], person: str | None
) -> None:
    """Not of whoever is signed in, nor of nobody; whatever it is for, nothing is written."""
    browser, before = _strict(person), _kept(office)
    for name, pattern in page_routes():
        answer = browser.post(filled(pattern, names), {"password": PASSWORD, "because": "x"})
        assert answer.status_code == 403, (name, answer.status_code)
    assert _kept(office) == before
    if person is not None:
        assert browser.get("/inbox/").status_code == 200, "nobody was signed out either"


@pytest.mark.parametrize("person", PEOPLE)
def test_no_route_does_anything_by_being_looked_at(
    office: Any, names: dict[str, str], person: str
) -> None:
    """A link or a picture of another site has nobody do anything either, also just confirmed."""
    browser, before = _strict(person), _kept(office)
    for name, pattern in page_routes():
        answer = browser.get(filled(pattern, names), {"do": "file", "on-case": names["case"]})
        answer.close()  # the whole log goes out to a few at a time
        assert answer.status_code < 500, (name, answer.status_code)
    assert _kept(office) == before
    assert browser.get("/inbox/").status_code == 200, "nobody was signed out either"


def test_nor_one_with_the_token_of_another_session(office: Any, names: dict[str, str]) -> None:
    """A token that somebody drew for themselves opens nothing in the session of another."""
    browser, before = _strict("whitfield"), _kept(office)
    stranger = _strict()
    stranger.get("/account/login/")
    drawn = stranger.cookies["csrftoken"].value
    for name, pattern in page_routes():
        answer = browser.post(filled(pattern, names), {"csrfmiddlewaretoken": drawn})
        assert answer.status_code == 403, (name, answer.status_code)
    assert _kept(office) == before


def test_nor_one_that_comes_from_another_site(office: Any, names: dict[str, str]) -> None:
    """With the token too: the browser says where a form comes from."""
    browser, before = _strict("whitfield"), _kept(office)
    sent = {"csrfmiddlewaretoken": _token(browser)}
    for name, pattern in page_routes():
        answer = browser.post(filled(pattern, names), sent, HTTP_ORIGIN="https://evil.example")
        assert answer.status_code == 403, (name, answer.status_code)
    assert _kept(office) == before
    own = {"HTTP_ORIGIN": "http://localhost:8000"}
    assert browser.post("/account/logout/", sent, **own).status_code == 302


def test_the_cookie_of_a_browser_opens_nothing_to_programs(
    office: Any, signed_in: Callable[..., Any]
) -> None:
    """The API knows tokens alone, so that no form and no script of another site can use it."""
    assert office
    browser = signed_in("whitfield")
    for each in addresses():
        if each.scope is not None:
            address = filled(f"/api/v1{each.path}".replace("{", "<").replace("}", ">"), {})
            answer = browser.generic(each.method, address, "{}", "application/json")
            assert answer.status_code == 401, (each.name, answer.status_code)
