"""A small world in which people review a request: contexts by the real loaders, acts by people.

The United States controls a missile: its use in Russia is reserved to the secretary, in Ukraine
it is cleared in advance, its release is decided by the State Department. Germany controls a part
of it and decides by two persons. Britain, which has no officials here, controls a booster. A use
for training waits on others, so that conditions precedent can be tried.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from building import plain
from placet.registry import parse_moment
from placet.review.case import Case
from placet.review.commands import Command
from placet.review.context import Context, load_context
from placet.review.event import Event, command_of, payload_of
from placet.review.fold import fold
from placet.review.perform import perform

START = parse_moment("2025-06-01T08:00:00Z")
"""When a story begins."""

REGISTRY = """
parties:
  US: {kind: state, home: us/state}
  DE: {kind: state, home: de/council}
  GB: {kind: state, home: gb/defence}
  UA: {kind: state}
offices:
  us/state: {party: US, title: Department of State}
  us/secdef: {party: US, title: Secretary of Defense}
  us/deputy: {party: US, title: Deputy Secretary}
  us/joint-staff: {party: US, title: Joint Staff}
  us/desk: {party: US, title: Case desk, duties: [cases]}
  us/licences: {party: US, title: Licensing, duties: [permits]}
  us/liaison: {party: US, title: Liaison, duties: [liaison]}
  us/rules: {party: US, title: Policy office, duties: [policies, registry, authority, records]}
  us/inspector: {party: US, title: Inspector general, duties: [audit]}
  de/council: {party: DE, title: Federal Security Council}
  de/desk: {party: DE, title: Desk, duties: [cases, permits, liaison]}
  de/rules: {party: DE, title: Policy office, duties: [policies]}
  gb/defence: {party: GB, title: Ministry of Defence}
  ua/procurement: {party: UA, title: Procurement, duties: [applications]}
  ua/desk: {party: UA, title: Desk, duties: [cases]}
officials:
  olena: {name: Olena, office: ua/procurement}
  taras: {name: Taras, office: ua/procurement}
  yurii: {name: Yurii, office: ua/desk}
  sec: {name: The Secretary, office: us/secdef, until: "2026-01-01"}
  acting: {name: An Acting Secretary, office: us/secdef, acting: yes}
  dep: {name: The Deputy, office: us/deputy}
  state-1: {name: First at State, office: us/state}
  state-2: {name: Second at State, office: us/state}
  jay: {name: Jay, office: us/joint-staff}
  joe: {name: Joe, office: us/joint-staff}
  desk: {name: Dana, office: us/desk}
  desk-2: {name: Dora, office: us/desk}
  lic: {name: Lee, office: us/licences}
  lia: {name: Lia, office: us/liaison}
  rules: {name: Rory, office: us/rules}
  ig: {name: Ingrid, office: us/inspector}
  kurt: {name: Kurt, office: de/council}
  lena: {name: Lena, office: de/council}
  max: {name: Max, office: de/council}
  dieter: {name: Dieter, office: de/desk}
  rita: {name: Rita, office: de/rules}
  two-hats: {name: Two Hats, office: us/secdef, person: hatter}
  two-hats-2: {name: Two Hats, office: us/joint-staff, person: hatter}
delegations:
  state-to-deputy: {of: us/state, to: us/deputy, from: "2025-01-01", activities: [release]}
  secdef-to-deputy: {of: us/secdef, to: us/deputy, from: "2025-01-01"}
  deputy-to-staff: {of: us/deputy, to: us/joint-staff, from: "2025-01-01"}
  disputed: {of: us/state, to: us/joint-staff, from: "2025-01-01", grade: disputed}
  reported: {of: us/state, to: us/joint-staff, from: "2025-01-01", grade: reported}
areas:
  us/russia: {party: US, includes: [RU], excludes: [RU-MOW]}
targets: {military: Military, military.depot: Depots, energy: Energy}
purposes: {defence: Defence, defence.strike: Strikes, training: Training}
items:
  missile: {name: Missile, origin: US}
  shell: {name: Shell, origin: DE}
  guidance: {name: Guidance part, origin: DE}
  booster: {name: Booster, origin: GB}
  data: {name: Targeting data, origin: US, kind: service}
