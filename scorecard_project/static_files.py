from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Joins the style sheets that every page has, and compresses our own files ahead. The megabytes
    behind the API's documentation page would take most of the time of a first start, and a page for
    developers can load them as they are."""

    vendor = "drf_spectacular_sidecar/"

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            self._join(settings.STYLESHEETS, settings.STYLESHEET, paths)
        yield from super().post_process(paths, dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        own = [path for path in paths if not path.startswith(self.vendor)]
        yield from super().compress_files(own)

    def _join(self, parts: Iterable[str], whole: str, paths: dict[str, Any]) -> None:
        texts = []
        for part in parts:
            storage, path = paths[part]
            with storage.open(path) as file:
                texts.append(file.read())
        self.delete(whole)
        self.save(whole, ContentFile(b"\n".join(texts)))
        paths[whole] = (self, whole)
