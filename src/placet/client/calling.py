"""Calling the API: how anything is asked, and refusals as errors of ours."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from placet.errors import InputError, PlacetError, Problem, Where
from placet.operations.answers import (
    Accounts,
    Briefs,
    Drafts,
    EntriesSeen,
    Inbox,
    Lists,
    PermitsSeen,
)

__all__ = [
    "Answer",
    "Calling",
    "RefusedError",
    "UnreachableError",
    "as_seen",
    "must_be_of",
    "named",
    "once",
]

_Shape = TypeVar("_Shape")
_Page = TypeVar("_Page", Inbox, Briefs, PermitsSeen, EntriesSeen, Drafts, Lists, Accounts)

_PREFIX = "/api/v1"
_SECONDS = 30.0
_AT_ONCE = 100
_REFUSED = 400

INVALID = "urn:placet:problem:invalid"
"""What is said of a body that is not of the shape that is described."""


class RefusedError(PlacetError):
    """The installation refused; `problem` is what it said (RFC 9457), `status` the HTTP status."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(str(problem.get("detail") or f"The server answered {status}."))

    @property
    def cause(self) -> PlacetError:
        """The error as it was where it was raised, as far as it is told: with every problem."""
        found = self.problem.get("problems")
        if self.problem.get("type") == INVALID or not isinstance(found, list):
            return self
        return InputError(
            Problem(Where(field=each["field"]), each["what"], each.get("why", ""), each["do"])
            for each in found
        )


class UnreachableError(PlacetError):
    """Nobody answers at the address, or what answers is no Placet."""


class Answer(dict[str, Any]):
    """An answer as it came, for what the client has no shape of its own."""


class Calling:
    """Calls one installation, for the holder of a token; close it when done."""

    def __init__(
        self, server: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=server.rstrip("/") + _PREFIX,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _pages(self, kind: type[_Page], path: str, **more: str) -> Iterator[_Page]:
        """Yield the pages of a list."""
        after: str | int | None = None
        while True:
            asked = {"limit": _AT_ONCE, **more} | ({"after": after} if after is not None else {})
            page = self._read(kind, "GET", path, params=asked)
            yield page
            after = page.next
            if after is None:
                return

    def _list(self, path: str, **asked: str | None) -> list[Answer]:
        return [Answer(each) for each in self._asked(path, asked)]

    def _one(self, path: str, **asked: str | None) -> Answer:
        return Answer(self._asked(path, asked))

    def _asked(self, path: str, asked: Mapping[str, str | None]) -> Any:
        given = {name: each for name, each in asked.items() if each is not None}
        return self._call("GET", path, params=given).json()

    def _read(self, kind: type[_Shape], method: str, path: str, **more: Any) -> _Shape:
        """Call, and read what was answered.

        Raises:
            UnreachableError: it has another shape: the server is of another version.
        """
        answer = self._call(method, path, **more)
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError as error:
            raise UnreachableError(
                f"{self._http.base_url.host} answers in another shape than this version of Placet "
                f"reads ({error.error_count()} differences): bring both to the same version."
            ) from error

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call, and return what was answered.

        Raises:
            RefusedError: the installation refused.
            UnreachableError: nobody answers, or it is no Placet.
        """
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            where = f"{self._http.base_url.host}"
            raise UnreachableError(f"{where} does not answer: {error}.") from error
        if answer.status_code >= _REFUSED:
            raise RefusedError(answer.status_code, _problem(answer))
        return answer


def must_be_of(text: str, digest: str) -> None:
    """Refuse a text that is not the one of its digest.

    Raises:
        UnreachableError: the server shows one thing and means another.
    """
    if f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" != digest:
        raise UnreachableError("The server gave a statement and the digest of another.")


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    found: Mapping[str, Any] = answer.json()
    return found


def once() -> dict[str, str]:
    """Return the header by which what is sent twice is done once."""
    return {"Idempotency-Key": secrets.token_urlsafe(24)}


def as_seen(tag: str) -> dict[str, str]:
    """Return the header by which nothing is done to what has changed since it was seen."""
    return {"If-Match": f'"{tag}"'}


def named(name: str) -> str:
    """Return a name as it may stand in an address, and nothing that would be another address."""
    if (
        not name
        or not all(each.isalnum() or each in "._:-" for each in name)
        or name in (".", "..")
    ):
        raise UnreachableError(f"{name[:80]!r} is no name of a case, a permit or an act.")
    return name
