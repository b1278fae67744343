from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from tests.factories import make_member, make_workspace
from tests.scoring.test_drafts import document


@pytest.fixture
def acme(db: None) -> Workspace:
    workspace = make_workspace("acme")
    with scope(workspace.pk):
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        publish_scorecard(document=document(), by=None, moment=moment, note="first")
    return workspace


@pytest.fixture
def admin(client: Client, acme: Workspace) -> Client:
    client.force_login(make_member(acme, Role.ADMIN))
    return client
