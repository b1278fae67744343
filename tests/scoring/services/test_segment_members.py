from datetime import timedelta
from typing import Any

import pytest

from accounts.inputs import AccountRow
from accounts.models import Account, Segment
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.models import SegmentMember
from scoring.services.segments import remove_segment, save_segment
from scoring.services.stale import evaluate_stale
from tests.factories import make_workspace
from tests.scoring.portfolios import NOON, TODAY

pytestmark = pytest.mark.django_db


def segment(key: str, stage: str) -> dict[str, Any]:
    condition = {"attribute": "stage", "op": "eq", "value": stage}
    return {"key": key, "name": key.title(), "conditions": [condition]}


def told(**stages: str) -> None:
    rows = [AccountRow(key=key, name=key, stage=stage) for key, stage in stages.items()]
    upsert_accounts(rows=rows, as_of=TODAY, by=None, moment=NOON)


def members() -> list[tuple[str, str]]:
    segments = dict(Segment.objects.values_list("pk", "key"))
    accounts = dict(Account.objects.values_list("pk", "key"))
    rows = SegmentMember.objects.values_list("segment_id", "account_id")
    return sorted((segments[segment], accounts[account]) for segment, account in rows)


def test_members_follow_the_conditions_and_the_accounts() -> None:
    workspace = make_workspace()
    with scope(workspace.pk):
        told(a="live", b="trial")
        save_segment(document=segment("live", "live"), today=TODAY)
        save_segment(document=segment("trial", "trial"), today=TODAY)
        assert members() == [("live", "a"), ("trial", "b")]
        told(a="trial", c="live")
    evaluate_stale(workspace=workspace, moment=NOON + timedelta(seconds=5))
    with scope(workspace.pk):
        assert members() == [("live", "c"), ("trial", "a"), ("trial", "b")]
        save_segment(document=segment("live", "trial"), today=TODAY)
        assert members() == [("live", "a"), ("live", "b"), ("trial", "a"), ("trial", "b")]
        remove_segment(segment=Segment.objects.get(key="live"))
        assert members() == [("trial", "a"), ("trial", "b")]
