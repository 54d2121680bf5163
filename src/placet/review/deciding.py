"""Decisions: by offices here, by foreign governments as recorded, and their withdrawal.

What a rule asks to be consulted or waited for comes before the approval it bears on; what it asks
to be notified comes before the permit. Where an office decides by several persons the first sets
the text, and the others give the same or none; to refuse takes as many as to approve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from placet.canonical import canonical_json
from placet.policy import Proviso
from placet.registry import Grade, Presence
from placet.review.case import (
    Case,
    DecisionOnFile,
    PartyNeed,
    Reviewer,
    Role,
    Stage,
)
from placet.review.commands import (
    Decide,
    RecordConsent,
    Verdict,
)
from placet.review.consent import counting, lines_asked, settled, steps_owed
from placet.review.errors import (
    NoAuthorityError,
    OwedError,
    RepeatedError,
    StaleError,
    UnknownError,
    UnlawfulError,
)
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import current
from placet.review.scene import Applier, Performer, Scene

__all__ = [
    "APPLIERS",
    "NO_LIMITS",
    "PERFORMERS",
    "Said",
    "decided_lines",
    "must_be_ahead",
    "must_be_current",
    "must_be_open_to_approval",
    "must_limit",
    "on_file",
    "text_of",
    "with_decision",
]

_BEFORE_DECISION = frozenset({"consult", "wait-days"})
NO_LIMITS = "Limits go with an approval; what is refused or returned has none."
"""Why a decision that is no approval is refused where it has provisos."""
Said = Decide | RecordConsent


def decide(scene: Scene, command: Decide) -> Event:
    """Decide for a party, on the determination that was seen.

    Raises:
        UnknownError: the party, or a line, has no part in the case.
        NoAuthorityError: the office does not decide here, or the actor may not act for it.
        StaleError: it was taken on another determination, or what it says has changed.
        OwedError: somebody has to be consulted, or a time waited, before an approval.
        RepeatedError: the person, or the whole office, has decided.
        UnlawfulError: it approves what the rules refuse, or is not the text already given.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW, Stage.DECIDED)
    need = _need(scene, command.party)
    reviewer = _reviewer(need, command.office)
    _must_act_for(scene, reviewer, command)
    scene.must_take(Role.DECIDER, command.party)
    lines = decided_lines(scene, command)
    substance = must_be_current(scene, command.determination)
    must_be_ahead(command.until, scene.at)
    if command.verdict is Verdict.APPROVE:
        must_be_open_to_approval(scene, need, lines)
    text = text_of(command, command.office, lines, command.because)
    _must_be_new(scene, reviewer, command, lines, text)
    found = {"role": Role.DECIDER.value, "lines": list(lines), "text": text, "substance": substance}
    return scene.done(command, found)


def _need(scene: Scene, party: str) -> PartyNeed:
    needs = scene.case.determined.needs if scene.case.determined else {}
    if party not in needs:
        raise UnknownError(f"{party} has no say on this case; {', '.join(sorted(needs))} have.")
    if needs[party].outcome == "clear":
        raise UnlawfulError(f"{party} clears this in advance: there is nothing to decide for it.")
    return needs[party]


def _reviewer(need: PartyNeed, office: str) -> Reviewer:
    found = next((each for each in need.by if each.office == office), None)
    if found is None:
        could = [each.office for each in need.by]
        raise NoAuthorityError(f"{office} does not decide for {need.party} on this case.", could)
    return found


def _must_act_for(scene: Scene, reviewer: Reviewer, command: Decide) -> None:
    if command.delegation is None:
        scene.must_hold(reviewer.office)
        return
    why = _delegated(scene, command.delegation, reviewer)
    if why:
        raise NoAuthorityError(
            f"{scene.actor} may not act for {reviewer.office}: {why}.", [reviewer.office]
        )


def _delegated(scene: Scene, name: str, reviewer: Reviewer) -> str:
    """Say why a delegation does not let the actor decide for an office, or nothing if it does.

    A disputed or merely reported grant gives no authority, a revocation that may have been made
    counts, and the delegate acts from an office of their own, never from a delegated one.
    """
    found = scene.context.registry.record.delegations.get(name)
    if found is None:
        return f"there is no delegation {name[:80]}"
    standing = found.standing(scene.at, None)
    checks = (
        (reviewer.reserved, "the decision is reserved to the office itself"),
        (found.of != reviewer.office, f"{name} is a delegation of {found.of}"),
        (found.to not in scene.offices, f"{name} is to {found.to}, which they do not hold"),
        (standing.presence is not Presence.IN, f"{name} is not certainly in force"),
        (standing.grade is not Grade.CONFIRMED, f"{name} is {standing.grade} only"),
        (
            found.revoked is not None and found.revoked.on.reached(scene.at) is not Presence.OUT,
            f"{name} has been revoked, or may have been",
        ),
        (
            bool(found.activities) and scene.case.request["activity"] not in found.activities,
            f"{name} does not cover {scene.case.request['activity']}",
        ),
    )
    return next((why for fails, why in checks if fails), "")


def decided_lines(scene: Scene, command: Said) -> tuple[str, ...]:
    """Return the lines that a decision is about: those named, or all that the party is asked about.

    Raises:
        UnknownError: a line is none that the party is asked about, or a proviso is on another.
        UnlawfulError: the party is asked about nothing; a return names lines, though it returns
            the whole case; or what is no approval has limits.
    """
    asked = lines_asked(scene.case, command.party)
    if not asked:
        raise UnlawfulError(f"{command.party} is asked about nothing on this case.")
    if command.verdict is Verdict.RETURN and command.lines:
        raise UnlawfulError("A return is of the whole request; it names no lines.")
    unknown = sorted(set(command.lines) - set(asked))
    if unknown:
        raise UnknownError(f"{command.party} is not asked about {', '.join(unknown)}.")
    if command.provisos and command.verdict is not Verdict.APPROVE:
        raise UnlawfulError(NO_LIMITS)
    lines = set(command.lines or asked)
    must_limit(command.provisos, lines)
    return tuple(sorted(lines))


