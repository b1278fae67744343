"""The saved views as the list of accounts offers them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.urls import reverse

from accounts.access import WorkspaceRequest
from scoring.addresses import CURSORS
from scoring.models import DefaultView, View
from scoring.portfolio.choice import VIEW


@dataclass(frozen=True, slots=True)
class SavedView:
    view: View
    url: str
    current: bool
    opens: bool
    removable: bool


@dataclass(frozen=True, slots=True)
class SavedViews:
    """`query` is what would be saved."""

    rows: list[SavedView]
    query: str

    @property
    def current(self) -> SavedView | None:
        return next((row for row in self.rows if row.current), None)


def canonical(query: QueryDict) -> str:
    """The same for the same list, whatever order it was chosen in and whichever page is shown."""
    kept = QueryDict(mutable=True)
    for name in sorted(query):
        if name not in (*CURSORS, VIEW):
            kept.setlist(name, sorted(query.getlist(name)))
    return kept.urlencode()


def views_of(user_id: int) -> list[View]:
    """Each with `opens`: whether the person's list opens with it."""
    chosen = DefaultView.objects.filter(user_id=user_id, view_id=OuterRef("pk"))
    return list(View.objects.seen_by(user_id).annotate(opens=Exists(chosen)))


def first_view(views: Sequence[View]) -> View | None:
    return next((view for view in views if getattr(view, "opens", False)), None)


def saved_views(request: WorkspaceRequest, views: Sequence[View], query: QueryDict) -> SavedViews:
    asked, first = canonical(query), first_view(views)
    rows = [
        SavedView(
            view=view,
            url=reverse("view", args=[request.workspace.slug, view.key]),
            current=view.query == asked,
            opens=view is first,
            removable=may_remove(request, view),
        )
        for view in views
    ]
    return SavedViews(rows, asked)


def may_remove(request: WorkspaceRequest, view: View) -> bool:
    mine = view.by_id == request.user.pk
    return request.membership.can_score and (mine or request.membership.can_manage)
