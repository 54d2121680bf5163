"""Lists on a terminal: checked answers, the matrix of a holder, books and their time lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.table import Table

from placet.analysis import Cell, Freedom
from placet.cli.showing import COLOURS, escape, screen, show_table
from placet.cli.words import SIGNS, called
from placet.operations.on_record.policies import Dated, Notice
from placet.operations.on_record.policy_tests import Tested
from placet.operations.scenarios.check import Checked
from placet.operations.scenarios.scenario import Scenario
from placet.policy import Book
from placet.registry import iso_names, written

__all__ = [
    "check_data",
    "matrix_data",
    "notices_data",
    "show_check",
    "show_matrix",
    "show_notices",
    "show_tests",
    "show_time_line",
    "tests_data",
    "time_line_data",
]


def show_check(name: str, checked: tuple[Checked, ...]) -> None:
    """Print a table of what was expected and what was found."""
    table = Table(title=f"{escape(name)}: {len(checked)} expected answers", title_justify="left")
    for column in ("request", "on", "as known", "outcome", "who must say yes", ""):
        table.add_column(column, overflow="fold")
    for each in checked:
        found = each.determination
        who = ", ".join(
            f"{party.party} {SIGNS[party.outcome]}"
            for party in found.parties
            if party.outcome != "clear"
        )
        verdict = "[green]as expected[/]" if not each.differences else "[red]differs[/]"
        status = f"[{COLOURS[found.outcome]}]{found.outcome}[/]"
        known = "announced only" if found.announced_only else found.known_at or ""
        table.add_row(escape(each.request), found.at, known, status, escape(who), verdict)
    console = screen()
    if not checked:
        console.print(f"{escape(name)} holds together, but its requests expect no answers yet.")
        return
    show_table(table)
    for each in checked:
        for difference in each.differences:
            console.print(escape(f"{each.request} on {each.determination.at}: {difference}"))


def check_data(checked: tuple[Checked, ...]) -> dict[str, Any]:
    """Return what was checked as plain data."""
    return {
        "met": not any(each.differences for each in checked),
        "answers": [
            {
                "request": each.request,
                "at": each.determination.at,
                "known_at": each.determination.known_at,
                "outcome": each.determination.outcome,
                "digest": each.determination.digest,
                "differences": list(each.differences),
            }
            for each in checked
        ],
    }


def show_tests(policy: str, tested: Sequence[Tested]) -> None:
    """Print how the tests of a policy come out, and in what those that fail differ."""
    console = screen()
    if not tested:
        console.print(f"No test of {escape(policy)} is on record that you may know of.")
        return
    passed = sum(each.passes for each in tested)
    table = Table(title=f"{escape(policy)}: {passed} of {len(tested)} pass", title_justify="left")
    for column in ("test", "on", "outcome", "by", ""):
        table.add_column(column, overflow="fold")
    for each in tested:
        verdict = "[green]as expected[/]" if each.passes else "[red]differs[/]"
        outcome = f"[{COLOURS[each.outcome]}]{each.outcome}[/]" if each.outcome else ""
        rules = ", ".join(f"{said.rule}: {said.then or 'advises'}" for said in each.says)
        on = written(each.at) if each.at else ""
        table.add_row(escape(each.test), on, outcome, escape(rules), verdict)
    show_table(table)
    for each in tested:
        for difference in each.differs:
            day = f" on {written(each.at)}" if each.at else ""
            console.print(escape(f"{each.test}{day}: {difference}"))


def tests_data(tested: Sequence[Tested]) -> dict[str, Any]:
    """Return how the tests of a policy come out as plain data."""
    return {
        "met": all(each.passes for each in tested),
        "tests": [{**asdict(each), "at": written(each.at) if each.at else None} for each in tested],
    }


def _cell(cell: Cell) -> str:
    parts = [
        *(f"[red]✕ {escape(party)}[/]" for party in cell.refuse),
        *(f"[yellow]◷ {escape(party)}[/]" for party in cell.must),
        *(f"[red]?✕ {escape(party)}[/]" for party in cell.may_refuse if party not in cell.must),
        *(f"[cyan]? {escape(party)}[/]" for party in cell.may),
    ]
    if cell.free == "yes":
        parts = ["[green]✓ nobody[/]"]
    if not cell.proceed and any(each.kind == "withdrawn" for each in cell.determination.why_not):
        parts.append("[dim]⊘ withdrawn[/]")
    return " ".join(parts)


def show_matrix(found: Freedom, scenario: Scenario, at: datetime) -> None:
    """Print the freedom-of-action matrix."""
    registry = scenario.registry
    holder = registry.name(found.holder)
    title = f"By whose leave: {found.activity} by {holder} on {written(at)}"
    table = Table(title=escape(title), title_justify="left", show_lines=True)
    table.add_column("item", overflow="fold")
    for area in found.areas:
        table.add_column(escape(area), overflow="fold")
    by_item: dict[str, list[str]] = {}
    for cell in found.cells:
        by_item.setdefault(cell.item, []).append(_cell(cell))
    for item, cells in by_item.items():
        table.add_row(escape(registry.item(item).name), *cells)
    console = screen()
    show_table(table)
    console.print(", ".join(f"{area} {iso_names()[area]}" for area in found.areas), style="dim")
    console.print(
        "✓ nobody's leave   ◷ must say yes   ? may have to   ✕ refuses   ?✕ may refuse   "
        "⊘ service withdrawn"
    )
    stops = ", ".join(f"{registry.name(party)} {count}" for party, count in found.can_stop.items())
    console.print(f"Who can stop how many of {len(found.cells)}: {escape(stops) or 'nobody'}")


def matrix_data(found: Freedom) -> dict[str, Any]:
    """Return the matrix as plain data."""
    return {
        "holder": found.holder,
        "activity": found.activity,
        "areas": list(found.areas),
        "items": list(found.items),
        "can_stop": dict(found.can_stop),
        "cells": [
            {
                "item": cell.item,
                "area": cell.area,
                "must": list(cell.must),
                "may": list(cell.may),
                "refuse": list(cell.refuse),
                "may_refuse": list(cell.may_refuse),
                "free": cell.free,
                "proceed": cell.proceed,
                "open_questions": [each.key for each in cell.determination.open_questions],
                "digest": cell.determination.digest,
            }
            for cell in found.cells
        ],
    }


def show_notices(scenario: Scenario, found: Mapping[str, list[Notice]]) -> None:
    """Print what the owner of each book may want to look at."""
    console = screen()
    for party, notices in found.items():
        book = scenario.books[party]
        rules = sum(len(policy.rules) for policy in book.policies.values())
        console.print(
            f"\n[bold]{escape(party)}[/] {_counted(len(book.policies), 'policy', 'policies')}, "
            f"{_counted(rules, 'rule', 'rules')}: no errors"
        )
        for each in notices:
            console.print(f"  {escape(each.about)}: {escape(each.says)}")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def notices_data(scenario: Scenario, found: Mapping[str, list[Notice]]) -> dict[str, Any]:
    """Return the notices as plain data."""
    return {
        "scenario": scenario.name,
        "books": {
            party: [{"about": each.about, "says": each.says} for each in notices]
            for party, notices in found.items()
        },
    }


def show_time_line(scenario: Scenario, book: Book, at: datetime, line: tuple[Dated, ...]) -> None:
    """Print the time line of a book."""
    name = called(scenario.registry.name(book.book))
    console = screen()
    console.print(f"\n[bold]Policies of {escape(name)}, on {written(at)}[/]\n")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for each in line:
        period = f"{each.begins} to {each.ends}" if each.ends else each.begins
        grid.add_row(escape(period), _dated(each))
    show_table(grid)


def _dated(each: Dated) -> str:
    colour = "green" if each.status == "in force" else "yellow" if "may" in each.status else "dim"
    by = ""
    if each.superseded_by:
        word = " by" if each.status == "superseded" else ", or superseded by"
        by = f"{word} {each.superseded_by}"
    known = f", known since {each.known}" if each.known else ""
    announced = each.announced
    said = announced if announced == "undeclared" else f"announced {announced}"
    head = f"[bold]{escape(each.policy.id)}[/]  [{colour}]{each.status}{escape(by)}[/]"
    return f"{head}\n{escape(f'{each.policy.title}; {said}{known}')}"


def time_line_data(book: Book, at: datetime, line: tuple[Dated, ...]) -> dict[str, Any]:
    """Return the time line as plain data."""
    return {
        "book": book.book,
        "at": written(at),
        "policies": [
            {
                "policy": each.policy.id,
                "title": each.policy.title,
                "begins": each.begins,
                "ends": each.ends,
                "known": each.known,
                "announced": each.announced,
                "status": each.status,
                "superseded_by": each.superseded_by,
            }
            for each in line
        ],
    }
