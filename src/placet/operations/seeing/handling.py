"""How what somebody sees is to be handled: whose it is, and who else may have it.

It stands above and below every page and letter that shows a case, a permit or a policy.
"""

from __future__ import annotations

from placet.need_to_know import View
from placet.need_to_know.telling import called, listing
from placet.registry import Registry
from placet.review import Viewer

__all__ = ["handling_of", "handling_of_lists", "handling_of_policy"]

_AUDIT = "Audit: holds the work of every party. Not to be passed on."


def handling_of(view: View, registry: Registry) -> str:
    """Say how what somebody sees of a case, or of a permit on it, is to be handled."""
    if view.whole is not None:
        return _AUDIT
    if view.inside:
        names = listing(called(registry.name(each)) for each in view.inside)
        return f"Internal to {names}: holds work that no other party and no applicant is shown."
    return f"Released to {called(registry.name(view.applicant))}."


def handling_of_lists(viewer: Viewer, registry: Registry) -> str:
    """Say how lists of cases, permits or policies are to be handled: each reader has their own."""
    if viewer.audits:
        return _AUDIT
    names = listing(called(registry.name(each)) for each in sorted(viewer.parties))
    return f"For {names or 'you'} alone: others are shown other lists."


def handling_of_policy(party: str, registry: Registry, *, announced: bool) -> str:
    """Say how the text of a policy is to be handled."""
    name = called(registry.name(party))
    if announced:
        return f"Announced by {name}: may be passed on."
    return f"Internal to {name}: undeclared. That it exists is not to be told."
