"""The terms of a permit: what may be done, by whom, within which limits, and who consented.

Terms are written for a reader who has nothing but the permit: areas that a party defined for
itself are spelled out in ISO 3166 codes, and each proviso carries its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from placet.ledger import JSON, MalformedError, canonical
from placet.permit.errors import MalformedPermitError
from placet.permit.spelling import (
    check_name,
    check_text,
    digest_of,
    read_digest,
    read_instant,
    read_occasion,
    write_instant,
    write_occasion,
)

__all__ = ["Consent", "EntryRef", "Limits", "PermitLine", "Terms", "read_terms"]

_AREA = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)


def _read_area(text: str) -> str:
    if not _AREA.fullmatch(text):
        raise ValueError("an area code is one of ISO 3166, as UA or UA-43")
    return text


Name: TypeAlias = Annotated[str, AfterValidator(check_name)]
Text: TypeAlias = Annotated[str, AfterValidator(check_text)]
Digest: TypeAlias = Annotated[str, AfterValidator(read_digest)]
AreaCode: TypeAlias = Annotated[str, AfterValidator(_read_area)]
Count: TypeAlias = Annotated[int, Field(ge=1, lt=1 << 53)]
Instant: TypeAlias = Annotated[
    datetime, BeforeValidator(read_instant), PlainSerializer(write_instant)
]
Occasion: TypeAlias = Annotated[
    date | datetime, BeforeValidator(read_occasion), PlainSerializer(write_occasion)
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PermitLine(_Part):
    """One thing permitted. `quantity` is a whole number of it; None sets no number."""

    line: Name
    item: Name
    lot: Name | None = None
    serials: tuple[Text, ...] = ()
    quantity: Count | None = None


class Consent(_Part):
    """One yes that the permit rests on: whose, of what kind, by which office, when, and where.

    `on` is when it was given: a day where nobody said the hour. `recorded` is when the issuer
    recorded it, where that is later: a consent that was given elsewhere.
    An `emergency` stands in for a yes: an office acted before its party decided. `by` is None
    where no office spoke: a party whose rules clear the request.
    """

    party: Name
    kind: Literal["decision", "emergency", "external-consent", "standing-authorisation", "clear"]
    by: Name | None = None
    on: Occasion
    recorded: Instant | None = None
    reference: Text

    @model_validator(mode="after")
    def _an_office_acts(self) -> Self:
        if self.kind in ("decision", "emergency") and self.by is None:
            raise ValueError(f"a consent of the kind {self.kind} names the office that acted")
        return self


class EntryRef(_Part):
    """The act that issued the permit: the log's origin, and the entry as it stands in the log.

    `commitment` is the 32 bytes of the entry (`placet.ledger.Body.commitment`), spelled as a
    digest, which it is.
    """

    origin: Name
    commitment: Digest

    @classmethod
    def of(cls, origin: str, commitment: bytes) -> EntryRef:
        """Name an entry by the 32 bytes that stand in the log."""
        return cls(origin=origin, commitment=f"sha256:{commitment.hex()}")

    @property
    def entry(self) -> bytes:
        """The entry as it stands in the log: 32 bytes."""
        return bytes.fromhex(self.commitment.removeprefix("sha256:"))


class Limits(_Part):
    """What a permit allows, and within which limits: everything that a use is held against.

    The window holds from `start` and no longer at `until`. `actor` is left out where the holder
    acts. An empty `within`, `targets`, `purposes` or `recipients` sets no limit of that kind;
    `none` stands for no target, purpose or recipient at all. An area in `within` or `outside` is
    an ISO 3166 code, which stands for all that lies in it, or the name of a set whose codes are
    in `area_sets`. A permit of a demonstration says so, and permits nothing.
    """

    holder: Name
    activity: Name
    actor: Name | None = None
    lines: tuple[PermitLine, ...] = Field(min_length=1)
    within: tuple[Name, ...] = ()
    outside: tuple[Name, ...] = ()
    area_sets: dict[Name, tuple[AreaCode, ...]] = {}
    targets: tuple[Name, ...] = ()
    not_targets: tuple[Name, ...] = ()
    purposes: tuple[Name, ...] = ()
    recipients: tuple[Name, ...] = ()
    start: Instant
    until: Instant
    provisos: tuple[dict[str, JsonValue], ...] = ()
    each_use: bool = False
    no_onward_transfer: bool = False
    report_within_days: Count | None = None
    demonstration: bool = False

    @model_validator(mode="after")
    def _limits_hold_together(self) -> Self:
        if self.until <= self.start:
            raise ValueError("the window ends before it begins")
        if self.actor == self.holder:
            raise ValueError("the actor is left out where the holder acts")
        if len({each.line for each in self.lines}) != len(self.lines):
            raise ValueError("a line stands twice")
        for name in (*self.within, *self.outside):
            if name not in self.area_sets and not _AREA.fullmatch(name):
                raise ValueError(f"the area set {name} is not spelled out in area_sets")
        for proviso in self.provisos:
            _check_proviso(proviso)
        return self


class Terms(Limits):
    """What a permit says: what it allows, whose yes that rests on, and where it was issued."""

    id: Name
    case: Name
    issuer: Name
    consents: tuple[Consent, ...] = Field(min_length=1)
    entry: EntryRef
    supersedes: Name | None = None

    @model_validator(mode="after")
    def _supersedes_another(self) -> Self:
        if self.supersedes == self.id:
            raise ValueError("a permit cannot supersede itself")
        return self

    def data(self) -> dict[str, JSON]:
        """Return the terms as JSON data. What is empty, false or not set is left out."""
        found: dict[str, JSON] = self.model_dump(mode="json", exclude_defaults=True)
        return found

    @property
    def digest(self) -> str:
        """The SHA-256 of the terms as canonical JSON."""
        return digest_of(canonical(self.data(), "the terms"))


def _check_proviso(proviso: Mapping[str, object]) -> None:
    match proviso:
        case {"text": str(text)}:
            check_text(text)
        case _:
            raise ValueError("a proviso has a text")


def read_terms(data: Mapping[str, JSON]) -> Terms:
    """Read terms from JSON data, with instants as in `2025-08-23T12:00:00Z`.

    Raises:
        MalformedPermitError: a field is unknown, missing or of another type; lists them all.
    """
    try:
        return Terms.model_validate_json(canonical(dict(data), "the terms"))
    except MalformedError as error:
        raise MalformedPermitError(str(error)) from None
    except ValidationError as error:
        raise MalformedPermitError(_problems(error)) from None


def _problems(error: ValidationError) -> str:
    found = [
        f"{'.'.join(str(each) for each in problem['loc']) or 'they'}: "
        + problem["msg"].removeprefix("Value error, ")
        for problem in error.errors(include_url=False, include_input=False)
    ]
    return f"The terms cannot be read; {'; '.join(found)[:2000]}."
