"""Policy books: one party's dated policies, the rights it claims, and what holds otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from placet.registry.facts import (
    ConditionText,
    Count,
    Fact,
    OneLine,
    Record,
    SourceId,
    Text,
    Written,
    YesNo,
    text,
)
from placet.registry.moments import Presence, Start, parse_start
from placet.registry.records import Activity, AreaId, Basis, ClassId, ItemId, OfficeId, PartyId
from placet.registry.request import PurposeOrWord, StateOrWord, TargetOrWord

__all__ = [
    "Advice",
    "Book",
    "BreakGlass",
    "Claim",
    "Outcome",
    "Policy",
    "Precondition",
    "Proviso",
    "Rule",
    "Step",
    "Then",
]


class Outcome(IntEnum):
    """The chain `clear < review < refuse` (DESIGN §2)."""

    CLEAR = 0
    REVIEW = 1
    REFUSE = 2

    @property
    def word(self) -> str:
        """The outcome as it is written."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule says: `clear`, `refuse`, `review OFFICE, OFFICE`, or `advise` and no more.

    `outcome` is None for a rule that only advises. A review that names no
    office is by the party's home office.
    """

    outcome: Outcome | None
    offices: tuple[str, ...] = ()


def _then(value: object) -> Then:
    if isinstance(value, Then):
        return value
    word, _, rest = text(value).strip().partition(" ")
    offices = tuple(part for part in re.split(r"\s+and\s+|\s*,\s*|\s+", rest.strip()) if part)
    if word == "review":
        return Then(Outcome.REVIEW, offices)
    if word in ("clear", "refuse", "advise") and not offices:
        return Then(None if word == "advise" else Outcome[word.upper()])
    raise ValueError(
        "it must be `clear`, `refuse`, `advise`, or `review` and the offices that decide"
    )


def _otherwise(value: object) -> Then:
    then = _then(value)
    if then.outcome is None:
        raise ValueError("`otherwise` clears, reviews or refuses: to advise is no answer")
    return then


ThenText = Annotated[
    Then,
    Written(_then, {"type": "string", "pattern": "^(clear|refuse|advise|review( .+)?)$"}),
]
OtherwiseText = Annotated[
    Then,
    Written(_otherwise, {"type": "string", "pattern": "^(clear|refuse|review( .+)?)$"}),
]
RuleCondition = Annotated[Text, ConditionText("rule")]


def _announced(value: object) -> Start | None:
    if value is None or value == "undeclared":
        return None
    if isinstance(value, Start):
        return value
    try:
        return parse_start(text(value))
    except ValueError as error:
        raise ValueError(
            f"'{value}' is not when the policy was announced: a day (2025-07-01), a month "
            "(2025-07), a year, an interval (2025-04-20/2025-06-20), or `undeclared`"
        ) from error


Announced = Annotated[
    Start | None,
    Written(_announced, {"type": "string", "description": "a day, a month, or `undeclared`"}),
]


class Proviso(Record):
    """A binding limit that goes with an approval, structured so that it can be checked.

    `at_most` is of each line that is approved, or with `line` of that one. Where no line is named
    the field is left out, so that what was signed and digested before there was one stays as it is.
    """

    each_use: YesNo = False
    at_most: Count | None = None
    line: Text | None = Field(default=None, exclude_if=lambda line: line is None)
    within: tuple[AreaId, ...] = ()
    outside: tuple[AreaId, ...] = ()
    not_targets: tuple[TargetOrWord, ...] = ()
    purposes: tuple[PurposeOrWord, ...] = ()
    recipients: tuple[StateOrWord, ...] = ()
    no_onward_transfer: YesNo = False
    report_within_days: Count | None = None
    text: OneLine

    @model_validator(mode="after")
    def _of_one_line(self) -> Proviso:
        plain = self.model_dump(exclude_defaults=True)
        if self.line is not None and plain.keys() != {"at_most", "line", "text"}:
            raise ValueError("a proviso with `line` says `at-most` how many of it, and no more")
        return self


class Step(Record):
    """Something that must be done on the way: consult, notify, or wait a number of days."""

    consult: Text | None = None
    notify: Text | None = None
    wait_days: Count | None = None

    @model_validator(mode="after")
    def _one(self) -> Step:
        given = [self.consult, self.notify, self.wait_days]
        if sum(each is not None for each in given) != 1:
            raise ValueError("a step is one of consult, notify and wait-days")
        return self


class Precondition(Record):
    """A condition precedent: what must come true before an approval takes effect."""

    consent_of: PartyId | None = None
    assurance_from: PartyId | None = None
    act_of: OfficeId | None = None
    event: Text | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Precondition:
        given = [self.consent_of, self.assurance_from, self.act_of, self.event]
        if sum(each is not None for each in given) != 1:
            raise ValueError(
                "a condition precedent is one of consent-of, assurance-from, act-of and event"
            )
        return self


class Advice(Record):
    """What an office is recorded to have advised; it never changes the outcome."""

    by: OfficeId
    stance: Literal["for", "against", "divided", "consider"]
    because: Text
    sources: tuple[SourceId, ...] = ()


class Rule(Record):
    """When something holds, what follows, and why.

    `stated` is the part of `when` that the record says is covered, and
    `unstated` names what the record leaves open (see ADR 0003).
    """

    id: str = Field(default="", alias="(id)")
    when: RuleCondition | None = None
    then: ThenText
    reserved: YesNo = False
    persons: Count = 1
    standing: YesNo = False
    stated: RuleCondition | None = None
    unstated: tuple[Text, ...] = ()
    overrides: tuple[Text, ...] = ()
    advice_from: tuple[OfficeId, ...] = ()
    advice: tuple[Advice, ...] = ()
    steps: tuple[Step, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    provided: tuple[Precondition, ...] = ()
    because: Text
    cite: tuple[SourceId, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Rule:
        if bool(self.unstated) != (self.stated is not None):
            raise ValueError(
                "`unstated` and `stated` go together: what is left open, and what is stated"
            )
        if self.persons < 1:
            raise ValueError("at least one person decides")
        if self.then.outcome is not Outcome.REVIEW and (self.reserved or self.persons > 1):
            raise ValueError("only a review is reserved or decided by several persons")
        if self.then.outcome is None and (self.overrides or not self.advice):
            raise ValueError("a rule that only advises carries its advice and overrides nothing")
        if any(each.line is not None for each in self.provisos):
            raise ValueError("a rule knows no line of a request: leave `line` to a decision")
        if self.standing and self.then.outcome is not Outcome.CLEAR:
            raise ValueError("a standing authorisation clears")
        return self


class Policy(Fact):
    """A dated policy: announced or undeclared, known since, superseding or amending others.

    `tests` are worked examples, each as it would stand in a request file: a request and what is
    expected of it. They are run when they are looked at (ADR 0040), change no answer, and are
    read no sooner: an example that no longer reads stops neither a policy nor a fact.
    """

    title: Text
    announced: Announced
    adopted_by: OfficeId | None = None
    supersedes: tuple[Text, ...] = ()
    amends: tuple[Text, ...] = ()
    scope: RuleCondition | None = None
    otherwise: OtherwiseText | None = None
    rules: dict[str, Rule] = {}
    tests: dict[str, dict[str, Any]] = {}

    def announced_by(self, known_at: datetime | None) -> bool:
        """Say whether the policy had been announced at a moment (None: ever)."""
        if self.announced is None:
            return False
        return known_at is None or self.announced.reached(known_at) is Presence.IN


class Claim(Fact):
    """A kind of connection over which the party claims a say, for some activities."""

    basis: tuple[Basis, ...] = Field(min_length=1)
    activities: tuple[Activity, ...] = Field(min_length=1)
    items: tuple[ItemId, ...] = ()
    classes: tuple[ClassId, ...] = ()
    when: RuleCondition | None = None


class BreakGlass(Record):
    """Leave to act before the review in an emergency: by which office, for how many hours at most.

    It opens a mandatory review afterwards (DESIGN §3, rule 10).
    """

    by: OfficeId
    hours: Count = Field(ge=1, le=72)
    because: Text


class Book(Record):
    """One party's policy book.

    `otherwise` holds where no policy in force says anything; it cannot clear
    by default. `unstated` says what the owner wants where a policy's scope is
    silent (ADR 0003). `evidence` is the least by which a decision must be
    signed; without `break_glass` there is none.
    """

    book: PartyId
    title: Text | None = None
    claims: tuple[Claim, ...] = ()
    otherwise: OtherwiseText = Then(Outcome.REVIEW)
    unstated: Literal["review", "as-written"] = "review"
    evidence: Literal["signature", "passkey"] = "signature"
    break_glass: BreakGlass | None = None
    policies: dict[str, Policy] = {}
