"""What only the pages keep: drafts of requests, each of the person who wrote it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

__all__ = ["Draft"]


class Draft(models.Model):
    """A request that is not filed: the fields of its form as they were sent, right or wrong."""

    person: models.CharField[str, str] = models.CharField(max_length=200, db_index=True)
    title: models.CharField[str, str] = models.CharField(max_length=200, blank=True)
    fields: models.JSONField[Any, Any] = models.JSONField()
    kept_at: models.DateTimeField[Any, Any] = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """The latest first."""

        ordering = ("-kept_at", "-pk")

    def __str__(self) -> str:
        return str(self.title)
