"""The fields of an act as a form asks for them, and a form that was sent as the act's fields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from placet.errors import DocumentError
from placet.need_to_know.choices import Choice, Nameable
from placet.operations.acting.documents import text_of
from placet.operations.acting.drafting import field_hint, is_asked
from placet.policy import Proviso
from placet.registry import Occasion, read_text
from placet.registry.facts import Count, Moment
from placet.review import CASE_COMMANDS, UnreadableError, model_of
from placet.review.case import OF_THE_APPLICANT, OF_THE_CASE
from placet.review.commands import Words
from placet.review.commands.command import Digest
from placet.web.acting.limits import limits_sent
from placet.web.pages.case_words import FACTS, spoken

__all__ = [
    "Field",
    "as_choices",
    "choosing",
    "day_after",
    "fields_of",
    "given",
    "is_on_case",
    "plain_of",
    "with_text_of_file",
]


@dataclass(frozen=True)
class Field:
    """One field of a form.

    `kind` is text, long, count, moment (a day, and a time of day where it is known), last (a last
    day), digest (or the file that it is of), choice, listed (written, with choices offered),
    several (choices, each ticked), flag, many (one each line), records (one each line, as in
    `{consent-of: DE}`), conditions (records that are ticked), limits (fields of their own), pairs
    (`LINE: COUNT`, one each line), counts (a number for each of its choices), record (as in a
    file), code (a long one, that is checked as it is written), settled (told, and not asked) or
    hidden (neither).

    What is left empty where nothing is `nothing` is sent as that: it takes something back.
    `preset` is what stands in it to begin with. A name with dots is of a field within another.
    What is `late` is seldom needed. `title` is its heading, where that is not its name; fields of
    one `group` are folded together under its name.
    """

    name: str
    label: str
    kind: str
    required: bool
    choices: tuple[Choice, ...] = ()
    nothing: bool = False
    preset: str = ""
    title: str = ""
    late: bool = False
    group: str = ""

    @property
    def hinted(self) -> bool:
        """Say whether something is said of it beneath its heading."""
        return bool(self.label) or self.kind in ("many", "records", "pairs")


LARGEST_TEXT = 256 << 10
"""Bytes of a text that comes as a file."""


def is_on_case(kind: str) -> bool:
    """Say whether an act is done to a case that is there."""
    return kind in CASE_COMMANDS and kind != "submit"


def fields_of(kind: str, of: str | None) -> tuple[Field, ...]:
    """Return what an act asks for, beside what it is done to (`of` is case, permit or None)."""
    return tuple(_fields(kind, of))


def _fields(kind: str, of: str | None) -> Iterator[Field]:
    model = model_of(kind)
    for name, info in model.model_fields.items():
        if not is_asked(kind, name, of) or name in _BROUGHT:
            continue
        way, choices = _way(info.annotation, info.metadata)
        label, title = field_hint(kind, name), str(_TITLES.get(name, ""))
        nothing = info.is_required() and type(None) in get_args(info.annotation)
        required = info.is_required() and way != "flag" and not nothing
        late = name in _LATE
        label = "" if label.rstrip(".") == title else label
        way = "text" if way == "long" and name in _BRIEF else way
        if way == "moment" and name == "until":
            way, label, title = "last", _("Included; in UTC."), _("Last day")
        name = info.alias or name
        yield Field(name, label, way, required, choices, nothing, title=title, late=late)


_TITLES: Mapping[str, Promise] = {
    "asks": gettext_lazy("Question"),
    "disclosed": gettext_lazy("What the applicant is told"),
    "instrument_digest": gettext_lazy("Digest of that document"),
    "instrument": gettext_lazy("The document that shows it"),
    "says": gettext_lazy("What is said"),
}
_BRIEF = frozenset({"given_by", "instrument"})
"""Fields of words that are a name: one line holds it."""
_LATE = frozenset({"except_permits", "carve_out"})
"""Fields that are seldom needed: they stand last, folded."""


def choosing(
    kind: str, fields: tuple[Field, ...], named: Nameable, lines: tuple[Choice, ...] = ()
) -> tuple[Field, ...]:
    """Return fields that offer what the act may name, where that is known beforehand.

    Args:
        kind: which act.
        fields: its fields.
        named: the people and offices that it may name.
        lines: the lines of the permit that it is about, with what each of them says.
    """
    deadlines = ((OF_THE_APPLICANT, _("The applicant")), (OF_THE_CASE, _("The case as a whole")))
    choices: Mapping[tuple[str, str], tuple[Choice, ...]] = {
        ("assign", "to"): named.officers,
        ("escalate", "to"): named.offices,
        ("set-deadline", "of"): (*deadlines, *named.offices),
    }

    def offered(field: Field) -> Field:
        if field.kind == "pairs" and lines:
            return replace(field, kind="counts", choices=lines)
        if (kind, field.name) == ("ask", "fields"):
            asked = tuple((key, str(words)) for key, words in FACTS.items() if key not in _SETTLED)
            about = _("What of the request the answer may change; any of it, if none is ticked.")
            return replace(field, kind="several", choices=asked, label=about, title=_("About"))
        found = choices.get((kind, field.name))
        return replace(field, kind="choice", choices=found) if found else field

    return tuple(map(offered, fields))


_SETTLED = frozenset({"activity", "applicant", "raised-by", "actor"})
"""What of a request no answer changes."""
_BROUGHT = frozenset({"attachments"})
"""Fields that pages of their own bring: documents are uploaded."""


def _way(annotation: Any, metadata: list[Any]) -> tuple[str, tuple[Choice, ...]]:
    """Say how a field is asked for, and between what it chooses."""
    inner = _inner(annotation)
    if inner is bool:
        return "flag", ()
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return "choice", as_choices(inner)
    if get_origin(inner) is Literal:
        return "choice", as_choices(get_args(inner))
    if get_origin(inner) is dict:
        return ("record" if get_args(inner)[1] is Any else "pairs"), ()
    if get_origin(inner) is tuple:
        of = _inner(get_args(inner)[0])
        if of is Proviso:
            return "limits", ()
        if get_origin(of) is Literal:
            return "several", as_choices(get_args(of))
        if isinstance(of, type) and issubclass(of, StrEnum):
            return "several", as_choices(of)
        if isinstance(of, type) and issubclass(of, BaseModel):
            return "records", ()
        return "many", ()
    return _ways_of_text(inner, metadata), ()


def as_choices(words: Iterable[Any]) -> tuple[Choice, ...]:
    """Return words of ours to choose among, as they are spoken."""
    return tuple((str(each), capfirst(spoken(each))) for each in words)


def _ways_of_text(inner: Any, metadata: list[Any]) -> str:
    known = {id(each): way for way, kind in _KINDS.items() for each in _marks(kind)}
    for each in [*metadata, inner]:
        if id(each) in known:
            return known[id(each)]
    return "count" if inner is int else "moment" if _is_moment(inner) else "text"


def _is_moment(inner: Any) -> bool:
    return inner in (datetime, Occasion)


def _marks(kind: Any) -> tuple[Any, ...]:
    return get_args(kind)[1:] if get_origin(kind) is Annotated else ()


_KINDS = {"long": Words, "count": Count, "moment": Moment, "digest": Digest}


def _inner(annotation: Any) -> Any:
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    inner = next((each for each in options if each is not type(None)), annotation)
    if get_origin(inner) is Annotated:
        return _inner(get_args(inner)[0])
    return inner


def plain_of(
    fields: Iterable[Field], sent: QueryDict, files: MultiValueDict[str, UploadedFile[Any]]
) -> dict[str, Any]:
    """Return the fields of an act as a form sent them, in the spelling of files; limits unworded.

    Of a file that came for a digest the digest is taken, and nothing is kept.

    Raises:
        InputError: a record cannot be read; says where.
    """
    found: dict[str, Any] = {}
    for field in fields:
        file = files.get(f"{field.name}.file") if field.kind == "digest" else None
        value = _digest(file) if file is not None else _value(field, sent)
        if value not in (None, "", [], {}):
            _put(found, field.name.split("."), value)
        elif field.nothing:
            found[field.name] = None
    return found


def with_text_of_file(
    kind: str, sent: QueryDict, files: MultiValueDict[str, UploadedFile[Any]]
) -> QueryDict:
    """Return what a form sent with the text of a file in place of the text; nothing is kept of it.

    Raises:
        UnreadableError: the file is empty or too large, or holds no plain text in UTF-8.
    """
    file = files.get("text.file")
    if file is None:
        return sent
    if not file.size:
        raise UnreadableError(kind, [("text", _("The file is empty. Choose another."))])
    if file.size > LARGEST_TEXT:
        says = _("The file is larger than %d KB, which is the most taken.") % (LARGEST_TEXT >> 10)
        raise UnreadableError(kind, [("text", says)])
    try:
        text = text_of(file.read())
    except DocumentError as error:
        raise UnreadableError(kind, [("text", str(error))]) from error
    found = sent.copy()
    found["text"] = text
    return found


def _put(found: dict[str, Any], path: list[str], value: Any) -> None:
    """Put a value where a name with dots says."""
    for step in path[:-1]:
        found = found.setdefault(step, {})
    found[path[-1]] = value


def _value(field: Field, sent: QueryDict) -> Any:
    if field.kind == "last":
        return _moment(field.name, sent)
    if field.kind == "counts":
        return _counts(field.name, sent)
    text = given(field, sent)
    if field.kind == "flag":
        return True if text else None
    if field.kind in ("many", "several"):
        return [line.strip() for line in text.split("\n") if line.strip()]
    if field.kind == "limits":
        return [limit for _name, limit in limits_sent(sent)]
    if field.kind in ("records", "conditions"):
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return [dict(read_text(_braced(each), field.name).plain) for each in lines]
    if field.kind in ("record", "code", "pairs"):
        found = dict(read_text(text, field.name).plain) if text else {}
        return found | _counts(field.name, sent) if field.kind == "pairs" else found
    return text


def given(field: Field, sent: QueryDict) -> str:
    """Return what was sent for a field, as the form has it when it is shown again."""
    if field.kind == "last":
        return _text(f"{field.name}.last", sent)
    return _moment(field.name, sent) if field.kind == "moment" else _text(field.name, sent)


def _text(name: str, sent: QueryDict) -> str:
    values = [each.replace("\r\n", "\n").strip() for each in sent.getlist(name)]
    return "\n".join(each for each in values if each)


def _moment(name: str, sent: QueryDict) -> str:
    """Return a day, or with a time of day (UTC) the instant; of a last day the one after it."""
    last, time = _text(f"{name}.last", sent), sent.get(f"{name}.time", "").strip()
    if last and not time:
        return day_after(last)
    day = last or _text(name, sent)
    if not day or not time or "T" in day:
        return day
    return f"{day}T{time}{':00' if len(time) == len('hh:mm') else ''}Z"


def day_after(day: str) -> str:
    """Return the day after a day; what is none is left for the reader of the act to refuse."""
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return day


def _digest(file: UploadedFile[Any]) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return f"sha256:{found.hexdigest()}"


def _counts(name: str, sent: QueryDict) -> dict[str, str]:
    """Return the numbers that were given one by one, each in a field that ends with its key."""
    start = f"{name}."
    names = [each for each in sent if each.startswith(start)]
    given = {each.removeprefix(start): sent.getlist(each)[-1].strip() for each in names}
    return {key: count for key, count in given.items() if count}


def _braced(line: str) -> str:
    return line if line.startswith("{") else f"{{{line}}}"
