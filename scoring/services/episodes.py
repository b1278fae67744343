"""The alerts of a rule for some accounts: what is held of them, what days do to it, and how it is stored."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import msgspec
from django.utils import timezone

from accounts.tenancy import tenant_rows
from scoring.engine.rules import Rule, lookback_days
from scoring.models import AlertState, Scorecard
from scoring.models import Rule as RuleRow
from usage.packed import literal
from usage.services.store import texts

HELD = """
SELECT account_id, day, recovered_on, id FROM scoring_alert
WHERE workspace_id = %(workspace)s AND rule_id = %(rule)s AND account_id = ANY(%(accounts)s::bigint[])
"""

# A CASE for each alert, as bulk_update writes it, takes half of a night in which a tenth recovers.
RECOVER = """
UPDATE scoring_alert AS a SET recovered_on = new.day
FROM unnest(%(alerts)s::bigint[], %(days)s::date[]) AS new (id, day)
WHERE a.workspace_id = %(workspace)s AND a.id = new.id
"""

RAISE = """
INSERT INTO scoring_alert
    (workspace_id, rule_id, scorecard_id, severity, state, created_at, account_id, day, compared_day,
     recovered_on, score, delta, band_key, entries)
SELECT %(workspace)s, %(rule)s, %(scorecard)s, %(severity)s, %(state)s, %(moment)s, account_id, day,
    day - %(lookback)s, recovered_on, score, delta, band_key, entries
FROM unnest(%(accounts)s::bigint[], %(days)s::date[], %(recovered)s::date[], %(scores)s::int[],
            %(deltas)s::int[], %(bands)s::text[], %(entries)s::jsonb[])
    AS new (account_id, day, recovered_on, score, delta, band_key, entries)
"""


@dataclass(slots=True)
class Episode:
    """An alert as far as it is needed here; a new one has no `pk` yet, of others only the days are known."""

    account_id: int
    day: date
    recovered_on: date | None = None
    pk: int | None = None
    score: int | None = None
    delta: int | None = None
    band_key: str = "unknown"
    entries: list[dict[str, Any]] = field(default_factory=list)

    def matters(self, first: date) -> bool:
        """On the day or later, even where the rule never matches."""
        return self.recovered_on is None or self.recovered_on > first or self.day >= first


@dataclass
class Episodes:
    """The alerts of one rule by account and day, and what the evaluated days do to them."""

    rule: Rule
    row: RuleRow
    card: Scorecard
    held: dict[int, list[Episode]] = field(default_factory=dict)
    raised: list[Episode] = field(default_factory=list)
    changed: dict[int, Episode] = field(default_factory=dict)

    @property
    def lookback(self) -> timedelta:
        return timedelta(days=lookback_days(self.rule))

    def load(self, account_ids: list[int]) -> None:
        for found in tenant_rows(HELD, rule=self.row.pk, accounts=literal(account_ids)):
            alert = Episode(*found)
            self.held.setdefault(alert.account_id, []).append(alert)

    def watched(self, first: date) -> set[int]:
        """Accounts to which something may happen from this day on, even where the rule never matches."""
        return {pk for pk, alerts in self.held.items() if any(a.matters(first) for a in alerts)}

    def see(self, account_id: int, day: date, matches: bool) -> None:
        latest = self._latest(account_id, day)
        going_on = latest is not None and (latest.recovered_on is None or latest.recovered_on > day)
        if not matches:
            if latest is not None and going_on and latest.day < day:
                self._recover(latest, day)
        elif latest is None or (latest.day != day and (not going_on or self._cooled(latest, day))):
            self._raise(account_id, day)

    def cooled_on(self, account_id: int, day: date) -> date | None:
        """The day from which a rule that still matches is told again."""
        latest = self._latest(account_id, day)
        return None if latest is None else latest.day + timedelta(days=self.rule.cooldown_days)

    def save(self) -> None:
        if self.raised:
            self._insert(self.raised)
        if self.changed:
            alerts = self.changed.values()
            days = literal(alert.recovered_on for alert in alerts)
            tenant_rows(RECOVER, alerts=literal(alert.pk for alert in alerts), days=days)

    def _cooled(self, latest: Episode, day: date) -> bool:
        return (day - latest.day).days >= self.rule.cooldown_days

    def _latest(self, account_id: int, day: date) -> Episode | None:
        earlier = [alert for alert in self.held.get(account_id, []) if alert.day <= day]
        return max(earlier, key=lambda alert: alert.day, default=None)

    def _recover(self, alert: Episode, day: date) -> None:
        if alert.recovered_on != day:
            alert.recovered_on = day
            if alert.pk is not None:
                self.changed[alert.pk] = alert

    def _raise(self, account_id: int, day: date) -> None:
        alert = Episode(account_id, day)
        self.held.setdefault(account_id, []).append(alert)
        self.raised.append(alert)

    def _insert(self, alerts: Collection[Episode]) -> None:
        tenant_rows(
            RAISE,
            rule=self.row.pk,
            scorecard=self.card.pk,
            severity=self.rule.severity,
            state=AlertState.OPEN.value,
            moment=timezone.now(),
            lookback=self.lookback.days,
            accounts=literal(alert.account_id for alert in alerts),
            days=literal(alert.day for alert in alerts),
            recovered=literal(alert.recovered_on for alert in alerts),
            scores=literal(alert.score for alert in alerts),
            deltas=literal(alert.delta for alert in alerts),
            bands=texts(alert.band_key for alert in alerts),
            entries=texts(msgspec.json.encode(alert.entries).decode() for alert in alerts),
        )
