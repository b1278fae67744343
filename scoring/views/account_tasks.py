"""Tasks written down on the page of their account."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from accounts.forms.task import Person, TaskForm
from accounts.models import Account, Membership
from accounts.services.tasks import create_path_task, create_task
from scoring.forms.problems import place_problems
from scoring.pages.account import read_page
from scoring.pages.board import near, read_board
from scoring.views.account_answers import account_of, choice_of
from scoring.views.redirects import back_to

WIDGET = "scoring/account/tasks_changed.html"


@require_safe
@scorers_only
def new_task(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """With a note, and everybody to choose from."""
    return _new_task(request, account_of(key), TaskForm(_everybody(), assignee_id=request.user.pk))


@require_POST
@scorers_only
def add_task(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    short = bool(request.htmx)
    people = near(account, request.user) if short else _everybody()
    form = TaskForm(people, request.POST)
    if form.is_valid():
        try:
            create_task(account=account, by=request.user, moment=timezone.now(), **form.given)
        except InvalidInput as error:
            place_problems(form, {p.path: [p.message] for p in error.problems})
        else:
            return _added(request, account)
    if short:
        return _board(request, account, form)
    return _new_task(request, account, form)


@require_POST
@scorers_only
def add_path_task(request: WorkspaceRequest, slug: str, metric: str, key: str) -> HttpResponse:
    """What the path to green says of a metric, as a task of who asked for it."""
    account, moment = account_of(key), timezone.now()
    page = read_page(request.workspace, account, choice_of(request, account, moment), whole=False)
    missed = (
        next((m for m in page.health.path if m.metric.key == metric), None) if page.health else None
    )
    if missed is None:
        raise Http404
    help_ = missed.metric.help
    create_path_task(
        account=account,
        metric=metric,
        by=request.user,
        moment=moment,
        title=_("Raise %(metric)s") % {"metric": missed.metric.name},
        note=help_.improve if help_ and help_.improve else "",
        assignee_id=request.user.pk,
    )
    return _added(request, account, metric)


def _added(request: WorkspaceRequest, account: Account, metric: str = "") -> HttpResponse:
    if request.htmx:
        return _board(request, account, None, metric)
    messages.success(request, _("The task is written down."))
    return back_to(
        request, reverse("account_scorecard", args=[request.workspace.slug, account.key])
    )


def _board(
    request: WorkspaceRequest, account: Account, form: TaskForm | None, metric: str = ""
) -> HttpResponse:
    today = request.workspace.day_of(timezone.now())
    board = read_board(request.workspace, account, as_of=today, user=request.user, form=form)
    context = {"board": board, "today": today, "added_metric": metric, "added": form is None}
    return render(request, WIDGET, context, status=200 if form is None else 422)


def _new_task(request: WorkspaceRequest, account: Account, form: TaskForm) -> HttpResponse:
    context = {"nav": "tasks", "account": account, "form": form}
    status = 422 if form.errors else 200
    return render(request, "scoring/new_task.html", context, status=status)


def _everybody() -> list[Person]:
    return [(member.user_id, str(member.user)) for member in Membership.objects.by_name()]
