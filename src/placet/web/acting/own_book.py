"""The form by which a party's book is revised: its fields as they stand, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from placet.need_to_know.choices import Choice
from placet.registry import Activity
from placet.registry.records import Basis
from placet.review import Context
from placet.web.acting.fields import Field, as_choices
from placet.web.acting.own_records import settled_by
from placet.web.people import Looking

__all__ = ["book_fields", "revised"]

_OF_CLAIMS = ("basis", "activities", "classes", "when")


def book_fields(
    by: Mapping[str, Field], context: Context, seen: Looking, sent: QueryDict
) -> Iterator[Field]:
    """Yield the fields of a book of the person's own party, each as it stands there."""
    registry = context.registry
    parties = [(each, registry.name(each)) for each in sorted(seen.viewer.parties)]
    party = sent.get("party") if sent.get("party") in dict(parties) else parties[0][0]
    held = _held(context, str(party))
    yield settled_by(by["party"], [each for each in parties if each[0] == party])
    yield _field("title", held.get("title", ""), title=_("Title of the book"))
    otherwise = str(held.get("otherwise", "review"))
    yield _field(
        "otherwise",
        otherwise,
        choices=_answers(context, str(party), otherwise),
        title=_("Where no policy speaks"),
    )
    yield _field(
        "unstated",
        held.get("unstated", "review"),
        choices=(("review", _("Review")), ("as-written", _("As it is written"))),
        title=_("Where the scope of a policy is silent"),
    )
    yield _field(
        "evidence",
        held.get("evidence", "signature"),
        choices=(("signature", _("Any signature")), ("passkey", _("A passkey"))),
        title=_("The least by which a decision is signed"),
    )
    for number, claim in enumerate([*held.get("claims", ()), {}], 1):
        yield from _claim(context, number, claim)
    yield from _break_glass(context, str(party), held.get("break-glass", {}))


def revised(plain: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return what a form sent, of the book's fields those alone that differ from the record."""
    held = _held(context, str(plain.get("party", "")))
    fields = dict(plain.get("fields", {}))
    claims = [*held.get("claims", ())]
    sent = [
        _as_sent(claims[int(number) - 1] if int(number) <= len(claims) else {}, each)
        for number, each in sorted(fields.pop("claims", {}).items(), key=lambda one: int(one[0]))
    ]
    if kept := [each for each in sent if each]:
        fields["claims"] = kept
    defaults = {"otherwise": "review", "unstated": "review", "evidence": "signature"}
    differs = {
        name: value for name, value in fields.items() if held.get(name, defaults.get(name)) != value
    }
    return {**plain, "fields": differs}


def _as_sent(held: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a claim as it was sent, with what no field asks for; nothing where none is ticked."""
    if not sent.get("basis") and not sent.get("activities"):
        return {}
    return {**{name: each for name, each in held.items() if name not in _OF_CLAIMS}, **sent}


def _held(context: Context, party: str) -> Mapping[str, Any]:
    """Return a party's book in the spelling of files; an empty one where there is none."""
    return next((each for each in context.plain["books"] if each["book"] == party), {})


def _field(name: str, value: object, *, title: str, choices: tuple[Choice, ...] = ()) -> Field:
    kind = "choice" if choices else "text"
    return Field(f"fields.{name}", "", kind, bool(choices), choices, preset=str(value), title=title)


def _answers(context: Context, party: str, stands: str) -> tuple[Choice, ...]:
    """Return what can hold where no policy speaks: what stands, a review, a refusal."""
    offices = context.registry.record.offices
    reviews = [
        (f"review {key}", _("Review by %s") % each.title)
        for key, each in offices.items()
        if each.party == party
    ]
    others = (("review", _("Review by the home office")), ("refuse", _("Refuse")))
    known = dict((*sorted(reviews, key=lambda each: each[1]), *others))
    return tuple({stands: capfirst(stands), **known}.items())


def _claim(context: Context, number: int, held: Mapping[str, Any]) -> Iterator[Field]:
    begun = _("A further claim") if not held else _("Claim %d") % number
    classes = context.registry.record.classes.items()
    offered: tuple[tuple[str, str, tuple[Choice, ...]], ...] = (
        ("basis", _("Over things tied to the party by"), as_choices(Basis)),
        ("activities", _("For the activities"), as_choices(Activity)),
        ("classes", _("Of these classes alone"), tuple((key, str(each)) for key, each in classes)),
    )
    for name, says, choices in offered:
        preset = "\n".join(map(str, held.get(name, ())))
        path = f"fields.claims.{number}.{name}"
        yield Field(path, "", "several", False, choices, preset=preset, title=says, group=begun)
    when = str(held.get("when", ""))
    says = _("A condition; left empty, always.")
    path = f"fields.claims.{number}.when"
    yield Field(path, says, "long", False, preset=when, title=_("Only when"), group=begun)


def _break_glass(context: Context, party: str, held: Mapping[str, Any]) -> Iterator[Field]:
    offices = context.registry.record.offices.items()
    own = tuple((key, each.title) for key, each in offices if each.party == party)
    office = _field("break-glass.by", held.get("by", ""), choices=own, title=_("Who"))
    who = replace(office, required=False, label=_("An office of the party, if any."))
    hours = _field("break-glass.hours", held.get("hours", ""), title=_("For how many hours"))
    count = replace(hours, kind="count", label=_("72 at most."))
    why = _field("break-glass.because", held.get("because", ""), title=_("In which emergency"))
    group = _("Acting before the review, in an emergency")
    yield from (replace(each, group=group) for each in (who, count, why))
