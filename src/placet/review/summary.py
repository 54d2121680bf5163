"""What the review goes by: the essentials of a determination, and what tells two of them apart.

The strictest reading is taken everywhere. A party clears only by a standing authorisation, which
somebody adopted by a signed act, or where it is itself the applicant that acts and its rules
leave it free: then its filing is its yes. A rule that merely says `clear` is nobody's signature;
such a party is asked, through its home office (DESIGN §3, rule 1).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from placet.determination import Determination, LineAnswer, PartyAnswer, RuleHeard, Stage
from placet.policy import Precondition, Proviso
from placet.registry import Registry, Request
from placet.review.case import Determined, PartyNeed, Reviewer
from placet.review.context import Context

__all__ = ["differences", "summary"]

_CLEAR, _REVIEW, _REFUSE, _OPEN = "clear", "review", "refuse", "open"


def summary(
    determination: Determination, request: Request, context: Context, at: datetime
) -> Determined:
    """Return what of a determination, made in a context at a moment, the review goes by."""
    route = {each.party: each for each in determination.route}
    return Determined(
        digest=determination.digest,
        substance=determination.digest_apart_from(_APART),
        at=at,
        context_version=context.version,
        outcome=determination.at_most,
        needs={
            each.party: _Need(each, route.get(each.party), determination.lines, request, context)()
            for each in determination.parties
        },
        outstanding=tuple(each.says for each in determination.why_not if each.kind == "withdrawn"),
        open_questions=tuple(each.asks for each in determination.open_questions),
    )


_APART = frozenset({"at", "known_at", "context", "authority"})
"""What is no part of what is asked and why: the moment, and persons.

Who may act for an office is settled for each decision, when it is taken and again at issue.
"""


class _Need:
    """Takes what one party's rules ask out of a determination."""

    def __init__(
        self,
        answer: PartyAnswer,
        stage: Stage | None,
        lines: tuple[LineAnswer, ...],
        request: Request,
        context: Context,
    ) -> None:
        self.answer, self.stage, self.lines = answer, stage, lines
        self.request, self.registry = request, context.registry

    def __call__(self) -> PartyNeed:
        answer, most = self.answer, self.answer.at_most
        outcome = most.outcome
        if outcome == _CLEAR and not self.cleared:
            outcome = _REVIEW
        return PartyNeed(
            party=answer.party,
            outcome=outcome,
            by=self.by(outcome),
            standing=tuple(sorted(_named(answer.party, each) for each in self.standing)),
            rules=tuple(sorted({each.rule for each in answer.rules if each.effect != _OVERRIDDEN})),
            rights=tuple(dict.fromkeys(_rights(answer))),
            services=self.services,
            advice_from=self.stage.advice_from if self.stage else (),
            provisos=tuple(Proviso.model_validate(dict(each)) for each in most.provisos),
            steps=tuple(dict(each) for each in most.steps),
            provided=tuple(Precondition.model_validate(dict(each)) for each in most.provided),
            lines=dict(self.outcomes(outcome)),
        )

    @property
    def standing(self) -> tuple[RuleHeard, ...]:
        return tuple(
            each for each in self.answer.rules if each.standing and each.effect == _APPLIES
        )

    @property
    def cleared(self) -> bool:
        """Whether the party's clear needs nobody's decision."""
        if self.answer.party == self.request.actor == self.request.applicant:
            return True
        speaking = [each for each in self.answer.rules if each.effect in (_APPLIES, _OTHERWISE)]
        clearing = [each for each in speaking if each.then == _CLEAR]
        return bool(self.standing) and all(each.standing for each in clearing)

    def by(self, outcome: str) -> tuple[Reviewer, ...]:
        found = tuple(
            Reviewer(office=each.office, persons=each.persons, reserved=each.reserved)
            for each in self.answer.at_most.by
        )
        if found or outcome == _CLEAR:
            return found
        return (
            Reviewer(office=_home(self.answer.party, self.registry), persons=1, reserved=False),
        )

    @property
    def services(self) -> tuple[str, ...]:
        """The services that the party's rights reach the request through."""
        on_path = {item for each in self.answer.rights for item in each.path}
        return tuple(sorted(on_path & self.registry.services))

    def outcomes(self, outcome: str) -> Iterator[tuple[str, str]]:
        for line in self.lines:
            found = line.parties.get(self.answer.party)
            if found == _OPEN:
                found = self.answer.at_most.outcome
            if found == _CLEAR and outcome == _REVIEW and not self.cleared:
                found = _REVIEW
            if found is not None:
                yield line.line, found


