"""Documents to begin a scorecard with, from the catalogue that ships."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.drafts import Document

FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True)
class Starter:
    """`key` names the file in the catalogue; the empty one begins from scratch."""

    key: str
    title: str | Promise
    text: str | Promise

    def document(self) -> Document:
        return _read(self.key) if self.key else {"scheme": "ryg", "groups": []}


STARTERS = (
    Starter(
        "customer-health",
        _("Customer health"),
        _("Usage, relationship, support and the contract: a balanced start for most teams."),
    ),
    Starter(
        "classic-usage",
        _("Classic usage"),
        _("Log-ins, users and time in the product over 90 days, out of usage events alone."),
    ),
    Starter("", _("From scratch"), _("An empty scorecard: your own groups and metrics.")),
)


@cache
def _read(key: str) -> Document:
    document: Document = yaml.safe_load((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
    return document


def starter(key: str) -> Starter:
    """Raises KeyError for one that is not in the catalogue."""
    return {found.key: found for found in STARTERS}[key]
