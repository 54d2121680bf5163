"""`placet`: the commands, their options, and the one place where an error is shown to a person.

Exit codes: 0 done, 1 bad input, 2 wrong usage. Only this module reads the clock.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from placet import __version__
from placet.analysis import Freedom, Said
from placet.cli.cleaning import clean
from placet.cli.options import (
    ActivityOption,
    Announced,
    At,
    Folder,
    Json,
    KnownAt,
    Output,
    RequestFile,
    ScenarioFolder,
    Server,
    now,
)
from placet.cli.writing import write_file
from placet.errors import InputError, OutputError, PlacetError, QuestionError
from placet.operations.scenarios.asking import Asked, Asking, ask, ask_freedom, ask_who
from placet.operations.scenarios.scenario import Scenario, is_scenario, load_scenario
from placet.registry import Activity

__all__ = ["app", "main", "whole"]

app = typer.Typer(
    help="Who has to say yes, what their rules say on a day, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
scenario_app = typer.Typer(help="Scenario folders.", no_args_is_help=True, rich_markup_mode=None)
policy_app = typer.Typer(help="Policy books.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(scenario_app, name="scenario")
app.add_typer(policy_app, name="policy")

DEFAULT_SCENARIO = Path("scenarios") / "ukraine-long-range"


FROM_FILES = ("determine", "who", "explain", "graph", "story", "schema", "scenario")
"""Commands that answer from files alone: they start without loading what a register needs."""


def main() -> None:
    """Run the command line; show every error of ours without a traceback."""
    gc.freeze()  # what is imported stays until the end: no collection needs to walk through it
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        _run()
    except OutputError as error:
        print(clean(str(error)), file=sys.stderr)
        raise SystemExit(1) from None


def _run() -> None:
    """Run the command line.

    Raises:
        OutputError: what it says cannot be written, as on a disk that is full.
    """
    try:
        try:
            if sys.argv[1:2] != ["--version"] and not set(sys.argv[1:2]) & {*FROM_FILES}:
                whole()
            app(prog_name="placet")
        except PlacetError as error:
            _show_error(error)
            raise SystemExit(1) from None
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:  # a file of its own, and not the standard output
            raise
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # the exit would write it once more
        raise OutputError(f"the output cannot be written: {error.strerror}") from error


def whole() -> typer.Typer:
    """Return the command line with every command, those of registers included."""
    from placet.cli.registers import add_registers

    if not any(group.name == "case" for group in app.registered_groups):
        add_registers(app, policy_app)
    return app


def _show_error(error: PlacetError) -> None:
    if "--json" in sys.argv:
        _print_json({"error": _error_data(error)})
        return
    if isinstance(error, InputError):
        count = len(error.problems)
        print(f"{count} problem{'s' if count != 1 else ''} in the input:", file=sys.stderr)
        for problem in error.problems:
            print(f"  {clean(str(problem))}", file=sys.stderr)
    else:
        print(clean(str(error)), file=sys.stderr)


def _error_data(error: PlacetError) -> list[dict[str, object]]:
    if not isinstance(error, InputError):
        return [{"what": str(error)}]
    return [
        {
            "file": each.where.file,
            "line": each.where.line,
            "column": each.where.column,
            "field": each.where.field,
            "what": each.what,
            "why": each.why,
            "do": each.do,
        }
        for each in error.problems
    ]


def _print_json(data: object) -> None:
    plain = (sys.stdout.encoding or "").lower() != "utf-8"
    print(json.dumps(data, indent=2, ensure_ascii=plain))


def _scenario(folder: Path | None) -> Scenario:
    if folder is not None:
        return load_scenario(folder)
    for each in (Path(), DEFAULT_SCENARIO):
        if is_scenario(each):
            return load_scenario(each.resolve())
    raise QuestionError("name a scenario folder with --scenario")


def _answer_data(asked: Asked) -> dict[str, Any]:
    from placet.cli.words import sentence

    found = asked.determination
    return {"sentence": sentence(asked), **found.plain(), "digest": found.digest}


def _version(wanted: bool) -> None:
    if wanted:
        print(f"placet {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Who has to say yes, what their rules say on a day, and why."""


