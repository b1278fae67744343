"""The middle of the builder: one editor for the whole, a group, a metric or the exceptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Workspace
from scoring import drafts
from scoring.drafts import Document, Place
from scoring.engine.status import BY_KEY
from scoring.forms import choices
from scoring.forms.exceptions import (
    ExceptionSheet,
    exception_sheets,
    place_exceptions,
)
from scoring.forms.metric_sheet import (
    chosen_grade,
    chosen_source,
    hidden_pairs,
    metric_sheet,
    place_metric,
    shown_rows,
    shown_slots,
)
from scoring.forms.rows import Row, Rows
from scoring.forms.sheet import Sheet
from scoring.forms.whole import IN_PLACE, card_sheet, group_sheet, place_card, place_group
from scoring.metric_texts import metric_sentence
from scoring.models import Scorecard
from scoring.pages import options
from scoring.pages.draft import TreeRow
from scoring.pages.metric import note_metric, seen_values
from scoring.sentences import STATUSES
from scoring.services.drafts import problems_of

MOST_EXTRA_ROWS = 2
METRIC, GROUP, CARD, EXCEPTIONS = "metric", "group", "card", "exceptions"


@dataclass(frozen=True)
class Draft:
    """What is being edited, by whom and when."""

    workspace: Workspace
    scorecard: Scorecard
    document: Document
    moment: datetime


@dataclass
class Editor:
    """`at` is the row of the tree that it belongs to; `found` are messages by the id of their field."""

    kind: str
    at: str
    title: str
    context: dict[str, Any]
    found: list[tuple[str, list[str], list[str]]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.others and not any(problems for _id, problems, _notes in self.found)

    @property
    def template(self) -> str:
        return f"scoring/settings/builder/{self.kind}.html"


def metric_editor(
    draft: Draft, place: Place, row: TreeRow | None, sheet: Sheet | None = None
) -> Editor:
    metric, group = place.node, place.group or {}
    sheet = sheet or metric_sheet(metric, group.get("key", ""))
    place_metric(sheet, drafts.below(problems_of(draft.document), place.path))
    stages = options.stages()
    note_metric(sheet, metric, stages)
    seen = seen_values(
        workspace=draft.workspace,
        scorecard=draft.scorecard,
        document=draft.document,
        metric=metric,
        moment=draft.moment,
    )
    source = chosen_source(sheet)
    context = {
        "sheet": sheet,
        "node": metric,
        "row": row,
        "group": group,
        "sentence": metric_sentence(metric),
        "seen": seen,
        "source": source,
        "grade": chosen_grade(sheet),
        "shown": shown_slots(sheet),
        "shown_rows": shown_rows(sheet),
        "hidden": hidden_pairs(sheet),
        "groups": options.groups(draft.document),
        "stages": stages,
        "steps": sheet.rows["step"].with_spare(),
        "levels": sheet.rows["level"].with_spare(),
        "cases": sheet.rows["case"].with_spare(),
        "unless": unless_rows(sheet),
        **_metric_choices(draft, sheet, source),
    }
    editor = Editor(METRIC, f"metrics-{metric['key']}", str(metric["name"]), context)
    return _told(editor, [sheet])


def unless_rows(sheet: Sheet) -> list[Row]:
    """And an empty one to fill."""
    rows = sheet.rows["unless"]
    shown = Rows(rows.prefix, rows.columns)
    for row in rows.rows:
        if row["attribute"].value.strip():
            shown.rows.append(row)
    shown.add({"op": "eq"})
    return shown.rows


def _metric_choices(draft: Draft, sheet: Sheet, source: str) -> dict[str, Any]:
    return {
        "sources": [(key, *choices.SOURCE_TEXTS[key]) for key in choices.sources()],
        "grades": [(key, *choices.GRADE_TEXTS[key]) for key in choices.grades_of(source)],
        "measures": choices.measure_choices(),
        "of_choices": choices.OF_TEXTS,
        "frequencies": choices.frequency_choices(
            draft.workspace.frequency_limits, sheet.text("window_days")
        ),
        "distances": choices.DISTANCES,
        "ops": choices.OPS,
        "all_ops": [*choices.OPS, ("in", _("is one of"))],
        "by_choices": choices.BY_TEXTS,
        "lost": choices.LOST,
        "stale": choices.STALE,
        "features": options.features(),
        "attributes": options.attributes(),
        "scorecards": options.other_scorecards(draft.scorecard, sheet.text("scorecard")),
    }


def new_metric_editor(draft: Draft, sheet: Sheet, group: str) -> Editor:
    """A name and where the value comes from; the rest follows."""
    chosen = sheet.text("group") or group
    context = {
        "sheet": sheet,
        "groups": options.groups(draft.document),
        "group_key": chosen,
        "sources": [(key, *choices.SOURCE_TEXTS[key]) for key in choices.sources()],
        "source": chosen_source(sheet),
    }
    at = f"groups-{chosen}" if chosen else ""
    return _told(Editor("new_metric", at, _("New metric"), context), [sheet])


def new_group_editor(draft: Draft, sheet: Sheet, parent: str) -> Editor:
    chosen = sheet.text("parent") or parent
    context = {"sheet": sheet, "parents": options.groups(draft.document), "group_key": chosen}
    at = f"groups-{chosen}" if chosen else ""
    return _told(Editor("new_group", at, _("New group"), context), [sheet])


def group_editor(
    draft: Draft, place: Place, row: TreeRow | None, sheet: Sheet | None = None
) -> Editor:
    group, parent = place.node, (place.group or {}).get("key", "")
    sheet = sheet or group_sheet(group, parent)
    place_group(sheet, drafts.below(problems_of(draft.document), place.path))
    context = {
        "sheet": sheet,
        "node": group,
        "row": row,
        "parents": options.groups(draft.document, without=group["key"]),
        "rollups": choices.ROLLUPS,
        "held": len(list(drafts.metrics_of({"groups": [group]}))),
    }
    return _told(Editor(GROUP, f"groups-{group['key']}", str(group["name"]), context), [sheet])


def card_editor(
    draft: Draft, schemes: choices.Choices, segments: choices.Choices, sheet: Sheet | None = None
) -> Editor:
    document = draft.document
    sheet = sheet or card_sheet(document)
    place_card(sheet, {p.path: [p.message] for p in problems_of(document)})
    own: choices.Choices = [(IN_PLACE, _("Bands of its own"))] if document.get("bands") else []
    chosen = sheet.slots["segments"].values
    known = {key for key, _name in segments}
    context = {
        "sheet": sheet,
        "rollups": choices.ROLLUPS,
        "schemes": [*own, *schemes],
        "stages": options.stages(sheet.slots["stages"].values),
        "segments": [*segments, *((key, key) for key in chosen if key not in known)],
        "attributes": options.attributes(),
        "wanted": sheet.rows["attribute"].with_spare(),
        "exceptions": document.get("exceptions", []),
    }
    return _told(Editor(CARD, CARD, str(document["name"]), context), [sheet])


def exceptions_editor(draft: Draft, sheets: Sequence[ExceptionSheet] | None = None) -> Editor:
    document = draft.document
    sheets = exception_sheets(document.get("exceptions", [])) if sheets is None else sheets
    place_exceptions(sheets, drafts.below(problems_of(document), "exceptions"))
    chosen = [row["subject"].value for sheet in sheets for row in sheet.conditions.filled]
    bands = options.bands_of(document)
    context = {
        "sheets": sheets,
        "effects": choices.EFFECTS,
        "ops": [*choices.OPS, ("in", _("is one of"))],
        "subjects": options.subjects(document, chosen),
        "objects": [("value", _("value")), ("band", _("band")), ("status", _("status"))],
        "bands": [(band.key, band.label) for band in bands],
        "statuses": [(key, STATUSES[key]) for key in BY_KEY if key in STATUSES],
    }
    return _told(Editor(EXCEPTIONS, EXCEPTIONS, _("Exceptions"), context), sheets)


def _told(editor: Editor, sheets: Sequence[Sheet | ExceptionSheet]) -> Editor:
    """Every message with the id of the field beside which it stands."""
    for sheet in sheets:
        editor.others += sheet.others
        slots: Mapping[str, Any] = sheet.slots
        for slot in slots.values():
            if slot.problems or slot.notes:
                editor.found.append((slot.id, slot.problems, slot.notes))
        every = sheet.rows.values() if isinstance(sheet, Sheet) else [sheet.conditions]
        for rows in every:
            if rows.errors:
                editor.found.append((f"{rows.prefix}-rows", rows.errors, []))
            for row in rows.rows:
                for cell in row.cells.values():
                    if cell.error or cell.note:
                        notes = [cell.note] if cell.note else []
                        editor.found.append((cell.id, [cell.error] if cell.error else [], notes))
    return editor
