import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from accounts.tenancy import scope
from scoring.services.segments import save_segment
from tests.factories import make_member, make_workspace
from tests.scoring.explorer.used import TODAY, event, happen, make_used

pytestmark = pytest.mark.django_db


def get(client: Client, page: str, query: str = "") -> Any:
    return client.get(f"/w/northwind/usage/{page}/{query}")


@pytest.fixture
def workspace() -> Workspace:
    """Ann came on twenty days, bob on eight, eve once, and joe not for two months."""
    workspace = make_workspace("northwind", frequency_goal=60)
    make_used(workspace, "contoso", users=1, ago=60, created_on=TODAY - timedelta(days=60))
    days = [("ann", 20), ("bob", 8), ("eve", 1)]
    happen(
        workspace,
        [event(f"{name}-{ago}", "contoso", name, ago) for name, n in days for ago in range(n)],
    )
    return workspace


@pytest.mark.parametrize("page", ["frequency", "cohorts"])
def test_page_is_nothing_to_strangers(client: Client, workspace: Workspace, page: str) -> None:
    assert get(client, page)["Location"].startswith("/login/")
    client.force_login(make_member(make_workspace()))
    assert get(client, page).status_code == 404


def test_users_are_told_by_how_often_they_come(
    client: Client, workspace: Workspace, admin: User
) -> None:
    found = get(client, "frequency", "?days=30").context["found"]
    assert [(level.name, level.users, level.share) for level in found.levels] == [
        ("daily", 1, 250_000),
        ("frequent", 1, 250_000),
        ("occasional", 1, 250_000),
        ("inactive", 1, 250_000),
    ]
    assert (found.reached, found.goal, found.to_goal) == (500_000, 600_000, -100_000)
    assert [mix.day for mix in found.mixes][-2:] == [TODAY - timedelta(days=7), TODAY]


def test_segments_are_told_apart(client: Client, workspace: Workspace, admin: User) -> None:
    make_used(workspace, "globex", users=3, stage="live")
    condition = {"attribute": "stage", "op": "eq", "value": "live"}
    with scope(workspace.pk):
        document = {"key": "live", "name": "Live", "conditions": [condition]}
        save_segment(document=document, today=TODAY)
    response = get(client, "frequency")
    assert [(row.name, row.mix.known, row.reached) for row in response.context["segments"]] == [
        ("All accounts", 7, response.context["found"].reached),
        ("Live", 3, 0),
    ]
    assert get(client, "frequency", "?segment=live").context["found"].last.known == 3


def test_weeks_as_a_file(client: Client, workspace: Workspace, admin: User) -> None:
    text = b"".join(get(client, "frequency", "?format=csv").streaming_content).decode()
    row = list(csv.DictReader(io.StringIO(text)))[-1]
    assert (row["week_to"], row["daily"], row["inactive_percent"]) == ("2026-03-10", "1", "25.0000")


def test_cohorts_are_told_by_the_months_of_their_life(
    client: Client, workspace: Workspace, admin: User
) -> None:
    table = get(client, "cohorts").context["table"]
    (row,) = table.rows
    assert (str(row.month), row.accounts) == ("2026-01-01", 1)
    assert [cell and (cell.text, cell.over) for cell in row.cells[:4]] == [
        ("1.0", True),
        ("1.0", True),
        ("3.0", False),
        None,
    ]
    text = b"".join(get(client, "cohorts", "?format=csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["began"], row["month"], row["active_users"]) for row in rows] == [
        ("2026-01", "0", "1"),
        ("2026-01", "1", "1"),
        ("2026-01", "2", "3"),
    ]


def test_cohorts_of_a_measure(client: Client, workspace: Workspace, admin: User) -> None:
    table = get(client, "cohorts", "?measure=logins&window=30").context["table"]
    assert [cell.text for cell in table.rows[0].cells if cell] == ["1", "10", "29"]


def test_workspace_without_accounts_says_so(client: Client) -> None:
    client.force_login(make_member(make_workspace("northwind")))
    for page in ("frequency", "cohorts", "features"):
        assert b"No events yet" in get(client, page).content
