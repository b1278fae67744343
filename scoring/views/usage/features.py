"""Which features are used: by one account, a segment or all."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from scoring.explorer.boards import place_after
from scoring.explorer.choice import read_choice
from scoring.explorer.feature_rows import ORDER, features_lines, read_features
from scoring.explorer.groups import read_subject
from scoring.views.usage.explorer import download, framed, search
from usage.api.leaderboards import cursor_of


@require_safe
def usage_features(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice = read_choice(request.GET, today=request.workspace.day_of(timezone.now()))
    if choice.query.get("q"):
        return search(request, choice)
    subject = read_subject(choice)
    if request.GET.get("format") == "csv":
        lines = features_lines(choice, subject.group, subject.against, request.workspace.pk)
        return download(lines, f"features-{slug}", choice.last)
    after = place_after(choice.query.get("after", ""), ORDER)
    found = read_features(choice, subject.group, subject.against, after=after)
    context = framed(request, choice, subject, "usage_features") | {
        "features": found,
        "next_url": choice.url(after=cursor_of(found.following, ORDER)) if found.following else "",
        "explorer_url": reverse("usage", args=[slug]),
    }
    return render(request, "scoring/usage/features.html", context)
