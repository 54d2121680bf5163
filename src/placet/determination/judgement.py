"""The judgement of one right in one world: plain, two-valued, and with its reasons.

Rules, in order:
1. A connection whose guards do not all hold is absent and requires nothing.
2. A finding of no right sets the connection aside.
3. A right of an unknown party is reviewed by the actor's home authority.
4. The actor's own party without a book: its own filing is its yes.
5. A connection that an agreement grants, a claim covers or a finding confirms
   is a right; any other is a possible right, which is reviewed, whatever
   else the party's rules add.
6. The party's book speaks: every policy in force whose scope covers the
   right, every rule that matches and is not overridden, all joined. What no
   policy speaks of is under the book's `otherwise`.
7. A rule that cannot be evaluated counts as at least review, and is named;
   so does a scope, a claim, and a condition that a connection hangs on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from graphlib import TopologicalSorter
from operator import or_

from placet.conditions import EvaluationFailure
from placet.determination.connections import Connection
from placet.determination.verdict import BOTTOM, Quorum, Verdict
from placet.determination.world import Sight, World
from placet.policy import (
    Book,
    Outcome,
    Policy,
    Rule,
    Then,
    in_force,
    rules_in_force,
)
from placet.registry import UNKNOWN, Finding

__all__ = [
    "Effect",
    "Judged",
    "Matched",
    "Standing",
    "fallback",
    "home_review",
    "judge",
    "requires",
    "review",
]


class Standing(StrEnum):
    """What a connection amounts to."""

    RIGHT = "right"
    POSSIBLE = "possible right"
    UNKNOWN = "right of unknown"
    OWN = "own party"
    SET_ASIDE = "set aside"


class Effect(StrEnum):
    """What a rule did."""

    APPLIES = "applies"
    OVERRIDDEN = "overridden"
    FAILED = "failed"
    ADVISES = "advises"
    OTHERWISE = "otherwise"
    BEYOND_STATED = "beyond what is stated"


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that bears on a right: which (`book/policy/rule`), to what effect, requiring what."""

    book: str
    policy: str
    rule: str
    effect: Effect
    verdict: Verdict = BOTTOM
    note: str = ""

    @property
    def name(self) -> str:
        """The full name of the rule, or of what holds otherwise."""
        return "/".join(part for part in (self.book, self.policy, self.rule) if part)


@dataclass(frozen=True, slots=True)
class Judged:
    """A connection as judged in one world."""

    connection: Connection
    standing: Standing
    verdict: Verdict
    because: str
    matched: tuple[Matched, ...] = ()
    finding: str = ""
    failed: str = ""


def judge(connection: Connection, world: World) -> Judged | None:
    """Judge a connection in a world; None where it is absent. Raises Open for a choice not made."""
    try:
        if not world.present(connection):
            return None
    except EvaluationFailure as failure:
        found = _judge_present(connection, world)
        if found.standing in (Standing.SET_ASIDE, Standing.UNKNOWN):
            return found
        stricter = found.verdict | review(Then(Outcome.REVIEW), connection.party, world)
        return replace(found, verdict=stricter, failed=failure.reason)
    return _judge_present(connection, world)


def _judge_present(connection: Connection, world: World) -> Judged:
    finding = _finding(connection, world)
    if finding is not None and finding.finding == "no-right":
        return Judged(connection, Standing.SET_ASIDE, BOTTOM, finding.because, finding=finding.id)
    if connection.party == UNKNOWN:
        because = "the record does not show whose say this is"
        return Judged(connection, Standing.UNKNOWN, home_review(world), because)
    book = world.matter.books.get(connection.party)
    if book is None:
        return _without_book(connection, world)
    claimed, failed = _claimed(connection, book, world)
    is_right = _granted(connection) or finding is not None or claimed
    own = connection.party == world.matter.request.actor
    matched = tuple(_speak(connection, book, world))
    verdict = reduce(or_, (each.verdict for each in matched), BOTTOM)
    if is_right or own:
        standing = Standing.RIGHT if is_right else Standing.OWN
        return Judged(connection, standing, verdict, _because(matched, book), matched)
    because = "no agreement grants this and the party's book does not claim it"
    stricter = verdict | fallback(book, connection.party, world)
    return Judged(connection, Standing.POSSIBLE, stricter, because, matched, failed=failed)


def _because(matched: tuple[Matched, ...], book: Book) -> str:
    decisive = [each for each in matched if each.verdict.outcome or each.effect is Effect.APPLIES]
    strictest = max(decisive, key=lambda each: each.verdict.outcome, default=None)
    if strictest is not None and strictest.effect is Effect.FAILED and not strictest.rule:
        return "whether a policy covers this cannot be evaluated"
    if strictest is None or not strictest.rule:
        return "nothing in the book speaks of this; what holds otherwise applies"
    return book.policies[strictest.policy].rules[strictest.rule].because


