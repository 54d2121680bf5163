"""The account of a person: a way in, and nothing else.

What a person may do follows from the offices that they hold in the register at the moment; an
account has no permissions, no groups, and no flag that gives any.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

__all__ = ["AccountChange", "Attempt", "User", "UserManager"]


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(
        self,
        username: str,
        email: str = "",
        password: str | None = None,
        *,
        demonstration: bool = False,
    ) -> User:
        """Make the account of the person whose id in the register is `username`."""
        user = self.model(
            username=username, email=self.normalize_email(email), demonstration=demonstration
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account; `username` is the person's id in the register."""

    username: models.CharField[str, str] = models.CharField(max_length=200, unique=True)
    email: models.EmailField[str, str] = models.EmailField(blank=True)
    is_active: models.BooleanField[bool, bool] = models.BooleanField(default=True)
    demonstration: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    sessions: models.PositiveIntegerField[int, int] = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """In the order of their names."""

        ordering = ("username",)

    def __str__(self) -> str:
        return str(self.username)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what sessions are held against: another `sessions` ends all there are."""
        of = f"{self.sessions}:{self.password}"
        return salted_hmac("placet.sessions", of, secret=secret, algorithm="sha256").hexdigest()


class AccountChange(models.Model):
    """That an account was changed: when, by whom, whose, how and why. It is added to, only."""

    at: models.DateTimeField[Any, Any] = models.DateTimeField()
    by: models.CharField[str, str] = models.CharField(max_length=200)
    about: models.CharField[str, str] = models.CharField(max_length=200)
    what: models.CharField[str, str] = models.CharField(max_length=40)
    because: models.CharField[str, str] = models.CharField(max_length=500)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return f"{self.what} of {self.about} by {self.by}"


class Attempt(models.Model):
    """A count of guesses, or a code that was used, as `attempts.Attempts` keeps it until then."""

    key: models.CharField[str, str] = models.CharField(max_length=250, primary_key=True)
    value: models.TextField[str, str] = models.TextField()
    until: models.DateTimeField[Any, Any] = models.DateTimeField(null=True, db_index=True)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return str(self.key)
