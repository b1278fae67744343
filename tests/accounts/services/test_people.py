from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.errors import InvalidInput
from accounts.models import Account, Membership, Role, User, Workspace
from accounts.services.people import add_member, change_role, remove_member
from accounts.services.workspaces import create_workspace
from accounts.tenancy import scope
from tests.factories import PASSWORD, make_account, make_member, make_user, make_workspace

BASE = "https://scorecard.example.com/"


def place(user: User) -> Membership:
    found: Membership = Membership.objects.get(user=user)
    return found


def test_new_person_gets_a_link_to_choose_a_password(
    workspace: Workspace, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    ann = make_member(workspace, email="ann@example.com")
    with django_capture_on_commit_callbacks(execute=True), scope(workspace.pk):
        membership = add_member(email=" Bob@Example.com", role="csm", by=ann, base_url=BASE)
    assert (membership.user.email, membership.role) == ("bob@example.com", Role.CSM)
    (message,) = mail.outbox
    assert message.to == ["bob@example.com"]
    link = next(line for line in message.body.splitlines() if line.startswith(BASE))
    form = client.get(link.replace(BASE, "/"), follow=True)
    passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    client.post(form.request["PATH_INFO"], passwords)
    assert client.login(username="bob@example.com", password=PASSWORD)


def test_known_person_is_told_where_to_sign_in(
    workspace: Workspace, django_capture_on_commit_callbacks: Any
) -> None:
    bob = make_user("bob@example.com")
    with django_capture_on_commit_callbacks(execute=True), scope(workspace.pk):
        add_member(email="bob@example.com", role="viewer", by=None, base_url=BASE)
    assert BASE in mail.outbox[0].body
    assert "password/reset" not in mail.outbox[0].body
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("email", "role", "path"),
    [
        ("nobody", "csm", "email"),
        ("x@example.com", "owner", "role"),
        ("ann@example.com", "csm", "email"),
        ("a\0@example.com", "csm", "email"),
    ],
)
def test_person_who_cannot_be_added(workspace: Workspace, email: str, role: str, path: str) -> None:
    make_member(workspace, email="ann@example.com")
    with scope(workspace.pk), pytest.raises(InvalidInput) as caught:
        add_member(email=email, role=role, by=None, base_url=BASE)
    assert caught.value.problems[0].path == path
    assert User.objects.count() == 1


def test_last_admin_neither_leaves_nor_steps_down(workspace: Workspace) -> None:
    ann, bob = make_member(workspace), make_member(workspace, Role.MANAGER)
    with scope(workspace.pk):
        for role in (Role.MANAGER, Role.CSM, Role.VIEWER):
            with pytest.raises(InvalidInput):
                change_role(membership=place(ann), role=role, by=ann)
        with pytest.raises(InvalidInput):
            remove_member(membership=place(ann), by=ann)
        change_role(membership=place(ann), role=Role.ADMIN, by=ann)
        change_role(membership=place(bob), role=Role.ADMIN, by=ann)
        remove_member(membership=place(ann), by=bob)
        assert [member.user for member in Membership.objects.all()] == [bob]


def test_admin_who_may_not_sign_in_does_not_count(workspace: Workspace) -> None:
    ann, gone = make_member(workspace), make_member(workspace)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    with scope(workspace.pk):
        with pytest.raises(InvalidInput):
            remove_member(membership=place(ann), by=ann)
        remove_member(membership=place(gone), by=ann)


def test_accounts_of_who_leaves_have_no_owner(workspace: Workspace) -> None:
    make_member(workspace)
    bob = make_member(workspace, Role.CSM)
    make_account(workspace, "a", owner=bob)
    with scope(workspace.pk):
        remove_member(membership=place(bob), by=None)
        assert Account.objects.get(key="a").owner is None
    assert User.objects.filter(pk=bob.pk).exists()


@pytest.mark.usefixtures("committed")
def test_last_two_admins_leaving_at_once_leave_one() -> None:
    workspace = make_workspace()
    users = [make_member(workspace), make_member(workspace)]
    barrier = Barrier(2)

    def leave(user: User) -> bool:
        try:
            with scope(workspace.pk):
                membership = place(user)
                barrier.wait()
                remove_member(membership=membership, by=user)
        except InvalidInput:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, users)) == [False, True]


def test_workspace_has_its_owner_as_admin(db: None) -> None:
    workspace = create_workspace(
        slug="acme", name=" Acme ", owner_email="Ann@Example.com", password=PASSWORD
    )
    with scope(workspace.pk):
        membership = Membership.objects.get()
    assert (membership.role, membership.user.email) == ("admin", "ann@example.com")
    assert membership.user.check_password(PASSWORD)
    other = create_workspace(slug="other", name="Other", owner_email="ann@example.com")
    assert (workspace.name, other.pk > workspace.pk, User.objects.count()) == ("Acme", True, 1)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"slug": "taken"}, "slug"),
        ({"slug": "Big"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"slug": "x" * 64}, "slug"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"owner_email": "x"}, "owner"),
        ({"password": "short"}, "password"),
        ({"password": ""}, "password"),
        ({"owner_email": "known@example.com", "password": PASSWORD}, "password"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"currency": "euro"}, "currency"),
    ],
)
def test_workspace_that_cannot_be_made(db: None, changed: dict[str, str], path: str) -> None:
    make_workspace("taken")
    make_user("known@example.com")
    wanted: dict[str, Any] = {"slug": "acme", "name": "Acme", "owner_email": "ann@example.com"}
    with pytest.raises(InvalidInput) as caught:
        create_workspace(**{**wanted, **changed})
    assert caught.value.problems[0].path == path
    assert (Workspace.objects.count(), User.objects.count()) == (1, 1)
