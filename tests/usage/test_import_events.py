import csv
import gzip
import hashlib
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, StaleAccount, Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from usage.management.commands import import_events
from usage.models import AccountDay, RejectedEvent, UsageEvent

pytestmark = pytest.mark.django_db

HEADER = "event_id,occurred_at,account,user,event,feature,duration_seconds\n"
LINES = [
    "1,2026-01-05T10:00:00Z,acme,ann,login,,300\n",
    "2,2026-01-05T10:01:00Z,acme,ann,feature,reports,\n",
    "3,2026-01-06T10:01:00Z,other,bob,exported,,\n",
]


def run(workspace: Workspace | str, file: Path | str, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    slug = workspace if isinstance(workspace, str) else workspace.slug
    try:
        call_command("import_events", slug, str(file), stdout=out, stderr=err, **options)
    except SystemExit as stop:
        return out.getvalue(), f"{stop.code}: {err.getvalue()}"
    return out.getvalue(), err.getvalue()


def written(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text(header + "".join(lines))
    return path


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz", "events"])
def test_import_events_stores_a_file_once(tmp_path: Path, name: str) -> None:
    workspace, path = make_workspace(), tmp_path / name
    text = "\ufeff" + HEADER + "".join(LINES)
    path.write_bytes(text.encode() if name == "events.csv" else gzip.compress(text.encode()))
    out, err = run(workspace, path)
    assert (out.partition(" in ")[0], err) == ("3 accepted, 0 duplicates, 0 rejected", "")
    with scope(workspace.pk):
        assert [a.key for a in Account.objects.order_by("key")] == ["acme", "other"]
        assert sum(AccountDay.objects.values_list("session_seconds", flat=True)) == 300
        assert StaleAccount.objects.count() == 2
        StaleAccount.objects.all().delete()
    again, _err = run(workspace, path)
    assert again.startswith("0 accepted, 3 duplicates, 0 rejected in ")
    assert again.endswith(" events/s)\n")
    with scope(workspace.pk):
        assert UsageEvent.objects.count() == 3
        assert StaleAccount.objects.count() == 0


def test_import_events_goes_on_after_bad_lines(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_events, "BATCH", 2)
    workspace = make_workspace()
    bad = [
        "4,yesterday,acme,ann,login,,\n",
        "5,2026-01-05T10:00:00Z,acme,ann,login,,ten\n",
        "6,2026-01-05T10:00:00Z,acme\n",
        "7,2026-01-05T10:00:00Z,acme,ann,login,,1,2\n",
        '8,2026-01-05T10:00:00Z,acme,"a\nb",feature,,\n',
    ]
    path = written(tmp_path / "events.csv", LINES[0], *bad, "\n", *LINES[1:])
    out, err = run(workspace, path)
    assert out.startswith("3 accepted, 0 duplicates, 5 rejected in ")
    rejects = tmp_path / "events.rejected.csv"
    assert err.splitlines() == [
        "1: line 3: occurred_at: not a time: write it like 2026-01-31T09:30:00Z",
        "line 4: duration_seconds: Expected `int | float | null`, got `str`",
        "line 5: user: is required",
        "line 6: column 8: unknown field",
        "line 8: feature: is required where the type is “feature”",
        f"The rejected lines are in {rejects}: mend them and import that file.",
    ]
    written_down = list(csv.reader(rejects.open(newline="")))
    assert written_down[0] == [
        "import_row",
        "import_column",
        "import_message",
        *HEADER.strip().split(","),
    ]
    assert written_down[1] == [
        "3",
        "occurred_at",
        "occurred_at: not a time: write it like 2026-01-31T09:30:00Z",
        *bad[0].strip().split(","),
    ]
    assert [line[0] for line in written_down[1:]] == ["3", "4", "5", "6", "8"]
    with scope(workspace.pk):
        assert RejectedEvent.objects.count() == 5


def test_import_events_shows_only_the_first_bad_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "events.csv", *(f"{n},x,acme,ann,login,,\n" for n in range(50)))
    _out, err = run(make_workspace(), path)
    assert len(err.splitlines()) == 21


def test_mended_rejects_are_imported(tmp_path: Path) -> None:
    workspace = make_workspace()
    path = written(tmp_path / "events.csv", LINES[0], "4,yesterday,=acme,ann,login,,\n")
    run(workspace, path)
    rejects = tmp_path / "events.rejected.csv"
    text = rejects.read_text()
    assert "'=acme" in text
    rejects.write_text(text.replace(",yesterday,", ",2026-01-05T10:00:00Z,"))
    out, err = run(workspace, rejects)
    assert (out.partition(" in ")[0], err) == ("1 accepted, 0 duplicates, 0 rejected", "")
    with scope(workspace.pk):
        assert Account.objects.filter(key="=acme").exists()


def test_nothing_is_written_where_nothing_is_rejected(tmp_path: Path) -> None:
    run(make_workspace(), written(tmp_path / "events.csv", *LINES))
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]


