"""The command line: every command, its JSON, its exit code, and no traceback at a user."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from register_sample import Done
from register_sample import placet as run

from placet.operations.answers import Brief
from placet.registry import parse_moment

ATACMS = "requests/atacms-in-russia.yaml"


def placet(*arguments: object, cwd: Path | None = None) -> Done:
    """Run the command line, in a folder."""
    with chdir(cwd or Path.cwd()):
        return run({}, *arguments)


def answer(*arguments: object) -> Any:
    """Run a command that must succeed, and read its JSON."""
    done = placet(*arguments, "--json")
    assert done.code == 0, done.err + done.out
    return json.loads(done.out)


@pytest.mark.parametrize(
    ("request_file", "at", "outcome", "consenting"),
    [
        ("atacms-in-russia", "2024-10-01", "refuse", []),
        ("atacms-in-russia", "2024-12-15", "clear", []),
        ("atacms-in-russia", "2025-07-01", "review", ["US"]),
        ("storm-shadow-in-russia", "2025-07-01", "review", ["FR", "GB", "US"]),
        ("storm-shadow-without-us-data", "2025-07-01", "review", ["FR", "GB"]),
    ],
)
def test_determine_answers_the_originating_case(
    ukraine: Path, request_file: str, at: str, outcome: str, consenting: list[str]
) -> None:
    """The stated answers of the originating case come out of the command itself."""
    found = answer("determine", ukraine / "requests" / f"{request_file}.yaml", "--at", at)
    assert found["outcome"] == outcome
    assert [each["party"] for each in found["parties"] if each["outcome"] == "review"] == consenting


def test_determine_json_has_the_promised_keys(ukraine: Path) -> None:
    """Programs can rely on the keys of the JSON answer."""
    found = answer("determine", ukraine / ATACMS, "--at", "2025-07-01")
    promised = {"outcome", "at_least", "at_most", "proceed", "why_not", "parties"}
    assert promised | {"open_questions", "provisos", "flags", "digest"} <= found.keys()
    united_states = next(each for each in found["parties"] if each["party"] == "US")
    assert united_states["by"] == ["us/secdef"]
    assert united_states["reserved"] is True
    assert {"party", "outcome", "by", "reserved", "rights", "rules"} <= united_states.keys()
    assert all(each["basis"] and each["path"] for each in united_states["rights"])


def test_pause_of_a_service_stops_what_nobody_refused(ukraine: Path) -> None:
    """While the data is withdrawn the dependent use cannot proceed, though nobody refuses."""
    request = ukraine / "requests/storm-shadow-in-russia.yaml"
    found = answer("determine", request, "--at", "2025-03-07")
    assert found["outcome"] == "review"
    assert found["proceed"] is False
    assert [each["kind"] for each in found["why_not"]] == ["withdrawn"]


def test_known_at_gives_the_answer_of_its_day(ukraine: Path) -> None:
    """By what was known before the report, the authorisation of 2024 still held."""
    arguments = ("determine", ukraine / ATACMS, "--at", "2025-07-01")
    assert answer(*arguments)["outcome"] == "review"
    assert answer(*arguments, "--known-at", "2025-08-01")["outcome"] == "clear"


def test_announced_only_hides_undeclared_policies(ukraine: Path) -> None:
    """An outsider's answer names no undeclared policy."""
    found = answer("determine", ukraine / ATACMS, "--at", "2025-07-01", "--announced-only")
    assert "2025-strike-review" not in json.dumps(found)


