"""Answers on a terminal: the sentence first, then who must say yes, why, and what is open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape as without_markup
from rich.padding import Padding
from rich.table import Table
from rich.tree import Tree

from placet.cli.cleaning import clean
from placet.cli.words import SIGNS, WORDS, deciders, sentence
from placet.conditions import Explanation
from placet.determination import PartyAnswer, RightFound, RuleHeard
from placet.operations.scenarios.asking import Asked
from placet.operations.scenarios.explaining import Explained
from placet.operations.scenarios.story import Told
from placet.policy import Rule

__all__ = [
    "COLOURS",
    "escape",
    "explained_data",
    "screen",
    "show_answer",
    "show_explained",
    "show_table",
    "show_told",
]

_TELLING = frozenset(
    {"undeclared-policy", "unstated-scope", "uncertain-start", "service-withdrawn", "disputed"}
)
_ORDER = ("refuse", "review", "open", "clear")
COLOURS = {"clear": "green", "review": "yellow", "refuse": "red", "open": "cyan"}


def screen() -> Console:
    """Return the terminal to print on, or the file or pipe: there, nothing wraps.

    Whoever sets COLUMNS has said how wide it may be.
    """
    console = Console(highlight=False)
    console.soft_wrap = "COLUMNS" not in os.environ and not console.is_terminal
    return console


def show_table(table: Table) -> None:
    """Print a list: as wide as the terminal is, or, where nothing wraps, as wide as it needs."""
    console = screen()
    if console.soft_wrap:
        free = console.options.update(max_width=_WIDEST)
        console.width = max(console.width, console.measure(table, options=free).maximum)
    console.print(table)


_WIDEST = 10_000
"""Characters of a line: more than any list of ours needs."""


def escape(text: str) -> str:
    """Return the text of a file as it is printed: as it stands, and steering no terminal."""
    return without_markup(clean(text))


def _status(outcome: str) -> str:
    return f"[{COLOURS[outcome]}]{SIGNS[outcome]} {WORDS[outcome]}[/]"


def show_answer(asked: Asked) -> None:
    """Print a determination."""
    console, found = screen(), asked.determination
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
    _section(console, "Mind", (f"{each.flag}, {each.about}: {each.says}" for each in found.flags))
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
    line = f" (line {right.line})" if len(asked.request.lines) > 1 else ""
    agreement = f", by {right.agreement}" if right.agreement else ""
    weak = [f"{each.fact} is {each.grade}" for each in right.facts if each.grade != "confirmed"]
    doubt = f" [yellow]({escape('; '.join(weak))})[/]" if weak else ""
    maybe = "" if right.certain else " [cyan](perhaps)[/]"
    text = (
        f"{right.standing}, {right.basis}: {path}{through}{lot}{agreement} — {right.activity}{line}"
    )
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
    extra = f" [yellow]({escape(', '.join(marks))})[/]" if marks else ""
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
            console.print(Padding(escape(line), (0, 0, 0, 2), expand=False))


def show_told(title: str, told: Iterable[Told]) -> None:
    """Print a story: each step in a sentence, with who must say yes and why."""
    console = screen()
    console.print(f"\n[bold]{escape(title)}[/]")
    for each in told:
        found = each.asked.determination
        console.print(f"\n[bold]{found.at}[/]  [dim]{escape(each.step.says or '')}[/]")
        console.print(Padding(escape(sentence(each.asked)), (0, 0, 0, 2), expand=False))
        for answer in sorted(found.parties, key=lambda party: _ORDER.index(party.outcome)):
            name = f"{answer.name}: {answer.because}"
            console.print(
                Padding(f"{_status(answer.outcome)}  {escape(name)}", (0, 0, 0, 4), expand=False)
            )
        for flag in found.flags:
            if flag.flag in _TELLING:
                note = f"[dim]! {escape(flag.about)}: {escape(flag.says)}[/]"
                console.print(Padding(note, (0, 0, 0, 4), expand=False))
    console.print()


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
        if child.children or child.state != "value" or not _is_literal(child):
            _grow(branch, child)


def _is_literal(explanation: Explanation) -> bool:
    return explanation.text[:1] in '"-0123456789' or explanation.text in ("true", "false")


def show_explained(rule: Rule, name: str, found: tuple[Explained, ...]) -> None:
    """Print a rule and every part of its condition with its value, right by right."""
    console = screen()
    console.print(f"\n[bold]{escape(name)}[/]: {escape(rule.because)}")
    if not found:
        console.print("Its party has no right that this rule could bear on.")
    for each in found:
        path = " → ".join(each.connection.path)
        tree = Tree(
            f"seen from the right by {each.connection.basis} over {escape(path)}",
            guide_style="dim",
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
