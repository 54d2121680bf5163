"""From the review to the permit: the terms on file in the form that outsiders verify."""

from __future__ import annotations

from pydantic import ValidationError

from placet.ledger import JSON
from placet.permit import (
    Consent,
    EntryRef,
    Limits,
    PermitLine,
    StatusRef,
    Terms,
    UnfitPermitError,
    must_be_issuable,
)
from placet.registry import Occasion, written
from placet.review import Case, Ground, PermitOnFile
from placet.review.case import Terms as OnFile
from placet.review.released import given_elsewhere

__all__ = ["STATUS_LIST", "claims_of", "claims_with", "consents_of", "limits_of", "terms_of"]

STATUS_LIST = "status-list"
"""Where the status list stands beneath the origin."""

_TOLD = {"break-glass": "emergency", "standing-authorisation": "clear"}
"""How a ground is told on a permit, where by another word."""

_SPOKEN = ("decision", "external-consent", "standing-authorisation", "clear", "break-glass")


def limits_of(held: OnFile) -> Limits:
    """Return what a permit allows in the form that outsiders read: every limit that is on file."""
    return Limits(
        holder=held.holder,
        activity=held.activity,
        actor=held.actor if held.actor != held.holder else None,
        lines=tuple(
            PermitLine(line=each.line, item=each.item, lot=each.lot, quantity=each.quantity)
            for each in held.lines
        ),
        within=held.within,
        outside=held.outside,
        area_sets=held.area_sets,
        targets=held.targets,
        not_targets=held.not_targets,
        purposes=held.purposes,
        recipients=held.recipients,
        start=held.from_,
        until=held.until,
        provisos=tuple(
            each.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            for each in held.provisos
        ),
        each_use=held.each_use,
        no_onward_transfer=held.no_onward_transfer,
        report_within_days=held.report_within_days,
        demonstration=held.demonstration,
    )


def terms_of(case: Case, permit: PermitOnFile, origin: str, leaf: bytes) -> Terms:
    """Return the terms of a permit as its token says them.

    `leaf` is the public leaf of the entry by which the permit was issued.
    """
    return Terms(
        **dict(limits_of(permit.terms)),
        id=permit.permit,
        case=case.id,
        issuer=origin,
        consents=consents_of(case, permit),
        entry=EntryRef.of(origin, leaf),
        supersedes=permit.supersedes,
    )


def consents_of(case: Case, permit: PermitOnFile) -> tuple[Consent, ...]:
    """Return each yes that a permit rests on, as it tells of it."""
    return tuple(_consent(each, case, permit) for each in permit.grounds if each.kind in _SPOKEN)


def claims_of(case: Case, permit: PermitOnFile, origin: str, leaf: bytes) -> dict[str, JSON]:
    """Return what the signer needs to sign a permit: its terms, list index and moment of issue.

    Raises:
        UnfitPermitError: no key could sign it: its terms are too large, or say what none may.
    """
    try:
        terms = terms_of(case, permit, origin, leaf)
        must_be_issuable(terms, status_ref(origin, permit.status), permit.issued_at)
    except ValidationError as error:
        why = (
            f"{each['loc'][-1]}: {each['msg'].removeprefix('Value error, ')}."
            for each in error.errors()
        )
        raise _unfit(permit, " ".join(why)) from None
    except UnfitPermitError as error:
        raise _unfit(permit, str(error)) from None
    return claims_with(terms, permit)


def _unfit(permit: PermitOnFile, why: str) -> UnfitPermitError:
    return UnfitPermitError(
        f"Nobody could sign the permit {permit.permit}, so it is not issued. {why} Issue it for "
        "fewer lines, or have what it would say decided or filed anew."
    )


def claims_with(terms: Terms, permit: PermitOnFile) -> dict[str, JSON]:
    """Return the same where the terms are at hand."""
    return {
        "terms": terms.data(),
        "status": permit.status,
        "issued-at": written(permit.issued_at),
    }


def status_uri(origin: str) -> str:
    """Return the address of the status list of an installation."""
    return f"https://{origin}/{STATUS_LIST}"


def status_ref(origin: str, index: int) -> StatusRef:
    """Return the place of a permit in the status list."""
    return StatusRef(status_uri(origin), index)


def _consent(ground: Ground, case: Case, permit: PermitOnFile) -> Consent:
    """Return a yes that a permit rests on.

    The permit is shown to everybody, so a standing authorisation is not named: it may be
    undeclared.
    """
    foreign = ground.kind == "external-consent"
    given = _given(ground, case) if foreign else None
    return Consent.model_validate(
        {
            "party": ground.party,
            "kind": _TOLD.get(ground.kind, ground.kind),
            "by": ground.by if ground.kind in ("decision", "break-glass") else None,
            "on": str(given) if given else ground.at or permit.issued_at,
            "recorded": ground.at if given else None,
            "reference": f"{ground.by}" if foreign else f"case {case.id}",
        }
    )


def _given(ground: Ground, case: Case) -> Occasion | None:
    """Return when a consent that was recorded at another time was given, by its instrument."""
    return next(
        (
            given_elsewhere(each)
            for each in case.decisions
            if each.external and (each.party, each.at) == (ground.party, ground.at)
        ),
        None,
    )
