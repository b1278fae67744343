from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.forms.settings import ROLE_TEXTS, MemberForm
from accounts.models import Membership, Role
from accounts.services.people import add_member as add
from accounts.services.people import change_role as change
from accounts.services.people import remove_member as remove
from accounts.views.settings.sections import show


def member_page(
    request: WorkspaceRequest,
    *,
    form: MemberForm | None = None,
    refused: tuple[int, str] | None = None,
) -> HttpResponse:
    """`refused`: the membership that could not be changed, and why; shown in its row."""
    at, message = refused or (None, "")
    rows: list[dict[str, Any]] = [
        {
            "membership": membership,
            "since": timezone.localdate(membership.created_at),
            "remove_id": f"remove-{membership.pk}",
            "error": message if membership.pk == at else "",
        }
        for membership in Membership.objects.by_name()
    ]
    context = {
        "rows": rows,
        "form": form or MemberForm(),
        "roles": Role.choices,
        "role_texts": [(role.label, text) for role, text in ROLE_TEXTS.items()],
    }
    failed = refused is not None or (form is not None and bool(form.errors))
    return show(
        request,
        "accounts/settings/members.html",
        context,
        current="settings_members",
        status=422 if failed else 200,
    )


@require_safe
@admins_only
def members(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return member_page(request)


@require_POST
@admins_only
def add_member(request: WorkspaceRequest, slug: str) -> HttpResponse:
    form = MemberForm(request.POST)
    if not form.is_valid():
        return member_page(request, form=form)
    base_url = settings.PUBLIC_URL or request.build_absolute_uri("/")
    try:
        membership = add(by=request.user, base_url=base_url, **form.cleaned_data)
    except InvalidInput as error:
        for problem in error.problems:
            form.add_error(problem.path if problem.path in form.fields else None, problem.message)
        return member_page(request, form=form)
    messages.success(request, _("%(person)s was added.") % {"person": membership.user})
    return redirect("settings_members", slug)


@require_POST
@admins_only
def change_role(request: WorkspaceRequest, slug: str, member_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.by_name(), pk=member_id)
    try:
        change(membership=membership, role=request.POST.get("role", ""), by=request.user)
    except InvalidInput as error:
        return member_page(request, refused=(member_id, error.problems[0].message))
    role, person = membership.get_role_display(), membership.user
    messages.success(request, _("%(person)s is now: %(role)s.") % {"person": person, "role": role})
    left_settings = person == request.user and not membership.can_admin
    return redirect("portfolio" if left_settings else "settings_members", slug)


@require_POST
@admins_only
def remove_member(request: WorkspaceRequest, slug: str, member_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.by_name(), pk=member_id)
    person = membership.user
    try:
        remove(membership=membership, by=request.user)
    except InvalidInput as error:
        return member_page(request, refused=(member_id, error.problems[0].message))
    messages.success(request, _("%(person)s was removed.") % {"person": person})
    return redirect("home") if person == request.user else redirect("settings_members", slug)
