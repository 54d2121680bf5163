"""Permits on file: whose hand they are under, whether a name is free, and putting one back."""

from __future__ import annotations

from placet.review.case import Case, PermitOnFile
from placet.review.errors import RepeatedError
from placet.review.scene import Scene

__all__ = ["must_be_new", "parties_behind", "with_permit"]


def parties_behind(permit: PermitOnFile) -> frozenset[str]:
    """Return the parties that a permit rests on, by whose officers it is controlled.

    The party that holds it or acts by it is none of them, unless it rests on nobody else.
    """
    every = frozenset(each.party for each in permit.grounds)
    return (every - {permit.terms.holder, permit.terms.actor}) or every


def must_be_new(scene: Scene, permit: str, status: int) -> None:
    """Refuse a permit's name, or its place on the status list, that another on the case has.

    Raises:
        RepeatedError: it is taken.
    """
    if permit in scene.case.permits:
        raise RepeatedError(f"There is a permit {permit[:80]} already.")
    if any(each.status == status for each in scene.case.permits.values()):
        raise RepeatedError(f"The place {status} of the status list is taken.")


def with_permit(case: Case, permit: PermitOnFile) -> Case:
    """Return a case with a permit put on file, in the place of its former self if it had one."""
    return case.model_copy(update={"permits": {**case.permits, permit.permit: permit}})
