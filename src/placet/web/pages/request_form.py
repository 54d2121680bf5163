"""The form of a request: its fields with their choices, and what was sent in the spelling of files.

Which words a field takes beside a value is what the request's schema allows; what is left empty
is not stated. Whether it holds together is for the reader of requests to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from placet.errors import Problem, RequestError, Where
from placet.registry import NONE, UNKNOWN, Activity, Registry, iso_names
from placet.web.acting.fields import day_after
from placet.web.pages.case_words import FACTS, spoken
from placet.web.pages.request_problems import NEEDED

__all__ = [
    "NAMES",
    "OPEN",
    "ROWS",
    "Row",
    "Sent",
    "Shown",
    "answered_at",
    "asked_apart",
    "item_choices",
    "must_be_clear",
    "plain_of",
    "rows_of",
    "shown_fields",
]

Sent = Mapping[str, Sequence[str]]
"""A form as it was sent: every field with its values."""

Choices = tuple[tuple[str, object], ...]

ROWS = 1
MOST_ROWS = 60

_WORDS: Mapping[str, Promise] = {NONE: gettext_lazy("None"), UNKNOWN: gettext_lazy("Not known")}
_SINGLE = ("applicant", "raised-by", "actor", "recipient", "activity")
_FACTS = ("area", "target", "purpose")
_MANY = ("platforms", "services")
NAMES = ("title", *_SINGLE, *_FACTS, *_MANY, "legs", "from", "until", "item", "quantity")
"""The fields as they are sent; `item` and `quantity` once for each line."""

_HINTS: Mapping[str, Promise] = {
    "title": gettext_lazy("In a few words, as it will stand in lists."),
    "raised-by": gettext_lazy("Only where another than the applicant files it."),
    "actor": gettext_lazy("Who would do it."),
    "area": gettext_lazy("An ISO 3166 code, as in UA-63; or none, or unknown."),
    "legs": gettext_lazy("One leg on each line, as in US UA; or none, or unknown."),
    "from": gettext_lazy("The first day, in UTC."),
    "until": gettext_lazy("Included, in UTC."),
}


@dataclass(frozen=True)
class Shown:
    """A field as it is shown; `kind` is text, long, day, choice, many or listed."""

    name: str
    label: object
    kind: str
    values: tuple[str, ...]
    choices: Choices = ()
    required: bool = False
    problems: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """What stands in it, where it takes one value."""
        return self.values[0] if self.values else ""

    @property
    def at(self) -> int:
        """Where it stands among the fields that are asked."""
        return OPEN.index(self.name)

    @property
    def hint(self) -> object:
        """What is to be written, where the label does not say it."""
        return _HINTS.get(self.name, "")


@dataclass(frozen=True)
class Row:
    """A line of the request as it is shown."""

    number: int
    item: str
    quantity: str
    of_item: tuple[str, ...] = ()
    of_quantity: tuple[str, ...] = ()
    """What is wrong with each."""


# --- what was sent


def plain_of(sent: Sent) -> dict[str, Any]:
    """Return a request as a form sent it, in the spelling of files."""
    title = _one(sent, "title")
    found: dict[str, Any] = {"request": slugify(title)[:60] or "request", "title": title}
    found |= {name: _one(sent, name) for name in (*_SINGLE, *_FACTS)}
    found |= {name: [each for each in sent.get(name, ()) if each] for name in _MANY}
    found["legs"] = _legs(_one(sent, "legs"))
    found["period"] = _stated({"from": _one(sent, "from"), "until": day_after(_one(sent, "until"))})
    return _stated(found) | {"lines": dict(_lines(sent))}


def must_be_clear(sent: Sent) -> None:
    """Refuse a form in which none of a kind is ticked, and some of it too.

    Raises:
        RequestError: it is.
    """
    if muddled := [each for each in _MANY if len({*sent.get(each, ())}) > 1 and NONE in sent[each]]:
        what, do = "none is ticked, and others too", "Untick the one or the others."
        raise RequestError(Problem(Where(field=each), what, do=do) for each in muddled)


def _one(sent: Sent, name: str) -> str:
    values = sent.get(name, ())
    return values[-1].replace("\r\n", "\n").strip() if values else ""


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", [], {})}


def _legs(text: str) -> Any:
    if text in ("", NONE, UNKNOWN):
        return text
    return [
        dict(zip(("from", "to"), line.split(maxsplit=1), strict=False))
        for line in text.splitlines()
        if line.strip()
    ]


def _lines(sent: Sent) -> Iterator[tuple[str, dict[str, str]]]:
    pairs = zip(sent.get("item", ()), sent.get("quantity", ()), strict=False)
    for number, (item, quantity) in enumerate(pairs, 1):
        if line := _stated({"item": item.strip(), "quantity": quantity.strip()}):
            yield f"line-{number}", line


# --- what is shown


def shown_fields(
    registry: Registry, sent: Sent, problems: Mapping[str, tuple[str, ...]]
) -> dict[str, Shown]:
    """Return every field but the lines, by its name, with what stands in it.

    `problems` are by the element of the form that each is about, as in `f-area`.
    """
    choices = _choices(registry)
    kinds = dict.fromkeys(("title", "from", "until"), "text") | dict.fromkeys(_MANY, "many")
    kinds |= dict.fromkeys((*_SINGLE, *_FACTS), "choice") | {"area": "listed", "legs": "long"}
    kinds |= {"from": "day", "until": "day"}
    labels = {**FACTS, "title": _("Title"), "from": _("From"), "until": _("Last day")}
    return {
        name: Shown(
            name,
            labels[name],
            kind,
            tuple(sent.get(name, ())),
            choices.get(name, ()),
            name in NEEDED,
            problems.get(f"f-{name}", ()),
        )
        for name, kind in kinds.items()
    }


def asked_apart(
    fields: Mapping[str, Shown], keys: Iterable[str]
) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Return the fields that questions ask for, or that hold something; and the rest."""
    every = [fields[name] for name in OPEN]
    asked = {name for key in keys for name in _answering(key, fields)}
    first = [each for each in every if each.name in asked or any(each.values) or each.problems]
    return tuple(first), tuple(each for each in every if each not in first)


