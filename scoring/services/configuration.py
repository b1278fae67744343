"""Scorecards, schemes and rules: validated in one place, published as immutable versions."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.errors import Problem as InputProblem
from accounts.models import User
from scoring.engine.card import Scorecard as Card
from scoring.engine.compiled import bands_of
from scoring.engine.document import DocumentError, export, metrics_of, parse
from scoring.engine.problems import Problem
from scoring.engine.rules import export_rule, parse_rule
from scoring.engine.schemes import Band
from scoring.models import Rule, Scheme, Scorecard, ScorecardVersion
from scoring.services.references import (
    lock_configuration,
    reference_problems,
    refuse_while_needed,
)


def custom_schemes() -> dict[str, tuple[Band, ...]]:
    return {
        scheme.key: msgspec.convert(scheme.bands, tuple[Band, ...])
        for scheme in Scheme.objects.all()
    }


def validate_document(document: object, beside: Sequence[Card] = ()) -> Card:
    """Raises InvalidInput with every problem at its path. `beside` is published together with it."""
    try:
        card = parse(document, schemes=custom_schemes().keys())
    except DocumentError as error:
        raise invalid(error.problems) from error
    if problems := reference_problems(card, beside):
        raise invalid(problems)
    return card


def sound(documents: Iterable[object]) -> list[Card]:
    """Those that are scorecards, as far as they say so by themselves."""
    schemes = custom_schemes().keys()
    cards = []
    for document in documents:
        with suppress(DocumentError):
            cards.append(parse(document, schemes=schemes))
    return cards


def publishable(document: object, beside: Sequence[Card] = ()) -> Card:
    """A sound document that measures something. Raises InvalidInput."""
    card = validate_document(document, beside)
    if not any(metrics_of(card.groups)):
        raise InvalidInput.at("groups", _("Add a metric first: there is nothing to score yet."))
    return card


def invalid(problems: Iterable[Problem]) -> InvalidInput:
    return InvalidInput(
        [
            InputProblem(p.path, _(p.template) % dict(p.params) if p.params else _(p.template))
            for p in problems
        ]
    )


@transaction.atomic
def publish_scorecard(
    *,
    document: object,
    by: User | None,
    moment: datetime,
    note: str = "",
    beside: Sequence[Card] = (),
) -> ScorecardVersion:
    """The new version; the current one where the document says nothing new but a rank.

    `beside` are scorecards that are published in the same transaction, before it or after it.
    """
    lock_configuration()
    card = publishable(document, beside)
    exported = export(card)
    bands = [msgspec.to_builtins(band) for band in bands_of(card, custom_schemes())]
    scorecard, _created = Scorecard.objects.get_or_create(
        key=card.key, defaults={"name": card.name, "rank": card.rank}
    )
    scorecard = Scorecard.objects.select_for_update(of=("self",)).get(pk=scorecard.pk)
    scorecard.name, scorecard.rank = card.name, card.rank
    current = scorecard.current_version
    if current and unranked(current.document) == unranked(exported) and current.bands == bands:
        scorecard.save(update_fields=["rank"])
        return current  # type: ignore[no-any-return]
    numbers = ScorecardVersion.objects.filter(scorecard=scorecard).aggregate(last=Max("number"))
    version = ScorecardVersion.objects.create(
        scorecard=scorecard,
        number=(numbers["last"] or 0) + 1,
        document=exported,
        bands=bands,
        note=note,
        published_at=moment,
        published_by=by,
    )
    scorecard.current_version = version
    scorecard.save(update_fields=["current_version", "name", "rank"])
    return version


def unranked(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "rank"}


@transaction.atomic
def switch_scorecard(*, scorecard: Scorecard, active: bool) -> None:
    """Raises InvalidInput where others need its score, or where it needs one that is off."""
    lock_configuration()
    if not active:
        refuse_while_needed(scorecard)
    elif scorecard.current_version is not None:
        validate_document(scorecard.current_version.document)
    scorecard.active = active
    scorecard.save(update_fields=["active"])


def save_rule(*, document: object) -> Rule:
    """Create or replace the rule of this key. Raises InvalidInput."""
    try:
        rule = parse_rule(document)
    except DocumentError as error:
        raise invalid(error.problems) from error
    if rule.scorecard and not Scorecard.objects.filter(key=rule.scorecard).exists():
        raise InvalidInput.at(
            "scorecard", _("There is no scorecard “%(key)s”.") % {"key": rule.scorecard}
        )
    saved, _created = Rule.objects.update_or_create(
        key=rule.key, defaults={"name": rule.name, "document": export_rule(rule)}
    )
    return saved


def switch_rule(*, rule: Rule, active: bool) -> None:
    rule.active = active
    rule.save(update_fields=["active"])


def save_scheme(*, key: str, name: str, bands: list[dict[str, Any]]) -> Scheme:
    """Create or replace a scheme; versions that were published keep the bands they had."""
    probe = {"key": "probe", "name": "probe", "bands": bands, "groups": _PROBE}
    try:
        card = parse(probe)
    except DocumentError as error:
        raise invalid(error.problems) from error
    saved, _created = Scheme.objects.update_or_create(
        key=key, defaults={"name": name, "bands": msgspec.to_builtins(card.bands)}
    )
    return saved


_PROBE = [
    {
        "key": "g",
        "name": "g",
        "weight": 1,
        "metrics": [
            {
                "key": "m",
                "name": "m",
                "weight": 1,
                "source": {"type": "manual"},
                "grade": {"type": "number"},
            }
        ],
    }
]
