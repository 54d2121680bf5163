"""The pages for tests: the story played into one database of this process, and who looks at it.

Each test process has its own database. Tests share it: what they file, they file anew. What asks
all of the API files whatever it comes upon, and comes last.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from provider_for_tests import SUBJECT, provider, settings_for
from steps import PASSWORD

from server_for_tests import Databases

TESTS = Path(__file__).resolve().parent.parent
for each in ("cli", "store", "ledger", "permit"):
    sys.path.append(str(TESTS / each))

HTTPS_HOST = "placet.example"
TO_BROWSERS = ("SECURE_", "SESSION_", "CSRF_", "ALLOWED_", "X_FRAME_", "CONTENT_SECURITY_")
"""How the settings begin that say what browsers are told."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put last what files cases that others would come upon: the more examples, the likelier."""
    items.sort(key=lambda each: each.path.stem == "test_api_schema")


@dataclass(frozen=True)
class Office:
    """The pages over a played story; `installation` is that of the process that numbers."""

    installation: Any
    keys: Any

    @property
    def house(self) -> Any:
        """The register as the sequencer's process has it."""
        return self.installation.house

    def case(self, title: str) -> str:
        """Return the latest case whose request has a title that contains a text."""
        return next(
            each.id
            for each in self.house.reading.cases()
            if title in str(each.request.get("title", ""))
        )

    @property
    def permitted(self) -> Any:
        """The case of the story that was advised on, decided and permitted, whatever came since."""
        return self.house.reading.case(self._permitted)

    @cached_property
    def _permitted(self) -> str:
        done = (each for each in self.house.reading.cases() if each.permits and each.decisions)
        found = min((each for each in done if each.advice), key=lambda each: each.submitted_at)
        return str(found.id)

    @property
    def permit(self) -> str:
        """Its permit."""
        return str(next(iter(self.permitted.permits)))


@pytest.fixture(scope="session")
def office(
    server: Any, tmp_path_factory: pytest.TempPathFactory, ukraine: Path
) -> Iterator[Office]:
    """Play the story, prepare the pages, and number what is done in them."""
    from placet.bootstrap import opened
    from placet.cli.demo import FolderKeyring

    folder = tmp_path_factory.mktemp("office")
    with ExitStack() as held:
        url = Databases(server).new("office")
        environ = {"PLACET_DATA": str(folder), "DATABASE_URL": url("placet_owner")}
        told = {**os.environ, **environ}
        subprocess.run(
            [sys.executable, "-m", "placet", "demo", str(ukraine), "--json"],
            env=told,
            check=True,
            capture_output=True,
        )
        installation = held.enter_context(opened(environ, as_it_is=True))
        keys = FolderKeyring(folder / "demo-keys")
        os.environ.update(
            {
                f"DATABASE_URL_{role.removeprefix('placet_').upper()}": address
                for role, address in installation.urls.items()
                if role != "placet_sequencer"
            },
            PLACET_SECRET_KEY="a secret of tests, long enough for them",
            PLACET_DEMONSTRATION="1",
            PLACET_DEMO_PASSWORD=PASSWORD,
            PLACET_ADDRESS="http://localhost:8000",
            DJANGO_SETTINGS_MODULE="placet.web.settings",
        )
        stop = threading.Event()
        numbering = threading.Thread(target=installation.sequencer.run, args=(stop,))
        numbering.start()
        held.callback(numbering.join)
        held.callback(stop.set)
        _prepare()
        yield Office(installation, keys)


def _prepare() -> None:
    """Make the tables of the pages, and the accounts of the people."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    settings.WHITENOISE_AUTOREFRESH = True
    # All tests of a process come from one address, and as a few people: they are many in a minute.
    many = {"login": "9999/m/ip", "reauthenticate": "9999/m/user"}
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, **many}
    call_command("prepare")


@pytest.fixture
def signed_in(office: Office) -> Callable[..., Any]:
    """Return a browser in which a person is signed in; nobody without a name."""
    from django.test import Client

    from placet.web.accounts.models import User

    assert office.house.reading.checkpoint() is not None

    def client(person: str | None = None) -> Any:
        found = Client(HTTP_HOST="localhost")
        if person is not None:
            user = User.objects.get(username=person)
            found.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return found

    return client


@pytest.fixture
def https(office: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The pages as they are served at an address with HTTPS, behind a proxy; how it asks them."""
    from django.test import override_settings

    from placet.web import settings

    assert office
    monkeypatch.setenv("PLACET_ADDRESS", f"https://{HTTPS_HOST}")
    served = run_path(settings.__file__)
    told = {name: value for name, value in served.items() if name.startswith(TO_BROWSERS)}
    with override_settings(**told):
        yield {"HTTP_HOST": HTTPS_HOST, "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of a provider that runs in a process of its own."""
    with provider() as found:
        yield found


@pytest.fixture
def agency(office: Any, address: str) -> Iterator[str]:
    """Real work, with the provider set up as an administrator would: nobody tied to anybody."""
    from allauth.socialaccount.models import SocialAccount
    from django.conf import settings
    from django.core.cache import cache
    from django.test import override_settings

    assert office
    providers = {
        "openid_connect": {
            **settings.SOCIALACCOUNT_PROVIDERS["openid_connect"],
            "APPS": [settings_for(address)],
        }
    }
    cache.clear()
    with override_settings(SOCIALACCOUNT_PROVIDERS=providers, DEMONSTRATION=False):
        yield address
    SocialAccount.objects.all().delete()


@pytest.fixture
def tied(agency: str) -> str:
    """The provider, with doyle tied to a subject."""
    from placet.web.accounts.models import User
    from placet.web.accounts.subjects import tie

    tie(User.objects.get(username="doyle"), f"agency:{SUBJECT}")
    return agency
