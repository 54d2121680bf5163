"""Which key may have signed what: the public keys of a log and its permits, as acts named them.

The act that begins a log may name its first keys; every later one is named by an act (`RotateKey`)
before it signs anything. Which keys there are the auditor knows from outside; and of those that
were changed, how many entries the log had then. That the log cannot say of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from placet.ledger import KeyKind, UnfitError, VerifierKey
from placet.operations.audit_report import Finding
from placet.operations.ports import KeyUse, Reading
from placet.permit import PermitVerifierKey, parse_jwks, public_text
from placet.review import Command
from placet.review.commands import Begin, RotateKey

__all__ = ["KeyHistory", "NamedPermitKeys", "PermitKeys", "Run", "check_public", "is_named"]


def check_public(of: KeyUse, public: str, origin: str) -> None:
    """Make sure that a text is a public key of a log, or of its permits, in its one spelling.

    Raises:
        MalformedError, PermitError: it is no key.
        UnfitError: it is a key of something else.
    """
    if of == "log":
        log_key = VerifierKey.parse(public)
        good = str(log_key) == public and log_key.kind is KeyKind.NOTE and log_key.name == origin
    else:
        permit_key, *others = parse_jwks(public.encode())
        good = not others and public_text(permit_key) == public and permit_key.issuer == origin
    if not good:
        raise UnfitError(
            f"This is not a key of {origin} for its {of}, as `placet keys show` writes one: "
            f"{public[:200]}"
        )


def is_named(reading: Reading, of: KeyUse, public: str) -> bool:
    """Say whether an act names a key as the next one."""
    for each in reading.entries_of_no_case():
        shown = each.body.shown if each.body is not None else {}
        match shown.get("kind"), shown.get("payload"):
            case RotateKey.kind, {"command": {"of": str(what), "public": str(named)}}:
                if (what, named) == (of, public):
                    return True
    return False


@dataclass
class NamedPermitKeys:
    """The public keys by which permits are signed, as acts of the log name them.

    For whoever is the issuer and has the log: outsiders take keys from a place they trust. The
    log is read once, and from then on only what was added to it.
    """

    reading: Reading
    upto: int = 0
    named: dict[str, PermitVerifierKey] = field(default_factory=dict)

    def __call__(self) -> tuple[PermitVerifierKey, ...]:
        """Return the keys, the first named first."""
        for each in self.reading.entries_of_no_case(self.upto):
            shown = each.body.shown if each.body is not None else {}
            match shown.get("kind"), shown.get("payload"):
                case Begin.kind, {"command": {"permit-key": str(public)}}:
                    self._take(public)
                case RotateKey.kind, {"command": {"of": "permit", "public": str(public)}}:
                    self._take(public)
            self.upto = each.index + 1
        return tuple(self.named.values())

    def _take(self, public: str) -> None:
        self.named.setdefault(public, parse_jwks(public.encode())[0])


@dataclass(frozen=True, slots=True)
class PermitKeys:
    """The keys of permits, each with how many entries the log had when it was changed, if it was.

    A permit is signed some time after the act that issues it, so a later key may have signed it,
    and an earlier one only if it was not changed before that act.
    """

    held: tuple[tuple[PermitVerifierKey, int | None], ...] = ()

    @classmethod
    def of(cls, keys: Collection[PermitVerifierKey], retired: Mapping[str, int]) -> PermitKeys:
        """Take keys as they are known from outside."""
        return cls(tuple((each, retired.get(public_text(each))) for each in keys))

    def present(self) -> tuple[PermitVerifierKey, ...]:
        """Return the keys that were not changed."""
        return tuple(key for key, until in self.held if until is None)

    def since(self, index: int) -> tuple[PermitVerifierKey, ...]:
        """Return the keys that may have signed what the entry at an index gave rise to."""
        return tuple(key for key, until in self.held if until is None or index < until)


@dataclass(slots=True)
class Run:
    """Checkpoints of which each was signed by one key: sizes `first` to `last`."""

    key: str
    first: int
    last: int


@dataclass
class KeyHistory:
    """The keys that the acts of a log name, noted one after another.

    `known` are the keys that the auditor has from outside, the oldest first; `retired` says which
    of them were changed, and how many entries the log had then. `named` has every key that an act
    names as the next, with its entry.
    """

    origin: str
    known: Mapping[KeyUse, Sequence[str]]
    retired: Mapping[str, int]
    first: dict[KeyUse, str | None] = field(default_factory=dict)
    named: dict[KeyUse, dict[str, int]] = field(default_factory=lambda: {"log": {}, "permit": {}})

    @classmethod
    def of(
        cls,
        origin: str,
        log_keys: Collection[VerifierKey],
        permit_keys: Collection[PermitVerifierKey],
        retired: Mapping[str, int],
    ) -> KeyHistory:
        """Take keys as they are known from outside."""
        texts = [str(each) for each in log_keys], [public_text(each) for each in permit_keys]
        return cls(origin, {"log": texts[0], "permit": texts[1]}, retired)

    def take(self, index: int, command: Command) -> None:
        """Note the keys that an act names.

        Raises:
            LedgerError, PermitError: what it names is no key.
        """
        match command:
            case Begin():
                self.first = {"log": command.log_key, "permit": command.permit_key}
            case RotateKey():
                check_public(command.of, command.public, self.origin)
                self.named[command.of].setdefault(command.public, index)

    def conclude(self, runs: Sequence[Run]) -> Iterator[Finding]:
        """Say which keys no act names, and what was signed by a key that could not sign it."""
        for of, known in self.known.items():
            yield from self._unnamed(of, known)
        yield from self._runs(runs)

    def _unnamed(self, of: KeyUse, known: Sequence[str]) -> Iterator[Finding]:
        """Say which of the keys that are known from outside no act names."""
        first = self.first.get(of)
        if not known:
            return
        if first is not None and first not in known:
            yield Finding(0, f"it begins with a key of the {of} that is not among those known.")
        unnamed = [each for each in known if each not in self.named[of] and each != first]
        for each in unnamed if first is not None else unnamed[1:]:
            yield Finding(None, f"No act names this key, which signs for the {of}: {each}")

    def _runs(self, runs: Sequence[Run]) -> Iterator[Finding]:
        """Say which checkpoints were signed by a key that was not named yet, or was changed."""
        latest = -1
        for each in runs:
            named = self.named["log"].get(each.key, -1)
            until = self.retired.get(each.key)
            what = f"the checkpoint of {each.first} entries was signed by a key"
            if each.first <= named:
                yield Finding(each.first - 1, f"{what} that only entry {named} names.")
            elif named < latest:
                yield Finding(each.first - 1, f"{what} that had been changed for another.")
            elif until is not None and each.last > until:
                start = max(each.first, until + 1)
                says = f"was signed by a key that had been changed at {until} entries."
                yield Finding(start - 1, f"a checkpoint that covers it {says}", each.last - 1)
            latest = max(latest, named)
