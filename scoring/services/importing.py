"""Documents of configuration come in together, in any order: all of them, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import Account, Segment, User
from scoring.engine.card import Scorecard as Card
from scoring.engine.document import DocumentError, export
from scoring.engine.problems import Problems
from scoring.engine.structure import FAILED, Builder
from scoring.exports import (
    Document,
    SchemeDocument,
    rule_document,
    scheme_document,
    segment_document,
)
from scoring.models import Rule, RunKind, Scheme, Scorecard
from scoring.services.configuration import (
    invalid,
    publish_scorecard,
    save_rule,
    save_scheme,
    sound,
    validate_document,
)
from scoring.services.drafts import canonical, create_scorecard, replace_draft
from scoring.services.drafts import document_of as draft_of
from scoring.services.references import lock_configuration
from scoring.services.runs import start_run
from scoring.services.segments import save_segment
from scoring.versions import published_document

Kind = Literal["scheme", "segment", "scorecard", "rule"]
Action = Literal["created", "changed", "unchanged"]
ORDER: tuple[Kind, ...] = ("scheme", "segment", "scorecard", "rule")
"""Each may name what comes before it."""


@dataclass(frozen=True)
class Imported:
    """What became of a document; `before` is None where it is new. `renewed`: there is another
    version, even if the document says the same, as the bands of its scheme do not."""

    kind: Kind
    key: str
    name: str
    before: Document | None
    after: Document
    renewed: bool = False

    @property
    def action(self) -> Action:
        if self.before is None:
            return "created"
        return "changed" if self.renewed or self.before != self.after else "unchanged"


class Refused(InvalidInput):
    """Problems by the place of their document; nothing was imported."""

    def __init__(self, found: dict[int, list[Problem]]) -> None:
        super().__init__([problem for problems in found.values() for problem in problems])
        self.found = found


@dataclass(frozen=True)
class How:
    """`publish`: scorecards count at once, and every account is scored; else they become drafts."""

    publish: bool
    by: User | None
    today: date
    moment: datetime
    note: str = ""


def kind_of(document: object) -> Kind:
    """A rule is told by its `when`, a scheme or a segment by its `kind`."""
    if isinstance(document, dict):
        if document.get("kind") in ORDER:
            return document["kind"]  # type: ignore[no-any-return]
        if "when" in document:
            return "rule"
    return "scorecard"


@transaction.atomic
def import_documents(*, documents: Sequence[Any], how: How) -> list[Imported]:
    """In the order of the documents. Raises Refused with every problem of every one."""
    lock_configuration()
    done: dict[int, Imported] = {}
    refused = _twice(documents)
    for kind in ORDER:
        beside = sound(map(_unmarked, documents)) if kind == "scorecard" else []
        for place, document in enumerate(documents):
            if kind_of(document) != kind or place in refused:
                continue
            try:
                with transaction.atomic():
                    done[place] = _import(kind, _unmarked(document), beside, how)
            except InvalidInput as error:
                refused[place] = error.problems
    if refused:
        raise Refused(dict(sorted(refused.items())))
    _score(list(done.values()), how)
    return [done[place] for place in range(len(documents))]


def preview_import(*, documents: Sequence[Any], how: How) -> list[Imported]:
    """What an import would do, found out by doing it and taking it back."""
    with transaction.atomic():
        found = import_documents(documents=documents, how=how)
        transaction.set_rollback(True)
    return found


def _twice(documents: Sequence[Any]) -> dict[int, list[Problem]]:
    seen: set[tuple[Kind, str]] = set()
    found = {}
    for place, document in enumerate(documents):
        name = (kind_of(document), str(document.get("key")) if isinstance(document, dict) else "")
        if name in seen and name[1]:
            message = _("Another document has this key, too: “%(key)s”.") % {"key": name[1]}
            found[place] = [Problem("key", message)]
        seen.add(name)
    return found


def _unmarked(document: Any) -> Any:
    """`kind` is known by now; only a scheme keeps it."""
    if isinstance(document, dict) and document.get("kind") in ("segment", "scorecard", "rule"):
        return {name: value for name, value in document.items() if name != "kind"}
    return document


def _import(kind: Kind, document: Any, beside: Sequence[Card], how: How) -> Imported:
    if kind == "scheme":
        return _scheme(document)
    if kind == "segment":
        return _segment(document, how)
    if kind == "rule":
        return _rule(document)
    return _published(document, beside, how) if how.publish else _drafted(document, beside)


def _scheme(document: Any) -> Imported:
    problems = Problems()
    given = Builder(problems, {}).build(document, SchemeDocument, "")
    try:
        problems.raise_if_any()
    except DocumentError as error:
        raise invalid(error.problems) from error
    assert given is not FAILED  # noqa: S101
    old = Scheme.objects.filter(key=given.key).first()
    before = scheme_document(old) if old else None
    bands = msgspec.to_builtins(given.bands)
    saved = save_scheme(key=given.key, name=given.name, bands=bands)
    return Imported("scheme", saved.key, saved.name, before, scheme_document(saved))


def _segment(document: Any, how: How) -> Imported:
    key = document.get("key") if isinstance(document, dict) else None
    old = Segment.objects.filter(key=key).first() if isinstance(key, str) else None
    before = segment_document(old) if old else None
    saved = save_segment(document=document, today=how.today)
    return Imported("segment", saved.key, saved.name, before, segment_document(saved))


def _rule(document: Any) -> Imported:
    key = document.get("key") if isinstance(document, dict) else None
    old = Rule.objects.filter(key=key).first() if isinstance(key, str) else None
    before = rule_document(old) if old else None
    saved = save_rule(document=document)
    return Imported("rule", saved.key, saved.name, before, rule_document(saved))


def _published(document: Any, beside: Sequence[Card], how: How) -> Imported:
    old = _known(document)
    before = published_document(old) if old and old.current_version else None
    if old and old.archived_at:
        Scorecard.objects.filter(pk=old.pk).update(archived_at=None, active=True)
    version = publish_scorecard(
        document=document, by=how.by, moment=how.moment, note=how.note, beside=beside
    )
    new = Scorecard.objects.select_related("current_version").get(pk=version.scorecard_id)
    after = published_document(new)
    if new.draft == after:
        Scorecard.objects.filter(pk=new.pk).update(draft=None)
    renewed = old is None or old.current_version_id != version.pk
    return Imported("scorecard", new.key, new.name, before, after, renewed)


def _drafted(document: Any, beside: Sequence[Card]) -> Imported:
    card = validate_document(document, beside)
    sound_document = export(card)
    old = _known(document)
    if old is None:
        document = {**sound_document, "rank": card.rank}
        new = create_scorecard(key=card.key, name=card.name, document=document)
        return Imported("scorecard", new.key, card.name, None, sound_document)
    before = canonical(draft_of(old))
    Scorecard.objects.filter(pk=old.pk).update(archived_at=None)
    replace_draft(scorecard=old, document=sound_document, beside=beside)
    return Imported("scorecard", old.key, card.name, before, sound_document)


def _known(document: Any) -> Scorecard | None:
    key = document.get("key") if isinstance(document, dict) else None
    if not isinstance(key, str):
        return None
    found: Scorecard | None = (
        Scorecard.objects.select_related("current_version").filter(key=key).first()
    )
    return found


def _score(imported: Sequence[Imported], how: How) -> None:
    """One run for all of them."""
    new = any(done.kind == "scorecard" and done.action != "unchanged" for done in imported)
    if how.publish and new and Account.objects.exists():
        start_run(kind=RunKind.REQUEST, first=how.today, last=how.today)
