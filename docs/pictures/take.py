"""Take the pictures of the README: the main pages of a demonstration, in Debian's Chromium.

Run as `make pictures`. It serves a new demonstration from a folder of its own, and removes it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
SIZE = {"width": 1200, "height": 900}
PHONE = {"width": 400, "height": 860}
PATIENCE = 180.0


def main() -> None:
    """Serve, look, and save."""
    with tempfile.TemporaryDirectory(prefix="placet-pictures-") as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://localhost:{port}"
        command = [sys.executable, "-m", "placet", "serve", "--demo", "--port", str(port)]
        environ = {**os.environ, "PLACET_DATA": folder}
        server = subprocess.Popen([*command, "--address", address], env=environ)
        try:
            _wait_for(address, server)
            password = (Path(folder) / "demo-password").read_text().strip()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium",
                    args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
                )
                _take(browser, address, password)
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/account/login/", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("The server does not answer.")


def _take(browser: Browser, address: str, password: str) -> None:
    desk = _signed_in(browser, address, "whitfield", password)
    _save(desk, "/inbox/", "inbox")
    desk.goto("/inbox/")
    case = desk.get_by_role("link", name="Storm Shadow").first
    target = case.get_attribute("href") if case.count() else None
    if target is None:
        target = desk.locator("main a[href^='/cases/']").first.get_attribute("href")
    _save(desk, str(target), "case")
    planner = _signed_in(browser, address, "marchenko", password)
    _save(planner, "/freedom/", "freedom")
    phone = _signed_in(browser, address, "secretary", password, viewport=PHONE)
    _save(phone, f"{target}#map-title", "case-on-a-phone")
    desk.goto(str(target))
    desk.get_by_role("button", name="Determine who has a say").click()
    _decide(_signed_in(browser, address, "secretary", password), str(target))
    anybody = browser.new_context(base_url=address, viewport=SIZE).new_page()
    _verify(planner, anybody)


def _decide(decider: Page, case: str) -> None:
    """Fill in a decision with limits, and show what would be signed."""
    decider.goto(case)
    decider.get_by_label("Approve", exact=True).check()
    decider.get_by_label("Why, for the file").fill("An airfield from which strikes are flown.")
    decider.get_by_label("What the applicant is told").fill("The United States agrees to one.")
    decider.get_by_label("Storm Shadow, at most").fill("1")
    decider.get_by_label("Use is reported within").fill("3")
    decider.get_by_role("button", name="Go on to signing").click()
    decider.wait_for_load_state("networkidle")
    decider.screenshot(path=HERE / "signing.png")


def _verify(holder: Page, anybody: Page) -> None:
    """Show what somebody without an account is told of a permit."""
    holder.goto("/permits/")
    holder.locator("main table a").first.click()
    holder.get_by_text("The token", exact=True).click()
    token = holder.locator("details pre").inner_text()
    anybody.goto("/verify/")
    anybody.get_by_label("The token").fill(token)
    anybody.get_by_role("button", name="Verify").click()
    anybody.wait_for_load_state("networkidle")
    anybody.screenshot(path=HERE / "verify.png")


def _signed_in(
    browser: Browser, address: str, person: str, password: str, **options: object
) -> Page:
    shown = {"viewport": SIZE, **options}
    page = browser.new_context(base_url=address, **shown).new_page()
    page.goto("/account/login/")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/inbox/**")
    return page


def _save(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main()