COMMANDS: list[tuple[str, ...]] = [
    ("determine", "{u}/" + ATACMS, "--at", "2025-07-01"),
    ("scenario", "check", "{u}"),
    (
        "who",
        "atacms",
        "--area",
        "RU-KRS",
        "--actor",
        "UA",
        "--scenario",
        "{u}",
        "--at",
        "2025-07-01",
    ),
    ("who", "--all", "--scenario", "{u}", "--at", "2025-07-01", "--area", "UA", "--area", "RU-KRS"),
    ("policy", "check", "{u}"),
    ("policy", "show", "US", "--scenario", "{u}", "--at", "2025-07-01"),
    ("schema", "book"),
    ("explain", "{u}/" + ATACMS, "--rule", "each-strike", "--at", "2025-07-01"),
    ("graph", "{u}/" + ATACMS, "-o", "{t}/map.svg", "--at", "2025-07-01"),
    ("story", "{u}", "-o", "{t}/story.svg"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: " ".join(each[:2]))
def test_every_command_speaks_to_people_and_to_programs(
    command: tuple[str, ...], ukraine: Path, tmp_path: Path
) -> None:
    """Every command succeeds in words and in JSON."""
    arguments = [each.format(u=ukraine, t=tmp_path) for each in command]
    spoken = placet(*arguments)
    assert (spoken.code, spoken.err) == (0, "")
    assert spoken.out.strip()
    assert answer(*arguments)


def test_story_writes_its_consent_map(ukraine: Path, tmp_path: Path) -> None:
    """The story leaves a well-formed picture where it says it does."""
    path = tmp_path / "new" / "map.svg"
    done = placet("story", ukraine, "-o", path)
    assert str(path) in done.out.replace("\n", "")
    assert ET.fromstring(path.read_text("utf-8")).tag.endswith("svg")


def test_freedom_matrix_tells_free_from_bound(ukraine: Path) -> None:
    """In the matrix a use that needs nobody's leave stands apart from one that does."""
    arguments = ("--scenario", ukraine, "--at", "2025-07-01", "--area", "UA", "--area", "RU-KRS")
    cells = {
        (each["item"], each["area"]): each for each in answer("who", "--all", *arguments)["cells"]
    }
    assert cells["gmlrs", "UA"]["free"] == "yes"
    assert cells["atacms", "RU-KRS"]["free"] == "no"
    assert cells["atacms", "RU-KRS"]["must"] == ["US"]
    assert cells["storm-shadow", "UA"]["may"] == ["US"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["determine", "nowhere.yaml"], 1),
        (["determine", "{u}/" + ATACMS, "--at", "yesterday"], 2),
        (["determine"], 2),
        (["nonsense"], 2),
        (["determine", "{u}/" + ATACMS, "--nonsense"], 2),
        (["who", "atacsm", "--scenario", "{u}"], 1),
        (["who", "--scenario", "{u}"], 2),
        (["policy", "show", "ZZ", "--scenario", "{u}"], 1),
        (["explain", "{u}/" + ATACMS, "--rule", "each-strik"], 1),
        (["scenario", "check", "."], 1),
        (["schema", "nonsense"], 2),
        (["graph", "{u}/" + ATACMS, "-o", "/proc/nowhere/map.svg"], 1),
    ],
)
def test_mistakes_get_an_exit_code_and_no_traceback(
    arguments: list[str], code: int, ukraine: Path, tmp_path: Path
) -> None:
    """Bad input ends with 1, wrong usage with 2, and neither with a traceback."""
    done = placet(*(each.format(u=ukraine) for each in arguments), cwd=tmp_path)
    assert done.code == code, done.err
    assert done.err.strip()
    assert "Traceback" not in done.err


def test_near_misses_get_a_suggestion(ukraine: Path) -> None:
    """A mistyped name is answered with the nearest known one."""
    assert "Did you mean atacms?" in placet("who", "atacsm", "--scenario", ukraine).err


def test_problems_are_shown_all_at_once_with_their_places(tmp_path: Path) -> None:
    """Every problem of a scenario comes in one go, each with file, line and column."""
    (tmp_path / "registry.yaml").write_text(
        "parties:\n  EE: {kind: stat}\nitems:\n  gun: {name: Gun, orign: EE}\n", "utf-8"
    )
    done = placet("scenario", "check", tmp_path)
    assert done.code == 1
    assert "registry.yaml:2:14 (parties.EE.kind): 'stat' is none of" in done.err
    assert "registry.yaml:4:27 (items.gun.orign)" in done.err
    assert "Did you mean origin?" in done.err
    found = json.loads(placet("scenario", "check", tmp_path, "--json").out)
    assert {each["line"] for each in found["error"]} == {2, 4}


def test_problems_of_every_kind_of_file_come_together(ukraine: Path, tmp_path: Path) -> None:
    """A faulty book does not hide a faulty request, nor does a faulty registry."""
    for part in ("registry.yaml", "books/US.yaml", "books/GB.yaml", "books/FR.yaml", ATACMS):
        target = tmp_path / part
        target.parent.mkdir(exist_ok=True)
        text = (ukraine / part).read_text("utf-8")
        target.write_text(text.replace("then: refuse", "then: refus").replace("actor:", "actr:"))
    said = placet("scenario", "check", tmp_path).err
    assert "books/US.yaml" in said
    assert "requests/atacms-in-russia.yaml" in said
    registry = tmp_path / "registry.yaml"
    registry.write_text(registry.read_text("utf-8").replace("kind: state", "kind: stat"))
    said = placet("scenario", "check", tmp_path).err
    assert all(each in said for each in ("registry.yaml", "books/US.yaml", "atacms-in-russia.yaml"))


def test_unmet_expectation_is_an_exit_code_of_one(ukraine: Path, tmp_path: Path) -> None:
    """A scenario whose answers differ from what is expected does not pass its check."""
    for part in ("registry.yaml", "books/US.yaml", "books/GB.yaml", "books/FR.yaml", ATACMS):
        target = tmp_path / part
        target.parent.mkdir(exist_ok=True)
        target.write_text(
            (ukraine / part).read_text("utf-8").replace("outcome: refuse", "outcome: clear")
        )
    done = placet("scenario", "check", tmp_path)
    assert done.code == 1
    assert "atacms-in-russia on 2024-10-01: the outcome is refuse, not clear" in done.out


