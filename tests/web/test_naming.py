"""Refusals call people, offices, parties and items by name; programs keep the ids beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api_sample import caller
from steps import new_case

from placet.operations.seeing.naming import in_names

Browser = Callable[..., Any]


READS = {
    "hart has. It takes us/secdef.": "Edmund Hart has. It takes Secretary of Defense.",
    "US has no say; GB has.": "The United States has no say; the United Kingdom has.",
    "Owed:\n- US: us/secdef": "Owed:\n- The United States: Secretary of Defense",
    "the service us-targeting-data is off": "the service United States targeting data is off",
    "In RU-KRS, at military.depot.": "In Kurskaya oblast', at Ammunition or fuel depot.",
    "It is of missile.long-range.": "It is of Long-range missile.",
    "There is no 'hart'; US/2024-11-atacms is.": "There is no 'hart'; US/2024-11-atacms is.",
    "The energy of defence, in us.": "The energy of defence, in us.",
}


def test_ids_are_read_as_names(office: Any) -> None:
    """Whole ids alone, with an article where one belongs; what is quoted stays as it is."""
    context = office.house.reading.context()
    assert {says: in_names(says, context) for says in READS} == READS


def test_a_refusal_names_people_and_offices(signed_in: Browser, office: Any, ukraine: Any) -> None:
    """Who may not, and which offices could: on a page, and over the API with the ids beside."""
    case = new_case(office, ukraine)
    digest = office.house.reading.case(case).determined.digest
    act = {"party": "US", "office": "us/secdef", "verdict": "refuse", "determination": digest}
    act |= {"because": "no", "disclosed": "no"}
    says = (
        "Edmund Hart does not hold the office Secretary of Defense. It takes Secretary of Defense."
    )
    answer = signed_in("hart").post("/act/decide/", {"on-case": case, **act})
    assert (answer.status_code, says in answer.content.decode()) == (403, True)
    problem = caller(office.house, "hart").post(
        f"/cases/{case}/acts/decide/statement", {"act": act}
    )
    assert (problem.json()["detail"], problem.json()["who-could"]) == (says, ["us/secdef"])
