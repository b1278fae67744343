"""The three walls, checked on the catalog, so that a new table is covered by itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, connection, models, transaction

from accounts.models import Account, Workspace
from accounts.tenancy import NoScope, TenantFact, TenantModel, scope
from scoring.models import Evaluation
from tests.factories import make_account, make_workspace
from tests.scoring.scored import make_scored

pytestmark = pytest.mark.django_db

ROLE = "scorecard_app"
# 256 random bits: whether a hash is taken tells nobody anything, and it is looked up without scope.
UNIQUE_EVERYWHERE = {("accounts_apikey", "key_hash")}
# A person's places in every workspace are found by it.
OTHER_INDEXES = {("accounts_membership", "user_id")}
# The fact tables of events have no foreign keys: a third of the ingestion rate.
WITHOUT_KEYS = {("usage_usageevent", "account_id"), ("usage_usageevent", "end_user_id")}
WITHOUT_KEYS |= {("usage_usageevent", "feature_id")}
# A night writes every account with the same version: triggers ask once a statement.
WITHOUT_KEYS |= {("scoring_evaluation", "scorecard_id")}
# They answer with ids of workspaces and runs alone, and the names of months: who has work to do;
# accounts_named with ids of accounts of the workspace that is open.
SECURITY_DEFINERS = {
    "accounts_closed_key",
    "accounts_current_key",
    "accounts_named",
    "accounts_open_key",
    "integrations_imports_at_work",
    "scoring_last_nights",
    "scoring_work",
    "usage_drop_months",
    "usage_ensure_partition",
    "usage_recounts",
}

NAMED = ("scorecard_id", "version_id", "account_id")
COPIED = """
INSERT INTO scoring_evaluation (workspace_id, account_id, scorecard_id, day, to_day, version_id,
    coverage, band, flags, reference_band, pending_band, pending_count, exception, detail, evaluated_at)
SELECT workspace_id, account_id, %s, day + 1, to_day + 1, %s,
    coverage, band, flags, reference_band, pending_band, pending_count, exception, detail, evaluated_at
