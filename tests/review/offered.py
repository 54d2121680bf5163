"""Does what somebody is offered on a case: each act that is called possible, with all it takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from review_world import Story, command

from placet.errors import PlacetError
from placet.need_to_know.offered import Offer
from placet.need_to_know.offers import offers
from placet.need_to_know.refusals import perform_for
from placet.need_to_know.view import sight
from placet.registry import written
from placet.review.viewer import relation, viewer

__all__ = ["try_all"]

_FITTING: Mapping[str, Mapping[str, Any]] = {
    "supply": {"says": "as it was"},
    "withdraw": {"because": "b"},
    "appeal": {"because": "b"},
    "surrender": {"because": "b"},
    "recuse": {"because": "b"},
    "report-use": {"report": "R-OFFERED", "quantity": 1, "target": "military.depot"},
    "correct-use": {"report": "R-OFFERED", "quantity": 1, "because": "b"},
    "decide": {"because": "b", "disclosed": "d"},
    "withdraw-consent": {"because": "b", "disclosed": "d"},
    "retract": {"because": "b"},
    "advise": {"stance": "for", "says": "yes"},
    "dissent": {"says": "no"},
    "issue": {"permit": "P-N", "status": 99_999},
    "suspend": {"because": "b"},
    "lift": {"because": "b"},
    "revoke": {"because": "b"},
    "amend": {"because": "b", "replacement": "P-N", "status": 99_999},
    "check-end-use": {"result": "in-order", "says": "s"},
    "resolve-violation": {"finding": "excused", "because": "b"},
    "break-glass": {"hours": 1, "permit": "P-N", "status": 99_999, "because": "b"},
    "review-after": {"finding": "justified", "because": "b"},
    "ask": {"asks": "Which?"},
    "fulfil": {"instrument": "a letter"},
    "set-deadline": {"of": "case", "because": "b"},
    "escalate": {"because": "b"},
    "assign": {"because": "b"},
    "return": {"because": "b", "disclosed": "d"},
    "dismiss-appeal": {"because": "b", "disclosed": "d"},
    "reconsider": {"because": "b"},
    "lapse": {"because": "b"},
    "close": {"because": "b"},
    "record-consent": {
        "given_by": "g", "given_on": "2025-05-30", "instrument": "i", "disclosed": "d",
        "instrument_digest": f"sha256:{'0' * 64}", "verdict": "approve",
    },
    "record-assurance": {"given_by": "g", "says": "s", "instrument": "i"},
}  # fmt: skip
"""What else is said with an act, beside what its offer settles."""

_ON_WHAT_WAS_SEEN = ("decide", "record-consent", "break-glass")


def _do(story: Story, who: str, offer: Offer) -> None:
    """Do what is offered, with all else that it takes."""
    fields = {**_FITTING.get(offer.act, {}), **offer.fields}
    if offer.act in ("report-use", "correct-use"):
        permit = str(offer.fields["permit"])
        line = min(each.line for each in story.now.permits[permit].terms.lines)
        fields |= {"line": line, "on": f"{story.at:%Y-%m-%d}"}
    if offer.act in _ON_WHAT_WAS_SEEN:
        fields |= {"determination": story.digest}
    if offer.act == "amend":
        sooner = story.now.permits[offer.about].terms.until - timedelta(seconds=1)
        fields |= {"until": written(sooner)}
    if offer.act == "set-deadline":
        fields |= {"due": written(story.at + timedelta(days=30))}
    if offer.act == "assign":
        fields |= {"to": who}
    if offer.act == "escalate":
        fields |= {"to": "us/desk" if "US" in _parties(story, who) else "de/desk"}
    perform_for(story.now, story.context, command(offer.act, **fields), who, story.at)


def _parties(story: Story, who: str) -> frozenset[str]:
    return viewer(story.context, who, story.at).parties


def try_all(story: Story, who: str) -> tuple[int, list[str]]:
    """Do each act that is offered to somebody; return how many were, and which were refused."""
    looking = viewer(story.context, who, story.at)
    if not relation(story.now, looking):
        return 0, []
    found = offers(sight(story.now, looking), story.context, story.at)
    possible = [each for each in found if each.possible]
    refused = []
    for each in possible:
        try:
            _do(story, who, each)
        except PlacetError as error:
            refused.append(f"{who}: {each.act} {each.about} {each.choice}: {error}")
    return len(possible), refused
