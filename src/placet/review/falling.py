"""What falls with what an act ends: permits are suspended, or spared (DESIGN §3, rule 8).

An act lists what it suspends, at once or from a day to come; `with_suspensions` does as it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from placet.registry import parse_moment, written
from placet.review.case import CarveOut, Case, Ground, PermitOnFile, PermitStage, Suspension
from placet.review.errors import UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.grounds import Footing, failures, live

__all__ = ["OF_PERMITS", "what_ends", "with_suspensions"]

OF_PERMITS = ("suspends", "spared", "falls", "stays")
"""What an act did to permits, in what it found (`what_ends`)."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A ground of a permit that an act ends: at once, or `since` a day to come."""

    case: str
    permit: str
    ground: Ground
    because: str
    since: datetime | None = None

    def plain(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "permit": self.permit,
            "ground": self.ground.plain(),
            "because": self.because,
            **({} if self.since is None else {"from": written(self.since)}),
        }


def what_ends(
    now: Iterable[tuple[Footing, Footing]],
    except_permits: Iterable[str] = (),
    carve_out: str | None = None,
    *,
    ahead: bool = False,
) -> dict[str, Any]:
    """Return which permits an act suspends, and which it spares in writing: `found` of the act.

    A permit falls where a ground of it held before the act and does not after it; or where one that
    was spared ends for another reason. `now` holds, for each case, the footing before and after at
    the moment of the act. Looking `ahead`, a permit `falls` where a ground ends on a day to come:
    it is suspended from then on until somebody lifts it, and not for as long as the record says.

    Raises:
        UnknownError: a permit is to be spared that rests on nothing that the act ends; or there is
            none of that name, which is not told apart.
        UnlawfulError: permits are to be spared without a text that says so, or a text spares none.
    """
    excepted, pairs = frozenset(except_permits), tuple(now)
    if bool(excepted) != bool(carve_out):
        raise UnlawfulError(
            "A carve-out names the permits it spares and carries a text that says why; "
            "give both or neither."
        )
    both = [each for pair in pairs for each in _ended(*pair, ahead=ahead)]
    if missing := sorted(excepted - {each.permit for each in both}):
        raise UnknownError(f"No permit {', '.join(missing)} rests on what this act ends.")
    spared = [each for each in both if each.permit in excepted]
    falling = [each for each in both if each.permit not in excepted]
    return {
        "suspends": _sorted(each for each in falling if each.since is None),
        "spared": _sorted(spared),
        **({"falls": later} if (later := _sorted(each for each in falling if each.since)) else {}),
        **({"stays": staying} if (staying := list(_staying(pairs))) else {}),
    }


def _live_permits(footing: Footing) -> Mapping[str, PermitOnFile]:
    permits = footing.case.permits.items()
    return {name: each for name, each in sorted(permits) if live(each, footing.at)}


def _ended(before: Footing, after: Footing, *, ahead: bool) -> Iterator[_Ended]:
    """Yield what an act ends, each ground once: at once, or on the first of the days to come.

    What held before is asked of grounds alone that do not hold after it.
    """
    at = before.at
    for name, permit in _live_permits(before).items():
        spared, gone = {each.ground for each in permit.spared}, set[Ground]()
        until = permit.terms.until if ahead else at
        for moment, ground, why in failures(permit.grounds, after, until):
            if ground in gone:
                continue
            was, now = before.on(moment).why_not(ground), moment == at
            if now or was is None:
                gone.add(ground)
            if was is None or (now and ground in spared and was != why):
                yield _Ended(before.case.id, name, ground, why, None if now else moment)


def _staying(pairs: Iterable[tuple[Footing, Footing]]) -> Iterator[dict[str, Any]]:
    """Yield what was to fall on a day to come, and does not where an act has taken that back."""
    for before, after in pairs:
        for name, permit in _live_permits(before).items():
            for each in permit.falling:
                if each.ground is None or each.at <= before.at:
                    continue
                ended = before.on(each.at).why_not(each.ground) is not None
                if ended and after.on(each.at).why_not(each.ground) is None:
                    found = _Ended(before.case.id, name, each.ground, each.because, each.at)
                    yield found.plain()


def _sorted(ended: Iterable[_Ended]) -> list[dict[str, Any]]:
    return [each.plain() for each in sorted(ended, key=_place)]


def _place(ended: _Ended) -> tuple[str, ...]:
    ground = ended.ground
    named = (ground.kind, ground.party, ground.about, repr(ground))
    return (ended.case, ended.permit, *named, str(ended.since))


def with_suspensions(case: Case, event: Event) -> Case:
    """Return a case with its permits as what an act ends and spares leaves them, no more."""
    permits = dict(case.permits)
    for each in event.found.get("stays", ()):
        if each["case"] == case.id:
            permits[each["permit"]] = _stays(permits[each["permit"]], each)
    for each in event.found.get("falls", ()):
        if each["case"] == case.id:
            permits[each["permit"]] = _falls(permits[each["permit"]], each, event)
    for each in event.found.get("suspends", ()):
        if each["case"] == case.id:
            permits[each["permit"]] = _suspended(permits[each["permit"]], each, event)
    for each in event.found.get("spared", ()):
        if each["case"] == case.id:
            permits[each["permit"]] = _spared(permits[each["permit"]], each, event)
    return case.model_copy(update={"permits": permits})


def _suspended(permit: PermitOnFile, ended: Mapping[str, Any], event: Event) -> PermitOnFile:
    """Suspend a permit; an earlier carve-out does not cover another end of the same ground."""
    suspension = _suspension(ended, event)
    return permit.model_copy(
        update={
            "stage": PermitStage.SUSPENDED,
            "suspensions": (*permit.suspensions, suspension),
            "spared": tuple(each for each in permit.spared if each.ground != suspension.ground),
        }
    )


def _suspension(ended: Mapping[str, Any], event: Event) -> Suspension:
    at, why = ended.get("from", event.at), ended["because"]
    plain = {"at": at, "by": event.actor, "because": why, "ground": ended["ground"]}
    return Suspension.model_validate(plain)


def _falls(permit: PermitOnFile, ended: Mapping[str, Any], event: Event) -> PermitOnFile:
    return permit.model_copy(update={"falling": (*permit.falling, _suspension(ended, event))})


def _stays(permit: PermitOnFile, staying: Mapping[str, Any]) -> PermitOnFile:
    ground, at = Ground.model_validate(staying["ground"]), parse_moment(staying["from"])
    left = tuple(each for each in permit.falling if (each.ground, each.at) != (ground, at))
    return permit.model_copy(update={"falling": left})


def _spared(permit: PermitOnFile, ended: Mapping[str, Any], event: Event) -> PermitOnFile:
    says = getattr(event.command, "carve_out", None)
    spared = CarveOut.model_validate(
        {"at": event.at, "by": event.actor, "says": says, "ground": ended["ground"]}
    )
    return permit.model_copy(update={"spared": (*permit.spared, spared)})