@app.command()
def determine(
    request: RequestFile,
    scenario: Folder = None,
    at: At = None,
    known_at: KnownAt = None,
    announced_only: Announced = False,
    server: Server = None,
    as_json: Json = False,
) -> None:
    """Say who must say yes to a request, by which rules, and why."""
    if server is not None:
        if scenario or known_at or announced_only:
            raise QuestionError(
                "A server answers by its own log, as far as you may know it: leave out --scenario, "
                "--known-at and --announced-only."
            )
        from placet.cli.determining import determine_at

        determine_at(request, server, at, as_json)
        return
    asked = ask(
        request, at or now(), folder=scenario, known_at=known_at, announced_only=announced_only
    )
    _show(asked, as_json)


@app.command()
def who(
    item: Annotated[str | None, typer.Argument(help="An item of the registry.")] = None,
    activity: ActivityOption = Activity.USE,
    area: Annotated[
        list[str] | None, typer.Option(help="An ISO 3166 area; repeat it with --all.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="A category of target.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Who would receive it, or none.")] = None,
    quantity: Annotated[int | None, typer.Option(min=0, help="How many.")] = None,
    service: Annotated[
        list[str] | None, typer.Option(help="A service it would use, or none; may be repeated.")
    ] = None,
    platform: Annotated[
        list[str] | None, typer.Option(help="A platform it would use, or none; may be repeated.")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Who would act.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="The whole matrix of a holder: item by area.")
    ] = False,
    scenario: Folder = None,
    at: At = None,
    known_at: KnownAt = None,
    announced_only: Announced = False,
    as_json: Json = False,
) -> None:
    """Say who has a say over an item, or over all of them."""
    if item is None and not every:
        raise typer.BadParameter("name an item, or ask for --all")
    if area and len(area) > 1 and not every:
        raise typer.BadParameter("one area, or --all")
    held = _scenario(scenario)
    said = Said(target, purpose, recipient, quantity, _some(service), _some(platform))
    asking = Asking(
        held, actor or _first_actor(held), activity, at or now(), known_at, announced_only, said
    )
    if every:
        _show_matrix(ask_freedom(asking, [item] if item else [], area or []), asking, as_json)
    elif item is not None:
        _show(ask_who(asking, item, area[0] if area else None), as_json)


def _some(names: list[str] | None) -> tuple[str, ...] | None:
    return tuple(names) if names else None


def _show(asked: Asked, as_json: bool) -> None:
    if as_json:
        _print_json(_answer_data(asked))
        return
    from placet.cli.showing import show_answer

    show_answer(asked)


def _first_actor(scenario: Scenario) -> str:
    """Return who acts where nobody is named: the actor of the scenario's first request."""
    from placet.operations.scenarios.scenario import load_filed

    for path in scenario.request_files():
        return load_filed(path, scenario.registry).request.actor
    raise QuestionError("name who would act with --actor")


def _show_matrix(found: Freedom, asking: Asking, as_json: bool) -> None:
    from placet.cli.listing import matrix_data, show_matrix

    if as_json:
        _print_json(matrix_data(found))
    else:
        show_matrix(found, asking.scenario, asking.at)


@app.command()
def explain(
    request: RequestFile,
    rule: Annotated[str, typer.Option(help="A rule: BOOK/policy/rule, or its end.")],
    scenario: Folder = None,
    at: At = None,
    known_at: KnownAt = None,
    announced_only: Announced = False,
    as_json: Json = False,
) -> None:
    """Show every part of a rule's condition with its value."""
    from placet.cli.showing import explained_data, show_explained
    from placet.operations.scenarios.explaining import explain_rule

    asked = ask(
        request, at or now(), folder=scenario, known_at=known_at, announced_only=announced_only
    )
    text, name, found = explain_rule(asked.matter, rule)
    if as_json:
        _print_json(explained_data(text, name, found))
    else:
        show_explained(text, name, found)


@app.command()
def graph(
    request: RequestFile,
    output: Output,
    scenario: Folder = None,
    at: At = None,
    known_at: KnownAt = None,
    announced_only: Announced = False,
    as_json: Json = False,
) -> None:
    """Draw the consent map of a request: who must say yes, and why."""
    if output.suffix.lower() != ".svg":
        raise typer.BadParameter(f"{output} does not end in .svg, and a map is an SVG picture")
    asked = ask(
        request, at or now(), folder=scenario, known_at=known_at, announced_only=announced_only
    )
    write_file(output, _drawn(asked).encode())
    if as_json:
        _print_json({"written": str(output), "digest": asked.determination.digest})
    else:
        print(f"The consent map is in {output}")


@app.command()
def story(
    folder: ScenarioFolder,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write the consent map.")
    ] = Path("build/consent-map.svg"),
    as_json: Json = False,
) -> None:
    """Tell a scenario's story, and draw its consent map."""
    from placet.cli.listing import matrix_data, show_matrix
    from placet.cli.showing import show_told
    from placet.operations.scenarios.story import load_story, tell, tell_all, tell_matrix

    held, told = load_story(folder)
    answers = list(tell_all(held, told))
    matrix = tell_matrix(held, told.matrix) if told.matrix else None
    drawn = _drawn(tell(held, told.map).asked) if told.map else None
    if drawn is not None:
        write_file(output, drawn.encode())
    if as_json:
        _print_json(
            {
                "title": told.title,
                "steps": [{"says": each.step.says, **_answer_data(each.asked)} for each in answers],
                "matrix": matrix_data(matrix) if matrix else None,
                "map": str(output) if drawn else None,
            }
        )
        return
    show_told(told.title, answers)
    if matrix is not None and told.matrix is not None:
        show_matrix(matrix, held, told.matrix.at)
    if drawn is not None:
        print(f"\nThe consent map is in {output.resolve()}")


