"""Filters and tags for every page: times, names of parties and areas, marks of status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from placet.need_to_know.reporting import Aged
from placet.need_to_know.telling import breach_words
from placet.need_to_know.telling import called as in_a_sentence
from placet.need_to_know.telling import things as by_line
from placet.need_to_know.time_line import TimeLine
from placet.operations.demonstration.demonstrators import Demonstrator
from placet.operations.demonstration.demonstrators import demonstrators as people_of
from placet.operations.seeing.naming import in_names as by_name
from placet.policy import Policy
from placet.registry import Occasion, Start, iso_names, last_day, parse_moment, written
from placet.web.accounts.models import User
from placet.web.house import names
from placet.web.pages.case_words import (
    EVIDENCE,
    LINES,
    LINES_OF,
    STANDINGS,
    TONES,
    VERDICTS,
    called,
    waited_for,
)
from placet.web.pages.case_words import spoken as in_words

__all__ = ["register"]

register = template.Library()

_MARKS = {
    "yes": "✓",
    "wait": "◷",
    "no": "✕",
    "info": "•",
    "quiet": "○",
}
"""A shape for every colour, so that no status is told by colour alone."""

_STATES: Mapping[str, tuple[str, Promise]] = {
    "approve": ("yes", gettext_lazy("approve")),
    "clear": ("yes", gettext_lazy("clear")),
    "permitted": ("yes", gettext_lazy("permitted")),
    "in force": ("yes", gettext_lazy("in force")),
    "valid": ("yes", gettext_lazy("valid")),
    "green": ("yes", gettext_lazy("green")),
    "for": ("yes", gettext_lazy("for")),
    "review": ("wait", gettext_lazy("review")),
    "pending": ("wait", gettext_lazy("pending")),
    "submitted": ("wait", gettext_lazy("submitted")),
    "under review": ("wait", gettext_lazy("under review")),
    "waits for conditions": ("wait", gettext_lazy("waits for conditions")),
    "waits for steps": ("wait", gettext_lazy("waits for steps")),
    "waits for its permit": ("wait", gettext_lazy("waits for its permit")),
    "suspended": ("wait", gettext_lazy("suspended")),
    "permit suspended": ("wait", gettext_lazy("permit suspended")),
    "yellow": ("wait", gettext_lazy("yellow")),
    "divided": ("wait", gettext_lazy("divided")),
    "may be in force": ("wait", gettext_lazy("may be in force")),
    "refuse": ("no", gettext_lazy("refuse")),
    "refused": ("no", gettext_lazy("refused")),
    "revoked": ("no", gettext_lazy("revoked")),
    "permit revoked": ("no", gettext_lazy("permit revoked")),
    "permit used up": ("quiet", gettext_lazy("permit used up")),
    "permit expired": ("quiet", gettext_lazy("permit expired")),
    "permit given back": ("quiet", gettext_lazy("permit given back")),
    "permit replaced": ("quiet", gettext_lazy("permit replaced")),
    "red": ("no", gettext_lazy("red")),
    "against": ("no", gettext_lazy("against")),
    "expired": ("quiet", gettext_lazy("expired")),
    "lapsed": ("no", gettext_lazy("lapsed")),
    "not yet": ("info", gettext_lazy("not yet")),
    "used up": ("info", gettext_lazy("used up")),
    "surrendered": ("info", gettext_lazy("surrendered")),
    "amended": ("info", gettext_lazy("amended")),
    "closed": ("info", gettext_lazy("closed")),
    "returned": ("info", gettext_lazy("returned")),
    "withdrawn": ("info", gettext_lazy("withdrawn")),
    "return without action": ("info", gettext_lazy("return without action")),
    "advise": ("info", gettext_lazy("advises")),
    "consider": ("info", gettext_lazy("consider")),
    "to come, or not yet known": ("info", gettext_lazy("to come, or not yet known")),
    "over": ("info", gettext_lazy("over")),
    "superseded": ("info", gettext_lazy("superseded")),
    "available": ("info", gettext_lazy("available")),
    "in doubt": ("info", gettext_lazy("in doubt")),
    "asserted": ("info", gettext_lazy("asserted")),
    "accepted": ("info", gettext_lazy("accepted")),
    "disputed": ("info", gettext_lazy("disputed")),
    "extinguished": ("info", gettext_lazy("extinguished")),
    "not in force": ("info", gettext_lazy("not in force")),
    "its dates are not certain": ("info", gettext_lazy("its dates are not certain")),
    "reported: it gives no authority": ("info", gettext_lazy("reported: it gives no authority")),
    "denied: it gives no authority": ("info", gettext_lazy("denied: it gives no authority")),
    "disputed: it gives no authority": ("info", gettext_lazy("disputed: it gives no authority")),
}
"""The tone and the word of every status, outcome, stance and class that a page is given."""


_MINUTE = "%-d %b %Y, %H:%M UTC"
_DAY = r"\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?\b(?!-)"
_INSTANT = re.compile(rf"{_DAY}(?:/{_DAY})?")


@register.filter
def when(value: datetime | Occasion | str | None) -> SafeString | str:
    """Write a moment in UTC; a reader with scripts sees their own zone on hover.

    A day whose hour nobody said is written as that day, in no zone.
    """
    if isinstance(value, Occasion):
        if value.whole_day:
            return format_html('<time datetime="{}">{}</time>', value, f"{value.first:%-d %b %Y}")
        value = value.first
    return _time(value, _MINUTE)


@register.filter
def day(value: datetime | str | None) -> SafeString | str:
    """Write the day of a moment in UTC."""
    return _time(value, "%-d %b %Y")


@register.filter
def ended(value: datetime | Start | str | None) -> str:
    """Write the last day of what ends with one; other ends as they are known."""
    end = parse_moment(value) if isinstance(value, str) and value else value
    if isinstance(end, Start):
        last = last_day(end.earliest) if end.exact else None
    else:
        last = last_day(end) if isinstance(end, datetime) else None
    return f"{last:%-d %b %Y}" if last else dated(end or None)


@register.filter
def until(value: datetime | str | None) -> str:
    """Say until when something holds: through its last day, or until a moment."""
    end = parse_moment(value) if isinstance(value, str) and value else value
    if not isinstance(end, datetime):
        return ""
    said = _("through %s") if last_day(end) else _("until %s")
    return said % ended(end)


@register.filter
def instants(text: str) -> str:
    """Return a sentence, its days, moments and spans written as everywhere on a page."""
    return _INSTANT.sub(lambda found: _spanned(found[0]), text)


@register.simple_tag
def age(since: datetime, words: str) -> SafeString:
    """Write since when something lasts as how long that is; the moment on hover, and read out."""
    moment = since.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-local title="{}">{}'
        '<span class="visually-hidden">, {} {}</span></time>',
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        moment.strftime(_MINUTE),
        words,
        _("since"),
        moment.strftime(_MINUTE),
    )


@register.filter
def dated(value: Start | datetime | None) -> str:
    """Write a beginning or an end as exactly as it is known: a moment, day, month, year, span."""
    if value is None:
        return ""
    text = str(value) if isinstance(value, Start) else written(value)
    return _spanned(text)


def _spanned(text: str) -> str:
    """Write a moment, or a span of two, each as exactly as it is known."""
    first, _slash, last = text.partition("/")
    if last:
        return _("between %(first)s and %(last)s") % {
            "first": _as_known(first),
            "last": _as_known(last),
        }
    return _as_known(first)


def _as_known(text: str) -> str:
    """Write a moment that is spelled as exactly as it is known."""
    if len(text) == len("2009"):
        return text
    if len(text) == len("2009-01"):
        return f"{parse_moment(f'{text}-01'):%b %Y}"
    form = _MINUTE if "T" in text else "%-d %b %Y"
    return parse_moment(text).astimezone(UTC).strftime(form)


def _time(value: datetime | str | None, form: str) -> SafeString | str:
    """Write a moment in UTC in a form, with the whole of it for machines; nothing for none."""
    if value is None or value == "":
        return ""
    at = (parse_moment(value) if isinstance(value, str) else value).astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-local>{}</time>',
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        at.strftime(form),
    )


@register.filter
def evidence(kind: str) -> str:
    """Say what shows that somebody did an act."""
    return str(EVIDENCE.get(kind, kind))


@register.filter
def awaited(case: Aged) -> str:
    """Say for whom an open case waits."""
    return waited_for(names(), case.awaits, case.undetermined_by, case.unissued_by)


@register.filter
def party(value: str | None) -> str:
    """Write a party by its name."""
    return names().registry.name(value) if value else ""


@register.filter
def office(value: str | None) -> str:
    """Write an office by its title."""
    found = names().registry.record.offices.get(value or "")
    return found.title if found is not None else str(value or "")


@register.filter
def person(value: str | None) -> str:
    """Write a person by their name."""
    return names().people.get(value or "", str(value or ""))


@register.filter
def item(value: str | None) -> str:
    """Write an item by its name."""
    found = names().registry.record.items.get(value or "")
    return found.name if found is not None else str(value or "")


@register.filter
def item_class(value: str) -> str:
    """Write a class of items by its name."""
    return names().registry.class_name(value)


@register.filter
def titled(name: str, policies: Mapping[str, Policy]) -> str:
    """Write a policy, or a rule `policy/rule` of one, by the policy's title, and the rule's id."""
    key, _slash, rule = name.partition("/")
    title = policies[key].title if key in policies else key
    return f"{title}, {rule}" if rule else title


@register.filter
def things(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return of what each line of a permit is, by its name."""
    return by_line({str(each["line"]): each for each in terms["lines"]}, names().registry)


