from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import WorkspaceCommand
from accounts.models import Workspace
from accounts.services.keys import create_api_key


class Command(WorkspaceCommand):
    help = "Create an API key; the key alone is printed on standard output, this once."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--scopes", required=True, metavar="ingest,read,write,admin")
        parser.add_argument("--name", default="Command line")

    def work(self, workspace: Workspace, **options: Any) -> None:
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        _key, secret = create_api_key(name=options["name"][:100], scopes=scopes, by=None)
        self.stdout.write(secret)
