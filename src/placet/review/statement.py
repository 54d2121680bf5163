"""What is shown to the person who acts, and signed by them where the act takes a signature.

The fields of a statement say the whole act and nothing that is not settled by it: no time (the
act is when it is recorded) and nothing random, so that they can be made again and compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from placet.canonical import canonical_json
from placet.review.case import Case
from placet.review.commands import (
    Begin,
    BreakGlass,
    Command,
    Decide,
    DismissAppeal,
    Submit,
    WithdrawConsent,
)
from placet.review.consent import lines_asked
from placet.review.context import Context
from placet.review.event import payload_of

__all__ = ["decides_for", "needs_signature", "statement_fields"]

_SIGNED = frozenset(
    {
        "adopt-policy",
        "amend",
        "announce-policy",
        "appoint",
        "begin",
        "break-glass",
        "change-semantics",
        "decide",
        "delegate",
        "dismiss",
        "dismiss-appeal",
        "end-policy",
        "erase",
        "fulfil",
        "issue",
        "lift",
        "record-consent",
        "record-fact",
        "register-key",
        "retire-key",
        "retract",
        "review-after",
        "revoke",
        "revise-book",
        "revoke-delegation",
        "rotate-key",
        "withdraw-consent",
    }
)


def needs_signature(kind: str) -> bool:
    """Say whether acts of a kind are signed by the person; else the key of the session signs."""
    return kind in _SIGNED


def decides_for(command: Command) -> str | None:
    """Return the party for which an act decides: its book sets how strongly it is signed."""
    deciding = Decide | WithdrawConsent | DismissAppeal | BreakGlass
    return command.party if isinstance(command, deciding) else None


def statement_fields(
    case: Case | None,
    context: Context | None,
    command: Command,
    actor: str,
    office: str | None = None,
) -> dict[str, Any]:
    """Return what a person states by an act: plain data, the same each time it is made.

    What the act says stands under `act`, spelled as in files; on a case also its round and the
    digest of the request as it reads, and for a decision the rights it is about and the
    determination it is taken on. A first context stands in it by its digest, the first keys whole.

    So that what was signed once cannot be shown again, `earlier` is how often the person has
    acted on the case, or on none. It counts their own acts alone: how often others acted is not
    theirs to know. Whoever acts in one office alone states it as `office`.

    Raises:
        RequestError: the case's request names what the context no longer holds.
    """
    said = payload_of(command)
    if isinstance(command, Begin):
        named = {name: key for name, key in said.items() if name in ("log-key", "permit-key")}
        said = {"origin": command.origin, "context": _digest(command), **named}
    fields: dict[str, Any] = {"person": actor, "act": said}
    if office is not None:
        fields["office"] = office
    if case is not None:
        earlier = sum(each.person == actor for each in case.moves)
        fields |= {"case": case.id, "round": case.round, "earlier": earlier}
        if context is not None:
            fields["request"] = context.digest_of(case.request)
        if case.determined is not None:
            fields["determination"] = case.determined.digest
    elif context is not None and not isinstance(command, Submit):
        fields["earlier"] = context.acts_of(actor)
    if isinstance(command, Decide) and case is not None and case.determined is not None:
        need = case.determined.needs.get(command.party)
        fields["rights"] = list(need.rights) if need else []
        fields["lines"] = sorted(command.lines or lines_asked(case, command.party))
    return fields


def _digest(command: Begin) -> str:
    whole: Mapping[str, Any] = {"registry": command.registry, "books": list(command.books)}
    return f"sha256:{hashlib.sha256(canonical_json(whole)).hexdigest()}"
