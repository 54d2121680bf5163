"""A browser for tests: Debian's Chromium before a server that runs as `placet serve --demo`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from clicking import CHROMIUM
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

sys.path.append(str(Path(__file__).resolve().parent.parent / "web"))

from provider_for_tests import provider, settings_for

from server_for_tests import free_port
from waiting import PATIENCE

expect.set_options(timeout=1000 * PATIENCE)
_windows = count(1)


@dataclass(frozen=True)
class Served:
    """A server that runs: its address, the password of its people, its data folder."""

    address: str
    password: str
    folder: Path


@pytest.fixture(scope="session")
def served(root: Path) -> Iterator[Served]:
    """Start the server with the story, once for this process."""
    if CHROMIUM is None:
        wanted = "apt-get install chromium-headless-shell"
        pytest.skip(f"Chromium is absent: {wanted}, or chromium, to test pages in a browser")
    folder = Path(tempfile.mkdtemp(prefix="placet-browser-"))
    port = free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "placet", "serve", "--demo", "--workers", "1"]
    command += ["--port", str(port), "--address", address]
    with ExitStack() as held:
        agency = settings_for(held.enter_context(provider()))
        environ = {**os.environ, "PLACET_DATA": str(folder), "PLACET_OIDC": json.dumps([agency])}
        environ["PLACET_PROXIES"] = "1"
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        log = held.enter_context((folder / "log").open("wb"))
        server = subprocess.Popen(command, env=environ, cwd=root, stdout=log, stderr=log)
        held.callback(server.wait)
        held.callback(server.send_signal, signal.SIGINT)
        _wait_for(address, server, folder / "log")
        yield Served(address, (folder / "demo-password").read_text().strip(), folder)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/account/login/", timeout=5):
                return
        except OSError:  # nobody there yet, or not ready to answer
            time.sleep(0.2)
    pytest.fail(f"the server does not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium(served: Served) -> Iterator[Browser]:
    """Run one headless Chromium for this process."""
    assert served.address
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += ["--renderer-process-limit=1"]  # one process a window, not one a site
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=options, timeout=1000 * PATIENCE
        )
        yield browser
        browser.close()


LEFT = pytest.StashKey[Callable[[], str]]()
"""What tells where the windows of a test stand; once they are shut, where they stood."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a test that failed what its windows showed, and what the server said last."""
    report = yield
    if report.failed and LEFT in item.stash:
        report.sections.append(("where it stood", item.stash[LEFT]()))
    return report


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """What a browser keeps of each person who signed in: with it, another window is theirs too."""
    return {}


@pytest.fixture
def visit(
    chromium: Browser,
    served: Served,
    signed_in: dict[str, StorageState],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """Open a window, as a person who has signed in by clicking, or as nobody.

    A person signs in once, and is signed in at each later window, as who comes back is. A test
    that leaves more in the session than it found, as by showing again who it is, or that ends it
    by signing out, opens its window `anew`: that person signs in, and nobody else has the session.

    Each is at an address of its own, as people are: from one, few may sign in within a minute.
    Whatever the content security policy stops, or a script complains of, fails the test.
    """
    with ExitStack() as held:
        complaints: list[str] = []
        pages: list[Page] = []

        def left() -> str:
            log = (served.folder / "log").read_text(encoding="utf-8", errors="replace")
            return "\n\n".join([*map(_shown, pages), log[-3000:]])

        request.node.stash[LEFT] = left

        def window(
            person: str | None = None,
            browser: Browser = chromium,
            *,
            anew: bool = False,
            **options: Any,
        ) -> Page:
            at = {"X-Forwarded-For": f"198.18.0.{next(_windows)}"}
            kept = None if anew or person is None else signed_in.get(person)
            if kept is not None:
                options["storage_state"] = kept
            context = browser.new_context(base_url=served.address, extra_http_headers=at, **options)
            held.callback(context.close)
            context.set_default_timeout(1000 * PATIENCE)
            page = context.new_page()
            pages.append(page)
            page.on("console", lambda said: _note(complaints, said.type, said.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto("/inbox/" if kept is not None else "/account/login/")
            if kept is not None:
                assert page.url.endswith("/inbox/"), f"the session of {person} was ended"
            elif person is not None:
                _sign_in(page, person, served.password)
                if not anew:
                    signed_in[person] = context.storage_state()
            return page

        yield window
        stood = left()
        request.node.stash[LEFT] = lambda: stood
        assert complaints == []


def _sign_in(page: Page, person: str, password: str) -> None:
    """Sign in on the page that asks for it, by clicking."""
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/inbox/**")


def _shown(page: Page) -> str:
    """Return where a window is, and the beginning of what it shows, if it still does."""
    if page.is_closed():
        return f"{page.url}, and it is closed"
    return f"{page.url}\n{page.inner_text('body')[:1500]}"


def _note(complaints: list[str], kind: str, text: str) -> None:
    """Keep what a page complains of; that an answer was refused is for the test itself to say."""
    if kind == "error" and "Failed to load resource" not in text:
        complaints.append(text)
