"""What a permit is worth, on a terminal: offline, or by whoever issued it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from placet.cli.cleaning import clean
from placet.cli.served import client_of
from placet.operations.answers import NowValid
from placet.operations.checking_permits import check_permit, read_limited
from placet.permit import Standing
from placet.registry import written

__all__ = ["verify_at", "verify_offline"]

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
    at: datetime,
    as_json: bool,
) -> bool:
    """Print what a permit is worth by keys and a status list at hand; say whether it may hold."""
    found = check_permit(permit, keys, at=at, status=status, log_keys=log_keys)
    if as_json:
        data = {"standing": found.standing.name.lower(), "says": list(found.sentences())}
        print(json.dumps(data, indent=2))
    else:
        print("\n".join(clean(each) for each in found.sentences()))
    return found.standing in (Standing.IN_WINDOW, Standing.UNCONFIRMED)


def verify_at(server: str, permit: Path, as_json: bool) -> bool:
    """Print what a permit is worth by its issuer, who needs no token; say whether it holds now."""
    text = read_limited(permit).decode("utf-8", "replace")
    with client_of(os.environ, server, without_token=True) as client:
        found = client.verify(text)
    if as_json:
        print(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        print("\n".join(clean(each) for each in found.says))
        print(f"{_NOW[found.now]}, {written(found.at)}.")
    return found.now == "in-force"
