"""Background work: each is told once, whatever ends in the middle, and no more than they see."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from api_sample import caller
from receiver_for_tests import Receiver, receiver
from steps import done, request_of

from waiting import PATIENCE, until

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """A receiver of web hooks."""
    with receiver() as found:
        yield found


@pytest.fixture
def subscribe(office: Any) -> Iterator[Callable[..., Any]]:
    """Let people be told; afterwards nobody is, and nothing is remembered."""
    from placet.web.jobs.models import Outgoing, Place, Subscription

    assert office.house.reading.checkpoint() is not None

    def wish(person: str, address: str, channel: str = "webhook") -> Any:
        found = Subscription(person=person, address=address, channel=channel)
        found.full_clean()
        found.save()
        return found

    for model in (Outgoing, Place, Subscription):
        model.objects.all().delete()
    yield wish
    for model in (Outgoing, Place, Subscription):
        model.objects.all().delete()


@pytest.fixture
def note(office: Any) -> Callable[..., None]:
    """Write down what there is to tell."""
    from placet.web.house import house
    from placet.web.jobs import notices

    assert office.house is not None
    return lambda at=NOW: notices.note(house(), at)


@pytest.fixture
def filed(office: Any, ukraine: Any) -> str:
    """A case that was filed and waits for the case officers to determine it."""
    name = str(office.house.references.reference("C"))
    filing = {"case": name, "request": request_of(ukraine)}
    done(office.house, name, "marchenko", "submit", filing)
    return name


def _outgoing() -> list[Any]:
    from placet.web.jobs.models import Outgoing

    return list(Outgoing.objects.select_related("to").order_by("what"))


def test_what_waits_is_written_down_once_for_each_who_wishes_it(
    subscribe: Callable[..., Any], note: Callable[..., None], filed: str
) -> None:
    """Proves that a new case is told to the officer once, however often it is worked out."""
    subscribe("whitfield", "officer@example.gov", "email")
    subscribe("whitfield", "http://localhost:1/hook")
    subscribe("tan", "auditor@example.gov", "email")
    note()
    mine = [each for each in _outgoing() if each.case == filed]
    assert [(each.to.person, each.act) for each in mine] == [("whitfield", "determine")] * 2
    before = len(_outgoing())
    note()
    note(NOW + timedelta(hours=2))
    assert len([each for each in _outgoing() if each.case == filed]) == 2
    assert len(_outgoing()) == before
    assert not [each for each in _outgoing() if each.to.person == "tan"]


def test_between_two_looks_at_everything_only_cases_that_moved_are_read(
    subscribe: Callable[..., Any],
    note: Callable[..., None],
    filed: str,
    office: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proves that the log says what to look at: one act, one case, and no list of all cases."""
    from placet.operations.acting.act import act
    from placet.operations.acting.signing_in import resume_demonstration
    from placet.review import command_of
    from placet.web.house import house

    subscribe("hart", "adviser@example.gov", "email")
    note()
    who = resume_demonstration(office.house, "whitfield")
    act(office.house, who, command_of("determine", {}), case=filed)
    monkeypatch.setattr(type(house().reading), "cases", None)
    note(NOW + timedelta(minutes=1))
    assert [each.act for each in _outgoing() if each.case == filed] == ["advise"]


def test_while_nobody_wishes_to_be_told_nothing_is_read(
    subscribe: Callable[..., Any], note: Callable[..., None], filed: str
) -> None:
    """Proves that no case is read for nobody, and that the first who wishes misses nothing."""
    from placet.web.house import house
    from placet.web.jobs.models import Outgoing

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(type(house().reading), "cases", None)
        changed.setattr(type(house().reading), "entries", None)
        note()
    assert not Outgoing.objects.exists()
    subscribe("whitfield", "officer@example.gov", "email")
    note(NOW + timedelta(minutes=1))
    assert [each.act for each in _outgoing() if each.case == filed] == ["determine"]


