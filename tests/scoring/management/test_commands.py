"""The commands as a person meets them: processes, with a home alone and beside a running server."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.flows.installation import manage, query, running
from tests.scoring.documents import DROP, HEALTH_YAML

pytestmark = pytest.mark.xdist_group("installation")

ACCOUNTS = """\
key,name,stage,seats,region
acme,Acme,live,10,EU
globex,Globex,live,20,US
trial,Trial,trial,,EU
"""
BAD_ACCOUNTS = ACCOUNTS + "broken,,live,many,EU\n"
EVENTS = "event_id,occurred_at,account,user,event,feature,duration_seconds\n" + "".join(
    f"e{n},2026-06-01T{n % 24:02}:00:00Z,acme,u{n % 5},login,,60\n" for n in range(18)
)
BAD_EVENTS = EVENTS + "e99,yesterday,acme,u1,login,,60\n"


class Shell:
    """Runs `manage.py`; each answer is (exit status, lines on stdout, lines on stderr)."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder

    def __call__(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        done = manage(self.home, *arguments)
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Every account may enter it, which is not so below pytest's own folder."""
    folder = Path(tempfile.mkdtemp(prefix="scorecard-commands-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def beside(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Beside a running installation, in which the workspace `acme` was made."""
    with running(home):
        shell = Shell(home, tmp_path_factory.mktemp("files"))
        made = shell("create_workspace", "acme", "--name", "Acme", "--owner", "ann@example.com")
        assert made[0] == 0, made
        assert made[1][0].endswith("/w/acme/")
        yield shell


def test_create_workspace_says_what_is_wrong_with_it(beside: Shell) -> None:
    again = beside("create_workspace", "acme", "--name", "Acme", "--owner", "ann@example.com")
    assert again == (1, [], ["Error: slug: The address “acme” is taken."])
    assert beside("create_workspace", "other")[0] == 2


def test_create_api_key_prints_the_key_alone(beside: Shell) -> None:
    status, out, err = beside("create_api_key", "acme", "--scopes", "read,write")
    assert (status, len(out), out[0][:3], err) == (0, 1, "sk_", [])
    status, out, err = beside("create_api_key", "acme", "--scopes", "everything")
    assert (status, out, err) == (
        1,
        [],
        ["Error: scopes: Choose from: ingest, read, write, admin."],
    )
    assert beside("create_api_key", "acme")[0] == 2


def test_whole_way_from_files_to_scores_and_to_another_workspace(beside: Shell) -> None:
    none = beside("evaluate", "acme")
    assert (none[0], none[1]) == (1, []), "there is no scorecard yet"
    card = beside.file("health.yaml", HEALTH_YAML)
    rule = beside.file("rule.json", json.dumps(DROP))
    assert beside("apply", "acme", rule, card) == (0, ["2 created, 0 changed, 0 unchanged"], [])

    accounts = beside("import_accounts", "acme", beside.file("accounts.csv", ACCOUNTS))
    assert accounts == (0, ["3 created, 0 updated, 0 unchanged, 0 not stored"], [])
    status, out, err = beside("import_accounts", "acme", beside.file("bad.csv", BAD_ACCOUNTS))
    assert (status, out) == (1, ["0 created, 0 updated, 3 unchanged, 1 not stored"])
    assert [line.partition(",")[0] for line in err][:1] == ["line 5"]

    status, out, err = beside("import_events", "acme", beside.file("events.csv", EVENTS))
    assert (status, len(out), err) == (0, 1, [])
    status, out, err = beside("import_events", "acme", beside.file("bad-events.csv", BAD_EVENTS))
    assert (status, len(out)) == (1, 1)
    assert err

    status, out, err = beside("evaluate", "acme", "--from", "2026-06-01", "--to", "2026-06-10")
    assert (status, err) == (0, [])
    assert out[0].startswith("3 accounts × 10 days evaluated in ")
    status, out, err = beside("evaluate", "acme", "--to", "2026-06-11", "--account", "acme")
    assert (status, out[0][:24]) == (0, "1 accounts × 1 days eval")
    database = running_database(beside.home)
    scores = query(
        database,
        "SELECT a.key, e.score FROM scoring_evaluation e JOIN accounts_account a"
        " ON a.id = e.account_id WHERE e.day <= '2026-06-05' AND e.to_day >= '2026-06-05'"
        " ORDER BY a.key",
    )
    # There were no seats yet; of globex nothing was known.
    assert scores == [("acme", 478_261), ("globex", None)]

    status, out, err = beside("export_scorecards", "acme")
    assert (status, err) == (0, [])
    copy = beside.file("copy.yaml", "\n".join(out))
    beside("create_workspace", "twin", "--name", "Twin", "--owner", "ann@example.com")
    assert beside("apply", "twin", copy)[0] == 0
    assert beside("export_scorecards", "twin") == (0, out, [])
    assert list(yaml.safe_load("\n".join(out))) == list(health_in_order())


def running_database(home: Path) -> str:
    state = json.loads((home / "state.json").read_text())
    address: str = state["environment"]["DATABASE_OWNER_URL"]
    return address


def health_in_order() -> list[str]:
    return ["key", "name", "scheme", "applies_to", "exceptions", "groups"]


def test_commands_alone_bring_their_own_servers(home: Path, tmp_path: Path) -> None:
    """In a home in which nothing runs: each starts the database for its own duration."""
    folder = home / "alone"
    folder.mkdir()
    folder.chmod(0o711)
    shell = Shell(folder, tmp_path)
    made = shell("create_workspace", "solo", "--name", "Solo", "--owner", "ann@example.com")
    assert made[0] == 0, made
    assert shell("apply", "solo", shell.file("health.yaml", HEALTH_YAML))[:2] == (
        0,
        ["1 created, 0 changed, 0 unchanged"],
    )
    shell("import_accounts", "solo", shell.file("accounts.csv", ACCOUNTS))
    status, out, _err = shell("evaluate", "solo")
    assert (status, out[0][:25]) == (0, "3 accounts × 1 days evalu")
    assert not (folder / "state.json").exists()