reliances:
  missile-guidance: {of: shell, on: guidance, as: component}
  missile-data: {of: missile, on: data, as: service, when: area.within("RU")}
events:
  training-done: {about: The crews are trained, from: "2025-07-01"}
"""

US_BOOK = """
book: US
claims: [{basis: [origin, component, service], activities: [use, disclosure, release, retransfer]}]
otherwise: review us/state
break-glass: {by: us/secdef, hours: 12, because: an attack under way}
policies:
  use:
    title: Use
    from: "2025-01-01"
    announced: "2025-01-01"
    rules:
      russia:
        when: activity in ["use", "disclosure"] && area.within("RU")
        then: review us/secdef
        reserved: yes
        advice-from: us/joint-staff
        provisos: [{within: us/russia, report-within-days: 5, text: not in Moscow}]
        because: reserved
      ukraine:
        when: activity == "use" && area.within("UA")
        then: clear
        standing: yes
        because: cleared in advance
      poland:
        when: activity == "use" && area == "PL"
        then: clear
        because: said by nobody who signed it
      energy:
        when: activity == "use" && target == "energy"
        then: refuse
        because: no energy targets
  release:
    title: Release
    from: "2025-01-01"
    announced: "2025-01-01"
    rules:
      release:
        when: activity == "release"
        then: review us/state
        because: decided by State
      consulted:
        when: activity == "release" && recipient == "MD"
        then: review us/state
        steps: [{consult: us/joint-staff}, {notify: Congress}, {wait-days: "2"}]
        because: after consultation
"""

DE_BOOK = """
book: DE
claims: [{basis: [origin, component], activities: [use, release, retransfer]}]
otherwise: review de/council
policies:
  parts:
    title: Parts
    from: "2025-01-01"
    announced: undeclared
    rules:
      two:
        when: activity in ["release", "use"]
        then: review de/council
        persons: "2"
        because: two of the council decide
"""

USE = """
request: strike
applicant: UA
actor: UA
recipient: none
activity: use
area: RU-KRS
target: military.depot
purpose: defence.strike
period: {from: "2025-06-01", until: "2025-09-01"}
platforms: none
services: none
lines:
  one: {item: missile, quantity: "4"}
"""

RELEASE = """
request: release
applicant: UA
actor: UA
recipient: GE
activity: release
area: none
target: none
purpose: none
legs: none
period: {from: "2025-06-01", until: "2025-12-01"}
platforms: none
services: none
lines:
  a: {item: missile, quantity: "4"}
  b: {item: shell, quantity: "100"}
"""

Plain = dict[str, Any]


def world(
    registry: Mapping[str, Mapping[str, Any]] | None = None,
    books: Iterable[str] = (US_BOOK, DE_BOOK),
    version: int = 1,
) -> Context:
    """Return the context of the small world; `registry` adds to its sections or changes them."""
    sections = plain(REGISTRY)
    for section, records in (registry or {}).items():
        sections[section] = {**sections.get(section, {}), **records}
    return load_context(version, {"registry": sections, "books": [plain(each) for each in books]})


def changed(context: Context, section: str, key: str, /, **fields: Any) -> Context:
    """Return the next context, in which a record of the registry has other fields."""
    registry = deepcopy(dict(context.plain["registry"]))
    records = dict(registry.get(section, {}))
    records[key] = {**records.get(key, {}), **fields}
    whole = {"registry": {**registry, section: records}, "books": context.plain["books"]}
    return load_context(context.version + 1, whole)


def with_book(context: Context, book: str) -> Context:
    """Return the next context, in which a party's book is another."""
    read = plain(book)
    others = [each for each in context.plain["books"] if each["book"] != read["book"]]
    whole = {"registry": context.plain["registry"], "books": [*others, read]}
    return load_context(context.version + 1, whole)


