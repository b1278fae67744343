"""Everything is read from the environment; `manage.py` fills in the embedded default."""

import secrets
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONCE, SELF
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.bool("DEBUG", False)
# `manage.py` gives one; a process started without it gets a key that nobody knows and no other shares.
SECRET_KEY = env.str("SECRET_KEY", "") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PUBLIC_URL = env.str("PUBLIC_URL", "")
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
SECURE_COOKIES = PUBLIC_URL.startswith("https://")
if SECURE_COOKIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "usage",
    "scoring",
    "integrations",
    "scorecard_project",
]

MIDDLEWARE = [
    "accounts.middleware.IngestionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.WorkspaceMiddleware",
]

ROOT_URLCONF = "scorecard_project.urls"
WSGI_APPLICATION = "scorecard_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "scorecard_project.context.workspace",
            ],
        },
    }
]

FORM_RENDERER = "scorecard_project.widgets.Renderer"

# -- Databases: `default` is the application's role, which owns nothing; `owner` migrates. --------
APP_ROLE = "scorecard_app"
_unset = "postgres://scorecard:unset@127.0.0.1:5432/scorecard"
_options = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
_login = {**env.dj_db_url("DATABASE_URL", _unset), **_options}
DATABASES = {
    "default": {
        **_login,
        "ENGINE": "scorecard_project.database",
        "OPTIONS": {
            "connect_timeout": 5,
            **_login.get("OPTIONS", {}),
            "options": f"-c role={APP_ROLE}",
        },
    },
    "owner": {
        **env.dj_db_url("DATABASE_OWNER_URL", env.str("DATABASE_URL", _unset)),
        "CONN_MAX_AGE": 0,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "scorecard",
        # The cache guards and never decides: a hanging one must not hang the requests.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
# Not the cache: while that is away, people go on working.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# -- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

_email = env.dj_email_url("EMAIL_URL", "console:")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Scorecard <scorecard@localhost>")

# -- Language, time -------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("en-gb", "English (UK)"),
    ("de", "Deutsch"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# -- Static files ---------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
_inter = BASE_DIR / "node_modules" / "@fontsource-variable" / "inter"
INTER_INSTALLED = _inter.is_dir()
STATICFILES_DIRS = [BASE_DIR / "static", *([("inter", _inter)] if INTER_INSTALLED else [])]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "scorecard_project.static_files.StaticFiles"},
}
# What every page has: one file where they are collected, in this order.
STYLESHEET = "css/scorecard.css"
STYLESHEETS = [
    f"css/{name}.css"
    for name in ("tokens", "base", "layout", "components", "forms", "table", "charts", "print")
]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# -- Safety ---------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
# Bytes, as it comes and inflated.
API_BODY_LIMIT = env.int("API_BODY_LIMIT", 32 * 1024 * 1024)
# Rejected events are kept for so long, and at most so many of a workspace.
QUARANTINE_DAYS = env.int("QUARANTINE_DAYS", 30)
QUARANTINE_MOST = env.int("QUARANTINE_MOST", 10_000)
API_RATE = env.str("API_RATE", "6000/min")
# Seconds for the database to store events, and for a client to send them.
INGEST_TIMEOUT = env.float("INGEST_TIMEOUT", 8.0)
BODY_TIMEOUT = env.float("BODY_TIMEOUT", 30.0)

# -- Imports: bytes as they come, and unpacked; days that a file waits to be imported. -------------
IMPORT_FILE_LIMIT = env.int("IMPORT_FILE_LIMIT", 50 * 1024 * 1024)
IMPORT_UNPACKED_LIMIT = env.int("IMPORT_UNPACKED_LIMIT", 512 * 1024 * 1024)
IMPORT_DAYS = env.int("IMPORT_DAYS", 7)

# -- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["accounts.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.authentication.KeyThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Scorecard",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["accounts.api.schema.add_components"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# -- Celery: the rows are the truth, messages only nudge. ------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "scorecard"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "start-nights": {"task": "scoring.start_nights", "schedule": crontab(minute="*")},
    "nudge": {"task": "scoring.nudge", "schedule": 5.0},
    "recount-usage": {"task": "usage.nudge", "schedule": crontab(minute="*")},
    "drop-old-events": {
        "task": "usage.drop_old_events",
        "schedule": crontab(hour="3", minute="17"),
    },
    "nudge-imports": {"task": "integrations.nudge_imports", "schedule": 5.0},
    "forget-imports": {"task": "integrations.forget_imports", "schedule": crontab(minute="17")},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
}
