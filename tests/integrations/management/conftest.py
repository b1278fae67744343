from tests.accounts.management.test_commands import run

__all__ = ["run"]
