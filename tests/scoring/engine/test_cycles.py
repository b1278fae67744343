from typing import Any

import pytest

from scoring.engine import available
from scoring.engine.cycles import cycle
from scoring.engine.document import parse
from tests.scoring.engine.cards import card, group, number


def of_others(key: str, *others: str) -> Any:
    metrics = [
        number(
            f"m{other}", source={"type": "scorecard", "scorecard": other}, grade={"type": "ratio"}
        )
        for other in others
    ]
    return parse(card(group("g", metrics)) | {"key": key}, able=available.ALL)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"a": "b", "b": "c", "c": ""}, None),
        ({"a": "bc", "b": "c", "c": ""}, None),
        ({"a": "a"}, ("a", "a")),
        ({"a": "b", "b": "c", "c": "b"}, ("b", "c", "b")),
        ({"a": "x"}, None),
    ],
)
def test_a_circle_of_scorecards_is_found_with_its_path(
    others: dict[str, str], expected: Any
) -> None:
    assert cycle({key: of_others(key, *below) for key, below in others.items()}) == expected
