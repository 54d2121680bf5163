"""An answer to a question by the fields of a request: what it reads, and what the answer changes.

A field that is sent as it was shown leaves what is on file as it is, also what no form can show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from placet.registry import UNKNOWN, Registry, last_day, parse_moment
from placet.web.pages.request_form import OPEN, Sent, Shown, must_be_clear, plain_of, shown_fields
from placet.web.pages.request_problems import Told

__all__ = ["Answering", "Counted", "answering", "as_answered", "sent_as"]

_OF_PERIOD = ("from", "until")
_KEYS = (*(each for each in OPEN if each not in _OF_PERIOD), "period")
"""The keys of a request that an answer can change, beside the quantities of its lines."""


@dataclass(frozen=True)
class Counted:
    """A line of the request, by the name of what it is of, and how many are asked for."""

    name: str
    quantity: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answering:
    """The fields of an answer: those it was asked about, the others, and the lines."""

    first: tuple[Shown, ...]
    rest: tuple[Shown, ...]
    lines: tuple[Counted, ...]
    counts_first: bool

    @property
    def rest_wrong(self) -> bool:
        """Whether something is wrong with what it was not asked about."""
        of_lines = not self.counts_first and any(each.problems for each in self.lines)
        return of_lines or any(each.problems for each in self.rest)


def answering(
    request: Mapping[str, Any],
    about: Iterable[str],
    registry: Registry,
    sent: Sent | None = None,
    told: Iterable[Told] = (),
) -> Answering:
    """Return the fields by which a question about some keys of a request is answered.

    Where it names none, what is not stated or not known comes first. `sent` is what was typed, and
    `told` what is wrong with that.
    """
    reads = {**_sent_of(request), **(sent or {})}
    found = [*told]
    fields = shown_fields(registry, reads, {each.at: (each.says,) for each in found})
    named = {name for key in about for name in (_OF_PERIOD if key == "period" else (key,))}
    asked = named & {*OPEN, "lines"} or {
        name for name in OPEN if not any(reads.get(name, ())) or UNKNOWN in reads[name]
    }
    lines = tuple(
        Counted(
            _name(key, each, registry),
            number,
            tuple(one.says for one in found if one.field == key),
        )
        for (key, each), number in zip(
            request.get("lines", {}).items(), reads["quantity"], strict=False
        )
    )
    return Answering(
        tuple(fields[name] for name in OPEN if name in asked),
        tuple(fields[name] for name in OPEN if name not in asked),
        lines,
        "lines" in asked,
    )


def as_answered(request: Mapping[str, Any], sent: Sent) -> dict[str, Any]:
    """Return a request with what was sent otherwise than it was shown; else as it is on file.

    Raises:
        RequestError: none of a kind is ticked, and some of it too.
    """
    must_be_clear(sent)
    reads = _sent_of(request)
    was, now = plain_of(reads), plain_of({**reads, **sent})
    found = dict(request)
    for key in _KEYS:
        if was.get(key) != now.get(key):
            found[key] = now.get(key)
    if found.get("period") != request.get("period"):
        old, new = was.get("period", {}), now.get("period", {})
        kept = request.get("period") or {}
        ends = {name: kept if old.get(name) == new.get(name) else new for name in _OF_PERIOD}
        found["period"] = {name: of[name] for name, of in ends.items() if of.get(name)} or None
    pairs = zip(request.get("lines", {}).items(), _numbers(reads, sent), strict=False)
    found["lines"] = dict(request.get("lines", {})) | {
        key: _stated({**line, "quantity": number or None})
        for (key, line), (shown, number) in pairs
        if number != shown
    }
    return _stated(found)


def sent_as(given: QueryDict) -> Sent:
    """Return what a form sent of the fields of an answer; what it does not have is left out.

    Of things to tick none comes where none is ticked: the form says by `asks` that it had them.
    """
    ticked = ("platforms", "services") if "asks" in given else ()
    names = [each for each in (*OPEN, "quantity") if each in given or each in ticked]
    return {name: [each.replace("\0", "") for each in given.getlist(name)] for name in names}


def _numbers(reads: Sent, sent: Sent) -> Iterable[tuple[str, str]]:
    given = [each.strip() for each in sent.get("quantity", reads["quantity"])]
    return zip(reads["quantity"], given, strict=False)


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _sent_of(request: Mapping[str, Any]) -> Sent:
    """Return how the fields of a form show a request."""
    period = request.get("period") or {}
    return {
        **{name: _words(request.get(name)) for name in OPEN if name not in _OF_PERIOD},
        "legs": [_legs(request.get("legs"))],
        "from": [str(period.get("from", ""))[:10]],
        "until": [_last(str(period.get("until", "")))],
        "quantity": [str(each.get("quantity", "")) for each in request.get("lines", {}).values()],
    }


def _words(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value or "")]


def _legs(value: Any) -> str:
    if not isinstance(value, list):
        return str(value or "")
    return "\n".join(f"{each.get('from', '')} {each.get('to', '')}" for each in value)


def _last(text: str) -> str:
    if not text:
        return ""
    end = parse_moment(text)
    return (last_day(end) or end.date()).isoformat()


def _name(key: str, line: Mapping[str, Any], registry: Registry) -> str:
    known = registry.record.items.get(str(line.get("item")))
    return known.name if known is not None else str(line.get("lot") or line.get("item") or key)
