from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecard_project.embedded import supervisor
from scorecard_project.embedded.errors import EmbeddedError


class Command(BaseCommand):
    help = "Starts the database, the broker, the web server, the worker and the beat until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            supervisor.serve(
                host=options["host"], port=options["port"], demo=not options["no_demo"]
            )
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
