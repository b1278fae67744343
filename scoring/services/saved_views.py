"""Views of the list of accounts: saved under a name, shared or private, one of them to begin with."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.tenancy import tenant_rows
from scoring.models import DefaultView, View

LONGEST_NAME, LONGEST_QUERY, LONGEST_KEY = 80, 4000, 50
# The number is this lock's alone.
LOCK = "SELECT pg_advisory_xact_lock(720453, hashint8(%(workspace)s))"


@transaction.atomic
def save_view(*, name: str, query: str, shared: bool, by: User, moment: datetime) -> View:
    """A person's view of the same name is replaced. Raises InvalidInput."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = _("A view needs a name of at most %(most)s characters.")
        raise InvalidInput.at("name", message % {"most": LONGEST_NAME})
    if len(query) > LONGEST_QUERY:
        raise InvalidInput.at("query", _("That is too much to keep: take some filters out."))
    tenant_rows(LOCK)
    changes = {"query": query, "shared": shared}
    before: View | None = View.objects.filter(by=by, name=name).first()
    if before is not None:
        View.objects.filter(pk=before.pk).update(**changes)
        return before
    made: View = View.objects.create(
        key=_free_key(name), name=name, by=by, created_at=moment, **changes
    )
    return made


def _free_key(name: str) -> str:
    stem = slugify(name)[:LONGEST_KEY] or "view"
    taken = set(View.objects.filter(key__startswith=stem).values_list("key", flat=True))
    keys = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(key for key in keys if key not in taken)


def remove_view(*, view: View) -> None:
    """Whoever begins with it begins with the whole list again."""
    view.delete()


def begin_with(*, view: View | None, by: User) -> None:
    """What a person's list of accounts opens with: a view, or everything."""
    if view is None:
        DefaultView.objects.filter(user_id=by.pk).delete()
        return
    DefaultView.objects.update_or_create(user_id=by.pk, defaults={"view_id": view.pk})
