"""Puts what the CEL library says into the words of this product, with advice.

The library's messages are its own and change with its version; one that is not known
here is passed on as it is, so that nothing is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches

from placet.conditions.checking import Complaint
from placet.conditions.language import Function, Language
from placet.conditions.refusals import refused_name, refused_type
from placet.conditions.tree import Operator
from placet.errors import Problem, Where

__all__ = ["did_you_mean", "problems_of"]

_TYPE_WORDS = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
}
_REFUSED_TYPES = ("double", "uint", "bytes", "map", "null")
_SIGNS = {"@in": "in", "_[_]": "[ ]", "_?_:_": "? :", "!_": "!", "-_": "-"}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_MACROS = frozenset({"exists", "all", "exists_one"})
_STANDARD = frozenset(op.value for op in Operator if op.value.isalpha()) | _MACROS

_ADVICE = {
    "=": "Write == to compare.",
    "and": "Write && for and.",
    "or": "Write || for or.",
    "not": "Write ! for not, e.g. !(x in y).",
    "is": "Write == to compare.",
    "&": "Write && for and.",
    "|": "Write || for or.",
    "\u201c": 'Write straight quotation marks: "text".',
    "\u201d": 'Write straight quotation marks: "text".',
    "\u2018": 'Write straight quotation marks: "text".',
    "\u2019": 'Write straight quotation marks: "text".',
    '"': "Close the quotation mark; write \\\\ for a backslash.",
    "'": "Close the quotation mark; write \\\\ for a backslash.",
    "<EOF>": "Complete it.",
}

_Writer = Callable[["_Text", Complaint, re.Match[str]], Problem]


def problems_of(
    complaints: Iterable[Complaint], text: str, language: Language
) -> tuple[Problem, ...]:
    """Translate all complaints about a text. Of syntax errors only the first: others follow."""
    source = _Text(text, language, tuple(complaints))
    return tuple(source.problems())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the closest known word, as a sentence, or nothing."""
    candidates = sorted(known)
    folded = {each.casefold(): each for each in reversed(candidates)}
    if word.casefold() in folded:
        return f"Did you mean {folded[word.casefold()]}?"
    close = get_close_matches(word, candidates, n=1)
    return f"Did you mean {close[0]}?" if close else ""


