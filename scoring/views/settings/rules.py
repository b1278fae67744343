"""Rules: what raises an alert."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import section_crumbs, show
from scoring.engine.document import DocumentError
from scoring.engine.rules import parse_rule
from scoring.forms.problems import place_problems
from scoring.forms.rule import FIELDS, RuleForm
from scoring.models import Alert, Rule, Scorecard
from scoring.rule_texts import rule_text
from scoring.services.configuration import save_rule, switch_rule
from scoring.services.rules import remove_rule

SECTION = "settings_rules"
TONES = {"risk": "bad", "opportunity": "good", "info": "accent"}


def scorecard_names() -> dict[str, str]:
    return dict(Scorecard.objects.order_by("rank", "id").values_list("key", "name"))


def sentence_of(document: Any, names: dict[str, str]) -> str:
    try:
        return rule_text(parse_rule(document), names)
    except DocumentError:
        return ""


@require_safe
@admins_only
def rules(request: WorkspaceRequest, slug: str) -> HttpResponse:
    names = scorecard_names()
    counts = dict(
        Alert.objects.unresolved().values_list("rule_id").annotate(n=Count("pk")).order_by()
    )
    rows = [
        {
            "rule": rule,
            "text": sentence_of(rule.document, names),
            "severity": rule.document.get("severity", "risk"),
            "tone": TONES[rule.document.get("severity", "risk")],
            "alerts": counts.get(rule.pk, 0),
        }
        for rule in Rule.objects.order_by("-active", "name", "pk")
    ]
    return show(request, "scoring/settings/rules.html", {"rows": rows}, current=SECTION)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def new_rule(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return rule_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def edit_rule(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    return rule_page(request, get_object_or_404(Rule.objects.all(), key=key))


def rule_page(request: WorkspaceRequest, rule: Rule | None) -> HttpResponse:
    names = scorecard_names()
    form = RuleForm(
        request.POST or None,
        rule=rule.document if rule else None,
        scorecards=list(names.items()),
        taken=set(Rule.objects.values_list("key", flat=True)),
    )
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        try:
            saved = save_rule(document=form.node())
            messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
            return redirect("settings_rules", request.workspace.slug)
        except InvalidInput as error:
            place_problems(form, {p.path: [p.message] for p in error.problems}, fields=FIELDS)
    alerts = Alert.objects.filter(rule=rule).count() if rule else 0
    context = {
        "form": form,
        "rule": rule,
        "text": read_back(form, rule, names),
        "alerts": alerts,
        "crumbs": section_crumbs(request, _("Rules"), SECTION),
    }
    failed = bool(form.errors) and "preview" not in request.POST
    template, status = "scoring/settings/rule.html", 422 if failed else 200
    return show(request, template, context, current=SECTION, status=status)


def read_back(form: RuleForm, rule: Rule | None, names: dict[str, str]) -> str:
    """The rule as a sentence: what is typed where it is one, else nothing."""
    if not form.is_bound:
        return sentence_of(rule.document, names) if rule else ""
    given = form.cleaned_data
    needed = ("kind", "scorecard", "severity", "cooldown_days")
    if any(given.get(name) is None for name in needed) or set(form.errors) - {"name"}:
        return ""
    form.cleaned_data.setdefault("name", "–")
    return sentence_of(form.node(), names)


@require_POST
@admins_only
def switch(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    rule = get_object_or_404(Rule.objects.all(), key=key)
    active = request.POST.get("active") == "on"
    switch_rule(rule=rule, active=active)
    text = _("“%(name)s” is switched on.") if active else _("“%(name)s” is switched off.")
    messages.success(request, text % {"name": rule.name})
    return redirect("settings_rules", slug)


@require_POST
@admins_only
def remove(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    rule = get_object_or_404(Rule.objects.all(), key=key)
    try:
        remove_rule(rule=rule)
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_rule", slug, key)
    messages.success(request, _("“%(name)s” is removed.") % {"name": rule.name})
    return redirect("settings_rules", slug)
