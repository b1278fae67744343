from django.db import migrations

from accounts.migration_operations import addressable, belongs, protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        addressable("accounts_account"),
        # A person sees their own memberships in every workspace: the switcher and the sign-in.
        protect(
            "accounts_membership",
            also="user_id = NULLIF(current_setting('app.user_id', true), '')::bigint",
        ),
        # A key is looked up by its hash before its workspace is known.
        protect(
            "accounts_apikey", also="key_hash = NULLIF(current_setting('app.key_hash', true), '')"
        ),
        protect("accounts_account"),
        protect("accounts_accountstate"),
        protect("accounts_seatchange"),
        protect("accounts_staleaccount"),
        protect("accounts_contact"),
        protect("accounts_idempotentrequest"),
        belongs(
            "accounts_account",
            "owner_id",
            "accounts_membership",
            target_column="user_id",
            on_delete="SET NULL (owner_id)",
        ),
        belongs(
            "accounts_account", "parent_id", "accounts_account", on_delete="SET NULL (parent_id)"
        ),
        belongs("accounts_accountstate", "account_id", "accounts_account"),
        belongs("accounts_seatchange", "account_id", "accounts_account"),
        belongs("accounts_staleaccount", "account_id", "accounts_account"),
        belongs("accounts_contact", "account_id", "accounts_account"),
        belongs(
            "accounts_apikey",
            "created_by_id",
            "accounts_membership",
            target_column="user_id",
            on_delete="SET NULL (created_by_id)",
        ),
    ]
