"""The addresses of the API, version 1: what is here goes on meaning what it means."""

from __future__ import annotations

from placet.web.api import (
    accounts,
    acting,
    cases,
    determining,
    documents,
    keeping,
    known,
    ledger,
    letters,
    notices,
    permits,
    sessions,
    token_routes,
)
from placet.web.api.asked import only_what_is_named
from placet.web.api.describing import DescribedAPI
from placet.web.api.problems import answer_problems
from placet.web.api.reading_bodies import StrictParser

__all__ = ["api"]

_DESCRIPTION = (
    "Who has to say yes, what their rules say, who said yes, and whether that still holds. A token "
    "gives no right: what its holder may see and do follows from the offices they hold now. A "
    "case that its holder has no part in reads as one that there is not."
)

api = DescribedAPI(
    title="Placet",
    version="1",
    description=_DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    parser=StrictParser(),
)
answer_problems(api)
api.add_decorator(only_what_is_named, mode="operation")
for _each in (
    accounts,
    determining,
    cases,
    documents,
    keeping,
    permits,
    letters,
    known,
    ledger,
    notices,
    sessions,
    token_routes,
    acting,
):
    api.add_router("", _each.router)
