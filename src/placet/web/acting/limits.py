"""The limits of an approval as a form asks for them: a field for each kind, and other words.

What is chosen becomes a proviso each, in the spelling of files. Of each proviso it is known which
field it came from, so that what is wrong with it is said there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from placet.need_to_know.choices import Choice
from placet.operations.acting.limiting import Limitable

__all__ = ["LimitField", "limit_fields", "limits_sent"]

_NAME = "provisos"
_MANY = ("within", "outside", "not-targets", "purposes")
_FLAGS = ("each-use", "no-onward-transfer")
_DAYS, _RECIPIENT, _WORDS, _MOST = "report-within-days", "recipients", "text", "at-most"


@dataclass(frozen=True)
class LimitField:
    """A field of the limits: `kind` is count, many, choice, flag or long.

    `values` are what was sent for it, and `problem` what was wrong with that.
    """

    name: str
    label: str
    kind: str
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    values: tuple[str, ...] = ()
    problem: str = ""

    @property
    def value(self) -> str:
        """What stands in it, where it takes one value."""
        return self.values[0] if self.values else ""

    @property
    def id(self) -> str:
        """Its name, as an id has it."""
        return self.name.replace(".", "-")


def limits_sent(sent: QueryDict) -> list[tuple[str, dict[str, Any]]]:
    """Return each limit that a form sent, with the field that it came from."""
    return [*_numbers(sent), *_chosen(sent), *_worded(sent)]


def _numbers(sent: QueryDict) -> Iterator[tuple[str, dict[str, Any]]]:
    start = f"{_NAME}.{_MOST}."
    for name in sent:
        if name.startswith(start) and (most := sent.get(name, "").strip()):
            yield name, {"at-most": most, "line": name.removeprefix(start)}
    if days := sent.get(f"{_NAME}.{_DAYS}", "").strip():
        yield f"{_NAME}.{_DAYS}", {_DAYS: days}


def _chosen(sent: QueryDict) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in (*_MANY, _RECIPIENT):
        if chosen := [one for one in sent.getlist(f"{_NAME}.{each}") if one]:
            yield f"{_NAME}.{each}", {each: chosen}
    for each in _FLAGS:
        if sent.get(f"{_NAME}.{each}"):
            yield f"{_NAME}.{each}", {each: True}


def _worded(sent: QueryDict) -> Iterator[tuple[str, dict[str, Any]]]:
    for text in sent.get(f"{_NAME}.{_WORDS}", "").splitlines():
        if text.strip():
            yield f"{_NAME}.{_WORDS}", {"text": text.strip()}


def limit_fields(
    limitable: Limitable | None,
    sent: QueryDict,
    problems: Mapping[str, str],
    *,
    lines: bool = True,
) -> tuple[LimitField, ...]:
    """Return the fields for the limits of an approval, with what was sent and what is wrong.

    Args:
        limitable: what can be limited; only by words where that is not known.
        sent: what was sent.
        problems: what is wrong, by field.
        lines: whether the quantity of lines is asked for here.
    """

    def bound(name: str, label: str, kind: str, **more: Any) -> LimitField:
        field = f"{_NAME}.{name}"
        values = tuple(each for each in sent.getlist(field) if each)
        return LimitField(
            field, label, kind, values=values, problem=problems.get(field, ""), **more
        )

    found = list(_structured(limitable, bound, lines=lines)) if limitable else []
    words = _("Others, in words"), "long"
    return (*found, bound(_WORDS, *words, hint=_("One on each line, as it will read.")))


def _structured(limitable: Limitable, bound: Any, *, lines: bool) -> Iterator[LimitField]:
    for each in limitable.lines if lines else ():
        most = _("of %(count)d asked for") % {"count": each.most} if each.most is not None else ""
        label = _("%(item)s, at most") % {"item": each.of}
        yield bound(f"{_MOST}.{each.line}", label, "count", hint=most)
    if areas := limitable.areas:
        yield bound("within", _("Only in"), "many", choices=areas)
        yield bound("outside", _("Not in"), "many", choices=areas)
    if targets := limitable.targets:
        yield bound("not-targets", _("Not against"), "many", choices=targets)
    if purposes := limitable.purposes:
        yield bound("purposes", _("Only for"), "many", choices=purposes)
    if recipients := limitable.recipients:
        yield bound(_RECIPIENT, _("Only to"), "choice", choices=recipients)
    yield bound("each-use", _("For a single use"), "flag")
    yield bound("no-onward-transfer", _("Not to be passed on"), "flag")
    yield bound(_DAYS, _("Use is reported within"), "count", hint=_("days"))
