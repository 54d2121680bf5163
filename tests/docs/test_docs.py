"""The documentation: every command runs, every shown file holds, every list is the code's."""

from __future__ import annotations

import ast
import dataclasses
import re
import runpy
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from placet import determination
from placet.cli.main import whole
from placet.conditions import Type
from placet.determination import Matter, Sight, World, answer
from placet.determination.flags import FLAGS
from placet.operations.scenarios import check
from placet.operations.scenarios.scenario import load_filed, load_scenario
from placet.policy import Book, Policy, Rule, books
from placet.registry import LANGUAGES, Record, Registry, RegistryRecord, records, request

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
SCENARIO = ROOT / "scenarios" / "ukraine-long-range"
PICTURE = DOCS / "pictures" / "consent-map.svg"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
HOW_TO = DOCS / "how-to" / "write-a-scenario.md"
IN_A_REGISTER = (
    DOCS / "tutorial" / "first-review.md",
    DOCS / "how-to" / "sign-a-decision.md",
    DOCS / "how-to" / "verify-a-permit.md",
    DOCS / "how-to" / "check-the-log.md",
    DOCS / "how-to" / "back-up-and-restore.md",
    ROOT / "README.md",
)
"""Pages that are followed one after another, in one register: `test_register_docs.py`."""
BEGINS_A_REGISTER = DOCS / "how-to" / "begin-a-register.md"
FRAMES = str.maketrans(dict.fromkeys("│┃┏━┳┓┡╇┩└┴┘├┼┤─┌┐┬╞═╡╭╮╰╯", " "))


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text, and the line it begins on."""

    language: str
    text: str
    line: int

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The `placet` commands of the block, each with the output shown beneath it."""
        found: list[tuple[str, str]] = []
        for line in self.text.splitlines():
            if line.startswith(("$ placet ", "placet ")):
                found.append((line.removeprefix("$ "), ""))
            elif found and not line.startswith("$ "):
                command, shown = found[-1]
                found[-1] = (command, f"{shown}{line}\n")
        return found


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(each[1], each[2], text.count("\n", 0, each.start()) + 1)
        for each in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]


def plain(text: str) -> str:
    """Return text without frames, tree guides, and differences of white space."""
    return " ".join(text.translate(FRAMES).split())


def run(command: str) -> tuple[int, str]:
    """Run a command line in this process; return its exit code and its output."""
    arguments = shlex.split(command, comments=True)[1:]
    result = CliRunner().invoke(whole(), arguments, prog_name="placet")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return 1, f"{result.output}\n{result.exception}"
    return result.exit_code, result.output


def check_commands(page: Path, block: Block) -> None:
    """Run the commands of a block; their output must hold what the page shows, in its order.

    A line of `…` stands for anything. A command that is to fail says `# exits with N`.
    """
    if block.language not in ("console", "sh"):
        return
    for command, shown in block.commands:
        place = f"{page.relative_to(ROOT)}:{block.line}: {command}"
        code, output = run(command)
        expected = re.search(r"# exits with (\d)", command)
        assert code == (int(expected[1]) if expected else 0), f"{place}\n{output}"
        rest = plain(output)
        for piece in re.split(r"^[│\s]*…\s*$", shown, flags=re.MULTILINE):
            wanted = plain(piece)
            assert wanted in rest, f"{place}\nnot in its output: {wanted}\n{rest}"
            rest = rest[rest.index(wanted) + len(wanted) :]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the scenarios beside it, and a terminal 100 wide."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACET_DATA", str(tmp_path / "register"))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


WITH_COMMANDS = [
    page
    for page in PAGES
    if page not in (HOW_TO, BEGINS_A_REGISTER, *IN_A_REGISTER)
    and any(each.commands for each in blocks(page))
]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda each: each.stem)
@pytest.mark.usefixtures("place")
def test_the_commands_of_a_page_run_and_print_what_it_shows(page: Path) -> None:
    """Every command that a page shows runs, and prints the lines that stand beneath it."""
    for block in blocks(page):
        check_commands(page, block)


def test_the_scenario_of_the_how_to_can_be_written_as_shown(place: Path) -> None:
    """Whoever copies the files of the how-to in order gets the answers that it shows."""
    for block in blocks(HOW_TO):
        named = re.match(r"# (boats/\S+)\n", block.text)
        if block.language == "yaml" and named:
            path = place / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        check_commands(HOW_TO, block)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """Every link of a page to a file or a heading of this repository resolves."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        name, _, heading = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), f"{target} does not exist"
        if heading:
            assert heading in anchors(linked), f"{target} has no such heading"


def test_every_page_is_in_the_index() -> None:
    """The index of the documentation names every page beneath it."""
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for page in sorted(DOCS.rglob("*.md")):
        name = page.relative_to(DOCS).as_posix()
        assert name == "README.md" or f"({name})" in index, f"{name} is not in docs/README.md"


def test_the_picture_is_the_one_that_the_command_draws(place: Path) -> None:
    """The consent map of the README is what `placet graph` draws today."""
    asked = "scenarios/ukraine-long-range/requests/storm-shadow-in-russia.yaml"
    code, output = run(f"placet graph {asked} --at 2025-07-01 -o map.svg")
    assert code == 0, output
    drawn = (place / "map.svg").read_text(encoding="utf-8")
    assert drawn == PICTURE.read_text(encoding="utf-8"), (
        f"renew it: placet graph {asked} --at 2025-07-01 -o docs/pictures/consent-map.svg"
    )


def rows(page: Path) -> dict[str, list[list[str]]]:
    """Return the table rows of a page by the heading they stand under, header rows left out."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    lines = page.read_text(encoding="utf-8").splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#"):
            heading = line.lstrip("# ").strip()
        is_header = following.startswith("|---") or line.startswith("|---")
        if line.startswith("|") and not is_header:
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            clean = [each.strip().replace("\\|", "|") for each in cells]
            found.setdefault(heading, []).append(clean)
    return found


