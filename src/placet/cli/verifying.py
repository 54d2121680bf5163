"""What a permit or a receipt is worth, on a terminal: offline, or by whoever issued it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from placet.cli.cleaning import clean
from placet.cli.served import client_of
from placet.errors import QuestionError
from placet.ledger import WitnessPolicy
from placet.operations.answers import NowValid
from placet.operations.outside.checking_permits import check_permit, read_limited, read_witnesses
from placet.operations.outside.checking_receipts import check_receipt, must_have_adopted
from placet.permit import Proven
from placet.registry import written

__all__ = ["check_and_show", "policy_of", "verify_at", "verify_offline"]

_NOW: dict[NowValid, str] = {
    "in-force": "Its issuer says that it is in force",
    "not-in-force": "Its issuer says that it is not in force",
    "not-ours": "Its issuer knows no such permit",
}


def verify_offline(
    permit: Path,
    keys: Path,
    status: Path | None,
    log_keys: Path | None,
    witnesses: WitnessPolicy | None,
    at: datetime,
    as_json: bool,
) -> bool:
    """Print what a permit is worth by keys and a status list at hand; say whether it may hold."""
    found = check_permit(permit, keys, at=at, status=status, log_keys=log_keys, witnesses=witnesses)
    if as_json:
        data = {"standing": found.standing.name.lower(), "says": list(found.sentences())}
        print(json.dumps(data, indent=2))
    else:
        print("\n".join(clean(each) for each in found.sentences()))
    return found.standing in (Proven.IN_WINDOW, Proven.UNCONFIRMED)


def verify_at(server: str, permit: Path, as_json: bool) -> bool:
    """Print what a permit is worth by its issuer, who needs no token; say whether it holds now."""
    text = read_limited(permit).decode("utf-8", "replace")
    with client_of(os.environ, server, without_token=True) as client:
        found = client.verify(text)
    if as_json:
        print(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        print("\n".join(clean(each) for each in found.says))
        why = f": {clean('; '.join(found.why))}" if found.why else ""
        print(f"{_NOW[found.now]}, {written(found.at)}{why}.")
    return found.now == "in-force"


def policy_of(witnesses: Path | None, need: int | None) -> WitnessPolicy | None:
    """Return the witness policy that two options name; None where neither is given, on purpose.

    Raises:
        QuestionError: one is given without the other.
        LedgerError: the file is none, or the policy asks for what nobody could fulfil.
    """
    if witnesses is None and need is None:
        return None
    if witnesses is None or need is None:
        raise QuestionError(
            "A witness policy is the witnesses and how many of them must have cosigned: give both "
            "--witnesses FILE and --need K."
        )
    return read_witnesses(witnesses, need)


def check_and_show(
    receipt: Path,
    log_keys: Path,
    export: Path | None,
    policy: Path | None,
    witnesses: WitnessPolicy | None,
    as_json: bool,
) -> None:
    """Check a receipt offline; print where its entry is, and what is disclosed of it."""
    found = check_receipt(receipt, log_keys, export=export, witnesses=witnesses)
    if policy is not None:
        must_have_adopted(found, policy)
    if as_json:
        data = {"entry": found.index, "says": list(found.sentences()), "shown": dict(found.shown)}
        print(json.dumps(data, indent=2))
        return
    print("\n".join(clean(each) for each in found.sentences()))
    for name, value in found.shown.items():
        print(clean(f"{name}: {json.dumps(value, indent=2, ensure_ascii=False)}"))
    if policy is not None:
        print(f"{policy} is the policy that it adopted.")
