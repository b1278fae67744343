"""A metric that does not apply to an account, as a person said, with the reason."""

from typing import Any

import pytest

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from scoring.services.stale import evaluate_stale
from tests.factories import make_account
from tests.scoring.api.conftest import NOW, Api
from tests.scoring.scored import document, metric

pytestmark = pytest.mark.usefixtures("clock")

USAGE, SUPPORT, NPS = metric("usage", 40), metric("support", 30), metric("nps", 30)


@pytest.fixture
def health(workspace: Workspace, api: Api) -> Any:
    """Sends measurements of the account; answers its health after they were evaluated."""
    make_account(workspace, "acme")

    def sent(*measurements: tuple[str, Any], card: dict[str, Any] | None = None) -> Any:
        with scope(workspace.pk):
            publish_scorecard(document=card or document(USAGE, SUPPORT, NPS), by=None, moment=NOW)
        rows = [
            {"account": "acme", "metric": key, "value": None, "reason": value}
            if isinstance(value, str)
            else {"account": "acme", "metric": key, "value": value}
            for key, value in measurements
        ]
        assert api.post("measurements/", {"measurements": rows}).status_code == 200
        evaluate_stale(workspace=workspace, moment=NOW)
        return api.get("accounts/acme/health/").json()

    return sent


def metrics(found: Any) -> list[tuple[Any, ...]]:
    names = ("status", "reason", "share", "earned")
    return [tuple(m[name] for name in names) for m in found["groups"][0]["metrics"]]


def test_its_weight_goes_to_the_others_and_coverage_is_whole(health: Any) -> None:
    found = health(("usage", 90), ("support", 80), ("nps", "No survey in their contract"))
    assert (found["score"], found["coverage"], found["provisional"]) == (
        "85.7143",
        "1.0000",
        False,
    )
    assert metrics(found) == [
        ("ok", None, "0.5714", "51.4286"),
        ("ok", None, "0.4286", "34.2857"),
        ("not_applicable", "No survey in their contract", "0.0000", None),
    ]


def test_beside_a_lost_value_it_is_not_asked_for(health: Any) -> None:
    """Of 40 and 30 that apply 40 are there; had the survey applied it would be 40 of 100."""
    found = health(("usage", 90), ("nps", "No survey"))
    assert (found["score"], found["coverage"]) == ("90.0000", "0.5714")


def test_it_applies_again_with_the_next_value(health: Any) -> None:
    health(("usage", 90), ("support", 80), ("nps", "No survey"))
    found = health(("nps", 20))
    assert (found["score"], metrics(found)[2]) == ("66.0000", ("ok", None, "0.3000", "6.0000"))


def test_nothing_that_applies_is_no_score(health: Any) -> None:
    found = health(*((key, "Not theirs") for key in ("usage", "support", "nps")))
    assert (found["score"], found["band"], found["coverage"]) == (None, "unknown", "0.0000")


def test_the_reason_of_the_rule_is_told(health: Any) -> None:
    rule = {"when": [{"attribute": "stage", "op": "eq", "value": ""}], "reason": "Only for stages"}
    card = document(USAGE, SUPPORT, NPS | {"not_applicable": rule})
    found = health(("usage", 90), ("support", 80), ("nps", 20), card=card)
    assert metrics(found)[2][:2] == ("not_applicable", "Only for stages")
