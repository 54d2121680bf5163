"""Answers on a terminal: the sentence first, then who must say yes, why, and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from placet.analysis.freedom import Cell, Freedom
from placet.cli.words import SIGNS, WORDS, deciders, sentence
from placet.conditions import Explanation
from placet.determination import PartyAnswer, RightFound, RuleHeard
from placet.operations.asking import Asked
from placet.operations.check import Checked
from placet.operations.explaining import Explained
from placet.operations.policies import Dated, Notice
from placet.operations.scenario import Scenario
from placet.operations.story import Told
from placet.policy import Book, Rule
from placet.registry import iso_names, written

__all__ = [
    "check_data",
    "explained_data",
    "matrix_data",
    "notices_data",
    "show_answer",
    "show_check",
    "show_explained",
    "show_matrix",
    "show_notices",
    "show_time_line",
    "show_told",
    "time_line_data",
]

_TELLING = frozenset(
    {"undeclared-policy", "unstated-scope", "uncertain-start", "service-withdrawn", "disputed"}
)
_ORDER = ("refuse", "review", "open", "clear")
COLOURS = {"clear": "green", "review": "yellow", "refuse": "red", "open": "cyan"}


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def _status(outcome: str) -> str:
    return f"[{COLOURS[outcome]}]{SIGNS[outcome]} {WORDS[outcome]}[/]"


def show_answer(asked: Asked) -> None:
    """Print a determination."""
    console, found = _console(), asked.determination
    console.print(f"\n[bold]{escape(sentence(asked))}[/]\n")
    tree = Tree("Who must say yes, and through what", guide_style="dim")
    for answer in sorted(found.parties, key=lambda each: _ORDER.index(each.outcome)):
        _party(tree, answer, asked)
    console.print(tree)
    _section(console, "The route", _route(asked))
    _section(console, "Set aside", (_set_aside(each) for each in found.set_aside))
    _section(
        console,
        "Advice on record",
        (
            f"{asked.scenario.registry.office_title(each.by)}, {each.stance}: {each.because}"
            f"{_cited(each.sources)}"
            for each in found.advice
        ),
    )
    _section(console, "Provisos", (str(each["text"]) for each in found.provisos))
    _section(console, "Steps", (_pairs(each) for each in found.steps))
    _section(console, "Before it takes effect", (_pairs(each) for each in found.provided))
    _section(
        console,
        "Open questions",
        (
            f"{each.asks} ({each.key}, {each.stated}; asked of the {each.asked_of}"
            f"{'' if each.certain else '; may matter'})"
            for each in found.open_questions
        ),
    )
    _section(console, "Who may act", _authority(asked))
    _section(console, "Mind", (f"{each.flag}: {each.says}" for each in found.flags))
    _section(console, "Why it cannot proceed yet", (each.says for each in found.why_not))
    known = f", as known on {found.known_at}" if found.known_at else ""
    console.print(f"\n[dim]In force on {found.at}{known}. {found.digest}[/]", soft_wrap=True)


def _route(asked: Asked) -> Iterable[str]:
    registry = asked.scenario.registry
    for number, stage in enumerate(asked.determination.route, start=1):
        text = f"{number}. {registry.name(stage.party)}"
        if stage.by:
            text += f": {' and '.join(registry.office_title(each) for each in stage.by)}"
        if stage.advice_from:
            advisers = ", ".join(registry.office_title(each) for each in stage.advice_from)
            text += f", advised by {advisers}"
        if stage.steps:
            text += f"; {'; '.join(_pairs(each) for each in stage.steps)}"
        if stage.waits_for:
            text += f"; after {', '.join(registry.name(each) for each in stage.waits_for)}"
        if stage.circle:
            text += ", which waits for it in turn: a circle nobody can enter"
        yield text


def _party(tree: Tree, answer: PartyAnswer, asked: Asked) -> None:
    reserved = ", reserved" if answer.reserved else ""
    who = deciders(answer, asked) if answer.outcome == "review" else answer.name
    head = f"{_status(answer.outcome)}  [bold]{escape(who)}[/]{reserved}"
    branch = tree.add(f"{head}\n{escape(answer.because)}")
    for right in answer.rights:
        branch.add(_right(right, asked))
    for rule in answer.rules:
        branch.add(_rule(rule))


def _right(right: RightFound, asked: Asked) -> str:
    registry = asked.scenario.registry
    path = " → ".join(registry.item(item).name for item in right.path)
    through = f", through {', '.join(right.through)}" if right.through else ""
    lot = f", lot {right.lot}" if right.lot else ""
    agreement = f", by {right.agreement}" if right.agreement else ""
    weak = [f"{each.fact} is {each.grade}" for each in right.facts if each.grade != "confirmed"]
    doubt = f" [yellow]({escape('; '.join(weak))})[/]" if weak else ""
    maybe = "" if right.certain else " [cyan](perhaps)[/]"
    text = f"{right.standing}, {right.basis}: {path}{through}{lot}{agreement} — {right.activity}"
    return f"[dim]{escape(text)}[/]{doubt}{maybe}"


def _rule(rule: RuleHeard) -> str:
    marks = [
        word
        for word, holds in (
            ("undeclared", rule.undeclared),
            ("standing authorisation", rule.standing),
            (rule.grade, rule.grade != "confirmed"),
            ("perhaps", not rule.certain),
        )
        if holds
    ]
    extra = f" [yellow]({', '.join(marks)})[/]" if marks else ""
    note = f"; {rule.note}" if rule.note else ""
    body = f"{rule.rule} {rule.effect}: {rule.then} — {rule.because}{note}{_cited(rule.cite)}"
    return f"{escape(body)}{extra}"


def _cited(sources: Iterable[str]) -> str:
    names = ", ".join(sources)
    return f" [{names}]" if names else ""


def _set_aside(each: Any) -> str:
    return f"{each.party} by {each.basis}: {each.because} ({each.finding}, by {each.by})"


def _pairs(data: Mapping[str, Any]) -> str:
    return ", ".join(f"{key.replace('-', ' ')}: {value}" for key, value in data.items())


def _authority(asked: Asked) -> Iterable[str]:
    for each in asked.determination.authority:
        held = ", ".join(each.holders) or "nobody on record"
        yield f"{each.title}: {held}"
        for seen in each.delegations:
            word = "counts" if seen.counts else "gives no authority"
            to = asked.scenario.registry.office_title(seen.to)
            yield f"  delegation to {to} {word}: {seen.because}"


def _section(console: Console, title: str, lines: Iterable[str]) -> None:
    found = list(lines)
    if found:
        console.print(f"\n[bold]{title}[/]")
        for line in found:
            console.print(f"  {escape(line)}")


def show_told(title: str, told: Iterable[Told]) -> None:
    """Print a story: each step in a sentence, with who must say yes and why."""
    console = _console()
    console.print(f"\n[bold]{escape(title)}[/]")
    for each in told:
        found = each.asked.determination
        console.print(f"\n[bold]{found.at}[/]  [dim]{escape(each.step.says or '')}[/]")
        console.print(f"  {escape(sentence(each.asked))}")
        for answer in sorted(found.parties, key=lambda party: _ORDER.index(party.outcome)):
            name = f"{answer.name}: {answer.because}"
            console.print(f"    {_status(answer.outcome)}  {escape(name)}")
        for flag in found.flags:
            if flag.flag in _TELLING:
                console.print(f"    [dim]! {escape(flag.says)}[/]")
    console.print()


def show_check(folder: Path, checked: tuple[Checked, ...]) -> None:
    """Print a table of what was expected and what was found."""
    table = Table(title=f"{folder.name}: {len(checked)} expected answers", title_justify="left")
    for column in ("request", "on", "as known", "outcome", "who must say yes", ""):
        table.add_column(column)
    for each in checked:
        found = each.determination
        who = ", ".join(
            f"{party.party} {SIGNS[party.outcome]}"
            for party in found.parties
            if party.outcome != "clear"
        )
        verdict = "[green]as expected[/]" if not each.differences else "[red]differs[/]"
        status = f"[{COLOURS[found.outcome]}]{found.outcome}[/]"
        table.add_row(each.request, found.at, found.known_at or "", status, who, verdict)
    console = _console()
    console.print(table)
    for each in checked:
        for difference in each.differences:
            console.print(f"{each.request} on {each.determination.at}: {escape(difference)}")


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


def _cell(cell: Cell) -> str:
    parts = [
        *(f"[red]✕ {party}[/]" for party in cell.refuse),
        *(f"[yellow]◷ {party}[/]" for party in cell.must),
        *(f"[red]?✕ {party}[/]" for party in cell.may_refuse if party not in cell.must),
        *(f"[cyan]? {party}[/]" for party in cell.may),
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
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("item", overflow="fold")
    for area in found.areas:
        table.add_column(area, overflow="fold")
    by_item: dict[str, list[str]] = {}
    for cell in found.cells:
        by_item.setdefault(cell.item, []).append(_cell(cell))
    for item, cells in by_item.items():
        table.add_row(registry.item(item).name, *cells)
    console = _console()
    console.print(table)
    console.print(", ".join(f"{area} {iso_names()[area]}" for area in found.areas), style="dim")
    console.print(
        "✓ nobody's leave   ◷ must say yes   ? may have to   ✕ refuses   ?✕ may refuse   "
        "⊘ service withdrawn"
    )
    stops = ", ".join(f"{registry.name(party)} {count}" for party, count in found.can_stop.items())
    console.print(f"Who can stop how many of {len(found.cells)}: {stops or 'nobody'}")


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


def _value(explanation: Explanation) -> str:
    if explanation.state == "value":
        return (
            str(explanation.value).lower()
            if isinstance(explanation.value, bool)
            else repr(explanation.value)
        )
    return "not known" if explanation.state == "open" else "no value"


def _grow(tree: Tree, explanation: Explanation) -> None:
    colour = {"true": "green", "false": "red"}.get(_value(explanation), "cyan")
    branch = tree.add(f"[{colour}]{escape(_value(explanation))}[/]  {escape(explanation.text)}")
    for child in explanation.children:
        if child.children or child.state != "value" or child.text != _value(child):
            _grow(branch, child)


def show_explained(rule: Rule, name: str, found: tuple[Explained, ...]) -> None:
    """Print a rule and every part of its condition with its value, right by right."""
    console = _console()
    console.print(f"\n[bold]{escape(name)}[/]: {escape(rule.because)}")
    if not found:
        console.print("Its party has no right that this rule could bear on.")
    for each in found:
        path = " → ".join(each.connection.path)
        tree = Tree(
            f"seen from the right by {each.connection.basis} over {path}", guide_style="dim"
        )
        for label, explanation in (("when", each.when), ("stated", each.stated)):
            if explanation is not None:
                _grow(tree.add(label), explanation)
        console.print(tree)


def _explanation_data(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    return {
        "text": explanation.text,
        "value": _value(explanation),
        "parts": [_explanation_data(each) for each in explanation.children],
    }


def explained_data(rule: Rule, name: str, found: tuple[Explained, ...]) -> dict[str, Any]:
    """Return an explained rule as plain data."""
    return {
        "rule": name,
        "because": rule.because,
        "rights": [
            {
                "basis": each.connection.basis,
                "path": list(each.connection.path),
                "line": each.connection.line,
                "when": _explanation_data(each.when),
                "stated": _explanation_data(each.stated),
            }
            for each in found
        ],
    }


def show_notices(scenario: Scenario, found: Mapping[str, list[Notice]]) -> None:
    """Print what the owner of each book may want to look at."""
    console = _console()
    for party, notices in found.items():
        book = scenario.books[party]
        rules = sum(len(policy.rules) for policy in book.policies.values())
        console.print(f"\n[bold]{party}[/] {len(book.policies)} policies, {rules} rules: no errors")
        for each in notices:
            console.print(f"  {escape(each.about)}: {escape(each.says)}")


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
    name = scenario.registry.name(book.book)
    table = Table(title=f"Policies of {name}, on {written(at)}", title_justify="left")
    for column in ("policy", "begins", "ends", "known since", "announced", "status"):
        table.add_column(column)
    for each in line:
        status = each.status
        if each.superseded_by:
            status = f"{status} ({each.superseded_by})"
        colour = "green" if each.status == "in force" else "dim"
        table.add_row(
            f"{each.policy.title}\n[dim]{each.policy.id}[/]",
            each.begins,
            each.ends,
            each.known,
            each.announced,
            f"[{colour}]{status}[/]",
        )
    _console().print(table)


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