@register.filter
def of_things(says: str, terms: Mapping[str, Any]) -> str:
    """Say what is on record of a use beyond a permit with lines called by what they are of."""
    return breach_words(says, things(terms))


@register.filter
def titles(keys: str, policies: Mapping[str, Policy]) -> str:
    """Write the policies of one book that are named one after another by their titles."""
    return ", ".join(policies[key].title for key in keys.split(", ") if key)


@register.filter
def spoken(value: object) -> str:
    """Write an id of ours as words: `record-consent` as `record consent`."""
    return in_words(value)


@register.simple_tag
def badge(word: object, tone: str = "", text: str = "") -> SafeString:
    """Write a status by word, shape and colour; `tone` is yes, wait, no, info or quiet."""
    toned, says = _STATES.get(in_words(word), ("info", ""))
    kind, said = tone or toned, text or says or _(in_words(word))
    return format_html(
        '<span class="badge {}"><span aria-hidden="true">{}</span> {}</span>',
        kind,
        _MARKS[kind],
        said,
    )


@register.simple_tag
def standing(word: object) -> SafeString:
    """Write how a party stands on a case, by word, shape and colour."""
    return badge(word, TONES.get(str(word), ""), str(STANDINGS.get(str(word), word)))


@register.filter
def toned(word: object) -> str:
    """Return the tone of a notice for the tone of an answer."""
    return TONES.get(str(word), "info")


