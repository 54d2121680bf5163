"""`placet demo`: the story, one line for each act, as it is played into the register."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from placet import files
from placet.bootstrap import Installation, opened
from placet.cli.auditing import show_audit
from placet.cli.cleaning import clean
from placet.errors import QuestionError
from placet.evidence import sign_statement
from placet.operations.demonstration.playing import (
    Played,
    PlayedClock,
    load_demonstration,
    play,
    stopped_half_way,
)
from placet.operations.house import House
from placet.operations.seeing.naming import told_of_use
from placet.review.validity import validity

__all__ = ["ORIGIN", "FolderKeyring", "must_be_told_whole", "play_demo", "play_story"]

ORIGIN = "demo.placet.example/log"
"""The name of a demonstration's log."""


class FolderKeyring:
    """Keys of the demonstration's people, in files that only this user can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, person: str) -> Path:
        """Return the file of a person's key, for `placet sign-in`."""
        return self.folder / person

    def public(self, person: str) -> str:
        """Return a person's public key; make the key at the first asking."""
        path = self.path(person)
        if not path.is_file():
            private = Ed25519PrivateKey.generate()
            data = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
            public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
            files.put(path.with_name(f"{path.name}.pub"), public)
            files.create(path, data, mode=0o600)
        return path.with_name(f"{path.name}.pub").read_text(encoding="ascii")

    def sign(self, person: str, statement: bytes) -> str:
        """Sign a statement for a person."""
        return sign_statement(self.path(person).read_bytes(), statement)


def play_demo(folder: Path, as_json: bool) -> None:
    """Play a scenario's story into an empty register, then audit the register.

    Raises:
        QuestionError: the register has begun already, or the story stopped half way in it.
    """
    began = time.monotonic()
    with opened(os.environ, new_origin=ORIGIN, say=_say) as installation:
        if installation.house.reading.checkpoint() is not None:
            must_be_told_whole(installation, folder)
            raise QuestionError(
                f"The register in {installation.folder} has begun already. Look at it with "
                "`placet inbox`, or set PLACET_DATA to an empty folder."
            )
        keys = play_story(installation, folder, (lambda _: None) if as_json else print)
        if not as_json:
            print(f"\nPlayed in {time.monotonic() - began:.1f} seconds.")
        if not as_json:
            print("\nIts cases, the latest moved first:")
            for line in _cases(installation.house):
                print(clean(line))
            print("\nThe audit:")
        sound = show_audit(installation, None, as_json)
    if not sound:
        raise typer.Exit(1)
    if not as_json:
        print(
            f"\nNext: placet sign-in secretary --key {keys.path('secretary')}\n      placet inbox"
        )


def _cases(house: House) -> Iterator[str]:
    """Yield a line for each case: how it was answered, and what became of its permits."""
    context, at = house.reading.context(), house.clock.now()
    for case in house.reading.cases():
        permits = "".join(
            f", permit {name} {validity(each, case, context, at).status}"
            for name, each in case.permits.items()
        )
        yield f"  {case.id}  {case.stage}{permits}: {case.request.get('title', case.id)}"


def must_be_told_whole(installation: Installation, folder: Path) -> None:
    """Refuse a register in which a scenario's story was begun and not told to its end.

    Where the scenario is not at hand, the register is taken as it is.

    Raises:
        QuestionError: it stopped half way; says what to do.
    """
    at_hand = (folder / "demo").is_dir()
    if at_hand and stopped_half_way(installation.house.reading, load_demonstration(folder)):
        raise QuestionError(
            f"The story in the register in {installation.folder} stopped half way, and is not "
            "taken up again. Play it anew from an empty place: set PLACET_DATA to an empty folder, "
            "and DATABASE_URL, where it is set, to an empty database. The old ones can be removed."
        )


def play_story(
    installation: Installation, folder: Path, say: Callable[[str], None]
) -> FolderKeyring:
    """Play a scenario's story into a register that is open and has not begun, at its own times.

    Returns the keys of its people.
    """
    demonstration = load_demonstration(folder)
    clock = PlayedClock(datetime.now(UTC).replace(microsecond=0))
    keys = FolderKeyring(installation.folder / "demo-keys")
    say(clean(demonstration.story.title))
    say("A demonstration: its log says so from the first entry, and so does every permit.")
    say("The offices and policies are of the public record; the people are invented.\n")
    house = replace(installation.house, clock=clock)
    for each in play(house, clock, demonstration, keys):
        say(clean(_line(each, house)))
    return keys


def _line(played: Played, house: House) -> str:
    """Return an act in a line or two."""
    act = played.act
    when = act.at.strftime("%Y-%m-%d")
    says = act.says or ""
    if played.refused is not None:
        why = str(played.refused).splitlines()[0]
        return f"{when}  {played.name}: {act.do} REFUSED. {says}\n            {why}"
    lines = [f"{when}  {played.name}: {act.do}. {says}".rstrip()]
    if played.done is not None:
        change = played.done.change
        outside, perhaps = told_of_use(change, house.reading.context())
        suspended = (
            f"suspends {each['permit']}: {each['because']}"
            for each in change.event.found.get("suspends", ())
        )
        beyond = (f"outside the permit: {each}" for each in outside)
        doubts = (f"perhaps outside the permit: {each}" for each in perhaps)
        lines += [f"            {each}" for each in (*suspended, *beyond, *doubts)]
    return "\n".join(lines)


def _say(text: str) -> None:
    typer.echo(text, err=True)
