"""Forms of acts about what is on record: delegations, keys, policies, entries, semantics.

What each may name is offered by name, as far as the person may know it; ids of records are made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from placet.determination import SEMANTICS, earlier_semantics
from placet.need_to_know.choices import Choice
from placet.policy import Policy
from placet.registry.facts import Fact
from placet.review import Context
from placet.web.acting.fields import Field
from placet.web.people import Looking
from placet.web.templatetags.placet import dated

__all__ = ["RECORDS", "among", "named_alike", "settled_by"]

By = Mapping[str, Field]


def among(field: Field, choices: Iterable[Choice], **changed: Any) -> Field:
    """Return a field that chooses among some things, those that read alike in their order."""
    ordered = tuple(sorted(choices, key=lambda each: each[::-1]))
    return replace(field, kind="choice", choices=ordered, **changed)


def settled_by(field: Field, choices: Iterable[Choice]) -> Field:
    """Return a field that chooses among some things; where there is one alone it is settled."""
    found = among(field, choices)
    if len(found.choices) != 1:
        return found
    return replace(found, kind="settled", preset=found.choices[0][0])


def named_alike(begun: str, taken: Mapping[str, object]) -> str:
    """Return an id that is not taken: a text itself, or the text with a number."""
    more = (f"{begun}-{number}" for number in range(2, len(taken) + 3))
    return begun if begun not in taken else next(each for each in more if each not in taken)


def _today(seen: Looking) -> str:
    return f"{seen.house.clock.now():%Y-%m-%d}"


def _goes_on(fact: Fact, seen: Looking) -> bool:
    return fact.until is None or fact.until.latest > seen.house.clock.now()


# --- delegations


def _delegating(by: By, context: Context, seen: Looking, _sent: QueryDict) -> Iterator[Field]:
    offices = context.registry.record.offices
    own = sorted(seen.viewer.offices)
    sisters = {
        key: each.title for key, each in offices.items() if each.party in seen.viewer.parties
    }
    yield replace(
        settled_by(by["of"], [(each, offices[each].title) for each in own]),
        title=_("For which office"),
        label=_("You hold it, and delegate for it."),
    )
    to = [(key, title) for key, title in sisters.items() if own != [key]]
    yield among(by["to"], to, title=_("Which office may act"), label=_("Another of its party."))
    yield replace(by["activities"], label=_("All of them, if none is ticked."))
    yield replace(by["from"], preset=_today(seen), label=_("Its first day."))
    yield by["until"]


def _revoking(by: By, context: Context, _seen: Looking, _sent: QueryDict) -> Iterator[Field]:
    record, titled = context.registry.record, context.registry.office_title
    held = [
        (key, f"{titled(each.of)} → {titled(each.to)}{_since(each)}")
        for key, each in record.delegations.items()
        if each.revoked is None
    ]
    yield among(by["delegation"], held, label=_("Who may act for whom, by it."))


def _since(fact: Fact) -> str:
    return _(", since %s") % dated(fact.from_.earliest) if fact.from_ is not None else ""


# --- keys


def _registering(by: By, context: Context, seen: Looking, _sent: QueryDict) -> Iterator[Field]:
    people = {each for _party, each in seen.viewer.people} | {seen.person or ""}
    known = [(each, context.people.get(each, each)) for each in people]
    says = _("Yourself; or somebody who has no key yet, by whoever records authority.")
    yield among(by["person"], known, preset=seen.person or "", title=_("Whose"), label=says)
    line = _(
        "One line, as its .pub file has it: ssh-ed25519 AAAA… A passkey of yours is put on record "
        "under Account."
    )
    yield replace(by["public"], title=_("The public key"), label=line)
    yield replace(by["from"], preset=_today(seen), label=_("The first day on which it signs."))


def _retiring(by: By, context: Context, seen: Looking, _sent: QueryDict) -> Iterator[Field]:
    record = context.registry.record
    held = [
        (key, f"{context.people.get(each.person, each.person)}: {each.kind}, {key}{_since(each)}")
        for key, each in record.keys.items()
        if _goes_on(each, seen)
    ]
    yield among(by["key"], held, label=_("Whose it is, and of which kind."))
    yield replace(by["until"], label=_("The last day on which it signs; in UTC."))


# --- policies


def _announcing(by: By, context: Context, seen: Looking, sent: QueryDict) -> Iterator[Field]:
    yield from _policy(
        by, context, seen, sent, lambda each: not each.announced_by(seen.house.clock.now())
    )
    yield replace(by["on"], preset=_today(seen), label=_("When it is announced."))


def _ending(by: By, context: Context, seen: Looking, sent: QueryDict) -> Iterator[Field]:
    yield from _policy(by, context, seen, sent, lambda each: _goes_on(each, seen))
    yield by["until"]


def _policy(
    by: By, context: Context, seen: Looking, sent: QueryDict, is_open: Callable[[Policy], bool]
) -> Iterator[Field]:
    """Yield the fields that name a policy of one of the person's own parties."""
    named = sent.get("party", "")
    parties = sorted(seen.viewer.parties & context.books.keys())
    kept = [named] if named in parties else parties
    titles = [
        (key, each.title if len(kept) == 1 else f"{each.title} ({context.registry.name(party)})")
        for party in kept
        for key, each in context.books[party].policies.items()
        if is_open(each)
    ]
    yield settled_by(by["party"], [(each, context.registry.name(each)) for each in kept])
    yield among(by["policy"], titles, label=_("By its title."))


# --- the record


def _erasing(by: By, _context: Context, _seen: Looking, sent: QueryDict) -> Iterator[Field]:
    entry = sent.get("entry", "")
    if entry.isdecimal():
        says = ((entry, _("Entry %s") % entry),)
        yield replace(by["entry"], kind="settled", choices=says, preset=entry)
    else:
        yield replace(by["entry"], label=_("Its number, as the ledger lists it."))
    yield replace(by["fields"], required=True, title=_("What is erased"), label="")
    yield by["because"]


def _reading(by: By, _context: Context, _seen: Looking, _sent: QueryDict) -> Iterator[Field]:
    versions = dict.fromkeys((SEMANTICS, *earlier_semantics()))
    label = _("By what this program judges, or earlier ones did.")
    yield settled_by(replace(by["to"], label=label), [(each, each) for each in versions])
    yield by["because"]


Fields = Callable[[By, Context, Looking, QueryDict], Iterator[Field]]

RECORDS: Mapping[str, Fields] = {
    "delegate": _delegating,
    "revoke-delegation": _revoking,
    "register-key": _registering,
    "retire-key": _retiring,
    "announce-policy": _announcing,
    "end-policy": _ending,
    "erase": _erasing,
    "change-semantics": _reading,
}
"""The fields of each act but those of every change, in a context as far as the person knows it."""