def named(page: Path, heading: str) -> list[str]:
    """Return the first cells under a heading, without their quotation marks."""
    return [each[0].strip("`") for each in rows(page).get(heading, [])]


WORDS_PAGE = REFERENCE / "condition-words.md"
TYPES = {
    Type.STRING: "string",
    Type.INT: "int",
    Type.BOOL: "bool",
    Type.TIMESTAMP: "timestamp",
    Type.STRINGS: "list of strings",
}


def test_the_variables_are_the_codes() -> None:
    """The page of condition words lists each variable with its type, vocabulary and meaning."""
    wanted = [
        [f"`{each.name}`", TYPES[each.type], each.vocabulary or "", each.about]
        for each in LANGUAGES["rule"].variables
    ]
    assert [*rows(WORDS_PAGE)["Of the request"], *rows(WORDS_PAGE)["Of the right"]] == wanted
    of_request = [f"`{each.name}`" for each in LANGUAGES["request"].variables]
    assert [each[0] for each in rows(WORDS_PAGE)["Of the request"]] == of_request


def test_the_functions_are_the_codes() -> None:
    """The page of condition words lists each function with its examples and meaning."""
    every = LANGUAGES["rule"].functions
    shared = {each.name for each in LANGUAGES["request"].functions}

    def row(name: str, examples: tuple[str, ...], about: str) -> list[str]:
        return [f"`{name}`", "<br>".join(f"`{each}`" for each in examples), about]

    wanted = {
        "Everywhere": [row(e.name, e.examples, e.about) for e in every if e.name in shared],
        "In rules only": [row(e.name, e.examples, e.about) for e in every if e.name not in shared],
    }
    assert {heading: rows(WORDS_PAGE)[heading] for heading in wanted} == wanted


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The registry of the first scenario, with an alliance, which it has none of."""
    record = load_scenario(SCENARIO).registry.record
    nato = records.Party.model_validate({"(id)": "NATO", "kind": "alliance", "members": ["US"]})
    return Registry(record.model_copy(update={"parties": {**record.parties, "NATO": nato}}))


EXAMPLES = [
    (line, said)
    for block in blocks(WORDS_PAGE)
    if block.language == "cel"
    for line, said in re.findall(r"^(.+?)\s+// (true|false)$", block.text, re.MULTILINE)
] + [(each, "") for function in LANGUAGES["rule"].functions for each in function.examples]


@pytest.mark.parametrize(("text", "said"), EXAMPLES)
def test_an_example_of_a_condition_word_means_something(
    text: str, said: str, registry: Registry
) -> None:
    """Every example compiles and is true or false, as shown, of a real request."""
    held = load_scenario(SCENARIO)
    filed = load_filed(SCENARIO / "requests" / "atacms-in-russia.yaml", held.registry).request
    filed = filed.model_copy(update={"recipient": "UA", "legs": ()})
    world = World(Matter(registry, held.books, filed, datetime(2025, 7, 1, tzinfo=UTC)))
    (every,) = world.matter.connections.values()
    connection = next(each for each in every if each.basis == "service")
    sight = Sight(world, world.line(connection.line), connection)
    held_true = registry.condition(text, "rule").holds(sight)
    assert said in ("", str(held_true).lower())


def flags_in_the_code() -> set[str]:
    """Return every flag that the source of the determination can give."""
    folder = Path(determination.__file__).parent
    found: set[str] = set()
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Flag":
                found |= texts(node.args[0])
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "flag":
                found |= texts(node.value)
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_KINDS":
                assert isinstance(node.value, ast.Dict)
                for each in node.value.values:
                    assert isinstance(each, ast.Tuple)
                    found |= texts(each.elts[0])
    return found


def texts(node: ast.expr) -> set[str]:
    """Return the texts that an expression may give."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    return set()


def test_the_flags_are_the_codes() -> None:
    """The page of flags lists exactly the flags that the code can give."""
    listed = [name for heading in rows(REFERENCE / "flags.md") for name in flags_under(heading)]
    assert sorted(listed) == sorted(flags_in_the_code())
    assert flags_in_the_code() == FLAGS


