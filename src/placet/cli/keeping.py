"""Commands of whoever keeps an installation running: its parts, and its backups."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from placet.cli.cleaning import clean

__all__ = ["Address", "Part", "account", "backup", "prepare", "restore", "sequencer"]


Address = Annotated[
    str, typer.Option(help="Where people find the pages; HTTPS, unless it is this machine.")
]


class Part(StrEnum):
    """What `placet serve` can do alone."""

    PAGES = "pages"
    WORK = "work"


def sequencer() -> None:
    """Number and sign what is recorded, as the one process that has the keys, until Ctrl-C."""
    from placet.cli.sequencing import sequence

    sequence(_say)


def prepare(address: Address = "http://localhost:8000") -> None:
    """Bring every table up to date, as the owner of the database; run it before its services."""
    from placet.bootstrap import opened
    from placet.cli.page_processes import prepare_pages, refuse_what_is_unsafe, told_apart

    refuse_what_is_unsafe(os.environ, address)
    with opened(os.environ, say=_say) as installation:
        owner = {"DATABASE_URL_OWNER": installation.urls["placet_owner"]}
        prepare_pages({**told_apart(os.environ, address), **owner}, check=False)
    print("Every table is up to date.")


def account(
    person: Annotated[str, typer.Argument(help="The person, as the register knows them.")],
    address: Address = "http://localhost:8000",
    email: Annotated[str, typer.Option(help="Where notices reach them.")] = "",
) -> None:
    """Make an account for a person, and print the link by which they choose a password, once."""
    from placet.bootstrap import opened
    from placet.cli.page_processes import (
        invite,
        prepare_pages,
        refuse_what_is_unsafe,
        told_apart,
        told_here,
    )

    refuse_what_is_unsafe(os.environ, address)
    if "DATABASE_URL_WORKER" in os.environ:
        environ = told_apart(os.environ, address)
        prepare_pages(environ, check=True)
        print(clean(invite(person, email, environ)))
        return
    with opened(os.environ, say=_say) as installation:
        environ = told_here(installation, address, demo=False)
        prepare_pages(environ, check=False)
        print(clean(invite(person, email, environ)))


def backup(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the keys in as well: guard the file like them.")
    ] = False,
) -> None:
    """Write everything in the database into one file, as of one moment, while work goes on."""
    from placet.bootstrap import SystemClock, keys_folder, reached
    from placet.store.backups import back_up
    from placet.store.keys import Keys

    keys = Keys(keys_folder(os.environ)) if with_keys else None
    with reached(os.environ, _say, beside=True) as urls:
        made = back_up(urls["placet_owner"], output, SystemClock().now(), keys)
    print(f"{made.size} entries of {clean(made.origin)} in {clean(str(output))}. Keep it secret.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint kept elsewhere, that the backup must contain.")
    ] = None,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the keys that are in it into the keys' folder.")
    ] = False,
) -> None:
    """Put a backup into an empty database, unless its log went further than the backup."""
    from placet.bootstrap import keys_folder, reached
    from placet.operations.outside.checking_permits import read_checkpoint
    from placet.store.keys import Keys
    from placet.store.restoring import restore as put_back

    known = read_checkpoint(checkpoint) if checkpoint is not None else None
    keys = Keys(keys_folder(os.environ))
    with reached(os.environ, _say) as urls:
        found = put_back(urls["placet_owner"], file, keys, known, with_keys=with_keys)
    print(f"{found.size} entries of {clean(found.origin)} are back. Now run `placet audit`.")
    if not keys.exist:
        print("There are no keys here: it can be read and audited, and nothing can be added.")


def _say(text: str) -> None:
    typer.echo(text, err=True)
