"""Appeals: the applicant asks that something be reconsidered, and is answered.

An appeal is followed where a new round is opened on it (`leading.reconsider`), and dismissed by
whoever gave the word that it is against: every party whose word refuses, returns or limits answers
for itself, in the office that gave it. A limit of the rules, and a return by the desk, is nobody's
decision: then the desk answers. No answer is no dismissal, and a dismissal changes nothing that was
decided: so one person of an office gives it, though several decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from placet.registry import Duty
from placet.review.case import UNDECIDED, AppealOnFile, Case, Dismissal, Role, Stage
from placet.review.commands import Appeal, DismissAppeal, Verdict
from placet.review.consent import opened
from placet.review.consenting import as_liaison
from placet.review.errors import NotAllowedError, RepeatedError, UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.kinds import applying, performing
from placet.review.parties import act_for_applicant, act_with, issuing
from placet.review.released import ReleasedWord, released
from placet.review.scene import Applier, Performer, Scene

__all__ = [
    "ANSWERED_AT",
    "APPLIERS",
    "LIES_ALREADY",
    "PERFORMERS",
    "can_be_appealed",
    "lying_appeal",
    "owing_answer",
    "unfollowed",
]

ANSWERED_AT = (
    *(Stage.UNDER_REVIEW, Stage.DECIDED, Stage.PERMITTED),
    *(Stage.REFUSED, Stage.RETURNED, Stage.LAPSED),
)
"""The stages in which an appeal is answered: by a new round, or by dismissing it."""
LIES_ALREADY = "An appeal lies already, and has not been answered yet."


def appeal(scene: Scene, command: Appeal) -> Event:
    """Ask that a refusal, a return or a proviso be reconsidered.

    Raises:
        UnlawfulError: nothing was refused or returned, and no proviso stands, as far as is told.
        RepeatedError: an appeal lies.
    """
    scene.must_stand_at(*UNDECIDED, Stage.REFUSED, Stage.RETURNED, Stage.PERMITTED)
    found = act_for_applicant(scene)
    if not can_be_appealed(scene.case):
        raise UnlawfulError("Nothing was refused, and no proviso stands that could be appealed.")
    if lying_appeal(scene.case) is not None:
        raise RepeatedError(LIES_ALREADY)
    return scene.done(command, found)


def can_be_appealed(case: Case) -> bool:
    """Say whether there is something to appeal: of what the applicant is told, and nothing else.

    While a review is open that is what parties have said and released; whether all have is not.
    """
    return (
        case.stage in (Stage.REFUSED, Stage.RETURNED)
        or any(map(_is_appealable, released(case)))
        or any(each.terms.provisos for each in case.permits.values())
    )


def _is_appealable(word: ReleasedWord) -> bool:
    return word.verdict is not Verdict.APPROVE or bool(word.provisos)


def lying_appeal(case: Case) -> int | None:
    """Return the number of the appeal that lies: not answered, and nothing put anew since.

    Of two, which an older program took, the first.
    """
    lying = (number for number, each in unfollowed(case) if _unanswered(case, each))
    return next(lying, None)


def unfollowed(case: Case) -> Iterator[tuple[int, AppealOnFile]]:
    """Yield the appeals on which no new round was opened, and nothing was put anew since."""
    for number, each in enumerate(case.appeals):
        if each.reconsidered_at is None and each.at >= opened(case):
            yield number, each


def _unanswered(case: Case, appeal: AppealOnFile) -> bool:
    return not appeal.dismissals or bool(_owing(case, appeal))


Owing: TypeAlias = Mapping[str, frozenset[str | None]]


def owing_answer(case: Case) -> Owing:
    """Return the parties that have not answered the appeal that lies, with who gave their word.

    They are those whose word refuses, returns or limits, was out when the appeal was made, and
    stands: its office, or None of one given elsewhere. All who have a part in the case know that.
    Where an appeal lies and nobody owes an answer it is the desk's.
    """
    lying = lying_appeal(case)
    return _owing(case, case.appeals[lying]) if lying is not None else {}


def _owing(case: Case, appeal: AppealOnFile) -> Owing:
    answered = {each.party for each in appeal.dismissals}
    owing: dict[str, frozenset[str | None]] = {}
    for word in released(case):
        against = _is_appealable(word) and word.at <= appeal.at
        if against and word.party not in answered:
            owing[word.party] = owing.get(word.party, frozenset()) | {word.office}
    return owing


def _appealed(case: Case, command: Appeal, event: Event) -> Case:
    made = AppealOnFile(person=event.actor, at=event.at, because=command.because)
    return case.model_copy(update={"appeals": (*case.appeals, made)})


# --- its dismissal


def dismiss_appeal(scene: Scene, command: DismissAppeal) -> Event:
    """Dismiss the appeal that lies, for a party whose word it is against, or as the desk.

    Raises:
        StageError: the case is where no appeal is answered.
        NotAllowedError: the actor does not hold the office that gave the word, attests no word
            given elsewhere, or leads the case for nobody who issues its permits; or the desk would
            answer for those who decided.
        TwoRolesError: the actor has another role, or stands on the applicant's side.
        RepeatedError: the party has dismissed it.
        UnknownError: no appeal lies, or against no word of that party and office.
    """
    scene.must_stand_at(*ANSWERED_AT)
    acting = _answering(scene, command)
    lying = lying_appeal(scene.case)
    if lying is None:
        raise UnknownError("No appeal lies that could be dismissed.")
    found = scene.case.appeals[lying]
    owing = _owing(scene.case, found)
    if command.party is None:
        _must_be_for_the_desk(owing)
    elif any(each.party == command.party for each in found.dismissals):
        raise RepeatedError(f"{command.party} has dismissed this appeal.")
    elif command.office not in owing.get(command.party, ()):
        whose = command.office or "anybody elsewhere"
        raise UnknownError(f"The appeal is against no word of {command.party} by {whose}.")
    return scene.done(command, acting)


def _answering(scene: Scene, command: DismissAppeal) -> dict[str, str]:
    """Let the actor answer in the office that gave a word, for one given elsewhere, or as the desk.

    As the desk those answer who could issue the permit: whoever wants it does not.
    """
    if command.party is None:
        if command.office is not None:
            raise UnknownError(f"Name the party for which {command.office[:80]} answers.")
        return act_with(scene, Duty.CASES, issuing(scene))
    if command.office is None:
        return as_liaison(scene, command.party)
    scene.must_hold(command.office)
    scene.must_take(Role.DECIDER, command.party)
    return {"role": Role.DECIDER.value}


def _must_be_for_the_desk(owing: Owing) -> None:
    if owing:
        offices = sorted({each for one in owing.values() for each in one if each is not None})
        raise NotAllowedError(
            f"The appeal is against what was decided for {', '.join(sorted(owing))}; who decided "
            "answers it.",
            offices,
        )


def _dismissed(case: Case, command: DismissAppeal, event: Event) -> Case:
    lying = lying_appeal(case)
    made = Dismissal(party=command.party, at=event.at, disclosed=command.disclosed)
    appeals = tuple(
        each.model_copy(update={"dismissals": (*each.dismissals, made)})
        if number == lying
        else each
        for number, each in enumerate(case.appeals)
    )
    return case.model_copy(update={"appeals": appeals})


PERFORMERS: dict[str, Performer] = dict(
    [performing(Appeal, appeal), performing(DismissAppeal, dismiss_appeal)]
)

APPLIERS: dict[str, Applier] = dict(
    [applying(Appeal, _appealed), applying(DismissAppeal, _dismissed)]
)
