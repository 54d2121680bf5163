"""What a permit rests on, and whether it still holds (DESIGN §3, rule 8).

A ground is *withdrawn* by an act or a fact; it does not end because time goes by for those who
gave it: a decision outlives the term of whoever took it, and the term of the delegation it was
taken under. What has become doubtful no longer holds: a disputed grant is no grant, and a
disputed revocation counts (DESIGN §2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from placet.determination import Determination, Effect
from placet.errors import RequestError
from placet.policy import Book, Policy, begun, over
from placet.registry import Duty, Grade, Presence, Request
from placet.review.case import (
    NOT_KNOWN,
    Assurance,
    Case,
    DecisionOnFile,
    Fulfilment,
    Ground,
    PermitOnFile,
    PermitStage,
)
from placet.review.commands import Verdict
from placet.review.consent import ACT, ASSURANCE, Word, answer, counting, recorded
from placet.review.context import Context

__all__ = ["Footing", "ends", "failing", "failures", "falls", "holds", "live"]


def holds(ground: Ground, case: Case, context: Context, at: datetime) -> str | None:
    """Return None where a ground holds at a moment, by what a context knows; else why not."""
    return Footing(case, context, at).why_not(ground)


def failing(
    permit: PermitOnFile, case: Case, context: Context, at: datetime
) -> tuple[tuple[Ground, str], ...]:
    """Return the grounds of a permit that do not hold, each with the reason; not those spared."""
    footing = Footing(case, context, at)
    spared = {each.ground for each in permit.spared}
    return tuple(
        (ground, why)
        for ground in permit.grounds
        if ground not in spared and (why := footing.why_not(ground)) is not None
    )


def falls(permit: PermitOnFile, case: Case, context: Context, at: datetime) -> datetime | None:
    """Return from when on an issued permit no longer rests on what it rested on, by what is known.

    That is `at` where it does not now, and None where nothing on record ends it before its time.
    """
    if permit.stage is not PermitStage.ISSUED or at >= permit.terms.until:
        return None
    spared = {each.ground for each in permit.spared}
    grounds = [each for each in permit.grounds if each not in spared]
    known = [ends(grounds, case, context, at, permit.terms.until)]
    known += [max(at, each.at) for each in permit.falling if each.at < permit.terms.until]
    return min((each for each in known if each is not None), default=None)


def ends(
    grounds: Collection[Ground], case: Case, context: Context, at: datetime, until: datetime
) -> datetime | None:
    """Return from when on some grounds do not all hold, by what is known; None if not `until` then.

    A condition that reads the time itself is asked at the dates on record alone.
    """
    found = failures(grounds, Footing(case, context, at), until)
    return next((moment for moment, _, _ in found), None)


def failures(
    grounds: Collection[Ground], footing: Footing, until: datetime
) -> Iterator[tuple[datetime, Ground, str]]:
    """Yield when grounds do not hold, and why: now, and on each date on record before `until`.

    They come in order of time. A ground is asked again only on dates that could end it.
    """
    case, at = footing.case, footing.at
    consents = {each.until for each in case.decisions if each.until is not None}
    delegated = any(each.delegation for each in case.decisions)
    dated = [each for each in grounds if delegated or each.kind not in _DATELESS]
    dates = footing.context.precedents.seasons.between(at, until) if dated else ()
    for moment in sorted({at, *dates, *(each for each in consents if at < each < until)}):
        there = footing.on(moment)
        for ground in grounds if moment == at or moment in consents else dated:
            if (why := there.why_not(ground)) is not None:
                yield moment, ground, why


_DATELESS = frozenset({"clear", "decision", "external-consent", "condition", "break-glass"})
"""The kinds of grounds that no date of the registry or the books ends."""


def live(permit: PermitOnFile, at: datetime) -> bool:
    """Say whether a permit is one that can still be suspended: not ended by an act or by time."""
    return permit.stage in (PermitStage.ISSUED, PermitStage.SUSPENDED) and at < permit.terms.until


@dataclass(frozen=True, eq=False)
class Footing:
    """A case, what a context knows, and a moment: by these a ground holds or does not."""

    case: Case
    context: Context
    at: datetime
    _same: Footing | None = None

    def on(self, at: datetime) -> Footing:
        """Return the same at another moment; the request is read once for all of them."""
        return Footing(self.case, self.context, at, self._same or self)

    def why_not(self, ground: Ground) -> str | None:
        """Return why a ground does not hold; None where it does.

        A ground of a kind that is not known does not hold.
        """
        match ground.kind:
            case "clear":
                return None
            case "decision" | "external-consent":
                return self._decided(ground)
            case "standing-authorisation":
                return self._authorised(ground)
            case "service":
                return self._served(ground)
            case "delegation":
                return self._delegated(ground.about, ground.at or self.at)
            case "condition":
                return self._conditioned(ground)
            case "break-glass":
                return self._broken(ground)
        return f"a ground of the kind {ground.kind} is not known"

    def _decided(self, ground: Ground) -> str | None:
        """Hold the approval that the permit was issued on; another text is another approval."""
        given = self._approvals(ground)
        standing = [each for each in given if self._counts(each)]
        if not standing:
            withdrawn = any(self._taken_back(each) for each in given)
            if withdrawn:
                return f"{ground.party} withdrew its consent"
            return f"the consent of {ground.party} does not count any more"
        if any(self._takes_back(each, standing) for each in self.case.decisions):
            return f"{ground.party} has refused since"
        reasons = [self._spoilt(each) for each in standing]
        sound = zip(standing, reasons, strict=True)
        persons = {each.person for each, why in sound if why is None}
        if len(persons) >= min(self._persons(ground), len({each.person for each in given})):
            return None
        few = f"of those who consented for {ground.party}, too few still do"
        return next(filter(None, reasons), few)

    def _approvals(self, ground: Ground) -> list[DecisionOnFile]:
        external = ground.kind == "external-consent"
        approvals = [
            each
            for each in self.case.decisions
            if each.party == ground.party
            and each.verdict is Verdict.APPROVE
            and (each.external is not None) is external
            and (external or ground.by in (None, each.office))
        ]
        texts = {each.text for each in approvals if ground.at in (None, each.at)}
        return [each for each in approvals if each.text in texts]

    def _persons(self, ground: Ground) -> int:
        """Return how many persons must give an approval: of a foreign one, one attests.

        Where a rule asks for more since than gave it, it has withdrawn nothing: those suffice.
        """
        needs = self.case.determined.needs if self.case.determined else {}
        reviewers = needs[ground.party].by if ground.party in needs else ()
        asked = (each.persons for each in reviewers if each.office == ground.by)
        return max(asked, default=1) if ground.kind == "decision" else 1

    def _counts(self, decision: DecisionOnFile) -> bool:
        """Say whether a decision counted: it was not taken back, and its round not over."""
        rounds = [each.at for each in self.case.moves if each.kind == "reconsider"]
        over = any(each <= self.at for each in rounds[decision.round - 1 :])
        return not over and not self._taken_back(decision)

    def _taken_back(self, given: DecisionOnFile | Assurance | Fulfilment) -> bool:
        return given.withdrawn_at is not None and given.withdrawn_at <= self.at

    def _conditioned(self, ground: Ground) -> str | None:
        """Hold what was recorded at issue as true or as done: that record, or the like since."""
        kept = recorded(self.case, ground.party, ground.about)
        since = [each for each in kept if ground.at is None or each.at >= ground.at]
        if any(not self._taken_back(each) for each in since):
            return None
        given = ground.about.startswith((ACT, ASSURANCE))
        what = f"the {ground.about}" if given else f"the record of {ground.about}"
        return f"{what}, for which {ground.party} had asked, was taken back"

    def _takes_back(self, decision: DecisionOnFile, standing: list[DecisionOnFile]) -> bool:
        return (
            decision.verdict is Verdict.REFUSE
            and decision.at <= self.at
            and self._counts(decision)
            and any(
                decision.party == each.party
                and decision.at > each.at
                and not set(decision.lines).isdisjoint(each.lines)
                for each in standing
            )
        )

    def _spoilt(self, decision: DecisionOnFile) -> str | None:
        """Return why a decision that was not taken back no longer carries a permit."""
        if decision.until is not None and self.at >= decision.until:
            return f"the consent of {decision.party} was given until {decision.until:%Y-%m-%d}"
        if decision.delegation is None:
            return None
        return self._delegated(decision.delegation, decision.at)

    def unfounded(self, decision: DecisionOnFile) -> str | None:
        """Return why a decision was not taken by somebody with authority, as a permit asks for.

        Once that is issued it outlives their term. Who took that of another party is not known to
        everybody: then its word is taken.
        """
        office, person, then = decision.office, decision.person, decision.at
        if person == NOT_KNOWN:
            return None
        if decision.external is not None:
            liaison = self.context.has_duty(person, Duty.LIAISON, then)
            return None if liaison else "they were no liaison official"
        if decision.delegation is not None:
            if why := self._delegated(decision.delegation, then):
                return why
            office = self.context.registry.record.delegations[decision.delegation].to
        held = {each.office for each in self.context.offices_of(person, then)}
        return None if office in held else f"they did not hold {office} then"

    def _delegated(self, name: str, since: datetime) -> str | None:
        """Hold a delegation under which something was done at `since`; its term may be over."""
        delegation = self.context.registry.record.delegations.get(name)
        if delegation is None:
            return f"the delegation {name} is no longer on record"
        standing = delegation.standing(since, None)
        if standing.presence is not Presence.IN:
            return f"the delegation {name} is {standing.why}"
        if standing.grade is not Grade.CONFIRMED:
            return f"the delegation {name} is {standing.grade} only"
        revoked = delegation.revoked
        if revoked is not None and revoked.on.reached(self.at) is not Presence.OUT:
            return f"the delegation {name} has been revoked, or may have been"
        return None

    def _authorised(self, ground: Ground) -> str | None:
        book = self.context.books.get(ground.party)
        found = None if book is None else _rule_of(book, ground.about)
        if book is None or found is None:
            return f"there is no standing authorisation {ground.about} any more"
        if self.determination is None:
            return f"{ground.about}: the request names what is no longer on record"
        policy, rule = found
        why = _out_of_force(book, policy, rule, self.at)
        if why is None:
            why = self._uncleared(f"{book.book}/{policy.id}/{rule}", ground.party)
        return None if why is None else f"the standing authorisation {ground.about}: {why}"

    def _uncleared(self, name: str, party: str) -> str | None:
        """Return why a rule in force does not clear the request: it is determined anew.

        Of a party that has no say any more nothing is asked. Where a rule may apply, and may not,
        it clears only if the party's answer is to clear all the same.
        """
        if (presumed := self.context.presumed(self.at)) is not None:
            return None if presumed else _UNCLEARED
        answer = self.determination.party(party) if self.determination is not None else None
        if answer is None:
            return None
        heard = [each for each in answer.rules if each.rule == name]
        if any(each.effect == Effect.OVERRIDDEN for each in heard):
            return f"another rule of {party} overrides it"
        clear = answer.outcome == "clear"
        if any(each.effect == Effect.APPLIES and (each.certain or clear) for each in heard):
            return None
        return _UNCLEARED

    def _served(self, ground: Ground) -> str | None:
        """Hold a service: an availability may depend on the request, so it is determined anew."""
        if self.determination is None:
            return f"{ground.about}: the request names what is no longer on record"
        withdrawn = (each for each in self.determination.why_not if each.kind == "withdrawn")
        presumed = self.context.presumed(self.at)
        if presumed is None:
            presumed = all(each.about != ground.about for each in withdrawn)
        return None if presumed else f"the service {ground.about} is withdrawn"

    def _broken(self, ground: Ground) -> str | None:
        book = self.context.books.get(ground.party)
        if book is None or book.break_glass is None:
            return f"the book of {ground.party} no longer lets anybody break the glass"
        if ground.by is not None and book.break_glass.by != ground.by:
            return f"the book of {ground.party} no longer lets {ground.by} break the glass"
        if self._has_answered_no(ground):
            return f"{ground.party} has refused since, or returned the request"
        return None

    def _has_answered_no(self, ground: Ground) -> bool:
        """Say whether the review that a broken glass stood in for has come out against it."""
        given = [each for each in counting(self.case, self.at) if each.at <= self.at]
        first = [each for each in given if ground.at is not None and each.at < ground.at]

        def said_no(line: str, decisions: list[DecisionOnFile]) -> bool:
            return answer(self.case, ground.party, line, decisions) in (Word.REFUSED, Word.RETURNED)

        lines = sorted(self.case.request["lines"])
        return any(said_no(each, given) and not said_no(each, first) for each in lines)

    @cached_property
    def determination(self) -> Determination | None:
        """What the rules say of requests like the case's; None where it can no longer be read."""
        return self.context.alike(self.request, self.at) if self.request is not None else None

    @cached_property
    def request(self) -> Request | None:
        """The case's request; None where what it names is no longer on record."""
        if self._same is not None:
            return self._same.request
        try:
            return self.context.request(self.case.request)
        except RequestError:
            return None


