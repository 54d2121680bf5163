"""A case, as the person who looks may see it, with what they can do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from placet.errors import PlacetError
from placet.need_to_know.choices import Choice, nameable
from placet.need_to_know.offered import Offer
from placet.need_to_know.standings import ConsentStatus
from placet.need_to_know.telling import called, permitted_words, used_words
from placet.operations.acting.limiting import Limitable, limits_of_permit, limits_on_case
from placet.operations.seeing.case_page import (
    CasePage,
    Comparison,
    compare_case,
    receipt_of_line,
    see_case_page,
)
from placet.operations.seeing.handling import handling_of
from placet.operations.seeing.naming import in_names
from placet.registry import Registry, iso_names, parse_moment
from placet.review import Context
from placet.web.acting.failing import Bound, Form
from placet.web.acting.fields import choosing, fields_of
from placet.web.errors import status_of
from placet.web.house import names
from placet.web.pages.answering import answering
from placet.web.pages.case_words import ACTS, FACTS
from placet.web.people import Looking, looking
from placet.web.templatetags.placet import dated, instants, things, until

__all__ = ["case", "counted_lines", "receipt", "show_case", "stands_on_case"]

_DIRECT = frozenset({"determine", "countersign"})
"""Acts that ask for nothing more: a button does them."""
_OF_PERMITS = frozenset(
    {
        *("suspend", "lift", "revoke", "amend", "check-end-use", "review-after"),
        *("surrender", "report-use", "correct-use"),
    }
)
_HERE = frozenset({"assign", "escalate", "set-deadline", "amend", "ask"})
"""Acts whose small form stands on the page; the others have a page of theirs."""
_FOLDED = frozenset({"decide", "advise", "supply"})
"""Acts that have a form of their own on the page."""
_ALWAYS = frozenset(
    {
        *("recuse", "assign", "record-assurance", "retract", "check-end-use", "reconsider"),
        *("correct-use", "set-deadline", "escalate", "amend", "ask", "determine"),
    }
)
"""Acts that are nearly always possible: they stand last, lest they hide what matters."""


@login_required
@require_GET
def case(request: HttpRequest, case: str) -> HttpResponse:
    """Show a case; with `at`, also what another date would change."""
    return show_case(request, case)


def stands_on_case(kind: str, case: str, back: str) -> bool:
    """Say whether the form of an act stands on the page of a case, and was sent from there."""
    return kind in _HERE | _DIRECT | {"decide", "advise"} and back == reverse("case", args=[case])


def show_case(request: HttpRequest, case: str, form: Form | None = None) -> HttpResponse:
    """Show a case, with a form of it as it was refused, if one was."""
    seen, form = looking(request), form or Form("", QueryDict())
    page = see_case_page(seen.house, seen.who, case, _address)
    registry = seen.house.reading.context().registry
    back = reverse("case", args=[page.view.case])
    asked = request.GET.get("at", "").strip()
    comparison, problem = _compared(seen, case, asked)
    desk = _Desk(page, names(), seen, form)
    acts = [desk.act(each, back) for each in page.offers if each.act not in _FOLDED]
    possible = sorted((each for each in acts if each["possible"]), key=_first_what_waits)
    decide, advise = list(desk.deciding()), list(desk.advising())
    standing = [each["form"] for each in (*decide, *advise) if each.get("possible", True)]
    standing += [each["refused"] for each in possible if each["form"]]
    shown = {
        "page": page,
        "view": page.view,
        "handling": handling_of(page.view, registry),
        "back": back,
        "facts": list(_facts(page.view.request, registry)),
        "decide": decide,
        "advise": advise,
        "refused": _said_nowhere_else(form, standing),
        "questions": _questions(page, registry),
        "possible": possible,
        "impossible": list(_impossible(page)),
        "rule_links": dict(_rule_links(page)),
        "digest": next((each.digest for each in page.view.inside.values() if each.digest), ""),
        "asked_at": asked,
        "comparison": comparison,
        "compare_problem": problem,
    }
    status = status_of(form.refused) if form.refused else 200
    return render(request, "cases/case.html", shown, status=status)


def _said_nowhere_else(form: Form, standing: Iterable[Form]) -> str:
    """Return why an act was refused, where no form of it stands on the page to say so."""
    return "" if any(each is form for each in standing) else form.says


def _first_what_waits(act: Mapping[str, Any]) -> tuple[bool, bool]:
    """Return by what acts are ordered: what waits for the person, then what is seldom possible."""
    return (not act["next"], act["late"])


@login_required
@require_GET
def receipt(request: HttpRequest, case: str, entry: int) -> HttpResponse:
    """Hand out the receipt of a line of the time line: that its entry is in the log."""
    seen = looking(request)
    proof = receipt_of_line(seen.house, seen.who, case, entry)
    answer = HttpResponse(proof, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="entry-{entry}.tlog-proof"'
    return answer


def _address(key: str) -> str:
    """Return where it stands what a box of the consent map is about."""
    kind, _, name = key.partition(":")
    if kind == "item":
        return reverse("item", args=[name])
    return {"party": f"#party-{name}", "request": "#facts"}.get(kind, "#consents")


def _compared(seen: Looking, case: str, asked: str) -> tuple[Comparison | None, str]:
    if not asked:
        return None, ""
    try:
        at = parse_moment(asked).astimezone(UTC)
        return compare_case(seen.house, seen.who, case, at), ""
    except (ValueError, PlacetError) as error:
        return None, str(error)


def _rule_links(page: CasePage) -> Iterator[tuple[str, str]]:
    """Yield each rule that stands in a policy, with the page of that policy."""
    for each in page.rules:
        party, _, rest = each.rule.partition("/")
        policy, _, rule = rest.partition("/")
        if rule:
            yield each.rule, reverse("policy", args=[party, policy])


# --- what can be done


_OF_OTHERS = frozenset({"record-consent", "record-assurance"})
"""Acts that put the word of a party on record."""


@dataclass(frozen=True)
class _Desk:
    """What somebody can do on a case, as forms and buttons; `form` was refused, if one was."""

    page: CasePage
    context: Context
    seen: Looking
    form: Form

    def act(self, offer: Offer, back: str) -> dict[str, Any]:
        """Return an act as a button: what it is called, where it leads, or the form it opens."""
        of = "on-permit" if offer.act in _OF_PERMITS else "on-case"
        case = self.page.view.case
        on = offer.fields.get("permit", offer.about) if offer.act in _OF_PERMITS else case
        fields = {name: str(each) for name, each in offer.fields.items() if name != "permit"}
        hidden = {of: on, **fields, "back": back}
        form = self._form(offer.act, hidden.items())
        return {
            "act": offer.act,
            "label": self._label(offer),
            "about": self._about(offer),
            "possible": offer.possible,
            "why": offer.why,
            "who_could": offer.who_could,
            "signed": offer.signed,
            "direct": offer.act in _DIRECT,
            "late": offer.act in _ALWAYS,
            "next": offer.next,
            "hidden": [*hidden.items()],
            "refused": form,
            "form": self._fields(offer, form) if offer.act in _HERE and offer.possible else (),
            "address": f"{reverse('act', args=[offer.act])}?{urlencode(hidden)}",
        }

    def _label(self, offer: Offer) -> object:
        anew = offer.act == "determine" and not offer.next
        return _("Determine anew") if anew else ACTS.get(offer.act, offer.act)

    def _about(self, offer: Offer) -> str:
        """Say what an act is about: a use and a permit by what they are of, others by name."""
        view, registry = self.page.view, self.context.registry
        if offer.about == view.case:
            return ""
        for each in view.reports:
            if each["report"] == offer.about:
                return str(instants(used_words(each, view.request, registry)))
        if terms := self._terms(offer.about):
            return permitted_words(terms.get("lines", ()), registry)
        if offer.act in ("countersign", "dissent"):
            return registry.office_title(str(view.advice[int(offer.about)]["office"]))
        if offer.about in registry.record.parties:
            named = called(registry.name(offer.about))
            return _("of %s") % named if offer.act in _OF_OTHERS else named
        return in_names(offer.about, self.context)

    def _form(self, kind: str, settled: Iterable[tuple[str, str]]) -> Form:
        """Return the form of an act: what was refused of it, or an empty one."""
        return self.form if self.form.is_of(kind, settled) else Form(kind, QueryDict())

    def _fields(self, offer: Offer, form: Form) -> tuple[Bound, ...]:
        """Return the fields of an act's small form."""
        of, terms = ("permit" if offer.act in _OF_PERMITS else "case"), self._terms(offer.about)
        named = nameable(
            self.context, self.seen.viewer, self.page.view.inside, self.seen.house.clock.now()
        )
        fields = choosing(offer.act, fields_of(offer.act, of), named, counted_lines(terms))
        return form.bound(fields, limits_of_permit(self.context, terms) if terms else None)

    def _terms(self, permit: str) -> Mapping[str, Any]:
        found = (each for each in self.page.permits if each.permit.get("permit") == permit)
        return next((each.permit.get("terms", {}) for each in found), {})

    def deciding(self) -> Iterator[dict[str, Any]]:
        """Yield each office that the person can decide for, with the verdicts and why not."""
        offers = [each for each in self.page.offers if each.act == "decide"]
        for office in dict.fromkeys(each.about for each in offers):
            choices = [each for each in offers if each.about == office]
            settled = choices[0].fields.items()
            fields = {name: str(each) for name, each in settled if name != "verdict"}
            form = self._form("decide", fields.items())
            possible = any(each.possible for each in choices)
            limitable = self._limitable(fields["party"]) if possible else None
            yield {
                "office": office,
                "fields": fields,
                "choices": choices,
                "form": form,
                "limits": form.limits(limitable) if possible else (),
                "lines": list(_ticked(form, "lines", _lines_to_decide(limitable))),
                "conditions": list(_ticked(form, "provided", self._consents(fields["party"]))),
                "possible": possible,
                "why": dict.fromkeys(why for each in choices for why in each.why),
            }

    def _consents(self, party: str) -> Iterator[Choice]:
        """Yield the consents of others on which an approval could be conditional, as records."""
        for each in self.page.parties:
            if each.party != party and each.standing is not ConsentStatus.CLEAR:
                yield f"{{consent-of: {each.party}}}", each.name

    def _limitable(self, party: str) -> Limitable | None:
        return limits_on_case(self.context, self.page.view, party, self.seen.house.clock.now())

    def advising(self) -> Iterator[dict[str, Any]]:
        """Yield each office that the person can advise for, with the form of its advice."""
        for each in self.page.offers:
            if each.act == "advise" and each.possible:
                form = self._form("advise", [("office", each.about)])
                yield {"about": each.about, "form": form, "next": each.next}


