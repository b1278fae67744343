"""The usage explorer: any measure over time for an account, a segment or all."""

from datetime import date
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.models import Account
from scoring.explorer import menus, texts
from scoring.explorer.choice import Choice, read_choice
from scoring.explorer.export import accounts_lines, course_text
from scoring.explorer.groups import Subject, read_subject
from scoring.explorer.page import facts, read_course, read_list, read_ranking
from usage.models import AccountDay

MATCHES = 12


@require_safe
def usage(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice = read_choice(request.GET, today=request.workspace.day_of(timezone.now()))
    if choice.query.get("q"):
        return search(request, choice)
    subject = read_subject(choice)
    if request.GET.get("format") == "days":
        return _file(course_text(read_course(choice, subject)), request, choice, "days")
    ranked = read_ranking(choice, subject.listed)
    if request.GET.get("format") == "csv":
        lines = accounts_lines(ranked, request.workspace.pk)
        return _file(lines, request, choice, "accounts")
    context = framed(request, choice, subject, "usage") | {
        "course": read_course(choice, subject),
        "facts": facts(choice, subject, ranked),
        "list": read_list(choice, subject, ranked, request.workspace),
        "together_url": choice.url(total="1") if menus.adds_up(choice) else "",
        "menus": menus.what(choice, subject),
        "title": texts.title(choice.measure),
        "window": texts.window_text(choice.measure),
    }
    return render(request, "scoring/usage/explorer.html", context)


def framed(
    request: WorkspaceRequest, choice: Choice, subject: Subject, current: str
) -> dict[str, Any]:
    """What the pages on usage have in common."""
    return {
        "nav": "usage",
        "choice": choice,
        "subject": subject,
        "tabs": menus.tabs(choice, request.workspace, current),
        "whom": menus.whom(choice),
        "everybody_url": choice.url(account=[], segment=[], against=[]),
        "csv_url": choice.url(format="csv"),
        "days_url": choice.url(format="days"),
        "events_exist": AccountDay.objects.exists(),
    }


def search(request: WorkspaceRequest, choice: Choice) -> HttpResponse:
    """The only account that matches, or those to choose from."""
    text = choice.query.get("q", "")
    exact = Account.objects.filter(key=text)[:1]
    found = list(exact) or list(Account.objects.search(text).order_by("name", "pk")[:MATCHES])
    rows = [
        {"account": account, "url": choice.url(q=[], segment=[], account=account.key)}
        for account in found
    ]
    if len(rows) == 1:
        return redirect(request.path + rows[0]["url"])
    context = {"nav": "usage", "choice": choice, "text": text, "rows": rows}
    return render(request, "scoring/usage/search.html", context)


def _file(
    content: Any, request: WorkspaceRequest, choice: Choice, what: str
) -> StreamingHttpResponse:
    return download(
        content, f"{choice.measure.measure}-{what}-{request.workspace.slug}", choice.last
    )


def download(content: Any, name: str, day: date) -> StreamingHttpResponse:
    lines = [content] if isinstance(content, str) else content
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{day}.csv"'},
    )
