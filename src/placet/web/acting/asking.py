"""The page of an act: a form for what it takes, shown again where that was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from placet.errors import PlacetError
from placet.need_to_know import View
from placet.need_to_know.choices import nameable
from placet.need_to_know.offered import Offer
from placet.need_to_know.theirs import Barred
from placet.operations.acting.before import begun
from placet.operations.acting.drafting import drawn, placed
from placet.operations.acting.foreseeing import must_hold_together
from placet.operations.acting.limiting import Limitable, limits_of_permit, limits_on_case
from placet.operations.on_record.policy_tests import Tested, before_adopting
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.handling import handling_of
from placet.operations.seeing.permits import see_permit
from placet.review import (
    CONTEXT_COMMANDS,
    UnknownError,
    UnreadableError,
    command_of,
    model_of,
    needs_signature,
)
from placet.review.commands import Verdict
from placet.review.deciding import NO_LIMITS
from placet.web.acting.about import about
from placet.web.acting.consents import consent_fields, with_instrument
from placet.web.acting.failing import UNNAMED, Form
from placet.web.acting.fields import (
    Field,
    choosing,
    fields_of,
    is_on_case,
    plain_of,
    with_text_of_file,
)
from placet.web.acting.of_case import fields_on_case
from placet.web.acting.own_fields import begins_with, filled_in, own_fields
from placet.web.acting.told_before import Marks, marks, told_before
from placet.web.acting.views import Draft, go_on, session_opened, signed
from placet.web.errors import of_asker, status_of
from placet.web.house import names
from placet.web.models import Upload
from placet.web.pages.answering import Answering, answering, as_answered, sent_as
from placet.web.pages.case_words import act_title
from placet.web.pages.cases import counted_lines, show_case, stands_on_case
from placet.web.people import Looking, looking
from placet.web.unsent import own_address
from placet.web.uploads import attached, attachments_of, received

__all__ = ["act_page", "open_session_page", "sign_page"]


@dataclass(frozen=True)
class Target:
    """What an act is done to: a case, a permit of a case, or neither."""

    case: str | None = None
    permit: str | None = None
    view: View | None = None
    """The case, as the person sees it."""
    terms: Mapping[str, Any] | None = None
    """The terms of the permit, as the person sees them."""
    party: str = ""
    """The party for which it is done, where that is known."""
    at: datetime | None = None
    """When it was looked at."""

    @cached_property
    def limitable(self) -> Limitable | None:
        """What an approval can limit: of a permit that is out, or of a case."""
        if self.terms is not None:
            return limits_of_permit(names(), self.terms)
        if self.view is None or self.at is None:
            return None
        return limits_on_case(names(), self.view, self.party, self.at)

    @property
    def parties(self) -> frozenset[str]:
        """The person's own parties that review the case."""
        return frozenset(self.view.inside) if self.view is not None else frozenset()

    @property
    def handling(self) -> str:
        """How what is shown of the case is to be handled."""
        return handling_of(self.view, names().registry) if self.view is not None else ""

    @property
    def of(self) -> str | None:
        """Name what it is, as commands do."""
        return "permit" if self.permit else "case" if self.case else None

    @property
    def asked(self) -> dict[str, str]:
        """Return it as the query of an address."""
        found = {"case": self.case, "permit": self.permit}
        return {name: value for name, value in found.items() if value}