def asked(text: str, **fields: Any) -> Plain:
    """Return a request with some fields changed; None leaves a field out."""
    whole = {**plain(text), **fields}
    return {key: each for key, each in whole.items() if each is not None}


def command(kind: str, **fields: Any) -> Command:
    """Return a command from plain fields: `given_by` for `given-by`, `from_` for `from`."""
    given = {name.rstrip("_").replace("_", "-"): each for name, each in fields.items()}
    return command_of(kind, given)


@dataclass
class Story:
    """A case, the context it is acted on in, and the clock; `events` is what happened.

    Every act is checked to be what the log needs: the same when it is performed again, and the
    same after being written as JSON and read back, command, event and case.
    """

    context: Context = field(default_factory=world)
    case: Case | None = None
    at: datetime = START
    events: list[Event] = field(default_factory=list)

    @property
    def now(self) -> Case:
        """The case as it stands."""
        assert self.case is not None
        return self.case

    @property
    def digest(self) -> str:
        """The digest of the determination that the case stands on."""
        assert self.now.determined is not None
        return self.now.determined.digest

    def wait(self, **time: float) -> Story:
        """Let time pass, as `wait(days=3)`."""
        self.at += timedelta(**time)
        return self

    def do(self, actor: str, kind: str, *, alone: str | None = None, **fields: Any) -> Event:
        """Have a person do something, one minute later; in one office `alone`, or in all."""
        at = self.at + timedelta(minutes=1)
        wanted = command(kind, **fields)
        event = perform(self.case, self.context, wanted, actor, at, alone)
        assert perform(self.case, self.context, wanted, actor, at, alone) == event
        self.case, self.at = self._folded(event), at
        self.events.append(event)
        return event

    def _folded(self, event: Event) -> Case:
        written = json.loads(json.dumps(event.payload))
        assert command_of(event.command.kind, payload_of(event.command)) == event.command
        read = Event(
            command_of(event.command.kind, written["command"]),
            event.actor,
            event.at,
            event.case,
            written["found"],
            tuple(written["touches"]),
            written.get("office"),
        )
        assert read == event
        found = fold(self.case, event)
        assert fold(self.case, read) == found
        on_file = json.loads(json.dumps(found.model_dump(mode="json", by_alias=True)))
        assert Case.model_validate(on_file) == found
        return found

    def file(self, text: str = USE, by: str = "olena", **fields: Any) -> Story:
        """File a request."""
        self.do(by, "submit", case="C-1", request=asked(text, **fields))
        return self

    def determine(self, by: str = "desk") -> Story:
        """Determine the case."""
        self.do(by, "determine")
        return self

    def decide(self, actor: str, office: str, verdict: str = "approve", **fields: Any) -> Event:
        """Decide for the party of an office, on the determination that the case stands on."""
        given = {
            "party": office[:2].upper(),
            "determination": fields.get("determination") or self.digest,
            "because": "for the file",
            "disclosed": "as told to the applicant",
            **fields,
        }
        return self.do(actor, "decide", office=office, verdict=verdict, **given)

    def consent(
        self, party: str, by: str = "lia", verdict: str = "approve", **fields: Any
    ) -> Event:
        """Record the decision of a foreign government."""
        given = {
            "given_by": f"the government of {party}",
            "given_on": "2025-05-30",
            "instrument": "a note",
            "instrument_digest": f"sha256:{'0' * 64}",
            "disclosed": "as told to the applicant",
            "determination": self.digest,
            **fields,
        }
        return self.do(by, "record-consent", party=party, verdict=verdict, **given)

    def issue(self, permit: str = "P-1", by: str = "lic", status: int = 1, **fields: Any) -> Event:
        """Issue a permit."""
        return self.do(by, "issue", permit=permit, status=status, **fields)


def strike() -> Story:
    """Return a story in which the use in Russia has been determined."""
    return Story().file().determine()


def struck() -> Story:
    """Return a story in which a permit for the use in Russia is in force."""
    story = strike()
    story.decide("sec", "us/secdef")
    story.issue()
    return story
