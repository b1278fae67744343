"""Versions over HTTP: what each changed, by whom and why, and its document."""

import yaml

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from tests.factories import make_user
from tests.scoring.api.conftest import NOW, Api
from tests.scoring.documents import health


def publish(workspace: Workspace, note: str, **fields: object) -> None:
    with scope(workspace.pk):
        by = make_user(f"{note}@example.com") if note else None
        document = {**health(), **fields}
        publish_scorecard(document=document, by=by, moment=NOW, note=note)


def test_versions_tell_who_changed_what_and_why(workspace: Workspace, api: Api) -> None:
    publish(workspace, "")
    publish(workspace, "renamed", name="Health", trend_days=14)
    rows = api.get("scorecards/health/versions/").json()["results"]
    moment = NOW.isoformat()
    assert [{name: row[name] for name in row if name != "document"} for row in rows] == [
        {
            "number": 2,
            "published_at": moment,
            "replaced_at": None,
            "published_by": "renamed@example.com",
            "note": "renamed",
            "changes": ["Name “Customer health” → “Health”", "Change over 30 days → 14 days"],
        },
        {
            "number": 1,
            "published_at": moment,
            "replaced_at": moment,
            "published_by": None,
            "note": "",
            "changes": ["First version: 2 groups, 3 metrics"],
        },
    ]
    assert [row["document"]["name"] for row in rows] == ["Health", "Customer health"]


def test_version_is_read_by_its_number(workspace: Workspace, api: Api) -> None:
    publish(workspace, "")
    publish(workspace, "", name="Health")
    first = api.get("scorecards/health/versions/1/")
    assert first.json()["name"] == "Customer health"
    assert api.put("scorecards/health/", first.json()).json() == first.json()
    text = api.get("scorecards/health/versions/2/", HTTP_ACCEPT="application/yaml").content
    assert yaml.safe_load(text)["name"] == "Health"
    for path in ("health/versions/9", f"health/versions/{10**30}", "other/versions/1"):
        assert api.get(f"scorecards/{path}/").status_code == 404