def _answering(key: str, fields: Mapping[str, Shown]) -> tuple[str, ...]:
    """Return the fields by which a question is answered: of two, those that offer its item."""
    kind, _, about = key.partition(":")
    names = _ASKED.get(kind, ())
    return tuple(each for each in names if about in dict(fields[each].choices)) or names


def answered_at(key: str, fields: Mapping[str, Shown]) -> str:
    """Return the element of the form at which a question is answered; nothing where none is."""
    kind, _, about = key.partition(":")
    if kind in ("quantity", "lot"):
        return f"{'quantity' if kind == 'quantity' else 'item'}-{about.rpartition('-')[2]}"
    names = _answering(key, fields)
    return f"f-{names[0]}" if names else ""


_ASKED: Mapping[str, tuple[str, ...]] = {
    "recipient": ("recipient",),
    "area": ("area",),
    "target": ("target",),
    "purpose": ("purpose",),
    "starts": ("from",),
    "ends": ("until",),
    "uses": ("platforms", "services"),
    "transits": ("legs",),
}
"""The fields by which each kind of question is answered; those of lines stand with the lines."""
OPEN = ("recipient", "area", "target", "purpose", "from", "until", "platforms", "services", "legs")


def rows_of(sent: Sent, problems: Mapping[str, tuple[str, ...]], more: int = 0) -> list[Row]:
    """Return the lines as they are shown: those that were sent, and empty ones to write in."""
    items, quantities = list(sent.get("item", ())), list(sent.get("quantity", ()))
    count = min(max(ROWS, len(items)) + more, MOST_ROWS)
    items += [""] * (count - len(items))
    quantities += [""] * (count - len(quantities))
    return [
        Row(
            number,
            items[number - 1],
            quantities[number - 1],
            problems.get(f"item-{number}", ()),
            problems.get(f"quantity-{number}", ()),
        )
        for number in range(1, count + 1)
    ]


def _choices(registry: Registry) -> dict[str, Choices]:
    record = registry.record
    parties = _by_name(registry, record.parties)
    abroad = _by_name(registry, registry.states - record.parties.keys())
    words = tuple(_WORDS.items())
    return {
        "applicant": tuple(parties),
        "raised-by": tuple(parties),
        "actor": tuple(parties),
        "recipient": (*words, *parties, *abroad),
        "activity": tuple((each.value, spoken(each.value)) for each in Activity),
        "area": (*words, *areas(registry)),
        "target": (*words, *record.targets.items()),
        "purpose": (*words, *record.purposes.items()),
        "platforms": (*_items(registry, registry.platforms), *words),
        "services": (*_items(registry, registry.services), *words),
    }


def _by_name(registry: Registry, parties: Iterable[str]) -> list[tuple[str, str]]:
    """Return parties by name, as people look for them: an accent moves none."""
    named = ((each, registry.name(each)) for each in parties)
    return sorted(named, key=lambda each: normalize("NFKD", each[1]).encode("ascii", "ignore"))


def areas(registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield every country, and what lies in those that are parties; any other can be written."""
    for code, name in sorted(iso_names().items()):
        country, within, _rest = code.partition("-")
        if not within or country in registry.record.parties:
            yield code, name


def _items(registry: Registry, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in sorted(ids):
        yield each, registry.record.items[each].name


def item_choices(registry: Registry) -> Choices:
    """Return the items that a line may name."""
    return tuple(_items(registry, registry.record.items))
