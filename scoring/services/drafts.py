"""A scorecard's draft: kept until it is published or discarded; equal to what is published, it is none."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import User
from scoring.drafts import Document, metrics_of
from scoring.engine.card import Scorecard as Card
from scoring.engine.document import export
from scoring.engine.fields import LONGEST_NAME
from scoring.models import RunKind, Scorecard, ScorecardVersion
from scoring.services.configuration import (
    publish_scorecard,
    switch_scorecard,
    validate_document,
)
from scoring.services.runs import start_run
from scoring.versions import published_document

LARGEST_RANK = 1_000_000
Change = Callable[[Document], Document]


@dataclass(frozen=True)
class Seen:
    """What a person looked at before they publish: the fingerprint of the draft, and the number of
    the version that it replaces, empty for none."""

    draft: str
    replaces: str


def fingerprint(document: Document) -> str:
    text = json.dumps(document, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def outdated(scorecard: Scorecard) -> bool:
    """Whether another version was published since the draft was begun."""
    version = scorecard.current_version
    begun_with_another = version is not None and version.number != scorecard.draft_from
    return scorecard.draft is not None and begun_with_another


def _held(scorecard: Scorecard) -> Scorecard:
    """Locked, as it is now."""
    held: Scorecard = (
        Scorecard.objects.select_for_update(of=("self",))
        .select_related("current_version")
        .get(pk=scorecard.pk)
    )
    return held


def document_of(scorecard: Scorecard) -> Document:
    """What is being edited: the draft, else what is published."""
    if scorecard.draft is not None:
        return dict(scorecard.draft)
    return published_document(scorecard)


def problems_of(document: object) -> list[Problem]:
    try:
        validate_document(document)
    except InvalidInput as error:
        return error.problems
    return []


def canonical(document: Document) -> Document:
    """As an export writes it; unchanged where it is not valid yet."""
    try:
        return export(validate_document(document))
    except InvalidInput:
        return document


def without_defaults(document: Document) -> Document:
    """The first place is left out, as an export does it, even where the rest is not sound yet."""
    return {name: value for name, value in document.items() if (name, value) != ("rank", 1)}


def create_scorecard(*, key: str, name: str, document: Document) -> Scorecard:
    """A scorecard that is a draft only; it counts once it is published.

    Without a rank it comes last: a new scorecard is nobody's primary one by accident.
    """
    if Scorecard.objects.filter(key=key).exists():
        raise InvalidInput.at("key", _("There is a scorecard with this key already."))
    last = Scorecard.objects.kept().aggregate(last=Max("rank"))["last"] or 0
    rank = document.get("rank", last + 1)
    placed = {"key": key, "name": name, "rank": rank}
    draft = canonical(without_defaults({**document, **placed}))
    created: Scorecard = Scorecard.objects.create(key=key, name=name, rank=rank, draft=draft)
    return created


@transaction.atomic
def change_draft(*, scorecard: Scorecard, change: Change, whole: bool = False) -> Scorecard:
    """Apply one change; two people who edit at once wait for each other instead of losing one.

    A draft that is replaced as a `whole` begins anew with what is published now.
    """
    held = _held(scorecard)
    document = canonical({**change(document_of(held)), "key": held.key})
    published = published_document(held) if held.current_version else None
    if held.draft is None or whole:
        held.draft_from = held.current_version.number if held.current_version else None
    held.draft = None if document == published else document
    fields = ["draft", "draft_from"]
    if held.current_version is None:
        _list_as(held, document)
        fields += ["name", "rank"]
    held.save(update_fields=fields)
    return held


def _list_as(scorecard: Scorecard, document: Document) -> None:
    """By the draft's name and place, as far as a list can show what was typed."""
    name, rank = document["name"], document.get("rank", 1)
    if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME:
        scorecard.name = name
    if isinstance(rank, int) and 0 <= rank <= LARGEST_RANK:
        scorecard.rank = rank


def replace_draft(*, scorecard: Scorecard, document: Any, beside: Sequence[Card] = ()) -> Scorecard:
    """The draft as a whole, from an import. Raises InvalidInput: nothing unsound comes in."""
    validate_document(document, beside)
    if document["key"] != scorecard.key:
        message = _("The key of this scorecard is “%(key)s” and cannot be changed.")
        raise InvalidInput.at("key", message % {"key": scorecard.key})
    return change_draft(scorecard=scorecard, change=lambda _before: document, whole=True)


def restore_version(*, scorecard: Scorecard, version: ScorecardVersion) -> Scorecard:
    """Its place in the order stays."""
    document = {**version.document, "rank": scorecard.rank}
    return change_draft(scorecard=scorecard, change=lambda _before: document, whole=True)


def discard_draft(*, scorecard: Scorecard) -> None:
    """Back to what is published; a scorecard that never was is gone with its draft."""
    if scorecard.current_version is None:
        # Nothing can depend on it yet, and what is append-only may not even be asked to cascade.
        Scorecard.objects.filter(pk=scorecard.pk)._raw_delete(using=DEFAULT_DB_ALIAS)
        scorecard.pk = None
        return
    scorecard.draft = None
    scorecard.save(update_fields=["draft"])


@transaction.atomic
def publish_draft(
    *,
    scorecard: Scorecard,
    note: str,
    by: User,
    today: date,
    moment: datetime,
    seen: Seen | None = None,
) -> ScorecardVersion:
    """Publishes and has every account scored again; beat finds the run a moment later.

    Raises InvalidInput where what was `seen` before is not what would be published, or replaced.
    """
    held = _held(scorecard)
    document = document_of(held)
    if seen is not None:
        _refuse_unseen(held, document, seen)
    if not any(metrics_of(document)):
        raise InvalidInput.at("groups", _("Add a metric first: there is nothing to score yet."))
    version = publish_scorecard(document=document, by=by, moment=moment, note=note)
    Scorecard.objects.filter(pk=scorecard.pk).update(draft=None)
    start_run(kind=RunKind.REQUEST, first=today, last=today)
    return version


def _refuse_unseen(held: Scorecard, document: Document, seen: Seen) -> None:
    number = held.current_version.number if held.current_version else None
    if seen.draft != fingerprint(document):
        raise InvalidInput.at("draft", _("The draft was changed meanwhile. Look at it once more."))
    if seen.replaces != str(number or ""):
        message = _("Version %(number)s was published meanwhile. Look at what it changed first.")
        raise InvalidInput.at("replaces", message % {"number": number})


@transaction.atomic
def switch(*, scorecard: Scorecard, active: bool, today: date) -> None:
    """On or off, and every account scored again: another scorecard may be the primary one now."""
    switch_scorecard(scorecard=scorecard, active=active)
    if scorecard.current_version is not None:
        start_run(kind=RunKind.REQUEST, first=today, last=today)
