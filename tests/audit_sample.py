"""A house with keys for everybody in it, in which acts are done that an audit does again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from memory_store import MemoryStore

from placet.evidence import PublicKey, SshEvidence, sign_statement
from placet.ledger import (
    ENTRIES,
    FULL,
    JSON,
    Checkpoint,
    Edge,
    MissingError,
    SignedCheckpoint,
    SignerKey,
    Tile,
    TileReader,
    VerifierKey,
    hash_leaf,
    pack,
    sign_checkpoint,
    tiles_of,
)
from placet.operations.acting.act import Signing, act
from placet.operations.acting.beginning import begin, plain_of
from placet.operations.acting.documents import attachment_of
from placet.operations.acting.signing_in import open_session
from placet.operations.demonstration.playing import PlayedClock, load_demonstration, play
from placet.operations.house import House, SignedIn
from placet.operations.ports import (
    Acknowledgement,
    EntryOnFile,
    EntryUnread,
    Heads,
    KeyUse,
    Order,
    Reading,
    Recording,
)
from placet.operations.seeing.permit_terms import claims_of, status_ref, status_uri
from placet.permit import (
    PermitKey,
    PermitVerifierKey,
    Status,
    StatusList,
    StatusListToken,
    issue_status_token,
    issue_token,
    read_terms,
)
from placet.registry import parse_moment, read, written
from placet.review import Case, PermitOnFile, command_of

UKRAINE = Path(__file__).resolve().parent.parent / "scenarios" / "ukraine-long-range"
ORIGIN = "example.gov/placet"
PERMITS = PermitKey(ORIGIN, hashlib.sha256(b"permits").digest())
BEGAN = parse_moment("2024-10-01T08:00:00Z")


def permit_keys() -> tuple[PermitVerifierKey, ...]:
    """Return the keys that sign permits."""
    return (PERMITS.verifier,)


def claims(case: Case, permit: PermitOnFile, leaf: bytes) -> JSON:
    """Make the claims of a permit."""
    return claims_of(case, permit, ORIGIN, leaf)


def sign_permit(made: JSON) -> str:
    """Sign a permit."""
    match made:
        case {"terms": dict(terms), "status": int(status), "issued-at": str(issued)}:
            at = parse_moment(issued)
            return issue_token(read_terms(terms), status_ref(ORIGIN, status), PERMITS, at)
    raise AssertionError(made)


@dataclass
class Lists:
    """Signs status lists at the moment that is being played."""

    clock: PlayedClock

    def __call__(self, version: int, statuses: Mapping[int, int]) -> str:
        listed = {index: Status(status) for index, status in statuses.items()}
        now = self.clock.now()
        token = StatusListToken(
            uri=status_uri(ORIGIN),
            statuses=StatusList.of(4096).with_statuses(listed),
            issued_at=now,
            expires_at=now + timedelta(days=2),
            ttl=3600,
            version=version,
        )
        return issue_status_token(token, PERMITS)


@dataclass
class Counting:
    """References that follow one another."""

    drawn: int = 0

    def reference(self, prefix: str) -> str:
        self.drawn += 1
        return f"{prefix}-{self.drawn:06}"

    def could_draw(self, prefix: str, reference: str) -> bool:
        return re.fullmatch(rf"{prefix}-\d{{6}}", reference) is not None

    def status_index(self) -> int:
        self.drawn += 1
        return self.drawn

    def nonce(self) -> str:
        self.drawn += 1
        return f"{self.drawn:043}"

    def session_key(self) -> bytes:
        return hashlib.sha256(f"session {self.drawn}".encode()).digest()


@dataclass
class Ring:
    """Keys that follow from the person's name."""

    made: dict[str, bytes] = field(default_factory=dict)

    def _key(self, person: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(person.encode()).digest())

    def public(self, person: str) -> str:
        return str(PublicKey(self._key(person).public_key().public_bytes_raw(), person))

    def sign(self, person: str, statement: bytes) -> str:
        if person not in self.made:
            self.made[person] = self._key(person).private_bytes(
                Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
            )
        return sign_statement(self.made[person], statement)


