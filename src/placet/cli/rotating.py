"""`placet keys rotate`: the next key is made, named by a signed act, and put in place."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from placet.cli.options import Json

__all__ = ["keys_rotate"]


class _Of(StrEnum):
    LOG = "log"
    PERMIT = "permit"


def keys_rotate(
    of: Annotated[_Of, typer.Argument(help="Which key.")],
    because: Annotated[str, typer.Option(help="Why; for the file.")],
    sign_with: Annotated[
        Path | None, typer.Option(help="Sign what is shown with this OpenSSH private key.")
    ] = None,
    signature: Annotated[
        Path | None,
        typer.Option(help="The signature made over what --statement wrote; name both."),
    ] = None,
    statement: Annotated[
        Path | None,
        typer.Option(
            help="Write what is to be signed into this file, and stop; or, with --signature, the "
            "file that was signed."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change the key that signs the log, or the one that signs its permits.

    The next key is made, an act names it in the log, and it takes the place of the present one,
    whose private half is removed. Where it is interrupted, run it again: it goes on.
    """
    from placet.bootstrap import opened
    from placet.cli.office import Signed, carry_out, signed_in
    from placet.errors import QuestionError
    from placet.operations.acting.next_keys import is_named
    from placet.operations.register import OwnRegister
    from placet.review.commands import RotateKey

    with opened(os.environ) as installation:
        if not installation.keys.exist:
            raise QuestionError(
                f"The keys are not in {installation.keys.folder}. A key is changed where it signs."
            )
        signing = installation.signing
        begun = signing.prepared(of.value) is not None
        public = signing.prepare(of.value)
        if not (begun and is_named(installation.house.reading, of.value, public)):
            register = OwnRegister(installation.house, signed_in(installation))
            signed = Signed(sign_with, signature, statement, as_json)
            said = {"of": of.value, "public": public, "because": because}
            if carry_out(register, RotateKey.kind, said, signed) is None:
                return
        signing.promote(of.value)
        installation.renew()
    if not as_json:
        print(f"This key signs from here on; keep a copy of it elsewhere:\n{public}")
