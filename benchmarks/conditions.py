"""Conditions: from one request to the rules whose condition holds.

Measured: our compiled conditions, one by one. Against: the CEL library (Google's C++
implementation) evaluating the same texts, one by one, and a hundred rules to one list expression,
which is its fastest way. The workload is conjunctions of three to five comparisons with about two
matches a request; converting a request for the engine is part of the time. All three are first
seen to agree on every request measured.

Neither way yet uses an index over the rules: time grows with their number.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import cel_expr_python.cel as cel

from benchmarks.measuring import Result, rounds, rows
from placet.conditions import Condition, Language, Type, Value, Variable, compile_condition

__all__ = ["run"]

SIZES = (10, 100, 1_000)
REQUESTS = 200
BLOCK = 100
WORDS = {
    "activity": 6,
    "actor": 12,
    "recipient": 30,
    "area": 60,
    "target": 40,
    "purpose": 15,
    "item": 50,
}
MOST = 100
LANGUAGE = Language(
    (
        *(Variable(name, Type.STRING, None, name) for name in WORDS),
        Variable("quantity", Type.INT, None, "quantity"),
    ),
    (),
    {},
)
Given = Mapping[str, str | int]
Matches = Callable[[Given], list[int]]


class _Environment:
    """A request as our conditions see it."""

    def __init__(self, given: Given) -> None:
        self.read = given.__getitem__

    def call(self, function: str, arguments: tuple[Value, ...]) -> Value:
        raise NotImplementedError(function, arguments)


def run(count: int) -> Iterator[Result]:
    """Measure matching at each number of rules."""
    for size in SIZES:
        draw = random.Random(size)  # noqa: S311 - the same workload each time, no secret
        texts = [_rule(draw, size) for _ in range(size)]
        given = [_request(draw) for _ in range(REQUESTS)]
        engines = {"ours": _ours(texts), "cel": _one_by_one(texts), "cel, lists": _lists(texts)}
        matched = [[engine(each) for each in given] for engine in engines.values()]
        if any(each != matched[0] for each in matched):
            raise AssertionError("the engines disagree")
        seconds = rounds({name: _all(each, given) for name, each in engines.items()}, count)
        mean = sum(map(len, matched[0])) / REQUESTS
        remark = f"{mean:.1f} matches a request; {REQUESTS} requests a round."
        found = rows(seconds, 1e6 / REQUESTS, "ours")
        yield Result(f"Conditions, {size:,} rules", "µs a request", found, "ours", (remark,))


def _all(engine: Matches, given: Sequence[Given]) -> Callable[[], object]:
    return lambda: [engine(each) for each in given]


def _request(draw: random.Random) -> Given:
    words = {name: f"{name}-{draw.randrange(number)}" for name, number in WORDS.items()}
    return {**words, "quantity": draw.randrange(MOST)}


def _rule(draw: random.Random, size: int) -> str:
    """Draw a conjunction; the first comparison is loose enough for two matches a request."""
    names = draw.sample(sorted(WORDS), draw.randint(2, 4))
    share = min(1.0, 2.0 / size) ** (1 / len(names))
    terms = [_membership(draw, name, share) for name in names]
    return " && ".join((*terms, f"quantity >= {draw.randrange(MOST // 10)}"))


def _membership(draw: random.Random, name: str, share: float) -> str:
    kept = max(1, round(WORDS[name] * share))
    words = sorted(draw.sample(range(WORDS[name]), kept))
    if kept == 1:
        return f'{name} == "{name}-{words[0]}"'
    if kept == WORDS[name]:
        return f'{name} != ""'
    quoted = ", ".join(f'"{name}-{each}"' for each in words)
    return f"{name} in [{quoted}]"


def _ours(texts: Sequence[str]) -> Matches:
    conditions: list[Condition] = [compile_condition(text, LANGUAGE, {}) for text in texts]

    def matches(given: Given) -> list[int]:
        environment = _Environment(given)
        return [index for index, each in enumerate(conditions) if each.holds(environment)]

    return matches


def _library() -> cel.Env:
    types = dict.fromkeys(WORDS, cel.Type.STRING)
    return cel.NewEnv(variables={**types, "quantity": cel.Type.INT})


def _one_by_one(texts: Sequence[str]) -> Matches:
    library = _library()
    expressions = [library.compile(text) for text in texts]

    def matches(given: Given) -> list[int]:
        activation = library.Activation(given)
        return [
            index for index, each in enumerate(expressions) if each.eval(activation).plain_value()
        ]

    return matches


def _lists(texts: Sequence[str]) -> Matches:
    library = _library()
    blocks = [texts[start : start + BLOCK] for start in range(0, len(texts), BLOCK)]
    expressions = [library.compile(f"[{', '.join(each)}]") for each in blocks]

    def matches(given: Given) -> list[int]:
        activation = library.Activation(given)
        answers = (each.eval(activation).plain_value() for each in expressions)
        held = [value for each in answers if isinstance(each, list) for value in each]
        return [index for index, each in enumerate(held) if each]

    return matches