@dataclass
class Register:
    """A register in which acts are done, on whatever store."""

    recording: Recording
    reading: Reading
    clock: PlayedClock
    ring: Ring = field(default_factory=Ring)
    references: Counting = field(default_factory=Counting)

    @property
    def house(self) -> House:
        """The ports, as operations take them."""
        return House(self.recording, self.reading, self.clock, self.references, ORIGIN)

    def signing(self, person: str) -> Signing:
        """Sign for a person."""
        return lambda statement: SshEvidence(self.ring.sign(person, statement)).document

    def play(self, scenario: Path) -> None:
        """Play the demonstration of a scenario."""
        for _ in play(self.house, self.clock, load_demonstration(scenario), self.ring):
            pass

    def begin(self, at: str = "2025-03-03T08:00:00Z") -> None:
        """Begin the log with the context of the demonstration, but for the pause of the data."""
        self.clock.at = parse_moment(at)
        told = load_demonstration(UKRAINE)
        registry, books = plain_of(UKRAINE)
        registry = {**registry, **{part: told.registry[part] for part in ("offices", "officials")}}
        registry["keys"] = {
            person: {"person": person, "kind": "ssh", "public": self.ring.public(person)}
            for person in sorted(told.people)
        }
        registry.pop("delegations", None)
        registry["items"]["us-targeting-data"].pop("availability", None)
        founder = SignedIn("lindqvist", None)
        begin(self.house, founder, registry, books, self.signing("lindqvist"))

    def do(
        self,
        person: str,
        kind: str,
        case: str | None = None,
        documents: Mapping[str, bytes] = {},
        **fields: Any,
    ) -> Acknowledgement:
        """Have a person do something, a minute later; documents go along by their names."""
        attached = [attachment_of(name, data) for name, data in documents.items()]
        brought = {each.digest: documents[each.name] for each in attached}
        if attached:
            fields["attachments"] = [each.model_dump(mode="json") for each in attached]
        self.clock.at += timedelta(minutes=1)
        session = self.sessions.get(person)
        if session is None or self.clock.at >= session[1]:
            who = open_session(self.house, person, self.signing(person))
            session = self.sessions[person] = (who, self.clock.at + timedelta(hours=8))
        plain = {name.rstrip("_").replace("_", "-"): each for name, each in fields.items()}
        if kind == "submit":
            plain["case"] = case
        command = command_of(kind, plain)
        sign = self.signing(person)
        return act(self.house, session[0], command, case=case, sign=sign, documents=brought)

    def __post_init__(self) -> None:
        self.sessions: dict[str, tuple[SignedIn, datetime]] = {}

    def pause(self) -> None:
        """Let the data be withdrawn on which every permit rests, as it was in the demonstration."""
        acts = load_demonstration(UKRAINE).story.acts
        withdrawn = next(each for each in acts if each.do == "record-fact")
        self.clock.at = withdrawn.at
        self.do(withdrawn.by, withdrawn.do, **withdrawn.with_)

    def add_cases(
        self, count: int, *, reports: int = 1, documents: Mapping[str, bytes] = {}
    ) -> None:
        """Have as many typical cases pass: filed, determined, issued, use reported."""
        plain = dict(read(UKRAINE / "requests" / "atacms-in-russia.yaml").plain)
        plain.pop("expect", None)
        for _ in range(count):
            case, permit = self.references.reference("C"), self.references.reference("P")
            status = self.references.status_index()
            request = {**plain, "request": f"request-{status}"}
            self.do("marchenko", "submit", case, documents, request=request)
            self.do("whitfield", "determine", case)
            self.do("whitfield", "issue", case, permit=permit, status=status)
            for number in range(reports):
                report = {"report": f"{permit}-{number}", "line": "missiles", "quantity": 1}
                use = {"area": "RU-KRS", "target": "military.depot", "purpose": "defence.strike"}
                use["recipient"] = "none"
                at = written(self.clock.at)
                self.do("marchenko", "report-use", case, permit=permit, **report, **use, on=at)


def memory_register(signer: SignerKey | None = None) -> Register:
    """Return an empty register in memory."""
    clock = PlayedClock(BEGAN)
    store = MemoryStore(ORIGIN, clock, claims, sign_permit, Lists(clock))
    store.published = [*permit_keys()]
    if signer is not None:
        store._signer = signer
    return Register(store, store, clock)


