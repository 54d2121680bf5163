"""An oracle that judges acts beside the case, and shares no code with what it judges.

It reads the plain text of the context before and after an act: who could do it by what stood there,
and that it wrote down what it says and nothing else (DESIGN §3, rules 2, 5 and 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from plain_record import answers_for, come, has_duty, holds

from placet.registry import parse_moment, written
from placet.review.event import Event

__all__ = ["look_beside"]

Plain = Mapping[str, Any]
Place = tuple[str, ...]

_RECORDS = {
    "appoint": ("officials", "official"),
    "dismiss": ("officials", "official"),
    "delegate": ("delegations", "delegation"),
    "revoke-delegation": ("delegations", "delegation"),
    "register-key": ("keys", "key"),
    "retire-key": ("keys", "key"),
}
"""Where an act of authority writes, and which of its fields names the record."""

_NEW = {"appoint", "delegate", "register-key"}
_POLICIES = {"adopt-policy", "announce-policy", "end-policy"}
_OF_THE_RECORD = {"erase": "records", "change-semantics": "authority", "rotate-key": "authority"}
"""Acts that change no word of registry and books, and the duty that they take."""


def look_beside(before: Plain, event: Event, after: Plain) -> None:
    """Check one act on no case, by the context before and after it."""
    command: Any = event.command
    kind, actor, at = command.kind, event.actor, event.at
    _counted(before, event, after)
    written_to = _places(before) ^ _places(after)
    if kind in _OF_THE_RECORD:
        assert not written_to
        assert has_duty(before, actor, _OF_THE_RECORD[kind], at)
    elif kind in _RECORDS:
        section, named = _RECORDS[kind]
        key = getattr(command, named)
        assert {place for place, _ in written_to} == {("registry", section, key)}
        was = before["registry"].get(section, {}).get(key)
        now = after["registry"][section][key]
        assert (was is None) is (kind in _NEW)
        _of_authority(before, event, was, now)
    elif kind == "record-fact":
        assert {place for place, _ in written_to} <= {("registry", command.section, command.id)}
        assert has_duty(before, actor, "registry", at)
    else:
        assert has_duty(before, actor, "policies", at, [command.party])
        _of_a_book(before, command, at, {place for place, _ in written_to})


def _counted(before: Plain, event: Event, after: Plain) -> None:
    """The context says when its last act was, and how many each person has done on no case."""
    assert after["last"] == written(event.at)
    done = before.get("acts", {})
    assert after["acts"] == {**done, event.actor: done.get(event.actor, 0) + 1}


def _places(plain: Plain) -> set[tuple[Place, str]]:
    """Return all that stands in registry and books, each record and policy by itself."""
    found = {
        (("registry", section, key), repr(each))
        for section, records in plain["registry"].items()
        for key, each in (records.items() if isinstance(records, Mapping) else [("", records)])
    }
    for book in plain["books"]:
        fields = {each: text for each, text in book.items() if each != "policies"}
        found |= {((book["book"], name), repr(each)) for name, each in fields.items()}
        found |= {
            ((book["book"], "policies", name), repr(each))
            for name, each in book.get("policies", {}).items()
        }
    return found


def _of_authority(before: Plain, event: Event, was: Any, now: Plain) -> None:
    """Nobody gives themselves what they do not have, and what is on record only ends, and later."""
    command: Any = event.command
    actor, at, registry = event.actor, event.at, before["registry"]
    match command.kind:
        case "appoint":
            assert command.person != actor
            assert _authority(before, actor, command.office, at)
            assert _today_or_later(now["from"], at)
        case "dismiss":
            assert _authority(before, actor, was["office"], at)
            _ends(was, now, at)
        case "delegate":
            assert holds(before, actor, command.of, at)
            assert command.of != command.to
            assert _party(before, command.of) == _party(before, command.to)
            assert _today_or_later(now["from"], at)
        case "revoke-delegation":
            own = holds(before, actor, was["of"], at)
            assert own or _authority(before, actor, was["of"], at)
            assert now == {**was, "revoked": {"on": written(at)}}
        case "register-key":
            keys = registry.get("keys", {}).values()
            running = [each for each in keys if each["person"] == command.person]
            running = [each for each in running if not come(each.get("until"), at)]
            assert bool(running) is (command.person == actor)
            assert all(each["public"] != command.public for each in keys)
            assert command.person == actor or _answers(before, actor, command.person, at)
        case "retire-key":
            assert was["person"] == actor or _answers(before, actor, was["person"], at)
            _ends(was, now, at)


def _ends(was: Plain, now: Plain, at: datetime) -> None:
    """It ends, not before the act and not later than it would have; all else is as it was."""
    until = parse_moment(now["until"])
    assert at <= until
    assert "until" not in was or until < parse_moment(was["until"])
    assert {**now, "until": ""} == {**was, "until": ""}


def _of_a_book(before: Plain, command: Any, at: datetime, places: set[Place]) -> None:
    """A policy is written once; then it is announced, or ends, and its text stays what it was."""
    book: Plain = next((each for each in before["books"] if each["book"] == command.party), {})
    if command.kind not in _POLICIES:
        assert places <= {(command.party, each) for each in command.fields}
        return
    assert places == {(command.party, "policies", command.policy)}
    was = book["policies"].get(command.policy)
    assert (was is None) is (command.kind == "adopt-policy")
    if command.kind == "announce-policy":
        told = was.get("announced")
        assert told == "undeclared" or command.on < parse_moment(told)
        assert _today_or_later(written(command.on), at)


def _today_or_later(day: str, at: datetime) -> bool:
    return parse_moment(day).date() >= at.date()


def _party(plain: Plain, office: str) -> str:
    return str(plain["registry"]["offices"][office]["party"])


def _authority(plain: Plain, actor: str, office: str, at: datetime) -> bool:
    return answers_for(plain, actor, "authority", at, _party(plain, office))


def _answers(plain: Plain, actor: str, person: str, at: datetime) -> bool:
    officials = plain["registry"]["officials"].items()
    held = [each["office"] for key, each in officials if each.get("person", key) == person]
    return bool(held) and all(_authority(plain, actor, each, at) for each in held)
