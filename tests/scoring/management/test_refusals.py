"""What the commands refuse: data errors are status 1, mistakes in the command status 2."""

import io
import json
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Rule, Run, ScorecardVersion
from scoring.services.configuration import publish_scorecard, save_rule, save_scheme
from scoring.starters import FOLDER
from tests.factories import make_workspace
from tests.scoring.api.conftest import NOW
from tests.scoring.documents import DROP, health
from tests.scoring.services.test_others import CARDS, card, other

KEYS = sorted(path.stem for path in FOLDER.iterdir())

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    """With a scorecard and no accounts."""
    workspace = make_workspace("acme")
    with scope(workspace.pk):
        publish_scorecard(document=health(), by=None, moment=NOW)
    return workspace


def refused(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*arguments, stdout=out, stderr=io.StringIO())
    assert out.getvalue() == ""
    return caught.value.returncode, str(caught.value)


@pytest.mark.parametrize(
    "command",
    [
        ["create_api_key", "nothing", "--scopes", "read"],
        ["import_accounts", "nothing", "f"],
        ["import_events", "nothing", "f"],
        ["evaluate", "nothing"],
        ["export_scorecards", "nothing"],
        ["apply", "nothing", "f"],
    ],
)
def test_unknown_workspace_is_a_mistake(workspace: Workspace, command: list[str]) -> None:
    assert refused(*command) == (2, "There is no workspace “nothing”. There are: acme.")


@pytest.mark.parametrize("command", ["apply", "import_accounts", "import_events"])
def test_file_that_is_not_there_is_a_mistake(workspace: Workspace, command: str) -> None:
    status, message = refused(command, "acme", "/nothing/there")
    assert status == 2
    assert "/nothing/there" in message


def test_unknown_scope_of_a_key_is_refused(workspace: Workspace) -> None:
    assert refused("create_api_key", "acme", "--scopes", "everything") == (
        1,
        "scopes: Choose from: ingest, read, write, admin.",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "2026-06-02", "--to", "2026-06-01"], "2026-06-02 to 2026-06-01"),
        (["--to", "2999-01-01"], "not in the future"),
        (["--from", "0001-01-01"], "from 1990-01-01 on"),
        (["--from", "yesterday"], "yesterday"),
        (["--account", "nobody"], "There is no account “nobody”."),
    ],
)
def test_evaluate_refuses_what_makes_no_sense(
    workspace: Workspace, options: list[str], message: str
) -> None:
    status, told = refused("evaluate", "acme", *options)
    assert message in told
    assert status == (
        1 if "yesterday" in options else 2
    )  # a process exits with 2: it is argparse's
    with scope(workspace.pk):
        assert Run.objects.count() == 0


def test_evaluate_without_a_scorecard_is_refused() -> None:
    make_workspace("bare")
    status, message = refused("evaluate", "bare")
    assert (status, message[:44]) == (1, "The workspace has no scorecard that is switc")


def test_apply_stores_all_or_nothing(workspace: Workspace, tmp_path: Path) -> None:
    documents = [{**health(), "key": "good"}, {**health(), "key": "bad", "rank": "first"}]
    (tmp_path / "both.yaml").write_text(yaml.safe_dump_all(documents))
    file = str(tmp_path / "both.yaml")
    line = (tmp_path / "both.yaml").read_text().splitlines().index("rank: first") + 1
    message = f"{file}:{line}: rank: must be a whole number\nNothing was applied."
    assert refused("apply", "acme", file) == (1, message)
    with scope(workspace.pk):
        assert ScorecardVersion.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: &a [*a]",
        '{"key": "a\\u0000"}',
        "- 1\n- two",
        'key: "\\ud800"',
        "\x07",
        "[" * 3000,
    ],
)
def test_apply_refuses_what_is_no_document(workspace: Workspace, tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text)
    status, message = refused("apply", "acme", str(tmp_path / "odd.yaml"))
    assert (status, message.startswith(str(tmp_path / "odd.yaml"))) == (1, True)


def test_scorecard_with_a_scheme_of_ones_own_goes_to_another_workspace(
    workspace: Workspace, tmp_path: Path
) -> None:
    bands = [{"key": "low", "label": "Low", "min": 0}, {"key": "high", "label": "High", "min": 70}]
    with scope(workspace.pk):
        save_scheme(key="ours", name="Ours", bands=bands)
        publish_scorecard(document={**health(), "scheme": "ours"}, by=None, moment=NOW)
    out = io.StringIO()
    call_command("export_scorecards", "acme", stdout=out)
    (tmp_path / "all.yaml").write_text(out.getvalue())
    make_workspace("twin")
    call_command("apply", "twin", str(tmp_path / "all.yaml"), stdout=io.StringIO())
    again = io.StringIO()
    call_command("export_scorecards", "twin", stdout=again)
    assert again.getvalue() == out.getvalue()
    scheme, scorecard = yaml.safe_load_all(out.getvalue())
    assert scheme == {"kind": "scheme", "key": "ours", "name": "Ours", "bands": bands}
    assert scorecard["scheme"] == "ours"


def output(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_export_of_one_scorecard_carries_what_it_needs(workspace: Workspace) -> None:
    with scope(workspace.pk):
        for key in ("care", "adoption", "health"):
            publish_scorecard(document=CARDS[key], by=None, moment=NOW)
        save_rule(document=DROP)

    def keys(*options: str) -> list[str]:
        text = output("export_scorecards", "acme", *options)
        return [document["key"] for document in yaml.safe_load_all(text)]

    assert keys("--key", "care") == ["care"]
    assert keys("--key", "adoption") == ["care", "adoption"]
    assert keys("--rules") == ["care", "adoption", "health", "drop"]
    assert refused("export_scorecards", "acme", "--key", "nothing") == (
        2,
        "There is no published scorecard “nothing”.",
    )


@pytest.mark.parametrize("key", KEYS)
def test_template_comes_out_as_it_went_in(workspace: Workspace, key: str) -> None:
    make_workspace("empty")
    file = FOLDER / f"{key}.yaml"
    assert output("apply", "empty", str(file)) == "1 created, 0 changed, 0 unchanged\n"
    assert output("export_scorecards", "empty") == file.read_text()
    assert output("apply", "empty", str(file)) == "0 created, 0 changed, 1 unchanged\n"


def test_dry_run_tells_and_stores_nothing(workspace: Workspace, tmp_path: Path) -> None:
    documents = [{**health(), "name": "Other"}, {**health(), "key": "new"}, DROP]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(documents))
    told = output("apply", "acme", str(tmp_path / "all.yaml"), "--dry-run").splitlines()
    assert told == [
        "scorecard health: changed",
        "scorecard new: created",
        "rule drop: created",
        "2 created, 1 changed, 0 unchanged (dry run)",
    ]
    with scope(workspace.pk):
        assert (ScorecardVersion.objects.count(), Rule.objects.count()) == (1, 0)


def test_apply_takes_scorecards_that_need_each_other_in_any_order(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = []
    for name, document in (
        ("whole", CARDS["health"]),
        ("rest", [CARDS["adoption"], CARDS["care"]]),
    ):
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(json.dumps(document))
    call_command("apply", "acme", *map(str, files), stdout=io.StringIO())
    circular = tmp_path / "circular.yaml"
    circular.write_text(json.dumps(card("care", other("adoption"))))
    status, message = refused("apply", "acme", *map(str, [*files[:1], circular]))
    problem = "groups[0].metrics[0].source.scorecard: goes round in a circle"
    assert status == 1
    assert message == f"{circular}:1: {problem}: care → adoption → care\nNothing was applied."
