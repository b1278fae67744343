"""A person puts a score or a band in the place of what was computed, for some days and with a reason."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import Account, User, Workspace
from accounts.services.stale import mark_stale
from scoring.engine.fixed import HUNDRED, to_fixed
from scoring.models import Override, Scorecard
from scoring.versions import compiled

DAYS = timedelta(days=30)
"""How long an override holds after its first day, unless it says."""
MOST_DAYS = 3660


@dataclass(frozen=True, kw_only=True)
class OverrideRow:
    """Either a score from 0 to 100 or the key of a band."""

    score: float | int | str | Decimal | None = None
    band: str | None = None
    reason: str = ""
    last_day: date | None = None


@transaction.atomic
def set_override(
    *,
    workspace: Workspace,
    account: Account,
    scorecard: Scorecard,
    row: OverrideRow,
    moment: datetime,
    by: User | None = None,
    source: str = "",
) -> Override:
    """The one that holds from today on; the same one sent again is left as it is.

    One that held until now ends. Raises InvalidInput.
    """
    today = workspace.day_of(moment)
    new = _checked(row, account, scorecard, today)
    held = _held(account, scorecard, today)
    if held and _same(held, new):
        return held
    _end(held, today, moment, by)
    new.by, new.source, new.created_at = by, source, moment
    new.save()
    mark_stale(account_ids=[account.pk], from_day=today, moment=moment)
    return new


@transaction.atomic
def withdraw_override(
    *,
    workspace: Workspace,
    account: Account,
    scorecard: Scorecard,
    moment: datetime,
    by: User | None = None,
) -> bool:
    """Whether there was one; today counts as not overridden any more."""
    today = workspace.day_of(moment)
    held = _held(account, scorecard, today)
    _end(held, today, moment, by)
    if held:
        mark_stale(account_ids=[account.pk], from_day=today, moment=moment)
    return held is not None


def _held(account: Account, scorecard: Scorecard, today: date) -> Override | None:
    """Locks the account, as everything that marks it stale: it can have only one at a time."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    found: Override | None = Override.objects.of(account.pk, scorecard.pk).on(today).first()
    return found


def _end(held: Override | None, today: date, moment: datetime, by: User | None) -> None:
    if held:
        held.ended_on, held.ended_at, held.ended_by = today, moment, by
        held.save(update_fields=["ended_on", "ended_at", "ended_by"])


def _same(held: Override, new: Override) -> bool:
    names = ("score", "band", "reason", "last_day")
    return all(getattr(held, name) == getattr(new, name) for name in names)


def _checked(row: OverrideRow, account: Account, scorecard: Scorecard, today: date) -> Override:
    reason, last_day = row.reason.strip(), row.last_day or today + DAYS
    problems = [
        *_value_problems(row, scorecard),
        *([] if reason else [Problem("reason", _("Give the reason."))]),
        *_day_problems(last_day, today),
    ]
    if not scorecard.active:
        problems.append(Problem("scorecard", _("This scorecard is switched off.")))
    if problems:
        raise InvalidInput(problems)
    return Override(
        account_id=account.pk,
        scorecard=scorecard,
        score=None if row.score is None else to_fixed(row.score),
        band=row.band or "",
        band_minimum=_bands(scorecard)[row.band] if row.band else None,
        reason=reason,
        first_day=today,
        last_day=last_day,
    )


def _value_problems(row: OverrideRow, scorecard: Scorecard) -> list[Problem]:
    if (row.score is None) == (not row.band):
        return [Problem("score", _("Give either a score or a band."))]
    if row.band and row.band not in _bands(scorecard):
        bands = ", ".join(_bands(scorecard))
        return [
            Problem(
                "band",
                _("There is no band “%(key)s”; there are %(bands)s.")
                % {"key": row.band, "bands": bands},
            )
        ]
    if row.score is not None and not _is_score(row.score):
        return [Problem("score", _("A score is a number from 0 to 100."))]
    return []


def _bands(scorecard: Scorecard) -> dict[str, int]:
    """The keys of the bands of the current version with their minima."""
    return {band.key: band.min for band in compiled(scorecard.current_version).bands}


def _is_score(score: float | int | str | Decimal) -> bool:
    try:
        return 0 <= to_fixed(score) <= HUNDRED
    except (ValueError, ArithmeticError):
        return False


def _day_problems(last_day: date, today: date) -> list[Problem]:
    if last_day < today:
        return [Problem("last_day", _("This day is over."))]
    if (last_day - today).days > MOST_DAYS:
        return [Problem("last_day", _("At most %(days)d days ahead.") % {"days": MOST_DAYS})]
    return []
