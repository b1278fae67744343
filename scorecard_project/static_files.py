from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compresses our own files ahead. The megabytes behind the API's documentation page would take
    most of the time of a first start, and a page for developers can load them as they are."""

    vendor = "drf_spectacular_sidecar/"

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        own = [path for path in paths if not path.startswith(self.vendor)]
        yield from super().compress_files(own)