def test_a_letter_carries_what_its_reader_sees_and_nothing_of_the_case(
    subscribe: Callable[..., Any],
    note: Callable[..., None],
    filed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proves that a letter names case, act and address, and no title, area or person."""
    from django.conf import settings
    from django.core import mail

    from placet.web.jobs.models import Outgoing
    from placet.web.jobs.sending import send_one

    locmem = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(settings, "EMAIL_BACKEND", locmem)
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    subscribe("whitfield", "officer@example.gov", "email")
    note()
    Outgoing.objects.exclude(case=filed).delete()
    assert send_one(NOW)
    assert not send_one(NOW)
    (letter,) = mail.outbox
    assert letter.to == ["officer@example.gov"]
    assert letter.subject == f"{filed} waits for you: determine"
    assert f"http://localhost:8000/cases/{filed}/" in letter.body
    assert str(_outgoing()[0].id) in letter.extra_headers["Message-ID"]
    for secret in ("ATACMS", "Kursk", "RU-", "marchenko", "Marchenko", "military"):
        assert secret not in letter.subject + letter.body


def test_a_web_hook_is_signed_over_id_moment_and_body(
    subscribe: Callable[..., Any], note: Callable[..., None], filed: str, hook: Receiver
) -> None:
    """Proves that a receiver with the secret can check it, and that one byte changed shows."""
    from placet.web.jobs.hooks import secret_of
    from placet.web.jobs.models import Outgoing
    from placet.web.jobs.sending import send_one

    wish = subscribe("whitfield", hook.address)
    note()
    Outgoing.objects.exclude(case=filed).delete()
    assert send_one(NOW)
    ((headers, body),) = hook.got
    key = base64.b64decode(secret_of(wish.salt).removeprefix("whsec_"))

    def signature(text: bytes) -> str:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + text
        return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

    assert headers["webhook-signature"] == signature(body)
    assert headers["webhook-signature"] != signature(body.replace(b"determine", b"decidexxx"))
    data = json.loads(body)
    assert data["type"] == "placet.waits"
    assert (data["data"]["case"], data["data"]["act"]) == (filed, "determine")
    assert secret_of(wish.salt) not in str(vars(wish))


def test_a_receiver_that_fails_is_tried_again_later_and_gets_everything_once(
    subscribe: Callable[..., Any], note: Callable[..., None], hook: Receiver, filed: str
) -> None:
    """Proves that after 503, a redirect and 204 a notice counts as sent; others wait as long."""
    from placet.web.jobs.models import Outgoing
    from placet.web.jobs.sending import FIRST_WAIT, send_one

    assert filed
    subscribe("whitfield", hook.address)
    note()
    kept = [each.id for each in _outgoing()[:2]]
    Outgoing.objects.exclude(id__in=kept).delete()
    hook.answers = [503, 307]
    assert send_one(NOW)
    assert not send_one(NOW), "the second waits with the first"
    assert send_one(NOW + FIRST_WAIT)
    assert not send_one(NOW + FIRST_WAIT * 2)
    while send_one(NOW + FIRST_WAIT * 4):
        pass
    assert sorted(set(hook.ids)) == sorted(map(str, kept))
    assert len(hook.got) == 4
    assert all(each.sent_at and not each.given_up_at for each in _outgoing())
    assert max(each.attempts for each in _outgoing()) <= 3


def test_a_notice_is_given_up_after_twenty_times_and_says_why(
    subscribe: Callable[..., Any], note: Callable[..., None], filed: str
) -> None:
    """Proves that a receiver that is not there does not keep the queue for ever."""
    from placet.web.jobs.models import Outgoing
    from placet.web.jobs.sending import TRIES, send_one

    subscribe("whitfield", "http://localhost:9/hook")
    note()
    Outgoing.objects.exclude(case=filed).delete()
    at = NOW
    for _ in range(TRIES):
        at += timedelta(hours=7)
        assert send_one(at)
    assert not send_one(at + timedelta(days=30))
    (notice,) = _outgoing()
    assert notice.given_up_at == at
    assert notice.problem == "web hook: ConnectError"


@pytest.mark.parametrize(
    ("address", "fit"),
    [
        ("https://hooks.example.gov/placet?room=1", True),
        ("http://localhost:9000/hook", True),
        ("http://hooks.example.gov/placet", False),
        ("https://name:password@hooks.example.gov/", False),
        ("ftp://localhost/", False),
        ("https://localhost/", False),
        ("https://127.0.0.1:9443/", False),
        ("https://[::1]/", False),
        ("https://[::ffff:10.0.0.1]/", False),
        ("https://169.254.169.254/latest/meta-data/", False),
        ("https://10.0.0.1/", False),
        ("https://hooks.example.gov:22/", False),
        ("https://hooks.example.gov:8443/", True),
        ("https://8.8.8.8/", True),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://host:port/", False),
    ],
)
def test_a_web_hook_points_to_https_or_to_this_machine(
    address: str, fit: bool, office: Any
) -> None:
    """Proves that no other address is taken."""
    from placet.web.jobs.hooks import unfit_address

    assert office
    assert (unfit_address(address) is None) is fit


@pytest.mark.parametrize(
    ("leads_to", "problem"),
    [
        (["203.0.113.9", "10.0.0.7"], "web hook: its name leads to an address that not everybody"),
        (["169.254.169.254"], "web hook: its name leads to an address that not everybody"),
        (["::1"], "web hook: its name leads to an address that not everybody"),
        (["9.9.9.9"], "web hook: ConnectError"),
        (["10.1.2.3"], "web hook: ConnectError"),
    ],
)
def test_a_name_that_leads_inside_is_not_posted_to(
    leads_to: list[str],
    problem: str,
    subscribe: Callable[..., Any],
    note: Callable[..., None],
    filed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proves that a name is looked up when something is sent, and what was found connected to."""
    import httpx
    from django.conf import settings

    from placet.web.jobs.models import Outgoing
    from placet.web.jobs.sending import send_one

    asked: list[Any] = []

    def stream(_client: Any, _method: str, url: Any, **more: Any) -> Any:
        asked.append((url.host, more["headers"]["host"], more["extensions"]["sni_hostname"]))
        raise httpx.ConnectError("nobody is there")

    found = [(None, None, None, "", (each, 443)) for each in leads_to]
    monkeypatch.setattr("placet.web.jobs.hooks.socket.getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(httpx.Client, "stream", stream)
    monkeypatch.setattr(settings, "HOOKS_WITHIN", [ip_network("10.1.0.0/16")])
    subscribe("whitfield", "https://hooks.example.gov/hook")
    note()
    Outgoing.objects.exclude(case=filed).delete()
    assert send_one(NOW)
    assert _outgoing()[0].problem.startswith(problem)
    inside = "leads" in problem
    assert asked == ([] if inside else [(leads_to[0], *["hooks.example.gov"] * 2)])


def test_where_the_pages_are_elsewhere_no_hook_reaches_this_machine(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that in real use nobody has the server ask what listens on it alone."""
    from django.conf import settings

    from placet.web.jobs.hooks import unfit_address

    assert office
    monkeypatch.setattr(settings, "ADDRESS", "https://placet.example")
    assert unfit_address("http://localhost:9000/hook")
    assert unfit_address("https://hooks.example.gov/") is None


def test_everybody_keeps_their_own_addresses_and_sees_no_others(
    signed_in: Callable[..., Any], subscribe: Callable[..., Any]
) -> None:
    """Proves that an address is added, shown with its secret, and removed by its person alone."""
    from placet.web.jobs.hooks import secret_of
    from placet.web.jobs.models import Subscription

    of_hart = subscribe("hart", "https://hooks.example.gov/hart")
    browser = signed_in("whitfield")
    refused = browser.post("/notices/", {"channel": "webhook", "address": "http://example.gov/"})
    assert refused.status_code == 400
    assert "https" in refused.content.decode()
    added = browser.post(
        "/notices/", {"channel": "webhook", "address": "https://x.example/h", "person": "hart"}
    )
    assert added.status_code == 302
    mine = Subscription.objects.get(address="https://x.example/h")
    assert mine.person == "whitfield"
    page = html.unescape(browser.get("/notices/").content.decode())
    assert secret_of(mine.salt) in page
    drawn = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    for each in (*drawn, secret_of(mine.salt)):  # random letters may spell anything
        page = page.replace(each, "")
    assert "hart" not in page
    assert browser.post(f"/notices/{of_hart.id}/remove").status_code == 404
    assert browser.post(f"/notices/{mine.id}/remove").status_code == 302
    assert list(Subscription.objects.values_list("person", flat=True)) == ["hart"]
    assert signed_in().get("/notices/").status_code == 302


def test_a_program_adds_and_removes_addresses_as_the_page_does(
    office: Any, subscribe: Callable[..., Any]
) -> None:
    """Proves that a hook's secret is shown once, and that nobody reaches another's address."""
    from placet.web.jobs.hooks import secret_of
    from placet.web.jobs.models import Subscription
    from placet.web.jobs.wishes import MOST

    of_hart = subscribe("hart", "https://hooks.example.gov/hart")
    who = caller(office.house, "whitfield")
    wanted = {"channel": "webhook", "address": "https://x.example/h"}
    added = who.post("/notices", wanted)
    assert added.status_code == 201, added.content
    mine = Subscription.objects.get(person="whitfield")
    assert added.json()["secret"] == secret_of(mine.salt)
    listed = who.get("/notices")
    assert [each["address"] for each in listed.json()] == [wanted["address"]]
    assert b"secret" not in listed.content
    mail = who.post("/notices", {"channel": "email", "address": "w@example.gov"})
    assert mail.json()["secret"] is None
    for wrong in (
        wanted,
        wanted | {"address": "http://example.gov/"},
        wanted | {"channel": "email"},
        wanted | {"person": "hart"},
    ):
        assert who.post("/notices", wrong).status_code == 422, wrong
    for number in range(MOST - 2):
        more = wanted | {"address": f"https://x.example/{number}"}
        assert who.post("/notices", more).status_code == 201
    one_more = who.post("/notices", wanted | {"address": "https://x.example/more"})
    assert "as many addresses" in one_more.json()["detail"]
    assert who.send("DELETE", f"/notices/{of_hart.id}").status_code == 404
    assert who.send("DELETE", f"/notices/{mine.id}").status_code == 204
    assert who.send("DELETE", f"/notices/{mine.id}").status_code == 404
    assert Subscription.objects.filter(person="hart").exists()


def _work() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "placet.web", "work"],
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_killed_in_the_middle_of_sending_nothing_is_lost_and_nothing_is_two(
    subscribe: Callable[..., Any], filed: str, hook: Receiver
) -> None:
    """Proves with real processes that SIGKILL loses no notice, and the outbox has each once.

    What was being sent arrives again, under the same id: a worker sends up to four at once.
    """
    from placet.web.jobs.models import Outgoing

    assert filed
    subscribe("whitfield", hook.address)
    subscribe("hart", f"{hook.address}/hart")
    hook.open.clear()
    first = _work()
    try:
        assert hook.came.wait(PATIENCE), (first.kill(), first.stderr and first.stderr.read())
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    assert not Outgoing.objects.exclude(sent_at=None).exists()
    hook.read_to_here()
    under_way = set(hook.ids)
    hook.open.set()
    second = _work()
    try:
        until(
            lambda: Outgoing.objects.exists() and not Outgoing.objects.filter(sent_at=None).exists()
        )
    finally:
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=PATIENCE)
    everything = _outgoing()
    assert len(everything) > 1
    assert len({(each.to_id, each.what) for each in everything}) == len(everything)
    assert {str(each.id) for each in everything} == set(hook.ids)
    twice = {each for each in hook.ids if hook.ids.count(each) > 1}
    assert twice <= under_way, "only what was under way comes twice"
    assert any(each.case == filed and each.sent_at for each in everything)


def test_an_audit_is_done_in_the_background_and_says_how_far_it_is(office: Any) -> None:
    """Proves that an auditor's audit ends with everything following, and nobody else gets one."""
    from placet.operations.house import SignedIn, viewer_of
    from placet.review import NotAllowedError
    from placet.web.house import house
    from placet.web.jobs.audits import ask_for_audit, run_audit
    from placet.web.jobs.models import AuditRun

    with pytest.raises(NotAllowedError):
        ask_for_audit(house(), viewer_of(office.house, SignedIn("marchenko", None)))
    auditor = viewer_of(office.house, SignedIn("tan", None))
    asked = ask_for_audit(house(), auditor)
    assert ask_for_audit(house(), auditor).id == asked.id, "one at a time"
    run_audit(house(), asked.id)
    run = AuditRun.objects.get(id=asked.id)
    assert run.follows is True, run.found
    assert run.done == run.entries == run.found["size"] > 0
    assert any("taken from the database" in each for each in run.found["notes"])
    run_audit(house(), asked.id)
    assert AuditRun.objects.get(id=asked.id).ended_at == run.ended_at, "done is done"


def test_an_audit_of_the_pages_knows_when_keys_were_changed(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that a permit by a key that had been changed is found here as on the command line."""
    from placet.operations.house import SignedIn, viewer_of
    from placet.store.reading import DatabaseReading
    from placet.web.house import house
    from placet.web.jobs.audits import ask_for_audit, run_audit
    from placet.web.jobs.models import AuditRun

    changed = [replace(each, until=1) for each in house().reading.permit_keys()]
    assert changed
    monkeypatch.setattr(DatabaseReading, "permit_keys", lambda _: changed)
    asked = ask_for_audit(house(), viewer_of(office.house, SignedIn("tan", None)))
    run_audit(house(), asked.id)
    run = AuditRun.objects.get(id=asked.id)
    assert run.follows is False
    assert any("token of permit" in each["says"] for each in run.found["wrong"]), run.found


@pytest.mark.parametrize(("wrong", "says"), [(1, "1 thing does"), (3, "3 things do"), (200, "200")])
def test_the_page_of_an_audit_has_everything_that_does_not_follow(
    office: Any, signed_in: Callable[..., Any], wrong: int, says: str
) -> None:
    """Not only the first, as at the terminal; where there may be more than are kept, it says so."""
    from placet.web.jobs.models import AuditRun

    found = [{"entry": each, "says": f"entry {each}: it is <b>torn</b>."} for each in range(wrong)]
    now = office.house.clock.now()
    with_it = {"follows": False, "found": {"wrong": found, "counts": {"wrong": wrong}}}
    run = AuditRun.objects.create(asked_by="tan", asked_at=now, ended_at=now, **with_it)
    page = signed_in("tan").get(f"/ledger/audit/{run.id}/").content.decode()
    run.delete()
    assert [f">entry {each}: it is &lt;b&gt;torn&lt;/b&gt;.<" in page for each in range(wrong)] == (
        [True] * wrong
    )
    assert says in page
    assert ("placet audit</code> says all" in page) is (wrong == 200)


def test_an_audit_is_asked_for_over_the_api(office: Any) -> None:
    """Proves that a program is told where to ask, hears how far it is, and then the verdict."""
    from uuid import UUID

    from api_sample import caller

    from placet.web.house import house
    from placet.web.jobs.audits import run_audit

    tan = caller(office.house, "tan", "read")
    begun = tan.post("/ledger/audits", {})
    assert begun.status_code == 202
    place = begun["Location"].removeprefix("/api/v1")
    waits = tan.get(place).json()
    assert (waits["ended-at"], waits["follows"], waits["asked-by"]) == (None, None, "tan")
    run_audit(house(), UUID(waits["id"]))
    ended = tan.get(place).json()
    assert ended["follows"] is True
    assert ended["counts"]["reproduced"] == ended["size"] == ended["done"]


def test_an_audit_whose_process_was_killed_is_begun_again(office: Any) -> None:
    """Proves that a job which nobody does any more is taken up again, and others are removed."""
    from asgiref.sync import async_to_sync
    from django.db import connection
    from procrastinate.contrib.django import app

    from placet.web.jobs.tasks import again

    assert office
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        for name, lock in (("audit", "audit"), ("tell", None)):
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, args)"
                " VALUES ('default', %s, 'doing', %s, '{}')",
                (name, lock),
            )
    with app.replace_connector(app.connector.get_worker_connector()) as with_worker:

        async def run() -> None:
            async with with_worker.open_async():
                await again.func(0)

        async_to_sync(run)()
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs")
        assert cursor.fetchall() == [("audit", "todo")]
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"occasion": "ended", "about": "P-1", "on": "2025-08-01T00:00:00Z"},
            "P-1 ended on 31 Jul 2025",
        ),
        (
            {"occasion": "due-soon", "on": "2025-11-22T15:00:00Z"},
            "is due on 22 Nov 2025, 15:00 UTC",
        ),
        (
            {"occasion": "escalated", "about": "us/secdef"},
            "was brought before Secretary of Defense",
        ),
        ({"occasion": "waits", "about": "GB"}, "It is about the United Kingdom."),
    ],
)
def test_a_notice_speaks_as_the_pages_do(office: Any, given: dict[str, str], says: str) -> None:
    """Days and moments are written out, with the last day of what ends; parties go by name."""
    from placet.registry import parse_moment
    from placet.web.jobs.models import Outgoing
    from placet.web.jobs.words import body_of

    assert office.house is not None
    on = parse_moment(given.get("on", "2025-01-01"))
    made = Outgoing(**{"case": "C-1", "act": "decide", "about": "", **given, "on": on})
    assert says in body_of(made)
    assert "T15:00" not in body_of(made)
