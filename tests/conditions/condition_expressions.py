"""Hypothesis strategies: well-typed expressions of the sample language, and values for its names.

The texts are made here by hand-written grammar, not by the unparser, so that a mistake
shared by parser and unparser cannot hide.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from placet.conditions import Value

WHOLE = st.one_of(
    st.integers(-20, 20), st.sampled_from([-(2**63), 2**63 - 1, 2**62, -(2**31), 10**18])
)
WORD = st.sampled_from(["", "a", "ab", "b", "ua", "pl", "é", "\U0001f600", 'q"\\\n'])
# The library takes the very first instant for its "infinite past", so it is left out here.
INSTANT = st.datetimes(datetime(1, 1, 1, 0, 0, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
LENGTH = st.one_of(
    st.timedeltas(timedelta(days=-900), timedelta(days=900)),
    st.sampled_from([timedelta(days=106751), timedelta(days=-106751), timedelta()]),
)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "left": st.booleans(),
    "right": st.booleans(),
    "recipient": WORD,
    "purpose": WORD,
    "uses": st.lists(WORD, max_size=3).map(tuple),
    "quantity": WHOLE,
    "share": WHOLE,
    "request.at": INSTANT,
    "waited": LENGTH,
}
REQUESTS: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(VALUES)

_GETTERS = [
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
]
_PATTERNS = ["a", "^a*$", "(a|b)+", "[^a-b]", "\\\\d", "u.", "(?i)UA"]

Texts = st.SearchStrategy[str]


def quoted(word: str) -> str:
    """Write a word as a string literal."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    return '"' + "".join(escapes.get(each, each) for each in word) + '"'


def build(template: str, *parts: Texts) -> Texts:
    """Fill a template with generated parts."""
    return st.tuples(*parts).map(lambda found: template.format(*found))


def infix(signs: str, part: Texts) -> Texts:
    """Put one of some signs between two generated parts."""
    return st.tuples(part, st.sampled_from(signs.split()), part).map(
        lambda found: "({} {} {})".format(*found)
    )


def wholes(depth: int) -> Texts:
    """Generate expressions of type int."""
    leaf = st.sampled_from(["quantity", "share"]) | WHOLE.map(str)
    if depth == 0:
        return leaf
    below = wholes(depth - 1)
    return st.one_of(
        leaf,
        infix("+ - * / %", below),
        build("-({})", below),
        build("size({})", words(depth - 1)),
        build("{}.size()", lists(depth - 1)),
        st.tuples(instants(depth - 1), st.sampled_from(_GETTERS)).map(lambda f: f"{f[0]}.{f[1]}()"),
        build("({} ? {} : {})", conditions(depth - 1), below, below),
    )


def words(depth: int) -> Texts:
    """Generate expressions of type string."""
    leaf = st.sampled_from(["recipient", "purpose"]) | WORD.map(quoted)
    if depth == 0:
        return leaf
    below = words(depth - 1)
    return st.one_of(
        leaf,
        build("({} + {})", below, below),
        build("{}[{}]", lists(depth - 1), st.sampled_from(["0", "1", "quantity"])),
        build("({} ? {} : {})", conditions(depth - 1), below, below),
    )


def lists(depth: int) -> Texts:
    """Generate lists of strings."""
    written = st.lists(words(max(depth - 1, 0)), min_size=1, max_size=3)
    return st.just("uses") | written.map(lambda items: f"[{', '.join(items)}]")


def instants(depth: int) -> Texts:
    """Generate timestamps."""
    leaf = st.just("request.at") | INSTANT.map(
        lambda t: f'timestamp("{t.replace(tzinfo=None).isoformat()}Z")'
    )
    if depth == 0:
        return leaf
    below = instants(depth - 1)
    return leaf | st.tuples(below, st.sampled_from("+-"), lengths(depth - 1)).map(
        lambda found: "({} {} {})".format(*found)
    )


def lengths(depth: int) -> Texts:
    """Generate durations."""
    leaf = st.sampled_from(
        ["waited", 'duration("36h")', 'duration("-1.5s")', 'duration("2000000h")']
    )
    if depth == 0:
        return leaf
    below = lengths(depth - 1)
    return leaf | infix("+ -", below) | build("({} - {})", instants(0), instants(0))


def comparisons(depth: int) -> Texts:
    """Generate comparisons of every kind."""
    signs = "== != < <= > >="
    string = words(depth)
    return st.one_of(
        infix(signs, wholes(depth)),
        infix(signs, string),
        infix(signs, instants(depth)),
        infix(signs, lengths(depth)),
        infix("== !=", lists(depth)),
        build("({} in {})", string, lists(depth)),
        build("({} in [{}, 3, share])", wholes(depth), wholes(depth)),
        build("{}.startsWith({})", string, string),
        build("{}.endsWith({})", string, string),
        build("{}.contains({})", string, string),
        build('{}.matches("{}")', string, st.sampled_from(_PATTERNS)),
    )


def quantified(depth: int) -> Texts:
    """Generate macros over lists."""
    body = st.one_of(
        build("x == {}", words(0)),
        build("{} || x != {}", comparisons(0), words(0)),
        build("x in uses && 10 / quantity > size(x)"),
        build("uses.exists(x, x == {})", words(0)),
        build("uses.exists(y, x + y == {})", words(0)),
    )
    macro = st.sampled_from(["exists", "all", "exists_one"])
    return st.tuples(lists(depth), macro, body).map(lambda found: "{}.{}(x, {})".format(*found))


def conditions(depth: int) -> Texts:
    """Generate expressions of type bool."""
    if depth == 0:
        return st.sampled_from(["left", "right", "true", "false"])
    below = conditions(depth - 1)
    return st.one_of(
        comparisons(depth - 1),
        quantified(depth - 1),
        infix("&& ||", below),
        infix("&& ||", below),
        build("!{}", build("({})", below)),
        build("({} ? {} : {})", below, below, below),
        infix("== !=", below),
    )


EXPRESSIONS = st.one_of(
    conditions(3), conditions(2), wholes(2), words(2), lists(2), instants(2), lengths(2)
)
