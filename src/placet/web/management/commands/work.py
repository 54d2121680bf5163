"""`work`: what goes on in the background, until it is told to stop."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DeleteJobCondition

__all__ = ["Command"]


class Command(BaseCommand):
    """Runs a worker of the queue."""

    help = "Do what goes on in the background."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        """Take jobs until SIGTERM; what waited while no worker ran is looked for at once."""
        with suppress(AlreadyEnqueued):
            app.configure_task("tell", queueing_lock="tell").defer(timestamp=int(time.time()))
        with app.replace_connector(DjangoConnector().get_worker_connector()) as queue:
            queue.run_worker(
                concurrency=4,
                shutdown_graceful_timeout=5,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
            )
