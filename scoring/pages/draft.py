"""The tree of a draft as the editor shows it: a row for each group and metric, problems beside them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from accounts.errors import Problem
from scoring.drafts import Document, Kind, Node, Place, Share, groups_of, metrics_in, shares
from scoring.forms.problems import in_words
from scoring.metric_texts import metric_text

UNKNOWN = Share(None, None)


@dataclass
class TreeRow:
    kind: Kind
    place: Place
    share: Share
    text: str
    holds: int = 0
    weight: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def node(self) -> Node:
        return self.place.node

    @property
    def field(self) -> str:
        """The name of its weight in the form; also the end of every id in its row."""
        return f"{self.kind}-{self.node['key']}"

    @property
    def is_group(self) -> bool:
        return self.kind == "groups"

    @property
    def indent(self) -> int:
        return min(self.place.depth, 4)


def tree(document: Document, problems: Collection[Problem] = ()) -> list[TreeRow]:
    share_of = shares(document)
    rows = [
        _row(place, kind, share_of.get(place.path, UNKNOWN)) for kind, place in _in_order(document)
    ]
    for problem in problems:
        row = _row_at(rows, problem.path)
        if row is not None:
            row.problems.append(in_words(problem.message))
    return rows


def unplaced(document: Document, problems: Collection[Problem]) -> list[Problem]:
    """Problems of no group and no metric: they concern the scorecard."""
    rows = tree(document)
    return [problem for problem in problems if _row_at(rows, problem.path) is None]


def _in_order(document: Document) -> Iterator[tuple[Kind, Place]]:
    for group in groups_of(document):
        yield "groups", group
        for metric in metrics_in(group):
            yield "metrics", metric


def _row(place: Place, kind: Kind, share: Share) -> TreeRow:
    node = place.node
    text = metric_text(node) if kind == "metrics" else str(node.get("help", ""))
    count = len(node.get("metrics", [])) + len(node.get("groups", []))
    return TreeRow(kind, place, share, text, count, str(node["weight"]))


def _row_at(rows: Collection[TreeRow], path: str) -> TreeRow | None:
    """The deepest row that the path leads into."""
    inside = [row for row in rows if path.startswith(row.place.path)]
    return max(inside, key=lambda row: len(row.place.path), default=None)
