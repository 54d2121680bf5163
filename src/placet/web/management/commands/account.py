"""`account`: make an account for a person of the register, and print how they come in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from placet.web.accounts.invitation import invitation
from placet.web.accounts.models import User
from placet.web.house import house

__all__ = ["Command"]


class Command(BaseCommand):
    """Makes the account, and a link that lets its person choose a password, once."""

    help = "Make an account for a person of the register, and print a link to choose a password."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person, and where mail reaches them."""
        parser.add_argument("person", help="the person's id in the register")
        parser.add_argument("--email", default="", help="where notices reach them")

    def handle(self, *_: Any, **given: Any) -> None:
        """Do it; an account that is there gets a new link.

        Raises:
            CommandError: the register knows no such person.
        """
        person = given["person"]
        if person not in house().reading.context().people:
            raise CommandError(
                f"The register knows nobody by the id {person!r}: appoint them to an office first."
            )
        user = User.objects.filter(username=person).first()
        if user is None:
            user = User.objects.create_user(person, email=given["email"])
        self.stdout.write(invitation(user))
