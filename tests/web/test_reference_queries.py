"""No page and no address of the API asks the database more as it grows.

What is asked is every statement, of the register and of the pages' own tables. The addresses are
those of the route tables: one that nobody gets here fails, unless it is said why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from api_matrix import World, world
from api_routes import addresses
from api_sample import caller
from page_routes import filled, page_routes
from questions import questions
from steps import PASSWORD, done
from two_cases import Whole

from software_passkey import authenticator

__all__ = ["world"]

PEOPLE = ("marchenko", "tan")
"""Who applies and who audits: between them they see everything but what is below."""
OF_OTHERS = {
    "accounts": ("lindqvist",),
    "act": ("whitfield", "lindqvist"),
    "many": ("whitfield",),
}
EVERYBODY = ("marchenko", "tan", "whitfield", "lindqvist")

NO_PAGE = {
    *("front", "sign", "done-on-many", "audit-begin", "keep-list", "remove-list", "untold"),
    *("record-passkey", "revoke-token"),
}
"""What leads on, or is sent and not asked for."""
MORE = {
    "inbox": ("?tab=stale", "?tab=team", "?tab=closed", "?tab=others&q=atacms"),
    "item": ("?actor=UA",),
    "freedom": ("?holder=UA",),
    "case": ("?compare=2025-09-01",),
    "authority": ("?at=2025-09-01",),
}
"""What a page is asked besides."""
FORMS = ("appoint", "delegate", "record-fact", "adopt-policy")
FORMS_ON_A_CASE = ("ask", "advise", "decide", "set-deadline", "withdraw", "supply")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be asked now and then, and rows come four at a time.

    So whatever reads every case asks more. The ledger's page looks at four entries: at more in an
    office.
    """
    monkeypatch.setattr("placet.store.reading.AT_ONCE", 4)
    monkeypatch.setattr("placet.web.pages.ledger.ON_A_PAGE", 4)
    monkeypatch.setattr("placet.web.api.present._held", None)
    for module in ("present", "tokens"):
        monkeypatch.setattr(f"placet.web.api.{module}._ASKED_EVERY", 3600.0)


def pages(world: World, audit: str, draft: str) -> Iterator[tuple[str, str]]:
    """Yield name and address of every page, some more than once."""
    for name, pattern in page_routes():
        if name in NO_PAGE:
            continue
        for of in (world.own, world.fresh):
            address = filled(pattern, _named(of) | {"key": audit})
            more = (f"?act=assign&case={of.case}",) if name == "many" else MORE.get(name, ())
            yield from ((name, address + asks) for asks in ("", *more))
    yield "new-request", f"/requests/new/?draft={draft}"
    for kind in FORMS:
        yield "act", f"/act/{kind}/"
    for kind in FORMS_ON_A_CASE:
        yield "act", f"/act/{kind}/?on-case={world.fresh.case}"


def _named(of: Whole) -> Mapping[str, str]:
    found = {"case": of.case, "permit": of.permit, "digest": of.document, "index": "0"}
    found |= {"entry": str(of.filed), "path": "0/000.p/1", "kind": "appoint"}
    return found | {"party": "US", "policy": "2022-donor-conditions", "item": "atacms"}


def _is_of_signing_in(address: str) -> bool:
    """Say whether it is a page of django-allauth: most lead on whoever is signed in."""
    return address.startswith("/account/") and not address.startswith("/account/keys/")


def grow(world: World) -> None:
    """Let there be more cases, more in one under review, more uses, and more of what is kept."""
    from placet.web.jobs.models import AuditRun

    house = world.house
    for _ in range(5):
        case = house.references.reference("C")
        filed = {"case": case, "request": world.request}
        done(house, case, "marchenko", "submit", filed)
        done(house, case, "whitfield", "determine", {})
    used = {"permit": world.own.permit, "line": "missiles", "quantity": 1, "area": "RU-KRS"}
    used |= {"target": "military.depot", "purpose": "defence.strike", "recipient": "none"}
    on = f"{house.clock.now():%Y-%m-%d}"
    advice = {"office": "us/usd-policy", "stance": "for", "says": "A depot."}
    for number in range(3):
        report = {**used, "report": house.references.reference("U"), "on": on}
        done(house, world.own.case, "marchenko", "report-use", report)
        for person, kind, fields in (
            ("whitfield", "ask", {"asks": f"Which depot, {number}?"}),
            ("doyle", "advise", advice),
        ):
            done(house, world.fresh.case, person, kind, fields)
        AuditRun.objects.create(asked_by="tan", asked_at=house.clock.now())
        for person in EVERYBODY:
            keep(house, person)
    _compare_again(house)


