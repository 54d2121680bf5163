"""A register as one person asks it: the one that is open here, or one that is served elsewhere.

Whoever asks does not know which it is; `client` has the other. What is shown and what is refused
are the same in both, word for word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from placet.evidence import ACT_NAMESPACE, SESSION_ACT_NAMESPACE
from placet.ledger import SignedCheckpoint
from placet.need_to_know import View
from placet.need_to_know.consequences import fallen
from placet.need_to_know.desk import Tab
from placet.need_to_know.inbox import Waiting
from placet.need_to_know.permit_view import WholePermit
from placet.need_to_know.telling import things
from placet.need_to_know.time_line import TimeLine
from placet.operations.acting.act import Signing, act, to_sign
from placet.operations.acting.drafting import drafted
from placet.operations.answers import Brief, Done, Stated, Suspended
from placet.operations.auditing.evidence_of import evidence_files
from placet.operations.house import House, SignedIn
from placet.operations.log.proving import checkpoint, export
from placet.operations.log.reading import entry_disclosure, entry_receipt
from placet.operations.on_record.policy_tests import Tested, before_adopting, in_words, policy_tests
from placet.operations.ports import Acknowledgement
from placet.operations.seeing.case_page import see_time_line
from placet.operations.seeing.cases import how_it_stands, see_case
from placet.operations.seeing.comparing import compare_cases
from placet.operations.seeing.desks import see_briefs, see_inbox
from placet.operations.seeing.naming import told_of_use
from placet.operations.seeing.permits import permit_file, see_permit
from placet.operations.seeing.permits import status_list as latest_status_list
from placet.permit import PermitVerifierKey
from placet.review import needs_signature, payload_of

__all__ = ["OwnRegister", "Register", "done_of"]

_COMPARED, _FOR = 2_000, timedelta(seconds=5)


class Register(Protocol):
    """What a person asks of a register.

    Every method raises an error of ours where there is nothing of that name that they have a
    part in, or where the rules refuse.
    """

    @property
    def person(self) -> str:
        """The person who asks: the actor of every act."""

    def inbox(self) -> Iterator[Waiting]:
        """Yield what waits for the person, the most urgent first."""

    def cases(self, *, open_only: bool) -> Iterator[Brief]:
        """Yield the cases that the person has a part in, those to answer first."""

    def stale(self) -> Iterator[Brief]:
        """Yield the cases whose determination is out of date, of those they are told so of."""

    def case(self, case: str) -> View:
        """Return a case as the person sees it."""

    def stands(self, case: str) -> str:
        """Return how a case stands now, in the word that lists have for it."""

    def things(self, case: str) -> Mapping[str, str]:
        """Return of what each line of the request of a case is, by its name."""

    def time_line(self, case: str) -> Sequence[TimeLine]:
        """Return what was done on a case and what followed by itself, the first first."""

    def permit(self, permit: str) -> WholePermit:
        """Return a permit, and whether it holds now."""

    def permit_file(self, permit: str) -> bytes:
        """Return a permit to hand on: the token, the receipt of its issue, the status list."""

    def status_list(self, at: datetime | None = None) -> str:
        """Return the latest signed status list, or the one that was the latest at a moment."""

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        """Return the public keys by which permits are signed, the oldest first."""

    def checkpoint(self) -> bytes:
        """Return the latest signed checkpoint of the log."""

    def receipt(self, entry: int, show: Collection[str] = ()) -> bytes:
        """Return the proof that an entry is in the log; with `show`, what fields of it say."""

    def evidence(self, entry: int) -> Mapping[str, bytes]:
        """Return the files, by name, with which anybody checks who did the act of an entry."""

    def policy_tests(self, party: str, policy: str) -> Sequence[Tested]:
        """Return how the tests of a policy come out, as far as they may be known."""

    def log_keys(self) -> Sequence[str]:
        """Return the public keys of the log, as text."""

    def export(self, folder: Path) -> SignedCheckpoint:
        """Write the log into a folder as static files; return their checkpoint."""

    def state(self, kind: str, case: str | None, given: Mapping[str, Any]) -> Stated:
        """Return what is signed for an act; it is refused as the act would be."""

    def act(
        self,
        kind: str,
        case: str | None,
        given: Mapping[str, Any],
        sign: Signing | None = None,
        documents: Mapping[str, bytes] | None = None,
    ) -> Done:
        """Do an act.

        Args:
            kind: which act.
            case: on which case; None for an act on the context or the record, or a new case.
            given: its fields, in the spelling of files. What is drawn for it may be left out.
            sign: has the person sign what is shown; needed where `needs_signature` says so.
            documents: those among its `attachments`, by digest.
        """


@dataclass(frozen=True)
class OwnRegister:
    """The register of a house that is open in this process, as the person signed in asks it."""

    house: House
    who: SignedIn

    @property
    def person(self) -> str:
        """The person signed in."""
        return self.who.person

    def inbox(self) -> Iterator[Waiting]:
        """Yield what waits for the person."""
        return see_inbox(self.house, self.who)

    def cases(self, *, open_only: bool) -> Iterator[Brief]:
        """Yield the cases that the person has a part in."""
        return see_briefs(self.house, self.who, open_only=open_only)

    def stale(self) -> Iterator[Brief]:
        """Yield the cases whose determination is out of date, compared as far as is quickly done.

        Where pages are served, workers have compared them already.
        """
        compare_cases(self.house, _COMPARED, _FOR)
        return see_briefs(self.house, self.who, tabs=(Tab.STALE,))

    def case(self, case: str) -> View:
        """Return a case as the person sees it."""
        return see_case(self.house, self.who, case)

    def stands(self, case: str) -> str:
        """Return how a case stands now, in the word that lists have for it."""
        return how_it_stands(self.house, self.who, case)

    def things(self, case: str) -> Mapping[str, str]:
        """Return of what each line of the request of a case is."""
        registry = self.house.reading.context().registry
        return things(self.case(case).request["lines"], registry)

    def time_line(self, case: str) -> Sequence[TimeLine]:
        """Return what was done on a case and what followed by itself, the first first."""
        return see_time_line(self.house, self.who, case)

    def permit(self, permit: str) -> WholePermit:
        """Return a permit, and whether it holds now."""
        return see_permit(self.house, self.who, permit)

    def permit_file(self, permit: str) -> bytes:
        """Return a permit to hand on."""
        return permit_file(self.house, self.who, permit).render()

    def status_list(self, at: datetime | None = None) -> str:
        """Return the latest signed status list, or the one that was the latest at a moment."""
        return latest_status_list(self.house, at)

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        """Return the public keys by which permits are signed, the oldest first."""
        return self.house.reading.permit_keys()

    def checkpoint(self) -> bytes:
        """Return the latest signed checkpoint of the log."""
        return checkpoint(self.house.reading).render()

    def receipt(self, entry: int, show: Collection[str] = ()) -> bytes:
        """Return the proof that an entry is in the log; with `show`, what fields of it say."""
        if show:
            return entry_disclosure(self.house, self.who, entry, show)
        return entry_receipt(self.house, entry)

    def evidence(self, entry: int) -> Mapping[str, bytes]:
        """Return the files with which anybody checks who did the act of an entry."""
        return evidence_files(self.house, self.who, entry)

    def policy_tests(self, party: str, policy: str) -> Sequence[Tested]:
        """Return how the tests of a policy come out, as far as they may be known."""
        return policy_tests(self.house, self.who, party, policy)

    def log_keys(self) -> Sequence[str]:
        """Return the public keys of the log."""
        return [each.line for each in self.house.reading.log_keys()]

    def export(self, folder: Path) -> SignedCheckpoint:
        """Write the log into a folder as static files."""
        return export(self.house.reading, folder)

    def state(self, kind: str, case: str | None, given: Mapping[str, Any]) -> Stated:
        """Return what is signed for an act.

        Raises:
            ReviewError: the act could not be done.
        """
        command = drafted(self.house, self.who, kind, case, given)
        statement = to_sign(self.house, self.who, command, case)
        personal = needs_signature(kind)
        seen = {"advice": given["advice"]} if "advice" in given else {}
        tested = before_adopting(self.house, self.who, command)
        return Stated(
            act={**payload_of(command), **seen},
            statement=statement.decode(),
            digest=f"sha256:{hashlib.sha256(statement).hexdigest()}",
            namespace=ACT_NAMESPACE if personal else SESSION_ACT_NAMESPACE,
            signed_by="person" if personal else "session",
            warns=[in_words(each) for each in tested if not each.passes],
        )

    def act(
        self,
        kind: str,
        case: str | None,
        given: Mapping[str, Any],
        sign: Signing | None = None,
        documents: Mapping[str, bytes] | None = None,
    ) -> Done:
        """Do an act.

        Raises:
            DocumentError: a document is not taken, or not what the act says of it.
            ReviewError: the rules do not allow it; says what is missing.
            EvidenceError: the evidence does not show that the person did it.
            InputError: the act brings a request, a policy or a fact that cannot be read.
        """
        command = drafted(self.house, self.who, kind, case, given)
        done = act(self.house, self.who, command, case=case, sign=sign, documents=documents)
        return done_of(done, self.house, self.who)


def done_of(done: Acknowledgement, house: House, who: SignedIn) -> Done:
    """Return what whoever did an act, and now looks, is told of it, with things by name."""
    event, cases = done.change.event, done.change.cases
    context = house.reading.context()
    viewer = who.looking(context, house.clock.now())
    beyond, doubts = told_of_use(done.change, context)
    return Done(
        kind=event.command.kind,
        case=event.case,
        act=payload_of(event.command),
        index=done.index,
        entry=f"sha256:{done.entry.hex()}",
        checkpoint=done.size,
        beyond=list(beyond),
        doubts=list(doubts),
        suspends=[
            Suspended(permit=permit, because=why) for permit, why in fallen(event, cases, viewer)
        ],
    )
