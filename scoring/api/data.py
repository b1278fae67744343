"""Measurements in, evaluations asked for, jobs looked at."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode
from accounts.api.schema import documented
from accounts.api.views import ApiView
from accounts.errors import InvalidInput, Problem
from accounts.models import Account, ApiKey, Workspace
from scoring.api.days import check_days
from scoring.models import Run, RunKind
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.runs import start_run
from scoring.tasks import evaluate_run

MOST = 1000
Zoned = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class MeasurementBody(Body, frozen=True, kw_only=True):
    """`value` a number, a level's key or a boolean; null with a `reason`: not applicable."""

    account: Key
    metric: Key
    value: float | int | str | bool | None = None
    scorecard: Key | None = None
    measured_at: Zoned | None = None
    comment: Text = ""
    reason: Text = ""


class MeasurementsBody(Body, frozen=True, kw_only=True):
    measurements: Annotated[list[MeasurementBody], msgspec.Meta(min_length=1, max_length=MOST)]


class Recorded(msgspec.Struct):
    created: int
    unchanged: int


class MeasurementsView(ApiView):
    scopes = {"POST": "write"}

    @documented("Send measurements", body=MeasurementsBody, answer=Recorded, tag="Data in")
    def post(self, request: Request) -> Response:
        sent = decode(request, MeasurementsBody).measurements
        rows = [MeasurementRow(**{f: getattr(m, f) for f in m.__struct_fields__}) for m in sent]
        key: ApiKey = request.auth  # type: ignore[assignment]
        created = record_measurements(
            workspace=self.workspace(), rows=rows, moment=timezone.now(), source=key.name
        )
        return Response(Recorded(created=created, unchanged=len(rows) - created))


class EvaluationBody(Body, frozen=True, kw_only=True):
    """Evaluates `accounts` (all) on `as_of` (today), or on every day since `from`."""

    as_of: date | None = None
    from_: date | None = msgspec.field(name="from", default=None)
    accounts: Annotated[list[Key], msgspec.Meta(min_length=1, max_length=MOST)] | None = None


class Job(msgspec.Struct):
    id: int
    state: str
    done: int
    total: int
    error: str | None = None


class EvaluationsView(ApiView):
    scopes = {"POST": "write"}

    @documented("Evaluate accounts", body=EvaluationBody, answer=Job, status=202, tag="Scores out")
    def post(self, request: Request) -> Response:
        asked = decode(request, EvaluationBody)
        workspace = self.workspace()
        today = workspace.day_of(timezone.now())
        last = asked.as_of or today
        first, last = check_days(asked.from_ or last, last, today, to="as_of")
        run = start_run(
            kind=RunKind.REQUEST, first=first, last=last, account_ids=_ids(asked.accounts)
        )
        nudge(workspace, run)
        return Response(job(run), status=202)


class JobView(ApiView):
    scopes = {"GET": "read or write"}

    @documented("A job", answer=Job, tag="Scores out")
    def get(self, request: Request, pk: int) -> Response:
        return Response(job(get_object_or_404(Run.objects.all(), pk=pk)))


def nudge(workspace: Workspace, run: Run) -> None:
    """The run is a row already: where the broker is away, the beat finds it."""
    transaction.on_commit(
        lambda: evaluate_run.apply_async((workspace.pk, run.pk), retry=False), robust=True
    )


def job(run: Run) -> Job:
    return Job(id=run.pk, state=run.state, done=run.done, total=run.total, error=run.error or None)


def _ids(keys: list[str] | None) -> list[int] | None:
    if keys is None:
        return None
    found = dict(Account.objects.filter(key__in=keys).values_list("key", "pk"))
    problems = [
        Problem(f"accounts[{i}]", _("There is no account “%(key)s”.") % {"key": key})
        for i, key in enumerate(keys)
        if key not in found
    ]
    if problems:
        raise InvalidInput(problems)
    return list(found.values())
