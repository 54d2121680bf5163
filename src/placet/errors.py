"""Every error Placet raises on purpose, as one tree, split by who must act.

    PlacetError
    ├── InputError         the author of a file must act; carries every problem at once
    │   ├── ConditionError     a condition is not in the supported language
    │   ├── ScenarioError      a registry, a book or a vocabulary does not hold together
    │   └── RequestError       a request cannot be read, or names what the registry does not know
    ├── DocumentError      whoever attaches it must act: a document that is not taken
    ├── QuestionError      the person asking must act: an unknown name in a question or an option
    ├── OutputError        the person running the command must act: a file cannot be written
    └── InstallationError  whoever keeps Placet running must act: disk, database, keys

An error of ours says what is wrong, where, why, and what to do next. Anything
else that escapes is a defect in Placet, never the user's fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ConditionError",
    "DocumentError",
    "InputError",
    "InstallationError",
    "OutputError",
    "PlacetError",
    "Problem",
    "QuestionError",
    "RequestError",
    "ScenarioError",
    "Where",
]


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in the input: file, line and column (both from 1), and the field's dotted path."""

    file: str = ""
    line: int = 0
    column: int = 0
    field: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}" if place else f"{self.line}:{self.column}"
        return f"{place} ({self.field})" if self.field and place else place or self.field


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with an input: where, what, why, and what to do about it."""

    where: Where
    what: str
    why: str = ""
    do: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if str(self.where) else self.what
        if self.why:
            text += f"; {self.why}"
        return f"{text}. {self.do}" if self.do else text


class PlacetError(Exception):
    """The root of every error that Placet raises on purpose."""


class InputError(PlacetError):
    """Input that cannot be accepted. `problems` holds all that was found, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConditionError(InputError):
    """A condition that is not in the supported language; lines and columns count from its start."""


class ScenarioError(InputError):
    """A scenario folder whose registry, books or vocabularies cannot be accepted."""


class RequestError(InputError):
    """A request that cannot be read, or that names what its registry does not know."""


class DocumentError(PlacetError):
    """A document that cannot be filed: too large, of another kind than is taken, misnamed."""


class QuestionError(PlacetError):
    """A question that names something unknown, or an option that cannot be understood."""


class OutputError(PlacetError):
    """A result that could not be written where it was asked for."""


class InstallationError(PlacetError):
    """What Placet runs on fails, and not what was asked of it.

    The text is for whoever keeps it running: it may name files, and what a database says. `told` is
    for those who asked from elsewhere; `recorded`, that what they did is on record all the same.
    """

    recorded = False
    told = (
        "Placet cannot do this at present. Whoever keeps it running finds the reason in its log. "
        "Look whether what you did is on record before you do it again."
    )
