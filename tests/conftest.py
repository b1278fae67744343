"""The database as the application meets it, and what every test shares."""

import pytest
from django.core.cache import cache
from django.db import connections


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, request):  # type: ignore[no-untyped-def]
    """The owner creates and migrates the test database; tests meet it as the application's role."""
    owner, default = connections["owner"], connections["default"]
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    owner.settings_dict["TEST"]["NAME"] = default.settings_dict["TEST"]["NAME"] = (
        f"test_scorecard_{worker}"
    )
    with django_db_blocker.unblock():
        owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        default.close()
        default.settings_dict["NAME"] = owner.settings_dict["NAME"]
        yield
        default.close()
        owner.creation.destroy_test_db("scorecard", verbosity=0)


@pytest.fixture(autouse=True)
def own_cache(settings, request) -> None:  # type: ignore[no-untyped-def]
    """Every worker has a Valkey database to itself, empty at the start of each test."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    location = settings.REDIS_URL.rsplit("/", 1)[0] + f"/{1 + int(worker.removeprefix('gw'))}"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location}}
    cache.clear()


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:  # type: ignore[no-untyped-def]
    """Pages render without `collectstatic`, and no client looks through its files."""
    settings.WHITENOISE_AUTOREFRESH = True
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