def _lines_to_decide(limitable: Limitable | None) -> list[Choice]:
    """Return the lines that can be decided by themselves, where there are several."""
    lines = limitable.lines if limitable is not None else ()
    return [(each.line, each.of) for each in lines] if lines[1:] else []


def _ticked(form: Form, name: str, choices: Iterable[Choice]) -> Iterator[tuple[str, str, bool]]:
    """Yield choices of a field with whether each was ticked."""
    sent = form.sent.getlist(name)
    yield from ((key, words, key in sent) for key, words in choices)


def counted_lines(terms: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Return the lines of a permit that have a number, with that and of what each is."""
    if not terms:
        return ()
    of_lines = things(terms)
    lines = ((str(each["line"]), each.get("quantity")) for each in terms["lines"])
    return tuple(
        (line, f"{count} \u00d7 {of_lines[line]}") for line, count in lines if count is not None
    )


def _questions(page: CasePage, registry: Registry) -> list[dict[str, Any]]:
    """Return the open questions that the person may answer, each with the fields it is about."""
    open_ = {each.about for each in page.offers if each.act == "supply" and each.possible}
    reads = page.view.request
    return [
        {
            "number": number,
            "asks": each["asks"],
            "pre": f"q{number}-",
            "asked": answering(reads, each.get("fields", ()), registry),
        }
        for number, each in enumerate(page.view.questions)
        if str(number) in open_
    ]


def _impossible(page: CasePage) -> Iterator[dict[str, Any]]:
    """Yield the acts that are not possible now, those for one reason together."""
    by: dict[tuple[str, ...], list[Offer]] = {}
    for each in page.offers:
        if not each.possible and each.act != "decide":
            by.setdefault(each.why, []).append(each)
    for why, offers in by.items():
        labels = dict.fromkeys(str(ACTS.get(each.act, each.act)) for each in offers)
        could = dict.fromkeys(one for each in offers for one in each.who_could)
        yield {"labels": list(labels), "why": why, "who_could": list(could)}


# --- the request in words


def _facts(request: Mapping[str, Any], registry: Registry) -> Iterator[tuple[object, str]]:
    for name, label in FACTS.items():
        if (value := request.get(name)) not in (None, "", []):
            yield label, _worded(name, value, registry)


def _worded(name: str, value: Any, registry: Registry) -> str:
    if name == "lines":
        return "; ".join(_line(each, registry) for each in value.values())
    if name == "period" and isinstance(value, dict):
        begins, ends = (str(value.get(each) or "") for each in ("from", "until"))
        from_ = _("from %s") % dated(parse_moment(begins)) if begins else ""
        return f"{from_} {until(ends)}".strip()
    if name == "legs" and isinstance(value, list):
        return ", ".join(f"{each['from']} → {each['to']}" for each in value)
    if isinstance(value, list):
        return ", ".join(_worded(name, each, registry) for each in value) or "none"
    if value in ("none", "unknown"):
        return str(value)
    record, text = registry.record, str(value)
    if name in ("applicant", "raised-by", "actor", "recipient"):
        return registry.name(text)
    if name in ("platforms", "services"):
        return record.items[text].name if text in record.items else text
    if name == "area":
        return f"{iso_names().get(text, text)} ({text})"
    known = {"target": record.targets, "purpose": record.purposes}.get(name, {})
    return str(known.get(text, text))


def _line(line: Mapping[str, Any], registry: Registry) -> str:
    item = str(line.get("item", ""))
    known = registry.record.items.get(item)
    name = known.name if known else item or str(line.get("lot") or line.get("pool") or "")
    return f"{line['quantity']} \u00d7 {name}" if line.get("quantity") else name
