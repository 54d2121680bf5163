"""Policies: what is in force of each party on a day, and each policy's rules and history."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from placet.drawing.spans import Bar, Row, time_spans
from placet.operations.on_record.books import (
    BookSeen,
    known_policy,
    known_to,
    see_books,
    see_policy,
)
from placet.operations.on_record.policies import Dated
from placet.operations.on_record.policy_tests import policy_tests
from placet.operations.on_record.policy_trials import tried
from placet.operations.seeing.handling import handling_of_lists, handling_of_policy
from placet.registry import Start
from placet.web.house import names
from placet.web.pages.days import day_of, pictures
from placet.web.people import looking

__all__ = ["policies", "policy"]


@login_required
def policies(request: HttpRequest) -> HttpResponse:
    """Show what is in force of each party on a day, as a time line and as a table."""
    seen, day = looking(request), day_of(request)
    books = see_books(seen.house, seen.who, day)
    shown = [(each, _line(request, each), _rows(each)) for each in books if each.policies]
    silent = [each.name for each in books if not each.policies]
    page = {
        "books": shown,
        "silent": silent,
        "day": day,
        "adopts": seen.has("policies"),
        "all_known": seen.viewer.audits,
        "handling": handling_of_lists(seen.viewer, names().registry),
    }
    return render(request, "policies/policies.html", page)


def _line(request: HttpRequest, book: BookSeen) -> SafeString:
    day = day_of(request)
    rows = [
        Row(each.policy.title, (_bar(each, book),), _address(book.party, each))
        for each in book.policies
    ]
    return pictures(*time_spans(f"line-{book.party}", f"Policies of {book.name}", rows, day))


def _rows(book: BookSeen) -> list[tuple[Dated, Start | None]]:
    """Return the same as a table has it: each policy with its end."""
    return [(each, _end(each, book)) for each in book.policies]


def _bar(each: Dated, book: BookSeen) -> Bar:
    undeclared = "" if each.policy.announced else ", undeclared"
    end = _end(each, book)
    return Bar(each.policy.from_, end, each.status, f"{each.status}{undeclared}")


def _end(each: Dated, book: BookSeen) -> Start | None:
    """Return when a policy ends: on its own day, or where one begins that surely supersedes it."""
    if each.status != "superseded":
        return each.policy.until
    above = [book.book.policies[key].from_ for key in each.superseded_by.split(", ")]
    starts = [start for start in above if start is not None]
    return min(starts, key=lambda start: start.latest, default=each.policy.until)


def _address(party: str, each: Dated) -> str:
    return reverse("policy", args=[party, each.policy.id])


@login_required
def policy(request: HttpRequest, party: str, policy: str) -> HttpResponse:
    """Show a policy: its rules with reasons and citations, and how it came about."""
    seen, day = looking(request), day_of(request)
    found = see_policy(seen.house, seen.who, party, policy, day)
    book, _found = known_policy(known_to(seen.house, seen.who), party, policy)
    changes = found.own and seen.has("policies")
    trials = tried(seen.house, seen.who, party, policy, day)
    tests = policy_tests(seen.house, seen.who, party, policy)
    page = {
        "spoken": [each for each in trials if each.rules or each.problem],
        "tests": tests,
        "fails": not all(each.passes for each in tests),
        "silent": sum(not (each.rules or each.problem) for each in trials),
        "found": found,
        "day": day,
        "changes": changes,
        "policies": book.policies,
        "sources": {each.id: each.title or each.outlet for each in found.sources},
        "notices": [
            (each.about.removeprefix(f"{party}/{policy}").lstrip("/"), each.says)
            for each in found.notices
        ],
        "handling": handling_of_policy(
            found.party, names().registry, announced=found.policy.announced is not None
        ),
    }
    return render(request, "policies/policy.html", page)