FROM scoring_evaluation WHERE account_id = %s RETURNING day
"""


def rows(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def tenant_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if issubclass(m, (TenantModel, TenantFact))]


def tenant_tables() -> set[str]:
    """Every table with a workspace_id, whatever made it, partitions left out."""
    return {
        name
        for (name,) in rows(
            """
            SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND NOT relispartition AND attname = 'workspace_id' AND NOT attisdropped
            """
        )
    }


@pytest.fixture
def two() -> tuple[int, int]:
    """Two workspaces with an account each."""
    one, other = make_workspace(), make_workspace()
    make_account(one, "a")
    make_account(other, "a")
    return one.pk, other.pk


def test_every_table_with_a_workspace_is_a_tenant_model() -> None:
    assert {model._meta.db_table for model in tenant_models()} == tenant_tables()


def test_every_tenant_table_is_protected_by_its_policy() -> None:
    protected = {
        table
        for table, using, check in rows(
            """
            SELECT relname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
            FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
            WHERE relrowsecurity AND polpermissive AND polcmd = '*' AND polroles = '{0}'
            """
        )
        if "app.workspace_id" in using and "app.workspace_id" in check
    }
    assert protected == tenant_tables()


def test_policies_are_one_for_each_table() -> None:
    counted = rows("SELECT polrelid FROM pg_policy GROUP BY polrelid HAVING count(*) > 1")
    assert counted == []


def test_writing_is_checked_by_the_workspace_alone() -> None:
    checks = {
        check for (check,) in rows("SELECT pg_get_expr(polwithcheck, polrelid) FROM pg_policy")
    }
    assert len(checks) == 1


def test_every_index_begins_with_the_workspace() -> None:
    found = rows(
        """
        SELECT c.relname, a.attname FROM pg_index
        JOIN pg_class c ON c.oid = indrelid
        JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = indkey[0]
        WHERE c.relname = ANY(%s) AND NOT (indisprimary AND a.attname = 'id')
        """,
        list(tenant_tables()),
    )
    wrong = {(table, column) for table, column in found if column != "workspace_id"}
    assert wrong - OTHER_INDEXES == UNIQUE_EVERYWHERE


def test_foreign_keys_between_tenant_tables_hold_the_workspace() -> None:
    found = rows(
        """
        SELECT c.relname, conname, 'workspace_id' = ANY(
            SELECT attname FROM pg_attribute
            WHERE attrelid = conrelid AND attnum = ANY(conkey)
        )
        FROM pg_constraint JOIN pg_class c ON c.oid = conrelid JOIN pg_class t ON t.oid = confrelid
        WHERE contype = 'f' AND t.relname = ANY(%s)
        """,
        list(tenant_tables()),
    )
    assert [(table, name) for table, name, whole in found if not whole] == []


def test_every_reference_to_an_entity_has_a_composite_foreign_key() -> None:
    entities = {
        model._meta.model_name: model._meta.db_table
        for model in tenant_models()
        if issubclass(model, TenantModel)
    }
    kept = {
        (table, column)
        for table, column in rows(
            """
            SELECT c.relname, a.attname FROM pg_constraint
            JOIN pg_class c ON c.oid = conrelid
            JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = ANY(conkey)
            WHERE contype = 'f' AND cardinality(conkey) = 2 AND a.attname <> 'workspace_id'
            """
        )
    }
    wanted = set()
    for model in tenant_models():
        for field in model._meta.local_fields:
            target = getattr(field.remote_field, "model", None)
            inside = target is not None and issubclass(target, TenantModel)
            named = (field.column or "").removesuffix("_id").replace("_", "") in entities
            if inside or (named and (field.column or "").endswith("_id")):
                wanted.add((model._meta.db_table, field.column))
    assert wanted - kept == WITHOUT_KEYS


def test_application_role_owns_nothing_and_bypasses_nothing() -> None:
    assert rows("SELECT current_user::text") == [(ROLE,)]
    assert rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
        ROLE,
    ) == [(False, False, False, False)]
    owned = "SELECT count(*) FROM {} JOIN pg_roles r ON r.oid = {} WHERE rolname = %s"
    for table, column in (
        ("pg_class", "relowner"),
        ("pg_proc", "proowner"),
        ("pg_namespace", "nspowner"),
        ("pg_database", "datdba"),
    ):
        assert rows(owned.format(table, column), ROLE) == [(0,)]


def test_application_role_is_in_no_other_role() -> None:
    assert rows(
        "SELECT count(*) FROM pg_auth_members JOIN pg_roles r ON r.oid = member WHERE rolname = %s",
        ROLE,
    ) == [(0,)]


def test_application_role_may_not_create_nor_truncate() -> None:
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
    for table in tenant_tables():
        assert rows("SELECT has_table_privilege(%s, 'TRUNCATE, TRIGGER')", table) == [(False,)]


def test_no_partition_is_readable_by_its_own_name() -> None:
    rows("SELECT usage_ensure_partition(%s)::text", datetime(2026, 3, 1, tzinfo=UTC))
    partitions = rows(
        """
        SELECT relname, has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE') FROM pg_class
        WHERE relispartition AND relkind IN ('r', 'p')
        """
    )
    assert ("usage_usageevent_2026_03", False) in partitions
    assert [name for name, open_ in partitions if open_] == []


def test_nothing_looks_around_the_policies() -> None:
    assert (
        rows(
            """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
        """
        )
        == []
    )
    definers = rows(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert {name for (name,) in definers} == SECURITY_DEFINERS


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_manager_refuses_without_a_scope(model: type[models.Model]) -> None:
    for manager in model._meta.managers:
        with pytest.raises(NoScope):
            manager.all()
    with pytest.raises(NoScope):
        model().full_clean()


def test_rows_are_not_seen_without_a_scope(two: tuple[int, int]) -> None:
    for table in tenant_tables():
        assert rows(f'SELECT count(*) FROM "{table}"') == [(0,)]


def test_scope_shows_its_own_rows_alone(two: tuple[int, int]) -> None:
    for workspace_id in two:
        with scope(workspace_id):
            assert rows("SELECT DISTINCT workspace_id FROM accounts_account") == [(workspace_id,)]
            assert [account.workspace.pk for account in Account.objects.all()] == [workspace_id]


def test_scopes_nest_and_the_outer_one_comes_back(two: tuple[int, int]) -> None:
    one, other = two
    with scope(one):
        with scope(other):
            assert Account.objects.get().workspace.pk == other
        assert Account.objects.get().workspace.pk == one
        with pytest.raises(ZeroDivisionError), scope(other):
            raise ZeroDivisionError
        assert rows("SELECT workspace_id FROM accounts_account") == [(one,)]
        assert Account.objects.get().workspace.pk == one
    with pytest.raises(NoScope):
        Account.objects.all()
    assert rows("SELECT count(*) FROM accounts_account") == [(0,)]


def test_row_cannot_be_written_into_another_workspace(two: tuple[int, int]) -> None:
    one, other = two
    with scope(one):
        for write in (
            lambda: Account.objects.create(workspace_id=other, key="x", name="X"),
            lambda: rows("UPDATE accounts_account SET workspace_id = %s RETURNING id", other),
        ):
            with pytest.raises(Error, match="row-level security"), transaction.atomic():
                write()


def test_row_cannot_point_into_another_workspace(two: tuple[int, int]) -> None:
    one, other = two
    with scope(other):
        theirs = Account.objects.get().pk
    with scope(one):
        mine = Account.objects.get()
        with pytest.raises(Error, match="in_workspace"), transaction.atomic():
            Account.objects.filter(pk=mine.pk).update(parent_id=theirs)


def test_evaluation_cannot_name_a_version_of_another_workspace(two: tuple[int, int]) -> None:
    """What two foreign keys would say, a trigger of the statement says."""
    one, other = two
    day = datetime(2026, 3, 1, tzinfo=UTC).date()
    for workspace in Workspace.objects.filter(pk__in=two):
        make_scored(workspace, day, key="scored")
    with scope(other):
        theirs = Evaluation.objects.get()
    with scope(one):
        mine = Evaluation.objects.get()
        for field in ("scorecard_id", "version_id"):
            stranger = {field: getattr(theirs, field)}
            with pytest.raises(Error, match="in_workspace"), transaction.atomic():
                Evaluation.objects.filter(account_id=mine.account_id).update(**stranger)
            with pytest.raises(Error, match="in_workspace"), transaction.atomic():
                rows(COPIED, *[stranger.get(n, getattr(mine, n)) for n in NAMED])
        assert [row.version_id for row in Evaluation.objects.all()] == [mine.version_id]
