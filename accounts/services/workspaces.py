from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import Membership, Role, User, Workspace
from accounts.services.people import checked_email, person
from accounts.tenancy import scope


def create_workspace(
    *,
    slug: str,
    name: str,
    owner_email: str,
    password: str | None = None,
    time_zone: str = "UTC",
    currency: str = "USD",
) -> Workspace:
    """A workspace and its first admin, who may be known already; runs in its own scope."""
    email = checked_email(owner_email, "owner")
    workspace = Workspace(slug=slug, name=name.strip(), time_zone=time_zone, currency=currency)
    with transaction.atomic():
        _store(workspace)
        user, is_new = person(email, password=_checked_password(email, password))
        if password is not None and not is_new:
            message = _("This person has a password already: leave it out.")
            raise InvalidInput.at("password", message)
        with scope(workspace.pk):
            Membership.objects.create(user=user, role=Role.ADMIN)
    return workspace


def _store(workspace: Workspace) -> None:
    if workspace.slug != workspace.slug.lower():
        raise InvalidInput.at("slug", _("Use lower-case letters, digits and hyphens."))
    try:
        workspace.full_clean(validate_unique=False)
    except ValidationError as error:
        raise InvalidInput(
            [Problem(field, text) for field, texts in error.message_dict.items() for text in texts]
        ) from error
    try:
        with transaction.atomic():
            workspace.save(force_insert=True)
    except IntegrityError as error:
        message = _("The address “%(slug)s” is taken.") % {"slug": workspace.slug}
        raise InvalidInput.at("slug", message) from error


def _checked_password(email: str, password: str | None) -> str | None:
    if password is None:
        return None
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise InvalidInput([Problem("password", text) for text in error.messages]) from error
    return password
