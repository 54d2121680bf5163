"""Answering a question in the browser: the answer changes the request that it is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from placet.registry import read

Browser = Callable[..., Any]


@pytest.fixture
def ask(office: Any, ukraine: Path) -> Callable[..., str]:
    """Have a case filed without some fields, determined, and a question asked on it."""
    from placet.operations.acting.act import act
    from placet.operations.acting.signing_in import resume_demonstration
    from placet.review import command_of

    def asked(without: tuple[str, ...], *about: str) -> str:
        plain = dict(read(ukraine / "requests" / "atacms-in-russia.yaml").plain)
        plain = {name: each for name, each in plain.items() if name not in (*without, "expect")}
        case: str = office.house.references.reference("C")
        for person, kind, fields in (
            ("marchenko", "submit", {"case": case, "request": plain}),
            ("whitfield", "determine", {}),
            ("whitfield", "ask", {"asks": "Whose data?", "fields": about}),
        ):
            who = resume_demonstration(office.house, person)
            act(office.house, who, command_of(kind, fields), case=case)
        return case

    return asked


@pytest.mark.parametrize("about", [("services",), ()])
def test_an_answer_by_the_fields_of_the_request_changes_it(
    signed_in: Browser, office: Any, ask: Callable[..., str], about: tuple[str, ...]
) -> None:
    """What was asked about, or not stated, stands first; that alone is changed on file."""
    case = ask(("services",), *about)
    before = office.house.reading.case(case).request
    browser = signed_in("marchenko")
    page = browser.get(f"/cases/{case}/").content.decode()
    form = page[page.index('id="answering-0"') :]
    assert form.index('name="services"') < form.index("Change something else of the request")
    assert 'class="code"' not in form
    sent = {"on-case": case, "question": "0", "says": "Theirs.", "asks": "", "quantity": ["4"]}
    browser.post("/act/supply/", {**sent, "services": ["us-targeting-data"], "platforms": "himars"})
    after = office.house.reading.case(case)
    assert after.request == {**before, "services": ["us-targeting-data"]}
    assert after.questions[0].says == "Theirs."
    assert after.determined is None


def test_an_answer_with_the_fields_as_they_were_shown_changes_nothing(
    signed_in: Browser, office: Any, ask: Callable[..., str]
) -> None:
    """What a page shows of a request and gets back is the request on file, to the letter."""
    from placet.web.pages.answering import answering

    case = ask(())
    before = office.house.reading.case(case)
    shown = answering(before.request, (), office.house.reading.context().registry)
    fields = {each.name: list(each.values) for each in (*shown.first, *shown.rest)}
    sent = {"on-case": case, "question": "0", "says": "As it says.", "asks": ""}
    counts = [each.quantity for each in shown.lines]
    signed_in("marchenko").post("/act/supply/", {**fields, **sent, "quantity": counts})
    after = office.house.reading.case(case)
    assert after.questions[0].says == "As it says."
    assert (after.request, after.determined) == (before.request, before.determined)


def test_an_answer_that_cannot_be_taken_comes_back_with_what_was_said(
    signed_in: Browser, office: Any, ask: Callable[..., str]
) -> None:
    """The fields of the request stand on the page again, as they were filled in."""
    case = ask((), "lines")
    sent = {"on-case": case, "question": "0", "says": "More.", "asks": "", "quantity": ["many"]}
    refused = signed_in("marchenko").post("/act/supply/", sent)
    page = refused.content.decode()
    assert refused.status_code == 400
    assert 'name="quantity" value="many"' in page
    assert "whole number" in page
    assert office.house.reading.case(case).questions[0].says is None


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"area": "Kursk"}, "area", "Kursk is not a known name"),
        ({"quantity": ["few"]}, "quantity-1", "Write how many as a whole number"),
    ],
)
def test_what_is_wrong_with_an_answer_stands_beside_its_field(
    signed_in: Browser,
    ask: Callable[..., str],
    typed: dict[str, Any],
    field: str,
    says: str,
) -> None:
    """By the field's own name; the place in a file, which nobody wrote, is not told."""
    case = ask(("services",), "services")
    sent = {"on-case": case, "question": "0", "says": "There.", "asks": "", **typed}
    answer = signed_in("marchenko").post("/act/supply/", sent)
    again = answer.content.decode()
    assert answer.status_code == 400
    assert "request:" not in again
    assert f'id="p-{field}"><p class="problem">{says}' in again
    assert "<details open><summary>Change something else" in again
