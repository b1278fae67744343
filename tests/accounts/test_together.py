from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Membership, Role
from accounts.tenancy import scope
from accounts.together import kept_together, together
from tests.factories import make_account, make_member, make_workspace

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_querysets_in_one_statement() -> None:
    acme, globex = make_workspace("acme"), make_workspace("globex")
    owner = make_member(acme, Role.CSM)
    given = {"renewal_on": date(2026, 3, 1), "attributes": {"n": 1.5, "list": [1, None]}}
    account = make_account(acme, "b", owner=owner, **given)
    make_account(acme, "a")
    make_account(globex, "c")
    with scope(acme.pk):
        Contact.objects.create(account=account, name="Ann", email="ann@b.example")
        querysets = [
            Account.objects.select_related("owner").order_by("key"),
            Contact.objects.only("name"),
            Contact.objects.filter(name="nobody"),
            Membership.objects.by_name(),
        ]
        with CaptureQueriesContext(connection) as queries:
            found = together(*querysets)
        assert len(queries) == 1
        assert found == [list(queryset) for queryset in querysets]
        assert [a.owner for a in found[0]] == [None, owner]
        (stored,) = Account.objects.filter(key="b")
        assert vars(found[0][1]).keys() == vars(querysets[0].get(key="b")).keys()
        same = ("renewal_on", "attributes", "added_at", "contract_value_cents", "created_on")
        assert [getattr(found[0][1], f) for f in same] == [getattr(stored, f) for f in same]
        assert found[1][0].get_deferred_fields() >= {"email", "title"}


def _found(owned: bool, *, key: str, until: date | None) -> list[QuerySet[Any]]:
    accounts = Account.objects.filter(key=key, renewal_on__lte=until or date.max)
    return [accounts.filter(owner=None) if owned else accounts, Contact.objects.all()]


def test_kept_statements_ask_for_the_values_of_each_call() -> None:
    acme, globex = make_workspace("acme"), make_workspace("globex")
    for workspace in (acme, globex):
        for n, key in enumerate(("a", "b'--", "c"), 1):
            make_account(workspace, key, renewal_on=date(2026, n, 1))
    for workspace in (acme, globex):
        with scope(workspace.pk):
            for key in ("a", "b'--", "c", "nobody"):
                for until in (date(2026, 1, 31), date(2026, 2, 28)):
                    for owned in (True, False):
                        found = kept_together(_found, owned, key=key, until=until)
                        assert found == together(*_found(owned, key=key, until=until))
            found = kept_together(_found, False, key="c", until=None)
            assert [account.workspace_id for account in found[0]] == [workspace.pk]


def _lossy(*, key: str, n: int) -> list[QuerySet[Any]]:
    return [Account.objects.filter(key=key)[:n]]


def test_a_value_that_decides_the_statement_is_refused() -> None:
    with scope(make_workspace("acme").pk), pytest.raises(ValueError, match="hand on n as is"):
        kept_together(_lossy, key="a", n=1)
