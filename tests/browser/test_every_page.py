"""Every page that somebody can reach by clicking: axe finds nothing, and nothing overflows a phone.

Pages are found by following links from the inbox, and forms that only ask, one of each kind, so
that a page that is added is looked at the day it is linked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PEOPLE = ("marchenko", "whitfield", "hart", "secretary", "tan", "lindqvist")
MOST = 60
"""Pages for one person: more than there are kinds of."""
_REFERENCES = re.compile(r"[CPU]-[0-9A-Z]{8,}|[0-9a-f]{8,}|\d+|K-[0-9A-Z]+")
_NOT_PAGES = re.compile(
    r"^/(account/logout|static|log|api|metrics|healthz|readyz|status-list)"
    r"|\.(csv|pdf|json|svg|jws|tlog-proof|sig|txt|png)$|/(receipt|file|proof|qr|export)/?$"
)
_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_BUILT = """() => {
  const named = [...document.querySelectorAll('[id]')].map(each => each.id);
  const built = node => {
    const marks = [...node.attributes]
      .filter(each => each.value !== '')
      .map(each => /^(class|role|type|scope|lang|tabindex|open|checked|disabled)$/.test(each.name)
        ? each.name + '=' + each.value : each.name)
      .sort();
    const words = [...node.childNodes].some(each => each.nodeType === 3 && each.data.trim());
    const inner = [...new Set([...node.children].map(built))];
    return node.localName + '[' + marks + (words ? ' words' : '') + '](' + inner.join() + ')';
  };
  return (named.length === new Set(named).size) + built(document.documentElement);
}"""
"""How a page is built: elements, their marks, whether they hold words; equal neighbours once."""


_LINKS = """() => [
  ...[...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href')),
  ...[...document.querySelectorAll('form[method=get][action]')].map((form) => {
    const sent = new FormData(form), box = form.querySelector('[type=checkbox]');
    if (box) sent.append(box.name, box.value);
    return `${form.getAttribute('action')}?${new URLSearchParams(sent)}`;
  }),
]"""
"""Where a page leads: its links, and its forms that only ask, with the first box ticked."""


def _kind(address: str) -> str:
    """Return an address with what differs between pages of one kind taken out."""
    parts = urlsplit(address)
    path = _REFERENCES.sub("*", parts.path)
    for section in ("systems", "policies", "stock", "freedom", "authority", "parties", "items"):
        path = re.sub(rf"^/{section}/[^/]+/", f"/{section}/*/", path)
    return path


def _reachable(page: Page) -> Iterator[str]:
    """Yield the address of one page of each kind, beginning with the inbox."""
    waiting, known = ["/inbox/"], {"/inbox/"}
    while waiting and len(known) < MOST:
        address = waiting.pop(0)
        yield address
        for href in page.evaluate(_LINKS):
            parts = urlsplit(href)
            ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
            if ours and not _NOT_PAGES.search(parts.path) and _kind(href) not in known:
                known.add(_kind(href))
                waiting.append(href)


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """How the pages are built in which axe has found nothing: the next that is equal needs none."""
    return set()


@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_is_accessible_and_fits_a_phone(
    visit: Callable[..., Page], looked_at: set[str], person: str
) -> None:
    """Nothing against WCAG 2.2 AA, no sideways scrolling at 400 pixels, nothing against the CSP."""
    page = visit(person, viewport={"width": 400, "height": 800})
    found: list[str] = []
    seen = 0
    for address in _reachable(page):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, (address, answer.status, page.title())
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        seen += 1
        built = page.evaluate(_BUILT)
        if built not in looked_at:
            against = list(_against_the_rules(page))
            found += [f"{address}: {each}" for each in against]
            looked_at |= set() if against else {built}
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 400:
            found.append(f"{address}: {wide} pixels wide at 400")
    assert seen > 3
    assert not found, "\n".join(found)


def _against_the_rules(page: Page) -> Iterator[str]:
    """Yield what axe finds in a page: the rule, and where."""
    for each in Axe().run(page, options=_OPTIONS).response["violations"]:
        where = [str(node["target"]) + " " + node["html"][:160] for node in each["nodes"][:3]]
        yield f"{each['id']}: {each['help']}: {where}"
