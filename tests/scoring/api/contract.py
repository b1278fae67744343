"""Small cases of the contract from the outside: what is sent, and what is answered, with a key alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import Workspace
from tests.scoring.api.conftest import TODAY, Api, evaluate

BEGAN = "2025-06-10"
NUMBER: dict[str, Any] = {"source": {"type": "manual"}, "grade": {"type": "number"}}
MILESTONE: dict[str, Any] = {"source": {"type": "milestone"}}


def metric(key: str, weight: float = 1, **fields: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "weight": weight, **(NUMBER | fields)}


def measured(key: str, grade: dict[str, Any], attribute: str = "", **fields: Any) -> dict[str, Any]:
    source = {"type": "attribute", "attribute": attribute or key}
    return {"key": key, "name": key, "weight": 1, "source": source, "grade": grade, **fields}


def group(key: str, *inputs: dict[str, Any], weight: float = 1, **fields: Any) -> dict[str, Any]:
    """Metrics have a source, everything else is a group."""
    return {
        "key": key,
        "name": key,
        "weight": weight,
        "metrics": [one for one in inputs if "source" in one],
        "groups": [one for one in inputs if "source" not in one],
        **fields,
    }


def card(*groups: dict[str, Any], key: str = "health", **fields: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "groups": list(groups), **fields}


def sent(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def put(api: Api, document: dict[str, Any]) -> Any:
    return sent(api.put(f"scorecards/{document['key']}/", document))


def account(api: Api, key: str = "acme", **fields: Any) -> None:
    row = {"key": key, "name": key, "created_on": BEGAN, **fields}
    sent(api.post("accounts/", {"accounts": [row]}))


def tell(api: Api, values: Mapping[str, Any], day: date = TODAY, account: str = "acme") -> None:
    rows = [
        {"account": account, "metric": key, "value": value, "measured_at": f"{day}T09:00:00Z"}
        for key, value in values.items()
    ]
    sent(api.post("measurements/", {"measurements": rows}))


def told(api: Api, query: str = "", account: str = "acme") -> Any:
    return sent(api.get(f"accounts/{account}/health/?{query}"))


def metrics_in(groups: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By key, also of the groups within."""
    found = {}
    for one in groups:
        found |= {metric["key"]: metric for metric in one["metrics"]}
        found |= metrics_in(one["groups"])
    return found


def metrics_of(answer: Any) -> dict[str, dict[str, Any]]:
    return metrics_in(answer["groups"])


def tried(
    api: Api,
    workspace: Workspace,
    document: dict[str, Any],
    values: Mapping[str, Any],
    **fields: Any,
) -> Any:
    """The answer of today to this scorecard and these values of a new account."""
    account(api, **fields)
    put(api, document)
    if values:
        tell(api, values)
    evaluate(workspace, TODAY, TODAY)
    return told(api)


def ledger(api: Api, first: date, last: date) -> Any:
    return sent(api.get(f"accounts/acme/health/changes/?from={first}&to={last}"))
