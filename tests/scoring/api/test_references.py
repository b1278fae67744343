"""Scorecards that name each other, through the API: the same refusals, the same numbers."""

from typing import Any

from accounts.models import Workspace
from tests.factories import make_account
from tests.scoring.api.conftest import TODAY, Api, problems
from tests.scoring.scored import measure, score
from tests.scoring.services.test_others import CARDS, card, other

PATH = "groups[0].metrics[0].source.scorecard"


def put(api: Api, document: dict[str, Any], query: str = "") -> Any:
    return api.put(f"scorecards/{document['key']}/{query}", document)


def test_circle_is_refused_with_its_path_and_nothing_is_stored(api: Api) -> None:
    for query in ("", "?dry_run=1"):
        assert problems(put(api, CARDS["health"], query))[0] == (
            PATH,
            "there is no scorecard “adoption”",
        )
    for key in ("care", "adoption", "health"):
        assert put(api, CARDS[key]).json() == CARDS[key]
    circular = card("care", other("health"))
    for query in ("", "?dry_run=1"):
        assert problems(put(api, circular, query)) == [
            (PATH, "goes round in a circle: care → health → adoption → care")
        ]
    assert api.get("scorecards/care/").json() == CARDS["care"]


def test_health_answers_with_the_score_of_the_other_scorecard(
    api: Api, workspace: Workspace, clock: None
) -> None:
    account = make_account(workspace, "acme")
    for key in ("care", "adoption", "health"):
        put(api, CARDS[key])
    measure(workspace, account, TODAY, nps=80, logins=40)
    score(workspace, account, TODAY)
    health = api.get("accounts/acme/health/?scorecard=health").json()
    told = {
        metric["key"]: (metric["value"], metric["score"], metric["source"], metric["earned"])
        for metric in health["groups"][0]["metrics"]
    }
    assert told == {
        "of-adoption": ("60.0000", "60.0000", "scorecard", "15.0000"),
        "of-care": ("80.0000", "80.0000", "scorecard", "60.0000"),
    }
    assert health["score"] == "75.0000"
