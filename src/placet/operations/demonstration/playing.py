"""The demonstration: a real story played into the register, act by act, by invented people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from placet.errors import Problem, QuestionError, ScenarioError, Where
from placet.evidence import SshEvidence
from placet.operations.acting.act import Signing, act
from placet.operations.acting.beginning import begin, merge, plain_of
from placet.operations.acting.signing_in import open_session
from placet.operations.house import House, SignedIn
from placet.operations.log.recorded import told_of
from placet.operations.ports import Acknowledgement, Reading
from placet.registry import Record, read
from placet.registry.facts import Moment, Text, YesNo
from placet.registry.loading import typed
from placet.review import Command, ReviewError, command_of

__all__ = [
    "Demonstration",
    "Keyring",
    "Played",
    "PlayedClock",
    "load_demonstration",
    "play",
    "stopped_half_way",
]


class Keyring(Protocol):
    """Keys of invented people, made for a demonstration."""

    def public(self, person: str) -> str:
        """Return a person's public key, as a `.pub` file has it; make it at the first asking."""

    def sign(self, person: str, statement: bytes) -> str:
        """Sign a statement for a person; return the armored signature."""


class PlayedClock:
    """A clock that shows the moment that is being played."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the moment that is being played."""
        return self.at


class Without(Record):
    """What the register does not hold at the beginning: acts bring it in."""

    policies: tuple[Text, ...] = ()
    availability: tuple[Text, ...] = ()


class Beginning(Record):
    """When and by whom the log is begun."""

    at: Moment
    by: Text
    without: Without = Without()


class DemoAct(Record):
    """One act of the story. `case` and `permit` are names in the story; the register draws its own.

    `request` names a request file of the scenario, `policy` a policy `PARTY/ID` of its books.
    `refused` says that the register must refuse the act.
    """

    at: Moment
    by: Text
    do: Text
    case: Text | None = None
    permit: Text | None = None
    request: Text | None = None
    policy: Text | None = None
    with_: dict[str, Any] = {}
    refused: YesNo = False
    says: Text | None = None


class DemoStory(Record):
    """The story as it stands in its file."""

    title: Text
    begin: Beginning
    acts: tuple[DemoAct, ...]


@dataclass(frozen=True)
class Demonstration:
    """A story with the first context and the requests and policies that its acts name."""

    story: DemoStory
    registry: dict[str, Any]
    books: list[dict[str, Any]]
    requests: Mapping[str, dict[str, Any]]
    policies: Mapping[str, dict[str, Any]]

    @property
    def people(self) -> Mapping[str, str]:
        """The names of the invented people, by id."""
        return {key: each["name"] for key, each in self.registry["officials"].items()}


@dataclass(frozen=True)
class Played:
    """One act as it was played: done, or refused as the story says it must be."""

    act: DemoAct
    name: str
    done: Acknowledgement | None = None
    refused: ReviewError | None = None


@dataclass
class _Names:
    """What the register calls what the story calls otherwise."""

    cases: dict[str, str] = field(default_factory=dict)
    permits: dict[str, str] = field(default_factory=dict)


def load_demonstration(folder: Path) -> Demonstration:
    """Load the demonstration of a scenario folder.

    Raises:
        QuestionError: the scenario has none.
        ScenarioError: with every problem found.
    """
    path = folder / "demo" / "story.yaml"
    if not path.is_file():
        raise QuestionError(f"{folder} has no demo/story.yaml to play")
    registry, books = plain_of(folder)
    document = read(path)
    problems: list[Problem] = []
    story = typed(DemoStory, document.plain, document.where, problems)
    if story is None:
        raise ScenarioError(problems)
    for section in ("officials", "delegations"):
        registry.pop(section, None)
    merge(registry, read(folder / "demo" / "people.yaml").plain)
    if registry.get("demonstration") != "yes":
        where = Where("demo/people.yaml", field="demonstration")
        do = "Write `demonstration: yes`: the people are invented."
        raise ScenarioError([Problem(where, "it does not say that it is a demonstration", do=do)])
    policies = _take_policies(story, books)
    for item in story.begin.without.availability:
        registry["items"][item].pop("availability", None)
    requests = {}
    for name in {each.request for each in story.acts if each.request}:
        plain = dict(read(folder / "requests" / f"{name}.yaml").plain)
        plain.pop("expect", None)
        requests[name] = plain
    return Demonstration(story, registry, books, requests, policies)


