"""The clock alone: it sends tasks by name, so it needs neither Django's apps nor the tasks' modules."""

from celery import Celery

app = Celery("scorecard-beat", fixups=[], set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
