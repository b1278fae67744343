"""Documents to begin a scorecard with, from the catalogue that ships."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.documents import read_document
from scoring.drafts import Document, Node, key_for

FOLDER = Path(__file__).parent / "catalogue"
PER_FEATURE = "features"
"""The group of product-adoption.yaml that has a metric for each feature."""
MOST_FEATURES = 6


@dataclass(frozen=True)
class Starter:
    """`key` names the file in the catalogue; the empty one begins from scratch."""

    key: str
    title: str | Promise
    text: str | Promise

    def document(self, features: Sequence[str] = ()) -> Document:
        """`features` are the workspace's own, where it knows any."""
        if not self.key:
            return {"scheme": "ryg", "groups": []}
        document = deepcopy(_read(self.key))
        if features and self.key == "product-adoption":
            _measure_features(document, features[:MOST_FEATURES])
        return document


STARTERS = (
    Starter(
        "customer-health",
        gettext_lazy("Customer health"),
        gettext_lazy("Usage, relationship, support and contract: a balanced start for most teams."),
    ),
    Starter(
        "onboarding",
        gettext_lazy("Onboarding"),
        gettext_lazy(
            "Milestones from the kick-off to the first value, for accounts in that stage."
        ),
    ),
    Starter(
        "product-adoption",
        gettext_lazy("Product adoption"),
        gettext_lazy("Feature by feature, how much of the product is used, and by how many."),
    ),
    Starter(
        "reference-ability",
        gettext_lazy("Reference-ability"),
        gettext_lazy("Who would speak for us, about what, and whom not to ask now."),
    ),
    Starter(
        "classic-usage",
        gettext_lazy("Classic usage"),
        gettext_lazy("The classic five: log-ins, users, active days, time, features, in 90 days."),
    ),
    Starter(
        "",
        gettext_lazy("From scratch"),
        gettext_lazy("An empty scorecard, for your own groups and metrics."),
    ),
)


@cache
def _read(key: str) -> Document:
    document: Document = read_document((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
    return document


def starter(key: str) -> Starter:
    """Raises KeyError for one that is not in the catalogue."""
    return {found.key: found for found in STARTERS}[key]


def _measure_features(document: Document, features: Sequence[str]) -> None:
    """In place of the examples; help texts of an example stay with the feature that has its name."""
    group = next(group for group in document["groups"] if group["key"] == PER_FEATURE)
    known = {metric["key"]: metric for metric in group["metrics"]}
    taken = {
        m["key"] for other in document["groups"] if other is not group for m in other["metrics"]
    }
    metrics: list[Node] = []
    for feature in features:
        found = known.get(feature) or _metric(feature, key_for(feature, taken))
        taken.add(found["key"])
        metrics.append(found)
    group["metrics"] = metrics


def _metric(feature: str, key: str) -> Node:
    named = {"feature": feature}
    return {
        "key": key,
        "name": capfirst(feature.replace("_", " ")),
        "weight": 2,
        "source": {"type": "usage", "measure": "feature_uses", "features": [feature]},
        "grade": {"type": "linear", "worst": 0, "best": 30},
        "help": {
            "what": _("How often anybody at the account used “%(feature)s” in the last 30 days.")
            % named,
            "graded": _("From never (0) to 30 times (100), straight between."),
        },
    }
