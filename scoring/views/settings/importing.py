"""Configuration as files: scorecards with what they name go out, and come in after a look at what changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput, Problem
from accounts.views.settings.sections import section_crumbs, show
from scoring.differences.whole import Configuration, differences
from scoring.documents import Parsed, read_documents, write_documents
from scoring.exports import published_scorecards, rule_documents, scorecard_documents
from scoring.forms.importing import ImportForm
from scoring.forms.problems import sentence
from scoring.services.importing import (
    How,
    Imported,
    Refused,
    import_documents,
    kind_of,
    preview_import,
)

SECTION = "settings_scorecards"
TEMPLATE = "scoring/settings/import.html"
YAML = "application/yaml; charset=utf-8"
KINDS: dict[str, str | Promise] = {
    "scorecard": gettext_lazy("Scorecard"),
    "scheme": gettext_lazy("Grading scheme"),
    "segment": gettext_lazy("Segment"),
    "rule": gettext_lazy("Rule"),
}
ACTIONS: dict[str, tuple[str | Promise, str]] = {
    "created": (gettext_lazy("new"), "good"),
    "changed": (gettext_lazy("changed"), "warn"),
    "unchanged": (gettext_lazy("unchanged"), ""),
}


@dataclass
class Line:
    """A document, and what would become of it, or what is wrong with it."""

    number: int
    kind: str | Promise
    name: str
    key: str
    action: str | Promise = ""
    tone: str = ""
    differences: list[str] = field(default_factory=list)
    problems: list[tuple[int | None, str, str]] = field(default_factory=list)


@require_safe
@admins_only
def export(request: WorkspaceRequest, slug: str) -> HttpResponse:
    documents = scorecard_documents(published_scorecards())
    if "rules" in request.GET:
        documents += rule_documents()
    headers = {"Content-Disposition": f'attachment; filename="{slug}-scorecards.yaml"'}
    return HttpResponse(write_documents(documents), content_type=YAML, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def import_page(request: WorkspaceRequest, slug: str) -> HttpResponse:
    posted = request.method == "POST"
    uploads: Any = {"uploads": request.FILES.getlist("uploads")}
    form = ImportForm(request.POST, uploads) if posted else ImportForm()
    context: dict[str, Any] = {"form": form}
    if posted and form.is_valid():
        try:
            parsed = read_documents(form.documents_text)
            done = work(request, parsed, context)
        except InvalidInput as error:
            context["problems"] = [sentence(problem.message) for problem in error.problems]
            done = None
        if done is not None:
            messages.success(request, told(done))
            return redirect("settings_scorecards", slug)
        context["form"] = ImportForm(initial={"text": form.documents_text})
    context["crumbs"] = section_crumbs(request, _("Scorecards"), SECTION)
    status = 422 if form.errors or "problems" in context or context.get("refused") else 200
    return show(request, TEMPLATE, context, current=SECTION, status=status)


def work(
    request: WorkspaceRequest, parsed: Sequence[Parsed], context: dict[str, Any]
) -> list[Imported] | None:
    """What was imported; None where it was only looked at, or refused."""
    documents = [one.document for one in parsed]
    if not documents:
        raise InvalidInput.at("", _("There is no document here."))
    moment, step = timezone.now(), request.POST.get("step", "")
    today, publish = request.workspace.day_of(moment), step != "drafts"
    how = How(publish=publish, by=request.user, today=today, moment=moment, note=_("Imported"))
    bring_in = import_documents if step in ("drafts", "publish") else preview_import
    try:
        done = bring_in(documents=documents, how=how)
    except Refused as error:
        context |= {"lines": refused(parsed, error), "refused": True}
        return None
    if bring_in is import_documents:
        return done
    changes = any(one.action != "unchanged" for one in done)
    scorecards = any(one.kind == "scorecard" and one.action != "unchanged" for one in done)
    context |= {"lines": looked_at(done), "changes": changes, "scorecards": scorecards}
    return None


def looked_at(done: Sequence[Imported]) -> list[Line]:
    return [
        Line(number, KINDS[one.kind], one.name, one.key, *ACTIONS[one.action], said(one))
        for number, one in enumerate(done, 1)
    ]


def said(one: Imported) -> list[str]:
    """What changes in a scorecard, in sentences."""
    if one.kind != "scorecard" or one.before is None or one.action == "unchanged":
        return []
    found = differences(Configuration(one.before), Configuration(one.after))
    return [difference.text for difference in found] or [_("The bands of its scheme")]


def refused(parsed: Sequence[Parsed], error: Refused) -> list[Line]:
    lines = []
    for number, one in enumerate(parsed, 1):
        document = one.document if isinstance(one.document, dict) else {}
        line = Line(
            number,
            KINDS[kind_of(one.document)],
            str(document.get("name", ""))[:200],
            str(document.get("key", ""))[:100],
        )
        line.problems = [_placed(one, problem) for problem in error.found.get(number - 1, [])]
        lines.append(line)
    return lines


def _placed(parsed: Parsed, problem: Problem) -> tuple[int | None, str, str]:
    return parsed.line(problem.path), problem.path, sentence(problem.message)


def told(done: Sequence[Imported]) -> str:
    counts = Counter[str](one.action for one in done)
    text = _("Imported: %(created)s new, %(changed)s changed, %(unchanged)s unchanged.")
    return text % {action: counts[action] for action in ACTIONS}
