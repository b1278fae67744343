"""Choices as menus of links, for components/filters.html."""

from collections.abc import Sequence
from typing import Any

from scoring.addresses import Address

Menu = dict[str, Any]


def several(
    address: Address, name: str, label: str, options: Sequence[tuple[str, Any, Any]]
) -> Menu:
    """Options of (key, label, band or None), of which any number may be chosen."""
    chosen = address.query.getlist(name)
    labels = {key: str(text) for key, text, _band in options}
    return {
        "label": label,
        "active": ", ".join(labels.get(value, value) for value in chosen),
        "clear_url": address.without(name),
        "options": [
            {
                "label": text,
                "url": address.toggled(name, key),
                "current": key in chosen,
                "band": band,
            }
            for key, text, band in options
        ],
    }


def one(address: Address, name: str, label: str, options: Sequence[tuple[str, Any]]) -> Menu:
    """One of the options, or none."""
    chosen = address.query.get(name, "")
    return {
        "label": label,
        "active": dict(options).get(chosen, ""),
        "clear_url": address.without(name),
        "options": [
            {
                "label": text,
                "url": address.url(**{name: key}),
                "current": key == chosen,
                "band": None,
            }
            for key, text in options
        ],
    }


def always(
    address: Address, name: str, label: str, options: Sequence[tuple[str, Any]], chosen: str
) -> Menu:
    """One of the options is chosen in any case."""
    menu = one(address, name, label, options)
    for option, (key, _text) in zip(menu["options"], options, strict=True):
        option["current"] = key == chosen
    return menu | {"active": dict(options).get(chosen, chosen), "clear_url": ""}
