"""Commands that look into the register, and those that open, keep and check it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from placet.cli.acts import add_acts
from placet.cli.cleaning import clean
from placet.cli.keeping import Address, Part, account, backup, prepare, restore, sequencer
from placet.cli.log import add_log
from placet.cli.options import At, Export, Json, Need, Server, Witnesses, moment, now
from placet.cli.rotating import keys_rotate
from placet.cli.writing import write_file
from placet.errors import QuestionError

__all__ = ["add_registers"]

Case = Annotated[str, typer.Argument(help="The case.")]
Permit = Annotated[str, typer.Argument(help="The permit.")]
KeyFile = Annotated[Path, typer.Option("--key", help="An OpenSSH private key.")]
Origin = Annotated[str, typer.Option(help="The name of the log, as in example.gov/placet.")]

_GROUPS = {
    "case": "Cases under review.",
    "permit": "Permits.",
    "use": "Use under permits.",
    "fact": "Facts of the registry.",
    "office": "Who holds which office.",
    "keys": "Keys: of people, and of the log.",
    "ledger": "The log that proves every act.",
}


def add_registers(app: typer.Typer, policy: typer.Typer) -> None:
    """Add every command that needs a register."""
    groups = {
        name: typer.Typer(help=says, no_args_is_help=True, rich_markup_mode=None)
        for name, says in _GROUPS.items()
    }
    for name, group in groups.items():
        app.add_typer(group, name=name)
    add_acts(app, {**groups, "policy": policy})
    app.command("demo")(demo)
    app.command("serve")(serve)
    app.command("sequencer")(sequencer)
    app.command("prepare")(prepare)
    app.command("account")(account)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("begin")(begin)
    app.command("sign-in")(sign_in)
    app.command("sign-out")(sign_out)
    app.command("inbox")(inbox)
    app.command("audit")(audit)
    groups["case"].command("list")(case_list)
    groups["case"].command("show")(case_show)
    groups["case"].command("timeline")(case_timeline)
    groups["permit"].command("show")(permit_show)
    groups["permit"].command("file")(permit_file)
    groups["permit"].command("status-list")(permit_status_list)
    groups["permit"].command("verify")(permit_verify)
    groups["keys"].command("create")(keys_create)
    groups["keys"].command("show")(keys_show)
    groups["keys"].command("rotate")(keys_rotate)
    policy.command("tests")(policy_tests)
    add_log(groups["ledger"])


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A scenario folder with a demo.")
    ] = Path("scenarios/ukraine-long-range"),
    as_json: Json = False,
) -> None:
    """Play the whole real story into an empty register, and audit it."""
    from placet.cli.demo import play_demo

    play_demo(folder, as_json)


def serve(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Play the real story into an empty register first.")
    ] = False,
    scenario: Annotated[
        Path, typer.Option(metavar="DIR", help="The scenario folder whose story is played.")
    ] = Path("scenarios/ukraine-long-range"),
    address: Address | None = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes for pages.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Threads in each of them.")] = 3,
    only: Annotated[
        Part | None,
        typer.Option(help="One part alone, where the database and its sequencer run elsewhere."),
    ] = None,
) -> None:
    """Serve the pages and the API, with database, sequencer and background work, until Ctrl-C."""
    from placet.cli.serving import Serving
    from placet.cli.serving import serve as run

    part = str(only) if only is not None else None
    found = address or f"http://localhost:{port}"
    run(Serving(found, host, port, workers, threads, demo, scenario, part))


def begin(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A scenario folder.")],
    person: Annotated[str, typer.Option(help="Who begins it: holds an office of authority.")],
    key: KeyFile,
    origin: Origin,
) -> None:
    """Begin a register with the registry and the books of a scenario folder."""
    from placet.bootstrap import opened
    from placet.cli.office import signing_with, told
    from placet.operations.acting.beginning import begin as begin_with
    from placet.operations.acting.beginning import plain_of
    from placet.operations.house import SignedIn
    from placet.operations.register import done_of

    registry, books = plain_of(folder)
    with opened(os.environ, new_origin=origin, say=_say) as installation:
        if installation.house.origin != origin:
            raise QuestionError(
                f"The keys in {installation.keys.folder} are those of the log "
                f"{installation.house.origin}, not of {origin}."
            )
        founder = SignedIn(person, None)
        done = begin_with(installation.house, founder, registry, books, signing_with(key))
        print(told(done_of(done, installation.house, founder)))


def sign_in(
    person: Annotated[str, typer.Argument(help="Who signs in.")],
    key: KeyFile,
    hours: Annotated[int, typer.Option(min=1, max=12, help="For how long.")] = 8,
    server: Server = None,
) -> None:
    """Sign in at this terminal by signing a challenge with a key on record."""
    from placet.bootstrap import opened
    from placet.cli.office import sign_in_with, signing_with
    from placet.cli.served import sign_in_at

    if server is not None:
        sign_in_at(os.environ, server, person, signing_with(key), hours)
    else:
        with opened(os.environ) as installation:
            sign_in_with(installation, person, key, hours)
    print(f"{clean(person)} is signed in for {hours} hours.")


def sign_out(server: Server = None) -> None:
    """Forget who is signed in at this terminal."""
    from placet.cli.office import forget

    forget(os.environ, server)
    print("Nobody is signed in.")


def inbox(
    stale: Annotated[
        bool, typer.Option("--stale", help="The cases whose determination is out of date instead.")
    ] = False,
    server: Server = None,
    as_json: Json = False,
) -> None:
    """List what waits for the person signed in, the most urgent first."""
    from placet.cli.cases import show_cases, show_inbox, show_stale
    from placet.cli.office import asked

    with asked(server) as register:
        if stale:
            show_cases(register.stale(), as_json)
        else:
            show_inbox(register.person, register.inbox(), as_json)
            if not as_json:
                show_stale(register.stale())


def case_list(
    every: Annotated[bool, typer.Option("--all", help="Ended cases as well.")] = False,
    server: Server = None,
    as_json: Json = False,
) -> None:
    """List the cases that the person signed in has a part in, those to answer first."""
    from placet.cli.cases import show_cases
    from placet.cli.office import asked

    with asked(server) as register:
        show_cases(register.cases(open_only=not every), as_json)


def case_show(case: Case, server: Server = None, as_json: Json = False) -> None:
    """Show a case as the person signed in may see it."""
    from placet.cli.cases import show_case
    from placet.cli.office import asked

    with asked(server) as register:
        show_case(register.case(case), register.stands(case), register.things(case), as_json)


def case_timeline(case: Case, server: Server = None, as_json: Json = False) -> None:
    """Show what was done on a case, as far as the person signed in may see it."""
    from placet.cli.cases import show_time_line_of
    from placet.cli.office import asked

    with asked(server) as register:
        show_time_line_of(case, register.stands(case), register.time_line(case), as_json)


def policy_tests(
    policy: Annotated[str, typer.Argument(metavar="PARTY/POLICY", help="The policy.")],
    server: Server = None,
    as_json: Json = False,
) -> None:
    """Run the tests of a policy on record, and say which do not come out as they expect."""
    from placet.cli.listing import show_tests, tests_data
    from placet.cli.office import asked

    with asked(server) as register:
        party, _, key = policy.partition("/")
        tested = register.policy_tests(party, key)
    if as_json:
        print(json.dumps(tests_data(tested), indent=2, ensure_ascii=False))
    else:
        show_tests(policy, tested)
    if not all(each.passes for each in tested):
        raise typer.Exit(1)


def permit_show(permit: Permit, server: Server = None, as_json: Json = False) -> None:
    """Show a permit, and whether it holds now."""
    from placet.cli.cases import show_permit
    from placet.cli.office import asked

    with asked(server) as register:
        show_permit(register.permit(permit), as_json)


def permit_file(
    permit: Permit,
    output: Annotated[Path, typer.Option("--output", "-o", help="The permit file to write.")],
    page: Annotated[Path | None, typer.Option(help="Also write a page to print (HTML).")] = None,
    keys: Annotated[
        Path | None, typer.Option(help="Also write the public keys to check it with (JWK set).")
    ] = None,
    export: Export = None,
    server: Server = None,
) -> None:
    """Write a permit with its receipt and the status list, to hand on."""
    from placet.cli.office import asked
    from placet.operations.log.proving import permit_by_export
    from placet.permit import PermitFile, open_permit, printable_page, write_jwks

    with asked(server, renewed=True) as register:
        data = register.permit_file(permit)
        public = register.permit_keys()
    if export is not None:
        data = permit_by_export(data, export)
    write_file(output, data)
    if page is not None:
        token = PermitFile.parse(data).permit
        write_file(page, printable_page(open_permit(token, public)).encode())
    if keys is not None:
        write_file(keys, write_jwks(public))
    print(f"The permit {clean(permit)} is in {output}.")


def permit_status_list(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    at: Annotated[
        datetime | None,
        typer.Option(
            parser=moment, metavar="WHEN", help="The version of a day or an instant (UTC) instead."
        ),
    ] = None,
    server: Server = None,
) -> None:
    """Write the latest signed status list, to publish or to send to who holds a permit.

    With --at the one that was the latest then: for whoever checks whether a permit stood when it
    was used.
    """
    from placet.cli.office import asked

    with asked(server, by_anybody=True, renewed=True) as register:
        write_file(output, register.status_list(at).encode("ascii"))
    print(f"The status list is in {output}.")


def permit_verify(
    permit: Annotated[Path, typer.Argument(metavar="FILE", help="A permit file, or its token.")],
    keys: Annotated[
        Path | None, typer.Option(help="The issuer's public keys (JWK set); needed offline.")
    ] = None,
    status: Annotated[Path | None, typer.Option(help="A newer status list.")] = None,
    log_keys: Annotated[
        Path | None, typer.Option(help="The log's public keys, one to a line.")
    ] = None,
    witnesses: Witnesses = None,
    need: Need = None,
    at: At = None,
    server: Server = None,
    as_json: Json = False,
) -> None:
    """Say what a permit is worth, offline, or by its issuer. Exits with 1 if it does not hold."""
    from placet.cli.verifying import policy_of, verify_at, verify_offline

    if server is not None:
        if keys or status or log_keys or witnesses or need is not None or at:
            raise QuestionError("The issuer says what holds now, by its own keys: name the file.")
        held = verify_at(server, permit, as_json)
    elif keys is None:
        raise QuestionError("Name the issuer's public keys with --keys, or ask it with --server.")
    else:
        policy = policy_of(witnesses, need)
        held = verify_offline(permit, keys, status, log_keys, policy, at or now(), as_json)
    if not held:
        raise typer.Exit(1)


def keys_create(origin: Origin) -> None:
    """Create the keys that sign the log and its permits, in the data folder."""
    from placet.bootstrap import keys_folder
    from placet.store.keys import Keys

    keys = Keys.create(keys_folder(os.environ), origin)
    print(
        f"{keys.signer().verifier}\nThe keys are in {keys.folder}; keep a copy of them elsewhere."
    )


def keys_show(
    permit: Annotated[
        bool, typer.Option("--permit", help="The keys of permits instead, as a JWK set.")
    ] = False,
) -> None:
    """Show the public keys of the log, one to a line: all there ever were, the oldest first.

    One that was changed for another says how many entries the log had then.
    """
    from placet.bootstrap import keys_folder
    from placet.permit import write_jwks
    from placet.store.keys import Keys

    log, permits = Keys(keys_folder(os.environ)).published()
    print(write_jwks(permits).decode() if permit else "\n".join(each.line for each in log))


def audit(
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint from before, that the log must continue.")
    ] = None,
    server: Server = None,
    as_json: Json = False,
) -> None:
    """Re-execute every act and compare. Exits with 1 if something does not follow."""
    from placet.bootstrap import opened
    from placet.cli.auditing import show_audit, show_audit_at

    if server is not None:
        from placet.cli.served import served

        if checkpoint is not None:
            raise QuestionError(
                "A server audits by its own keys. Hold its log against your checkpoint here: use "
                "`placet ledger export DIR --server URL`, then `placet ledger verify DIR`."
            )
        with served(os.environ, server) as register:
            follows = show_audit_at(register.audit, as_json)
    else:
        with opened(os.environ) as installation:
            follows = show_audit(installation, checkpoint, as_json)
    if not follows:
        raise typer.Exit(1)


def _say(text: str) -> None:
    typer.echo(text, err=True)