def _without_book(connection: Connection, world: World) -> Judged:
    request = world.matter.request
    if connection.party == request.actor == request.applicant:
        because = "own party: its filing is its yes"
        return Judged(connection, Standing.OWN, BOTTOM, because)
    standing = Standing.RIGHT if _granted(connection) else Standing.POSSIBLE
    if connection.party == request.actor:
        standing = Standing.OWN
    verdict = review(Then(Outcome.REVIEW), connection.party, world)
    return Judged(connection, standing, verdict, "no book on file")


def home(party: str, world: World) -> str:
    """Return who decides for a party where nothing else is said: its home office, or itself."""
    known = world.matter.registry.record.parties.get(party)
    return (known.home if known else None) or party


def home_review(world: World) -> Verdict:
    """Return a review by the home authority of the actor: what holds when no right is found."""
    return review(Then(Outcome.REVIEW), world.matter.request.actor, world)


def review(then: Then, party: str, world: World, quorum: Quorum | None = None) -> Verdict:
    """Return what a `then` requires of a party; a review without offices is by its home office."""
    if then.outcome is not Outcome.REVIEW:
        return Verdict(Outcome.CLEAR if then.outcome is None else then.outcome)
    offices = then.offices or (home(party, world),)
    return Verdict(Outcome.REVIEW, dict.fromkeys(offices, quorum or Quorum()))


def _granted(connection: Connection) -> bool:
    return bool(connection.agreement)


def _claimed(connection: Connection, book: Book, world: World) -> tuple[bool, str]:
    """Say whether the book claims this kind of connection, or why a claim has no value.

    A claim without a value claims nothing: what is not claimed is reviewed.
    """
    registry = world.matter.registry
    failed = ""
    for index, claim in enumerate(book.claims):
        if connection.basis not in claim.basis or connection.activity not in claim.activities:
            continue
        in_class = any(registry.in_class(connection.item, each) for each in claim.classes)
        if (claim.items or claim.classes) and connection.item not in claim.items and not in_class:
            continue
        if not world.stands(claim, f"claims/{book.book}/{index}"):
            continue
        held = True if claim.when is None else _holds(claim.when, connection, world)
        if held is True:
            return True, ""
        if isinstance(held, EvaluationFailure):
            failed = held.reason
    return False, failed


def _finding(connection: Connection, world: World) -> Finding | None:
    """Return the finding on a connection. Of two that disagree, the one that finds a right."""
    standing = [
        finding
        for key, finding in sorted(world.matter.registry.record.findings.items())
        if _speaks_of(finding, connection) and world.stands(finding, f"findings/{key}")
    ]
    rights = (each for each in standing if each.finding == "right")
    return next(rights, standing[0] if standing else None)


def _speaks_of(finding: Finding, connection: Connection) -> bool:
    """Say whether a finding is about a connection. That the actor itself acts is in no doubt."""
    tie = finding.connection
    return (
        tie.party == connection.party
        and bool(connection.guards)
        and (not tie.basis or connection.basis in tie.basis)
        and (not tie.items or connection.item in tie.items)
        and (not tie.lots or connection.lot in tie.lots)
        and (not tie.activities or connection.activity in tie.activities)
        and not connection.agreement
    )


def _holds(text: str, connection: Connection, world: World) -> bool | EvaluationFailure:
    condition = world.matter.registry.condition(text, "rule")
    try:
        return condition.holds(Sight(world, world.line(connection.line), connection))
    except EvaluationFailure as failure:
        return failure


def _speak(connection: Connection, book: Book, world: World) -> Iterator[Matched]:
    """Yield everything that a book says of a right: its rules, then what holds otherwise."""
    policies = in_force(
        book,
        lambda policy: world.begun(book.book, policy),
        lambda policy: world.over(book.book, policy),
    )
    scopes = {
        each.id: True if each.scope is None else _holds(each.scope, connection, world)
        for each in policies
    }
    covering = tuple(each for each in policies if scopes[each.id] is True)
    heard = _stratified(list(_rules(connection, book, covering, world)), book)
    yield from heard
    spoken = {each.policy for each in heard if each.effect is not Effect.ADVISES}
    for policy in covering:
        if policy.otherwise and policy.id not in spoken:
            verdict = review(policy.otherwise, connection.party, world)
            yield Matched(book.book, policy.id, "", Effect.OTHERWISE, verdict)
            spoken.add(policy.id)
    if not spoken:
        verdict = review(book.otherwise, connection.party, world)
        yield Matched(book.book, "", "", Effect.OTHERWISE, verdict)
    for policy in policies:
        scope = scopes[policy.id]
        if isinstance(scope, EvaluationFailure):
            yield from _in_doubt(policy, connection, book, world, scope.reason)


