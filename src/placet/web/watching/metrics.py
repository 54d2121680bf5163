"""Figures for Prometheus: of requests and acts in this process, of log and queue at the asking.

Several processes serve pages; where `PROMETHEUS_MULTIPROC_DIR` names a folder they add theirs up
in it. Labels are routes, methods, statuses and kinds of act: lists that do not grow by what
somebody sends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from placet.operations.house import House
from placet.operations.log.watching import keeping_up
from placet.web.house import house
from placet.web.watching.counting import ACTS

__all__ = ["measured", "metrics_page"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5.0, 15.0)

REQUESTS = Counter(
    "placet_requests", "Requests answered, by route and status.", ("method", "route", "status")
)
SECONDS = Histogram(
    "placet_request_seconds", "How long answers took.", ("method", "route"), buckets=_SECONDS
)


def measured(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    known = method if method in _METHODS else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    SECONDS.labels(known, route).observe(seconds)


class _AtTheAsking(Collector):
    """What log and queue say when they are asked."""

    def __init__(self, of: House) -> None:
        self._house = of

    def collect(self) -> Iterator[Metric]:
        found = keeping_up(self._house)
        yield _gauge("placet_log_entries", "Entries that a checkpoint covers.", found.entries)
        yield _gauge("placet_sequencer", "1 where a sequencer runs, else 0.", found.sequencer)
        yield _gauge("placet_unnumbered_acts", "Acts without a number.", found.unnumbered)
        for name, says, age in (
            ("placet_oldest_unnumbered_seconds", "Age of the oldest of them.", found.waits),
            ("placet_checkpoint_age_seconds", "Age of the last entry covered.", found.checkpoint),
            ("placet_status_list_age_seconds", "Age of the status list.", found.status_list),
        ):
            yield _gauge(name, says, _whole(age))
        waiting = GaugeMetricFamily(
            "placet_queue_depth", "What waits to be done in the background.", labels=["queue"]
        )
        for queue, depth in _queues():
            waiting.add_metric([queue], depth)
        yield waiting


def _whole(age: timedelta | None) -> float:
    return age.total_seconds() if age is not None else 0.0


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)


def _queues() -> Iterator[tuple[str, int]]:
    """Yield how many jobs and notices wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')),"
            " (SELECT count(*) FROM jobs_outgoing WHERE sent_at IS NULL AND given_up_at IS NULL)"
        )
        jobs, notices = cursor.fetchone()
    yield "jobs", jobs
    yield "notices", notices


def metrics_page() -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
    else:
        for each in (REQUESTS, SECONDS, ACTS):
            registry.register(each)
    registry.register(_AtTheAsking(house()))
    return generate_latest(registry)
