"""What is kept of one person beside the register: drafts, documents not filed yet, lists of cases.

`office` is the one in which they came, by a token; it is empty for what was left in the pages.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

__all__ = ["Draft", "KeptList", "Upload"]


class Draft(models.Model):
    """A request that is not filed: the fields of its form as they were sent, right or wrong."""

    person: models.CharField[str, str] = models.CharField(max_length=200, db_index=True)
    office: models.CharField[str, str] = models.CharField(max_length=200, blank=True, default="")
    title: models.CharField[str, str] = models.CharField(max_length=200, blank=True)
    fields: models.JSONField[Any, Any] = models.JSONField()
    kept_at: models.DateTimeField[Any, Any] = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = models.Manager()

    @property
    def version(self) -> str:
        """What tells a draft as it is now from what it was before it was kept again."""
        return str(self.kept_at.isoformat())

    class Meta:
        """The latest first."""

        ordering = ("-kept_at", "-pk")

    def __str__(self) -> str:
        return str(self.title)


class Upload(models.Model):
    """A document that a person sent and that no act has brought yet; it may belong to a draft."""

    person: models.CharField[str, str] = models.CharField(max_length=200, db_index=True)
    office: models.CharField[str, str] = models.CharField(max_length=200, blank=True, default="")
    draft: models.ForeignKey[Any, Any] = models.ForeignKey(Draft, models.CASCADE, null=True)
    name: models.CharField[str, str] = models.CharField(max_length=200)
    media: models.CharField[str, str] = models.CharField(max_length=40)
    size: models.PositiveIntegerField[int, int] = models.PositiveIntegerField()
    digest: models.CharField[str, str] = models.CharField(max_length=80)
    data: models.BinaryField[Any, Any] = models.BinaryField()
    sent_at: models.DateTimeField[Any, Any] = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """In the order in which they came."""

        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.name)


class KeptList(models.Model):
    """A list of cases that a person gave a name: the filters of its address, nothing of a case."""

    person: models.CharField[str, str] = models.CharField(max_length=200)
    office: models.CharField[str, str] = models.CharField(max_length=200, blank=True, default="")
    name: models.CharField[str, str] = models.CharField(max_length=60)
    query: models.CharField[str, str] = models.CharField(max_length=1000)
    kept_at: models.DateTimeField[Any, Any] = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """One of a name for each person and office, in the order in which they were kept."""

        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=("person", "office", "name"), name="list_named_once"),
        ]

    def __str__(self) -> str:
        return str(self.name)
