"""Cases, permits and the inbox on a terminal."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from rich.table import Table

from placet.cli.showing import escape, screen, show_table
from placet.need_to_know import View
from placet.need_to_know.inbox import Waiting
from placet.need_to_know.permit_view import STATUS_WORDS, PermitView
from placet.need_to_know.telling import breach_words
from placet.need_to_know.time_line import TimeLine
from placet.operations.answers import Brief
from placet.operations.seeing.permit_terms import limits_of
from placet.permit.wording import allowed_by
from placet.registry import written
from placet.review.case import Terms

__all__ = [
    "show_case",
    "show_cases",
    "show_inbox",
    "show_permit",
    "show_stale",
    "show_time_line_of",
]

_NAMED = 10


def show_inbox(person: str, waiting: Iterable[Waiting], as_json: bool) -> None:
    """Print what waits for somebody."""
    found = list(waiting)
    if as_json:
        _print([_plain(dataclasses.asdict(each)) for each in found])
        return
    console = screen()
    if not found:
        console.print(escape(f"Nothing waits for {person}."))
        return
    table = Table(title=escape(f"Waiting for {person}: {len(found)}"), title_justify="left")
    for column in ("case", "to do", "about", "since", "due"):
        _add_column(table, column)
    for each in found:
        due = _moment(written(each.first)) if each.first else ""
        about = "" if each.about == each.case else each.about
        table.add_row(each.case, each.act, escape(about), _moment(written(each.since)), due)
    show_table(table)


def show_stale(cases: Iterable[Brief]) -> None:
    """Print which cases stand on a determination that is out of date, if any do."""
    named = [each.case for each in islice(cases, _NAMED + 1)]
    if named:
        more = " and more" if len(named) > _NAMED else ""
        said = f"Determination out of date: {', '.join(named[:_NAMED])}{more}."
        screen().print(escape(f"{said} See placet inbox --stale."))


def show_cases(cases: Iterable[Brief], as_json: bool) -> None:
    """Print a list of cases."""
    found = list(cases)
    if as_json:
        _print([_summary(each) for each in found])
        return
    table = Table(title=f"Cases: {len(found)}", title_justify="left")
    for column in ("case", "what", "applicant", "filed", "status", "waits for"):
        _add_column(table, column)
    for each in map(_summary, found):
        each["filed"] = _moment(each["filed"])
        shown = (each[name] for name in ("case", "what", "applicant", "filed", "stands", "awaits"))
        table.add_row(*map(escape, shown))
    show_table(table)


def _summary(found: Brief) -> dict[str, str]:
    return {
        "case": found.case,
        "what": found.what,
        "applicant": found.applicant,
        "filed": written(found.filed),
        "status": found.status,
        "stands": found.stands,
        "awaits": ", ".join([*found.undetermined_by, *found.awaits]),
    }


def show_case(found: View, stands: str, things: Mapping[str, str], as_json: bool) -> None:
    """Print a case as its viewer sees it, and how it stands; `things` says of what lines are."""
    if as_json:
        data = found.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        _print({**data, "digest": found.digest, "stands": stands})
        return
    console = screen()
    about = found.request.get("title") or found.request.get("request", "")
    console.print(f"[bold]{found.case}[/]  {stands}  {escape(str(about))}")
    for line in (*_answers(found), *_deliberation(found), *_permitted(found, things)):
        console.print(escape(line))


def _answers(found: View) -> Iterator[str]:
    if found.awaits:
        yield f"waits for {', '.join(found.awaits)}"
    for outcome in found.outcomes:
        by = f" ({outcome.office})" if outcome.office else ""
        yield f"{outcome.party}{by}: {outcome.verdict}, {written(outcome.at)}. {outcome.disclosed}"
        yield from (f"  limit: {proviso.text}" for proviso in outcome.provisos)
    if found.ended:
        yield found.ended


def _deliberation(found: View) -> Iterator[str]:
    for party, need, digest in _inside(found):
        by = " and ".join(each["office"] for each in need.get("by", ()))
        yield f"{party} inside: {need.get('outcome', '')}{f' by {by}' if by else ''}"
        if digest:
            yield f"  determination {digest}"
    for number, advice in enumerate(found.advice):
        since = ", superseded" if advice.get("superseded-at") else ""
        yield f"advice {number} of {advice['office']}{since}: {advice['stance']}. {advice['says']}"
        for dissent in advice.get("dissents", ()):
            yield f"  dissent of {dissent['person']}: {dissent['says']}"
    for number, question in enumerate(found.questions):
        state = "answered" if question.get("answered-at") else "open"
        yield f"question {number} ({state}): {question['asks']}"


def _inside(found: View) -> list[tuple[str, dict[str, Any], str | None]]:
    """Return each party's own review that is seen, an auditor's from the whole case."""
    if found.whole is None:
        each_party = sorted(found.inside.items())
        return [(party, inside.need, inside.digest) for party, inside in each_party]
    determined = found.whole.get("determined") or {}
    needs = sorted(determined.get("needs", {}).items())
    return [(party, need, determined.get("digest")) for party, need in needs]


def _permitted(found: View, things: Mapping[str, str]) -> Iterator[str]:
    for permit in found.permits:
        yield f"permit {permit['permit']}: {permit['stage']}"
    for report in found.reports:
        yield f"use {report['report']}: {report['quantity']} on {report['on']}"
        if later := report.get("corrected-by"):
            yield f"  corrected by {later}"
        if report.get("corrects"):
            yield f"  corrects {report['corrects']}: {report['because']}"
        for key, says in (("beyond", "outside"), ("doubts", "perhaps outside")):
            for each in report.get(key, ()):
                yield f"  {says} its permit: {breach_words(each, things)}"


def show_time_line_of(case: str, stands: str, lines: Sequence[TimeLine], as_json: bool) -> None:
    """Print what was done on a case, and what followed by itself."""
    if as_json:
        _print([each.model_dump(mode="json", by_alias=True) for each in lines])
        return
    table = Table(title=escape(f"{case}: {stands}"), title_justify="left")
    for column in ("when", "what", "who", "for", ""):
        _add_column(table, column)
    for each in lines:
        done = f"{each.kind}: {each.verdict}" if each.verdict else each.kind
        cells = (done, each.person, each.party, each.says or each.about)
        table.add_row(_moment(written(each.at)), *(escape(cell or "") for cell in cells))
    show_table(table)


def show_permit(found: PermitView, as_json: bool) -> None:
    """Print a permit as its viewer sees it, and whether it holds."""
    if as_json:
        _print(found.model_dump(mode="json", by_alias=True))
        return
    permit, terms = found.permit, Terms.model_validate(found.permit["terms"])
    console = screen()
    status = STATUS_WORDS.get(found.status, found.status)
    console.print(f"[bold]{permit['permit']}[/]  {status}  case {found.case}")
    for reason in found.reasons:
        console.print(escape(f"  {reason}"))
    for each in allowed_by(limits_of(terms)):
        console.print(escape(each))
    for line in terms.lines:
        if line.quantity is not None:
            left = found.remaining.get(line.line)
            console.print(escape(f"  {line.item}, {left} of {line.quantity} left"))
    for ground in permit.get("grounds") or ():
        about = "" if ground["about"] == ground["party"] else f": {ground['about']}"
        console.print(escape(f"  rests on {ground['kind']} of {ground['party']}{about}"))


_WHOLE = frozenset({"case", "to do", "status"})
"""Columns of what can be copied, or is a word: they do not wrap."""
_DATED = frozenset({"since", "due", "filed", "when"})


def _add_column(table: Table, name: str) -> None:
    """Add a column of a list: in a narrow one a moment breaks between its day and its hour."""
    table.add_column(
        name,
        overflow="fold",
        no_wrap=name in _WHOLE,
        min_width=len("2025-07-10") if name in _DATED else None,
    )


def _moment(text: str) -> str:
    """Return a moment as it stands in a list."""
    return text.replace("T", " ")


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {
        key: written(value) if hasattr(value, "tzinfo") else value for key, value in data.items()
    }


def _print(data: object) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True))
