"""Acts on the context whose forms know what is on record: people, offices, facts, policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from placet.need_to_know.choices import Choice
from placet.operations.on_record.authorities import appointing
from placet.operations.on_record.books import known_to
from placet.operations.seeing.permits import see_permits
from placet.review import CONTEXT_COMMANDS, Context
from placet.web.acting.facts import KINDS, as_recorded, fact_fields, name_of
from placet.web.acting.fields import Field
from placet.web.acting.of_case import permit_choices
from placet.web.acting.own_book import book_fields, revised
from placet.web.acting.own_records import RECORDS, named_alike
from placet.web.people import Looking

__all__ = ["begins_with", "filled_in", "own_fields"]

NEW = "person.new"


def own_fields(
    kind: str, fields: tuple[Field, ...], seen: Looking, context: Context, sent: QueryDict
) -> tuple[Field, ...]:
    """Return the fields of an act with what is on record to choose from.

    Args:
        kind: which act.
        fields: its fields, as its command has them.
        seen: who does it.
        context: what is on record.
        sent: what was sent, which may say what is begun from.
    """
    by = {each.name: each for each in fields}
    if "except-permits" in by and kind in CONTEXT_COMMANDS:
        by["except-permits"] = _sparing(by["except-permits"], seen, context)
    match kind:
        case "appoint":
            return _appointing(by, context, seen)
        case "dismiss":
            return _dismissing(by, context, seen)
        case "record-fact":
            asked = fact_fields(_known(context, seen), sent)
            begun = (_own_stock(each, seen, sent) for each in asked)
            return (*begun, *(by[each] for each in _ALWAYS))
        case "adopt-policy":
            return _adopting(by, context, seen, sent)
        case "revise-book":
            return (*book_fields(by, context, seen, sent), *(by[each] for each in _ALWAYS))
    if kind in RECORDS:
        own = tuple(RECORDS[kind](by, _known(context, seen), seen, sent))
        return (*own, *(by[each] for each in _ALWAYS if each in by and by[each] not in own))
    return fields


def _own_stock(field: Field, seen: Looking, sent: QueryDict) -> Field:
    """Return a field of a new figure of stock: it begins as of the party of whoever records it."""
    of_party = (sent.get("section"), field.name, field.preset) == ("stock", "record.party", "")
    only = [*seen.viewer.parties] if of_party else []
    return replace(field, preset=only[0]) if len(only) == 1 else field


def _sparing(field: Field, seen: Looking, context: Context) -> Field:
    """Return the field of permits that are spared: those that could fall, by what each is for."""
    found = see_permits(seen.house, seen.who)
    if found.after is not None or not found.permits:
        return field
    stands = (each.permit for each in found.permits if not each.over)
    label = _("Those that a written carve-out spares.")
    return replace(field, kind="several", choices=permit_choices(stands, context), label=label)


_ALWAYS = ("because", "except-permits", "carve-out")


def _known(context: Context, seen: Looking) -> Context:
    """Return a context with its registry as far as the person may know it."""
    return replace(context, registry=known_to(seen.house, seen.who).registry)


def _by_name(choice: Choice) -> str:
    return choice[1]


def _offices(context: Context, seen: Looking) -> tuple[Choice, ...]:
    """Return the offices to which a person appoints, those of their own parties first."""
    registry, own = context.registry, seen.viewer.parties
    parties = appointing(seen.house, seen.who)
    named = (
        (key, f"{each.title} ({registry.name(each.party)})", each.party not in own)
        for key, each in registry.record.offices.items()
        if each.party in parties
    )
    return tuple(each[:2] for each in sorted(named, key=lambda each: (each[2], each[1])))


def _appointing(by: Mapping[str, Field], context: Context, seen: Looking) -> tuple[Field, ...]:
    people = sorted({each for _party, each in seen.viewer.people}, key=context.people.__getitem__)
    known = tuple((key, f"{context.people[key]} ({key})") for key in people)
    told = _("Whoever is on record; left empty, somebody new is named below.")
    new = _("The name by which they sign in: short, and never used for anybody else.")
    return (
        replace(
            by["office"],
            kind="choice",
            choices=_offices(context, seen),
            required=True,
            label=_("Of your own party; after these, of one that has nobody here who appoints."),
        ),
        replace(
            by["person"],
            kind="choice",
            choices=known,
            required=False,
            label=told,
            title=_("Somebody on record"),
        ),
        Field(NEW, new, "text", required=False, title=_("Or somebody new")),
        replace(by["name"], required=False, title=_("Their name")),
        by["acting"],
        by["from"],
        replace(
            by["until"], kind="last", label=_("The last day, if it is known."), title=_("Last day")
        ),
        *(by[each] for each in _ALWAYS),
    )


def _dismissing(by: Mapping[str, Field], context: Context, seen: Looking) -> tuple[Field, ...]:
    record, now = context.registry.record, seen.house.clock.now()
    held = tuple(
        (key, f"{each.name}, {context.registry.office_title(each.office)}")
        for key, each in record.officials.items()
        if record.offices[each.office].party in seen.viewer.parties
        and (each.until is None or each.until.latest > now)
    )
    chosen = replace(
        by["official"],
        kind="choice",
        choices=tuple(sorted(held, key=_by_name)),
        label=_("Who holds, or is to hold, which office."),
    )
    return (chosen, by["until"], *(by[each] for each in _ALWAYS))


def filled_in(kind: str, plain: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return what a form sent with what need not be written: a person's name, a record's id."""
    match kind:
        case "record-fact":
            return as_recorded(plain, context)
        case "revise-book":
            return revised(plain, context)
        case "delegate" if {"of", "to", "from"} <= plain.keys():
            of, to = (str(plain[each]).rpartition("/")[2] for each in ("of", "to"))
            begun = f"{of}-to-{to}-{str(plain['from'])[:10]}"
            taken = context.registry.record.delegations
            return {**plain, "delegation": named_alike(begun, taken)}
        case "register-key" if {"person", "from"} <= plain.keys():
            begun = f"{plain['person']}-{str(plain['from'])[:10]}"
            return {**plain, "key": named_alike(begun, context.registry.record.keys)}
        case "appoint":
            return _appointed(plain, context)
    return plain


