"""What the commands share: messages on standard error; exit status 0, 1 (data errors), 2 (usage)."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Workspace
from accounts.tenancy import scope

DATA = 1
USAGE = 2


class Error(CommandError):
    """Django prints its name before the message."""


@contextmanager
def told() -> Iterator[None]:
    """What the services refuse, as one message with a line for each problem."""
    try:
        yield
    except InvalidInput as error:
        lines = [f"{p.path}: {p.message}".removeprefix(": ") for p in error.problems]
        raise Error("\n".join(lines), returncode=DATA) from error


class WorkspaceCommand(BaseCommand):
    """`manage.py NAME SLUG …`: `work` runs in the workspace's scope."""

    one_transaction: ClassVar[bool] = True
    """Where it is False, `work` opens a scope for each of its own transactions."""

    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", metavar="SLUG", help=_("The workspace's address."))
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """The command's own arguments."""

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = find_workspace(options.pop("workspace"))
        with told(), scope(workspace.pk) if self.one_transaction else nullcontext():
            clean = self.work(workspace, **options)
        if clean is False:
            raise SystemExit(DATA)

    def work(self, workspace: Workspace, **options: Any) -> bool | None:
        """False says that there were data errors, which were reported; the rest is kept."""
        raise NotImplementedError


def find_workspace(slug: str) -> Workspace:
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is not None:
        return workspace
    message = _("There is no workspace “%(slug)s”.") % {"slug": slug}
    known = list(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:10])
    if known:
        message += " " + _("There are: %(slugs)s.") % {"slugs": ", ".join(known)}
    raise Error(message, returncode=USAGE)
