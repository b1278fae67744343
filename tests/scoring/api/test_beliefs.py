"""As of a past day: what was shown, what was believed before it was restated, what another version
would have said."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Scorecard, SupersededEvaluation
from scoring.services.configuration import publish_scorecard, save_scheme, switch_scorecard
from scoring.services.evaluate import evaluate as score
from scoring.services.stale import evaluate_stale
from tests.scoring.api.conftest import DAY, FIRST, NOW, TODAY, Api, evaluate, judge, paths
from tests.scoring.documents import health
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.usefixtures("scored")

HEALTH = "accounts/acme/health/"
LATER = NOW + timedelta(hours=2)
MIDDLE = NOW + timedelta(hours=1)
PAST = TODAY - 3 * DAY


def told(api: Api, path: str = "", **query: Any) -> Any:
    answer = api.get(f"{HEALTH}{path}?" + "&".join(f"{k}={v}" for k, v in query.items()))
    assert answer.status_code == 200, answer.json()
    return answer.json()


def zulu(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def restate(workspace: Workspace) -> None:
    """Two hours later 12 log-ins of three days ago come in: 18 become 30 on that day."""
    events = [
        {
            "event_id": f"late-{n}",
            "account": "acme",
            "user": f"late-{n}",
            "type": "login",
            "occurred_at": f"{PAST}T10:00:00Z",
        }
        for n in range(2)
    ]
    with time_machine.travel(LATER, tick=False):
        with scope(workspace.pk):
            ingest_events(workspace=workspace, events=events, moment=LATER)
        evaluate_stale(workspace=workspace, moment=LATER)


def test_a_past_day_answers_the_same_whatever_was_published_since(
    workspace: Workspace, api: Api
) -> None:
    addresses = [
        f"{HEALTH}?as_of={PAST}",
        f"{HEALTH}changes/?from={FIRST}&to={PAST}",
        f"{HEALTH}changes/?to={PAST}&from={PAST - DAY}",
        f"{HEALTH}history/?from={FIRST}&to={PAST}",
    ]
    before = [api.get(address).content for address in addresses]
    with scope(workspace.pk):
        everything_else(workspace)
    evaluate(workspace, TODAY, TODAY)
    assert told(api)["version"] == 3
    assert [api.get(address).content for address in addresses] == before


def everything_else(workspace: Workspace) -> None:
    """New bands, other levels and weights, metrics gone and new, another name and another trend."""
    custom = [
        {"key": "bad", "label": "Terrible", "min": 0},
        {"key": "good", "label": "Fine", "min": 10},
    ]
    document = health()
    save_scheme(key="own", name="Own", bands=custom)
    publish_scorecard(document=document | {"scheme": "own"}, by=None, moment=NOW)
    save_scheme(key="own", name="Renamed", bands=[{**custom[0], "label": "Worse"}, custom[1]])
    relationship = document["groups"][1]
    relationship["metrics"][0]["grade"]["levels"][0] |= {"label": "Nobody", "score": 33}
    relationship |= {"name": "People", "weight": 5}
    del document["groups"][0]["metrics"][0]
    changed = {"name": "Renamed", "scheme": "letter", "trend_days": 7, "exceptions": []}
    publish_scorecard(document=document | changed, by=None, moment=NOW)


def test_a_past_day_keeps_its_primary_scorecard(workspace: Workspace, api: Api) -> None:
    other = health() | {"key": "other", "name": "Other", "rank": 2}
    with scope(workspace.pk):
        publish_scorecard(document=other, by=None, moment=NOW)
    evaluate(workspace, TODAY, TODAY)
    before = api.get(HEALTH).content
    tomorrow = NOW + DAY
    with time_machine.travel(tomorrow, tick=False):
        with scope(workspace.pk):
            publish_scorecard(document=other | {"rank": 0}, by=None, moment=tomorrow)
            account_ids = list(Account.objects.values_list("pk", flat=True))
            score(
                workspace=workspace,
                account_ids=account_ids,
                first=TODAY + DAY,
                last=TODAY + DAY,
                moment=tomorrow,
            )
        assert (told(api)["scorecard"], api.get(f"{HEALTH}?as_of={TODAY}").content) == (
            "other",
            before,
        )
        with scope(workspace.pk):
            switch_scorecard(scorecard=Scorecard.objects.get(key="health"), active=False)
        assert api.get(f"{HEALTH}?as_of={TODAY}").content == before


def test_what_was_believed_is_answered_to_its_moment(workspace: Workspace, api: Api) -> None:
    before = told(api, as_of=PAST)
    restate(workspace)
    now = told(api, as_of=PAST)
    assert (now["restated"], now["restated_at"]) == (True, [zulu(LATER)])
    assert now["score"] != before["score"]
    with time_machine.travel(LATER, tick=False):
        assert told(api, as_of=PAST, believed_at=zulu(MIDDLE)) == before
        assert told(api, as_of=PAST, believed_at=zulu(LATER)) == now
        # Days that the late events do not touch were never believed to be different.
        untouched = told(api, as_of=PAST - DAY)
        assert told(api, as_of=PAST - DAY, believed_at=zulu(MIDDLE)) == untouched
    history = told(api, "history/", **{"from": PAST - DAY, "to": PAST})["results"]
    assert ["restated" in [m["kind"] for m in day["marks"]] for day in history] == [False, True]


def test_the_ledger_leads_from_what_was_believed_to_what_is_said_now(
    workspace: Workspace, api: Api
) -> None:
    before = told(api, as_of=PAST)["score"]
    restate(workspace)
    now = told(api, as_of=PAST)["score"]
    with time_machine.travel(LATER, tick=False):
        found = told(api, "changes/", to=PAST, believed_at=zulu(MIDDLE))
    assert [(found[side]["day"], found[side]["score"]) for side in ("from", "to")] == [
        (str(PAST), before),
        (str(PAST), now),
    ]
    points = sum(float(entry["points"]) for entry in found["entries"])
    assert f"{points:.4f}" == found["delta"]


def test_restated_twice_each_belief_is_kept(workspace: Workspace, api: Api) -> None:
    first = told(api, as_of=PAST)
    restate(workspace)
    second = told(api, as_of=PAST)
    last = LATER + timedelta(hours=1)
    with time_machine.travel(last, tick=False):
        with scope(workspace.pk):
            judge(workspace, "sponsor", PAST)
        evaluate_stale(workspace=workspace, moment=last)
        assert told(api, as_of=PAST)["restated_at"] == [zulu(LATER), zulu(last)]
        believed = [told(api, as_of=PAST, believed_at=zulu(at)) for at in (MIDDLE, LATER)]
    assert believed == [first, second]


@pytest.mark.parametrize(
    "query",
    [f"as_of={PAST}&believed_at=2026-06-06T12:00:00Z", "believed_at=2026-06-10T12:00:01Z",
     f"as_of={PAST}&believed_at=2026-06-09T12:00:00Z&version=1"],
)  # fmt: skip
def test_a_moment_that_can_not_be_asked_for_is_refused(api: Api, query: str) -> None:
    assert paths(api.get(f"{HEALTH}?{query}")) == ["believed_at"]


def test_another_version_says_what_it_would_have_said_and_nothing_is_stored(
    workspace: Workspace, api: Api
) -> None:
    shown = told(api, as_of=PAST)
    document = health()
    document["groups"][0]["weight"] = 0
    with scope(workspace.pk):
        publish_scorecard(document=document | {"exceptions": []}, by=None, moment=NOW)
        stored = Evaluation.objects.count()
    anew = told(api, as_of=PAST, version=2)
    # The sponsor alone counts, and there was none any more.
    assert (anew["version"], anew["recomputed"], anew["score"], anew["day"]) == (
        2,
        True,
        "0.0000",
        str(PAST),
    )
    assert told(api, as_of=PAST, version=1) == shown | {"recomputed": True}
    assert told(api, as_of=PAST) == shown
    days = told(api, "history/", version=2, **{"from": TODAY - 7 * DAY})["results"]
    assert [(day["shown"], day["version"]) for day in days] == [(50, 2)] * 3 + [(0, 2)] * 5
    with scope(workspace.pk):
        assert (Evaluation.objects.count(), SupersededEvaluation.objects.count()) == (stored, 0)


def test_a_version_that_does_not_apply_or_exist_is_404(workspace: Workspace, api: Api) -> None:
    with scope(workspace.pk):
        publish_scorecard(document=health() | {"applies_to": {"stage": ["trial"]}}, by=None, moment=NOW)  # fmt: skip
    found = [api.get(f"{HEALTH}?version={n}").status_code for n in (1, 2, 3)]
    assert found == [200, 404, 404]
    assert told(api, "history/", version=2)["results"] == []
    assert api.get("accounts/trial/1/health/?scorecard=health&version=2").status_code == 200