def _appointed(plain: dict[str, Any], context: Context) -> dict[str, Any]:
    found = dict(plain)
    person = found.get("person")
    if isinstance(person, dict):  # somebody new
        found["person"] = person = person.get("new", "")
    name = context.people.get(str(person or ""))
    if name is not None:
        found.setdefault("name", name)
    if person and "office" in found and "from" in found:
        office = str(found["office"]).rpartition("/")[2]
        begun = f"{person}-{office}-{str(found['from'])[:10]}"
        found["official"] = named_alike(begun, context.registry.record.officials)
    return found


# --- policies

_EXAMPLE = """\
title: Review of each use
adopted-by: {office}
from: "{day}"
announced: undeclared
rules:
  each-use:
    when: activity == 'use'
    then: review {office}
    because: each use is decided on its own
    provisos:
      - {{each-use: yes, text: an approval covers a single use}}
"""


def _adopting(
    by: Mapping[str, Field], context: Context, seen: Looking, sent: QueryDict
) -> tuple[Field, ...]:
    registry = context.registry
    parties = tuple((each, registry.name(each)) for each in sorted(seen.viewer.parties))
    text, key = _begun_from(context, seen, sent)
    return (
        replace(by["party"], kind="choice", choices=parties, label=_("Whose policy it is.")),
        replace(
            by["policy"], preset=key, label=_("Short, as in 2025-strike-review."), title=_("Its id")
        ),
        replace(
            by["text"],
            kind="code",
            preset=text,
            label=_("The policy as it stands in a book. It is checked before it is signed."),
        ),
        *(by[each] for each in _ALWAYS),
    )


def begins_with(kind: str, seen: Looking, context: Context, sent: QueryDict) -> dict[str, Any]:
    """Return what the form of an act can begin with, for its page: kinds of fact, or policies."""
    section = sent.get("section", "")
    if kind == "record-fact" and section not in KINDS:
        return {"kinds": [(each, *words) for each, words in KINDS.items()]}
    if kind == "record-fact":
        context = _known(context, seen)
        held = getattr(context.registry.record, section)
        named = sorted(((key, name_of(context, section, key)) for key in held), key=_by_name)
        return {"section": section, "fact": KINDS[section], "held": named}
    if kind == "adopt-policy":
        now = seen.house.clock.now()
        return {
            "amendable": [
                (f"{party}/{policy.id}", policy.title)
                for party in sorted(seen.viewer.parties & context.books.keys())
                for policy in context.books[party].policies.values()
                if policy.until is None or policy.until.latest > now
            ]
        }
    return {}


def _begun_from(context: Context, seen: Looking, sent: QueryDict) -> tuple[str, str]:
    """Return the text and id that a new policy begins with: an example, or one that is amended."""
    policy, key = _named(context, seen, sent.get("amends", ""))
    now = seen.house.clock.now().astimezone(UTC)
    if policy is None:
        office = next(iter(sorted(seen.viewer.offices)), "")
        return _EXAMPLE.format(office=office, day=f"{now:%Y-%m-%d}"), ""
    plain = {**policy, "supersedes": [key]}
    plain |= {"from": f"{now:%Y-%m-%d}", "announced": "undeclared"}
    plain.pop("until", None)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=88), ""


def _named(context: Context, seen: Looking, name: str) -> tuple[dict[str, Any] | None, str]:
    party, _slash, key = name.partition("/")
    if party not in seen.viewer.parties:
        return None, ""
    for book in context.plain["books"]:
        if book.get("book") == party and key in book.get("policies", {}):
            return dict(book["policies"][key]), key
    return None, ""
