import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from accounts.commands import told
from accounts.models import User
from accounts.services.people import password_path
from accounts.services.workspaces import create_workspace


class Command(BaseCommand):
    help = "Create a workspace and its first admin."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE")
        parser.add_argument("--currency", default="USD", metavar="CODE")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the owner's password."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        with told():
            workspace = create_workspace(
                slug=options["slug"],
                name=options["name"],
                owner_email=options["owner"],
                password=password,
                time_zone=options["time_zone"],
                currency=options["currency"],
            )
        self.stdout.write(f"{settings.PUBLIC_URL.rstrip('/')}/w/{workspace.slug}/")
        owner = User.objects.get(email=options["owner"].strip().lower())
        if password is None and owner.last_login is None:
            self.stderr.write(_("The owner chooses a password here (three days, once):"))
            self.stderr.write(settings.PUBLIC_URL.rstrip("/") + password_path(owner))
