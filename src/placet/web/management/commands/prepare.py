"""`prepare`: bring the tables of the pages up to date, and refuse what must not be served."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from placet.web.accounts.models import User
from placet.web.house import house

__all__ = ["Command"]

_SCHEMA = (
    "CREATE SCHEMA IF NOT EXISTS web",
    "GRANT USAGE ON SCHEMA web TO placet_worker",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA web GRANT ALL ON TABLES TO placet_worker",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA web GRANT ALL ON SEQUENCES TO placet_worker",
)


class Command(BaseCommand):
    """Makes the schema `web`; in a demonstration also the accounts of its people."""

    help = "Bring the tables of the pages up to date, and refuse what must not be served."
    requires_system_checks = ()
    """Django's checks ask about our code, not about what is here: the tests make them."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true", help="Change nothing, only refuse.")

    def handle(self, *_: Any, check: bool = False, **__: Any) -> None:
        """Do it, as the owner of the database; or only `check`, as whoever serves.

        Raises:
            CommandError: what would be served is a demonstration, and the mode is not, or the
                other way round; or the tables are not up to date.
        """
        if check:
            self._must_be_up_to_date()
        else:
            self._bring_up_to_date()
        is_one = house().reading.context().demonstration
        if is_one != settings.DEMONSTRATION:
            raise CommandError(_SAYS[is_one])
        if not settings.DEMONSTRATION and User.objects.filter(demonstration=True).exists():
            raise CommandError(
                "There are accounts of a demonstration here. Serve real work from a database that "
                "never was one."
            )
        if settings.DEMONSTRATION and not check:
            self._people(os.environ["PLACET_DEMO_PASSWORD"])

    def _must_be_up_to_date(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The tables of the pages are not up to date. Run `placet prepare`.")

    def _bring_up_to_date(self) -> None:
        with connections["owner"].cursor() as cursor:
            for each in _SCHEMA:
                cursor.execute(each)
        call_command("migrate", database="owner", verbosity=0)
        if settings.STATIC_ROOT:
            call_command("collectstatic", interactive=False, verbosity=0)

    def _people(self, password: str) -> None:
        """Make the accounts of the people of a demonstration, all with one password.

        Hashing takes long on purpose; what is one password is hashed, and looked at, once.
        """
        hashed, holds = cache(make_password), cache(check_password)
        for person in sorted(house().reading.context().people):
            user = User.objects.filter(username=person).first()
            if user is None:
                User.objects.create(username=person, password=hashed(password), demonstration=True)
            elif not holds(password, user.password):
                user.password = hashed(password)
                user.save()


_SAYS = {
    True: "The log says that it is a demonstration: start it with `placet serve --demo`.",
    False: "The log does not say that it is a demonstration: start it without `--demo`.",
}
