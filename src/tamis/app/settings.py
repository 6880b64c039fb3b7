"""Django's settings, all of them derived from ``TAMIS_HOME`` and the environment.

==========================  ==========================================================  ==================
variable                    what it says                                                default
==========================  ==========================================================  ==================
``TAMIS_HOME``              the folder where everything of a workspace lives            ``./tamis-data``
``TAMIS_DATABASE_URL``      a PostgreSQL address instead of the SQLite file in the home
``TAMIS_SECRET_KEY``        the key that signs sessions                                 a file in the home
``TAMIS_ALLOWED_HOSTS``     host names the console answers to, comma-separated          local names
``TAMIS_API_RATE``          requests a minute that each token of the API has            600
``TAMIS_HTTPS``             ``1`` when the console is served over HTTPS: secure cookies ``0``
==========================  ==========================================================  ==================
"""

import os
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from tamis.messages import LANGUAGES as SPOKEN
from tamis.messages import LOCALE_DIR

HOME = Path(os.environ.get("TAMIS_HOME") or "tamis-data").absolute()
APP_DIR = Path(__file__).parent


def _secret_key() -> str:
    file = HOME / "secret.key"
    return os.environ.get("TAMIS_SECRET_KEY") or (file.read_text().strip() if file.exists() else "")


def _database() -> dict[str, object]:
    if url := os.environ.get("TAMIS_DATABASE_URL"):
        if not url.startswith(("postgres://", "postgresql://")):
            raise ImproperlyConfigured("TAMIS_DATABASE_URL: postgresql://user:password@host/name")
        return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "tamis.sqlite3",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA cache_size=-65536",
        },
    }


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TAMIS_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = {"default": _database()}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "tamis.app",
]
MIDDLEWARE = [
    "tamis.app.api.errors.one_shape",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tamis.app.middleware.content_security_policy",
    "tamis.app.middleware.language",
    "tamis.app.middleware.errors_as_sentences",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [APP_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "tamis.app.templatetags.tamis"],
        },
    }
]
ROOT_URLCONF = "tamis.app.urls"
WSGI_APPLICATION = "tamis.app.wsgi.application"

AUTH_USER_MODEL = "tamis.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "fr"
LANGUAGES = [(code, {"fr": "Français", "en": "English"}[code]) for code in SPOKEN]
LOCALE_PATHS = [LOCALE_DIR]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [APP_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

HTTPS = os.environ.get("TAMIS_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

API_RATE = int(os.environ.get("TAMIS_API_RATE") or 600)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING"}},
}
