"""Calling the API: one method for each thing that is asked, and refusals as errors of ours."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from placet.client.shapes import Brief, Briefs, Done, Stated, VerifiedPermit, Waited
from placet.errors import PlacetError
from placet.evidence import JSON

__all__ = ["Answer", "Client", "RefusedError", "Signing", "UnreachableError"]

Signing = Callable[[Stated], JSON]
"""Has what was stated signed by its person or session; returns the evidence."""

_PREFIX = "/api/v1"
_SECONDS = 30.0
_AT_ONCE = 100
_REFUSED = 400


class RefusedError(PlacetError):
    """The installation refused; `problem` is what it said (RFC 9457), `status` the HTTP status."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(str(problem.get("detail") or f"The server answered {status}."))


class UnreachableError(PlacetError):
    """Nobody answers at the address, or what answers is no Placet."""


class Answer(dict[str, Any]):
    """An answer as it came, for what the client has no shape of its own."""


class Client:
    """A client of one installation, for the holder of a token; close it when done."""

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

    def me(self) -> Answer:
        """Return who the token is of, what it is for, and which offices they hold now."""
        return Answer(self._json("GET", "/me"))

    def inbox(self) -> tuple[Waited, ...]:
        """Return what waits for the holder."""
        return tuple(map(Waited.model_validate, self._json("GET", "/inbox")["waiting"]))

    def cases(self, *, ended: bool = True) -> Iterator[Brief]:
        """Yield the cases that the holder has a part in, page by page."""
        after: str | None = None
        while True:
            asked: dict[str, Any] = {"limit": _AT_ONCE, "ended": str(ended).lower()}
            page = Briefs.model_validate(
                self._json("GET", "/cases", params=asked | ({"after": after} if after else {}))
            )
            yield from page.cases
            after = page.next
            if after is None:
                return

    def case(self, case: str) -> Answer:
        """Return a case as the holder sees it."""
        return Answer(self._json("GET", f"/cases/{_named(case)}"))

    def state(self, kind: str, act: Mapping[str, Any], case: str | None = None) -> Stated:
        """Return what would be signed for an act; it is refused as the act would be."""
        path = f"{_acts(case)}/{_named(kind)}/statement"
        return Stated.model_validate(self._json("POST", path, json={"act": dict(act)}))

    def act(
        self, kind: str, act: Mapping[str, Any], case: str | None = None, *, sign: Signing
    ) -> Done:
        """Do an act: have it stated, have that signed, and send it with the evidence, once."""
        stated = self.state(kind, act, case)
        if f"sha256:{hashlib.sha256(stated.statement.encode()).hexdigest()}" != stated.digest:
            raise UnreachableError("The server gave a statement and the digest of another.")
        sent = {"act": stated.act, "evidence": sign(stated)}
        key = {"Idempotency-Key": secrets.token_urlsafe(24)}
        path = f"{_acts(case)}/{_named(kind)}"
        return Done.model_validate(self._json("POST", path, json=sent, headers=key))

    def determine(self, request: Mapping[str, Any], at: str | None = None) -> Answer:
        """Return what the rules say of a request; its digest is under `digest`, and was checked."""
        asked = {"request": dict(request)} | ({"at": at} if at else {})
        answer = self._call("POST", "/determine", json=asked)
        found = Answer(json.loads(answer.content))
        found["digest"] = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        return found

    def permit(self, permit: str) -> Answer:
        """Return a permit, whether it holds now, and what is left of it."""
        return Answer(self._json("GET", f"/permits/{_named(permit)}"))

    def verify(self, permit: str) -> VerifiedPermit:
        """Ask the issuer what a permit's token, or the text of its file, is worth."""
        found = self._json("POST", "/permits/verify", json={"permit": permit})
        return VerifiedPermit.model_validate(found)

    def _json(self, method: str, path: str, **more: Any) -> Any:
        return self._call(method, path, **more).json()

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


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    found: Mapping[str, Any] = answer.json()
    return found


def _acts(case: str | None) -> str:
    return f"/cases/{_named(case)}/acts" if case is not None else "/acts"


def _named(name: str) -> str:
    """Return a name as it may stand in an address, and nothing that would be another address."""
    if (
        not name
        or not all(each.isalnum() or each in "._:-" for each in name)
        or name in (".", "..")
    ):
        raise UnreachableError(f"{name[:80]!r} is no name of a case, a permit or an act.")
    return name
