"""How form fields become HTML: the widgets of nearly every form without a template for each.

A page has forms that wait, folded, until they are needed; Django's templates of their inputs, of
their attributes and of each option would cost more than the rest of such a form.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape as safe
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class Renderer(DjangoTemplates):
    """As Django's templates do; what is not known here is theirs."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        make = MAKERS.get(template_name)
        if make is None:
            return super().render(template_name, context, request)
        return _joined(make(context["widget"]))


def _joined(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308


def _attributes(widget: Widget) -> Iterable[str]:
    for name, value in widget["attrs"].items():
        if value is True:
            yield f" {safe(name)}"
        elif value is not False:
            yield f' {safe(name)}="{safe(value)}"'


def _input(widget: Widget) -> Iterable[str]:
    yield f'<input type="{safe(widget["type"])}" name="{safe(widget["name"])}"'
    if widget["value"] is not None:
        yield f' value="{safe(widget["value"])}"'
    yield from _attributes(widget)
    yield ">"


def _textarea(widget: Widget) -> Iterable[str]:
    yield f'<textarea name="{safe(widget["name"])}"'
    yield from _attributes(widget)
    yield f">\n{safe(widget['value']) if widget['value'] else ''}</textarea>"


def _select(widget: Widget) -> Iterable[str]:
    yield f'<select name="{safe(widget["name"])}"'
    yield from _attributes(widget)
    yield ">"
    for group, options, _index in widget["optgroups"]:
        yield f'<optgroup label="{safe(group)}">' if group else ""
        for option in options:
            yield f'\n<option value="{safe(option["value"])}"'
            yield from _attributes(option)
            yield f">{safe(option['label'])}</option>"
        yield "</optgroup>" if group else ""
    yield "\n</select>"


MAKERS: dict[str, Callable[[Widget], Iterable[str]]] = {
    **{
        f"django/forms/widgets/{name}.html": _input
        for name in ("text", "number", "email", "url", "password", "hidden", "date", "input")
    },
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