@login_required
@require_http_methods(["GET", "POST"])
def act_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for what an act takes, and do it, or show what is to be signed.

    What was sent from the page of a case and is refused is shown there again.
    """
    seen = looking(request)
    sent: QueryDict = request.POST if request.method == "POST" else request.GET
    if kind == "submit":
        return redirect("new-request")
    takes_documents = _takes(kind, "attachments")  # of an act that there is not nothing is shown
    target = _target(request, sent)
    if is_on_case(kind) and target.case is None:
        raise UnknownError("This is done to a case: begin it on the page of the case.")
    bar, ways = _begun(seen, kind, target, sent)
    if request.method == "GET" and bar is not None:
        return _barred(request, Form(kind, sent), target, bar)
    form, checks = Form(kind, sent), sent.get("do") == "check"
    tests: Sequence[Tested] = ()
    uploads = attached(seen.person or "", sent.getlist("upload")) if takes_documents else []
    if request.method == "POST":
        try:
            if takes_documents:
                uploads += received(request, uploads)
            sent = with_text_of_file(kind, sent, request.FILES)
            form = Form(kind, sent)
            draft = _sent_draft(request, sent, kind, target, ways, uploads, checks=checks)
            if not checks:
                return _looked_at(request, draft, target, ways, uploads)
            if sent.get("policy"):
                tests = before_adopting(seen.house, seen.who, draft.command)
        except PlacetError as error:
            form = Form(kind, sent, of_asker(error))
    if form.refused and target.case and stands_on_case(kind, target.case, sent.get("back", "")):
        return show_case(request, target.case, form)
    return _asking(request, form, target, ways, uploads, checks=checks, tests=tests)


@login_required
@require_http_methods(["GET", "POST"])
def sign_page(request: HttpRequest) -> HttpResponse:
    """Take the evidence for what was shown, and do the act.

    Where that is refused, as since the case was determined anew meanwhile, or the person does not
    sign, the form that it came from is shown again with what was typed.
    """
    if request.POST.get("do") == "back":
        return _asked_again(request, Draft.read(request.POST.get("draft", "")))
    try:
        return signed(request)
    except PlacetError as error:
        return _asked_again(request, Draft.read(request.POST.get("draft", "")), of_asker(error))


@login_required
@require_http_methods(["GET", "POST"])
def open_session_page(request: HttpRequest) -> HttpResponse:
    """Open the working session, and do what waited for it; refused, its form is shown again."""
    waiting = request.session.get("waiting")
    try:
        return session_opened(request)
    except PlacetError as error:
        if waiting is None:
            raise
        return _asked_again(request, Draft.read(waiting), of_asker(error))


def _asked_again(
    request: HttpRequest, draft: Draft, error: PlacetError | None = None
) -> HttpResponse:
    """Show the form that an act came from, with what was typed and why it was refused, if it was.

    Raises:
        PlacetError: it was refused and came from no form; or they have no part in the case.
    """
    if not draft.sent:
        if error is not None:
            raise error
        return redirect(draft.back or "inbox")
    form = Form(draft.command.kind, QueryDict(draft.sent), error, again=error is None)
    sent = form.sent
    target = _target(request, sent)
    if target.case and stands_on_case(form.kind, target.case, draft.back):
        return show_case(request, target.case, form)
    _, ways = _begun(looking(request), form.kind, target, sent)
    return _asking(request, form, target, ways, [], checks=False)


def _looked_at(
    request: HttpRequest,
    draft: Draft,
    target: Target,
    ways: Sequence[Offer],
    uploads: Sequence[Upload],
) -> HttpResponse:
    """Go on with an act; a report of use that would be marked is shown with that first."""
    seen, sent = looking(request), request.POST
    marked = marks(seen, draft.command, draft.case)
    if marked is None or marked.digest == sent.get("looked"):
        return go_on(request, draft)
    again = Form(draft.command.kind, sent, again=True)
    return _asking(request, again, target, ways, uploads, checks=False, marked=marked)


def _begun(
    seen: Looking, kind: str, target: Target, sent: QueryDict
) -> tuple[Barred | None, tuple[Offer, ...]]:
    """Return why the person does not begin an act, or in which ways; before any of it is asked."""
    return begun(seen.house, seen.who, kind, target.case, _settled(target, sent))


def _barred(request: HttpRequest, form: Form, target: Target, bar: Barred) -> HttpResponse:
    """Say who could do an act, in place of its form."""
    page = {**_about(form, target), "barred": bar}
    return render(request, "acting/act.html", page, status=409 if bar.theirs else 403)


def _about(form: Form, target: Target) -> dict[str, Any]:
    """Return what the page of an act says of it, with a form or without."""
    return {
        "kind": form.kind,
        "title": act_title(form.kind),
        "about": about(form.kind),
        "form": form,
        "target": target,
        "handling": target.handling,
        "back": own_address(form.sent.get("back", "")),
    }


def _asking(
    request: HttpRequest,
    form: Form,
    target: Target,
    ways: Sequence[Offer],
    uploads: Sequence[Upload],
    *,
    checks: bool,
    tests: Sequence[Tested] = (),
    marked: Marks | None = None,
) -> HttpResponse:
    """Show the page of an act: its form, and what is known before it is filled in."""
    seen, kind = looking(request), form.kind
    fields = _fields(seen, kind, target, ways, form.sent)
    corrects = form.sent.get("corrects", "")
    told = told_before(seen, kind, target.case, target.permit, fields, corrects)
    page = {
        **_about(form, target),
        "groups": form.groups(bound := form.bound(told.fields, target.limitable)),
        "late": (late := [each for each in bound if each.field.late]),
        "late_open": any(each.value or each.problem for each in late),
        "beside_none": form.beside_none(told.fields),
        "checked": checks and form.refused is None,
        "tests": tests,
        "marked": marked,
        "told": told,
        "signed": needs_signature(kind),
        "asked": _answering(target.view, form) if kind == "supply" and target.view else None,
        "takes_documents": _takes(kind, "attachments"),
        "uploads": uploads,
        **begins_with(kind, seen, names(), form.sent),
    }
    status = status_of(form.refused) if form.refused and not checks else 200
    return render(request, "acting/act.html", page, status=status)


def _fields(
    seen: Looking, kind: str, target: Target, ways: Sequence[Offer], sent: QueryDict
) -> tuple[Field, ...]:
    """Return the fields of an act with what it may name, as far as that is known."""
    context = names()
    named = nameable(context, seen.viewer, target.parties, seen.house.clock.now())
    lines = counted_lines(target.terms or {})
    fields = choosing(kind, fields_of(kind, target.of), named, lines)
    if kind == "supply":
        fields = tuple(each for each in fields if each.name != "request")
    if target.view is not None:
        fields = fields_on_case(fields, ways, target.view, context, target.limitable)
    if kind == "record-consent":
        return consent_fields(fields, sent.get("party", ""), context.registry)
    return own_fields(kind, fields, seen, context, sent)


def _settled(target: Target, sent: QueryDict) -> dict[str, str]:
    """Return what is known of an act before it is asked for: what its address says."""
    found = {name: value for name, value in sent.items() if isinstance(value, str) and value}
    return found | ({"permit": target.permit} if target.permit else {})


def _answering(view: View, form: Form) -> Answering:
    """Return the fields of an answer, with what was typed and what is wrong with it."""
    numbered = {str(number): each for number, each in enumerate(view.questions)}
    about = numbered.get(form.sent.get("question", ""), {}).get("fields", ())
    typed = sent_as(form.sent)
    return answering(view.request, about, names().registry, typed, form.of_request)


def _takes(kind: str, name: str) -> bool:
    return name in model_of(kind).model_fields


def _sent_draft(
    request: HttpRequest,
    sent: QueryDict,
    kind: str,
    target: Target,
    ways: Sequence[Offer],
    uploads: Sequence[Upload],
    *,
    checks: bool,
) -> Draft:
    """Return the act that a form sent, with the documents that go with it.

    Where it only `checks`, what is not looked at may still be missing.

    Raises:
        PlacetError: it is not what the act takes.
    """
    seen = looking(request)
    fields = _fields(seen, kind, target, ways, sent)
    plain = plain_of(fields, sent, request.FILES)
    plain = filled_in(kind, plain, names())
    if kind == "record-consent":
        plain = with_instrument(plain, uploads)
    if checks:
        plain = {"because": "…", "policy": UNNAMED, **plain}
    if "provisos" in plain:
        plain["provisos"] = _worded(kind, plain, target.limitable)
    of_permit = target.permit and _takes(kind, "permit")
    named = {"permit": target.permit} if of_permit else {}
    seen_then = sent.get("determination")
    stated = {"determination": seen_then} if seen_then else {}
    if kind == "supply" and target.view is not None:
        plain |= _answer(target.view.request, sent)
    said = placed(seen.house, seen.who, target.case, plain)
    made = drawn(seen.house, kind, target.case, {})
    documents = attachments_of(uploads)
    attaching = {"attachments": documents} if documents else {}
    command = command_of(kind, {**said, **named, **made, **stated, **attaching})
    if kind in CONTEXT_COMMANDS:
        must_hold_together(seen.house, seen.who, command)
    return Draft(command, target.case, own_address(sent.get("back", "")), _kept(sent))


def _answer(reads: Mapping[str, Any], sent: QueryDict) -> dict[str, Any]:
    """Return the request as an answer changes it; nothing where it leaves it as it is."""
    found = as_answered(reads, sent_as(sent))
    return {"request": found} if found != reads else {}


def _kept(sent: QueryDict) -> str:
    """Return what was typed into a form, so that it can be shown again."""
    kept = sent.copy()
    for name in ("csrfmiddlewaretoken", "determination"):
        kept.pop(name, None)
    return kept.urlencode()


def _worded(
    kind: str, plain: Mapping[str, Any], limitable: Limitable | None
) -> list[dict[str, Any]]:
    """Return the limits of an approval with what each says in words.

    Raises:
        UnreadableError: one of them limits nothing, or leaves nothing; or it is no approval.
    """
    limits: list[dict[str, Any]] = plain["provisos"]
    if limitable is None:
        return limits
    worded = [limitable.worded(each) for each in limits]
    approves = plain.get("verdict", Verdict.APPROVE) == Verdict.APPROVE
    said = (limitable.wrong_with(each) if approves else NO_LIMITS for each in worded)
    if wrong := [(f"provisos.{at}", why) for at, why in enumerate(said) if why]:
        raise UnreadableError(kind, wrong)
    return worded


def _target(request: HttpRequest, sent: QueryDict) -> Target:
    """Return what an act is done to by what was sent, if the person has a part in it.

    Raises:
        UnknownError: they have none: it reads as if there were none.
    """
    seen, case, permit = looking(request), sent.get("on-case"), sent.get("on-permit")
    terms = None
    if permit:
        found = see_permit(seen.house, seen.who, permit)
        case, terms = found.case, found.permit.get("terms")
    if not case:
        return Target()
    view = see_case(seen.house, seen.who, case)
    at = seen.house.clock.now()
    return Target(view.case, permit or None, view, terms, sent.get("party", ""), at)
