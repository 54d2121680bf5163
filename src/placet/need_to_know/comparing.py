"""In what two determinations of one request differ, in words for whoever may know both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placet.determination import Determination, PartyAnswer
from placet.need_to_know.telling import listing
from placet.registry import Registry
from placet.review.summary import decider

__all__ = ["compared"]

_WORDS = {
    "clear": "no yes is needed",
    "review": "a yes is needed",
    "refuse": "the rules refuse it",
    "open": "open questions decide",
}
_SILENT = ("overridden", "advises")


def compared(before: Determination, after: Determination, registry: Registry) -> tuple[str, ...]:
    """Return each difference as a sentence; none where the answer is the same.

    Args:
        before: what was determined, as the reader may know it.
        after: what is determined at the other moment, as the reader may know it.
        registry: gives the names.
    """
    if before.substance == after.substance:
        return ()
    found = [*_overall(before, after)]
    parties = {each.party for each in (*before.parties, *after.parties)}
    for party in sorted(parties):
        found += _of_party(before.party(party), after.party(party), registry)
    return tuple(found) or ("The same is required; the facts behind it, or their grades, differ.",)


def _overall(before: Determination, after: Determination) -> Iterator[str]:
    if before.outcome != after.outcome:
        yield f"On the whole: {_WORDS[after.outcome]}; before, {_WORDS[before.outcome]}."
    yield from _sets(
        "Stands in the way",
        (each.says for each in before.why_not),
        (each.says for each in after.why_not),
    )
    yield from _sets(
        "Open",
        (each.asks for each in before.open_questions),
        (each.asks for each in after.open_questions),
    )


def _of_party(
    before: PartyAnswer | None, after: PartyAnswer | None, registry: Registry
) -> Iterator[str]:
    if before is None or after is None:
        known = before or after
        if known is not None:
            has = "has no say any more" if after is None else f"has a say: {_WORDS[known.outcome]}"
            yield f"{known.name} {has}."
        return
    name = after.name
    if before.outcome != after.outcome:
        yield f"{name}: {_WORDS[after.outcome]}; before, {_WORDS[before.outcome]}."
    one, other = (_deciding(each, registry) for each in (before, after))
    if one != other and other:
        verb = "decides" if len(after.at_most.by) == 1 else "decide"
        yield f"{name}: {other} {verb}; before, {one or 'nobody'}."
    yield from _sets(f"{name}, rule", _rules(before), _rules(after))
    yield from _sets(f"{name}, proviso", _provisos(before), _provisos(after))


def _deciding(answer: PartyAnswer, registry: Registry) -> str:
    """Name the offices that must say yes, at the strictest reading."""
    return listing(
        decider(registry.office_title(each.office), each.persons, each.reserved)
        for each in answer.at_most.by
    )


def _rules(answer: PartyAnswer) -> Iterator[str]:
    for each in answer.rules:
        if each.effect not in _SILENT:
            yield f"{each.title or each.rule}: {each.because}" if each.because else each.rule


def _provisos(answer: PartyAnswer) -> Iterator[str]:
    return (str(each.get("text", "")) for each in answer.at_most.provisos)


def _sets(what: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    """Yield what is new, and what is gone."""
    one, other = ({each: None for each in every if each} for every in (before, after))
    yield from (f"{what}, new: {each.rstrip('.')}." for each in other if each not in one)
    yield from (f"{what}, gone: {each.rstrip('.')}." for each in one if each not in other)
