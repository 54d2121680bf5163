"""A register that is served elsewhere, as the holder of a token asks it: nothing is decided here.

What a person signs is signed here, and sent; plain acts are signed by the key of a session that
they opened at that server, which stays here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from placet.client.calling import RefusedError, UnreachableError
from placet.client.client import Client
from placet.determination import Determination
from placet.errors import QuestionError
from placet.evidence import (
    JSON,
    ForgedEvidenceError,
    OpenSession,
    Session,
    SshEvidence,
    Statement,
    parse_evidence,
    public_key,
)
from placet.ledger import SignedCheckpoint, Tile, parse_checkpoint
from placet.need_to_know import View
from placet.need_to_know.inbox import Waiting
from placet.need_to_know.permit_view import WholePermit
from placet.need_to_know.time_line import TimeLine
from placet.operations.acting.act import Signing
from placet.operations.acting.drafting import readable
from placet.operations.answers import AuditSeen, Brief, Done, Me, Stated
from placet.operations.log.proving import export_from
from placet.operations.on_record.policy_tests import Tested
from placet.permit import PermitVerifierKey, parse_jwks
from placet.registry import written

__all__ = ["ServedRegister"]

_TESTED = TypeAdapter(tuple[Tested, ...])


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Have errors raised as they were where the register is.

    Raises:
        PlacetError: what was refused there.
    """
    try:
        yield
    except RefusedError as error:
        raise error.cause from error


