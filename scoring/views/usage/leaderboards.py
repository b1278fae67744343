"""All users and all features of an account."""

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.models import Account
from scoring.explorer.boards import read_board, read_users, users_lines
from scoring.views.account import account_scorecard
from scoring.views.account_answers import account_of
from scoring.views.usage.explorer import download


@require_safe
def account_users(request: WorkspaceRequest, slug: str, key: str) -> HttpResponseBase:
    if not Account.objects.filter(key=key).exists():
        # A key may hold slashes, so this may be the page of an account that is called so.
        return account_scorecard(request, slug, f"{key}/users")
    account = account_of(key)
    board = read_board(request.GET, today=request.workspace.day_of(timezone.now()))
    if request.GET.get("format") == "csv":
        lines = users_lines(board, account.pk, request.workspace.pk)
        return download(lines, f"users-{board.kind}-{slug}", board.last)
    context = {
        "nav": "accounts",
        "account": account,
        "choice": board,
        "page": read_users(board, account),
        "csv_url": board.url(format="csv"),
    }
    return render(request, "scoring/usage/users.html", context)


@require_safe
def account_features(request: WorkspaceRequest, slug: str, key: str) -> HttpResponseBase:
    """The table of features of that account."""
    if not Account.objects.filter(key=key).exists():
        return account_scorecard(request, slug, f"{key}/features")
    query = QueryDict(mutable=True)
    query["account"] = key
    query.update(request.GET)
    return redirect(f"{reverse('usage_features', args=[slug])}?{query.urlencode()}")
