"""`work`: what goes on in the background, until it is told to stop."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

__all__ = ["Command"]


class Command(BaseCommand):
    """Runs a worker of the queue."""

    help = "Do what goes on in the background."

    def handle(self, *_: Any, **__: Any) -> None:
        """Take jobs until SIGTERM."""
        call_command("procrastinate", "worker", "--shutdown-graceful-timeout", "5")
