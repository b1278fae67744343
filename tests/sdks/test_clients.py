"""The six public clients, unchanged, deliver to the running server: everything once, mapped exactly."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import Account
from accounts.tenancy import scope
from integrations.views.connect import CLIENTS
from tests.sdks.cases import CASES, LONG_CASES, Case
from tests.sdks.conftest import HERE, Deliveries, node
from tests.sdks.servers import Server
from usage.models import AccountDay, EndUser, Feature, RejectedEvent, UsageEvent

# One worker delivers for all.
pytestmark = pytest.mark.xdist_group("sdks")

MISHAPS = {"200": set(), "500": {500}, "429": {429}, "broken": {0}, "killed": {0}, "refused": set()}
PROGRAMS: list[tuple[Callable[[], str], str]] = [(lambda: sys.executable, "py"), (node, "mjs")]
ENCODINGS = {"plain": {""}, "gzip": {"gzip"}}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everything_arrives_once(case: Case, deliveries: Deliveries) -> None:
    arrived_once(case, deliveries)


@pytest.mark.heavy
@pytest.mark.parametrize("case", LONG_CASES, ids=lambda case: case.name)
def test_many_batches_arrive_once(case: Case, many_deliveries: Deliveries) -> None:
    arrived_once(case, many_deliveries)


def arrived_once(case: Case, deliveries: Deliveries) -> None:
    assert deliveries.failures.get(case.name, []) == []
    with scope(deliveries.workspace.pk):
        account = Account.objects.get(key=case.account)
        features = dict(Feature.objects.values_list("id", "key"))
        events = UsageEvent.objects.filter(account_id=account.pk).order_by("occurred_at")
        found = [
            (event.type, features.get(event.feature_id or 0), event.occurred_at) for event in events
        ]
        clicks = [("feature", "Clicked", case.at(4 + number)) for number in range(case.clicks)]
        assert found == [("login", None, case.at(2)), ("page", None, case.at(3)), *clicks]
        day = AccountDay.objects.get(account_id=account.pk)
        assert (day.events, day.logins, day.feature_uses) == (case.clicks + 2, 1, case.clicks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_user_and_account_are_as_they_were_told(case: Case, deliveries: Deliveries) -> None:
    with scope(deliveries.workspace.pk):
        account = Account.objects.get(key=case.account)
        told = case.group_traits
        assert account.name == told["name"]
        assert account.attributes == {"plan": "pro", "employees": 42}
        (user,) = EndUser.objects.filter(account_id=account.pk)
        assert (user.key, user.name, user.email) == (
            case.user,
            case.traits["name"],
            case.traits["email"],
        )
        assert user.traits == case.traits


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_client_met_its_mishap(case: Case, deliveries: Deliveries) -> None:
    """What was tried is what the case is called after."""
    seen = deliveries.proxies[case.name].seen
    faults = {one.status for one in seen} - {200}
    # What another request was answered while the server was killed is a matter of moments.
    assert faults - {502} == MISHAPS[case.fault]
    assert {one.encoding for one in seen} == ENCODINGS[case.encoding]


@pytest.mark.parametrize("name", ["segment", "rudderstack", "posthog"])
def test_lines_of_the_page_connect_deliver_as_they_stand(
    name: str, servers: tuple[Server, Server], deliveries: Deliveries, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    host = f"http://127.0.0.1:{servers[0].port}"
    for code, (command, suffix) in zip(CLIENTS[name][1:], PROGRAMS, strict=True):
        lines = code.format(key=deliveries.key, host=host).replace("ann", name)
        file = tmp_path / f"program.{suffix}"
        file.write_text(lines.replace("Report Exported", f"{name} {suffix}"))
        subprocess.run([command(), file], cwd=tmp_path, check=True, timeout=60)
    with scope(deliveries.workspace.pk):
        features = Feature.objects.filter(key__startswith=f"{name} ").order_by("key")
        assert list(features.values_list("key", flat=True)) == [f"{name} mjs", f"{name} py"]


def test_nothing_is_in_quarantine(deliveries: Deliveries) -> None:
    with scope(deliveries.workspace.pk):
        assert list(RejectedEvent.objects.values_list("message", flat=True)) == []
