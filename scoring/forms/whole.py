"""The scorecard as a whole, and a group of it, as slots to type into."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from scoring.drafts import Document, Node
from scoring.forms.choices import ROLLUPS
from scoring.forms.rows import Rows
from scoring.forms.sheet import (
    Sheet,
    make_sheet,
    plain_text,
    posted_sheet,
    typed_list,
    typed_number,
    typed_plain,
)

IN_PLACE = "-"
POINTS = {"poor": 0, "average": 60, "good": 100}
NUMBERS = {"rank": 1, "min_coverage": 50, "trend_days": 30, "confirm": 1}
CARD_SLOTS = ("name", "scheme", "rollup", *POINTS, *NUMBERS, "stages", "other_stages", "segments")
CARD_ROWS = {"attribute": ("name", "values")}
GROUP_SLOTS = ("name", "key", "weight", "rollup", *POINTS, "help", "parent")
POINT_PATHS = {f"points.{name}": name for name in POINTS}
CARD_PATHS = {
    **POINT_PATHS,
    "applies_to.stage": "stages",
    "applies_to.segment": "segments",
    "bands": "scheme",
}


def posted_card(data: QueryDict) -> Sheet:
    return posted_sheet(CARD_SLOTS, data, CARD_ROWS)


def card_sheet(document: Document) -> Sheet:
    applies = document.get("applies_to") or {}
    values: dict[str, Any] = NUMBERS | {
        name: document[name] for name in NUMBERS if name in document
    }
    values |= {"name": document["name"], **_rollup_values(document)}
    values |= {"scheme": IN_PLACE if document.get("bands") else document.get("scheme") or "ryg"}
    values |= {"stages": applies.get("stage", []), "segments": applies.get("segment", [])}
    wanted: Mapping[str, list[Any]] = applies.get("attributes") or {}
    rows = [
        {"name": name, "values": ", ".join(map(plain_text, choices))}
        for name, choices in wanted.items()
    ]
    return make_sheet(
        CARD_SLOTS, values, {"attribute": Rows.of("attribute", ("name", "values"), rows)}
    )


def card_fields(sheet: Sheet) -> dict[str, Any]:
    """As drafts.set_fields takes them: None takes a field out."""
    stages = dict.fromkeys(
        typed_list(sheet.text("stages")) + typed_list(sheet.text("other_stages"))
    )
    attributes = {
        row["name"].value.strip(): [typed_plain(text) for text in typed_list(row["values"].value)]
        for row in sheet.rows["attribute"].filled
    }
    applies: Node = {"stage": list(stages), "segment": typed_list(sheet.text("segments"))}
    applies = {name: keys for name, keys in applies.items() if keys}
    applies |= {"attributes": attributes} if attributes else {}
    scheme = sheet.text("scheme")
    kept = scheme in ("", IN_PLACE)
    return {
        "name": sheet.text("name"),
        "applies_to": applies or None,
        **_rollup_fields(sheet),
        **{name: sheet.number(name).get(name) for name in NUMBERS},
        **({} if kept else {"scheme": scheme, "bands": None}),
    }


def place_card(sheet: Sheet, problems: Mapping[str, list[str]]) -> None:
    """Only what is about the scorecard itself."""
    own = {}
    for path, messages in problems.items():
        if path.startswith("applies_to.attributes"):
            sheet.rows["attribute"].errors += messages
        elif not path.startswith(("groups[", "exceptions")):
            own[path] = messages
    sheet.place(own, slots=CARD_PATHS, rows={})


def posted_group(data: QueryDict) -> Sheet:
    return posted_sheet(GROUP_SLOTS, data, {})


def group_sheet(group: Node, parent: str) -> Sheet:
    values = {name: group.get(name, "") for name in ("name", "key", "weight", "help")}
    return make_sheet(GROUP_SLOTS, values | _rollup_values(group) | {"parent": parent})


def group_fields(sheet: Sheet) -> Node:
    """Without its key and what it holds."""
    return {
        "name": sheet.text("name"),
        "weight": typed_number(sheet.text("weight", "1")),
        "help": sheet.text("help") or None,
        **_rollup_fields(sheet),
    }


def place_group(sheet: Sheet, problems: Mapping[str, list[str]]) -> None:
    own = {path: problems[path] for path in problems if not path.startswith(("metrics", "groups"))}
    sheet.place(own, slots=POINT_PATHS, rows={})


def _rollup_values(node: Node) -> Node:
    return {"rollup": node.get("rollup", "weighted_mean"), **(POINTS | (node.get("points") or {}))}


def _rollup_fields(sheet: Sheet) -> Node:
    rollup = sheet.chosen("rollup", [key for key, _text in ROLLUPS], "weighted_mean")
    points = {name: typed for key in POINTS for name, typed in sheet.number(key).items()}
    usual = rollup == "weighted_mean"
    return {
        "rollup": None if usual else rollup,
        "points": points or None if rollup == "conditions" else None,
    }
