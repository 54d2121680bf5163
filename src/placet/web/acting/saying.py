"""What is about to be signed, in a sentence: it stands above the exact text that is signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from placet.need_to_know.telling import called
from placet.operations.seeing.permit_words import words_of
from placet.permit.wording import up_to
from placet.registry import Registry, last_day
from placet.review import Command
from placet.review.commands import (
    AdoptPolicy,
    Amend,
    AnnouncePolicy,
    Appoint,
    BreakGlass,
    Decide,
    Delegate,
    Dismiss,
    DismissAppeal,
    EndPolicy,
    Erase,
    Fulfil,
    Issue,
    Lift,
    RecordConsent,
    RecordFact,
    RegisterKey,
    RetireKey,
    Retract,
    ReviewAfter,
    ReviseBook,
    Revoke,
    RevokeDelegation,
    Verdict,
    WithdrawConsent,
)
from placet.review.context import Context
from placet.web.acting.facts import KINDS
from placet.web.pages.case_words import spoken

__all__ = ["sentence"]


def sentence(command: Command, request: Mapping[str, Any], asks: str, context: Context) -> str:
    """Say what a person is about to sign, with what others are told by it.

    Args:
        command: the act.
        request: what is asked on its case; empty where it is on none.
        asks: the same in a line, as `Use of 2 ATACMS by Ukraine`.
        context: what parties, offices and policies are called.
    """
    registry = context.registry
    what = _("the %s") % f"{asks[:1].lower()}{asks[1:]}" if asks else _("what is asked")
    match command:
        case Decide() | RecordConsent() | WithdrawConsent() | DismissAppeal():
            return _told(command, request, what, registry)
        case Issue(until=until):
            end = f", {up_to(until, words_of(registry))}" if until else ""
            return _("You issue the permit for %s.") % f"{what}{end}"
        case Amend(permit=permit) | Revoke(permit=permit) | Lift(permit=permit):
            return str(_OF_PERMIT[command.kind]) % permit
        case AdoptPolicy() | AnnouncePolicy() | EndPolicy():
            return _of_policy(command, context)
        case Appoint() | Dismiss() | RegisterKey() | RetireKey():
            return _of_person(command, context)
        case Delegate() | RevokeDelegation():
            return _of_delegation(command, registry)
        case BreakGlass() | ReviewAfter():
            return _in_emergency(command, what, registry)
        case Fulfil(need=need) | Retract(need=need):
            return str(_OF_NEED[command.kind]) % need
        case RecordFact() | ReviseBook() | Erase():
            return _on_record(command, registry)
    return _("You sign this act: %s.") % spoken(command.kind)


def _told(
    command: Decide | RecordConsent | WithdrawConsent | DismissAppeal,
    request: Mapping[str, Any],
    what: str,
    registry: Registry,
) -> str:
    applicant = str(request.get("applicant") or "")
    named = {
        "party": _party(command.party or "", registry),
        "what": what,
        "other": _party(applicant, registry) if applicant else _("the applicant"),
        "told": command.disclosed,
    }
    if isinstance(command, WithdrawConsent):
        return str(_TAKEN_BACK) % named
    if isinstance(command, DismissAppeal):
        return str(_DISMISSED if command.party else _DISMISSED_BY_DESK) % named
    says = _DECIDED if isinstance(command, Decide) else _RECORDED
    return str(says[command.verdict]) % {**named, "limits": _limited(command, registry)}


def _limited(command: Decide | RecordConsent, registry: Registry) -> str:
    """Say of an approval which lines it is of, how many limits it has, and its end."""
    lines = _("of %s alone") % ", ".join(map(spoken, command.lines)) if command.lines else ""
    number = len(command.provisos)
    limits = ngettext("with %d limit", "with %d limits", number) % number if number else ""
    end = up_to(command.until, words_of(registry)) if command.until else ""
    return "".join(f", {each}" for each in (lines, limits, end) if each)


def _of_policy(command: AdoptPolicy | AnnouncePolicy | EndPolicy, context: Context) -> str:
    book = context.books.get(command.party)
    held = book.policies.get(command.policy) if book is not None else None
    title = held.title if held is not None else command.policy
    if isinstance(command, AdoptPolicy):
        title = str(command.text.get("title") or command.policy)
        undeclared = command.text.get("announced", "undeclared") == "undeclared"
        says = _ADOPTED[undeclared]
    else:
        says = _ANNOUNCED if isinstance(command, AnnouncePolicy) else _ENDED
    when = command.on if isinstance(command, AnnouncePolicy) else None
    end = command.until if isinstance(command, EndPolicy) else None
    return str(says) % {
        "party": _party(command.party, context.registry),
        "policy": title,
        "when": _at(when, context.registry) if when else "",
        "end": up_to(end, words_of(context.registry)) if end else "",
    }


def _party(party: str, registry: Registry) -> str:
    return called(registry.name(party))


def _of_person(command: Appoint | Dismiss | RegisterKey | RetireKey, context: Context) -> str:
    registry, record = context.registry, context.registry.record
    if isinstance(command, Appoint):
        named = {
            "name": command.name,
            "office": registry.office_title(command.office),
            "span": _span(command.from_, command.until, registry),
        }
        return str(_ACTS_IN if command.acting else _HOLDS) % named
    if isinstance(command, RegisterKey):
        name = context.people.get(command.person, command.person)
        named = {"name": name, "from": _at(command.from_, registry)}
        return _("You put on record a key by which %(name)s signs, from %(from)s.") % named
    end = up_to(command.until, words_of(registry))
    if isinstance(command, RetireKey):
        known = record.keys.get(command.key)
        person = known.person if known is not None else command.key
        name = context.people.get(person, person)
        return _("You have %(name)s sign by a key no longer: it signs %(end)s.") % {
            "name": name,
            "end": end,
        }
    held = record.officials.get(command.official)
    if held is None:
        return _("You end the time of %s in an office.") % command.official
    named = {"name": held.name, "office": registry.office_title(held.office), "end": end}
    return _("You end the time of %(name)s as %(office)s: they hold it %(end)s.") % named


def _of_delegation(command: Delegate | RevokeDelegation, registry: Registry) -> str:
    if isinstance(command, Delegate):
        says = _DELEGATED if command.activities else _DELEGATED_ALL
        return str(says) % {
            "of": registry.office_title(command.of),
            "to": registry.office_title(command.to),
            "activities": ", ".join(map(spoken, command.activities)),
            "span": _span(command.from_, command.until, registry),
        }
    known = registry.record.delegations.get(command.delegation)
    if known is None:
        return _("You end the delegation %s.") % command.delegation
    named = {"of": registry.office_title(known.of), "to": registry.office_title(known.to)}
    return _("You end the delegation by which %(to)s may act for %(of)s.") % named


def _in_emergency(command: BreakGlass | ReviewAfter, what: str, registry: Registry) -> str:
    if isinstance(command, ReviewAfter):
        return str(_AFTERWARDS[command.finding]) % command.permit
    says = ngettext(
        "You permit, for %(party)s and before its review, for %(hours)d hour, %(what)s.",
        "You permit, for %(party)s and before its review, for %(hours)d hours, %(what)s.",
        command.hours,
    )
    return says % {"party": _party(command.party, registry), "hours": command.hours, "what": what}


def _on_record(command: RecordFact | ReviseBook | Erase, registry: Registry) -> str:
    if isinstance(command, Erase):
        fields = ", ".join(map(spoken, command.fields))
        named = {"fields": fields, "entry": command.entry}
        return _("You erase, for ever, of entry %(entry)d: %(fields)s.") % named
    if isinstance(command, ReviseBook):
        named = {
            "party": _party(command.party, registry),
            "fields": ", ".join(map(spoken, sorted(command.fields))),
        }
        return _("You change what the book of %(party)s says of: %(fields)s.") % named
    title, _about = KINDS.get(command.section, (command.section, ""))
    says = _CORRECTED if command.supersedes else _FACT
    return str(says) % {"section": title, "id": command.id}


def _span(start: datetime, end: datetime | None, registry: Registry) -> str:
    """Say from when, and up to when if that is known."""
    since = _("from %s") % _at(start, registry)
    return f"{since} {up_to(end, words_of(registry))}" if end else since


def _at(at: datetime, registry: Registry) -> str:
    words = words_of(registry)
    return words.day(at.date()) if last_day(at) else words.moment(at)


_DECIDED = {
    Verdict.APPROVE: lazy(
        "You approve, for %(party)s, %(what)s%(limits)s, and tell %(other)s: “%(told)s”"
    ),
    Verdict.REFUSE: lazy(
        "You refuse, for %(party)s, %(what)s%(limits)s, and tell %(other)s: “%(told)s”"
    ),
    Verdict.RETURN: lazy(
        "You return without action, for %(party)s, %(what)s, and tell %(other)s: “%(told)s”"
    ),
}
_RECORDED = {
    Verdict.APPROVE: lazy(
        "You record that %(party)s approved %(what)s%(limits)s, and tell %(other)s: “%(told)s”"
    ),
    Verdict.REFUSE: lazy(
        "You record that %(party)s refused %(what)s%(limits)s, and tell %(other)s: “%(told)s”"
    ),
    Verdict.RETURN: lazy(
        "You record that %(party)s returned %(what)s%(limits)s, and tell %(other)s: “%(told)s”"
    ),
}
_ADOPTED = {
    True: lazy("You adopt, for %(party)s, the policy “%(policy)s”, and announce it to nobody."),
    False: lazy("You adopt, for %(party)s, the policy “%(policy)s”, and announce it."),
}
_ANNOUNCED = lazy("You announce, for %(party)s, the policy “%(policy)s”, on %(when)s.")
_ENDED = lazy("You end, for %(party)s, the policy “%(policy)s”: it holds %(end)s.")
_HOLDS = lazy("You appoint %(name)s: %(office)s, %(span)s.")
_ACTS_IN = lazy("You appoint %(name)s to act as %(office)s, %(span)s.")
_DELEGATED = lazy("You let %(to)s act for %(of)s in %(activities)s alone, %(span)s.")
_DELEGATED_ALL = lazy("You let %(to)s act for %(of)s in all that can be delegated, %(span)s.")
_FACT = lazy("You record a fact. %(section)s: %(id)s.")
_CORRECTED = lazy("You record a fact in place of the one on record. %(section)s: %(id)s.")
_AFTERWARDS = {
    "justified": lazy("You find that acting before the review, by permit %s, was justified."),
    "not-justified": lazy(
        "You find that acting before the review, by permit %s, was not justified."
    ),
}
_TAKEN_BACK = lazy("You take back the yes of %(party)s to %(what)s, and tell %(other)s: “%(told)s”")
_DISMISSED = lazy(
    "You dismiss, for %(party)s, the appeal on %(what)s, and tell %(other)s: “%(told)s”"
)
_DISMISSED_BY_DESK = lazy("You dismiss the appeal on %(what)s, and tell %(other)s: “%(told)s”")
_OF_NEED = {
    Fulfil.kind: lazy("You record as done: %s."),
    Retract.kind: lazy("You take back: %s."),
}
_OF_PERMIT = {
    Amend.kind: lazy("You replace the permit %s by a narrower one."),
    Revoke.kind: lazy("You revoke the permit %s for good."),
    Lift.kind: lazy("You lift the suspension of the permit %s."),
}