def must_limit(provisos: Iterable[Proviso], lines: Collection[str]) -> None:
    """Refuse a proviso on a line that is none of those that it goes with.

    Raises:
        UnknownError: there is one.
    """
    for each in provisos:
        if each.line is not None and each.line not in lines:
            raise UnknownError(f"The proviso {each.text!r} is on {each.line[:80]}, no line of it.")


def must_be_current(scene: Scene, seen: str) -> str:
    """Return the substance of the determination that was seen (rule 4).

    Raises:
        StaleError: the case stands on another one, or the present moment would give another.
    """
    standing = scene.case.determined
    if standing is None or seen != standing.digest:
        raise StaleError(
            "The decision names a determination that the case does not stand on. Look at the case "
            "again, and decide on what it stands on now.",
            [f"The case stands on {standing.digest}." if standing else "It stands on none."],
        )
    return current(scene).substance


def must_be_ahead(until: datetime | None, at: datetime) -> None:
    """Refuse a decision that has run out when it is taken.

    Raises:
        UnlawfulError: it has.
    """
    if until is not None and until <= at:
        raise UnlawfulError("A decision cannot run out before it is taken.")


def must_be_open_to_approval(scene: Scene, need: PartyNeed, lines: Iterable[str]) -> None:
    """Refuse an approval against the rules, or before what they ask to come first.

    Raises:
        UnlawfulError: the rules refuse a line, or may while a question is open.
        OwedError: somebody has to be consulted, or a time waited.
    """
    refused = [each for each in lines if need.lines.get(each) == "refuse"]
    if refused:
        raise UnlawfulError(
            f"The rules of {need.party} refuse {', '.join(refused)}, or may while a question is "
            "open; nobody can approve it. Have it answered, refuse it, or return it."
        )
    owed = steps_owed(scene.case, need, _BEFORE_DECISION, scene.at)
    if owed:
        raise OwedError(
            f"The rules of {need.party} ask for more before an approval.",
            [f"{each} has not been done." for each in owed],
        )


def text_of(command: Said, office: str | None, lines: tuple[str, ...], because: str) -> str:
    """Return the digest of what was decided: everything but who decided it, and when."""
    plain = command.model_dump(mode="json", by_alias=True)
    said = {
        name: plain[name]
        for name in ("party", "verdict", "provisos", "provided", "until", "disclosed")
    }
    whole = {**said, "office": office, "lines": list(lines), "because": because}
    return f"sha256:{hashlib.sha256(canonical_json(whole)).hexdigest()}"


def _must_be_new(
    scene: Scene, reviewer: Reviewer, command: Decide, lines: tuple[str, ...], text: str
) -> None:
    """Refuse a second decision by one person, one too many, and another text than the first's."""
    given = [
        each
        for each in counting(scene.case, scene.at)
        if each.office == reviewer.office
        and each.party == command.party
        and set(each.lines) & set(lines)
    ]
    if any(each.person == scene.actor for each in given):
        raise RepeatedError(f"{scene.actor} has decided this for {reviewer.office}.")
    if len(given) >= reviewer.persons:
        raise RepeatedError(f"{reviewer.office} has decided this; withdraw that decision first.")
    for each in given:
        if each.text != text:
            raise UnlawfulError(
                f"{each.person} has given another text for {reviewer.office}, and all who decide "
                f"give the same. It differs in {_differing(each, command, lines)}."
            )


def _differing(given: DecisionOnFile, command: Decide, lines: tuple[str, ...]) -> str:
    pairs: dict[str, tuple[Any, Any]] = {
        "verdict": (given.verdict, command.verdict),
        "lines": (given.lines, lines),
        "provisos": (given.provisos, command.provisos),
        "provided": (given.provided, command.provided),
        "until": (given.until, command.until),
        "because": (given.because, command.because),
        "disclosed": (given.disclosed, command.disclosed),
    }
    return ", ".join(name for name, (one, other) in pairs.items() if one != other)


def _decided(case: Case, command: Decide, event: Event) -> Case:
    given = on_file(case, command, event, command.because)
    office = {"office": command.office, "delegation": command.delegation}
    return with_decision(case, given.model_copy(update=office))


def on_file(case: Case, command: Said, event: Event, because: str) -> DecisionOnFile:
    """Return a decision as the case keeps it, whose ever it is."""
    return DecisionOnFile(
        party=command.party,
        person=event.actor,
        at=event.at,
        round=case.round,
        verdict=command.verdict,
        lines=tuple(event.found["lines"]),
        provisos=command.provisos,
        provided=command.provided,
        until=command.until,
        because=because,
        disclosed=command.disclosed,
        determination=command.determination,
        substance=event.found["substance"],
        text=event.found["text"],
    )


def with_decision(case: Case, given: DecisionOnFile) -> Case:
    """Put a decision on file; the case ends where it refuses or returns all that was left."""
    found = case.model_copy(update={"decisions": (*case.decisions, given)})
    stage = settled(found, given.at)
    ended = given.disclosed if stage in (Stage.REFUSED, Stage.RETURNED) else None
    return found.model_copy(update={"stage": stage, "ended": ended})


PERFORMERS: dict[str, Performer] = dict([performing(Decide, decide)])

APPLIERS: dict[str, Applier] = dict([applying(Decide, _decided)])
