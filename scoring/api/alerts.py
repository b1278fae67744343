"""Alerts with the ledger that caused them, and their life cycle."""

from datetime import date
from typing import Any, Literal

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode, query
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from scoring.api.numbers import decimal
from scoring.models import Alert
from scoring.sentences import sentence
from scoring.services.alert_states import change_alert

State = Literal["open", "acknowledged", "snoozed", "resolved"]
TAG = "Scores out"


class AlertQuery(ListQuery, frozen=True, kw_only=True):
    state: State | None = None
    severity: Literal["risk", "opportunity", "info"] | None = None
    account: str | None = None


class AlertRow(msgspec.Struct):
    id: int
    account: str
    rule: str
    scorecard: str
    severity: str
    state: str
    day: date
    compared_day: date
    score: str | None
    band: str
    delta: str | None
    sentence: str
    entries: list[dict[str, Any]]
    recovered_on: date | None
    snoozed_until: date | None


class AlertBody(Body, frozen=True, kw_only=True):
    state: State
    snoozed_until: date | None = None


class AlertsView(ListView):
    scopes = {"GET": "read"}

    @documented("Alerts", query=AlertQuery, answer=page_of(AlertRow), csv=True, tag=TAG)
    def get(self, request: Request) -> Response:
        wanted = query(request, AlertQuery)
        filters = {
            "state": wanted.state,
            "severity": wanted.severity,
            "account__key": wanted.account,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        return paginate(
            request,
            Alert.objects.filter(**given).select_related("account", "rule", "scorecard"),
            query=wanted,
            row=alert_row,
            columns={"day": "day"},
            default="-day",
        )


class AlertView(ApiView):
    scopes = {"GET": "read", "PATCH": "write"}

    @documented("An alert", answer=AlertRow, tag=TAG)
    def get(self, request: Request, pk: int) -> Response:
        return Response(alert_row(found(pk)))

    @documented("Change an alert's state", body=AlertBody, answer=AlertRow, tag=TAG)
    def patch(self, request: Request, pk: int) -> Response:
        wanted = decode(request, AlertBody)
        moment = timezone.now()
        alert = change_alert(
            alert=found(pk),
            state=wanted.state,
            snoozed_until=wanted.snoozed_until,
            by=None,
            moment=moment,
            today=self.workspace().day_of(moment),
        )
        return Response(alert_row(alert))


def found(pk: int) -> Alert:
    alerts = Alert.objects.select_related("account", "rule", "scorecard")
    alert: Alert = get_object_or_404(alerts, pk=pk)
    return alert


def alert_row(alert: Alert) -> AlertRow:
    before = None if alert.delta is None or alert.score is None else alert.score - alert.delta
    days = (alert.day - alert.compared_day).days
    return AlertRow(
        id=alert.pk,
        account=alert.account.key,
        rule=alert.rule.key,
        scorecard=alert.scorecard.key,
        severity=alert.severity,
        state=alert.state,
        day=alert.day,
        compared_day=alert.compared_day,
        score=decimal(alert.score),
        band=alert.band_key,
        delta=decimal(alert.delta),
        sentence=sentence(before, alert.score, days, alert.entries),
        entries=[{**entry, "points": decimal(entry["points"])} for entry in alert.entries],
        recovered_on=alert.recovered_on,
        snoozed_until=alert.snoozed_until,
    )
