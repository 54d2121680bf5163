"""Flags: what a reader must know about how an answer was reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placet.determination.answer import Flag
from placet.determination.authority import authority_of
from placet.determination.completions import Completion, Group, differ_only_in
from placet.determination.connections import TRANSFERS, fact_of, item_of
from placet.determination.judgement import Effect, Judged, Matched, Standing
from placet.determination.mattering import Question
from placet.determination.verdict import Verdict
from placet.determination.world import Matter
from placet.policy import Outcome, Policy, Rule
from placet.registry import Activity, Grade, Presence, listed

__all__ = ["flags_of"]


def flags_of(
    matter: Matter,
    groups: Iterable[Group],
    judged: Iterable[Judged],
    most: Verdict,
    questions: Iterable[Question],
) -> tuple[Flag, ...]:
    """Return every flag, each once, in order."""
    every = list(groups)
    found = [
        *(flag for each in judged for flag in _of_judged(each, matter)),
        *(flag for group in every for flag in _of_disputes(group, matter)),
        *_of_delegations(matter, most),
        *_of_services(every, matter),
        *_not_weighed(matter),
        *_not_on_record(matter),
        *(flag for group in every if not group.exact for flag in _of_bounded(group)),
        *(
            Flag("bounded", each.key, "Too many completions to tell apart: this may matter.")
            for each in questions
            if not each.certain
        ),
    ]
    return tuple(sorted(set(found), key=lambda each: (each.flag, each.about, each.says)))


def _of_judged(judged: Judged, matter: Matter) -> Iterator[Flag]:
    yield from _of_right(judged, matter)
    for matched in judged.matched:
        yield from _of_rule(matched, matter)


def _of_right(judged: Judged, matter: Matter) -> Iterator[Flag]:
    connection = judged.connection
    about = f"{connection.party} by {connection.basis}"
    if judged.standing is Standing.POSSIBLE:
        yield Flag("possible-right", about, f"{judged.because}; it is reviewed until a finding.")
    if judged.standing is Standing.UNKNOWN:
        yield Flag("unknown-right", about, f"{judged.because}.")
    if judged.failed:
        says = f"A condition has no value ({judged.failed}); this counts as at least review."
        yield Flag("failed-condition", about, says)
    if connection.agreement:
        yield from _of_claim(connection.agreement, matter)
    for stands in connection.facts:
        fact = fact_of(matter.registry, stands)
        grade = fact.grade_known(matter.known_at)
        if grade in (Grade.REPORTED, Grade.DISPUTED):
            says = f"This right hangs on a fact that is {grade}: {stands.section}/{stands.id}."
            yield Flag("weak-fact", about, says)


def _of_claim(name: str, matter: Matter) -> Iterator[Flag]:
    """Flag an agreement that is asserted but not accepted, and what offices make of it."""
    agreement = matter.registry.record.agreements[name]
    if agreement.status == "asserted":
        yield Flag("asserted-claim", name, "The claim is asserted, and not on record as accepted.")
    for each in agreement.recognition:
        if each.stance != "accepts" and matter.presence(each) is not Presence.OUT:
            title = matter.registry.office_title(each.by)
            says = (
                f"{title} {each.stance} the claim{_reason(each.because)}. It counts until settled."
            )
            yield Flag("contested-claim", name, says)


def _reason(because: str | None) -> str:
    return f": {because}" if because else ""


def _not_on_record(matter: Matter) -> Iterator[Flag]:
    """Flag each item asked for that is not on record, by what is known, at the moment."""
    for line in matter.request.lines.values():
        item = item_of(line, matter.registry)
        if matter.presence(matter.registry.item(item)) is Presence.OUT:
            name = matter.registry.item(item).name
            yield Flag("not-on-record", item, f"{name} is not on record at this moment.")


def _of_rule(matched: Matched, matter: Matter) -> Iterator[Flag]:
    policy = matter.books[matched.book].policies.get(matched.policy)
    if policy is None or matched.effect is Effect.OVERRIDDEN:
        return
    name = f"{matched.book}/{policy.id}"
    if not policy.announced_by(matter.at):
        yield Flag("undeclared-policy", name, f"“{policy.title}” is in force but not announced.")
    if policy.grade_known(matter.known_at) is Grade.REPORTED:
        yield Flag("reported-policy", name, f"“{policy.title}” is known from reports only.")
    if matched.effect is Effect.FAILED:
        what = "rule" if matched.rule else "scope"
        says = f"The {what} could not be evaluated ({matched.note}); it counts as at least review."
        yield Flag("failed-rule", matched.name, says)
    rule = policy.rules.get(matched.rule)
    if rule is not None:
        yield from _of_scope(rule, policy, matched)


def _of_scope(rule: Rule, policy: Policy, matched: Matched) -> Iterator[Flag]:
    beyond = matched.effect is Effect.BEYOND_STATED
    clears = matched.effect is Effect.APPLIES and rule.then.outcome is Outcome.CLEAR
    if rule.unstated and (beyond or clears):
        open_ = ", ".join(rule.unstated)
        says = f"“{policy.title}” leaves open: {open_}. It is stated for `{rule.stated}` only."
        if beyond:
            says += " This request lies beyond that, and what is unstated is not granted."
        yield Flag("unstated-scope", matched.name, says)
    if rule.standing and matched.effect is Effect.APPLIES:
        says = f"Cleared in advance by a standing authorisation, “{policy.title}”."
        yield Flag("standing-authorisation", matched.name, says)


_KINDS = {
    "begun": ("uncertain-start", "It may or may not have begun: both readings are taken."),
    "over": ("uncertain-end", "It may or may not be over: both readings are taken."),
    "fact": ("disputed", "It is disputed: both readings are taken."),
    "dated": ("uncertain-date", "Its time is not known exactly: both readings are taken."),
    "drawn": ("several-lots", "The line draws on several lots: the strictest of them holds."),
}


def _of_disputes(group: Group, matter: Matter) -> Iterator[Flag]:
    """Flag each dispute that makes a difference, in some completion, to what is found."""
    for completion in group.completions:
        for key in sorted({key for answers, _ in completion.readings for key in answers}):
            if _makes_a_difference(key, completion):
                kind, _, about = key.partition(":")
                flag, says = _KINDS[kind]
                if kind == "begun":
                    flag = _why_uncertain(about, matter) or flag
                yield Flag(flag, about, says)
        if _offices_differ(completion):
            says = "The readings of what is disputed or uncertain name different offices."
            yield Flag("readings-differ", matter.request.request, says)


def _makes_a_difference(key: str, completion: Completion) -> bool:
    having = [each for each in completion.readings if key in each[0]]
    return any(
        found != other and differ_only_in(key, answers, others)
        for answers, found in having
        for others, other in having
    )


def _why_uncertain(name: str, matter: Matter) -> str:
    book, _, policy = name.partition("/")
    found: Policy = matter.books[book].policies[policy]
    return "disputed" if found.grade_known(matter.known_at) is Grade.DISPUTED else ""


def _offices_differ(completion: Completion) -> bool:
    named = {
        frozenset(
            office
            for result in reading
            if isinstance(result, Judged)
            for office in result.verdict.offices
        )
        for _, reading in completion.readings
    }
    return len(named) > 1


def _of_delegations(matter: Matter, most: Verdict) -> Iterator[Flag]:
    for authority in authority_of(matter, most.offices):
        for seen in authority.delegations:
            if not seen.counts:
                flag = "disputed-delegation" if seen.grade == Grade.DISPUTED else "no-delegation"
                to = matter.registry.office_title(seen.to)
                says = f"{authority.title} to {to}: gives no authority ({seen.because})."
                yield Flag(flag, seen.delegation, says)


def _not_weighed(matter: Matter) -> Iterator[Flag]:
    """Flag what the request states and what does not bear on its activity."""
    request = matter.request
    if request.legs and request.activity not in TRANSFERS:
        yield Flag("not-weighed", "legs", "A route gives a say over a transfer only.")
    if request.activity is not Activity.USE:
        for name in ("services", "platforms"):
            if listed(getattr(request, name)):
                yield Flag("not-weighed", name, f"The {name} named give a say over a use only.")


def _of_bounded(group: Group) -> Iterator[Flag]:
    says = "Too many completions or readings to tell apart: this is bounded, not exact."
    for part in group.parts:
        yield Flag("bounded", part.service or part.line, says)


def _of_services(groups: Iterable[Group], matter: Matter) -> Iterator[Flag]:
    for group in groups:
        for completion in group.completions:
            for _, reading in completion.readings:
                for part, result in zip(group.parts, reading, strict=True):
                    if part.service and result is True:
                        name = matter.registry.item(part.service).name
                        yield Flag("service-withdrawn", part.service, f"{name} is withdrawn.")


FLAGS = frozenset(
    {
        "asserted-claim",
        "bounded",
        "contested-claim",
        "disputed",
        "disputed-delegation",
        "failed-condition",
        "failed-rule",
        "no-delegation",
        "not-on-record",
        "not-weighed",
        "possible-right",
        "readings-differ",
        "reported-policy",
        "service-withdrawn",
        "several-lots",
        "standing-authorisation",
        "uncertain-date",
        "uncertain-end",
        "uncertain-start",
        "undeclared-policy",
        "unknown-right",
        "unstated-scope",
        "weak-fact",
    }
)
"""Every flag that an answer may carry."""
