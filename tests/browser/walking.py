"""A walk over the pages: each is fetched, laid out, and looked at by axe where it is built anew.

A page whose parts have all stood in pages in which axe found nothing needs no second look. A part
is an element within what it stands in, with its marks, whether it holds words, and what stands in
it (each by itself in sections and the like); and a heading after a heading. How wide words make a
page is another matter: so every page is laid out at the width of a phone, in the place of the
page before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 400, "height": 800}
SEVERAL = {"case": 2, "policy": 2}
"""Pages of one kind for one person, where one is not enough; what nobody saw comes first."""
_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
_FETCHED = """async (address) => {
  const answer = await fetch(address);
  const at = new URL(answer.url);
  const found = {status: answer.status, at: at.pathname + at.search, links: [], wide: 0};
  if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) return found;
  const read = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const mark = (node) => {
    const marks = [...node.attributes]
      .filter((each) => each.value !== '')
      .map((each) => /^(class|role|type|scope|lang|tabindex|open|checked|disabled)$/.test(each.name)
        ? each.name + '=' + each.value : each.name)
      .sort();
    const words = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    return node.localName + '[' + marks + (words ? ' words' : '') + ']';
  };
  const built = new Set();
  const part = (node, within) => {
    const inner = [...new Set([...node.children].map(mark))];
    const apart = /^(main|section|article|aside|header|footer|nav)$/.test(node.localName);
    for (const each of apart ? ['', ...inner] : [inner.join()])
      built.add(within + mark(node) + '(' + each + ')');
    const inside = within + node.localName + '.' + node.getAttribute('class') + '>';
    for (const each of node.children) part(each, inside);
  };
  part(read.documentElement, '');
  const headings = [...read.querySelectorAll('h1, h2, h3, h4, h5, h6')];
  headings.forEach((each, at) => built.add(headings[at - 1]?.localName + ' ' + each.localName));
  const named = [...read.querySelectorAll('[id]')].map((each) => each.id);
  if (named.length !== new Set(named).size) built.add('an id twice');
  found.built = [...built];
  found.links = [
    ...[...read.querySelectorAll('a[href]')].map((each) => each.getAttribute('href')),
    ...[...read.querySelectorAll('form[method=get][action]')].map((form) => {
      const sent = new FormData(form), box = form.querySelector('[type=checkbox]');
      if (box) sent.append(box.name, box.value);
      return `${form.getAttribute('action')}?${new URLSearchParams(sent)}`;
    }),
  ];
  for (const each of read.querySelectorAll('.needs-script')) each.hidden = false;
  document.body.replaceWith(read.body);
  found.wide = document.documentElement.scrollWidth;
  return found;
}"""
"""Fetches an address; of a page, its parts, where it leads (links, and forms that only ask,
with the first box ticked), and how wide it is when it stands in the place of the present one."""


@dataclass
class Walk:
    """What was seen on all walks so far: routes, addresses, and which routes are files."""

    routes: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    fine: set[str] = field(default_factory=set)
    """The parts of pages in which axe has found nothing."""

    def on(
        self, page: Page, begin: Iterable[str], also: Iterable[str] = (), *, anew: bool = True
    ) -> Iterator[str]:
        """Walk from where somebody begins, wherever it leads; yield what is wrong, and where.

        What was begun with has to be there. `also` are addresses that nothing need lead to: they
        may refuse, and what they answer with is looked at just so. Without `anew` only routes are
        followed by which nobody came before.
        """
        page.add_init_script(AXE_SCRIPT)
        waiting, asked = list(begin), set(also)
        before = set() if anew else set(self.routes)
        known, kinds = set(waiting), Counter[str]()
        waiting += sorted(asked - known)
        while waiting:
            address = waiting.pop(0)
            found = page.evaluate(_FETCHED, address)
            if found["status"] == 405 and address in asked:
                continue
            if found["status"] != 200 and (address not in asked or found["status"] >= 500):
                yield f"{address}: answers {found['status']}"
            yield from self._looked_at(page, address, found)
            for href in sorted(found["links"], key=self.pages.__contains__):
                kind = kind_of(href)
                if kind.partition(" ")[0] in before:
                    continue
                if kind and href not in known and kinds[kind] < self._most(kind):
                    known.add(href)
                    kinds[kind] += 1
                    waiting.append(href)
        self.pages |= known

    def _most(self, kind: str) -> int:
        return 0 if kind in self.files else SEVERAL.get(kind, 1)

    def _looked_at(self, page: Page, address: str, found: dict[str, Any]) -> Iterator[str]:
        kind = kind_of(found["at"])
        self.routes |= {kind.partition(" ")[0], kind_of(address).partition(" ")[0]}
        if "built" not in found:
            self.files.add(kind)
            return
        yield from _too_wide(address, found["wide"])
        if self.fine.issuperset(found["built"]):
            return
        page.goto(address)
        wrong = list(_wrong(page, address))
        yield from wrong
        if not wrong:
            self.fine.update(found["built"])


def kind_of(address: str) -> str:
    """Return the name of the route of an address of ours, and of an act which; else nothing."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return ""
    try:
        found = resolve(parts.path)
    except Resolver404:
        return ""
    if found.namespaces:
        return ""
    act = found.kwargs.get("kind")
    return f"{found.url_name} {act}" if act else str(found.url_name or "")


def wrong_here(page: Page) -> Iterator[str]:
    """Look at the page that somebody is on; yield what is wrong with it."""
    page.evaluate(AXE_SCRIPT)
    yield from _wrong(page, page.url)


def _wrong(page: Page, address: str) -> Iterator[str]:
    yield from (f"{address}: {each}" for each in _against_the_rules(page))
    yield from _too_wide(address, page.evaluate("document.documentElement.scrollWidth"))


def _too_wide(address: str, wide: int) -> Iterator[str]:
    if wide > PHONE["width"]:
        yield f"{address}: {wide} pixels wide at {PHONE['width']}"


def _against_the_rules(page: Page) -> Iterator[str]:
    """Yield what axe finds in a page: the rule, and where."""
    for each in page.evaluate("(options) => axe.run(options)", _OPTIONS)["violations"]:
        where = [str(node["target"]) + " " + node["html"][:160] for node in each["nodes"][:3]]
        yield f"{each['id']}: {each['help']}: {where}"