_APPLIES, _OTHERWISE, _OVERRIDDEN = "applies", "otherwise", "overridden"


def _home(party: str, registry: Registry) -> str:
    known = registry.record.parties.get(party)
    return (known.home if known else None) or party


def _named(party: str, heard: RuleHeard) -> str:
    """Return a rule's name as a permit's ground gives it: `book:policy/rule`."""
    return f"{party}:{heard.rule.removeprefix(f'{party}/')}"


def _rights(answer: PartyAnswer) -> Iterator[str]:
    for each in answer.rights:
        path = " → ".join((each.lot or each.path[0], *each.path[1:]))
        yield f"{each.line}: {each.activity} of {path}, by {each.basis} ({each.standing})"


def differences(before: Determined, now: Determined, own: Container[str]) -> tuple[str, ...]:
    """Say in words in what two determinations differ; nothing where their substance is the same.

    `own` are the parties whose rules the reader may know. Where nothing of theirs differs one
    sentence says so: in what it differs elsewhere is not told, nor which party it is.
    """
    if before.substance == now.substance:
        return ()
    found = [
        *(
            f"{each} has a say now and had none."
            for each in sorted(now.needs.keys() - before.needs.keys())
            if each in own
        ),
        *(
            f"{each} had a say and has none now."
            for each in sorted(before.needs.keys() - now.needs.keys())
            if each in own
        ),
        *(
            said
            for party in sorted(before.needs.keys() & now.needs.keys())
            if party in own
            for said in _of_party(before.needs[party], now.needs[party])
        ),
    ]
    return tuple(found) or (_ELSEWHERE,)


_ELSEWHERE = (
    "Your own rules ask the same; what others ask, or what the answer rests on, has changed."
)


_ASKED: Mapping[str, str] = {
    "outcome": "what the rules say",
    "by": "who decides",
    "standing": "the standing authorisations",
    "rules": "the rules that bear on it",
    "rights": "the rights",
    "services": "the services relied on",
    "advice_from": "who advises",
    "provisos": "the provisos",
    "steps": "the steps",
    "provided": "the conditions precedent",
    "lines": "the outcome by line",
}


def _of_party(before: PartyNeed, now: PartyNeed) -> Iterator[str]:
    for name, words in _ASKED.items():
        yield from _changed(f"{now.party}: {words}", _said(before, name), _said(now, name))


def _said(need: PartyNeed, name: str) -> object:
    return need.plain().get(name.replace("_", "-"), ())


def _changed(what: str, before: object, now: object) -> Iterator[str]:
    """Say what of a list is new and what is gone, and from what to what anything else changed."""
    if before == now:
        return
    if not isinstance(before, list | tuple) or not isinstance(now, list | tuple):
        yield f"{what} changed from {_words(before)} to {_words(now)}."
        return
    new = [each for each in now if each not in before]
    gone = [each for each in before if each not in now]
    if new:
        yield f"{what}, new: {_words(new)}."
    if gone:
        yield f"{what}, gone: {_words(gone)}."
    if not new and not gone:
        yield f"{what} stand in another order."


def decider(office: str, persons: int, reserved: bool) -> str:
    """Say of an office that decides by how many persons, and whether nobody else may for it."""
    by = f" by {persons} persons" if persons > 1 else ""
    return f"{office}{by}{' (reserved to the office itself)' if reserved else ''}"


def _words(value: object) -> str:
    if isinstance(value, Mapping) and "office" in value:
        return decider(value["office"], value.get("persons", 1), value.get("reserved", False))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(each)}" for key, each in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return "; ".join(map(_words, value)) or "nothing"
    return str(value)
