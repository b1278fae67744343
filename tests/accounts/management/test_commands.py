import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiKey, Membership, User, Workspace
from accounts.services.keys import open_key
from accounts.tenancy import scope
from tests.factories import PASSWORD, make_user, make_workspace

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], db: None) -> Run:
    """Exit status, standard output and standard error, as the shell sees them."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = 0
        message = ""
        try:
            call_command(*arguments)
        except CommandError as error:
            status, message = error.returncode, str(error)
        except SystemExit as error:
            status = int(error.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err + message

    return call


def test_create_workspace_prints_its_address_and_how_to_sign_in(run: Run) -> None:
    status, out, err = run("create_workspace", "acme", "--name", "Acme", "--owner", "a@example.com")
    assert (status, out) == (0, "/w/acme/\n")
    assert "/password/reset/" in err
    with scope(Workspace.objects.get().pk):
        assert Membership.objects.get().user.email == "a@example.com"


def test_create_workspace_reads_the_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    arguments = ("create_workspace", "acme", "--name", "Acme", "--owner", "a@example.com")
    assert run(*arguments, "--password-stdin") == (0, "/w/acme/\n", "")
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("slug", "owner", "said"),
    [
        ("taken", "a@example.com", "taken"),
        ("A b", "a@example.com", "slug"),
        ("ok", "nobody", "owner"),
    ],
)
def test_create_workspace_refuses_with_status_1(run: Run, slug: str, owner: str, said: str) -> None:
    make_workspace("taken")
    status, out, err = run("create_workspace", slug, "--name", "Acme", "--owner", owner)
    assert (status, out) == (1, "")
    assert said in err
    assert Workspace.objects.count() == 1


def test_create_api_key_prints_the_key_alone(run: Run) -> None:
    workspace = make_workspace("acme")
    status, out, err = run("create_api_key", "acme", "--scopes", "read, write")
    assert (status, err) == (0, "")
    key = open_key(out.removesuffix("\n"), moment=timezone.now())
    assert key is not None
    assert (key.workspace, key.scope_list) == (workspace, ["read", "write"])


@pytest.mark.parametrize("scopes", ["", ",", "read,everything"])
def test_create_api_key_refuses_unknown_scopes(run: Run, scopes: str) -> None:
    workspace = make_workspace("acme")
    status, out, err = run("create_api_key", "acme", "--scopes", scopes)
    assert (status, out) == (1, "")
    assert "ingest, read, write, admin" in err
    with scope(workspace.pk):
        assert ApiKey.objects.count() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("create_api_key", "nope", "--scopes", "read"),
    ],
)
def test_what_is_not_there_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    make_workspace("acme")
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_known_person_is_asked_for_no_new_password(run: Run) -> None:
    make_user("a@example.com", last_login=timezone.now())
    arguments = ("create_workspace", "acme", "--name", "Acme", "--owner", "a@example.com")
    assert run(*arguments) == (0, "/w/acme/\n", "")
