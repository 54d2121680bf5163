"""The answer in a sentence, and the words and signs of a status."""

from __future__ import annotations

from placet.determination import Determination, PartyAnswer
from placet.operations.scenarios.asking import Asked
from placet.registry import NONE, UNKNOWN, Request, iso_names

__all__ = ["SIGNS", "WORDS", "called", "deciders", "request_line", "sentence"]

SIGNS = {"clear": "✓", "review": "◷", "refuse": "✕", "open": "?"}
WORDS = {
    "clear": "clear",
    "review": "must say yes",
    "refuse": "refuses",
    "open": "depends on open questions",
}


def request_line(asked: Asked) -> str:
    """Say what is asked, in a line: `use of 4 ATACMS by Ukraine in Kurskaya oblast'`."""
    request, registry = asked.request, asked.scenario.registry
    things = []
    for line, answer in zip(request.lines.values(), asked.determination.lines, strict=True):
        count = f"{line.quantity}\u00d7 " if isinstance(line.quantity, int) else ""
        things.append(f"{count}{registry.item(answer.item).name}")
    text = f"{request.activity} of {', '.join(things)} by {called(registry.name(request.actor))}"
    if request.recipient not in (None, NONE, UNKNOWN):
        text += f" to {called(registry.name(str(request.recipient)))}"
    return text + _area(request)


def _area(request: Request) -> str:
    if request.area in (None, NONE, UNKNOWN):
        return ""
    area = str(request.area)
    return f" in {iso_names().get(area, area)} ({area})"


def deciders(answer: PartyAnswer, asked: Asked) -> str:
    """Name who decides for a party: its offices, or its competent authority."""
    title = asked.scenario.registry.office_title
    if answer.party == UNKNOWN:
        return "whoever the record does not show"
    if not answer.by:
        return f"the competent authority of {called(answer.name)}"
    names = [title(office) for office in answer.by]
    alone = " alone" if answer.reserved and len(names) == 1 else ""
    return f"{answer.name} ({' and '.join(names)}{alone})"


def called(name: str) -> str:
    """Return a party's name as it stands in a sentence: with its article, where it has one."""
    plural = name.startswith(("United ", "Netherlands", "Philippines", "Czech Republic"))
    return f"the {name}" if plural else name


def sentence(asked: Asked) -> str:
    """Give the answer in a sentence that a minister understands."""
    found = asked.determination
    start = f"On {found.at}, {request_line(asked)}"
    return f"{start} {_verdict(found, asked)}{_blocked(found)}"


def _verdict(found: Determination, asked: Asked) -> str:
    """Say who refuses, who must say yes, and whom open questions may add."""
    bounds = {each.party: (each.at_least.outcome, each.at_most.outcome) for each in found.parties}

    def named(*wanted: tuple[str, str]) -> list[str]:
        chosen = (each for each in found.parties if bounds[each.party] in wanted)
        return [called(deciders(each, asked)) for each in chosen]

    refusing = [called(each.name) for each in found.parties if each.outcome == "refuse"]
    if refusing:
        return f"is refused by the rules of {_and(refusing)}."
    must = named(("review", "review"), ("review", "refuse"))
    may = named(("clear", "review"), ("clear", "refuse"))
    may_refuse = [called(each.name) for each in found.parties if bounds[each.party][1] == "refuse"]
    parts = []
    if must:
        parts.append(f"needs the yes of {_and(must)}")
    elif may and found.at_least == "review":
        parts.append(f"needs the yes of at least one of {_and(may)}")
        may = []
    if may:
        parts.append(f"may need {'that' if must else 'the yes'} of {_and(may)}")
    if may_refuse:
        parts.append(f"may be refused by the rules of {_and(may_refuse)}")
    if not parts:
        return "needs nobody's further leave."
    open_ = "; open questions decide" if found.open_questions else ""
    return f"{', and '.join(parts)}{open_}."


def _blocked(found: Determination) -> str:
    withdrawn = [each.says for each in found.why_not if each.kind == "withdrawn"]
    return f" It cannot proceed now: {' '.join(withdrawn)}" if withdrawn else ""


def _and(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