def flags_under(heading: str) -> list[str]:
    """Return the flags that the page lists under a heading."""
    return named(REFERENCE / "flags.md", heading)


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command of the command line with its full name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(("placet", *path)), command
        return
    for name, each in inner.items():
        yield from commands(each, (*path, name))


def test_the_command_line_page_names_every_command_and_option() -> None:
    """The pages of the commands list each with exactly its arguments and options."""
    pages = [REFERENCE / "command-line.md", REFERENCE / "register-commands.md"]
    for name, command in commands(get_command(whole())):
        page = next((each for each in pages if f"## `{name}`" in each.read_text("utf-8")), pages[0])
        wanted = set()
        for each in command.params:
            if each.name != "help":
                spelled = max(each.opts, key=len)
                wanted.add(spelled if spelled.startswith("-") else "argument")
        listed = {each if each.startswith("-") else "argument" for each in named(page, f"`{name}`")}
        assert listed == wanted, f"{name}: the page lists {sorted(listed)}"


RECORDS: dict[str, type[Record]] = {
    "registry.yaml": RegistryRecord,
    "`sources`": records.Source,
    "`parties`": records.Party,
    "`members`": records.Member,
    "`offices`": records.Office,
    "`officials`": records.Official,
    "`delegations`": records.Delegation,
    "`areas`": records.AreaSet,
    "`items`": records.Item,
    "`availability`": records.Availability,
    "`lots`": records.Lot,
    "`custody`": records.Custody,
    "`pools`": records.Pool,
    "`reliances`": records.Reliance,
    "`agreements`": records.Agreement,
    "`recognition`": records.Recognition,
    "`findings`": records.Finding,
    "`stock`": records.StockPosition,
    "`posture`": records.Posture,
    "`events`": records.Event,
    "books/*.yaml": Book,
    "`claims`": books.Claim,
    "`policies`": Policy,
    "`rules`": Rule,
    "`provisos`": books.Proviso,
    "`steps`": books.Step,
    "`provided`": books.Precondition,
    "`advice`": books.Advice,
    "requests/*.yaml": request.Request,
    "`lines`": request.Line,
    "`legs`": request.Leg,
    "`period`": request.Period,
    "`expect`": check.Expectation,
    "`expect.parties`": check.PartyExpected,
}
SCENARIO_FILES = REFERENCE / "scenario-files.md"
OF_EVERY_FACT = ("from", "until", "known", "grade", "sources", "assertions", "note")


@pytest.mark.parametrize("heading", RECORDS)
def test_the_scenario_files_page_lists_every_field(heading: str) -> None:
    """The page of scenario files lists, for each record, exactly the fields it may carry."""
    model = RECORDS[heading]
    fields = [info.alias or name for name, info in model.model_fields.items()]
    wanted = {each for each in fields if each != "(id)"}
    if "assertions" in wanted:
        wanted -= set(OF_EVERY_FACT)
    if model is request.Request:
        wanted.add("expect")
    assert set(named(SCENARIO_FILES, heading)) - set(OF_EVERY_FACT) == wanted - set(OF_EVERY_FACT)


def test_the_fields_of_every_fact_are_listed() -> None:
    """The page of scenario files lists what every dated fact may carry."""
    assert set(named(SCENARIO_FILES, "Every fact")) == set(OF_EVERY_FACT)


HEADINGS = {
    "The determination": "Determination",
    "`parties`": "PartyAnswer",
    "`at_least`, `at_most`, `interval`": "Required",
    "`by`": "Reviewer",
    "`rights`": "RightFound",
    "`rules`": "RuleHeard",
    "`route`": "Stage",
    "`lines`": "LineAnswer",
    "`open_questions`": "OpenQuestion",
    "`why_not`": "Outstanding",
    "`advice`": "AdviceGiven",
    "`authority`": "Authority",
    "`delegations`": "DelegationSeen",
    "`set_aside`": "SetAside",
    "`facts`": "FactUsed",
    "`flags`": "Flag",
}


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_determination_page_lists_every_key(heading: str) -> None:
    """The page of the determination lists exactly the keys of the answer's data."""
    fields = dataclasses.fields(getattr(answer, HEADINGS[heading]))
    assert named(REFERENCE / "determination.md", heading) == [each.name for each in fields]


def test_the_digest_can_be_checked_as_shown(place: Path) -> None:
    """The Python lines of the page of the determination check the digest of a real answer."""
    asked = "scenarios/ukraine-long-range/requests/atacms-in-russia.yaml"
    _, output = run(f"placet determine {asked} --at 2025-07-01 --json")
    (place / "answer.json").write_text(output, encoding="utf-8")
    (example,) = (each for each in blocks(REFERENCE / "determination.md") if each.language)
    (place / "example.py").write_text(example.text, encoding="utf-8")
    runpy.run_path("example.py")


def test_every_decision_has_its_parts() -> None:
    """Decision records are numbered in a row; each has context, options, decision, consequences."""
    pages = sorted(DOCS.glob("decisions/[0-9]*.md"))
    assert [int(each.name[:4]) for each in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for part in ("## Context", "## Options considered", "## Decision", "## Consequences"):
            assert f"\n{part}\n" in text, f"{page.name} has no part {part}"
