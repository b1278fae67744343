from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Task
from accounts.services.tasks import LONGEST_NOTE, LONGEST_TITLE, TaskFields

Person = tuple[int | str, Any]


class TaskForm(forms.Form):
    """`people` are those to choose from; whoever is named must be a member, which the service says."""

    title = forms.CharField(
        label=_("What is to do"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say what is to do.")},
    )
    due_on = forms.DateField(
        label=_("Due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    assignee = forms.IntegerField(label=_("Whose"), required=False, widget=forms.Select())
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Markdown: **bold**, - lists, [links](https://…)."),
    )

    def __init__(
        self,
        people: Sequence[Person],
        data: Any = None,
        *,
        task: Task | None = None,
        assignee_id: int | None = None,
        due_on: date | None = None,
    ) -> None:
        name = f"task-{task.pk}" if task else "task"
        super().__init__(data, auto_id=f"{name}-%s", initial=_initial(task, assignee_id, due_on))
        self.fields["assignee"].widget.choices = [("", _("Nobody")), *people]
        if task is not None:
            self.fields["title"].widget.attrs["data-focus"] = True

    @property
    def given(self) -> TaskFields:
        """As far as it was sent: the short form has no note."""
        values = self.cleaned_data
        given = TaskFields(
            title=values["title"], due_on=values["due_on"], assignee_id=values["assignee"]
        )
        if "note" in self.data:
            given["note"] = values["note"]
        return given


def _initial(
    task: Task | None, assignee_id: int | None, due_on: date | None
) -> dict[str, str | int | date | None]:
    if task is None:
        return {"assignee": assignee_id, "due_on": due_on}
    return {
        "title": task.title,
        "due_on": task.due_on,
        "assignee": task.assignee_id,
        "note": task.note,
    }
