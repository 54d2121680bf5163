"""Check a scenario: load it, judge every request at every date expected of it, compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from placet.determination import Determination, Matter, PartyAnswer, determine
from placet.determination.flags import FLAGS
from placet.errors import InputError, Problem, RequestError, Where
from placet.operations.scenarios.scenario import Filed, Scenario, load_filed
from placet.registry import Basis, Document, Record
from placet.registry.facts import Moment, Text, YesNo
from placet.registry.loading import typed
from placet.registry.names import nearest
from placet.registry.reading import Located, Path_

__all__ = [
    "Checked",
    "Expectation",
    "PartyExpected",
    "check_scenario",
    "compared",
    "expectations",
]

Word = Literal["clear", "review", "refuse", "open"]
WhyNot = Literal["refused", "withdrawn", "condition precedent", "open question"]

_WORDS: tuple[str, ...] = get_args(Word)


class PartyExpected(Record):
    """What is expected of one party. Lists name at least what must be there."""

    outcome: Word
    basis: tuple[Basis, ...] = ()
    not_basis: tuple[Basis, ...] = ()
    by: tuple[Text, ...] | None = None
    reserved: YesNo | None = None
    via: tuple[Text, ...] = ()
    rules: tuple[Text, ...] = ()
    waits_for: tuple[Text, ...] | None = None
    because: Text | None = None


class Bounds(Record):
    """An outcome expected as an interval."""

    at_least: Word
    at_most: Word

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, data: Any) -> Any:
        """Accept `outcome: review` for the interval from review to review."""
        if not isinstance(data, str):
            return data
        if data not in _WORDS:
            expected = f"{', '.join(map(repr, _WORDS[:-1]))} or {_WORDS[-1]!r}"
            raise PydanticCustomError("literal_error", "none of {expected}", {"expected": expected})
        return {"at-least": data, "at-most": data}


class Expectation(Record):
    """What is expected of a request at a moment, in words a lawyer can read.

    `parties` names every party that has a say and no other, unless `others`
    is `any`. The other lists name at least what must be there; `ask` is exact.
    """

    at: Moment
    known_at: Moment | None = None
    announced_only: YesNo = False
    outcome: Bounds
    proceed: YesNo | None = None
    parties: dict[str, PartyExpected] = {}
    others: Literal["any", "none"] = "none"
    lines: dict[str, Word] = {}
    flags: tuple[Text, ...] = ()
    not_flags: tuple[Text, ...] = ()
    provisos: tuple[Text, ...] = ()
    steps: tuple[Text, ...] = ()
    provided: tuple[Text, ...] = ()
    advice: tuple[Text, ...] = ()
    set_aside: tuple[Text, ...] | None = None
    ask: tuple[Text, ...] | None = None
    why_not: tuple[WhyNot, ...] = ()
    note: Text | None = None


@dataclass(frozen=True)
class Checked:
    """One expectation and what differs from it; nothing differs when it is met."""

    request: str
    expectation: Expectation
    determination: Determination
    differences: tuple[str, ...]


def expectations(filed: Filed) -> tuple[Expectation, ...]:
    """Read what a request file expects.

    Raises:
        RequestError: with every problem found.
    """
    written = filed.document.plain.get("expect", [])
    if not isinstance(written, list):
        where = filed.document.where(("expect",))
        raise RequestError([Problem(where, "`expect` is a list of what is expected at a date")])
    problems: list[Problem] = []
    found: list[Expectation] = []
    for index, each in enumerate(written):
        place = partial(_place, filed.document, index)
        read = typed(Expectation, each, place, problems)
        if read is not None:
            found.append(read)
            problems.extend(_unknown(read, filed.request.lines, place))
    if problems:
        raise RequestError(problems)
    return tuple(found)


def _unknown(expected: Expectation, lines: Iterable[str], where: Located) -> Iterator[Problem]:
    """Yield each flag and line that no answer could have: it would never be missed, or always."""
    for field, names in (("flags", expected.flags), ("not-flags", expected.not_flags)):
        for index, name in enumerate(names):
            if name not in FLAGS:
                yield Problem(
                    where((field, index)), f"{name} is not a flag", do=nearest(name, FLAGS)
                )
    for name in expected.lines:
        if name not in lines:
            what = f"{name} is not a line of the request"
            yield Problem(where(("lines", name)), what, do=nearest(name, lines))


def _place(document: Document, index: int, path: Path_) -> Where:
    return document.where(("expect", index, *path))


def check_scenario(scenario: Scenario) -> tuple[Checked, ...]:
    """Judge every request of a scenario as expected.

    Raises:
        RequestError: with every problem of every request file.
    """
    problems: list[Problem] = []
    loaded: list[tuple[Filed, tuple[Expectation, ...]]] = []
    for path in scenario.request_files():
        try:
            filed = load_filed(path, scenario.registry)
            loaded.append((filed, expectations(filed)))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise RequestError(problems)
    return tuple(
        compared(_matter(scenario, filed, expectation), expectation)
        for filed, expected in loaded
        for expectation in expected
    )


def _matter(scenario: Scenario, filed: Filed, expected: Expectation) -> Matter:
    return scenario.matter(
        filed.request, expected.at, expected.known_at, announced_only=expected.announced_only
    )


def compared(matter: Matter, expected: Expectation) -> Checked:
    """Judge a matter, and compare what comes out with what was expected of it."""
    found = determine(matter)
    differences = tuple(_differences(expected, found))
    return Checked(matter.request.request, expected, found, differences)


def _differences(expected: Expectation, found: Determination) -> Iterator[str]:
    yield from _outcome(expected, found)
    if expected.proceed is not None and expected.proceed != found.proceed:
        yield f"proceed is {_yes(found.proceed)}, not {_yes(expected.proceed)}"
    for party, wanted in expected.parties.items():
        answer = found.party(party)
        if answer is None:
            yield f"{party} has no say"
        else:
            yield from (f"{party}: {each}" for each in _party(wanted, answer))
    if expected.parties and expected.others == "none":
        for answer in found.parties:
            if answer.party not in expected.parties:
                yield f"{answer.party} has a say too"
    for line, word in expected.lines.items():
        got = next((each.outcome for each in found.lines if each.line == line), "no such line")
        if got != word:
            yield f"line {line} is {got}, not {word}"
    yield from _lists(expected, found)


def _outcome(expected: Expectation, found: Determination) -> Iterator[str]:
    bounds = expected.outcome
    if bounds.at_least == bounds.at_most == "open":
        if found.outcome != "open":
            yield f"the outcome is {found.outcome}, not open"
    elif (bounds.at_least, bounds.at_most) != (found.at_least, found.at_most):
        wanted = _span(bounds.at_least, bounds.at_most)
        yield f"the outcome is {_span(found.at_least, found.at_most)}, not {wanted}"


def _lists(expected: Expectation, found: Determination) -> Iterator[str]:
    flags = {each.flag for each in found.flags}
    yield from _missing("flag", expected.flags, flags)
    yield from (f"there is a flag {each}" for each in expected.not_flags if each in flags)
    yield from _missing("proviso", expected.provisos, [each["text"] for each in found.provisos])
    yield from _missing("step", expected.steps, _told(found.steps))
    yield from _missing("condition precedent", expected.provided, _told(found.provided))
    yield from _missing(
        "advice", expected.advice, [f"{each.by} {each.stance}" for each in found.advice]
    )
    yield from _missing("why-not", expected.why_not, [each.kind for each in found.why_not])
    if expected.set_aside is not None:
        yield from _exact(
            "set aside", expected.set_aside, [each.finding for each in found.set_aside]
        )
    if expected.ask is not None:
        yield from _exact("asked", expected.ask, [each.key for each in found.open_questions])


def _party(wanted: PartyExpected, found: PartyAnswer) -> Iterator[str]:
    if wanted.outcome != found.outcome:
        yield f"the outcome is {found.outcome}, not {wanted.outcome}"
    if wanted.by is not None:
        yield from _exact("by", wanted.by, found.by)
    if wanted.reserved is not None and wanted.reserved != found.reserved:
        yield f"reserved is {_yes(found.reserved)}"
    if wanted.waits_for is not None:
        yield from _exact("waits for", wanted.waits_for, found.waits_for)
    bases = {each.basis for each in found.rights}
    yield from _missing("basis", wanted.basis, bases)
    yield from (f"it has a right by {each}" for each in wanted.not_basis if each in bases)
    yield from _missing(
        "path via", wanted.via, {item for each in found.rights for item in each.path}
    )
    applied = {each.rule for each in found.rules if each.effect not in ("overridden", "advises")}
    yield from _missing("rule", wanted.rules, applied)
    if wanted.because is not None and wanted.because not in found.because:
        yield f"because '{found.because}'"


def _told(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what steps and conditions precedent say, each as `consult Congress`."""
    return [f"{key} {value}" for each in records for key, value in each.items() if key != "text"]


def _missing(what: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    have = set(found)
    yield from (f"no {what} {each}" for each in wanted if each not in have)


def _exact(what: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    if set(wanted) != set(found):
        names, expected = _listed(found), _listed(wanted)
        yield f"{what} is {names}, not {expected}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names))) or "nothing"


def _span(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
