"""The table of features: of one account, or of a group, against what is usual elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.spreadsheets import csv_text
from accounts.tenancy import scope
from scoring.engine.fixed import HUNDRED, SCALE, divide_half_up, to_decimal_string
from scoring.explorer.features import Usual, Usuals, usuals
from scoring.explorer.groups import Group
from scoring.explorer.period import Dated
from scoring.explorer.texts import Change, decimal
from usage.features import Active, FeatureUse, active, feature_leaderboard
from usage.leaderboards import BEGINNING, Place

PAGE = 50
BATCH = 200
ORDER = "uses"
COLUMNS = (
    "feature",
    "name",
    "uses",
    "uses_before",
    "users",
    "accounts",
    "share_percent",
    "uses_per_account",
    "mean_elsewhere",
    "share_elsewhere_percent",
    "last_used_on",
)


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """`share` in percent: of an account's active users those who use it, of a group's active
    accounts those that do. `mean` is per active account. What is told of a sample is scaled up,
    `estimated`."""

    use: FeatureUse
    share: int
    mean: int
    usual: Usual | None
    scale: float
    bar: float
    url: str

    @property
    def uses(self) -> str:
        return self._counted(self.use.uses)

    @property
    def users(self) -> str:
        return self._counted(self.use.users)

    @property
    def accounts(self) -> str:
        return self._counted(self.use.accounts)

    @property
    def before(self) -> str:
        return self._counted(self.use.uses_before)

    def _counted(self, number: int) -> str:
        text = number_format(round(number * self.scale), force_grouping=True)
        return text if self.scale == 1 else f"≈\N{NO-BREAK SPACE}{text}"

    @property
    def change(self) -> Change:
        """Of the uses, against as many days before, in percent; without any before it is new."""
        now, before = self.use.uses, self.use.uses_before
        size = int(divide_half_up(100 * abs(now - before), max(before, 1)))
        if not size:
            return Change("", "same", None)
        css = "up" if now > before else "down"
        if not before:
            return Change(_("new"), css, True)
        return Change(f"{'+' if now > before else '−'}{number_format(size)} %", css, now > before)

    @property
    def mean_text(self) -> str:
        return decimal(self.mean)

    @property
    def usual_text(self) -> str:
        return decimal(self.usual.mean) if self.usual else "–"

    @property
    def against(self) -> Change | None:
        """How the mean stands to what is usual."""
        if self.usual is None:
            return None
        apart = self.mean - self.usual.mean
        size = decimal(abs(apart))
        if not size.strip("0.,"):
            return Change("", "same", None)
        text = f"{'+' if apart > 0 else '−'}{size}"
        return Change(text, "up" if apart > 0 else "down", apart > 0)


@dataclass(frozen=True, slots=True)
class Features:
    rows: list[FeatureRow]
    active: Active
    first_url: str
    following: Place | None
    estimated: bool
    compared: bool


def read_features(
    dated: Dated, group: Group, against: Group | None, *, after: Place, size: int = PAGE
) -> Features:
    few = group.sample
    ids, days, as_of = few.ids.tolist(), dated.days, dated.last
    found = feature_leaderboard(
        account_ids=ids, days=days, as_of=as_of, limit=size + 1, after=after
    )
    shown = found[:size]
    keys = [use.key for use in shown]
    who = active(account_ids=ids, days=days, as_of=as_of)
    usual = usuals(against, days=days, as_of=as_of, keys=keys) if against and keys else None
    most = max((use.uses for use in shown), default=0)
    return Features(
        rows=[_row(dated, use, group, who, usual, most) for use in shown],
        active=who,
        first_url=dated.url() if after != BEGINNING else "",
        following=(shown[-1].uses, shown[-1].key) if len(found) > size else None,
        estimated=group.sampled,
        compared=usual is not None and usual.accounts > 0,
    )


def _row(
    dated: Dated, use: FeatureUse, group: Group, who: Active, usual: Usuals | None, most: int
) -> FeatureRow:
    alone = len(group) == 1
    part, of = (use.users, who.users) if alone else (use.accounts, who.accounts)
    return FeatureRow(
        use=use,
        share=int(divide_half_up(part * HUNDRED, max(of, 1))),
        mean=int(divide_half_up(use.uses * SCALE, max(who.accounts, 1))),
        usual=usual.of(use.key) if usual else None,
        scale=len(group) / len(group.sample) if group.sampled else 1,
        bar=round(100 * use.uses / most, 1) if most else 0,
        url=dated.url(measure="feature_uses", feature=use.key, sort=[]),
    )


def features_lines(
    dated: Dated, group: Group, against: Group | None, workspace_id: int
) -> Iterator[str]:
    """The answer is sent after the request's scope has closed, so each batch opens its own."""
    head = csv_text([], COLUMNS)
    yield head
    after: Place | None = BEGINNING
    while after is not None:
        with scope(workspace_id):
            found = read_features(dated, group, against, after=after, size=BATCH)
        yield csv_text(map(_cells, found.rows), COLUMNS).removeprefix(head)
        after = found.following


def _cells(row: FeatureRow) -> dict[str, str | int | float | date | None]:
    use = row.use
    numbers = (use.uses, use.uses_before, use.users, use.accounts)
    scaled = [round(number * row.scale) for number in numbers]
    usual = row.usual
    values = (
        use.key,
        use.name,
        *scaled,
        to_decimal_string(row.share),
        to_decimal_string(row.mean),
        to_decimal_string(usual.mean) if usual else None,
        to_decimal_string(usual.share) if usual else None,
        use.last_used_on,
    )
    return dict(zip(COLUMNS, values, strict=True))