def _drawn(asked: Asked) -> str:
    from placet.drawing.consent_map import consent_map

    return consent_map(asked.determination, asked.request, asked.scenario.registry)


@app.command()
def schema(
    kind: Annotated[
        str | None, typer.Argument(help="registry, book or request; all by default.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder to write KIND.schema.json into.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print or write the JSON Schemas of scenario files."""
    from placet.operations.scenarios.schema import KINDS
    from placet.operations.scenarios.schema import schema as schema_of

    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"it is one of {', '.join(KINDS)}")
    kinds = (kind,) if kind else KINDS
    if output is None:
        whole = {each: schema_of(each) for each in kinds}
        _print_json(whole[kind] if kind else whole)
        return
    written = []
    for each in kinds:
        path = output / f"{each}.schema.json"
        text = json.dumps(schema_of(each), indent=2, ensure_ascii=False)
        write_file(path, f"{text}\n".encode())
        written.append(str(path))
    if as_json:
        _print_json({"written": written})
    else:
        print("\n".join(written))


@scenario_app.command("check")
def scenario_check(
    folder: ScenarioFolder,
    as_json: Json = False,
) -> None:
    """Load a scenario, judge its requests, and compare with what is expected."""
    from placet.cli.listing import check_data, show_check, show_tests, tests_data
    from placet.operations.on_record.policy_tests import all_tests
    from placet.operations.scenarios.check import check_scenario

    held = load_scenario(folder)
    checked, tested = check_scenario(held), all_tests(held.registry, held.books)
    missed = any(each.differences for each in checked)
    met = not missed and all(one.passes for each in tested.values() for one in each)
    if as_json:
        policies = {name: tests_data(each)["tests"] for name, each in tested.items()}
        _print_json({**check_data(checked), "met": met, "policies": policies})
    else:
        show_check(held.name, checked)
        for name, each in tested.items():
            show_tests(name, each)
    if not met:
        raise typer.Exit(1)


@policy_app.command("check")
def policy_check(
    folder: ScenarioFolder,
    as_json: Json = False,
) -> None:
    """Check every book of a scenario, and list what its owner may want to look at."""
    from placet.cli.listing import notices_data, show_notices
    from placet.operations.on_record.policies import notices

    held = load_scenario(folder)
    found = {party: list(notices(book, held.registry)) for party, book in held.books.items()}
    if as_json:
        _print_json(notices_data(held, found))
    else:
        show_notices(held, found)


@policy_app.command("show")
def policy_show(
    party: Annotated[str, typer.Argument(help="A party that has a book.")],
    scenario: Folder = None,
    at: At = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Show the time line of a party's policies, and which are in force."""
    from placet.cli.listing import show_time_line, time_line_data
    from placet.operations.on_record.policies import book_of, time_line

    held = _scenario(scenario)
    moment = at or now()
    book = book_of(held, party)
    line = time_line(book, moment, known_at)
    if as_json:
        _print_json(time_line_data(book, moment, line))
    else:
        show_time_line(held, book, moment, line)
