"""The ordered exceptions of a draft as slots to type into, and back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from scoring.drafts import Node
from scoring.engine.status import BY_KEY
from scoring.forms.choices import EFFECTS, OPS
from scoring.forms.problems import in_words
from scoring.forms.rows import Row, Rows
from scoring.forms.sheet import (
    Slot,
    cleaned,
    make_sheet,
    plain_text,
    typed_list,
    typed_number,
    typed_plain,
)

COLUMNS = ("subject", "op", "against", "object")
SUBJECTS = ("metric", "group", "attribute")
OBJECTS = ("value", "band", "status")
COLUMN_OF = dict.fromkeys(SUBJECTS, "subject") | dict.fromkeys(OBJECTS, "object") | {"op": "op"}
STATUSES = tuple(BY_KEY)
MOST = 100


@dataclass
class ExceptionSheet:
    """One exception; `at` is its place."""

    at: int
    slots: dict[str, Slot]
    conditions: Rows
    others: list[str] = field(default_factory=list)

    @property
    def place(self) -> int:
        return self.at + 1

    @property
    def rows_id(self) -> str:
        return f"{self.conditions.prefix}-rows"

    @property
    def shown_conditions(self) -> list[Row]:
        """And an empty one to fill."""
        fresh = Rows(self.conditions.prefix, COLUMNS, list(self.conditions.filled))
        if all(row["subject"].value for row in fresh.rows):
            fresh.add({})
        return fresh.rows

    @property
    def sound(self) -> bool:
        slots = not any(slot.problems for slot in self.slots.values())
        return slots and self.conditions.valid and not self.others


def exception_sheets(rules: Collection[Node]) -> list[ExceptionSheet]:
    return [_sheet(at, rule) for at, rule in enumerate(rules)]


def _sheet(at: int, rule: Node) -> ExceptionSheet:
    effect = rule.get("effect", "cap")
    values = {"name": rule.get("name", ""), "effect": effect}
    values["amount"] = rule.get("bands" if effect == "shift" else "value", "")
    rows = [_condition_texts(condition) for condition in rule.get("when", [])]
    return _made(at, values, Rows.of(f"x{at}-when", COLUMNS, rows))


def _made(at: int, values: Mapping[str, Any], conditions: Rows) -> ExceptionSheet:
    names = {f"x{at}-{name}": value for name, value in values.items()}
    slots = make_sheet(names, names).slots
    return ExceptionSheet(at, {name: slots[f"x{at}-{name}"] for name in values}, conditions)


def _condition_texts(condition: Node) -> dict[str, str]:
    subject = next((name for name in SUBJECTS if name in condition), "")
    against = next((name for name in OBJECTS if name in condition), "value")
    found = condition.get(against)
    texts = [plain_text(item) for item in (found if isinstance(found, list) else [found])]
    return {
        "subject": f"{subject}:{condition[subject]}" if subject else "",
        "op": condition.get("op", "lt"),
        "against": against,
        "object": ", ".join(texts),
    }


def posted_exceptions(data: QueryDict) -> list[ExceptionSheet]:
    sheets = []
    for at in range(MOST):
        if f"x{at}-name" not in data:
            break
        values = {n: cleaned(data.get(f"x{at}-{n}", "")) for n in ("name", "effect", "amount")}
        sheets.append(_made(at, values, Rows.posted(f"x{at}-when", COLUMNS, data)))
    return sheets


def exception_nodes(sheets: Collection[ExceptionSheet]) -> list[Node]:
    nodes: list[Node] = []
    for sheet in sheets:
        text = {name: slot.value.strip() for name, slot in sheet.slots.items()}
        effect = text["effect"] if text["effect"] in dict(EFFECTS) else "cap"
        amount = {"bands" if effect == "shift" else "value": typed_number(text["amount"])}
        nodes.append(
            {
                "name": text["name"],
                "when": [_condition(row) for row in sheet.conditions.rows if row["subject"].value],
                "effect": effect,
                **(amount if text["amount"] else {}),
            }
        )
    return nodes


def _condition(row: Row) -> Node:
    subject, _colon, key = row["subject"].value.partition(":")
    against = row["against"].value if row["against"].value in OBJECTS else "value"
    known = {"in", *(op for op, _text in OPS)}
    op = row["op"].value if row["op"].value in known else "lt"
    node: Node = {subject if subject in SUBJECTS else "metric": key, "op": op}
    texts = typed_list(row["object"].value)
    typed = [typed_plain(text) if against == "value" else text for text in texts]
    if op == "in":
        return node | {against: typed}
    text = row["object"].value.strip()
    return node | ({against: typed_plain(text) if against == "value" else text} if text else {})


def place_exceptions(sheets: Collection[ExceptionSheet], problems: Mapping[str, list[str]]) -> None:
    """`problems` by their path below `exceptions`, such as `[0].when[1].value`."""
    for sheet in sheets:
        prefix = f"[{sheet.at}]"
        for path, messages in problems.items():
            if path.startswith(prefix):
                for message in messages:
                    _place(sheet, path[len(prefix) :].lstrip("."), in_words(message))


def _place(sheet: ExceptionSheet, path: str, text: str) -> None:
    if path == "when":
        sheet.conditions.errors.append(text)
    elif path.startswith("when["):
        at, _bracket, column = path[len("when[") :].partition("]")
        sheet.conditions.refuse(int(at), COLUMN_OF.get(column.lstrip("."), "object"), text)
    elif path in ("value", "bands"):
        sheet.slots["amount"].problems.append(text)
    elif path in sheet.slots:
        sheet.slots[path].problems.append(text)
    else:
        sheet.others.append(text)
