"""Rejected events as people read them."""

import json


def pretty(body: object) -> str:
    """JSON in lines; what was no JSON, or too long, is kept as a text."""
    if isinstance(body, str):
        return body
    return json.dumps(body, ensure_ascii=False, indent=2)
