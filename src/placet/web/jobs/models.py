"""What background work remembers: who wants to be told how, what was told, how far it has read.

    Subscription   a person's wish to be told: an e-mail address, or a web hook
    Outgoing       one notice for one subscription, once: the outbox
    Place          up to which entry of the log notices have been worked out
    AuditRun       an audit that was asked for, and what it found

An outgoing notice is unique by what it is about and for whom. The database keeps that, so that
nothing which runs twice, and no crash, makes two of one.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from placet.web.jobs.hooks import unfit_address

__all__ = ["AuditRun", "Channel", "Outgoing", "Place", "Subscription", "new_salt"]


class Channel(models.TextChoices):
    """How somebody is told."""

    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Web hook"


def new_salt() -> str:
    """Draw what makes the secret of one web hook another than that of the next."""
    return secrets.token_urlsafe(16)


class Subscription(models.Model):
    """A person's wish to be told of what concerns them; they may have several.

    With an `office` they are told of what concerns that one alone, without of all that they hold.
    `salt` makes the secret of a web hook another one for each; the secret itself is not kept.
    """

    person: models.CharField[str, str] = models.CharField(max_length=200, db_index=True)
    office: models.CharField[str, str] = models.CharField(max_length=200, blank=True, default="")
    channel: models.CharField[str, str] = models.CharField(max_length=10, choices=Channel.choices)
    address: models.CharField[str, str] = models.CharField(max_length=500)
    salt: models.CharField[str, str] = models.CharField(max_length=40, default=new_salt)
    made_at: models.DateTimeField[Any, Any] = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """One wish for each person, office and address."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=("person", "office", "address"), name="told_once_there"),
        ]

    def __str__(self) -> str:
        return f"{self.person} by {self.channel}"

    def clean(self) -> None:
        """Refuse an address that cannot be one, or that a web hook must not have."""
        if self.channel == Channel.EMAIL:
            validate_email(self.address)
        elif problem := unfit_address(self.address):
            raise ValidationError({"address": problem})


class Outgoing(models.Model):
    """One notice for one subscription: what, since when, and whether it has been sent.

    `id` goes along with what is sent: whoever gets it twice knows it by that.
    """

    id: models.UUIDField[Any, Any] = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to: models.ForeignKey[Any, Any] = models.ForeignKey(Subscription, models.CASCADE)
    what: models.CharField[str, str] = models.CharField(max_length=500)
    occasion: models.CharField[str, str] = models.CharField(max_length=20)
    case: models.CharField[str, str] = models.CharField(max_length=100, blank=True)
    act: models.CharField[str, str] = models.CharField(max_length=40, blank=True)
    about: models.CharField[str, str] = models.CharField(max_length=200, blank=True)
    on: models.DateTimeField[Any, Any] = models.DateTimeField()
    made_at: models.DateTimeField[Any, Any] = models.DateTimeField()
    next_at: models.DateTimeField[Any, Any] = models.DateTimeField()
    attempts: models.PositiveIntegerField[int, int] = models.PositiveIntegerField(default=0)
    sent_at: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    given_up_at: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    problem: models.CharField[str, str] = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        """Each thing once for each subscription; those to send found without reading the rest."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=("to", "what"), name="told_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=("next_at",),
                name="still_to_send",
                condition=models.Q(sent_at=None, given_up_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Place(models.Model):
    """How far a reader has come: the entries it has read, and when it last looked at everything."""

    reader: models.CharField[str, str] = models.CharField(max_length=40, primary_key=True)
    entries: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    looked_at: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return f"{self.reader}: {self.entries}"


class AuditRun(models.Model):
    """An audit: who asked for it, how far it is, and what it found once it has ended."""

    id: models.UUIDField[Any, Any] = models.UUIDField(primary_key=True, default=uuid.uuid4)
    asked_by: models.CharField[str, str] = models.CharField(max_length=200)
    asked_at: models.DateTimeField[Any, Any] = models.DateTimeField()
    begun_at: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    done: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    entries: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    ended_at: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    follows: models.BooleanField[Any, Any] = models.BooleanField(null=True)
    found: models.JSONField[Any, Any] = models.JSONField(default=dict)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return f"audit of {self.asked_at}"
