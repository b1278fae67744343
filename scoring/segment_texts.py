"""A segment's conditions as a sentence."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.engine.card import AttributeCondition
from scoring.forms.segment import COMPARISONS


def conditions_text(conditions: Sequence[AttributeCondition]) -> str:
    return _(" and ").join(condition_text(condition) for condition in conditions)


def condition_text(condition: AttributeCondition) -> str:
    value = condition.value
    items = value if isinstance(value, tuple) else (value,)
    return _("%(field)s %(is)s %(value)s") % {
        "field": condition.attribute,
        "is": dict(COMPARISONS)[condition.op],
        "value": _(" or ").join(map(_figure, items)),
    }


def _figure(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return number_format(value) if isinstance(value, int | float) else str(value)
