"""Which key may have signed what: the public keys of a log and its permits, as acts named them.

The act that begins a log may name its first keys; every later one is named by an act (`RotateKey`)
before it signs anything. That a key is one of this log's, an act cannot say: only whoever holds
the private half can. So which keys there are the auditor knows from outside; and of those that
were changed, how many entries the log had then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from placet.ledger import VerifierKey
from placet.operations.acting.next_keys import WHOSE, check_public
from placet.operations.auditing.report import Finding
from placet.operations.ports import KeyUse
from placet.permit import PermitVerifierKey, public_text
from placet.review import Command
from placet.review.commands import Begin, RotateKey

__all__ = ["KeyHistory", "PermitKeys", "Run"]


def _ends(
    log: Iterable[VerifierKey], permit: Iterable[PermitVerifierKey]
) -> Mapping[KeyUse, Mapping[str, int | None]]:
    """Return keys as text, each with how many entries the log had when it was changed."""
    return {
        "log": {str(each): each.until for each in log},
        "permit": {public_text(each): each.until for each in permit},
    }


def _until(entries: int | None) -> str:
    return "not changed" if entries is None else f"changed at {entries} entries"


@dataclass(frozen=True, slots=True)
class PermitKeys:
    """The keys of permits, each with how many entries the log had when it was changed, if it was.

    A permit is signed some time after the act that issues it, so a later key may have signed it,
    and an earlier one only if it was not changed before that act.
    """

    held: tuple[tuple[PermitVerifierKey, int | None], ...] = ()

    @classmethod
    def of(cls, keys: Collection[PermitVerifierKey]) -> PermitKeys:
        """Take keys as they are known from outside, each that was changed with its end."""
        return cls(tuple((replace(each, until=None), each.until) for each in keys))

    def present(self) -> tuple[PermitVerifierKey, ...]:
        """Return the keys that were not changed."""
        return tuple(key for key, until in self.held if until is None)

    def ever(self) -> tuple[PermitVerifierKey, ...]:
        """Return all keys."""
        return tuple(key for key, _ in self.held)

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

    `known` are the keys that the auditor has from outside, the oldest first, each with how many
    entries the log had when it was changed, if it was; `prepared` those that do not sign yet.
    `named` has every key that an act names as the next, with its entry.
    """

    origin: str
    known: Mapping[KeyUse, Mapping[str, int | None]]
    prepared: Collection[str]
    first: dict[KeyUse, str | None] = field(default_factory=dict)
    named: dict[KeyUse, dict[str, int]] = field(default_factory=lambda: {"log": {}, "permit": {}})

    @classmethod
    def of(
        cls,
        origin: str,
        log_keys: Collection[VerifierKey],
        permit_keys: Collection[PermitVerifierKey],
        prepared: Collection[str],
    ) -> KeyHistory:
        """Take keys as they are known from outside."""
        return cls(origin, _ends(log_keys, permit_keys), prepared)

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

    def unused(self) -> Iterator[str]:
        """Say which keys an act names that sign for nothing, and are not to."""
        for of, named in self.named.items():
            ours = {*self.known[of], *self.prepared}
            for key, index in named.items() if self.known[of] else ():
                if key not in ours:
                    yield (
                        f"Entry {index} names a key of {WHOSE[of]} that never signed, and is none "
                        f"of those that are known: {key} What it signs is not this log's."
                    )

    def on_file(
        self,
        log: Iterable[VerifierKey],
        permit: Iterable[PermitVerifierKey],
        next_: Iterable[str],
    ) -> Iterator[Finding]:
        """Compare the keys that the database publishes with those known from outside.

        Those that come next too: an act may name what stands there, and nothing else.
        """
        published = _ends(log, permit)
        for key in sorted({*next_}.difference(self.prepared)):
            yield Finding(None, f"The database has a key come next that nobody made for it: {key}")
        for of, keys in published.items():
            known = self.known[of]
            for key in sorted(keys.keys() - known.keys()) if known else ():
                yield Finding(
                    None, f"The database names a key that is no key of {WHOSE[of]}: {key}"
                )
            for key in sorted(known.keys() - keys.keys()):
                yield Finding(None, f"The database lacks a key of {WHOSE[of]}: {key}")
            for key in sorted(keys.keys() & known.keys()):
                if keys[key] != known[key]:
                    says = f"{_until(keys[key])} in the database, and {_until(known[key])} in fact"
                    yield Finding(None, f"A key of {WHOSE[of]} is {says}: {key}")

    def _unnamed(self, of: KeyUse, known: Collection[str]) -> Iterator[Finding]:
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
            until = self.known["log"].get(each.key)
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
