"""People join a workspace, change their role and leave it. The last admin stays one."""

import secrets
from urllib.parse import urljoin

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Membership, Role, User, Workspace
from accounts.tenancy import current_workspace_id


def checked_email(email: str, path: str = "email") -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput.at(path, _("This is no e-mail address.")) from error
    return email


def checked_role(role: str) -> Role:
    if role not in Role.values:
        choices = ", ".join(Role.values)
        raise InvalidInput.at("role", _("Choose from: %(roles)s.") % {"roles": choices})
    return Role(role)


def person(email: str, *, name: str = "", password: str | None = None) -> tuple[User, bool]:
    """The person of this address, and whether they are new.

    Without a password a new person gets one that nobody knows, and chooses their own by a link: an
    unusable one would keep them from asking for the link again.
    """
    found = User.objects.filter(email=email).first()
    if found is not None:
        return found, False
    unknown = secrets.token_urlsafe(32)
    return User.objects.create_user(email, password or unknown, name=name.strip()[:200]), True


def password_path(user: User) -> str:
    """The page where the person chooses a password; good for once, and for three days."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("password_reset_confirm", args=[uid, token])


def add_member(
    *, email: str, role: str, by: User | None, base_url: str, name: str = ""
) -> Membership:
    """Add a person by e-mail and write to them; `base_url` is where the product is reached."""
    email, role = checked_email(email), checked_role(role)
    with transaction.atomic():
        user, is_new = person(email, name=name)
        membership: Membership
        membership, is_added = Membership.objects.get_or_create(user=user, defaults={"role": role})
        if not is_added:
            raise InvalidInput.at("email", _("This person is a member already."))
        _invite(user, is_new=is_new, by=by, base_url=base_url)
    return membership


def _invite(user: User, *, is_new: bool, by: User | None, base_url: str) -> None:
    workspace = Workspace.objects.get(pk=current_workspace_id())
    path = password_path(user) if is_new else reverse("home")
    context = {"workspace": workspace, "by": by, "is_new": is_new, "link": urljoin(base_url, path)}
    subject = _("You are invited to %(workspace)s on Scorecard") % {"workspace": workspace.name}
    text = render_to_string("accounts/invitation.txt", context)
    # A mail server that is away must not undo the membership; the link can be asked for again.
    transaction.on_commit(
        lambda: send_mail(" ".join(subject.split()), text, None, [user.email]), robust=True
    )


def change_role(*, membership: Membership, role: str, by: User | None) -> None:
    role = checked_role(role)
    with transaction.atomic():
        if role != Role.ADMIN:
            _refuse_last_admin(
                membership, _("The last admin stays an admin: make another one first.")
            )
        membership.role = role
        membership.save(update_fields=["role"])


def remove_member(*, membership: Membership, by: User | None) -> None:
    """Their accounts stay, without an owner."""
    with transaction.atomic():
        _refuse_last_admin(membership, _("The last admin cannot leave: make another one first."))
        membership.delete()


def _refuse_last_admin(membership: Membership, message: str) -> None:
    """The admins are locked, so that the last two cannot leave at the same moment."""
    admins = list(Membership.objects.admins().select_for_update().order_by("pk"))
    active = {
        admin.pk
        for admin in Membership.objects.filter(pk__in=[a.pk for a in admins], user__is_active=True)
    }
    if active == {membership.pk}:
        raise InvalidInput.at("role", message)
