"""A case, as the person who looks may see it, with what they can do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from placet.errors import PlacetError
from placet.operations.handling import handling_of
from placet.operations.seeing_case import (
    CasePage,
    Comparison,
    compare_case,
    receipt_of_line,
    see_case_page,
)
from placet.registry import Registry, iso_names, parse_moment
from placet.review.choices import Choice, Nameable, nameable
from placet.review.offers import Offer
from placet.web.acting.fields import Field, choosing, fields_of
from placet.web.house import names
from placet.web.pages.case_words import ACTS, FACTS
from placet.web.people import Looking, looking

__all__ = ["case", "receipt"]

_DIRECT = frozenset({"determine", "countersign"})
"""Acts that ask for nothing more: a button does them."""
_OF_PERMITS = frozenset(
    {
        *("suspend", "lift", "revoke", "amend", "check-end-use", "review-after"),
        *("surrender", "report-use"),
    }
)
_HERE = frozenset({"assign", "escalate", "set-deadline", "amend", "ask"})
"""Acts whose small form stands on the page; the others have a page of theirs."""
_FOLDED = frozenset({"decide", "advise", "supply"})
"""Acts that have a form of their own on the page."""
_ALWAYS = frozenset(
    {
        *("recuse", "assign", "record-assurance", "check-end-use", "reconsider"),
        *("set-deadline", "escalate", "amend", "ask"),
    }
)
"""Acts that are nearly always possible: they stand last, lest they hide what matters."""


@login_required
@require_GET
def case(request: HttpRequest, case: str) -> HttpResponse:
    """Show a case; with `at`, also what another date would change."""
    seen = looking(request)
    page = see_case_page(seen.house, seen.who, case, _address)
    registry = seen.house.reading.context().registry
    back = reverse("case", args=[page.view.case])
    asked = request.GET.get("at", "").strip()
    comparison, problem = _compared(seen, case, asked)
    named = nameable(names(), seen.viewer, page.view.inside, seen.house.clock.now())
    acts = [_act(each, page, back, named) for each in page.offers if each.act not in _FOLDED]
    possible = sorted((each for each in acts if each["possible"]), key=lambda each: each["late"])
    shown = {
        "page": page,
        "view": page.view,
        "handling": handling_of(page.view, registry),
        "back": back,
        "facts": list(_facts(page.view.request, registry)),
        "decide": list(_deciding(page)),
        "advise": [each for each in page.offers if each.act == "advise" and each.possible],
        "questions": _questions(page),
        "possible": possible,
        "impossible": list(_impossible(page)),
        "rule_links": dict(_rule_links(page)),
        "digest": next((each.digest for each in page.view.inside.values() if each.digest), ""),
        "asked_at": asked,
        "comparison": comparison,
        "compare_problem": problem,
    }
    return render(request, "cases/case.html", shown)


@login_required
@require_GET
def receipt(request: HttpRequest, case: str, act: int) -> HttpResponse:
    """Hand out the receipt of a line of the time line: that its entry is in the log."""
    seen = looking(request)
    entry, proof = receipt_of_line(seen.house, seen.who, case, act)
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


def _act(offer: Offer, page: CasePage, back: str, named: Nameable) -> dict[str, Any]:
    """Return an act as a button: what it is called, where it leads, or the form that it opens."""
    query = QueryDict(mutable=True)
    if offer.act in _OF_PERMITS:
        query["on-permit"] = offer.about
    else:
        query["on-case"] = page.view.case
    fields = {name: str(each) for name, each in offer.fields.items() if name != "permit"}
    query.update({**fields, "back": back})
    return {
        "act": offer.act,
        "label": ACTS.get(offer.act, offer.act),
        "about": "" if offer.about == page.view.case else offer.about,
        "possible": offer.possible,
        "why": offer.why,
        "who_could": offer.who_could,
        "signed": offer.signed,
        "direct": offer.act in _DIRECT,
        "late": offer.act in _ALWAYS,
        "hidden": [*query.items()],
        "form": _form(offer, page, named) if offer.act in _HERE and offer.possible else (),
        "address": f"{reverse('act', args=[offer.act])}?{query.urlencode()}",
    }


def _form(offer: Offer, page: CasePage, named: Nameable) -> tuple[Field, ...]:
    """Return the fields of an act's small form."""
    of = "permit" if offer.act in _OF_PERMITS else "case"
    return choosing(offer.act, fields_of(offer.act, of), named, _lines_of(offer.about, page))


def _lines_of(permit: str, page: CasePage) -> tuple[Choice, ...]:
    """Return the lines of a permit with the number that each has, where it has one."""
    found = (each for each in page.permits if each.permit.get("permit") == permit)
    terms: Mapping[str, Any] = next((each.permit.get("terms", {}) for each in found), {})
    lines = ((str(each["line"]), each.get("quantity")) for each in terms.get("lines", ()))
    return tuple((line, str(count)) for line, count in lines if count is not None)


def _deciding(page: CasePage) -> Iterator[dict[str, Any]]:
    """Yield each office that the person can decide for, with the verdicts and why not another."""
    offices = dict.fromkeys(each.about for each in page.offers if each.act == "decide")
    for office in offices:
        choices = [each for each in page.offers if (each.act, each.about) == ("decide", office)]
        fields = {name: each for name, each in choices[0].fields.items() if name != "verdict"}
        yield {
            "office": office,
            "fields": fields,
            "choices": choices,
            "possible": any(each.possible for each in choices),
            "why": dict.fromkeys(why for each in choices for why in each.why),
        }


def _questions(page: CasePage) -> list[dict[str, Any]]:
    """Return the open questions that the person may answer, each with the request as it reads."""
    open_ = {each.about for each in page.offers if each.act == "supply" and each.possible}
    text = json.dumps(page.view.request, indent=1, ensure_ascii=False)
    return [
        {"number": number, "asks": each["asks"], "request": text}
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
        days = (str(value[each]) for each in ("from", "until") if value.get(each))
        return " \u2013 ".join(map(_day, days))
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


def _day(text: str) -> str:
    at: datetime = parse_moment(text)
    return f"{at:%-d %b %Y}"
