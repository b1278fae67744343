from django.urls import URLPattern, path

from scoring.api.accounts import AccountsView
from scoring.api.alerts import AlertsView, AlertView
from scoring.api.configuration import ScorecardsView, ScorecardView
from scoring.api.data import EvaluationsView, MeasurementsView
from scoring.api.features import FeaturesView
from scoring.api.health import ChangesView, HealthView, HistoryView
from scoring.api.overrides import OverrideView
from scoring.api.portfolio import PortfolioView
from scoring.api.rules import RulesView, RuleView
from scoring.api.schemes import SchemesView, SchemeView
from scoring.api.segments import SegmentsView, SegmentView
from scoring.api.versions import VersionsView, VersionView
from scoring.views import (
    account,
    account_people,
    account_tasks,
    alerts,
    analysis,
    overrides,
    portfolio,
    runs,
    tasks,
    timeline,
    today,
    touchpoints,
)
from scoring.views.settings import (
    components,
    editor,
    effect,
    importing,
    layout,
    new_scorecard,
    nodes,
    publishing,
    rules,
    schemes,
    scorecards,
    segments,
    usage,
    versions,
)
from scoring.views.usage import explorer, features, frequency, leaderboards

page_urlpatterns: list[URLPattern] = [
    path("accounts/", portfolio.portfolio, name="portfolio"),
    path("today/", today.today, name="today"),
    path("movers/", analysis.movers, name="movers"),
    path("distribution/", analysis.distribution, name="distribution"),
    path("new-account/", portfolio.add_account, name="add_account"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/acknowledge/", alerts.acknowledge_alerts, name="acknowledge_alerts"),
    path("alerts/<int:pk>/acknowledge/", alerts.acknowledge_alert, name="acknowledge_alert"),
    path("alerts/<int:pk>/snooze/", alerts.snooze_alert, name="snooze_alert"),
    path("alerts/<int:pk>/resolve/", alerts.resolve_alert, name="resolve_alert"),
    path("alerts/<int:pk>/reopen/", alerts.reopen_alert, name="reopen_alert"),
    path("usage/", explorer.usage, name="usage"),
    path("usage/features/", features.usage_features, name="usage_features"),
    path("usage/frequency/", frequency.usage_frequency, name="usage_frequency"),
    path("usage/cohorts/", frequency.usage_cohorts, name="usage_cohorts"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/<int:pk>/", tasks.task, name="task"),
    path("tasks/<int:pk>/edit/", tasks.edit_task, name="edit_task"),
    path("tasks/<int:pk>/save/", tasks.save_task, name="save_task"),
    path("tasks/<int:pk>/done/", tasks.finish_task, name="finish_task"),
    path("tasks/<int:pk>/reopen/", tasks.unfinish_task, name="unfinish_task"),
    path("tasks/<int:pk>/remove/", tasks.drop_task, name="drop_task"),
    path("tasks/<int:pk>/bring-back/", tasks.restore_task, name="restore_task"),
    path("account-people/<path:key>/edit/", account_people.edit_people, name="edit_people"),
    path("account-people/<path:key>/save/", account_people.save_people, name="save_people"),
    path("account-company/<path:key>/edit/", account_people.edit_company, name="edit_company"),
    path("account-company/<path:key>/save/", account_people.save_company, name="save_company"),
    path("new-task/<path:key>/", account_tasks.new_task, name="new_task"),
    path("account-tasks/<path:key>/", account_tasks.add_task, name="add_task"),
    path(
        "path-tasks/<str:metric>/<path:key>/", account_tasks.add_path_task, name="add_path_task"
    ),
    path("touchpoints/<int:pk>/", touchpoints.touchpoint, name="touchpoint"),
    path("touchpoints/<int:pk>/edit/", touchpoints.edit, name="edit_touchpoint"),
    path("touchpoints/<int:pk>/save/", touchpoints.save, name="save_touchpoint"),
    path("touchpoints/<int:pk>/remove/", touchpoints.remove, name="remove_touchpoint"),
    path("touchpoints/<int:pk>/bring-back/", touchpoints.bring_back, name="restore_touchpoint"),
    path("new-touchpoint/<path:key>/", touchpoints.new_touchpoint, name="new_touchpoint"),
    path("account-touchpoints/<path:key>/", touchpoints.add_touchpoint, name="add_touchpoint"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.evaluate_now, name="evaluate_now"),
    path("runs/<int:pk>/retry/", runs.retry, name="retry_run"),
    path("settings/usage/", usage.usage_settings, name="settings_usage"),
    path("settings/scorecards/", scorecards.scorecards, name="settings_scorecards"),
    path("settings/new-scorecard/", new_scorecard.new_scorecard, name="settings_new_scorecard"),
    path("settings/import/", importing.import_page, name="settings_import"),
    path("settings/export/", importing.export, name="settings_export"),
    path("settings/scorecards/<str:key>/", editor.scorecard_editor, name="settings_scorecard"),
    path(
        "settings/scorecards/<str:key>/switch/",
        scorecards.switch,
        name="settings_switch_scorecard",
    ),
    path(
        "settings/scorecards/<str:key>/order/",
        scorecards.move_scorecard,
        name="settings_move_scorecard",
    ),
    path(
        "settings/scorecards/<str:key>/archive/",
        scorecards.archive,
        name="settings_archive_scorecard",
    ),
    path(
        "settings/scorecards/<str:key>/bring-back/",
        scorecards.bring_back,
        name="settings_bring_back_scorecard",
    ),
    path(
        "settings/scorecards/<str:key>/save/",
        editor.save_scorecard,
        name="settings_save_scorecard",
    ),
    path(
        "settings/scorecards/<str:key>/weights/", editor.save_weights, name="settings_save_weights"
    ),
    path("settings/scorecards/<str:key>/move/", editor.move, name="settings_move"),
    path(
        "settings/scorecards/<str:key>/exceptions/",
        editor.exceptions,
        name="settings_exceptions",
    ),
    path(
        "settings/scorecards/<str:key>/exceptions/save/",
        editor.save_exceptions,
        name="settings_save_exceptions",
    ),
    path("settings/scorecards/<str:key>/effect/", effect.effect, name="settings_effect"),
    path(
        "settings/scorecards/<str:key>/effect/accounts/",
        effect.choose_accounts,
        name="settings_effect_accounts",
    ),
    path("settings/scorecards/<str:key>/new-group/", nodes.new_group, name="settings_new_group"),
    path(
        "settings/scorecards/<str:key>/groups/<str:group>/",
        nodes.edit_group,
        name="settings_group",
    ),
    path(
        "settings/scorecards/<str:key>/groups/<str:group>/rename/",
        nodes.rename_group,
        name="settings_rename_group",
    ),
    path(
        "settings/scorecards/<str:key>/groups/<str:group>/remove/",
        nodes.remove_group,
        name="settings_remove_group",
    ),
    path("settings/scorecards/<str:key>/new-metric/", nodes.new_metric, name="settings_new_metric"),
    path(
        "settings/scorecards/<str:key>/metrics/<str:metric>/",
        nodes.edit_metric,
        name="settings_metric",
    ),
    path(
        "settings/scorecards/<str:key>/metrics/<str:metric>/rename/",
        nodes.rename_metric,
        name="settings_rename_metric",
    ),
    path(
        "settings/scorecards/<str:key>/metrics/<str:metric>/remove/",
        nodes.remove_metric,
        name="settings_remove_metric",
    ),
    path("settings/scorecards/<str:key>/publish/", publishing.publish, name="settings_publish"),
    path("settings/scorecards/<str:key>/discard/", publishing.discard, name="settings_discard"),
    path("settings/scorecards/<str:key>/preview/", publishing.preview, name="settings_preview"),
    path("settings/scorecards/<str:key>/versions/", versions.versions, name="settings_versions"),
    path(
        "settings/scorecards/<str:key>/versions/compare/", versions.compare, name="settings_compare"
    ),
    path(
        "settings/scorecards/<str:key>/versions/<int:number>/",
        versions.version,
        name="settings_version",
    ),
    path(
        "settings/scorecards/<str:key>/versions/<int:number>/restore/",
        versions.restore,
        name="settings_restore",
    ),
    path(
        "settings/scorecards/<str:key>/versions/<int:number>/download/",
        versions.download_version,
        name="settings_download_version",
    ),
    path("settings/scorecards/<str:key>/document/", publishing.document, name="settings_document"),
    path("settings/scorecards/<str:key>/download/", publishing.download, name="settings_download"),
    path("settings/schemes/", schemes.schemes, name="settings_schemes"),
    path("settings/new-scheme/", schemes.new_scheme, name="settings_new_scheme"),
    path("settings/schemes/<str:key>/", schemes.edit_scheme, name="settings_scheme"),
    path("settings/schemes/<str:key>/publish/", schemes.publish, name="settings_publish_scheme"),
    path("settings/schemes/<str:key>/remove/", schemes.remove, name="settings_remove_scheme"),
    path("settings/segments/", segments.segments, name="settings_segments"),
    path("settings/new-segment/", segments.new_segment, name="settings_new_segment"),
    path("settings/segments/<str:key>/", segments.edit_segment, name="settings_segment"),
    path("settings/segments/<str:key>/remove/", segments.remove, name="settings_remove_segment"),
    path("settings/rules/", rules.rules, name="settings_rules"),
    path("settings/new-rule/", rules.new_rule, name="settings_new_rule"),
    path("settings/rules/<str:key>/", rules.edit_rule, name="settings_rule"),
    path("settings/rules/<str:key>/switch/", rules.switch, name="settings_switch_rule"),
    path("settings/rules/<str:key>/remove/", rules.remove, name="settings_remove_rule"),
    path("settings/account-page/", layout.layout, name="settings_layout"),
    path("settings/account-page/forget/", layout.forget_layout, name="settings_forget_layout"),
    path("settings/components/", components.components, name="settings_components"),
    path("measurements/<str:metric>/<path:key>/", account.set_metric, name="set_metric"),
    path("overrides/<str:scorecard>/<path:key>/", overrides.set_override, name="set_override"),
    path(
        "withdrawn-overrides/<str:scorecard>/<path:key>/",
        overrides.withdraw_override,
        name="withdraw_override",
    ),
    path("evaluations/<path:key>/", account.evaluate_account, name="evaluate_account"),
    path("accounts/<path:key>/users/", leaderboards.account_users, name="account_users"),
    path("accounts/<path:key>/features/", leaderboards.account_features, name="account_features"),
    path("accounts/<path:key>/timeline/", timeline.timeline, name="timeline"),
    # The last one: an account's key may hold slashes.
    path("accounts/<path:key>/", account.account_scorecard, name="account_scorecard"),
]

api_urlpatterns: list[URLPattern] = [
    path("accounts/", AccountsView.as_view(), name="api-accounts"),
    path("accounts/<path:key>/health/changes/", ChangesView.as_view(), name="api-changes"),
    path("accounts/<path:key>/health/history/", HistoryView.as_view(), name="api-history"),
    path("accounts/<path:key>/health/", HealthView.as_view(), name="api-health"),
    path("accounts/<path:key>/override/", OverrideView.as_view(), name="api-override"),
    path("accounts/<path:key>/features/", FeaturesView.as_view(), name="api-account-features"),
    path("portfolio/", PortfolioView.as_view(), name="api-portfolio"),
    path("alerts/", AlertsView.as_view(), name="api-alerts"),
    path("alerts/<int:pk>/", AlertView.as_view(), name="api-alert"),
    path("scorecards/", ScorecardsView.as_view(), name="api-scorecards"),
    path("scorecards/<str:key>/", ScorecardView.as_view(), name="api-scorecard"),
    path("scorecards/<str:key>/versions/", VersionsView.as_view(), name="api-versions"),
    path("scorecards/<str:key>/versions/<int:number>/", VersionView.as_view(), name="api-version"),
    path("schemes/", SchemesView.as_view(), name="api-schemes"),
    path("schemes/<str:key>/", SchemeView.as_view(), name="api-scheme"),
    path("segments/", SegmentsView.as_view(), name="api-segments"),
    path("segments/<str:key>/", SegmentView.as_view(), name="api-segment"),
    path("rules/", RulesView.as_view(), name="api-rules"),
    path("rules/<str:key>/", RuleView.as_view(), name="api-rule"),
    path("measurements/", MeasurementsView.as_view(), name="api-measurements"),
    path("evaluations/", EvaluationsView.as_view(), name="api-evaluations"),
]
