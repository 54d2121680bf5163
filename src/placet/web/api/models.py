"""What the API keeps: tokens, working sessions opened by it, and answers given to acts."""

from __future__ import annotations

from datetime import datetime

from django.db import models

__all__ = ["Answered", "Opened", "Token"]


class Token(models.Model):
    """A token of a person for an office; of its secret only the SHA-256 is kept.

    It gives no right: what its holder may do follows from that office, while they hold it.
    """

    reference: models.CharField[str, str] = models.CharField(max_length=40, unique=True)
    digest: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    label: models.CharField[str, str] = models.CharField(max_length=100)
    person: models.CharField[str, str] = models.CharField(max_length=200, db_index=True)
    office: models.CharField[str, str] = models.CharField(max_length=200)
    scopes: models.CharField[str, str] = models.CharField(max_length=100)
    made_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    revoked_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )

    class Meta:
        """The latest first."""

        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return str(self.reference)


class Opened(models.Model):
    """A working session of which the API drew the challenge; `opened_at` once it was signed.

    The private key of the session never comes here.
    """

    digest: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    person: models.CharField[str, str] = models.CharField(max_length=200)
    until: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    opened_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )

    def __str__(self) -> str:
        return f"{self.person} until {self.until}"


class Answered(models.Model):
    """What was answered to an act that carried an `Idempotency-Key`; no body while it is done."""

    person: models.CharField[str, str] = models.CharField(max_length=200)
    office: models.CharField[str, str] = models.CharField(max_length=200, default="")
    key: models.CharField[str, str] = models.CharField(max_length=200)
    fingerprint: models.CharField[str, str] = models.CharField(max_length=64)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    status: models.IntegerField[int | None, int | None] = models.IntegerField(null=True)
    body: models.TextField[str, str] = models.TextField(default="")

    class Meta:
        """One answer to a key of a person in an office."""

        constraints = (
            models.UniqueConstraint(fields=("person", "office", "key"), name="one_answer_to_a_key"),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.key}"
