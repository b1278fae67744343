"""How often users come, and how accounts adopt the product month by month."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from scoring.explorer.choice import read_choice
from scoring.explorer.cohort_table import cohorts_text, read_cohorts
from scoring.explorer.frequencies import frequency_text, labels, read_frequencies, read_segments
from scoring.explorer.groups import read_subject
from scoring.views.usage.explorer import download, framed, search


@require_safe
def usage_frequency(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice = read_choice(request.GET, today=request.workspace.day_of(timezone.now()))
    if choice.query.get("q"):
        return search(request, choice)
    subject = read_subject(choice)
    found = read_frequencies(choice, subject.group, request.workspace)
    if request.GET.get("format") == "csv":
        return download(frequency_text(found), f"frequency-{slug}", choice.last)
    whole = not choice.account and not choice.segment
    context = framed(request, choice, subject, "usage_frequency") | {
        "found": found,
        "labels": labels(),
        "segments": read_segments(choice, found) if whole else [],
    }
    return render(request, "scoring/usage/frequency.html", context)


@require_safe
def usage_cohorts(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice = read_choice(request.GET, today=request.workspace.day_of(timezone.now()))
    if choice.query.get("q"):
        return search(request, choice)
    subject = read_subject(choice)
    table = read_cohorts(choice, subject.group)
    if request.GET.get("format") == "csv":
        text = cohorts_text(table, "measure" in choice.query)
        return download(text, f"cohorts-{slug}", choice.last)
    context = framed(request, choice, subject, "usage_cohorts") | {"table": table}
    return render(request, "scoring/usage/cohorts.html", context)