def signer_of(register: Register) -> SignerKey:
    """Return the log's private key, as a thief would have it."""
    assert isinstance(register.recording, MemoryStore)
    return register.recording._signer


@dataclass
class Copy:
    """A copy of everything that a reading says, for tests to change; itself a reading."""

    held: list[EntryOnFile]
    state: Heads
    stored: dict[tuple[int, int], bytes]
    signed: list[SignedCheckpoint]
    token: str | None
    keys: Sequence[VerifierKey]
    moves: dict[str, list[int]]
    listed: list[tuple[str, str]]
    made: list[int]
    of_permits: Sequence[PermitVerifierKey] = ()
    lists: Sequence[str] = ()

    @classmethod
    def of(cls, reading: Reading) -> Copy:
        """Copy a reading."""
        signed = list(reading.checkpoints())
        places = list(tiles_of(signed[-1].checkpoint.size)) if signed else []
        tiles = reading.tiles()(places) if places else ()
        heads = reading.heads()
        held = {each.name: getattr(heads, each.name) for each in fields(heads)}
        parts = {
            name: dict(each) if isinstance(each, Mapping) else each for name, each in held.items()
        }
        return cls(
            list(reading.entries()),
            Heads(**parts),
            {each[:2]: data for each, data in zip(places, tiles, strict=True)},
            signed,
            reading.status_list(),
            reading.log_keys(),
            {case: list(moves) for case, moves in heads.order.moves.items()},
            [(case, heads.cases[case].stage) for case in heads.order.cases],
            list(heads.order.contexts),
            reading.permit_keys(),
            list(reading.status_lists()),
        )

    def signed_again(self, signer: SignerKey) -> Copy:
        """Hash everything again and sign it with the log's key: a history as good as the first."""
        held = [replace(each, index=index) for index, each in enumerate(self.held)]
        leaves = [each.leaf for each in held]
        edge, tiles = Edge().append([hash_leaf(each) for each in leaves])
        for start in range(0, len(leaves), FULL):
            tiles[Tile(ENTRIES, start // FULL)] = pack(leaves[start : start + FULL])
        checkpoint = Checkpoint(signer.name, len(leaves), edge.frontier.root)
        signed = [sign_checkpoint(checkpoint, signer)]
        stored = {each[:2]: data for each, data in tiles.items()}
        return replace(self, held=held, stored=stored, signed=signed)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[EntryOnFile]:
        last = self.held[-1].index + 1 if self.held else 0
        for each in self.held:
            if start <= each.index < (last if end is None else end):
                yield each

    def unread(self, start: int = 0, end: int | None = None) -> Iterator[EntryUnread]:
        for each in self.entries(start, end):
            data = each.body.render() if each.body is not None else None
            yield EntryUnread(each.index, each.leaf, data, each.under)

    def heads(self) -> Heads:
        ended = {"closed", "withdrawn", "lapsed"}
        order = Order(
            [case for case, _ in self.listed],
            [case for case, stage in self.listed if stage not in ended],
            self.moves,
            self.made,
        )
        return replace(self.state, order=order, signed=self.checkpoint(), token=self.token)

    def status_list(self, at: datetime | None = None) -> str | None:
        assert at is None, "an audit reads the latest alone"
        return self.token

    def status_lists(self) -> Iterator[str]:
        return iter(self.lists)

    def structure(self) -> Sequence[str]:
        return ()

    def unnumbered(self) -> int:
        return len(self.state.waiting)

    def waiting_since(self) -> datetime | None:
        return None

    def has_sequencer(self) -> bool:
        return True

    def checkpoint(self) -> SignedCheckpoint | None:
        return self.signed[-1] if self.signed else None

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        return iter(self.signed)

    def log_keys(self) -> Sequence[VerifierKey]:
        return self.keys

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        return self.of_permits

    def next_keys(self) -> Mapping[KeyUse, str]:
        return {}

    def tiles(self) -> TileReader:
        def read_tiles(tiles: Sequence[Tile], /) -> Sequence[bytes]:
            for tile in tiles:
                if tile[:2] not in self.stored:
                    raise MissingError(f"{tile.path} is not there.", path=tile.path)
            return [self.stored[tile[:2]] for tile in tiles]

        return read_tiles
