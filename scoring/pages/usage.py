"""Who uses the product at an account, and its features beside what similar accounts do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.models import Account
from scoring.engine.fixed import SCALE, divide_half_up
from scoring.explorer.groups import SAMPLE, of_scorecard
from scoring.explorer.texts import Change, decimal
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.pages.choice import USAGE_DAYS, Choice
from scoring.sentences import days_text
from usage.at_account import AtAccount, FeatureSeen, UserSeen, users_and_features
from usage.leaderboards import Kind
from usage.similar import Mean, feature_means

FEW, FEW_UNUSED = 5, 3
FEWEST = 5
"""Of fewer accounts that use the product nothing is usual."""
USUAL_SHARE = 25
"""Percent of the similar accounts that must use a feature before its absence is worth a line."""
KEPT_SECONDS = 300
Means = Mapping[str, Mean]


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """`mean` is None without similar accounts, or where none of them uses the feature."""

    key: str
    name: str
    seen: FeatureSeen | None
    mean: Mean | None

    @property
    def uses(self) -> int:
        return self.seen.uses if self.seen else 0

    @property
    def users(self) -> int:
        return self.seen.users if self.seen else 0

    @property
    def no_longer(self) -> bool:
        return self.seen is not None and not self.seen.uses

    @property
    def mean_uses(self) -> str:
        return decimal(_per_account(self.mean.uses, self.mean)) if self.mean else "–"

    @property
    def mean_users(self) -> str:
        return decimal(_per_account(self.mean.users, self.mean)) if self.mean else "–"

    @property
    def share(self) -> int | None:
        """The percentage of the similar accounts that uses it."""
        if self.mean is None:
            return None
        return int(divide_half_up(100 * self.mean.accounts, self.mean.active))

    @property
    def against(self) -> Change | None:
        """The uses against the mean, in percent."""
        usual = self.mean and _per_account(self.mean.uses, self.mean)
        if not usual:
            return None
        percent = int(divide_half_up(100 * (self.uses * SCALE - usual), usual))
        if not percent:
            return Change("", "same", None)
        sign = "+" if percent > 0 else "−"
        text = _("%(n)s %%") % {"n": f"{sign}{abs(percent)}"}
        return Change(text, "up" if percent > 0 else "down", percent > 0)


@dataclass(frozen=True, slots=True)
class UsagePart:
    """`compared` names the similar accounts, empty where there are too few."""

    kind: Kind
    days: str
    users: Sequence[UserSeen]
    lines: Sequence[FeatureLine]
    compared: str
    sampled: bool
    kinds: Sequence[dict[str, Any]]
    periods: Sequence[dict[str, Any]]
    users_query: str
    features_query: str
    choice: Choice


def read_usage(account: Account, choice: Choice, scorecard: Scorecard | None) -> UsagePart:
    """`scorecard` is the account's primary one: what is similar is scored by it, too."""
    found = users_and_features(
        account_id=account.pk,
        days=choice.days,
        as_of=choice.as_of,
        kind=choice.users,
        limit=FEW,
    )
    size, means = _similar(scorecard, choice) if scorecard else (0, {})
    return UsagePart(
        kind=choice.users,
        days=days_text(choice.days),
        users=found.users,
        lines=_lines(found.features, means),
        compared=scorecard.name if scorecard and means else "",
        sampled=size > SAMPLE,
        kinds=_kinds(choice, found),
        periods=[
            {"label": days_text(n), "url": choice.query(days=n), "current": n == choice.days}
            for n in USAGE_DAYS
        ],
        users_query=urlencode(
            choice.usage_query | ({} if choice.users == "top" else {"kind": choice.users})
        ),
        features_query=urlencode(choice.usage_query),
        choice=choice,
    )


def _similar(scorecard: Scorecard, choice: Choice) -> tuple[int, Means]:
    """How many there are, and what they do on average; nothing where too few use the product."""

    def made() -> tuple[int, Means]:
        group = of_scorecard(scorecard)
        ids = group.sample.ids.tolist()
        means = feature_means(account_ids=ids, days=choice.days, as_of=choice.as_of)
        few = any(mean.active < FEWEST for mean in means.values())
        return len(group), {} if few else means

    name = f"usage:means:{scorecard.pk}:{choice.days}:{choice.as_of}"
    return kept(name, made, seconds=KEPT_SECONDS, slow=0)


def _lines(features: Sequence[FeatureSeen], means: Means) -> list[FeatureLine]:
    """The most used; then what is no longer used here, or never, though others do."""
    known = {feature.key for feature in features}
    used = [feature for feature in features if feature.uses]
    missing = [
        FeatureLine(one.key, one.name, one, means.get(one.key)) for one in features if not one.uses
    ]
    missing += [
        FeatureLine(key, mean.name, None, mean)
        for key, mean in means.items()
        if key not in known and 100 * mean.accounts >= USUAL_SHARE * mean.active
    ]
    missing.sort(key=lambda line: (not line.no_longer, -(line.share or 0), line.key))
    first = used[: FEW if missing else FEW + 1]
    lines = [FeatureLine(one.key, one.name, one, means.get(one.key)) for one in first]
    return [*lines, *missing[:FEW_UNUSED]]


def _kinds(choice: Choice, found: AtAccount) -> list[dict[str, Any]]:
    names = {"top": _("Active"), "new": _("New"), "lost": _("Lost")}
    return [
        {
            "label": names[kind],
            "count": found.counts[kind],
            "url": choice.query(users=kind),
            "current": kind == choice.users,
        }
        for kind in get_args(Kind)
    ]


def _per_account(total: int, mean: Mean) -> int:
    return int(divide_half_up(total * SCALE, mean.active))