_UNCLEARED = "it does not clear this request any more"


def _rule_of(book: Book, name: str) -> tuple[Policy, str] | None:
    """Return the standing rule that a ground names as `book:policy/rule`."""
    for policy in book.policies.values():
        for key, rule in policy.rules.items():
            if rule.standing and name == f"{book.book}:{policy.id}/{key}":
                return policy, key
    return None


def _out_of_force(book: Book, policy: Policy, rule: str, at: datetime) -> str | None:
    """Return why a rule of a policy is not certainly in force at a moment; None where it is.

    In doubt it is not: a policy that may have begun may have superseded it.
    """
    if begun(policy, at, None) is not Presence.IN:
        return "whether its policy has begun is not certain"
    if over(policy, at) is not Presence.OUT:
        return "its policy has ended, or may have"
    others = [each for _, each in sorted(book.policies.items())]
    may = [each for each in others if begun(each, at, None) is not Presence.OUT]
    gone = {
        name for each in others if begun(each, at, None) is Presence.IN for name in each.supersedes
    }
    for each in may:
        if policy.id in each.supersedes:
            return f"the policy {each.id} supersedes its own"
        active = each.id not in gone and over(each, at) is not Presence.IN
        if active and policy.id in each.amends and rule in each.rules:
            return f"the policy {each.id} amends it"
    return None
