"""What a browser gets as files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.test import Client

from scorecard_project.static_files import StaticFiles


def test_style_sheets_of_every_page_are_joined_in_order(tmp_path: Path) -> None:
    source = StaticFilesStorage(location=settings.BASE_DIR / "static", base_url="/static/")
    storage = StaticFiles(location=tmp_path, base_url="/static/")
    paths = {name: (source, name) for name in settings.STYLESHEETS}
    done = {name: hashed for name, hashed, _ in storage.post_process(paths)}
    joined = (tmp_path / done[settings.STYLESHEET]).read_text()
    parts = [(settings.BASE_DIR / "static" / name).read_text() for name in settings.STYLESHEETS]
    assert joined == "\n".join(parts)


@pytest.mark.django_db
def test_pages_are_compressed(client: Client) -> None:
    page = client.get("/login/", headers={"Accept-Encoding": "gzip"})
    assert (page.status_code, page["Content-Encoding"]) == (200, "gzip")
