"""The widgets that are written without templates are those of Django's templates."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from scorecard_project.widgets import Renderer

HOSTILE = "\"><script>alert('&')</script>"
WIDGETS = [
    (
        forms.TextInput({"maxlength": 9, "data-x": HOSTILE, "data-focus": True, "off": False}),
        HOSTILE,
    ),
    (forms.TextInput(), None),
    (forms.NumberInput({"min": 1_000_000}), 1_234_567),
    (forms.HiddenInput(), ""),
    (forms.PasswordInput(), "secret"),
    (forms.DateInput({"type": "date"}, format="%Y-%m-%d"), "2026-01-02"),
    (forms.Textarea({"rows": 4}), f"\n{HOSTILE}"),
    (forms.Textarea(), None),
    (forms.Select({}, [("", "–"), (1, HOSTILE), (HOSTILE, "b"), (1_000, "c")]), HOSTILE),
    (forms.Select({}, [(HOSTILE, [("a", "A"), ("b", "B")]), ("c", "C")]), "b"),
    (forms.SelectMultiple({"size": 4}, [("a", "A"), ("b", "B")]), ["a", "b"]),
    (forms.CheckboxInput(), True),
    (forms.RadioSelect({}, [("a", HOSTILE), ("b", "B")]), "a"),
    (forms.URLInput(), "https://a.example/?b=c&d"),
]


@pytest.mark.parametrize(("widget", "value"), WIDGETS)
def test_a_widget_is_that_of_djangos_template(widget: forms.Widget, value: Any) -> None:
    def html(renderer: Any) -> str:
        return widget.render(HOSTILE, value, {"id": HOSTILE, "required": True}, renderer)

    made = html(Renderer())
    assert parse_html(made) == parse_html(html(DjangoTemplates()))
    assert "<script" not in made
