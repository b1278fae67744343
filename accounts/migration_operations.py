"""Migration operations that build the second and third wall of tenancy."""

from django.db.migrations.operations import RunSQL

WORKSPACE = "NULLIF(current_setting('app.workspace_id', true), '')::bigint"


def protect(table: str, *, also: str = "", privileges: str = "") -> RunSQL:
    """Row-level security: only the scope's rows. `also` widens it, `privileges` narrows the role's.

    The setting is read with missing_ok: without a scope the condition is null and no row is seen.
    """
    condition = f"workspace_id = {WORKSPACE}"
    using = f"{condition} OR {also}" if also else condition
    narrow = (
        f"REVOKE ALL ON {table} FROM scorecard_app; GRANT {privileges} ON {table} TO scorecard_app;"
        if privileges
        else ""
    )
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY workspace ON {table} USING ({using}) WITH CHECK ({condition});
        {narrow}
        """,
        f"DROP POLICY workspace ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def addressable(table: str) -> RunSQL:
    """What composite foreign keys point at."""
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_workspace_id UNIQUE (workspace_id, id);",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_workspace_id;",
    )


def belongs(
    table: str, column: str, target: str, *, target_column: str = "id", on_delete: str = "CASCADE"
) -> RunSQL:
    """A foreign key that cannot leave the workspace: (workspace_id, column)."""
    name = f"{table}_{column}_in_workspace"
    return RunSQL(
        f"""
        ALTER TABLE {table} ADD CONSTRAINT {name}
        FOREIGN KEY (workspace_id, {column}) REFERENCES {target} (workspace_id, {target_column})
        ON DELETE {on_delete} DEFERRABLE INITIALLY IMMEDIATE;
        """,
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )
