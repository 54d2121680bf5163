"""Commands about the log: proofs to hand on, checks that need no register, and witnesses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placet.cli.cleaning import clean
from placet.cli.options import Export, Json, LogKeys, Need, Server, Witnesses, now
from placet.cli.writing import write_file

__all__ = ["add_log"]


def add_log(group: typer.Typer) -> None:
    """Add the commands of `placet ledger` that are no acts."""
    group.command("checkpoint")(_checkpoint)
    group.command("prove")(_prove)
    group.command("check")(_check)
    group.command("export")(_export)
    group.command("verify")(_verify)
    group.command("witness")(_witness)
    group.command("witness-key")(_witness_key)
    group.command("evidence")(_evidence)


def _checkpoint(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file to write.")] = None,
    server: Server = None,
) -> None:
    """Print the latest signed checkpoint; keep it elsewhere to prove a rewriting later."""
    from placet.cli.office import asked

    with asked(server, by_anybody=True) as register:
        data = register.checkpoint()
    if output is None:
        print(data.decode(), end="")
    else:
        write_file(output, data)


def _prove(
    entry: Annotated[int, typer.Argument(min=0, help="The entry's place in the log.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The receipt to write.")],
    show: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Disclose this field of the entry as well; may be repeated. For whoever did the "
            "act, and for auditors. `payload` is the whole act.",
        ),
    ] = None,
    export: Export = None,
    server: Server = None,
) -> None:
    """Write a receipt: proof that an entry is in the log (.tlog-proof), and what it says."""
    from placet.cli.office import asked
    from placet.operations.log.proving import receipt_by_export

    with asked(server, by_anybody=not show) as register:
        data = register.receipt(entry, show or ())
    write_file(output, receipt_by_export(data, export) if export is not None else data)
    shown = f" It discloses {clean(', '.join(show))}." if show else ""
    print(f"The receipt of entry {entry} is in {output}.{shown}")


def _check(
    receipt: Annotated[Path, typer.Argument(metavar="FILE", help="A receipt.")],
    log_keys: LogKeys,
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="An exported log, that must have the same entry."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The text of a policy (YAML), that must be the one it adopted."
        ),
    ] = None,
    witnesses: Witnesses = None,
    need: Need = None,
    as_json: Json = False,
) -> None:
    """Check a receipt and what it discloses; no register is asked."""
    from placet.cli.verifying import check_and_show, policy_of

    check_and_show(receipt, log_keys, export, policy, policy_of(witnesses, need), as_json)


def _export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder: empty, or with an earlier export.")
    ],
    server: Server = None,
) -> None:
    """Write the log as static files that any web server can serve."""
    from placet.cli.office import asked

    with asked(server, by_anybody=True) as register:
        tree = register.export(folder).checkpoint
        keys = "".join(f"{clean(each)}\n" for each in register.log_keys())
    print(f"{tree.size} entries of {clean(tree.origin)} in {folder}; its keys:\n{keys}", end="")


def _verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An exported log.")],
    log_keys: LogKeys,
    earlier: Annotated[
        Path | None, typer.Option(help="A checkpoint from before, that it must continue.")
    ] = None,
    witnesses: Witnesses = None,
    need: Need = None,
) -> None:
    """Hash an exported log again and compare; no register is asked."""
    from placet.cli.verifying import policy_of
    from placet.operations.log.proving import verify_folder
    from placet.operations.outside.checking_permits import read_checkpoint, read_log_keys

    before = read_checkpoint(earlier) if earlier is not None else None
    policy = policy_of(witnesses, need)
    found = verify_folder(folder, read_log_keys(log_keys), before, policy)
    tree, seen = found.checkpoint, found.witnessing or "No witness was asked for."
    print(clean(f"{tree.origin}: {tree.size} entries, every one as signed.\n{seen}"))


def _witness(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An exported log.")],
    state: Annotated[Path, typer.Option(help="What the witness has seen: a folder of its own.")],
    key: Annotated[Path, typer.Option(help="The witness's signer key.")],
    log_keys: LogKeys,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write the cosigned checkpoint.")
    ] = None,
) -> None:
    """Cosign the checkpoint of an exported log if it continues what was seen before."""
    from placet.operations.outside.checking_permits import read_log_keys
    from placet.operations.outside.witnessing import cosign_folder
    from placet.store.key_files import witness_key

    keys, at = read_log_keys(log_keys), int(now().timestamp())
    data = cosign_folder(folder, state, witness_key(key), keys, at)
    if output is None:
        print(data.decode(), end="")
    else:
        write_file(output, data)


def _witness_key(
    name: Annotated[str, typer.Argument(help="The witness's name, as in w.example/witness.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write, for nobody else to read.")
    ],
) -> None:
    """Make the key by which a witness cosigns; print the public one, to give away."""
    from placet.store.key_files import create_witness_key

    print(create_witness_key(output, name))


def _evidence(
    entry: Annotated[int, typer.Argument(min=0, help="The entry's place in the log.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")],
    server: Server = None,
) -> None:
    """Write what a person signed, to be checked without Placet: for that person and auditors."""
    from placet.cli.office import asked

    with asked(server) as register:
        files = register.evidence(entry)
    for name, data in files.items():
        write_file(output / name, data)
    print(f"{', '.join(files)} in {output}; README.txt says how to check them.")
