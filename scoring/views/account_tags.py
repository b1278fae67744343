"""The tags of one account, put on and taken off in its head."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from accounts.models import Account, Tag
from accounts.services.bulk import Chosen, tag_accounts, untag_accounts
from accounts.services.tags import tidied
from scoring.views.account_answers import account_of
from scoring.views.redirects import back_to


@require_POST
@scorers_only
def add_tag(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account, name = account_of(key), request.POST.get("tag", "")
    try:
        tag_accounts(
            chosen=Chosen.these([account.pk]), name=name, by=request.user, moment=timezone.now()
        )
    except InvalidInput as error:
        return _told(request, account, problem=error.problems[0].message)
    return _told(request, account)


@require_POST
@scorers_only
def drop_tag(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    name = tidied(request.POST.get("tag", "").replace("\0", ""))
    tag = Tag.objects.called(name).first()
    if tag is not None:
        made = untag_accounts(
            chosen=Chosen.these([account.pk]), tag=tag, by=request.user, moment=timezone.now()
        )
        told = _("The tag “%(name)s” is taken off.") % {"name": tag.name}
        messages.success(request, told, extra_tags=reverse("undo_bulk", args=[slug, made.pk]))
    return _told(request, account)


def _told(request: WorkspaceRequest, account: Account, problem: str = "") -> HttpResponse:
    page = reverse("account_scorecard", args=[request.workspace.slug, account.key])
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        return back_to(request, page)
    context = {
        "account": account,
        "tags": list(Tag.objects.of_account(account.pk)),
        "able": True,
        "problem": problem,
        "given": request.POST.get("tag", "") if problem else "",
        "page_url": page,
    }
    template = "scoring/account/tags_changed.html"
    return render(request, template, context, status=422 if problem else 200)
