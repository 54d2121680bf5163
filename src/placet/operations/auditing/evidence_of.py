"""The evidence of one act, as files that anybody checks with `ssh-keygen` or `openssl`.

What the person was shown is not kept: it follows from the entry and from the case and context
as they were. So it is made again, as an audit makes it again, and compared with the signature.
"""

from __future__ import annotations

from itertools import islice

from placet.errors import QuestionError
from placet.evidence import files_to_check, verify
from placet.ledger import Entry
from placet.operations.acting.act import shown
from placet.operations.acting.keys_on_record import keys_of
from placet.operations.auditing.entries import entry_of, event_of
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.log.proving import checkpoint
from placet.operations.ports import EntryOnFile
from placet.review import Case, NotAllowedError, UnknownError, fold, suspended

__all__ = ["evidence_files"]


def evidence_files(house: House, who: SignedIn, index: int) -> dict[str, bytes]:
    """Return the files, by name, with which anybody checks who did the act of an entry.

    They say the whole act, so they are for whoever did it, and for auditors.

    Args:
        house: the installation.
        who: the person signed in.
        index: the entry's place in the log.

    Raises:
        UnknownError: no checkpoint covers such an entry.
        QuestionError: no person did it, or it was erased.
        NotAllowedError: the person signed in neither did the act nor audits.
        EvidenceError: the evidence does not show that the actor did it.
        WrongError: what stands behind an entry is not what was committed to.
    """
    entry = _entry(house, index)
    event = event_of(entry) if entry is not None and entry.evidence is not None else None
    looking = viewer_of(house, who)
    mine = event is not None and looking.did(event.actor, event.at, event.office)
    if not mine and not looking.audits:
        raise NotAllowedError(
            f"The evidence of entry {index} is for whoever did the act, and for auditors."
        )
    if entry is None:
        raise QuestionError(f"Entry {index} was erased, in whole or in part.")
    if event is None:
        raise QuestionError(f"Entry {index} ({entry.kind}) has no evidence: no person did it.")
    context = house.reading.context(entry.context_version) if entry.context_version else None
    case = _case_before(house, event.case, index) if event.case is not None else None
    text = shown(house.origin, event.actor, event.command, case, context, event.office)
    # Of the act that begins the log, the keys are those that it brings.
    keys = keys_of(house.reading.context(entry.context_version or 1), event.actor, event.at)
    signer = verify(entry.evidence, text, keys, event.at).key
    if signer is None:
        raise QuestionError(
            f"Entry {index} rests on the word of a demonstration: there is no signature to check."
        )
    key = next(each for each in keys if each.fingerprint == signer)
    return files_to_check(entry.evidence, text, event.actor, key)


def _entry(house: House, index: int) -> Entry | None:
    """Return an entry, or None where any of it was erased."""
    size = checkpoint(house.reading).checkpoint.size
    if not 0 <= index < size:
        raise UnknownError(f"No checkpoint covers an entry {index}; the last is {size - 1}.")
    found = [_opened(each) for each in islice(house.reading.entries(index, index + 1), 1)]
    return found[0] if found else None


def _opened(on_file: EntryOnFile) -> Entry | None:
    if on_file.body is None:
        return None
    entry, erased = entry_of(on_file.body, on_file.leaf)
    return None if erased else entry


def _case_before(house: House, name: str, index: int) -> Case | None:
    """Return a case as it was before an entry: the fold of the entries that moved it till then.

    Raises:
        QuestionError: one of these was erased, so that nobody can say how the case was.
    """
    case: Case | None = None
    for each in house.reading.entries_of_case(name):
        if each.index >= index:
            break
        entry = _opened(each)
        if entry is None:
            raise QuestionError(
                f"Entry {each.index} moved case {name} before, and was erased: what was shown in "
                f"entry {index} cannot be made again."
            )
        event = event_of(entry)
        case = suspended(case, event) if case and event.case is None else fold(case, event)
    return case