@pytest.fixture
def odd(tmp_path: Path, root: Path) -> Path:
    """A scenario whose names would be markup, or would steer a terminal."""
    shutil.copytree(root / "scenarios" / "neutrality", tmp_path / "s")
    for path in (tmp_path / "s").rglob("*.yaml"):
        text = path.read_text("utf-8")
        text = re.sub(r"^request: .*$", 'request: "[/x] \\\\e[31m"', text, flags=re.MULTILINE)
        text = re.sub(r"^( *)title: .*$", r'\1title: "[/y]"', text, flags=re.MULTILINE)
        path.write_text(re.sub(r"\bname: [^,}\n]*", 'name: "[/z]"', text), "utf-8")
    return tmp_path / "s"


def test_names_are_printed_as_they_stand(odd: Path) -> None:
    """Names that look like markup are printed, and control characters are not."""
    request = min((odd / "requests").glob("*.yaml"))
    for command in (
        ("scenario", "check", odd),
        ("who", "--all", "--scenario", odd, "--area", "UA"),
        ("determine", request),
        ("policy", "check", odd),
        ("policy", "show", "CH", "--scenario", odd),
    ):
        done = placet(*command)
        assert done.err == "", command
        assert "\x1b" not in done.out
        assert "[/" in done.out or command[:2] == ("policy", "check")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_narrow_terminal_gets_what_it_can_show(
    encoding: str, ukraine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an encoding lacks is replaced, and in JSON escaped."""
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    command = [sys.executable, "-m", "placet", "determine", ukraine / ATACMS]
    done = subprocess.run(command, capture_output=True, encoding=encoding, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert answer("determine", ukraine / ATACMS, "--at", "2025-07-01")["outcome"] == "review"


def test_a_full_disk_is_no_traceback(ukraine: Path) -> None:
    """An answer that cannot be written is an error of its own, with exit code one."""
    command = [sys.executable, "-m", "placet", "scenario", "check", str(ukraine)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "the output cannot be written: No space left on device\n"


def test_a_folder_is_called_by_its_name(ukraine: Path) -> None:
    """A scenario that is checked from within has its own name."""
    assert "ukraine-long-range: " in placet("scenario", "check", ".", cwd=ukraine).out


@pytest.mark.parametrize(
    ("words", "option", "said"),
    [
        (["policy", "adopt"], "text", "given in a YAML file"),
        (["fact", "record"], "record", "given in a YAML file"),
        (["case", "supply"], "request", "given in a YAML file"),
        (["permit", "amend"], "quantities", "as in missiles=2"),
    ],
)
def test_an_option_says_how_it_is_given(words: list[str], option: str, said: str) -> None:
    """Whoever reads the help learns that an option takes a file, and how pairs are written."""
    told = " ".join(placet(*words, "--help").out.split())
    found = re.search(rf"--{option} [^.]*(FILE\.yaml|LINE=COUNT) ([^.]*)\.", told)
    assert found is not None, told
    assert found[2].endswith(said)


BRIEF = Brief(
    case="C-X8K9T2WG9HNJ",
    what="Use of Storm Shadow on an airfield, with United States targeting data",
    applicant="UA",
    filed=parse_moment("2025-07-10T09:00:00Z"),
    status="under-review",
    awaits=["France", "United Kingdom", "United States"],
    stands="submitted",
)


def test_a_list_of_cases_is_read_at_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever else wraps, the id of a case can be copied, and a moment breaks after its day."""
    from placet.cli.cases import show_cases

    monkeypatch.setenv("COLUMNS", "80")
    show_cases([BRIEF], as_json=False)
    printed = capsys.readouterr().out
    for whole in ("C-X8K9T2WG9HNJ", "2025-07-10", "09:00:00Z"):
        assert whole in printed, printed
    assert "submitted" in printed, "how it stands, as pages and the API say"
    assert "under" not in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_a_list_in_a_file_is_as_wide_as_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Piped, a row is one line and no word of it is cut, and what stands beside lists is whole."""
    from placet.cli.cases import show_cases, show_stale

    monkeypatch.delenv("COLUMNS", raising=False)
    show_cases([BRIEF], as_json=False)
    (row,) = (each for each in capsys.readouterr().out.splitlines() if "C-X8K9T2WG9HNJ" in each)
    for whole in (BRIEF.what, "2025-07-10 09:00:00Z", "France, United Kingdom, United States"):
        assert whole in row, row
    show_stale([BRIEF.model_copy(update={"case": f"C-{n}"}) for n in range(100, 112)])
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_what_waits_is_read_at_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A moment breaks between day and hour, and nowhere else."""
    from placet.cli.cases import show_inbox
    from placet.need_to_know.inbox import Waiting

    monkeypatch.setenv("COLUMNS", "80")
    since, due = (parse_moment(f"2025-07-{day}T10:00:00Z") for day in (10, 25))
    waiting = Waiting("C-X8K9T2WG9HNJ", "record-consent", "us/usd-policy", since, due)
    show_inbox("secretary", [waiting], as_json=False)
    printed = capsys.readouterr().out
    for whole in ("C-X8K9T2WG9HNJ", "2025-07-10", "2025-07-25", "10:00:00Z"):
        assert whole in printed, printed
    assert max(map(len, printed.splitlines())) <= 80