class ServedRegister:
    """The register behind a client; `session` is one that its holder opened there before."""

    def __init__(self, client: Client, session: OpenSession | None = None) -> None:
        self._client = client
        self._session = session

    @property
    def person(self) -> str:
        """The holder of the token."""
        return self.me.person

    @cached_property
    def me(self) -> Me:
        """Who the holder is, and what their token is for."""
        return self._client.me()

    def inbox(self) -> Iterator[Waiting]:
        """Yield what waits for the person."""
        return self._client.inbox()

    def cases(self, *, open_only: bool) -> Iterator[Brief]:
        """Yield the cases that the person has a part in."""
        return self._client.cases(ended=not open_only)

    def stale(self) -> Iterator[Brief]:
        """Yield the cases whose determination is out of date, of those they are told so of."""
        return self._client.cases(filters={"tab": "stale"})

    def case(self, case: str) -> View:
        """Return a case as the person sees it."""
        return self._client.case(case)

    def stands(self, case: str) -> str:
        """Return how a case stands now, in the word that lists have for it."""
        return self._client.page(case).stands

    def things(self, case: str) -> Mapping[str, str]:
        """Return of what each line of the request of a case is."""
        return self._client.page(case).things

    def time_line(self, case: str) -> Sequence[TimeLine]:
        """Return what was done on a case and what followed by itself, the first first."""
        return self._client.time_line(case)

    def permit(self, permit: str) -> WholePermit:
        """Return a permit, and whether it holds now."""
        return self._client.permit(permit)

    def permit_file(self, permit: str) -> bytes:
        """Return a permit to hand on."""
        return self._client.permit_file(permit)

    def status_list(self, at: datetime | None = None) -> str:
        """Return the latest signed status list, or the one that was the latest at a moment."""
        return self._client.status_list(at)

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        """Return the public keys by which permits are signed."""
        return parse_jwks(self._client.permit_keys())

    def checkpoint(self) -> bytes:
        """Return the latest signed checkpoint of the log."""
        return self._client.log().checkpoint.encode()

    def receipt(self, entry: int, show: Collection[str] = ()) -> bytes:
        """Return the proof that an entry is in the log; with `show`, what fields of it say."""
        return self._client.disclosure(entry, show) if show else self._client.receipt(entry)

    def determine(self, request: Mapping[str, Any], at: datetime | None) -> Determination:
        """Return what the rules say of a request, by what the person may know.

        Raises:
            InputError: it cannot be read; with every problem found.
            UnreachableError: what is answered is not what was determined.
        """
        with _as_it_was():
            answer = self._client.determine(request, written(at) if at is not None else None)
        digest = answer.pop("digest")
        try:
            found = TypeAdapter(Determination).validate_python(dict(answer))
        except ValidationError as error:
            raise UnreachableError(
                "The server determines in another shape than is read here."
            ) from error
        if found.digest != digest:
            raise UnreachableError("The server gave a determination and the digest of another.")
        return found

    def evidence(self, entry: int) -> Mapping[str, bytes]:
        """Return the files with which anybody checks who did the act of an entry."""
        return self._client.evidence(entry)

    def policy_tests(self, party: str, policy: str) -> Sequence[Tested]:
        """Return how the tests of a policy come out, as far as they may be known."""
        with _as_it_was():
            return _TESTED.validate_python(self._client.policy_tests(party, policy))

    def log_keys(self) -> Sequence[str]:
        """Return the public keys of the log, as the server names them."""
        return self._client.log().keys

    def export(self, folder: Path) -> SignedCheckpoint:
        """Write the log into a folder as static files, each fetched once."""
        return export_from(parse_checkpoint(self.checkpoint()), self._tiles, folder)

    def _tiles(self, tiles: Sequence[Tile], /) -> Sequence[bytes]:
        return [self._client.log_file(each.path) for each in tiles]

    def audit(self, told: Callable[[AuditSeen], None]) -> AuditSeen:
        """Have the log audited there; `told` is told how far it is, and waits before it returns."""
        seen = self._client.start_audit()
        while seen.ended_at is None:
            told(seen)
            seen = self._client.audit(seen.id)
        return seen

    def state(self, kind: str, case: str | None, given: Mapping[str, Any]) -> Stated:
        """Return what is signed for an act.

        Raises:
            InputError: the act brings a request, a policy or a fact that cannot be read.
            RefusedError: the act could not be done.
        """
        readable(kind, given)
        with _as_it_was():
            return self._client.state(kind, given, case)

    def act(
        self,
        kind: str,
        case: str | None,
        given: Mapping[str, Any],
        sign: Signing | None = None,
        documents: Mapping[str, bytes] | None = None,
    ) -> Done:
        """Do an act, once; its documents are sent before it.

        Raises:
            InputError: the act brings a request, a policy or a fact that cannot be read.
            RefusedError: the rules do not allow it, or the evidence does not show who did it.
        """
        readable(kind, given)

        def signed(stated: Stated) -> JSON:
            _must_be_of(stated, kind)
            if stated.signed_by == "person" and sign is not None:
                return sign(stated.statement.encode())
            return self._by_session(stated)

        with _as_it_was():
            names = {each["digest"]: each["name"] for each in given.get("attachments", ())}
            for digest, data in (documents or {}).items():
                self._client.send_document(names.get(digest, ""), data)
            return self._client.act(kind, given, case, sign=signed)

    def open_session(self, private: bytes, hours: int, sign: Signing) -> OpenSession:
        """Open a session of a key that was drawn for it, with the person's signature.

        Raises:
            ForgedEvidenceError: the server asks to sign for another person or another key.
            QuestionError: what signs gives no SSH signature.
        """
        public = public_key(private)
        drawn = self._client.challenge(str(public), hours).challenge
        opened = Session.parse(drawn.encode())
        if (opened.person, opened.key) != (self.person, public):
            raise ForgedEvidenceError(
                "The server asks to sign for another person or another key. Nothing was signed."
            )
        match parse_evidence(sign(drawn.encode())):
            case SshEvidence(signature) as evidence:
                self._client.open_session(drawn, evidence.document)
                return OpenSession(drawn, signature, private)
            case _:
                raise QuestionError("A session is opened at a terminal by an SSH signature.")

    def _by_session(self, stated: Stated) -> JSON:
        if self._session is not None:
            return self._session.sign(stated.statement.encode()).document
        if self.me.demonstration:
            return None
        raise QuestionError(
            "Nobody is signed in at that server from here. Use `placet sign-in PERSON --key FILE "
            "--server URL`."
        )


def _must_be_of(stated: Stated, kind: str) -> None:
    """Refuse to sign another act than the one that was asked for.

    Raises:
        ForgedEvidenceError: it is another.
    """
    if Statement.parse(stated.statement.encode())["purpose"] != kind:
        raise ForgedEvidenceError("The server asks to sign another act. Nothing was signed.")
