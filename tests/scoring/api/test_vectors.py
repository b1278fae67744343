"""The vectors of the contract from the outside: documents, measurements, events; then the API, the ledger, the page."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from tests.factories import make_member
from tests.scoring.api.conftest import DAY, TODAY, Api, evaluate

pytestmark = pytest.mark.usefixtures("clock")

EARLIER = TODAY - 100 * DAY
NUMBER = {"source": {"type": "manual"}, "grade": {"type": "number"}}
MILESTONE = {"source": {"type": "milestone"}}


@dataclass(frozen=True)
class Vector:
    """`values` by metric, `days` the ages of the measurements that are not of today."""

    groups: dict[str, tuple[float, dict[str, tuple[float, dict[str, Any]]]]]
    values: dict[str, Any]
    score: str | None
    shown: int | None
    coverage: str = "1.0000"
    days: dict[str, int] = field(default_factory=dict)
    shares: dict[str, str] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        groups = [
            {
                "key": key,
                "name": key,
                "weight": weight,
                "metrics": [
                    {"key": name, "name": name, "weight": own, **given}
                    for name, (own, given) in metrics.items()
                ],
            }
            for key, (weight, metrics) in self.groups.items()
        ]
        return {"key": "health", "name": "Health", "groups": groups}


def one_group(weights: dict[str, float], **fields: Any) -> dict[str, Any]:
    return {"all": (1, {key: (weight, NUMBER | fields) for key, weight in weights.items()})}


def nps(policy: str) -> dict[str, Any]:
    groups = one_group({"usage": 40, "support": 30})
    groups["all"][1]["nps"] = (30, {**NUMBER, "missing": policy})
    return groups


T26 = {"a": 20, "b": 16, "c": 16, "d": 16, "e": 12, "f": 20}
VECTORS = {
    "T-01": Vector(
        one_group({"a": 20, "b": 15, "c": 22}), {"a": 47, "b": 59, "c": 21}, "40.1228", 40
    ),
    "T-07": Vector(
        {
            "one": (2, {"a": (1, NUMBER)}),
            "two": (3, {"b": (1, NUMBER), "c": (1, NUMBER)}),
            "three": (3, {"d": (1, NUMBER)}),
            "four": (2, {"e": (1, NUMBER)}),
        },
        {"a": 80, "b": 76, "c": 65, "d": 90, "e": 54},
        "74.9500",
        75,
    ),
    "T-26": Vector(
        one_group(T26, validity_days=90),
        dict.fromkeys(T26, 50),
        "50.0000",
        50,
        coverage="0.8000",
        days={"f": 91},
        shares={
            "a": "0.2500",
            "b": "0.2000",
            "c": "0.2000",
            "d": "0.2000",
            "e": "0.1500",
            "f": "0.0000",
        },
    ),
    "T-39": Vector(nps("exclude"), {"usage": 90, "support": 80, "nps": 20}, "66.0000", 66),
    "T-39 exclude": Vector(
        nps("exclude"), {"usage": 90, "support": 80}, "85.7143", 86, coverage="0.7000"
    ),
    "T-39 neutral": Vector(
        nps("neutral"), {"usage": 90, "support": 80}, "75.0000", 75, coverage="0.7000"
    ),
    "T-39 zero": Vector(
        nps("zero"), {"usage": 90, "support": 80}, "60.0000", 60, coverage="0.7000"
    ),
    "T-45": Vector(
        {"all": (1, {"a": (5, MILESTONE), "b": (3, MILESTONE), "c": (2, MILESTONE)})},
        {"a": True, "b": False, "c": True},
        "70.0000",
        70,
    ),
    "T-45, the second never touched": Vector(
        {"all": (1, {"a": (5, MILESTONE), "b": (3, MILESTONE), "c": (2, MILESTONE)})},
        {"a": True, "c": True},
        "70.0000",
        70,
    ),
    "T-52": Vector(one_group({"a": 1, "b": 2}), {}, None, None, coverage="0.0000"),
    "T-53": Vector(one_group({"a": 0, "b": 0}), {"a": 50, "b": 60}, None, None, coverage="0.0000"),
    "T-55 on day 90": Vector(
        one_group({"a": 1}, validity_days=90), {"a": 50}, "50.0000", 50, days={"a": 90}
    ),
    "T-55 on day 91": Vector(
        one_group({"a": 1}, validity_days=90), {"a": 50}, None, None, "0.0000", days={"a": 91}
    ),
}


def tell(api: Api, values: dict[str, Any], days: dict[str, int]) -> None:
    rows = [
        {
            "account": "acme",
            "metric": key,
            "value": value,
            "measured_at": f"{TODAY - timedelta(days.get(key, 0))}T09:00:00Z",
        }
        for key, value in values.items()
    ]
    if rows:
        assert api.post("measurements/", {"measurements": rows}).status_code == 200


def shown_on_the_page(workspace: Workspace) -> str:
    client = Client()
    client.force_login(make_member(workspace))
    page = client.get(f"/w/{workspace.slug}/accounts/acme/").content.decode()
    found = re.search(r'class="value">([^<]*)<', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_vector_is_the_same_in_the_api_and_on_the_page(
    api: Api, workspace: Workspace, vector: Vector
) -> None:
    account = {"key": "acme", "name": "Acme", "created_on": str(EARLIER)}
    assert api.post("accounts/", {"accounts": [account]}).status_code == 200
    assert api.put("scorecards/health/", vector.document).status_code in (200, 201)
    tell(api, vector.values, vector.days)
    evaluate(workspace, TODAY, TODAY)
    told = api.get("accounts/acme/health/").json()
    assert (told["score"], told["shown"], told["coverage"]) == (
        vector.score,
        vector.shown,
        vector.coverage,
    )
    metrics = [metric for group in told["groups"] for metric in group["metrics"]]
    earned = sum(int((metric["earned"] or "0").replace(".", "")) for metric in metrics)
    assert earned == int((vector.score or "0").replace(".", ""))
    shares = {metric["key"]: metric["share"] for metric in metrics}
    assert {key: shares[key] for key in vector.shares} == vector.shares
    assert shown_on_the_page(workspace) == ("–" if vector.shown is None else str(vector.shown))


def change(api: Api, workspace: Workspace, usage: int, nps_days: int) -> Any:
    """The ledger from yesterday, when 90, 80 and 20 were known, to today; an NPS is valid for a day."""
    groups = one_group({"usage": 40, "support": 30})
    groups["all"][1]["nps"] = (30, {**NUMBER, "validity_days": 1})
    account = {"key": "acme", "name": "Acme", "created_on": str(EARLIER)}
    api.post("accounts/", {"accounts": [account]})
    api.put("scorecards/health/", Vector(groups, {}, None, None).document)
    tell(api, {"usage": 90, "support": 80}, {"usage": 1, "support": 1})
    tell(api, {"nps": 20}, {"nps": nps_days})
    evaluate(workspace, TODAY - DAY, TODAY - DAY)
    tell(api, {"usage": usage}, {})
    evaluate(workspace, TODAY, TODAY)
    return api.get(f"accounts/acme/health/changes/?from={TODAY - DAY}&to={TODAY}").json()


def entries(ledger: Any) -> dict[tuple[str | None, str], str]:
    return {(entry["metric"], entry["kind"]): entry["points"] for entry in ledger["entries"]}


def test_t40_lost_data_is_told_and_never_looks_better(api: Api, workspace: Workspace) -> None:
    ledger = change(api, workspace, usage=90, nps_days=2)
    assert ledger["delta"] == "19.7143"
    assert entries(ledger) == {
        ("usage", "data"): "15.4286",
        ("support", "data"): "10.2857",
        ("nps", "data"): "-6.0000",
        (None, "held"): "0.0000",
    }
    told = api.get("accounts/acme/health/").json()
    assert (told["score"], told["band"], told["held"]) == ("85.7143", "yellow", True)


def test_t41_a_moved_metric_is_behaviour(api: Api, workspace: Workspace) -> None:
    ledger = change(api, workspace, usage=60, nps_days=1)
    assert (ledger["from"]["score"], ledger["to"]["score"]) == ("66.0000", "54.0000")
    assert entries(ledger) == {("usage", "behaviour"): "-12.0000"}