def _in_doubt(
    policy: Policy, connection: Connection, book: Book, world: World, reason: str
) -> Iterator[Matched]:
    """Yield what a policy adds whose scope has no value: at least review, and what it may say."""
    verdict = fallback(book, connection.party, world)
    if policy.otherwise:
        verdict |= review(policy.otherwise, connection.party, world)
    yield Matched(book.book, policy.id, "", Effect.FAILED, verdict, reason)
    for each in _rules(connection, book, (policy,), world):
        if each.effect is Effect.ADVISES:
            yield each
        else:
            stricter = each.verdict | verdict
            yield replace(each, effect=Effect.FAILED, verdict=stricter, note=reason)


def _rules(
    connection: Connection, book: Book, policies: tuple[Policy, ...], world: World
) -> Iterator[Matched]:
    """Yield each rule of policies in force that matches, or that cannot be evaluated."""
    for policy, rule in rules_in_force(policies):
        held = True if rule.when is None else _holds(rule.when, connection, world)
        if held is True:
            yield _effect(rule, policy, connection, book, world)
        elif held is not False:
            yield _failed(rule, policy, connection, book, world, held.reason)


def _effect(
    rule: Rule, policy: Policy, connection: Connection, book: Book, world: World
) -> Matched:
    name = (book.book, policy.id, rule.id)
    if rule.then.outcome is None:
        return Matched(*name, Effect.ADVISES)
    verdict = requires(rule, connection.party, world)
    within = True if rule.stated is None else _holds(rule.stated, connection, world)
    if within is True:
        return Matched(*name, Effect.APPLIES, verdict)
    if isinstance(within, EvaluationFailure):
        return _failed(rule, policy, connection, book, world, within.reason)
    note = f"the record leaves open: {', '.join(rule.unstated)}"
    if book.unstated == "as-written":
        return Matched(*name, Effect.APPLIES, verdict, note)
    stricter = verdict
    if verdict.outcome is Outcome.CLEAR:
        stricter = verdict | fallback(book, connection.party, world)
    return Matched(*name, Effect.BEYOND_STATED, stricter, note)


def fallback(book: Book, party: str, world: World) -> Verdict:
    """Return a review under the book's own `otherwise`, or by the home office if that clears."""
    then = book.otherwise if book.otherwise.outcome else Then(Outcome.REVIEW)
    return review(then, party, world)


def _failed(
    rule: Rule, policy: Policy, connection: Connection, book: Book, world: World, reason: str
) -> Matched:
    verdict = requires(rule, connection.party, world) | fallback(book, connection.party, world)
    return Matched(book.book, policy.id, rule.id, Effect.FAILED, verdict, reason)


def requires(rule: Rule, party: str, world: World) -> Verdict:
    """Return what a rule requires of a party where it applies, provisos and steps included."""
    quorum = Quorum(rule.persons, rule.reserved)
    return review(rule.then, party, world, quorum) | Verdict(
        provisos=frozenset(rule.provisos),
        steps=frozenset(rule.steps),
        provided=frozenset(rule.provided),
    )


def _stratified(heard: list[Matched], book: Book) -> list[Matched]:
    """Apply overrides from the top: a rule that is itself overridden overrides nothing.

    Only a rule that applies within its stated scope overrides; one that
    failed does not. Overrides are acyclic (checked when the book is loaded).
    """
    by_name = {f"{each.policy}/{each.rule}": each for each in heard}
    overriders: dict[str, list[str]] = {}
    for name, each in by_name.items():
        if each.effect is Effect.APPLIES:
            for below in _rule(book, each).overrides:
                overriders.setdefault(below, []).append(name)
    overridden: dict[str, bool] = {}
    for name in TopologicalSorter(overriders).static_order():
        overridden[name] = any(not overridden[above] for above in overriders.get(name, ()))
    return [
        Matched(
            each.book, each.policy, each.rule, Effect.OVERRIDDEN, BOTTOM, _above(name, overriders)
        )
        if overridden.get(name)
        else each
        for name, each in by_name.items()
    ]


def _above(name: str, overriders: dict[str, list[str]]) -> str:
    return f"overridden by {', '.join(sorted(overriders[name]))}"


def _rule(book: Book, matched: Matched) -> Rule:
    return book.policies[matched.policy].rules[matched.rule]
