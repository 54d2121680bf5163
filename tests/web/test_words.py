"""The words of pages: all that are marked are in the catalogue, and a translation shows."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from placet.need_to_know.shown import CaseStatus
from placet.need_to_know.stands import AGREED, OF_PERMIT, SUBMITTED
from placet.policy import Outcome
from placet.registry.facts import Grade
from placet.registry.records import Agreement, Availability, StockClass
from placet.review.commands import Advise, Verdict
from placet.review.validity import PermitStatus

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src" / "placet" / "web"
CATALOGUE = WEB / "locale" / "placet.pot"


def extracted(into: Path) -> str:
    """Do what `make messages` does, into another file."""
    told = subprocess.run(
        ["make", "--dry-run", "--always-make", "messages", f"CATALOGUE={into}"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    (line,) = (each for each in told.splitlines() if "pybabel" in each)
    words = shlex.split(line)
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", *words[1:]], cwd=ROOT, check=True
    )
    return into.read_text(encoding="utf-8")


def test_the_catalogue_is_what_the_pages_mark(tmp_path: Path) -> None:
    """Extracted again it is the same, to the letter; `make messages` renews it."""
    assert extracted(tmp_path / "again.pot") == CATALOGUE.read_text(encoding="utf-8")


def test_no_marked_sentence_of_a_template_is_missed(office: Any) -> None:
    """What Django itself would look up for each template has its place in the catalogue."""
    from django.template.loader import get_template
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    assert office
    with CATALOGUE.open("rb") as file:
        held = {(each if isinstance(each, str) else each[0]) for each in _ids(read_po(file))}
    asked = set()
    for each in sorted((WEB / "templates").rglob("*.html")):
        nodes = get_template(str(each.relative_to(WEB / "templates"))).template.nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            asked.add(node.filter_expression.var.literal.replace("%%", "%"))
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            asked.add(node.render_token_list(node.singular)[0])
    assert len(asked) > 400
    assert {each.replace("%%", "%") for each in asked} <= {each.replace("%%", "%") for each in held}


def test_a_permit_is_used_up_in_the_words_of_its_case(office: Any) -> None:
    """Its badge and the case's say it alike."""
    from placet.web.templatetags.placet import badge

    assert office
    shown = [badge(each) for each in ("exhausted", OF_PERMIT["exhausted"])]
    assert all(each.endswith("used up</span>") for each in shown)


def test_a_rule_that_advises_says_so_in_every_table(office: Any) -> None:
    """Of a policy's tests and trials its badge is given the rule's own word, elsewhere none."""
    from placet.web.templatetags.placet import badge

    assert office
    assert badge("advise") == badge("advises")
    assert "> advises<" in badge("advise")


def test_no_word_of_a_badge_is_missed(office: Any) -> None:
    """Those that templates write, and every status, outcome, stance or class they are given."""
    from django.template.library import SimpleNode
    from django.template.loader import get_template

    from placet.web.pages.case_words import spoken

    assert office
    with CATALOGUE.open("rb") as file:
        held = {(each if isinstance(each, str) else each[0]) for each in _ids(read_po(file))}
    written = set()
    for each in sorted((WEB / "templates").rglob("*.html")):
        nodes = get_template(str(each.relative_to(WEB / "templates"))).template.nodelist
        for node in nodes.get_nodes_by_type(SimpleNode):
            if node.func.__name__ == "badge" and len(node.args) < 3:
                written.add(getattr(node.args[0].var, "literal", None) or node.args[0].var)
    literal = {each for each in written if isinstance(each, str)}
    assert len(literal) > 30
    given = {spoken(each) for each in STATES}
    assert sorted((literal | given) - held) == []


STATES = (
    *CaseStatus,
    SUBMITTED,
    *AGREED,
    *OF_PERMIT.values(),
    *PermitStatus,
    *StockClass,
    *Verdict,
    *(each.word for each in Outcome),
    *get_args(Advise.model_fields["stance"].annotation),
    *get_args(Availability.model_fields["status"].annotation),
    *get_args(Agreement.model_fields["status"].annotation),
    *("in doubt", "not in force", "its dates are not certain"),
    *("in force", "may be in force", "to come, or not yet known", "over", "superseded"),
    *(f"{each}: it gives no authority" for each in Grade if each is not Grade.CONFIRMED),
)
"""What badges are given by the pages that show it."""


def _ids(catalogue: Any) -> Iterator[Any]:
    return (each.id for each in catalogue if each.id)


@pytest.fixture
def whispering(tmp_path: Path, office: Any) -> Iterator[None]:
    """Pages with a second language: Esperanto, which says everything in brackets."""
    from django.test import override_settings

    assert office
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="eo")
    for each in catalogue:
        if each.id:
            each.string = (
                f"[{each.id}]"
                if isinstance(each.id, str)
                else tuple(f"[{form}]" for form in each.id)
            )
    into = tmp_path / "eo" / "LC_MESSAGES"
    into.mkdir(parents=True)
    with (into / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    with override_settings(
        LANGUAGES=[("en-gb", "English"), ("eo", "Esperanto")], LOCALE_PATHS=[tmp_path]
    ):
        yield


@pytest.mark.usefixtures("whispering")
def test_pages_speak_the_language_that_is_asked_for(signed_in: Callable[..., Any]) -> None:
    """By the browser's wish, words and `lang` together; English where there is no such language."""
    asked = {"eo": ("eo", "[Sign in]"), "en": ("en-gb", "Sign in"), "sv": ("en-gb", "Sign in")}
    for wish, (language, heading) in asked.items():
        answer = signed_in().get("/account/login/", HTTP_ACCEPT_LANGUAGE=wish)
        page = answer.content.decode()
        assert f'<html lang="{language}">' in page
        assert f"<h1>{heading}</h1>" in page
        assert answer["Content-Language"] == language
        assert "Accept-Language" in answer["Vary"]


@pytest.mark.usefixtures("whispering")
def test_a_language_changes_words_and_nothing_else(signed_in: Callable[..., Any]) -> None:
    """Sentences with numbers and plurals are said; ids, links and the form stay as they are."""
    browser = signed_in("whitfield")
    told = browser.get("/inbox/", HTTP_ACCEPT_LANGUAGE="eo").content.decode()
    plain = browser.get("/inbox/").content.decode()
    assert "[Inbox]" in told
    assert "[Inbox]" not in plain
    assert _links(told) == _links(plain)


def _links(page: str) -> list[str]:
    return [each.partition('"')[0] for each in page.split('href="')[1:]]


def test_only_whole_languages_are_offered(office: Any) -> None:
    """English alone is shipped: whatever the browser wishes, no page is half translated."""
    from django.conf import settings

    assert office
    compiled = {each.parts[-3] for each in CATALOGUE.parent.glob("*/LC_MESSAGES/django.mo")}
    assert [code for code, _ in settings.LANGUAGES] == ["en-gb", *sorted(compiled)]
    assert compiled == set()
