"""Writing down what there is to tell people: each thing once for each of their subscriptions.

The log is the queue. In one transaction the place up to which it was read is moved on and what
follows from it is written into the outbox: a crash leaves both or neither, and what is worked out
again is there already. What only time brings is looked for every hour, at every open case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice

from django.db import transaction

from placet.need_to_know.notices import Notice, Occasion
from placet.operations.house import House
from placet.operations.log.watching import keeping_up
from placet.operations.seeing.noticing import Told, everything, moved, notices_for
from placet.registry import Duty, written
from placet.review import Case, viewer
from placet.web.jobs.models import Outgoing, Place, Subscription

__all__ = ["LATE", "WHOLE", "note"]

WHOLE = timedelta(hours=1)
"""How often every open case is looked at for what only time brings."""
LATE = timedelta(hours=24)
"""The age from which a status list is said to be late: the sequencer signs one every 12 hours."""

_READER = "notices"
_AT_ONCE = 500


def note(house: House, now: datetime) -> None:
    """Write down what there is to tell now; while nobody wishes to be told, nothing is read."""
    with transaction.atomic():
        Place.objects.get_or_create(reader=_READER)
        place = Place.objects.select_for_update().get(reader=_READER)
        people: dict[Told, list[int]] = defaultdict(list)
        for person, office, key in Subscription.objects.values_list("person", "office", "id"):
            people[person, office].append(key)
        if not people:
            return
        found = keeping_up(house)
        cases = _to_look_at(house, place, found.entries, now)
        late = _late(house, people, found.status_list, now)
        _write_down(chain(notices_for(house, people, cases), late), people, now)
        place.entries = found.entries
        place.save()


def _to_look_at(house: House, place: Place, entries: int, now: datetime) -> Iterator[Case]:
    """Return the cases that moved since the log was last read; every open one once an hour."""
    old = place.looked_at is None or now - place.looked_at >= WHOLE
    cases = None if old else moved(house, place.entries, entries)
    if cases is None:
        place.looked_at = now
        return everything(house)
    return (house.reading.case(each) for each in sorted(cases))


def _late(
    house: House, people: Iterable[Told], age: timedelta | None, now: datetime
) -> Iterator[tuple[Told, Notice]]:
    """Yield that the status list is late, for whoever issues permits."""
    if age is None or age < LATE:
        return
    context, signed = house.reading.context(), now - age
    for person, office in sorted(people):
        looking = viewer(context, person, now, office or None)
        if any(duty is Duty.PERMITS for _, duty in looking.duties):
            key = f"{Occasion.LIST_LATE} {written(signed)}"
            yield (person, office), Notice(key, Occasion.LIST_LATE, "", "", "", signed)


def _write_down(
    told: Iterator[tuple[Told, Notice]], people: Mapping[Told, Sequence[int]], now: datetime
) -> None:
    """Put notices into the outbox; what is there already stays as it is."""
    rows = (
        Outgoing(
            to_id=key,
            what=notice.key,
            occasion=str(notice.occasion),
            case=notice.case,
            act=notice.act,
            about=notice.about,
            on=notice.on,
            made_at=now,
            next_at=now,
        )
        for whom, notice in told
        for key in people[whom]
    )
    while batch := list(islice(rows, _AT_ONCE)):
        Outgoing.objects.bulk_create(batch, ignore_conflicts=True)
