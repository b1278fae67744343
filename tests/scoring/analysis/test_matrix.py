import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import Account, Role, User, Workspace
from accounts.tenancy import scope
from scoring import kept
from scoring.engine.fixed import divide_half_up
from scoring.scorecards import read_scorecard
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.analysis.walked import TODAY, WEEK_AGO, judge, walk, walked
from tests.scoring.scored import measure, publish

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
    page = get(client)
    assert page.content.count(b'id="means"') == 1
    context = page.context
    means = [divide_half_up(sum(column), len(column)) for column in columns]
    assert [mean[1] for mean in context["foot"].means] == means
    assert [column.name for column in context["heat"].columns] == ["Usage", "Support", "Nps"]


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


def test_rows_are_sorted_by_any_metric_and_paged(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO)
    made = [walk(workspace, f"a{n:02}", 50, 50) for n in range(60)]
    for n, account in enumerate(made[:55]):
        measure(workspace, account, TODAY, usage=(n * 37) % 55)
    judge(workspace, made, first=TODAY, last=TODAY)
    ordered = [f"a{n:02}" for n in sorted(range(55), key=lambda n: (n * 37) % 55)]
    ordered = [key for key in ordered if int(key[1:]) * 37 % 55 <= 50]
    rest = [f"a{n:02}" for n in range(55, 60)]
    first = get(client, "?sort=metric:usage")
    second = get(client, first.context["next_url"])
    whole = list(shown(first)) + list(shown(second))
    usage = {**shown(first), **shown(second)}
    scores = [usage[key][0] for key in whole]
    assert scores == sorted(scores, key=lambda score: score or 0)
    assert whole[:50] == ordered[:50]
    assert sorted(whole) == [f"a{n:02}" for n in range(60)]
    assert set(rest) <= set(whole)
    assert list(shown(get(client, second.context["previous_url"]))) == list(shown(first))
    falling = get(client, "?sort=-metric:usage")
    assert list(shown(falling)) == whole[::-1][:50]
    assert list(shown(get(client, "?sort=metric:unheard"))) == list(shown(get(client)))


def test_means_are_of_the_accounts_that_the_filters_let_through(
    client: Client, workspace: Workspace, admin: User
) -> None:
    made = walked(workspace)
    with scope(workspace.pk):
        Account.objects.filter(key__in=["fell", "rose"]).update(owner=admin)
    response = get(client, "?owner=me")
    rows = shown(response)
    assert set(rows) == {"fell", "rose"}
    foot = response.context["foot"]
    columns = zip(*(scores for scores in rows.values()), strict=True)
    assert foot.accounts == 2
    assert [mean[1] for mean in foot.means] == [
        divide_half_up(sum(score for score in column if score), 2) for column in columns
    ]
    assert made


def test_a_score_is_set_in_place(client: Client, workspace: Workspace, admin: User) -> None:
    walked(workspace)
    before = get(client).context
    (row,) = [row for row in before["heat"].rows if row.line.key == "fell"]
    form = client.get(row.cells[0].edit_url, headers={"HX-Request": "true"})
    assert b'name="value"' in form.content
    url = "/w/northwind/matrix-scores/usage/fell/?scorecard=health"
    htmx = {"HX-Request": "true"}
    refused = client.post(url, {"value": ""}, headers=htmx)
    assert (refused.status_code, b"Choose a value." in refused.content) == (422, True)
    done = client.post(url, {"value": "97", "comment": "They told us."}, headers=htmx)
    assert done.status_code == 200
    assert done.context["row"].cells[0].score == 970_000
    assert done.context["row"].line.score > row.line.score
    assert done.context["foot"].means[0][1] > before["foot"].means[0][1]
    after = get(client).context
    assert after["foot"].means == done.context["foot"].means
    assert {row.line.key: row for row in after["heat"].rows}["fell"].cells[0].score == 970_000
    plain = client.post(url, {"value": "96", "comment": "They told us."})
    assert plain["Location"].startswith("/w/northwind/matrix/")
    client.force_login(make_member(workspace, Role.VIEWER))
    assert client.post(url, {"value": "97"}, headers=htmx).status_code == 403


def test_nothing_stale_is_seen_after_a_score_is_set(
    client: Client, workspace: Workspace, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "SLOW_SECONDS", 0)
    walked(workspace)
    pages = ("/w/northwind/matrix/", "/w/northwind/distribution/", "/w/northwind/movers/")
    before = [client.get(page).context for page in pages]
    url = "/w/northwind/matrix-scores/usage/fell/?scorecard=health"
    client.post(url, {"value": "99", "comment": "They told us."}, headers={"HX-Request": "true"})
    after = [client.get(page).context for page in pages]
    assert before[0]["foot"].means[0] != after[0]["foot"].means[0]
    assert before[1]["found"].mean != after[1]["found"].mean
    assert before[2]["movers"].change.tolist() != after[2]["movers"].change.tolist()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_file_has_the_columns_and_rows_of_the_page(
    client: Client, workspace: Workspace, admin: User, form: str
) -> None:
    walked(workspace)
    with scope(workspace.pk):
        Account.objects.filter(key="fell").update(name="=1+1")
    page = get(client, "?sort=-metric:usage")
    content = b"".join(get(client, f"?sort=-metric:usage&format={form}").streaming_content)
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode())))
    else:
        sheet = load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        rows = [["" if v is None else str(v) for v in row] for row in sheet.values]
    assert rows[0] == ["Account", "Key", "Health", "Band", "Usage", "Support", "Nps"]
    assert [row[1] for row in rows[1:-1]] == list(shown(page))
    assert {row[0] for row in rows if row[1] == "fell"} == {"'=1+1"}
    told = {row[1]: row for row in rows[1:-1]}
    for key, scores in shown(page).items():
        assert [float(v) if v else None for v in told[key][4:]] == [
            None if score is None else score / 10_000 for score in scores
        ]
    means = page.context["foot"].means
    assert [float(v) for v in rows[-1][4:]] == [mean[1] / 10_000 for mean in means]
