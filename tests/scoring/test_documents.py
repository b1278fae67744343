"""Documents as YAML: read with the lines of their parts, written in one way."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.errors import InvalidInput
from scoring.documents import read_document, read_documents, write_document, write_documents

TWO = """\
key: one
groups:
- key: usage
  metrics:
  - {key: a, weight: 1}
---
# nothing but a comment
---
- key: two
- key: three
  name: Three
"""
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-100, 100) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def test_several_documents_and_lists_of_them_are_read() -> None:
    found = read_documents(TWO)
    assert [parsed.document["key"] for parsed in found] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("place", "path", "line"),
    [
        (0, "", 1),
        (0, "groups[0].metrics[0].weight", 5),
        (0, "groups[0].metrics[0].source.measure", 5),
        (0, "groups[0].name", 3),
        (0, "groups", 2),
        (0, "nothing", 1),
        (2, "name", 11),
        (2, "key", 10),
    ],
)
def test_line_of_a_part_or_of_what_is_around_it(place: int, path: str, line: int) -> None:
    assert read_documents(TWO)[place].line(path) == line


def test_parts_without_parts_stand_in_one_line() -> None:
    document = {
        "key": "a",
        "applies_to": {"stage": ["live"]},
        "exceptions": [
            {
                "name": "A name that takes some room in its line",
                "when": [{"metric": "m", "op": "lt", "value": 4}],
                "effect": "cap",
            }
        ],
        "groups": [{"key": "g", "metrics": [{"key": "m", "source": {"type": "manual"}}]}],
    }
    assert write_document(document) == (
        "key: a\n"
        "applies_to: {stage: [live]}\n"
        "exceptions:\n"
        "- name: A name that takes some room in its line\n"
        "  when: [{metric: m, op: lt, value: 4}]\n"
        "  effect: cap\n"
        "groups:\n"
        "- key: g\n"
        "  metrics:\n"
        "  - key: m\n"
        "    source: {type: manual}\n"
    )


@settings(deadline=None)
@given(st.lists(st.dictionaries(words, plain, min_size=1), min_size=1, max_size=3))
def test_what_is_written_is_read_again(documents: list[dict[str, Any]]) -> None:
    text = write_documents(documents)
    assert list(yaml.safe_load_all(text)) == documents
    assert [parsed.document for parsed in read_documents(text)] == documents


def test_one_document_is_not_several() -> None:
    with pytest.raises(InvalidInput, match="Several documents"):
        read_document("key: a\n---\nkey: b\n")


@pytest.mark.parametrize("text", ["a: [", "\x07", "a: &a [*a]", "[" * 3000, 'a: "\\0"', "a: {b"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_documents(text)