class _Text:
    """A text that was complained about, and what its language knows."""

    def __init__(self, text: str, language: Language, complaints: tuple[Complaint, ...]) -> None:
        self.lines = text.split("\n")
        self.complaints = complaints
        self.functions = {each.name: each for each in language.functions}
        self.names = {each.name for each in language.variables} | set(language.constants)

    def problems(self) -> Iterator[Problem]:
        syntax_seen = False
        for complaint in self.complaints:
            if complaint.message.startswith("Syntax error"):
                if syntax_seen:
                    continue
                syntax_seen = True
            if "<<nil>> parsetree" not in complaint.message and not self._repeated(complaint):
                yield self._problem(complaint)

    def _problem(self, complaint: Complaint) -> Problem:
        for pattern, write in _WRITERS.items():
            found = pattern.search(complaint.message)
            if found:
                return write(self, complaint, found)
        what = f"this is not a condition: {complaint.message}"
        return Problem(_where(complaint), what, do="See the reference page on conditions.")

    def _repeated(self, complaint: Complaint) -> bool:
        """Tell whether this is the function part of an unknown `name.function(...)`."""
        path = self._path_before(complaint)
        root = path.partition(".")[0]
        return "." in path and any(
            re.search(rf"reference to '{root}\b", each.message) and each is not complaint
            for each in self.complaints
        )

    def _path_before(self, complaint: Complaint) -> str:
        """Give the dotted name that ends where an opening bracket is complained about."""
        line, column = self._line(complaint), complaint.column - 1
        if line[column : column + 1] != "(":
            return ""
        found = re.search(r"[\w.]+$", line[:column])
        return found.group() if found else ""

    def _line(self, complaint: Complaint) -> str:
        return self.lines[complaint.line - 1] if complaint.line <= len(self.lines) else ""

    def unknown(self, complaint: Complaint, found: re.Match[str]) -> Problem:
        name = found.group(1)
        line, column = self._line(complaint), complaint.column - 1
        if line[column : column + 1] == "(" and line[:column].rstrip().endswith(name):
            return self._unknown_function(complaint, name)
        start = self._start(name, line, column)
        where = Where(line=complaint.line, column=start + 1)
        called = re.match(r"([\w.]+)\s*\(", line[start:])
        if called and "." in called.group(1):
            return self._unknown_function(Complaint(where.line, where.column, ""), called.group(1))
        return self._unknown_name(where, name)

    @staticmethod
    def _start(name: str, line: str, column: int) -> int:
        """Give where a name begins: a dotted one is complained about at its last dot."""
        root = re.escape(name.partition(".")[0])
        starts = [found.start() for found in re.finditer(rf"\b{root}\b", line[:column])]
        return starts[-1] if "." in name and starts else column

    def _unknown_name(self, where: Where, name: str) -> Problem:
        below = sorted(each for each in self.names if each.startswith(f"{name}."))
        if below:
            return Problem(where, f"{name} alone has no value", do=f"Name one of {_some(below)}.")
        do = did_you_mean(name, self.names)
        if not do and "." in name:
            prefix = name.rpartition(".")[0]
            beside = sorted(each for each in self.names if each.startswith(f"{prefix}."))
            do = f"There are {_some(beside)}." if beside else ""
        return Problem(where, f"{name} is not known here", do=do)

    def _unknown_function(self, complaint: Complaint, name: str) -> Problem:
        where = _where(complaint)
        if name in _MACROS:
            what = f"{name} does not take these arguments"
            return Problem(where, what, do=f'Write list.{name}(x, x == "...").')
        if name in self.functions:
            what = f"{name} does not take these arguments"
            return Problem(where, what, do=f"It is written {_signature(self.functions[name])}.")
        if name in self.names:
            return Problem(where, f"{name} is a variable, not a function", do="Leave ( ) out.")
        do = did_you_mean(name, {*self.functions, *_STANDARD})
        return Problem(where, f"there is no function {name}", do=do)

    def no_overload(self, complaint: Complaint, found: re.Match[str]) -> Problem:
        sign = _SIGNS.get(found.group(1), found.group(1).strip("_"))
        types = found.group(2)
        for kind in _REFUSED_TYPES:
            if re.search(rf"\b{kind}(\b|_type)", types):
                refusal = refused_type(kind)
                return Problem(_where(complaint), refusal.what, refusal.why, refusal.do)
        if sign in self.functions:
            what = f"{sign} does not take ({_types(types)})"
            do = f"It is written {_signature(self.functions[sign])}."
            return Problem(_where(complaint), what, do=do)
        if sign in _COMPARISONS:
            what = f"{sign} cannot compare {_types(types, ' with ')}"
            left, _, right = types.partition(", ")
            why = "there is no order between them" if left == right else "their types differ"
            return Problem(_where(complaint), what, why)
        return Problem(_where(complaint), f"{sign} does not take ({_types(types)})")

    def syntax(self, complaint: Complaint, found: re.Match[str]) -> Problem:
        met = found.group(1).strip()
        advice = _ADVICE.get(met) or _ADVICE.get(met[:1], "")
        if "missing" in complaint.message:
            return Problem(_where(complaint), f"{met} is missing here")
        if met == "<EOF>":
            return Problem(_where(complaint), "the condition ends too early", do=advice)
        if met[:1] in ("'", '"') and "recognition" in complaint.message:
            return Problem(_where(complaint), "this text cannot be read", do=advice)
        return Problem(_where(complaint), f"{met[:60]} is not expected here", do=advice)

    def too_deep(self, _complaint: Complaint, _found: re.Match[str]) -> Problem:
        what = "the condition is nested more than 32 levels deep"
        why = "each bracket and each term of a sum counts as a level"
        return Problem(Where(line=1, column=1), what, why, "Split it into several rules.")

    def reserved(self, complaint: Complaint, found: re.Match[str]) -> Problem:
        return Problem(_where(complaint), f"{found.group(1)} is a reserved word of CEL")

    def too_large(self, complaint: Complaint, _found: re.Match[str]) -> Problem:
        return Problem(_where(complaint), "this number is too large", "whole numbers have 64 bits")

    def no_fields(self, complaint: Complaint, found: re.Match[str]) -> Problem:
        line, column = self._line(complaint), complaint.column - 1
        root = re.search(r"\w[\w.]*$", line[:column])
        path = re.match(r"\w[\w.]*", line[root.start() :]) if root else None
        if root and path and path.group() in self.names:
            refusal = refused_name(path.group().partition(".")[0])
            return Problem(_where(complaint), refusal.what, refusal.why, refusal.do)
        if root and path and did_you_mean(path.group(), self.names):
            return self._unknown_name(Where("", complaint.line, root.start() + 1), path.group())
        what = f"a {_types(found.group(1))} has no fields"
        return Problem(_where(complaint), what, "a dotted name is one variable")

    def not_a_name(self, complaint: Complaint, found: re.Match[str]) -> Problem:
        what = f"the first argument of {found.group(1)} must be a plain name"
        do = f'Write list.{found.group(1)}(x, x == "...").'
        return Problem(_where(complaint), what, do=do)

    def no_has(self, complaint: Complaint, _found: re.Match[str]) -> Problem:
        what, why = "has() is not supported here", "a field is a value, none, or unknown"
        return Problem(_where(complaint), what, why, 'Compare with "".')


_WRITERS: Mapping[re.Pattern[str], _Writer] = {
    re.compile(r"undeclared reference to '(.*?)'"): _Text.unknown,
    re.compile(r"no matching overload for '(.*?)' applied to '\((.*)\)'"): _Text.no_overload,
    re.compile(r"Syntax error: .*?(?:input|at:|at input|missing) '(.*?)'(?= |$)"): _Text.syntax,
    re.compile(r"recursion"): _Text.too_deep,
    re.compile(r"reserved identifier: (\w+)"): _Text.reserved,
    re.compile(r"invalid (?:hex )?int literal"): _Text.too_large,
    re.compile(r"type '(.*?)' cannot be the operand of a select"): _Text.no_fields,
    re.compile(r"(\w+)\(\) variable name must be a simple identifier"): _Text.not_a_name,
    re.compile(r"has\(\) argument"): _Text.no_has,
}


def _where(complaint: Complaint) -> Where:
    return Where(line=complaint.line or 1, column=complaint.column or 1)


def _types(types: str, between: str = ", ") -> str:
    words = [_TYPE_WORDS.get(each, each) for each in types.split(", ")]
    return between.join(re.sub(r"^list\((\w+)\)$", r"list of \1s", each) for each in words)


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")


def _signature(function: Function) -> str:
    types = [parameter.type.value for parameter in function.parameters]
    if function.member:
        return f"{types[0]}.{function.name}({', '.join(types[1:])})"
    return f"{function.name}({', '.join(types)})"
