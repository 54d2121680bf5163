"""Who looks: the person signed in to the pages, with the offices they hold at this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from placet.operations.house import House, SignedIn, viewer_of
from placet.registry import Duty
from placet.review import Viewer
from placet.web.house import NAMES, house, names

__all__ = ["Looking", "PeopleMiddleware", "looking", "words"]


@dataclass(frozen=True)
class Looking:
    """A request's person before the register; `person` is None for nobody signed in."""

    request: HttpRequest

    @cached_property
    def house(self) -> House:
        """The register."""
        return house()

    @cached_property
    def person(self) -> str | None:
        """The id of the person signed in."""
        user = self.request.user
        return str(user.get_username()) if user.is_authenticated else None

    @cached_property
    def who(self) -> SignedIn:
        """The person as operations that show something take them."""
        return SignedIn(self.person or "", None)

    @cached_property
    def viewer(self) -> Viewer:
        """The person with the offices they hold now."""
        return viewer_of(self.house, self.who) if self.person else Viewer()

    @cached_property
    def name(self) -> str:
        """The person's name as it stands in the register."""
        return names().people.get(self.person or "", self.person or "")

    @cached_property
    def offices(self) -> tuple[tuple[str, str], ...]:
        """The offices that the person holds, with their titles."""
        offices = names().registry.record.offices
        return tuple((each, offices[each].title) for each in sorted(self.viewer.offices))

    def has(self, duty: str) -> bool:
        """Say whether one of the person's offices has a duty."""
        return any(each is Duty(duty) for _, each in self.viewer.duties)

    @cached_property
    def administers(self) -> bool:
        """Say whether the person administers offices and accounts."""
        return self.has(Duty.AUTHORITY)

    @cached_property
    def files(self) -> bool:
        """Say whether the person files requests for a party."""
        return self.has(Duty.APPLICATIONS)


class PeopleMiddleware:
    """Says of every request who looks, when that is first asked; a page goes by one context."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        vars(request)["looking"] = Looking(request)
        NAMES.set(None)
        if request.method not in ("GET", "HEAD"):
            return self.answer(request)
        with house().reading.at_one_moment():
            return self.answer(request)


def looking(request: HttpRequest) -> Looking:
    """Return who looks."""
    return cast("Looking", vars(request)["looking"])


def words(request: HttpRequest) -> dict[str, Any]:
    """Return what every page says: who looks, and whether this is a demonstration."""
    return {
        "looking": vars(request).get("looking"),
        "demonstration": settings.DEMONSTRATION,
        "address": settings.ADDRESS,
    }
