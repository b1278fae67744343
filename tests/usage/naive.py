"""The definitions of the measures, counted event by event: what the fast way is compared with."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from usage.measures import Measure


@dataclass(frozen=True)
class Happening:
    account: str
    user: str
    day: date
    type: str
    feature: str | None = None
    seconds: int | None = None
    count: int = 1


LIMITS = {"daily": 5, "frequent": 3, "occasional": 2}

Seats = dict[str, list[tuple[date, int]]]


def rounded(value: Fraction) -> int:
    return floor(value * 10_000 + Fraction(1, 2))


def naive(
    events: list[Happening], seats: Seats, account: str, day: date, request: Measure
) -> int | None:
    own = [e for e in events if e.account == account and e.day <= day]
    if not own:
        return None
    inside = [e for e in own if e.day > day - timedelta(days=request.window_days)]
    value = value_of(own, inside, day, request, seats.get(account, []))
    return None if value is None else rounded(value)


def value_of(  # noqa: C901
    own: list[Happening],
    inside: list[Happening],
    day: date,
    request: Measure,
    seats: list[tuple[date, int]],
) -> Fraction | None:
    logins = [e for e in inside if e.type == "login"]
    sessions = [e for e in logins if e.seconds is not None]
    seconds = sum(e.seconds or 0 for e in sessions)
    users = {e.user for e in inside}
    match request.measure:
        case "logins":
            return Fraction(sum(e.count for e in logins))
        case "active_users":
            return Fraction(len(users))
        case "unique_logins":
            return Fraction(len({e.user for e in logins}))
        case "active_days":
            return Fraction(len({e.day for e in inside}))
        case "stickiness":
            daily = len({(e.user, e.day) for e in inside})
            return Fraction(100 * daily, request.window_days * len(users)) if users else None
        case "session_minutes":
            count = sum(e.count for e in sessions)
            return Fraction(seconds, 60 * count) if count else None
        case "minutes_per_active_user":
            return Fraction(seconds, 60 * len(users)) if users else None
        case "feature_uses":
            named = [e for e in inside if not request.features or e.feature in request.features]
            return Fraction(sum(e.count for e in named if e.type == "feature"))
        case "feature_users":
            named = [e for e in inside if not request.features or e.feature in request.features]
            return Fraction(len({e.user for e in named if e.type == "feature"}))
        case "frequency":
            return frequency(own, inside, day, LIMITS[request.frequency or ""])
        case "features_adopted":
            return adopted(inside, request)
        case "license_utilization":
            known = [number for since, number in sorted(seats) if since <= day]
            return Fraction(100 * len(users), known[-1]) if known and known[-1] else None
        case "days_since_last_login":
            days = [e.day for e in own if e.type == "login"]
            return Fraction((day - max(days)).days) if days else None
    raise ValueError(request.measure)


def adopted(inside: list[Happening], request: Measure) -> Fraction:
    used = [
        sum(e.count for e in inside if e.type == "feature" and e.feature == feature)
        for feature in request.features
    ]
    return Fraction(100 * sum(uses >= request.min_uses for uses in used), len(request.features))


def frequency(
    own: list[Happening], inside: list[Happening], day: date, least: int
) -> Fraction | None:
    known = {e.user for e in own if e.day > day - timedelta(days=365)}
    often = [u for u in known if len({e.day for e in inside if e.user == u}) >= least]
    return Fraction(100 * len(often), len(known)) if known else None


def naive_mix(events: list[Happening], accounts: str, day: date) -> tuple[int, int, int, int]:
    """Daily, frequent, occasional and inactive users, known on the day, of all the accounts."""
    own = [e for e in events if e.account in accounts]
    known = {(e.account, e.user) for e in own if day - timedelta(days=365) < e.day <= day}
    found = [0, 0, 0, 0]
    for user in known:
        active = {
            e.day
            for e in own
            if (e.account, e.user) == user and day - timedelta(days=30) < e.day <= day
        }
        reached = [len(active) >= least for least in LIMITS.values()]
        found[reached.index(True) if any(reached) else 3] += 1
    return found[0], found[1], found[2], found[3]
