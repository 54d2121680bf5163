"""The tests of a policy: worked examples that stand in its text, run as they are looked at.

Each is a request with what is expected of it, as in a request file. It is judged as any request
is, by what whoever looks may know, and compared word for word as a scenario is. It changes
nothing, and no policy waits for it: whoever adopts one whose tests fail is told so first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from placet.determination import Matter
from placet.errors import InputError
from placet.need_to_know import change_for
from placet.need_to_know.knowing import judging_of
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.on_record.books import known_policy, known_to
from placet.operations.scenarios.check import Checked, Expectation, compared, expectations
from placet.operations.scenarios.scenario import Filed
from placet.policy import Book
from placet.registry import Document, Registry, load_request, written
from placet.review import Command
from placet.review.commands import AdoptPolicy

__all__ = [
    "Said",
    "Tested",
    "all_tests",
    "before_adopting",
    "in_words",
    "policy_tests",
    "run_tests",
]


_EXPECTS_NOTHING = "it expects nothing: add `expect`, as in a request file"


@dataclass(frozen=True)
class Said:
    """What a rule of the policy says of an example, to what effect, and why."""

    rule: str
    effect: str
    then: str
    because: str


@dataclass(frozen=True)
class Tested:
    """A worked example of a policy as it came out on a day that it expects something of.

    `differs` says what is otherwise than expected, or why it could not be run: then there is
    neither a day nor an `outcome`. What passes differs in nothing.
    """

    test: str
    title: str
    passes: bool
    at: datetime | None = None
    outcome: str = ""
    says: tuple[Said, ...] = ()
    differs: tuple[str, ...] = ()


def policy_tests(house: House, who: SignedIn, party: str, policy: str) -> tuple[Tested, ...]:
    """Return how the tests of a policy come out; none to whom they are not known.

    Raises:
        UnknownError: there is no such policy, or it may not be known: it reads the same.
    """
    _, found = known_policy(known_to(house, who), party, policy)
    if not found.tests:
        return ()
    judging = judging_of(house.reading.context(), viewer_of(house, who), house.clock.now())
    return tuple(run_tests(judging.context.registry, judging.context.books, party, policy))


def before_adopting(house: House, who: SignedIn, command: Command) -> tuple[Tested, ...]:
    """Return how the tests of a policy would come out if it was adopted now.

    Any other act has none.

    Raises:
        ReviewError: it could not be adopted.
        ScenarioError: the context would not hold together; with every problem.
    """
    if not isinstance(command, AdoptPolicy) or "tests" not in command.text:
        return ()
    at = house.clock.now()
    _, after = change_for(house.reading.context(), command, who.person, at, {}, who.office)
    known = judging_of(after, viewer_of(house, who), at).context
    return tuple(run_tests(known.registry, known.books, command.party, command.policy))


def run_tests(
    registry: Registry, books: Mapping[str, Book], party: str, policy: str
) -> Iterator[Tested]:
    """Run the tests of a policy that stands in a book, on each day that they name."""
    for test, plain in books[party].policies[policy].tests.items():
        title = str(plain.get("title") or test)
        try:
            filed, expected = _read(test, plain, registry)
        except InputError as error:
            differs = tuple(_problems(error))
            yield Tested(test, title, passes=False, differs=differs)
            continue
        if not expected:
            yield Tested(test, title, passes=False, differs=(_EXPECTS_NOTHING,))
        for each in expected:
            checked = compared(_matter(registry, books, filed, each), each)
            yield _tested(test, title, each, checked, f"{party}/{policy}/")


def all_tests(registry: Registry, books: Mapping[str, Book]) -> Mapping[str, tuple[Tested, ...]]:
    """Return how the tests of every policy that has some come out, by `PARTY/POLICY`."""
    return {
        f"{party}/{key}": tuple(run_tests(registry, books, party, key))
        for party, book in books.items()
        for key, policy in book.policies.items()
        if policy.tests
    }


def in_words(failed: Tested) -> str:
    """Say of a test that fails what is otherwise than expected."""
    day = f", on {written(failed.at)}" if failed.at else ""
    return f"The test {failed.test}{day}, does not come out: {'; '.join(failed.differs)}."


def _read(
    test: str, plain: Mapping[str, Any], registry: Registry
) -> tuple[Filed, tuple[Expectation, ...]]:
    """Read an example as a request file is read; it is called by its id.

    Raises:
        InputError: with every problem found.
    """
    document = Document(f"tests.{test}", {**plain, "request": test}, {})
    filed = Filed(load_request(document, registry), document)
    return filed, expectations(filed)


def _problems(error: InputError) -> Iterator[str]:
    for each in error.problems:
        where = f"{each.where.field}: " if each.where.field else ""
        yield f"{where}{each.what}{f', {each.why}' if each.why else ''}"


def _matter(
    registry: Registry, books: Mapping[str, Book], filed: Filed, expected: Expectation
) -> Matter:
    request, at, known_at = filed.request, expected.at, expected.known_at
    return Matter(registry, books, request, at, known_at, expected.announced_only)


def _tested(test: str, title: str, each: Expectation, checked: Checked, prefix: str) -> Tested:
    found = checked.determination
    says = (
        Said(rule.rule.removeprefix(prefix), rule.effect, rule.then, rule.because)
        for party in found.parties
        for rule in party.rules
        if rule.rule.startswith(prefix)
    )
    return Tested(
        test,
        title,
        passes=not checked.differences,
        at=each.at,
        outcome=found.outcome,
        says=tuple(dict.fromkeys(says)),
        differs=checked.differences,
    )
