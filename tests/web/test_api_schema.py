"""The whole description of the API, asked of it by Schemathesis: nothing is answered otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from api_sample import caller
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

_TIMES = 25 if os.environ.get("PLACET_HYPOTHESIS") == "torture" else 1
_SOME = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(office: Any) -> Iterator[Any]:
    """The description, with names of what there is in half of the addresses."""
    from django.conf import settings as pages

    from placet.web.wsgi import application

    rates, pages.API_RATES = pages.API_RATES, dict.fromkeys(pages.API_RATES, 1e9)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    case = office.case("Storm Shadow")
    permit = office.permit
    there = {
        "case": case,
        "permit": permit,
        "party": "US",
        "policy": "2025-strike-review",
        "item": "atacms",
        "index": 1,
        "act": 0,
    }
    turn = cycle([True, False])

    @schema.hook("map_path_parameters")
    def named(_: Any, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        known = {each: there[each] for each in parameters or () if each in there}
        return parameters | known if parameters and next(turn) else parameters

    yield schema
    pages.API_RATES = rates


def test_what_is_answered_is_what_is_described(described: Any, office: Any) -> None:
    """No answer of the API is of a status, type or shape that its description does not have."""
    desk, keeper = (caller(office.house, each).secret for each in ("whitfield", "lindqvist"))
    wrong: dict[str, str] = {}
    asked = 0
    for each in described.get_all_operations():
        operation = each.ok()

        @given(case=operation.as_strategy())
        @settings(_SOME, max_examples=_TIMES * (1 if "/acts/" in operation.path else 4))
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            secret = keeper if "/accounts" in case.path else desk
            headers = {"Authorization": f"Bearer {secret}", "Host": "localhost"}
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKS)

        try:
            ask()
        except (AssertionError, FailureGroup, ExceptionGroup) as error:
            wrong[operation.label] = str(error)
    assert not wrong, "\n\n".join(f"{name}\n{says}" for name, says in wrong.items())
    assert asked >= len(described.raw_schema["paths"])
