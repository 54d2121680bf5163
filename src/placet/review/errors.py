"""Why an act was not done, as one tree, split by what would have to be different.

    ReviewError
    ├── NotAllowedError    the actor may not; says who could
    │   ├── TwoRolesError      the actor has already acted on the case in another role
    │   └── NoAuthorityError   the office is not held, not delegated, disputed, or reserved
    ├── StageError         not at this stage of the case or permit
    ├── OwedError          something is still owed; lists all of it
    ├── StaleError         the determination has changed since; shows the difference
    ├── UnreadableError    its fields make no such act; names each with why
    ├── UnknownError       no such question, advice, permit, line, policy …
    ├── RepeatedError      it was done before, or an id is taken
    ├── UndisclosedError   why it cannot be done is not the actor's to know
    └── UnlawfulError      the act itself is not one that rules allow: wider terms, a past date …
        └── ClockError     the house's clock gives no moment for an act

Nothing is written where one of these is raised.
"""

from __future__ import annotations

from collections.abc import Iterable

from placet.errors import PlacetError

__all__ = [
    "ClockError",
    "NoAuthorityError",
    "NotAllowedError",
    "OwedError",
    "RepeatedError",
    "ReviewError",
    "StageError",
    "StaleError",
    "TwoRolesError",
    "UndisclosedError",
    "UnknownError",
    "UnlawfulError",
    "UnreadableError",
]


class ReviewError(PlacetError):
    """The root of why an act was not done."""


class NotAllowedError(ReviewError):
    """The actor may not do this; `who_could` names the offices whose officials could.

    `says` is why, without who could.
    """

    def __init__(self, text: str, who_could: Iterable[str] = ()) -> None:
        self.says = text
        self.who_could = tuple(sorted(set(who_could)))
        could = f" It takes {' or '.join(self.who_could)}." if self.who_could else ""
        super().__init__(text + could)


class TwoRolesError(NotAllowedError):
    """One person never acts in two roles on a case (DESIGN §3, rule 3)."""


class NoAuthorityError(NotAllowedError):
    """The office is not the actor's to act for: not held, not delegated, reserved or disputed."""


class StageError(ReviewError):
    """The case or the permit is not at a stage at which this can be done."""


class OwedError(ReviewError):
    """Something is still owed; `owed` lists all of it, each as a sentence."""

    def __init__(self, text: str, owed: Iterable[str]) -> None:
        self.owed = tuple(owed)
        super().__init__(text + "".join(f"\n- {each}" for each in self.owed))


class StaleError(ReviewError):
    """The determination is no longer what it was; `differences` says in what."""

    def __init__(self, text: str, differences: Iterable[str]) -> None:
        self.differences = tuple(differences)
        super().__init__(text + "".join(f"\n- {each}" for each in self.differences))


class UnreadableError(ReviewError):
    """The fields that were given make no such act; `problems` says of each which, and why."""

    def __init__(self, kind: str, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        found = "; ".join(f"{field or 'the whole'}: {why}" for field, why in self.problems)
        super().__init__(f"The act {kind} cannot be read: {found}.")


class UnknownError(ReviewError):
    """The act names something that is not there."""


class UndisclosedError(ReviewError):
    """Why the act cannot be done is not the actor's to know: it says the same whatever it is."""

    def __init__(self) -> None:
        super().__init__(
            "It cannot be done as things stand, for a reason that is not yours to know: it lies "
            "with another party, or within the review. See what the case awaits, or ask an "
            "officer who leads it."
        )


class RepeatedError(ReviewError):
    """It was done before, or the id that it gives is taken."""


class UnlawfulError(ReviewError):
    """The act is not one that anybody may do in this form."""


class ClockError(UnlawfulError):
    """The house's clock gives no moment for an act: it says nothing of the case, to anybody."""