def play(
    house: House, clock: PlayedClock, demonstration: Demonstration, keys: Keyring
) -> Iterator[Played]:
    """Play a story into a register that has not begun, one act after another.

    Raises:
        QuestionError: an act was done that the story says is refused.
        PlacetError: an act was refused that the story says is done.
    """
    story = demonstration.story
    registry = _with_keys(demonstration, keys)
    clock.at = story.begin.at
    founder = SignedIn(story.begin.by, None)
    yield Played(
        DemoAct(at=story.begin.at, by=story.begin.by, do="begin", says=story.title),
        demonstration.people[story.begin.by],
        begin(house, founder, registry, demonstration.books, _signing(keys, founder.person)),
    )
    names = _Names()
    for each in story.acts:
        clock.at = each.at
        yield _play(house, demonstration, keys, names, each)


def stopped_half_way(reading: Reading, demonstration: Demonstration) -> bool:
    """Say whether a story was begun in a log and not told to its end.

    Its acts are dated by its own clock: the log holds one at the moment of the last that is done.
    """
    story = demonstration.story
    last = max(each.at for each in story.acts if not each.refused)
    told = (told_of(each.index, each.body).at for each in reading.entries() if each.body)
    first = next(told, None)  # of another log no more is read, of this one as far as the end
    return first == story.begin.at and last not in chain([first], told)


def _play(
    house: House, demonstration: Demonstration, keys: Keyring, names: _Names, each: DemoAct
) -> Played:
    signing = _signing(keys, each.by)
    who = open_session(house, each.by, signing)
    command = _command(house, demonstration, names, each)
    case = names.cases.get(each.case or "")
    played = Played(each, demonstration.people[each.by])
    try:
        done = act(house, who, command, case=case, sign=signing)
    except ReviewError as error:
        if not each.refused:
            raise
        return replace(played, refused=error)
    if each.refused:
        raise QuestionError(f"The act {each.do} at {each.at} was done; the story has it refused.")
    return replace(played, done=done)


def _command(house: House, demonstration: Demonstration, names: _Names, each: DemoAct) -> Command:
    """Build the command of an act, in the register's own names."""
    fields = dict(each.with_)
    if each.do == "submit" and each.case and each.request:
        fields |= {
            "case": house.references.reference("C"),
            "request": demonstration.requests[each.request],
        }
        names.cases[each.case] = fields["case"]
    if each.policy:
        party, _, policy = each.policy.partition("/")
        fields |= {"party": party, "policy": policy, "text": demonstration.policies[each.policy]}
    if each.permit:
        if each.do == "issue":
            names.permits[each.permit] = house.references.reference("P")
            fields["status"] = house.references.status_index()
        fields["permit"] = names.permits[each.permit]
    if each.do in ("decide", "record-consent") and each.case:
        determined = house.reading.case(names.cases[each.case]).determined
        fields["determination"] = determined.digest if determined else ""
    return command_of(each.do, fields)


def _signing(keys: Keyring, person: str) -> Signing:
    return lambda statement: SshEvidence(keys.sign(person, statement)).document


def _with_keys(demonstration: Demonstration, keys: Keyring) -> dict[str, Any]:
    """Return the first registry with a key for everybody."""
    held = {
        person: {"person": person, "kind": "ssh", "public": keys.public(person)}
        for person in sorted(demonstration.people)
    }
    return {**demonstration.registry, "keys": held}


def _take_policies(story: DemoStory, books: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Take the policies that acts bring in out of the books; return them by `PARTY/ID`."""
    taken: dict[str, dict[str, Any]] = {}
    for name in story.begin.without.policies:
        party, _, policy = name.partition("/")
        book = next((each for each in books if each["book"] == party), None)
        if book is None or policy not in book["policies"]:
            where = Where("demo/story.yaml", field="begin.without.policies")
            raise ScenarioError([Problem(where, f"the books hold no policy {name}")])
        taken[name] = dict(book["policies"].pop(policy))
    return taken