@register.filter
def named(value: str | None) -> str:
    """Write an office or a party by what it is called, and anything else as it is."""
    return called(names().registry, value) if value else ""


@register.filter
def in_names(text: str) -> str:
    """Return sentences of the review with people, offices, parties and items called by name."""
    return by_name(text, names())


@register.filter
def the(value: str | None) -> str:
    """Write a party by its name as it stands in a sentence: `the United Kingdom`."""
    return in_a_sentence(party(value))


@register.filter
def area(value: str | None) -> str:
    """Write an area by its name."""
    return iso_names().get(value or "", value or "")


@register.filter
def done(line: TimeLine) -> str:
    """Say in words what a line of the time line did; whose word it records, if it does."""
    if line.verdict is not None:
        said = VERDICTS[line.kind, line.verdict.value] % {"party": the(line.party or "")}
        limits = ngettext("with %(n)d limit", "with %(n)d limits", line.limits) % {"n": line.limits}
        held = [_("with a condition")] if line.conditional else []
        return ", ".join([str(said), *held, *([limits] if line.limits else [])])
    if line.party and line.kind in LINES_OF:
        return str(LINES_OF[line.kind]) % {"party": the(line.party)}
    return str(LINES.get(line.kind, spoken(line.kind)))


@register.filter
def by_party(line: TimeLine) -> str:
    """Return for which party a line of the time line was done, unless that is said already.

    It is where the line records the party's word, or has nobody who gave it.
    """
    said = line.kind in LINES_OF or (line.verdict is not None and not line.person)
    return "" if said else party(line.party)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return what a mapping holds under a key that is no plain name."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def demonstrators() -> list[Demonstrator]:
    """Return who can be signed in as in a demonstration, one of each role first."""
    accounts = set(User.objects.filter(demonstration=True).values_list("username", flat=True))
    return [each for each in people_of(names()) if each.person in accounts]
