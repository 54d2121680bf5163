"""What is about to be signed, in a sentence: it stands above the exact text that is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from placet.need_to_know.telling import called
from placet.operations.seeing.permit_words import words_of
from placet.permit.wording import up_to
from placet.registry import Registry
from placet.review import Command
from placet.review.commands import (
    AdoptPolicy,
    Amend,
    AnnouncePolicy,
    Appoint,
    Decide,
    Dismiss,
    EndPolicy,
    Issue,
    Lift,
    RecordConsent,
    Revoke,
    Verdict,
    WithdrawConsent,
)
from placet.review.context import Context
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
        case Decide() | RecordConsent() | WithdrawConsent():
            return _told(command, request, what, registry)
        case Issue(until=until):
            end = f", {up_to(until, words_of(registry))}" if until else ""
            return _("You issue the permit for %s.") % f"{what}{end}"
        case Amend(permit=permit) | Revoke(permit=permit) | Lift(permit=permit):
            return str(_OF_PERMIT[command.kind]) % permit
        case AdoptPolicy() | AnnouncePolicy() | EndPolicy():
            return _of_policy(command, context)
        case Appoint() | Dismiss():
            return _of_office(command, registry)
    return _("You sign this act: %s.") % spoken(command.kind)


def _told(
    command: Decide | RecordConsent | WithdrawConsent,
    request: Mapping[str, Any],
    what: str,
    registry: Registry,
) -> str:
    applicant = str(request.get("applicant") or "")
    named = {
        "party": _party(command.party, registry),
        "what": what,
        "other": _party(applicant, registry) if applicant else _("the applicant"),
        "told": command.disclosed,
    }
    if isinstance(command, WithdrawConsent):
        return str(_TAKEN_BACK) % named
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
    return str(says) % {"party": _party(command.party, context.registry), "policy": title}


def _party(party: str, registry: Registry) -> str:
    return called(registry.name(party))


def _of_office(command: Appoint | Dismiss, registry: Registry) -> str:
    if isinstance(command, Appoint):
        named = {"name": command.name, "office": registry.office_title(command.office)}
        return _("You appoint %(name)s: %(office)s.") % named
    held = registry.record.officials.get(command.official)
    name = held.name if held is not None else command.official
    return _("You end the time of %s in an office.") % name


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
_ANNOUNCED = lazy("You announce, for %(party)s, the policy “%(policy)s”.")
_ENDED = lazy("You end, for %(party)s, the policy “%(policy)s”.")
_TAKEN_BACK = lazy("You take back the yes of %(party)s to %(what)s, and tell %(other)s: “%(told)s”")
_OF_PERMIT = {
    Amend.kind: lazy("You replace the permit %s by a narrower one."),
    Revoke.kind: lazy("You revoke the permit %s for good."),
    Lift.kind: lazy("You lift the suspension of the permit %s."),
}
