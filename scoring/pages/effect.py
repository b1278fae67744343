"""The panel of the builder: what the draft would do, to the accounts by band and to a chosen few."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Account
from scoring import drafts
from scoring.bands import UNKNOWN, BandLook
from scoring.drafts import Document
from scoring.engine.fixed import SCALE
from scoring.forms.problems import in_words
from scoring.models import Health
from scoring.pages.editors import Draft
from scoring.sentences import signed
from scoring.services.preview import Chosen, Distribution, SeenMetric, chosen, distribution

SAMPLE = 2000
USUAL, MOST, HITS = 4, 12, 6


@dataclass(frozen=True)
class Watched:
    """`metric`: of the one that is being edited, under the draft."""

    account: Account
    seen: Chosen | None = None
    metric: SeenMetric | None = None


@dataclass(frozen=True)
class Count:
    """Accounts in a band, published and by the draft."""

    band: BandLook
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before

    @property
    def change_text(self) -> str:
        return signed(self.change * SCALE)


@dataclass(frozen=True)
class Effect:
    """`watched` is the name of the metric that is being edited."""

    rows: list[Watched]
    spread: Distribution | None = None
    refused: str = ""
    watched: str = ""
    find: str = ""
    hits: list[Account] = field(default_factory=list)

    @property
    def counts(self) -> list[Count]:
        """Bands of both sides, by their keys: another scheme may have others."""
        if self.spread is None or self.spread.published is None:
            return []
        before = {row["band"].key: row for row in self.spread.published.rows}
        after = {row["band"].key: row for row in self.spread.draft.rows}
        unknown = {key: row for key, row in after.items() if key == UNKNOWN.key}
        every = {key: row for key, row in (after | before).items() if key not in unknown}
        return [
            Count(
                band=row["band"],
                before=before[key]["count"] if key in before else 0,
                after=after[key]["count"] if key in after else 0,
            )
            for key, row in (every | unknown).items()
        ]


def usual_accounts(document: Document) -> list[str]:
    """Of those in its stages: the one of most value in each band, then those of most value."""
    accounts = Account.objects.order_by("-contract_value_cents", "key")
    stages = (document.get("applies_to") or {}).get("stage")
    rows = list((accounts.filter(stage__in=stages) if stages else accounts)[:200])
    bands = dict(
        Health.objects.filter(account_id__in=[account.pk for account in rows]).values_list(
            "account_id", "band_key"
        )
    )
    first = {bands.get(account.pk, ""): account.key for account in reversed(rows)}
    keys = [account.key for account in rows]
    return list(dict.fromkeys([*sorted(first.values(), key=keys.index), *keys]))[:USUAL]


def watched_accounts(keys: Sequence[str]) -> list[Account]:
    """In their order; those that are gone are left out."""
    found = {account.key: account for account in Account.objects.filter(key__in=keys[:MOST])}
    return [found[key] for key in keys[:MOST] if key in found]


def found_accounts(find: str, without: Sequence[str]) -> list[Account]:
    found = Account.objects.filter(name__icontains=find).exclude(key__in=without)
    return list(found.order_by("name")[:HITS])


def metric_name(draft: Draft, key: str) -> str:
    places = drafts.metrics_of(draft.document)
    return next((str(p.node["name"]) for p in places if p.node["key"] == key), "")


def metric_of(each: Chosen, key: str) -> SeenMetric | None:
    metrics = each.after.metrics if each.after else ()
    return next((metric for metric in metrics if metric.key == key), None)


def refusal(error: InvalidInput) -> str:
    problems = error.problems
    if len(problems) == 1 and not problems[0].path.startswith(("groups[", "exceptions[")):
        return in_words(problems[0].message)
    return _("The draft can be worked out once what is marked is mended.")


def read_effect(draft: Draft, *, keys: Sequence[str], at: str, find: str) -> Effect:
    accounts = watched_accounts(keys)
    hits = found_accounts(find, [account.key for account in accounts]) if find else []
    kind, _dash, metric_key = at.partition("-")
    metric_key = metric_key if kind == "metrics" else ""
    name = metric_name(draft, metric_key)
    try:
        spread = distribution(
            workspace=draft.workspace, document=draft.document, moment=draft.moment, sample=SAMPLE
        )
        seen = chosen(
            workspace=draft.workspace,
            document=draft.document,
            accounts=accounts,
            moment=draft.moment,
            metrics=bool(metric_key),
        )
    except InvalidInput as error:
        rows = [Watched(account) for account in accounts]
        return Effect(rows, refused=refusal(error), watched=name, find=find, hits=hits)
    rows = [Watched(each.account, each, metric_of(each, metric_key)) for each in seen]
    return Effect(rows, spread, watched=name, find=find, hits=hits)
