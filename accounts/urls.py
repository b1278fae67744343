from django.contrib.auth import views as auth
from django.urls import URLPattern, path

from accounts.api.accounts import AccountsView, SeatsView
from accounts.api.people import PeopleView
from accounts.api.tasks import TasksView, TaskView
from accounts.api.touchpoints import TouchpointsView
from accounts.forms.sign_in import ResetForm, SignInForm
from accounts.views import entrance
from accounts.views.settings import api_keys, members, workspace

entrance_urlpatterns: list[URLPattern] = [
    path("", entrance.home, name="home"),
    path("workspaces/", entrance.workspaces, name="workspaces"),
    path(
        "login/",
        auth.LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path(
        "password/reset/",
        auth.PasswordResetView.as_view(form_class=ResetForm),
        name="password_reset",
    ),
    path("password/reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password/reset/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "password/reset/complete/",
        auth.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
]
page_urlpatterns: list[URLPattern] = [
    path("settings/", workspace.settings, name="settings"),
    path("settings/workspace/", workspace.workspace_settings, name="settings_workspace"),
    path("settings/members/", members.members, name="settings_members"),
    path("settings/members/add/", members.add_member, name="settings_member_add"),
    path(
        "settings/members/<int:member_id>/role/", members.change_role, name="settings_member_role"
    ),
    path(
        "settings/members/<int:member_id>/remove/",
        members.remove_member,
        name="settings_member_remove",
    ),
    path("settings/keys/", api_keys.api_keys, name="settings_keys"),
    path("settings/keys/create/", api_keys.create_key, name="settings_key_create"),
    path("settings/keys/<int:key_id>/rotate/", api_keys.rotate_key, name="settings_key_rotate"),
    path("settings/keys/<int:key_id>/revoke/", api_keys.revoke_key, name="settings_key_revoke"),
]
api_urlpatterns: list[URLPattern] = [
    path("accounts/", AccountsView.as_view(), name="api-accounts-in"),
    path("seats/", SeatsView.as_view(), name="api-seats"),
    path("tasks/", TasksView.as_view(), name="api-tasks"),
    path("tasks/<int:pk>/", TaskView.as_view(), name="api-task"),
    path("accounts/<path:key>/people/", PeopleView.as_view(), name="api-account-people"),
    path("touchpoints/", TouchpointsView.as_view(), name="api-touchpoints"),
]
