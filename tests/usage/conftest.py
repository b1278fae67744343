from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A test whose transactions commit, so that other connections see them; the owner cleans up,
    because the application's role may not truncate."""
    with django_db_blocker.unblock():
        yield
        connection.close()
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "TRUNCATE accounts_workspace, accounts_user, usage_eventkey, usage_usageevent CASCADE"
            )
        connections["owner"].close()