def _compare_again(house: Any) -> None:
    """Have it found out which cases have gone stale, as is done in the background."""
    from placet.need_to_know.staleness import Compared

    now = house.clock.now()
    house.recording.compare(now, 999, lambda _c, _x, _a: Compared(True, now))


def keep(house: Any, person: str) -> str:
    """Keep one more of everything that a person keeps here; return the draft."""
    from allauth.mfa.models import Authenticator

    from placet.web.accounts.models import User
    from placet.web.jobs.models import Subscription
    from placet.web.models import Draft, KeptList

    mine, nth = User.objects.get(username=person), Authenticator.objects.count()
    passkey = {"name": f"{nth}", "credential": authenticator(f"{person} {nth}").enrolled}
    Authenticator.objects.create(user=mine, type="webauthn", data=passkey)
    caller(house, person, "read", lasts=timedelta(minutes=5))
    KeptList.objects.create(person=person, name=f"{nth}", query="tab=closed")
    hook = {"channel": "webhook", "address": f"https://{person}.example/{nth}"}
    Subscription.objects.create(person=person, **hook)
    return str(Draft.objects.create(person=person, title=f"{nth}", fields={"title": ["x"]}).pk)


@pytest.fixture
def kept(world: World) -> Iterator[tuple[str, str]]:
    """Keep one of everything; an audit and a draft of who applies."""
    from allauth.mfa.models import Authenticator

    from placet.web.jobs.models import AuditRun, Subscription
    from placet.web.models import Draft, KeptList

    models = (Authenticator, AuditRun, Subscription, Draft, KeptList)
    before = {each: set(each.objects.values_list("pk", flat=True)) for each in models}
    draft, *_ = [keep(world.house, person) for person in EVERYBODY]
    audit = AuditRun.objects.create(asked_by="tan", asked_at=world.house.clock.now())
    yield str(audit.pk), draft
    for each, there in before.items():
        each.objects.exclude(pk__in=there).delete()


@pytest.mark.usefixtures("still")
def test_pages_ask_as_much_of_a_larger_register(
    world: World,
    kept: tuple[str, str],
    signed_in: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With more of everything each page asks no more than before, whoever asks for it."""
    browsers = {person: signed_in(person) for person in EVERYBODY}
    for each in browsers.values():
        sent = {"password": PASSWORD}
        assert each.post("/account/reauthenticate/", sent).status_code == 302
    wanted = list(dict.fromkeys(pages(world, *kept)))

    def asked() -> dict[tuple[str, str, str], int]:
        found = {}
        for name, address in wanted:
            for person in OF_OTHERS.get(name, PEOPLE[: 1 if _is_of_signing_in(address) else 2]):
                with questions(monkeypatch) as queries:
                    answer = browsers[person].get(address)
                    b"".join(answer)  # what is let go piece by piece is asked for as it goes
                if answer.status_code == 200:
                    found[person, name, address] = len(queries)
        return found

    grow(world)  # on every list is something
    asked()  # the first time a process is asked, it reads what it then keeps
    before = asked()
    got = {name for _, name, _ in before}
    missing = {name for name, address in wanted if not _is_of_signing_in(address)} - got
    assert not missing, "nobody got these pages: give them an address, or say why not"
    grow(world)
    after = asked()
    assert {key: (before[key], count) for key, count in after.items() if count > before[key]} == {}
    assert after.keys() == before.keys()


@pytest.mark.usefixtures("still")
def test_the_interface_asks_as_much_of_a_larger_register(
    world: World, kept: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does each address that programs read, by what a page of a list holds."""
    callers = {person: caller(world.house, person) for person in (*PEOPLE, "lindqvist")}
    wanted = {
        each.name: world.path(each, world.own, world.keeps["applicant"], audit=kept[0])
        for each in addresses()
        if each.method == "GET"
    }

    def asked() -> dict[tuple[str, str], int]:
        found = {}
        for name, address in wanted.items():
            for person in ("lindqvist",) if "/accounts" in address else PEOPLE:
                with questions(monkeypatch) as queries:
                    answer = callers[person].get(address)
                if answer.status_code == 200:
                    found[person, name] = len(queries)
        return found

    grow(world)
    asked()
    before = asked()
    assert {name for _, name in before} == wanted.keys(), "nobody gets these"
    grow(world)
    after = asked()
    assert {key: (before[key], count) for key, count in after.items() if count > before[key]} == {}
    assert after.keys() == before.keys()
