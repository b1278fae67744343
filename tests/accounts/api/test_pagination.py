import base64
import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.pagination import Column, ListQuery, paginate
from accounts.api.views import ListView
from accounts.models import Account, ApiKey, Workspace
from accounts.tenancy import scope
from tests.factories import make_account, make_key

COLUMNS: dict[str, str | Column] = {
    "name": "name",
    "value": Column("contract_value_cents", nullable=True),
    "renewal_on": Column("renewal_on", nullable=True),
}


class Lines(ListView):
    scopes = {"GET": "read"}

    def rows(self) -> QuerySet[Account]:
        found: QuerySet[Account] = Account.objects.all()
        return found

    def get(self, request: Request) -> Response:
        return paginate(
            request,
            self.rows(),
            query=query(request, ListQuery),
            columns=COLUMNS,
            default="name",
            row=lambda a: {"key": a.key, "name": a.name, "value": a.contract_value_cents},
        )


@pytest.fixture
def inside(workspace: Workspace) -> Iterator[Workspace]:
    make_key(workspace)
    with scope(workspace.pk):
        yield workspace


def get(workspace: Workspace, view: Any = Lines, accept: str = "", **parameters: Any) -> Any:
    extra: dict[str, Any] = {"HTTP_ACCEPT": accept} if accept else {}
    request = RequestFactory().get("/api/v1/lines/", parameters, **extra)
    request.api_key = ApiKey.objects.get()  # type: ignore[attr-defined]
    request.workspace = workspace  # type: ignore[attr-defined]
    return view.as_view()(request).render()


def walk(workspace: Workspace, **parameters: Any) -> list[str]:
    keys: list[str] = []
    cursor = ""
    for _page in range(50):
        response = get(workspace, cursor=cursor, **parameters)
        body = response_json(response)
        keys += [row["key"] for row in body["results"]]
        if body["next"] is None:
            return keys
        cursor = body["next"]
    raise AssertionError("the pages do not end")


def response_json(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return json.loads(response.content)


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("value", "bdace"),
        ("-value", "cadbe"),
        ("name", "abcde"),
        ("-name", "edcba"),
        ("renewal_on", "ecabd"),
        ("-renewal_on", "cedba"),
        ("", "abcde"),
    ],
)
def test_pages_walk_through_every_row_once(
    inside: Workspace, limit: int, ordering: str, expected: str
) -> None:
    values = {"a": 300, "b": 100, "c": 300, "d": 100, "e": None}
    days = {"c": date(2026, 5, 2), "e": date(2026, 5, 1)}
    for key, value in values.items():
        make_account(inside, key, contract_value_cents=value, renewal_on=days.get(key))
    assert "".join(walk(inside, ordering=ordering, limit=limit)) == expected


def test_page_is_stable_while_rows_are_written(inside: Workspace) -> None:
    for key in "bdfh":
        make_account(inside, key)
    first = response_json(get(inside, limit=2))
    make_account(inside, "a")
    make_account(inside, "e")
    Account.objects.get(key="b").delete()
    second = response_json(get(inside, limit=10, cursor=first["next"]))
    assert [row["key"] for row in second["results"]] == ["e", "f", "h"]


def test_page_says_where_the_next_one_is(inside: Workspace) -> None:
    for key in "abc":
        make_account(inside, key)
    response = get(inside, limit=2, ordering="-name")
    assert 'rel="next"' in response["Link"]
    assert "ordering=-name" in response["Link"]
    assert "Link" not in get(inside, limit=3)
    assert response_json(get(inside, limit=3))["next"] is None


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"ordering": "owner"}, "ordering"),
        ({"ordering": "--name"}, "ordering"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"colour": "red"}, "colour"),
        ({"ordering": "na\0me"}, "ordering"),
    ],
)
def test_bad_parameter_is_named(inside: Workspace, parameters: Any, path: str) -> None:
    make_account(inside, "a")
    response = get(inside, **parameters)
    assert response.status_code == 400
    assert response.data["errors"][0]["path"] == path


def test_cursor_of_another_ordering_is_400(inside: Workspace) -> None:
    for key in "abc":
        make_account(inside, key)
    cursor = response_json(get(inside, limit=1, ordering="name"))["next"]
    assert get(inside, cursor=cursor, ordering="-name").status_code == 400


@pytest.mark.parametrize(
    "packed",
    [
        b'["name","x","date",1]',
        b'["name",1e30,"Decimal",1]',
        b'["name","x","plain","y"]',
        b'["name",null,"plain",1]',
        b'["name",true,"datetime",1]',
        b'["name","x","plain",99999999999999999999999]',
    ],
)
def test_forged_cursor_is_no_500(inside: Workspace, packed: bytes) -> None:
    cursor = base64.urlsafe_b64encode(packed).decode()
    assert get(inside, cursor=cursor).status_code in {200, 400}


def test_same_rows_as_csv(inside: Workspace) -> None:
    make_account(inside, "a", name="=1+1", contract_value_cents=5)
    make_account(inside, "b", name='Quote " and, comma')
    make_account(inside, "c")
    response = get(inside, accept="text/csv", limit=2)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'rel="next"' in response["Link"]
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    assert rows == [["key", "name", "value"], ["a", "'=1+1", "5"], ["b", 'Quote " and, comma', ""]]


def test_error_is_json_where_csv_was_asked_for(inside: Workspace) -> None:
    response = get(inside, accept="text/csv", limit=0)
    assert (response.status_code, response["Content-Type"]) == (400, "application/json")


def test_page_makes_one_query(inside: Workspace, django_assert_num_queries: Any) -> None:
    for number in range(30):
        make_account(inside, f"k{number}")
    with django_assert_num_queries(2):
        get(inside, limit=1)
    with django_assert_num_queries(2):
        get(inside, limit=30)
