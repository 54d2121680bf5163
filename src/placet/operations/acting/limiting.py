"""Limiting an approval: what of a request can still be limited, and limits as provisos in words.

What may be limited, and whether anything is left, is what the review says of a permit (`limits`):
here it is asked before anybody signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from placet.errors import RequestError
from placet.need_to_know import View
from placet.need_to_know.choices import Choice
from placet.need_to_know.telling import things
from placet.operations.seeing.permit_words import words_of
from placet.policy import Proviso
from placet.registry import NONE, Registry, beneath
from placet.review import Context, UnlawfulError
from placet.review.case import Terms
from placet.review.limits import LONGEST, asked, narrowed

__all__ = ["Limitable", "LimitableLine", "limits_of_permit", "limits_on_case"]


@dataclass(frozen=True)
class LimitableLine:
    """A line whose quantity can be limited: what it is of (`things`), and how many, if said."""

    line: str
    of: str
    most: int | None


@dataclass(frozen=True)
class Limitable:
    """What can still be limited of something that is asked for, or permitted.

    Each list offers what lies in what is asked, and nothing where that is not told apart any
    further.
    """

    terms: Terms
    registry: Registry
    lines: tuple[LimitableLine, ...]

    @property
    def areas(self) -> tuple[Choice, ...]:
        """The areas and sets of areas that lie in part of what is asked, by name."""
        areas, words = self.registry.areas, words_of(self.registry)
        sets = [(key, each.name or key) for key, each in self.registry.record.areas.items()]
        if self.terms.within:
            inside = self.terms.within
            codes = [
                code
                for code in sorted(areas.codes)
                if code not in inside and any(areas.within(code, each) for each in inside)
            ]
            sets = [
                (key, name)
                for key, name in sets
                if any(areas.touches(each, key) for each in inside)
                and not all(areas.within(each, key) for each in inside)
            ]
        else:
            codes = sorted(self.registry.record.parties.keys() & areas.codes)
        return (*sets, *((code, words.name(code)) for code in codes))

    @property
    def targets(self) -> tuple[Choice, ...]:
        """The categories of target that lie in what is asked."""
        return self._inside(self.terms.targets, self.registry.record.targets)

    @property
    def purposes(self) -> tuple[Choice, ...]:
        """The purposes that lie in what is asked."""
        return self._inside(self.terms.purposes, self.registry.record.purposes)

    @property
    def recipients(self) -> tuple[Choice, ...]:
        """Those to whom it may go: whom the request names, or any party where it names none."""
        named = self.terms.recipients or sorted(self.registry.record.parties)
        return tuple((each, self.registry.name(each)) for each in named if each != NONE)

    def _inside(self, asked: Sequence[str], known: Mapping[str, str]) -> tuple[Choice, ...]:
        if not asked:
            return tuple(known.items())
        return tuple(
            (key, name)
            for key, name in known.items()
            if key not in asked and any(beneath(key, each) for each in asked)
        )

    def worded(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """Return a limit in the spelling of files with its text: what it says, in words."""
        return {**plain, "text": plain.get("text") or "; ".join(self._words(plain))}

    def _words(self, plain: Mapping[str, Any]) -> Iterator[str]:
        words = words_of(self.registry)
        if "at-most" in plain:
            yield f"at most {plain['at-most']} {self._of(plain.get('line'))}"
        if "within" in plain:
            yield f"only in {words.one_of(plain['within'])}"
        if "outside" in plain:
            yield f"not in {words.one_of(plain['outside'])}"
        if "not-targets" in plain:
            yield f"not against targets of the category {words.one_of(plain['not-targets'])}"
        if "purposes" in plain:
            yield f"only for the purpose {words.one_of(plain['purposes'])}"
        if "recipients" in plain:
            yield f"the recipient is {words.one_of(plain['recipients'])}, and nobody else"
        if "each-use" in plain:
            yield "it covers a single use"
        if "no-onward-transfer" in plain:
            yield "it may not be passed on"
        if days := plain.get("report-within-days"):
            yield f"use is reported within {'one day' if str(days) == '1' else f'{days} days'}"

    def _of(self, line: str | None) -> str:
        """Say of what a number is."""
        return next((each.of for each in self.lines if each.line == line), line or "of each line")

    def wrong_with(self, plain: Mapping[str, Any]) -> str:
        """Say why one limit is none of an approval: nothing would be left under it, or all would.

        Nothing is said of a limit that is in order. What cannot be read as one is for the reader of
        the act to refuse.
        """
        try:
            limit = Proviso.model_validate(dict(plain))
            narrowed(self.terms, [limit], self.registry)
        except ValidationError:
            return ""
        except UnlawfulError as error:
            return str(error)
        asked = next((each.most for each in self.lines if each.line == limit.line), None)
        if asked is None or limit.at_most is None or limit.at_most <= asked:
            return ""
        return f"{asked} {'is' if asked == 1 else 'are'} asked for: more limits nothing"


def limits_on_case(context: Context, view: View, party: str, at: datetime) -> Limitable | None:
    """Return what a party's approval can limit, of what it is asked about on a case.

    Args:
        context: says what things are called, and what lies in what.
        view: the case, as whoever limits it sees it.
        party: whose approval it would be.
        at: the moment of looking.

    Returns:
        Nothing where the request names what is no longer on record.
    """
    try:
        request = context.request(view.request)
    except RequestError:
        return None
    inside = view.inside.get(party)
    needs = inside.need.get("lines", {}) if inside is not None else {}
    about = [each for each in request.lines if needs.get(each, "review") != "clear"]
    span = (at, at + LONGEST)
    return _limitable(asked(request, context.registry, about, span), context.registry)


def limits_of_permit(context: Context, terms: Mapping[str, Any]) -> Limitable:
    """Return what a narrower permit can limit, of the terms of the one that is out."""
    return _limitable(Terms.model_validate(dict(terms)), context.registry)


def _limitable(terms: Terms, registry: Registry) -> Limitable:
    named = things({each.line: {"item": each.item} for each in terms.lines}, registry)
    lines = (LimitableLine(each.line, named[each.line], each.quantity) for each in terms.lines)
    return Limitable(terms, registry, tuple(lines))
