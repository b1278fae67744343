from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, User, Workspace
from accounts.tenancy import scope
from scoring.engine.fixed import divide_half_up
from scoring.scorecards import read_scorecard
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.analysis.walked import TODAY, WEEK_AGO, judge, walk, walked
from tests.scoring.scored import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def get(client: Client, query: str = "") -> Any:
    response = client.get(f"/w/northwind/matrix/{query}")
    assert response.status_code == 200
    return response


def shown(response: Any) -> dict[str, list[int | None]]:
    return {
        row.line.key: [cell.score for cell in row.cells] for row in response.context["heat"].rows
    }


def test_cells_are_the_scores_of_each_account_and_means_are_theirs(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    found = shown(get(client))
    columns: list[list[int]] = [[], [], []]
    with scope(workspace.pk):
        for account in Account.objects.all():
            card = read_scorecard(workspace=workspace, account=account, day=TODAY)
            assert card is not None
            current = card.day == TODAY
            scores = [metric.score if current else None for metric in card.metrics]
            assert found[account.key] == scores
            for column, score in zip(columns, scores, strict=True):
                column.extend([] if score is None else [score])
    heat = get(client).context["heat"]
    means = [divide_half_up(sum(column), len(column)) for column in columns]
    assert [mean[1] for mean in heat.means] == means
    assert heat.names == ["Usage", "Support", "Nps"]


def test_every_cell_tells_its_band_by_shape_and_number(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    rows = {row.line.key: row for row in get(client).context["heat"].rows}
    assert [cell.band.key for cell in rows["fell"].cells] == ["red"] * 3
    assert b'class="tone-bad"' in get(client).content
    assert b"#s-square" in get(client).content


def test_rows_are_filtered_sorted_and_paged_as_in_the_list(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO)
    made = [walk(workspace, f"a{n:02}", n, n) for n in range(60)]
    judge(workspace, made, first=TODAY, last=TODAY)
    with scope(workspace.pk):
        Account.objects.filter(key="a07").update(owner=admin)
    assert list(shown(get(client, "?owner=me"))) == ["a07"]
    first = get(client, "?sort=-score")
    assert list(shown(first)) == [f"a{n:02}" for n in range(59, 9, -1)]
    second = get(client, first.context["next_url"])
    assert list(shown(second)) == [f"a{n:02}" for n in range(9, -1, -1)]
    assert list(shown(get(client, second.context["previous_url"]))) == list(shown(first))


def test_what_is_set_by_hand_leads_to_where_it_is_set(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    (row,) = [row for row in get(client).context["heat"].rows if row.line.key == "fell"]
    assert row.cells[0].url == "/w/northwind/accounts/fell/?scorecard=health&metric=usage"
    assert client.get(row.cells[0].url).status_code == 200
    client.force_login(make_member(workspace, Role.VIEWER))
    assert {cell.url for row in get(client).context["heat"].rows for cell in row.cells} == {""}


@pytest.mark.parametrize("role", Role.values)
def test_every_member_may_look(client: Client, workspace: Workspace, role: str) -> None:
    make_account(workspace, "contoso")
    client.force_login(make_member(workspace, role))
    assert b"No scorecard is published yet" in get(client).content
    publish(workspace, WEEK_AGO)
    assert shown(get(client)) == {"contoso": [None] * 3}


def test_nobody_else_may_look(client: Client, workspace: Workspace) -> None:
    assert client.get("/w/northwind/matrix/")["Location"].startswith("/login/")
    client.force_login(make_member(make_workspace()))
    assert client.get("/w/northwind/matrix/").status_code == 404


def test_number_of_queries_is_the_same_for_few_and_many(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(client)
        return len(queries)

    judge(workspace, [walk(workspace, "a", 90, 10)], first=TODAY, last=TODAY)
    get(client)
    few = count()
    made = [walk(workspace, f"b{n}", 90 - n, 10) for n in range(9)]
    judge(workspace, made, first=TODAY, last=TODAY)
    assert count() == few
