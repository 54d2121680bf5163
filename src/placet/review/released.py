"""What of the parties' decisions is released: told to the applicant and to the other parties.

A party's word on a line is out when it is complete: every office that the party needs has
spoken, each by as many persons as it takes; a refusal or a return by one office is enough.
Released are verdict, lines, provisos, term, the reason chosen to be disclosed, and the office;
never the persons, their number, their own reasons, or the digests. The consent of a party that
has no say is one for which another party waits: that party's own business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from placet.policy import Proviso
from placet.registry import Occasion, parse_occasion
from placet.registry.facts import Moment, Once, Text, YesNo
from placet.review.case import Case, DecisionOnFile, Kept
from placet.review.commands import Verdict
from placet.review.consent import Word, answer, standing

__all__ = ["ReleasedWord", "asked_or_heard", "awaited", "given_elsewhere", "released"]


class ReleasedWord(Kept):
    """A party's word on some lines, as released. It stands: one taken back is not here.

    `conditional` says that an approval waits for something; for what, the party may say in
    `disclosed`. `at` is when the word was complete; `given` when it was given, where that was
    elsewhere, before it was recorded.
    """

    party: Text
    office: Text | None = None
    verdict: Verdict
    lines: tuple[Text, ...]
    provisos: tuple[Proviso, ...] = ()
    conditional: YesNo = False
    until: Moment | None = None
    disclosed: Text
    at: Moment
    given: Once | None = None


_SAYS = {
    Verdict.APPROVE: Word.APPROVED,
    Verdict.REFUSE: Word.REFUSED,
    Verdict.RETURN: Word.RETURNED,
}


def released(case: Case) -> tuple[ReleasedWord, ...]:
    """Return the words that are out and stand, in order of party and office."""
    found = list(_outcomes(case))
    return tuple(sorted(found, key=lambda each: (each.party, each.office or "", each.lines)))


def awaited(case: Case) -> tuple[str, ...]:
    """Return the parties whose word on some line is needed and not yet out, in order of name."""
    needs = case.determined.needs if case.determined else {}
    given = standing(case)
    return tuple(
        party
        for party, need in sorted(needs.items())
        if any(answer(case, party, line, given) is Word.PENDING for line in need.lines)
    )


def asked_or_heard(case: Case) -> frozenset[str]:
    """Return the parties of which everybody who reviews knows that they have a say.

    One that only clears, by rules that are not announced, is none of them.
    """
    return frozenset({*awaited(case), *(each.party for each in released(case))})


def _outcomes(case: Case) -> Iterator[ReleasedWord]:
    given = standing(case)
    groups: dict[tuple[str, str | None, str], list[DecisionOnFile]] = defaultdict(list)
    for each in given:
        groups[each.party, each.office, each.text].append(each)
    needs = case.determined.needs if case.determined else {}
    for group in groups.values():
        first = group[0]
        if first.party not in needs:
            continue
        lines = tuple(
            line
            for line in first.lines
            if answer(case, first.party, line, given) is _SAYS[first.verdict]
        )
        if lines and _enough(case, group):
            yield _outcome(group, lines)


def _enough(case: Case, group: Sequence[DecisionOnFile]) -> bool:
    """Say whether as many persons decided as their office takes."""
    first = group[0]
    need = case.determined.needs.get(first.party) if case.determined else None
    takes = {each.office: each.persons for each in need.by} if need else {}
    return len({each.person for each in group}) >= takes.get(first.office or "", 1)


def _outcome(group: Sequence[DecisionOnFile], lines: tuple[str, ...]) -> ReleasedWord:
    first = group[0]
    return ReleasedWord(
        party=first.party,
        office=first.office,
        verdict=first.verdict,
        lines=lines,
        provisos=first.provisos,
        conditional=bool(first.provided),
        until=first.until,
        disclosed=first.disclosed,
        at=max(each.at for each in group),
        given=given_elsewhere(first),
    )


def given_elsewhere(decision: DecisionOnFile) -> Occasion | None:
    """Return when a word was given elsewhere that was recorded at another time."""
    on = (decision.external or {}).get("given-on")
    found = parse_occasion(on) if on is not None else None
    return None if found == Occasion(decision.at) else found
