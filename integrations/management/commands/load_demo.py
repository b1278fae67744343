from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import Workspace
from integrations.demo.load import PASSWORD, PEOPLE, SLUG, Demo, email, load_demo


class Command(BaseCommand):
    help = "Load the demo workspace: about 200 accounts with half a year of history."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=int, default=Demo.accounts)

    def handle(self, *args: Any, **options: Any) -> None:
        if Workspace.objects.filter(slug=SLUG).exists():
            self.stdout.write("The demo workspace is there already.")
            return
        with transaction.atomic():  # an interrupted demo leaves nothing, and is begun anew
            for step in load_demo(plan=Demo(accounts=options["accounts"]), moment=timezone.now()):
                self.stderr.write(f"Demo: {step} …")
        for local, role, _name in PEOPLE:
            self.stdout.write(f"{email(local)}  {PASSWORD}  ({role.label})")