def test_rejects_that_can_not_be_written_are_status_2(tmp_path: Path) -> None:
    path = written(tmp_path / "events.csv", "4,yesterday,acme,ann,login,,\n")
    with pytest.raises(CommandError, match="--rejects") as raised:
        run(make_workspace(), path, rejects=str(tmp_path / "none" / "r.csv"))
    assert raised.value.returncode == 2


def test_interrupted_import_says_how_to_go_on(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_events, "BATCH", 2)
    workspace = make_workspace()
    bad = "9,yesterday,acme,ann,login,,\n"
    path = written(tmp_path / "events.csv", LINES[0], bad, *LINES[1:], bad)
    ingest, batches = import_events.ingest_events, iter(range(9))

    def interrupted(**options: Any) -> Any:
        if next(batches) == 1:
            raise KeyboardInterrupt
        return ingest(**options)

    monkeypatch.setattr(import_events, "ingest_events", interrupted)
    out, err = run(workspace, path)
    assert out.startswith("1 accepted, 0 duplicates, 1 rejected")
    assert err.startswith("130: ")
    assert err.endswith(
        "Stopped after line 3; the lines up to it are done. Go on with:\n"
        f"  manage.py import_events {workspace.slug} {path} --from-line 4\n"
    )
    out, err = run(workspace, path, from_line=4)
    assert out.startswith("2 accepted, 0 duplicates, 1 rejected")
    rejects = (tmp_path / "events.rejected.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in rejects] == ["import_row", "3", "6"]


def test_import_events_takes_properties_and_counts(tmp_path: Path) -> None:
    workspace = make_workspace()
    header = "properties,count,event,user,account,occurred_at,event_id\n"
    line = '"{""rows"": 7}",3,login,ann,acme,2026-01-05T10:00:00Z,1\n'
    out, _err = run(workspace, written(tmp_path / "events.csv", line, header=header))
    assert out.startswith("1 accepted")
    with scope(workspace.pk):
        event = UsageEvent.objects.get()
    assert (event.properties, event.count) == ({"rows": 7}, 3)


def test_import_events_reads_standard_input(monkeypatch: Any) -> None:
    class Input:
        buffer = io.BytesIO((HEADER + LINES[0]).encode())

    monkeypatch.setattr(sys, "stdin", Input)
    assert run(make_workspace(), "-")[0].startswith("1 accepted")


def test_import_events_refuses_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes((HEADER + LINES[0]).encode() + LINES[1].encode().replace(b"ann", b"\xff"))
    out, err = run(make_workspace(), path)
    assert out.startswith("1 accepted, 0 duplicates, 1 rejected")
    assert err.startswith("1: line 3: contains text that is not valid Unicode\n")
    assert b",\xff," in (tmp_path / "events.rejected.csv").read_bytes()


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("event_id,account\n", "missing columns: event, occurred_at, user"),
        (HEADER.strip() + ",colour\n", "unknown columns: colour"),
        (HEADER.strip() + ",user\n", "repeated columns: user"),
        ("", "missing columns: account, event, event_id, occurred_at, user"),
    ],
)
def test_import_events_needs_its_columns(tmp_path: Path, header: str, message: str) -> None:
    path = written(tmp_path / "events.csv", header=header)
    with pytest.raises(CommandError, match=message) as raised:
        run(make_workspace(), path)
    assert raised.value.returncode == 2


def test_import_events_needs_a_workspace_and_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "events.csv")
    for slug, file in (("nowhere", path), (make_workspace().slug, tmp_path / "missing.csv")):
        with pytest.raises(CommandError) as raised:
            run(slug, file)
        assert raised.value.returncode == 2


def test_import_events_of_a_broken_file_marks_what_was_stored(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(import_events, "BATCH", 100)
    workspace, path = make_workspace(), tmp_path / "events.csv.gz"
    digest = hashlib.sha256
    lines = (
        f"{digest(bytes([n % 250, n // 250])).hexdigest()},{LINES[0][2:]}" for n in range(2000)
    )
    whole = gzip.compress((HEADER + "".join(lines)).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError) as raised:
        run(workspace, path)
    assert raised.value.returncode == 1
    with scope(workspace.pk):
        assert 0 < UsageEvent.objects.count() < 2000
        assert StaleAccount.objects.count() == Account.objects.count() == 1
